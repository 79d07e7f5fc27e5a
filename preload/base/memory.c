#include "preload/base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "preload/base/lock.h"
#include "preload/base/process.h"

/* Blocks come in classes of 32, 64, … 16 KiB; each class keeps what was given back in a list through the blocks' first
 * words. Fresh blocks are cut from regions of REGION_BYTES. */
enum { SMALLEST_BITS = 5, LARGEST_BITS = 14, CLASSES = LARGEST_BITS - SMALLEST_BITS + 1, REGION_BYTES = 256 * 1024 };

_Static_assert(1U << LARGEST_BITS == N1_POOL_BLOCK_BYTES, "the largest class");

static struct {
    struct n1_lock lock;
    void *given_back[CLASSES];
    char *fresh, *fresh_end;
    size_t mapped_bytes;
} pool;

void *n1_memory_map(size_t size_bytes)
{
    const int saved = errno;
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    errno = saved;
    return memory == MAP_FAILED ? NULL : memory;
}

void n1_memory_unmap(void *memory, size_t size_bytes)
{
    const int saved = errno;
    if (memory)
        munmap(memory, size_bytes);
    errno = saved;
}

static unsigned class_of(size_t size_bytes)
{
    const size_t last = (size_bytes - 1) >> SMALLEST_BITS;
    return size_bytes && last ? 64U - (unsigned)__builtin_clzll(last) : 0;
}

static void *cut_fresh(size_t size_bytes)
{
    if ((size_t)(pool.fresh_end - pool.fresh) < size_bytes) {
        if (pool.mapped_bytes + REGION_BYTES > N1_MEMORY_POOL_BYTES)
            return NULL;
        char *region = n1_memory_map(REGION_BYTES);
        if (!region)
            return NULL;
        pool.mapped_bytes += REGION_BYTES;
        pool.fresh = region;
        pool.fresh_end = region + REGION_BYTES;
    }
    void *block = pool.fresh;
    pool.fresh += size_bytes;
    return block;
}

void *n1_pool_take(size_t size_bytes)
{
    if (size_bytes > (size_t)1 << LARGEST_BITS)
        return NULL;
    const unsigned class = class_of(size_bytes);
    n1_lock_take(&pool.lock);
    void *block = pool.given_back[class];
    const int is_used = block != NULL;
    if (is_used)
        memcpy(&pool.given_back[class], block, sizeof(void *));
    else
        block = cut_fresh((size_t)1 << (class + SMALLEST_BITS));
    n1_lock_give(&pool.lock);
    if (is_used)
        memset(block, 0, size_bytes);
    return block;
}

void n1_pool_give(void *block, size_t size_bytes)
{
    if (!block)
        return;
    const unsigned class = class_of(size_bytes);
    n1_lock_take(&pool.lock);
    memcpy(block, &pool.given_back[class], sizeof(void *));
    pool.given_back[class] = block;
    n1_lock_give(&pool.lock);
}

void n1_pool_after_fork(void)
{
    atomic_flag_clear(&pool.lock.is_held);
}
