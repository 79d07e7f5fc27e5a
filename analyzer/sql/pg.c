#include "analyzer/sql/pg.h"

#include <glib.h>
#include <pg_query.h>
#include <string.h>

#include "trace/sql_lex.h"

/* PostgreSQL's grammar knows $1, not `?`. */
static char *number_parameters(const char *text)
{
    struct n1_sql_lexer lexer;
    struct n1_sql_token token;
    GString *out = g_string_new(NULL);
    int number = 0;
    n1_sql_lexer_init(&lexer, N1_SQL_POSTGRES, text, strlen(text));
    while (n1_sql_lexer_next(&lexer, &token)) {
        if (token.kind == N1_SQL_PARAMETER && text[token.offset] == '?')
            g_string_append_printf(out, " $%d", ++number);
        else
            g_string_append_len(out, text + token.offset, (gssize)token.length);
    }
    return g_string_free(out, FALSE);
}

bool n1_sql_pg_parses(const char *text)
{
    char *numbered = number_parameters(text);
    PgQueryProtobufParseResult result = pg_query_parse_protobuf(numbered);
    bool is_parsed = result.error == NULL;
    pg_query_free_protobuf_parse_result(result);
    g_free(numbered);
    return is_parsed;
}
