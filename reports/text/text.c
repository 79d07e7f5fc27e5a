/* The report for a person at a terminal: verdict, findings with place, proof and mend, then totals. */
#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "reports/report.h"
#include "reports/text/finding.h"
#include "reports/text/page.h"
#include "reports/text/sql.h"
#include "reports/words.h"

#define QUERIES_SHOWN 5
#define SCOPES_SHOWN  10
#define IN_FULL       8 /* findings, the worst; the others take two lines each */

static void verdict_on(const struct n1_page *page, const struct n1_finding *f, size_t more)
{
    char *place = n1_page_place(page, &f->child.location);
    GString *text = g_string_new("n1prof: ");
    n1_words_saving(text, f);
    g_string_append_printf(text, ", %s%s", f->child.location.file ? "at " : "", place);
    if (more > 0)
        g_string_append_printf(text, "; and %zu more finding%s", more, n1_words_s(more));
    n1_page_wrap(page, f->confidence == N1_PROVEN ? N1_INK_RED : N1_INK_YELLOW, 0, text->str);
    g_string_free(text, TRUE);
    g_free(place);
}

static void verdict(const struct n1_page *page, const struct n1_report *r, size_t findings)
{
    for (size_t i = 0; i < r->n_findings; i++)
        if (!r->finding[i].is_suppressed) {
            verdict_on(page, &r->finding[i], findings - 1);
            return;
        }
    if (r->totals.statements == 0 && r->is_complete)
        n1_page_wrap(page, N1_INK_YELLOW, 0, "n1prof: no database call was recorded");
    else if (r->totals.statements == 0)
        n1_page_wrap(page, N1_INK_YELLOW, 0,
                     "n1prof: no database call was recorded, and the recording is not complete");
    else if (!r->is_complete)
        n1_page_wrap(page, N1_INK_YELLOW, 0, "n1prof: no N+1 queries found in what was recorded, which is not all");
    else
        n1_page_wrap(page, N1_INK_GREEN, 0, "n1prof: no N+1 queries found");
}

static void warnings(const struct n1_page *page, const struct n1_report *r)
{
    if (!r->is_complete && r->n_warnings == 0 && r->lost_events == 0)
        n1_page_say(page, N1_INK_YELLOW, 0,
                    "Warning: the program was killed, or is still running; what it had not finished is missing.");
    else if (!r->is_complete && r->n_warnings == 0)
        n1_page_say(page, N1_INK_YELLOW, 0, "Warning: the recording is not complete; %" PRIu64 " event%s were lost.",
                    r->lost_events, n1_words_s(r->lost_events));
    for (size_t i = 0; i < r->n_warnings; i++)
        n1_page_say(page, N1_INK_YELLOW, 0, "Warning: %s", r->warning[i]);
    if (!r->is_complete || r->n_warnings > 0)
        fputc('\n', page->out);
}

static void nothing_recorded(const struct n1_page *page)
{
    n1_page_wrap(
        page, N1_INK_PLAIN, 0,
        "n1prof sees calls to SQLite and to PostgreSQL's libpq in shared libraries. It sees nothing when the program "
        "made no call, talks to another database, carries its database client inside itself (statically linked, as "
        "Go and many Node.js programs do), or was started in a way that drops LD_PRELOAD (setuid, env -i, another "
        "machine, a container, a service that was already running). n1prof doctor, with the program behind it, tells "
        "which.");
    fputc('\n', page->out);
}

static void suppressed(const struct n1_page *page, const struct n1_report *r, size_t findings)
{
    if (r->n_findings == findings)
        return;
    n1_page_say(page, N1_INK_PLAIN, 0, "%zu finding%s suppressed:", r->n_findings - findings,
                n1_words_s(r->n_findings - findings));
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct n1_finding *f = &r->finding[i];
        if (!f->is_suppressed)
            continue;
        char *place = n1_page_place(page, &f->child.location);
        n1_page_say(page, N1_INK_DIM, 2, "%s %s %s%s%s", f->id, n1_kind_name(f->kind), place,
                    f->suppressed_by ? ": " : "", f->suppressed_by ? f->suppressed_by : "");
        g_free(place);
    }
    fputc('\n', page->out);
}

