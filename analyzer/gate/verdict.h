/* verdict: what the gate concluded, in the words that reports/ renders: of `check`, of `check --scale` and of `diff`. Reports
 * read it and decide nothing. Lines stand in their final order: what fails first.
 *
 * Strings live as long as the verdict; findings are borrowed from the reports it was made of. NULL means unknown or none. One
 * thread.
 */
#ifndef N1_ANALYZER_GATE_VERDICT_H
#define N1_ANALYZER_GATE_VERDICT_H

#include <glib.h>

#include "analyzer/finding.h"

enum n1_verdict_subject { N1_VERDICT_CHECK, N1_VERDICT_SCALE, N1_VERDICT_DIFF };
enum n1_outcome { N1_OUTCOME_PASSED, N1_OUTCOME_REGRESSED, N1_OUTCOME_INCONCLUSIVE };

enum n1_change {
    /* check */
    N1_CHANGE_NEW_FINDING,
    N1_CHANGE_NEW_EDGE, /* what was accepted as a count, or for another parent, runs for each row of this one */
    N1_CHANGE_STEEPER,  /* more executions for each row */
    N1_CHANGE_ABOVE,    /* more executions */
    N1_CHANGE_BUDGET,   /* a total above --budget */
    N1_CHANGE_LOWER,    /* fewer than accepted: the baseline can be tightened */
    N1_CHANGE_RENAMED,  /* matched by its statement alone */
    N1_CHANGE_PARENT,   /* the parent's statement is spelled differently now */
    N1_CHANGE_NEW_STATEMENT,
    N1_CHANGE_STALE, /* an entry that matches nothing */
    N1_CHANGE_SUPPRESSED,
    N1_CHANGE_UNUSED, /* a suppression that matches nothing */
    /* scale */
    N1_CHANGE_SQUARE, /* grows with the square of the rows */
    N1_CHANGE_ROW,    /* grows with the rows */
    N1_CHANGE_SLOWER, /* grows, but slower than a root of the rows */
    N1_CHANGE_BATCH,  /* one more for so many rows */
    N1_CHANGE_WRITES, /* writes the rows: the growth itself */
    N1_CHANGE_CONSTANT,
    /* diff */
    N1_CHANGE_WORSE,
    N1_CHANGE_NEW,
    N1_CHANGE_BETTER,
    N1_CHANGE_GONE,
    N1_CHANGES
};

struct n1_change_words {
    const char *name;  /* "new_finding": never changes */
    const char *title; /* over a list of such lines */
};
extern const struct n1_change_words n1_change_words[N1_CHANGES];

struct n1_verdict_line {
    enum n1_change change;
    bool fails, is_accepted; /* accepted: by this very run (--update) or by the baseline (scale) */
    const char *id;          /* what --accept takes; NULL: nothing that an entry could accept */
    const char *subject;     /* the statement, the scope, the suppression */
    const char *path;        /* "show < index < main", or NULL */
    struct n1_location where;
    const char *message;              /* one sentence */
    const char *before, *now;         /* "1 execution for each row", or NULL */
    double count_before, count_now;   /* the same as numbers; -1: none */
    const char *command;              /* accepts exactly this, or NULL */
    const struct n1_finding *finding; /* or NULL */
};

struct n1_verdict {
    enum n1_verdict_subject subject;
    enum n1_outcome outcome;
    const char *reason;   /* INCONCLUSIVE: why */
    const char *headline; /* one sentence */
    GPtrArray *line;      /* of struct n1_verdict_line */
    GPtrArray *note;      /* of const char *: sentences that stand below */
    size_t fails, matched;
    uint64_t statements_before, statements; /* before: diff and scale only */
    const char *baseline;                   /* the file, or NULL */
    const char *folder;                     /* recorded working folder, for paths; or NULL */
    const char *accept_all;                 /* the command, or NULL */
    const char *prune;                      /* the command that removes stale entries, or NULL */
    const char *tighten;                    /* the command, when something is lower; or NULL */
    const char *left_out;                   /* names of what is not counted */
    GStringChunk *strings;
};

struct n1_verdict *n1_verdict_new(enum n1_verdict_subject subject);
void n1_verdict_free(struct n1_verdict *verdict);

/* Copies into the verdict's strings. NULL gives NULL. */
const char *n1_verdict_text(struct n1_verdict *verdict, const char *text);
const char *n1_verdict_printf(struct n1_verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void n1_verdict_note(struct n1_verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct n1_verdict_line *n1_verdict_add(struct n1_verdict *verdict, enum n1_change change);

/* Sorts the lines, counts them, sets the outcome (unless it is inconclusive already) and the headline. */
void n1_verdict_settle(struct n1_verdict *verdict);

#endif
