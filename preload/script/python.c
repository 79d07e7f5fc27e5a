#include "preload/script/python.h"

#include <stdatomic.h>

#include "preload/base/mix.h"
#include "preload/base/process.h"
#include "preload/binding/readable.h"
#include "preload/script/frames.h"
#include "preload/script/proof.h"
#include "preload/script/python_frame.h"
#include "preload/script/python_freed.h"
#include "preload/script/python_sign.h"

#define PROVE_FRAMES 64U /* frames that are looked at before the layout is believed */

typedef void *get_state(void);
typedef int is_finalizing(void);
typedef const char *get_version(void);

/* Written once by detect(), before n1_frames_detected says so. */
static struct {
    const struct n1_python_layout *layout;
    n1_python_signer *sign;
    get_state *get_state;
    is_finalizing *is_finalizing; /* NULL: not exported */
    uintptr_t code_type, text_type, tuple_type;
    uintptr_t loop, loop_end; /* _PyEval_EvalFrameDefault */
} python;

static struct n1_proof proof;

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

/* The innermost frame of the program's from `frame` on. */
static inline const void *skip_c_frames(const struct n1_python_layout *layout, const void *frame)
{
    while (frame && n1_python_is_c_frame(layout, frame))
        frame = n1_python_previous(layout, frame);
    return frame;
}

static struct cursor first_frame(const struct n1_python_layout *layout, const void *state)
{
    struct cursor cursor = {.frame = skip_c_frames(layout, n1_python_innermost(layout, state))};
    if (layout->state_cframe != N1_PYTHON_NONE)
        cursor.cframe = n1_python_pointer(state, layout->state_cframe);
    return cursor;
}

/* Moves outwards. True when the frame that is left was the last of its run; its anchor then. */
static bool next_frame(const struct n1_python_layout *layout, struct cursor *cursor, uintptr_t *anchor)
{
    const void *frame = cursor->frame;
    bool ends_run = true;
    *anchor = (uintptr_t)cursor->cframe;
    cursor->frame = n1_python_previous(layout, frame);
    if (layout->chain == N1_PYTHON_C_FRAMES) {
        ends_run = cursor->frame && n1_python_is_c_frame(layout, cursor->frame);
        *anchor = (uintptr_t)cursor->frame;
        cursor->frame = skip_c_frames(layout, cursor->frame);
        return ends_run;
    }
    if (layout->chain == N1_PYTHON_ENTRIES)
        ends_run = ((const uint8_t *)frame)[layout->frame_is_entry] != 0;
    if (ends_run && cursor->cframe)
        cursor->cframe = n1_python_pointer(cursor->cframe, layout->cframe_previous);
    return ends_run;
}

/* Byte offset of the instruction within the code. */
static intptr_t offset_of(const struct n1_python_layout *layout, const void *code, uintptr_t position)
{
    if (layout->chain == N1_PYTHON_OBJECTS)
        return (intptr_t)position * (layout->lines == N1_PYTHON_LINETABLE ? 2 : 1);
    return (intptr_t)(position - ((uintptr_t)code + layout->code_bytes));
}

/* A frame that is being set up, or the interpreter's own: CPython does not show it either. */
static bool is_incomplete(const struct n1_python_layout *layout, const void *frame, const void *code)
{
    return layout->code_traceable != N1_PYTHON_NONE &&
           ((const uint8_t *)frame)[layout->frame_owner] != N1_PYTHON_OWNED_BY_GENERATOR &&
           offset_of(layout, code, n1_python_word(frame, layout->frame_at)) <
               2 * (intptr_t)n1_python_int(code, layout->code_traceable);
}

static uint64_t key_of(const struct n1_python_layout *layout, const void *code, uintptr_t position,
                       struct n1_python_file *part)
{
    return n1_mix(n1_mix(position + ((uintptr_t)code << 20)) ^ n1_python_who(layout, code, part));
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

/* Reads the chain once with every access checked. N1_UNPROVED when there is no frame to look at. */
static enum n1_verdict prove(uintptr_t of)
{
    const struct n1_python_layout *layout = python.layout;
    const void *state = (const void *)of, *frame = NULL, *cframe = NULL;
    uint32_t looked_at = 0;
    if (!is_readable(state, 128))
        return N1_REFUSED;
    if (layout->state_cframe != N1_PYTHON_NONE)
        cframe = n1_python_pointer(state, layout->state_cframe);
    if (cframe && !is_readable(cframe, 32))
        return N1_REFUSED;
    if (layout->state_frame != N1_PYTHON_NONE)
        frame = n1_python_pointer(state, layout->state_frame);
    else if (cframe)
        frame = n1_python_pointer(cframe, layout->cframe_frame);
    for (uint32_t i = 0; frame && i < PROVE_FRAMES; i++) {
        const void *code;
        if (!is_readable(frame, 112))
            return N1_REFUSED;
        if (!n1_python_is_c_frame(layout, frame)) {
            if (!read_pointer(frame, layout->frame_code, &code) ||
                !is_code(layout, code, n1_python_position(layout, frame)))
                return N1_REFUSED;
            looked_at++;
        }
        frame = n1_python_pointer(frame, layout->frame_previous);
    }
    return looked_at ? N1_PROVED : N1_UNPROVED;
}

static N1_HOT uint64_t sign(void)
{
    const void *state = state_of_thread();
    if (!state || !n1_proof_stands(&proof, prove, (uintptr_t)state))
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
            python.sign = n1_python_signers[i];
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
    if (!choose_layout(number && *number >> 24 == 3 ? *number >> 16 & 0xff : minor_of(version())))
        return false;
    n1_python_freed_watch(module, python.code_type);
    n1_proof_reset(&proof);
    return true;
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
    frame.key = n1_mix(caller->key ^ 1);
    frame.code = (const char *)caller->code + 1;
    return frame;
}

static uint32_t walk(struct n1_script_frame *frames, uint32_t room)
{
    const struct n1_python_layout *layout = python.layout;
    const void *state = state_of_thread();
    struct n1_python_file part = {0};
    uint32_t count = 0;
    if (!state || !n1_proof_stands(&proof, prove, (uintptr_t)state))
        return 0;
    for (struct cursor cursor = first_frame(layout, state); cursor.frame && count < room;) {
        const void *frame = cursor.frame, *code = n1_python_pointer(frame, layout->frame_code);
        const uintptr_t position = n1_python_position(layout, frame);
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
