/* What the formats say in words: about the kinds of findings, and about one finding. Nothing here decides anything.
 *
 * The n1_words_… functions append unclean text (it holds names out of the model): clean and quote it before writing.
 */
#ifndef N1_REPORTS_WORDS_H
#define N1_REPORTS_WORDS_H

#include <glib.h>

#include "analyzer/finding.h"

struct n1_rule_words {
    const char *name;    /* "NPlusOneQuery": never changes */
    const char *title;   /* "N+1 queries" */
    const char *summary; /* one sentence */
    const char *meaning; /* what it is and what it costs: a paragraph */
    const char *mend;    /* how to mend it: a paragraph */
    const char *example; /* Markdown: the mend in several stacks */
};

extern const struct n1_rule_words n1_rule_words[N1_KINDS];

/* "s" unless n is 1. */
const char *n1_words_s(uint64_t n);

/* text as a sentence of its own: a blank before it, a full stop behind, unless they are there. Nothing for NULL and "". */
void n1_words_sentence(GString *out, const char *text);
/* "101 queries where 2 would do", or what stands instead when nothing is saved. */
void n1_words_saving(GString *out, const struct n1_finding *finding);
/* What speaks for the finding: "30 of 30 different parameters are values of post.author_id in …". */
void n1_words_proof(GString *out, const struct n1_finding *finding);
/* "132 statements (4 different), 230 rows, 12.3 ms in the database of 1.20 s in all". */
void n1_words_totals(GString *out, const struct n1_report *report);
/* The whole report in one line: "3 findings in 132 statements", "no N+1 queries found in 12 statements" … */
void n1_words_verdict(GString *out, const struct n1_report *report);

/* "the recording is not complete: 3 executions were not recorded …; …"; nothing of a complete one. */
void n1_words_losses(GString *out, const struct n1_report *report);
/* The signal that an exit status tells of, or 0: 255 is what PHP and Perl programs that fail end with, and no signal. */
int n1_words_signal(int exit_status);
size_t n1_words_open_findings(const struct n1_report *report);

#endif
