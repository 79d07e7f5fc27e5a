/* Perl 5 with threads (the build that distributions ship), read from outside.
 *
 * The interpreter of the calling thread stands in a thread-specific value; its stack of contexts says which subroutines,
 * string evals and files are being executed, and each context where it was entered from. Callbacks from C (sort, tie, DBI's
 * handlers) get a stack of contexts of their own, or a subroutine that returns to nowhere: there a run of frames ends.
 * eval { } blocks are no frames: they are part of the subroutine around them.
 *
 * A context knows the last statement that Perl noted. A block's only statement is not noted ("if (…) { show() }": its op is nulled): then
 * the line is that of the statement around the op that calls, which the statement's tree of ops has.
 *
 * Where the interpreter's structure has the stack is found by what must hold there; contexts are laid out in one of two ways
 * (before and since 5.36). Nothing is believed unless all that the first walk reads proves to be what it should be. Builds
 * without threads keep their frames native.
 */
#include <pthread.h>
#include <string.h>

#include "preload/base/mix.h"
#include "preload/binding/readable.h"
#include "preload/script/field.h"
#include "preload/script/frames.h"
#include "preload/script/proof.h"

#define CONTEXTS_MAX 65536U /* of all kinds (loops, blocks) that are looked at for one stack */
#define PROVE_FRAMES 64U
#define LINES_MAX    (1U << 24)

/* intrpvar.h, cop.h, cv.h, gv.h, hv.h */
enum {
    PERL_OP = 8,       /* PL_op */
    PERL_BYTES = 1024, /* of struct interpreter that are searched for PL_curcop, PL_curstack, PL_curstackinfo */
    STACK_VALUES = 0,  /* PERL_SI */
    STACK_CONTEXTS = 8,
    STACK_PREVIOUS = 16,
    STACK_TOP = 32,
    STACK_MAX = 36,
    CONTEXT_COP = 16, /* PERL_CONTEXT */
    CONTEXT_RETURN = 48,
    CONTEXT_BYTES_MAX = 104,
    OP_NEXT = 0, /* op.h */
    OP_SIBLING = 8,
    OP_CODE = 16,
    OP_TARGET = 24,
    OP_BITS = 32,
    OP_FIRST = 40,
    OP_BYTES = 48,
    COP_LINE = 36,
    COP_FILE = 48,
    COP_SEQUENCE = 60,
    COP_BYTES = 64,
    SV_FLAGS = 12,
    SV_ARRAY = 16,
    CV_STASH = 32, /* XPVCV */
    CV_NAME = 56,
    CV_FLAGS = 92,
    GV_NAME = 32, /* XPVGV */
    GV_STASH = 40,
    HV_MAX = 24, /* XPVHV */
    HV_AUX = 32,
    AUX_NAME = 0, /* xpvhv_aux */
    AUX_NAME_COUNT = 28,
    HEK_LENGTH = 4,
    HEK_TEXT = 8,
};
enum { TYPE_SUB = 9, TYPE_FORMAT = 10, TYPE_EVAL = 11, TYPE_MAX = 15 };
#define TYPE_MASK     0x0fU
#define OP_TYPE       0x1ffU   /* of the word at OP_BITS; 0: nulled, and OP_TARGET says what it was */
#define OP_HAS_NEXT   0x4000U  /* op_moresib */
#define OP_HAS_KIDS   0x40000U /* OPf_KIDS, in the byte behind */
#define BLOCK_OF_EVAL 0x40U    /* CXp_TRYBLOCK */
#define FAKE_OF_SUB   0x80U    /* CXp_SUB_RE_FAKE: code in a regular expression, in the subroutine around it */
#define SV_TYPE_CV    13U
#define SV_TYPE_FM    14U
#define SV_HAS_AUX    0x2000000U /* SVf_OOK */
#define CV_IS_NAMED   0x8000U
#define AUX_SINCE     36U /* a hash has its auxiliary part in its body; before, behind its array */

struct layout {
    uint8_t context_bytes;
    uint8_t context_cv;
    uint8_t context_file; /* blk_eval.old_namesv: not NULL for a file that is read */
};
static const struct layout before_5_36 = {.context_bytes = 96, .context_cv = 64, .context_file = 56};
static const struct layout since_5_36 = {.context_bytes = 104, .context_cv = 72, .context_file = 64};

