#include "reports/html/about.h"

#include "reports/escape.h"
#include "reports/words.h"

/* Words of ours: markup. */
static const struct {
    const char *word, *meaning;
} glossary[] = {
    {"Query", "One execution of one SQL statement by a database client in the program's process."},
    {"The same query",
     "Statements with equal text after their values were taken out; each <code>?</code> stands for a value."},
    {"Rows", "Rows that the program fetched. For writes: rows that the database changed."},
    {"Time in the database",
     "From the call of the client library to its last result, as the program waited: network and server "
     "included, the program's own work on the rows not."},
    {"Proven", "The values given to the repeated query were found among the rows of the query before it. Repetition "
               "alone is never "
               "called that."},
    {"Likely, possible", "The pattern fits, but values are missing or few, or other explanations remain."},
    {"Would be enough", "Queries that would have run had every mend of this page been in place."},
    {"Saves", "Estimated from this recording: the repeated queries' time less what the replacing statement is expected "
              "to take. A "
              "database further away saves more."},
    {"Call path",
     "The functions that led to a query. Runs of library frames are folded; the innermost line of your own code is the "
     "place that is shown."},
    {"Lost events", "Calls that could not be recorded. Counts are then too low, and silence proves nothing."},
};

/* The kinds that the findings are of; all of them when there is none. */
static bool is_wanted(const struct n1_report *r, size_t kind)
{
    for (size_t i = 0; i < r->n_findings; i++)
        if (r->finding[i].kind == (enum n1_kind)kind)
            return true;
    return r->n_findings == 0;
}

void n1_html_about(struct n1_html *page)
{
    n1_html_put(page,
                "<section id=\"about\" aria-labelledby=\"about-title\">\n<h2 id=\"about-title\">What it means</h2>\n");
    for (size_t kind = 0; kind < N1_KINDS; kind++) {
        const struct n1_rule_words *words = &n1_rule_words[kind];
        if (!is_wanted(page->report, kind))
            continue;
        n1_html_format(page, "<details><summary>%s</summary>\n<p>", words->title);
        n1_html_text(page, words->meaning, N1_CLEAN_WORDS);
        n1_html_put(page, "</p>\n<p>");
        n1_html_text(page, words->mend, N1_CLEAN_WORDS);
        n1_html_put(page, "</p></details>\n");
    }
    n1_html_put(page, "<details><summary>The numbers</summary>\n<dl>\n");
    for (size_t i = 0; i < G_N_ELEMENTS(glossary); i++)
        n1_html_format(page, "<dt>%s</dt><dd>%s</dd>\n", glossary[i].word, glossary[i].meaning);
    n1_html_put(page, "</dl></details>\n</section>\n");
}
