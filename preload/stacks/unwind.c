#include "preload/stacks/unwind.h"

#include <stdatomic.h>
#include <string.h>

#include "preload/base/memory.h"
#include "preload/base/process.h"
#include "preload/binding/modules.h"
#include "preload/stacks/stack_table.h"
#include "preload/stacks/unwind_cfi.h"
#include "preload/stacks/unwind_full.h"
#include "preload/stacks/unwind_guess.h"
#include "preload/stacks/unwind_notes.h"

#define RULES 8192U /* cached rules, one for a return address; 16 bytes each */

/* ---- rules ------------------------------------------------------------------------------------------------------- */

enum rule_kind {
    RULE_UNKNOWN = 0, /* not in the table */
    RULE_SIMPLE,
    RULE_FULL, /* has a rule, but not of the simple kind */
    RULE_END   /* the outermost frame, or nobody knows */
};

/* Where the frame ends (its CFA). */
enum frame_end {
    END_STACK, /* rsp + offset */
    END_FRAME, /* rbp + offset */
    END_WORD,  /* the word at rbp + offset: functions that align their stack */
    END_GUESS  /* rbp + offset, in code that nobody describes */
};

/* Where the caller's rbp is. */
enum saved_frame {
    SAVED_NOT,      /* still in rbp */
    SAVED_BELOW,    /* at CFA + offset */
    SAVED_AT_FRAME, /* at rbp + offset */
    SAVED_LOST      /* nowhere; no frame outside of this one needs it, or the walk ends there */
};

struct rule {
    enum rule_kind kind;
    enum frame_end end;
    enum saved_frame saved;
    int32_t end_offset;   /* bytes; in the table words of 24 bits */
    int32_t saved_offset; /* bytes; in the table words of 16 bits */
    uint32_t module;
};

/* Two words that are written without a lock on the reader's side: a reader that sees half of another rule finds that the
 * key does not fit (key = address ^ packed). */
struct cached_rule {
    _Atomic uint64_t key;
    _Atomic uint64_t packed;
};

static struct cached_rule *_Atomic rules;

static uint64_t pack(const struct rule *rule)
{
    return (uint64_t)rule->kind | (uint64_t)rule->end << 2 | (uint64_t)rule->saved << 4 |
           (uint64_t)(rule->module & (N1_MODULES_MAX - 1)) << 6 |
           (uint64_t)((uint32_t)(rule->end_offset / (int32_t)N1_UNWIND_WORD_BYTES) & 0xffffff) << 16 |
           (uint64_t)((uint32_t)(rule->saved_offset / (int32_t)N1_UNWIND_WORD_BYTES) & 0xffff) << 40;
}

static inline struct rule unpack(uint64_t packed)
{
    return (struct rule){
        .kind = (enum rule_kind)(packed & 3),
        .end = (enum frame_end)(packed >> 2 & 3),
        .saved = (enum saved_frame)(packed >> 4 & 3),
        .module = (uint32_t)(packed >> 6) & (N1_MODULES_MAX - 1),
        .end_offset = ((int32_t)((uint32_t)(packed >> 16) << 8) >> 8) * (int32_t)N1_UNWIND_WORD_BYTES,
        .saved_offset = (int16_t)(packed >> 40) * (int32_t)N1_UNWIND_WORD_BYTES,
    };
}

static bool fits(const struct rule *rule)
{
    const struct rule back = unpack(pack(rule));
    return rule->end_offset == back.end_offset && rule->saved_offset == back.saved_offset;
}

static inline uint32_t place_of(uintptr_t ip)
{
    return (uint32_t)((ip * UINT64_C(0x9e3779b97f4a7c15)) >> 51) & (RULES - 1);
}

/* ---- from DWARF's rules to simple ones ---------------------------------------------------------------------------- */

/* An expression of the form "register 6 (rbp) plus an offset", and then, if wanted, the word there. */
static bool is_frame_expression(const struct n1_cfi_rule *rule, bool is_word, int32_t *offset)
{
    enum { BREG6 = 0x76, DEREF = 0x06 };
    struct n1_cfi_reader in = {.at = rule->expression, .end = rule->expression + rule->expression_bytes};
    if (n1_cfi_fixed(&in, 1) != BREG6)
        return false;
    const int64_t value = n1_cfi_sleb(&in);
    if (is_word && n1_cfi_fixed(&in, 1) != DEREF)
        return false;
    *offset = (int32_t)value;
    return !in.is_over && in.at == in.end && value == (int32_t)value;
}

