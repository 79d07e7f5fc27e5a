/* Where a statement came from: its place, with the lines around it, and who called that in the user's own code. */
#ifndef N1_REPORTS_TEXT_WAY_H
#define N1_REPORTS_TEXT_WAY_H

#include "reports/text/earlier.h"
#include "reports/text/page.h"

/* What it shares with an earlier finding's way is shown by that finding's number. */
void n1_page_way(const struct n1_page *page, const struct n1_statement *statement, const struct n1_earlier *earlier,
                 bool read_sources);

/* Whether nothing of what is shown of their ways is different. */
bool n1_same_way(const struct n1_statement *a, const struct n1_statement *b);
bool n1_same_place(const struct n1_location *a, const struct n1_location *b);

#endif
