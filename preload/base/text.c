#include "preload/base/text.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "preload/base/dictionary.h"
#include "preload/base/lock.h"
#include "preload/base/memory.h"
#include "preload/base/mix.h"
#include "preload/base/process.h"
#include "trace/sql_redact.h"

enum { SLOTS = N1_TEXTS_MAX * 2, SCRATCH_BYTES = 2048, DECODE_BYTES = 512 };

/* Open addressing; an entry is published by its id, stored last. */
struct known {
    _Atomic uint64_t hash;
    _Atomic uint32_t sql;
};
static struct {
    struct n1_lock lock;
    uint32_t count;
    _Atomic(struct known *) known;
    struct n1_text_columns *columns; /* by id */
} texts;

void n1_text_after_fork(void)
{
    atomic_flag_clear(&texts.lock.is_held);
    for (uint32_t i = 0; texts.columns && i <= N1_TEXTS_MAX; i++)
        if (atomic_load(&texts.columns[i].state) == 1) /* its writer is in the parent */
            atomic_store(&texts.columns[i].state, 0);
}

struct n1_text_columns *n1_text_columns(uint32_t sql)
{
    return sql && sql <= N1_TEXTS_MAX ? &texts.columns[sql] : NULL;
}

static void decode_literal(struct n1_encode_value *out, const struct n1_sql_literal *literal, const char *text,
                           struct n1_arena *arena)
{
    char scratch[DECODE_BYTES];
    struct n1_sql_value value;
    n1_sql_literal_decode(literal, text, scratch, sizeof scratch, &value);
    switch ((enum n1_sql_value_kind)value.kind) {
    case N1_SQL_VALUE_INTEGER:
        out->value = n1_value_integer(&n1_process.key, value.integer);
        n1_arena_keep_integer(arena, out, value.integer);
        return;
    case N1_SQL_VALUE_BLOB:
        out->value = n1_value_blob(&n1_process.key, value.bytes, value.length);
        n1_arena_keep_blob(arena, out, value.bytes, value.length);
        break;
    case N1_SQL_VALUE_TEXT:
        out->value = n1_value_text(&n1_process.key, value.bytes, value.length);
        n1_arena_keep(arena, out, value.bytes, value.length);
        break;
    }
    if (value.is_cut)
        out->value = (struct n1_value){.kind = N1_VALUE_UNKNOWN};
}

/* The entry of a text that nobody has seen yet. The caller holds the lock. */
static void write_entry(uint32_t id, enum n1_dialect dialect, unsigned flags, const char *text, size_t length)
{
    const size_t capacity = N1_SQL_MAX_BYTES + 8192;
    uint8_t *bytes = n1_memory_map(capacity + N1_SQL_MAX_BYTES);
    if (!bytes) {
        n1_count(N1_LOST_DICTIONARY, 1);
        return;
    }
    struct n1_sql_redaction r = {.out = (char *)bytes + capacity, .out_capacity = N1_SQL_MAX_BYTES};
    struct n1_payload out = {.at = bytes, .end = bytes + capacity};
    n1_sql_redact(&r, (enum n1_sql_dialect)dialect, text, length);

    const char *shown = r.out;
    size_t shown_bytes = r.out_length;
    bool is_cut = r.is_cut;
    if (n1_process.has_values) {
        flags |= N1_SQL_RAW;
        shown = text;
        is_cut = length > N1_SQL_MAX_BYTES;
        shown_bytes = is_cut ? N1_SQL_MAX_BYTES : length;
    }
    if (is_cut) {
        flags |= N1_SQL_CUT;
        n1_count(N1_CUT_TEXTS, 1);
    }
    const size_t comment_bytes = r.comment_length < 4096 ? r.comment_length : 4096;
    n1_put_varint(&out, id);
    n1_put_varint(&out, dialect);
    n1_put_varint(&out, flags);
    n1_put_u64(&out, r.hash);
    n1_put_bytes(&out, shown, shown_bytes);
    n1_put_bytes(&out, comment_bytes ? text + r.comment_offset : "", comment_bytes);
    n1_put_u64(&out, r.literal_mask); /* which operands are literals: texts that differ in it have ids of their own */
    n1_dictionary_write(N1_CHUNK_SQL, bytes, (size_t)(out.at - bytes));
    n1_memory_unmap(bytes, capacity + N1_SQL_MAX_BYTES);
}

