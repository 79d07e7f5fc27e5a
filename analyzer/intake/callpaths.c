#include "analyzer/intake/callpaths.h"

#include <string.h>

#include "analyzer/arena.h"
#include "analyzer/distinct.h"
#include "analyzer/intake/entrance.h"
#include "trace/table.h"

struct n1_callpaths {
    struct n1_arena arena;
    struct n1_table by_stack; /* const struct n1_stack * → struct n1_callpath */
    struct n1_table by_key;   /* hash of the places → struct n1_callpath */
    uint32_t count;
    struct n1_callpath none;
};

struct n1_callpaths *n1_callpaths_new(void)
{
    struct n1_callpaths *p = g_new0(struct n1_callpaths, 1);
    n1_arena_init(&p->arena);
    p->count = 1;
    return p;
}

void n1_callpaths_free(struct n1_callpaths *p)
{
    if (p == NULL)
        return;
    n1_table_release(&p->by_stack);
    n1_table_release(&p->by_key);
    n1_arena_release(&p->arena);
    g_free(p);
}

static uint64_t text_hash(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a: short texts, once a frame */
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
    return hash;
}

/* What a template is made with is another function, but no other place: ask<int> and ask<char const*> share their lines. */
static uint64_t function_hash(const struct n1_frame *f)
{
    const bool may_be_template = f->function != NULL && f->line > 0 && g_strcmp0(f->language, "c++") == 0;
    uint64_t hash = text_hash(NULL);
    int depth = 0;
    if (!may_be_template || strstr(f->function, "operator") != NULL)
        return text_hash(f->function);
    for (const char *c = f->function; *c != '\0'; c++) {
        depth += (*c == '<') - (*c == '>');
        if (depth == 0)
            hash = n1_mix(hash, (unsigned char)*c);
    }
    return hash;
}

static uint64_t frame_place(const struct n1_frame *f)
{
    return n1_mix(n1_mix(text_hash(f->file), function_hash(f)), (uint64_t)(int64_t)f->line);
}

/* Parts of file or module names by which a library is known. The first match of the innermost frames counts. */
static const struct {
    const char *part, *world;
} worlds[] = {
    {"/django/db/", "django"},
    {"/active_record/", "activerecord"},
    {"/activerecord-", "activerecord"},
    {"/sqlalchemy/", "sqlalchemy"},
    {"/peewee.py", "peewee"},
    {"/pony/orm/", "pony"},
    {"/sequel/", "sequel"},
    {"/Illuminate/Database", "eloquent"},
    {"/Doctrine/ORM", "doctrine"},
    {"/DBIx/Class", "dbix_class"},
    {"libn1orm", "n1_orm"},
    {"/n1prof/orm/", "n1_orm"},
};

static const char *world_of(const struct n1_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++) {
        const struct n1_frame *f = &stack->frame[i];
        for (size_t w = 0; w < G_N_ELEMENTS(worlds); w++) {
            if ((f->file != NULL && strstr(f->file, worlds[w].part) != NULL) ||
                (f->module != NULL && strstr(f->module, worlds[w].part) != NULL))
                return worlds[w].world;
        }
        if (f->function != NULL && g_str_has_prefix(f->function, "orm_") && !f->is_user_code)
            return "n1_orm";
    }
    return NULL;
}

/* Functions of database interfaces that take all the rows of a statement: Python's PEP 249, Perl's DBI. */
static const char *const batch_functions[] = {"executemany", "execute_array", "execute_for_fetch"};

static bool is_batch_function(const char *function)
{
    const char *name = n1_function_last_name(function);
    for (size_t i = 0; i < G_N_ELEMENTS(batch_functions); i++) {
        if (strcmp(name, batch_functions[i]) == 0)
            return true;
    }
    return false;
}

/* DBIx::Class fetches has_one, might_have and belongs_to so; it warns when there is a second row. */
static bool is_single_function(const char *function)
{
    return strcmp(function, "DBIx::Class::ResultSet::single") == 0;
}

