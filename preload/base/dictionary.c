#include "preload/base/dictionary.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "preload/base/lock.h"
#include "preload/base/memory.h"
#include "preload/base/process.h"
#include "preload/base/retry.h"
#include "preload/base/stream.h"
#include "trace/encode.h"

static _Atomic uint32_t last_id[N1_CHUNK_KINDS];

uint32_t n1_dictionary_next_id(enum n1_chunk_kind kind)
{
    return atomic_fetch_add_explicit(&last_id[kind], 1, memory_order_relaxed) + 1;
}

uint32_t n1_dictionary_last_id(enum n1_chunk_kind kind)
{
    return atomic_load_explicit(&last_id[kind], memory_order_relaxed);
}

/* ---- entries that are owed ------------------------------------------------------------------------------------------ */
struct owed_entry {
    uint32_t kind, size_bytes; /* of the payload behind */
};

static struct {
    struct n1_lock lock;
    _Atomic uint32_t used;
    uint8_t *bytes;
    struct n1_retry retry;
} owed;

static int append(uint32_t kind, const void *payload, size_t size_bytes)
{
    struct n1_chunk chunk = {.kind = (uint16_t)kind};
    return n1_stream_append(&chunk, payload, size_bytes);
}

static int owe(enum n1_chunk_kind kind, const void *payload, size_t size_bytes)
{
    const struct owed_entry entry = {kind, (uint32_t)size_bytes};
    const uint32_t used = atomic_load_explicit(&owed.used, memory_order_relaxed);
    n1_count(N1_LOST_DICTIONARY, 1);
    if (!owed.bytes)
        owed.bytes = n1_memory_map(N1_DICTIONARY_OWED);
    if (!owed.bytes || size_bytes > N1_DICTIONARY_OWED - sizeof entry ||
        used > N1_DICTIONARY_OWED - sizeof entry - size_bytes)
        return -1;
    memcpy(owed.bytes + used, &entry, sizeof entry);
    memcpy(owed.bytes + used + sizeof entry, payload, size_bytes);
    atomic_store_explicit(&owed.used, (uint32_t)(used + sizeof entry + size_bytes), memory_order_release);
    return 0;
}

/* The caller holds the lock. */
static int settle(void)
{
    const uint32_t used = atomic_load_explicit(&owed.used, memory_order_relaxed);
    uint32_t at = 0;
    bool is_full = false;
    while (at < used && !is_full) {
        struct owed_entry entry;
        memcpy(&entry, owed.bytes + at, sizeof entry);
        is_full = append(entry.kind, owed.bytes + at + sizeof entry, entry.size_bytes) != 0;
        if (!is_full) {
            at += (uint32_t)sizeof entry + entry.size_bytes;
            n1_count(N1_LOST_DICTIONARY, UINT64_MAX); /* one less */
        }
    }
    if (at > 0)
        memmove(owed.bytes, owed.bytes + at, used - at);
    atomic_store_explicit(&owed.used, used - at, memory_order_release);
    n1_retry_note(&owed.retry, is_full);
    return is_full ? -1 : 0;
}

int n1_dictionary_settle(void)
{
    if (N1_LIKELY(atomic_load_explicit(&owed.used, memory_order_acquire) == 0))
        return 0;
    n1_lock_take(&owed.lock);
    const int rc = settle();
    n1_lock_give(&owed.lock);
    return rc;
}

/* A child inherits ids, and may be asked for their entries before its parent has written them. */
static void owed_after_fork(void)
{
    const uint32_t used = atomic_load(&owed.used);
    uint32_t kept = 0;
    if (!atomic_flag_test_and_set(&owed.lock.is_held)) {
        for (uint32_t at = 0, bytes; at < used; at += bytes) {
            struct owed_entry entry;
            memcpy(&entry, owed.bytes + at, sizeof entry);
            bytes = (uint32_t)sizeof entry + entry.size_bytes;
            if (entry.kind == N1_CHUNK_PROCESS || entry.kind == N1_CHUNK_MODULE)
                continue;
            memmove(owed.bytes + kept, owed.bytes + at, bytes);
            kept += bytes;
            n1_count(N1_LOST_DICTIONARY, 1); /* the parent counts its own down */
        }
    }
    atomic_store(&owed.used, kept);
    owed.retry = (struct n1_retry){0};
    atomic_flag_clear(&owed.lock.is_held);
}

int n1_dictionary_write(enum n1_chunk_kind kind, const void *payload, size_t size_bytes)
{
    if (N1_LIKELY(atomic_load_explicit(&owed.used, memory_order_acquire) == 0 &&
                  append(kind, payload, size_bytes) == 0))
        return 0;
    if (kind == N1_CHUNK_CLOCK)
        return -1; /* the next one will do */
    n1_lock_take(&owed.lock);
    const bool is_next = n1_retry_is_due(&owed.retry) && settle() == 0;
    const int rc = is_next && append(kind, payload, size_bytes) == 0 ? 0 : owe(kind, payload, size_bytes);
    n1_lock_give(&owed.lock);
    return rc;
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

/* Found again by their hash. */
enum { STRINGS = 1024, NAME_MAX_BYTES = 512 };

static struct {
    struct n1_lock lock;
    struct {
        uint64_t hash;
        uint32_t id;
    } string[STRINGS];
} strings;

uint32_t n1_dictionary_name(const char *name)
{
    static const struct n1_key plain_key;
    const size_t length = strnlen(name, NAME_MAX_BYTES);
    const uint64_t hash = n1_hash_bytes(&plain_key, name, length) | 1;
    uint32_t id = 0, n = 0;
    n1_lock_take(&strings.lock);
    for (uint32_t i = (uint32_t)(hash >> 32) % STRINGS; n < STRINGS && id == 0; i = (i + 1) % STRINGS, n++) {
        if (strings.string[i].hash == hash) {
            id = strings.string[i].id;
        } else if (strings.string[i].hash == 0) {
            uint8_t bytes[NAME_MAX_BYTES + 32];
            struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
            id = n1_dictionary_next_id(N1_CHUNK_STRING);
            n1_put_varint(&out, id);
            n1_put_bytes(&out, name, length);
            n1_dictionary_write(N1_CHUNK_STRING, bytes, (size_t)(out.at - bytes));
            strings.string[i].hash = hash;
            strings.string[i].id = id;
        }
    }
    n1_lock_give(&strings.lock);
    if (id == 0)
        n1_count(N1_LOST_DICTIONARY, 1);
    return id;
}

void n1_dictionary_after_fork(void)
{
    owed_after_fork();
    atomic_flag_clear(&strings.lock.is_held);
}
