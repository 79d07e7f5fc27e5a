#include "trace/decode.h"

#include <glib.h>
#include <string.h>

#include "trace/decode_runs.h"

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static uint64_t get_long_varint(struct n1_cursor *in)
{
    uint64_t v = 0;
    for (int shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        uint8_t byte = *in->at++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return v;
    }
    in->is_bad = true;
    return 0;
}

/* Of up to eight bytes at once: the byte without a high bit ends it, then the groups of seven bits close ranks. */
static inline uint64_t get_varint(struct n1_cursor *in)
{
    if (in->at < in->end && *in->at < 0x80)
        return *in->at++;
    uint64_t word;
    if (in->end - in->at < (ptrdiff_t)sizeof word)
        return get_long_varint(in);
    memcpy(&word, in->at, sizeof word);
    uint64_t ends = ~word & 0x8080808080808080ULL;
    if (ends == 0)
        return get_long_varint(in);
    in->at += (__builtin_ctzll(ends) >> 3) + 1;
    word &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7fULL;
    word = (word & 0x007f007f007f007fULL) | (word & 0x7f007f007f007f00ULL) >> 1;
    word = (word & 0x00003fff00003fffULL) | (word & 0x3fff00003fff0000ULL) >> 2;
    return (word & 0x000000000fffffffULL) | (word & 0x0fffffff00000000ULL) >> 4;
}

uint64_t n1_get_varint(struct n1_cursor *in)
{
    return get_varint(in);
}

uint64_t n1_get_u64(struct n1_cursor *in)
{
    uint64_t v = 0;
    if (in->end - in->at < (ptrdiff_t)sizeof v) {
        in->is_bad = true;
        return 0;
    }
    memcpy(&v, in->at, sizeof v);
    in->at += sizeof v;
    return v;
}

const uint8_t *n1_get_bytes(struct n1_cursor *in, size_t *size_bytes)
{
    uint64_t size = get_varint(in);
    if (in->is_bad || size > (uint64_t)(in->end - in->at)) {
        in->is_bad = true;
        *size_bytes = 0;
        return (const uint8_t *)"";
    }
    const uint8_t *bytes = in->at;
    in->at += size;
    *size_bytes = (size_t)size;
    return bytes;
}

static inline uint8_t get_byte(struct n1_cursor *in)
{
    if (in->at < in->end)
        return *in->at++;
    in->is_bad = true;
    return 0;
}

