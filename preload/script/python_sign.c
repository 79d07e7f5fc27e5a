#include "preload/script/python_sign.h"
#include "preload/base/mix.h"

#include "preload/script/python_frame.h"
#include "preload/script/python_freed.h"
#include "preload/script/remembered.h"

#define GUARD_BYTES 64U /* of a file name and a line table that are hashed */

static uint64_t hash_words(const void *bytes, size_t size_bytes)
{
    uint64_t hash = size_bytes;
    for (size_t i = 0; i < size_bytes && i < GUARD_BYTES; i += sizeof hash) {
        uint64_t word = 0;
        const size_t left = size_bytes - i;
        __builtin_memcpy(&word, (const char *)bytes + i, left < sizeof word ? left : sizeof word);
        hash = n1_mix(hash ^ word);
    }
    return hash;
}

uint64_t n1_python_content(const struct n1_python_layout *layout, const void *code, const void *file)
{
    char text[GUARD_BYTES];
    const void *lines = n1_python_pointer(code, layout->code_lines);
    return hash_words(text, n1_python_text(layout, file, text, sizeof text)) +
           hash_words((const char *)lines + N1_PYTHON_BYTES, n1_python_word(lines, N1_PYTHON_SIZE));
}

/* Where in what code. That tells run ends too: a frame on the native stack (3.12) stands in the interpreter's own code, where
 * no other one does; and in 3.11 a frame whose caller stands at an instruction was called by C and is an entry, where a
 * caller in the same activation stands at the last cache entry of its call (Python/ceval.c). */
static inline uint64_t at_of(const struct n1_python_layout *layout, const void *frame)
{
    const uint64_t position = n1_python_position(layout, frame);
    if (layout->chain != N1_PYTHON_OBJECTS)
        return position;
    const uint64_t code = n1_python_word(frame, layout->frame_code);
    return (code << 32 | code >> 32) ^ (uint32_t)position;
}

/* What a frame adds to the signature. One on the native stack: that the run before it has ended. */
static inline uint64_t term_of(const struct n1_python_layout *layout, const void *frame, uint64_t at,
                               struct n1_python_file *part)
{
    if (n1_python_is_c_frame(layout, frame))
        return UINT64_C(0x2545f4914f6cdd1d);
    const void *code = n1_python_pointer(frame, layout->frame_code);
    return (at + ((uint64_t)(uintptr_t)code << 20)) * UINT64_C(0x9e3779b97f4a7c15) + n1_python_who(layout, code, part);
}

static inline uint32_t most_frames(const struct n1_python_layout *layout)
{
    return layout->chain == N1_PYTHON_C_FRAMES ? N1_REMEMBERED_FRAMES : N1_FRAMES_MAX;
}

/* By content alone. */
static inline uint64_t read_all(const struct n1_python_layout *layout, const void *frame)
{
    struct n1_python_file part = {0};
    uint64_t sum = 1;
    for (uint32_t i = 0; frame && i < most_frames(layout); i++) {
        sum = n1_remembered_sum(sum, term_of(layout, frame, at_of(layout, frame), &part));
        frame = n1_python_previous(layout, frame);
    }
    return n1_mix(sum);
}

/* From frame number `i` on, which is the first that differs; what is further in stays as it is. */
static inline uint64_t read_rest(const struct n1_python_layout *layout, struct n1_memory *memory,
                                 struct n1_remembered *capture, uint32_t i, const void *frame, uint64_t freed)
{
    struct n1_python_file part = {0};
    const uint32_t known = capture->freed == freed ? capture->count : 0;
    uint32_t read = 0;
    uint64_t sum = i ? n1_remembered_sum(capture->sums[i - 1].before, capture->sums[i - 1].term) : 1;
    capture->count = 0;
    atomic_signal_fence(memory_order_seq_cst);
    for (; frame && i < most_frames(layout); i++) {
        const uint64_t at = at_of(layout, frame);
        struct n1_seen *seen = &capture->seen[i];
        struct n1_seen_sum *own = &capture->sums[i];
        if (i >= known || seen->frame != frame || seen->at != at) {
            *seen = (struct n1_seen){frame, at};
            own->term = term_of(layout, frame, at, &part);
            read++;
        }
        own->before = sum;
        sum = n1_remembered_sum(sum, own->term);
        frame = n1_python_previous(layout, frame);
    }
    capture->seen[i].frame = N1_SEEN_END;
    capture->freed = freed;
    capture->signature = n1_mix(sum);
    atomic_signal_fence(memory_order_seq_cst);
    capture->count = i;
    n1_remembered_note(memory, read, i);
    return capture->signature;
}

