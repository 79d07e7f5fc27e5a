#include "reports/html/finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/excerpt.h"
#include "reports/html/calls.h"
#include "reports/html/sql.h"
#include "reports/words.h"

#define SOURCE_COLUMNS 200
#define INDEX_FROM     3 /* findings that need a table of contents */
#define INDEX_SHOWN    12
#define REST_LISTED    100 /* suppressed findings named one by one */

static void title(struct n1_html *page, const struct n1_finding *f)
{
    const struct n1_suggestion *s = &f->suggestion;
    if (s->queries_before > s->queries_after) {
        n1_html_counted(page, s->queries_before, "query", "queries");
        n1_html_put(page, " where ");
        n1_html_count(page, s->queries_after);
        n1_html_put(page, " would do");
    } else {
        n1_html_counted(page, f->evidence.executions, "execution", "executions");
        n1_html_put(page, f->evidence.executions == 1 ? " that needs a look" : " that need a look");
    }
}

static void head(struct n1_html *page, const struct n1_finding *f, size_t number)
{
    struct n1_location where = n1_place_of_finding(&page->places, f);
    n1_html_format(
        page,
        "<article class=\"card is-%s\" id=\"finding-%zu\" aria-labelledby=\"finding-%zu-title\" data-kind=\"%s\" "
        "data-id=\"",
        n1_confidence_name(f->confidence), number, number, n1_kind_name(f->kind));
    n1_html_line(page, f->id, N1_CLEAN_LABEL);
    n1_html_format(
        page,
        "\">\n<header>\n<p class=\"tags\"><span class=\"tag kind\">%s</span> <span class=\"tag sure\">%s</span></p>\n",
        n1_rule_words[f->kind].title, n1_confidence_name(f->confidence));
    n1_html_format(page, "<h3 id=\"finding-%zu-title\"><a href=\"#finding-%zu\">", number, number);
    title(page, f);
    n1_html_put(page, "</a></h3>\n<p class=\"where\">");
    n1_html_place(page, &where);
    n1_html_put(page, "</p>\n</header>\n");
    if (f->message && *f->message) {
        n1_html_put(page, "<p class=\"message\">");
        n1_html_sentence(page, f, f->message);
        n1_html_put(page, "</p>\n");
    }
}

static void source_lines(struct n1_html *page, const struct n1_excerpt *lines, int at)
{
    for (int i = 0; i < lines->count; i++) {
        int number = lines->first + i;
        n1_html_put(page, number == at ? "<mark>" : "<span>");
        n1_html_format(page, "<i>%d</i>", number);
        n1_html_text(page, lines->line[i], SOURCE_COLUMNS);
        n1_html_put(page, number == at ? "</mark>" : "</span>");
        n1_html_put(page, "\n");
    }
}

static void source(struct n1_html *page, const char *what, const struct n1_location *where)
{
    struct n1_excerpt lines;
    if (!page->options->read_sources)
        return;
    n1_excerpt_read(&lines, page->report->working_directory, where->file, where->line);
    if (lines.count > 0) {
        n1_html_format(page, "<figure class=\"source\"><figcaption>%s ", what);
        n1_html_place(page, where);
        n1_html_put(page, "</figcaption><pre><code>");
        source_lines(page, &lines, where->line);
        n1_html_put(page, "</code></pre></figure>\n");
    }
    n1_excerpt_release(&lines);
}

static bool same_lines(const struct n1_location *a, const struct n1_location *b)
{
    return g_strcmp0(a->file, b->file) == 0 && abs(a->line - b->line) <= N1_EXCERPT_LINES / 2;
}

static void sources(struct n1_html *page, const struct n1_finding *f)
{
    struct n1_location where = n1_place_of_finding(&page->places, f);
    if (f->has_parent && !same_lines(&f->parent.location, &where))
        source(page, "The rows come from", &f->parent.location);
    source(page, "The queries come from", &where);
}

