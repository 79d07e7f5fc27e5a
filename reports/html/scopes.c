#include "reports/html/scopes.h"

#include "reports/escape.h"

#define BYTES_MOST 40000

static void cell(struct n1_html *page, uint64_t n)
{
    n1_html_put(page, "<td class=\"n\">");
    n1_html_count(page, n);
    n1_html_put(page, "</td>");
}

void n1_html_scopes(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    size_t start = page->out->len, i = 0;
    if (r->n_scopes == 0)
        return;
    n1_html_put(
        page, "<section id=\"scopes\" aria-labelledby=\"scopes-title\">\n<h2 id=\"scopes-title\">Scopes</h2>\n"
              "<p class=\"hint\">Stretches of work that the program named: tests, requests, jobs.</p>\n"
              "<div class=\"scroll\" role=\"region\" aria-label=\"Scopes as a table\" tabindex=\"0\">\n"
              "<table aria-labelledby=\"scopes-title\">\n<thead><tr><th scope=\"col\">Scope</th><th scope=\"col\" "
              "class=\"n\">Entered</th><th scope=\"col\" class=\"n\">Queries</th><th scope=\"col\" class=\"n\">Most in "
              "one</th></tr></thead>\n<tbody>\n");
    for (; i < r->n_scopes && page->out->len - start < BYTES_MOST; i++) {
        const struct n1_scope *scope = &r->scope[i];
        n1_html_put(page, "<tr><th scope=\"row\">");
        n1_html_line(page, scope->name && *scope->name ? scope->name : "(no name)", N1_CLEAN_LABEL);
        n1_html_put(page, "</th>");
        cell(page, scope->entries);
        cell(page, scope->statements);
        cell(page, scope->most_statements);
        n1_html_put(page, "</tr>\n");
    }
    n1_html_put(page, "</tbody></table></div>\n");
    if (i < r->n_scopes)
        n1_html_format(page, "<p class=\"rest\">and %zu more in the json report</p>\n", r->n_scopes - i);
    n1_html_put(page, "</section>\n");
}
