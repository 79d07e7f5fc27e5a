/* Whole recordings, written by hand into a directory: merging, inheritance, rings, damage, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "trace/encode.h"
#include "trace/read.h"

static const struct n1_key KEY = {{1, 2}};

struct stream {
    GByteArray *bytes;
    char *name;
};

static char *directory;

static int setup(void **state)
{
    (void)state;
    directory = g_dir_make_tmp("n1prof-read-XXXXXX", NULL);
    return directory ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    GDir *dir = g_dir_open(directory, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(directory);
    g_free(directory);
    return 0;
}

static void save(const char *name, const void *bytes, size_t size)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
}

static void save_session(int format)
{
    g_autofree char *text =
        g_strdup_printf("{\"format\": %d, \"command\": [\"prog\", \"-x\"], \"working_directory\": \"/src\","
                        "\"start_ns\": 1, \"end_ns\": 900, \"exit_status\": 0}",
                        format);
    save("session.json", text, strlen(text));
}

static struct stream stream_new(const char *name, uint32_t pid, uint64_t start_ns)
{
    struct n1_stream_header h = {N1_MAGIC_STREAM, N1_FORMAT_VERSION, sizeof h, pid, 1, start_ns};
    struct stream s = {g_byte_array_new(), g_strdup(name)};
    g_byte_array_append(s.bytes, (const guint8 *)&h, sizeof h);
    return s;
}

static void add_chunk(struct stream *s, struct n1_chunk c, const void *payload, size_t size)
{
    c.magic = N1_MAGIC_CHUNK;
    c.size_bytes = (uint32_t)size;
    c.check = n1_encode_check(payload, size);
    g_byte_array_append(s->bytes, (const guint8 *)&c, sizeof c);
    g_byte_array_append(s->bytes, payload, (guint)size);
}

static void add_sql(struct stream *s, uint32_t id, const char *text)
{
    uint8_t buffer[512];
    struct n1_payload out = {buffer, buffer + sizeof buffer, 0};
    n1_put_varint(&out, id);
    n1_put_varint(&out, N1_DIALECT_SQLITE);
    n1_put_varint(&out, 0);
    n1_put_u64(&out, 77);
    n1_put_string(&out, text);
    n1_put_string(&out, "");
    add_chunk(s, (struct n1_chunk){.kind = N1_CHUNK_SQL}, buffer, (size_t)(out.at - buffer));
}

static void add_process(struct stream *s, const char *forked_from, uint32_t inherited)
{
    uint8_t buffer[512];
    struct n1_payload out = {buffer, buffer + sizeof buffer, 0};
    static const uint64_t NUMBERS[] = {10, 1, N1_CLOCK_MONOTONIC_NS, 0, 5, 6};
    for (size_t i = 0; i < 6; i++)
        n1_put_varint(&out, NUMBERS[i]);
    n1_put_string(&out, "/bin/prog");
    n1_put_string(&out, "/src");
    n1_put_varint(&out, 1);
    n1_put_string(&out, "prog");
    n1_put_string(&out, forked_from);
    for (int i = 0; i < 5; i++)
        n1_put_varint(&out, inherited);
    add_chunk(s, (struct n1_chunk){.kind = N1_CHUNK_PROCESS}, buffer, (size_t)(out.at - buffer));
}

/* Events that finish at the given ticks, with sql 1. Returns their bytes. */
static GByteArray *events_at(uint64_t base_tick, const uint64_t *ticks, size_t n)
{
    struct n1_encoder *enc = g_new0(struct n1_encoder, 1);
    GByteArray *bytes = g_byte_array_new();
    n1_encoder_reset(enc, base_tick);
    for (size_t i = 0; i < n; i++) {
        struct n1_encode_value param = {.value = n1_value_integer(&KEY, (int64_t)ticks[i])};
        struct n1_encode_exec e = {
            .sql = 1, .connection = 1, .tick = ticks[i], .start_tick = ticks[i] - 1, .n_bound = 1, .params = &param};
        uint8_t buffer[256];
        uint8_t *end = n1_encode_exec(enc, buffer, &e);
        g_byte_array_append(bytes, buffer, (guint)(end - buffer));
    }
    g_free(enc);
    return bytes;
}

