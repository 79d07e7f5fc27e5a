#include "cli/judging.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analyze.h"
#include "analyzer/frames/frames.h"
#include "cli/message.h"
#include "cli/output.h"

struct n1_judging n1_judging_options;

struct target {
    const struct n1_check_format *format;
    const char *file; /* NULL: standard output */
    struct n1_output output;
};

static GArray *targets; /* of struct target */

static void print_formats(bool is_diff)
{
    printf("\nFormats:\n");
    for (size_t i = 0; n1_check_formats[i]; i++)
        if (!is_diff || n1_check_formats[i]->is_for_diff)
            printf("  %-26s %s\n", n1_check_formats[i]->name, n1_check_formats[i]->description);
    printf("  %-26s %s\n", "auto", "github in a GitHub Actions step, else text");
}

void n1_judging_print_formats(void)
{
    print_formats(false);
}

void n1_judging_print_diff_formats(void)
{
    print_formats(true);
}

static char *words(const char *placeholder, bool is_diff)
{
    if (strcmp(placeholder, "WHEN") == 0)
        return g_strdup("always never auto");
    if (strcmp(placeholder, "FORMAT") != 0)
        return NULL;
    GString *list = g_string_new("auto");
    for (size_t i = 0; n1_check_formats[i]; i++)
        if (!is_diff || n1_check_formats[i]->is_for_diff)
            g_string_append_printf(list, " %s %s=", n1_check_formats[i]->name, n1_check_formats[i]->name);
    return g_string_free(list, FALSE);
}

char *n1_judging_words(const char *placeholder)
{
    return words(placeholder, false);
}

char *n1_judging_diff_words(const char *placeholder)
{
    return words(placeholder, true);
}

static const struct n1_check_format *find(const char *name, bool is_diff)
{
    if (strcmp(name, "auto") == 0)
        name = !is_diff && g_strcmp0(g_getenv("GITHUB_ACTIONS"), "true") == 0 ? "github" : "text";
    const struct n1_check_format *format = n1_check_format_find(name);
    return format && (!is_diff || format->is_for_diff) ? format : NULL;
}

static void refuse_format(const char *name, bool is_diff)
{
    GString *list = g_string_new("auto");
    for (size_t i = 0; n1_check_formats[i]; i++)
        if (!is_diff || n1_check_formats[i]->is_for_diff)
            g_string_append_printf(list, ", %s", n1_check_formats[i]->name);
    n1_complain(0, "there is no format '%s' here; formats: %s", name, list->str);
    g_string_free(list, TRUE);
}

static bool is_taken(const char *file)
{
    char *path = file ? g_canonicalize_filename(file, NULL) : NULL;
    bool found = false;
    for (guint i = 0; i < targets->len && !found; i++) {
        const char *other = g_array_index(targets, struct target, i).file;
        char *other_path = other ? g_canonicalize_filename(other, NULL) : NULL;
        found = g_strcmp0(path, other_path) == 0;
        g_free(other_path);
    }
    g_free(path);
    return found;
}

static bool add_target(const char *spec, bool is_diff)
{
    const char *equals = strchr(spec, '='), *file = equals ? equals + 1 : n1_judging_options.output;
    char *name = equals ? g_strndup(spec, (gsize)(equals - spec)) : g_strdup(spec);
    struct n1_error err = {0};
    if (file && strcmp(file, "-") == 0)
        file = NULL;
    struct target target = {.format = find(name, is_diff), .file = file};
    bool is_good = false;
    if (!target.format)
        refuse_format(name, is_diff);
    else if (file && !*file)
        n1_complain(0, "--format %s: no file behind '='", spec);
    else if (is_taken(file))
        n1_complain(0, "two reports would go to the same place; give each a file: --format text --format junit=b.xml");
    else if (file && n1_output_check(file, &err) != 0)
        n1_complain(0, "%s", err.message);
    else
        is_good = true;
    if (is_good)
        g_array_append_val(targets, target);
    g_free(name);
    return is_good;
}

bool n1_judging_prepare(bool is_diff)
{
    static char usual_name[] = "auto";
    char *usual[] = {usual_name, NULL}, **format = n1_judging_options.formats ? n1_judging_options.formats : usual;
    const char *colour = n1_judging_options.colour;
    if (colour && strcmp(colour, "always") != 0 && strcmp(colour, "never") != 0 && strcmp(colour, "auto") != 0) {
        n1_complain(0, "--color is always, never or auto, not '%s'", colour);
        return false;
    }
    targets = g_array_new(FALSE, TRUE, sizeof(struct target));
    for (; *format; format++)
        if (!add_target(*format, is_diff))
            return false;
    return true;
}

struct n1_report *n1_judging_load(const char *path, struct n1_suppressions *suppressions)
{
    struct n1_error err = {0};
    struct n1_report *report = NULL;
    struct n1_frames_options frames = {
        .user_code = (const char *const *)n1_judging_options.user_code,
        .not_user_code = (const char *const *)n1_judging_options.not_user_code,
    };
    struct n1_analyze_options options = {.frames = &frames};
    struct n1_trace *trace = n1_trace_open(path, &err);
    if (!trace || n1_analyze(trace, &options, &report, &err) != 0)
        n1_complain(0, "%s", err.message);
    if (trace)
        n1_trace_close(trace);
    if (report && suppressions)
        n1_suppress(report, suppressions);
    return report;
}

/* As in rendering.c: the option, NO_COLOR, CLICOLOR_FORCE, a terminal. */
static bool use_colour(FILE *stream)
{
    const char *option = n1_judging_options.colour, *no = g_getenv("NO_COLOR"), *force = g_getenv("CLICOLOR_FORCE");
    if (option && strcmp(option, "auto") != 0)
        return strcmp(option, "always") == 0;
    if (no && *no)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    return isatty(fileno(stream)) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static int write_one(struct target *target, const struct n1_verdict *verdict, struct n1_error *err)
{
    if (target->file && n1_output_open(&target->output, target->file, err) != 0)
        return -1;
    FILE *stream = target->file ? target->output.stream : stdout;
    target->format->write(stream, verdict, &(struct n1_check_options){.use_colour = use_colour(stream)});
    if (!target->file && (fflush(stream) != 0 || ferror(stream)))
        return n1_error_set(err, N1_ERROR_SYSTEM, "", "cannot write the verdict: %s; name a file for it with -o",
                            g_strerror(errno));
    return 0;
}

bool n1_judging_write(const struct n1_verdict *verdict)
{
    struct n1_error err = {0};
    int rc = 0;
    for (guint i = 0; i < targets->len && rc == 0; i++)
        rc = write_one(&g_array_index(targets, struct target, i), verdict, &err);
    for (guint i = 0; i < targets->len; i++) {
        struct n1_output *output = &g_array_index(targets, struct target, i).output;
        if (!output->stream)
            continue;
        if (rc == 0)
            rc = n1_output_close(output, &err);
        else
            n1_output_discard(output);
    }
    g_clear_pointer(&targets, g_array_unref);
    if (rc != 0)
        n1_complain(0, "%s", err.message);
    return rc == 0;
}
