/* Reports made by hand, for the gate's tests.
 *
 *     struct made *m = made_new();
 *     made_query(m, "index main", "SELECT a FROM post", 1, 30);
 *     made_loop(m, N1_KIND_N_PLUS_ONE, "show index main", "SELECT b FROM author WHERE id = ?", 30, "SELECT a FROM post", 30);
 *     struct n1_verdict *v = made_check(m, baseline, N1_UPDATE_NOTHING);
 *
 * Call paths are function names, innermost first; '!' before one: not the user's code. */
#ifndef N1_TESTS_GATE_MADE_H
#define N1_TESTS_GATE_MADE_H

#include "analyzer/gate/check.h"

struct made {
    struct n1_report report;
    GArray *query, *path, *finding;
    GPtrArray *memory;
};

struct made *made_new(void);
void made_free(struct made *m);

void made_query(struct made *m, const char *path, const char *sql, uint64_t executions, uint64_t rows);
/* The paths of the child and (once) of its parent are added, too. parent NULL: a loop without one. */
void made_loop(struct made *m, enum n1_kind kind, const char *path, const char *sql, uint64_t executions,
               const char *parent, uint64_t parent_rows);
/* The report, its arrays in place. */
const struct n1_report *made_report(struct made *m);

/* Checks one report; changes the baseline when update says so. */
struct n1_verdict *made_check(struct made *m, struct n1_baseline *baseline, enum n1_check_update update);
/* "change change …" of what fails, or of everything, in order; g_free() it. */
char *made_changes(const struct n1_verdict *v, bool only_failures);

#endif
