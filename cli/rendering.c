#include "cli/rendering.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analyze.h"
#include "analyzer/frames/frames.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/progress.h"
#include "cli/suppressing.h"
#include "cli/surroundings.h"
#include "reports/report.h"

#define AUTO                "auto" /* a format's place holder */
#define TIMELINE_EXECUTIONS 200000 /* kept one by one for the formats that show them */

struct n1_rendering n1_rendering_options;

struct target {
    const struct n1_report_format *format;
    char *file;     /* NULL: the standard stream */
    FILE *standard; /* not ours to close */
    struct n1_output output;
};

static struct target *targets;
static size_t n_targets;

static char *names_of_formats(void)
{
    GString *list = g_string_new(NULL);
    for (size_t i = 0; n1_report_formats[i]; i++)
        g_string_append_printf(list, "%s%s", i ? ", " : "", n1_report_formats[i]->name);
    g_string_append(list, ", " AUTO);
    return g_string_free(list, FALSE);
}

void n1_rendering_print_formats(void)
{
    printf("\nFormats:\n");
    for (size_t i = 0; n1_report_formats[i]; i++)
        printf("  %-26s %s\n", n1_report_formats[i]->name, n1_report_formats[i]->description);
    printf("  %-26s %s\n", AUTO, "what the CI system that we run in can show; elsewhere text");
}

char *n1_rendering_words(const char *placeholder)
{
    if (strcmp(placeholder, "WHEN") == 0)
        return g_strdup("always never auto");
    if (strcmp(placeholder, "FORMAT") != 0)
        return NULL;
    GString *list = g_string_new(AUTO);
    for (size_t i = 0; n1_report_formats[i]; i++)
        g_string_append_printf(list, " %s %s=", n1_report_formats[i]->name, n1_report_formats[i]->name);
    return g_string_free(list, FALSE);
}

static void refuse_format(const char *name)
{
    char *list = names_of_formats();
    n1_complain(0, "there is no format '%s'; formats: %s", name, list);
    g_free(list);
}

/* Two names of one place. */
static bool is_taken(const char *file)
{
    bool found = false;
    char *path = file ? g_canonicalize_filename(file, NULL) : NULL;
    for (size_t i = 0; i < n_targets && !found; i++) {
        char *other = targets[i].file ? g_canonicalize_filename(targets[i].file, NULL) : NULL;
        found = g_strcmp0(path, other) == 0;
        g_free(other);
    }
    g_free(path);
    return found;
}

/* spec: NAME or NAME=FILE. */
static bool add_target(const char *spec, FILE *standard)
{
    const char *equals = strchr(spec, '='), *file = equals ? equals + 1 : n1_rendering_options.output;
    char *name = equals ? g_strndup(spec, (gsize)(equals - spec)) : g_strdup(spec);
    struct target target = {.format = n1_report_format_find(name), .standard = standard};
    struct n1_error err = {0};
    bool is_good = false;
    if (file && strcmp(file, "-") == 0 && standard == stdout)
        file = NULL;
    if (!target.format)
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
    targets = g_renew(struct target, targets, n_targets + 1);
    targets[n_targets++] = target;
    return true;
}

static void forget_targets(void)
{
    for (size_t i = 0; i < n_targets; i++)
        g_free(targets[i].file);
    g_clear_pointer(&targets, g_free);
    n_targets = 0;
}

/* spec: as add_target() takes it, or "auto". */
static bool add_targets(const char *spec, FILE *standard)
{
    if (strcmp(spec, AUTO) != 0)
        return add_target(spec, standard);
    char **formats = n1_surroundings_formats();
    bool is_good = true;
    for (char **format = formats; *format && is_good; format++)
        is_good = add_target(*format, standard);
    g_strfreev(formats);
    return is_good;
}

bool n1_rendering_prepare(FILE *standard)
{
    static char text[] = "text";
    char *usual[] = {text, NULL}, **format = n1_rendering_options.formats ? n1_rendering_options.formats : usual;
    const char *colour = n1_rendering_options.colour;
    if (colour && strcmp(colour, "always") != 0 && strcmp(colour, "never") != 0 && strcmp(colour, "auto") != 0) {
        n1_complain(0, "--color is always, never or auto, not '%s'", colour);
        return false;
    }
    bool is_good = true;
    for (; *format && is_good; format++)
        is_good = add_targets(*format, standard);
    if (!is_good)
        forget_targets();
    return is_good;
}

