#include "trace/decode.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

#include "trace/decode_fields.h"
#include "trace/decode_runs.h"

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* Where real values go: text is NULL when the process recorded none. */
struct texts {
    struct n1_scratch *scratch;
    const char **text;
};

N1_FAR const char **make_texts(struct n1_scratch *scratch, uint64_t count)
{
    const char **text = n1_scratch_take(scratch, count * sizeof *text);
    for (uint64_t i = 0; i < count; i++)
        text[i] = NULL;
    return text;
}

N1_INLINE struct texts texts_of(const struct n1_decoder *dec, struct n1_scratch *scratch, uint64_t count)
{
    return (struct texts){scratch, dec->has_values ? make_texts(scratch, count) : NULL};
}

_Static_assert(N1_VALUE_NULL == 0 && N1_VALUE_UNKNOWN == 7,
               "the only kinds to which one is added without setting bits 1 and 2");

N1_INLINE bool has_hash(unsigned head)
{
    return ((head + 1) & 6) != 0;
}

/* Of an earlier value of the chunk, which was whole when it was noted, or NULL. */
N1_INLINE const uint8_t *noted(const struct n1_decoder *dec, uint32_t index)
{
    bool is_known = index < N1_VALUE_CACHE && dec->value_at[index] != 0;
    return is_known ? dec->base + dec->value_at[index] : NULL;
}

N1_INLINE void note(struct n1_decoder *dec, uint64_t hash, const uint8_t *value)
{
    dec->value_at[hash & (N1_VALUE_CACHE - 1)] = (uint32_t)(value - dec->base);
}

struct value {
    uint64_t hash;
    const uint8_t *at; /* behind it; NULL: bad */
    unsigned head;
};

/* A value in full, and its text as a NUL-terminated copy; NULL when it was not kept. */
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
        const struct n1_value value = {v.hash, v.head & 7, (uint8_t)(v.head >> 4)};
        char *copy = n1_scratch_take(to->scratch, size + 1);
        memcpy(copy, bytes, size);
        copy[size] = '\0';
        to->text[index] = size > 0 || n1_value_is_empty(&value) ? copy : NULL;
    }
    v.at = in.is_bad ? NULL : in.at;
    return v;
}

