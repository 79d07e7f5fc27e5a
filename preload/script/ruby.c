/* Ruby 3.0 to 3.4, read from outside.
 *
 * The GVL may be released in a database call (the pg gem does, sqlite3 does not). The control frames of the calling thread
 * stand still all the same, and keep their instruction sequences alive. What runs on a thread is found through
 * rb_thread_current(), which only looks up a thread-local variable; a fiber's frames are those of the context that its thread
 * has at the moment. Files, names and lines of a new path come from the profilers' interface (rb_profile_frames), which
 * neither allocates nor needs the lock. Known not to be safe: GC.compact by another thread at that moment.
 *
 * A run of frames ends at the one that rb_vm_exec() was called for. Methods written in C are native frames already.
 */

#include "preload/base/mix.h"
#include "preload/binding/readable.h"
#include "preload/script/field.h"
#include "preload/script/frames.h"
#include "preload/script/proof.h"

#define DUMMIES      1U  /* the outermost frame executes nothing; Ruby does not show it either */
#define PROVE_FRAMES 64U /* frames that are looked at before the layout is believed */
#define NIL_3_1      8U  /* Qnil up to 3.1, and since 3.2 */
#define NIL_3_2      4U

typedef uintptr_t get_thread(void);
typedef int is_own_thread(void);
typedef int get_frames(int start, int limit, uintptr_t *frames, int *lines);
typedef uintptr_t get_text(uintptr_t frame);

/* Of struct rb_control_frame_struct, rb_thread_struct, RString (vm_core.h and rstring.h of each version). */
struct layout {
    int minor; /* of version 3 */
    uint8_t frame_bytes;
    uint8_t thread_context;
    bool is_text_length_outside; /* a string's length has a field, also when the characters are embedded */
};
static const struct layout layouts[] = {
    {.minor = 0, .frame_bytes = 56, .thread_context = 40, .is_text_length_outside = false},
    {.minor = 1, .frame_bytes = 64, .thread_context = 40, .is_text_length_outside = false},
    {.minor = 2, .frame_bytes = 56, .thread_context = 48, .is_text_length_outside = true},
    {.minor = 3, .frame_bytes = 56, .thread_context = 48, .is_text_length_outside = true},
    {.minor = 4, .frame_bytes = 56, .thread_context = 48, .is_text_length_outside = true},
};

/* The same in all of these. */
enum {
    OBJECT_DATA = 32, /* RTypedData.data */
    THREAD_SELF = 16,
    CONTEXT_STACK = 0, /* rb_execution_context_t */
    CONTEXT_STACK_WORDS = 8,
    CONTEXT_FRAME = 16,
    CONTEXT_THREAD = 48,
    FRAME_PC = 0, /* rb_control_frame_t */
    FRAME_ISEQ = 16,
    FRAME_EP = 32,
    ISEQ_BODY = 16,
    BODY_KIND_SIZE = 0, /* rb_iseq_constant_body: kind, then the number of words of code, 32 bits each */
    BODY_CODE = 8,
    BODY_PATH = 64,
    BODY_LABEL = 80,
    BODY_FIRST_LINE = 88,
    BODY_RANGE = 96, /* lines and columns of the source, and a node's number */
    BODY_BYTES = 112,
    OBJECT_HELD = 16, /* the first words behind struct RBasic, of a string or an array */
    STRING_LENGTH = 16,
    STRING_EMBEDDED_OLD = 16,
    STRING_HEAP = 24,
};
#define FLAG_FINISH  0x20U /* ep[0] */
#define FLAG_C       0x80U
#define TYPE_MASK    0x1fU /* RBasic.flags */
#define TYPE_STRING  0x05U
#define TYPE_ARRAY   0x07U
#define TYPE_INSIDE  0x1aU        /* T_IMEMO … */
#define INSIDE_MASK  (0xfU << 12) /* … and which of them */
#define INSIDE_ISEQ  (7U << 12)
#define NOT_EMBEDDED (1U << 13)