static void totals(const struct n1_page *page, const struct n1_report *r)
{
    char database[32], whole[32];
    n1_page_duration(database, r->totals.db_time_ns);
    n1_page_duration(whole, r->duration_ns);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%" PRIu64 " statement%s (%" PRIu64 " different), %" PRIu64 " row%s, ",
                           r->totals.statements, n1_words_s(r->totals.statements), r->totals.fingerprints,
                           r->totals.rows, n1_words_s(r->totals.rows));
    if (r->totals.failed > 0)
        g_string_append_printf(text, "%" PRIu64 " failed, ", r->totals.failed);
    g_string_append_printf(text, "%s in the database; %" PRIu64 " connection%s, %u process%s, %u thread%s", database,
                           r->totals.connections, n1_words_s(r->totals.connections), r->processes,
                           r->processes == 1 ? "" : "es", r->threads, n1_words_s(r->threads));
    if (r->duration_ns > 0)
        g_string_append_printf(text, "; the program ran %s", whole);
    if (n1_words_signal(r->exit_status) > 0)
        g_string_append_printf(text, "; ended by signal %d", n1_words_signal(r->exit_status));
    else if (r->exit_status > 0)
        g_string_append_printf(text, "; exit status %d", r->exit_status);
    g_string_append(text, r->has_values ? "; real values were recorded." : ".");
    n1_page_put(page, N1_INK_BOLD, "In all");
    fputc('\n', page->out);
    n1_page_wrap(page, N1_INK_PLAIN, 2, text->str);
    g_string_free(text, TRUE);
}

static void top_queries(const struct n1_page *page, const struct n1_report *r)
{
    if (r->n_queries == 0)
        return;
    fputc('\n', page->out);
    n1_page_put(page, N1_INK_BOLD, "Most time in the database");
    fputc('\n', page->out);
    n1_page_put(page, N1_INK_DIM, "  %10s %8s %9s  %s", "time", "times", "rows", "statement");
    fputc('\n', page->out);
    for (size_t i = 0; i < r->n_queries && i < QUERIES_SHOWN; i++) {
        const struct n1_statement *s = &r->query[i].statement;
        char time[32];
        n1_page_duration(time, s->db_time_ns);
        char *sql = n1_page_sql_line(s->sql, page->width - 33);
        fprintf(page->out, "  %10s %8" PRIu64 " %9" PRIu64 "  %s\n", time, s->executions, s->rows, sql);
        g_free(sql);
        if (s->location.file) {
            char *place = n1_page_place(page, &s->location);
            n1_page_wrap(page, N1_INK_DIM, 33, place);
            g_free(place);
        }
    }
    if (r->n_queries > QUERIES_SHOWN)
        n1_page_say(page, N1_INK_DIM, 2, "and %zu more in the json report", r->n_queries - QUERIES_SHOWN);
}

static gint by_most(gconstpointer x, gconstpointer y)
{
    const struct n1_scope *a = *(const struct n1_scope *const *)x, *b = *(const struct n1_scope *const *)y;
    if (a->most_statements != b->most_statements)
        return a->most_statements < b->most_statements ? 1 : -1;
    return a < b ? -1 : 1; /* by name, as in the model */
}

