/* pages: large tables that are touched at random. Zeroed memory that costs nothing until it is touched, in large pages where the
 * system has them, so that an access misses the data only and not the page table as well. Out of memory aborts, as GLib does.
 */
#ifndef N1_ANALYZER_PAGES_H
#define N1_ANALYZER_PAGES_H

#include <stddef.h>

void *n1_pages_new(size_t size_bytes);
void n1_pages_free(void *pages, size_t size_bytes); /* NULL is fine */

#endif
