#include "preload/recorder/cells.h"

#include <stdatomic.h>
#include <stdio.h>
#include <strings.h>

#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "preload/base/text.h"

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

N1_HOT bool n1_cells_are_described(struct n1_execution *e, uint32_t count)
{
    const struct n1_text_columns *columns = n1_text_columns(e->sql);
    if (!columns || atomic_load_explicit(&columns->state, memory_order_acquire) != 2 || columns->count != count)
        return false;
    e->columns = mask_of(count);
    e->keys = columns->keys;
    return true;
}

void n1_cells_describe(struct n1_execution *e, uint32_t count, n1_column_reader read, void *handle)
{
    struct n1_text_columns *columns = n1_text_columns(e->sql);
    if (N1_LIKELY(n1_cells_are_described(e, count)))
        return;
    e->columns = mask_of(count);
    e->keys = 0;
    if (!columns) {
        e->columns = 0; /* no id: cells of an unknown statement prove nothing */
        return;
    }
    uint32_t state = atomic_load_explicit(&columns->state, memory_order_acquire);
    if (state == 1 || !atomic_compare_exchange_strong(&columns->state, &state, 1)) {
        e->keys = e->columns; /* another thread is at it: keep too much rather than too little */
        return;
    }
    describe(e->sql, columns, count, read, handle);
    e->keys = columns->keys;
    atomic_store_explicit(&columns->state, 2, memory_order_release);
}

static N1_COLD void keep_text(struct n1_stage *at, struct n1_encode_value *value, const char *text, uint32_t size_bytes)
{
    value->text = memcpy(at->text + at->text_bytes, text, size_bytes);
    value->text_bytes = size_bytes;
    at->text_bytes += size_bytes;
}

static inline void put(struct n1_stage *at, const struct n1_execution *e, uint32_t column, struct n1_value value)
{
    struct n1_encode_cell *cell = &at->cell[at->n_cells++];
    cell->row = (uint32_t)(e->rows - 1);
    cell->column = (uint16_t)column;
    cell->value.value = value;
}

/* text: the real value, kept only with --values; else a cell's text is never looked at. */
static inline void stage(struct n1_thread *self, struct n1_execution *e, uint32_t column, struct n1_value value,
                         const char *text, size_t size_bytes)
{
    const uint32_t kept = N1_UNLIKELY(n1_process.has_values) ? (uint32_t)size_bytes : 0;
    struct n1_stage *at = n1_execution_stage(self, e, kept);
    e->want &= ~(1ULL << column);
    if (N1_UNLIKELY(!at))
        return;
    put(at, e, column, value);
    if (N1_UNLIKELY(n1_process.has_values))
        keep_text(at, &at->cell[at->n_cells - 1].value, text, kept);
}

static N1_COLD void stage_text(struct n1_thread *self, struct n1_execution *e, uint32_t column, const char *text,
                               size_t size_bytes)
{
    if (size_bytes <= N1_CELL_BYTES_MAX)
        stage(self, e, column, n1_value_text(&n1_process.key, text, size_bytes), text, size_bytes);
    else
        e->want &= ~(1ULL << column);
}

N1_HOT void n1_cells_text(struct n1_thread *self, struct n1_execution *e, uint32_t column, const char *text,
                          size_t size_bytes)
{
    if (N1_UNLIKELY(size_bytes > N1_CELL_BYTES_MAX || n1_process.has_values)) {
        stage_text(self, e, column, text, size_bytes);
        return;
    }
    const struct n1_value value = n1_value_text(&n1_process.key, text, size_bytes);
    struct n1_stage *at = n1_execution_stage(self, e, 0);
    e->want &= ~(1ULL << column);
    if (N1_LIKELY(at != NULL))
        put(at, e, column, value);
}

static N1_COLD void stage_blob_spelled(struct n1_thread *self, struct n1_execution *e, uint32_t column,
                                       const void *bytes, size_t size_bytes)
{
    char spelled[N1_VALUE_TEXT_MAX];
    const size_t length = n1_arena_spell_blob(spelled, bytes, size_bytes);
    stage(self, e, column, n1_value_blob(&n1_process.key, bytes, size_bytes), spelled, length);
}

void n1_cells_blob(struct n1_thread *self, struct n1_execution *e, uint32_t column, const void *bytes,
                   size_t size_bytes)
{
    if (N1_UNLIKELY(size_bytes > N1_CELL_BYTES_MAX))
        e->want &= ~(1ULL << column);
    else if (N1_UNLIKELY(n1_process.has_values))
        stage_blob_spelled(self, e, column, bytes, size_bytes);
    else
        stage(self, e, column, n1_value_blob(&n1_process.key, bytes, size_bytes), NULL, 0);
}

void n1_cells_boolean(struct n1_thread *self, struct n1_execution *e, uint32_t column, bool v)
{
    stage(self, e, column, n1_value_boolean(&n1_process.key, v), v ? "true" : "false", v ? 4 : 5);
}

static N1_COLD void stage_spelled(struct n1_thread *self, struct n1_execution *e, uint32_t column, int64_t v)
{
    char digits[24];
    stage(self, e, column, n1_value_integer(&n1_process.key, v), digits,
          (size_t)snprintf(digits, sizeof digits, "%lld", (long long)v));
}

void n1_cells_integer(struct n1_thread *self, struct n1_execution *e, uint32_t column, int64_t v)
{
    uintptr_t place = 0;
    if (N1_UNLIKELY(n1_process.has_values))
        stage_spelled(self, e, column, v);
    else if (e->scan && v != 0 && (place = n1_execution_place(self, e, column)) != 0)
        *n1_window_row(place, e->rows) = v;
    else
        stage(self, e, column, n1_value_integer(&n1_process.key, v), NULL, 0);
}