static void query(struct n1_html *page, const char *role, const char *what, const struct n1_statement *s)
{
    n1_html_format(page, "<div class=\"query %s\">\n<h4>%s</h4>\n<p class=\"figures\"><b>", role, what);
    n1_html_count(page, s->executions);
    n1_html_put(page, " ×</b> · ");
    n1_html_counted(page, s->rows, "row", "rows");
    n1_html_put(page, " · ");
    n1_html_duration(page, s->db_time_ns);
    if (s->failed > 0) {
        n1_html_put(page, " · ");
        n1_html_count(page, s->failed);
        n1_html_put(page, " failed");
    }
    if (s->location.file || s->location.function) {
        n1_html_put(page, " · ");
        n1_html_place(page, &s->location);
    }
    n1_html_put(page, "</p>\n");
    n1_html_sql(page, NULL, s->sql);
    if (s->example)
        n1_html_sql(page, "For example", s->example);
    n1_html_put(page, "</div>\n");
}

static void queries(struct n1_html *page, const struct n1_finding *f)
{
    n1_html_put(page, "<div class=\"queries\">\n");
    if (f->has_parent)
        query(page, "parent", "The query whose rows drive the loop", &f->parent);
    query(page, "child", f->has_parent ? "The query that runs for each row" : "The query that runs again and again",
          &f->child);
    n1_html_put(page, "</div>\n");
}

/* 1 query → 100 rows → 100 queries */
static void flow(struct n1_html *page, const struct n1_finding *f)
{
    const struct n1_evidence *e = &f->evidence;
    if (!f->has_parent)
        return;
    n1_html_put(page, "<p class=\"flow\"><span>");
    n1_html_counted(page, MAX(e->parent_executions, 1), "query", "queries");
    n1_html_put(page, "</span> <i>→</i> <span>");
    n1_html_counted(page, e->parent_rows, "row", "rows");
    n1_html_put(page, "</span> <i>→</i> <span class=\"many\">");
    n1_html_counted(page, e->executions, "query more", "queries more");
    n1_html_put(page, "</span></p>\n");
}

static void proof(struct n1_html *page, const struct n1_finding *f)
{
    GString *words = g_string_new(NULL);
    n1_words_proof(words, f);
    n1_html_format(page, "<div class=\"proof\">\n<h4>%s</h4>\n",
                   f->confidence == N1_PROVEN ? "The proof" : "What speaks for it");
    flow(page, f);
    n1_html_put(page, "<p>");
    n1_html_sentence(page, f, words->str);
    n1_html_put(page, "</p>\n</div>\n");
    g_string_free(words, TRUE);
}

/* "Its parent query is itself repeated: mend finding 1 first." */
static void cause(struct n1_html *page, const struct n1_finding *f)
{
    const struct n1_report *r = page->report;
    size_t number = 0;
    for (size_t i = 0; f->caused_by && i < r->n_findings; i++) {
        const struct n1_finding *other = &r->finding[i];
        number += !other->is_suppressed;
        if (other == f || other->is_suppressed || strcmp(other->id, f->caused_by) != 0)
            continue;
        n1_html_format(
            page,
            "<p>Its parent query is itself the repeated query of <a href=\"#finding-%zu\">finding %zu</a>: mend "
            "that one first.</p>\n",
            number, number);
        return;
    }
}

static void saving(struct n1_html *page, const struct n1_suggestion *s)
{
    if (s->queries_before <= s->queries_after)
        return;
    n1_html_put(page, "<p class=\"saving\">Saves <b>");
    n1_html_counted(page, s->queries_before - s->queries_after, "query", "queries");
    n1_html_put(page, "</b>");
    if (s->saved_ns > 0) {
        n1_html_put(page, " and about <b>");
        n1_html_duration(page, s->saved_ns);
        n1_html_put(page, "</b> in the database");
    }
    n1_html_put(page, ".</p>\n");
}

