/* The report as one page: no network, no file beside it, nothing that a strict policy forbids. Everything can be read without the
 * script, which adds sorting, searching, zooming, copying and the choice of a theme.
 *
 * The policy allows exactly the embedded style and script, by their SHA-256 (CSP level 2): whatever else a hostile string might
 * have smuggled into the page would not run.
 */
#include "reports/escape.h"
#include "reports/html/about.h"
#include "reports/html/assets.h"
#include "reports/html/before.h"
#include "reports/html/finding.h"
#include "reports/html/flame.h"
#include "reports/html/queries.h"
#include "reports/html/scopes.h"
#include "reports/html/summary.h"
#include "reports/html/timeline.h"
#include "reports/words.h"

/* "sha256-…" of an inline element's text; g_free() it. */
static char *policy_hash(const char *text)
{
    guint8 digest[32];
    gsize length = sizeof digest;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)text, -1);
    g_checksum_get_digest(sum, digest, &length);
    g_checksum_free(sum);
    char *base64 = g_base64_encode(digest, length), *hash = g_strconcat("sha256-", base64, NULL);
    g_free(base64);
    return hash;
}

static void title(struct n1_html *page)
{
    GString *words = g_string_new(NULL);
    char *command = n1_place_command(&page->places, page->report);
    n1_words_verdict(words, page->report);
    n1_html_put(page, "<title>");
    n1_html_line(page, words->str, N1_CLEAN_WORDS);
    n1_html_put(page, " – ");
    n1_html_line(page, command, N1_CLEAN_WORDS);
    n1_html_put(page, " – n1prof</title>\n");
    g_free(command);
    g_string_free(words, TRUE);
}

static void head(struct n1_html *page)
{
    char *style = policy_hash(n1_html_style), *script = policy_hash(n1_html_script);
    n1_html_put(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    n1_html_format(
        page,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; script-src '%s'; "
        "img-src data:; base-uri 'none'; form-action 'none'\">\n",
        style, script);
    n1_html_put(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"referrer\" content=\"no-referrer\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n"
                      "<link rel=\"icon\" href=\"data:,\">\n");
    title(page);
    n1_html_put(page, "<style>");
    n1_html_put(page, n1_html_style);
    n1_html_put(page, "</style>\n<script>");
    n1_html_put(page, n1_html_script);
    n1_html_put(page, "</script>\n</head>\n");
    g_free(style);
    g_free(script);
}

static void banner(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    n1_html_put(page, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n<header class=\"top\">\n"
                      "<p class=\"brand\">n1prof</p>\n<nav aria-label=\"Sections\"><ul>\n"
                      "<li><a href=\"#findings\">Findings</a></li>\n");
    if (page->options->before)
        n1_html_put(page, "<li><a href=\"#before\">Before and after</a></li>\n");
    n1_html_put(page, "<li><a href=\"#queries\">Queries</a></li>\n");
    if (r->n_queries > 0)
        n1_html_put(page, "<li><a href=\"#timeline\">In time</a></li>\n");
    if (r->n_paths > 0)
        n1_html_put(page, "<li><a href=\"#paths\">Call paths</a></li>\n");
    n1_html_put(page, "<li><a href=\"#about\">What it means</a></li>\n</ul></nav>\n"
                      "<button type=\"button\" id=\"theme\" hidden>Theme</button>\n</header>\n<main id=\"main\">\n");
}

static void foot(struct n1_html *page)
{
    const char *version = page->report->tool_version ? page->report->tool_version : N1_VERSION;
    n1_html_put(page, "</main>\n<footer><p>Written by n1prof ");
    n1_html_line(page, version, N1_CLEAN_LABEL);
    n1_html_put(page, ". The page is one file: it loads nothing and sends nothing.</p></footer>\n</body>\n</html>\n");
}

static int write_html(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct n1_html page = {.out = g_string_new(NULL), .report = report, .options = options};
    n1_places_init(&page.places, report, options);
    head(&page);
    banner(&page);
    n1_html_summary(&page);
    n1_html_findings(&page);
    n1_html_before(&page);
    n1_html_scopes(&page);
    n1_html_queries(&page);
    n1_html_timeline(&page);
    n1_html_flames(&page);
    n1_html_about(&page);
    foot(&page);
    n1_places_release(&page.places);
    size_t written = fwrite(page.out->str, 1, page.out->len, out);
    bool is_whole = written == page.out->len;
    g_string_free(page.out, TRUE);
    return is_whole && !ferror(out) ? 0 : -1;
}

const struct n1_report_format n1_report_html = {
    .name = "html",
    .description = "one page for a browser, without network: findings, queries, timeline, flame graphs",
    .write = write_html,
};
