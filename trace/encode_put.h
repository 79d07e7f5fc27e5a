/* The pieces that records are made of, and the EXEC record, inline: for the one place where every nanosecond counts, the end of
 * an execution (preload/recorder/execution.c). Everybody else uses encode.h.
 *
 * Each writes at p and returns the place behind; room was asked for before.
 */
#ifndef N1_TRACE_ENCODE_PUT_H
#define N1_TRACE_ENCODE_PUT_H

#include "trace/encode.h"

/* Always: a record that is built for one call is never laid out in memory then. */
#define N1_ENCODE_INLINE static inline __attribute__((always_inline))

N1_ENCODE_INLINE uint8_t *n1_encode_put_varint(uint8_t *p, uint64_t v)
{
    while (__builtin_expect(v >= 0x80, 0)) {
        *p++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *p++ = (uint8_t)v;
    return p;
}

/* The same for a value that mostly takes two bytes: no loop to be mispredicted. */
N1_ENCODE_INLINE uint8_t *n1_encode_put_varint_2(uint8_t *p, uint64_t v)
{
    if (__builtin_expect(v - 0x80 < 0x4000 - 0x80, 1)) {
        const uint16_t both = (uint16_t)((v & 0x7f) | 0x80 | (v & 0x3f80) << 1);
        memcpy(p, &both, sizeof both);
        return p + sizeof both;
    }
    return n1_encode_put_varint(p, v);
}

N1_ENCODE_INLINE uint8_t *n1_encode_put_u64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
    return p + sizeof v;
}

/* A value without its text. *is_new is set when the text, if there is one, has to follow. */
N1_ENCODE_INLINE uint8_t *n1_encode_put_hash(struct n1_encoder *enc, uint8_t *p, const struct n1_value *v, int *is_new)
{
    const uint64_t hash = v->hash;
    const uint32_t index = (uint32_t)hash & (N1_VALUE_CACHE - 1);
    uint32_t head = (uint32_t)v->kind | (uint32_t)v->magnitude << 4;
    *p = (uint8_t)head;
    if (__builtin_expect(hash == 0, 0)) /* NULL or unknown */
        return p + 1;
    if (enc->cache[index] == hash) {
        head |= N1_VALUE_REF | index << 8;
        memcpy(p, &head, sizeof head);
        return p + 3;
    }
    enc->cache[index] = hash;
    *is_new = 1;
    return n1_encode_put_u64(p + 1, hash);
}

N1_ENCODE_INLINE uint8_t *n1_encode_put_value(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_value *v)
{
    int is_new = 0;
    p = n1_encode_put_hash(enc, p, &v->value, &is_new);
    if (__builtin_expect(!is_new || !enc->has_values, 1))
        return p;
    if (n1_encode_lacks_text(v)) /* the next one may have its text, and is written in full */
        enc->cache[(uint32_t)v->value.hash & (N1_VALUE_CACHE - 1)] = 0;
    p = n1_encode_put_varint(p, v->text_bytes);
    if (v->text_bytes)
        memcpy(p, v->text, v->text_bytes);
    return p + v->text_bytes;
}

N1_ENCODE_INLINE uint8_t *n1_encode_put_params(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_exec *exec)
{
    const struct n1_encode_value *v = exec->params, *const end = v + exec->n_bound + exec->n_literals;
    p = n1_encode_put_varint(p, exec->n_bound);
    p = n1_encode_put_varint(p, exec->n_literals);
    for (; v < end; v++)
        p = n1_encode_put_value(enc, p, v);
    return p;
}

/* sql, connection and stack, unless they are those of the record before; the head's SAME flag then. */
N1_ENCODE_INLINE uint8_t *n1_encode_put_place(struct n1_encoder *enc, uint8_t *p, uint8_t *head,
                                              const struct n1_encode_exec *exec)
{
    if (__builtin_expect(
            ((enc->sql ^ exec->sql) | (enc->connection ^ exec->connection) | (enc->stack ^ exec->stack)) == 0, 1)) {
        *head |= N1_EVENT_SAME;
        return p;
    }
    enc->sql = exec->sql;
    enc->connection = exec->connection;
    enc->stack = exec->stack;
    p = n1_encode_put_varint(p, exec->sql);
    p = n1_encode_put_varint(p, exec->connection);
    return n1_encode_put_varint_2(p, exec->stack);
}

N1_ENCODE_INLINE uint8_t *n1_encode_put_tick(struct n1_encoder *enc, uint8_t *p, uint64_t tick)
{
    if (__builtin_expect(tick < enc->tick, 0)) /* counters of two cores may disagree by a few ticks */
        tick = enc->tick;
    p = n1_encode_put_varint_2(p, tick - enc->tick);
    enc->tick = tick;
    return p;
}

N1_ENCODE_INLINE uint8_t *n1_encode_put_outcome(uint8_t *p, uint8_t *head, const struct n1_encode_exec *exec)
{
    p = n1_encode_put_varint_2(p, exec->tick > exec->start_tick ? exec->tick - exec->start_tick : 0);
    p = n1_encode_put_varint(p, exec->rows);
    if (__builtin_expect(exec->error != 0, 0)) {
        *head |= N1_EVENT_ERROR;
        p = n1_encode_put_varint(p, exec->error);
    }
    return p;
}