/* Written once by detect(), before n1_frames_detected says so; at_cop by prove(), before proof says so. */
static struct {
    const struct layout *layout;
    uint32_t at_cop; /* offset of PL_curcop */
    const pthread_key_t *key;
    uintptr_t call; /* Perl_pp_entersub; 0: not known */
    uintptr_t loop[2], loop_end[2];
    uint8_t minor;
} perl;

static struct n1_proof proof;

static inline uintptr_t interpreter_of_thread(void)
{
    return (uintptr_t)pthread_getspecific(*perl.key);
}

/* ---- the stack of contexts ------------------------------------------------------------------------------------------ */

enum { READ_STRING = 1, READ_FILE };

struct cursor {
    uintptr_t stack, context; /* the next context to look at; context 0: this stack's first one is to be found */
    uintptr_t base;
    uintptr_t cop, op; /* of the next place */
    uint32_t looked_at, stacks;
    bool is_at_end;
};

struct place {
    uintptr_t cop;
    uintptr_t op; /* that is executed, with IS_IT; else the one that comes after the call. 0: not known */
    uintptr_t cv; /* 0: not in a subroutine */
    uint32_t stack;
    uint8_t is_read; /* no subroutine, but … */
    bool is_called_by_c;
};

enum { IS_IT = 1 }; /* ops stand at even addresses */

static inline void enter_stack(struct cursor *cursor)
{
    const int32_t top = (int32_t)n1_field_int(cursor->stack, STACK_TOP);
    cursor->base = n1_field_word(cursor->stack, STACK_CONTEXTS);
    cursor->context = cursor->base + (uintptr_t)((intptr_t)(top + 1) * perl.layout->context_bytes);
}

static inline struct cursor first_place(uintptr_t my_perl)
{
    struct cursor cursor = {.cop = n1_field_word(my_perl, perl.at_cop),
                            .op = n1_field_word(my_perl, PERL_OP) | IS_IT,
                            .stack = n1_field_word(my_perl, perl.at_cop + 16)};
    if (cursor.stack && cursor.cop)
        enter_stack(&cursor);
    else
        cursor.is_at_end = true;
    return cursor;
}

/* The next frame outwards; false when there is none. The last one is the program itself. */
static inline bool next_place(struct cursor *cursor, struct place *place)
{
    if (cursor->is_at_end || !cursor->cop)
        return false;
    *place = (struct place){.cop = cursor->cop, .op = cursor->op, .stack = cursor->stacks};
    while (cursor->looked_at++ < CONTEXTS_MAX) {
        if (cursor->context == cursor->base) {
            cursor->stack = n1_field_word(cursor->stack, STACK_PREVIOUS);
            if (!cursor->stack)
                break;
            cursor->stacks++;
            enter_stack(cursor);
            continue;
        }
        const uintptr_t context = cursor->context -= perl.layout->context_bytes;
        const uint8_t kind = *(const uint8_t *)context, type = kind & TYPE_MASK;
        if (type < TYPE_SUB || type > TYPE_EVAL || kind & (type == TYPE_EVAL ? BLOCK_OF_EVAL : FAKE_OF_SUB))
            continue;
        place->stack = cursor->stacks;
        if (type == TYPE_EVAL) {
            place->is_read = n1_field_word(context, perl.layout->context_file) ? READ_FILE : READ_STRING;
        } else {
            place->cv = n1_field_word(context, perl.layout->context_cv);
            place->is_called_by_c = !n1_field_word(context, CONTEXT_RETURN);
        }
        cursor->cop = n1_field_word(context, CONTEXT_COP);
        cursor->op = n1_field_word(context, CONTEXT_RETURN);
        return true;
    }
    cursor->is_at_end = true;
    return true;
}

/* What a frame's text is made of. Code from strings is freed, and other code stands at its address: but each statement has a
 * number. */
static inline uint64_t key_of(const struct place *place)
{
    const uint64_t who = (uint64_t)n1_field_int(place->cop, COP_LINE) << 40 ^
                         (uint64_t)n1_field_int(place->cop, COP_SEQUENCE) << 8 ^ place->is_read;
    return n1_mix(n1_mix(place->cop + (place->cv << 20)) ^ who) + n1_field_word(place->cop, COP_FILE) +
           (place->op << 8);
}

