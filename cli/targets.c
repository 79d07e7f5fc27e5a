#include "cli/targets.h"

#include <errno.h>
#include <string.h>

#include "cli/message.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/terminal.h"

#define AUTO         "auto" /* a format's place holder */
#define FILE_COLUMNS 80
enum { COLUMNS_LEAST = 60, COLUMNS_MOST = 120 };

struct n1_targets_options n1_targets_options;

struct target {
    struct n1_target_format format;
    char *file; /* NULL: the standard stream */
    struct n1_look look;
    struct n1_output output;
};

static struct {
    const struct n1_target_kind *kind;
    FILE *standard; /* not ours to close */
    struct target *target;
    size_t count;
} targets;

/* ---- what there is -------------------------------------------------------------------------------------------------------- */

void n1_targets_print_formats(const struct n1_target_kind *kind)
{
    struct n1_target_format format;
    printf("\nFormats:\n");
    for (size_t i = 0; kind->format(i, &format); i++)
        printf("  %-26s %s\n", format.name, format.description);
    printf("  %-26s %s\n", AUTO, "what the CI system that we run in can show; elsewhere text");
}

char *n1_targets_words(const struct n1_target_kind *kind, const char *placeholder)
{
    struct n1_target_format format;
    if (strcmp(placeholder, "WHEN") == 0)
        return g_strdup("always never auto");
    if (strcmp(placeholder, "FORMAT") != 0)
        return NULL;
    GString *list = g_string_new(AUTO);
    for (size_t i = 0; kind->format(i, &format); i++)
        g_string_append_printf(list, " %s %s=", format.name, format.name);
    return g_string_free(list, FALSE);
}

static bool find_format(const char *name, struct n1_target_format *format)
{
    for (size_t i = 0; targets.kind->format(i, format); i++)
        if (strcmp(format->name, name) == 0)
            return true;
    return false;
}

static void refuse_format(const char *name)
{
    struct n1_target_format format;
    GString *list = g_string_new(NULL);
    for (size_t i = 0; targets.kind->format(i, &format); i++)
        g_string_append_printf(list, "%s, ", format.name);
    n1_complain(0, "there is no format '%s' of a %s; formats: %s" AUTO, name, targets.kind->thing, list->str);
    g_string_free(list, TRUE);
}

/* ---- what is asked for ---------------------------------------------------------------------------------------------------- */

/* Two names of one place. */
static bool is_taken(const char *file)
{
    bool found = false;
    char *path = file ? g_canonicalize_filename(file, NULL) : NULL;
    for (size_t i = 0; i < targets.count && !found; i++) {
        char *other = targets.target[i].file ? g_canonicalize_filename(targets.target[i].file, NULL) : NULL;
        found = g_strcmp0(path, other) == 0;
        g_free(other);
    }
    g_free(path);
    return found;
}

/* spec: NAME or NAME=FILE. */
static bool add_target(const char *spec)
{
    const char *equals = strchr(spec, '='), *file = equals ? equals + 1 : n1_targets_options.output;
    char *name = equals ? g_strndup(spec, (gsize)(equals - spec)) : g_strdup(spec);
    struct target target = {0};
    struct n1_error err = {0};
    bool is_good = false;
    if (file && strcmp(file, "-") == 0 && targets.standard == stdout)
        file = NULL;
    if (!find_format(name, &target.format))
        refuse_format(name);
    else if (file && !*file)
        n1_complain(0, "--format %s: no file behind '='", spec);
    else if (is_taken(file))
        n1_complain(
            0, "two reports would go to the same place; give each a file: --format text=a.txt --format json=b.json");
    else if (file && n1_output_check(file, &err) != 0)
        n1_complain(0, "%s", err.message);
    else
        is_good = true;
    g_free(name);
    if (!is_good)
        return false;
    target.file = g_strdup(file);
    targets.target = g_renew(struct target, targets.target, targets.count + 1);
    targets.target[targets.count++] = target;
    return true;
}