static inline uint32_t get_u32(struct n1_cursor *in)
{
    uint64_t v = get_varint(in);
    if (v > UINT32_MAX)
        in->is_bad = true;
    return in->is_bad ? 0 : (uint32_t)v;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* A value in full. text points into the chunk here; keep_texts() copies it when the record is whole. */
static inline void get_full_value(const struct n1_decoder *dec, struct n1_cursor *in, struct n1_event_value *v)
{
    uint8_t head = get_byte(in);
    *v = (struct n1_event_value){.value = {.kind = head & 7, .magnitude = head >> 4}};
    if (v->value.kind == N1_VALUE_NULL || v->value.kind == N1_VALUE_UNKNOWN)
        return;
    v->value.hash = n1_get_u64(in);
    if (dec->has_values) {
        size_t size;
        v->text = (const char *)n1_get_bytes(in, &size);
        if (size > N1_VALUE_TEXT_MAX)
            in->is_bad = true;
        v->text_bytes = (uint32_t)size;
    }
}

static inline void get_value(struct n1_decoder *dec, struct n1_cursor *in, struct n1_event_value *v)
{
    const uint8_t *start = in->at;
    if (start < in->end && (*start & N1_VALUE_REF) != 0) {
        in->at++;
        uint32_t index = get_byte(in);
        index |= (uint32_t)get_byte(in) << 8;
        if (index >= N1_VALUE_CACHE || dec->value_at[index] == 0) {
            in->is_bad = true;
            return;
        }
        struct n1_cursor earlier = {dec->base + dec->value_at[index], in->end, false};
        get_full_value(dec, &earlier, v);
        in->is_bad |= v->value.hash == 0;
        return;
    }
    get_full_value(dec, in, v);
    if (!in->is_bad && v->value.kind != N1_VALUE_NULL && v->value.kind != N1_VALUE_UNKNOWN)
        dec->value_at[v->value.hash & (N1_VALUE_CACHE - 1)] = (uint32_t)(start - dec->base);
}

static void get_params(struct n1_decoder *dec, struct n1_cursor *in, struct n1_scratch *scratch, struct n1_event *ev)
{
    ev->n_bound = get_u32(in);
    ev->n_literals = get_u32(in);
    uint64_t count = (uint64_t)ev->n_bound + ev->n_literals;
    if (count > (uint64_t)(in->end - in->at)) /* a value takes at least a byte */
        in->is_bad = true;
    if (in->is_bad)
        return;
    struct n1_event_value *params = n1_scratch_take(scratch, count * sizeof *params);
    for (uint64_t i = 0; i < count && !in->is_bad; i++)
        get_value(dec, in, &params[i]);
    ev->params = params;
}

static void get_cells(struct n1_decoder *dec, struct n1_cursor *in, struct n1_scratch *scratch, struct n1_event *ev,
                      uint32_t next_row)
{
    uint64_t heads = get_varint(in);
    if (heads > (uint64_t)(in->end - in->at))
        in->is_bad = true;
    if (in->is_bad)
        return;
    struct n1_runs runs = {0};
    if (heads > 0 && *in->at == 1) {
        in->at++;
        runs = n1_decode_runs_head(in);
        heads--;
    }
    struct n1_event_cell *cells = n1_scratch_take(scratch, (heads + runs.n_cells) * sizeof *cells);
    uint32_t count = n1_decode_runs(in, &runs, cells);
    for (uint64_t i = 0; i < heads && !in->is_bad; i++) {
        uint64_t head = get_varint(in);
        if (head == 0) {
            next_row += get_u32(in);
            continue;
        }
        uint64_t column = (head >> 1) - 1;
        next_row += head & 1;
        if (head < 2 || column >= N1_COLUMNS_MAX * 64 || next_row == 0) {
            in->is_bad = true;
            break;
        }
        cells[count].row = next_row - 1;
        cells[count].column = (uint16_t)column;
        get_value(dec, in, &cells[count++].value);
    }
    ev->n_cells = count;
    ev->cells = cells;
}

/* ---- real values: NUL-terminated copies -------------------------------------------------------------------------- */

static char *keep_text(struct n1_event_value *v, char *copy)
{
    if (!v->text)
        return copy;
    memcpy(copy, v->text, v->text_bytes);
    copy[v->text_bytes] = '\0';
    v->text = copy;
    return copy + v->text_bytes + 1;
}

static void keep_texts(struct n1_scratch *scratch, struct n1_event *ev)
{
    struct n1_event_value *params = (struct n1_event_value *)(uintptr_t)ev->params;
    struct n1_event_cell *cells = (struct n1_event_cell *)(uintptr_t)ev->cells;
    const uint32_t n_params = params ? ev->n_bound + ev->n_literals : 0;
    size_t need = 0;
    for (uint32_t i = 0; i < n_params; i++)
        need += params[i].text_bytes + 1;
    for (uint32_t i = 0; i < ev->n_cells; i++)
        need += cells[i].value.text_bytes + 1;
    char *copy = n1_scratch_take(scratch, need);
    for (uint32_t i = 0; i < n_params; i++)
        copy = keep_text(&params[i], copy);
    for (uint32_t i = 0; i < ev->n_cells; i++)
        copy = keep_text(&cells[i].value, copy);
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

void n1_decoder_reset(struct n1_decoder *dec, uint64_t tick, bool has_values)
{
    dec->base = NULL;
    dec->tick = tick;
    dec->sql = dec->connection = dec->stack = 0;
    dec->has_values = has_values;
    memset(dec->value_at, 0, sizeof dec->value_at);
}

void n1_decoder_release(struct n1_decoder *dec)
{
    n1_scratch_release(&dec->scratch);
    memset(dec, 0, sizeof *dec);
}

static inline void get_place(struct n1_decoder *dec, struct n1_cursor *in)
{
    if (dec->head & N1_EVENT_SAME)
        return;
    dec->sql = get_u32(in);
    dec->connection = get_u32(in);
    dec->stack = get_u32(in);
}

int n1_decode_head(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end)
{
    struct n1_cursor in = {*at, end, false};
    if (!dec->base)
        dec->base = *at;
    for (;;) {
        if (in.at == end) {
            *at = end;
            return 0;
        }
        dec->head = *in.at++;
        unsigned type = dec->head & 0x0f;
        if (type == 0)
            return -1;
        if (type <= N1_EVENT_LOST) {
            dec->execution = type >= N1_EVENT_OPEN && type <= N1_EVENT_END ? get_varint(&in) : 0;
            if (type <= N1_EVENT_OPEN)
                get_place(dec, &in);
            dec->tick += get_varint(&in);
            if (in.is_bad)
                return -1;
            *at = in.at;
            return 1;
        }
        size_t skipped; /* a type of the future: length, bytes */
        n1_get_bytes(&in, &skipped);
        if (in.is_bad)
            return -1;
    }
}

static inline uint64_t before(uint64_t tick, uint64_t ticks)
{
    return tick > ticks ? tick - ticks : 0;
}

static inline void get_outcome(const struct n1_decoder *dec, struct n1_cursor *in, struct n1_event *ev)
{
    ev->duration_ns = get_varint(in);
    ev->start_ns = before(dec->tick, ev->duration_ns);
    ev->rows = get_varint(in);
    if (dec->head & N1_EVENT_ERROR)
        ev->error = get_u32(in);
}

/* Field by field: for a structure of this size the compiler's own way is a string instruction that takes longer than the record. */
static inline void clear(struct n1_event *ev)
{
    ev->process = ev->tid = 0;
    ev->sql = ev->connection = ev->stack = 0;
    ev->start_ns = ev->duration_ns = ev->rows = 0;
    ev->error = ev->n_bound = ev->n_literals = 0;
    ev->params = NULL;
    ev->n_cells = 0;
    ev->cells = NULL;
    ev->scope_kind = 0;
    ev->string = 0;
    ev->lost = 0;
}

int n1_decode_body(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_scratch *scratch,
                   struct n1_event *ev)
{
    struct n1_cursor in = {*at, end, false};
    clear(ev);
    ev->type = dec->head & 0x0f;
    ev->time_ns = dec->tick;
    ev->execution = dec->execution;
    bool has_cells = (dec->head & N1_EVENT_HAS_CELLS) != 0, has_params = (dec->head & N1_EVENT_PARAMS) != 0;
    switch (ev->type) {
    case N1_EVENT_EXEC:
        ev->sql = dec->sql;
        ev->connection = dec->connection;
        ev->stack = dec->stack;
        get_outcome(dec, &in, ev);
        if (has_params)
            get_params(dec, &in, scratch, ev);
        if (has_cells)
            get_cells(dec, &in, scratch, ev, 0);
        break;
    case N1_EVENT_OPEN:
        ev->sql = dec->sql;
        ev->connection = dec->connection;
        ev->stack = dec->stack;
        ev->start_ns = before(dec->tick, get_varint(&in));
        if (has_params)
            get_params(dec, &in, scratch, ev);
        break;
    case N1_EVENT_CELLS: get_cells(dec, &in, scratch, ev, get_u32(&in)); break;
    case N1_EVENT_END:
        get_outcome(dec, &in, ev);
        if (has_cells)
            get_cells(dec, &in, scratch, ev, get_u32(&in));
        break;
    case N1_EVENT_SCOPE:
        ev->scope_kind = (enum n1_scope_kind)get_byte(&in);
        ev->string = get_u32(&in);
        break;
    case N1_EVENT_LOST: ev->lost = get_varint(&in); break;
    }
    if (in.is_bad)
        return -1;
    if (dec->has_values)
        keep_texts(scratch, ev);
    *at = in.at;
    return 1;
}

int n1_decode(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_event *ev)
{
    const uint8_t *next = *at;
    n1_scratch_reset(&dec->scratch);
    int rc = n1_decode_head(dec, &next, end);
    if (rc > 0)
        rc = n1_decode_body(dec, &next, end, &dec->scratch, ev);
    if (rc >= 0)
        *at = next;
    return rc;
}