/* ---- belief ------------------------------------------------------------------------------------------------------ */

static bool read_bytes(uintptr_t from, void *to, size_t size_bytes)
{
    return from && from % 4 == 0 && n1_stack_read(from, to, size_bytes) == 0;
}

static bool read_word(uintptr_t object, uint32_t offset, uintptr_t *word)
{
    return object && read_bytes(object + offset, word, sizeof *word);
}

static bool read_int(uintptr_t object, uint32_t offset, uint32_t *value)
{
    return object && read_bytes(object + offset, value, sizeof *value);
}

static bool is_cop(uintptr_t cop)
{
    uint8_t bytes[COP_BYTES], first;
    if (!cop || n1_stack_read(cop, bytes, sizeof bytes) || n1_field_int((uintptr_t)bytes, COP_LINE) >= LINES_MAX)
        return false;
    const uintptr_t file = n1_field_word((uintptr_t)bytes, COP_FILE);
    return !file || (n1_stack_read(file, &first, 1) == 0 && first);
}

static bool is_cv(uintptr_t cv)
{
    uint32_t flags;
    return read_int(cv, SV_FLAGS, &flags) && ((flags & 0xff) == SV_TYPE_CV || (flags & 0xff) == SV_TYPE_FM);
}

/* Where PL_curcop, PL_curstack and PL_curstackinfo stand in a row: the last one's values are the second. 0: nowhere. */
static uint32_t find_cop(uintptr_t my_perl)
{
    for (uint32_t offset = sizeof(uintptr_t); offset < PERL_BYTES; offset += sizeof(uintptr_t)) {
        uintptr_t row[3], values;
        if (!read_bytes(my_perl + offset, row, sizeof row))
            return 0;
        if (row[0] && row[1] && row[1] != row[2] && row[2] % sizeof(uintptr_t) == 0 &&
            read_word(row[2], STACK_VALUES, &values) && values == row[1] && is_cop(row[0]))
            return offset;
    }
    return 0;
}

static bool is_context(const uint8_t *context)
{
    const uint8_t type = context[0] & TYPE_MASK;
    if (type < TYPE_SUB || type > TYPE_EVAL)
        return true;
    return is_cop(n1_field_word((uintptr_t)context, CONTEXT_COP)) &&
           (type == TYPE_EVAL || is_cv(n1_field_word((uintptr_t)context, perl.layout->context_cv)));
}

/* Reads all contexts once with every access checked. */
static enum n1_verdict prove(uintptr_t my_perl)
{
    const uint32_t at_cop = find_cop(my_perl), context_bytes = perl.layout->context_bytes;
    uintptr_t stack, contexts, next;
    uint32_t looked_at = 0;
    if (!at_cop || !read_word(my_perl, at_cop + 16, &stack))
        return N1_REFUSED;
    for (; stack && looked_at < PROVE_FRAMES; stack = next, looked_at++) {
        uint32_t top, max;
        if (!read_word(stack, STACK_CONTEXTS, &contexts) || !read_word(stack, STACK_PREVIOUS, &next) ||
            !read_int(stack, STACK_TOP, &top) || !read_int(stack, STACK_MAX, &max) || top + 1 > max + 1 ||
            max > INT32_MAX / CONTEXT_BYTES_MAX)
            return N1_REFUSED;
        for (uint32_t i = top + 1; i-- > 0 && looked_at < PROVE_FRAMES; looked_at++) {
            uint8_t context[CONTEXT_BYTES_MAX];
            if (!read_bytes(contexts + (uintptr_t)i * context_bytes, context, context_bytes) || !is_context(context))
                return N1_REFUSED;
        }
    }
    perl.at_cop = at_cop;
    return N1_PROVED;
}

/* ---- the reader -------------------------------------------------------------------------------------------------- */

static uint64_t sign(void)
{
    const uintptr_t my_perl = interpreter_of_thread();
    uint64_t signature = 0, at = 0;
    struct place place;
    if (!my_perl || !n1_proof_stands(&proof, prove, my_perl))
        return 0;
    struct cursor cursor = first_place(my_perl);
    for (uint32_t i = 0; i < N1_FRAMES_MAX && next_place(&cursor, &place); i++) {
        at += UINT64_C(0x8ebc6af09c88c6e3);
        signature += n1_mix(key_of(&place) + at + (place.stack << 1 | place.is_called_by_c));
    }
    return signature;
}

