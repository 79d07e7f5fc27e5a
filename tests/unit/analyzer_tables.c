/* The bounded tables under the analysis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "analyzer/distinct.h"
#include "analyzer/intake/executions.h"
#include "analyzer/links/value_index.h"
#include "trace/table.h"

static void distinct_is_exact_then_close(void **state)
{
    (void)state;
    struct n1_distinct set = {0};
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < 1000; i++)
            assert_int_equal(n1_distinct_add(&set, n1_mix(i, 7), 4096), round == 0);
    }
    assert_int_equal(n1_distinct_count(&set), 1000);
    for (uint64_t i = 0; i < 200000; i++)
        n1_distinct_add(&set, n1_mix(i, 7), 4096);
    uint64_t estimate = n1_distinct_count(&set);
    assert_in_range(estimate, 190000, 210000);
    n1_distinct_release(&set);
}

static void index_finds_newest_first(void **state)
{
    (void)state;
    struct n1_value_index index;
    n1_value_index_init(&index, 16);
    for (uint32_t serial = 1; serial <= 3; serial++)
        n1_value_index_add(&index, &(struct n1_owner){.serial = serial}, 77, 0, 0);
    const struct n1_place *p = n1_value_index_first(&index, 77);
    for (uint32_t serial = 3; serial >= 1; serial--) {
        assert_non_null(p);
        assert_int_equal(p->serial, serial);
        p = n1_value_index_older(&index, p);
    }
    assert_null(p);
    assert_null(n1_value_index_first(&index, 78));
    n1_value_index_release(&index);
}

/* Against a plain list, through many turns of the ring. */
static void index_forgets_in_order(void **state)
{
    (void)state;
    enum { CAPACITY = 64, ADDED = 5000 };
    struct n1_value_index index;
    n1_value_index_init(&index, CAPACITY);
    uint64_t hash[ADDED];
    for (uint64_t i = 0; i < ADDED; i++) {
        hash[i] = n1_mix(i, 3) % 40 << 32 | 1; /* collisions of buckets and repetitions of values */
        n1_value_index_add(&index, &(struct n1_owner){.serial = (uint32_t)i + 1}, hash[i], 0, 0);
        uint64_t probe = hash[i / 2];
        const struct n1_place *p = n1_value_index_first(&index, probe);
        for (uint64_t k = i + 1; k-- > 0 && i - k < CAPACITY - 1;) {
            if (hash[k] != probe)
                continue;
            assert_non_null(p);
            assert_int_equal(p->serial, k + 1);
            p = n1_value_index_older(&index, p);
        }
    }
    n1_value_index_release(&index);
}

static void equal_values_of_a_column_share_a_place(void **state)
{
    (void)state;
    struct n1_value_index index;
    n1_value_index_init(&index, 16);
    for (uint32_t row = 0; row < 100; row++) {
        n1_value_index_add(&index, &(struct n1_owner){.serial = 1}, 5, 2, row);
        n1_value_index_add(&index, &(struct n1_owner){.serial = 1}, 5, 3, row);
    }
    const struct n1_place *p = n1_value_index_first(&index, 5);
    assert_int_equal(p->column, 3);
    assert_int_equal(p->count, 100);
    assert_int_equal(p->first_row, 0);
    assert_int_equal(p->last_row, 99);
    assert_int_equal(n1_value_index_older(&index, p)->column, 2);
    n1_value_index_release(&index);
}

static void window_keeps_lists_from_singles(void **state)
{
    (void)state;
    struct n1_executions window;
    n1_executions_init(&window, 4, 4);
    struct n1_step *list = n1_executions_add(&window, true);
    uint32_t slot = list->slot;
    uint64_t serial = list->serial;
    for (int i = 0; i < 100; i++)
        n1_executions_add(&window, false);
    assert_ptr_equal(n1_executions_at(&window, slot, serial), list);
    for (int i = 0; i < 4; i++)
        n1_executions_add(&window, true);
    assert_null(n1_executions_at(&window, slot, serial));
    n1_executions_release(&window);
}

static void useful_list_gets_a_second_chance(void **state)
{
    (void)state;
    struct n1_executions window;
    n1_executions_init(&window, 4, 4);
    struct n1_step *list = n1_executions_add(&window, true);
    uint64_t serial = list->serial;
    for (int i = 0; i < 100; i++) {
        list->was_useful = true;
        n1_executions_add(&window, true);
    }
    assert_int_equal(list->serial, serial);
    n1_executions_release(&window);
}

/* Pairs of ids as keys, put and removed in many orders, against an array. */
static void table_holds_what_was_put(void **state)
{
    (void)state;
    enum { KEYS = 500, ROUNDS = 20000 };
    static char values[KEYS];
    bool is_there[KEYS] = {false};
    struct n1_table table = {0};
    size_t count = 0;
    assert_null(n1_table_get(&table, 1));
    assert_null(n1_table_remove(&table, 1));
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t i = n1_mix(round, 5) % KEYS, key = i << 32 | (i & 3);
        void *expected = is_there[i] ? &values[i] : NULL;
        bool puts = n1_mix(round, 6) % 3 != 0;
        assert_ptr_equal(puts ? n1_table_put(&table, key, &values[i]) : n1_table_remove(&table, key), expected);
        count += (size_t)puts - is_there[i];
        is_there[i] = puts;
        assert_int_equal(table.count, count);
        uint64_t k = n1_mix(round, 7) % KEYS;
        assert_ptr_equal(n1_table_get(&table, k << 32 | (k & 3)), is_there[k] ? &values[k] : NULL);
    }
    size_t met = 0;
    for (const struct n1_table_entry *e = n1_table_next(&table, NULL); e != NULL; e = n1_table_next(&table, e))
        met += is_there[e->key >> 32];
    assert_int_equal(met, count);
    n1_table_release(&table);
}

/* Integers that wait in columns come before the single cells of earlier rows. */
static void rows_of_a_shared_place_come_in_any_order(void **state)
{
    (void)state;
    struct n1_value_index index;
    n1_value_index_init(&index, 16);
    const uint32_t rows[] = {40, 41, 90, 3, 17};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        n1_value_index_add(&index, &(struct n1_owner){.serial = 1}, 77, 2, rows[i]);
    const struct n1_place *p = n1_value_index_first(&index, 77);
    assert_non_null(p);
    assert_int_equal(p->count, 5);
    assert_int_equal(p->first_row, 3);
    assert_int_equal(p->last_row, 90);
    assert_null(n1_value_index_older(&index, p));
    n1_value_index_release(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_shared_place_come_in_any_order),
        cmocka_unit_test(distinct_is_exact_then_close),
        cmocka_unit_test(index_finds_newest_first),
        cmocka_unit_test(index_forgets_in_order),
        cmocka_unit_test(equal_values_of_a_column_share_a_place),
        cmocka_unit_test(window_keeps_lists_from_singles),
        cmocka_unit_test(useful_list_gets_a_second_chance),
        cmocka_unit_test(table_holds_what_was_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
