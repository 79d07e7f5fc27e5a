/* What runs inside one call of sqlite3_exec or sqlite3_get_table, when the library's calls to itself cannot be seen (linked
 * -Bsymbolic, or a copy bound to itself).
 *
 * A library that calls itself through the PLT shows each statement (prepare, step, finalize at script_depth), and nothing of
 * this is needed. Which of the two a copy is, its first such call tells (n1_provider.shows_inside). Of the others the library is
 * asked for its trace events (sqlite3_trace_v2: STMT, ROW, PROFILE) for as long as the call lasts, and the program's own trace
 * callback is called from ours and is back in place afterwards:
 *     struct n1_inside *inside = n1_inside_begin(self, db, sql, has_reader);     NULL: not asked
 *     rc = real(…);
 *     if (inside) n1_inside_end(self, inside, rc);
 * Not asked is a connection whose program uses sqlite3_trace or sqlite3_profile, which cannot share it, and a library older than
 * 3.14: there the statements of the call are recorded without rows (n1_sqlite_whole).
 *
 * Which statement an error belongs to is told by the error's kind where the text goes on behind the last statement that ran:
 * SQLITE_ERROR and SQLITE_AUTH are the next one's, which did not compile.
 *
 * The state lies in the pool, because calls nest and a callback may longjmp over them: one that was left so is found by its
 * frame, which is no longer below us, and given back with the next call or the close.
 */
#ifndef N1_PRELOAD_SQLITE_INSIDE_H
#define N1_PRELOAD_SQLITE_INSIDE_H

#include <stdbool.h>

#include "preload/hooks/sqlite.h"

/* has_reader: the rows go to somebody, so their cells are evidence. Both are called by the hook itself. */
struct n1_inside *n1_inside_begin(struct n1_thread *self, struct n1_database *db, const char *sql, bool has_reader);
/* Ends what runs, puts the program's trace back. */
void n1_inside_end(struct n1_thread *self, struct n1_inside *inside, int rc);
/* Before a database is closed. */
void n1_inside_close(struct n1_thread *self, struct n1_database *db);

/* The program sets its trace callback. Returns what sqlite3_trace_v2 does. */
int n1_inside_wish(struct n1_database *db, const struct n1_trace_wish *wish);

#endif
