#include "preload/stacks/unwind_expression.h"

#include <stdbool.h>

#include "preload/stacks/unwind_notes.h"

#define DEPTH     32U
#define STEPS_MAX 1000U /* expressions may loop */

enum {
    OP_ADDR = 0x03,
    OP_DEREF = 0x06,
    OP_CONST1U = 0x08,
    OP_CONST1S,
    OP_CONST2U,
    OP_CONST2S,
    OP_CONST4U,
    OP_CONST4S,
    OP_CONST8U,
    OP_CONST8S,
    OP_CONSTU,
    OP_CONSTS,
    OP_DUP,
    OP_DROP,
    OP_OVER,
    OP_PICK,
    OP_SWAP,
    OP_ROT,
    OP_ABS = 0x19,
    OP_AND,
    OP_DIV,
    OP_MINUS,
    OP_MOD,
    OP_MUL,
    OP_NEG,
    OP_NOT,
    OP_OR,
    OP_PLUS,
    OP_PLUS_UCONST,
    OP_SHL,
    OP_SHR,
    OP_SHRA,
    OP_XOR,
    OP_BRA,
    OP_EQ,
    OP_GE,
    OP_GT,
    OP_LE,
    OP_LT,
    OP_NE,
    OP_SKIP,
    OP_LIT0 = 0x30,
    OP_LIT31 = 0x4f,
    OP_BREG0 = 0x70,
    OP_BREG31 = 0x8f,
    OP_BREGX = 0x92,
    OP_DEREF_SIZE = 0x94,
    OP_NOP = 0x96
};

struct machine {
    struct n1_unwind *walk;
    struct n1_unwind_registers *registers;
    struct n1_cfi_reader in;
    const uint8_t *start;
    uint64_t stack[DEPTH];
    uint32_t depth;
    bool is_broken;
};

static void push(struct machine *machine, uint64_t value)
{
    if (machine->depth == DEPTH)
        machine->is_broken = true;
    else
        machine->stack[machine->depth++] = value;
}

static uint64_t pop(struct machine *machine)
{
    if (machine->depth == 0) {
        machine->is_broken = true;
        return 0;
    }
    return machine->stack[--machine->depth];
}

static uint64_t peek(struct machine *machine, uint64_t from_top)
{
    if (from_top >= machine->depth) {
        machine->is_broken = true;
        return 0;
    }
    return machine->stack[machine->depth - 1 - from_top];
}

int n1_unwind_use(struct n1_unwind *walk, struct n1_unwind_registers *registers, uint64_t number, uint64_t *value)
{
    if (number >= N1_CFI_REGISTERS || !(registers->known >> number & 1))
        return -1;
    if (registers->origin[number])
        n1_unwind_check(walk, registers->origin[number], registers->value[number]);
    registers->origin[number] = 0;
    *value = registers->value[number];
    return 0;
}

static void push_register(struct machine *machine, uint64_t number)
{
    uint64_t value = 0;
    if (n1_unwind_use(machine->walk, machine->registers, number, &value))
        machine->is_broken = true;
    push(machine, value + (uint64_t)n1_cfi_sleb(&machine->in));
}

static void dereference(struct machine *machine, uint64_t size_bytes)
{
    const uint64_t address = pop(machine);
    uint64_t word = 0;
    if (machine->is_broken || size_bytes == 0 || size_bytes > 8 ||
        n1_unwind_read(machine->walk, (uintptr_t)address, &word)) {
        machine->is_broken = true;
        return;
    }
    n1_unwind_check(machine->walk, (uintptr_t)address, word);
    push(machine, size_bytes == 8 ? word : word & ((UINT64_C(1) << size_bytes * 8) - 1));
}

static void jump(struct machine *machine, bool is_taken)
{
    const int16_t distance = (int16_t)n1_cfi_fixed(&machine->in, 2);
    const intptr_t target = machine->in.at - machine->start + distance;
    if (!is_taken)
        return;
    if (target < 0 || target > machine->in.end - machine->start)
        machine->is_broken = true;
    else
        machine->in.at = machine->start + target;
}

