#include "reports/text/way.h"

#include <glib.h>
#include <string.h>

#include "reports/excerpt.h"
#include "reports/text/sql.h"

#define INDENT      2
#define PATH_FRAMES 6 /* of the call path, user code only */

static void excerpt(const struct n1_page *page, const struct n1_location *where)
{
    struct n1_excerpt lines;
    n1_excerpt_read(&lines, page->folder, where->file, where->line);
    for (int i = 0; i < lines.count; i++) {
        int number = lines.first + i;
        bool is_it = number == where->line;
        char *text = n1_page_sql_line(lines.line[i], page->width - 13);
        n1_page_put(page, is_it ? N1_INK_BOLD : N1_INK_DIM, "  %s %6d  %s", is_it ? ">" : " ", number, text);
        fputc('\n', page->out);
        g_free(text);
    }
    n1_excerpt_release(&lines);
}

static struct n1_location place_of(const struct n1_frame *f)
{
    return (struct n1_location){.file = f->file, .line = f->line, .function = f->function};
}

bool n1_same_place(const struct n1_location *a, const struct n1_location *b)
{
    return a->line == b->line && g_strcmp0(a->file, b->file) == 0 && g_strcmp0(a->function, b->function) == 0;
}

/* The index of the place's frame; the stack's length when it is not there. Inside of it are wrappers that every query goes
 * through. */
static size_t frame_of_place(const struct n1_statement *s)
{
    size_t i = 0;
    for (; i < s->stack.count; i++) {
        struct n1_location where = place_of(&s->stack.frame[i]);
        if (n1_same_place(&where, &s->location))
            break;
    }
    return i;
}

static bool has_name(const char *function)
{
    return function != NULL && *function != '\0' && strstr(function, "+0x") == NULL;
}

/* A program without symbols: the exported functions of libraries through which its query went are all that tells one of its
 * addresses from another. In the order of calls; the middle of many is left out. */
static char *entered(const struct n1_statement *s, size_t place)
{
    enum { FIRST = 2, LAST = 3 };
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = place; i-- > 0;) {
        const struct n1_frame *f = &s->stack.frame[i];
        if (f->file != NULL || !has_name(f->function))
            continue;
        char *name = n1_page_clean(f->function);
        /* A driver manager and its driver call their functions alike. */
        if (names->len > 0 && strcmp(name, g_ptr_array_index(names, names->len - 1)) == 0)
            g_free(name);
        else
            g_ptr_array_add(names, name);
    }
    if (names->len > FIRST + LAST + 1) {
        g_ptr_array_remove_range(names, FIRST, names->len - FIRST - LAST);
        g_ptr_array_insert(names, FIRST, g_strdup("..."));
    }
    g_ptr_array_add(names, NULL);
    char *list = g_strjoinv(", ", (char **)names->pdata);
    g_ptr_array_unref(names);
    return list;
}

/* "" when the place says it itself. */
static char *entered_from(const struct n1_statement *s)
{
    const size_t at = frame_of_place(s);
    bool is_nameless = at < s->stack.count && s->location.file == NULL && !has_name(s->location.function);
    return is_nameless ? entered(s, at) : g_strdup("");
}

/* A program whose code lies in libraries of its own (svn: libsvn_wc, libsvn_client) has its true places there. */
static void own_library(const struct n1_page *page, const struct n1_statement *s, size_t place)
{
    const char *function = s->location.function;
    size_t length = function != NULL && strstr(function, "+0x") != NULL ? strcspn(function, "+") : 0;
    for (size_t i = 0; i < place && length > 0; i++) {
        const char *module = s->stack.frame[i].module;
        if (module == NULL || !g_str_has_prefix(module, "lib") || strncmp(module + 3, function, length) != 0 ||
            strchr("_-.", module[3 + length]) == NULL)
            continue;
        char *name = n1_page_clean(module);
        n1_page_say(page, N1_INK_DIM, INDENT + 2, "--user-code '*/%.*s*' names places in %s and its like",
                    (int)length + 4, name, name);
        g_free(name);
        return;
    }
}

/* The program whose thread it was: the module of the outermost frame that is not the C library's. NULL: not known. */
static const char *program_of(const struct n1_statement *s)
{
    for (size_t i = s->stack.count; i-- > 0;) {
        const char *module = s->stack.frame[i].module;
        if (module != NULL && strcmp(module, N1_MODULE_UNKNOWN) != 0 && !g_str_has_prefix(module, "libc.") &&
            !g_str_has_prefix(module, "ld-"))
            return module;
    }
    return NULL;
}

/* No frame is the user's: a language whose call stacks n1prof does not read, or only libraries. */
static void nobody(const struct n1_page *page, const struct n1_statement *s)
{
    const char *program = program_of(s);
    if (program == NULL) {
        if (s->stack.count > 0)
            n1_page_say(
                page, N1_INK_DIM, INDENT + 2,
                "inside code that was made while the program ran (Java, .NET), whose lines n1prof does not see");
        return;
    }
    char *name = n1_page_clean(program);
    n1_page_say(page, N1_INK_DIM, INDENT + 2, "inside %s, whose scripts n1prof does not see", name);
    g_free(name);
}

