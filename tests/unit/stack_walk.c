/* Every stack that n1_stack_capture gives, against libunwind's step-by-step walk from the same place: a random game of calls
 * through frames of all kinds, on several threads, in signal handlers, on signal stacks and coroutine stacks.
 *
 *     unit_stack_walk [CAPTURES]     default 1,000,000
 */
#define UNW_LOCAL_ONLY
#include <errno.h>
#include <libunwind.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cmocka.h>

#include "preload/base/process.h"
#include "preload/stacks/stack.h"
#include "stack_doubles.h"
#include "stack_shapes.h"

static uint64_t captures_wanted = 1000000;
static _Atomic uint64_t captures_done, captures_wrong;

/* ---- one capture, checked ---------------------------------------------------------------------------------------- */

static void report(const struct n1_double_stack *stack, const unw_word_t *ips, uint32_t count)
{
    if (atomic_fetch_add(&captures_wrong, 1) > 3)
        return;
    fprintf(stderr, "wrong stack: %u frames, libunwind %u\n", stack ? stack->count : 0, count);
    for (uint32_t i = 0; i < count || (stack && i < stack->count); i++)
        fprintf(stderr, "  %2u %12lx %12lx\n", i, stack && i < stack->count ? (unsigned long)(stack->word[i] >> 1) : 0,
                i < count ? (unsigned long)ips[i] : 0);
}

static __attribute__((noinline)) void check_in_full(uint32_t id, uint32_t skip)
{
    unw_word_t ips[N1_STACK_MAX + 8];
    uint32_t count = 0;
    unw_context_t context;
    unw_cursor_t cursor;
    const struct n1_double_stack *stack = n1_double_stack(id);
    unw_getcontext(&context);
    unw_init_local(&cursor, &context);
    for (uint32_t i = 0; i < skip; i++)
        unw_step(&cursor);
    do {
        unw_word_t ip;
        unw_get_reg(&cursor, UNW_REG_IP, &ip);
        if (ip == 0)
            break;
        ips[count++] = ip;
    } while (count < N1_STACK_MAX && unw_step(&cursor) > 0);
    int is_equal = stack && stack->count == count;
    /* Frame 0: two places in the function that captured. An interrupted frame's address is exact in libunwind, plus one here. */
    for (uint32_t i = 1; is_equal && i < count; i++)
        is_equal = stack->word[i] >> 1 == ips[i] || stack->word[i] >> 1 == ips[i] + 1;
    for (uint32_t i = 0; is_equal && i < count; i++)
        is_equal = n1_double_has_module(stack->word[i] >> 1);
    if (!is_equal)
        report(stack, ips, count);
}

static __attribute__((noinline)) void take_and_check(struct stack_game *game)
{
    const uint32_t id = n1_stack_capture();
    atomic_fetch_add(&captures_done, 1);
    check_in_full(id, 1);
    game->sink++;
}

/* ---- the game ---------------------------------------------------------------------------------------------------- */

uint64_t stack_random(struct stack_game *game)
{
    game->seed ^= game->seed << 13;
    game->seed ^= game->seed >> 7;
    game->seed ^= game->seed << 17;
    return game->seed * UINT64_C(0x2545f4914f6cdd1d) >> 11;
}

static stack_shape *const *const sets[] = {stack_shapes_o0, stack_shapes_o2, stack_shapes_o3, stack_shapes_fp,
                                           stack_shapes_wide};

__attribute__((noinline)) void stack_play(struct stack_game *game)
{
    const uint64_t choice = stack_random(game);
    if (game->depth >= game->depth_max || choice % 16 == 0) {
        game->take(game);
        return;
    }
    game->depth++;
    sets[choice / 16 % 5][choice / 80 % N1_STACK_SHAPES](game);
    game->depth--;
}

static struct stack_game new_game(uint64_t seed, uint32_t depth_max)
{
    return (struct stack_game){
        .seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1, .depth_max = depth_max, .take = take_and_check};
}

