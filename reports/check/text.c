/* The verdict for a person: what failed first, each with its place, counts and the command that would accept it. */
#include <inttypes.h>

#include "reports/check/check.h"
#include "reports/text/page.h"
#include "reports/text/sql.h"

/* Lines of a group that does not fail: more are announced by their number. */
#define QUIET_MOST 10

static bool is_only_counted(enum n1_change change)
{
    return change == N1_CHANGE_CONSTANT;
}

static void put_clean(const struct n1_page *page, enum n1_ink ink, const char *indent, const char *text)
{
    char *clean = n1_page_clean(text);
    fputs(indent, page->out);
    n1_page_put(page, ink, "%s", clean);
    fputc('\n', page->out);
    g_free(clean);
}

/* The statement: whole where it fails, else as much as goes into a line. */
static void write_subject(const struct n1_page *page, size_t indent, const struct n1_verdict_line *line)
{
    char *start = line->fails ? NULL : n1_page_sql_line(line->subject, page->width - indent);
    n1_page_wrap(page, N1_INK_CYAN, indent, start ? start : line->subject);
    g_free(start);
}

static void write_line(const struct n1_page *page, const struct n1_verdict *v, const struct n1_check_options *options,
                       const struct n1_verdict_line *line)
{
    char *place = n1_verdict_place(v, options, line), *counts = n1_verdict_counts(line);
    char *sentence = n1_verdict_sentence(v, options, line), *mend = n1_verdict_mend(v, options, line);
    if (place)
        put_clean(page, line->fails ? N1_INK_BOLD : N1_INK_PLAIN, "  ", place);
    if (line->subject)
        write_subject(page, place ? 4 : 2, line);
    if (line->path && line->where.function && line->fails)
        n1_page_say(page, N1_INK_DIM, 4, "called: %s", line->path);
    if (*sentence)
        n1_page_wrap(page, N1_INK_PLAIN, 4, sentence);
    if (counts && line->change != N1_CHANGE_BUDGET)
        n1_page_wrap(page, N1_INK_PLAIN, 4, counts);
    if (line->is_accepted)
        n1_page_wrap(page, N1_INK_GREEN, 4, v->subject == N1_VERDICT_SCALE ? "accepted" : "accepted by this update");
    if (mend)
        n1_page_say(page, N1_INK_GREEN, 4, "mend: %s", mend);
    if (line->command && line->fails)
        put_clean(page, N1_INK_YELLOW, "    accept: ", line->command);
    g_free(mend);
    g_free(sentence);
    g_free(counts);
    g_free(place);
}

static void write_groups(const struct n1_page *page, const struct n1_verdict *v, const struct n1_check_options *options)
{
    guint count;
    for (guint i = 0; n1_verdict_group(v, &i, &count); i += count) {
        const struct n1_verdict_line *first = n1_verdict_at(v, i);
        fputc('\n', page->out);
        n1_page_put(page, first->fails ? N1_INK_RED : N1_INK_BOLD, "%s", n1_change_words[first->change].title);
        fprintf(page->out, " (%u)\n", count);
        guint shown = first->fails ? count : is_only_counted(first->change) ? 0 : MIN(count, QUIET_MOST);
        for (guint k = 0; k < shown; k++)
            write_line(page, v, options, n1_verdict_at(v, i + k));
        if (shown < count && shown > 0)
            fprintf(page->out, "  and %u more\n", count - shown);
    }
}

static bool has(const struct n1_verdict *v, enum n1_change change, bool is_open)
{
    for (guint i = 0; i < v->line->len; i++)
        if (n1_verdict_at(v, i)->change == change && !(is_open && n1_verdict_at(v, i)->is_accepted))
            return true;
    return false;
}

static void write_hints(const struct n1_page *page, const struct n1_verdict *v)
{
    if (v->subject != N1_VERDICT_CHECK)
        return;
    bool is_conclusive = v->outcome != N1_OUTCOME_INCONCLUSIVE;
    if (v->fails > 1 && v->accept_all && is_conclusive)
        put_clean(page, N1_INK_YELLOW, "\nAccept all of it:  ", v->accept_all);
    if (has(v, N1_CHANGE_LOWER, true) && v->tighten && is_conclusive)
        put_clean(page, N1_INK_YELLOW, "\nTighten:  ", v->tighten);
    if (has(v, N1_CHANGE_STALE, false) && v->prune)
        put_clean(page, N1_INK_PLAIN, "\nRemove stale entries:  ", v->prune);
}

static int write_text(FILE *out, const struct n1_verdict *v, const struct n1_check_options *options)
{
    static const enum n1_ink inks[] = {[N1_OUTCOME_PASSED] = N1_INK_GREEN,
                                       [N1_OUTCOME_REGRESSED] = N1_INK_RED,
                                       [N1_OUTCOME_INCONCLUSIVE] = N1_INK_YELLOW};
    struct n1_page page = {.out = out,
                           .width = options->columns ? options->columns : N1_PAGE_COLUMNS,
                           .use_colour = options->use_colour,
                           .folder = v->folder};
    n1_page_say(&page, inks[v->outcome], 0, "n1prof %s: %s", n1_verdict_subject_name(v), v->headline);
    write_groups(&page, v, options);
    write_hints(&page, v);
    if (v->note->len > 0 || v->left_out)
        fputc('\n', out);
    for (guint i = 0; i < v->note->len; i++)
        n1_page_wrap(&page, N1_INK_DIM, 0, g_ptr_array_index(v->note, i));
    if (v->left_out)
        n1_page_say(&page, N1_INK_DIM, 0, "Not counted: %s.", v->left_out);
    return ferror(out) ? -1 : 0;
}

const struct n1_check_format n1_check_text = {
    .name = "text",
    .description = "for a person (default)",
    .is_for_diff = true,
    .write = write_text,
};
