/* SQL as coloured markup: keywords, strings, numbers, parameters and comments in spans, a long statement broken before its
 * clauses. Not a parser: what it does not know stays plain text.
 */
#ifndef N1_REPORTS_HTML_SQL_H
#define N1_REPORTS_HTML_SQL_H

#include "reports/html/page.h"

/* A block with a caption (markup; NULL: none). */
void n1_html_sql(struct n1_html *page, const char *caption, const char *sql);
/* In one line, cut to `most` bytes, without a block around it. */
void n1_html_sql_line(struct n1_html *page, const char *sql, size_t most);

/* "SELECT blog_post": the verb and the tables, or the beginning of the text when no tables are known. Clean; g_free() it. */
char *n1_html_query_name(const struct n1_statement *statement);

#endif