static uint32_t walk(struct n1_script_frame *frames, uint32_t room)
{
    const uintptr_t my_perl = interpreter_of_thread();
    uint32_t count = 0, stack = 0;
    struct place place;
    if (!my_perl || !n1_proof_stands(&proof, prove, my_perl))
        return 0;
    struct cursor cursor = first_place(my_perl);
    while (count < room && next_place(&cursor, &place)) {
        if (count && place.stack != stack)
            frames[count - 1].ends_run = true;
        stack = place.stack;
        frames[count++] = (struct n1_script_frame){.key = key_of(&place),
                                                   .code = (const void *)place.cop,
                                                   .at = place.cv ? place.cv : place.is_read,
                                                   .detail = place.op,
                                                   .ends_run = place.is_called_by_c};
    }
    return count;
}

/* A name (HEK), cut at a character; returns the bytes now used. */
static uint32_t append_name(uintptr_t hek, char *out, uint32_t used, size_t room)
{
    uint32_t length;
    if (!read_int(hek, HEK_LENGTH, &length) || (int32_t)length < 0)
        return used;
    const uint32_t copied = length < room - used ? length : (uint32_t)(room - used);
    if (n1_stack_read(hek + HEK_TEXT, out + used, copied))
        return used;
    uint32_t end = used + copied;
    if (copied < length)
        while (end > used && (out[end - 1] & 0xc0) == 0x80)
            end--;
    return end;
}

/* The name of a package; 0: it has none. */
static uintptr_t name_of_package(uintptr_t stash)
{
    uintptr_t body, array, max, name;
    uint32_t flags, count;
    if (!read_int(stash, SV_FLAGS, &flags) || !(flags & SV_HAS_AUX) || !read_word(stash, 0, &body) ||
        !read_word(stash, SV_ARRAY, &array) || !read_word(body, HV_MAX, &max))
        return 0;
    const uintptr_t aux = perl.minor >= AUX_SINCE ? body + HV_AUX : array + (max + 1) * sizeof(uintptr_t);
    if (!read_word(aux, AUX_NAME, &name) || !read_int(aux, AUX_NAME_COUNT, &count))
        return 0;
    if (count && !read_word(name, 0, &name)) /* several: the first one */
        return 0;
    return name;
}

/* "Package::name" */
static uint32_t describe_sub(uintptr_t cv, char *out, size_t room)
{
    uintptr_t body, name, stash;
    uint32_t flags, used = 0;
    if (!read_word(cv, 0, &body) || !read_int(body, CV_FLAGS, &flags) || !read_word(body, CV_NAME, &name) ||
        !read_word(body, CV_STASH, &stash))
        return 0;
    if (!(flags & CV_IS_NAMED)) {
        uintptr_t glob;
        if (!read_word(name, 0, &glob) || !read_word(glob, GV_NAME, &name) || !read_word(glob, GV_STASH, &stash))
            return 0;
    }
    used = append_name(name_of_package(stash), out, used, room - 2);
    if (used) {
        out[used++] = ':';
        out[used++] = ':';
    }
    return append_name(name, out, used, room);
}

static uint32_t put_text(char *out, const char *text)
{
    const size_t length = strlen(text);
    __builtin_memcpy(out, text, length);
    return (uint32_t)length;
}

/* ---- the line ------------------------------------------------------------------------------------------------------- */

#define OPS_MAX   256U /* that are looked at for one frame */
#define DEPTH_MAX 32U

struct op {
    uintptr_t next, sibling, code, target, first;
    uint32_t bits;
};

static bool read_op(uintptr_t at, struct op *op)
{
    uint8_t bytes[OP_BYTES];
    if (!at || at % sizeof(uintptr_t) || n1_stack_read(at, bytes, sizeof bytes))
        return false;
    const uintptr_t from = (uintptr_t)bytes;
    *op = (struct op){n1_field_word(from, OP_NEXT),   n1_field_word(from, OP_SIBLING), n1_field_word(from, OP_CODE),
                      n1_field_word(from, OP_TARGET), n1_field_word(from, OP_FIRST),   n1_field_int(from, OP_BITS)};
    return true;
}

