#include "trace/decode.h"

#include <glib.h>
#include <string.h>

uint64_t n1_get_varint(struct n1_cursor *in)
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
    uint64_t size = n1_get_varint(in);
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

void n1_decoder_reset(struct n1_decoder *dec, uint64_t tick, bool has_values)
{
    dec->tick = tick;
    dec->sql = dec->connection = dec->stack = 0;
    dec->has_values = has_values;
    memset(dec->cache, 0, sizeof dec->cache);
}

void n1_decoder_release(struct n1_decoder *dec)
{
    g_free(dec->params);
    g_free(dec->cells);
    g_free(dec->texts);
    memset(dec, 0, sizeof *dec);
}

static uint8_t get_byte(struct n1_cursor *in)
{
    if (in->at < in->end)
        return *in->at++;
    in->is_bad = true;
    return 0;
}

static uint32_t get_u32(struct n1_cursor *in)
{
    uint64_t v = n1_get_varint(in);
    if (v > UINT32_MAX)
        in->is_bad = true;
    return in->is_bad ? 0 : (uint32_t)v;
}

/* text points into the chunk here; keep_text() copies it when the record is whole. */
static struct n1_event_value get_value(struct n1_decoder *dec, struct n1_cursor *in)
{
    struct n1_event_value v = {0};
    uint8_t head = get_byte(in);
    v.value.kind = head & 7;
    v.value.magnitude = head >> 4;
    if (head & N1_VALUE_REF) {
        uint32_t index = get_byte(in);
        index |= (uint32_t)get_byte(in) << 8;
        if (index >= N1_VALUE_CACHE || dec->cache[index].value.hash == 0) {
            in->is_bad = true;
            return v;
        }
        return dec->cache[index];
    }
    if (v.value.kind == N1_VALUE_NULL || v.value.kind == N1_VALUE_UNKNOWN)
        return v;
    v.value.hash = n1_get_u64(in);
    if (dec->has_values) {
        size_t size;
        v.text = (const char *)n1_get_bytes(in, &size);
        if (size > N1_VALUE_TEXT_MAX)
            in->is_bad = true;
        v.text_bytes = (uint32_t)size;
    }
    if (!in->is_bad)
        dec->cache[v.value.hash & (N1_VALUE_CACHE - 1)] = v;
    return v;
}

static void *grow(void *array, uint32_t *capacity, uint64_t count, size_t item_bytes)
{
    if (count <= *capacity)
        return array;
    *capacity = (uint32_t)count + 64;
    return g_realloc_n(array, *capacity, item_bytes);
}

static void get_params(struct n1_decoder *dec, struct n1_cursor *in, struct n1_event *ev)
{
    ev->n_bound = get_u32(in);
    ev->n_literals = get_u32(in);
    uint64_t count = (uint64_t)ev->n_bound + ev->n_literals;
    if (count > (uint64_t)(in->end - in->at)) /* a value takes at least a byte */
        in->is_bad = true;
    if (in->is_bad)
        return;
    dec->params = grow(dec->params, &dec->params_capacity, count, sizeof *dec->params);
    for (uint64_t i = 0; i < count && !in->is_bad; i++)
        dec->params[i] = get_value(dec, in);
    ev->params = dec->params;
}

static void get_cells(struct n1_decoder *dec, struct n1_cursor *in, struct n1_event *ev, uint32_t next_row)
{
    uint64_t heads = n1_get_varint(in);
    if (heads > (uint64_t)(in->end - in->at))
        in->is_bad = true;
    if (in->is_bad)
        return;
    dec->cells = grow(dec->cells, &dec->cells_capacity, heads, sizeof *dec->cells);
    uint32_t count = 0;
    for (uint64_t i = 0; i < heads && !in->is_bad; i++) {
        uint64_t head = n1_get_varint(in);
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
        dec->cells[count++] = (struct n1_event_cell){next_row - 1, (uint16_t)column, get_value(dec, in)};
    }
    ev->n_cells = count;
    ev->cells = dec->cells;
}

static void get_place(struct n1_decoder *dec, struct n1_cursor *in, uint8_t head, struct n1_event *ev)
{
    if (!(head & N1_EVENT_SAME)) {
        dec->sql = get_u32(in);
        dec->connection = get_u32(in);
        dec->stack = get_u32(in);
    }
    ev->sql = dec->sql;
    ev->connection = dec->connection;
    ev->stack = dec->stack;
}