/* Mostly few paths that come again and again (they are recognised), then many (they are unwound). Their number is bounded
 * because the shim knows a bounded number of stacks for a process's life. */
#define FEW  10
#define MANY 60

static void play_until(uint64_t captures, uint64_t seed)
{
    for (uint64_t round = seed; atomic_load(&captures_done) < captures; round++) {
        const bool is_few = round % 512 < 500;
        struct stack_game game =
            new_game(round / (is_few ? 1 : 512) % (is_few ? FEW : MANY), 2 + (uint32_t)(round % 8));
        if (is_few)
            game.depth_max = 3;
        stack_play(&game);
    }
}

static void *play_in_thread(void *seed)
{
    play_until(captures_wanted, (uint64_t)(uintptr_t)seed);
    return NULL;
}

static void test_random_paths_on_threads(void **state)
{
    pthread_t threads[2];
    (void)state;
    for (uintptr_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, play_in_thread, (void *)((i + 1) * 1000)), 0);
    play_until(captures_wanted, 77);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(captures_wrong, 0);
    assert_true(captures_done >= captures_wanted);
    assert_int_equal(n1_double_counter(N1_LOST_STACKS), 0);
}

/* ---- signals ----------------------------------------------------------------------------------------------------- */

static struct stack_game *signalled;

static void on_signal(int number)
{
    struct stack_game *game = signalled;
    (void)number;
    take_and_check(game);
    stack_play(game);
}

static void take_by_signal(struct stack_game *game)
{
    signalled = game;
    game->take = take_and_check;
    raise(SIGUSR1);
    game->take = take_by_signal;
}

static void play_with_signals(int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags}, before;
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, &before);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct stack_game game = new_game(seed % 40, 1 + (uint32_t)(seed % 7));
        game.take = take_by_signal;
        stack_play(&game);
    }
    sigaction(SIGUSR1, &before, NULL);
    assert_int_equal(captures_wrong, 0);
}

static void test_signal_handler(void **state)
{
    (void)state;
    play_with_signals(0);
}

static void test_signal_handler_on_its_own_stack(void **state)
{
    const size_t size_bytes = 1 << 20;
    stack_t own = {.ss_sp = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                   .ss_size = size_bytes};
    const stack_t none = {.ss_flags = SS_DISABLE};
    (void)state;
    assert_int_equal(sigaltstack(&own, NULL), 0);
    play_with_signals(SA_ONSTACK);
    sigaltstack(&none, NULL);
    munmap(own.ss_sp, size_bytes);
}

/* ---- coroutines -------------------------------------------------------------------------------------------------- */

static ucontext_t main_context, coroutine_context[2];

static void take_and_switch(struct stack_game *game)
{
    take_and_check(game);
    if (stack_random(game) % 3 == 0)
        take_and_check(game);
}

static void run_coroutine(int number)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct stack_game game = new_game(seed * 2 + (uint64_t)number, 1 + (uint32_t)(seed % 8));
        game.take = take_and_switch;
        stack_play(&game);
        swapcontext(&coroutine_context[number], &main_context);
    }
}

static void test_coroutines(void **state)
{
    const size_t size_bytes = 1 << 18;
    char *stacks[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        stacks[i] = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        getcontext(&coroutine_context[i]);
        coroutine_context[i].uc_stack.ss_sp = stacks[i];
        coroutine_context[i].uc_stack.ss_size = size_bytes;
        coroutine_context[i].uc_link = &main_context;
        makecontext(&coroutine_context[i], (void (*)(void))run_coroutine, 1, i);
    }
    for (uint64_t round = 0; round < 60; round++)
        for (int i = 0; i < 2; i++) {
            struct stack_game game = new_game(round, 3);
            swapcontext(&main_context, &coroutine_context[i]);
            stack_play(&game);
        }
    for (int i = 0; i < 2; i++)
        munmap(stacks[i], size_bytes);
    assert_int_equal(captures_wrong, 0);
}

/* ---- forced unwinding: pthread_exit runs clean-up handlers while frames are taken away ----------------------------- */

static void clean_up(struct stack_game **game)
{
    take_and_check(*game);
}

