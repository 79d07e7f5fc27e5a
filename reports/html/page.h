/* What the parts of the HTML report share: the page under construction, and how text, numbers and code are put into it.
 *
 * The page is well-formed HTML under a policy that allows no inline style attribute and no event attribute: looks come from
 * classes, geometry from the presentation attributes of SVG. Markup is written by n1_html_put() and n1_html_format() only and
 * never holds a string of the model; those go through n1_html_text() and its kin, which clean and quote them. Every section
 * stays within the bytes that it is given and says what it left out.
 */
#ifndef N1_REPORTS_HTML_PAGE_H
#define N1_REPORTS_HTML_PAGE_H

#include <glib.h>

#include "reports/places.h"

struct n1_html {
    GString *out;
    const struct n1_report *report;
    const struct n1_report_options *options;
    struct n1_places places;
    size_t findings_shown; /* cards with ids finding-1 … */
};

/* How many bytes of the page each section may fill (the timeline is bounded by what it can draw: 190 kB); with style and script they
 * make less than a megabyte. */
#define N1_HTML_BYTES_FINDINGS 300000
#define N1_HTML_BYTES_QUERIES  160000
#define N1_HTML_BYTES_FLAMES   160000
#define N1_HTML_BYTES_BEFORE   80000

void n1_html_put(struct n1_html *page, const char *markup);
void n1_html_format(struct n1_html *page, const char *markup, ...) G_GNUC_PRINTF(2, 3);

/* The model's strings, of at most `most` bytes: with their lines, or in one line. */
void n1_html_text(struct n1_html *page, const char *text, size_t most);
void n1_html_line(struct n1_html *page, const char *text, size_t most);
/* A sentence of the analyzer's: paths as they are shown, a full stop behind. finding may be NULL. */
void n1_html_sentence(struct n1_html *page, const struct n1_finding *finding, const char *text);

/* 12345 as "12 345", with narrow blanks; and "100 rows". */
void n1_html_count(struct n1_html *page, uint64_t n);
void n1_html_counted(struct n1_html *page, uint64_t n, const char *one, const char *many);
void n1_html_duration(struct n1_html *page, uint64_t ns);
/* part of whole as "12.5%", at most 100%; nothing when the whole is 0. */
void n1_html_percent(struct n1_html *page, uint64_t part, uint64_t whole);

/* "<code>app.py:12</code> in <code>index()</code>", or "in an unknown place". */
void n1_html_place(struct n1_html *page, const struct n1_location *where);
/* A block of code with a caption that names it; the copy button finds it. caption is markup. */
void n1_html_code(struct n1_html *page, const char *caption, const char *text);

/* A share in SVG's percent, three decimals: "12.345%". share is between 0 and 1. */
void n1_html_share(struct n1_html *page, const char *attribute, double share);

#endif
