/* Names as inspectdb makes them (django/core/management/commands/inspectdb.py: table2model, normalize_col_name). */
#include "orm/model/inspect.h"

#include <strings.h>

static bool is_lower(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* str.title(), then everything but ASCII letters and digits goes. Bytes above ASCII count as letters. */
const char *orm_model_name_of(struct orm_arena *a, const char *table)
{
    char *out = orm_alloc(a, strlen(table) + 1), *p = out;
    bool in_word = false;
    for (const char *s = table; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (is_lower(c) || is_upper(c))
            *p++ = (char)(in_word ? c | 0x20 : c & ~0x20);
        else if (is_digit(c))
            *p++ = (char)c;
        in_word = is_lower(c) || is_upper(c) || c >= 0x80;
    }
    return out;
}

static bool is_keyword(const char *s)
{
    static const char *const words[] = {
        "and",      "as",     "assert",  "async", "await", "break",  "class", "continue", "def",  "del",  "elif",
        "else",     "except", "finally", "for",   "from",  "global", "if",    "import",   "in",   "is",   "lambda",
        "nonlocal", "not",    "or",      "pass",  "raise", "return", "try",   "while",    "with", "yield"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], s) == 0)
            return true;
    return false;
}

static bool is_used(const char *name, const char *const *used, size_t n_used)
{
    for (size_t i = 0; i < n_used; i++)
        if (strcmp(used[i], name) == 0)
            return true;
    return false;
}

/* Lower case, \W+ to '_', runs of '_' to one. */
static char *plain_word(struct orm_arena *a, const char *column, size_t n)
{
    char *out = orm_alloc(a, n + 1);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)column[i];
        bool is_word = is_lower(c) || is_upper(c) || is_digit(c) || c >= 0x80;
        char made = is_word ? (char)(is_upper(c) ? c | 0x20 : c) : '_';
        if (made != '_' || len == 0 || out[len - 1] != '_')
            out[len++] = made;
    }
    out[len] = '\0';
    return out;
}

const char *orm_field_name_of(struct orm_arena *a, const char *column, bool is_relation, const char *const *used,
                              size_t n_used)
{
    size_t n = strlen(column);
    if (is_relation && n >= 3 && strncasecmp(column + n - 3, "_id", 3) == 0)
        n -= 3;
    const char *name = plain_word(a, column, n);
    if (*name == '_')
        name = orm_printf(a, "field%s", name);
    if (*name && name[strlen(name) - 1] == '_')
        name = orm_printf(a, "%sfield", name);
    if (is_keyword(name))
        name = orm_printf(a, "%s_field", name);
    if (is_digit((unsigned char)*name))
        name = orm_printf(a, "number_%s", name);
    if (is_used(name, used, n_used)) {
        int i = 0;
        const char *numbered;
        do
            numbered = orm_printf(a, "%s_%d", name, i++);
        while (is_used(numbered, used, n_used));
        name = numbered;
    }
    return name;
}
