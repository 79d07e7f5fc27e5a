/* Redaction over any bytes: it is idempotent; a short buffer changes neither hash nor counts; and no value reaches the output:
 * the same text with other letters and digits inside its literals redacts to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/sql_redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void check(int condition)
{
    if (!condition)
        abort();
}

/* Other letters and digits for those of the body, where that cannot change what the token is. */
static void disguise(const struct n1_sql_literal *literal, char *text)
{
    const struct n1_sql_token *token = &literal->token;
    char *body = text + token->body_offset;
    if ((token->flags & (N1_SQL_BACKSLASH | N1_SQL_UNICODE)) || memchr(body, '$', token->body_length))
        return;
    for (size_t i = 0; i < token->body_length; i++) {
        if (body[i] >= '1' && body[i] <= '9')
            body[i] = body[i] == '7' ? '8' : '7';
        else if (literal->kind == N1_SQL_LITERAL_STRING && body[i] >= 'a' && body[i] <= 'z')
            body[i] = body[i] == 'q' ? 'k' : 'q';
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    char *out = malloc(size_bytes + 1), *again = malloc(size_bytes + 1), *other = malloc(size_bytes + 1);
    static struct n1_sql_literal literals[256];
    for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
        enum n1_sql_dialect dialect = (enum n1_sql_dialect)d;
        const char *text = (const char *)data;
        struct n1_sql_redaction r = {
            .out = out, .out_capacity = size_bytes, .literals = literals, .literal_capacity = 256};
        n1_sql_redact(&r, dialect, text, size_bytes);
        check(r.out_length <= size_bytes && !r.is_cut);

        struct n1_sql_redaction second = {.out = again, .out_capacity = size_bytes};
        n1_sql_redact(&second, dialect, out, r.out_length);
        check(second.out_length == r.out_length && memcmp(again, out, r.out_length) == 0 && second.hash == r.hash);

        size_t capacity = size_bytes / 2;
        struct n1_sql_redaction part = {.out = again, .out_capacity = capacity};
        n1_sql_redact(&part, dialect, text, size_bytes);
        check(part.hash == r.hash && part.literal_mask == r.literal_mask && part.out_length <= capacity);
        check(part.is_cut == (r.out_length > capacity));

        if (size_bytes > 0)
            memcpy(other, data, size_bytes);
        size_t stored = r.literal_count < 256 ? r.literal_count : 0;
        for (size_t i = 0; i < stored; i++) {
            char scratch[64];
            struct n1_sql_value value;
            n1_sql_literal_decode(&literals[i], text, scratch, sizeof scratch, &value);
            check(value.kind == N1_SQL_VALUE_INTEGER || value.length <= literals[i].token.length);
            disguise(&literals[i], other);
        }
        struct n1_sql_redaction disguised = {.out = again, .out_capacity = size_bytes};
        n1_sql_redact(&disguised, dialect, other, size_bytes);
        check(disguised.out_length == r.out_length && memcmp(again, out, r.out_length) == 0);
    }
    free(out);
    free(again);
    free(other);
    return 0;
}