/* ---- who called the place, in the user's own code ---------------------------------------------------------------------- */

/* A Ruby method that takes a block stands where it is called: one line is enough. */
static GArray *callers_of(const struct n1_statement *s)
{
    GArray *callers = g_array_new(FALSE, FALSE, sizeof(struct n1_location));
    const size_t at = frame_of_place(s);
    struct n1_location last = s->location;
    for (size_t i = at < s->stack.count ? at + 1 : 0; i < s->stack.count; i++) {
        const struct n1_frame *f = &s->stack.frame[i];
        struct n1_location where = place_of(f);
        if (!f->is_user_code || n1_same_place(&where, &last))
            continue;
        last = where;
        g_array_append_val(callers, where);
    }
    return callers;
}

static const struct n1_location *caller(const GArray *callers, size_t i)
{
    return &g_array_index(callers, struct n1_location, i);
}

/* How many of the outermost ones are the same. */
static size_t shared_end(const GArray *a, const GArray *b)
{
    size_t n = 0;
    while (n < a->len && n < b->len && n1_same_place(caller(a, a->len - 1 - n), caller(b, b->len - 1 - n)))
        n++;
    return n;
}

bool n1_same_way(const struct n1_statement *a, const struct n1_statement *b)
{
    if (!n1_same_place(&a->location, &b->location))
        return false;
    GArray *of_a = callers_of(a), *of_b = callers_of(b);
    g_autofree char *names_a = entered_from(a), *names_b = entered_from(b);
    bool is_same = of_a->len == of_b->len && shared_end(of_a, of_b) == of_a->len && strcmp(names_a, names_b) == 0;
    g_array_unref(of_a);
    g_array_unref(of_b);
    return is_same;
}

/* The earlier finding that shares most of the way, and how much of it. 0: not enough to be worth a line. */
static size_t n_shared(const struct n1_earlier *earlier, const GArray *callers, size_t *shared)
{
    enum { LEAST = 2 };
    size_t best = 0;
    *shared = LEAST - 1;
    for (size_t i = 0; i < earlier->count; i++) {
        GArray *others = callers_of(&earlier->shown[i].finding->child);
        size_t n = shared_end(callers, others);
        if (n > *shared) {
            *shared = n;
            best = earlier->shown[i].number;
        }
        g_array_unref(others);
    }
    return best;
}

/* Of what is installed in a language's folder, the path as the language knows it: the folder stands at the finding's own place. */
static const char *in_library(const char *file)
{
    static const char *const folders[] = {"-packages/", "/gems/", "/perl5/"};
    for (size_t i = 0; i < G_N_ELEMENTS(folders) && file != NULL; i++) {
        const char *found = g_strrstr(file, folders[i]);
        if (found != NULL)
            return found + strlen(folders[i]);
    }
    return file;
}

/* A place without a file reads "in function()". */
static void called(const struct n1_page *page, const struct n1_location *where, const char *rest)
{
    struct n1_location shown = *where;
    shown.file = page->shows_all ? where->file : in_library(where->file);
    char *place = n1_page_place(page, &shown);
    n1_page_say(page, N1_INK_DIM, INDENT + 2, "called %s%s%s", where->file ? "from " : "", place, rest);
    g_free(place);
}

static void callers(const struct n1_page *page, const struct n1_statement *s, const struct n1_earlier *earlier)
{
    GArray *list = callers_of(s);
    size_t shared, number = n_shared(earlier, list, &shared);
    const size_t own = number ? list->len - shared : list->len;
    for (size_t i = 0; i < own && i < PATH_FRAMES; i++)
        called(page, caller(list, i), "");
    if (own > PATH_FRAMES)
        n1_page_say(page, N1_INK_DIM, INDENT + 2, "... and %u more", list->len - PATH_FRAMES);
    if (number && own <= PATH_FRAMES) {
        char *rest = g_strdup_printf(", and on as in finding %zu", number);
        called(page, caller(list, own), rest);
        g_free(rest);
    }
    g_array_unref(list);
}

void n1_page_way(const struct n1_page *page, const struct n1_statement *s, const struct n1_earlier *earlier,
                 bool read_sources)
{
    const size_t at = frame_of_place(s), number = n1_earlier_place(earlier, &s->location);
    char *place = n1_page_place(page, &s->location);
    if (number)
        n1_page_say(page, N1_INK_CYAN, INDENT, "at %s, as finding %zu", place, number);
    else
        n1_page_say(page, N1_INK_CYAN, INDENT, "%s%s", s->location.file ? "at " : "", place);
    g_free(place);
    if (read_sources && !number)
        excerpt(page, &s->location);
    g_autofree char *names = entered_from(s);
    if (*names != '\0')
        n1_page_say(page, N1_INK_DIM, INDENT + 2, "which called %s", names);
    if (at < s->stack.count && s->location.file == NULL && !has_name(s->location.function))
        own_library(page, s, at);
    if (s->location.file == NULL && s->location.function == NULL)
        nobody(page, s);
    callers(page, s, earlier);
    fputc('\n', page->out);
}
