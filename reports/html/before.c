#include "reports/html/before.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/html/sql.h"
#include "reports/words.h"

#define FINDINGS_SHOWN 50

/* One query in both recordings; a recording that did not run it has NULL. */
struct change {
    const struct n1_statement *before, *after;
};

static uint64_t executions(const struct n1_statement *s)
{
    return s ? s->executions : 0;
}

static uint64_t time_ns(const struct n1_statement *s)
{
    return s ? s->db_time_ns : 0;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static const struct n1_statement *either(const struct change *c)
{
    return c->after ? c->after : c->before;
}

static int most_changed(const void *x, const void *y)
{
    const struct change *a = x, *b = y;
    uint64_t da = distance(executions(a->before), executions(a->after)),
             db = distance(executions(b->before), executions(b->after));
    if (da != db)
        return da > db ? -1 : 1;
    uint64_t fa = either(a)->fingerprint, fb = either(b)->fingerprint;
    return fa < fb ? -1 : fa > fb;
}

/* Queries whose number of executions differs, the greatest difference first. */
static GArray *changes(const struct n1_report *before, const struct n1_report *after)
{
    GArray *all = g_array_new(FALSE, TRUE, sizeof(struct change)),
           *changed = g_array_new(FALSE, TRUE, sizeof(struct change));
    GHashTable *place = g_hash_table_new(g_int64_hash, g_int64_equal); /* fingerprint → place + 1 */
    for (size_t i = 0; i < before->n_queries; i++) {
        struct change c = {.before = &before->query[i].statement};
        g_array_append_val(all, c);
        g_hash_table_insert(place, (gpointer)&c.before->fingerprint, GUINT_TO_POINTER(all->len));
    }
    for (size_t i = 0; i < after->n_queries; i++) {
        struct change c = {.after = &after->query[i].statement};
        guint at = GPOINTER_TO_UINT(g_hash_table_lookup(place, &c.after->fingerprint));
        if (at > 0)
            g_array_index(all, struct change, at - 1).after = c.after;
        else
            g_array_append_val(all, c);
    }
    for (guint i = 0; i < all->len; i++) {
        struct change *c = &g_array_index(all, struct change, i);
        if (executions(c->before) != executions(c->after))
            g_array_append_vals(changed, c, 1);
    }
    g_hash_table_destroy(place);
    g_array_free(all, TRUE);
    g_array_sort(changed, most_changed);
    return changed;
}

static void number(struct n1_html *page, uint64_t n, bool is_time)
{
    if (is_time && n == 0)
        n1_html_put(page, "–");
    else if (is_time)
        n1_html_duration(page, n);
    else
        n1_html_count(page, n);
}

static void pair(struct n1_html *page, uint64_t before, uint64_t after, bool is_time)
{
    n1_html_put(page, "<td class=\"n\">");
    number(page, before, is_time);
    n1_html_put(page, "</td><td class=\"n\">");
    number(page, after, is_time);
    n1_html_put(page, "</td>");
}

static void difference(struct n1_html *page, uint64_t before, uint64_t after, bool is_time)
{
    const char *what = after < before ? "good" : after > before ? "bad" : "same";
    n1_html_format(page, "<td class=\"n\"><span class=\"%s\">%s", what,
                   after < before   ? "−"
                   : after > before ? "+"
                                    : "±");
    number(page, distance(before, after), is_time);
    n1_html_put(page, "</span></td>");
}

static void totals(struct n1_html *page, const struct n1_report *b, const struct n1_report *a)
{
    const struct {
        const char *name;
        uint64_t before, after;
        bool is_time;
    } rows[] = {
        {"Queries", b->totals.statements, a->totals.statements, false},
        {"Different queries", b->totals.fingerprints, a->totals.fingerprints, false},
        {"Rows", b->totals.rows, a->totals.rows, false},
        {"Time in the database", b->totals.db_time_ns, a->totals.db_time_ns, true},
        {"Findings", n1_words_open_findings(b), n1_words_open_findings(a), false},
    };
    n1_html_put(page, "<div class=\"scroll totals\" role=\"region\" aria-label=\"Totals before and after\" "
                      "tabindex=\"0\"><table><thead><tr><th scope=\"col\">In all</th><th scope=\"col\" "
                      "class=\"n\">Before</th><th scope=\"col\" "
                      "class=\"n\">After</th><th scope=\"col\" class=\"n\">Change</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        n1_html_format(page, "<tr><th scope=\"row\">%s</th>", rows[i].name);
        pair(page, rows[i].before, rows[i].after, rows[i].is_time);
        difference(page, rows[i].before, rows[i].after, rows[i].is_time);
        n1_html_put(page, "</tr>\n");
    }
    n1_html_put(page, "</tbody></table></div>\n");
}

