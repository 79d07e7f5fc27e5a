#include "stack_doubles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "preload/base/process.h"

#define STACKS  65536U
#define FRAMES  32768U
#define MODULES 2048U

union n1_live_page n1_live_page = {.live = {.generation = 1}};
struct n1_process_state n1_process;
static struct n1_counters counters;
struct n1_counters *n1_counters = &counters;

static uint32_t last_id[N1_CHUNK_KINDS];
static struct n1_double_stack *stacks[STACKS];
static struct n1_double_frame *frames[FRAMES];
static struct {
    uint64_t start, end;
} modules[MODULES];
static uint32_t n_modules;
static int is_refusing;

void *n1_memory_map(size_t size_bytes)
{
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

uint32_t n1_dictionary_next_id(enum n1_chunk_kind kind)
{
    return __atomic_add_fetch(&last_id[kind], 1, __ATOMIC_RELAXED);
}

static uint64_t varint(const uint8_t **at)
{
    uint64_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
        const uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

static void string(const uint8_t **at, char *out, size_t room)
{
    const size_t size_bytes = varint(at);
    snprintf(out, room, "%.*s", (int)size_bytes, (const char *)*at);
    *at += size_bytes;
}

static void take_stack(const uint8_t *at)
{
    const uint64_t id = varint(&at);
    struct n1_double_stack *stack = calloc(1, sizeof *stack);
    stack->count = (uint32_t)varint(&at);
    for (uint32_t i = 0; i < stack->count; i++) {
        stack->word[i] = varint(&at);
        if (!(stack->word[i] & 1))
            continue;
        if (!n1_double_frame((uint32_t)(stack->word[i] >> 1)))
            abort(); /* the entry must stand before its use */
    }
    if (id < STACKS)
        stacks[id] = stack;
}

static void take_frame(const uint8_t *at)
{
    const uint64_t id = varint(&at);
    struct n1_double_frame *frame = calloc(1, sizeof *frame);
    frame->language = varint(&at);
    frame->line = varint(&at);
    string(&at, frame->function, sizeof frame->function);
    string(&at, frame->file, sizeof frame->file);
    if (id < FRAMES)
        frames[id] = frame;
}

/* No lock: the stacks half writes under its own. */
int n1_dictionary_write(enum n1_chunk_kind kind, const void *payload, size_t size_bytes)
{
    const uint8_t *at = payload;
    (void)size_bytes;
    if (is_refusing)
        return -1;
    if (kind == N1_CHUNK_STACK)
        take_stack(at);
    else if (kind == N1_CHUNK_FRAME)
        take_frame(at);
    else if (kind == N1_CHUNK_MODULE && n_modules < MODULES) {
        varint(&at);
        modules[n_modules].start = varint(&at);
        modules[n_modules++].end = varint(&at);
    }
    return 0;
}

const struct n1_double_stack *n1_double_stack(uint32_t id)
{
    return id < STACKS ? stacks[id] : NULL;
}

const struct n1_double_frame *n1_double_frame(uint32_t id)
{
    return id < FRAMES ? frames[id] : NULL;
}

int n1_double_has_module(uint64_t address)
{
    for (uint32_t i = 0; i < n_modules; i++)
        if (address >= modules[i].start && address < modules[i].end)
            return 1;
    return 0;
}

uint32_t n1_double_last_id(enum n1_chunk_kind kind)
{
    return last_id[kind];
}

uint64_t n1_double_counter(enum n1_counter which)
{
    return counters.value[which];
}

void n1_double_refuse(int refusing)
{
    is_refusing = refusing;
}

void n1_double_print(uint32_t id, char *out, size_t room)
{
    const struct n1_double_stack *stack = n1_double_stack(id);
    size_t used = 0;
    int was_native = 0;
    out[0] = 0;
    for (uint32_t i = 0; stack && i < stack->count && used < room; i++) {
        const int is_native = !(stack->word[i] & 1);
        const char *gap = used ? " " : "";
        if (is_native) {
            if (!was_native)
                used += (size_t)snprintf(out + used, room - used, "%s*", gap);
        } else {
            const struct n1_double_frame *frame = n1_double_frame((uint32_t)(stack->word[i] >> 1));
            const char *slash = strrchr(frame->file, '/');
            used += (size_t)snprintf(out + used, room - used, "%s%s:%lu(%s)", gap, slash ? slash + 1 : frame->file,
                                     (unsigned long)frame->line, frame->function);
        }
        was_native = is_native;
    }
}
