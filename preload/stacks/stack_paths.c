#include "preload/stacks/stack_paths.h"
#include "preload/base/mix.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "preload/base/memory.h"
#include "preload/base/process.h"

#define RUN_HEAD ((uint32_t)(sizeof(struct n1_paths_run) / sizeof(uint16_t)))

_Atomic uint32_t n1_paths_generation = 1;
static _Atomic bool is_on_valgrind;

/* Valgrind's client requests: five instructions that do nothing on a processor. */
static uint64_t ask_valgrind(uint64_t request, uint64_t argument)
{
    volatile uint64_t question[6] = {request, argument};
    uint64_t answer = 0;
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
                     : "+d"(answer)
                     : "a"(question)
                     : "cc", "memory");
    return answer;
}
#define RUNNING_ON_VALGRIND    0x1001U
#define CHANGE_ERR_DISABLEMENT 0x1801U

N1_HOT uint64_t n1_paths_take_relative(uint64_t lane, const struct n1_paths_run *run, uintptr_t base)
{
    const uint16_t *offset = run->offset + run->n_padded;
    struct n1_paths_sum sum = {{lane}};
#pragma GCC unroll 1
    for (uint32_t left = run->n_relative; left; left--)
        n1_paths_take(&sum, 0, ((const uint64_t *)base)[*offset++] - base);
    return sum.lane[0];
}

N1_HOT uint32_t n1_paths_follow(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t key,
                                uint64_t node)
{
    for (uint32_t steps = N1_PATHS_STEPS_MAX; steps && node & N1_PATHS_IS_RUN; steps--)
        node = n1_paths_behind(paths, base, size_bytes, &key, (uint32_t)node);
    return node & N1_PATHS_IS_RUN ? 0 : (uint32_t)node;
}

static uint32_t look_up(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t script)
{
    const uint64_t key = n1_paths_origin(((const uint64_t *)base)[N1_PATHS_RETURN_WORD], size_bytes) + script;
    return n1_paths_follow(paths, base, size_bytes, key, n1_paths_node(paths, n1_mix(key)));
}

/* Finding reads words that other paths left uninitialised. That is harmless, but memcheck would report it in the program's
 * name. */
