/* scopes: how many statements ran within what the program named: tests, requests, jobs. A scope is entered and left on one
 * thread (marks of preload/mark.h), or named by a comment in the statement itself (sqlcommenter: route='/posts', or controller and
 * action). Scopes nest; a statement counts for each scope that it stands in, once.
 *
 * Bounded: so many names, so many levels on a thread; beyond, marks are ignored. One thread. */
#ifndef N1_ANALYZER_SCOPES_H
#define N1_ANALYZER_SCOPES_H

#include <stdint.h>

#include "analyzer/arena.h"
#include "analyzer/finding.h"

#define N1_SCOPES_MAX       100000
#define N1_SCOPE_LEVELS_MAX 64

struct n1_scopes;

struct n1_scopes *n1_scopes_new(void);
void n1_scopes_free(struct n1_scopes *scopes);

/* name NULL is ignored. */
void n1_scopes_enter(struct n1_scopes *scopes, uint32_t thread, const char *name);
/* Leaves the innermost scope of that name and what was entered within it. */
void n1_scopes_leave(struct n1_scopes *scopes, uint32_t thread, const char *name);
/* comment: of the statement, or NULL. */
void n1_scopes_statement(struct n1_scopes *scopes, uint32_t thread, const char *comment);

/* Fills n_scopes and scope. */
void n1_scopes_report(struct n1_scopes *scopes, struct n1_arena *arena, struct n1_report *report);

/* The scope that a comment names, g_free() it; NULL for none. */
char *n1_scope_of_comment(const char *comment);

#endif