static void scopes(const struct n1_page *page, const struct n1_report *r)
{
    if (r->n_scopes == 0)
        return;
    GPtrArray *list = g_ptr_array_new();
    for (size_t i = 0; i < r->n_scopes; i++)
        g_ptr_array_add(list, (gpointer)(uintptr_t)&r->scope[i]);
    g_ptr_array_sort(list, by_most);
    fputc('\n', page->out);
    n1_page_put(page, N1_INK_BOLD, "Most queries in one scope");
    fputc('\n', page->out);
    n1_page_put(page, N1_INK_DIM, "  %10s %8s %9s  %s", "most", "in all", "entered", "scope");
    fputc('\n', page->out);
    for (guint i = 0; i < list->len && i < SCOPES_SHOWN; i++) {
        const struct n1_scope *scope = g_ptr_array_index(list, i);
        char *name = n1_page_sql_line(scope->name, page->width - 33);
        fprintf(page->out, "  %10" PRIu64 " %8" PRIu64 " %9" PRIu64 "  %s\n", scope->most_statements, scope->statements,
                scope->entries, name);
        g_free(name);
    }
    if (list->len > SCOPES_SHOWN)
        n1_page_say(page, N1_INK_DIM, 2, "and %u more in the json report", list->len - SCOPES_SHOWN);
    g_ptr_array_free(list, TRUE);
}

/* The open findings by their numbers, each cause's others behind its first one. */
struct order {
    struct n1_shown *shown;
    size_t *siblings; /* of the first of a cause */
    size_t count, causes;
};

static void order_by_cause(struct order *order, const struct n1_report *r, bool are_grouped)
{
    size_t number = 0;
    bool *is_placed = g_new0(bool, r->n_findings + 1);
    for (size_t i = 0; i < r->n_findings; i++) {
        if (r->finding[i].is_suppressed)
            continue;
        number++;
        if (is_placed[i])
            continue;
        const size_t first = order->count;
        order->shown[order->count++] = (struct n1_shown){&r->finding[i], number};
        for (size_t k = i + 1, other = number; k < r->n_findings && are_grouped; k++) {
            const struct n1_finding *f = &r->finding[k];
            other += !f->is_suppressed;
            if (f->is_suppressed || is_placed[k] || !n1_finding_is_sibling(&r->finding[i], f))
                continue;
            is_placed[k] = true;
            order->shown[order->count++] = (struct n1_shown){f, other};
        }
        order->siblings[first] = order->count - first - 1;
        order->causes++;
    }
    g_free(is_placed);
}

static void list(const struct n1_page *page, const struct n1_report *r, size_t findings, bool read_sources)
{
    struct order order = {g_new0(struct n1_shown, findings + 1), g_new0(size_t, findings + 1), 0, 0};
    order_by_cause(&order, r, !page->shows_all);
    /* One line about a single further one would not be shorter by much. */
    const size_t in_full = page->shows_all || order.causes <= IN_FULL + 1 ? order.causes : IN_FULL;
    struct n1_shown *earlier = g_new0(struct n1_shown, in_full + 1);
    size_t at = 0, shown = 0;
    for (; shown < in_full; at += 1 + order.siblings[at]) {
        n1_page_finding(page, r, &order.shown[at], &(struct n1_earlier){earlier, shown}, findings, read_sources);
        n1_page_siblings(page, &order.shown[at + 1], order.siblings[at]);
        earlier[shown++] = order.shown[at];
    }
    for (size_t first = at; at < findings; at++)
        n1_page_finding_in_short(page, order.shown[at].finding, order.shown[at].number, at == first);
    if (in_full < order.causes)
        fputc('\n', page->out);
    g_free(earlier);
    g_free(order.shown);
    g_free(order.siblings);
}

static int write_text(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct n1_page page = {.out = out,
                           .width = options->columns ? options->columns : N1_PAGE_COLUMNS,
                           .use_colour = options->use_colour,
                           .shows_all = options->shows_all,
                           .folder = report->working_directory};
    size_t findings = n1_words_open_findings(report);
    verdict(&page, report, findings);
    fputc('\n', out);
    warnings(&page, report);
    if (report->totals.statements == 0)
        nothing_recorded(&page);
    list(&page, report, findings, options->read_sources);
    suppressed(&page, report, findings);
    totals(&page, report);
    top_queries(&page, report);
    scopes(&page, report);
    return ferror(out) ? -1 : 0;
}

const struct n1_report_format n1_report_text = {
    .name = "text",
    .description = "for a person: verdict, place, proof, mend (the default)",
    .write = write_text,
};
