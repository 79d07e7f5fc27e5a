/* Call frame information: finds the entry of an instruction in .eh_frame and runs its program up to that instruction.
 * (DWARF 5, section 6.4; Linux Standard Base, "Exception Frames" for what .eh_frame and .eh_frame_hdr add.)
 *
 * Reads the mapped image of a module without copying. Pure but for that; any thread.
 */
#ifndef N1_PRELOAD_UNWIND_CFI_H
#define N1_PRELOAD_UNWIND_CFI_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/binding/modules.h"

/* DWARF's numbers of the x86-64 registers. */
enum {
    N1_CFI_RBX = 3,
    N1_CFI_RBP = 6,
    N1_CFI_RSP = 7,
    N1_CFI_R12 = 12,
    N1_CFI_R13 = 13,
    N1_CFI_R14 = 14,
    N1_CFI_R15 = 15,
    N1_CFI_RETURN = 16,
    N1_CFI_REGISTERS = 17
};

enum n1_cfi_how {
    N1_CFI_SAME = 0,      /* the caller's value is still in the register */
    N1_CFI_UNDEFINED,     /* gone; for the return address: the outermost frame */
    N1_CFI_AT_OFFSET,     /* saved at CFA + offset */
    N1_CFI_IS_OFFSET,     /* CFA + offset itself */
    N1_CFI_REGISTER,      /* in another register: offset is its number; for the CFA see n1_cfi_row */
    N1_CFI_AT_EXPRESSION, /* saved where an expression says */
    N1_CFI_IS_EXPRESSION  /* what an expression says */
};

struct n1_cfi_rule {
    enum n1_cfi_how how;
    uint32_t expression_bytes;
    int64_t offset;
    const uint8_t *expression;
};

struct n1_cfi_row {
    /* N1_CFI_REGISTER: the value of register cfa_register plus cfa.offset; N1_CFI_IS_EXPRESSION. */
    struct n1_cfi_rule cfa;
    uint32_t cfa_register;
    bool is_signal_frame; /* the caller was interrupted, not calling: its address is exact */
    struct n1_cfi_rule registers[N1_CFI_REGISTERS];
};

/* Room for one run; large, so that the caller decides where it lies. */
#define N1_CFI_REMEMBERED 6
struct n1_cfi_space {
    struct n1_cfi_row row; /* the result */
    struct n1_cfi_row initial;
    struct n1_cfi_row remembered[N1_CFI_REMEMBERED];
};

/* The rules in force at address (for a return address: minus one). 0, or -1 when the module has none there or they are
 * malformed. */
int n1_cfi_find(const struct n1_module *module, uintptr_t address, struct n1_cfi_space *space);

/* ---- reading LEB128 and friends, shared with the expressions ------------------------------------------------------ */
struct n1_cfi_reader {
    const uint8_t *at, *end;
    bool is_over; /* ran past the end: everything read since is 0 */
};
uint64_t n1_cfi_fixed(struct n1_cfi_reader *in, uint32_t size_bytes);
uint64_t n1_cfi_uleb(struct n1_cfi_reader *in);
int64_t n1_cfi_sleb(struct n1_cfi_reader *in);

#endif