N1_COLD uint32_t n1_paths_find_again(struct n1_paths *paths, uintptr_t base, uintptr_t size_bytes, uint64_t script)
{
    if (paths->generation != atomic_load_explicit(&n1_paths_generation, memory_order_acquire))
        return 0;
    if (paths->valid)
        return look_up(paths, base, size_bytes, script);
    ask_valgrind(CHANGE_ERR_DISABLEMENT, 1);
    volatile uint32_t stack = look_up(paths, base, size_bytes, script);
    ask_valgrind(CHANGE_ERR_DISABLEMENT, (uint64_t)-1);
    return stack;
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

/* What an origin that nothing is known of begins with. */
static const struct {
    struct n1_paths_run run;
    uint16_t offset[N1_PATHS_LANES];
} nobodys = {{.n_padded = N1_PATHS_LANES, .reach = N1_PATHS_RETURN_WORD}, {0}};

/* Empty, and of the present generation. */
static void clear(struct n1_paths *paths, uint32_t present)
{
    memset(paths->entries, 0, sizeof paths->entries);
    memset(paths->run_slots, 0, sizeof paths->run_slots);
    memset(paths->first_runs, 0, sizeof paths->first_runs);
    memcpy(paths->runs, &nobodys, sizeof nobodys);
    paths->runs_used = sizeof nobodys / sizeof(uint16_t);
    paths->generation = present;
    paths->valid = is_on_valgrind ? 0 : present;
}

static struct n1_paths *get(struct n1_paths **paths)
{
    const uint32_t present = atomic_load_explicit(&n1_paths_generation, memory_order_acquire);
    if (!*paths && (*paths = n1_memory_map(sizeof **paths)))
        is_on_valgrind = ask_valgrind(RUNNING_ON_VALGRIND, 0) != 0;
    if (*paths && (*paths)->generation != present)
        clear(*paths, present);
    return *paths;
}

static const struct n1_paths_run *run_at(const struct n1_paths *paths, uint64_t node)
{
    return (const struct n1_paths_run *)(paths->runs + (uint32_t)node);
}

static uint32_t padded(uint32_t n_absolute)
{
    return n_absolute ? (n_absolute + N1_PATHS_LANES - 1) / N1_PATHS_LANES * N1_PATHS_LANES : N1_PATHS_LANES;
}

/* The place of a run with these checks, made when there is none; 0: no room. */
static uint32_t run_of(struct n1_paths *paths, const struct n1_unwind_check *checks, uint32_t count)
{
    struct {
        struct n1_paths_run head;
        uint16_t offset[N1_UNWIND_CHECKS_MAX + N1_PATHS_LANES];
    } made = {.head = {.reach = N1_PATHS_RETURN_WORD}};
    for (uint32_t i = 0; i < count; i++)
        made.head.n_absolute = (uint16_t)(made.head.n_absolute + !checks[i].is_relative);
    made.head.n_relative = (uint16_t)(count - made.head.n_absolute);
    made.head.n_padded = (uint16_t)padded(made.head.n_absolute);
    uint32_t next[2] = {0, made.head.n_padded};
    const uint32_t used = RUN_HEAD + next[1] + made.head.n_relative;
    uint64_t hash = made.head.n_absolute;
    for (uint32_t i = made.head.n_absolute; i < next[1]; i++)
        made.offset[i] = N1_PATHS_RETURN_WORD;
    for (uint32_t i = 0; i < count; i++) {
        made.offset[next[checks[i].is_relative]++] = checks[i].offset;
        if (made.head.reach < checks[i].offset)
            made.head.reach = checks[i].offset;
        hash = n1_mix(hash + checks[i].offset + ((uint64_t)checks[i].is_relative << 16));
    }
    uint32_t slot = (uint32_t)(hash >> 40) % N1_PATHS_RUN_SLOTS;
    for (uint32_t probes = 0; paths->run_slots[slot] && probes < N1_PATHS_RUN_SLOTS / 2; probes++) {
        if (memcmp(run_at(paths, paths->run_slots[slot]), &made, used * sizeof(uint16_t)) == 0)
            return paths->run_slots[slot];
        slot = (slot + 1) % N1_PATHS_RUN_SLOTS;
    }
    if (paths->run_slots[slot] || paths->runs_used + used > N1_PATHS_RUN_WORDS)
        return 0;
    const uint32_t place = paths->runs_used;
    memcpy(paths->runs + place, &made, used * sizeof(uint16_t));
    paths->runs_used += used;
    paths->run_slots[slot] = (uint16_t)place;
    return place;
}

/* How many of the checks are, one after the other, those that the run reads. */
static uint32_t agreement(const struct n1_paths_run *run, const struct n1_unwind_check *checks, uint32_t count)
{
    const uint32_t end[2] = {run->n_absolute, (uint32_t)run->n_padded + run->n_relative};
    uint32_t next[2] = {0, run->n_padded}, n = 0;
    for (; n < count; n++) {
        const uint32_t at = next[checks[n].is_relative]++;
        if (at >= end[checks[n].is_relative] || run->offset[at] != checks[n].offset)
            break;
    }
    return n;
}

/* As n1_paths_next_key, of a walk's words. */
static uint64_t key_behind(uint64_t key, uint32_t place, const struct n1_unwind *walk, uint32_t done, uint32_t count)
{
    struct n1_paths_sum sum = {{key, place}};
    uint32_t n = 0;
    for (uint32_t i = done; i < done + count; i++)
        if (!walk->checks[i].is_relative)
            n1_paths_take(&sum, n++ % N1_PATHS_LANES, walk->checks[i].value);
    for (const uint32_t end = padded(n); n < end;)
        n1_paths_take(&sum, n++ % N1_PATHS_LANES, walk->checks[0].value);
    for (uint32_t i = done; i < done + count; i++)
        if (walk->checks[i].is_relative)
            n1_paths_take(&sum, 0, walk->checks[i].value);
    return n1_paths_key_of(&sum);
}

/* In the place of the key's entry, a free one, or one of the others in turn. */
static void put(struct n1_paths *paths, uint64_t key, uint64_t node)
{
    struct n1_paths_entry *way = n1_paths_place(paths, key);
    uint32_t chosen = paths->turn++ % N1_PATHS_WAYS;
    for (uint32_t i = N1_PATHS_WAYS; i-- > 0;)
        if (way[i].node == 0)
            chosen = i;
    for (uint32_t i = 0; i < N1_PATHS_WAYS; i++)
        if (way[i].key == key)
            chosen = i;
    way[chosen] = (struct n1_paths_entry){key, node};
}

/* Two paths that had the same words so far read the same word next, unless their runs end at different places: then the
 * shorter one stays. What stood behind the longer one is found again when it is walked again. */
static bool lay(struct n1_paths *paths, const struct n1_unwind *walk, uint64_t script, uint32_t stack)
{
    const uint64_t origin = n1_paths_origin(walk->checks[0].value, walk->bounds.high - walk->base);
    uint64_t key = origin + script, entry_key = n1_mix(key);
    uint32_t done = 1; /* the first word is in the first key */
    for (uint32_t steps = 0; done < walk->n_checks || steps == 0; steps++) {
        const struct n1_unwind_check *checks = walk->checks + done;
        const uint64_t node = n1_paths_node(paths, entry_key);
        const struct n1_paths_run *run = node & N1_PATHS_IS_RUN ? run_at(paths, node) : NULL;
        uint32_t count = run ? agreement(run, checks, walk->n_checks - done) : 0, place = (uint32_t)node;
        if (steps == N1_PATHS_STEPS_MAX)
            return true;
        if (count == 0)
            count = walk->n_checks - done;
        if (!run || count != (uint32_t)run->n_absolute + run->n_relative) {
            place = run_of(paths, checks, count);
            if (place == 0)
                return false;
            put(paths, entry_key, N1_PATHS_IS_RUN | place);
        }
        if (steps == 0)
            *n1_paths_first_run(paths, origin) = (uint16_t)place;
        key = entry_key = key_behind(key, place, walk, done, count);
        done += count;
    }
    put(paths, entry_key, stack);
    return true;
}

void n1_paths_add(struct n1_paths **paths, const struct n1_unwind *walk, uint64_t script, uint32_t stack)
{
    if (!walk->is_checkable || walk->n_checks == 0 || !get(paths))
        return;
    if (!lay(*paths, walk, script, stack)) {
        clear(*paths, (*paths)->generation);
        lay(*paths, walk, script, stack);
    }
}

void n1_paths_forget(void)
{
    atomic_fetch_add_explicit(&n1_paths_generation, 1, memory_order_acq_rel);
}
