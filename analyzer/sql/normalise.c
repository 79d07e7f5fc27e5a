#include "analyzer/sql/normalise.h"

#include <string.h>
#include <xxhash.h>

#include "analyzer/sql/pieces.h"
#include "trace/sql_redact.h"

/* Shorter runs of hexadecimal digits are words more often than numbers. */
#define HEXADECIMAL_RUN_MIN 8

/* The text for people and, beside it, the one that is hashed: the same with unquoted names in lower case. */
struct spelling {
    GString *text;
    GString *folded;
};

static void put(struct spelling *out, const char *bytes, size_t length, bool is_folded)
{
    g_string_append_len(out->text, bytes, (gssize)length);
    if (!is_folded) {
        g_string_append_len(out->folded, bytes, (gssize)length);
        return;
    }
    for (size_t i = 0; i < length; i++)
        g_string_append_c(out->folded, g_ascii_tolower(bytes[i]));
}

/* A run of digits, or a long one of hexadecimal digits with a digit in it, becomes 0: s140_x12 is s0_x0. An unquoted
 * name keeps its first letter, so that it stays a name. */
static void put_generated_name(struct spelling *out, const struct piece *piece)
{
    bool is_folded = piece->kind == N1_SQL_WORD;
    size_t i = is_folded;
    put(out, piece->text, i, is_folded);
    while (i < piece->length) {
        size_t hex = i, digits = i;
        bool has_digit = false;
        while (hex < piece->length && (g_ascii_isxdigit(piece->text[hex]) || (piece->text[hex] == '-' && hex > i)))
            has_digit |= g_ascii_isdigit(piece->text[hex++]) != 0;
        while (digits < piece->length && g_ascii_isdigit(piece->text[digits]))
            digits++;
        bool is_hex = has_digit && hex - i >= HEXADECIMAL_RUN_MIN;
        if (is_hex || digits > i) {
            put(out, "0", 1, is_folded);
            i = is_hex ? hex : digits;
        } else {
            put(out, piece->text + i, 1, is_folded);
            i++;
        }
    }
}

static bool is_upper_cased(const struct piece *piece, const struct piece *previous)
{
    if (previous && previous->kind == N1_SQL_DOT)
        return false;
    enum n1_sql_keyword_class class = n1_sql_keyword_class((enum n1_sql_keyword)piece->keyword);
    return class == N1_SQL_CLASS_RESERVED || class == N1_SQL_CLASS_VALUE ||
           (piece->is_first && class != N1_SQL_CLASS_NONE);
}

static void put_piece(struct spelling *out, const struct piece *piece, const struct piece *previous)
{
    if (piece->is_generated) {
        put_generated_name(out, piece);
    } else if (piece->kind == N1_SQL_WORD && is_upper_cased(piece, previous)) {
        const char *keyword = n1_sql_keyword_text((enum n1_sql_keyword)piece->keyword);
        put(out, keyword, strlen(keyword), true);
    } else {
        put(out, piece->text, piece->length, piece->kind == N1_SQL_WORD);
    }
}

/* Whether a bracket behind this piece is that of a call. */
static bool is_called(const struct piece *piece, bool is_insert_target)
{
    if (piece->kind != N1_SQL_WORD || is_insert_target)
        return false;
    switch ((enum n1_sql_keyword)piece->keyword) {
    case N1_SQL_KW_ANY:
    case N1_SQL_KW_SOME:
    case N1_SQL_KW_CAST:
    case N1_SQL_KW_GLOB:
    case N1_SQL_KW_LIKE:
    case N1_SQL_KW_LEFT:
    case N1_SQL_KW_RIGHT: return true;
    default: break;
    }
    enum n1_sql_keyword_class class = n1_sql_keyword_class((enum n1_sql_keyword)piece->keyword);
    return class == N1_SQL_CLASS_NONE || class == N1_SQL_CLASS_TYPE || class == N1_SQL_CLASS_PLAIN;
}