/* Written once by detect(), before n1_frames_detected says so. */
static struct {
    const struct layout *layout;
    get_thread *get_thread;
    is_own_thread *is_own_thread;
    get_frames *get_frames;
    get_text *get_path, *get_label;
    void *const *vm; /* NULL there: not running any more */
    uintptr_t loop, loop_end;
} ruby;

static struct n1_proof proof;

/* ---- the chain of frames ------------------------------------------------------------------------------------------ */

struct cursor {
    uintptr_t frame, end;
};

/* The thread's own structure; 0: not one of Ruby's, or Ruby is being torn down. */
static inline uintptr_t thread_of_caller(void)
{
    return ruby.is_own_thread() && (!ruby.vm || *ruby.vm) ? ruby.get_thread() : 0;
}

static inline struct cursor first_frame(uintptr_t thread)
{
    const uintptr_t context = n1_field_word(n1_field_word(thread, OBJECT_DATA), ruby.layout->thread_context);
    if (!context)
        return (struct cursor){0};
    const uintptr_t stack = n1_field_word(context, CONTEXT_STACK);
    return (struct cursor){.frame = stack ? n1_field_word(context, CONTEXT_FRAME) : 0,
                           .end = stack + n1_field_word(context, CONTEXT_STACK_WORDS) * sizeof(uintptr_t) -
                                  DUMMIES * ruby.layout->frame_bytes};
}

/* Is it one that Ruby's backtraces show with a line of its own? */
static inline bool is_script(uintptr_t frame, uintptr_t flags)
{
    return !(flags & FLAG_C) && n1_field_word(frame, FRAME_ISEQ) && n1_field_word(frame, FRAME_PC);
}

/* What tells a path from another one that stood at its address: the characters of the string, or their length and address.
 * The path object of a file or of code from a string is an array: path and real path. */
static inline uint64_t held_by_path(uintptr_t path)
{
    if ((n1_field_word(path, 0) & TYPE_MASK) == TYPE_ARRAY)
        path = n1_field_word(path, OBJECT_HELD);
    return n1_field_word(path, OBJECT_HELD) + (n1_field_word(path, OBJECT_HELD + 8) << 7);
}

/* What a frame's text is made of. The sequence may be freed or moved and another one stand at its address: path, label and
 * range in the source tell them apart. */
static inline uint64_t key_of(uintptr_t iseq, uintptr_t pc)
{
    const uintptr_t body = n1_field_word(iseq, ISEQ_BODY), path = n1_field_word(body, BODY_PATH);
    const uint64_t who = path ^ n1_field_word(body, BODY_LABEL) << 21 ^ n1_field_word(body, BODY_FIRST_LINE) << 42 ^
                         n1_field_word(body, BODY_RANGE) << 5 ^ n1_field_word(body, BODY_RANGE + 8) << 13;
    return n1_mix(n1_mix(pc + (iseq << 20)) ^ who) + n1_mix(held_by_path(path));
}

/* ---- belief ------------------------------------------------------------------------------------------------------ */

static bool read_word(uintptr_t object, uint32_t offset, uintptr_t *word)
{
    return object % sizeof(uintptr_t) == 0 && n1_stack_read(object + offset, word, sizeof *word) == 0;
}

static bool is_of_type(uintptr_t object, uint32_t mask, uint32_t type)
{
    uintptr_t flags;
    return object && read_word(object, 0, &flags) && (flags & mask) == type;
}

/* An instruction sequence with a path and a name, and a place within it. */
static bool is_sequence(uintptr_t iseq, uintptr_t pc)
{
    uintptr_t body;
    uint8_t bytes[BODY_BYTES];
    if (!is_of_type(iseq, TYPE_MASK | INSIDE_MASK, TYPE_INSIDE | INSIDE_ISEQ) || !read_word(iseq, ISEQ_BODY, &body) ||
        n1_stack_read(body, bytes, sizeof bytes))
        return false;
    const uintptr_t code = n1_field_word(body, BODY_CODE), path = n1_field_word(body, BODY_PATH);
    const uintptr_t words = n1_field_word(body, BODY_KIND_SIZE) >> 32;
    return pc >= code && pc <= code + words * sizeof(uintptr_t) &&
           (is_of_type(path, TYPE_MASK, TYPE_STRING) || is_of_type(path, TYPE_MASK, TYPE_ARRAY)) &&
           is_of_type(n1_field_word(body, BODY_LABEL), TYPE_MASK, TYPE_STRING);
}

