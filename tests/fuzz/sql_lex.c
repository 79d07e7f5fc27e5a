/* Any bytes are cut into adjacent tokens that cover them, in both dialects, and splitting into statements ends. */
#include <stdint.h>
#include <stdlib.h>

#include "trace/sql_lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void check(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    const char *text = (const char *)data;
    for (int dialect = N1_SQL_SQLITE; dialect <= N1_SQL_POSTGRES; dialect++) {
        struct n1_sql_lexer lexer;
        struct n1_sql_token token;
        size_t at = 0;
        n1_sql_lexer_init(&lexer, (enum n1_sql_dialect)dialect, text, size_bytes);
        while (n1_sql_lexer_next(&lexer, &token)) {
            check(token.offset == at && token.length > 0 && token.length <= size_bytes - at);
            check(token.body_offset >= at && token.body_offset + token.body_length <= at + token.length);
            at += token.length;
        }
        check(at == size_bytes);
        for (at = 0; at < size_bytes;) {
            size_t length = n1_sql_first_statement((enum n1_sql_dialect)dialect, text + at, size_bytes - at);
            check(length > 0 && length <= size_bytes - at);
            at += length;
            if (at > 4096)
                break;
        }
    }
    return 0;
}
