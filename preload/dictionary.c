#include "preload/dictionary.h"

#include <stdatomic.h>

#include "preload/process.h"
#include "preload/stream.h"

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
