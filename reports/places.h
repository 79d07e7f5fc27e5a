/* Where something stands, told without telling about the machine.
 *
 * The root is what paths are shown relative to: the repository's folder when it is given, else the recorded working folder.
 * A file below it is "inside" and shown by its path from there: the same on every machine. Of a file outside, only the tail
 * is shown that names a package's file ("django/db/models/query.py" behind site-packages, gems, node_modules, python3.11 …),
 * else the file's name alone. Names that are no files ("<string>") are shown as they are and are never inside.
 * Everything is decided from the strings: no file is looked at. Strings returned are for g_free(); none is cleaned.
 */
#ifndef N1_REPORTS_PLACES_H
#define N1_REPORTS_PLACES_H

#include "reports/report.h"

struct n1_places {
    char *folder; /* the recorded working folder: relative names start there; NULL: unknown */
    char *root;   /* NULL: unknown, or "/", which says nothing */
};

void n1_places_init(struct n1_places *places, const struct n1_report *report, const struct n1_report_options *options);
void n1_places_release(struct n1_places *places);

/* The path from the root, without "." and "..", or NULL when file is unknown, outside or no file. */
char *n1_place_inside(const struct n1_places *places, const char *file);
/* The same as a URI reference (RFC 3986): "a%20b.py". */
char *n1_place_uri(const struct n1_places *places, const char *file);
/* What a person is shown of file; NULL for NULL. */
char *n1_place_shown(const struct n1_places *places, const char *file);
/* "app.py:12 in index()", as much of it as is known; NULL when nothing is. */
char *n1_place_words(const struct n1_places *places, const struct n1_location *where);

/* text with every path that names this machine replaced by what is shown of it: the root, and the files of the finding's
 * stacks. finding may be NULL. NULL for NULL. */
char *n1_place_scrub(const struct n1_places *places, const struct n1_finding *finding, const char *text);

/* The place that a finding is shown at: the innermost of the child's user frames inside with a known line, else its
 * location. */
struct n1_location n1_place_of_finding(const struct n1_places *places, const struct n1_finding *finding);

/* The recorded command in one line, paths as they are shown: what names the run. Cleaned. */
char *n1_place_command(const struct n1_places *places, const struct n1_report *report);

struct n1_location n1_place_of_frame(const struct n1_frame *frame);

#endif
