#include "reports/text/page.h"

#include <glib.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "reports/path.h"

#define PARAGRAPH_BYTES 4096

static const char *const inks[] = {
    [N1_INK_PLAIN] = "",         [N1_INK_BOLD] = "\033[1m",     [N1_INK_DIM] = "\033[2m",
    [N1_INK_RED] = "\033[1;31m", [N1_INK_GREEN] = "\033[1;32m", [N1_INK_YELLOW] = "\033[1;33m",
    [N1_INK_CYAN] = "\033[36m",
};

static bool is_harmless(gunichar c)
{
    bool overrides_direction =
        (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f;
    return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && c != 0x2028 && c != 0x2029 && c != 0xfeff && !overrides_direction;
}

char *n1_page_clean(const char *text)
{
    char *valid = g_utf8_make_valid(text ? text : "", -1);
    GString *out = g_string_sized_new(strlen(valid));
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\n' || c == '\t' || c == '\r')
            g_string_append_c(out, ' ');
        else if (is_harmless(c))
            g_string_append_unichar(out, c);
        else
            g_string_append_c(out, '?');
    }
    g_free(valid);
    return g_string_free(out, FALSE);
}

static size_t char_columns(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

size_t n1_page_columns(const char *text)
{
    size_t n = 0;
    for (; *text; text = g_utf8_next_char(text))
        n += char_columns(g_utf8_get_char(text));
    return n;
}

void n1_page_put(const struct n1_page *page, enum n1_ink ink, const char *format, ...)
{
    bool paints = page->use_colour && ink != N1_INK_PLAIN;
    va_list args;
    if (paints)
        fputs(inks[ink], page->out);
    va_start(args, format);
    vfprintf(page->out, format, args);
    va_end(args);
    if (paints)
        fputs("\033[0m", page->out);
}

/* The end of what fits into `columns` of a word that is too long for a line: at least one character. A list without blanks, a path and a
 * class name have joints of their own. */
static const char *fitting(const char *word, const char *end, size_t columns)
{
    size_t n = 0;
    const char *p = word, *joint = NULL;
    while (p < end) {
        size_t width = char_columns(g_utf8_get_char(p));
        if (p > word && n + width > columns)
            return joint != NULL ? joint : p;
        n += width;
        joint = strchr(",/\\", *p) != NULL && n * 2 > columns ? p + 1 : joint;
        p = g_utf8_next_char(p);
    }
    return p;
}

/* Columns of [p, end), counted no further than what is more than enough. */
static size_t columns_between(const struct n1_page *page, const char *p, const char *end)
{
    size_t n = 0;
    for (; p < end && n <= page->width; p = g_utf8_next_char(p))
        n += char_columns(g_utf8_get_char(p));
    return n;
}

/* Clean, and no longer than a person reads. */
static char *beginning(const char *text)
{
    size_t n = text ? strnlen(text, PARAGRAPH_BYTES + 1) : 0;
    if (n <= PARAGRAPH_BYTES)
        return n1_page_clean(text);
    char *start = g_strndup(text, PARAGRAPH_BYTES), *cut = g_strconcat(start, "...", NULL), *clean = n1_page_clean(cut);
    g_free(start);
    g_free(cut);
    return clean;
}

void n1_page_wrap(const struct n1_page *page, enum n1_ink ink, size_t indent, const char *text)
{
    char *clean = beginning(text);
    GString *line = g_string_new(NULL);
    size_t used = 0, most = page->width - indent;
    for (const char *p = clean; *p;) {
        p += strspn(p, " ");
        const char *end = p + strcspn(p, " ");
        while (p < end) {
            size_t width = columns_between(page, p, end);
            if (used > 0 && used + 1 + width > most) {
                n1_page_put(page, ink, "%*s%s", (int)indent, "", line->str);
                fputc('\n', page->out);
                g_string_truncate(line, 0);
                used = 0;
            }
            const char *stop = width > most ? fitting(p, end, most) : end;
            g_string_append(line, used > 0 ? " " : "");
            g_string_append_len(line, p, stop - p);
            used = used + (used > 0) + columns_between(page, p, stop);
            p = stop;
        }
    }
    if (used > 0) {
        n1_page_put(page, ink, "%*s%s", (int)indent, "", line->str);
        fputc('\n', page->out);
    }
    g_string_free(line, TRUE);
    g_free(clean);
}

void n1_page_sentence(const struct n1_page *page, enum n1_ink ink, size_t indent, const char *text)
{
    char *shown = n1_report_path_in_text(page->folder, text);
    n1_page_wrap(page, ink, indent, shown);
    g_free(shown);
}

void n1_page_say(const struct n1_page *page, enum n1_ink ink, size_t indent, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = g_strdup_vprintf(format, args);
    va_end(args);
    n1_page_wrap(page, ink, indent, text);
    g_free(text);
}

void n1_page_labelled(const struct n1_page *page, size_t indent, const char *label, const char *format, ...)
{
    enum { BELOW = 6 };
    va_list args;
    va_start(args, format);
    char *text = g_strdup_vprintf(format, args), *clean = n1_page_clean(text);
    va_end(args);
    n1_page_put(page, N1_INK_BOLD, "%*s%s", (int)indent, "", label);
    if (indent + n1_page_columns(label) + strlen(": ") + n1_page_columns(clean) <= page->width) {
        fprintf(page->out, ": %s\n", clean);
    } else {
        fputc('\n', page->out);
        n1_page_wrap(page, N1_INK_PLAIN, BELOW, clean);
    }
    g_free(clean);
    g_free(text);
}

void n1_page_duration(char buffer[32], uint64_t ns)
{
    static const struct {
        uint64_t unit;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};
    if (ns >= UINT64_C(600000000000)) {
        g_snprintf(buffer, 32, "%" PRIu64 " min %" PRIu64 " s", ns / UINT64_C(60000000000), ns / 1000000000 % 60);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        uint64_t unit = units[i].unit;
        if (ns < unit)
            continue;
        if (ns >= 100 * unit)
            g_snprintf(buffer, 32, "%" PRIu64 " %s", ns / unit, units[i].name);
        else if (ns >= 10 * unit)
            g_snprintf(buffer, 32, "%" PRIu64 ".%" PRIu64 " %s", ns / unit, ns % unit / (unit / 10), units[i].name);
        else
            g_snprintf(buffer, 32, "%" PRIu64 ".%02" PRIu64 " %s", ns / unit, ns % unit / (unit / 100), units[i].name);
        return;
    }
    g_snprintf(buffer, 32, "%" PRIu64 " ns", ns);
}

char *n1_page_place(const struct n1_page *page, const struct n1_location *where)
{
    GString *place = g_string_new(NULL);
    if (where->file) {
        char *file = beginning(n1_report_path(page->folder, where->file));
        g_string_append(place, file);
        g_free(file);
        if (where->line > 0)
            g_string_append_printf(place, ":%d", where->line);
    }
    if (where->function) {
        char *function = beginning(where->function);
        bool is_call = !strpbrk(function, " <(+") && *function;
        g_string_append_printf(place, "%sin %s%s", place->len ? " " : "", function, is_call ? "()" : "");
        g_free(function);
    }
    if (place->len == 0)
        g_string_append(place, "in an unknown place");
    return g_string_free(place, FALSE);
}
