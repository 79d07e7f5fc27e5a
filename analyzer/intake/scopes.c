#include "analyzer/intake/scopes.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

struct scope {
    char *name;
    uint64_t entries, statements, most;
};

struct level {
    struct scope *scope;
    uint64_t statements;
};

struct thread {
    guint depth;
    struct level level[N1_SCOPE_LEVELS_MAX];
};

struct n1_scopes {
    GHashTable *by_name;    /* of struct scope */
    GHashTable *by_comment; /* comment → struct scope or NULL */
    GPtrArray *threads;     /* of struct thread or NULL */
};

static void free_scope(gpointer data)
{
    struct scope *scope = data;
    g_free(scope->name);
    g_free(scope);
}

struct n1_scopes *n1_scopes_new(void)
{
    struct n1_scopes *s = g_new0(struct n1_scopes, 1);
    s->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_scope);
    s->by_comment = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    s->threads = g_ptr_array_new_with_free_func(g_free);
    return s;
}

void n1_scopes_free(struct n1_scopes *s)
{
    if (s == NULL)
        return;
    g_hash_table_destroy(s->by_comment);
    g_hash_table_destroy(s->by_name);
    g_ptr_array_free(s->threads, TRUE);
    g_free(s);
}

static struct scope *get(struct n1_scopes *s, const char *name)
{
    struct scope *scope = g_hash_table_lookup(s->by_name, name);
    if (scope != NULL || g_hash_table_size(s->by_name) >= N1_SCOPES_MAX)
        return scope;
    scope = g_new0(struct scope, 1);
    scope->name = g_strdup(name);
    g_hash_table_insert(s->by_name, scope->name, scope);
    return scope;
}

static struct thread *thread_at(struct n1_scopes *s, uint32_t number)
{
    return number < s->threads->len ? g_ptr_array_index(s->threads, number) : NULL;
}

void n1_scopes_enter(struct n1_scopes *s, uint32_t number, const char *name)
{
    struct scope *scope = name != NULL && *name != '\0' ? get(s, name) : NULL;
    if (scope == NULL)
        return;
    if (number >= s->threads->len)
        g_ptr_array_set_size(s->threads, (gint)number + 1);
    struct thread *thread = g_ptr_array_index(s->threads, number);
    if (thread == NULL)
        thread = g_ptr_array_index(s->threads, number) = g_new0(struct thread, 1);
    if (thread->depth == N1_SCOPE_LEVELS_MAX)
        return;
    thread->level[thread->depth++] = (struct level){.scope = scope};
    scope->entries++;
}

static void close_level(struct thread *thread)
{
    const struct level *level = &thread->level[--thread->depth];
    level->scope->most = MAX(level->scope->most, level->statements);
}

void n1_scopes_leave(struct n1_scopes *s, uint32_t number, const char *name)
{
    struct thread *thread = thread_at(s, number);
    guint at = thread != NULL ? thread->depth : 0;
    while (at > 0 && g_strcmp0(thread->level[at - 1].scope->name, name) != 0)
        at--;
    while (at > 0 && thread->depth >= at)
        close_level(thread);
}

/* ---- comments ----------------------------------------------------------------------------------------------------------- */

/* The value of key='value' in a list of them, percent signs decoded; NULL for none. */
static char *value_of(const char *comment, const char *key)
{
    size_t length = strlen(key);
    for (const char *p = comment; (p = strstr(p, key)) != NULL; p += length) {
        bool begins = p == comment || strchr(", \t\n", p[-1]) != NULL;
        if (!begins || p[length] != '=' || p[length + 1] != '\'')
            continue;
        const char *value = p + length + 2, *end = strchr(value, '\'');
        if (end == NULL || end == value)
            return NULL;
        char *raw = g_strndup(value, (gsize)(end - value)), *plain = g_uri_unescape_string(raw, NULL);
        if (plain == NULL)
            return raw;
        g_free(raw);
        return plain;
    }
    return NULL;
}

char *n1_scope_of_comment(const char *comment)
{
    static const char *const alone[] = {"route", "scope", "test", "job", "controller"};
    if (comment == NULL || *comment == '\0')
        return NULL;
    char *controller = value_of(comment, "controller"), *action = value_of(comment, "action"), *name = NULL;
    char *route = value_of(comment, "route");
    if (route == NULL && controller != NULL && action != NULL)
        name = g_strconcat(controller, "#", action, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(alone) && name == NULL; i++)
        name = value_of(comment, alone[i]);
    g_free(route);
    g_free(controller);
    g_free(action);
    return name;
}

static struct scope *of_comment(struct n1_scopes *s, const char *comment)
{
    gpointer known;
    if (comment == NULL || *comment == '\0')
        return NULL;
    if (g_hash_table_lookup_extended(s->by_comment, comment, NULL, &known))
        return known;
    char *name = n1_scope_of_comment(comment);
    struct scope *scope = name != NULL && *name != '\0' ? get(s, name) : NULL;
    g_free(name);
    if (g_hash_table_size(s->by_comment) < N1_SCOPES_MAX)
        g_hash_table_insert(s->by_comment, g_strdup(comment), scope);
    return scope;
}

void n1_scopes_statement(struct n1_scopes *s, uint32_t number, const char *comment)
{
    struct thread *thread = thread_at(s, number);
    struct scope *named = of_comment(s, comment);
    for (guint i = thread != NULL ? thread->depth : 0; i > 0; i--) {
        struct level *level = &thread->level[i - 1];
        bool is_inside_itself = false;
        for (guint k = i; k < thread->depth; k++)
            is_inside_itself |= thread->level[k].scope == level->scope;
        level->statements++;
        level->scope->statements += !is_inside_itself;
        if (level->scope == named)
            named = NULL;
    }
    if (named != NULL)
        named->statements++;
}

/* ---- report -------------------------------------------------------------------------------------------------------------- */

static int by_name(gconstpointer x, gconstpointer y)
{
    return strcmp(((const struct n1_scope *)x)->name, ((const struct n1_scope *)y)->name);
}

void n1_scopes_report(struct n1_scopes *s, struct n1_arena *arena, struct n1_report *report)
{
    for (guint i = 0; i < s->threads->len; i++) {
        struct thread *thread = g_ptr_array_index(s->threads, i);
        while (thread != NULL && thread->depth > 0)
            close_level(thread);
    }
    size_t n = g_hash_table_size(s->by_name);
    struct n1_scope *scope = n1_arena_alloc(arena, (n + 1) * sizeof *scope);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, s->by_name);
    for (size_t i = 0; g_hash_table_iter_next(&iter, NULL, &value); i++) {
        const struct scope *from = value;
        scope[i] = (struct n1_scope){n1_arena_clean(arena, from->name), MAX(from->entries, 1), from->statements,
                                     from->entries > 0 ? from->most : from->statements};
    }
    if (n > 1)
        qsort(scope, n, sizeof *scope, by_name);
    report->n_scopes = n;
    report->scope = scope;
}
