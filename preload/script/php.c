/* PHP 8, the build without threads (NTS), read from outside.
 *
 * The frames stand in a chain from executor_globals. Two offsets differ between versions: that of the chain's start in
 * executor_globals, and that of the file's name in a function; both are found by looking for what the engine itself says of
 * the innermost frame (zend_get_executed_filename_ex, zend_get_executed_lineno), with checked reads. The others have been the
 * same since 7.4. Nothing is called that allocates: a request that runs into its memory limit is left by longjmp.
 *
 * A run of frames ends at the one that execute_ex() was called for. Functions written in C are native frames already.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/mix.h"
#include "preload/binding/readable.h"
#include "preload/script/field.h"
#include "preload/script/frames.h"
#include "preload/script/proof.h"

#define PROVE_FRAMES 64U

typedef const void *get_string(void);
typedef uint32_t get_line(void);
typedef const void *get_frame(const void *frame);

/* zend_execute_data, zend_op_array, zend_op, zend_string, zend_class_entry. */
enum {
    GLOBALS_BYTES = 1024, /* of executor_globals that are searched for the chain's start */
    FRAME_OPLINE = 0,
    FRAME_FUNCTION = 24,
    FRAME_INFO = 40,
    FRAME_PREVIOUS = 48,
    FRAME_BYTES = 56,
    FUNCTION_TYPE = 0,
    FUNCTION_NAME = 8,
    FUNCTION_SCOPE = 16,
    FUNCTION_BYTES = 248, /* of a function that are searched for its file's name */
    FUNCTION_FILE_MIN = 96,
    OPLINE_LINE = 24,
    OPLINE_BYTES = 32,
    CLASS_NAME = 8,
    STRING_LENGTH = 16,
    STRING_TEXT = 24,
};
enum { TYPE_INTERNAL = 1, TYPE_USER = 2, TYPE_EVAL = 4 };
#define INFO_TOP (1U << 17) /* ZEND_CALL_TOP */

/* Written once by detect(), but for the offsets, which prove() writes before proof says so. */
static struct {
    const char *globals;
    get_string *get_file;
    get_line *get_line;
    get_frame *get_generator_frame; /* NULL: not exported */
    uintptr_t loop, loop_end;       /* execute_ex */
    uint32_t globals_frame, function_file;
} php;

static struct n1_proof proof;

/* The interpreter belongs to the main thread. */
enum { UNKNOWN, MAIN, OTHER };
static _Thread_local uint8_t which_thread __attribute__((tls_model("initial-exec")));

/* ---- the chain of frames ------------------------------------------------------------------------------------------ */

/* A frame without function stands for a generator that delegates to another one ("yield from"): the engine knows which. */
static __attribute__((noinline)) const void *generator_of(const void *frame)
{
    return php.get_generator_frame ? php.get_generator_frame(frame) : frame;
}

/* This frame, or the next one outwards that executes something; *function is what. NULL at the end. */
static inline const void *frame_from(const void *frame, const void **function)
{
    for (; frame; frame = n1_field_pointer(frame, FRAME_PREVIOUS)) {
        if (!n1_field_pointer(frame, FRAME_FUNCTION))
            frame = generator_of(frame);
        *function = n1_field_pointer(frame, FRAME_FUNCTION);
        if (*function && *(const uint8_t *)*function != TYPE_INTERNAL && n1_field_pointer(frame, FRAME_OPLINE))
            return frame;
    }
    return NULL;
}

static inline bool ends_run(const void *frame)
{
    return n1_field_int((uintptr_t)frame, FRAME_INFO) & INFO_TOP;
}

/* A file's name by content: "a.php(12) : eval()'d code" is a new string each time. */
static inline uint64_t text_of(const void *string)
{
    const uint64_t length = n1_field_word((uintptr_t)string, STRING_LENGTH);
    const char *text = (const char *)string + STRING_TEXT;
    uint64_t tail = 0, hash = length;
    if (length < sizeof tail)
        return length; /* the string's address is hashed too */
    __builtin_memcpy(&tail, text + length - sizeof tail, sizeof tail);
    if (text[length - 1] != 'e')
        return hash ^ tail;
    for (uint64_t i = 0; i + sizeof tail <= length; i += sizeof tail) {
        __builtin_memcpy(&tail, text + i, sizeof tail);
        hash = n1_mix(hash ^ tail);
    }
    return hash;
}

