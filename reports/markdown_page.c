#include "reports/markdown_page.h"

#include <inttypes.h>

#include "reports/escape.h"
#include "reports/places.h"
#include "reports/story.h"
#include "reports/text/page.h"
#include "reports/words.h"

#define CALLS_SHOWN 12
#define RESERVE     400 /* bytes for saying what was left out */

struct page {
    const struct n1_report *report;
    const struct n1_markdown_limits *limits;
    struct n1_places places;
    GString *out;
};

static void words(GString *out, const char *text, size_t most)
{
    char *clean = n1_clean_line(text, most);
    n1_append_markdown(out, clean);
    g_free(clean);
}

static void code(GString *out, const char *text, size_t most)
{
    char *clean = n1_clean_line(text, most);
    if (*clean)
        n1_append_markdown_code(out, clean);
    g_free(clean);
}

/* SQL in a table. */
static void label(GString *out, const char *text)
{
    char *clean = n1_clean_label(text);
    if (*clean)
        n1_append_markdown_code(out, clean);
    g_free(clean);
}

static void fence(GString *out, const char *text, const char *language)
{
    char *clean = n1_clean(text, N1_CLEAN_BODY);
    n1_append_markdown_fence(out, clean, language);
    g_free(clean);
}

static void place(const struct page *p, GString *out, const struct n1_location *where)
{
    char *text = n1_place_words(&p->places, where);
    if (text)
        code(out, text, N1_CLEAN_WORDS);
    else
        g_string_append(out, "an unknown place");
    g_free(text);
}

/* " at shop.c:12 in main()", " in main()" */
static void at_place(const struct page *p, GString *out, const struct n1_location *where)
{
    g_string_append(out, where->file || !where->function ? " at " : " ");
    place(p, out, where);
}

static void scrubbed_words(const struct page *p, GString *out, const struct n1_finding *f, const char *text)
{
    char *scrubbed = n1_place_scrub(&p->places, f, text);
    words(out, scrubbed, N1_CLEAN_WORDS);
    g_free(scrubbed);
}

static void sentence(const struct page *p, GString *out, const struct n1_finding *f, const char *text)
{
    GString *whole = g_string_new(NULL);
    n1_words_sentence(whole, text);
    scrubbed_words(p, out, f, whole->str);
    g_string_free(whole, TRUE);
}

static void duration(GString *out, uint64_t ns)
{
    char time[32];
    n1_page_duration(time, ns);
    g_string_append(out, time);
}

static void head(const struct page *p)
{
    GString *line = g_string_new(NULL);
    char *command = n1_place_command(&p->places, p->report);
    n1_words_verdict(line, p->report);
    g_string_append(p->out, "## n1prof: ");
    words(p->out, line->str, N1_CLEAN_WORDS);
    g_string_append(p->out, "\n\n");
    g_string_truncate(line, 0);
    n1_words_totals(line, p->report);
    n1_append_markdown_code(p->out, command);
    g_string_append(p->out, ": ");
    words(p->out, line->str, N1_CLEAN_WORDS);
    g_string_append(p->out, ".\n");
    g_free(command);
    g_string_free(line, TRUE);
}

static void warnings(const struct page *p)
{
    if (!p->report->is_complete)
        g_string_append(p->out, "\n> **The recording is not complete**; counts may be too low.\n");
    for (size_t i = 0; i < p->report->n_warnings && p->out->len < p->limits->bytes / 4; i++) {
        g_string_append(p->out, "\n> ");
        scrubbed_words(p, p->out, NULL, p->report->warning[i]);
        g_string_append_c(p->out, '\n');
    }
}

static void table_row(const struct page *p, GString *row, const struct n1_finding *f, size_t number)
{
    struct n1_location where = n1_place_of_finding(&p->places, f);
    g_string_append_printf(row, "| %zu | %s | %s | ", number, n1_rule_words[f->kind].title,
                           n1_confidence_name(f->confidence));
    place(p, row, &where);
    if (f->suggestion.queries_before > f->suggestion.queries_after)
        g_string_append_printf(row, " | %" PRIu64 " → %" PRIu64 " | ", f->suggestion.queries_before,
                               f->suggestion.queries_after);
    else
        g_string_append_printf(row, " | %" PRIu64 " | ", f->evidence.executions);
    label(row, f->child.sql);
    g_string_append(row, " |\n");
}