/* Whether the user's code called one of the library's functions that `is_such` knows. */
static bool goes_through(const struct n1_stack *stack, bool (*is_such)(const char *function))
{
    for (size_t i = 0; i < stack->count && !stack->frame[i].is_user_code; i++) {
        if (stack->frame[i].function != NULL && is_such(stack->frame[i].function))
            return true;
    }
    return false;
}

static bool holds_place(const struct n1_callpath *path, uint64_t place)
{
    for (uint32_t i = 0; i < path->count; i++) {
        if (path->place[i] == place)
            return true;
    }
    return false;
}

static bool same_function(const struct n1_frame *a, const struct n1_frame *b)
{
    return g_strcmp0(a->function, b->function) == 0 && g_strcmp0(a->file, b->file) == 0;
}

/* Functions without a name of their own: two of them are not one. */
static bool is_nameless(const struct n1_frame *f)
{
    return f->function == NULL || *f->function == '<' || *f->function == '{';
}

static void fill(struct n1_callpath *path, const struct n1_stack *stack, bool user_only)
{
    path->names_hash = 0;
    path->depth = UINT32_MAX;
    for (size_t i = 0; i < stack->count; i++) {
        const struct n1_frame *f = &stack->frame[i];
        uint64_t place = frame_place(f);
        if (user_only && !f->is_user_code)
            continue;
        if (path->count > 0 && !is_nameless(f) && same_function(f, path->frame[0]))
            path->depth = MIN(path->depth, path->count);
        if (holds_place(path, place))
            continue;
        path->frame[path->count] = f;
        path->place[path->count++] = place;
        path->names_hash = n1_mix(path->names_hash, text_hash(f->function));
    }
    path->depth = MIN(path->depth, path->count);
}

/* Interpreters start a program and load its modules with scripts of their own. */
static bool is_start_up(const struct n1_frame *f)
{
    return f->file == NULL || *f->file == '<' || strstr(f->file, "/runpy.py") != NULL ||
           strstr(f->file, "kernel_require") != NULL;
}

/* The request that the query is part of. */
static void fill_request(struct n1_callpath *path, const struct n1_stack *stack)
{
    struct n1_entrance at;
    path->is_request = n1_stack_entrance(stack, &at);
    if (!path->is_request || !path->is_user_code)
        return;
    while (path->inside < path->count && path->frame[path->inside] < &stack->frame[at.innermost])
        path->inside++;
    while (path->hosts < path->count && path->frame[path->count - 1 - path->hosts] > &stack->frame[at.outermost])
        path->hosts++;
    const struct n1_frame *outermost = path->inside > 0 ? path->frame[path->inside - 1] : NULL;
    const struct n1_frame *caller = outermost != NULL ? outermost + 1 : &stack->frame[at.innermost];
    while (caller < &stack->frame[at.innermost] && caller->module != NULL)
        caller++;
    path->caller = frame_place(caller);
    if (outermost != NULL && !n1_frame_is_router(caller)) {
        path->inside = 0;
        outermost = NULL;
    }
    path->handler = outermost == NULL ? 1 : n1_mix(text_hash(outermost->file), text_hash(outermost->function));
    for (uint32_t i = path->inside; i < path->count; i++)
        path->handler = n1_mix(path->handler, path->place[i]);
}

static bool is_dispatched(const struct n1_stack *stack)
{
    bool is_inside = false; /* some frame of the user's lies inside of this one */
    for (size_t i = 0; i < stack->count; i++) {
        const struct n1_frame *f = &stack->frame[i];
        if (is_inside && !f->is_user_code && strcmp(f->language, "c") != 0 && !is_start_up(f))
            return true;
        is_inside |= f->is_user_code;
    }
    return false;
}

