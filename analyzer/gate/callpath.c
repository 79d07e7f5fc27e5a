#include "analyzer/gate/callpath.h"

#include <string.h>

static const char *name_of(const struct n1_frame *f)
{
    return f->function && *f->function ? f->function : "?";
}

static bool is_at(const struct n1_frame *f, const struct n1_location *place)
{
    return f->is_user_code && g_strcmp0(f->function, place->function) == 0 && g_strcmp0(f->file, place->file) == 0;
}

static char *names_from(const struct n1_stack *stack, size_t first)
{
    GString *path = g_string_new(NULL);
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = first; i < stack->count; i++) {
        const char *name = name_of(&stack->frame[i]);
        if (!stack->frame[i].is_user_code || !g_hash_table_add(seen, (gpointer)(uintptr_t)name))
            continue;
        if (path->len > 0)
            g_string_append_c(path, N1_GATE_SEPARATOR);
        g_string_append(path, name);
    }
    g_hash_table_destroy(seen);
    return g_string_free(path, FALSE);
}

char *n1_gate_callpath(const struct n1_stack *stack)
{
    return names_from(stack, 0);
}

char *n1_gate_callpath_from(const struct n1_stack *stack, const struct n1_location *place)
{
    size_t first = 0;
    while (first < stack->count && !is_at(&stack->frame[first], place))
        first++;
    return names_from(stack, first < stack->count ? first : 0);
}

bool n1_gate_passes(const struct n1_stack *stack, const struct n1_location *place)
{
    if (!place->function)
        return true;
    for (size_t i = 0; i < stack->count; i++)
        if (is_at(&stack->frame[i], place))
            return true;
    return false;
}

struct n1_location n1_gate_place(const struct n1_stack *stack)
{
    const struct n1_frame *found = NULL;
    for (size_t i = 0; i < stack->count; i++) {
        const struct n1_frame *f = &stack->frame[i];
        if (!f->is_user_code)
            continue;
        if (!found)
            found = f;
        if (f->file && f->line > 0) {
            found = f;
            break;
        }
    }
    return found ? (struct n1_location){found->file, found->line, found->function} : (struct n1_location){0};
}

bool n1_gate_is_outer(const char *outer, const char *path)
{
    size_t o = strlen(outer), p = strlen(path);
    if (o == 0 || o > p)
        return o == p;
    return strcmp(path + (p - o), outer) == 0 && (o == p || path[p - o - 1] == N1_GATE_SEPARATOR);
}

char *n1_gate_callpath_words(const char *path)
{
    if (!*path)
        return g_strdup("no function of yours");
    GString *words = g_string_new(NULL);
    for (const char *p = path; *p; p++) {
        if (*p == N1_GATE_SEPARATOR)
            g_string_append(words, " < ");
        else
            g_string_append_c(words, *p);
    }
    return g_string_free(words, FALSE);
}
