#include "preload/base/map.h"

#include "preload/base/lock.h"
#include "preload/base/memory.h"

_Static_assert(N1_MAP_SLOTS == 1U << (64 - 49), "n1_map_index takes the top bits");

_Atomic(struct n1_map_entry *) n1_map_entries;
const char n1_map_removed;

static struct n1_lock lock;
static uint32_t n_used; /* entries that are not empty, removed ones included */

/* The place of a handle, or the first one that it may take. NULL: full. */
static struct n1_map_entry *place_of(struct n1_map_entry *entries, const void *handle)
{
    struct n1_map_entry *reusable = NULL;
    for (uint32_t i = n1_map_index(handle), n = 0; n < N1_MAP_SLOTS; i = (i + 1) & (N1_MAP_SLOTS - 1), n++) {
        const void *at = atomic_load_explicit(&entries[i].handle, memory_order_relaxed);
        if (at == handle)
            return &entries[i];
        if (at == &n1_map_removed && !reusable)
            reusable = &entries[i];
        if (!at)
            return reusable ? reusable : n_used < N1_MAP_FULL ? &entries[i] : NULL;
    }
    return reusable;
}

int n1_map_add(enum n1_handle_kind kind, const void *handle, void *state, void **before)
{
    int rc = -1;
    *before = NULL;
    n1_lock_take(&lock);
    struct n1_map_entry *entries = atomic_load(&n1_map_entries);
    if (!entries) {
        entries = n1_memory_map(N1_MAP_SLOTS * sizeof *entries);
        if (!entries)
            goto out;
        atomic_store_explicit(&n1_map_entries, entries, memory_order_release);
    }
    struct n1_map_entry *entry = place_of(entries, handle);
    if (!entry)
        goto out;
    const void *was = atomic_load_explicit(&entry->handle, memory_order_relaxed);
    if (was == handle)
        *before = n1_map_state(atomic_load_explicit(&entry->state, memory_order_relaxed), kind);
    if (!was)
        n_used++;
    n1_map_set(entry, kind, state);
    atomic_store_explicit(&entry->handle, handle, memory_order_release);
    rc = 0;
out:
    n1_lock_give(&lock);
    return rc;
}

/* The caller holds the lock. */
static void clear(struct n1_map_entry *entries, struct n1_map_entry *entry)
{
    atomic_store_explicit(&entry->handle, &n1_map_removed, memory_order_release);
    /* Nothing stands behind the end of a run: its removed places become empty again. */
    uint32_t i = (uint32_t)(entry - entries);
    if (!atomic_load(&entries[(i + 1) & (N1_MAP_SLOTS - 1)].handle))
        for (; atomic_load(&entries[i].handle) == &n1_map_removed; i = (i - 1) & (N1_MAP_SLOTS - 1), n_used--)
            atomic_store_explicit(&entries[i].handle, NULL, memory_order_release);
}

void *n1_map_remove(enum n1_handle_kind kind, const void *handle)
{
    n1_lock_take(&lock);
    void *state = n1_map_find(kind, handle);
    if (state)
        clear(atomic_load(&n1_map_entries), n1_map_place(handle));
    n1_lock_give(&lock);
    return state;
}

void n1_map_forget(enum n1_handle_kind kind, const void *handle, const void *state)
{
    n1_lock_take(&lock);
    if (n1_map_find(kind, handle) == state)
        clear(atomic_load(&n1_map_entries), n1_map_place(handle));
    n1_lock_give(&lock);
}

struct n1_map_entry *n1_map_place(const void *handle)
{
    return place_of(atomic_load_explicit(&n1_map_entries, memory_order_acquire), handle);
}

void n1_map_after_fork(void)
{
    atomic_flag_clear(&lock.is_held);
}
