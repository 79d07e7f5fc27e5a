/* A prepared statement of SQLite's: its handle, its text, its bound values, its execution. A thread has the last two that it used
 * at hand (thread.h). Made, looked up and given back by hooks/sqlite.h.
 */
#ifndef N1_PRELOAD_STATEMENT_H
#define N1_PRELOAD_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/map.h"
#include "preload/recorder/execution.h"

struct n1_provider;
struct sqlite3_stmt;

/* Stepped once and reset with its row unread, or without a row (hooks/sqlite_step.c): the execution stays open, or has ended. */
enum n1_peek { N1_PEEK_NONE, N1_PEEK_ROW, N1_PEEK_EMPTY };

/* No handle is an odd address, and none of a program's calls has it, as it may have NULL. */
#define N1_SQLITE_NO_HANDLE ((const struct sqlite3_stmt *)1)

struct n1_statement {
    const struct n1_provider *provider;
    const struct sqlite3_stmt
        *handle; /* N1_SQLITE_NO_HANDLE: given back or parked. Not the first word, which the pool takes */
    struct n1_execution execution;
    bool is_described;      /* execution.columns and keys are right */
    bool is_read_only;      /* it has result columns and writes nothing */
    uint8_t peek;           /* enum n1_peek; by n1_sqlite_statement_set_peek only */
    bool is_plain;          /* no peek, not embedded, n1_process.is_usual: what the short ways of the hooks are for */
    const void *stepped_by; /* return address of the step that began the execution */
    struct n1_map_entry *entry;        /* of the map, once it was parked */
    const struct sqlite3_stmt *parked; /* its handle until it was finalized */
    int n_columns;                     /* when it was prepared */
    bool has_sql;                      /* its text stands behind the values */
    uint32_t size_bytes;               /* of this block */
    uint32_t texts_bytes;              /* of texts */
    char *texts; /* --values: N1_VALUE_TEXT_MAX for each bound parameter, then literals; else NULL */
    struct n1_encode_value values[]; /* bound parameters, then literals, then the text of the statement */
};

/* What a thread has at hand that has used none yet: no program's handle, not plain, not running, nobody's scan. */
extern N1_HIDDEN struct n1_statement n1_no_statement;

#endif
