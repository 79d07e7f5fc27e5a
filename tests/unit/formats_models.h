/* More finding models, for the formats that machines read: where things stand, a timeline, very many findings. */
#ifndef N1_TESTS_FORMATS_MODELS_H
#define N1_TESTS_FORMATS_MODELS_H

#include "reports/report.h"

/* A program in C and a script, run below the repository's root: files outside, names that are no files, no debug information, blanks
 * and colons in paths, the same id twice, a timeline with causes. Its machine's folders all begin with "/srv/machine-7". */
extern const struct n1_report formats_places;
/* The folder that is the root of it. */
extern const char *const formats_places_root;

/* n findings of all kinds, every third proven, every third likely, of as many queries. Static: one at a time. */
const struct n1_report *formats_many(size_t n);

/* formats_places with one of everything: two findings (an n_plus_one without a link, a query_loop), each of one execution. */
const struct n1_report *formats_single(void);

#endif
