/* One call path of native and script frames (frames.h says by which rule). Pure but for the ids of frames, which it looks up
 * under the stack lock.
 */
#ifndef N1_PRELOAD_STACK_MERGE_H
#define N1_PRELOAD_STACK_MERGE_H

#include "preload/script/frames.h"
#include "preload/stacks/stack_table.h"
#include "preload/stacks/unwind.h"

/* Writes at most N1_STACK_MAX words and returns how many; *is_cut is set when there would be more. The shim's own frames are
 * left out. */
uint32_t n1_stack_merge(const struct n1_unwind *walk, const struct n1_script_frame *scripts, uint32_t n_scripts,
                        struct n1_stack_word *words, bool *is_cut);

#endif
