/* items: what recordings asked of the database, one item for each statement at a call path, summed over all recordings that are
 * judged together (a test run's shards, a program's processes).
 *
 * A loop that was found (n_plus_one, write_loop) is one item, whatever paths lead to its queries: its measure is executions for
 * each row of the parent. Everything else is counted. Left out: housekeeping, and what is suppressed.
 *
 * Borrows the reports' findings; they must outlive the items. One thread.
 */
#ifndef N1_ANALYZER_GATE_ITEMS_H
#define N1_ANALYZER_GATE_ITEMS_H

#include <glib.h>
#include <stdbool.h>

#include "analyzer/finding.h"

enum n1_gate_form {
    N1_FORM_COUNT,   /* so many executions */
    N1_FORM_PER_ROW, /* so many executions for each row of the parent */
    N1_FORM_WRITTEN, /* as many as there are rows to write: no parent is known, the number is the data's */
};

struct n1_gate_item {
    char id[17]; /* 16 hex digits, of path, sql and parent */
    enum n1_gate_form form;
    const char *path;     /* callpath.h */
    const char *sql;      /* normalised */
    const char *parent;   /* PER_ROW: the normalised statement whose rows drive it; else NULL */
    uint64_t executions;  /* PER_ROW: those in loops */
    uint64_t parent_rows; /* PER_ROW: rows that the loops walked */
    uint64_t rows;        /* COUNT: of its results */
    unsigned kinds;       /* of the findings about it: 1 << enum n1_kind */
    bool is_batch;        /* some execution carried several keys or rows */
    struct n1_location where;
    const struct n1_finding *finding; /* the first one about it, or NULL */
};

struct n1_gate_items {
    GPtrArray *item; /* of struct n1_gate_item, by path, sql, parent */
    uint64_t statements, housekeeping;
    GPtrArray *suppressed; /* of const struct n1_finding */
    bool is_plain;         /* made by n1_gate_counts_new() */
    /* private */
    GStringChunk *strings;
    GHashTable *by_id, *rows_of_sql, *loop_rows;
};

struct n1_gate_items *n1_gate_items_new(const struct n1_report *const *reports, size_t count);
/* Plain counts: every statement at every path, whatever loop it belongs to; `finding` tells of it, suppressed or not. */
struct n1_gate_items *n1_gate_counts_new(const struct n1_report *const *reports, size_t count);
void n1_gate_items_free(struct n1_gate_items *items);

/* NULL when there is none. */
struct n1_gate_item *n1_gate_items_find(const struct n1_gate_items *items, const char *id);
/* Whether the statement ran at all, and how many rows it gave in all. */
bool n1_gate_items_ran(const struct n1_gate_items *items, const char *sql, uint64_t *rows);

/* Fills id. parent may be NULL. */
void n1_gate_id(char id[17], const char *path, const char *sql, const char *parent);
/* Order of items and of the baseline's entries. */
int n1_gate_order(const char *path_a, const char *sql_a, const char *parent_a, const char *path_b, const char *sql_b,
                  const char *parent_b);

#endif