/* With its text, or at the chunk's end. */
N1_FAR struct value get_far_value(struct n1_decoder *dec, const uint8_t *start, const uint8_t *end,
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
N1_INLINE struct value get_near_value(struct n1_decoder *dec, const uint8_t *at)
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

/* Like all below: what lies behind, or NULL: bad. */
static __attribute__((noinline)) const uint8_t *get_params(struct n1_decoder *dec, const uint8_t *at,
                                                           const uint8_t *end, struct n1_scratch *scratch,
                                                           struct n1_event *ev)
{
    struct n1_cursor in = {at, end, false};
    const uint32_t n_bound = get_u32(&in), n_literals = get_u32(&in);
    const uint64_t count = (uint64_t)n_bound + n_literals;
    if (in.is_bad || count > (uint64_t)(in.end - in.at)) /* a value takes at least a byte */
        return NULL;
    struct n1_value *params = n1_scratch_take(scratch, count * sizeof *params);
    const struct texts to = texts_of(dec, scratch, count);
    for (uint64_t i = 0; i < count; i++) {
        const bool is_near = in.end - in.at >= VALUE_BYTES && to.text == NULL;
        const struct value v =
            N1_LIKELY(is_near) ? get_near_value(dec, in.at) : get_far_value(dec, in.at, in.end, &to, i);
        if (v.at == NULL)
            return NULL;
        in.at = v.at;
        params[i] = (struct n1_value){v.hash, v.head & 7, (uint8_t)(v.head >> 4)};
    }
    ev->n_bound = n_bound;
    ev->n_literals = n_literals;
    ev->params = params;
    ev->param_text = to.text;
    return in.at;
}

/* What stands behind a cell's hash, in one word: one store instead of four. */
_Static_assert(sizeof(struct n1_event_cell) == 16 && offsetof(struct n1_event_cell, row) == 8 &&
                   offsetof(struct n1_event_cell, column) == 12 && offsetof(struct n1_event_cell, kind) == 14 &&
                   offsetof(struct n1_event_cell, magnitude) == 15,
               "row, column, kind, magnitude");

N1_INLINE void put_cell(struct n1_event_cell *cell, uint32_t row, uint64_t column, struct value v)
{
    const uint64_t rest = row | column << 32 | (uint64_t)(v.head & 7) << 48 | (uint64_t)(v.head & 0xf0) << 52;
    cell->hash = v.hash;
    memcpy(&cell->row, &rest, sizeof rest);
}

/* A list of cells as it is read. */
struct cells {
    const uint8_t *at;
    uint64_t heads; /* still to be read */
    uint32_t next_row;
    struct n1_event_cell *cell; /* where the next one goes */
};

/* Cells with heads of one byte and values without text, well before the end: all, as a rule. Stops at whatever else comes. */
N1_INLINE void get_near_cells(struct n1_decoder *dec, struct cells *c, const uint8_t *end)
{
    while (c->heads > 0 && end - c->at > VALUE_BYTES) {
        const unsigned head = *c->at;
        const uint32_t next_row = c->next_row + (head & 1);
        if (head < 2 || head >= 0x80 || next_row == 0)
            return;
        const struct value v = get_near_value(dec, c->at + 1);
        if (v.at == NULL)
            return;
        put_cell(c->cell++, next_row - 1, (head >> 1) - 1, v);
        c->next_row = next_row;
        c->at = v.at;
        c->heads--;
    }
}

/* The runs that a list of cells begins with: *at, behind their mark, moves behind them, or becomes NULL. Cells are what the list
 * takes, `heads` more than the runs', and *count the runs'. */
static __attribute__((noinline)) struct n1_event_cell *
get_runs(const uint8_t **at, const uint8_t *end, struct n1_scratch *scratch, uint64_t heads, uint32_t *count)
{
    struct n1_cursor in = {*at, end, false};
    const struct n1_runs runs = n1_decode_runs_head(&in);
    struct n1_event_cell *cells = n1_scratch_take(scratch, (heads + runs.n_cells) * sizeof *cells);
    *count = n1_decode_runs(&in, &runs, cells);
    *at = in.is_bad ? NULL : in.at;
    return cells;
}

/* One head of any kind, and its cell if it is one. index: of the cell. */
N1_FAR bool get_far_cell(struct n1_decoder *dec, struct cells *c, const uint8_t *end, const struct texts *to,
                         uint64_t index)
{
    struct n1_cursor in = {c->at, end, false};
    const uint64_t head = get_varint(&in), column = (head >> 1) - 1;
    c->heads--;
    if (head == 0) {
        c->next_row += get_u32(&in);
        c->at = in.at;
        return !in.is_bad;
    }
    c->next_row += head & 1;
    if (in.is_bad || head == 1 || column >= N1_COLUMNS_MAX * 64 || c->next_row == 0)
        return false;
    const struct value v = get_far_value(dec, in.at, end, to, index);
    if (v.at == NULL)
        return false;
    put_cell(c->cell++, c->next_row - 1, column, v);
    c->at = v.at;
    return true;
}

/* Those that are left; c->at becomes NULL: bad. cells: the first of all. */
N1_FAR void get_far_cells(struct n1_decoder *dec, struct cells *c, const uint8_t *end,
                          const struct n1_event_cell *cells)
{
    const struct texts none = {0};
    while (c->heads > 0) {
        if (!get_far_cell(dec, c, end, &none, (uint64_t)(c->cell - cells))) {
            c->at = NULL;
            return;
        }
        get_near_cells(dec, c, end);
    }
}

/* row: the one that stands before the list. */
static __attribute__((noinline)) const uint8_t *get_cells(struct n1_decoder *dec, const uint8_t *at, const uint8_t *end,
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
    const struct texts to = texts_of(dec, scratch, heads + n_runs_cells);
    struct cells c = {in.at, heads, row, cells + n_runs_cells};
    if (to.text == NULL)
        get_near_cells(dec, &c, end);
    while (c.heads > 0) {
        if (!get_far_cell(dec, &c, end, &to, (uint64_t)(c.cell - cells)))
            return NULL;
        if (to.text == NULL)
            get_near_cells(dec, &c, end);
    }
    ev->n_cells = (uint32_t)(c.cell - cells);
    ev->cells = cells;
    ev->cell_text = to.text;
    return c.at;
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

N1_INLINE void get_place(struct n1_decoder *dec, struct n1_cursor *in)
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

N1_INLINE uint64_t before(uint64_t tick, uint64_t ticks)
{
    return tick > ticks ? tick - ticks : 0;
}

N1_INLINE void get_outcome(const struct n1_decoder *dec, struct n1_cursor *in, struct n1_event *ev)
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

/* ---- the usual record ------------------------------------------------------------------------------------------------
 * A whole execution without error and without real values, well before the end of its chunk, with few parameters: nearly all
 * are. Nothing is checked twice. */

enum { USUAL_PARAMS = 8, USUAL_BYTES = 5 * VARINT_BYTES + USUAL_PARAMS * VALUE_BYTES };

/* Bytes of scratch without a look at further blocks; NULL: there are not as many. */
N1_INLINE void *take_near(struct n1_scratch *scratch, uint64_t count, size_t size_bytes)
{
    if (count * size_bytes > scratch->left)
        return NULL;
    void *at = scratch->next;
    scratch->next += count * size_bytes;
    scratch->left -= count * size_bytes;
    return at;
}

/* What lies behind the cells; NULL: bad. */
N1_INLINE const uint8_t *get_usual_cells(struct n1_decoder *dec, const uint8_t *at, const uint8_t *end,
                                         struct n1_scratch *scratch, struct n1_event *ev)
{
    const uint64_t heads = *at;
    if (heads >= 0x80 || at[1] == 1 || heads > scratch->left / sizeof(struct n1_event_cell))
        return get_cells(dec, at, end, scratch, ev, 0);
    struct n1_event_cell *cells = take_near(scratch, heads, sizeof *cells);
    struct cells c = {at + 1, heads, 0, cells};
    get_near_cells(dec, &c, end);
    if (c.heads > 0)
        get_far_cells(dec, &c, end, cells);
    ev->cells = cells;
    ev->n_cells = (uint32_t)(c.cell - cells);
    return c.at;
}

/* 1, 0: it is of another kind, and nothing has happened; or −1. */
N1_INLINE int get_usual(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_scratch *scratch,
                        struct n1_event *ev)
{
    const unsigned unusual = (dec->head ^ N1_EVENT_EXEC) & (0x0fU | N1_EVENT_ERROR);
    if ((unusual | dec->has_values) != 0 || end - *at < USUAL_BYTES)
        return 0;
    struct n1_cursor in = {*at, end, false};
    const uint64_t duration = get_near_varint(&in);
    const uint64_t rows = in.is_bad ? 0 : get_near_varint(&in);
    if (in.is_bad) /* it stands at the end then, where nothing is near */
        return -1;
    uint64_t n_bound = 0, n_literals = 0, count = 0;
    struct n1_value *params = NULL;
    if (dec->head & N1_EVENT_PARAMS) {
        n_bound = *in.at++;
        n_literals = *in.at++;
        count = n_bound + n_literals;
        if (count > USUAL_PARAMS || count * sizeof *params > scratch->left)
            return 0;
        params = take_near(scratch, count, sizeof *params);
    }
    for (uint64_t i = 0; i < count; i++) {
        const struct value v = get_near_value(dec, in.at);
        if (v.at == NULL)
            return -1;
        in.at = v.at;
        params[i] = (struct n1_value){v.hash, v.head & 7, (uint8_t)(v.head >> 4)};
    }
    clear(ev);
    ev->type = N1_EVENT_EXEC;
    ev->time_ns = dec->tick;
    ev->execution = 0;
    ev->sql = dec->sql;
    ev->connection = dec->connection;
    ev->stack = dec->stack;
    ev->start_ns = before(dec->tick, duration);
    ev->duration_ns = duration;
    ev->rows = rows;
    ev->n_bound = (uint32_t)n_bound;
    ev->n_literals = (uint32_t)n_literals;
    ev->params = params;
    if (dec->head & N1_EVENT_HAS_CELLS)
        in.at = get_usual_cells(dec, in.at, end, scratch, ev);
    if (in.at == NULL || in.is_bad)
        return -1;
    *at = in.at;
    return 1;
}

static int get_unusual(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_scratch *scratch,
                       struct n1_event *ev);

int n1_decode_body(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_scratch *scratch,
                   struct n1_event *ev)
{
    const int rc = get_usual(dec, at, end, scratch, ev);
    return N1_LIKELY(rc != 0) ? rc : get_unusual(dec, at, end, scratch, ev);
}

static __attribute__((noinline)) int get_unusual(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end,
                                                 struct n1_scratch *scratch, struct n1_event *ev)
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