static void get_tick(struct n1_decoder *dec, struct n1_cursor *in, struct n1_event *ev)
{
    dec->tick += n1_get_varint(in);
    ev->time_ns = dec->tick;
}

static void get_outcome(struct n1_cursor *in, uint8_t head, struct n1_event *ev)
{
    ev->duration_ns = n1_get_varint(in);
    ev->start_ns = ev->time_ns > ev->duration_ns ? ev->time_ns - ev->duration_ns : 0;
    ev->rows = n1_get_varint(in);
    if (head & N1_EVENT_ERROR)
        ev->error = get_u32(in);
}

static void get_record(struct n1_decoder *dec, struct n1_cursor *in, uint8_t head, struct n1_event *ev)
{
    switch (ev->type) {
    case N1_EVENT_EXEC:
        get_place(dec, in, head, ev);
        get_tick(dec, in, ev);
        get_outcome(in, head, ev);
        if (head & N1_EVENT_PARAMS)
            get_params(dec, in, ev);
        if (head & N1_EVENT_HAS_CELLS)
            get_cells(dec, in, ev, 0);
        break;
    case N1_EVENT_OPEN:
        ev->execution = n1_get_varint(in);
        get_place(dec, in, head, ev);
        get_tick(dec, in, ev);
        uint64_t age = n1_get_varint(in);
        ev->start_ns = ev->time_ns > age ? ev->time_ns - age : 0;
        if (head & N1_EVENT_PARAMS)
            get_params(dec, in, ev);
        break;
    case N1_EVENT_CELLS:
        ev->execution = n1_get_varint(in);
        get_tick(dec, in, ev);
        get_cells(dec, in, ev, get_u32(in));
        break;
    case N1_EVENT_END:
        ev->execution = n1_get_varint(in);
        get_tick(dec, in, ev);
        get_outcome(in, head, ev);
        if (head & N1_EVENT_HAS_CELLS)
            get_cells(dec, in, ev, get_u32(in));
        break;
    case N1_EVENT_SCOPE:
        get_tick(dec, in, ev);
        ev->scope_kind = (enum n1_scope_kind)get_byte(in);
        ev->string = get_u32(in);
        break;
    case N1_EVENT_LOST:
        get_tick(dec, in, ev);
        ev->lost = n1_get_varint(in);
        break;
    default: in->is_bad = true;
    }
}

static void keep_text(struct n1_decoder *dec, struct n1_event_value *v)
{
    if (!v->text)
        return;
    char *copy = dec->texts + dec->texts_size;
    memcpy(copy, v->text, v->text_bytes);
    copy[v->text_bytes] = '\0';
    dec->texts_size += v->text_bytes + 1;
    v->text = copy;
}

static void keep_texts(struct n1_decoder *dec, struct n1_event *ev)
{
    size_t need = 0;
    const uint32_t n_params = ev->params ? ev->n_bound + ev->n_literals : 0;
    for (uint32_t i = 0; i < n_params; i++)
        need += dec->params[i].text_bytes + 1;
    for (uint32_t i = 0; i < ev->n_cells; i++)
        need += dec->cells[i].value.text_bytes + 1;
    if (need > dec->texts_capacity) {
        dec->texts = g_realloc(dec->texts, need);
        dec->texts_capacity = need;
    }
    dec->texts_size = 0;
    for (uint32_t i = 0; i < n_params; i++)
        keep_text(dec, &dec->params[i]);
    for (uint32_t i = 0; i < ev->n_cells; i++)
        keep_text(dec, &dec->cells[i].value);
}

int n1_decode(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_event *ev)
{
    struct n1_cursor in = {*at, end, false};
    for (;;) {
        if (in.at == end) {
            *at = end;
            return 0;
        }
        uint8_t head = *in.at++;
        memset(ev, 0, sizeof *ev);
        ev->type = head & 0x0f;
        if (ev->type == 0)
            return -1;
        if (ev->type <= N1_EVENT_LOST) {
            get_record(dec, &in, head, ev);
            if (in.is_bad)
                return -1;
            if (dec->has_values)
                keep_texts(dec, ev);
            *at = in.at;
            return 1;
        }
        size_t skipped; /* a type of the future: length, bytes */
        n1_get_bytes(&in, &skipped);
        if (in.is_bad)
            return -1;
    }
}
