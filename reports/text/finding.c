#include "reports/text/finding.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "reports/text/sql.h"
#include "reports/text/way.h"
#include "reports/words.h"

#define INDENT      2
#define DEEPER      6
#define QUERY_BYTES 480 /* of a statement of the program's, which its owner knows */

static enum n1_ink ink_of(enum n1_confidence confidence)
{
    return confidence == N1_PROVEN ? N1_INK_RED : N1_INK_YELLOW;
}

/* "--- 1 of 3: N+1 queries, proven -------------------------------- 1f0c… ---" */
static void heading(const struct n1_page *page, const struct n1_finding *f, size_t number, size_t count)
{
    char *left = g_strdup_printf("--- %zu of %zu: %s, %s ", number, count, n1_rule_words[f->kind].title,
                                 n1_confidence_name(f->confidence));
    char *id = n1_page_clean(f->id);
    size_t used = strlen(left) + strlen(id) + 5;
    GString *rule = g_string_new(left);
    for (size_t i = used; i < page->width; i++)
        g_string_append_c(rule, '-');
    g_string_append_printf(rule, " %s ---", id);
    n1_page_put(page, ink_of(f->confidence), "%s", rule->str);
    fputs("\n\n", page->out);
    g_string_free(rule, TRUE);
    g_free(left);
    g_free(id);
}

/* A statement that a line does not hold, and that was shown already. */
static size_t shown_in(const struct n1_page *page, const struct n1_earlier *earlier, const char *sql)
{
    return sql && !page->shows_all && strlen(sql) > page->width - DEEPER ? n1_earlier_sql(earlier, sql) : 0;
}

static void query(const struct n1_page *page, const char *title, const struct n1_statement *s, bool with_place,
                  const struct n1_earlier *earlier)
{
    const size_t number = shown_in(page, earlier, s->sql);
    char time[32];
    n1_page_duration(time, s->db_time_ns);
    n1_page_labelled(page, INDENT, title, "%" PRIu64 " x, %" PRIu64 " %s, %s", s->executions, s->rows,
                     n1_noun(s->rows, "row", "rows"), time);
    if (with_place && s->location.file) {
        char *place = n1_page_place(page, &s->location);
        n1_page_say(page, N1_INK_CYAN, DEEPER, "at %s", place);
        g_free(place);
    }
    if (number) {
        char *note = g_strdup_printf(" (finding %zu has all of it)", number);
        char *line = n1_page_sql_reminder(s->sql, page->width - DEEPER - strlen(note));
        fprintf(page->out, "%*s%s%s\n", DEEPER, "", line, note);
        g_free(line);
        g_free(note);
    } else {
        n1_page_sql(page, DEEPER, s->sql, QUERY_BYTES);
    }
    if (s->example) {
        n1_page_say(page, N1_INK_DIM, DEEPER, "for example:");
        n1_page_sql(page, DEEPER, s->example, QUERY_BYTES);
    }
    fputc('\n', page->out);
}

static void proof(const struct n1_page *page, const struct n1_finding *f)
{
    GString *text = g_string_new(NULL);
    n1_words_proof(text, f);
    n1_page_put(page, N1_INK_BOLD, "%*s%s", INDENT, "",
                f->confidence == N1_PROVEN ? "The proof" : "What speaks for it");
    fputc('\n', page->out);
    n1_page_wrap(page, N1_INK_PLAIN, DEEPER, text->str);
    fputc('\n', page->out);
    g_string_free(text, TRUE);
}

/* Code keeps its lines and its indentation. */
static void code(const struct n1_page *page, const char *text)
{
    char **line = g_strsplit(text, "\n", 12);
    for (char **l = line; *l; l++) {
        char *clean = n1_page_clean(*l);
        n1_page_put(page, N1_INK_GREEN, "%*s%s", DEEPER + 2, "", clean);
        fputc('\n', page->out);
        g_free(clean);
    }
    g_strfreev(line);
}

static void replacement(const struct n1_page *page, const char *sql, const struct n1_earlier *earlier)
{
    const size_t number = page->shows_all ? 0 : n1_earlier_replacement(earlier, sql);
    if (number) {
        n1_page_say(page, N1_INK_PLAIN, DEEPER, "One statement instead of the loop: that of finding %zu.", number);
        return;
    }
    n1_page_wrap(page, N1_INK_PLAIN, DEEPER, "One statement instead of the loop:");
    n1_page_sql(page, DEEPER + 2, sql, N1_SQL_SHOWN_BYTES);
}

