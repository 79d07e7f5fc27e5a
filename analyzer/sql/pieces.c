#include "analyzer/sql/pieces.h"

#include <string.h>

bool piece_is(const struct piece *piece, const char *spelling)
{
    return piece && piece->length == strlen(spelling) && memcmp(piece->text, spelling, piece->length) == 0;
}

bool piece_is_keyword(const struct piece *piece, enum n1_sql_keyword keyword)
{
    return piece && piece->kind == N1_SQL_WORD && piece->keyword == keyword;
}

bool piece_ends_operand(const struct piece *piece)
{
    if (!piece)
        return false;
    switch (piece->kind) {
    case N1_SQL_WORD: return n1_sql_keyword_class((enum n1_sql_keyword)piece->keyword) != N1_SQL_CLASS_RESERVED;
    case N1_SQL_NAME:
    case N1_SQL_INTEGER:
    case N1_SQL_PARAMETER:
    case N1_SQL_CLOSE: return true;
    case N1_SQL_BRACKET: return *piece->text == ']';
    default: return false;
    }
}

bool piece_equals(const struct piece *a, const struct piece *b)
{
    return a->kind == b->kind && a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Signs that belong to the value behind them go with the value. */
static void drop_signs(GArray *array)
{
    while (array->len > 0) {
        guint n = array->len;
        struct piece *before = n > 1 ? &g_array_index(array, struct piece, n - 2) : NULL;
        if (!piece_is(&g_array_index(array, struct piece, n - 1), "-") || piece_ends_operand(before))
            return;
        g_array_set_size(array, n - 1);
    }
}

/* In a statement about a savepoint, cursor or prepared statement: which of its names are made up by a driver. */
static void mark_generated_names(GArray *array)
{
    enum { NO_NAME, FIRST_NAME, EVERY_NAME } which = NO_NAME;
    for (guint i = 0; i < array->len; i++) {
        struct piece *piece = &g_array_index(array, struct piece, i);
        bool is_name = piece->kind == N1_SQL_NAME || (piece->kind == N1_SQL_WORD && piece->keyword == N1_SQL_KW_NONE);
        if (piece->is_first) {
            switch ((enum n1_sql_keyword)piece->keyword) {
            case N1_SQL_KW_SAVEPOINT:
            case N1_SQL_KW_RELEASE:
            case N1_SQL_KW_ROLLBACK:
            case N1_SQL_KW_FETCH:
            case N1_SQL_KW_MOVE:
            case N1_SQL_KW_CLOSE:
            case N1_SQL_KW_DEALLOCATE: which = EVERY_NAME; break;
            case N1_SQL_KW_DECLARE:
            case N1_SQL_KW_PREPARE:
            case N1_SQL_KW_EXECUTE: which = FIRST_NAME; break;
            default: which = NO_NAME; break;
            }
        } else if (is_name && which != NO_NAME) {
            piece->is_generated = true;
            which = which == FIRST_NAME ? NO_NAME : which;
        } else if (is_name && i >= 2 && piece_is_keyword(piece - 1, N1_SQL_KW_OF) &&
                   piece_is_keyword(piece - 2, N1_SQL_KW_CURRENT)) {
            piece->is_generated = true;
        }
    }
}

static void match_brackets(GArray *array)
{
    GArray *open = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < array->len; i++) {
        struct piece *piece = &g_array_index(array, struct piece, i);
        piece->match = -1;
        if (piece->kind == N1_SQL_SEMICOLON)
            g_array_set_size(open, 0); /* a pair lies in one statement */
        bool is_open = piece->kind == N1_SQL_OPEN || (piece->kind == N1_SQL_BRACKET && *piece->text == '[');
        bool is_close = piece->kind == N1_SQL_CLOSE || (piece->kind == N1_SQL_BRACKET && *piece->text == ']');
        if (is_open) {
            g_array_append_val(open, i);
        } else if (is_close && open->len > 0) {
            guint partner = g_array_index(open, guint, open->len - 1);
            struct piece *opening = &g_array_index(array, struct piece, partner);
            if ((opening->kind == N1_SQL_OPEN) != (piece->kind == N1_SQL_CLOSE)) {
                g_array_set_size(open, 0); /* crossed: nothing around it is trusted */
                continue;
            }
            g_array_set_size(open, open->len - 1);
            opening->match = (int)i;
            piece->match = (int)partner;
        }
    }
    g_array_free(open, TRUE);
}

