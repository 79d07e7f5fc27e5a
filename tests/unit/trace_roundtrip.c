/* What the encoder writes, the decoder reads: random records of every type; and no cut of them is read as something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "trace/decode.h"
#include "trace/encode.h"
#include "trace/encode_put.h"

static const struct n1_key KEY = {{11, 22}};
enum { RECORDS = 4000, PARAMS = 5, CELLS = 200 };

struct sample {
    enum n1_event_type type;
    struct n1_encode_exec exec;
    struct n1_encode_value params[PARAMS];
    struct n1_encode_cell cells[CELLS];
};

static uint64_t seed = 20261122;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(seed >> 33) % n;
}

static struct n1_encode_value random_value(bool has_values)
{
    static const char *const TEXTS[] = {"alpha", "x", "a longer text with spaces", ""};
    struct n1_encode_value v = {0};
    switch (random_below(6)) {
    case 0: v.value = n1_value_null(); return v;
    case 1: v.value = (struct n1_value){0, N1_VALUE_UNKNOWN, 0}; return v;
    case 2: v.text = TEXTS[random_below(4)]; break;
    default:
        v.text = TEXTS[0];
        v.value = n1_value_integer(&KEY, random_below(3000));
        break;
    }
    if (!v.value.hash)
        v.value = n1_value_text(&KEY, v.text, strlen(v.text));
    v.text_bytes = has_values ? (uint32_t)strlen(v.text) : 0;
    v.text = has_values ? v.text : NULL;
    return v;
}

static uint32_t texts_of(const struct sample *s)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < s->exec.n_bound + s->exec.n_literals; i++)
        bytes += s->params[i].text_bytes;
    for (uint32_t i = 0; i < s->exec.n_cells; i++)
        bytes += s->cells[i].value.text_bytes;
    return bytes;
}

static void fill(struct sample *s, uint64_t *tick, bool has_values)
{
    memset(s, 0, sizeof *s);
    s->type = (enum n1_event_type)(1 + random_below(4));
    struct n1_encode_exec *e = &s->exec;
    *tick += random_below(100000);
    e->id = 1 + random_below(1000);
    e->sql = 1 + random_below(3);
    e->connection = 1;
    e->stack = random_below(3);
    e->tick = *tick;
    e->start_tick = *tick - random_below(1000);
    e->rows = random_below(50);
    e->error = random_below(4) ? 0 : random_below(100000);
    if (s->type == N1_EVENT_EXEC || s->type == N1_EVENT_OPEN) {
        e->n_bound = random_below(PARAMS);
        e->n_literals = random_below(PARAMS - e->n_bound);
        e->params = s->params;
        for (uint32_t i = 0; i < PARAMS; i++)
            s->params[i] = random_value(has_values);
    }
    if (s->type != N1_EVENT_OPEN) {
        e->n_cells = random_below(CELLS);
        e->cells = s->cells;
        e->cells_row = s->type == N1_EVENT_EXEC ? 0 : random_below(1000);
        uint32_t row = e->cells_row ? e->cells_row - random_below(2) : 0;
        for (uint32_t i = 0; i < e->n_cells; i++) {
            s->cells[i] = (struct n1_encode_cell){row, (uint16_t)random_below(60), random_value(has_values)};
            row += random_below(4) ? random_below(2) : random_below(100);
        }
    }
    e->text_bytes = texts_of(s);
}

static uint8_t *encode(struct n1_encoder *enc, uint8_t *p, const struct sample *s)
{
    switch (s->type) {
    case N1_EVENT_EXEC: return n1_encode_exec(enc, p, &s->exec);
    case N1_EVENT_OPEN: return n1_encode_open(enc, p, &s->exec);
    case N1_EVENT_CELLS: return n1_encode_cells(enc, p, &s->exec);
    default: return n1_encode_end(enc, p, &s->exec);
    }
}

static void assert_value(const struct n1_encode_value *want, struct n1_value got, const char *text)
{
    assert_int_equal(want->value.kind, got.kind);
    assert_true(want->value.hash == got.hash);
    assert_int_equal(want->value.magnitude, got.magnitude);
    if (text != NULL)
        assert_string_equal(want->text, text);
    else
        assert_true(want->text_bytes == 0 || want->value.hash == 0);
}

static void assert_same(const struct sample *s, const struct n1_event *ev, bool has_values)
{
    const struct n1_encode_exec *e = &s->exec;
    assert_int_equal(s->type, ev->type);
    assert_true(ev->time_ns == e->tick);
    if (s->type != N1_EVENT_EXEC)
        assert_true(ev->execution == e->id);
    if (s->type == N1_EVENT_EXEC || s->type == N1_EVENT_OPEN) {
        assert_int_equal(ev->sql, e->sql);
        assert_int_equal(ev->stack, e->stack);
        assert_true(ev->start_ns == e->start_tick);
        assert_int_equal(ev->n_bound, e->n_bound);
        for (uint32_t i = 0; i < e->n_bound + e->n_literals; i++)
            assert_value(&e->params[i], ev->params[i], has_values ? ev->param_text[i] : NULL);
    }
    if (s->type == N1_EVENT_EXEC || s->type == N1_EVENT_END) {
        assert_true(ev->rows == e->rows);
        assert_int_equal(ev->error, e->error);
        assert_true(ev->duration_ns == e->tick - e->start_tick);
    }
    assert_int_equal(ev->n_cells, e->n_cells);
    for (uint32_t i = 0; i < e->n_cells; i++) {
        assert_int_equal(ev->cells[i].row, e->cells[i].row);
        assert_int_equal(ev->cells[i].column, e->cells[i].column);
        assert_value(&e->cells[i].value, n1_event_cell_value(&ev->cells[i]), has_values ? ev->cell_text[i] : NULL);
    }
}

static void roundtrip(bool has_values)
{
    static struct sample samples[RECORDS];
    struct n1_encoder *enc = g_new0(struct n1_encoder, 1);
    struct n1_decoder *dec = g_new0(struct n1_decoder, 1);
    uint8_t *bytes = g_malloc(RECORDS * 16384U), *p = bytes;
    uint64_t tick = 1000000;
    n1_encoder_reset(enc, tick);
    enc->has_values = has_values;
    n1_decoder_reset(dec, tick, has_values);
    for (int i = 0; i < RECORDS; i++) {
        fill(&samples[i], &tick, has_values);
        uint8_t *before = p;
        p = encode(enc, p, &samples[i]);
        assert_true((size_t)(p - before) <= n1_encode_exec_bound(&samples[i].exec));
    }
    const uint8_t *at = bytes;
    struct n1_event ev;
    for (int i = 0; i < RECORDS; i++) {
        assert_int_equal(n1_decode(dec, &at, p, &ev), 1);
        assert_same(&samples[i], &ev, has_values);
    }
    assert_int_equal(n1_decode(dec, &at, p, &ev), 0);
    n1_decoder_release(dec);
    g_free(dec);
    g_free(enc);
    g_free(bytes);
}

static void test_roundtrip_hashes(void **state)
{
    (void)state;
    roundtrip(false);
}

static void test_roundtrip_values(void **state)
{
    (void)state;
    roundtrip(true);
}

/* ---- runs of integers --------------------------------------------------------------------------------------------- */
enum { STRETCHES = 6, STRETCH = 200, RUN_BYTES = STRETCHES * N1_ENCODE_RUNS_BOUND(STRETCH) };