/* The statement that an op stands in, of those that `cop` was noted for: itself, or a nulled one inside of its tree. As Perl_closest_cop()
 * searches; but by the op that comes after a call two branches' calls may be meant: then it stays with `cop`. */
static uintptr_t statement_of(uintptr_t cop, uintptr_t wanted)
{
    struct {
        uintptr_t op, cop;
    } open[DEPTH_MAX];
    struct op statement, op;
    uint32_t depth = 0;
    uintptr_t found = 0;
    if (!wanted || !perl.call || !read_op(cop, &statement) || !(statement.bits & OP_HAS_NEXT))
        return cop;
    open[depth].op = statement.sibling;
    open[depth++].cop = cop;
    for (uint32_t looked_at = 0; depth > 0; looked_at++) {
        const uintptr_t at = open[--depth].op;
        uintptr_t within = open[depth].cop;
        if (looked_at == OPS_MAX || depth + 2 > DEPTH_MAX || !read_op(at, &op))
            return cop;
        if (!(op.bits & OP_TYPE) && op.target == (statement.bits & OP_TYPE))
            within = at;
        if ((at | IS_IT) == wanted)
            return within;
        if (op.next == wanted && op.code == perl.call) {
            if (found && found != within)
                return cop;
            found = within;
        }
        const bool is_noted = op.code == statement.code; /* what comes behind it is its own */
        if (at != statement.sibling && op.bits & OP_HAS_NEXT && !is_noted) {
            open[depth].op = op.sibling;
            open[depth++].cop = within;
        }
        if (op.bits & OP_HAS_KIDS) {
            open[depth].op = op.first;
            open[depth++].cop = within;
        }
    }
    return found ? found : cop;
}

static bool describe(const struct n1_script_frame *frame, struct n1_frame_text *text)
{
    uintptr_t file = 0;
    uint32_t line = 0;
    read_word((uintptr_t)frame->code, COP_FILE, &file);
    read_int(statement_of((uintptr_t)frame->code, frame->detail), COP_LINE, &line);
    while (file && text->file_bytes < sizeof text->file &&
           n1_stack_read(file + text->file_bytes, text->file + text->file_bytes, 1) == 0 &&
           text->file[text->file_bytes])
        text->file_bytes++;
    text->line = line;
    if (frame->at == 0)
        text->function_bytes = put_text(text->function, "main program");
    else if (frame->at == READ_STRING)
        text->function_bytes = put_text(text->function, "(eval)");
    else if (frame->at == READ_FILE)
        text->function_bytes = put_text(text->function, "require");
    else
        text->function_bytes = describe_sub(frame->at, text->function, sizeof text->function);
    if (!text->function_bytes)
        text->function_bytes = put_text(text->function, "(sub)");
    return true;
}

static bool runs_in(uintptr_t ip)
{
    return (ip > perl.loop[0] && ip <= perl.loop_end[0]) || (ip > perl.loop[1] && ip <= perl.loop_end[1]);
}

static bool detect(const struct n1_module *module)
{
    static const char *const loops[] = {"Perl_runops_standard", "Perl_runops_debug"};
    const char *revision = (const char *)n1_module_symbol(module, "PL_revision", NULL);
    const char *minor = (const char *)n1_module_symbol(module, "PL_version", NULL);
    perl.key = (const pthread_key_t *)n1_module_symbol(module, "PL_thr_key", NULL);
    if (!perl.key || !revision || !minor || *revision != 5 || *minor < 24)
        return false;
    perl.minor = (uint8_t)*minor;
    perl.layout = perl.minor < 36 ? &before_5_36 : &since_5_36;
    perl.call = n1_module_symbol(module, "Perl_pp_entersub", NULL);
    for (int i = 0; i < 2; i++) {
        size_t size_bytes = 0;
        perl.loop[i] = n1_module_symbol(module, loops[i], &size_bytes);
        perl.loop_end[i] = perl.loop[i] + size_bytes;
    }
    n1_proof_reset(&proof);
    return true;
}

const struct n1_interpreter n1_perl = {
    .name = "Perl",
    .language = N1_LANGUAGE_PERL,
    .detect = detect,
    .sign = sign,
    .walk = walk,
    .describe = describe,
    .runs_in = runs_in,
};
