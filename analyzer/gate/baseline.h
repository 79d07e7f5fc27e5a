/* baseline: the file that says what is accepted (docs/baseline.md). One entry a call path and statement, one line an entry, keys
 * and entries sorted. No path of a machine, time, line number or number of rows.
 *
 *     {"executions": 1, "path": ["index", "main"], "sql": "SELECT …"}
 *     {"kinds": ["n_plus_one"], "path": ["title"], "per_row_of": "SELECT …", "slope": 1, "sql": "SELECT …"}
 *
 * Reading trusts nothing: a torn, foreign, newer or hostile file is refused with one line that names the place. One thread.
 */
#ifndef N1_ANALYZER_GATE_BASELINE_H
#define N1_ANALYZER_GATE_BASELINE_H

#include "analyzer/gate/items.h"
#include "analyzer/gate/tolerance.h"
#include "trace/error.h"

#define N1_BASELINE_SCHEMA "n1prof-baseline/1"
#define N1_BASELINE_FILE   "n1prof-baseline.json"
#define N1_GATE_WRITTEN    "(rows written)" /* per_row_of of N1_FORM_WRITTEN */

struct n1_gate_entry {
    char id[17];
    enum n1_gate_form form;
    const char *path, *sql, *parent;   /* as in n1_gate_item */
    uint64_t executions;               /* COUNT */
    double slope;                      /* PER_ROW, WRITTEN: executions for each row */
    unsigned kinds;                    /* findings that are accepted with it: 1 << enum n1_kind */
    const char *tolerance_text, *note; /* or NULL */
    struct n1_tolerance tolerance;
};

struct n1_baseline {
    GPtrArray *entry; /* of struct n1_gate_entry, sorted by n1_gate_order() */
    /* private */
    GStringChunk *strings;
    GHashTable *by_id;
};

struct n1_baseline *n1_baseline_new(void);
void n1_baseline_free(struct n1_baseline *baseline);

/* NULL with err filled. Of an empty file: a baseline without entries, when may_be_empty. */
struct n1_baseline *n1_baseline_read(const char *file, bool may_be_empty, struct n1_error *err);
struct n1_baseline *n1_baseline_parse(const char *file, const char *text, size_t length, struct n1_error *err);

/* A copy of entry, its strings taken over. Borrowed. Replaces the one with the same id. */
struct n1_gate_entry *n1_baseline_put(struct n1_baseline *baseline, const struct n1_gate_entry *entry);
void n1_baseline_remove(struct n1_baseline *baseline, const char *id);
struct n1_gate_entry *n1_baseline_find(const struct n1_baseline *baseline, const char *id);
void n1_baseline_sort(struct n1_baseline *baseline);

/* The file's text, g_free() it. Sorts. */
char *n1_baseline_text(struct n1_baseline *baseline);

/* Three-way merge by entry: what one side changed is taken; where both did, the larger number. Never a conflict. */
struct n1_baseline *n1_baseline_merge(const struct n1_baseline *base, const struct n1_baseline *ours,
                                      const struct n1_baseline *theirs);

#endif
