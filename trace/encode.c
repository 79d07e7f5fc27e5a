#include "trace/encode.h"

#include <stdbool.h>

#include "trace/encode_put.h"

void n1_encoder_reset(struct n1_encoder *enc, uint64_t tick)
{
    enc->tick = tick;
    enc->sql = enc->connection = enc->stack = 0;
    memset(enc->cache, 0, sizeof enc->cache);
}

uint8_t *n1_encode_varints(uint8_t *p, uint64_t both, uint32_t third)
{
    p = n1_encode_put_varint(p, (uint32_t)both);
    p = n1_encode_put_varint(p, both >> 32);
    return n1_encode_put_varint(p, third);
}

/* A varint of a width that is known before its value is: padded with continuation bytes, which every LEB128 reader takes. */
static void put_padded(uint8_t *p, int width, uint64_t v)
{
    for (int i = 0; i < width; i++, v >>= 7)
        p[i] = (uint8_t)((v & 0x7f) | (i + 1 < width ? 0x80 : 0));
}

static bool has_cells(const struct n1_encode_exec *exec)
{
    return exec->n_cells || (exec->runs && exec->runs->n_runs);
}

static uint8_t *put_runs(uint8_t *p, const struct n1_encode_runs *runs)
{
    p = n1_encode_put_varint(p, 1);
    p = n1_encode_put_varint(p, runs->n_runs);
    p = n1_encode_put_varint(p, runs->n_cells);
    memcpy(p, runs->bytes, runs->size_bytes);
    return p + runs->size_bytes;
}

/* next_row: the row that the first cell with bit 0 starts. The number of heads, cells and skips, is written when it is known. */
static uint8_t *put_cells(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec, uint32_t next_row)
{
    const int width = exec->n_cells < 1U << 6 ? 1 : exec->n_cells < 1U << 13 ? 2 : 5; /* heads <= 2 * cells + 1 */
    uint8_t *const count = p;
    uint64_t heads = exec->n_cells;
    p += width;
    if (exec->runs && exec->runs->n_runs) {
        p = put_runs(p, exec->runs);
        heads++;
    }
    for (uint32_t i = 0; i < exec->n_cells; i++) {
        const struct n1_encode_cell *cell = &exec->cells[i];
        if (cell->row > next_row) {
            p = n1_encode_put_varint(p, 0);
            p = n1_encode_put_varint(p, cell->row - next_row);
            next_row = cell->row;
            heads++;
        }
        const unsigned is_first = cell->row == next_row;
        p = n1_encode_put_varint(p, ((uint64_t)cell->column + 1) << 1 | is_first);
        next_row += is_first;
        p = n1_encode_put_value(enc, p, &cell->value);
    }
    put_padded(count, width, heads);
    return p;
}

static uint64_t ticks_since(uint64_t start, uint64_t now)
{
    return now > start ? now - start : 0;
}

uint8_t *n1_encode_exec(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec)
{
    uint8_t *const at = p, head;
    p = n1_encode_put_plain(enc, p + 1, &head, exec);
    if (has_cells(exec)) {
        head |= N1_EVENT_HAS_CELLS;
        p = put_cells(enc, p, exec, 0);
    }
    *at = head;
    return p;
}

uint8_t *n1_encode_open(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec)
{
    uint8_t *head = p++;
    *head = N1_EVENT_OPEN;
    p = n1_encode_put_varint(p, exec->id);
    p = n1_encode_put_place(enc, p, head, exec);
    p = n1_encode_put_tick(enc, p, exec->tick);
    p = n1_encode_put_varint(p, ticks_since(exec->start_tick, exec->tick));
    if (exec->n_bound + exec->n_literals) {
        *head |= N1_EVENT_PARAMS;
        p = n1_encode_put_params(enc, p, exec);
    }
    return p;
}

uint8_t *n1_encode_cells(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec)
{
    *p++ = N1_EVENT_CELLS;
    p = n1_encode_put_varint(p, exec->id);
    p = n1_encode_put_tick(enc, p, exec->tick);
    p = n1_encode_put_varint(p, exec->cells_row);
    return put_cells(enc, p, exec, exec->cells_row);
}

uint8_t *n1_encode_end(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec)
{
    uint8_t *head = p++;
    *head = N1_EVENT_END;
    p = n1_encode_put_varint(p, exec->id);
    p = n1_encode_put_tick(enc, p, exec->tick);
    p = n1_encode_put_outcome(p, head, exec);
    if (has_cells(exec)) {
        *head |= N1_EVENT_HAS_CELLS;
        p = n1_encode_put_varint(p, exec->cells_row);
        p = put_cells(enc, p, exec, exec->cells_row);
    }
    return p;
}

uint8_t *n1_encode_scope(struct n1_encoder *enc, uint8_t *p, uint64_t tick, enum n1_scope_kind kind, uint32_t string)
{
    *p++ = N1_EVENT_SCOPE;
    p = n1_encode_put_tick(enc, p, tick);
    *p++ = (uint8_t)kind;
    return n1_encode_put_varint(p, string);
}

uint8_t *n1_encode_lost(struct n1_encoder *enc, uint8_t *p, uint64_t tick, uint64_t count)
{
    *p++ = N1_EVENT_LOST;
    p = n1_encode_put_tick(enc, p, tick);
    return n1_encode_put_varint(p, count);
}

/* Four independent multiply lanes, so that the multiplier's latency hides. */
uint32_t n1_encode_check(const void *payload, size_t size_bytes)
{
    const uint8_t *p = payload;
    uint64_t lane[4] = {0x9e3779b97f4a7c15ULL ^ size_bytes, 0xd6e8feb86659fd93ULL, 0xc2b2ae3d27d4eb4fULL,
                        0x165667b19e3779f9ULL};
    size_t left = size_bytes;
    for (; left >= 32; left -= 32, p += 32) {
        for (int i = 0; i < 4; i++) {
            uint64_t word;
            memcpy(&word, p + 8 * i, sizeof word);
            lane[i] = (lane[i] ^ word) * 0x9fb21c651e98df25ULL;
            lane[i] ^= lane[i] >> 31;
        }
    }
    uint64_t hash = lane[0];
    for (int i = 1; i < 4; i++)
        hash = (hash ^ lane[i]) * 0x9fb21c651e98df25ULL;
    for (; left; left--, p++)
        hash = (hash ^ *p) * 0x100000001b3ULL;
    hash ^= hash >> 32;
    return (uint32_t)hash;
}

static bool payload_takes(struct n1_payload *out, size_t size_bytes)
{
    if (!out->is_over && (size_t)(out->end - out->at) < size_bytes)
        out->is_over = 1;
    return !out->is_over;
}

void n1_put_varint(struct n1_payload *out, uint64_t v)
{
    if (payload_takes(out, N1_VARINT_MAX))
        out->at = n1_encode_put_varint(out->at, v);
}

void n1_put_u64(struct n1_payload *out, uint64_t v)
{
    if (payload_takes(out, sizeof v))
        out->at = n1_encode_put_u64(out->at, v);
}

void n1_put_bytes(struct n1_payload *out, const void *bytes, size_t size_bytes)
{
    n1_put_varint(out, size_bytes);
    if (!payload_takes(out, size_bytes))
        return;
    if (size_bytes)
        memcpy(out->at, bytes, size_bytes);
    out->at += size_bytes;
}
