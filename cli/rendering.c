#include "cli/rendering.h"

#include <errno.h>

#include "analyzer/analyze.h"
#include "cli/message.h"
#include "reports/report.h"

#define TIMELINE_EXECUTIONS 200000 /* kept one by one for the formats that show them */

struct n1_rendering n1_rendering_options;

/* What is written at once. */
struct rendered {
    const struct n1_report *report, *before;
    const char *root;
};

static bool format_at(size_t i, struct n1_target_format *format)
{
    const struct n1_report_format *f = n1_report_formats[i];
    if (f)
        *format = (struct n1_target_format){.name = f->name, .description = f->description, .writer = f};
    return f != NULL;
}

static void write_report(const void *writer, FILE *out, const void *thing, const struct n1_look *look)
{
    const struct n1_report_format *format = writer;
    const struct rendered *rendered = thing;
    format->write(out, rendered->report,
                  &(struct n1_report_options){
                      .use_colour = look->use_colour,
                      .columns = look->columns,
                      .shows_all = n1_rendering_options.shows_all,
                      .read_sources = !n1_rendering_options.no_source,
                      .before = rendered->before,
                      .root = rendered->root,
                  });
}

static const struct n1_target_kind kind = {
    .thing = "report",
    .surroundings = N1_SURROUNDINGS_REPORT,
    .usual = &n1_report_text,
    .format = format_at,
    .write = write_report,
};

void n1_rendering_print_formats(void)
{
    n1_targets_print_formats(&kind);
}

char *n1_rendering_words(const char *placeholder)
{
    return n1_targets_words(&kind, placeholder);
}

bool n1_rendering_prepare(FILE *standard)
{
    return n1_targets_prepare(&kind, standard);
}

static bool write_all(const struct n1_report *report, const struct n1_report *before)
{
    char *root = n1_analysing_root(report->working_directory);
    bool is_good = n1_targets_write(&(struct rendered){.report = report, .before = before, .root = root});
    g_free(root);
    return is_good;
}

static bool write_stanzas(const struct n1_report *report)
{
    FILE *stream = n1_targets_standard();
    if (n1_suppressions_generate(stream, report) == 0 && fflush(stream) == 0)
        return true;
    n1_complain(0, "cannot write the stanzas: %s", g_strerror(errno));
    return false;
}

static struct n1_report *analyse(const char *trace)
{
    bool shows_executions = n1_targets_have(&n1_report_html) || n1_targets_have(&n1_report_otlp);
    return n1_analysing_open(trace, shows_executions ? TIMELINE_EXECUTIONS : 0);
}

bool n1_rendering_run(const char *trace)
{
    const char *earlier = n1_rendering_options.before;
    struct n1_suppressions *suppressions = NULL;
    bool is_good = n1_suppressing_load(&suppressions);
    struct n1_report *report = is_good ? analyse(trace) : NULL, *before = report && earlier ? analyse(earlier) : NULL;
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
    n1_targets_forget();
    return is_good;
}
