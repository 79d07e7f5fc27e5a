/* CPython 3.9 to 3.13, read from outside: where the fields lie in each version, and how its strings and line tables are
 * written. python.c walks; the rest of the rooms are pure functions over objects that the walk has proved to be there.
 *
 * The GIL is not held in a database call. The frames of the calling thread stand still all the same (only the thread itself
 * runs them) and keep their code objects alive; nothing else is read. The thread's state comes from
 * PyGILState_GetThisThreadState(), a thread-local look-up. Subinterpreters before 3.12 have their own states that cannot be
 * found this way: their frames stay native.
 */
#ifndef N1_PRELOAD_PYTHON_H
#define N1_PRELOAD_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum n1_python_chain {
    N1_PYTHON_OBJECTS, /* 3.9, 3.10: frame objects, each run by a native frame of its own */
    N1_PYTHON_ENTRIES, /* 3.11: interpreter frames; those that a native frame began with are marked */
    N1_PYTHON_C_FRAMES /* 3.12, 3.13: a frame on the native stack stands behind each run */
};

enum n1_python_lines {
    N1_PYTHON_LNOTAB,    /* 3.9: pairs of bytes, address step and line step (Objects/lnotab_notes.txt) */
    N1_PYTHON_LINETABLE, /* 3.10: PEP 626 */
    N1_PYTHON_LOCATIONS  /* 3.11 and later: Objects/locations.md */
};

/* Offsets in bytes, of the ordinary build (with the GIL, without Py_TRACE_REFS) on 64 bits. NONE: not in this version. */
#define N1_PYTHON_NONE UINT16_MAX
struct n1_python_layout {
    uint8_t minor; /* of version 3 */
    enum n1_python_chain chain;
    enum n1_python_lines lines;
    uint16_t state_frame, state_cframe;     /* PyThreadState: frame or current_frame; cframe */
    uint16_t cframe_frame, cframe_previous; /* its current_frame, previous */
    uint16_t frame_code, frame_previous, frame_at;
    uint16_t frame_owner, frame_is_entry;
    uint16_t code_names, code_first_line, code_file, code_name, code_qualname, code_lines;
    uint16_t code_bytes;               /* the instructions (3.11), or the bytes object that holds them */
    uint16_t code_traceable;           /* number of instructions before the frame counts as begun */
    uint16_t ascii_text, compact_text; /* PyUnicode: where the characters start */
};

/* Writes a str as UTF-8, cut at room at a character; returns the bytes. Undecodable bytes of a file name (PEP 383) are
 * written as they were. 0 for a kind of string that is not read. */
uint32_t n1_python_text(const struct n1_python_layout *layout, const void *string, char *out, size_t room);

/* The line of the instruction at a byte offset of the code; 0: none. */
uint64_t n1_python_line(const struct n1_python_layout *layout, const void *code, intptr_t at_bytes);

/* Is the call at a byte offset of the code one of `executemany`, the batch form of Python's database interface (PEP 249)? Built
 * into a driver it has no frame, and a caller that is stripped no name. Told by the nearest attribute before the call
 * whose name begins with "execute": a method kept in a variable is taken for the wrong one when it is called behind another
 * in the same function. Slow; not for the hot path. */
bool n1_python_calls_batch(const struct n1_python_layout *layout, const void *code, intptr_t at_bytes);

static inline uintptr_t n1_python_word(const void *object, uint16_t offset)
{
    uintptr_t word;
    __builtin_memcpy(&word, (const char *)object + offset, sizeof word);
    return word;
}

static inline const void *n1_python_pointer(const void *object, uint16_t offset)
{
    return (const void *)n1_python_word(object, offset);
}

static inline int32_t n1_python_int(const void *object, uint16_t offset)
{
    int32_t value;
    __builtin_memcpy(&value, (const char *)object + offset, sizeof value);
    return value;
}

/* PyObject, PyVarObject, PyBytesObject, PyUnicodeObject: the same in all these versions. */
enum {
    N1_PYTHON_TYPE = 8,
    N1_PYTHON_SIZE = 16,
    N1_PYTHON_BYTES = 32,
    N1_PYTHON_TEXT_LENGTH = 16,
    N1_PYTHON_TEXT_STATE = 32
};

/* PyASCIIObject.state: two bits interned, three bits kind (bytes a character), compact, ascii. */
#define N1_PYTHON_STATE_KIND(state) ((state) >> 2 & 7)
#define N1_PYTHON_STATE_COMPACT     0x20U
#define N1_PYTHON_STATE_ASCII       0x40U

#endif
