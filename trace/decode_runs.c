#include "trace/decode_runs.h"

#include <string.h>

#include "trace/value.h"

/* A run's head; count cells of it follow. */
struct run {
    uint32_t column, row, count;
    enum n1_run_form form;
    uint8_t magnitude;
};

struct n1_runs n1_decode_runs_head(struct n1_cursor *in)
{
    const uint64_t n_runs = n1_get_varint(in), n_cells = n1_get_varint(in);
    const uint64_t left = (uint64_t)(in->end - in->at);
    /* A seed of 8 bytes is the most that a cell can be had for. */
    if (n_runs == 0 || n_runs > left || n_cells > left * (N1_SEED_VALUES / 8) || n_cells > UINT32_MAX)
        in->is_bad = true;
    return in->is_bad ? (struct n1_runs){0} : (struct n1_runs){(uint32_t)n_runs, (uint32_t)n_cells};
}

static struct run get_run(struct n1_cursor *in, uint32_t room)
{
    const uint64_t column = n1_get_varint(in), row = n1_get_varint(in), count = n1_get_varint(in);
    if (in->at == in->end || column >= N1_COLUMNS_MAX * 64 || row > UINT32_MAX || count > room ||
        count > UINT32_MAX - row) {
        in->is_bad = true;
        return (struct run){0};
    }
    const uint8_t kind = *in->at++;
    const struct run run = {(uint32_t)column, (uint32_t)row, (uint32_t)count, kind & 3, kind >> 4};
    const uint64_t bytes =
        run.form == N1_RUN_HASHES ? (count + 1) / 2 + count * 8 : count / N1_SEED_VALUES * sizeof(uint64_t);
    if (run.form > N1_RUN_DOWN || (run.form != N1_RUN_HASHES && count % N1_SEED_VALUES != 0) ||
        bytes > (uint64_t)(in->end - in->at))
        in->is_bad = true;
    return run;
}

static uint64_t load(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline void set(struct n1_event_cell *cell, const struct run *run, uint32_t i, uint64_t hash, uint8_t magnitude)
{
    cell->hash = hash;
    cell->row = run->row + i;
    cell->column = (uint16_t)run->column;
    cell->kind = N1_VALUE_INTEGER;
    cell->magnitude = magnitude;
}

static void get_hashes(struct n1_cursor *in, const struct run *run, struct n1_event_cell *cells)
{
    const uint8_t *magnitudes = in->at, *hashes = in->at + (run->count + 1) / 2;
    for (uint32_t i = 0; i < run->count; i++) {
        const uint64_t hash = load(hashes + 8 * (size_t)i);
        in->is_bad |= hash == 0;
        set(&cells[i], run, i, hash, magnitudes[i / 2] >> i % 2 * 4 & 0xf);
    }
    in->at = hashes + 8 * (size_t)run->count;
}

static void get_seeds(struct n1_cursor *in, const struct run *run, struct n1_event_cell *cells)
{
    const unsigned turn = run->form == N1_RUN_DOWN ? N1_SEED_VALUES - 1 : 0;
    for (uint32_t i = 0; i < run->count; in->at += 8) {
        const uint64_t seed = load(in->at);
        for (unsigned place = 0; place < N1_SEED_VALUES; place++, i++)
            set(&cells[i], run, i, n1_value_of_seed(seed, place ^ turn), run->magnitude);
    }
}

uint32_t n1_decode_runs(struct n1_cursor *in, const struct n1_runs *runs, struct n1_event_cell *cells)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < runs->n_runs && !in->is_bad; i++) {
        const struct run run = get_run(in, runs->n_cells - count);
        if (in->is_bad)
            break;
        if (run.form == N1_RUN_HASHES)
            get_hashes(in, &run, cells + count);
        else
            get_seeds(in, &run, cells + count);
        count += run.count;
    }
    in->is_bad |= count != runs->n_cells;
    return count;
}
