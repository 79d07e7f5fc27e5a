/* Memory of the recorder: straight from the kernel, never from malloc, so that a hook may run inside the program's own
 * allocator, in a signal handler or in a forked child.
 *
 * n1_memory_map gives zeroed pages for ever. The pool gives small blocks that can be given back; all of it together stays
 * within N1_MEMORY_POOL_BYTES, then n1_pool_take returns NULL and the caller counts what it loses.
 * Any thread. Contents survive fork (private memory).
 */
#ifndef N1_PRELOAD_MEMORY_H
#define N1_PRELOAD_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#define N1_MEMORY_POOL_BYTES (3U * 1024U * 1024U)
#define N1_POOL_BLOCK_BYTES  (16U * 1024U)

/* Zeroed, page-aligned, private. NULL when the kernel refuses. Keeps errno. */
void *n1_memory_map(size_t size_bytes);
void n1_memory_unmap(void *memory, size_t size_bytes);

/* A zeroed block of at least size_bytes (at most N1_POOL_BLOCK_BYTES), aligned to 16. NULL when the pool is used up. */
void *n1_pool_take(size_t size_bytes);
/* size_bytes as it was asked for. NULL is fine. */
void n1_pool_give(void *block, size_t size_bytes);
/* After fork, in the child, before other threads: a lock that another thread held is nobody's now. */
void n1_pool_after_fork(void);

#endif
