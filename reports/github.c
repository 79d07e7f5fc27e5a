/* What a GitHub Actions job shows: annotations (workflow commands on the step's output) and the job's summary (Markdown, to be
 * appended to the file that $GITHUB_STEP_SUMMARY names).
 *
 * A step's annotations beyond 10 errors, 10 warnings and 10 notices are dropped by GitHub without a word, so the worst ones are
 * given and a last notice says how many are not. A summary above 1 MiB is dropped whole.
 */
#include <inttypes.h>

#include "reports/escape.h"
#include "reports/markdown_page.h"
#include "reports/places.h"
#include "reports/words.h"

static const struct {
    const char *command;
    size_t most;
} levels[] = {
    [N1_PROVEN] = {"error", 10},
    [N1_LIKELY] = {"warning", 10},
    [N1_POSSIBLE] = {"notice", 9}, /* one is left for the rest */
};

static void property(GString *out, bool *is_first, const char *name, const char *value)
{
    char *clean = n1_clean_line(value, N1_CLEAN_WORDS);
    g_string_append_printf(out, "%s%s=", *is_first ? " " : ",", name);
    n1_append_workflow_property(out, clean);
    *is_first = false;
    g_free(clean);
}

static void command(FILE *out, const char *name, const struct n1_places *places, const struct n1_location *where,
                    const char *title, const char *message)
{
    GString *line = g_string_new(NULL);
    char *file = where ? n1_place_inside(places, where->file) : NULL, *clean = n1_clean(message, N1_CLEAN_BODY);
    bool is_first = true;
    g_string_append_printf(line, "::%s", name);
    if (file)
        property(line, &is_first, "file", file);
    if (file && where->line > 0) {
        g_string_append_printf(line, ",line=%d,endLine=%d", where->line, where->line);
    }
    property(line, &is_first, "title", title);
    g_string_append(line, "::");
    n1_append_workflow_data(line, clean);
    g_string_append_c(line, '\n');
    fwrite(line->str, 1, line->len, out);
    g_string_free(line, TRUE);
    g_free(clean);
    g_free(file);
}

static void annotate(FILE *out, const struct n1_places *places, const struct n1_finding *f)
{
    struct n1_location where = n1_place_of_finding(places, f);
    char *inside = n1_place_inside(places, where.file), *place = inside ? NULL : n1_place_words(places, &where);
    char *title = g_strdup_printf("n1prof: %s", n1_rule_words[f->kind].title);
    GString *message = g_string_new(NULL);
    n1_words_sentence(message, f->message ? f->message : n1_rule_words[f->kind].title);
    if (place)
        g_string_append_printf(message, "\n%s", place);
    g_string_append_c(message, '\n');
    n1_words_saving(message, f);
    g_string_append(message, ". ");
    n1_words_proof(message, f);
    if (f->suggestion.text)
        g_string_append_printf(message, "\n%s", f->suggestion.text);
    char *scrubbed = n1_place_scrub(places, f, message->str);
    command(out, levels[f->confidence].command, places, &where, title, scrubbed);
    g_free(scrubbed);
    g_string_free(message, TRUE);
    g_free(title);
    g_free(place);
    g_free(inside);
}

/* Before all findings: the tenth warning would be the last one shown. */
static size_t annotate_losses(FILE *out, const struct n1_places *places, const struct n1_report *report)
{
    GString *words = g_string_new(NULL);
    n1_words_losses(words, report);
    const bool has_any = words->len > 0;
    if (has_any)
        command(out, "warning", places, NULL, "n1prof", words->str);
    g_string_free(words, TRUE);
    return has_any;
}

static int write_annotations(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    size_t given[G_N_ELEMENTS(levels)] = {0}, more = 0, open = n1_words_open_findings(report);
    struct n1_places places;
    n1_places_init(&places, report, options);
    given[N1_LIKELY] = annotate_losses(out, &places, report);
    for (size_t i = 0; i < report->n_findings; i++) {
        const struct n1_finding *f = &report->finding[i];
        if (f->is_suppressed)
            continue;
        if (given[f->confidence] < levels[f->confidence].most) {
            annotate(out, &places, f);
            given[f->confidence]++;
        } else
            more++;
    }
    GString *rest = g_string_new(NULL);
    if (more > 0)
        g_string_append_printf(rest, "and %zu more finding%s in the job's summary", more, n1_words_s(more));
    else if (open == 0)
        n1_words_verdict(rest, report);
    if (rest->len > 0)
        command(out, "notice", &places, NULL, "n1prof", rest->str);
    g_string_free(rest, TRUE);
    n1_places_release(&places);
    return ferror(out) ? -1 : 0;
}

static int write_summary(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    static const struct n1_markdown_limits limits = {.bytes = 900000, .findings = 20, .queries = 50};
    GString *page = n1_markdown_page(report, options, &limits);
    fwrite(page->str, 1, page->len, out);
    g_string_free(page, TRUE);
    return ferror(out) ? -1 : 0;
}

const struct n1_report_format n1_report_github = {
    .name = "github",
    .description = "annotations of a GitHub Actions step",
    .write = write_annotations,
};

const struct n1_report_format n1_report_github_summary = {
    .name = "github-summary",
    .description = "Markdown to append to $GITHUB_STEP_SUMMARY",
    .write = write_summary,
};
