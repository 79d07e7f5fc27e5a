#include "reports/text/sql.h"

#include <glib.h>
#include <string.h>
#include <strings.h>

/* Words that open a line at the statement's top level, unless one of `unless` (a blank-separated list) stands before them. */
static const struct {
    const char *word, *unless;
} clauses[] = {
    {"FROM", "DELETE DISTINCT"},
    {"WHERE", ""},
    {"LEFT", "NATURAL"},
    {"RIGHT", "NATURAL"},
    {"FULL", "NATURAL"},
    {"INNER", "NATURAL"},
    {"CROSS", ""},
    {"NATURAL", ""},
    {"JOIN", "LEFT RIGHT FULL INNER OUTER CROSS NATURAL"},
    {"GROUP", ""},
    {"HAVING", ""},
    {"ORDER", ""},
    {"LIMIT", ""},
    {"SET", "UPDATE"},
    {"VALUES", ""},
    {"RETURNING", ""},
    {"UNION", ""},
    {"EXCEPT", ""},
    {"INTERSECT", ""},
};

static bool is_word(const char *p, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp(p, word, n) == 0;
}

static bool in_words(const char *p, size_t n, const char *list)
{
    while (*list) {
        size_t length = strcspn(list, " ");
        if (length == n && n > 0 && strncasecmp(p, list, n) == 0)
            return true;
        list += length + strspn(list + length, " ");
    }
    return false;
}

bool n1_sql_opens_line(const char *word, size_t n, const char *before, size_t before_n)
{
    for (size_t i = 0; i < G_N_ELEMENTS(clauses); i++)
        if (is_word(word, n, clauses[i].word))
            return !in_words(before, before_n, clauses[i].unless);
    return false;
}

/* The end of text within limit bytes, between two characters. */
static size_t cut(const char *text, size_t limit)
{
    size_t n = limit;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* The end gets two thirds: FROM and WHERE. */
static char *without_middle(const char *sql, size_t total, size_t limit)
{
    const char *end = sql + total - limit / 3 * 2, *blank = strchr(end, ' ');
    while (((unsigned char)*end & 0xc0) == 0x80)
        end++;
    char *start = g_strndup(sql, cut(sql, limit / 3));
    char *shown = g_strconcat(start, " ...", blank == NULL ? " " : "", blank != NULL ? blank : end, NULL);
    g_free(start);
    return shown;
}

void n1_page_sql(const struct n1_page *page, size_t indent, const char *sql, size_t most)
{
    size_t total = strlen(sql ? sql : ""), limit = page->shows_all ? MAX(most, N1_SQL_ALL_BYTES) : most;
    char *shown = total > limit ? without_middle(sql, total, limit) : g_strdup(sql);
    char *clean = n1_page_clean(shown);
    GString *line = g_string_new(NULL);
    bool fits = n1_page_columns(clean) + indent <= page->width;
    const char *before = "";
    size_t before_n = 0;
    int depth = 0;
    for (const char *p = clean; *p;) {
        size_t n = strcspn(p, " ");
        if (!fits && depth == 0 && line->len > 0 && n1_sql_opens_line(p, n, before, before_n)) {
            n1_page_wrap(page, N1_INK_PLAIN, indent, line->str);
            g_string_truncate(line, 0);
        }
        g_string_append(line, line->len > 0 ? " " : "");
        g_string_append_len(line, p, (gssize)n);
        for (size_t i = 0; i < n; i++)
            depth += (p[i] == '(') - (p[i] == ')' && depth > 0);
        before = p;
        before_n = n;
        p += n;
        p += strspn(p, " ");
    }
    n1_page_wrap(page, N1_INK_PLAIN, indent, line->len > 0 ? line->str : "(no text)");
    if (total > limit)
        n1_page_say(page, N1_INK_DIM, indent, "... (%zu bytes in all%s)", total,
                    page->shows_all ? "; the json report has the whole text" : "; --all shows more");
    g_string_free(line, TRUE);
    g_free(clean);
    g_free(shown);
}

char *n1_page_sql_line(const char *sql, size_t columns)
{
    size_t total = strlen(sql ? sql : "");
    char *start = g_strndup(sql ? sql : "", total > 4 * columns ? cut(sql, 4 * columns) : total);
    char *clean = n1_page_clean(start);
    g_free(start);
    if (n1_page_columns(clean) > columns) {
        char *p = clean;
        for (size_t n = 0; *p && n + 3 < columns; p = g_utf8_next_char(p)) {
            gunichar c = g_utf8_get_char(p);
            n += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
            if (n + 3 > columns)
                break;
        }
        *p = '\0';
        char *short_line = g_strconcat(g_strchomp(clean), "...", NULL);
        g_free(clean);
        return short_line;
    }
    return clean;
}

/* Where FROM stands outside of all brackets, or NULL. */
static const char *own_from(const char *sql)
{
    int depth = 0;
    for (const char *p = sql; *p; p++) {
        depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
        if (depth == 0 && *p == ' ' && g_ascii_strncasecmp(p, " FROM ", strlen(" FROM ")) == 0)
            return p;
    }
    return NULL;
}

char *n1_page_sql_reminder(const char *sql, size_t columns)
{
    const char *from =
        strlen(sql) > columns && g_ascii_strncasecmp(sql, "SELECT ", strlen("SELECT ")) == 0 ? own_from(sql) : NULL;
    g_autofree char *shorter = from ? g_strconcat("SELECT ...", from, NULL) : NULL;
    return n1_page_sql_line(shorter ? shorter : sql, columns);
}
