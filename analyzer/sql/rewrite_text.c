#include "analyzer/sql/rewrite_text.h"

#include <string.h>

void rewrite_source_init(struct rewrite_source *source, const struct n1_sql_shape *shape)
{
    source->shape = shape;
    source->tokens = shape_tokens_new(shape->dialect, shape->text, shape->length);
    source->reader = (struct reader){
        .text = shape->text, .tokens = (const void *)source->tokens->data, .token_count = (int)source->tokens->len};
}

void rewrite_source_release(struct rewrite_source *source)
{
    g_array_free(source->tokens, TRUE);
}

static size_t token_begin(const struct rewrite_source *source, int at)
{
    return source->reader.tokens[at].role.token.offset;
}

static size_t token_end(const struct rewrite_source *source, int at)
{
    const struct n1_sql_token *token = &source->reader.tokens[at].role.token;
    return token->offset + token->length;
}

/* The tokens of a stretch of text. */
static struct range tokens_of(const struct rewrite_source *source, struct n1_sql_span span)
{
    struct range range = {0, 0};
    while (range.begin < source->reader.token_count && token_begin(source, range.begin) < span.begin)
        range.begin++;
    range.end = range.begin;
    while (range.end < source->reader.token_count && token_end(source, range.end) <= span.end)
        range.end++;
    return range;
}

static bool token_equals(const struct rewrite_source *source, int at, const char *name)
{
    const struct n1_sql_token *token = &source->reader.tokens[at].role.token;
    return token->body_length == strlen(name) &&
           g_ascii_strncasecmp(source->shape->text + token->body_offset, name, token->body_length) == 0;
}

/* An output name that is no column: ORDER BY may use it, and it takes no qualifier. */
static bool is_output_alias(const struct rewrite_source *source, int at)
{
    for (int i = 0; i < source->shape->item_count; i++) {
        const struct n1_sql_item *item = &source->shape->items[i];
        bool is_column = item->kind == N1_SQL_ITEM_COLUMN && item->column.name && item->output_name &&
                         strcmp(item->column.name, item->output_name) == 0;
        if (item->output_name && !is_column && token_equals(source, at, item->output_name))
            return true;
    }
    return false;
}

static bool ends_operand(const struct rewrite_source *source, int at)
{
    const struct reader *r = &source->reader;
    return at >= 0 && (r->tokens[at].operand >= 0 || shape_is_name(r, at) || shape_is_kind(r, at, N1_SQL_CLOSE) ||
                       n1_sql_keyword_class(r->tokens[at].role.keyword) == N1_SQL_CLASS_VALUE);
}

static bool is_unqualified_column(const struct rewrite_source *source, int at)
{
    const struct reader *r = &source->reader;
    if (!shape_is_name(r, at) || shape_is_kind(r, at - 1, N1_SQL_DOT) || shape_is_kind(r, at + 1, N1_SQL_DOT) ||
        shape_is_kind(r, at + 1, N1_SQL_OPEN) || shape_is(r, at - 1, N1_SQL_KW_AS) || shape_is_text(r, at - 1, "::") ||
        shape_is(r, at - 1, N1_SQL_KW_COLLATE))
        return false;
    enum n1_sql_keyword_class class = n1_sql_keyword_class(r->tokens[at].role.keyword);
    bool is_word_of_grammar = class == N1_SQL_CLASS_PLAIN || class == N1_SQL_CLASS_TYPE;
    if (is_word_of_grammar && (ends_operand(source, at - 1) || ends_operand(source, at + 1)))
        return false; /* NULLS FIRST, AT TIME ZONE, DATE '...' */
    bool is_empty_text =
        r->tokens[at].role.token.body_length == 0; /* SQLite takes a name that is no column's for a text */
    return !is_empty_text && !ends_operand(source, at - 1) && !is_output_alias(source, at);
}