static bool simplify_end(const struct n1_cfi_row *row, struct rule *rule)
{
    if (row->cfa.how == N1_CFI_IS_EXPRESSION) {
        rule->end = END_WORD;
        return is_frame_expression(&row->cfa, true, &rule->end_offset);
    }
    rule->end = row->cfa_register == N1_CFI_RBP ? END_FRAME : END_STACK;
    rule->end_offset = (int32_t)row->cfa.offset;
    return row->cfa.how == N1_CFI_REGISTER && row->cfa.offset == rule->end_offset &&
           (row->cfa_register == N1_CFI_RBP || row->cfa_register == N1_CFI_RSP);
}

static bool simplify_saved(const struct n1_cfi_rule *saved, struct rule *rule)
{
    switch (saved->how) {
    case N1_CFI_SAME: rule->saved = SAVED_NOT; return true;
    case N1_CFI_UNDEFINED: rule->saved = SAVED_LOST; return true;
    case N1_CFI_AT_OFFSET:
        rule->saved = SAVED_BELOW;
        rule->saved_offset = (int32_t)saved->offset;
        return saved->offset == rule->saved_offset;
    case N1_CFI_AT_EXPRESSION:
        rule->saved = SAVED_AT_FRAME;
        return is_frame_expression(saved, false, &rule->saved_offset);
    default: return false;
    }
}

static struct rule simplify(const struct n1_cfi_row *row, uint32_t module)
{
    struct rule rule = {.kind = RULE_SIMPLE, .module = module};
    const struct n1_cfi_rule *back = &row->registers[N1_CFI_RETURN];
    if (back->how == N1_CFI_UNDEFINED)
        rule.kind = RULE_END;
    else if (row->is_signal_frame || back->how != N1_CFI_AT_OFFSET || back->offset != -(int64_t)N1_UNWIND_WORD_BYTES ||
             row->registers[N1_CFI_RSP].how != N1_CFI_SAME || !simplify_end(row, &rule) ||
             !simplify_saved(&row->registers[N1_CFI_RBP], &rule) || !fits(&rule))
        rule = (struct rule){.kind = RULE_FULL, .module = module};
    return rule;
}

/* Finds the rule of a return address and keeps it. Under the stack lock: the space and the module table are shared. */
static __attribute__((noinline)) struct rule learn(uintptr_t ip)
{
    static struct n1_cfi_space space;
    struct rule rule = {.kind = RULE_UNKNOWN};
    if (!n1_stack_lock())
        return rule;
    rule = (struct rule){.kind = RULE_END, .module = n1_module_find(ip - 1)};
    if (n1_unwind_is_guess(rule.module) && n1_unwind_is_after_call(ip))
        rule = (struct rule){.kind = RULE_SIMPLE,
                             .module = rule.module,
                             .end = END_GUESS,
                             .end_offset = 16,
                             .saved = SAVED_BELOW,
                             .saved_offset = -16};
    else if (!n1_unwind_is_guess(rule.module) && n1_cfi_find(n1_module_at(rule.module), ip - 1, &space) == 0)
        rule = simplify(&space.row, rule.module);
    struct cached_rule *table = atomic_load_explicit(&rules, memory_order_relaxed);
    if (!table) {
        table = n1_memory_map(RULES * sizeof *table);
        atomic_store_explicit(&rules, table, memory_order_release);
    }
    if (table) {
        struct cached_rule *cached = &table[place_of(ip)];
        const uint64_t packed = pack(&rule);
        atomic_store_explicit(&cached->packed, packed, memory_order_relaxed);
        atomic_store_explicit(&cached->key, ip ^ packed, memory_order_relaxed);
    }
    n1_stack_unlock();
    return rule;
}

static inline struct rule rule_of(uintptr_t ip)
{
    struct cached_rule *table = atomic_load_explicit(&rules, memory_order_acquire);
    if (table) {
        struct cached_rule *cached = &table[place_of(ip)];
        const uint64_t packed = atomic_load_explicit(&cached->packed, memory_order_relaxed);
        if ((atomic_load_explicit(&cached->key, memory_order_relaxed) ^ packed) == ip)
            return unpack(packed);
    }
    return learn(ip);
}

void n1_unwind_forget(void)
{
    struct cached_rule *table = atomic_load_explicit(&rules, memory_order_acquire);
    for (uint32_t i = 0; table && i < RULES; i++) {
        atomic_store_explicit(&table[i].key, 0, memory_order_relaxed);
        atomic_store_explicit(&table[i].packed, 0, memory_order_relaxed);
    }
}

