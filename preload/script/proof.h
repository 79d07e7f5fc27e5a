/* The proof of an interpreter's layout, once in a process. A reader knows where fields should lie; before it follows them unchecked it
 * reads all that its first walk would read with every access checked, and finds that things are what they should be. What prove()
 * writes (offsets that it found) is seen by every thread that sees the proof stand.
 */
#ifndef N1_PRELOAD_PROOF_H
#define N1_PRELOAD_PROOF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/process.h"

enum n1_verdict { N1_UNPROVED /* nothing to look at yet: asked again */, N1_PROVED, N1_REFUSED };

struct n1_proof {
    _Atomic uint32_t verdict;
};

/* `of`: what the reader calls its interpreter or thread by. */
typedef enum n1_verdict n1_prove(uintptr_t of);

/* Another object is the interpreter now; by detect(). */
static inline void n1_proof_reset(struct n1_proof *proof)
{
    atomic_store(&proof->verdict, N1_UNPROVED);
}

/* Proves it, unless that was done. */
N1_COLD bool n1_proof_ask(struct n1_proof *proof, n1_prove *prove, uintptr_t of);

static inline bool n1_proof_stands(struct n1_proof *proof, n1_prove *prove, uintptr_t of)
{
    return N1_LIKELY(atomic_load_explicit(&proof->verdict, memory_order_acquire) == N1_PROVED) ||
           n1_proof_ask(proof, prove, of);
}

#endif
