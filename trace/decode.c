#include "trace/decode.h"

#include <glib.h>
#include <string.h>

#include "trace/decode_runs.h"

/* ---- fields ------------------------------------------------------------------------------------------------------
 * Small and always inline: then a cursor lives in registers while a record is read. Whatever is rare is a call by value. */

#define INLINE         static inline __attribute__((always_inline))
#define N1_LIKELY(...) __builtin_expect((__VA_ARGS__), 1)

struct far {
    uint64_t value;
    const uint8_t *at; /* NULL: bad */
};

static struct far get_long_varint(const uint8_t *at, const uint8_t *end)
{
    uint64_t v = 0;
    for (int shift = 0; shift < 64 && at < end; shift += 7) {
        uint8_t byte = *at++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return (struct far){v, at};
    }
    return (struct far){0, NULL};
}

INLINE uint64_t get_far_varint(struct n1_cursor *in)
{
    struct far far = get_long_varint(in->at, in->end);
    in->is_bad |= far.at == NULL;
    in->at = far.at != NULL ? far.at : in->end;
    return far.value;
}

/* Of up to eight bytes at once: the byte without a high bit ends it, then the groups of seven bits close ranks. */
INLINE uint64_t get_varint(struct n1_cursor *in)
{
    if (in->at < in->end && *in->at < 0x80)
        return *in->at++;
    uint64_t word;
    if (in->end - in->at < (ptrdiff_t)sizeof word)
        return get_far_varint(in);
    memcpy(&word, in->at, sizeof word);
    uint64_t ends = ~word & 0x8080808080808080ULL;
    if (ends == 0)
        return get_far_varint(in);
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

INLINE uint64_t get_u64(struct n1_cursor *in)
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

uint64_t n1_get_u64(struct n1_cursor *in)
{
    return get_u64(in);
}

INLINE const uint8_t *get_bytes(struct n1_cursor *in, size_t *size_bytes)
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

const uint8_t *n1_get_bytes(struct n1_cursor *in, size_t *size_bytes)
{
    return get_bytes(in, size_bytes);
}

INLINE uint8_t get_byte(struct n1_cursor *in)
{
    if (in->at < in->end)
        return *in->at++;
    in->is_bad = true;
    return 0;
}

INLINE uint32_t get_u32(struct n1_cursor *in)
{
    uint64_t v = get_varint(in);
    if (v > UINT32_MAX)
        in->is_bad = true;
    return in->is_bad ? 0 : (uint32_t)v;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* Where real values go: text is NULL when the process recorded none. */
struct texts {
    struct n1_scratch *scratch;
    const char **text;
};

static struct texts texts_of(const struct n1_decoder *dec, struct n1_scratch *scratch, uint64_t count)
{
    struct texts to = {scratch, dec->has_values ? n1_scratch_take(scratch, count * sizeof *to.text) : NULL};
    for (uint64_t i = 0; to.text != NULL && i < count; i++)
        to.text[i] = NULL;
    return to;
}

static inline bool has_hash(unsigned head)
{
    return (1U << (head & 7) & (1U << N1_VALUE_NULL | 1U << N1_VALUE_UNKNOWN)) == 0;
}

/* Of an earlier value of the chunk, which was whole when it was noted, or NULL. */
INLINE const uint8_t *noted(const struct n1_decoder *dec, uint32_t index)
{
    bool is_known = index < N1_VALUE_CACHE && dec->value_at[index] != 0;
    return is_known ? dec->base + dec->value_at[index] : NULL;
}

INLINE void note(struct n1_decoder *dec, uint64_t hash, const uint8_t *value)
{
    dec->value_at[hash & (N1_VALUE_CACHE - 1)] = (uint32_t)(value - dec->base);
}

struct value {
    uint64_t hash;
    const uint8_t *at; /* behind it; NULL: bad */
    unsigned head;
};

/* A value in full, and its text as a NUL-terminated copy. */
static struct value get_full_value(const uint8_t *at, const uint8_t *end, const struct texts *to, uint64_t index)
{
    struct n1_cursor in = {at, end, false};
    struct value v = {.head = get_byte(&in)};
    if (has_hash(v.head))
        v.hash = get_u64(&in);
    if (has_hash(v.head) && to->text != NULL) {
        size_t size;
        const uint8_t *bytes = get_bytes(&in, &size);
        in.is_bad |= size > N1_VALUE_TEXT_MAX;
        char *copy = n1_scratch_take(to->scratch, size + 1);
        memcpy(copy, bytes, size);
        copy[size] = '\0';
        to->text[index] = copy;
    }
    v.at = in.is_bad ? NULL : in.at;
    return v;
}

/* With its text, or at the chunk's end. */
static struct value get_far_value(struct n1_decoder *dec, const uint8_t *start, const uint8_t *end,
                                  const struct texts *to, uint64_t index)
{
    struct n1_cursor in = {start, end, false};
    if (start == in.end || (*start & N1_VALUE_REF) == 0) {
        struct value v = get_full_value(start, in.end, to, index);
        if (v.at != NULL && has_hash(v.head))
            note(dec, v.hash, start);
        return v;
    }
    in.at++;
    uint32_t low = get_byte(&in), high = get_byte(&in);
    const uint8_t *earlier = in.is_bad ? NULL : noted(dec, low | high << 8);
    if (earlier == NULL)
        return (struct value){0};
    struct value v = get_full_value(earlier, in.end, to, index);
    v.at = v.at != NULL && v.hash != 0 ? in.at : NULL;
    return v;
}

enum { VALUE_BYTES = 1 + 8 }; /* without its text */

/* Without its text, of VALUE_BYTES that are there. */
INLINE struct value get_near_value(struct n1_decoder *dec, const uint8_t *at)
{
    struct value v = {0, NULL, *at};
    if (N1_LIKELY((v.head & N1_VALUE_REF) == 0)) {
        if (!has_hash(v.head))
            return (struct value){0, at + 1, v.head};
        memcpy(&v.hash, at + 1, sizeof v.hash);
        note(dec, v.hash, at);
        v.at = at + VALUE_BYTES;
        return v;
    }
    uint16_t place;
    memcpy(&place, at + 1, sizeof place);
    const uint8_t *earlier = noted(dec, place);
    if (earlier != NULL) {
        v.head = *earlier;
        memcpy(&v.hash, earlier + 1, sizeof v.hash);
        v.at = v.hash != 0 ? at + 3 : NULL;
    }
    return v;
}

INLINE struct value get_value(struct n1_decoder *dec, struct n1_cursor *in, const struct texts *to, uint64_t index)
{
    bool is_near = in->end - in->at >= VALUE_BYTES && to->text == NULL;
    struct value v = is_near ? get_near_value(dec, in->at) : get_far_value(dec, in->at, in->end, to, index);
    in->is_bad |= v.at == NULL;
    in->at = v.at;
    return v;
}

/* Like all below: what lies behind, or NULL: bad. */
static const uint8_t *get_params(struct n1_decoder *dec, const uint8_t *at, const uint8_t *end,
                                 struct n1_scratch *scratch, struct n1_event *ev)
{
    struct n1_cursor in = {at, end, false};
    const uint32_t n_bound = get_u32(&in), n_literals = get_u32(&in);
    const uint64_t count = (uint64_t)n_bound + n_literals;
    if (in.is_bad || count > (uint64_t)(in.end - in.at)) /* a value takes at least a byte */
        return NULL;
    struct n1_value *params = n1_scratch_take(scratch, count * sizeof *params);
    const struct texts to = texts_of(dec, scratch, count);
    for (uint64_t i = 0; i < count && !in.is_bad; i++) {
        struct value v = get_value(dec, &in, &to, i);
        params[i] = (struct n1_value){v.hash, v.head & 7, (uint8_t)(v.head >> 4)};
    }
    ev->n_bound = n_bound;
    ev->n_literals = n_literals;
    ev->params = params;
    ev->param_text = to.text;
    return in.is_bad ? NULL : in.at;
}

INLINE void put_cell(struct n1_event_cell *cell, uint32_t row, uint64_t column, struct value v)
{
    cell->hash = v.hash;
    cell->row = row;
    cell->column = (uint16_t)column;
    cell->kind = v.head & 7;
    cell->magnitude = (uint8_t)(v.head >> 4);
}

/* The runs that a list of cells begins with: *at, behind their mark, moves behind them, or becomes NULL. Cells are what the list
 * takes, `heads` more than the runs', and *count the runs'. */
static struct n1_event_cell *get_runs(const uint8_t **at, const uint8_t *end, struct n1_scratch *scratch,
                                      uint64_t heads, uint32_t *count)
{
    struct n1_cursor in = {*at, end, false};
    const struct n1_runs runs = n1_decode_runs_head(&in);
    struct n1_event_cell *cells = n1_scratch_take(scratch, (heads + runs.n_cells) * sizeof *cells);
    *count = n1_decode_runs(&in, &runs, cells);
    *at = in.is_bad ? NULL : in.at;
    return cells;
}

/* row: the one that stands before the list. */
static const uint8_t *get_cells(struct n1_decoder *dec, const uint8_t *at, const uint8_t *end,
                                struct n1_scratch *scratch, struct n1_event *ev, uint32_t row)
{
    struct n1_cursor in = {at, end, false};
    uint64_t heads = get_varint(&in);
    if (in.is_bad || heads > (uint64_t)(in.end - in.at))
        return NULL;
    struct n1_event_cell *cells;
    uint32_t n_runs_cells = 0;
    if (heads > 0 && *in.at == 1) {
        const uint8_t *behind = in.at + 1;
        cells = get_runs(&behind, end, scratch, --heads, &n_runs_cells);
        if (behind == NULL)
            return NULL;
        in.at = behind;
    } else {
        cells = n1_scratch_take(scratch, heads * sizeof *cells);
    }
    struct n1_event_cell *cell = cells + n_runs_cells;
    const struct texts to = texts_of(dec, scratch, heads + n_runs_cells);
    const bool has_texts = to.text != NULL;
    uint32_t next_row = row;
    for (; heads > 0; heads--) {
        const bool is_near = in.end - in.at > VALUE_BYTES && !has_texts && *in.at < 0x80;
        const uint64_t head = N1_LIKELY(is_near) ? *in.at++ : get_varint(&in), column = (head >> 1) - 1;
        if (head == 0) {
            next_row += get_u32(&in);
            continue;
        }
        next_row += head & 1;
        if (head == 1 || column >= N1_COLUMNS_MAX * 64 || next_row == 0)
            return NULL;
        struct value v = N1_LIKELY(is_near) ? get_near_value(dec, in.at)
                                            : get_far_value(dec, in.at, in.end, &to, (uint64_t)(cell - cells));
        if (in.is_bad || v.at == NULL)
            return NULL;
        in.at = v.at;
        put_cell(cell++, next_row - 1, column, v);
    }
    ev->n_cells = (uint32_t)(cell - cells);
    ev->cells = cells;
    ev->cell_text = to.text;
    return in.is_bad ? NULL : in.at;
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

INLINE void get_place(struct n1_decoder *dec, struct n1_cursor *in)
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
        get_bytes(&in, &skipped);
        if (in.is_bad)
            return -1;
    }
}

INLINE uint64_t before(uint64_t tick, uint64_t ticks)
{
    return tick > ticks ? tick - ticks : 0;
}

INLINE void get_outcome(const struct n1_decoder *dec, struct n1_cursor *in, struct n1_event *ev)
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
    ev->param_text = NULL;
    ev->n_cells = 0;
    ev->cells = NULL;
    ev->cell_text = NULL;
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
    uint32_t row = 0;
    if (ev->type <= N1_EVENT_OPEN) {
        ev->sql = dec->sql;
        ev->connection = dec->connection;
        ev->stack = dec->stack;
    }
    switch (ev->type) {
    case N1_EVENT_EXEC: get_outcome(dec, &in, ev); break;
    case N1_EVENT_OPEN:
        ev->start_ns = before(dec->tick, get_varint(&in));
        has_cells = false;
        break;
    case N1_EVENT_CELLS:
        row = get_u32(&in);
        has_params = false;
        has_cells = true;
        break;
    case N1_EVENT_END:
        get_outcome(dec, &in, ev);
        row = has_cells ? get_u32(&in) : 0;
        has_params = false;
        break;
    case N1_EVENT_SCOPE:
        ev->scope_kind = (enum n1_scope_kind)get_byte(&in);
        ev->string = get_u32(&in);
        has_params = has_cells = false;
        break;
    case N1_EVENT_LOST:
        ev->lost = get_varint(&in);
        has_params = has_cells = false;
        break;
    }
    const uint8_t *behind = in.is_bad ? NULL : in.at;
    if (has_params && behind != NULL)
        behind = get_params(dec, behind, end, scratch, ev);
    if (has_cells && behind != NULL)
        behind = get_cells(dec, behind, end, scratch, ev, row);
    if (behind == NULL)
        return -1;
    *at = behind;
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
