/* A page of the documentation (docs/kinds, docs/actions.md) on a terminal or in a file: the small part of Markdown that those
 * pages use. Headings, paragraphs and lists are wrapped, code stands as it is, four columns in. No tables, no HTML.
 */
#ifndef N1_CLI_PAGE_H
#define N1_CLI_PAGE_H

#include <stdbool.h>
#include <stdio.h>

void n1_page_print(FILE *out, const char *markdown, int width, bool use_colour);

#endif