/* DWARF divides signed and takes the remainder unsigned. */
static uint64_t quotient(struct machine *machine, uint64_t a, uint64_t b)
{
    machine->is_broken |= b == 0;
    if (b == 0 || b == UINT64_MAX)
        return 0 - a;
    return (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t remainder_of(struct machine *machine, uint64_t a, uint64_t b)
{
    machine->is_broken |= b == 0;
    return b ? a % b : 0;
}

static void combine(struct machine *machine, uint8_t op)
{
    const uint64_t b = pop(machine), a = pop(machine);
    const int64_t sa = (int64_t)a, sb = (int64_t)b;
    switch (op) {
    case OP_AND: push(machine, a & b); break;
    case OP_OR: push(machine, a | b); break;
    case OP_XOR: push(machine, a ^ b); break;
    case OP_PLUS: push(machine, a + b); break;
    case OP_MINUS: push(machine, a - b); break;
    case OP_MUL: push(machine, a * b); break;
    case OP_DIV: push(machine, quotient(machine, a, b)); break;
    case OP_MOD: push(machine, remainder_of(machine, a, b)); break;
    case OP_SHL: push(machine, b < 64 ? a << b : 0); break;
    case OP_SHR: push(machine, b < 64 ? a >> b : 0); break;
    case OP_SHRA: push(machine, (uint64_t)(sa >> (b < 64 ? b : 63))); break;
    case OP_EQ: push(machine, sa == sb); break;
    case OP_GE: push(machine, sa >= sb); break;
    case OP_GT: push(machine, sa > sb); break;
    case OP_LE: push(machine, sa <= sb); break;
    case OP_LT: push(machine, sa < sb); break;
    case OP_NE: push(machine, sa != sb); break;
    default: machine->is_broken = true;
    }
}

static void rotate(struct machine *machine)
{
    const uint64_t a = pop(machine), b = pop(machine), c = pop(machine);
    push(machine, a);
    push(machine, c);
    push(machine, b);
}

static void swap(struct machine *machine)
{
    const uint64_t a = pop(machine), b = pop(machine);
    push(machine, a);
    push(machine, b);
}

static void step(struct machine *machine)
{
    struct n1_cfi_reader *in = &machine->in;
    const uint8_t op = *in->at++;
    if (op >= OP_LIT0 && op <= OP_LIT31) {
        push(machine, (uint64_t)(op - OP_LIT0));
        return;
    }
    if (op >= OP_BREG0 && op <= OP_BREG31) {
        push_register(machine, (uint64_t)(op - OP_BREG0));
        return;
    }
    switch (op) {
    case OP_NOP: break;
    case OP_ADDR:
    case OP_CONST8U:
    case OP_CONST8S: push(machine, n1_cfi_fixed(in, 8)); break;
    case OP_CONST1U: push(machine, n1_cfi_fixed(in, 1)); break;
    case OP_CONST1S: push(machine, (uint64_t)(int64_t)(int8_t)n1_cfi_fixed(in, 1)); break;
    case OP_CONST2U: push(machine, n1_cfi_fixed(in, 2)); break;
    case OP_CONST2S: push(machine, (uint64_t)(int64_t)(int16_t)n1_cfi_fixed(in, 2)); break;
    case OP_CONST4U: push(machine, n1_cfi_fixed(in, 4)); break;
    case OP_CONST4S: push(machine, (uint64_t)(int64_t)(int32_t)n1_cfi_fixed(in, 4)); break;
    case OP_CONSTU: push(machine, n1_cfi_uleb(in)); break;
    case OP_CONSTS: push(machine, (uint64_t)n1_cfi_sleb(in)); break;
    case OP_BREGX: push_register(machine, n1_cfi_uleb(in)); break;
    case OP_DUP: push(machine, peek(machine, 0)); break;
    case OP_OVER: push(machine, peek(machine, 1)); break;
    case OP_PICK: push(machine, peek(machine, n1_cfi_fixed(in, 1))); break;
    case OP_DROP: pop(machine); break;
    case OP_SWAP: swap(machine); break;
    case OP_ROT: rotate(machine); break;
    case OP_DEREF: dereference(machine, 8); break;
    case OP_DEREF_SIZE: dereference(machine, n1_cfi_fixed(in, 1)); break;
    case OP_ABS: {
        const uint64_t a = pop(machine);
        push(machine, (int64_t)a < 0 ? 0 - a : a);
        break;
    }
    case OP_NEG: push(machine, 0 - pop(machine)); break;
    case OP_NOT: push(machine, ~pop(machine)); break;
    case OP_PLUS_UCONST: push(machine, pop(machine) + n1_cfi_uleb(in)); break;
    case OP_SKIP: jump(machine, true); break;
    case OP_BRA: jump(machine, pop(machine) != 0); break;
    default: combine(machine, op);
    }
}

int n1_unwind_evaluate(struct n1_unwind *walk, struct n1_unwind_registers *registers, const struct n1_cfi_rule *rule,
                       const uint64_t *initial, uint64_t *result)
{
    struct machine machine = {.walk = walk,
                              .registers = registers,
                              .in = {.at = rule->expression, .end = rule->expression + rule->expression_bytes},
                              .start = rule->expression};
    uint32_t steps = 0;
    if (initial)
        push(&machine, *initial);
    while (machine.in.at < machine.in.end && !machine.is_broken && !machine.in.is_over && steps++ < STEPS_MAX)
        step(&machine);
    *result = pop(&machine);
    return machine.is_broken || machine.in.is_over || steps > STEPS_MAX ? -1 : 0;
}
