#include "reports/html/summary.h"

#include <inttypes.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/words.h"

#define WARNINGS_SHOWN 12
#define CODE_BYTES     120 /* of the mend, beside its sentence */

static const struct n1_finding *worst(const struct n1_report *r)
{
    for (size_t i = 0; i < r->n_findings; i++)
        if (!r->finding[i].is_suppressed)
            return &r->finding[i];
    return NULL;
}

static bool is_certain(const struct n1_report *r)
{
    return r->is_complete && r->totals.statements > 0;
}

/* What to do about the worst finding, in one line; its card says the rest. */
static void first_mend(struct n1_html *page, const struct n1_finding *f)
{
    const struct n1_suggestion *s = &f->suggestion;
    if (!s->text || !*s->text)
        return;
    n1_html_put(page, "<p class=\"first-mend\"><b>The mend:</b> ");
    n1_html_sentence(page, f, s->text);
    if (s->code && *s->code && !strchr(s->code, '\n') && strlen(s->code) <= CODE_BYTES) {
        n1_html_put(page, " <code>");
        n1_html_line(page, s->code, N1_CLEAN_LABEL);
        n1_html_put(page, "</code>");
    }
    n1_html_put(page, "</p>\n");
}

static void verdict(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    const struct n1_finding *f = worst(r);
    size_t open = n1_words_open_findings(r);
    GString *words = g_string_new(NULL);
    n1_html_format(page, "<h1 class=\"is-%s\">",
                   f               ? n1_confidence_name(f->confidence)
                   : is_certain(r) ? "clean"
                                   : "unsure");
    if (f)
        n1_words_saving(words, f);
    else
        n1_words_verdict(words, r);
    words->str[0] = g_ascii_toupper(words->str[0]);
    n1_html_line(page, words->str, N1_CLEAN_WORDS);
    n1_html_put(page, "</h1>\n");
    g_string_free(words, TRUE);
    if (!f)
        return;
    struct n1_location where = n1_place_of_finding(&page->places, f);
    n1_html_format(page, "<p class=\"where\">%s", where.file ? "at " : "");
    n1_html_place(page, &where);
    if (open > 1) {
        n1_html_put(page, "; and <a href=\"#findings\">");
        n1_html_counted(page, open - 1, "more finding", "more findings");
        n1_html_put(page, "</a>");
    }
    n1_html_put(page, "</p>\n");
    first_mend(page, f);
}

static void warnings(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    if (r->is_complete && r->n_warnings == 0)
        return;
    n1_html_put(page, "<div class=\"banner\" role=\"note\" aria-label=\"Warnings\">\n");
    if (!r->is_complete) {
        n1_html_put(page, "<p><b>The recording is not complete");
        if (r->lost_events > 0) {
            n1_html_put(page, ": ");
            n1_html_counted(page, r->lost_events, "event was lost", "events were lost");
        }
        n1_html_put(page, ".</b> Counts are at least what stands here.</p>\n");
    }
    for (size_t i = 0; i < r->n_warnings && i < WARNINGS_SHOWN; i++) {
        n1_html_put(page, "<p>");
        n1_html_sentence(page, NULL, r->warning[i]);
        n1_html_put(page, "</p>\n");
    }
    if (r->n_warnings > WARNINGS_SHOWN)
        n1_html_format(page, "<p>and %zu more in the json report</p>\n", r->n_warnings - WARNINGS_SHOWN);
    n1_html_put(page, "</div>\n");
}

static void silence(struct n1_html *page)
{
    if (page->report->totals.statements > 0)
        return;
    n1_html_put(
        page,
        "<p class=\"silence\">n1prof sees calls to SQLite and to PostgreSQL's libpq in shared libraries. It sees "
        "nothing when the "
        "program "
        "made no call, talks to another database, carries its database client inside itself (statically linked, as Go "
        "and many Node.js programs do), or was started in a way that drops <code>LD_PRELOAD</code> (setuid, <code>env "
        "-i</code>, another machine, a container, a service that was already running). <code>n1prof doctor</code>, "
        "with the program "
        "behind it, tells which.</p>\n");
}

static void tile_open(struct n1_html *page, const char *id, const char *name)
{
    n1_html_format(page, "<div class=\"tile\" id=\"tile-%s\"><dt>%s</dt><dd><b>", id, name);
}

