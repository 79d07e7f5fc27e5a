#include "preload/stacks/unwind_cfi.h"

#include <string.h>

/* Encodings of pointers (DW_EH_PE_*): low nibble the form, high nibble what it is relative to. */
enum {
    FORM_POINTER = 0x00,
    FORM_ULEB = 0x01,
    FORM_U2 = 0x02,
    FORM_U4 = 0x03,
    FORM_U8 = 0x04,
    FORM_SLEB = 0x09,
    FORM_S2 = 0x0a,
    FORM_S4 = 0x0b,
    FORM_S8 = 0x0c,
    RELATIVE_TO_PLACE = 0x10,
    RELATIVE_TO_TABLE = 0x30,
    INDIRECT = 0x80,
    OMITTED = 0xff
};

struct common {
    const uint8_t *program, *program_end;
    uint64_t code_factor;
    int64_t data_factor;
    uint64_t return_register;
    uint8_t address_encoding;
    bool has_augmentation_size;
    bool is_signal_frame;
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

uint64_t n1_cfi_fixed(struct n1_cfi_reader *in, uint32_t size_bytes)
{
    uint64_t value = 0;
    if (in->is_over || (size_t)(in->end - in->at) < size_bytes) {
        in->is_over = true;
        return 0;
    }
    memcpy(&value, in->at, size_bytes);
    in->at += size_bytes;
    return value;
}

uint64_t n1_cfi_uleb(struct n1_cfi_reader *in)
{
    uint64_t value = 0;
    for (uint32_t shift = 0; in->at < in->end; shift += 7) {
        const uint8_t byte = *in->at++;
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    in->is_over = true;
    return 0;
}

int64_t n1_cfi_sleb(struct n1_cfi_reader *in)
{
    uint64_t value = 0;
    for (uint32_t shift = 0; in->at < in->end;) {
        const uint8_t byte = *in->at++;
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if (!(byte & 0x80)) {
            if ((byte & 0x40) && shift < 64)
                value |= ~UINT64_C(0) << shift;
            return (int64_t)value;
        }
    }
    in->is_over = true;
    return 0;
}

static uint64_t read_form(struct n1_cfi_reader *in, uint8_t encoding)
{
    switch (encoding & 0x0f) {
    case FORM_POINTER:
    case FORM_U8:
    case FORM_S8: return n1_cfi_fixed(in, 8);
    case FORM_ULEB: return n1_cfi_uleb(in);
    case FORM_SLEB: return (uint64_t)n1_cfi_sleb(in);
    case FORM_U2: return n1_cfi_fixed(in, 2);
    case FORM_S2: return (uint64_t)(int64_t)(int16_t)n1_cfi_fixed(in, 2);
    case FORM_U4: return n1_cfi_fixed(in, 4);
    case FORM_S4: return (uint64_t)(int64_t)(int32_t)n1_cfi_fixed(in, 4);
    default: in->is_over = true; return 0;
    }
}

/* A pointer that is not followed: indirection only stands before personality routines, which nobody needs here. */
static uint64_t read_pointer(struct n1_cfi_reader *in, uint8_t encoding, const uint8_t *table)
{
    const uint64_t place = (uint64_t)(uintptr_t)in->at;
    const uint64_t value = read_form(in, encoding);
    switch (encoding & 0x70) {
    case 0: return value;
    case RELATIVE_TO_PLACE: return value ? place + value : 0;
    case RELATIVE_TO_TABLE: return (uint64_t)(uintptr_t)table + value;
    default: in->is_over = true; return 0;
    }
}

/* The content of the length-prefixed entry at in->at, which is moved behind it. False at the end of the section. */
static bool next_entry(struct n1_cfi_reader *in, struct n1_cfi_reader *entry)
{
    uint64_t size_bytes = n1_cfi_fixed(in, 4);
    if (size_bytes == 0xffffffff)
        size_bytes = n1_cfi_fixed(in, 8);
    if (in->is_over || size_bytes == 0 || size_bytes > (uint64_t)(in->end - in->at))
        return false;
    *entry = (struct n1_cfi_reader){.at = in->at, .end = in->at + size_bytes};
    in->at += size_bytes;
    return true;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static int read_common(const struct n1_module *module, const uint8_t *at, struct common *common)
{
    struct n1_cfi_reader section = {.at = at, .end = (const uint8_t *)module->end}, in;
    *common = (struct common){.address_encoding = FORM_POINTER};
    if (at < (const uint8_t *)module->start || at >= (const uint8_t *)module->end || !next_entry(&section, &in) ||
        n1_cfi_fixed(&in, 4) != 0)
        return -1;
    const uint64_t version = n1_cfi_fixed(&in, 1);
    const char *augmentation = (const char *)in.at;
    const uint8_t *terminator = memchr(in.at, 0, (size_t)(in.end - in.at));
    if ((version != 1 && version != 3) || !terminator)
        return -1;
    in.at = terminator + 1;
    common->code_factor = n1_cfi_uleb(&in);
    common->data_factor = n1_cfi_sleb(&in);
    common->return_register = version == 1 ? n1_cfi_fixed(&in, 1) : n1_cfi_uleb(&in);
    if (*augmentation == 'z') {
        const uint64_t size_bytes = n1_cfi_uleb(&in);
        if (in.is_over || size_bytes > (uint64_t)(in.end - in.at))
            return -1;
        const uint8_t *behind = in.at + size_bytes;
        common->has_augmentation_size = true;
        for (const char *letter = augmentation + 1; *letter; letter++) {
            if (*letter == 'R')
                common->address_encoding = (uint8_t)n1_cfi_fixed(&in, 1);
            else if (*letter == 'S')
                common->is_signal_frame = true;
            else if (*letter == 'L')
                n1_cfi_fixed(&in, 1);
            else if (*letter == 'P')
                read_pointer(&in, (uint8_t)n1_cfi_fixed(&in, 1) & 0x7f, NULL);
            else
                break; /* an extension: its data are skipped by their size */
        }
        in.at = behind;
        in.is_over = false;
    } else if (*augmentation) {
        return -1;
    }
    common->program = in.at;
    common->program_end = in.end;
    return in.is_over ? -1 : 0;
}

/* The frame description entry at `at`: its common part and its program when it covers address. */
static int read_description(const struct n1_module *module, const uint8_t *at, uintptr_t address, struct common *common,
                            struct n1_cfi_reader *program, uintptr_t *start)
{
    struct n1_cfi_reader section = {.at = at, .end = (const uint8_t *)module->end}, in;
    if (at < (const uint8_t *)module->start || at >= (const uint8_t *)module->end || !next_entry(&section, &in))
        return -1;
    const uint8_t *place = in.at;
    const uint64_t distance = n1_cfi_fixed(&in, 4);
    if (distance == 0 || read_common(module, place - distance, common))
        return -1;
    *start = read_pointer(&in, common->address_encoding, NULL);
    const uint64_t size_bytes = read_form(&in, common->address_encoding & 0x0f);
    if (in.is_over || address < *start || address - *start >= size_bytes)
        return -1;
    if (common->has_augmentation_size) {
        const uint64_t skip = n1_cfi_uleb(&in);
        if (in.is_over || skip > (uint64_t)(in.end - in.at))
            return -1;
        in.at += skip;
    }
    *program = in;
    return 0;
}

/* The search table: pairs of 32-bit distances from the table's start (function, entry), sorted. */
static const uint8_t *search(const uint8_t *table, const uint8_t *pairs, uint64_t count, uintptr_t address)
{
    const int64_t wanted = (int64_t)(address - (uintptr_t)table);
    uint64_t low = 0, high = count;
    int32_t pair[2];
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        memcpy(pair, pairs + middle * sizeof pair, sizeof pair);
        if (pair[0] <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    memcpy(pair, pairs + (low - 1) * sizeof pair, sizeof pair);
    return table + pair[1];
}

static int find_description(const struct n1_module *module, uintptr_t address, struct common *common,
                            struct n1_cfi_reader *program, uintptr_t *start)
{
    const uint8_t *table = module->unwind_table;
    struct n1_cfi_reader in = {.at = table, .end = (const uint8_t *)module->end};
    if (!table || n1_cfi_fixed(&in, 1) != 1)
        return -1;
    const uint8_t frame_encoding = (uint8_t)n1_cfi_fixed(&in, 1), count_encoding = (uint8_t)n1_cfi_fixed(&in, 1),
                  pair_encoding = (uint8_t)n1_cfi_fixed(&in, 1);
    const uint8_t *frames = (const uint8_t *)(uintptr_t)read_pointer(&in, frame_encoding, table);
    if (count_encoding != OMITTED && pair_encoding == (RELATIVE_TO_TABLE | FORM_S4)) {
        const uint64_t count = read_pointer(&in, count_encoding, table);
        if (in.is_over || count > (uint64_t)(in.end - in.at) / 8)
            return -1;
        const uint8_t *at = search(table, in.at, count, address);
        return at ? read_description(module, at, address, common, program, start) : -1;
    }
    if (frames < (const uint8_t *)module->start || frames >= (const uint8_t *)module->end)
        return -1;
    struct n1_cfi_reader section = {.at = frames, .end = (const uint8_t *)module->end}, entry;
    for (const uint8_t *at = section.at; next_entry(&section, &entry); at = section.at)
        if (read_description(module, at, address, common, program, start) == 0)
            return 0;
    return -1;
}

/* ---- the program ------------------------------------------------------------------------------------------------- */

enum {
    OP_ADVANCE = 0x40,
    OP_OFFSET = 0x80,
    OP_RESTORE = 0xc0,
    OP_NOP = 0x00,
    OP_SET_LOC,
    OP_ADVANCE1,
    OP_ADVANCE2,
    OP_ADVANCE4,
    OP_OFFSET_EXTENDED,
    OP_RESTORE_EXTENDED,
    OP_UNDEFINED,
    OP_SAME_VALUE,
    OP_REGISTER,
    OP_REMEMBER,
    OP_RESTORE_STATE,
    OP_DEF_CFA,
    OP_DEF_CFA_REGISTER,
    OP_DEF_CFA_OFFSET,
    OP_DEF_CFA_EXPRESSION,
    OP_EXPRESSION,
    OP_OFFSET_EXTENDED_SF,
    OP_DEF_CFA_SF,
    OP_DEF_CFA_OFFSET_SF,
    OP_VAL_OFFSET,
    OP_VAL_OFFSET_SF,
    OP_VAL_EXPRESSION,
    OP_GNU_ARGS_SIZE = 0x2e,
    OP_GNU_NEGATIVE_OFFSET = 0x2f
};

struct machine {
    const struct common *common;
    struct n1_cfi_space *space;
    uintptr_t location;
    uint32_t depth; /* of remembered rows */
};

static void set(struct n1_cfi_row *row, uint64_t number, enum n1_cfi_how how, int64_t offset)
{
    if (number < N1_CFI_REGISTERS)
        row->registers[number] = (struct n1_cfi_rule){.how = how, .offset = offset};
}

static void set_expression(struct n1_cfi_reader *in, struct n1_cfi_rule *rule, enum n1_cfi_how how)
{
    const uint64_t size_bytes = n1_cfi_uleb(in);
    if (in->is_over || size_bytes > (uint64_t)(in->end - in->at)) {
        in->is_over = true;
        return;
    }
    if (rule)
        *rule = (struct n1_cfi_rule){.how = how, .expression = in->at, .expression_bytes = (uint32_t)size_bytes};
    in->at += size_bytes;
}

static void set_cfa(struct n1_cfi_row *row, uint64_t number, int64_t offset)
{
    row->cfa = (struct n1_cfi_rule){.how = N1_CFI_REGISTER, .offset = offset};
    row->cfa_register = (uint32_t)number;
}

static struct n1_cfi_rule *rule_of(struct n1_cfi_row *row, uint64_t number)
{
    return number < N1_CFI_REGISTERS ? &row->registers[number] : NULL;
}

static void restore(struct machine *machine, uint64_t number)
{
    if (number < N1_CFI_REGISTERS)
        machine->space->row.registers[number] = machine->space->initial.registers[number];
}

/* The instructions that are not packed into their first two bits. False: unknown or malformed. */
static bool run_extended(struct machine *machine, uint8_t op, struct n1_cfi_reader *in)
{
    struct n1_cfi_row *row = &machine->space->row;
    const int64_t factor = machine->common->data_factor;
    uint64_t number;
    switch (op) {
    case OP_NOP: return true;
    case OP_SET_LOC: machine->location = read_pointer(in, machine->common->address_encoding, NULL); return true;
    case OP_ADVANCE1: machine->location += n1_cfi_fixed(in, 1) * machine->common->code_factor; return true;
    case OP_ADVANCE2: machine->location += n1_cfi_fixed(in, 2) * machine->common->code_factor; return true;
    case OP_ADVANCE4: machine->location += n1_cfi_fixed(in, 4) * machine->common->code_factor; return true;
    case OP_OFFSET_EXTENDED:
        number = n1_cfi_uleb(in);
        set(row, number, N1_CFI_AT_OFFSET, (int64_t)n1_cfi_uleb(in) * factor);
        return true;
    case OP_OFFSET_EXTENDED_SF:
        number = n1_cfi_uleb(in);
        set(row, number, N1_CFI_AT_OFFSET, n1_cfi_sleb(in) * factor);
        return true;
    case OP_GNU_NEGATIVE_OFFSET:
        number = n1_cfi_uleb(in);
        set(row, number, N1_CFI_AT_OFFSET, -(int64_t)n1_cfi_uleb(in) * factor);
        return true;
    case OP_VAL_OFFSET:
        number = n1_cfi_uleb(in);
        set(row, number, N1_CFI_IS_OFFSET, (int64_t)n1_cfi_uleb(in) * factor);
        return true;
    case OP_VAL_OFFSET_SF:
        number = n1_cfi_uleb(in);
        set(row, number, N1_CFI_IS_OFFSET, n1_cfi_sleb(in) * factor);
        return true;
    case OP_RESTORE_EXTENDED: restore(machine, n1_cfi_uleb(in)); return true;
    case OP_UNDEFINED: set(row, n1_cfi_uleb(in), N1_CFI_UNDEFINED, 0); return true;
    case OP_SAME_VALUE: set(row, n1_cfi_uleb(in), N1_CFI_SAME, 0); return true;
    case OP_REGISTER:
        number = n1_cfi_uleb(in);
        set(row, number, N1_CFI_REGISTER, (int64_t)n1_cfi_uleb(in));
        return true;
    case OP_REMEMBER:
        if (machine->depth == N1_CFI_REMEMBERED)
            return false;
        machine->space->remembered[machine->depth++] = *row;
        return true;
    case OP_RESTORE_STATE:
        if (machine->depth == 0)
            return false;
        *row = machine->space->remembered[--machine->depth];
        return true;
    case OP_DEF_CFA:
        number = n1_cfi_uleb(in);
        set_cfa(row, number, (int64_t)n1_cfi_uleb(in));
        return true;
    case OP_DEF_CFA_SF:
        number = n1_cfi_uleb(in);
        set_cfa(row, number, n1_cfi_sleb(in) * factor);
        return true;
    case OP_DEF_CFA_REGISTER: row->cfa_register = (uint32_t)n1_cfi_uleb(in); return true;
    case OP_DEF_CFA_OFFSET: row->cfa.offset = (int64_t)n1_cfi_uleb(in); return true;
    case OP_DEF_CFA_OFFSET_SF: row->cfa.offset = n1_cfi_sleb(in) * factor; return true;
    case OP_DEF_CFA_EXPRESSION: set_expression(in, &row->cfa, N1_CFI_IS_EXPRESSION); return true;
    case OP_EXPRESSION:
        number = n1_cfi_uleb(in);
        set_expression(in, rule_of(row, number), N1_CFI_AT_EXPRESSION);
        return true;
    case OP_VAL_EXPRESSION:
        number = n1_cfi_uleb(in);
        set_expression(in, rule_of(row, number), N1_CFI_IS_EXPRESSION);
        return true;
    case OP_GNU_ARGS_SIZE: n1_cfi_uleb(in); return true;
    default: return false;
    }
}

/* Runs until the program ends or passes address. */
static int run(struct machine *machine, struct n1_cfi_reader in, uintptr_t address)
{
    const struct common *common = machine->common;
    while (in.at < in.end) {
        const uint8_t byte = *in.at++, low = byte & 0x3f;
        switch (byte & 0xc0) {
        case OP_ADVANCE: machine->location += low * common->code_factor; break;
        case OP_OFFSET:
            set(&machine->space->row, low, N1_CFI_AT_OFFSET, (int64_t)n1_cfi_uleb(&in) * common->data_factor);
            break;
        case OP_RESTORE: restore(machine, low); break;
        default:
            if (!run_extended(machine, low, &in))
                return -1;
        }
        if (in.is_over)
            return -1;
        if (machine->location > address)
            return 0;
    }
    return 0;
}

int n1_cfi_find(const struct n1_module *module, uintptr_t address, struct n1_cfi_space *space)
{
    struct common common;
    struct n1_cfi_reader program;
    struct machine machine = {.common = &common, .space = space};
    if (find_description(module, address, &common, &program, &machine.location) ||
        common.return_register != N1_CFI_RETURN)
        return -1;
    memset(&space->row, 0, sizeof space->row);
    const struct n1_cfi_reader initial = {.at = common.program, .end = common.program_end};
    if (run(&machine, initial, UINTPTR_MAX))
        return -1;
    space->initial = space->row;
    if (run(&machine, program, address))
        return -1;
    space->row.is_signal_frame = common.is_signal_frame;
    return 0;
}