static bool has_blank_between(const struct pieces *pieces, guint i, bool is_insert_target)
{
    const struct piece *previous = piece_at(pieces, i - 1), *piece = piece_at(pieces, i);
    switch (piece->kind) {
    case N1_SQL_COMMA:
    case N1_SQL_CLOSE:
    case N1_SQL_DOT:
    case N1_SQL_SEMICOLON: return false;
    case N1_SQL_BRACKET:
        if (*piece->text == ']' || piece_ends_operand(previous) || piece_is_keyword(previous, N1_SQL_KW_ARRAY))
            return false;
        break;
    case N1_SQL_OPEN:
        if (is_called(previous, is_insert_target))
            return false;
        break;
    default: break;
    }
    if (previous->kind == N1_SQL_OPEN || previous->kind == N1_SQL_DOT ||
        (previous->kind == N1_SQL_BRACKET && *previous->text == '['))
        return false;
    if (previous->kind == N1_SQL_OPERATOR && piece->kind != N1_SQL_OPERATOR) {
        bool is_sign = piece_is(previous, "-") || piece_is(previous, "+") || piece_is(previous, "~");
        bool is_unary = is_sign && (i < 2 || !piece_ends_operand(piece_at(pieces, i - 2)));
        return !is_unary && !piece_is(previous, "::");
    }
    return !piece_is(piece, "::") || !piece_ends_operand(previous);
}

static void spell(struct spelling *out, const struct pieces *pieces)
{
    bool is_insert_target = false;
    for (guint i = 0; i < pieces->array->len; i++) {
        const struct piece *piece = piece_at(pieces, i), *previous = i > 0 ? piece_at(pieces, i - 1) : NULL;
        if (previous && has_blank_between(pieces, i, is_insert_target))
            put(out, " ", 1, false);
        put_piece(out, piece, previous);
        bool is_name = piece->kind == N1_SQL_NAME || piece->kind == N1_SQL_WORD || piece->kind == N1_SQL_DOT;
        is_insert_target = is_name && (is_insert_target || piece_is_keyword(previous, N1_SQL_KW_INTO));
    }
}

static bool ends_in_cut_mark(const struct pieces *pieces)
{
    guint n = pieces->array->len;
    for (guint i = 1; i <= strlen(N1_SQL_CUT_MARK); i++)
        if (n < i || piece_at(pieces, n - i)->kind != N1_SQL_DOT)
            return false;
    return true;
}

/* In quoted names only: elsewhere a NUL byte is a blank already. */
static void blank_nuls(GString *string)
{
    for (gsize i = 0; i < string->len; i++)
        if (string->str[i] == 0)
            string->str[i] = ' ';
}

void n1_sql_normalise(struct n1_sql_normal *out, enum n1_sql_dialect dialect, const char *text, size_t length)
{
    struct pieces pieces;
    struct spelling spelling = {.text = g_string_sized_new(length + 16), .folded = g_string_sized_new(length + 16)};
    *out = (struct n1_sql_normal){0};
    pieces_init(&pieces, dialect, text, length);
    out->operand_count = pieces.operand_count;
    out->is_cut = ends_in_cut_mark(&pieces);
    pieces_collapse(&pieces, &out->list_count, &out->longest_list, &out->values_rows);
    spell(&spelling, &pieces);
    blank_nuls(spelling.text);
    blank_nuls(spelling.folded);
    out->fingerprint = XXH3_64bits_withSeed(spelling.folded->str, spelling.folded->len, N1_SQL_FINGERPRINT_VERSION);
    out->length = spelling.text->len;
    out->text = g_string_free(spelling.text, FALSE);
    g_string_free(spelling.folded, TRUE);
    pieces_release(&pieces);
}

void n1_sql_normal_release(struct n1_sql_normal *normal)
{
    g_free(normal->text);
    *normal = (struct n1_sql_normal){0};
}