static void mend(const struct n1_page *page, const struct n1_finding *f, const struct n1_earlier *earlier)
{
    const struct n1_suggestion *s = &f->suggestion;
    const size_t number = page->shows_all ? 0 : n1_earlier_mend(earlier, s);
    char time[32];
    if (s->action == N1_ACTION_NONE && !s->text)
        return;
    n1_page_put(page, N1_INK_BOLD, "%*sThe mend", INDENT, "");
    if (s->action != N1_ACTION_NONE)
        fprintf(page->out, ": %s", n1_action_name(s->action));
    if (number)
        fprintf(page->out, ", as in finding %zu", number);
    fputc('\n', page->out);
    if (s->text && !number)
        n1_page_sentence(page, N1_INK_PLAIN, DEEPER, s->text);
    if (s->code && !number)
        code(page, s->code);
    if (s->sql && !number)
        replacement(page, s->sql, earlier);
    fputc('\n', page->out);
    if (s->queries_before <= s->queries_after)
        return;
    GString *saving = g_string_new(NULL);
    g_string_append_printf(saving, "%" PRIu64 " %s where %" PRIu64 " ran", s->queries_after,
                           n1_noun(s->queries_after, "query", "queries"), s->queries_before);
    if (s->saved_ns > 0) {
        n1_page_duration(time, s->saved_ns);
        g_string_append_printf(saving, ", about %s less in the database", time);
    }
    n1_page_labelled(page, INDENT, "The saving", "%s", saving->str);
    fputc('\n', page->out);
    g_string_free(saving, TRUE);
}

static void cause(const struct n1_page *page, const struct n1_report *report, const struct n1_finding *f)
{
    size_t number = 0;
    if (!f->caused_by)
        return;
    for (size_t i = 0; i < report->n_findings; i++) {
        const struct n1_finding *other = &report->finding[i];
        number += !other->is_suppressed;
        if (!other->is_suppressed && strcmp(other->id, f->caused_by) == 0) {
            n1_page_say(page, N1_INK_PLAIN, INDENT,
                        "Its parent query is itself the repeated query of finding %zu: mend that one first.", number);
            fputc('\n', page->out);
            return;
        }
    }
}

void n1_page_finding(const struct n1_page *page, const struct n1_report *report, const struct n1_shown *shown,
                     const struct n1_earlier *earlier, size_t count, bool read_sources)
{
    static const struct n1_earlier none;
    const struct n1_finding *f = shown->finding;
    heading(page, f, shown->number, count);
    if (f->message) {
        n1_page_sentence(page, N1_INK_PLAIN, INDENT, f->message);
        fputc('\n', page->out);
    }
    n1_page_way(page, &f->child, page->shows_all ? &none : earlier, read_sources);
    if (f->has_parent)
        query(page, "The query whose rows drive the loop", &f->parent, true, earlier);
    query(page, f->has_parent ? "The query that runs for each row" : "The query", &f->child, false, earlier);
    proof(page, f);
    cause(page, report, f);
    mend(page, f, earlier);
}

static bool same_link(const struct n1_link *a, const struct n1_link *b)
{
    return g_strcmp0(a->parent_table, b->parent_table) == 0 && g_strcmp0(a->parent_column, b->parent_column) == 0 &&
           g_strcmp0(a->child_table, b->child_table) == 0 && g_strcmp0(a->child_column, b->child_column) == 0;
}

bool n1_finding_is_sibling(const struct n1_finding *a, const struct n1_finding *b)
{
    return a->kind == b->kind && a->confidence == b->confidence && a->has_parent && b->has_parent && a->has_link &&
           b->has_link && a->suggestion.action == b->suggestion.action && same_link(&a->link, &b->link) &&
           g_strcmp0(a->suggestion.code, b->suggestion.code) == 0 && g_strcmp0(a->parent.sql, b->parent.sql) == 0 &&
           n1_same_place(&a->parent.location, &b->parent.location) && n1_same_way(&a->child, &b->child);
}

void n1_page_siblings(const struct n1_page *page, const struct n1_shown *sibling, size_t n_siblings)
{
    if (n_siblings == 0)
        return;
    n1_page_put(page, N1_INK_BOLD, "%*sIn the same loop", INDENT, "");
    fputs(", mended in the same way\n", page->out);
    for (size_t i = 0; i < n_siblings; i++) {
        const struct n1_finding *f = sibling[i].finding;
        char *numbers = g_strdup_printf("%4zu  %" PRIu64 " x  ", sibling[i].number, f->evidence.executions);
        char *sql = n1_page_sql_line(f->child.sql, page->width - strlen(numbers)), *id = n1_page_clean(f->id);
        n1_page_put(page, ink_of(f->confidence), "%s", numbers);
        fprintf(page->out, "%s\n", sql);
        n1_page_put(page, N1_INK_DIM, "%*s%s", DEEPER, "", id);
        fputc('\n', page->out);
        g_free(numbers);
        g_free(sql);
        g_free(id);
    }
    fputc('\n', page->out);
}

void n1_page_finding_in_short(const struct n1_page *page, const struct n1_finding *f, size_t number, bool is_first)
{
    if (is_first) {
        n1_page_put(page, N1_INK_BOLD, "The others in short");
        fputs(" (--all shows them in full)\n\n", page->out);
    }
    char *place = n1_page_place(page, &f->child.location), *message = n1_page_clean(f->message);
    n1_page_put(page, ink_of(f->confidence), "%4zu", number);
    char *line = n1_page_sql_line(message, page->width - DEEPER);
    fprintf(page->out, "  %s\n", *line != '\0' ? line : n1_rule_words[f->kind].title);
    n1_page_say(page, N1_INK_DIM, DEEPER, "%s%s; %s", f->child.location.file ? "at " : "", place,
                n1_action_name(f->suggestion.action));
    g_free(line);
    g_free(message);
    g_free(place);
}
