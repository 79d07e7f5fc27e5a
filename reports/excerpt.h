/* A line of source with its neighbours, read from this machine's files when they are there. Only regular files of a sensible
 * size are read.
 */
#ifndef N1_REPORTS_EXCERPT_H
#define N1_REPORTS_EXCERPT_H

#define N1_EXCERPT_LINES 5

struct n1_excerpt {
    int first;                    /* number of line[0] */
    int count;                    /* 0: no such file or line */
    char *line[N1_EXCERPT_LINES]; /* clean UTF-8, tabs as blanks; g_free() by n1_excerpt_release() */
};

/* folder: what a relative file is relative to; may be NULL. */
void n1_excerpt_read(struct n1_excerpt *excerpt, const char *folder, const char *file, int line);
void n1_excerpt_release(struct n1_excerpt *excerpt);

#endif
