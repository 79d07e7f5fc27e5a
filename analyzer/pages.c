#include "analyzer/pages.h"

#include <glib.h>
#include <sys/mman.h>

void *n1_pages_new(size_t size_bytes)
{
    void *pages = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        g_error("out of memory: %zu bytes", size_bytes);
    madvise(pages, size_bytes, MADV_HUGEPAGE);
    return pages;
}

void n1_pages_free(void *pages, size_t size_bytes)
{
    if (pages != NULL)
        munmap(pages, size_bytes);
}