struct stretches {
    struct n1_encode_runs runs;
    uint8_t bytes[RUN_BYTES];
    uint32_t n;
    struct {
        uint32_t column, row, n;
        int64_t value[STRETCH];
    } one[STRETCHES];
};

/* Rising and falling by one from any number, small ones and negative ones too, broken at random; or any numbers. */
static void fill_stretches(struct stretches *s)
{
    static const int64_t STARTS[] = {1, 0, -100, 31, 32, 63, 2000, 32700, INT64_MAX - 300, INT64_MIN + 300};
    memset(s, 0, sizeof *s);
    s->runs.bytes = s->bytes;
    s->n = 1 + random_below(STRETCHES);
    for (uint32_t i = 0; i < s->n; i++) {
        int64_t v = STARTS[random_below(G_N_ELEMENTS(STARTS))] + random_below(40);
        const int64_t step = (int64_t)random_below(3) - 1;
        const uint32_t breaks = random_below(3) ? 150 : 3;
        s->one[i].column = random_below(N1_COLUMNS_MAX);
        s->one[i].row = random_below(70000);
        s->one[i].n = 1 + random_below(STRETCH);
        for (uint32_t k = 0; k < s->one[i].n; k++, v += step) {
            if (random_below(breaks) == 0)
                v = random_below(100000);
            s->one[i].value[k] = random_below(breaks) ? v : 0; /* none in this row */
        }
        const uint32_t before = s->runs.size_bytes;
        n1_encode_runs_add(&s->runs, &KEY, s->one[i].column, s->one[i].row, s->one[i].value, s->one[i].n);
        assert_true(s->runs.size_bytes - before <= N1_ENCODE_RUNS_BOUND(s->one[i].n));
    }
}