/* Reads the chain once with every access checked. N1_UNPROVED when there is no frame to look at. */
static enum n1_verdict prove(uintptr_t thread)
{
    uintptr_t data, self, context, owner, stack, words, frame;
    uint32_t looked_at = 0;
    if (!read_word(thread, OBJECT_DATA, &data) || !read_word(data, THREAD_SELF, &self) || self != thread ||
        !read_word(data, ruby.layout->thread_context, &context))
        return N1_REFUSED;
    if (!context)
        return N1_UNPROVED;
    if (!read_word(context, CONTEXT_THREAD, &owner) || owner != data || !read_word(context, CONTEXT_STACK, &stack) ||
        !read_word(context, CONTEXT_STACK_WORDS, &words) || !read_word(context, CONTEXT_FRAME, &frame))
        return N1_REFUSED;
    const uintptr_t end = stack + words * sizeof(uintptr_t);
    if (!stack)
        return N1_UNPROVED;
    if (frame < stack || frame > end || (end - frame) % ruby.layout->frame_bytes)
        return N1_REFUSED;
    for (uint32_t i = 0; frame < end && i < PROVE_FRAMES; i++, frame += ruby.layout->frame_bytes) {
        uintptr_t pc, iseq, ep, flags;
        if (!read_word(frame, FRAME_PC, &pc) || !read_word(frame, FRAME_ISEQ, &iseq) ||
            !read_word(frame, FRAME_EP, &ep) || !read_word(ep, 0, &flags))
            return N1_REFUSED;
        if (flags & FLAG_C || !iseq || !pc)
            continue;
        if (!is_sequence(iseq, pc))
            return N1_REFUSED;
        looked_at++;
    }
    return looked_at ? N1_PROVED : N1_UNPROVED;
}

/* ---- the reader -------------------------------------------------------------------------------------------------- */

static uint64_t sign(void)
{
    const uintptr_t thread = thread_of_caller();
    const uint32_t frame_bytes = ruby.layout->frame_bytes;
    uint64_t signature = 0, place = 0;
    if (!thread || !n1_proof_stands(&proof, prove, thread))
        return 0;
    struct cursor cursor = first_frame(thread);
    uint32_t count = 0;
    for (; cursor.frame && cursor.frame < cursor.end && count < N1_FRAMES_MAX; cursor.frame += frame_bytes) {
        const uintptr_t flags = n1_field_word(n1_field_word(cursor.frame, FRAME_EP), 0);
        if (!is_script(cursor.frame, flags))
            continue;
        count++;
        place += UINT64_C(0x8ebc6af09c88c6e3);
        signature += n1_mix(key_of(n1_field_word(cursor.frame, FRAME_ISEQ), n1_field_word(cursor.frame, FRAME_PC)) +
                            place + !!(flags & FLAG_FINISH));
    }
    return signature;
}

/* Lines as the profilers' interface has them: it gives the same frames, and between them those of methods written in C,
 * without a line. In one call, because up to 3.2 it ignores where to start. */
static void put_lines(struct n1_script_frame *frames, uint32_t count)
{
    static uintptr_t found[4 * N1_FRAMES_MAX]; /* under the stack lock */
    static int lines[4 * N1_FRAMES_MAX];
    const int n = ruby.get_frames(0, 4 * N1_FRAMES_MAX, found, lines);
    uint32_t used = 0;
    for (int i = 0; i < n && used < count; i++)
        if (lines[i] > 0)
            frames[used++].at = (uintptr_t)lines[i];
}

