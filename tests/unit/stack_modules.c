/* Objects: found, named, told apart when one takes another's place, written again in a forked child. */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "preload/base/process.h"
#include "preload/binding/modules.h"
#include "preload/stacks/stack.h"
#include "preload/stacks/stack_table.h"
#include "stack_doubles.h"

static const char *plugins[2];

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

static const struct n1_module *module_of(const void *address)
{
    n1_stack_lock();
    const uint32_t number = n1_module_find((uintptr_t)address);
    n1_stack_unlock();
    return number == N1_MODULE_NONE ? NULL : n1_module_at(number);
}

static void test_symbols_are_those_of_dlsym(void **state)
{
    static const char *const names[] = {"malloc",      "printf",           "qsort", "environ", "stdout",
                                        "nl_langinfo", "zz_no_such_symbol"};
    const struct n1_module *libc = module_of(dlsym(RTLD_DEFAULT, "malloc_usable_size"));
    void *handle = dlopen("libc.so.6", RTLD_LAZY);
    (void)state;
    assert_non_null(libc);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size = 0;
        assert_true(n1_module_symbol(libc, names[i], &size) == (uintptr_t)dlsym(handle, names[i]));
    }
    dlclose(handle);
}

static void test_addresses_of_no_object(void **state)
{
    char on_stack = 0;
    (void)state;
    assert_null(module_of(&on_stack));
    assert_null(module_of((void *)8));
}

/* ---- one object in the place of another ---------------------------------------------------------------------------- */

static uint32_t run_plugin(int which, uintptr_t *place)
{
    void *handle = dlopen(plugins[which], RTLD_NOW);
    uint32_t (*run)(uint32_t(*)(void)) = NULL;
    assert_non_null(handle);
    *(void **)&run = dlsym(handle, "n1_plugin_run");
    *place = (uintptr_t)run;
    const uint32_t id = run(n1_stack_capture);
    dlclose(handle);
    return id;
}

static void test_plugins_at_the_same_place(void **state)
{
    uintptr_t places[4];
    uint32_t ids[4];
    (void)state;
    for (volatile int i = 0; i < 4; i++) {
        ids[i] = run_plugin(i % 2, &places[i]);
        n1_stack_modules_changed();
    }
    if (places[0] != places[1])
        skip(); /* the loader chose other places */
    assert_int_not_equal(ids[0], ids[1]);
    assert_int_not_equal(ids[1], ids[2]);
    /* The third is the first again, but its entry must come after that of the second, which covers the same addresses. */
    assert_int_not_equal(ids[0], ids[2]);
}

/* Nobody says that something was unloaded: noticed after some thousand captures at the latest. */
static void test_change_is_noticed(void **state)
{
    uintptr_t place;
    (void)state;
    const uint32_t first = run_plugin(0, &place);
    for (volatile int i = 0; i < 5000; i++)
        n1_stack_capture();
    const uint32_t entries = n1_double_last_id(N1_CHUNK_MODULE);
    const uint32_t second = run_plugin(1, &place);
    assert_int_not_equal(first, second);
    assert_true(n1_double_last_id(N1_CHUNK_MODULE) > entries);
}

/* ---- fork -------------------------------------------------------------------------------------------------------- */

static __attribute__((noinline)) uint32_t elsewhere(void)
{
    const uint32_t id = n1_stack_capture();
    __asm__ volatile("" ::: "memory");
    return id;
}

static int child_is_right(uint32_t entries)
{
    uint32_t again[2];
    n1_live.generation = 2;
    const uint32_t other = elsewhere();
    for (volatile int i = 0; i < 2; i++)
        again[i] = elsewhere();
    return other && again[0] == again[1] && n1_double_last_id(N1_CHUNK_MODULE) > entries;
}

/* A child has other MODULE entries, and is not held up by what its parent's threads were doing. */
static void *capture_for_ever(void *stop)
{
    while (!atomic_load((_Atomic int *)stop)) {
        elsewhere();
        n1_stack_modules_changed();
    }
    return NULL;
}

static void test_forked_child(void **state)
{
    _Atomic int stop = 0;
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, capture_for_ever, &stop), 0);
    for (int i = 0; i < 50; i++) {
        const uint32_t entries = n1_double_last_id(N1_CHUNK_MODULE);
        const pid_t child = fork();
        int status = 1;
        if (child == 0) {
            alarm(20);
            _exit(!child_is_right(entries));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symbols_are_those_of_dlsym),
        cmocka_unit_test(test_addresses_of_no_object),
        cmocka_unit_test(test_plugins_at_the_same_place),
        cmocka_unit_test(test_change_is_noticed),
        cmocka_unit_test(test_forked_child),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: unit_stack_modules PLUGIN PLUGIN\n");
        return 2;
    }
    plugins[0] = argv[1];
    plugins[1] = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
