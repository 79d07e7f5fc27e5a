#include "preload/recorder/dictionary.h"

#include <stdatomic.h>
#include <string.h>

#include "preload/recorder/lock.h"
#include "preload/recorder/process.h"
#include "preload/recorder/stream.h"
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

int n1_dictionary_write(enum n1_chunk_kind kind, const void *payload, size_t size_bytes)
{
    struct n1_chunk chunk = {.kind = (uint16_t)kind};
    if (n1_stream_append(&chunk, payload, size_bytes) == 0)
        return 0;
    n1_count(N1_LOST_DICTIONARY, 1);
    return -1;
}

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
    atomic_flag_clear(&strings.lock.is_held);
}