/* no-color.org, bixense.com/clicolors: NO_COLOR wins over CLICOLOR_FORCE; the option wins over both. */
static bool use_colour(FILE *stream)
{
    const char *option = n1_rendering_options.colour, *no = g_getenv("NO_COLOR"), *force = g_getenv("CLICOLOR_FORCE");
    if (option && strcmp(option, "auto") != 0)
        return strcmp(option, "always") == 0;
    if (no && *no)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    bool is_terminal = isatty(fileno(stream)) || (stream == stdout && n1_pager_is_on());
    return is_terminal && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static int write_one(struct target *target, const struct n1_report *report, const struct n1_report *before,
                     const char *root, struct n1_error *err)
{
    bool is_shared = n1_surroundings_is_step_summary(target->file);
    if (target->file && (is_shared ? n1_output_open_adding : n1_output_open)(&target->output, target->file, err) != 0)
        return -1;
    FILE *stream = target->file ? target->output.stream : target->standard;
    struct n1_report_options options = {
        .use_colour = use_colour(stream),
        .read_sources = !n1_rendering_options.no_source,
        .before = before,
        .root = root,
    };
    target->format->write(stream, report, &options);
    if (!target->file && (fflush(stream) != 0 || ferror(stream)) && !(stream == stdout && n1_pager_is_on()))
        return n1_error_set(err, N1_ERROR_SYSTEM, "", "cannot write the report: %s; name a file for it with -o",
                            g_strerror(errno));
    return 0;
}

static bool is_read_by_a_person(void)
{
    for (size_t i = 0; i < n_targets; i++)
        if (targets[i].format == &n1_report_text && !targets[i].file && targets[i].standard == stdout)
            return true;
    return false;
}

static bool write_all(const struct n1_report *report, const struct n1_report *before)
{
    struct n1_error err = {0};
    int rc = 0;
    size_t opened = 0;
    char *root = n1_rendering_options.root ? g_canonicalize_filename(n1_rendering_options.root, NULL)
                                           : n1_surroundings_root(report->working_directory);
    if (is_read_by_a_person())
        n1_pager_start();
    for (; opened < n_targets && rc == 0; opened++)
        rc = write_one(&targets[opened], report, before, root, &err);
    n1_pager_finish();
    g_free(root);
    for (size_t i = 0; i < opened; i++) {
        if (!targets[i].output.stream)
            continue;
        if (rc == 0)
            rc = n1_output_close(&targets[i].output, &err);
        else
            n1_output_discard(&targets[i].output);
    }
    if (rc != 0)
        n1_complain(0, "%s", err.message);
    return rc == 0;
}

static bool shows_executions(void)
{
    for (size_t i = 0; i < n_targets; i++)
        if (targets[i].format == &n1_report_html || targets[i].format == &n1_report_otlp)
            return true;
    return false;
}

/* NULL after complaining. */
static struct n1_report *analyse(const char *path)
{
    struct n1_error err = {0};
    struct n1_report *report = NULL;
    struct n1_frames_options frames = {
        .user_code = (const char *const *)n1_rendering_options.user_code,
        .not_user_code = (const char *const *)n1_rendering_options.not_user_code,
    };
    struct n1_progress progress;
    struct n1_analyze_options options = {
        .frames = &frames,
        .progress = n1_progress_step,
        .progress_data = &progress,
        .timeline_max = shows_executions() ? TIMELINE_EXECUTIONS : 0,
    };
    n1_progress_start(&progress, "n1prof: reading the recording");
    struct n1_trace *trace = n1_trace_open(path, &err);
    bool is_good = trace && n1_analyze(trace, &options, &report, &err) == 0;
    n1_progress_finish(&progress);
    if (!is_good)
        n1_complain(0, "%s", err.message);
    if (trace)
        n1_trace_close(trace);
    return report;
}

static bool write_stanzas(const struct n1_report *report)
{
    FILE *stream = n_targets > 0 && targets[0].standard ? targets[0].standard : stdout;
    if (n1_suppressions_generate(stream, report) == 0 && fflush(stream) == 0)
        return true;
    n1_complain(0, "cannot write the stanzas: %s", g_strerror(errno));
    return false;
}

bool n1_rendering_run(const char *path)
{
    const char *earlier = n1_rendering_options.before;
    struct n1_suppressions *suppressions = NULL;
    bool is_good = n1_suppressing_load(&suppressions);
    struct n1_report *report = is_good ? analyse(path) : NULL, *before = report && earlier ? analyse(earlier) : NULL;
    is_good = report && (before || !earlier);
    if (is_good && suppressions)
        n1_suppress(report, suppressions);
    if (is_good)
        is_good = n1_suppressing_options.generates ? write_stanzas(report) : write_all(report, before);
    if (is_good)
        n1_suppressing_tell_unused(suppressions);
    n1_report_free(before);
    n1_report_free(report);
    n1_suppressions_free(suppressions);
    forget_targets();
    return is_good;
}