/* Its place in the table: the entry of that hash, or the empty one where it belongs. */
static struct known *place_of(struct known *known, uint64_t hash, uint32_t *sql)
{
    for (uint32_t i = (uint32_t)hash & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
        *sql = atomic_load_explicit(&known[i].sql, memory_order_acquire);
        if (*sql == 0 || atomic_load_explicit(&known[i].hash, memory_order_relaxed) == hash)
            return &known[i];
    }
}

static uint32_t add(uint64_t hash, enum n1_dialect dialect, unsigned flags, const char *text, size_t length)
{
    uint32_t sql = 0;
    n1_lock_take(&texts.lock);
    struct known *known = atomic_load(&texts.known);
    if (!known) {
        texts.columns = n1_memory_map((N1_TEXTS_MAX + 1) * sizeof *texts.columns);
        known = n1_memory_map(SLOTS * sizeof *known);
        if (known && texts.columns)
            atomic_store_explicit(&texts.known, known, memory_order_release);
        else
            known = NULL;
    }
    struct known *place = known ? place_of(known, hash, &sql) : NULL;
    if (place && sql == 0 && texts.count < N1_TEXTS_MAX) {
        texts.count++;
        sql = n1_dictionary_next_id(N1_CHUNK_SQL);
        write_entry(sql, dialect, flags, text, length);
        atomic_store_explicit(&place->hash, hash, memory_order_relaxed);
        atomic_store_explicit(&place->sql, sql, memory_order_release);
    }
    n1_lock_give(&texts.lock);
    if (sql == 0)
        n1_count(N1_LOST_DICTIONARY, 1);
    return sql;
}

static bool is_script(enum n1_dialect dialect, const char *text, size_t length)
{
    if (!memchr(text, ';', length))
        return false;
    const size_t first = n1_sql_first_statement((enum n1_sql_dialect)dialect, text, length);
    for (size_t i = first; i < length; i++)
        if (!strchr(" \t\r\n;", text[i]))
            return true;
    return false;
}

static inline bool is_between(char c)
{
    return c == ';' || c == ' ' || (c >= '\t' && c <= '\r');
}

/* ---- the thread's cache ---------------------------------------------------------------------------------------------- */

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t word_at(const char *text, size_t size_bytes)
{
    uint64_t word = 0;
    memcpy(&word, text, size_bytes);
    return word;
}

/* Of an exact text, by this recording's key: sixteen bytes a multiplication, the last ones once more (wyhash, Wang Yi). Three
 * times as fast as n1_hash_bytes, which is for what others see. */
static N1_HOT uint64_t exact_hash(const char *text, size_t length, uint64_t kind)
{
    const uint64_t *key = n1_process.key.word;
    uint64_t hash = fold(key[0] ^ length, key[1] ^ kind ^ 0xa0761d6478bd642fULL);
    const char *at = text, *const end = text + length;
    for (; end - at >= 16; at += 16)
        hash = fold(word_at(at, 8) ^ key[0] ^ 0xe7037ed1a0b428dbULL, word_at(at + 8, 8) ^ hash);
    if (length >= 16)
        return fold(word_at(end - 16, 8) ^ key[1] ^ 0x8ebc6af09c88c6e3ULL, word_at(end - 8, 8) ^ hash) | 1;
    for (; at < end; at++)
        hash = fold((uint8_t)*at ^ key[1] ^ 0x589965cc75374cc3ULL, hash);
    return hash | 1;
}

