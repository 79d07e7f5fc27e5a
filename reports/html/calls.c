#include "reports/html/calls.h"

#include <string.h>

#include "reports/escape.h"
#include "reports/flame.h"

#define FRAMES_SHOWN 80
#define OWNERS_SHOWN 2

static bool has_user_frame(const struct n1_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack->frame[i].is_user_code)
            return true;
    return false;
}

size_t n1_html_run(const struct n1_stack *stack, size_t from)
{
    size_t to = from + 1;
    if (stack->frame[from].is_user_code || !has_user_frame(stack))
        return to;
    while (to < stack->count && !stack->frame[to].is_user_code)
        to++;
    return to;
}

/* The package of a library's file, NULL when the file is unknown. */
static char *package(const struct n1_places *places, const struct n1_frame *f)
{
    char *name = n1_place_shown(places, f->file);
    if (name && *name && strchr(name + 1, '/'))
        *strchr(name + 1, '/') = '\0';
    if (name && !*name)
        g_clear_pointer(&name, g_free);
    return name;
}

/* The module's file name without versions and platforms, NULL when a package says more. */
static char *module(const struct n1_places *places, const struct n1_frame *f)
{
    (void)places;
    if (f->file && *f->file)
        return NULL;
    char *name = f->module && *f->module ? g_path_get_basename(f->module) : g_strdup("unknown");
    char *dot = strstr(name, ".so") ? strchr(name + 1, '.') : NULL;
    if (dot)
        *dot = '\0';
    return name;
}

char *n1_html_run_name(const struct n1_places *places, const struct n1_stack *stack, size_t from, size_t to)
{
    char *(*const owners[])(const struct n1_places *, const struct n1_frame *) = {package, module};
    GString *names = g_string_new(NULL);
    GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t o = 0; o < G_N_ELEMENTS(owners); o++)
        for (size_t i = to; i-- > from && g_hash_table_size(seen) <= OWNERS_SHOWN;) {
            char *name = owners[o](places, &stack->frame[i]), *clean = n1_clean_label(name);
            bool is_new = name && !g_hash_table_contains(seen, clean);
            if (is_new && g_hash_table_size(seen) < OWNERS_SHOWN)
                g_string_append_printf(names, "%s%s", names->len ? ", " : "", clean);
            else if (is_new)
                g_string_append(names, ", …");
            if (is_new)
                g_hash_table_add(seen, g_strdup(clean));
            g_free(clean);
            g_free(name);
        }
    g_hash_table_destroy(seen);
    return g_string_free(names, FALSE);
}

void n1_html_calls(struct n1_html *page, const struct n1_stack *stack)
{
    size_t shown = 0, i = 0;
    if (stack->count == 0)
        return;
    n1_html_put(page, "<details class=\"calls\"><summary>Call path (");
    n1_html_counted(page, stack->count, "frame", "frames");
    n1_html_put(page, ", innermost first)</summary>\n<ol>\n");
    for (size_t to; i < stack->count && shown < FRAMES_SHOWN; i = to, shown++) {
        const struct n1_frame *f = &stack->frame[i];
        to = n1_html_run(stack, i);
        n1_html_put(page, f->is_user_code ? "<li class=\"own\">" : "<li>");
        if (to - i > 1) {
            char *name = n1_html_run_name(&page->places, stack, i, to);
            n1_html_format(page, "%zu frames of ", to - i);
            n1_html_line(page, name, N1_CLEAN_WORDS);
            g_free(name);
        } else if (f->file || f->function) {
            struct n1_location where = n1_place_of_frame(f);
            n1_html_place(page, &where);
        } else {
            char *name = n1_flame_frame(&page->places, f);
            n1_html_line(page, name, N1_CLEAN_LABEL);
            g_free(name);
        }
        n1_html_put(page, "</li>\n");
    }
    if (i < stack->count)
        n1_html_format(page, "<li>and %zu more in the json report</li>\n", stack->count - i);
    n1_html_put(page, "</ol></details>\n");
}
