/* A call path for a reader: the user's own frames one by one, libraries between them folded to one line.
 */
#ifndef N1_REPORTS_HTML_CALLS_H
#define N1_REPORTS_HTML_CALLS_H

#include "reports/html/page.h"

/* Closed <details> with the path, innermost first. Nothing for an empty stack. */
void n1_html_calls(struct n1_html *page, const struct n1_stack *stack);

/* The frames [from, *to) that are folded together: the run of library frames that begins at `from`, or one user frame. Nothing is
 * folded in a stack without any user frame. */
size_t n1_html_run(const struct n1_stack *stack, size_t from);
/* "django, python3.11": whose frames those are, packages before modules, at most two names. Clean; g_free() it. */
char *n1_html_run_name(const struct n1_places *places, const struct n1_stack *stack, size_t from, size_t to);

#endif