void pieces_init(struct pieces *pieces, enum n1_sql_dialect dialect, const char *text, size_t length)
{
    struct n1_sql_roles roles;
    struct n1_sql_role_token t;
    bool is_first = true;
    GArray *array = pieces->array = g_array_new(FALSE, TRUE, sizeof(struct piece));
    n1_sql_roles_init(&roles, dialect, text, length);
    while (n1_sql_roles_next(&roles, &t)) {
        if (t.role == N1_SQL_ROLE_SPACE)
            continue;
        struct piece piece = {.text = text + t.token.offset,
                              .length = t.token.length,
                              .kind = t.token.kind,
                              .keyword = (uint8_t)t.keyword,
                              .is_first = is_first && t.token.kind == N1_SQL_WORD};
        if (t.role != N1_SQL_ROLE_STRUCTURE) {
            drop_signs(array);
            piece = (struct piece){.text = "?", .length = 1, .kind = N1_SQL_PARAMETER};
        }
        is_first = t.token.kind == N1_SQL_SEMICOLON;
        g_array_append_val(array, piece);
    }
    pieces->operand_count = roles.operands;
    while (array->len > 0 && g_array_index(array, struct piece, array->len - 1).kind == N1_SQL_SEMICOLON)
        g_array_set_size(array, array->len - 1);
    mark_generated_names(array);
    match_brackets(array);
}

void pieces_release(struct pieces *pieces)
{
    g_array_free(pieces->array, TRUE);
    pieces->array = NULL;
}

static bool is_value_word(const struct piece *piece)
{
    return piece_is_keyword(piece, N1_SQL_KW_NULL) || piece_is_keyword(piece, N1_SQL_KW_TRUE) ||
           piece_is_keyword(piece, N1_SQL_KW_FALSE);
}

/* What stands between the brackets (begin, end): a list of operands, of rows of operands, or of items that are all spelled
 * alike. Gives the number of items and the end of the first, or 0 when it is none of these. */
static uint32_t count_items(const struct pieces *pieces, guint begin, guint end, guint *first_end)
{
    uint32_t items = 1;
    int depth = 0;
    bool is_plain = true, is_alike = true, has_operand = false;
    guint in_first = begin;
    *first_end = end;
    for (guint i = begin; i < end; i++) {
        const struct piece *piece = piece_at(pieces, i);
        if (piece_is_keyword(piece, N1_SQL_KW_SELECT) || piece_is_keyword(piece, N1_SQL_KW_IN) ||
            piece_is_keyword(piece, N1_SQL_KW_VALUES) || piece_is_keyword(piece, N1_SQL_KW_ARRAY))
            return 0;
        bool is_open = piece->kind == N1_SQL_OPEN || (piece->kind == N1_SQL_BRACKET && *piece->text == '[');
        bool is_close = piece->kind == N1_SQL_CLOSE || (piece->kind == N1_SQL_BRACKET && *piece->text == ']');
        depth += is_open - is_close;
        has_operand |= piece->kind == N1_SQL_PARAMETER;
        is_plain &= piece->kind == N1_SQL_PARAMETER || is_value_word(piece) || piece->kind == N1_SQL_OPEN ||
                    piece->kind == N1_SQL_CLOSE || piece->kind == N1_SQL_COMMA;
        if (piece->kind == N1_SQL_COMMA && depth == 0) {
            is_alike &= items == 1 || in_first == *first_end;
            if (items++ == 1)
                *first_end = i;
            in_first = begin;
            continue;
        }
        if (items > 1) {
            is_alike &= in_first < *first_end && piece_equals(piece, piece_at(pieces, in_first));
            in_first++;
        }
    }
    is_alike &= items == 1 || in_first == *first_end;
    return has_operand && (is_plain || is_alike) ? items : 0;
}

