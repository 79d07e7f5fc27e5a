/* Canonical forms: what a database finds equal has one hash, what it does not has another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "trace/value.h"

static const struct n1_key KEY = {{0x0123456789abcdefULL, 0xfedcba9876543210ULL}};

static struct n1_value text(const char *s)
{
    return n1_value_text(&KEY, s, strlen(s));
}

static void test_integers_agree_however_spelled(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t integer;
    } SAME[] = {
        {"0", 0}, {"5", 5}, {"-7", -7}, {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++) {
        struct n1_value a = text(SAME[i].text), b = n1_value_integer(&KEY, SAME[i].integer);
        assert_int_equal(a.kind, N1_VALUE_INTEGER);
        assert_true(a.hash == b.hash && a.magnitude == b.magnitude);
    }
    assert_true(n1_value_float(&KEY, 5.0).hash == n1_value_integer(&KEY, 5).hash);
    assert_int_equal(n1_value_float(&KEY, 5.5).kind, N1_VALUE_FLOAT);
    assert_int_equal(n1_value_float(&KEY, 1e300).kind, N1_VALUE_FLOAT);
}

static void test_other_texts_stay_texts(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "",   "-", "-0", "05", "+5", " 5", "5 ", "5.0", "9223372036854775808", "0x5", "5e0", "12345678901234567890123",
        "abc"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        assert_int_equal(text(TEXTS[i]).kind, N1_VALUE_TEXT);
}

static void test_uuids_agree_however_spelled(void **state)
{
    (void)state;
    static const uint8_t BYTES[16] = {0x55, 0x0e, 0x84, 0x00, 0xe2, 0x9b, 0x41, 0xd4,
                                      0xa7, 0x16, 0x44, 0x66, 0x55, 0x44, 0x00, 0x0f};
    static const char *const SAME[] = {"550e8400-e29b-41d4-a716-44665544000f", "550E8400E29B41D4A71644665544000F",
                                       "{550e8400-e29b-41d4-a716-44665544000f}"};
    struct n1_value blob = n1_value_blob(&KEY, BYTES, 16);
    for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++) {
        assert_int_equal(text(SAME[i]).kind, N1_VALUE_UUID);
        assert_true(text(SAME[i]).hash == blob.hash);
    }
    assert_int_equal(text("550e8400e-29b-41d4-a716-44665544000f").kind, N1_VALUE_TEXT);
    assert_int_equal(text("zz0e8400e29b41d4a71644665544000f").kind, N1_VALUE_TEXT);
}

static void test_kinds_and_keys_separate(void **state)
{
    (void)state;
    static const struct n1_key OTHER = {{1, 2}};
    assert_true(n1_value_bytes(&KEY, "abc", 3, N1_VALUE_TEXT).hash !=
                n1_value_bytes(&KEY, "abc", 3, N1_VALUE_BLOB).hash);
    assert_true(n1_value_integer(&KEY, 1).hash != n1_value_boolean(&KEY, 1).hash);
    assert_true(n1_value_integer(&KEY, 42).hash != n1_value_integer(&OTHER, 42).hash);
    assert_true(n1_value_text(&KEY, "abc", 3).hash != n1_value_text(&OTHER, "abc", 3).hash);
}

static void test_magnitude_tells_small_from_large(void **state)
{
    (void)state;
    assert_int_equal(n1_value_integer(&KEY, 0).magnitude, 0);
    assert_int_equal(n1_value_integer(&KEY, 7).magnitude, 1);
    assert_int_equal(n1_value_integer(&KEY, 30).magnitude, 2);
    assert_true(n1_value_integer(&KEY, 1000000).magnitude > n1_value_integer(&KEY, 1000).magnitude);
    assert_int_equal(n1_value_integer(&KEY, INT64_MIN).magnitude, 15);
}

/* The reference's own vectors use another key set-up; what matters here: no two of many short strings collide. */
static void test_hashes_of_many_values_differ(void **state)
{
    (void)state;
    enum { N = 20000 };
    static uint64_t seen[65536];
    for (int64_t i = 0; i < N; i++) {
        uint64_t hash = n1_value_integer(&KEY, i).hash;
        size_t at = hash & 65535;
        while (seen[at] && seen[at] != hash)
            at = (at + 1) & 65535;
        assert_true(seen[at] == 0);
        seen[at] = hash;
    }
}

static void test_key_parse(void **state)
{
    (void)state;
    struct n1_key key = {{9, 9}};
    assert_int_equal(n1_key_parse(&key, "00112233445566778899aAbBcCdDeEfF"), 0);
    assert_true(key.word[0] == 0x0011223344556677ULL && key.word[1] == 0x8899aabbccddeeffULL);
    struct n1_key before = key;
    assert_int_equal(n1_key_parse(&key, "00112233445566778899aAbBcCdDeEf"), -1);
    assert_int_equal(n1_key_parse(&key, "0011223344556677889xaAbBcCdDeEfF"), -1);
    assert_int_equal(n1_key_parse(&key, NULL), -1);
    assert_memory_equal(&key, &before, sizeof key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_agree_however_spelled),
        cmocka_unit_test(test_other_texts_stay_texts),
        cmocka_unit_test(test_uuids_agree_however_spelled),
        cmocka_unit_test(test_kinds_and_keys_separate),
        cmocka_unit_test(test_magnitude_tells_small_from_large),
        cmocka_unit_test(test_hashes_of_many_values_differ),
        cmocka_unit_test(test_key_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
