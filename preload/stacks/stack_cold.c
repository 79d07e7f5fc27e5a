#include "preload/stacks/stack_cold.h"

#include <stdatomic.h>
#include <sys/auxv.h>

#include "preload/base/memory.h"
#include "preload/base/process.h"
#include "preload/script/frames.h"
#include "preload/stacks/stack.h"
#include "preload/stacks/stack_merge.h"
#include "preload/stacks/stack_paths.h"
#include "preload/stacks/stack_table.h"

#define DESKS  16U        /* threads that can be on the long way at once; others wait */
#define ROUNDS (1U << 18) /* of waiting for a desk */

/* Where a thread works: too large for the stacks that programs run on. */
struct desk {
    struct n1_unwind walk;
    struct n1_script_frame scripts[N1_FRAMES_MAX];
    struct n1_stack_word words[N1_STACK_MAX];
};

/* Who sits there: a generation of n1_live; in a forked child its parent's threads are gone. */
static _Atomic uint32_t desk_owners[DESKS];
static struct desk *_Atomic desks[DESKS];

static bool take(uint32_t i)
{
    const uint32_t own = n1_stack_generation();
    uint32_t seen = atomic_load_explicit(&desk_owners[i], memory_order_relaxed);
    return seen != own && atomic_compare_exchange_strong_explicit(&desk_owners[i], &seen, own, memory_order_acquire,
                                                                  memory_order_relaxed);
}

static void give_desk(uint32_t number)
{
    atomic_store_explicit(&desk_owners[number], 0, memory_order_release);
}

/* NULL when none is to be had: no memory, or all are taken and none is given back. */
static struct desk *take_desk(uint32_t *number)
{
    for (uint32_t rounds = 0; rounds < ROUNDS; rounds++, n1_stack_pause())
        for (uint32_t i = 0; i < DESKS; i++) {
            if (!take(i))
                continue;
            struct desk *desk = atomic_load_explicit(&desks[i], memory_order_relaxed);
            if (!desk) {
                desk = n1_memory_map(sizeof *desk);
                atomic_store_explicit(&desks[i], desk, memory_order_relaxed);
            }
            if (!desk)
                give_desk(i);
            *number = i;
            return desk;
        }
    return NULL;
}

/* Shows the objects on the stack to the interpreters' readers, and the program itself: compiled code of an interpreter may
 * have ended the walk before. */
static void examine(const struct n1_unwind *walk)
{
    static uint32_t program; /* under the stack lock */
    if (!program && (program = n1_module_find(getauxval(AT_PHDR))) != N1_MODULE_NONE)
        n1_frames_examine(program);
    for (uint32_t i = 0; i < walk->n_frames; i++)
        if (i == 0 || walk->frames[i].module != walk->frames[i - 1].module)
            n1_frames_examine(walk->frames[i].module);
}

static uint32_t capture(struct desk *desk, const struct n1_unwind_entry *entry, struct n1_stack_bounds bounds,
                        struct n1_paths **paths)
{
    uint32_t n_scripts = 0, stack = 0;
    bool is_cut = false;
    n1_unwind_walk(&desk->walk, entry, bounds);
    if (desk->walk.is_broken || !n1_stack_lock())
        return 0;
    examine(&desk->walk);
    const uint64_t script =
        n1_frames_sign(); /* now: an interpreter may have been found since the call, here or elsewhere */
    if (script)
        n_scripts = n1_frames_walk(desk->scripts, N1_FRAMES_MAX);
    const uint32_t count = n1_stack_merge(&desk->walk, desk->scripts, n_scripts, desk->words, &is_cut);
    if (count)
        stack = n1_stack_table_find(desk->words, count, is_cut);
    if (stack && paths)
        n1_paths_add(paths, &desk->walk, script, stack);
    n1_stack_unlock();
    return stack;
}

uint32_t n1_stack_cold(const struct n1_unwind_entry *entry, struct n1_stack_bounds bounds, struct n1_paths **paths)
{
    uint32_t number, stack = 0;
    struct desk *desk = take_desk(&number);
    if (desk) {
        stack = capture(desk, entry, bounds, paths);
        give_desk(number);
    }
    if (!stack)
        n1_count(N1_LOST_STACKS, 1);
    return stack;
}

/* Under the lock. */
static void forget(void)
{
    n1_modules_doubt();
    n1_unwind_forget();
    n1_paths_forget();
}

void n1_stack_modules_changed(void)
{
    if (!n1_stack_lock())
        return;
    forget();
    n1_stack_unlock();
}

void n1_stack_recheck(void)
{
    if (!n1_stack_lock())
        return;
    if (n1_modules_changed())
        forget();
    n1_stack_unlock();
}
