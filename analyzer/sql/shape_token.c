#include <string.h>

#include "analyzer/sql/shape_reader.h"

static bool is_opening(const struct shape_token *token, const char *text)
{
    const struct n1_sql_token *t = &token->role.token;
    return t->kind == N1_SQL_OPEN || (t->kind == N1_SQL_BRACKET && text[t->offset] == '[');
}

static bool is_closing(const struct shape_token *token, const char *text)
{
    const struct n1_sql_token *t = &token->role.token;
    return t->kind == N1_SQL_CLOSE || (t->kind == N1_SQL_BRACKET && text[t->offset] == ']');
}

/* Pairs token `index` with what it closes: ) with (, ] with [, END with CASE. What was opened in between stays unmatched. */
static void pair(GArray *tokens, GArray *open, int index, const char *text)
{
    struct shape_token *token = &g_array_index(tokens, struct shape_token, index);
    bool is_end = token->role.keyword == N1_SQL_KW_END;
    if (is_opening(token, text) || token->role.keyword == N1_SQL_KW_CASE) {
        g_array_append_val(open, index);
        return;
    }
    if (!is_end && !is_closing(token, text))
        return;
    while (open->len > 0) {
        int partner = g_array_index(open, int, open->len - 1);
        struct shape_token *opening = &g_array_index(tokens, struct shape_token, partner);
        bool is_case = opening->role.keyword == N1_SQL_KW_CASE;
        if (is_end && !is_case)
            return;
        g_array_set_size(open, open->len - 1);
        bool is_pair =
            is_case ? is_end : (opening->role.token.kind == N1_SQL_OPEN) == (token->role.token.kind == N1_SQL_CLOSE);
        if (is_pair) {
            opening->match = index;
            token->match = partner;
        }
        if (is_pair || !is_case)
            return;
    }
}

GArray *shape_tokens_new(enum n1_sql_dialect dialect, const char *text, size_t length)
{
    GArray *tokens = g_array_new(FALSE, TRUE, sizeof(struct shape_token));
    GArray *open = g_array_new(FALSE, FALSE, sizeof(int));
    struct n1_sql_roles roles;
    struct n1_sql_role_token role;
    n1_sql_roles_init(&roles, dialect, text, length);
    while (tokens->len < G_MAXINT && n1_sql_roles_next(&roles, &role)) {
        if (role.role == N1_SQL_ROLE_SPACE)
            continue;
        bool is_operand = role.role != N1_SQL_ROLE_STRUCTURE;
        struct shape_token token = {.role = role, .match = -1, .operand = is_operand ? (int)role.operand : -1};
        g_array_append_val(tokens, token);
        pair(tokens, open, (int)tokens->len - 1, text);
    }
    g_array_free(open, TRUE);
    return tokens;
}

bool shape_is(const struct reader *r, int at, enum n1_sql_keyword keyword)
{
    return at >= 0 && at < r->token_count && r->tokens[at].role.keyword == keyword;
}

bool shape_is_kind(const struct reader *r, int at, enum n1_sql_token_kind kind)
{
    return at >= 0 && at < r->token_count && r->tokens[at].role.token.kind == kind;
}

bool shape_is_text(const struct reader *r, int at, const char *spelling)
{
    if (at < 0 || at >= r->token_count)
        return false;
    const struct n1_sql_token *token = &r->tokens[at].role.token;
    return (token->kind == N1_SQL_OPERATOR || token->kind == N1_SQL_WORD) && token->length == strlen(spelling) &&
           g_ascii_strncasecmp(r->text + token->offset, spelling, token->length) == 0;
}

bool shape_is_name(const struct reader *r, int at)
{
    if (at < 0 || at >= r->token_count || r->tokens[at].operand >= 0)
        return false;
    if (r->tokens[at].role.token.kind == N1_SQL_NAME)
        return true;
    if (r->tokens[at].role.token.kind != N1_SQL_WORD)
        return false;
    enum n1_sql_keyword_class class = n1_sql_keyword_class(r->tokens[at].role.keyword);
    return class != N1_SQL_CLASS_RESERVED && class != N1_SQL_CLASS_VALUE;
}

bool shape_begins_query(const struct reader *r, int at)
{
    return shape_is(r, at, N1_SQL_KW_SELECT) || shape_is(r, at, N1_SQL_KW_WITH) || shape_is(r, at, N1_SQL_KW_VALUES);
}

int shape_next(const struct reader *r, int at)
{
    return r->tokens[at].match > at ? r->tokens[at].match + 1 : at + 1;
}

int shape_find(const struct reader *r, struct range range, enum n1_sql_keyword keyword)
{
    int at = range.begin;
    while (at < range.end && r->tokens[at].role.keyword != keyword)
        at = shape_next(r, at);
    return MIN(at, range.end);
}

int shape_find_comma(const struct reader *r, struct range range)
{
    int at = range.begin;
    while (at < range.end && r->tokens[at].role.token.kind != N1_SQL_COMMA)
        at = shape_next(r, at);
    return MIN(at, range.end);
}

struct range shape_unwrap(const struct reader *r, struct range range)
{
    while (range.end - range.begin > 2 && shape_is_kind(r, range.begin, N1_SQL_OPEN) &&
           r->tokens[range.begin].match == range.end - 1 && !shape_begins_query(r, range.begin + 1)) {
        struct range inside = {range.begin + 1, range.end - 1};
        if (shape_find_comma(r, inside) < inside.end)
            break;
        range = inside;
    }
    return range;
}

char *shape_string(struct reader *r, int at)
{
    const struct n1_sql_token *token = &r->tokens[at].role.token;
    const char *body = r->text + token->body_offset;
    if (!(token->flags & N1_SQL_DOUBLED))
        return g_string_chunk_insert_len(r->strings, body, (gssize)token->body_length);
    char quote = r->text[token->offset + token->length - 1];
    GString *name = g_string_new(NULL);
    for (size_t i = 0; i < token->body_length; i++) {
        g_string_append_c(name, body[i]);
        if (body[i] == quote && i + 1 < token->body_length && body[i + 1] == quote)
            i++;
    }
    char *kept = g_string_chunk_insert_len(r->strings, name->str, (gssize)name->len);
    g_string_free(name, TRUE);
    return kept;
}

struct n1_sql_span shape_span(const struct reader *r, struct range range)
{
    if (range.begin >= range.end)
        return (struct n1_sql_span){0, 0};
    const struct n1_sql_token *last = &r->tokens[range.end - 1].role.token;
    return (struct n1_sql_span){r->tokens[range.begin].role.token.offset, last->offset + last->length};
}

char *shape_text(struct reader *r, struct range range)
{
    struct n1_sql_span span = shape_span(r, range);
    return g_string_chunk_insert_len(r->strings, r->text + span.begin, (gssize)(span.end - span.begin));
}
