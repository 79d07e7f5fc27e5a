#include "reports/html/queries.h"

#include <inttypes.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/html/sql.h"

static const struct {
    const char *key, *title, *order; /* order: what the first click asks for */
} columns[] = {
    {"query", "Query", "ascending"},      {"times", "Times", "descending"}, {"rows", "Rows", "descending"},
    {"total", "Total", "descending"},     {"share", "Share", "descending"}, {"mean", "Mean", "descending"},
    {"longest", "Longest", "descending"},
};

static void header(struct n1_html *page)
{
    n1_html_put(page, "<thead><tr>");
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        n1_html_format(page, "<th scope=\"col\" data-key=\"%s\" data-first=\"%s\"%s%s>%s</th>", columns[i].key,
                       columns[i].order, i > 0 ? " class=\"n\"" : "",
                       columns[i].key[0] == 't' && columns[i].key[1] == 'o' ? " aria-sort=\"descending\"" : "",
                       columns[i].title);
    n1_html_put(page, "</tr></thead>\n");
}

/* The number of the first open finding whose child or parent this is; 0: none. */
static size_t finding_of(const struct n1_report *r, uint64_t fingerprint, bool *is_child)
{
    size_t number = 0, parent = 0;
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct n1_finding *f = &r->finding[i];
        if (f->is_suppressed)
            continue;
        number++;
        *is_child = f->child.fingerprint == fingerprint;
        if (*is_child)
            return number;
        if (parent == 0 && f->has_parent && f->parent.fingerprint == fingerprint)
            parent = number;
    }
    return parent;
}

static void number_cell(struct n1_html *page, uint64_t value, bool is_time)
{
    n1_html_format(page, "<td class=\"n\" data-value=\"%" PRIu64 "\">", value);
    if (is_time)
        n1_html_duration(page, value);
    else
        n1_html_count(page, value);
    n1_html_put(page, "</td>");
}

static void query_cell(struct n1_html *page, const struct n1_statement *s)
{
    bool is_child;
    size_t finding = finding_of(page->report, s->fingerprint, &is_child);
    n1_html_put(page, "<th scope=\"row\">");
    if (s->sql && strlen(s->sql) > N1_CLEAN_LABEL - 4) {
        n1_html_put(page, "<details><summary><code>");
        n1_html_sql_line(page, s->sql, N1_CLEAN_LABEL);
        n1_html_put(page, "</code></summary>");
        n1_html_sql(page, NULL, s->sql);
        n1_html_put(page, "</details>");
    } else {
        n1_html_put(page, "<code>");
        n1_html_sql_line(page, s->sql, N1_CLEAN_LABEL);
        n1_html_put(page, "</code>");
    }
    n1_html_put(page, "<p class=\"where\">");
    n1_html_place(page, &s->location);
    if (s->failed > 0) {
        n1_html_put(page, " · <span class=\"bad\">");
        n1_html_count(page, s->failed);
        n1_html_put(page, " failed</span>");
    }
    if (finding > 0 && finding <= page->findings_shown)
        n1_html_format(page, " · <a href=\"#finding-%zu\">%s finding %zu</a>", finding,
                       is_child ? "repeated in" : "drives", finding);
    n1_html_put(page, "</p></th>");
}

static void row(struct n1_html *page, const struct n1_query *q, size_t number)
{
    const struct n1_statement *s = &q->statement;
    uint64_t total = page->report->totals.db_time_ns;
    double share = total ? (double)s->db_time_ns / (double)total : 0.0;
    n1_html_format(page, "<tr id=\"query-%zu\" data-fingerprint=\"%016" PRIx64 "\">", number, s->fingerprint);
    query_cell(page, s);
    number_cell(page, s->executions, false);
    number_cell(page, s->rows, false);
    number_cell(page, s->db_time_ns, true);
    n1_html_format(page, "<td class=\"n share\" data-value=\"%" PRIu64 "\">", s->db_time_ns);
    n1_html_percent(page, s->db_time_ns, total);
    n1_html_put(page, "<svg class=\"bar\" aria-hidden=\"true\"><rect height=\"100%\"");
    n1_html_share(page, "width", share);
    n1_html_put(page, "/></svg></td>");
    number_cell(page, s->executions ? s->db_time_ns / s->executions : 0, true);
    number_cell(page, q->max_ns, true);
    n1_html_put(page, "</tr>\n");
}

void n1_html_queries(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    size_t start = page->out->len, i = 0;
    n1_html_put(
        page,
        "<section id=\"queries\" aria-labelledby=\"queries-title\">\n<h2 id=\"queries-title\">All queries</h2>\n");
    if (r->n_queries == 0) {
        n1_html_put(page, "<p class=\"none\">No query was recorded.</p>\n</section>\n");
        return;
    }
    n1_html_put(page,
                "<p class=\"hint\">Values are taken out of the statements; times are what the program waited for.</p>\n"
                "<p class=\"tools\" hidden><label>Search <input type=\"search\" id=\"search\" autocomplete=\"off\" "
                "spellcheck=\"false\"></label> <output id=\"found\" for=\"search\"></output></p>\n"
                "<div class=\"scroll\" role=\"region\" aria-label=\"All queries as a table\" tabindex=\"0\">\n"
                "<table id=\"query-table\" aria-labelledby=\"queries-title\">\n");
    header(page);
    n1_html_put(page, "<tbody>\n");
    for (; i < r->n_queries && page->out->len - start < N1_HTML_BYTES_QUERIES; i++)
        row(page, &r->query[i], i + 1);
    n1_html_put(page, "</tbody></table></div>\n");
    if (i < r->n_queries)
        n1_html_format(page, "<p class=\"rest\">and %zu more in the json report</p>\n", r->n_queries - i);
    n1_html_put(page, "</section>\n");
}
