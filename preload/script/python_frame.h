/* A frame of CPython's, and what tells its code from another one's: inline, and folded for each layout (python_layout.h).
 *
 * A code object is alive while a frame runs it. Once it was freed another one may stand at its address: who_of() tells them
 * apart by what they hold, python_freed.h says that none was freed.
 */
#ifndef N1_PRELOAD_PYTHON_FRAME_H
#define N1_PRELOAD_PYTHON_FRAME_H

#include "preload/base/attributes.h"
#include "preload/base/mix.h"
#include "preload/script/python.h"

#define N1_PYTHON_OWNED_BY_GENERATOR 1
#define N1_PYTHON_OWNED_BY_C         3

/* The innermost of the chain, a frame on the native stack included. NULL: none. */
static inline const void *n1_python_innermost(const struct n1_python_layout *layout, const void *state)
{
    if (layout->state_frame != N1_PYTHON_NONE)
        return n1_python_pointer(state, layout->state_frame);
    const void *cframe = n1_python_pointer(state, layout->state_cframe);
    return cframe ? n1_python_pointer(cframe, layout->cframe_frame) : NULL;
}

static inline const void *n1_python_previous(const struct n1_python_layout *layout, const void *frame)
{
    return n1_python_pointer(frame, layout->frame_previous);
}

/* Stands behind a run, and is none of the program's. */
static inline bool n1_python_is_c_frame(const struct n1_python_layout *layout, const void *frame)
{
    return layout->chain == N1_PYTHON_C_FRAMES && ((const uint8_t *)frame)[layout->frame_owner] == N1_PYTHON_OWNED_BY_C;
}

/* The position in the code: an address (3.11), or the number of an instruction. */
static inline uintptr_t n1_python_position(const struct n1_python_layout *layout, const void *frame)
{
    return layout->chain == N1_PYTHON_OBJECTS ? (uintptr_t)(intptr_t)n1_python_int(frame, layout->frame_at)
                                              : n1_python_word(frame, layout->frame_at);
}

/* The length and the last characters of a file name. */
static inline uint64_t n1_python_tail(const struct n1_python_layout *layout, const void *file)
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

/* A line table and a file name by content: for code from a string, which comes and goes. */
uint64_t n1_python_content(const struct n1_python_layout *layout, const void *code, const void *file);

/* What a frame's text is made of: the name's address, the first line and the file's name. Code from strings ("<string>",
 * "<template>") is likely to follow another one with all of these equal: there the line table is looked at too. Neighbours
 * are often of one file, whose part is kept. */
struct n1_python_file {
    const void *file;
    uint64_t tail;
    bool is_string;
};

static inline uint64_t n1_python_who(const struct n1_python_layout *layout, const void *code,
                                     struct n1_python_file *part)
{
    const void *file = n1_python_pointer(code, layout->code_file);
    if (file != part->file)
        *part = (struct n1_python_file){.file = file,
                                        .tail = n1_python_tail(layout, file),
                                        .is_string = ((const char *)file)[layout->ascii_text] == '<'};
    uint64_t who = part->tail ^ n1_python_word(code, layout->code_name) << 24 ^
                   (uint64_t)(uint32_t)n1_python_int(code, layout->code_first_line) << 4;
    if (N1_UNLIKELY(part->is_string))
        who ^= n1_python_content(layout, code, file);
    return who;
}

#endif
