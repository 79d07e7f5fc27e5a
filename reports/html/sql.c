#include "reports/html/sql.h"

#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/text/sql.h"

#define FITS_A_LINE 72 /* characters of a statement that is not broken */

/* Sorted, for bsearch(). */
static const char *const keywords[] = {
    "ABORT",     "ADD",      "ALL",         "ALTER",        "ANALYZE",    "AND",     "ANY",     "AS",       "ASC",
    "BEGIN",     "BETWEEN",  "BY",          "CASE",         "CAST",       "COLLATE", "COLUMN",  "COMMIT",   "CONFLICT",
    "CREATE",    "CROSS",    "CURRENT",     "DECLARE",      "DEFAULT",    "DELETE",  "DESC",    "DISTINCT", "DO",
    "DROP",      "ELSE",     "END",         "ESCAPE",       "EXCEPT",     "EXISTS",  "EXPLAIN", "FALSE",    "FETCH",
    "FILTER",    "FOR",      "FROM",        "FULL",         "GROUP",      "HAVING",  "IGNORE",  "ILIKE",    "IN",
    "INDEX",     "INNER",    "INSERT",      "INTERSECT",    "INTO",       "IS",      "ISNULL",  "JOIN",     "LATERAL",
    "LEFT",      "LIKE",     "LIMIT",       "MATERIALIZED", "NATURAL",    "NOT",     "NOTHING", "NOTNULL",  "NOWAIT",
    "NULL",      "NULLS",    "OFFSET",      "ON",           "ONLY",       "OR",      "ORDER",   "OUTER",    "OVER",
    "PARTITION", "PRAGMA",   "PRIMARY",     "RECURSIVE",    "REFERENCES", "RELEASE", "RENAME",  "REPLACE",  "RETURNING",
    "RIGHT",     "ROLLBACK", "ROW",         "ROWS",         "SAVEPOINT",  "SELECT",  "SET",     "SIMILAR",  "TABLE",
    "THEN",      "TO",       "TRANSACTION", "TRIGGER",      "TRUE",       "UNION",   "UNIQUE",  "UPDATE",   "USING",
    "VACUUM",    "VALUES",   "WHEN",        "WHERE",        "WINDOW",     "WITH",
};

enum piece { PLAIN, BLANK, WORD, KEYWORD, STRING, NUMBER, PARAMETER, COMMENT, OPEN, CLOSE };
static const char *const classes[] = {
    [KEYWORD] = "k", [STRING] = "s", [NUMBER] = "n", [PARAMETER] = "p", [COMMENT] = "c", [CLOSE] = NULL};

static bool is_word_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static int compare(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

static bool is_keyword(const char *word, size_t n)
{
    char upper[16];
    if (n >= sizeof upper)
        return false;
    for (size_t i = 0; i < n; i++)
        upper[i] = g_ascii_toupper(word[i]);
    upper[n] = '\0';
    return bsearch(upper, keywords, G_N_ELEMENTS(keywords), sizeof *keywords, compare) != NULL;
}

/* Bytes up to and with the closing quote; a doubled quote does not close. */
static size_t quoted(const char *p)
{
    char quote = *p;
    size_t n = 1;
    for (; p[n]; n++) {
        if (p[n] != quote)
            continue;
        if (p[n + 1] != quote)
            return n + 1;
        n++;
    }
    return n;
}

static size_t comment(const char *p)
{
    if (*p == '-')
        return strcspn(p, "\n");
    const char *end = strstr(p + 2, "*/");
    return end ? (size_t)(end + 2 - p) : strlen(p);
}

static size_t word(const char *p)
{
    size_t n = 0;
    while (is_word_byte(p[n]))
        n++;
    return n;
}

/* The piece at p (not empty) and its bytes. */
static enum piece piece_at(const char *p, size_t *n)
{
    *n = 1;
    if (*p == ' ' || *p == '\n') {
        *n = strspn(p, " \n");
        return BLANK;
    }
    if (strncmp(p, "--", 2) == 0 || strncmp(p, "/*", 2) == 0) {
        *n = comment(p);
        return COMMENT;
    }
    if (*p == '\'' || *p == '"' || *p == '`') {
        *n = quoted(p);
        return *p == '\'' ? STRING : WORD;
    }
    if (*p == '?' || (strchr("$:@%", *p) && is_word_byte(p[1]))) {
        *n = 1 + word(p + 1);
        return PARAMETER;
    }
    if (g_ascii_isdigit(*p)) {
        *n = strspn(p, "0123456789.xXabcdefABCDEF_");
        return NUMBER;
    }
    if (is_word_byte(*p)) {
        *n = word(p);
        return is_keyword(p, *n) ? KEYWORD : WORD;
    }
    if (*p == ':' && p[1] == ':')
        *n = 2;
    return *p == '(' ? OPEN : *p == ')' ? CLOSE : PLAIN;
}

static void append(GString *out, enum piece piece, const char *text, size_t n)
{
    char *copy = g_strndup(text, n);
    const char *name = classes[piece];
    if (name)
        g_string_append_printf(out, "<b class=\"%s\">", name);
    n1_append_xml(out, copy);
    g_string_append(out, name ? "</b>" : "");
    g_free(copy);
}

static void colour(GString *out, const char *sql, bool breaks)
{
    const char *before = "";
    size_t before_n = 0, n;
    int depth = 0;
    const char *blank = NULL; /* not yet written: a line end may take its place */
    size_t blank_n = 0;
    for (const char *p = sql; *p; p += n) {
        enum piece piece = piece_at(p, &n);
        if (piece == BLANK) {
            blank = p;
            blank_n = n;
            continue;
        }
        bool is_clause = piece == KEYWORD && breaks && depth == 0 && n1_sql_opens_line(p, n, before, before_n);
        if (is_clause && blank)
            g_string_append_c(out, '\n');
        else if (blank)
            g_string_append_len(out, blank, (gssize)blank_n);
        blank = NULL;
        depth += (piece == OPEN) - (piece == CLOSE && depth > 0);
        append(out, piece, p, n);
        before = p;
        before_n = n;
    }
}

void n1_html_sql(struct n1_html *page, const char *caption, const char *sql)
{
    char *clean = n1_clean(sql, N1_CLEAN_BODY);
    bool breaks = !strchr(clean, '\n') && strlen(clean) > FITS_A_LINE;
    n1_html_put(page, "<figure class=\"code sql\">");
    if (caption)
        n1_html_format(page, "<figcaption>%s</figcaption>", caption);
    n1_html_put(page, "<pre><code>");
    colour(page->out, *clean ? clean : "(no text)", breaks);
    n1_html_put(page, "</code></pre></figure>\n");
    g_free(clean);
}

void n1_html_sql_line(struct n1_html *page, const char *sql, size_t most)
{
    char *clean = most <= N1_CLEAN_LABEL ? n1_clean_label(sql) : n1_clean_line(sql, most);
    colour(page->out, *clean ? clean : "(no text)", false);
    g_free(clean);
}

char *n1_html_query_name(const struct n1_statement *s)
{
    char *clean = n1_clean_label(s->sql);
    size_t verb = word(clean);
    if (s->n_tables == 0 || verb == 0)
        return clean;
    GString *name = g_string_new_len(clean, (gssize)verb);
    for (size_t i = 0; i < s->n_tables && name->len < N1_CLEAN_LABEL; i++)
        g_string_append_printf(name, "%s %s", i ? "," : "", s->table[i]);
    g_free(clean);
    clean = n1_clean_label(name->str);
    g_string_free(name, TRUE);
    return clean;
}
