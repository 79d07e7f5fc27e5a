/* DWARF expressions of call frame information (DWARF 5, section 2.5): a stack machine over the registers and the memory of
 * the frame. Every word that it reads and every register that it uses counts as something the walk depends on.
 *
 * Pure but for reads of the walk's memory.
 */
#ifndef N1_PRELOAD_UNWIND_EXPRESSION_H
#define N1_PRELOAD_UNWIND_EXPRESSION_H

#include <stdint.h>

#include "preload/stacks/unwind.h"
#include "preload/stacks/unwind_cfi.h"

/* The registers of a frame that is being walked. */
struct n1_unwind_registers {
    uint64_t value[N1_CFI_REGISTERS];
    uintptr_t origin[N1_CFI_REGISTERS]; /* where it was read, until that is checked; 0: nothing to check */
    uint32_t known;                     /* a bit for each */
};

/* The value of a register, checked. 0, or -1 when it is not known. */
int n1_unwind_use(struct n1_unwind *walk, struct n1_unwind_registers *registers, uint64_t number, uint64_t *value);

/* initial: pushed first when not NULL (the CFA, in the expressions of registers). 0, or -1: unknown operation, unreadable
 * memory, stack over- or underflow. */
int n1_unwind_evaluate(struct n1_unwind *walk, struct n1_unwind_registers *registers, const struct n1_cfi_rule *rule,
                       const uint64_t *initial, uint64_t *result);

#endif