static __attribute__((noinline)) void leave_thread(struct stack_game *game)
{
    __attribute__((cleanup(clean_up))) struct stack_game *own = game;
    stack_play(own);
    pthread_exit(NULL);
}

static void *unwound_thread(void *seed)
{
    struct stack_game game = new_game((uint64_t)(uintptr_t)seed, 5);
    game.take = leave_thread;
    __attribute__((cleanup(clean_up))) struct stack_game *own = &game;
    take_and_check(own);
    game.take = take_and_check;
    leave_thread(own);
    return NULL;
}

static void test_forced_unwinding(void **state)
{
    (void)state;
    for (uintptr_t i = 0; i < 200; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, unwound_thread, (void *)i), 0);
        pthread_join(thread, NULL);
    }
    assert_int_equal(captures_wrong, 0);
}

/* ---- exceptions of C++ through frames of C ------------------------------------------------------------------------- */

#ifdef N1_TEST_CXX
void stack_take(struct stack_game *game)
{
    take_and_check(game);
}

static void take_or_throw(struct stack_game *game)
{
    game->take = take_and_check;
    take_and_check(game);
    const uint64_t choice = stack_random(game) % 4;
    if (choice == 0)
        stack_catch(game, stack_play);
    else if (choice != 1)
        stack_throw(game);
    game->take = take_or_throw;
}

static void test_exceptions_through_c(void **state)
{
    uint32_t caught = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct stack_game game = new_game(seed % 60, 1 + (uint32_t)(seed % 9));
        game.take = take_or_throw;
        caught += (uint32_t)stack_catch(&game, stack_play);
    }
    assert_true(caught > 400);
    assert_int_equal(captures_wrong, 0);
}
#endif

/* ---- what else must hold ------------------------------------------------------------------------------------------ */

static __attribute__((noinline)) uint32_t from_here(void)
{
    const uint32_t id = n1_stack_capture();
    __asm__ volatile("" ::: "memory");
    return id;
}

static __attribute__((noinline)) uint32_t deep(uint32_t depth)
{
    const uint32_t id = depth ? deep(depth - 1) : from_here();
    __asm__ volatile("" ::: "memory");
    return id;
}

/* ---- generated code: no object, no tables, but frame pointers ------------------------------------------------------ */

static __attribute__((noinline)) uint32_t through_code(const uint8_t *code, size_t size_bytes,
                                                       uint32_t (*function)(void))
{
    uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t (*run)(uint32_t(*)(void)) = NULL;
    memcpy(page, code, size_bytes);
    memcpy(&run, &page, sizeof run);
    const uint32_t id = run(function);
    const struct n1_double_stack *stack = n1_double_stack(id);
    assert_non_null(stack);
    assert_true(stack->count > 4);
    /* from_here, the generated frame, this one */
    assert_true(stack->word[1] >> 1 > (uintptr_t)page && stack->word[1] >> 1 <= (uintptr_t)page + size_bytes);
    assert_true(stack->word[2] >> 1 > (uintptr_t)through_code && stack->word[2] >> 1 < (uintptr_t)through_code + 600);
    munmap(page, 4096);
    return id;
}

static void test_generated_code(void **state)
{
    static const uint8_t code[] = {0x55, 0x48, 0x89, 0xe5, /* push %rbp; mov %rsp, %rbp */
                                   0x48, 0x83, 0xec, 0x20, /* sub $32, %rsp */
                                   0xff, 0xd7,             /* call *%rdi */
                                   0xc9, 0xc3};            /* leave; ret */
    (void)state;
    through_code(code, sizeof code, from_here);
    through_code(code, sizeof code, from_here);
}

static void test_same_path_same_id(void **state)
{
    uint32_t ids[2], other;
    volatile int twice = 2; /* or the compiler makes two places of one */
    (void)state;
    for (int i = 0; i < twice; i++)
        ids[i] = from_here();
    other = from_here();
    assert_int_not_equal(ids[0], 0);
    assert_int_equal(ids[0], ids[1]);
    assert_int_not_equal(ids[0], other);
    for (uint32_t depth = 0; depth < 200; depth++)
        ids[depth % 2] = deep(depth);
    assert_int_not_equal(ids[0], ids[1]);
}

