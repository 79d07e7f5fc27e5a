/* Normalising any bytes ends in a text that normalises to itself; PostgreSQL text with question marks only ends (normalise.h). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/sql/normalise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
        struct n1_sql_normal normal, again;
        n1_sql_normalise(&normal, (enum n1_sql_dialect)d, (const char *)data, size_bytes);
        n1_sql_normalise(&again, (enum n1_sql_dialect)d, normal.text, normal.length);
        bool is_exact = d == N1_SQL_SQLITE || size_bytes == 0 || !memchr(data, '?', size_bytes);
        if (strlen(normal.text) != normal.length)
            abort();
        if (is_exact && (strcmp(normal.text, again.text) != 0 || normal.fingerprint != again.fingerprint))
            abort();
        n1_sql_normal_release(&normal);
        n1_sql_normal_release(&again);
    }
    return 0;
}
