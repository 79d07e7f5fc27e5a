/* The signature of CPython's frames: remembered captures (remembered.h), verified frame by frame; what differs is read.
 *
 * A remembered frame is the same when it stands at the same address at the same position and returns to the same frame, and no
 * code was freed in between: from 3.11 on the position is an address within the code object, before that the code object's
 * address is compared with it.
 */
#ifndef N1_PRELOAD_PYTHON_SIGN_H
#define N1_PRELOAD_PYTHON_SIGN_H

#include "preload/script/python_layout.h"

/* Of a thread's state whose frames were proved to be readable; equal for equal frames and run ends. */
typedef uint64_t n1_python_signer(const void *state);

extern n1_python_signer *const n1_python_signers[N1_PYTHON_LAYOUTS]; /* by layout */

#endif
