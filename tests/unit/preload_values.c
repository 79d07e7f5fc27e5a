/* The recorder's rules of values, one by one: which columns are keys, what the bytes of a parameter are, how a real value is
 * spelled. Nothing is recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "preload/hooks/libpq.h"
#include "preload/hooks/sqlite.h"
#include "preload/recorder/cells.h"
#include "preload/stacks/stack.h"

uint32_t n1_stack_capture(void)
{
    return 0;
}

void n1_stack_adopt(struct n1_stack_home *home)
{
    (void)home;
}

static void names_of_keys(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_key;
    } names[] = {{"id", true},       {"ID", true},      {"author_id", true}, {"authorId", true}, {"authorID", true},
                 {"pk", true},       {"uuid", true},    {"user_uuid", true}, {"order_no", true}, {"zip_code", true},
                 {"slug", true},     {"api_key", true}, {"ref", true},       {"name", false},    {"paid", false},
                 {"grid", false},    {"monkey", false}, {"", false},         {"_id", true},      {"price", false},
                 {"book_ref", true}, {"number", true},  {"created", false},  {"note", false},    {"video", false}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n1_cells_is_key_name(names[i].name) != names[i].is_key)
            fail_msg("%s", names[i].name);
}

static void codes_of_postgres(void **state)
{
    (void)state;
    assert_int_equal(n1_pq_error_code("00000"), 0);
    assert_int_equal(n1_pq_error_code("42P01"), ((((4 * 36) + 2) * 36 + 25) * 36 + 0) * 36 + 1);
    assert_int_equal(n1_pq_error_code("42p01"), 0);
    assert_int_equal(n1_pq_error_code("42"), 0);
    assert_int_equal(n1_pq_error_code(NULL), 0);
}

static void utf16_to_utf8(void **state)
{
    (void)state;
    char out[16];
    assert_int_equal(n1_sqlite_utf8(u"a\u00e9\u20ac\U0001f600", 10, out, sizeof out), 10);
    assert_memory_equal(out, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10);
    assert_int_equal(n1_sqlite_utf8(u"\U0001f600", 4, out, 3), -1);
    assert_int_equal(n1_sqlite_utf8(u"\U0001f600", 2, out, sizeof out), 3); /* half a pair: as it stands */
}

static struct n1_encode_value param(Oid type, int is_binary, const char *bytes, int length)
{
    struct n1_encode_value out[N1_PARAMS_MAX];
    const struct n1_pq_params params = {1, &type, &bytes, &length, &is_binary};
    assert_int_equal(n1_pq_read_params(&params, out, NULL), 1);
    return out[0];
}

