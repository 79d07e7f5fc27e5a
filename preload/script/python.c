#include "preload/script/python.h"

#include <stdatomic.h>

#include "preload/binding/readable.h"
#include "preload/recorder/process.h"
#include "preload/script/frames.h"
#include "preload/script/python_layout.h"
#include "preload/stacks/stack_paths.h"

#define OWNED_BY_GENERATOR 1
#define OWNED_BY_C         3
#define GUARD_BYTES        64U /* of a file name and a line table that are hashed */
#define PROVE_FRAMES       64U /* frames that are looked at before the layout is believed */

typedef uint64_t sign_version(const void *state);
typedef void *get_state(void);
typedef int is_finalizing(void);
typedef const char *get_version(void);

/* Written once by detect(), before n1_frames_detected says so. */
static struct {
    const struct n1_python_layout *layout;
    sign_version *sign;
    get_state *get_state;
    is_finalizing *is_finalizing; /* NULL: not exported */
    uintptr_t code_type, text_type, tuple_type;
    uintptr_t loop, loop_end; /* _PyEval_EvalFrameDefault */
} python;

enum { UNPROVED, PROVED, REFUSED };
static _Atomic uint32_t proof;

/* ---- the chain of frames ------------------------------------------------------------------------------------------ */

struct cursor {
    const void *frame;  /* NULL: at the end */
    const void *cframe; /* the activation that runs it, where there are such */
};

static inline const void *state_of_thread(void)
{
    const void *state = python.get_state();
    return state && !(python.is_finalizing && python.is_finalizing()) ? state : NULL;
}

static inline bool is_c_frame(const struct n1_python_layout *layout, const void *frame)
{
    return layout->chain == N1_PYTHON_C_FRAMES && ((const uint8_t *)frame)[layout->frame_owner] == OWNED_BY_C;
}

static inline struct cursor first_frame(const struct n1_python_layout *layout, const void *state)
{
    struct cursor cursor = {0};
    if (layout->state_cframe != N1_PYTHON_NONE)
        cursor.cframe = n1_python_pointer(state, layout->state_cframe);
    if (layout->state_frame != N1_PYTHON_NONE)
        cursor.frame = n1_python_pointer(state, layout->state_frame);
    else if (cursor.cframe)
        cursor.frame = n1_python_pointer(cursor.cframe, layout->cframe_frame);
    while (cursor.frame && is_c_frame(layout, cursor.frame))
        cursor.frame = n1_python_pointer(cursor.frame, layout->frame_previous);
    return cursor;
}

/* Moves outwards. True when the frame that is left was the last of its run; its anchor then. */
static inline bool next_frame(const struct n1_python_layout *layout, struct cursor *cursor, uintptr_t *anchor)
{
    const void *frame = cursor->frame;
    bool ends_run = true;
    *anchor = (uintptr_t)cursor->cframe;
    cursor->frame = n1_python_pointer(frame, layout->frame_previous);
    if (layout->chain == N1_PYTHON_C_FRAMES) {
        ends_run = cursor->frame && is_c_frame(layout, cursor->frame);
        *anchor = (uintptr_t)cursor->frame;
        while (cursor->frame && is_c_frame(layout, cursor->frame))
            cursor->frame = n1_python_pointer(cursor->frame, layout->frame_previous);
        return ends_run;
    }
    if (layout->chain == N1_PYTHON_ENTRIES)
        ends_run = ((const uint8_t *)frame)[layout->frame_is_entry] != 0;
    if (ends_run && cursor->cframe)
        cursor->cframe = n1_python_pointer(cursor->cframe, layout->cframe_previous);
    return ends_run;
}

/* The position in the code: an address (3.11), or the number of an instruction. */
static inline uintptr_t position_of(const struct n1_python_layout *layout, const void *frame)
{
    return layout->chain == N1_PYTHON_OBJECTS ? (uintptr_t)(intptr_t)n1_python_int(frame, layout->frame_at)
                                              : n1_python_word(frame, layout->frame_at);
}

/* Byte offset of the instruction within the code. */
static intptr_t offset_of(const struct n1_python_layout *layout, const void *code, uintptr_t position)
{
    if (layout->chain == N1_PYTHON_OBJECTS)
        return (intptr_t)position * (layout->lines == N1_PYTHON_LINETABLE ? 2 : 1);
    return (intptr_t)(position - ((uintptr_t)code + layout->code_bytes));
}

