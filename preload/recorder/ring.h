/* The process's .ring file and its slots: where events go. A slot belongs to one thread at a time; its event bytes are mapped
 * MAP_SHARED, so that a record whose `committed` was stored survives SIGKILL. The file's blocks are allocated before they
 * are mapped: a full disk is an error then, not a SIGBUS later. A full slot is drained: its bytes become a chunk of the stream.
 *
 *     p = n1_slot_room(slot, bound);                 drains when needed; NULL: cannot fit at all
 *     end = n1_encode_…(&slot->encoder, p, …);
 *     n1_slot_commit(slot, end);
 *
 * A slot of a thread that has ended is taken over by the next new thread, with what it still holds: nothing is lost by a
 * thread's end and nothing runs at it.
 *
 * Thread rule: a slot's owner alone writes to it; a stage changes hands under `lock` (execution.h).
 */
#ifndef N1_PRELOAD_RING_H
#define N1_PRELOAD_RING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/lock.h"
#include "preload/base/process.h"
#include "preload/base/text.h"
#include "preload/recorder/window.h"
#include "preload/stacks/stack.h"
#include "trace/encode.h"

enum {
    N1_STAGES = 2,             /* executions of a thread whose cells wait at once: a cursor and its child */
    N1_STAGED_CELLS = 512,     /* cells of one list */
    N1_STAGED_TEXT = 16 * 1024 /* bytes of their real values */
};

enum { N1_PARKED = 8 };

struct n1_execution;
struct n1_statement;

/* Cells that wait for being written (execution.h). What they are is in the slot's front, the cells behind. */
struct n1_stage {
    _Atomic(struct n1_execution *) owner; /* NULL: nobody's */
    uint32_t n_cells;
    uint32_t text_bytes;
    struct n1_encode_cell *cell; /* N1_STAGED_CELLS */
    struct n1_window window;     /* integers, by column */
    char *text;                  /* N1_STAGED_TEXT; with --values; else never touched */
};

struct n1_slot {
    _Atomic uint32_t owner; /* tid; 0: free */
    uint32_t index;
    struct n1_slot_header *header; /* mapped; NULL: this slot has no place in the ring yet */
    uint8_t *bytes;                /* N1_SLOT_BYTES behind the header's page */
    uint32_t used;                 /* of bytes */
    uint32_t has_staged;           /* a stage was taken since the stages were last looked at */
    uint64_t statements;           /* finished since the last drain */
    struct n1_lock lock;           /* of stages that change hands between threads; never on the usual way */
    struct n1_stack_home stacks;
    struct n1_statement *parked[N1_PARKED]; /* by handle; hooks/sqlite.h */
    struct n1_stage stage[N1_STAGES];
    struct n1_encoder encoder;

    struct n1_text_cache texts;
    struct n1_encode_cell staged_cell[N1_STAGES][N1_STAGED_CELLS];
    struct n1_window_room window_room[N1_STAGES];
    char staged_text[N1_STAGES][N1_STAGED_TEXT];
};

/* Creates <directory>/<n1_process.stream_name>.ring. Returns 0, or -1: nothing is left, and it may be tried again. */
int n1_ring_open(void);
void n1_ring_after_fork(void);
/* Writes a pair of clock readings to the stream and to the ring's header. */
void n1_ring_clock(void);

/* A slot for this thread, or NULL when there is none (counted per execution by the caller). header->tid tells whether it was
 * another's: then n1_execution_suspend and n1_slot_rename come before anything else. Cold. */
struct n1_slot *n1_slot_take(uint32_t tid);
/* The former owner's events leave under its own name. */
void n1_slot_rename(struct n1_slot *slot, uint32_t tid);

/* Writes the slot's bytes to the stream and empties it. */
void n1_slot_drain(struct n1_slot *slot);

static inline uint8_t *n1_slot_room(struct n1_slot *slot, size_t bound)
{
    if (N1_UNLIKELY(slot->used + bound > N1_SLOT_BYTES)) {
        if (bound > N1_SLOT_BYTES)
            return NULL;
        n1_slot_drain(slot);
    }
    return slot->bytes + slot->used;
}

static inline void n1_slot_commit(struct n1_slot *slot, const uint8_t *end)
{
    const uint32_t used = (uint32_t)(end - slot->bytes);
    const uint64_t committed = slot->header->committed + (used - slot->used);
    slot->used = used;
    __atomic_store_n(&slot->header->committed, committed, __ATOMIC_RELEASE);
}

#endif