static void parameters_of_postgres(void **state)
{
    (void)state;
    const uint64_t five = n1_value_integer(&n1_process.key, 5).hash, minus = n1_value_integer(&n1_process.key, -2).hash;
    assert_true(param(0, 0, "5", 0).value.hash == five);
    /* Any other format than 0 is binary to libpq, and such bytes have no end of their own. */
    char bare[2] = {0, 5}, *unended = malloc(sizeof bare);
    memcpy(unended, bare, sizeof bare);
    assert_true(param(21, 2, unended, sizeof bare).value.hash == five);
    free(unended);
    assert_true(param(21, 1, "\0\5", 2).value.hash == five);
    assert_true(param(20, 1, "\0\0\0\0\0\0\0\5", 8).value.hash == five);
    assert_true(param(0, 1, "\0\0\0\5", 4).value.hash == five); /* no type: guessed */
    assert_true(param(23, 1, "\xff\xff\xff\xfe", 4).value.hash == minus);
    assert_true(param(1700, 0, "5", 0).value.hash == five);
    assert_true(param(1700, 1, "\0\1\0\0\0\0\0\0\0\5", 10).value.hash == five); /* numeric: one digit, weight 0 */
    assert_true(param(1700, 1, "\0\1\0\0\x40\0\0\0\0\2", 10).value.hash == minus);
    assert_true(param(1700, 1, "\0\1\0\1\0\0\0\0\0\5", 10).value.hash ==
                n1_value_integer(&n1_process.key, 50000).hash); /* weight 1, its zeros left out */
    assert_int_equal(param(1700, 1, "\0\1\xff\xff\0\0\0\1\x13\x88", 10).value.kind, N1_VALUE_UNKNOWN); /* 0.5 */
    assert_int_equal(param(1700, 1, "\0\0\0\0\xc0\0\0\0", 8).value.kind, N1_VALUE_UNKNOWN);            /* NaN */
    assert_int_equal(param(1700, 1, "\0\2\0\1", 4).value.kind, N1_VALUE_UNKNOWN);                      /* cut off */
    assert_true(param(0, 1, "\xff\xff\xff\xfe", 4).value.hash == minus);
    assert_int_equal(param(0, 1, "\xd7\x8b\xa5#\xf1\"\xb0\xcfZo`n\xa4%\x99V", 16).value.kind,
                     N1_VALUE_UUID); /* no control byte */
    assert_int_equal(param(0, 1, "abcd", 4).value.kind, N1_VALUE_TEXT);
    assert_int_equal(param(0, 1, "K\xc3\xb6\xe2\x82\xac!\xc3", 8).value.kind,
                     N1_VALUE_INTEGER); /* a character is cut off */
    assert_int_equal(param(0, 1, "K\xc3\xb6\xe2\x82\xac!!", 8).value.kind, N1_VALUE_TEXT);
    assert_int_equal(param(16, 0, "t", 0).value.kind, N1_VALUE_BOOLEAN);
    assert_true(param(16, 0, "t", 0).value.hash == param(16, 1, "\1", 1).value.hash);
    assert_int_equal(param(2950, 1, "0123456789abcdef", 16).value.kind, N1_VALUE_UUID);
    assert_true(param(17, 0, "\\x0102", 0).value.hash == param(17, 1, "\1\2", 2).value.hash);
    assert_int_equal(param(0, 0, NULL, 0).value.kind, N1_VALUE_NULL);
    assert_int_equal(param(23, 1, "\1", 1).value.kind, N1_VALUE_UNKNOWN); /* a length that no integer has */
}

static void real_values_of_postgres(void **state)
{
    (void)state;
    char room[N1_VALUE_TEXT_MAX], longer[N1_VALUE_TEXT_MAX + 2];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    const struct {
        Oid type;
        int is_binary, length;
        const char *bytes, *text;
    } cases[] = {{0, 0, 0, "five", "five"},
                 {23, 1, 4, "\xff\xff\xff\xfe", "-2"},
                 {1700, 1, 10, "\0\1\0\1\0\0\0\0\0\5", "50000"},
                 {16, 0, 0, "f", "false"},
                 {16, 1, 1, "\1", "true"},
                 {17, 1, 3, "\0\x0f\xf0", "000ff0"},
                 {17, 0, 0, "\\x0FF0", "0ff0"},
                 {2950, 1, 16, "0123456789abcdef", "30313233-3435-3637-3839-616263646566"},
                 {0, 0, 0, "", ""},
                 {0, 0, 0, longer, NULL /* cut */}};
    n1_process.has_values = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct n1_encode_value out[N1_PARAMS_MAX];
        struct n1_arena arena = {.at = room, .end = room + sizeof room};
        const struct n1_pq_params params = {1, &cases[i].type, &cases[i].bytes, &cases[i].length, &cases[i].is_binary};
        assert_int_equal(n1_pq_read_params(&params, out, &arena), 1);
        const char *text = cases[i].text ? cases[i].text : cases[i].bytes;
        assert_int_equal(out->text_bytes, cases[i].text ? strlen(text) : N1_VALUE_TEXT_MAX);
        assert_memory_equal(out->text, text, out->text_bytes);
        assert_false(n1_encode_lacks_text(out));
        arena.at = arena.end; /* and without room */
        n1_pq_read_params(&params, out, &arena);
        assert_int_equal(n1_encode_lacks_text(out), *text != '\0');
    }
    n1_process.has_values = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_of_keys), cmocka_unit_test(codes_of_postgres),
                                       cmocka_unit_test(utf16_to_utf8), cmocka_unit_test(parameters_of_postgres),
                                       cmocka_unit_test(real_values_of_postgres)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
