/* Handles of the database libraries (sqlite3_stmt*, sqlite3*, PGconn*) to the recorder's own state of them. Open addressing,
 * N1_MAP_SLOTS places. Look-ups take no lock and never see a key move; adding and removing take one.
 *
 * A handle has a kind: an address whose end was not seen (closed inside a library that calls itself directly) may be another
 * kind's handle by now, and its state is then nobody's.
 *
 * A handle belongs to one thread at a time (its library demands it), so a look-up never races with the removal of its own
 * key, only with that of others. Full map: the handle has no state, its statements are counted as lost.
 */
#ifndef N1_PRELOAD_MAP_H
#define N1_PRELOAD_MAP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/process.h"

#define N1_MAP_SLOTS 32768U
#define N1_MAP_FULL  (N1_MAP_SLOTS / 4U * 3U)

/* PARKED: the handle is gone, its state waits for another statement at that address (hooks/sqlite.h); it is found by nobody. */
enum n1_handle_kind { N1_HANDLE_DATABASE, N1_HANDLE_STATEMENT, N1_HANDLE_CONNECTION, N1_HANDLE_PARKED };

struct n1_map_entry {
    _Atomic(const void *) handle; /* NULL: empty; &n1_map_removed: was used, others may stand behind it */
    _Atomic uintptr_t state;      /* an address; its two lowest bits are the kind */
};
#define N1_MAP_KIND ((uintptr_t)3)
extern N1_HIDDEN _Atomic(struct n1_map_entry *) n1_map_entries;
extern N1_HIDDEN const char n1_map_removed;

static inline uint32_t n1_map_index(const void *handle)
{
    return (uint32_t)(((uint64_t)(uintptr_t)handle * 0x9e3779b97f4a7c15ULL) >> 49);
}

static inline void *n1_map_state(uintptr_t state, enum n1_handle_kind kind)
{
    return (state & N1_MAP_KIND) == kind ? (void *)(state - kind) : NULL;
}

static inline void *n1_map_find(enum n1_handle_kind kind, const void *handle)
{
    struct n1_map_entry *entries = atomic_load_explicit(&n1_map_entries, memory_order_acquire);
    if (!entries || !handle)
        return NULL;
    for (uint32_t i = n1_map_index(handle);; i = (i + 1) & (N1_MAP_SLOTS - 1)) {
        const void *at = atomic_load_explicit(&entries[i].handle, memory_order_acquire);
        if (at == handle)
            return n1_map_state(atomic_load_explicit(&entries[i].state, memory_order_relaxed), kind);
        if (!at)
            return NULL;
    }
}

/* Returns 0, or -1 when the map is full. A state of this kind that the handle had before is replaced and given to *before (else
 * NULL); one of another kind is forgotten. state: a multiple of 4. */
int n1_map_add(enum n1_handle_kind kind, const void *handle, void *state, void **before);
/* Returns the state that was removed, or NULL. */
void *n1_map_remove(enum n1_handle_kind kind, const void *handle);
/* Removes it unless the handle has another state by now. */
void n1_map_forget(enum n1_handle_kind kind, const void *handle, const void *state);
void n1_map_after_fork(void);

/* ---- by the handle's owner, without a lock: entries do not move ------------------------------------------------------ */
/* The entry of a handle that is there. */
struct n1_map_entry *n1_map_place(const void *handle);

static inline bool n1_map_is(const struct n1_map_entry *entry, enum n1_handle_kind kind, const void *handle,
                             const void *state)
{
    return atomic_load_explicit(&entry->handle, memory_order_acquire) == handle &&
           atomic_load_explicit(&entry->state, memory_order_relaxed) == ((uintptr_t)state | kind);
}

static inline void n1_map_set(struct n1_map_entry *entry, enum n1_handle_kind kind, const void *state)
{
    atomic_store_explicit(&entry->state, (uintptr_t)state | kind, memory_order_relaxed);
}

#endif