void rewrite_copy(GString *out, const struct rewrite_source *source, struct n1_sql_span span,
                  const struct rewrite_style *style)
{
    const struct reader *r = &source->reader;
    struct range range = tokens_of(source, span);
    bool is_fresh = true; /* nothing to be separated from yet */
    int query_end = -1;   /* inside a nested query its own names rule */
    for (int at = range.begin; at < range.end; at++) {
        const struct n1_sql_token *token = &r->tokens[at].role.token;
        bool has_gap = !is_fresh && at > 0 && token_end(source, at - 1) < token->offset;
        if (style->replacement && token->offset == style->replaced.begin &&
            style->replaced.end > style->replaced.begin) {
            if (has_gap)
                g_string_append_c(out, ' ');
            g_string_append(out, style->replacement);
            while (at + 1 < range.end && token_end(source, at + 1) <= style->replaced.end)
                at++;
            is_fresh = false;
            continue;
        }
        if (token->offset >= style->removed.begin && token->offset < style->removed.end)
            continue;
        if (has_gap)
            g_string_append_c(out, ' ');
        is_fresh = false;
        if (shape_is_kind(r, at, N1_SQL_OPEN) && shape_begins_query(r, at + 1) && at > query_end)
            query_end = r->tokens[at].match;
        bool is_label = style->old_label && shape_is_name(r, at) && shape_is_kind(r, at + 1, N1_SQL_DOT) &&
                        !shape_is_kind(r, at - 1, N1_SQL_DOT) && token_equals(source, at, style->old_label);
        if (r->tokens[at].operand >= 0) {
            const char *text = style->operand_text ? style->operand_text[r->tokens[at].operand] : NULL;
            g_string_append(out, text ? text : "?");
        } else if (is_label) {
            g_string_append(out, style->new_label);
        } else {
            bool is_star = shape_is_text(r, at, "*") && (at == range.begin || shape_is_kind(r, at - 1, N1_SQL_COMMA));
            if (style->qualifier && at > query_end && (is_star || is_unqualified_column(source, at)))
                g_string_append_printf(out, "%s.", style->qualifier);
            g_string_append_len(out, source->shape->text + token->offset, (gssize)token->length);
        }
    }
}

bool rewrite_has_unqualified(const struct rewrite_source *source, struct n1_sql_span span)
{
    const struct reader *r = &source->reader;
    const struct range range = tokens_of(source, span);
    for (int at = range.begin; at < range.end; at++) {
        if (shape_is_kind(r, at, N1_SQL_OPEN) && shape_begins_query(r, at + 1))
            at = MAX(at, r->tokens[at].match);
        else if (is_unqualified_column(source, at))
            return true;
    }
    return false;
}

bool rewrite_is_whole(const struct rewrite_source *source, struct n1_sql_span condition, struct n1_sql_span term)
{
    struct range whole = shape_unwrap(&source->reader, tokens_of(source, condition));
    struct range part = tokens_of(source, term);
    return whole.begin == part.begin && whole.end == part.end;
}

/* The stretch to cut out with a term: with the AND behind it, else with the one before it. */
static struct n1_sql_span with_connective(const struct rewrite_source *source, struct n1_sql_span term)
{
    struct range part = tokens_of(source, term);
    const struct reader *r = &source->reader;
    while (part.begin > 0 && shape_is_kind(r, part.begin - 1, N1_SQL_OPEN) &&
           r->tokens[part.begin - 1].match == part.end) {
        part.begin--; /* brackets of its own go with it */
        part.end++;
        term = (struct n1_sql_span){token_begin(source, part.begin), token_end(source, part.end - 1)};
    }
    if (shape_is(&source->reader, part.end, N1_SQL_KW_AND))
        return (struct n1_sql_span){term.begin, token_end(source, part.end)};
    if (shape_is(&source->reader, part.begin - 1, N1_SQL_KW_AND))
        return (struct n1_sql_span){token_begin(source, part.begin - 1), term.end};
    return term;
}

char *rewrite_condition(const struct rewrite_source *source, struct n1_sql_span span, const struct rewrite_style *style)
{
    struct rewrite_style copy = *style;
    if (span.begin >= span.end)
        return g_strdup("");
    if (copy.replacement && *copy.replacement == 0) {
        if (rewrite_is_whole(source, span, copy.replaced))
            return g_strdup("");
        copy.replaced = with_connective(source, copy.replaced);
        if (copy.replaced.begin == style->replaced.begin && copy.replaced.end == style->replaced.end)
            copy.replacement = "1 = 1"; /* alone in brackets of its own */
    }
    if (copy.removed.begin < copy.removed.end)
        copy.removed = with_connective(source, copy.removed);
    GString *out = g_string_new(NULL);
    rewrite_copy(out, source, span, &copy);
    g_strstrip(out->str);
    return g_string_free(out, FALSE);
}

void rewrite_put_name(GString *out, const char *name)
{
    bool is_plain = g_ascii_islower(*name) || *name == '_';
    for (const char *c = name; *c; c++)
        is_plain &= g_ascii_islower(*c) || g_ascii_isdigit(*c) || *c == '_';
    is_plain &= n1_sql_keyword_find(name, strlen(name)) == N1_SQL_KW_NONE;
    if (is_plain) {
        g_string_append(out, name);
        return;
    }
    g_string_append_c(out, '"');
    for (const char *c = name; *c; c++) {
        if (*c == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *c);
    }
    g_string_append_c(out, '"');
}
