/* Node.js (V8), asked through V8's own interface, by its C++ names.
 *
 * V8's frames are compiled code, inlined into each other, their objects moved by the collector: reading them from outside is
 * what V8's debuggers are for. So here the interpreter is called, within the rules it makes:
 *   sign  is the profiler's stack sample (Isolate::GetStackSample): made for signal handlers, it neither allocates nor locks, and
 *         gives each frame's place in its code, interpreted or compiled.
 *   walk  is StackTrace::CurrentStackTrace, on the thread whose isolate is entered and in a context: what a native addon called
 *         from JavaScript may do, and only such a one is asked. It allocates on V8's heap. During a garbage collection the
 *         sample is empty, so there is no walk then. Texts are copied before the handles are given back.
 * Threads of libuv's pool have no isolate: a client that works there (sqlite3) has no script frames.
 *
 * The native walk ends where JavaScript begins (its code has no unwind tables), so all script frames stand behind it.
 *
 * C++ calls from C, by the Itanium ABI: a Local<T> is one pointer in a register, 0 when empty; this is the first argument.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "preload/base/memory.h"
#include "preload/base/mix.h"
#include "preload/script/frames.h"

#define TEXT_BYTES   (256U << 10) /* of all frames of one walk */
#define FILE_SCHEME  "file://"
#define SAMPLE_BYTES 128U /* v8::SampleInfo, with room */
#define FRAMES_AT    0U   /* its frames_count */
#define WRITE_FLAGS  10   /* String: no terminator, replace invalid UTF-8 */
#define DETAILED     127  /* StackTrace::StackTraceOptions */

struct registers { /* v8::RegisterState */
    void *pc, *sp, *fp, *lr;
    void *callee_saved;
};

typedef void *get_isolate(void);
typedef bool is_in_context(void *isolate);
typedef void get_sample(void *isolate, const struct registers *registers, void **frames, size_t limit, void *info);
typedef void open_scope(void *scope, void *isolate);
typedef void close_scope(void *scope);
typedef void *get_trace(void *isolate, int limit, int options);
typedef int get_count(void *trace);
typedef void *get_frame(void *trace, void *isolate, uint32_t index);
typedef uint64_t get_location(void *frame);
typedef void *get_name(void *frame);
typedef int write_text(void *string, void *isolate, char *out, int room, int *characters, int options);

/* Written once by detect(), before n1_frames_detected says so. */
static struct {
    get_isolate *get_isolate;
    is_in_context *is_in_context;
    get_sample *get_sample;
    open_scope *open_scope;
    close_scope *close_scope;
    get_trace *get_trace;
    get_count *get_count;
    get_frame *get_frame;
    get_location *get_location;
    get_name *get_file, *get_function;
    write_text *write_text;
} node;

/* Texts of the last walk: file and function of each frame, one behind the other. Under the stack lock. */
static char *texts;
static uint32_t texts_used;

struct text_head {
    uint32_t line, file_bytes, function_bytes;
};

static uint64_t sign(void)
{
    void *frames[N1_FRAMES_MAX / 2];
    uint64_t info[SAMPLE_BYTES / sizeof(uint64_t)] = {0};
    void *isolate = node.get_isolate();
    uint64_t signature = 0, place = 0;
    if (!isolate || !node.is_in_context(isolate))
        return 0;
    const struct registers registers = {
        .pc = (void *)(uintptr_t)sign, .sp = __builtin_frame_address(0), .fp = __builtin_frame_address(0)};
    node.get_sample(isolate, &registers, frames, sizeof frames / sizeof *frames, info);
    for (uint64_t i = 0; i < info[FRAMES_AT] && i < sizeof frames / sizeof *frames; i++) {
        place += UINT64_C(0x8ebc6af09c88c6e3);
        signature += n1_mix((uintptr_t)frames[i] + place);
    }
    return signature;
}

/* A string's text, behind those that were written before; its bytes. */
static uint32_t put_text(void *isolate, void *string, uint32_t room)
{
    if (!string || texts_used + room > TEXT_BYTES)
        return 0;
    const int size_bytes = node.write_text(string, isolate, texts + texts_used, (int)room, NULL, WRITE_FLAGS);
    if (size_bytes <= 0 || (uint32_t)size_bytes > room)
        return 0;
    texts_used += (uint32_t)size_bytes;
    return (uint32_t)size_bytes;
}

static uint64_t hash_of(const char *text, size_t size_bytes)
{
    uint64_t hash = size_bytes;
    for (size_t i = 0; i < size_bytes; i++)
        hash = n1_mix(hash ^ (uint8_t)text[i]);
    return hash;
}

