/* Parent and child, divided by the first newline, over every operand of the child: an answer or a reason, and what is offered reads
 * again as a query. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "analyzer/sql/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void check(int condition)
{
    if (!condition)
        abort();
}

static void rewrite(const struct n1_sql_rewrite_request *request)
{
    struct n1_sql_rewrite_answer answer;
    struct n1_sql_shape again;
    int status = n1_sql_rewrite(request, &answer);
    check((status == 0) == (answer.sql != NULL) && (answer.sql == NULL) == (answer.why_not != NULL));
    if (!answer.sql)
        return;
    n1_sql_shape_read(&again, request->child->dialect, answer.sql, strlen(answer.sql), 0);
    check(again.verb == N1_SQL_VERB_SELECT && again.is_understood);
    n1_sql_shape_release(&again);
    g_free(answer.sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    const char *text = (const char *)data;
    const char *newline = size_bytes ? memchr(text, '\n', size_bytes) : NULL;
    size_t first = newline ? (size_t)(newline - text) : 0, skip = newline ? first + 1 : 0;
    for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
        struct n1_sql_shape parent, child;
        n1_sql_shape_read(&parent, (enum n1_sql_dialect)d, text, first, 0);
        n1_sql_shape_read(&child, (enum n1_sql_dialect)d, text + skip, size_bytes - skip, 0);
        for (int operand = -1; operand < child.operand_count && operand < 6; operand++) {
            struct n1_sql_rewrite_request request = {.parent = newline ? &parent : NULL,
                                                     .child = &child,
                                                     .parent_column =
                                                         parent.item_count ? parent.items[0].output_name : NULL,
                                                     .child_operand = operand};
            for (int variant = 0; variant < 3; variant++) {
                request.cardinality = variant ? N1_SQL_TO_MANY : N1_SQL_TO_ONE;
                request.is_limit_one = variant == 2;
                rewrite(&request);
            }
        }
        n1_sql_shape_release(&parent);
        n1_sql_shape_release(&child);
    }
    return 0;
}