/* Returns the number of integers. */
static uint32_t assert_stretches(const struct stretches *s, const struct n1_event *ev)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; k < s->one[i].n; k++) {
            if (s->one[i].value[k] == 0)
                continue;
            const struct n1_value want = n1_value_integer(&KEY, s->one[i].value[k]);
            assert_true(at < ev->n_cells);
            assert_int_equal(ev->cells[at].row, s->one[i].row + k);
            assert_int_equal(ev->cells[at].column, s->one[i].column);
            assert_int_equal(ev->cells[at].kind, N1_VALUE_INTEGER);
            assert_int_equal(ev->cells[at].magnitude, want.magnitude);
            assert_true(ev->cells[at++].hash == want.hash);
        }
    return at;
}

static size_t encode_with_runs(struct n1_encoder *enc, uint8_t *bytes, struct sample *s, const struct stretches *runs)
{
    uint64_t tick = 500000;
    n1_encoder_reset(enc, tick);
    do
        fill(s, &tick, false);
    while (s->type == N1_EVENT_OPEN);
    s->exec.runs = &runs->runs;
    const size_t size = (size_t)(encode(enc, bytes, s) - bytes);
    assert_true(size <= n1_encode_exec_bound(&s->exec));
    return size;
}

static void test_roundtrip_runs(void **state)
{
    (void)state;
    static struct stretches runs;
    struct n1_encoder *enc = g_new0(struct n1_encoder, 1);
    struct n1_decoder *dec = g_new0(struct n1_decoder, 1);
    static uint8_t bytes[16384 + RUN_BYTES];
    struct sample s;
    struct n1_event ev;
    for (int round = 0; round < 3000; round++) {
        fill_stretches(&runs);
        const size_t size = encode_with_runs(enc, bytes, &s, &runs);
        const uint8_t *at = bytes;
        n1_decoder_reset(dec, 500000, false);
        assert_int_equal(n1_decode(dec, &at, bytes + size, &ev), 1);
        assert_true(at == bytes + size);
        const uint32_t n = assert_stretches(&runs, &ev);
        ev.cells += n; /* the single cells stand behind */
        ev.n_cells -= n;
        assert_same(&s, &ev, false);
    }
    n1_decoder_release(dec);
    g_free(dec);
    g_free(enc);
}