/* The position behind the rows of VALUES that begin at i. */
static guint skip_rows(const struct pieces *pieces, guint i, uint32_t *rows)
{
    while (piece_at(pieces, i) && piece_at(pieces, i)->kind == N1_SQL_OPEN && piece_at(pieces, i)->match >= 0) {
        ++*rows;
        guint next = (guint)piece_at(pieces, i)->match + 1;
        const struct piece *comma = piece_at(pieces, next), *open = piece_at(pieces, next + 1);
        if (!comma || comma->kind != N1_SQL_COMMA || !open || open->kind != N1_SQL_OPEN || open->match < 0)
            return next;
        i = next + 1;
    }
    return i;
}

static void put_operand(GArray *out)
{
    struct piece operand = {.text = "?", .length = 1, .kind = N1_SQL_PARAMETER, .match = -1};
    g_array_append_val(out, operand);
}

/* Whether piece i is a whole item of the row that ends at row_end. */
static bool is_whole_item(const struct pieces *pieces, guint i)
{
    const struct piece *before = piece_at(pieces, i - 1), *after = piece_at(pieces, i + 1);
    return before && after && (before->kind == N1_SQL_OPEN || before->kind == N1_SQL_COMMA) &&
           (after->kind == N1_SQL_CLOSE || after->kind == N1_SQL_COMMA);
}

/* SET mother_id = NULL: the value that a driver or ORM writes out; no comparison is spelled so. */
static bool is_assigned_null(const struct pieces *pieces, guint i)
{
    const struct piece *before = i > 0 ? piece_at(pieces, i - 1) : NULL;
    return before != NULL && piece_is_keyword(piece_at(pieces, i), N1_SQL_KW_NULL) && before->length == 1 &&
           *before->text == '=';
}

void pieces_collapse(struct pieces *pieces, uint32_t *list_count, uint32_t *longest_list, uint32_t *values_rows)
{
    GArray *out = g_array_sized_new(FALSE, TRUE, sizeof(struct piece), pieces->array->len);
    guint row_end = 0, resume_at = 0; /* from the end of a first row go on behind the last */
    *list_count = *longest_list = *values_rows = 0;
    for (guint i = 0; i < pieces->array->len; i++) {
        const struct piece *piece = piece_at(pieces, i), *next = piece_at(pieces, i + 1);
        if (i < row_end && is_value_word(piece) && is_whole_item(pieces, i)) {
            put_operand(out);
            continue;
        }
        if (is_assigned_null(pieces, i)) {
            put_operand(out);
            continue;
        }
        g_array_append_val(out, *piece);
        if (row_end > 0 && i == row_end) {
            i = resume_at - 1;
            row_end = 0;
            continue;
        }
        if (!next || next->match < (int)i)
            continue;
        guint close = (guint)next->match, first_end;
        bool is_list = (piece_is_keyword(piece, N1_SQL_KW_IN) && next->kind == N1_SQL_OPEN) ||
                       (piece_is_keyword(piece, N1_SQL_KW_ARRAY) && next->kind == N1_SQL_BRACKET);
        uint32_t items = is_list ? count_items(pieces, i + 2, close, &first_end) : 0;
        if (items > 0) {
            ++*list_count;
            *longest_list = MAX(*longest_list, items);
            g_array_append_val(out, *next);
            if (first_end == i + 3)
                put_operand(out);
            else
                g_array_append_vals(out, piece_at(pieces, i + 2), first_end - i - 2);
            g_array_append_val(out, *piece_at(pieces, close));
            i = close;
        } else if (piece_is_keyword(piece, N1_SQL_KW_VALUES) && next->kind == N1_SQL_OPEN && row_end == 0) {
            uint32_t rows = 0;
            resume_at = skip_rows(pieces, i + 1, &rows);
            row_end = close;
            *values_rows = MAX(*values_rows, rows);
        }
    }
    g_array_free(pieces->array, TRUE);
    pieces->array = out;
}