/* False: no room for its text. */
static bool put_frame(void *isolate, void *frame, struct n1_script_frame *out)
{
    struct text_head head = {0};
    const uint32_t start = texts_used;
    if (start + sizeof head > TEXT_BYTES)
        return false;
    texts_used += sizeof head;
    const uint32_t first = texts_used;
    head.line = (uint32_t)node.get_location(frame) + 1; /* lines are counted from 0 there */
    head.file_bytes = put_text(isolate, node.get_file(frame), N1_FRAME_FILE_BYTES);
    head.function_bytes = put_text(isolate, node.get_function(frame), N1_FRAME_NAME_BYTES);
    memcpy(texts + start, &head, sizeof head);
    *out = (struct n1_script_frame){.key = hash_of(texts + first, texts_used - first) + n1_mix(head.line),
                                    .code = texts + start};
    texts_used = (texts_used + 7) & ~7U;
    return true;
}

static uint32_t walk_in_scope(void *isolate, struct n1_script_frame *frames, uint32_t room)
{
    void *trace = node.get_trace(isolate, (int)room, DETAILED);
    const int available = trace ? node.get_count(trace) : 0;
    uint32_t count = 0;
    for (int i = 0; i < available && count < room; i++, count++) {
        void *frame = node.get_frame(trace, isolate, (uint32_t)i);
        if (!frame || !put_frame(isolate, frame, &frames[count]))
            break;
    }
    if (count)
        frames[count - 1].ends_run = true;
    return count;
}

static uint32_t walk(struct n1_script_frame *frames, uint32_t room)
{
    void *isolate = node.get_isolate();
    uint64_t scope[8]; /* v8::HandleScope has three words */
    const int error = errno;
    if (!isolate || !node.is_in_context(isolate) || !sign() || (!texts && !(texts = n1_memory_map(TEXT_BYTES))))
        return 0;
    texts_used = 0;
    node.open_scope(scope, isolate);
    const uint32_t count = walk_in_scope(isolate, frames, room);
    node.close_scope(scope);
    errno = error;
    return count;
}

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

/* A module's address as a path: "file:///a%20b.mjs". */
static uint32_t put_file(const char *file, uint32_t size_bytes, char *out)
{
    uint32_t used = 0, i = 0;
    const bool is_address = size_bytes > strlen(FILE_SCHEME) && memcmp(file, FILE_SCHEME, strlen(FILE_SCHEME)) == 0;
    for (i = is_address ? strlen(FILE_SCHEME) : 0; i < size_bytes; i++) {
        const int high = is_address && file[i] == '%' && i + 2 < size_bytes ? digit_of(file[i + 1]) : -1;
        const int low = high >= 0 ? digit_of(file[i + 2]) : -1;
        out[used++] = (char)(low >= 0 ? high << 4 | low : file[i]);
        i += low >= 0 ? 2 : 0;
    }
    return used;
}

static bool describe(const struct n1_script_frame *frame, struct n1_frame_text *text)
{
    static const char nameless[] = "<anonymous>";
    struct text_head head;
    memcpy(&head, frame->code, sizeof head);
    const char *file = (const char *)frame->code + sizeof head;
    text->line = head.line;
    text->file_bytes = put_file(file, head.file_bytes, text->file);
    text->function_bytes = head.function_bytes;
    memcpy(text->function, file + head.file_bytes, head.function_bytes);
    if (!head.file_bytes) /* eval */
        memcpy(text->file, nameless, text->file_bytes = sizeof nameless - 1);
    if (!head.function_bytes)
        memcpy(text->function, nameless, text->function_bytes = sizeof nameless - 1);
    return true;
}

static bool detect(const struct n1_module *module)
{
    const struct {
        const char *name;
        void **address;
    } symbols[] = {
        {"_ZN2v87Isolate13TryGetCurrentEv", (void **)&node.get_isolate},
        {"_ZN2v87Isolate9InContextEv", (void **)&node.is_in_context},
        {"_ZN2v87Isolate14GetStackSampleERKNS_13RegisterStateEPPvmPNS_10SampleInfoE", (void **)&node.get_sample},
        {"_ZN2v811HandleScopeC1EPNS_7IsolateE", (void **)&node.open_scope},
        {"_ZN2v811HandleScopeD1Ev", (void **)&node.close_scope},
        {"_ZN2v810StackTrace17CurrentStackTraceEPNS_7IsolateEiNS0_17StackTraceOptionsE", (void **)&node.get_trace},
        {"_ZNK2v810StackTrace13GetFrameCountEv", (void **)&node.get_count},
        {"_ZNK2v810StackTrace8GetFrameEPNS_7IsolateEj", (void **)&node.get_frame},
        {"_ZNK2v810StackFrame11GetLocationEv", (void **)&node.get_location},
        {"_ZNK2v810StackFrame13GetScriptNameEv", (void **)&node.get_file},
        {"_ZNK2v810StackFrame15GetFunctionNameEv", (void **)&node.get_function},
        {"_ZNK2v86String9WriteUtf8EPNS_7IsolateEPciPii", (void **)&node.write_text},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        const uintptr_t address = n1_module_symbol(module, symbols[i].name, NULL);
        if (!address)
            return false;
        memcpy(symbols[i].address, &address, sizeof address);
    }
    return true;
}

const struct n1_interpreter n1_node = {
    .name = "Node.js",
    .language = N1_LANGUAGE_JAVASCRIPT,
    .detect = detect,
    .sign = sign,
    .walk = walk,
    .describe = describe,
};