/* A thousand keys in a row cost a byte each, not nine. */
static void test_keys_in_a_row_are_small(void **state)
{
    (void)state;
    static uint8_t bytes[N1_ENCODE_RUNS_BOUND(1000)];
    struct n1_encode_runs runs = {.bytes = bytes};
    int64_t v[1000];
    for (int i = 0; i < 1000; i++)
        v[i] = 1017 + i;
    n1_encode_runs_add(&runs, &KEY, 0, 0, v, 1000);
    assert_int_equal(runs.n_cells, 1000);
    assert_true(runs.size_bytes < 600);
}

static void test_every_cut_of_runs_is_noticed(void **state)
{
    (void)state;
    static struct stretches runs;
    struct n1_encoder *enc = g_new0(struct n1_encoder, 1);
    struct n1_decoder *dec = g_new0(struct n1_decoder, 1);
    static uint8_t bytes[16384 + RUN_BYTES];
    struct sample s;
    struct n1_event ev;
    for (int round = 0; round < 20; round++) {
        fill_stretches(&runs);
        const size_t size = encode_with_runs(enc, bytes, &s, &runs);
        for (size_t cut = 1; cut < size; cut++) {
            uint8_t *exact = g_memdup2(bytes, cut);
            const uint8_t *at = exact;
            n1_decoder_reset(dec, 500000, false);
            assert_int_equal(n1_decode(dec, &at, exact + cut, &ev), -1);
            g_free(exact);
        }
    }
    n1_decoder_release(dec);
    g_free(dec);
    g_free(enc);
}

static void test_every_cut_is_noticed(void **state)
{
    (void)state;
    struct n1_encoder *enc = g_new0(struct n1_encoder, 1);
    struct n1_decoder *dec = g_new0(struct n1_decoder, 1);
    struct sample s;
    uint8_t bytes[16384];
    for (int round = 0; round < 200; round++) {
        uint64_t tick = 500000;
        n1_encoder_reset(enc, tick);
        fill(&s, &tick, false);
        size_t size = (size_t)(encode(enc, bytes, &s) - bytes);
        for (size_t cut = 1; cut < size; cut++) {
            uint8_t *exact = g_memdup2(bytes, cut);
            const uint8_t *at = exact;
            struct n1_event ev;
            n1_decoder_reset(dec, 500000, false);
            assert_int_equal(n1_decode(dec, &at, exact + cut, &ev), -1);
            g_free(exact);
        }
    }
    n1_decoder_release(dec);
    g_free(dec);
    g_free(enc);
}

/* A number that never ends, where the usual record's are: whatever is read behind it must be within the bytes. */
static void test_a_number_without_an_end_is_noticed(void **state)
{
    (void)state;
    for (size_t first = 1; first <= 3; first++) {
        uint8_t *bytes = malloc(160); /* of just this size: a sanitizer sees what is read behind it */
        static struct n1_decoder dec;
        struct n1_event ev;
        memset(bytes, 0xff, 160);
        bytes[0] = N1_EVENT_EXEC | N1_EVENT_PARAMS;
        memset(bytes + 1, 1, 4 + first); /* what leads to the duration, or to the rows, or to the parameters */
        const uint8_t *at = bytes;
        n1_decoder_reset(&dec, 0, false);
        assert_int_equal(n1_decode(&dec, &at, bytes + 160, &ev), -1);
        free(bytes);
    }
}

static void test_events_of_the_future_are_skipped(void **state)
{
    (void)state;
    static const uint8_t BYTES[] = {0x0d, 3, 1, 2, 3, N1_EVENT_LOST, 5, 7};
    struct n1_decoder *dec = g_new0(struct n1_decoder, 1);
    const uint8_t *at = BYTES;
    struct n1_event ev;
    assert_int_equal(n1_decode(dec, &at, BYTES + sizeof BYTES, &ev), 1);
    assert_int_equal(ev.type, N1_EVENT_LOST);
    assert_int_equal(ev.lost, 7);
    n1_decoder_release(dec);
    g_free(dec);
}