static void add_events(struct stream *s, uint16_t slot, uint64_t position, uint64_t base_tick, const uint64_t *ticks,
                       size_t n)
{
    GByteArray *bytes = events_at(base_tick, ticks, n);
    add_chunk(s,
              (struct n1_chunk){
                  .kind = N1_CHUNK_EVENTS, .slot = slot, .tid = 100U + slot, .position = position, .tick = base_tick},
              bytes->data, bytes->len);
    g_byte_array_free(bytes, TRUE);
}

static void save_empty_ring(const char *stream_name)
{
    uint8_t ring[N1_PAGE_BYTES] = {0};
    struct n1_ring_header h = {.magic = N1_MAGIC_RING, .version = 1, .slot_stride_bytes = N1_SLOT_STRIDE};
    memcpy(ring, &h, sizeof h);
    g_autofree char *file = g_strdup_printf("%s.ring", stream_name);
    save(file, ring, sizeof ring);
}

static void save_stream(struct stream *s)
{
    g_autofree char *file = g_strdup_printf("%s.n1", s->name);
    save(file, s->bytes->data, s->bytes->len);
    save_empty_ring(s->name);
    g_byte_array_free(s->bytes, TRUE);
    g_free(s->name);
}

/* Opens, reads all events, and compares their times. */
static struct n1_trace *read_times(const uint64_t *want, size_t n)
{
    struct n1_error err = {0};
    struct n1_trace *trace = n1_trace_open(directory, &err);
    assert_string_equal(err.message, "");
    assert_non_null(trace);
    struct n1_event ev;
    for (size_t i = 0; i < n; i++) {
        assert_true(n1_trace_next(trace, &ev));
        assert_int_equal(ev.time_ns, want[i]);
    }
    assert_false(n1_trace_next(trace, &ev));
    return trace;
}

static void test_merges_slots_and_processes_by_time(void **state)
{
    (void)state;
    save_session(1);
    struct stream a = stream_new("10-a", 10, 1), b = stream_new("11-b", 11, 2);
    add_process(&a, "", 0);
    add_sql(&a, 1, "select 1");
    add_events(&a, 0, 0, 10, (uint64_t[]){10, 40, 50}, 3);
    add_events(&a, 1, 0, 20, (uint64_t[]){20, 45}, 2);
    add_events(&b, 0, 0, 15, (uint64_t[]){15, 60}, 2);
    save_stream(&a);
    save_stream(&b);
    struct n1_trace *trace = read_times((uint64_t[]){10, 15, 20, 40, 45, 50, 60}, 7);
    assert_int_equal(trace->n_processes, 2);
    assert_int_equal(trace->process[0].threads, 2);
    assert_true(trace->is_complete);
    assert_string_equal(n1_trace_sql(trace, 0, 1)->text, "select 1");
    assert_null(n1_trace_sql(trace, 1, 1));
    assert_string_equal(trace->session.argv[1], "-x");
    n1_trace_close(trace);
}

static void test_a_forked_child_inherits_up_to_the_fork(void **state)
{
    (void)state;
    save_session(1);
    struct stream a = stream_new("10-a", 10, 1), b = stream_new("11-b", 11, 2);
    add_process(&a, "", 0);
    add_sql(&a, 1, "one");
    add_sql(&a, 2, "two");
    add_sql(&a, 3, "after the fork");
    add_process(&b, "10-a", 2);
    add_sql(&b, 2, "own two");
    save_stream(&a);
    save_stream(&b);
    struct n1_trace *trace = read_times(NULL, 0);
    assert_int_equal(trace->process[1].forked_from, 1);
    assert_string_equal(n1_trace_sql(trace, 1, 1)->text, "one");
    assert_string_equal(n1_trace_sql(trace, 1, 2)->text, "own two");
    assert_null(n1_trace_sql(trace, 1, 3));
    n1_trace_close(trace);
}