/* A frame that is being set up, or the interpreter's own: CPython does not show it either. */
static inline bool is_incomplete(const struct n1_python_layout *layout, const void *frame, const void *code)
{
    return layout->code_traceable != N1_PYTHON_NONE &&
           ((const uint8_t *)frame)[layout->frame_owner] != OWNED_BY_GENERATOR &&
           offset_of(layout, code, n1_python_word(frame, layout->frame_at)) <
               2 * (intptr_t)n1_python_int(code, layout->code_traceable);
}

static uint64_t hash_words(const void *bytes, size_t size_bytes)
{
    uint64_t hash = size_bytes;
    for (size_t i = 0; i < size_bytes && i < GUARD_BYTES; i += sizeof hash) {
        uint64_t word = 0;
        const size_t left = size_bytes - i;
        __builtin_memcpy(&word, (const char *)bytes + i, left < sizeof word ? left : sizeof word);
        hash = n1_paths_mix(hash ^ word);
    }
    return hash;
}

/* A line table and a file name by content: for code from a string, which comes and goes. */
static __attribute__((noinline)) uint64_t content_of(const struct n1_python_layout *layout, const void *code,
                                                     const void *file)
{
    char text[GUARD_BYTES];
    const void *lines = n1_python_pointer(code, layout->code_lines);
    return hash_words(text, n1_python_text(layout, file, text, sizeof text)) +
           hash_words((const char *)lines + N1_PYTHON_BYTES, n1_python_word(lines, N1_PYTHON_SIZE));
}

/* The length and the last characters of a file name. */
static inline uint64_t tail_of(const struct n1_python_layout *layout, const void *file)
{
    const uint32_t state = (uint32_t)n1_python_int(file, N1_PYTHON_TEXT_STATE);
    const uint64_t length = n1_python_word(file, N1_PYTHON_TEXT_LENGTH);
    const bool is_ascii = state & N1_PYTHON_STATE_ASCII;
    const uint64_t size_bytes = is_ascii ? length : length * N1_PYTHON_STATE_KIND(state);
    const char *text = (const char *)file + (is_ascii ? layout->ascii_text : layout->compact_text);
    uint64_t tail = 0;
    if (size_bytes >= sizeof tail)
        __builtin_memcpy(&tail, text + size_bytes - sizeof tail, sizeof tail);
    else
        __builtin_memcpy(&tail, text, size_bytes);
    return tail ^ length << 32;
}

/* What a frame's text is made of. A code object may be freed and another one stand at its address: the name's address, the
 * first line and the file's name tell them apart. Code from strings ("<string>", "<template>") is likely to do that, with
 * all of these equal: there the line table is looked at too. Neighbours are often of one file, whose part is kept. */
struct file_part {
    const void *file;
    uint64_t tail;
    bool is_string;
};

static inline uint64_t who_of(const struct n1_python_layout *layout, const void *code, struct file_part *part)
{
    const void *file = n1_python_pointer(code, layout->code_file);
    if (file != part->file)
        *part = (struct file_part){
            .file = file, .tail = tail_of(layout, file), .is_string = ((const char *)file)[layout->ascii_text] == '<'};
    uint64_t who = part->tail ^ n1_python_word(code, layout->code_name) << 24 ^
                   (uint64_t)(uint32_t)n1_python_int(code, layout->code_first_line) << 4;
    if (N1_UNLIKELY(part->is_string))
        who ^= content_of(layout, code, file);
    return who;
}

static inline uint64_t key_of(const struct n1_python_layout *layout, const void *code, uintptr_t position,
                              struct file_part *part)
{
    return n1_paths_mix(n1_paths_mix(position + ((uintptr_t)code << 20)) ^ who_of(layout, code, part));
}

/* ---- belief ------------------------------------------------------------------------------------------------------ */

static bool read_pointer(const void *object, uint16_t offset, const void **pointer)
{
    return n1_stack_read((uintptr_t)object + offset, pointer, sizeof *pointer) == 0 && *pointer != NULL;
}

static bool is_of_type(const void *object, uintptr_t type)
{
    const void *found;
    return read_pointer(object, N1_PYTHON_TYPE, &found) && (uintptr_t)found == type;
}

static bool is_readable(const void *object, size_t size_bytes)
{
    char bytes[256];
    return size_bytes <= sizeof bytes && n1_stack_read((uintptr_t)object, bytes, size_bytes) == 0;
}