/* At most `most` of what the place we run in asks for. */
static bool add_surroundings(size_t most)
{
    char **specs = n1_surroundings_formats(targets.kind->surroundings);
    bool is_good = true;
    for (size_t i = 0; specs[i] && i < most && is_good; i++)
        is_good = add_target(specs[i]);
    g_strfreev(specs);
    return is_good;
}

static bool add_all(void)
{
    char **spec = n1_targets_options.formats;
    if (!spec)
        return targets.kind->follows_surroundings ? add_surroundings(1) : add_target("text");
    for (; *spec; spec++)
        if (!(strcmp(*spec, AUTO) == 0 ? add_surroundings(SIZE_MAX) : add_target(*spec)))
            return false;
    return true;
}

bool n1_targets_prepare(const struct n1_target_kind *kind, FILE *standard)
{
    const char *colour = n1_targets_options.colour;
    if (colour && strcmp(colour, "always") != 0 && strcmp(colour, "never") != 0 && strcmp(colour, "auto") != 0) {
        n1_complain(0, "--color is always, never or auto, not '%s'", colour);
        return false;
    }
    targets.kind = kind;
    targets.standard = standard;
    bool is_good = add_all();
    if (!is_good)
        n1_targets_forget();
    return is_good;
}

bool n1_targets_have(const void *writer)
{
    for (size_t i = 0; i < targets.count; i++)
        if (targets.target[i].format.writer == writer)
            return true;
    return false;
}

FILE *n1_targets_standard(void)
{
    return targets.standard;
}

void n1_targets_forget(void)
{
    for (size_t i = 0; i < targets.count; i++)
        g_free(targets.target[i].file);
    g_clear_pointer(&targets.target, g_free);
    targets.count = 0;
}

/* ---- writing -------------------------------------------------------------------------------------------------------------- */

static int open_target(struct target *target, struct n1_error *err)
{
    if (!target->file)
        return 0;
    bool is_shared = n1_surroundings_is_step_summary(target->file);
    return (is_shared ? n1_output_open_adding : n1_output_open)(&target->output, target->file, err);
}

static FILE *stream_of(const struct target *target)
{
    return target->file ? target->output.stream : targets.standard;
}

static int write_target(const struct target *target, const void *thing, struct n1_error *err)
{
    FILE *stream = stream_of(target);
    bool is_paged = stream == stdout && n1_pager_is_on();
    targets.kind->write(target->format.writer, stream, thing, &target->look);
    if (!target->file && (fflush(stream) != 0 || ferror(stream)) && !is_paged)
        return n1_error_set(err, N1_ERROR_SYSTEM, "", "cannot write the %s: %s; name a file for it with -o",
                            targets.kind->thing, g_strerror(errno));
    return 0;
}

/* Before a pager takes the terminal's place. */
static void look_at_terminal(void)
{
    bool is_for_a_person = false;
    for (size_t i = 0; i < targets.count; i++) {
        struct target *target = &targets.target[i];
        FILE *stream = stream_of(target);
        target->look.use_colour = n1_terminal_colour(stream, n1_targets_options.colour);
        target->look.columns = target->file ? FILE_COLUMNS : n1_terminal_columns(stream, COLUMNS_LEAST, COLUMNS_MOST);
        is_for_a_person |= stream == stdout && target->format.writer == targets.kind->usual;
    }
    if (is_for_a_person)
        n1_pager_start();
}

static int close_target(struct target *target, int rc, struct n1_error *err)
{
    if (!target->output.stream)
        return rc;
    if (rc == 0)
        return n1_output_close(&target->output, err);
    n1_output_discard(&target->output);
    return rc;
}

bool n1_targets_write(const void *thing)
{
    struct n1_error err = {0};
    int rc = 0;
    for (size_t i = 0; i < targets.count && rc == 0; i++)
        rc = open_target(&targets.target[i], &err);
    if (rc == 0)
        look_at_terminal();
    for (size_t i = 0; i < targets.count && rc == 0; i++)
        rc = write_target(&targets.target[i], thing, &err);
    n1_pager_finish();
    for (size_t i = 0; i < targets.count; i++)
        rc = close_target(&targets.target[i], rc, &err);
    n1_targets_forget();
    if (rc != 0)
        n1_complain(0, "%s", err.message);
    return rc == 0;
}