/* ---- the walk ---------------------------------------------------------------------------------------------------- */

/* The registers that simple rules know. The word of rbp is checked when a frame's end is computed from it, not before:
 * functions use it for anything else as well. */
struct position {
    uintptr_t ip, sp, bp;
    uintptr_t bp_at; /* where bp was read, while that has not been checked; 0: checked */
    bool is_bp_known;
};

static inline bool use_frame_pointer(struct n1_unwind *walk, struct position *at)
{
    if (at->bp_at)
        n1_unwind_check(walk, at->bp_at, at->bp);
    at->bp_at = 0;
    return at->is_bp_known;
}

/* The end of the frame, or 0. */
static inline uintptr_t end_of(struct n1_unwind *walk, struct position *at, const struct rule *rule)
{
    if (rule->end == END_STACK)
        return at->sp + (uintptr_t)(intptr_t)rule->end_offset;
    if (!use_frame_pointer(walk, at))
        return 0;
    const uintptr_t place = at->bp + (uintptr_t)(intptr_t)rule->end_offset;
    uint64_t word = 0;
    if (rule->end == END_FRAME)
        return place;
    if (rule->end == END_GUESS)
        return n1_unwind_is_plausible(walk, at->sp, place) ? place : 0;
    if (n1_unwind_read(walk, place, &word))
        return 0;
    n1_unwind_check(walk, place, word);
    return word;
}

static inline bool restore_frame_pointer(struct n1_unwind *walk, struct position *at, const struct rule *rule,
                                         uintptr_t end)
{
    uintptr_t place = end + (uintptr_t)(intptr_t)rule->saved_offset;
    uint64_t word = 0;
    switch (rule->saved) {
    case SAVED_NOT: return true;
    case SAVED_LOST: at->is_bp_known = false; return true;
    case SAVED_AT_FRAME:
        if (!use_frame_pointer(walk, at))
            return false;
        place = at->bp + (uintptr_t)(intptr_t)rule->saved_offset;
        break;
    case SAVED_BELOW: break;
    }
    if (n1_unwind_read(walk, place, &word))
        return false;
    at->bp = word;
    at->bp_at = place;
    at->is_bp_known = true;
    return true;
}

/* False: some frame needs the full way. */
static bool walk_fast(struct n1_unwind *walk, const struct n1_unwind_entry *entry)
{
    struct position at = {.ip = entry->return_address,
                          .sp = walk->base + sizeof *entry,
                          .bp = entry->rbp,
                          .bp_at = walk->base + offsetof(struct n1_unwind_entry, rbp),
                          .is_bp_known = true};
    n1_unwind_check(walk, walk->base + offsetof(struct n1_unwind_entry, return_address), at.ip);
    while (at.ip) {
        const struct rule rule = rule_of(at.ip);
        uint64_t ip = 0;
        if (rule.kind == RULE_FULL)
            return false;
        walk->is_broken = rule.kind == RULE_UNKNOWN;
        if (walk->is_broken || (rule.kind == RULE_END && rule.module == N1_MODULE_NONE))
            return true;
        const uintptr_t end = rule.kind == RULE_END ? 0 : end_of(walk, &at, &rule);
        if (!n1_unwind_add(walk, at.ip, end, rule.module))
            return true;
        if (end <= at.sp || end % N1_UNWIND_WORD_BYTES || n1_unwind_read(walk, end - N1_UNWIND_WORD_BYTES, &ip) ||
            !restore_frame_pointer(walk, &at, &rule, end))
            return true;
        n1_unwind_check(walk, end - N1_UNWIND_WORD_BYTES, ip);
        at.ip = ip;
        at.sp = end;
    }
    return true;
}

static void start(struct n1_unwind *walk, const struct n1_unwind_entry *entry, struct n1_stack_bounds bounds)
{
    walk->base = (uintptr_t)entry;
    walk->bounds = bounds;
    walk->n_frames = walk->n_checks = 0;
    walk->is_broken = walk->is_cut = false;
    walk->is_checkable = walk->base >= bounds.low && walk->base < bounds.high;
    walk->line_at = 0;
}

void n1_unwind_walk(struct n1_unwind *walk, const struct n1_unwind_entry *entry, struct n1_stack_bounds bounds)
{
    start(walk, entry, bounds);
    if (walk_fast(walk, entry))
        return;
    start(walk, entry, bounds);
    n1_unwind_walk_full(walk, entry);
}
