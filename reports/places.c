#include "reports/places.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

#include "reports/escape.h"

static char *absolute(const char *path)
{
    return path && g_path_is_absolute(path) ? g_canonicalize_filename(path, "/") : NULL;
}

void n1_places_init(struct n1_places *places, const struct n1_report *report, const struct n1_report_options *options)
{
    places->folder = absolute(report->working_directory);
    places->root = absolute(options->root ? options->root : report->working_directory);
    if (g_strcmp0(places->root, "/") == 0)
        g_clear_pointer(&places->root, g_free);
}

void n1_places_release(struct n1_places *places)
{
    g_clear_pointer(&places->folder, g_free);
    g_clear_pointer(&places->root, g_free);
}

static bool is_a_file(const char *file)
{
    return file && *file && !strchr("<([", *file) && strnlen(file, PATH_MAX) < PATH_MAX;
}

char *n1_place_inside(const struct n1_places *places, const char *file)
{
    if (!is_a_file(file) || g_str_has_suffix(file, "/"))
        return NULL;
    if (!places->root) {
        char *path = g_path_is_absolute(file) ? NULL : g_canonicalize_filename(file, "/");
        char *inside = path && !g_str_has_prefix(file, "..") && path[1] ? g_strdup(path + 1) : NULL;
        g_free(path);
        return inside;
    }
    char *path = g_canonicalize_filename(file, places->folder ? places->folder : places->root), *inside = NULL;
    size_t length = strlen(places->root);
    if (strncmp(path, places->root, length) == 0 && path[length] == '/' && path[length + 1])
        inside = g_strdup(path + length + 1);
    g_free(path);
    return inside;
}

char *n1_place_uri(const struct n1_places *places, const char *file)
{
    char *inside = n1_place_inside(places, file);
    char *uri = inside ? g_uri_escape_string(inside, "/", FALSE) : NULL;
    g_free(inside);
    return uri;
}

/* Folders behind which a package's own path begins; the interpreter's folder is part of what is shown. */
static const struct {
    const char *folder;
    size_t skip;
} homes[] = {
    {"/site-packages/", 15}, {"/dist-packages/", 15}, {"/gems/", 6},        {"/node_modules/", 14}, {"/vendor/", 8},
    {"/perl5/", 7},          {"/lib/python2.", 5},    {"/lib/python3.", 5}, {"/lib/ruby/", 5},      {"/share/php/", 7},
};

static const char *last_occurrence(const char *text, const char *part)
{
    const char *last = NULL;
    for (const char *p = strstr(text, part); p; p = strstr(p + 1, part))
        last = p;
    return last;
}

static const char *tail(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(homes); i++) {
        const char *found = last_occurrence(path, homes[i].folder);
        if (found && found[homes[i].skip])
            return found + homes[i].skip;
    }
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

char *n1_place_shown(const struct n1_places *places, const char *file)
{
    if (!is_a_file(file))
        return g_strdup(file);
    char *inside = n1_place_inside(places, file);
    return inside ? inside : g_strdup(tail(file));
}

char *n1_place_words(const struct n1_places *places, const struct n1_location *where)
{
    char *file = n1_place_shown(places, where->file);
    GString *words = g_string_new(file && *file ? file : NULL);
    if (words->len > 0 && where->line > 0)
        g_string_append_printf(words, ":%d", where->line);
    if (where->function && *where->function) {
        bool is_call = !strpbrk(where->function, " <(+");
        g_string_append_printf(words, "%sin %s%s", words->len ? " " : "", where->function, is_call ? "()" : "");
    }
    g_free(file);
    bool is_empty = words->len == 0;
    return g_string_free(words, is_empty);
}

/* Every `path` in text that begins a path of its own. */
static char *replace_path(char *text, const char *path, const char *with)
{
    size_t length = strlen(path);
    GString *out = g_string_sized_new(strlen(text));
    for (const char *p = text; *p;) {
        bool begins = p == text || (!g_ascii_isalnum(p[-1]) && !strchr("_-./~", p[-1]));
        if (begins && strncmp(p, path, length) == 0) {
            g_string_append(out, with);
            p += length;
        } else
            g_string_append_c(out, *p++);
    }
    g_free(text);
    return g_string_free(out, FALSE);
}

static char *without_file(char *text, const struct n1_places *places, const char *file)
{
    if (!file || !g_path_is_absolute(file) || !strstr(text, file))
        return text;
    char *shown = n1_place_shown(places, file);
    text = replace_path(text, file, shown);
    g_free(shown);
    return text;
}

static char *without_files_of(char *text, const struct n1_places *places, const struct n1_statement *s)
{
    text = without_file(text, places, s->location.file);
    for (size_t i = 0; i < s->stack.count; i++)
        text = without_file(text, places, s->stack.frame[i].file);
    return text;
}

static char *without_folder(char *text, const char *folder)
{
    if (!folder || strcmp(folder, "/") == 0)
        return text;
    char *start = g_strconcat(folder, "/", NULL);
    text = replace_path(text, start, "");
    g_free(start);
    return text;
}

char *n1_place_scrub(const struct n1_places *places, const struct n1_finding *finding, const char *text)
{
    if (!text)
        return NULL;
    char *scrubbed = g_strdup(text);
    if (finding) {
        scrubbed = without_files_of(scrubbed, places, &finding->child);
        if (finding->has_parent)
            scrubbed = without_files_of(scrubbed, places, &finding->parent);
    }
    scrubbed = without_folder(scrubbed, places->root);
    return without_folder(scrubbed, places->folder);
}

struct n1_location n1_place_of_frame(const struct n1_frame *frame)
{
    return (struct n1_location){.file = frame->file, .line = frame->line, .function = frame->function};
}

static bool is_inside(const struct n1_places *places, const char *file)
{
    char *inside = n1_place_inside(places, file);
    g_free(inside);
    return inside != NULL;
}

struct n1_location n1_place_of_finding(const struct n1_places *places, const struct n1_finding *finding)
{
    const struct n1_statement *s = &finding->child;
    if (s->location.line > 0 && is_inside(places, s->location.file))
        return s->location;
    for (size_t i = 0; i < s->stack.count; i++) {
        const struct n1_frame *f = &s->stack.frame[i];
        if (f->is_user_code && f->line > 0 && is_inside(places, f->file))
            return n1_place_of_frame(f);
    }
    return s->location;
}

/* "--settings=<path>" keeps its first half. */
static char *argument_shown(const struct n1_places *places, const char *argument)
{
    const char *equals = *argument == '-' ? strchr(argument, '=') : NULL, *path = equals ? equals + 1 : argument;
    if (!g_path_is_absolute(path))
        return g_strdup(argument);
    char *shown = n1_place_shown(places, path);
    char *whole = g_strdup_printf("%.*s%s", (int)(path - argument), argument, shown);
    g_free(shown);
    return whole;
}

char *n1_place_command(const struct n1_places *places, const struct n1_report *report)
{
    GString *command = g_string_new(NULL);
    for (size_t i = 0; i < report->argc; i++) {
        char *argument = argument_shown(places, report->argv[i] ? report->argv[i] : "");
        g_string_append_printf(command, "%s%s", i ? " " : "", argument);
        g_free(argument);
    }
    char *clean = n1_clean_line(command->str, N1_CLEAN_LABEL);
    g_string_free(command, TRUE);
    if (*clean)
        return clean;
    g_free(clean);
    return g_strdup("program");
}
