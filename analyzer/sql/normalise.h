/* normalise: the text by which executions are grouped, and its 64-bit fingerprint.
 *
 * From a statement as recorded (redacted or not) to one line: operands of every style become `?`, comments go, spacing is
 * our own whatever the program's was, reserved words are upper-cased, names keep their case, the last semicolon goes.
 * - IN lists of operands shrink to IN (?), ARRAY[...] of operands to ARRAY[?]: the counts stay in the struct.
 * - VALUES keeps its first row, its NULL / TRUE / FALSE as `?`: the number of rows stays in the struct.
 * - Generated names (savepoints, cursors, prepared statements) have their numbers and hexadecimal runs replaced by 0.
 * - `y = $1`, `y IN ($1, $2)` and `y = ANY($1)` keep three fingerprints (libpg_query's has one for all: a batched query
 *   would count as the per-row one). Date-like table names stay apart.
 * - normalise(normalise(x)) == normalise(x), and the redacted text of x gives the same; except for PostgreSQL's operators that
 *   begin with `?` behind a typed literal (point '(0,1)' ?| p), where a redacted text cannot be told from another one.
 *
 * The fingerprint is XXH3 of the normalised text with unquoted names in lower case (SELECT Id and select id are one
 * statement in both databases), seeded with N1_SQL_FINGERPRINT_VERSION. It does not depend on the dialect's name, the
 * machine or the locale: baselines hold it.
 *
 * Thread rule: no shared state. The caller releases what it got.
 */
#ifndef N1_ANALYZER_SQL_NORMALISE_H
#define N1_ANALYZER_SQL_NORMALISE_H

#include "trace/sql_lex.h"

#define N1_SQL_FINGERPRINT_VERSION 1 /* raised when any text may get another fingerprint than before */

struct n1_sql_normal {
    char *text; /* owned, terminated (a NUL byte of the input is a blank) */
    size_t length;
    uint64_t fingerprint;
    uint32_t list_count; /* IN (...) and ARRAY[...] lists of operands */
    uint32_t
        longest_list; /* items in the longest of them: 1 = one item only, a per-row look-up in disguise; 0 = no list */
    uint32_t values_rows;   /* rows of VALUES; 0 = no VALUES */
    uint32_t operand_count; /* in the text as given: parameters and value literals */
    bool is_cut;            /* the recorder cut the text (it ends in N1_SQL_CUT_MARK): do not group by it alone */
};

void n1_sql_normalise(struct n1_sql_normal *out, enum n1_sql_dialect dialect, const char *text, size_t length);
void n1_sql_normal_release(struct n1_sql_normal *normal);

#endif
