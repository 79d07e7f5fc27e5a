#include "preload/cells.h"

#include <stdatomic.h>
#include <stdio.h>
#include <strings.h>

#include "preload/dictionary.h"
#include "preload/memory.h"
#include "preload/text.h"

enum { ENTRY_BYTES = 64 * 1024 };

/* Whole names and the endings of names, each behind an underscore or at the start. */
static const char *const key_words[] = {"id",   "pk",  "uuid", "guid",   "key", "code", "slug",
                                        "no",   "nr",  "num",  "number", "ref", "oid",  "rowid",
                                        "isbn", "sku", "ean",  "fk",     "sid", "uid",  "handle"};

bool n1_cells_is_key_name(const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof key_words / sizeof *key_words; i++) {
        const size_t n = strlen(key_words[i]);
        if (length < n || strcasecmp(name + length - n, key_words[i]) != 0)
            continue;
        if (length == n || name[length - n - 1] == '_')
            return true;
        if (n <= 3 && name[length - n] == key_words[i][0] - 'a' + 'A' && name[length - n - 1] >= 'a')
            return true; /* authorId, bookPk */
    }
    return false;
}

static uint64_t mask_of(uint32_t count)
{
    return count >= N1_COLUMNS_MAX ? ~0ULL : (1ULL << count) - 1;
}

static void describe(uint32_t sql, struct n1_text_columns *columns, uint32_t count, n1_column_reader read, void *handle)
{
    uint8_t *bytes = n1_memory_map(ENTRY_BYTES);
    struct n1_payload out = {.at = bytes, .end = bytes + ENTRY_BYTES};
    struct n1_column_source source[N1_COLUMNS_MAX];
    uint64_t keys = 0, plain = 0;
    const uint32_t n = count < N1_COLUMNS_MAX ? count : N1_COLUMNS_MAX;

    for (uint32_t i = 0; i < n; i++) {
        memset(&source[i], 0, sizeof source[i]);
        read(handle, i, &source[i]);
        if (!source[i].name)
            source[i].name = "";
        if (source[i].is_key || n1_cells_is_key_name(source[i].name))
            keys |= 1ULL << i;
        if (source[i].is_plain)
            plain |= 1ULL << i;
    }
    if (!keys)
        keys = plain & (0 - plain);
    columns->count = count;
    columns->keys = keys;
    if (!bytes) {
        n1_count(N1_LOST_DICTIONARY, 1);
        return;
    }
    n1_put_varint(&out, sql);
    n1_put_varint(&out, n);
    for (uint32_t i = 0; i < n; i++) {
        n1_put_string(&out, source[i].name);
        n1_put_string(&out, source[i].table);
        n1_put_string(&out, source[i].origin);
        n1_put_varint(&out, keys >> i & 1 ? N1_COLUMN_KEPT : 0);
    }
    if (out.is_over)
        n1_count(N1_LOST_DICTIONARY, 1);
    else
        n1_dictionary_write(N1_CHUNK_COLUMNS, bytes, (size_t)(out.at - bytes));
    n1_memory_unmap(bytes, ENTRY_BYTES);
}

void n1_cells_describe(struct n1_execution *e, uint32_t count, n1_column_reader read, void *handle)
{
    struct n1_text_columns *columns = n1_text_columns(e->sql);
    e->columns = mask_of(count);
    e->keys = 0;
    if (!columns) {
        e->columns = 0; /* no id: cells of an unknown statement prove nothing */
        return;
    }
    uint32_t state = atomic_load_explicit(&columns->state, memory_order_acquire);
    if (N1_LIKELY(state == 2 && columns->count == count)) {
        e->keys = columns->keys;
        return;
    }
    if (state == 1 || !atomic_compare_exchange_strong(&columns->state, &state, 1)) {
        e->keys = e->columns; /* another thread is at it: keep too much rather than too little */
        return;
    }
    describe(e->sql, columns, count, read, handle);
    e->keys = columns->keys;
    atomic_store_explicit(&columns->state, 2, memory_order_release);
}

void n1_cells_bytes(struct n1_thread *self, struct n1_execution *e, uint32_t column, enum n1_raw_kind kind,
                    const void *bytes, size_t size_bytes)
{
    e->want &= ~(1ULL << column);
    if (size_bytes > N1_CELL_BYTES_MAX)
        return;
    const uint32_t padded = (uint32_t)(size_bytes + 7) & ~7U;
    struct n1_slot *slot = n1_execution_stage(self, e, (uint32_t)sizeof(struct n1_raw_cell) + padded);
    if (!slot)
        return;
    const struct n1_raw_cell cell = {.row = (uint32_t)(e->rows - 1),
                                     .size_bytes = (uint16_t)size_bytes,
                                     .column = (uint8_t)column,
                                     .kind = (uint8_t)kind};
    uint8_t *at = slot->stage + slot->staged_bytes;
    memcpy(at, &cell, sizeof cell);
    if (size_bytes)
        memcpy(at + sizeof cell, bytes, size_bytes);
    slot->staged_bytes += (uint32_t)sizeof cell + padded;
    slot->n_staged++;
}

static struct n1_value hash_of(const struct n1_raw_cell *raw, const uint8_t *bytes)
{
    int64_t v;
    switch ((enum n1_raw_kind)raw->kind) {
    case N1_RAW_INTEGER: memcpy(&v, bytes, sizeof v); return n1_value_integer(&n1_process.key, v);
    case N1_RAW_BOOLEAN: return n1_value_boolean(&n1_process.key, bytes[0]);
    case N1_RAW_BLOB: return n1_value_blob(&n1_process.key, bytes, raw->size_bytes);
    case N1_RAW_TEXT: break;
    }
    return n1_value_text(&n1_process.key, (const char *)bytes, raw->size_bytes);
}

uint32_t n1_cells_finish(struct n1_slot *slot)
{
    const uint8_t *at = slot->stage;
    struct n1_arena digits = {slot->digits, slot->digits + sizeof slot->digits};
    for (uint32_t i = 0; i < slot->n_staged; i++) {
        struct n1_raw_cell raw;
        struct n1_encode_cell *cell = &slot->cells[i];
        memcpy(&raw, at, sizeof raw);
        at += sizeof raw;
        *cell = (struct n1_encode_cell){.row = raw.row, .column = raw.column, .value = {.value = hash_of(&raw, at)}};
        if (N1_UNLIKELY(n1_process.has_values)) {
            if (raw.kind == N1_RAW_INTEGER) {
                char text[24];
                int64_t v;
                memcpy(&v, at, sizeof v);
                n1_arena_keep(&digits, &cell->value, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)v));
            } else if (raw.kind == N1_RAW_BOOLEAN) {
                cell->value.text = at[0] ? "true" : "false";
                cell->value.text_bytes = at[0] ? 4 : 5;
            } else {
                cell->value.text = (const char *)at;
                cell->value.text_bytes = raw.size_bytes;
            }
        }
        at += (raw.size_bytes + 7U) & ~7U;
    }
    return slot->n_staged;
}