static void save_ring(const char *name, uint64_t base, uint64_t base_tick, const uint64_t *ticks, size_t n)
{
    size_t size = N1_PAGE_BYTES + N1_SLOT_STRIDE;
    uint8_t *ring = g_malloc0(size);
    struct n1_ring_header h = {.magic = N1_MAGIC_RING, .version = 1, .slot_stride_bytes = N1_SLOT_STRIDE, .slots = 1};
    memcpy(ring, &h, sizeof h);
    GByteArray *bytes = events_at(base_tick, ticks, n);
    struct n1_slot_header slot = {N1_MAGIC_SLOT, 100, base, base + bytes->len, base_tick};
    memcpy(ring + N1_PAGE_BYTES, &slot, sizeof slot);
    memcpy(ring + 2 * N1_PAGE_BYTES, bytes->data, bytes->len);
    save(name, ring, size);
    g_byte_array_free(bytes, TRUE);
    g_free(ring);
}

static void test_a_ring_tail_is_read_once(void **state)
{
    (void)state;
    save_session(1);
    struct stream a = stream_new("10-a", 10, 1);
    add_events(&a, 0, 0, 10, (uint64_t[]){10, 20}, 2);
    GByteArray *drained = events_at(10, (uint64_t[]){10, 20}, 2);
    save_stream(&a);
    save_ring("10-a.ring", drained->len, 20, (uint64_t[]){30, 40}, 2);
    n1_trace_close(read_times((uint64_t[]){10, 20, 30, 40}, 4));
    save_ring("10-a.ring", 0, 10, (uint64_t[]){10, 20}, 2); /* died before base was stored: the same bytes twice */
    n1_trace_close(read_times((uint64_t[]){10, 20}, 2));
    g_byte_array_free(drained, TRUE);
}

static void test_a_torn_drain_has_lost_nothing(void **state)
{
    (void)state;
    save_session(1);
    struct stream a = stream_new("10-a", 10, 1);
    add_events(&a, 1, 0, 5, (uint64_t[]){5}, 1);
    add_events(&a, 0, 0, 10, (uint64_t[]){10, 20, 30, 40, 50, 60}, 6);
    g_byte_array_set_size(a.bytes, a.bytes->len - 40); /* the kill came in the middle of the write … */
    add_events(&a, 1, 100, 70, (uint64_t[]){70}, 1);   /* … and another thread's chunk behind it */
    save_stream(&a);
    save_ring("10-a.ring", 0, 10, (uint64_t[]){10, 20, 30, 40, 50, 60}, 6);
    struct n1_trace *trace = read_times((uint64_t[]){5, 10, 20, 30, 40, 50, 60, 70}, 8);
    assert_int_equal(trace->damaged_bytes, 0);
    assert_true(trace->is_complete);
    n1_trace_close(trace);
}

static void test_damage_is_skipped_and_counted(void **state)
{
    (void)state;
    save_session(1);
    struct stream a = stream_new("10-a", 10, 1);
    add_events(&a, 0, 0, 10, (uint64_t[]){10}, 1);
    guint damaged_at = a.bytes->len;
    add_events(&a, 0, 100, 20, (uint64_t[]){20}, 1);
    a.bytes->data[damaged_at + sizeof(struct n1_chunk) + 2] ^= 0xff;
    g_byte_array_append(a.bytes, (const guint8 *)"garbage between chunks", 22);
    add_events(&a, 0, 200, 30, (uint64_t[]){30}, 1);
    add_events(&a, 0, 300, 40, (uint64_t[]){40}, 1);
    g_byte_array_set_size(a.bytes, a.bytes->len - 3); /* torn tail */
    save_stream(&a);
    struct n1_trace *trace = read_times((uint64_t[]){10, 30}, 2);
    assert_true(trace->damaged_bytes > 22);
    assert_false(trace->is_complete);
    n1_trace_close(trace);
}

static void assert_refused(enum n1_error_code code, const char *word)
{
    struct n1_error err = {0};
    assert_null(n1_trace_open(directory, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, word));
    assert_null(strchr(err.message, '\n'));
}