/* What a frame's text is made of. Code may be freed and other code stand at its address: names and line tell them apart. */
static inline uint64_t key_of(const void *frame, const void *function)
{
    const void *opline = n1_field_pointer(frame, FRAME_OPLINE);
    const uint64_t who = text_of(n1_field_pointer(function, php.function_file)) ^
                         n1_field_word((uintptr_t)function, FUNCTION_NAME) << 20 ^
                         (uint64_t)n1_field_int((uintptr_t)opline, OPLINE_LINE) << 40;
    return n1_mix(n1_mix((uintptr_t)opline + ((uintptr_t)function << 20)) ^ who);
}

/* ---- belief ------------------------------------------------------------------------------------------------------ */

static bool read_bytes(const void *from, void *to, size_t size_bytes)
{
    return from && (uintptr_t)from % 8 == 0 && n1_stack_read((uintptr_t)from, to, size_bytes) == 0;
}

/* The offset at which a function has this file's name; 0: nowhere. */
static uint32_t find_file(const void *function, const void *file)
{
    uintptr_t words[FUNCTION_BYTES / sizeof(uintptr_t)];
    if (!read_bytes(function, words, sizeof words))
        return 0;
    for (uint32_t offset = FUNCTION_FILE_MIN; offset < FUNCTION_BYTES; offset += sizeof(uintptr_t))
        if (words[offset / sizeof(uintptr_t)] == (uintptr_t)file)
            return offset;
    return 0;
}

/* Is there a chain of frames whose innermost script is at this file and line? How many frames it has, and where functions
 * have their file; 0: it is none. */
static uint32_t look_at_chain(const void *frame, const void *file, uint32_t line, uint32_t *file_offset)
{
    uint32_t count = 0;
    *file_offset = 0;
    while (frame && count < PROVE_FRAMES) {
        uint8_t bytes[FRAME_BYTES], opline[OPLINE_BYTES], type;
        if (!read_bytes(frame, bytes, sizeof bytes))
            return 0;
        const void *function = n1_field_pointer(bytes, FRAME_FUNCTION);
        if (function && !read_bytes(function, &type, sizeof type))
            return 0;
        if (function && type != TYPE_INTERNAL && n1_field_pointer(bytes, FRAME_OPLINE)) {
            if ((type != TYPE_USER && type != TYPE_EVAL) ||
                !read_bytes(n1_field_pointer(bytes, FRAME_OPLINE), opline, sizeof opline))
                return 0;
            if (!*file_offset && n1_field_int((uintptr_t)opline, OPLINE_LINE) != line)
                return 0;
            if (!*file_offset && !(*file_offset = find_file(function, file)))
                return 0;
        }
        count++;
        frame = n1_field_pointer(bytes, FRAME_PREVIOUS);
    }
    return *file_offset ? count : 0;
}

/* The engine's stack: its top, its end, its page. Above the top lies what the last call left behind, often a whole frame whose
 * chain is one longer than the true one, until the next call writes over it. */
static bool is_stack_top(uint32_t offset)
{
    enum { STACK_BYTES_MAX = 1 << 26 };
    const uintptr_t top = (uintptr_t)n1_field_pointer(php.globals, offset);
    const uintptr_t end = (uintptr_t)n1_field_pointer(php.globals, offset + (uint32_t)sizeof(uintptr_t));
    const uintptr_t page = (uintptr_t)n1_field_pointer(php.globals, offset + 2 * (uint32_t)sizeof(uintptr_t));
    return page && page < top && top <= end && end - page <= STACK_BYTES_MAX;
}

/* N1_UNPROVED while no script runs. The longest chain is the one that begins with the innermost frame. */
static enum n1_verdict prove(uintptr_t none)
{
    (void)none; /* there is one interpreter */
    const void *file = php.get_file();
    const uint32_t line = file ? php.get_line() : 0;
    uint32_t longest = 0;
    if (!line)
        return N1_UNPROVED;
    for (uint32_t offset = 0; offset < GLOBALS_BYTES; offset += sizeof(uintptr_t)) {
        uint32_t file_offset;
        const uint32_t count = look_at_chain(n1_field_pointer(php.globals, offset), file, line, &file_offset);
        if (count <= longest || is_stack_top(offset))
            continue;
        longest = count;
        php.globals_frame = offset;
        php.function_file = file_offset;
    }
    return longest ? N1_PROVED : N1_REFUSED;
}

static N1_COLD bool is_main_thread(void)
{
    if (which_thread == UNKNOWN)
        which_thread = syscall(SYS_gettid) == syscall(SYS_getpid) ? MAIN : OTHER;
    return which_thread == MAIN;
}

static inline const void *first_frame(const void **function)
{
    if ((which_thread != MAIN && !is_main_thread()) || !n1_proof_stands(&proof, prove, 0))
        return NULL;
    return frame_from(n1_field_pointer(php.globals, php.globals_frame), function);
}

