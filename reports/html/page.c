#include "reports/html/page.h"

#include <inttypes.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/text/page.h"
#include "reports/words.h"

#define NARROW_BLANK "\xe2\x80\xaf" /* U+202F */

void n1_html_put(struct n1_html *page, const char *markup)
{
    g_string_append(page->out, markup);
}

void n1_html_format(struct n1_html *page, const char *markup, ...)
{
    va_list args;
    va_start(args, markup);
    g_string_append_vprintf(page->out, markup, args);
    va_end(args);
}

static void take(struct n1_html *page, char *clean)
{
    n1_append_xml(page->out, clean);
    g_free(clean);
}

void n1_html_text(struct n1_html *page, const char *text, size_t most)
{
    take(page, n1_clean(text, most));
}

void n1_html_line(struct n1_html *page, const char *text, size_t most)
{
    take(page, most <= N1_CLEAN_LABEL ? n1_clean_label(text) : n1_clean_line(text, most));
}

void n1_html_sentence(struct n1_html *page, const struct n1_finding *finding, const char *text)
{
    GString *sentence = g_string_new(NULL);
    char *shown = n1_place_scrub(&page->places, finding, text);
    n1_words_sentence(sentence, shown);
    n1_html_text(page, sentence->str, N1_CLEAN_WORDS);
    g_string_free(sentence, TRUE);
    g_free(shown);
}

void n1_html_count(struct n1_html *page, uint64_t n)
{
    char digits[24];
    int length = g_snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < length; i++) {
        if (i > 0 && length > 4 && (length - i) % 3 == 0)
            n1_html_put(page, NARROW_BLANK);
        g_string_append_c(page->out, digits[i]);
    }
}

void n1_html_counted(struct n1_html *page, uint64_t n, const char *one, const char *many)
{
    n1_html_count(page, n);
    n1_html_format(page, " %s", n == 1 ? one : many);
}

void n1_html_duration(struct n1_html *page, uint64_t ns)
{
    char text[32];
    n1_page_duration(text, ns);
    bool is_micro = g_str_has_suffix(text, " us"); /* a terminal may lack the letter, a browser has it */
    g_string_append_len(page->out, text, (gssize)(strlen(text) - (is_micro ? 2 : 0)));
    n1_html_put(page, is_micro ? "µs" : "");
}

void n1_html_percent(struct n1_html *page, uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return;
    unsigned tenths = (unsigned)(1000.0 * ((double)MIN(part, whole) / (double)whole) + 0.5);
    if (tenths >= 100)
        n1_html_format(page, "%u%%", (tenths + 5) / 10);
    else
        n1_html_format(page, "%u.%u%%", tenths / 10, tenths % 10);
}

void n1_html_place(struct n1_html *page, const struct n1_location *where)
{
    char *file = n1_place_shown(&page->places, where->file);
    bool has_file = file && *file, has_function = where->function && *where->function;
    if (has_file) {
        n1_html_put(page, "<code>");
        take(page, n1_clean_path(file));
        if (where->line > 0)
            n1_html_format(page, ":%d", where->line);
        n1_html_put(page, "</code>");
    }
    if (has_function) {
        n1_html_put(page, has_file ? " in <code>" : "in <code>");
        n1_html_line(page, where->function, N1_CLEAN_LABEL);
        n1_html_put(page, strpbrk(where->function, " <(+") ? "</code>" : "()</code>");
    }
    if (!has_file && !has_function)
        n1_html_put(page, "in an unknown place");
    g_free(file);
}

void n1_html_code(struct n1_html *page, const char *caption, const char *text)
{
    n1_html_format(page, "<figure class=\"code\"><figcaption>%s</figcaption><pre><code>", caption);
    n1_html_text(page, text, N1_CLEAN_BODY);
    n1_html_put(page, "</code></pre></figure>\n");
}

void n1_html_share(struct n1_html *page, const char *attribute, double share)
{
    unsigned thousandths = (unsigned)(CLAMP(share, 0.0, 1.0) * 100000.0 + 0.5);
    n1_html_format(page, " %s=\"%u.%03u%%\"", attribute, thousandths / 1000, thousandths % 1000);
}