/* Whether text still fits into the page's share of `bytes`; it is appended then. */
static bool fits(const struct page *p, const GString *text, size_t bytes)
{
    if (p->out->len + text->len + RESERVE > bytes)
        return false;
    g_string_append_len(p->out, text->str, (gssize)text->len);
    return true;
}

static void left_out(const struct page *p, size_t count, const char *what)
{
    if (count > 0)
        g_string_append_printf(p->out, "\n… and %zu more %s%s; the html and json reports show all.\n", count, what,
                               n1_words_s(count));
}

static void table(const struct page *p)
{
    size_t number = 0, open = n1_words_open_findings(p->report);
    if (open == 0)
        return;
    g_string_append(p->out, "\n| # | finding | how sure | where | queries | statement |\n"
                            "| ---: | --- | --- | --- | ---: | --- |\n");
    for (size_t i = 0; i < p->report->n_findings && number < p->limits->findings; i++) {
        if (p->report->finding[i].is_suppressed)
            continue;
        GString *row = g_string_new(NULL);
        table_row(p, row, &p->report->finding[i], number + 1);
        bool fitted = fits(p, row, p->limits->bytes / 2);
        g_string_free(row, TRUE);
        if (!fitted)
            break;
        number++;
    }
    left_out(p, open - number, "finding");
}

static void statement(const struct page *p, GString *out, const char *title, const struct n1_statement *s)
{
    g_string_append_printf(out, "\n**%s**: %" PRIu64 " execution%s, %" PRIu64 " row%s, ", title, s->executions,
                           n1_words_s(s->executions), s->rows, n1_words_s(s->rows));
    duration(out, s->db_time_ns);
    g_string_append_c(out, ',');
    at_place(p, out, &s->location);
    g_string_append(out, "\n\n");
    fence(out, s->sql, "sql");
}

/* Only where there is more to tell than the places of the two queries. */
static void calls(const struct page *p, GString *out, const struct n1_finding *f)
{
    struct n1_story story;
    n1_story_tell(&story, f);
    bool has_calls = story.count > (f->has_parent ? 2 : 1);
    if (has_calls)
        g_string_append(out, "\n**The way there**\n\n");
    for (size_t i = 0; has_calls && i < story.count; i++) {
        if (i == CALLS_SHOWN && story.count > CALLS_SHOWN + 1) {
            g_string_append_printf(out, "1. … %zu more calls\n", story.count - 1 - i);
            i = story.count - 1;
        }
        g_string_append(out, "1. ");
        place(p, out, &story.step[i].where);
        g_string_append_printf(out, ": %s\n", story.step[i].text);
    }
    n1_story_release(&story);
}

static void mend(const struct page *p, GString *out, const struct n1_finding *f)
{
    const struct n1_suggestion *s = &f->suggestion;
    g_string_append(out, "\n**The mend**: ");
    sentence(p, out, f, s->text ? s->text : "none known");
    if (s->queries_before > s->queries_after) {
        g_string_append_printf(out, " %" PRIu64 " → %" PRIu64 " %s", s->queries_before, s->queries_after,
                               n1_noun(s->queries_after, "query", "queries"));
        if (s->saved_ns > 0) {
            g_string_append(out, ", about ");
            duration(out, s->saved_ns);
            g_string_append(out, " less in the database");
        }
        g_string_append_c(out, '.');
    }
    g_string_append_c(out, '\n');
    if (s->code) {
        g_string_append_c(out, '\n');
        fence(out, s->code, "");
    }
    if (s->sql) {
        g_string_append_c(out, '\n');
        fence(out, s->sql, "sql");
    }
}

