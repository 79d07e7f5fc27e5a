/* A page of so many columns: wrapped words, colours, durations, paths. For the text report and its kin.
 *
 * Every string that comes from the model goes through n1_page_clean() first: valid UTF-8, one line, no control characters and
 * no direction overrides, so that a report cannot steer the terminal that shows it.
 */
#ifndef N1_REPORTS_TEXT_PAGE_H
#define N1_REPORTS_TEXT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/finding.h"

#define N1_PAGE_COLUMNS 80 /* where nobody says */

enum n1_ink { N1_INK_PLAIN, N1_INK_BOLD, N1_INK_DIM, N1_INK_RED, N1_INK_GREEN, N1_INK_YELLOW, N1_INK_CYAN };

struct n1_page {
    FILE *out;
    size_t width; /* columns, more than any indent */
    bool use_colour;
    bool shows_all;     /* statements whole */
    const char *folder; /* paths below it are shown relative to it; may be NULL */
};

/* A clean copy, g_free() it. NULL gives "". */
char *n1_page_clean(const char *text);
/* Columns that clean text takes on a terminal. */
size_t n1_page_columns(const char *text);

/* Text in a colour, as it stands, without a line end. */
void n1_page_put(const struct n1_page *page, enum n1_ink ink, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Words of text wrapped at the page's width, each line indented; ends with a line end. Takes unclean text. */
void n1_page_wrap(const struct n1_page *page, enum n1_ink ink, size_t indent, const char *text);
/* The same for a sentence of the model: paths in it are shown as all others are. */
void n1_page_sentence(const struct n1_page *page, enum n1_ink ink, size_t indent, const char *text);
/* The same with a format. */
void n1_page_say(const struct n1_page *page, enum n1_ink ink, size_t indent, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "Label: text" with the label bold; what does not fit beside it goes below, six columns in. */
void n1_page_labelled(const struct n1_page *page, size_t indent, const char *label, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "12.3 ms"; three digits that count, in ns, us, ms or s, or minutes and seconds. */
void n1_page_duration(char buffer[32], uint64_t ns);
/* "shop.c:12 in main()", as much of it as is known, or "an unknown place". g_free() it. */
char *n1_page_place(const struct n1_page *page, const struct n1_location *where);

#endif
