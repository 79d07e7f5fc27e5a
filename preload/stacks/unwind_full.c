#include "preload/stacks/unwind_full.h"

#include <stddef.h>
#include <string.h>

#include "preload/binding/modules.h"
#include "preload/stacks/stack_table.h"
#include "preload/stacks/unwind_cfi.h"
#include "preload/stacks/unwind_expression.h"
#include "preload/stacks/unwind_guess.h"
#include "preload/stacks/unwind_notes.h"

struct cursor {
    struct n1_unwind *walk;
    struct n1_unwind_registers now, next;
    bool is_exact; /* the instruction pointer is not a return address */
};

static void set_entry_register(struct cursor *cursor, uint32_t number, uint64_t value, size_t place)
{
    cursor->now.value[number] = value;
    cursor->now.origin[number] = cursor->walk->base + place;
    cursor->now.known |= 1U << number;
}

static void set_registers(struct cursor *cursor, const struct n1_unwind_entry *entry)
{
    set_entry_register(cursor, N1_CFI_RBX, entry->rbx, offsetof(struct n1_unwind_entry, rbx));
    set_entry_register(cursor, N1_CFI_RBP, entry->rbp, offsetof(struct n1_unwind_entry, rbp));
    set_entry_register(cursor, N1_CFI_R12, entry->r12, offsetof(struct n1_unwind_entry, r12));
    set_entry_register(cursor, N1_CFI_R13, entry->r13, offsetof(struct n1_unwind_entry, r13));
    set_entry_register(cursor, N1_CFI_R14, entry->r14, offsetof(struct n1_unwind_entry, r14));
    set_entry_register(cursor, N1_CFI_R15, entry->r15, offsetof(struct n1_unwind_entry, r15));
    set_entry_register(cursor, N1_CFI_RETURN, entry->return_address, offsetof(struct n1_unwind_entry, return_address));
    cursor->now.value[N1_CFI_RSP] = cursor->walk->base + sizeof *entry;
    cursor->now.known |= 1U << N1_CFI_RSP;
}

static int end_of(struct cursor *cursor, const struct n1_cfi_row *row, uint64_t *end)
{
    if (row->cfa.how == N1_CFI_IS_EXPRESSION)
        return n1_unwind_evaluate(cursor->walk, &cursor->now, &row->cfa, NULL, end);
    if (row->cfa.how != N1_CFI_REGISTER || n1_unwind_use(cursor->walk, &cursor->now, row->cfa_register, end))
        return -1;
    *end += (uint64_t)row->cfa.offset;
    return 0;
}

static void set_next(struct cursor *cursor, uint32_t number, uint64_t value, uintptr_t origin)
{
    cursor->next.value[number] = value;
    cursor->next.origin[number] = origin;
    cursor->next.known |= 1U << number;
}

/* One register of the caller. 0, or -1 when a word of it cannot be read. */
static int restore(struct cursor *cursor, uint32_t number, const struct n1_cfi_rule *rule, uint64_t end)
{
    uint64_t place = end + (uint64_t)rule->offset, value = 0;
    cursor->next.known &= ~(1U << number);
    switch (rule->how) {
    case N1_CFI_UNDEFINED: return 0;
    case N1_CFI_SAME: cursor->next.known |= cursor->now.known & 1U << number; return 0;
    case N1_CFI_IS_OFFSET: set_next(cursor, number, place, 0); return 0;
    case N1_CFI_REGISTER:
        if (n1_unwind_use(cursor->walk, &cursor->now, (uint64_t)rule->offset, &value))
            return 0;
        set_next(cursor, number, value, 0);
        return 0;
    case N1_CFI_IS_EXPRESSION:
        if (n1_unwind_evaluate(cursor->walk, &cursor->now, rule, &end, &value))
            return -1;
        set_next(cursor, number, value, 0);
        return 0;
    case N1_CFI_AT_EXPRESSION:
        if (n1_unwind_evaluate(cursor->walk, &cursor->now, rule, &end, &place))
            return -1;
        break;
    case N1_CFI_AT_OFFSET: break;
    }
    if (n1_unwind_read(cursor->walk, (uintptr_t)place, &value))
        return -1;
    set_next(cursor, number, value, (uintptr_t)place);
    return 0;
}

/* Frame pointers, for code without unwind tables. */
static const struct n1_cfi_row frame_pointers = {
    .cfa = {.how = N1_CFI_REGISTER, .offset = 16},
    .cfa_register = N1_CFI_RBP,
    .registers = {[N1_CFI_RBP] = {.how = N1_CFI_AT_OFFSET, .offset = -16},
                  [N1_CFI_RETURN] = {.how = N1_CFI_AT_OFFSET, .offset = -8}},
};

/* An address that the tables of its object do not know: the outermost frame. */
static const struct n1_cfi_row unknown = {.registers = {[N1_CFI_RETURN] = {.how = N1_CFI_UNDEFINED}}};

/* Moves to the caller; false at the outermost frame. */
static bool step(struct cursor *cursor, struct n1_cfi_space *space)
{
    const uint64_t ip = cursor->now.value[N1_CFI_RETURN], sp = cursor->now.value[N1_CFI_RSP];
    const uintptr_t address = (uintptr_t)ip - !cursor->is_exact;
    const uint32_t module = n1_module_find(address);
    const struct n1_cfi_row *row = &frame_pointers;
    const bool is_guess = n1_unwind_is_guess(module);
    uint64_t end = 0, next_ip = 0, next_sp = 0;
    if (!is_guess)
        row = n1_cfi_find(n1_module_at(module), address, space) == 0 ? &space->row : &unknown;
    const enum n1_cfi_how back = row->registers[N1_CFI_RETURN].how;
    const bool is_outermost = back == N1_CFI_UNDEFINED || back == N1_CFI_SAME;
    if (is_outermost || end_of(cursor, row, &end) || (is_guess && !n1_unwind_is_plausible(cursor->walk, sp, end)))
        end = 0;
    if (module == N1_MODULE_NONE && !cursor->is_exact && !n1_unwind_is_after_call((uintptr_t)ip))
        return false;
    if (!n1_unwind_add(cursor->walk, address + 1, (uintptr_t)end, module))
        return false;
    if (end == 0 || end % N1_UNWIND_WORD_BYTES || (end <= sp && !row->is_signal_frame))
        return false;
    cursor->next = cursor->now;
    set_next(cursor, N1_CFI_RSP, end, 0);
    for (uint32_t i = 0; i < N1_CFI_REGISTERS; i++)
        if (i != N1_CFI_RSP || row->registers[i].how != N1_CFI_SAME)
            if (restore(cursor, i, &row->registers[i], end))
                return false;
    if (n1_unwind_use(cursor->walk, &cursor->next, N1_CFI_RSP, &next_sp) ||
        n1_unwind_use(cursor->walk, &cursor->next, N1_CFI_RETURN, &next_ip))
        return false;
    cursor->now = cursor->next;
    cursor->is_exact = row->is_signal_frame;
    return next_ip != 0;
}

void n1_unwind_walk_full(struct n1_unwind *walk, const struct n1_unwind_entry *entry)
{
    static struct n1_cfi_space space; /* under the stack lock, like the module table */
    struct cursor cursor = {.walk = walk};
    uint64_t ip;
    set_registers(&cursor, entry);
    walk->is_broken = n1_unwind_use(walk, &cursor.now, N1_CFI_RETURN, &ip) || !n1_stack_lock();
    if (walk->is_broken)
        return;
    while (step(&cursor, &space))
        continue;
    n1_stack_unlock();
}