/* An EXEC without cells; the head is written by the caller, at the place before p. */
N1_ENCODE_INLINE uint8_t *n1_encode_put_plain(struct n1_encoder *enc, uint8_t *p, uint8_t *head,
                                              const struct n1_encode_exec *exec)
{
    *head = N1_EVENT_EXEC;
    p = n1_encode_put_place(enc, p, head, exec);
    p = n1_encode_put_tick(enc, p, exec->tick);
    p = n1_encode_put_outcome(p, head, exec);
    if (__builtin_expect(exec->n_bound + exec->n_literals == 0, 0))
        return p;
    *head |= N1_EVENT_PARAMS;
    return n1_encode_put_params(enc, p, exec);
}

/* Is it a varint of two bytes, and as such. */
N1_ENCODE_INLINE int n1_encode_is_two(uint64_t v)
{
    return v - 0x80 < 0x4000 - 0x80;
}

N1_ENCODE_INLINE uint64_t n1_encode_two(uint64_t v)
{
    return v + (v & 0x3f80) + 0x80; /* the upper seven bits move up by one, and the bit that says that they follow */
}

/* Two numbers that lie side by side, the first in the lower half. */
N1_ENCODE_INLINE uint64_t n1_encode_both(const uint32_t *first)
{
    uint64_t both;
    memcpy(&both, first, sizeof both);
    return both;
}

/* What the usual record is of: an execution without cells, error and real values. */
struct n1_encode_usual {
    uint64_t tick, start_tick, rows;
    uint64_t place;  /* sql, connection */
    uint64_t counts; /* n_bound, n_literals */
    uint32_t stack;
    const struct n1_encode_value *params;
};

/* As n1_encode_put_place. Small numbers are laid out in one register; a stack's takes one byte or two. */
N1_ENCODE_INLINE uint8_t *n1_encode_put_usual_place(struct n1_encoder *enc, uint8_t *p, uint8_t *head, uint64_t place,
                                                    uint32_t stack)
{
    _Static_assert(offsetof(struct n1_encoder, connection) == offsetof(struct n1_encoder, sql) + sizeof enc->sql,
                   "side by side");
    if (((n1_encode_both(&enc->sql) ^ place) | (enc->stack ^ stack)) == 0) {
        *head |= N1_EVENT_SAME;
        return p;
    }
    memcpy(&enc->sql, &place, sizeof place);
    enc->stack = stack;
    if (__builtin_expect((place & ~UINT64_C(0x7f0000007f)) || stack >= 0x4000, 0))
        return n1_encode_varints(p, place, stack);
    const uint32_t is_two = stack >= 0x80, in_two = stack + (stack & 0x3f80) + 0x80;
    const uint32_t all = (uint32_t)(place | place >> 24) | (is_two ? in_two : stack) << 16;
    memcpy(p, &all, sizeof all);
    return p + 3 + is_two;
}

/* The same of the usual record, head included: ticks of two bytes, counts of one; laid out in one register. NULL, with nothing
 * changed: it is not usual. As much room as for a plain one. */
N1_ENCODE_INLINE uint8_t *n1_encode_put_usual(struct n1_encoder *enc, uint8_t *p, const struct n1_encode_usual *exec)
{
    const uint64_t delta = exec->tick - enc->tick, duration = exec->tick - exec->start_tick;
    if (__builtin_expect(!n1_encode_is_two(delta) || !n1_encode_is_two(duration) || exec->rows >= 0x80 ||
                             (exec->counts & ~UINT64_C(0x7f0000007f)),
                         0))
        return NULL;
    const uint64_t tail = n1_encode_two(delta) | n1_encode_two(duration) << 16 | exec->rows << 32 | exec->counts << 40 |
                          (exec->counts >> 32) << 48;
    const struct n1_encode_value *v = exec->params, *const end = v + (uint32_t)(exec->counts + (exec->counts >> 32));
    uint8_t *const head = p;
    enc->tick = exec->tick;
    *head = N1_EVENT_EXEC;
    p = n1_encode_put_usual_place(enc, p + 1, head, exec->place, exec->stack);
    memcpy(p, &tail, sizeof tail);
    p += 5;
    if (__builtin_expect(v == end, 0))
        return p;
    *head |= N1_EVENT_PARAMS;
    p += 2;
    do {
        int is_new;
        p = n1_encode_put_hash(enc, p, &v->value, &is_new);
    } while (__builtin_expect(++v < end, 0));
    return p;
}

/* The cells of a usual record, behind it: few enough for a count of one byte. As n1_encode_exec would write them. */
enum { N1_ENCODE_FEW_CELLS = 8 };
N1_ENCODE_INLINE uint8_t *n1_encode_put_few_cells(struct n1_encoder *enc, uint8_t *p, uint8_t *head,
                                                  const struct n1_encode_cell *cell, uint32_t n)
{
    const struct n1_encode_cell *const end = cell + n;
    uint32_t next_row = 0;
    uint8_t *const count = p++;
    *head |= N1_EVENT_HAS_CELLS;
    for (; cell < end; cell++) {
        if (__builtin_expect(cell->row > next_row, 0)) {
            *p++ = 0;
            p = n1_encode_put_varint(p, cell->row - next_row);
            next_row = cell->row;
            n++;
        }
        const unsigned is_first = cell->row == next_row;
        int is_new;
        next_row += is_first;
        p = n1_encode_put_varint(p, ((uint64_t)cell->column + 1) << 1 | is_first);
        p = n1_encode_put_hash(enc, p, &cell->value.value, &is_new);
    }
    *count = (uint8_t)n;
    return p;
}

#endif
