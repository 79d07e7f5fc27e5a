/* Which result cells are kept as evidence, and how they wait for being written.
 *
 * The rule
 * - Of the first 64 rows (N1_CELL_ROWS_ALL): every cell of at most 64 bytes that is not NULL and not a float with a fraction.
 * - Beyond them, up to row 65,536 (N1_CELL_ROWS_MAX): the same of key-like columns only. Key-like is a column whose origin is
 *   a PRIMARY KEY or the rowid, or whose name looks like a key (n1_cells_is_key_name). If none is, the first integer or text
 *   column counts as one.
 * - Beyond row 65,536, and of columns beyond the 64th: nothing; the rows are counted in N1_CUT_CELLS.
 * - SQLite: the cells that the program reads itself (sqlite3_column_*), because reading for it would change what it sees and
 *   cost more than the query. libpq: all of a PGresult when the program gets it.
 */
#ifndef N1_PRELOAD_CELLS_H
#define N1_PRELOAD_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "preload/recorder/execution.h"

/* id, *_id, pk, uuid, code, slug, *_no, … in any case, and camelCase's Id. */
bool n1_cells_is_key_name(const char *name);

/* Describes one statement's result columns once: writes the COLUMNS entry, remembers which are keys. */
struct n1_column_source {
    const char *name;
    const char *table;  /* origin, or NULL */
    const char *origin; /* origin column, or NULL */
    bool is_key;        /* a PRIMARY KEY or rowid */
    bool is_plain;      /* integer or text: a key when no other column is one */
};
/* Fills e->columns and e->keys when this text was described before with as many columns. */
bool n1_cells_are_described(struct n1_execution *e, uint32_t count);
typedef void (*n1_column_reader)(void *handle, uint32_t column, struct n1_column_source *out);
/* Fills e->columns and e->keys; calls read for every column when nobody has described this text yet. */
void n1_cells_describe(struct n1_execution *e, uint32_t count, n1_column_reader read, void *handle);

/* Sure when it says no. A column beyond the 64th is taken for one of the first. */
static inline bool n1_cells_may_want(const struct n1_execution *e, uint32_t column)
{
    return e->want >> (column % N1_COLUMNS_MAX) & 1;
}

static inline bool n1_cells_wants(const struct n1_execution *e, uint32_t column)
{
    return column < N1_COLUMNS_MAX && (e->want >> column & 1);
}

/* ---- staging a cell of the current row (row e->rows − 1); the caller has asked n1_cells_wants ------------------------- */
void n1_cells_text(struct n1_thread *self, struct n1_execution *e, uint32_t column, const char *text,
                   size_t size_bytes);
void n1_cells_blob(struct n1_thread *self, struct n1_execution *e, uint32_t column, const void *bytes,
                   size_t size_bytes);
void n1_cells_boolean(struct n1_thread *self, struct n1_execution *e, uint32_t column, bool v);
void n1_cells_integer(struct n1_thread *self, struct n1_execution *e, uint32_t column, int64_t v);

/* The place of the integers of a column of a scan (window.h), to be stored without entering the recorder. 0: it has none. */
static inline uintptr_t n1_cells_place(const struct n1_thread *self, const struct n1_execution *e, uint32_t column)
{
    return n1_execution_is_scan(self, e) && column < N1_COLUMNS_MAX ? e->places[column] : 0;
}

/* Does the current row's stand there already? Then it is wanted no more, which want does not say. */
static inline bool n1_cells_is_placed(const struct n1_thread *self, const struct n1_execution *e, uint32_t column)
{
    const uintptr_t place = n1_cells_place(self, e, column);
    return place && *n1_window_row(place, e->rows) != 0;
}

#endif