/* A text in a script is what it is alone. */
static inline struct n1_text_span trimmed(const char *text, size_t length)
{
    while (length && is_between(text[length - 1]))
        length--;
    for (; length && is_between(*text); length--)
        text++;
    return (struct n1_text_span){text, length};
}

static inline struct n1_text_entry *place_in(struct n1_text_cache *cache, uint64_t hash)
{
    return &cache->entry[(hash >> 8) % N1_TEXT_CACHE];
}

N1_HOT const struct n1_text_entry *n1_text_known(struct n1_text_cache *cache, enum n1_dialect dialect, unsigned flags,
                                                 const char *text, size_t length)
{
    const struct n1_text_span span = trimmed(text, length);
    const uint64_t hash = exact_hash(span.text, span.length, (uint64_t)dialect << 8 | flags);
    const struct n1_text_entry *entry = place_in(cache, hash);
    return entry->hash == hash ? entry : NULL;
}

static __attribute__((noinline)) struct n1_text find_new(struct n1_text_cache *cache, enum n1_dialect dialect,
                                                         unsigned flags, const char *text, size_t length,
                                                         struct n1_encode_value *params, uint32_t capacity,
                                                         struct n1_arena *arena)
{
    const struct n1_text_span span = trimmed(text, length);
    text = span.text;
    length = span.length;

    char scratch[SCRATCH_BYTES];
    struct n1_sql_literal literals[N1_PARAMS_MAX];
    struct n1_sql_redaction r = {
        .out = scratch, .out_capacity = sizeof scratch, .literals = literals, .literal_capacity = N1_PARAMS_MAX};
    n1_sql_redact(&r, (enum n1_sql_dialect)dialect, text, length);
    const uint64_t hash = n1_mix(n1_mix(r.hash ^ r.literal_mask) ^ ((uint64_t)dialect << 8 | flags));

    struct n1_text found = {.is_script = is_script(dialect, text, length)};
    struct known *known = atomic_load_explicit(&texts.known, memory_order_acquire);
    if (known)
        place_of(known, hash, &found.sql);
    if (found.sql == 0)
        found.sql = add(hash, dialect, flags, text, length);

    if (r.literal_count > capacity)
        n1_count(N1_CUT_PARAMS, r.literal_count - capacity);
    found.n_literals = (uint32_t)(r.literal_count < capacity ? r.literal_count : capacity);
    for (uint32_t i = 0; i < found.n_literals; i++)
        decode_literal(&params[i], &literals[i], text, arena);

    if (found.sql && r.literal_count <= N1_TEXT_CACHE_LITERALS && found.n_literals == r.literal_count &&
        (!n1_process.has_values || r.literal_count == 0)) {
        const uint64_t exact = exact_hash(text, length, (uint64_t)dialect << 8 | flags);
        struct n1_text_entry *entry = place_in(cache, exact);
        entry->hash = exact;
        entry->sql = found.sql;
        entry->n_literals = (uint16_t)found.n_literals;
        entry->is_script = found.is_script;
        for (uint32_t i = 0; i < found.n_literals; i++)
            entry->literal[i] = params[i].value;
    }
    return found;
}

struct n1_text n1_text_find(struct n1_text_cache *cache, enum n1_dialect dialect, unsigned flags, const char *text,
                            size_t length, struct n1_encode_value *params, uint32_t capacity, struct n1_arena *arena)
{
    const struct n1_text_entry *entry = n1_text_known(cache, dialect, flags, text, length);
    if (!entry)
        return find_new(cache, dialect, flags, text, length, params, capacity, arena);
    const uint32_t n = entry->n_literals < capacity ? entry->n_literals : capacity;
    for (uint32_t i = 0; i < n; i++)
        params[i] = (struct n1_encode_value){.value = entry->literal[i]};
    return (struct n1_text){.sql = entry->sql, .n_literals = n, .is_script = entry->is_script};
}