/* A code object with names and a line table, and a position within its instructions. */
static bool is_code(const struct n1_python_layout *layout, const void *code, uintptr_t position)
{
    const void *file, *name, *qualname, *lines, *names;
    if (!is_of_type(code, python.code_type) || !is_readable(code, layout->code_bytes) ||
        !read_pointer(code, layout->code_file, &file) || !is_of_type(file, python.text_type) ||
        !read_pointer(code, layout->code_name, &name) || !is_of_type(name, python.text_type) ||
        !read_pointer(code, layout->code_qualname, &qualname) || !is_of_type(qualname, python.text_type) ||
        !read_pointer(code, layout->code_lines, &lines) || !is_readable(lines, N1_PYTHON_BYTES) ||
        !read_pointer(code, layout->code_names, &names) || !is_of_type(names, python.tuple_type))
        return false;
    const intptr_t offset = offset_of(layout, code, position);
    return offset >= -2 && offset < (intptr_t)1 << 30;
}

/* Reads the chain once with every access checked. UNPROVED when there is no frame to look at. */
static uint32_t prove(const struct n1_python_layout *layout, const void *state)
{
    const void *frame = NULL, *cframe = NULL;
    uint32_t looked_at = 0;
    if (!is_readable(state, 128))
        return REFUSED;
    if (layout->state_cframe != N1_PYTHON_NONE)
        cframe = n1_python_pointer(state, layout->state_cframe);
    if (cframe && !is_readable(cframe, 32))
        return REFUSED;
    if (layout->state_frame != N1_PYTHON_NONE)
        frame = n1_python_pointer(state, layout->state_frame);
    else if (cframe)
        frame = n1_python_pointer(cframe, layout->cframe_frame);
    for (uint32_t i = 0; frame && i < PROVE_FRAMES; i++) {
        const void *code;
        if (!is_readable(frame, 112))
            return REFUSED;
        if (!is_c_frame(layout, frame)) {
            if (!read_pointer(frame, layout->frame_code, &code) || !is_code(layout, code, position_of(layout, frame)))
                return REFUSED;
            looked_at++;
        }
        frame = n1_python_pointer(frame, layout->frame_previous);
    }
    return looked_at ? PROVED : UNPROVED;
}

static __attribute__((noinline)) bool is_believed(const void *state)
{
    uint32_t known = atomic_load_explicit(&proof, memory_order_relaxed);
    if (known == UNPROVED) {
        known = prove(python.layout, state);
        atomic_store_explicit(&proof, known, memory_order_relaxed);
    }
    return known == PROVED;
}

/* ---- the signature ----------------------------------------------------------------------------------------------- */

/* A polynomial of the frames: one multiplication of each frame waits for that of the frame before, nothing else does. */
static inline __attribute__((always_inline)) uint64_t sign_frames(const struct n1_python_layout *layout,
                                                                  const void *state)
{
    struct cursor cursor = first_frame(layout, state);
    struct file_part part = {0};
    uint64_t signature = 1;
    for (uint32_t i = 0; cursor.frame && i < N1_FRAMES_MAX; i++) {
        uintptr_t anchor;
        const void *code = n1_python_pointer(cursor.frame, layout->frame_code);
        const uint64_t at = position_of(layout, cursor.frame) + ((uintptr_t)code << 20);
        const uint64_t who = who_of(layout, code, &part);
        const uint64_t ends_run = next_frame(layout, &cursor, &anchor);
        signature = signature * UINT64_C(0x8ebc6af09c88c6e3) + at * UINT64_C(0x9e3779b97f4a7c15) + (who ^ ends_run);
    }
    return n1_paths_mix(signature);
}

#define SIGN(i)                                                                                                        \
    static uint64_t sign_##i(const void *state)                                                                        \
    {                                                                                                                  \
        return sign_frames(&n1_python_layouts[i], state);                                                              \
    }
SIGN(0)
SIGN(1)
SIGN(2) SIGN(3) SIGN(4) static sign_version *const signs[N1_PYTHON_LAYOUTS] = {sign_0, sign_1, sign_2, sign_3, sign_4};

static uint64_t sign(void)
{
    const void *state = state_of_thread();
    if (!state || (atomic_load_explicit(&proof, memory_order_relaxed) != PROVED && !is_believed(state)))
        return 0;
    return python.sign(state);
}

/* ---- which version it is -------------------------------------------------------------------------------------------------- */

/* "3.11.2 (main, …" */
static unsigned long minor_of(const char *version)
{
    unsigned long minor = 0;
    if (version[0] != '3' || version[1] != '.')
        return 0;
    for (const char *c = version + 2; *c >= '0' && *c <= '9'; c++)
        minor = minor * 10 + (unsigned long)(*c - '0');
    return minor;
}

