#include "reports/text/finding.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "reports/excerpt.h"
#include "reports/text/sql.h"
#include "reports/words.h"

#define INDENT      2
#define DEEPER      6
#define QUERY_BYTES 480 /* of a statement of the program's, which its owner knows */
#define PATH_FRAMES 6   /* of the call path, user code only */

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

static void excerpt(const struct n1_page *page, const struct n1_location *where)
{
    struct n1_excerpt lines;
    n1_excerpt_read(&lines, page->folder, where->file, where->line);
    for (int i = 0; i < lines.count; i++) {
        int number = lines.first + i;
        bool is_it = number == where->line;
        char *text = n1_page_sql_line(lines.line[i], page->width - 13);
        n1_page_put(page, is_it ? N1_INK_BOLD : N1_INK_DIM, "  %s %6d  %s", is_it ? ">" : " ", number, text);
        fputc('\n', page->out);
        g_free(text);
    }
    n1_excerpt_release(&lines);
}

static struct n1_location place_of(const struct n1_frame *f)
{
    return (struct n1_location){.file = f->file, .line = f->line, .function = f->function};
}

static bool same_place(const struct n1_location *a, const struct n1_location *b)
{
    return a->line == b->line && g_strcmp0(a->file, b->file) == 0 && g_strcmp0(a->function, b->function) == 0;
}

/* The index of the place's frame; the stack's length when it is not there. Inside of it are wrappers that every query goes
 * through. */
static size_t frame_of_place(const struct n1_statement *s)
{
    size_t i = 0;
    for (; i < s->stack.count; i++) {
        struct n1_location where = place_of(&s->stack.frame[i]);
        if (same_place(&where, &s->location))
            break;
    }
    return i;
}

static bool has_name(const char *function)
{
    return function != NULL && *function != '\0' && strstr(function, "+0x") == NULL;
}

/* A program without symbols: the exported functions of libraries through which its query went are all that tells one of its
 * addresses from another. In the order of calls; the middle of many is left out. */
static void entered(const struct n1_page *page, const struct n1_statement *s, size_t place)
{
    enum { FIRST = 2, LAST = 3 };
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = place; i-- > 0;) {
        const struct n1_frame *f = &s->stack.frame[i];
        if (f->file != NULL || !has_name(f->function))
            continue;
        char *name = n1_page_clean(f->function);
        /* A driver manager and its driver call their functions alike. */
        if (names->len > 0 && strcmp(name, g_ptr_array_index(names, names->len - 1)) == 0)
            g_free(name);
        else
            g_ptr_array_add(names, name);
    }
    if (names->len > FIRST + LAST + 1) {
        g_ptr_array_remove_range(names, FIRST, names->len - FIRST - LAST);
        g_ptr_array_insert(names, FIRST, g_strdup("..."));
    }
    g_ptr_array_add(names, NULL);
    char *list = g_strjoinv(", ", (char **)names->pdata);
    if (*list != '\0')
        n1_page_say(page, N1_INK_DIM, INDENT + 2, "which called %s", list);
    g_free(list);
    g_ptr_array_unref(names);
}

/* A program whose code lies in libraries of its own (svn: libsvn_wc, libsvn_client) has its true places there. */
static void own_library(const struct n1_page *page, const struct n1_statement *s, size_t place)
{
    const char *function = s->location.function;
    size_t length = function != NULL && strstr(function, "+0x") != NULL ? strcspn(function, "+") : 0;
    for (size_t i = 0; i < place && length > 0; i++) {
        const char *module = s->stack.frame[i].module;
        if (module == NULL || !g_str_has_prefix(module, "lib") || strncmp(module + 3, function, length) != 0 ||
            strchr("_-.", module[3 + length]) == NULL)
            continue;
        char *name = n1_page_clean(module);
        n1_page_say(page, N1_INK_DIM, INDENT + 2, "--user-code '*/%.*s*' names places in %s and its like",
                    (int)length + 4, name, name);
        g_free(name);
        return;
    }
}

/* The program whose thread it was: the module of the outermost frame that is not the C library's. NULL: not known. */
static const char *program_of(const struct n1_statement *s)
{
    for (size_t i = s->stack.count; i-- > 0;) {
        const char *module = s->stack.frame[i].module;
        if (module != NULL && strcmp(module, N1_MODULE_UNKNOWN) != 0 && !g_str_has_prefix(module, "libc.") &&
            !g_str_has_prefix(module, "ld-"))
            return module;
    }
    return NULL;
}

