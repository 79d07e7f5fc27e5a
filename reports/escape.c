#include "reports/escape.h"

#include <stdbool.h>
#include <string.h>

#define REPLACEMENT 0xfffd
#define TAB         '\t'
#define TAB_BLANKS  "    "
#define FENCE       '`'
#define DOTS        " ..."
#define GROWTH_MOST 3 /* bytes that one byte becomes, at most: U+FFFD */

static gunichar harmless(gunichar c)
{
    bool is_control = (c < 0x20 && c != '\n' && c != TAB) || (c >= 0x7f && c <= 0x9f);
    bool overrides_direction =
        c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    bool separates_lines = c == 0x2028 || c == 0x2029;
    bool is_noncharacter = (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) || c == 0xfeff;
    return is_control || overrides_direction || separates_lines || is_noncharacter ? REPLACEMENT : c;
}

/* The character at *p, made harmless; *p moves behind it. */
static gunichar take(const char **p, const char *end)
{
    gunichar c = g_utf8_get_char_validated(*p, end - *p);
    if (c == (gunichar)-1 || c == (gunichar)-2) {
        (*p)++;
        return REPLACEMENT;
    }
    *p = g_utf8_next_char(*p);
    if (c == '\r' && *p < end && **p == '\n')
        return take(p, end);
    return harmless(c);
}

/* *is_cut: whether something of the text was left out. */
static GString *cleaned(const char *text, size_t most, bool in_one_line, bool *is_cut)
{
    const char *p = text ? text : "", *end = p + strlen(p);
    GString *out = g_string_sized_new(MIN((size_t)(end - p), most) + 1);
    bool is_blank_due = false;
    *is_cut = false;
    while (p < end) {
        gunichar c = take(&p, end);
        if (in_one_line && (c == '\n' || c == TAB || c == ' ')) {
            is_blank_due = out->len > 0;
            continue;
        }
        if (out->len + is_blank_due + (size_t)g_unichar_to_utf8(c, NULL) > most) {
            *is_cut = true;
            break;
        }
        if (is_blank_due)
            g_string_append_c(out, ' ');
        is_blank_due = false;
        if (c == TAB)
            g_string_append(out, TAB_BLANKS);
        else
            g_string_append_unichar(out, c);
    }
    return out;
}

static char *marked(const char *text, size_t most, bool in_one_line)
{
    bool is_cut;
    GString *out = cleaned(text, most, in_one_line, &is_cut);
    if (is_cut)
        g_string_append_printf(out, " ... [cut: %zu bytes in all]", strlen(text));
    return g_string_free(out, FALSE);
}

char *n1_clean(const char *text, size_t most)
{
    return marked(text, most, false);
}

char *n1_clean_line(const char *text, size_t most)
{
    return marked(text, most, true);
}

char *n1_clean_label(const char *text)
{
    bool is_cut;
    GString *out = cleaned(text, N1_CLEAN_LABEL - strlen(DOTS), true, &is_cut);
    g_string_append(out, is_cut ? DOTS : "");
    return g_string_free(out, FALSE);
}

char *n1_clean_path(const char *path)
{
    char *clean = n1_clean_line(path, path ? strlen(path) * GROWTH_MOST : 0);
    size_t length = strlen(clean);
    if (length <= N1_CLEAN_LABEL)
        return clean;
    const char *from = clean + length - (N1_CLEAN_LABEL - strlen(DOTS)), *slash = strchr(from, '/');
    while (g_utf8_get_char_validated(from, -1) == (gunichar)-1)
        from++; /* inside of a character */
    if (slash && slash[1])
        from = slash;
    char *shown = g_strconcat("...", from, NULL);
    g_free(clean);
    return shown;
}

void n1_append_xml(GString *out, const char *clean)
{
    for (; *clean; clean++) {
        switch (*clean) {
        case '&': g_string_append(out, "&amp;"); break;
        case '<': g_string_append(out, "&lt;"); break;
        case '>': g_string_append(out, "&gt;"); break;
        case '"': g_string_append(out, "&quot;"); break;
        case '\'': g_string_append(out, "&apos;"); break;
        default: g_string_append_c(out, *clean);
        }
    }
}

void n1_append_markdown(GString *out, const char *clean)
{
    for (; *clean; clean++) {
        switch (*clean) {
        case '&': g_string_append(out, "&amp;"); break;
        case '<': g_string_append(out, "&lt;"); break;
        case '>': g_string_append(out, "&gt;"); break;
        /* An empty comment behind the sign keeps a forge from taking the word for a person, an issue or a merge request. */
        case '@':
        case '#': g_string_append_printf(out, "%c<!-- -->", *clean); break;
        case '\n': g_string_append_c(out, ' '); break;
        case '\\':
        case '`':
        case '*':
        case '_':
        case '[':
        case ']':
        case '|':
        case '~':
        case '$':
        case '!': g_string_append_printf(out, "\\%c", *clean); break;
        default: g_string_append_c(out, *clean);
        }
    }
}

void n1_append_markdown_code(GString *out, const char *clean)
{
    g_string_append(out, "<code>");
    for (; *clean; clean++) {
        if (strchr("&<>\\`*_[]|~$!@#\"'", *clean))
            g_string_append_printf(out, "&#%d;", *clean);
        else
            g_string_append_c(out, *clean == '\n' ? ' ' : *clean);
    }
    g_string_append(out, "</code>");
}

static size_t longest_run(const char *text, char wanted)
{
    size_t longest = 0, run = 0;
    for (; *text; text++) {
        run = *text == wanted ? run + 1 : 0;
        longest = MAX(longest, run);
    }
    return longest;
}

void n1_append_markdown_fence(GString *out, const char *clean, const char *language)
{
    char *fence = g_strnfill(MAX(3, longest_run(clean, FENCE) + 1), FENCE);
    g_string_append_printf(out, "%s%s\n%s%s%s\n", fence, language, clean, g_str_has_suffix(clean, "\n") ? "" : "\n",
                           fence);
    g_free(fence);
}

void n1_append_workflow_data(GString *out, const char *clean)
{
    for (; *clean; clean++) {
        if (*clean == '%' || *clean == '\n' || *clean == '\r')
            g_string_append_printf(out, "%%%02X", *clean);
        else
            g_string_append_c(out, *clean);
    }
}

void n1_append_workflow_property(GString *out, const char *clean)
{
    for (; *clean; clean++) {
        if (strchr("%\n\r:,", *clean))
            g_string_append_printf(out, "%%%02X", *clean);
        else
            g_string_append_c(out, *clean);
    }
}

json_t *n1_json_text(const char *text, size_t most)
{
    char *harmless_text = n1_clean(text, most);
    json_t *json = json_string(harmless_text);
    g_free(harmless_text);
    return json;
}

json_t *n1_json_count(uint64_t count)
{
    return json_integer(count > (uint64_t)INT64_MAX ? INT64_MAX : (json_int_t)count);
}

uint64_t n1_count_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}
