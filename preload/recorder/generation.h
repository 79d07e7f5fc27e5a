/* The start of recording: of a process at its first hooked call, of a forked child at its first one after the fork. Each start is
 * a generation (n1_live, process.h) with a stream and a ring of its own.
 *
 * A process whose files cannot be made (no descriptor left, a folder that is read-only, a full disk) records nevertheless: no
 * thread has a slot then, every execution is counted as lost, and the files are tried again (retry.h, thread.c).
 *
 * In a forked child every lock of the rooms below may be held by a thread that it has not: they are set free first. Any thread;
 * cold.
 */
#ifndef N1_PRELOAD_GENERATION_H
#define N1_PRELOAD_GENERATION_H

#include <stdint.h>

/* Makes this process record, once for each generation. Returns the generation, or 0 when it does not record. Keeps errno. */
uint32_t n1_generation_start(void);

/* Makes the stream and the ring of this generation unless they are there. Returns 0 or -1. */
int n1_generation_open_files(void);

#endif