/* No frame is the user's: a language whose call stacks n1prof does not read, or only libraries. */
static void nobody(const struct n1_page *page, const struct n1_statement *s)
{
    const char *program = program_of(s);
    if (program == NULL) {
        if (s->stack.count > 0)
            n1_page_say(
                page, N1_INK_DIM, INDENT + 2,
                "inside code that was made while the program ran (Java, .NET), whose lines n1prof does not see");
        return;
    }
    char *name = n1_page_clean(program);
    n1_page_say(page, N1_INK_DIM, INDENT + 2, "inside %s, whose scripts n1prof does not see", name);
    g_free(name);
}

/* Who called the place, in the user's own code. */
static void callers(const struct n1_page *page, const struct n1_statement *s)
{
    const size_t at = frame_of_place(s);
    size_t shown = 0, left_out = 0;
    struct n1_location last =
        s->location; /* a Ruby method that takes a block stands where it is called: one line is enough */
    if (at < s->stack.count && s->location.file == NULL && !has_name(s->location.function)) {
        entered(page, s, at);
        own_library(page, s, at);
    }
    if (s->location.file == NULL && s->location.function == NULL)
        nobody(page, s);
    for (size_t i = at < s->stack.count ? at + 1 : 0; i < s->stack.count; i++) {
        const struct n1_frame *f = &s->stack.frame[i];
        struct n1_location where = place_of(f);
        if (!f->is_user_code || same_place(&where, &last))
            continue;
        last = where;
        if (shown++ >= PATH_FRAMES) {
            left_out++;
            continue;
        }
        char *place = n1_page_place(page, &where);
        /* A place without a file reads "in function()". */
        n1_page_say(page, N1_INK_DIM, INDENT + 2, "called %s%s", where.file ? "from " : "", place);
        g_free(place);
    }
    if (left_out > 0)
        n1_page_say(page, N1_INK_DIM, INDENT + 2, "... and %zu more", left_out);
    fputc('\n', page->out);
}

static void query(const struct n1_page *page, const char *title, const struct n1_statement *s, bool with_place)
{
    char time[32];
    n1_page_duration(time, s->db_time_ns);
    n1_page_labelled(page, INDENT, title, "%" PRIu64 " x, %" PRIu64 " %s, %s", s->executions, s->rows,
                     n1_noun(s->rows, "row", "rows"), time);
    if (with_place && s->location.file) {
        char *place = n1_page_place(page, &s->location);
        n1_page_say(page, N1_INK_CYAN, DEEPER, "at %s", place);
        g_free(place);
    }
    n1_page_sql(page, DEEPER, s->sql, QUERY_BYTES);
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

static void mend(const struct n1_page *page, const struct n1_finding *f)
{
    const struct n1_suggestion *s = &f->suggestion;
    char time[32];
    if (s->action == N1_ACTION_NONE && !s->text)
        return;
    n1_page_put(page, N1_INK_BOLD, "%*sThe mend", INDENT, "");
    if (s->action != N1_ACTION_NONE)
        fprintf(page->out, ": %s", n1_action_name(s->action));
    fputc('\n', page->out);
    if (s->text)
        n1_page_sentence(page, N1_INK_PLAIN, DEEPER, s->text);
    if (s->code)
        code(page, s->code);
    if (s->sql) {
        n1_page_wrap(page, N1_INK_PLAIN, DEEPER, "One statement instead of the loop:");
        n1_page_sql(page, DEEPER + 2, s->sql, N1_SQL_SHOWN_BYTES);
    }
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

void n1_page_finding(const struct n1_page *page, const struct n1_report *report, const struct n1_finding *f,
                     size_t number, size_t count, bool read_sources)
{
    heading(page, f, number, count);
    if (f->message) {
        n1_page_sentence(page, N1_INK_PLAIN, INDENT, f->message);
        fputc('\n', page->out);
    }
    char *place = n1_page_place(page, &f->child.location);
    n1_page_say(page, N1_INK_CYAN, INDENT, "%s%s", f->child.location.file ? "at " : "", place);
    g_free(place);
    if (read_sources)
        excerpt(page, &f->child.location);
    callers(page, &f->child);
    if (f->has_parent)
        query(page, "The query whose rows drive the loop", &f->parent, true);
    query(page, f->has_parent ? "The query that runs for each row" : "The query", &f->child, false);
    proof(page, f);
    cause(page, report, f);
    mend(page, f);
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
