/* suppress: findings that a team has looked at and lives with. A file of stanzas, as valgrind's users know them
 * (docs/suppressions.md):
 *
 *     {
 *        author-in-the-feed                        name: any words
 *        n1prof:n_plus_one                         kind; several with commas; * for all
 *        reason: three rows at most                required
 *        until: 2026-12-31                         optional, UTC: from the day after on it counts no more
 *        fun:author_name                           frames of the user's code, innermost first; * and ? match
 *        ...                                       any number of frames
 *        src:blog/views.py                         a frame by its file
 *        sql:SELECT * FROM author WHERE *          the repeated statement, normalised
 *     }
 *
 * Frames match from the innermost on; what lies further out is free. A stanza needs a frame or an sql line. "Until" is compared
 * with the moment when the recording began: a report of an old recording does not change with the calendar.
 *
 * A pass of its own over a finished report: sets is_suppressed and suppressed_by of its findings, nothing else. The suppressions
 * must outlive the report. One thread.
 */
#ifndef N1_ANALYZER_SUPPRESS_H
#define N1_ANALYZER_SUPPRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/finding.h"
#include "trace/error.h"

#define N1_SUPPRESSIONS_FILE "n1prof.supp"

struct n1_suppression {
    const char *name, *reason;
    int line;         /* where its stanza begins */
    uint64_t used;    /* findings that it matched so far */
    bool has_expired; /* it would have matched, but for its date */
};

struct n1_suppressions;

/* NULL with err filled: file, line, what is wrong. */
struct n1_suppressions *n1_suppressions_read(const char *file, struct n1_error *err);
struct n1_suppressions *n1_suppressions_parse(const char *file, const char *text, size_t length, struct n1_error *err);
void n1_suppressions_free(struct n1_suppressions *suppressions); /* NULL is fine */

size_t n1_suppressions_count(const struct n1_suppressions *suppressions);
const struct n1_suppression *n1_suppressions_at(const struct n1_suppressions *suppressions, size_t i);
const char *n1_suppressions_file(const struct n1_suppressions *suppressions);

/* Marks the report's findings. May be called for several reports; uses add up. */
void n1_suppress(struct n1_report *report, struct n1_suppressions *suppressions);

/* Ready stanzas for the findings that are not suppressed, one each. 0, or -1 when the stream failed. */
int n1_suppressions_generate(FILE *out, const struct n1_report *report);

#endif
