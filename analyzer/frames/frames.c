#include "analyzer/frames/frames.h"

#include <glib.h>
#include <string.h>

#include "analyzer/frames/native.h"
#include "analyzer/frames/user_code.h"
#include "trace/table.h"

/* Frames and stacks in a hash table are equal when their fields are; names are interned, so pointers suffice. */

struct address_key {
    const struct n1_object *object;
    uint64_t address;
};

/* What lies at an address: frames [first, first + count) of pool. */
struct address_entry {
    struct address_key key;
    size_t first, count;
};

/* Different stacks that are kept whole; beyond them a stack is its innermost frames, up to the second of the user's own; when there
 * are as many of those too, no stack at all. */
enum { STACKS_WHOLE = 1 << 15, STACKS_MAX = 1 << 16, CUT_USER_FRAMES = 2 };

/* A script frame as recorded, whose strings are the dictionary's, and as judged alone. */
struct script_frame {
    struct n1_raw_frame raw;
    struct n1_frame frame;
    bool chosen;
};

struct module_facts {
    struct n1_object *object;
    bool is_user;
};

struct n1_frames {
    const struct n1_trace *trace;
    struct n1_user_code rules;
    GStringChunk *strings;
    struct n1_natives *natives;
    GHashTable *module;     /* const struct n1_module * → struct module_facts */
    GHashTable *address;    /* struct address_entry, its own key */
    GArray *pool;           /* struct n1_frame, judged alone */
    GArray *pool_chosen;    /* bool, beside pool */
    struct n1_table id;     /* process << 32 | stack id → const struct n1_stack */
    struct n1_table script; /* hash of a script frame's pointers → position in scripts + 1 */
    GArray *scripts;        /* struct script_frame */
    uint64_t cut, refused;
    GHashTable *stack; /* struct n1_stack, its own key */
    GArray *building, *building_chosen;
};

static guint mix(guint hash, uint64_t word)
{
    uint64_t h = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    return (guint)(h >> 32) ^ (guint)h;
}

static guint hash_address(gconstpointer p)
{
    const struct address_key *key = p;
    return mix(mix(1, (uintptr_t)key->object), key->address);
}

static gboolean same_address(gconstpointer a, gconstpointer b)
{
    const struct address_key *x = a, *y = b;
    return x->object == y->object && x->address == y->address;
}

static guint hash_stack(gconstpointer p)
{
    const struct n1_stack *stack = p;
    guint h = mix(1, stack->count);
    for (size_t i = 0; i < stack->count; i++) {
        const struct n1_frame *f = &stack->frame[i];
        h = mix(mix(mix(h, (uintptr_t)f->file), (uintptr_t)f->function), (uint64_t)(uint32_t)f->line);
    }
    return h;
}

static gboolean same_stack(gconstpointer a, gconstpointer b)
{
    const struct n1_stack *x = a, *y = b;
    if (x->count != y->count)
        return FALSE;
    for (size_t i = 0; i < x->count; i++) {
        const struct n1_frame *f = &x->frame[i], *g = &y->frame[i];
        if (f->file != g->file || f->function != g->function || f->module != g->module || f->line != g->line ||
            strcmp(f->language, g->language) != 0 || f->is_user_code != g->is_user_code)
            return FALSE;
    }
    return TRUE;
}

static void stack_free(gpointer p)
{
    struct n1_stack *stack = p;
    g_free((void *)(uintptr_t)stack->frame);
    g_free(stack);
}

struct n1_frames *n1_frames_new(const struct n1_trace *trace, const struct n1_frames_options *options)
{
    struct n1_frames *frames = g_new0(struct n1_frames, 1);
    frames->trace = trace;
    frames->rules = (struct n1_user_code){.options = options, .working_directory = trace->session.working_directory};
    frames->strings = g_string_chunk_new(16384);
    frames->natives = n1_natives_new(frames->strings, options ? options->debug_directories : NULL);
    frames->module = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    frames->address = g_hash_table_new_full(hash_address, same_address, NULL, g_free);
    frames->scripts = g_array_new(FALSE, FALSE, sizeof(struct script_frame));
    frames->stack = g_hash_table_new_full(hash_stack, same_stack, NULL, stack_free);
    frames->pool = g_array_new(FALSE, FALSE, sizeof(struct n1_frame));
    frames->pool_chosen = g_array_new(FALSE, FALSE, sizeof(bool));
    frames->building = g_array_new(FALSE, FALSE, sizeof(struct n1_frame));
    frames->building_chosen = g_array_new(FALSE, FALSE, sizeof(bool));
    return frames;
}

