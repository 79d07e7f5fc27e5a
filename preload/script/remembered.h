/* Captures of script frames that a thread remembers, so that the frames of the next one need not be read again.
 *
 * An interpreter's frames stand at addresses that are used again and again: the same frame at the same position, with the
 * same frames around it, is what a loop of queries shows. A remembered capture is the list of its frames, innermost first:
 * where each stands, and a word that says where in what code it is (`at`). A chain of frames that gives the same list is the
 * same call path, and has the same signature; the list is walked, not the chain, so that no load waits for the one before.
 *
 *     one memory a thread → N1_REMEMBERED captures, by the address of the innermost frame → a word and a term a frame
 *     signature = mix(… ((1 * F + term of the innermost) * F + term of the next) …)
 *
 * Where a chain parts from the list, the signature goes on from the sum up to there, and frames further out that agree give
 * their terms without being read: a program that runs two queries in turn, below the same 25 frames, reads the few that
 * differ.
 *
 * A word means what it meant as long as no code was freed since: readers count that (`freed`), and a capture of another count
 * is not believed. Programs that free code all the time (templates, eval), or whose frames stand at new addresses each time
 * (coroutines), would remember in vain: after a while they rest for RESTS captures, which are read in full.
 *
 * Thread rule: a memory is its thread's, and readers run while the thread is busy (thread.h), never one within the other. A
 * longjmp out of a signal's handler may leave a capture half written: its count is 0 then.
 */
#ifndef N1_PRELOAD_REMEMBERED_H
#define N1_PRELOAD_REMEMBERED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/process.h"
#include "preload/script/frames.h"

enum {
    N1_REMEMBERED = 8,
    N1_REMEMBERED_FRAMES =
        2 * N1_FRAMES_MAX /* an interpreter may put a frame of its own between two of the program's */
};

struct n1_seen {
    const void *frame; /* behind the last one: N1_SEEN_END */
    uint64_t at;
};
#define N1_SEEN_END ((const void *)1)

/* Of a frame's place in the signature. */
struct n1_seen_sum {
    uint64_t before; /* of the frames further in */
    uint64_t term;
};

struct n1_remembered {
    uint64_t freed; /* the count that it belongs to; 0: none */
    uint64_t signature;
    uint32_t count; /* of frames; 0: nothing */
    struct n1_seen seen[N1_REMEMBERED_FRAMES + 1];
    struct n1_seen_sum sums[N1_REMEMBERED_FRAMES];
};

/* 130 KiB of address space; of a capture of 30 frames two pages are touched. */
struct n1_memory {
    const void *innermost[N1_REMEMBERED]; /* seen[0].frame of each; NULL: nothing */
    uint32_t last;                        /* where the capture before was */
    uint32_t agreed;                      /* captures that were known, since one was read */
    uint32_t vain;  /* captures that were read for the greater part, beyond those that were known */
    uint32_t rests; /* captures that are not remembered, still */
    uint32_t turn;  /* which one is overwritten next */
    struct n1_remembered captures[N1_REMEMBERED];
};

struct n1_frames_thread {
    struct n1_memory *memory; /* NULL: nothing yet */
    void **home;              /* where it is kept when the thread ends; NULL: nowhere */
};
extern N1_HIDDEN _Thread_local struct n1_frames_thread n1_frames_thread __attribute__((tls_model("initial-exec")));

/* The calling thread's, made when it has none. NULL: no memory, or it rests. */
struct n1_memory *n1_remembered_memory(void);

/* Where the captures with this innermost frame are kept; another one's is overwritten when there is none. */
struct n1_remembered *n1_remembered_place(struct n1_memory *memory, const void *frame);

/* A capture was written anew, `read` of its `count` frames by their content. */
void n1_remembered_note(struct n1_memory *memory, uint32_t read, uint32_t count);

/* The signature goes on by one frame. */
static inline uint64_t n1_remembered_sum(uint64_t before, uint64_t term)
{
    return before * UINT64_C(0x8ebc6af09c88c6e3) + term;
}

#endif
