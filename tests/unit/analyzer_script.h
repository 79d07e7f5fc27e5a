/* A program's queries as a table, without files: a source of events for the analyzer's tests.
 *
 *     struct script *s = script_new();
 *     script_query(s, "list:10 main:3", "SELECT id, author_id FROM post", "", "1,5;2,6");
 *     script_query(s, "show:12 main:3", "SELECT name FROM author WHERE id = ?", "5", "Asha");
 *     script_expect(s, 1, "n_plus_one proven select_related(author) post.author_id->author.id x2 at show:12");
 *
 * Stacks are "function:line …", innermost first; '!' before a function: not the user's code, "db/run:5",
 * "!/flask/app.py/wsgi_app:5": in another file; "ask<int>:5": C++, else Python. Parameters and cells stand between
 * commas, rows between semicolons; "-" is NULL; digits are integers as the shim would see them. Every query takes 5 µs and
 * 10 µs pass until the next; one that is opened takes all the time until its end. The current process, thread, connection and dialect are fields that a test may set. */
#ifndef N1_TESTS_ANALYZER_SCRIPT_H
#define N1_TESTS_ANALYZER_SCRIPT_H

#include <glib.h>

#include "analyzer/analyze.h"
#include "analyzer/intake/source.h"

struct script {
    uint32_t process, tid, connection;
    enum n1_dialect dialect;
    bool with_literals;      /* parameters count as redacted literals of the text */
    uint32_t error;          /* of the next query */
    const char *database[4]; /* of connections 1 to 4; NULL: not known */
    struct n1_constants constants;
    uint64_t now_ns;
    /* private */
    GPtrArray *events, *texts, *stacks, *columns, *strings;
    guint at;
    uint64_t executions;
};

struct script *script_new(void);
void script_query(struct script *s, const char *stack, const char *sql, const char *params, const char *rows);
uint64_t script_open(struct script *s, const char *stack, const char *sql, const char *params);
void script_row(struct script *s, uint64_t execution, uint32_t row, const char *cells);
void script_end(struct script *s, uint64_t execution, uint64_t rows);
void script_mark(struct script *s, enum n1_scope_kind kind, const char *name);
void script_pause(struct script *s, uint64_t milliseconds);

/* Analyzes and compares all findings, in any order, with what is expected; frees the script. Each is
 * "kind confidence action(argument) parent->child xN at function:line". */
void script_expect(struct script *s, int count, ...);
/* The report, for what expect does not show; frees the script. */
struct n1_report *script_report(struct script *s);

/* printf to a string of the test's, for building rows: never more than a few are needed at once. */
const char *fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* n rows, each "i" formatted with i from 1 and with pick(i). */
const char *rows_of(int n, int (*pick)(int i));

#endif