void n1_frames_free(struct n1_frames *frames)
{
    if (!frames)
        return;
    GHashTable *tables[] = {frames->module, frames->address, frames->stack};
    GArray *arrays[] = {frames->pool, frames->pool_chosen, frames->building, frames->building_chosen, frames->scripts};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        g_hash_table_destroy(tables[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_array_free(arrays[i], TRUE);
    n1_table_release(&frames->id);
    n1_table_release(&frames->script);
    n1_natives_free(frames->natives);
    g_string_chunk_free(frames->strings);
    g_free(frames);
}

static const struct module_facts *facts_of(struct n1_frames *frames, uint32_t process, const struct n1_module *module)
{
    struct module_facts *facts = g_hash_table_lookup(frames->module, module);
    if (facts)
        return facts;
    facts = g_new0(struct module_facts, 1);
    facts->object = n1_natives_object(frames->natives, module);
    const char *path = n1_object_path(facts->object);
    const char *program = process < frames->trace->n_processes ? frames->trace->process[process].executable : NULL;
    facts->is_user = n1_user_code_module(&frames->rules, path, program && strcmp(program, path) == 0);
    g_hash_table_insert(frames->module, (void *)(uintptr_t)module, facts);
    return facts;
}

/* An address in the middle of nowhere: code made at run time, or its module's entry was lost. */
static void add_unknown(struct n1_frames *frames)
{
    struct n1_frame frame = {.language = "c",
                             .module = g_string_chunk_insert_const(frames->strings, N1_MODULE_UNKNOWN)};
    bool chosen = false;
    g_array_append_val(frames->building, frame);
    g_array_append_val(frames->building_chosen, chosen);
}

static void add_native(struct n1_frames *frames, uint32_t process, const struct n1_raw_frame *raw)
{
    if (!raw->module) {
        add_unknown(frames);
        return;
    }
    const struct module_facts *facts = facts_of(frames, process, raw->module);
    /* The call lies before the address that it returns to, which may already belong to the next line or function. */
    struct address_key key = {facts->object, raw->address - 1 - raw->module->bias};
    struct address_entry *entry = g_hash_table_lookup(frames->address, &key);
    if (!entry) {
        entry = g_new0(struct address_entry, 1);
        entry->key = key;
        entry->first = frames->pool->len;
        n1_object_frames(facts->object, key.address, facts->is_user, frames->pool);
        entry->count = frames->pool->len - entry->first;
        const char *path = n1_object_path(facts->object);
        for (size_t i = entry->first; i < frames->pool->len; i++) {
            struct n1_frame *f = &g_array_index(frames->pool, struct n1_frame, i);
            bool chosen = n1_user_code_is_chosen(&frames->rules, f->file, path);
            f->is_user_code = n1_user_code_frame(&frames->rules, f, path, facts->is_user);
            g_array_append_val(frames->pool_chosen, chosen);
        }
        g_hash_table_add(frames->address, entry);
    }
    g_array_append_vals(frames->building, &g_array_index(frames->pool, struct n1_frame, entry->first),
                        (guint)entry->count);
    g_array_append_vals(frames->building_chosen, &g_array_index(frames->pool_chosen, bool, entry->first),
                        (guint)entry->count);
}

/* Ruby's template engines compile a page into a method whose name ends in numbers of this run: Rails'
 * _app_views_posts_index_html_erb__3904444479635620915_7860, Tilt's __tilt_2480. Call paths go without them. */
static const char *script_function(struct n1_frames *frames, const struct n1_raw_frame *raw)
{
    enum { DIGITS_MIN = 3 };
    const char *name = raw->function;
    const char *word = raw->language == N1_LANGUAGE_RUBY && name ? strrchr(name, ' ') : NULL; /* "block in _app_…" */
    word = word ? word + 1 : name;
    if (raw->language != N1_LANGUAGE_RUBY || !name || word[0] != '_')
        return n1_native_clean(frames->strings, name);
    size_t length = strlen(name), kept = length;
    while (kept > 0 && (g_ascii_isdigit(name[kept - 1]) || name[kept - 1] == '_'))
        kept--;
    if (length - kept <= DIGITS_MIN || name + kept <= word)
        return n1_native_clean(frames->strings, name);
    char *stable = g_strndup(name, kept);
    const char *clean = n1_native_clean(frames->strings, stable);
    g_free(stable);
    return clean;
}

static struct script_frame judge_script(struct n1_frames *frames, const struct n1_raw_frame *raw)
{
    static const char *const names[N1_LANGUAGES] = {"c", "python", "ruby", "php", "perl", "javascript"};
    struct n1_frame frame = {
        .file = n1_native_clean(frames->strings, raw->file),
        .function = script_function(frames, raw),
        .line = raw->line > INT32_MAX ? 0 : (int)raw->line,
        .language = raw->language < N1_LANGUAGES ? names[raw->language] : "?",
    };
    bool chosen = n1_user_code_is_chosen(&frames->rules, frame.file, NULL);
    frame.is_user_code = n1_user_code_frame(&frames->rules, &frame, NULL, false);
    return (struct script_frame){*raw, frame, chosen};
}

static bool same_script(const struct n1_raw_frame *a, const struct n1_raw_frame *b)
{
    return a->file == b->file && a->function == b->function && a->line == b->line && a->language == b->language;
}

static void add_script(struct n1_frames *frames, const struct n1_raw_frame *raw)
{
    uint64_t key = (uint64_t)mix(mix(1, (uintptr_t)raw->file), (uintptr_t)raw->function) << 32 | raw->line;
    gsize at = GPOINTER_TO_SIZE(n1_table_get(&frames->script, key));
    struct script_frame known;
    if (at > 0 && same_script(&g_array_index(frames->scripts, struct script_frame, at - 1).raw, raw)) {
        known = g_array_index(frames->scripts, struct script_frame, at - 1);
    } else {
        known = judge_script(frames, raw);
        g_array_append_val(frames->scripts, known);
        n1_table_put(&frames->script, key, GSIZE_TO_POINTER(frames->scripts->len));
    }
    g_array_append_val(frames->building, known.frame);
    g_array_append_val(frames->building_chosen, known.chosen);
}

/* The innermost frames up to the user's second; without the user's, the innermost alone. */
static size_t cut_length(const struct n1_stack *stack)
{
    size_t users = 0, length = 0;
    for (size_t i = 0; i < stack->count && users < CUT_USER_FRAMES; i++) {
        users += stack->frame[i].is_user_code;
        length = stack->frame[i].is_user_code ? i + 1 : length;
    }
    return MAX(length, MIN(stack->count, 1));
}

static const struct n1_stack *build(struct n1_frames *frames, uint32_t process, const struct n1_raw_stack *raw)
{
    g_array_set_size(frames->building, 0);
    g_array_set_size(frames->building_chosen, 0);
    for (uint32_t i = 0; i < raw->count; i++) {
        if (raw->frame[i].language == N1_LANGUAGE_C)
            add_native(frames, process, &raw->frame[i]);
        else
            add_script(frames, &raw->frame[i]);
    }
    n1_user_code_stack((struct n1_frame *)(void *)frames->building->data, (bool *)frames->building_chosen->data,
                       frames->building->len);
    struct n1_stack wanted = {.count = frames->building->len,
                              .frame = (struct n1_frame *)(void *)frames->building->data};
    struct n1_stack *stack = g_hash_table_lookup(frames->stack, &wanted);
    if (!stack && g_hash_table_size(frames->stack) >= STACKS_WHOLE) {
        frames->cut++;
        wanted.count = cut_length(&wanted);
        stack = g_hash_table_lookup(frames->stack, &wanted);
        if (!stack && g_hash_table_size(frames->stack) >= STACKS_MAX) {
            frames->refused++;
            return NULL;
        }
    }
    if (stack)
        return stack;
    stack = g_new0(struct n1_stack, 1);
    stack->count = wanted.count;
    stack->frame = g_memdup2(wanted.frame, wanted.count * sizeof *wanted.frame);
    g_hash_table_add(frames->stack, stack);
    return stack;
}

static const struct n1_stack no_stack; /* stands for NULL in the table of ids */

const struct n1_stack *n1_frames_stack(struct n1_frames *frames, uint32_t process, uint32_t stack_id)
{
    if (stack_id == 0)
        return NULL;
    uint64_t key = (uint64_t)process << 32 | stack_id;
    const struct n1_stack *known = n1_table_get(&frames->id, key);
    if (known)
        return known != &no_stack ? known : NULL;
    const struct n1_raw_stack *raw = n1_trace_stack(frames->trace, process, stack_id);
    if (!raw)
        return NULL; /* not remembered: unknown ids of a damaged trace shall not fill the table */
    known = build(frames, process, raw);
    n1_table_put(&frames->id, key, (void *)(uintptr_t)(known ? known : &no_stack));
    return known;
}

uint64_t n1_frames_cut(const struct n1_frames *frames)
{
    return frames->cut;
}

struct n1_location n1_stack_location(const struct n1_stack *stack)
{
    for (size_t i = 0; stack && i < stack->count; i++) {
        const struct n1_frame *f = &stack->frame[i];
        if (f->is_user_code)
            return (struct n1_location){.file = f->file, .line = f->line, .function = f->function};
    }
    return (struct n1_location){0};
}