static bool has_finding(const struct n1_report *r, const struct n1_finding *f)
{
    for (size_t i = 0; i < r->n_findings; i++)
        if (!r->finding[i].is_suppressed && strcmp(r->finding[i].id, f->id) == 0)
            return true;
    return false;
}

/* Open findings of one that the other does not have. */
static void only_in(struct n1_html *page, const struct n1_report *one, const struct n1_report *other,
                    const char *class_name, const char *title)
{
    size_t count = 0;
    struct n1_places places = page->places;
    n1_places_init(&page->places, one, page->options); /* of the recording that the finding is in */
    for (size_t i = 0; i < one->n_findings && count <= FINDINGS_SHOWN; i++) {
        const struct n1_finding *f = &one->finding[i];
        if (f->is_suppressed || has_finding(other, f))
            continue;
        if (count++ == 0)
            n1_html_format(page, "<h3>%s</h3>\n<ul class=\"%s\">\n", title, class_name);
        if (count > FINDINGS_SHOWN) {
            n1_html_put(page, "<li>and more in the json report</li>\n");
            break;
        }
        n1_html_format(page, "<li><span class=\"tag kind\">%s</span> ", n1_rule_words[f->kind].title);
        n1_html_place(page, &f->child.location);
        n1_html_put(page, f->message && *f->message ? ": " : "");
        char *shown = n1_place_scrub(&page->places, f, f->message);
        n1_html_line(page, shown, N1_CLEAN_LABEL);
        g_free(shown);
        n1_html_put(page, "</li>\n");
    }
    n1_html_put(page, count > 0 ? "</ul>\n" : "");
    n1_places_release(&page->places);
    page->places = places;
}

static void queries(struct n1_html *page, const struct n1_report *before, size_t start)
{
    GArray *changed = changes(before, page->report);
    guint i = 0;
    n1_html_put(page, "<h3>Queries that run more or less often</h3>\n");
    if (changed->len == 0) {
        n1_html_put(page, "<p class=\"none\">Every query ran as often as before.</p>\n");
        g_array_free(changed, TRUE);
        return;
    }
    n1_html_put(
        page,
        "<div class=\"scroll\" role=\"region\" aria-label=\"Changed queries\" tabindex=\"0\"><table>\n<thead><tr><th "
        "scope=\"col\">Query</th><th scope=\"col\" class=\"n\">Before</th><th scope=\"col\" class=\"n\">After</th><th "
        "scope=\"col\" class=\"n\">Change</th><th scope=\"col\" class=\"n\">Time before</th><th scope=\"col\" "
        "class=\"n\">Time after</th></tr></thead>\n<tbody>\n");
    for (; i < changed->len && page->out->len - start < N1_HTML_BYTES_BEFORE; i++) {
        const struct change *c = &g_array_index(changed, struct change, i);
        n1_html_put(page, "<tr><th scope=\"row\"><code>");
        n1_html_sql_line(page, either(c)->sql, N1_CLEAN_LABEL);
        n1_html_put(page, "</code></th>");
        pair(page, executions(c->before), executions(c->after), false);
        difference(page, executions(c->before), executions(c->after), false);
        pair(page, time_ns(c->before), time_ns(c->after), true);
        n1_html_put(page, "</tr>\n");
    }
    n1_html_put(page, "</tbody></table></div>\n");
    if (i < changed->len)
        n1_html_format(page, "<p class=\"rest\">and %u more in the json report</p>\n", changed->len - i);
    g_array_free(changed, TRUE);
}

void n1_html_before(struct n1_html *page)
{
    const struct n1_report *before = page->options->before;
    size_t start = page->out->len;
    if (!before)
        return;
    n1_html_put(
        page,
        "<section id=\"before\" aria-labelledby=\"before-title\">\n<h2 id=\"before-title\">Before and after</h2>\n");
    totals(page, before, page->report);
    only_in(page, before, page->report, "gone", "Gone");
    only_in(page, page->report, before, "new", "New");
    queries(page, before, start);
    n1_html_put(page, "</section>\n");
}
