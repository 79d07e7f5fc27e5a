/* Writes the recording's bytes: varints, event records, dictionary payloads. The shim's half of the format; pure functions
 * over a caller's buffer, no allocation, no lock, no system call. trace/decode.h is its mirror.
 *
 * An encoder belongs to one slot and so to one thread. It never checks for room: ask n1_encode_*_bound() first.
 *
 *     if (room < n1_encode_exec_bound(&exec)) { drain the slot; n1_encoder_reset(enc, tick); }
 *     p = n1_encode_exec(enc, p, &exec);
 *     store-release committed += p - start;
 */
#ifndef N1_TRACE_ENCODE_H
#define N1_TRACE_ENCODE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "trace/format.h"
#include "trace/value.h"

/* A value as it is about to be written. text is NULL unless real values are recorded. */
struct n1_encode_value {
    struct n1_value value;
    uint32_t text_bytes;
    const char *text;
};

/* When real values are recorded: its own was not kept. */
static inline int n1_encode_lacks_text(const struct n1_encode_value *v)
{
    return v->text_bytes == 0 && v->value.hash != 0 && !n1_value_is_empty(&v->value);
}

/* One result cell. row counts from 0 within the execution. */
struct n1_encode_cell {
    uint32_t row;
    uint16_t column;
    struct n1_encode_value value;
};

/* Runs of integers (format.h) as they will stand in a list of cells. bytes is the caller's. */
struct n1_encode_runs {
    uint8_t *bytes;
    uint32_t size_bytes;
    uint32_t n_runs;
    uint32_t n_cells; /* of all runs */
};

struct n1_encode_exec {
    uint64_t id; /* OPEN, CELLS, END: process-wide number of the execution, from 1 */
    uint32_t sql;
    uint32_t connection;
    uint32_t stack; /* 0: none */
    uint64_t tick;  /* now */
    uint64_t start_tick;
    uint64_t rows;
    uint32_t error;      /* 0: none */
    uint32_t n_bound;    /* bound parameters, then … */
    uint32_t n_literals; /* … literals of the text, both in params */
    const struct n1_encode_value *params;
    uint32_t text_bytes; /* of all real values in params and cells; 0 when none are recorded */
    uint32_t n_cells;
    uint32_t cells_row; /* CELLS, END: row of the last cell of the list before + 1; 0 at the first list */
    const struct n1_encode_cell *cells;
    const struct n1_encode_runs *runs; /* NULL or empty: none */
};

struct n1_encoder {
    uint64_t tick;
    uint32_t sql, connection, stack; /* of the last EXEC or OPEN */
    uint32_t has_values;             /* N1_PROCESS_VALUES */
    uint64_t cache[N1_VALUE_CACHE];  /* hashes of the last values; 0 = empty */
};

/* Starts a chunk: everything that refers to earlier records is forgotten. */
void n1_encoder_reset(struct n1_encoder *enc, uint64_t tick);

/* The value will be written soon: its place in the table of last values, 32 KiB of which one word is read, is fetched now. */
static inline void n1_encoder_expect(const struct n1_encoder *enc, const struct n1_value *value)
{
    __builtin_prefetch(&enc->cache[value->hash & (N1_VALUE_CACHE - 1)], 1);
}

enum {
    N1_VARINT_MAX = 10,
    N1_ENCODE_HEAD_MAX = 1 + 13 * N1_VARINT_MAX,
    N1_ENCODE_VALUE_MAX = 1 + 8 + N1_VARINT_MAX,
    N1_ENCODE_CELL_MAX = 3 * N1_VARINT_MAX + N1_ENCODE_VALUE_MAX,
    N1_ENCODE_RUN_HEAD_MAX = 4 * 5
};

/* Room that the integers of one column in n rows take as runs, at most: every second row has one, a run of its own. */
#define N1_ENCODE_RUNS_BOUND(n) (((n) + 1U) / 2U * (8U + 1U + N1_ENCODE_RUN_HEAD_MAX + 1U))

/* An upper bound of the record's size in bytes. */
static inline size_t n1_encode_exec_bound(const struct n1_encode_exec *exec)
{
    return N1_ENCODE_HEAD_MAX + (size_t)(exec->n_bound + exec->n_literals) * N1_ENCODE_VALUE_MAX +
           (size_t)exec->n_cells * N1_ENCODE_CELL_MAX + exec->text_bytes + (exec->runs ? exec->runs->size_bytes : 0);
}

/* Adds the integers of one column in the rows first_row, first_row + 1, …; 0: that row has none (a zero has no run). There is
 * room for N1_ENCODE_RUNS_BOUND(n). */
void n1_encode_runs_add(struct n1_encode_runs *runs, const struct n1_key *key, uint32_t column, uint32_t first_row,
                        const int64_t *values, uint32_t n);

/* Two numbers that lie side by side and a third, as varints. */
uint8_t *n1_encode_varints(uint8_t *p, uint64_t both, uint32_t third);
/* Each writes one record at p and returns the place behind it. */
uint8_t *n1_encode_exec(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec);
uint8_t *n1_encode_open(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec);
uint8_t *n1_encode_cells(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec);
uint8_t *n1_encode_end(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec);
uint8_t *n1_encode_scope(struct n1_encoder *enc, uint8_t *p, uint64_t tick, enum n1_scope_kind kind, uint32_t string);
uint8_t *n1_encode_lost(struct n1_encoder *enc, uint8_t *p, uint64_t tick, uint64_t count);
#define N1_ENCODE_SMALL_BOUND 32U /* of scope and lost records */

/* Checksum of a chunk's payload: finds torn and foreign bytes, not forgery. About 10 bytes a nanosecond. */
uint32_t n1_encode_check(const void *payload, size_t size_bytes);

/* ---- dictionary payloads: a bounded buffer that notes when it ran over -------------------------------------------- */
struct n1_payload {
    uint8_t *at, *end;
    int is_over; /* a put did not fit; nothing was written past end */
};

void n1_put_varint(struct n1_payload *out, uint64_t v);
void n1_put_bytes(struct n1_payload *out, const void *bytes, size_t size_bytes); /* length, then bytes */
void n1_put_u64(struct n1_payload *out, uint64_t v);                             /* 8 bytes */
static inline void n1_put_string(struct n1_payload *out, const char *text)
{
    n1_put_bytes(out, text ? text : "", text ? strlen(text) : 0);
}

#endif
