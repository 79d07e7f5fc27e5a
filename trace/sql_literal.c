/* The value behind a literal's spelling. */
#include <string.h>

#include "trace/sql_redact.h"

/* Appends to the caller's scratch until it is full. */
struct scratch {
    char *bytes;
    size_t capacity;
    size_t length;
    bool is_cut;
};

static void put(struct scratch *scratch, unsigned char byte)
{
    if (scratch->length < scratch->capacity)
        scratch->bytes[scratch->length++] = (char)byte;
    else
        scratch->is_cut = true;
}

static void put_code_point(struct scratch *scratch, uint32_t c)
{
    if (c < 0x80) {
        put(scratch, (unsigned char)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    put(scratch, (unsigned char)(lead[more] | c >> (6 * more)));
    while (more-- > 0)
        put(scratch, (unsigned char)(0x80 | (c >> (6 * more) & 0x3f)));
}

static int digit_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* Up to max_digits digits of the base at text; how many were read, their value in *value. */
static size_t read_digits(const char *text, size_t length, size_t max_digits, int base, uint32_t *value)
{
    size_t n = 0;
    *value = 0;
    for (; n < max_digits && n < length && digit_value((unsigned char)text[n]) < base; n++)
        *value = *value * (uint32_t)base + (uint32_t)digit_value((unsigned char)text[n]);
    return n;
}

static bool is_code_point(uint32_t c)
{
    return c > 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* What follows a backslash in E'...'; returns the bytes read. Octal and hexadecimal escapes are bytes, u and U code points. */
static size_t put_escape(struct scratch *scratch, const char *text, size_t length)
{
    static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
    uint32_t value;
    size_t n;
    const char *letter = *text ? strchr(letters, *text) : NULL;
    if (letter) {
        put(scratch, (unsigned char)values[letter - letters]);
        return 1;
    }
    if ((n = read_digits(text, length, 3, 8, &value)) > 0) {
        put(scratch, (unsigned char)value);
        return n;
    }
    if (*text == 'x' && (n = read_digits(text + 1, length - 1, 2, 16, &value)) > 0) {
        put(scratch, (unsigned char)value);
        return n + 1;
    }
    size_t wanted = *text == 'u' ? 4 : *text == 'U' ? 8 : 0;
    if (wanted > 0 && read_digits(text + 1, length - 1, wanted, 16, &value) == wanted && is_code_point(value)) {
        put_code_point(scratch, value);
        return wanted + 1;
    }
    put(scratch, (unsigned char)*text);
    return 1;
}

/* \0061 and \+000061 in U&'...'; 0 when it is no escape. */
static size_t put_unicode_escape(struct scratch *scratch, const char *text, size_t length)
{
    uint32_t value;
    size_t mark = length > 0 && *text == '+', wanted = mark ? 6 : 4;
    if (length > 0 && *text == '\\') {
        put(scratch, '\\');
        return 1;
    }
    if (read_digits(text + mark, length - mark, wanted, 16, &value) < wanted || !is_code_point(value))
        return 0;
    put_code_point(scratch, value);
    return mark + wanted;
}

static void decode_string(const struct n1_sql_token *token, const char *body, char quote, struct scratch *scratch)
{
    size_t length = token->body_length;
    for (size_t i = 0; i < length;) {
        if (body[i] == quote && (token->flags & N1_SQL_DOUBLED) && i + 1 < length && body[i + 1] == quote) {
            put(scratch, (unsigned char)quote);
            i += 2;
        } else if (body[i] == '\\' && (token->flags & N1_SQL_BACKSLASH) && i + 1 < length) {
            i += 1 + put_escape(scratch, body + i + 1, length - i - 1);
        } else if (body[i] == '\\' && (token->flags & N1_SQL_UNICODE)) {
            size_t n = put_unicode_escape(scratch, body + i + 1, length - i - 1);
            if (n == 0)
                put(scratch, '\\');
            i += 1 + n;
        } else {
            put(scratch, (unsigned char)body[i++]);
        }
    }
}

/* Digits with underscores in the base of the prefix; false when it is more than 64 bits or no number. Hexadecimal reads as
 * two's complement, as SQLite does. */
static bool decode_integer(const char *text, size_t length, bool is_negated, int64_t *out)
{
    int base = 10;
    bool is_prefixed = length > 2 && text[0] == '0';
    if (is_prefixed && (text[1] | 0x20) == 'x')
        base = 16;
    else if (is_prefixed && (text[1] | 0x20) == 'o')
        base = 8;
    else if (is_prefixed && (text[1] | 0x20) == 'b')
        base = 2;
    uint64_t value = 0;
    for (size_t i = base == 10 ? 0 : 2; i < length; i++) {
        if (text[i] == '_')
            continue;
        int digit = digit_value((unsigned char)text[i]);
        if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    if (base == 10 && value > (uint64_t)INT64_MAX + is_negated)
        return false;
    *out = (int64_t)(is_negated ? 0 - value : value);
    return true;
}

static void decode_blob(const struct n1_sql_token *token, const char *body, struct scratch *scratch)
{
    for (size_t i = 0; i + 1 < token->body_length; i += 2)
        put(scratch,
            (unsigned char)(digit_value((unsigned char)body[i]) << 4 | digit_value((unsigned char)body[i + 1])));
}

static bool is_hexadecimal(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (digit_value((unsigned char)text[i]) > 15)
            return false;
    return length % 2 == 0;
}

void n1_sql_literal_decode(const struct n1_sql_literal *literal, const char *text, char *scratch_bytes,
                           size_t scratch_capacity, struct n1_sql_value *value)
{
    const struct n1_sql_token *token = &literal->token;
    const char *body = text + token->body_offset;
    struct scratch scratch = {.bytes = scratch_bytes, .capacity = scratch_capacity};
    *value = (struct n1_sql_value){.kind = N1_SQL_VALUE_TEXT, .bytes = body, .length = token->body_length};

    switch ((enum n1_sql_literal_kind)literal->kind) {
    case N1_SQL_LITERAL_INTEGER:
        if (decode_integer(body, token->body_length, literal->is_negated, &value->integer))
            value->kind = N1_SQL_VALUE_INTEGER;
        return;
    case N1_SQL_LITERAL_FLOAT: return;
    case N1_SQL_LITERAL_BLOB:
        if ((text[token->offset] | 0x20) != 'x' || !is_hexadecimal(body, token->body_length))
            return;
        value->kind = N1_SQL_VALUE_BLOB;
        decode_blob(token, body, &scratch);
        break;
    case N1_SQL_LITERAL_STRING:
        if (!(token->flags & (N1_SQL_DOUBLED | N1_SQL_BACKSLASH | N1_SQL_UNICODE)))
            return;
        decode_string(token, body, token->kind == N1_SQL_NAME ? '"' : '\'', &scratch);
        break;
    }
    value->bytes = scratch.bytes;
    value->length = scratch.length;
    value->is_cut = scratch.is_cut;
}
