#include "preload/script/frames.h"

#include <string.h>

#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "preload/base/mix.h"
#include "preload/base/process.h"
#include "preload/script/proof.h"
#include "trace/encode.h"

#define SLOTS         16384U
#define USED_MAX      (SLOTS / 4 * 3)
#define PAYLOAD_BYTES (N1_FRAME_NAME_BYTES + N1_FRAME_FILE_BYTES + 64U)

static const struct n1_interpreter *const interpreters[] = {
    &n1_python, &n1_ruby, &n1_php, &n1_perl, &n1_node,
};
#define INTERPRETERS (sizeof interpreters / sizeof *interpreters)
_Static_assert(INTERPRETERS <= N1_INTERPRETERS_MAX, "a bit for each in n1_frames_detected");

_Atomic uint32_t n1_frames_detected;
static _Atomic(const void *) dynamics[INTERPRETERS]; /* of the objects that they were detected in */

/* ---- what runs here ---------------------------------------------------------------------------------------------- */

void n1_frames_examine(uint32_t module)
{
    if (module == N1_MODULE_NONE || !n1_module_is_new(module))
        return;
    for (uint32_t i = 0; i < INTERPRETERS; i++) {
        const uint32_t detected = atomic_load_explicit(&n1_frames_detected, memory_order_relaxed);
        if (detected >> i & 1 || !interpreters[i]->detect(n1_module_at(module)))
            continue;
        atomic_store(&dynamics[i], n1_module_at(module)->dynamic);
        atomic_fetch_or(&n1_frames_detected, 1U << i);
    }
}

void n1_frames_closed(const void *dynamic)
{
    for (uint32_t i = 0; i < INTERPRETERS; i++)
        if (dynamic && atomic_load(&dynamics[i]) == dynamic) {
            atomic_fetch_and(&n1_frames_detected, ~(1U << i));
            atomic_store(&dynamics[i], NULL);
            n1_modules_show_again();
        }
}

static N1_COLD uint64_t sign_several(uint32_t detected)
{
    uint64_t signature = 0;
    for (; detected; detected &= detected - 1) {
        const uint32_t i = (uint32_t)__builtin_ctz(detected);
        const uint64_t own = interpreters[i]->sign();
        if (own)
            signature = signature ? n1_mix(signature) + own : own + i;
    }
    return signature;
}

N1_HOT uint64_t n1_frames_sign_detected(uint32_t detected)
{
    if (N1_UNLIKELY(detected & (detected - 1)))
        return sign_several(detected);
    const uint32_t i = (uint32_t)__builtin_ctz(detected);
    const uint64_t own = interpreters[i]->sign();
    return own ? own + i : 0;
}

uint32_t n1_frames_walk(struct n1_script_frame *frames, uint32_t room)
{
    const uint32_t detected = atomic_load_explicit(&n1_frames_detected, memory_order_acquire);
    uint32_t count = 0;
    for (uint32_t i = 0; i < INTERPRETERS; i++) {
        if (!(detected >> i & 1))
            continue;
        const uint32_t own = interpreters[i]->walk(frames + count, room - count);
        for (uint32_t k = count; k < count + own; k++)
            frames[k].interpreter = (uint8_t)i;
        count += own;
    }
    return count;
}

bool n1_frames_run_in(uint32_t interpreter, uintptr_t ip)
{
    return interpreters[interpreter]->runs_in && interpreters[interpreter]->runs_in(ip);
}

/* ---- ids --------------------------------------------------------------------------------------------------------- */

/* By the reader's key, so that a known frame needs no text; and by text, so that two places in one line are one frame. */
struct slot {
    uint64_t hash; /* 0: free */
    uint32_t id;
};

static struct slot *slots;
static uint32_t count_used;

/* The slot of a hash: one that has it, or the free one where it belongs. */
static struct slot *slot_of(uint64_t hash)
{
    uint32_t i = (uint32_t)(hash >> 40) % SLOTS;
    while (slots[i].hash && slots[i].hash != hash)
        i = (i + 1) % SLOTS;
    return &slots[i];
}

static void fill(struct slot *slot, uint64_t hash, uint32_t id)
{
    slot->id = id;
    slot->hash = hash;
    count_used++;
}

static uint64_t hash_of(const struct n1_frame_text *text, enum n1_language language)
{
    static const struct n1_key plain;
    const uint64_t function = n1_hash_bytes(&plain, text->function, text->function_bytes);
    const uint64_t file = n1_hash_bytes(&plain, text->file, text->file_bytes);
    const uint64_t hash = n1_mix(n1_mix(function ^ (text->line << 8 | language)) + file);
    return hash ? hash : 1;
}

static uint32_t write_frame(const struct n1_frame_text *text, enum n1_language language)
{
    static uint8_t bytes[PAYLOAD_BYTES]; /* under the lock */
    struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
    const uint32_t id = n1_dictionary_next_id(N1_CHUNK_FRAME);
    n1_put_varint(&out, id);
    n1_put_varint(&out, language);
    n1_put_varint(&out, text->line);
    n1_put_bytes(&out, text->function, text->function_bytes);
    n1_put_bytes(&out, text->file, text->file_bytes);
    return id && !out.is_over && n1_dictionary_write(N1_CHUNK_FRAME, bytes, (size_t)(out.at - bytes)) == 0 ? id : 0;
}

uint32_t n1_frames_id(const struct n1_script_frame *frame)
{
    static struct n1_frame_text text; /* under the lock */
    const struct n1_interpreter *interpreter = interpreters[frame->interpreter];
    const uint64_t key = frame->key ? frame->key : 1;
    if (!slots && !(slots = n1_memory_map(SLOTS * sizeof *slots)))
        return 0;
    const struct slot *known = slot_of(key);
    if (known->hash)
        return known->id;
    if (count_used + 2 > USED_MAX) {
        n1_count(N1_LOST_DICTIONARY, 1);
        return 0;
    }
    text.line = 0;
    text.function_bytes = text.file_bytes = 0;
    if (!interpreter->describe(frame, &text))
        return 0;
    const uint64_t hash = hash_of(&text, interpreter->language);
    struct slot *by_text = slot_of(hash);
    const uint32_t id = by_text->hash ? by_text->id : write_frame(&text, interpreter->language);
    if (!id)
        return 0;
    if (!by_text->hash)
        fill(by_text, hash, id);
    struct slot *by_key = slot_of(key); /* looked up again: filling may have taken its place */
    if (!by_key->hash)
        fill(by_key, key, id);
    return id;
}

bool n1_proof_ask(struct n1_proof *proof, n1_prove *prove, uintptr_t of)
{
    uint32_t known = atomic_load_explicit(&proof->verdict, memory_order_acquire);
    if (known == N1_UNPROVED) {
        known = prove(of);
        atomic_store_explicit(&proof->verdict, known, memory_order_release);
    }
    return known == N1_PROVED;
}
