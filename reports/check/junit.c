/* JUnit XML of a verdict: a case for each thing that was held against the baseline and stands out; a regression is a failure,
 * what cannot be told is an error (n1prof's trouble, not the program's), what is suppressed is skipped. */
#include "reports/check/check.h"
#include "reports/escape.h"

struct junit {
    GString *cases;
    guint tests, failures, errors, skipped;
};

static void attribute(GString *out, const char *name, const char *value)
{
    char *clean = n1_clean_line(value, N1_CLEAN_WORDS);
    g_string_append_printf(out, " %s=\"", name);
    n1_append_xml(out, clean);
    g_string_append_c(out, '"');
    g_free(clean);
}

static void body(GString *out, const char *text)
{
    char *clean = n1_clean(text, N1_CLEAN_BODY);
    n1_append_xml(out, clean);
    g_free(clean);
}

static void add_case(struct junit *j, const struct n1_verdict *v, const struct n1_check_options *options,
                     const struct n1_verdict_line *line)
{
    char *place = n1_verdict_place(v, options, line), *counts = n1_verdict_counts(line),
         *file = n1_verdict_file(v, options, line), *sentence = n1_verdict_sentence(v, options, line),
         *mend = n1_verdict_mend(v, options, line);
    char *subject = n1_clean_label(line->subject);
    char *name = g_strdup_printf("%s: %s", line->path ? line->path : n1_change_words[line->change].title, subject);
    bool is_skipped = line->change == N1_CHANGE_SUPPRESSED;
    j->tests++;
    g_string_append(j->cases, "    <testcase");
    attribute(j->cases, "classname", "n1prof.check");
    attribute(j->cases, "name", name);
    if (file)
        attribute(j->cases, "file", file);
    g_string_append(j->cases, " time=\"0.000000\"");
    if (line->fails || is_skipped) {
        char *message = g_strdup_printf("%s: %s%s%s", n1_change_words[line->change].title, place ? place : "",
                                        counts ? ": " : "", counts ? counts : "");
        g_string_append_printf(j->cases, ">\n      <%s", is_skipped ? "skipped" : "failure");
        attribute(j->cases, "message", is_skipped ? sentence : message);
        if (!is_skipped)
            attribute(j->cases, "type", n1_change_words[line->change].name);
        g_string_append_c(j->cases, '>');
        const char *const parts[] = {message,       "\n",
                                     sentence,      "\n",
                                     line->subject, mend ? "\nmend: " : "",
                                     mend,          line->command ? "\naccept: " : "\n",
                                     line->command};
        for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
            body(j->cases, parts[i]);
        g_string_append_printf(j->cases, "</%s>\n    </testcase>\n", is_skipped ? "skipped" : "failure");
        j->failures += line->fails;
        j->skipped += is_skipped;
        g_free(message);
    } else
        g_string_append(j->cases, "/>\n");
    g_free(name);
    g_free(subject);
    g_free(mend);
    g_free(sentence);
    g_free(file);
    g_free(counts);
    g_free(place);
}

static void add_verdict(struct junit *j, const struct n1_verdict *v)
{
    j->tests++;
    g_string_append(j->cases, "    <testcase classname=\"n1prof.check\" name=\"verdict\" time=\"0.000000\"");
    if (v->outcome != N1_OUTCOME_INCONCLUSIVE) {
        g_string_append(j->cases, "/>\n");
        return;
    }
    g_string_append(j->cases, ">\n      <error type=\"inconclusive\"");
    attribute(j->cases, "message", v->headline);
    g_string_append(j->cases, "/>\n    </testcase>\n");
    j->errors++;
}

static int write_junit(FILE *out, const struct n1_verdict *v, const struct n1_check_options *options)
{
    struct junit j = {.cases = g_string_new(NULL)};
    add_verdict(&j, v);
    for (guint i = 0; i < v->line->len; i++)
        add_case(&j, v, options, n1_verdict_at(v, i));
    char *counts = g_strdup_printf(" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"0.000000\"",
                                   j.tests, j.failures, j.errors, j.skipped);
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"n1prof\"%s>\n", counts);
    fprintf(out, "  <testsuite name=\"n1prof %s\"%s>\n", n1_verdict_subject_name(v), counts);
    fwrite(j.cases->str, 1, j.cases->len, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
    g_free(counts);
    g_string_free(j.cases, TRUE);
    return ferror(out) ? -1 : 0;
}

const struct n1_check_format n1_check_junit = {
    .name = "junit",
    .description = "JUnit XML: Jenkins, GitLab and most other CI",
    .write = write_junit,
};