/* Threads of Python's and Ruby's begin in scripts that are called so. */
static bool is_pooled(const struct n1_stack *stack)
{
    const struct n1_frame *outermost = NULL;
    for (size_t i = 0; i < stack->count; i++) {
        if (strcmp(stack->frame[i].language, "c") != 0)
            outermost = &stack->frame[i];
    }
    const char *name = outermost != NULL && outermost->file != NULL ? strrchr(outermost->file, '/') : NULL;
    return name != NULL && !outermost->is_user_code && strstr(name, "thread") != NULL;
}

static struct n1_callpath *build(struct n1_callpaths *p, const struct n1_stack *stack)
{
    struct n1_callpath *path = n1_arena_alloc(&p->arena, sizeof *path);
    path->frame = n1_arena_alloc(&p->arena, stack->count * sizeof *path->frame);
    path->place = n1_arena_alloc(&p->arena, stack->count * sizeof *path->place);
    fill(path, stack, true);
    path->is_user_code = path->count > 0;
    if (path->count == 0)
        fill(path, stack, false);
    path->is_batch = goes_through(stack, is_batch_function);
    path->is_single = goes_through(stack, is_single_function);
    path->is_dispatched = is_dispatched(stack);
    path->is_pooled = path->is_dispatched && is_pooled(stack);
    fill_request(path, stack);
    path->is_migration = n1_stack_is_migration(stack);
    path->world = world_of(stack);
    return path;
}

const struct n1_callpath *n1_callpaths_get(struct n1_callpaths *p, const struct n1_stack *stack)
{
    if (stack == NULL || stack->count == 0)
        return &p->none;
    struct n1_callpath *path = n1_table_get(&p->by_stack, (uintptr_t)stack);
    if (path != NULL)
        return path;
    struct n1_callpath *fresh = build(p, stack);
    uint64_t hash = fresh->is_user_code | (uint64_t)fresh->is_batch << 1 | (uint64_t)fresh->is_single << 2 |
                    (uint64_t)fresh->is_request << 3;
    for (uint32_t i = 0; i < fresh->count; i++)
        hash = n1_mix(hash, fresh->place[i]);
    path = n1_table_get(&p->by_key, hash);
    if (path == NULL) {
        path = fresh;
        path->index = p->count++;
        n1_table_put(&p->by_key, hash, path);
    }
    path->is_dispatched |= fresh->is_dispatched;
    n1_table_put(&p->by_stack, (uintptr_t)stack, path);
    return path;
}

static bool share_outermost(const struct n1_callpath *a, const struct n1_callpath *b, uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        if (a->place[a->count - i] != b->place[b->count - i])
            return false;
    }
    return true;
}

/* The program makes them at different places; or one place called two handlers. That a layer was called at one place and a handler at
 * another (what comes before each request) may be within one. */
static bool are_two_requests(const struct n1_callpath *a, const struct n1_callpath *b)
{
    if (!a->is_request && !b->is_request)
        return false;
    if (a->is_request != b->is_request || a->hosts != b->hosts || !share_outermost(a, b, a->hosts))
        return true;
    const uint32_t around = a->count - a->inside;
    bool have_handlers = a->inside > 0 && b->inside > 0;
    return have_handlers && around == b->count - b->inside && share_outermost(a, b, around) &&
           a->handler != b->handler && a->caller == b->caller;
}

enum n1_parting n1_callpath_parting(const struct n1_callpath *a, const struct n1_callpath *b)
{
    if (a->count == 0 || b->count == 0)
        return N1_PART_UNKNOWN;
    if (a == b)
        return N1_PART_FUNCTION;
    if (are_two_requests(a, b))
        return N1_PART_REQUEST;
    uint32_t common = 0;
    uint32_t shorter = MIN(a->count, b->count);
    while (common < shorter && a->place[a->count - 1 - common] == b->place[b->count - 1 - common])
        common++;
    if (common == shorter)
        return N1_PART_FUNCTION;
    if (same_function(a->frame[a->count - 1 - common], b->frame[b->count - 1 - common]))
        return N1_PART_FUNCTION;
    return common == 0 ? N1_PART_APART : N1_PART_DISPATCH;
}