static bool choose_layout(unsigned long minor)
{
    for (size_t i = 0; i < N1_PYTHON_LAYOUTS; i++)
        if (n1_python_layouts[i].minor == minor) {
            python.layout = &n1_python_layouts[i];
            python.sign = signs[i];
            return true;
        }
    return false;
}

static bool detect(const struct n1_module *module)
{
    size_t loop_bytes = 0;
    get_version *version = (get_version *)n1_module_symbol(module, "Py_GetVersion", NULL);
    const unsigned long *number = (const unsigned long *)n1_module_symbol(module, "Py_Version", NULL);
    python.get_state = (get_state *)n1_module_symbol(module, "PyGILState_GetThisThreadState", NULL);
    python.code_type = n1_module_symbol(module, "PyCode_Type", NULL);
    python.text_type = n1_module_symbol(module, "PyUnicode_Type", NULL);
    python.tuple_type = n1_module_symbol(module, "PyTuple_Type", NULL);
    if (!python.get_state || !python.code_type || !python.text_type || !python.tuple_type || (!version && !number))
        return false;
    python.is_finalizing = (is_finalizing *)n1_module_symbol(module, "_Py_IsFinalizing", NULL);
    if (!python.is_finalizing)
        python.is_finalizing = (is_finalizing *)n1_module_symbol(module, "Py_IsFinalizing", NULL);
    python.loop = n1_module_symbol(module, "_PyEval_EvalFrameDefault", &loop_bytes);
    python.loop_end = python.loop + loop_bytes;
    /* Py_Version: 0x030b02f0 is 3.11.2 final. */
    return choose_layout(number && *number >> 24 == 3 ? *number >> 16 & 0xff : minor_of(version()));
}

/* ---- the reader -------------------------------------------------------------------------------------------------- */

/* A built-in method has no frame of the interpreter's. The one whose name says what its caller meant gets one here: it is the
 * innermost, and marked by an odd address of the code that calls it. */
static bool is_batch(const struct n1_script_frame *frame)
{
    return (uintptr_t)frame->code & 1;
}

static struct n1_script_frame batch_of(const struct n1_script_frame *caller)
{
    struct n1_script_frame frame = *caller;
    frame.key = n1_paths_mix(caller->key ^ 1);
    frame.code = (const char *)caller->code + 1;
    return frame;
}

static uint32_t walk(struct n1_script_frame *frames, uint32_t room)
{
    const struct n1_python_layout *layout = python.layout;
    const void *state = state_of_thread();
    struct file_part part = {0};
    uint32_t count = 0;
    if (!state || !is_believed(state))
        return 0;
    for (struct cursor cursor = first_frame(layout, state); cursor.frame && count < room;) {
        const void *frame = cursor.frame, *code = n1_python_pointer(frame, layout->frame_code);
        const uintptr_t position = position_of(layout, frame);
        uintptr_t anchor;
        const bool ends_run = next_frame(layout, &cursor, &anchor);
        if (!is_incomplete(layout, frame, code)) {
            const struct n1_script_frame own = {
                .key = key_of(layout, code, position, &part), .code = code, .at = position};
            if (count == 0 && room > 1 && n1_python_calls_batch(layout, code, offset_of(layout, code, position)))
                frames[count++] = batch_of(&own);
            frames[count++] = own;
        }
        if (ends_run && count && !frames[count - 1].ends_run) {
            frames[count - 1].ends_run = true;
            frames[count - 1].anchor = anchor;
        }
    }
    return count;
}

static bool describe(const struct n1_script_frame *frame, struct n1_frame_text *text)
{
    static const char batch[] = "executemany";
    const struct n1_python_layout *layout = python.layout;
    if (is_batch(frame)) {
        __builtin_memcpy(text->function, batch, text->function_bytes = sizeof batch - 1);
        return true;
    }
    text->function_bytes = n1_python_text(layout, n1_python_pointer(frame->code, layout->code_qualname), text->function,
                                          sizeof text->function);
    text->file_bytes =
        n1_python_text(layout, n1_python_pointer(frame->code, layout->code_file), text->file, sizeof text->file);
    text->line = n1_python_line(layout, frame->code, offset_of(layout, frame->code, frame->at));
    return text->function_bytes != 0;
}

static bool runs_in(uintptr_t ip)
{
    return ip > python.loop && ip <= python.loop_end;
}

const struct n1_interpreter n1_python = {
    .name = "CPython",
    .language = N1_LANGUAGE_PYTHON,
    .detect = detect,
    .sign = sign,
    .walk = walk,
    .describe = describe,
    .runs_in = runs_in,
};