/* The first of the list that is not the chain's: *frame is what the chain has there. The list's first frame is the chain's. The
 * addresses come from the list, so that no load waits for the one before; gcc would take the chain's, being equal. */
static inline const struct n1_seen *compare(const struct n1_python_layout *layout, const struct n1_seen *seen,
                                            const void **frame)
{
    const void *next;
    do {
        const void *own = seen->frame;
        __asm__("" : "+r"(own));
        if (N1_UNLIKELY(at_of(layout, own) != seen->at)) {
            *frame = own;
            return seen;
        }
        next = n1_python_previous(layout, own);
        seen++;
    } while (N1_LIKELY(next == seen->frame));
    *frame = next;
    return seen;
}

/* Another capture than the one before. */
static inline uint64_t sign_anew(const struct n1_python_layout *layout, const void *frame, uint64_t freed)
{
    struct n1_memory *memory = frame && freed ? n1_remembered_memory() : NULL;
    if (!memory)
        return read_all(layout, frame);
    struct n1_remembered *capture = n1_remembered_place(memory, frame);
    if (capture->freed != freed || capture->count == 0)
        return read_rest(layout, memory, capture, 0, frame, freed);
    const struct n1_seen *seen = compare(layout, capture->seen, &frame);
    const uint32_t i = (uint32_t)(seen - capture->seen);
    if (i == capture->count && (!frame || i == most_frames(layout))) {
        memory->agreed++;
        return capture->signature;
    }
    return read_rest(layout, memory, capture, i, frame, freed);
}

/* The usual one: the same frames as before. */
static inline __attribute__((always_inline)) uint64_t sign(const struct n1_python_layout *layout, const void *state,
                                                           uint64_t (*anew)(const void *frame, uint64_t freed))
{
    const void *const innermost = n1_python_innermost(layout, state);
    const uint64_t freed = n1_python_freed();
    struct n1_memory *memory = n1_frames_thread.memory;
    if (N1_UNLIKELY(!memory))
        return anew(innermost, freed);
    struct n1_remembered *capture = &memory->captures[memory->last];
    if (N1_UNLIKELY(capture->freed != freed || capture->seen[0].frame != innermost || capture->count == 0))
        return anew(innermost, freed);
    const void *frame;
    const struct n1_seen *seen = compare(layout, capture->seen, &frame);
    if (N1_UNLIKELY(frame || seen != &capture->seen[capture->count]))
        return anew(innermost, freed);
    memory->agreed++;
    return capture->signature;
}

#define SIGNER(i)                                                                                                      \
    static N1_COLD uint64_t anew_##i(const void *frame, uint64_t freed)                                                \
    {                                                                                                                  \
        return sign_anew(&n1_python_layouts[i], frame, freed);                                                         \
    }                                                                                                                  \
    static N1_HOT uint64_t sign_##i(const void *state)                                                                 \
    {                                                                                                                  \
        return sign(&n1_python_layouts[i], state, anew_##i);                                                           \
    }
SIGNER(0)
SIGNER(1)
SIGNER(2)
SIGNER(3)
SIGNER(4)

n1_python_signer *const n1_python_signers[N1_PYTHON_LAYOUTS] = {sign_0, sign_1, sign_2, sign_3, sign_4};