/* ---- the reader -------------------------------------------------------------------------------------------------- */

static uint64_t sign(void)
{
    uint64_t signature = 0, place = 0;
    const void *function, *frame = first_frame(&function);
    for (uint32_t i = 0; frame && i < N1_FRAMES_MAX; i++) {
        place += UINT64_C(0x8ebc6af09c88c6e3);
        signature += n1_mix(key_of(frame, function) + place + ends_run(frame));
        frame = frame_from(n1_field_pointer(frame, FRAME_PREVIOUS), &function);
    }
    return signature;
}

static uint32_t walk(struct n1_script_frame *frames, uint32_t room)
{
    uint32_t count = 0;
    const void *function, *frame = first_frame(&function);
    while (frame && count < room) {
        uint32_t line = n1_field_int((uintptr_t)n1_field_pointer(frame, FRAME_OPLINE), OPLINE_LINE);
        if (!line && count == 0) /* an exception is on its way */
            line = php.get_line();
        frames[count++] = (struct n1_script_frame){
            .key = key_of(frame, function) + line, .code = frame, .at = line, .ends_run = ends_run(frame)};
        frame = frame_from(n1_field_pointer(frame, FRAME_PREVIOUS), &function);
    }
    return count;
}

/* Appends, cut at a character; returns the bytes now used. */
static uint32_t append(char *out, uint32_t used, size_t room, const char *text, size_t length)
{
    if (length > room - used)
        for (length = room - used; length && (text[length] & 0xc0) == 0x80;)
            length--;
    __builtin_memcpy(out + used, text, length);
    return used + (uint32_t)length;
}

/* Up to a NUL: behind it the engine hides what makes the name of an anonymous class unique. */
static uint32_t append_string(char *out, uint32_t used, size_t room, const void *string)
{
    const char *text = (const char *)string + STRING_TEXT;
    const size_t length = n1_field_word((uintptr_t)string, STRING_LENGTH);
    size_t shown = 0;
    while (shown < length && text[shown])
        shown++;
    return append(out, used, room, text, shown);
}

static bool describe(const struct n1_script_frame *frame, struct n1_frame_text *text)
{
    const void *function = n1_field_pointer(frame->code, FRAME_FUNCTION);
    const void *name = n1_field_pointer(function, FUNCTION_NAME), *scope = n1_field_pointer(function, FUNCTION_SCOPE);
    const void *file = n1_field_pointer(function, php.function_file);
    uint32_t used = 0;
    if (name && scope) {
        used = append_string(text->function, used, sizeof text->function, n1_field_pointer(scope, CLASS_NAME));
        used = append(text->function, used, sizeof text->function, "::", 2);
    }
    if (name)
        used = append_string(text->function, used, sizeof text->function, name);
    else if (*(const uint8_t *)function == TYPE_EVAL)
        used = append(text->function, used, sizeof text->function, "eval", 4);
    else if (n1_field_pointer(frame->code, FRAME_PREVIOUS))
        used = append(text->function, used, sizeof text->function, "include", 7);
    else
        used = append(text->function, used, sizeof text->function, "{main}", 6);
    text->function_bytes = used;
    if (file)
        text->file_bytes = append_string(text->file, 0, sizeof text->file, file);
    text->line = frame->at;
    return true;
}

static bool runs_in(uintptr_t ip)
{
    return ip > php.loop && ip <= php.loop_end;
}

static bool detect(const struct n1_module *module)
{
    size_t loop_bytes = 0;
    /* of 8.0 and later; builds with threads have no such globals */
    const bool is_8 = n1_module_symbol(module, "zend_get_attribute", NULL);
    php.globals = (const char *)n1_module_symbol(module, "executor_globals", NULL);
    php.get_file = (get_string *)n1_module_symbol(module, "zend_get_executed_filename_ex", NULL);
    php.get_line = (get_line *)n1_module_symbol(module, "zend_get_executed_lineno", NULL);
    php.get_generator_frame = (get_frame *)n1_module_symbol(module, "zend_generator_check_placeholder_frame", NULL);
    php.loop = n1_module_symbol(module, "execute_ex", &loop_bytes);
    php.loop_end = php.loop + loop_bytes;
    n1_proof_reset(&proof);
    return is_8 && php.globals && php.get_file && php.get_line;
}

const struct n1_interpreter n1_php = {
    .name = "PHP",
    .language = N1_LANGUAGE_PHP,
    .detect = detect,
    .sign = sign,
    .walk = walk,
    .describe = describe,
    .runs_in = runs_in,
};