static void test_a_ring_that_is_gone_or_cut_is_damage(void **state)
{
    (void)state;
    save_session(1);
    struct stream a = stream_new("10-a", 10, 1);
    add_events(&a, 0, 0, 10, (uint64_t[]){10}, 1);
    save_stream(&a);
    struct n1_trace *trace = read_times((uint64_t[]){10}, 1);
    assert_true(trace->is_complete);
    n1_trace_close(trace);
    save("10-a.ring", "", 0);
    trace = read_times((uint64_t[]){10}, 1);
    assert_false(trace->is_complete);
    n1_trace_close(trace);
    save_ring("10-a.ring", 1000, 20, (uint64_t[]){30}, 1);
    g_autofree char *path = g_build_filename(directory, "10-a.ring", NULL);
    assert_int_equal(truncate(path, N1_PAGE_BYTES + 100), 0);
    trace = read_times((uint64_t[]){10}, 1);
    assert_false(trace->is_complete);
    n1_trace_close(trace);
}

/* Before version 2 lists of cells had no runs; all else is as it was. */
static void test_version_1_is_read(void **state)
{
    (void)state;
    /* EXEC with cells: statement, connection, stack, tick, duration, rows; two cells of row 0, one of row 2. */
    static const uint8_t BYTES[] = {N1_EVENT_EXEC | N1_EVENT_HAS_CELLS,
                                    1,
                                    1,
                                    0,
                                    5,
                                    3,
                                    3,
                                    4, // four heads
                                    3,
                                    0x11,
                                    9,
                                    9,
                                    9,
                                    9,
                                    9,
                                    9,
                                    9,
                                    9, // column 0
                                    4,
                                    0x19,
                                    0x09,
                                    0x09, // column 1, the same value
                                    0,
                                    1, // a row without cells
                                    3,
                                    0x00}; // column 0, null
    save_session(1);
    struct stream a = stream_new("10-a", 10, 1);
    a.bytes->data[8] = 1;
    add_process(&a, "", 0);
    add_sql(&a, 1, "SELECT 1");
    add_chunk(&a, (struct n1_chunk){.kind = N1_CHUNK_EVENTS, .tid = 1}, BYTES, sizeof BYTES);
    save_stream(&a);
    struct n1_error error = {0};
    struct n1_trace *trace = n1_trace_open(directory, &error);
    struct n1_event ev;
    assert_non_null(trace);
    assert_true(n1_trace_next(trace, &ev));
    assert_int_equal(ev.n_cells, 3);
    assert_int_equal(ev.cells[2].row, 2);
    assert_true(ev.cells[0].hash == ev.cells[1].hash);
    assert_false(n1_trace_next(trace, &ev));
    n1_trace_close(trace);
}

static void test_refusals_say_why(void **state)
{
    (void)state;
    assert_refused(N1_ERROR_EMPTY, "not a recording");
    save_session(N1_FORMAT_VERSION + 1);
    assert_refused(N1_ERROR_VERSION, "newer n1prof");
    save("session.json", "{]", 2);
    assert_refused(N1_ERROR_FORMAT, "session.json");
    save_session(1);
    save("1-x.n1", "this is something else, long enough for a header, is it not? yes", 64);
    assert_refused(N1_ERROR_FORMAT, "foreign");
    struct stream a = stream_new("1-x", 1, 1);
    a.bytes->data[8] = N1_FORMAT_VERSION + 1;
    save_stream(&a);
    assert_refused(N1_ERROR_VERSION, "newer n1prof");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_merges_slots_and_processes_by_time),
        CASE(test_a_forked_child_inherits_up_to_the_fork),
        CASE(test_a_ring_tail_is_read_once),
        CASE(test_a_torn_drain_has_lost_nothing),
        CASE(test_damage_is_skipped_and_counted),
        CASE(test_a_ring_that_is_gone_or_cut_is_damage),
        CASE(test_version_1_is_read),
        CASE(test_refusals_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
