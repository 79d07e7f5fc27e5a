/* The verdict as annotations of a GitHub Actions step: an error for each regression (ten are shown by GitHub), one line for the
 * rest. */
#include "reports/check/check.h"
#include "reports/escape.h"

enum { ERRORS_MOST = 10 };

static void property(GString *out, const char *name, const char *value)
{
    char *clean = n1_clean_line(value, N1_CLEAN_WORDS);
    g_string_append_printf(out, "%s=", name);
    n1_append_workflow_property(out, clean);
    g_free(clean);
}

static void annotate(FILE *out, const char *command, const char *file, int line_number, const char *title,
                     const char *message)
{
    GString *line = g_string_new(NULL);
    char *clean = n1_clean(message, N1_CLEAN_BODY);
    g_string_append_printf(line, "::%s ", command);
    if (file) {
        property(line, "file", file);
        if (line_number > 0)
            g_string_append_printf(line, ",line=%d,endLine=%d", line_number, line_number);
        g_string_append_c(line, ',');
    }
    property(line, "title", title);
    g_string_append(line, "::");
    n1_append_workflow_data(line, clean);
    g_string_append_c(line, '\n');
    fwrite(line->str, 1, line->len, out);
    g_free(clean);
    g_string_free(line, TRUE);
}

static void annotate_line(FILE *out, const struct n1_verdict *v, const struct n1_check_options *options,
                          const struct n1_verdict_line *line)
{
    char *file = n1_verdict_file(v, options, line), *place = n1_verdict_place(v, options, line),
         *counts = n1_verdict_counts(line), *sentence = n1_verdict_sentence(v, options, line),
         *mend = n1_verdict_mend(v, options, line);
    char *subject = n1_clean_label(line->subject);
    char *title = g_strdup_printf("n1prof: %s", n1_change_words[line->change].title);
    GString *message = g_string_new(subject);
    const char *const parts[] = {file ? NULL : place, sentence, counts};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i] && *parts[i])
            g_string_append_printf(message, "\n%s", parts[i]);
    if (mend)
        g_string_append_printf(message, "\nmend: %s", mend);
    if (line->command)
        g_string_append_printf(message, "\naccept: %s", line->command);
    annotate(out, "error", file, line->where.line, title, message->str);
    g_string_free(message, TRUE);
    g_free(title);
    g_free(subject);
    g_free(mend);
    g_free(sentence);
    g_free(counts);
    g_free(place);
    g_free(file);
}

static int write_github(FILE *out, const struct n1_verdict *v, const struct n1_check_options *options)
{
    guint given = 0;
    for (guint i = 0; i < v->line->len && given < ERRORS_MOST; i++) {
        const struct n1_verdict_line *line = n1_verdict_at(v, i);
        if (!line->fails)
            continue;
        annotate_line(out, v, options, line);
        given++;
    }
    annotate(out, v->outcome == N1_OUTCOME_INCONCLUSIVE ? "error" : "notice", NULL, 0, "n1prof", v->headline);
    return ferror(out) ? -1 : 0;
}

const struct n1_check_format n1_check_github = {
    .name = "github",
    .description = "annotations of a GitHub Actions step",
    .write = write_github,
};
