/* Markdown for a pull request's comment. The first line is a comment that nobody sees: a bot finds its earlier comment of the
 * same command by it and replaces that.
 */
#include "reports/escape.h"
#include "reports/markdown_page.h"
#include "reports/places.h"

/* GitHub's limit of a comment is 65 536 characters. */
static const struct n1_markdown_limits limits = {.bytes = 60000, .findings = 20, .queries = 10};

/* Letters, digits, dots and single dashes: cannot end the comment that it stands in. */
static void append_name(GString *out, const char *command)
{
    bool was_dash = true;
    for (const char *c = command; *c; c++) {
        bool is_plain = g_ascii_isalnum(*c) || *c == '.' || *c == '_';
        if (is_plain || !was_dash)
            g_string_append_c(out, is_plain ? *c : '-');
        was_dash = !is_plain;
    }
}

static int write_markdown(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct n1_places places;
    n1_places_init(&places, report, options);
    char *command = n1_place_command(&places, report);
    GString *marker = g_string_new("<!-- n1prof-report: ");
    append_name(marker, command);
    g_string_append(marker, " -->\n");
    GString *page = n1_markdown_page(report, options, &limits);
    fwrite(marker->str, 1, marker->len, out);
    fwrite(page->str, 1, page->len, out);
    g_string_free(page, TRUE);
    g_string_free(marker, TRUE);
    g_free(command);
    n1_places_release(&places);
    return ferror(out) ? -1 : 0;
}

const struct n1_report_format n1_report_markdown = {
    .name = "markdown",
    .description = "a pull request's comment, with a marker to find it by",
    .write = write_markdown,
};
