/* How reports name a source file: relative to the recorded working directory when it lies below, so that the same program
 * gives the same report in another checkout, else as recorded.
 */
#ifndef N1_REPORTS_PATH_H
#define N1_REPORTS_PATH_H

/* Borrowed from file. Both may be NULL. */
const char *n1_report_path(const char *folder, const char *file);

/* A copy of a sentence with the folder taken out of the paths in it; g_free() it. NULL for NULL. */
char *n1_report_path_in_text(const char *folder, const char *text);

#endif