static void mend(struct n1_html *page, const struct n1_finding *f)
{
    const struct n1_suggestion *s = &f->suggestion;
    if (s->action == N1_ACTION_NONE && !s->text)
        return;
    n1_html_put(page, "<div class=\"mend\">\n<h4>The mend");
    if (s->action != N1_ACTION_NONE)
        n1_html_format(page, ": <code>%s</code>", n1_action_name(s->action));
    n1_html_put(page, "</h4>\n");
    cause(page, f);
    if (s->text && *s->text) {
        n1_html_put(page, "<p>");
        n1_html_sentence(page, f, s->text);
        n1_html_put(page, "</p>\n");
    }
    if (s->code && *s->code)
        n1_html_code(page, "In the program", s->code);
    if (s->sql && *s->sql)
        n1_html_sql(page, "One statement instead of the loop", s->sql);
    saving(page, s);
    n1_html_put(page, "</div>\n");
}

static void card(struct n1_html *page, const struct n1_finding *f, size_t number)
{
    head(page, f, number);
    sources(page, f);
    queries(page, f);
    proof(page, f);
    mend(page, f);
    n1_html_calls(page, &f->child.stack);
    n1_html_put(page, "</article>\n");
}

static void suppressed(struct n1_html *page, size_t count)
{
    const struct n1_report *r = page->report;
    size_t listed = 0;
    if (count == 0)
        return;
    n1_html_put(page, "<details class=\"suppressed\"><summary>");
    n1_html_counted(page, count, "finding is suppressed", "findings are suppressed");
    n1_html_put(page, "</summary>\n<ul>\n");
    for (size_t i = 0; i < r->n_findings && listed < REST_LISTED; i++) {
        const struct n1_finding *f = &r->finding[i];
        if (!f->is_suppressed)
            continue;
        listed++;
        n1_html_format(page, "<li>%s, ", n1_rule_words[f->kind].title);
        n1_html_place(page, &f->child.location);
        n1_html_put(page, f->suppressed_by ? ": " : "");
        n1_html_line(page, f->suppressed_by, N1_CLEAN_LABEL);
        n1_html_put(page, "</li>\n");
    }
    if (count > listed)
        n1_html_format(page, "<li>and %zu more in the json report</li>\n", count - listed);
    n1_html_put(page, "</ul></details>\n");
}

/* What there is, a line each, before the cards. */
static void index_of(struct n1_html *page, size_t open)
{
    const struct n1_report *r = page->report;
    size_t number = 0;
    if (open < INDEX_FROM)
        return;
    n1_html_put(page, "<ol class=\"index\">\n");
    for (size_t i = 0; i < r->n_findings && number < INDEX_SHOWN; i++) {
        const struct n1_finding *f = &r->finding[i];
        if (f->is_suppressed)
            continue;
        struct n1_location where = n1_place_of_finding(&page->places, f);
        n1_html_format(page, "<li class=\"is-%s\"><a href=\"#finding-%zu\">", n1_confidence_name(f->confidence),
                       ++number);
        title(page, f);
        n1_html_put(page, "</a> <span>");
        n1_html_place(page, &where);
        n1_html_format(page, "</span> <span class=\"tag sure\">%s</span></li>\n", n1_confidence_name(f->confidence));
    }
    n1_html_put(page, "</ol>\n");
    if (open > number)
        n1_html_format(page, "<p class=\"rest\">and %zu more below</p>\n", open - number);
}

void n1_html_findings(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    size_t open = n1_words_open_findings(r), number = 0, start = page->out->len;
    n1_html_put(
        page,
        "<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 id=\"findings-title\">Findings</h2>\n");
    index_of(page, open);
    for (size_t i = 0; i < r->n_findings; i++) {
        if (r->finding[i].is_suppressed)
            continue;
        size_t before = page->out->len;
        card(page, &r->finding[i], ++number);
        if (page->out->len - start > N1_HTML_BYTES_FINDINGS && number > 1) {
            g_string_truncate(page->out, before);
            number--;
            break;
        }
    }
    page->findings_shown = number;
    if (open == 0)
        n1_html_put(page, r->totals.statements ? "<p class=\"none\">Nothing to mend was found.</p>\n"
                                               : "<p class=\"none\">Nothing was recorded that could be judged.</p>\n");
    if (number < open)
        n1_html_format(page, "<p class=\"rest\">and %zu more in the json report</p>\n", open - number);
    suppressed(page, r->n_findings - open);
    n1_html_put(page, "</section>\n");
}