static uint32_t walk(struct n1_script_frame *frames, uint32_t room)
{
    const uintptr_t thread = thread_of_caller();
    uint32_t count = 0;
    if (!thread || !n1_proof_stands(&proof, prove, thread))
        return 0;
    for (struct cursor cursor = first_frame(thread); cursor.frame && cursor.frame < cursor.end && count < room;
         cursor.frame += ruby.layout->frame_bytes) {
        const uintptr_t flags = n1_field_word(n1_field_word(cursor.frame, FRAME_EP), 0);
        if (!is_script(cursor.frame, flags))
            continue;
        const uintptr_t iseq = n1_field_word(cursor.frame, FRAME_ISEQ);
        frames[count++] = (struct n1_script_frame){.key = key_of(iseq, n1_field_word(cursor.frame, FRAME_PC)),
                                                   .code = (const void *)iseq,
                                                   .ends_run = flags & FLAG_FINISH};
    }
    put_lines(frames, count);
    return count;
}

/* The characters of a String, cut at a character; 0 for nil. */
static uint32_t copy_text(uintptr_t string, char *out, size_t room)
{
    if (string <= NIL_3_1 || string == NIL_3_2 || (string & 7) || (n1_field_word(string, 0) & TYPE_MASK) != TYPE_STRING)
        return 0;
    const uintptr_t flags = n1_field_word(string, 0);
    const bool is_outside = flags & NOT_EMBEDDED;
    const bool has_length = is_outside || ruby.layout->is_text_length_outside;
    size_t length = has_length ? n1_field_word(string, STRING_LENGTH) : flags >> 14 & 31;
    const char *text = is_outside ? (const char *)n1_field_word(string, STRING_HEAP)
                                  : (const char *)string + (has_length ? STRING_HEAP : STRING_EMBEDDED_OLD);
    if (length > room)
        for (length = room; length && (text[length] & 0xc0) == 0x80;)
            length--;
    __builtin_memcpy(out, text, length);
    return (uint32_t)length;
}

static bool describe(const struct n1_script_frame *frame, struct n1_frame_text *text)
{
    text->function_bytes = copy_text(ruby.get_label((uintptr_t)frame->code), text->function, sizeof text->function);
    text->file_bytes = copy_text(ruby.get_path((uintptr_t)frame->code), text->file, sizeof text->file);
    text->line = frame->at;
    return text->function_bytes != 0;
}

static bool runs_in(uintptr_t ip)
{
    return ip > ruby.loop && ip <= ruby.loop_end;
}

static bool detect(const struct n1_module *module)
{
    size_t loop_bytes = 0;
    const int *version = (const int *)n1_module_symbol(module, "ruby_api_version", NULL);
    if (!version || version[0] != 3)
        return false;
    ruby.layout = NULL;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (layouts[i].minor == version[1])
            ruby.layout = &layouts[i];
    ruby.get_thread = (get_thread *)n1_module_symbol(module, "rb_thread_current", NULL);
    ruby.is_own_thread = (is_own_thread *)n1_module_symbol(module, "ruby_native_thread_p", NULL);
    ruby.get_frames = (get_frames *)n1_module_symbol(module, "rb_profile_frames", NULL);
    ruby.get_path = (get_text *)n1_module_symbol(module, "rb_profile_frame_path", NULL);
    ruby.get_label = (get_text *)n1_module_symbol(module, "rb_profile_frame_label", NULL);
    ruby.vm = (void *const *)n1_module_symbol(module, "ruby_current_vm_ptr", NULL);
    ruby.loop = n1_module_symbol(module, "rb_vm_exec", &loop_bytes);
    ruby.loop_end = ruby.loop + loop_bytes;
    n1_proof_reset(&proof);
    return ruby.layout && ruby.get_thread && ruby.is_own_thread && ruby.get_frames && ruby.get_path && ruby.get_label;
}

const struct n1_interpreter n1_ruby = {
    .name = "Ruby",
    .language = N1_LANGUAGE_RUBY,
    .detect = detect,
    .sign = sign,
    .walk = walk,
    .describe = describe,
    .runs_in = runs_in,
};