/* Two frames that change the sizes of each other's gaps: the same stack pointer, the same innermost return address, and in the
 * gap the return addresses of the time before still lie where they were. Only the saved frame pointers tell. */
static __attribute__((noinline)) uint32_t inner_gap(size_t size_bytes)
{
    void *gap = __builtin_alloca(size_bytes);
    __asm__ volatile("" ::"r"(gap) : "memory");
    const uint32_t id = from_here();
    __asm__ volatile("" ::: "memory");
    return id;
}

static __attribute__((noinline)) uint32_t outer_gap(size_t size_bytes, int which)
{
    void *gap = __builtin_alloca(size_bytes);
    uint32_t id;
    __asm__ volatile("" ::"r"(gap) : "memory");
    if (which) {
        id = inner_gap(2048 - size_bytes);
        __asm__ volatile("nop" ::: "memory");
    } else {
        id = inner_gap(2048 - size_bytes);
        __asm__ volatile("" ::: "memory");
    }
    return id;
}

static void test_stale_return_addresses(void **state)
{
    volatile size_t sizes[2] = {1024, 1536};
    uint32_t ids[2];
    (void)state;
    for (volatile int i = 0; i < 4; i++)
        ids[i % 2] = outer_gap(sizes[i % 2], i % 2);
    assert_int_not_equal(ids[0], ids[1]);
}

static void test_deep_recursion_is_cut(void **state)
{
    const uint64_t before = n1_double_counter(N1_CUT_STACKS);
    (void)state;
    const uint32_t id = deep(20000);
    assert_int_equal(n1_double_stack(id)->count, N1_STACK_MAX);
    assert_int_equal(n1_double_counter(N1_CUT_STACKS), before + 1);
}

static void test_errno_stays(void **state)
{
    (void)state;
    errno = 4711;
    deep(17);
    n1_stack_modules_changed();
    deep(17);
    assert_int_equal(errno, 4711);
}

static void test_ids_survive_forgetting(void **state)
{
    (void)state;
    uint32_t id[2];
    volatile int twice = 2;
    for (int i = 0; i < twice; i++) {
        id[i] = deep(11);
        n1_stack_modules_changed();
    }
    assert_int_equal(id[0], id[1]);
}

static void test_refused_entry_is_lost_and_counted(void **state)
{
    (void)state;
    const uint64_t before = n1_double_counter(N1_LOST_STACKS);
    n1_double_refuse(1);
    assert_int_equal(deep(33), 0);
    n1_double_refuse(0);
    assert_int_equal(n1_double_counter(N1_LOST_STACKS), before + 1);
    assert_int_not_equal(deep(33), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_paths_on_threads),
#ifdef N1_TEST_CXX
        cmocka_unit_test(test_exceptions_through_c),
#endif
        cmocka_unit_test(test_signal_handler),
        cmocka_unit_test(test_signal_handler_on_its_own_stack),
        cmocka_unit_test(test_coroutines),
        cmocka_unit_test(test_forced_unwinding),
        cmocka_unit_test(test_generated_code),
        cmocka_unit_test(test_same_path_same_id),
        cmocka_unit_test(test_stale_return_addresses),
        cmocka_unit_test(test_deep_recursion_is_cut),
        cmocka_unit_test(test_errno_stays),
        cmocka_unit_test(test_ids_survive_forgetting),
        cmocka_unit_test(test_refused_entry_is_lost_and_counted),
    };
    if (argc > 1)
        captures_wanted = strtoull(argv[1], NULL, 10);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fprintf(stderr, "%lu captures, %lu wrong, %u stacks, %u objects\n", (unsigned long)captures_done,
            (unsigned long)captures_wrong, n1_double_last_id(N1_CHUNK_STACK), n1_double_last_id(N1_CHUNK_MODULE));
    return failed;
}