/* What all mends together save: a repeated query is counted once however many findings it is in. */
static uint64_t savings(const struct n1_report *r, uint64_t *saved_ns)
{
    uint64_t sum = 0;
    *saved_ns = 0;
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct n1_finding *f = &r->finding[i];
        bool is_known = f->is_suppressed || f->suggestion.queries_before <= f->suggestion.queries_after;
        for (size_t j = 0; j < i && !is_known && i < 5000; j++)
            is_known = !r->finding[j].is_suppressed && r->finding[j].child.fingerprint == f->child.fingerprint &&
                       g_strcmp0(r->finding[j].child.location.function, f->child.location.function) == 0 &&
                       r->finding[j].child.location.line == f->child.location.line;
        if (is_known)
            continue;
        sum = n1_count_add(sum, f->suggestion.queries_before - f->suggestion.queries_after);
        *saved_ns = n1_count_add(*saved_ns, f->suggestion.saved_ns);
    }
    *saved_ns = MIN(*saved_ns, r->totals.db_time_ns);
    return MIN(sum, r->totals.statements ? r->totals.statements - 1 : 0);
}

static void findings_tile(struct n1_html *page)
{
    static const char *const names[] = {[N1_PROVEN] = "proven", [N1_LIKELY] = "likely", [N1_POSSIBLE] = "possible"};
    const struct n1_report *r = page->report;
    size_t count[G_N_ELEMENTS(names)] = {0}, written = 0;
    for (size_t i = 0; i < r->n_findings; i++)
        if (!r->finding[i].is_suppressed)
            count[r->finding[i].confidence]++;
    tile_open(page, "findings", "Findings");
    n1_html_count(page, n1_words_open_findings(r));
    n1_html_put(page, "</b> <span>");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (count[i] > 0)
            n1_html_format(page, "%s%zu %s", written++ ? ", " : "", count[i], names[i]);
    n1_html_put(page, written ? "</span></dd></div>\n" : "nothing to mend</span></dd></div>\n");
}

static void tiles(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    uint64_t saved_ns, saved = savings(r, &saved_ns);
    n1_html_put(page, "<dl class=\"tiles\">\n");
    findings_tile(page);
    tile_open(page, "queries", "Queries");
    n1_html_count(page, r->totals.statements);
    n1_html_put(page, "</b> <span>");
    n1_html_count(page, r->totals.fingerprints);
    n1_html_put(page, " different, ");
    n1_html_counted(page, r->totals.rows, "row", "rows");
    n1_html_put(page, "</span></dd></div>\n");
    tile_open(page, "would-do", "Would be enough");
    n1_html_count(page, r->totals.statements - saved);
    n1_html_put(page, "</b> <span>");
    if (saved > 0) {
        n1_html_count(page, saved);
        n1_html_put(page, " fewer, −");
        n1_html_percent(page, saved, r->totals.statements);
    } else
        n1_html_put(page, "as many as ran");
    n1_html_put(page, "</span></dd></div>\n");
    tile_open(page, "time", "Time in the database");
    n1_html_duration(page, r->totals.db_time_ns);
    n1_html_put(page, "</b> <span>");
    if (saved_ns > 0) {
        n1_html_put(page, "about ");
        n1_html_duration(page, saved_ns);
        n1_html_put(page, " to save");
    } else if (r->duration_ns > 0) {
        n1_html_put(page, "of ");
        n1_html_duration(page, r->duration_ns);
        n1_html_put(page, " in all");
    }
    n1_html_put(page, "</span></dd></div>\n</dl>\n");
}

static void run(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    char *command = n1_place_command(&page->places, r);
    n1_html_put(page, "<p class=\"run\"><code>");
    n1_html_line(page, command, N1_CLEAN_WORDS);
    g_free(command);
    n1_html_put(page, "</code>");
    if (r->duration_ns > 0) {
        n1_html_put(page, " ran ");
        n1_html_duration(page, r->duration_ns);
    }
    if (r->processes > 0) {
        n1_html_put(page, " in ");
        n1_html_counted(page, r->processes, "process", "processes");
        n1_html_put(page, ", ");
        n1_html_counted(page, r->threads, "thread", "threads");
    }
    n1_html_put(page, ", with ");
    n1_html_counted(page, r->totals.connections, "connection", "connections");
    if (r->totals.failed > 0) {
        n1_html_put(page, "; <span class=\"bad\">");
        n1_html_counted(page, r->totals.failed, "query", "queries");
        n1_html_put(page, " failed</span>");
    }
    if (n1_words_signal(r->exit_status) > 0)
        n1_html_format(page, "; ended by signal %d", n1_words_signal(r->exit_status));
    else if (r->exit_status >= 0)
        n1_html_format(page, "; exit status %d", r->exit_status);
    n1_html_put(page, r->has_values ? ". Real values were recorded.</p>\n" : ".</p>\n");
}

void n1_html_summary(struct n1_html *page)
{
    n1_html_put(page, "<section class=\"summary\" aria-label=\"Verdict\">\n");
    verdict(page);
    run(page);
    warnings(page);
    silence(page);
    if (page->report->totals.statements > 0)
        tiles(page);
    n1_html_put(page, "</section>\n");
}
