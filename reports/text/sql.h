/* SQL on a page of 80 columns: a statement that is too long for a line breaks before its clauses, of a very long one the middle is left out. */
#ifndef N1_REPORTS_TEXT_SQL_H
#define N1_REPORTS_TEXT_SQL_H

#include "reports/text/page.h"

#define N1_SQL_SHOWN_BYTES 900
#define N1_SQL_ALL_BYTES   4000 /* on a page that shows all */

/* Of a statement of more than `most` bytes, how it begins and how it ends: what it selects is longer than where from. */
void n1_page_sql(const struct n1_page *page, size_t indent, const char *sql, size_t most);
/* Whether a word at a statement's top level begins a line of its own, behind the word before it. */
bool n1_sql_opens_line(const char *word, size_t n, const char *before, size_t before_n);
/* One line of at most `columns`, cut with "...". g_free() it. */
char *n1_page_sql_line(const char *sql, size_t columns);
/* The same to remind of a statement: where it reads from tells more than what it selects. */
char *n1_page_sql_reminder(const char *sql, size_t columns);

#endif