static void block(const struct page *p, GString *out, const struct n1_finding *f, size_t number)
{
    struct n1_location where = n1_place_of_finding(&p->places, f);
    GString *proof = g_string_new(NULL);
    n1_words_proof(proof, f);
    g_string_append_printf(out, "\n<details>\n<summary>%zu. %s", number, n1_rule_words[f->kind].title);
    at_place(p, out, &where);
    g_string_append(out, "</summary>\n\n");
    sentence(p, out, f, f->message ? f->message : n1_rule_words[f->kind].summary);
    g_string_append_printf(out, "\n\n**%s**: ", f->confidence == N1_PROVEN ? "The proof" : "What speaks for it");
    words(out, proof->str, N1_CLEAN_WORDS);
    g_string_append_c(out, '\n');
    if (f->has_parent)
        statement(p, out, "The query whose rows drive the loop", &f->parent);
    statement(p, out, f->has_parent ? "The query that runs for each row" : "The query", &f->child);
    calls(p, out, f);
    mend(p, out, f);
    g_string_append_printf(out, "\n<sub>%s, id ", n1_kind_name(f->kind));
    code(out, f->id, N1_CLEAN_LABEL);
    g_string_append(out, "</sub>\n\n</details>\n");
    g_string_free(proof, TRUE);
}

static void blocks(const struct page *p)
{
    size_t number = 0, open = n1_words_open_findings(p->report);
    for (size_t i = 0; i < p->report->n_findings; i++) {
        if (p->report->finding[i].is_suppressed)
            continue;
        GString *text = g_string_new(NULL);
        block(p, text, &p->report->finding[i], number + 1);
        bool fitted = fits(p, text, p->limits->bytes);
        g_string_free(text, TRUE);
        if (!fitted)
            break;
        number++;
    }
    if (number < open)
        g_string_append_printf(p->out, "\n… %zu finding%s without details here; the html and json reports show all.\n",
                               open - number, n1_words_s(open - number));
}

static void suppressed(const struct page *p)
{
    size_t count = p->report->n_findings - n1_words_open_findings(p->report), shown = 0;
    if (count == 0)
        return;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "\n<details>\n<summary>%zu suppressed</summary>\n\n", count);
    for (size_t i = 0; i < p->report->n_findings && shown < p->limits->findings; i++) {
        const struct n1_finding *f = &p->report->finding[i];
        if (!f->is_suppressed)
            continue;
        g_string_append_printf(text, "- %s", n1_rule_words[f->kind].title);
        at_place(p, text, &f->child.location);
        g_string_append(text, ": ");
        words(text, f->suppressed_by ? f->suppressed_by : "without a reason", N1_CLEAN_WORDS);
        g_string_append_c(text, '\n');
        shown++;
    }
    g_string_append_printf(text, "%s\n</details>\n", shown < count ? "- …\n" : "");
    fits(p, text, p->limits->bytes);
    g_string_free(text, TRUE);
}

static void queries(const struct page *p)
{
    if (p->report->n_queries == 0)
        return;
    GString *text = g_string_new("\n<details>\n<summary>Most time in the database</summary>\n\n"
                                 "| time | times | rows | statement | where |\n"
                                 "| ---: | ---: | ---: | --- | --- |\n");
    for (size_t i = 0; i < p->report->n_queries && i < p->limits->queries; i++) {
        const struct n1_statement *s = &p->report->query[i].statement;
        g_string_append(text, "| ");
        duration(text, s->db_time_ns);
        g_string_append_printf(text, " | %" PRIu64 " | %" PRIu64 " | ", s->executions, s->rows);
        label(text, s->sql);
        g_string_append(text, " | ");
        place(p, text, &s->location);
        g_string_append(text, " |\n");
    }
    g_string_append(text, "\n</details>\n");
    fits(p, text, p->limits->bytes);
    g_string_free(text, TRUE);
}

GString *n1_markdown_page(const struct n1_report *report, const struct n1_report_options *options,
                          const struct n1_markdown_limits *limits)
{
    struct page p = {.report = report, .limits = limits, .out = g_string_new(NULL)};
    n1_places_init(&p.places, report, options);
    head(&p);
    warnings(&p);
    table(&p);
    blocks(&p);
    suppressed(&p);
    queries(&p);
    n1_places_release(&p.places);
    return p.out;
}