/* A value whose text was not kept: the next one of its hash has its own. An empty text is one. */
static void test_a_text_that_was_not_kept(void **state)
{
    (void)state;
    static struct n1_encoder enc;
    static uint8_t bytes[1024];
    struct n1_decoder *dec = g_new0(struct n1_decoder, 1);
    struct n1_event ev;
    const struct n1_encode_value value[] = {{n1_value_integer(&KEY, 7), 0, NULL},
                                            {n1_value_integer(&KEY, 7), 1, "7"},
                                            {n1_value_integer(&KEY, 7), 0, NULL},
                                            {n1_value_text(&KEY, "", 0), 0, ""}};
    const struct n1_encode_exec exec = {.tick = 1, .n_bound = 4, .params = value, .text_bytes = 1};
    n1_encoder_reset(&enc, 0);
    enc.has_values = true;
    const uint8_t *at = bytes, *end = n1_encode_exec(&enc, bytes, &exec);
    n1_decoder_reset(dec, 0, true);
    assert_int_equal(n1_decode(dec, &at, end, &ev), 1);
    assert_null(ev.param_text[0]);
    assert_string_equal(ev.param_text[1], "7");
    assert_string_equal(ev.param_text[2], "7"); /* that of the second */
    assert_string_equal(ev.param_text[3], "");
    n1_decoder_release(dec);
    g_free(dec);
}

/* The short way of a usual record with a few cells writes the same bytes as the long one, and both go on from the same state. */
static void test_usual_records_are_the_same(void **state)
{
    (void)state;
    static struct n1_encoder enc[2];
    static uint8_t bytes[2][64 * 1024];
    uint32_t usual = 0;
    uint64_t tick = 0;
    n1_encoder_reset(&enc[0], tick);
    n1_encoder_reset(&enc[1], tick);
    for (int i = 0; i < RECORDS; i++) {
        struct sample s;
        fill(&s, &tick, false);
        s.exec.error = 0;
        s.exec.n_cells = s.type == N1_EVENT_EXEC ? random_below(N1_ENCODE_FEW_CELLS + 1) : 0;
        const struct n1_encode_usual short_way = {.tick = s.exec.tick,
                                                  .start_tick = s.exec.start_tick,
                                                  .rows = s.exec.rows,
                                                  .place = n1_encode_both(&s.exec.sql),
                                                  .counts = n1_encode_both(&s.exec.n_bound),
                                                  .stack = s.exec.stack,
                                                  .params = s.exec.params};
        uint8_t *end = n1_encode_put_usual(&enc[0], bytes[0], &short_way);
        if (end && s.exec.n_cells)
            end = n1_encode_put_few_cells(&enc[0], end, bytes[0], s.cells, s.exec.n_cells);
        usual += end && s.exec.n_cells;
        if (!end)
            end = n1_encode_exec(&enc[0], bytes[0], &s.exec);
        const size_t size_bytes = (size_t)(n1_encode_exec(&enc[1], bytes[1], &s.exec) - bytes[1]);
        assert_int_equal(end - bytes[0], size_bytes);
        assert_memory_equal(bytes[0], bytes[1], size_bytes);
        assert_memory_equal(&enc[0], &enc[1], sizeof enc[0]);
    }
    assert_true(usual > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roundtrip_hashes),
        cmocka_unit_test(test_roundtrip_values),
        cmocka_unit_test(test_roundtrip_runs),
        cmocka_unit_test(test_a_text_that_was_not_kept),
        cmocka_unit_test(test_usual_records_are_the_same),
        cmocka_unit_test(test_keys_in_a_row_are_small),
        cmocka_unit_test(test_every_cut_of_runs_is_noticed),
        cmocka_unit_test(test_every_cut_is_noticed),
        cmocka_unit_test(test_a_number_without_an_end_is_noticed),
        cmocka_unit_test(test_events_of_the_future_are_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
