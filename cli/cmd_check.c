#include <string.h>

#include "analyzer/analyze.h"
#include "analyzer/gate/check.h"
#include "analyzer/gate/scale.h"
#include "cli/accepted.h"
#include "cli/command.h"
#include "cli/judging.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/suppressing.h"

static char *baseline_file;
static char **budgets, **fail_on, **accepted;
static gboolean tightens, updates_all, is_strict, allows_empty, is_scale;

static const GOptionEntry entries[] = {
    {"baseline", 'b', 0, G_OPTION_ARG_FILENAME, &baseline_file, "what is accepted (default: " N1_BASELINE_FILE ")",
     "FILE"},
    {"update", 0, 0, G_OPTION_ARG_NONE, &tightens, "tighten the baseline, downwards only; make it when there is none",
     NULL},
    /* GLib takes the word behind an optional argument for it; this is an option of its own. */
    {"update=all", 0, 0, G_OPTION_ARG_NONE, &updates_all, "accept what is new and what is more, too", NULL},
    {"accept", 0, 0, G_OPTION_ARG_STRING_ARRAY, &accepted, "accept this one; repeatable", "ID"},
    {"budget", 0, 0, G_OPTION_ARG_STRING_ARRAY, &budgets,
     "at most N statements in all, or in each entry into a scope; repeatable", "[SCOPE=]N"},
    {"fail-on", 0, 0, G_OPTION_ARG_STRING_ARRAY, &fail_on,
     "what may fail: kinds of findings, count, all (default), none", "KINDS"},
    {"strict", 0, 0, G_OPTION_ARG_NONE, &is_strict, "fail when there is less than accepted, too", NULL},
    {"allow-empty", 0, 0, G_OPTION_ARG_NONE, &allows_empty, "pass without any database call", NULL},
    {"scale", 0, 0, G_OPTION_ARG_NONE, &is_scale, "two recordings at two sizes of the data: what grows?", NULL},
    N1_SUPPRESSING_ENTRIES,
    N1_JUDGING_ENTRIES,
    G_OPTION_ENTRY_NULL,
};

struct job {
    GPtrArray *traces;  /* of char */
    GPtrArray *reports; /* of struct n1_report */
    struct n1_suppressions *suppressions;
    struct n1_baseline *baseline;
    bool has_file;
    GArray *budget; /* of struct n1_budget */
    unsigned fail_on;
};

/* ---- options -------------------------------------------------------------------------------------------------------------- */

static bool read_budget(GArray *into, const char *text)
{
    const char *equals = strrchr(text, '='), *digits = equals ? equals + 1 : text;
    char *end;
    struct n1_budget budget = {.most = g_ascii_strtoull(digits, &end, 10)};
    if (!g_ascii_isdigit(*digits) || *end || equals == text) {
        n1_complain(0, "--budget wants a number or SCOPE=NUMBER, not '%s'", text);
        return false;
    }
    if (equals) {
        char *scope = g_strndup(text, (gsize)(equals - text));
        budget.scope = g_intern_string(scope);
        g_free(scope);
    }
    g_array_append_val(into, budget);
    return true;
}

static bool read_kind(unsigned *mask, const char *name)
{
    unsigned kind = 0;
    while (kind < N1_KINDS && strcmp(name, n1_kind_name((enum n1_kind)kind)) != 0)
        kind++;
    if (kind < N1_KINDS)
        *mask |= 1U << kind;
    else if (strcmp(name, "count") == 0)
        *mask |= N1_FAIL_ON_COUNT;
    else if (strcmp(name, "all") == 0)
        *mask = N1_FAIL_ON_ALL;
    else if (strcmp(name, "none") != 0) {
        n1_complain(0,
                    "--fail-on: there is no kind '%s'; kinds: n_plus_one, query_loop, duplicate_query, write_loop, "
                    "read_modify_write, count, all, none",
                    name);
        return false;
    }
    return true;
}

static bool read_fail_on(unsigned *mask)
{
    bool is_good = true;
    *mask = fail_on ? 0 : N1_FAIL_ON_ALL;
    for (char **list = fail_on; list && *list && is_good; list++) {
        char **names = g_strsplit(*list, ",", -1);
        for (char **name = names; *name && is_good; name++)
            is_good = read_kind(mask, g_strstrip(*name));
        g_strfreev(names);
    }
    return is_good;
}

static void append_word(GString *line, const char *word)
{
    bool is_plain = *word != '\0';
    for (const char *p = word; *p; p++)
        is_plain &= g_ascii_isalnum(*p) || strchr("_-./+,:@%=", *p) != NULL;
    char *quoted = is_plain ? g_strdup(word) : g_shell_quote(word);
    g_string_append_printf(line, " %s", quoted);
    g_free(quoted);
}

/* The command as it was given, without what it shall do: to be continued. */
static char *command_line(char **traces)
{
    GString *line = g_string_new("n1prof check");
    for (; *traces; traces++)
        append_word(line, *traces);
    if (baseline_file) {
        g_string_append(line, " --baseline");
        append_word(line, baseline_file);
    }
    if (n1_suppressing_options.file) {
        g_string_append(line, " --suppressions");
        append_word(line, n1_suppressing_options.file);
    }
    return g_string_free(line, FALSE);
}

/* ---- the work -------------------------------------------------------------------------------------------------------------- */

static bool load(struct job *job)
{
    for (guint i = 0; i < job->traces->len; i++) {
        struct n1_report *report = n1_judging_load(g_ptr_array_index(job->traces, i), job->suppressions);
        if (!report)
            return false;
        g_ptr_array_add(job->reports, report);
    }
    return true;
}

static void add_unused(struct n1_verdict *verdict, const struct n1_suppressions *suppressions)
{
    for (size_t i = 0; suppressions && i < n1_suppressions_count(suppressions); i++) {
        const struct n1_suppression *s = n1_suppressions_at(suppressions, i);
        if (s->used > 0)
            continue;
        struct n1_verdict_line *line = n1_verdict_add(verdict, N1_CHANGE_UNUSED);
        line->subject = n1_verdict_text(verdict, s->name);
        line->message = n1_verdict_printf(verdict, "%s:%d%s", n1_suppressions_file(suppressions), s->line,
                                          s->has_expired ? ": its date is over" : "");
    }
    n1_verdict_settle(verdict);
}

static int finish(struct n1_verdict *verdict)
{
    static const int statuses[] = {[N1_OUTCOME_PASSED] = 0, [N1_OUTCOME_REGRESSED] = 1, [N1_OUTCOME_INCONCLUSIVE] = 2};
    int status = n1_judging_write(verdict) ? statuses[verdict->outcome] : 2;
    n1_verdict_free(verdict);
    return status;
}

static int scale(struct job *job)
{
    struct n1_scale_input input = {
        .a = g_ptr_array_index(job->reports, 0),
        .b = g_ptr_array_index(job->reports, 1),
        .name_a = g_ptr_array_index(job->traces, 0),
        .name_b = g_ptr_array_index(job->traces, 1),
        .baseline = job->baseline,
        .baseline_file = job->has_file ? (baseline_file ? baseline_file : N1_BASELINE_FILE) : NULL,
    };
    struct n1_verdict *verdict = n1_scale(&input);
    add_unused(verdict, job->suppressions);
    return finish(verdict);
}

/* Whether an id of --accept names something. */
static bool is_known(const struct n1_verdict *verdict, const struct n1_baseline *baseline, const char *id)
{
    for (guint i = 0; i < verdict->line->len; i++) {
        const struct n1_verdict_line *line = g_ptr_array_index(verdict->line, i);
        if (g_strcmp0(line->id, id) == 0 || (line->finding && strcmp(line->finding->id, id) == 0))
            return true;
    }
    return n1_baseline_find(baseline, id) != NULL;
}

static int check(struct job *job, char **given)
{
    const char *file = baseline_file ? baseline_file : N1_BASELINE_FILE;
    bool makes_it = tightens && !job->has_file;
    char *line = command_line(given);
    struct n1_check_input input = {
        .report = (const struct n1_report *const *)job->reports->pdata,
        .n_reports = job->reports->len,
        .baseline = job->baseline,
        .baseline_file = job->has_file ? file : NULL,
        .command = line,
        .fail_on = job->fail_on,
        .is_strict = is_strict,
        .may_be_empty = allows_empty,
        .update = updates_all || makes_it ? N1_UPDATE_ALL
                  : tightens              ? N1_UPDATE_TIGHTEN
                  : accepted              ? N1_UPDATE_LISTED
                                          : N1_UPDATE_NOTHING,
        .accept = (const char *const *)accepted,
        .budget = (const struct n1_budget *)(void *)job->budget->data,
        .n_budgets = job->budget->len,
    };
    struct n1_verdict *verdict = n1_check(&input);
    bool is_written = true, writes = input.has_changed || (makes_it && verdict->outcome != N1_OUTCOME_INCONCLUSIVE);
    add_unused(verdict, job->suppressions);
    if (writes) {
        is_written = n1_accepted_write(job->baseline, file);
        n1_verdict_note(verdict, "%s: written, %u %s.", file, job->baseline->entry->len,
                        n1_noun(job->baseline->entry->len, "entry", "entries"));
    } else if (!job->has_file)
        n1_verdict_note(verdict, "There is no baseline yet; '%s --update' makes %s of what is accepted now.", line,
                        file);
    for (char **id = accepted; id && *id; id++)
        if (!is_known(verdict, job->baseline, *id))
            n1_complain(0, "--accept %s: nothing of that id stands out in these recordings", *id);
    int status = finish(verdict);
    g_free(line);
    return is_written ? status : 2;
}

static int generate(const struct job *job)
{
    struct n1_error err = {0};
    struct n1_output output;
    const char *file = n1_targets_options.output ? n1_targets_options.output : "-";
    if (n1_output_open(&output, file, &err) != 0)
        return n1_complain(2, "%s", err.message);
    for (guint i = 0; i < job->reports->len; i++)
        n1_suppressions_generate(output.stream, g_ptr_array_index(job->reports, i));
    return n1_output_close(&output, &err) == 0 ? 0 : n1_complain(2, "%s", err.message);
}

static void free_report(gpointer report)
{
    n1_report_free(report);
}

static int work(struct job *job, char **given)
{
    if (!load(job))
        return 2;
    if (n1_suppressing_options.generates)
        return generate(job);
    return is_scale ? scale(job) : check(job, given);
}

static int run(const struct n1_command *command, int argc, char **argv)
{
    struct job job = {.budget = g_array_new(FALSE, TRUE, sizeof(struct n1_budget))};
    int status = command->failure;
    bool is_good = read_fail_on(&job.fail_on);
    for (char **b = budgets; b && *b && is_good; b++)
        is_good = read_budget(job.budget, *b);
    if (is_good && is_scale && argc != 2)
        is_good = n1_complain(0, "check --scale wants two recordings: the same work at two sizes of the data") != 0;
    if (is_good && is_scale && (tightens || updates_all || accepted || budgets))
        is_good = n1_complain(0, "check --scale changes no baseline and knows no budget") != 0;
    if (!is_good || !n1_judging_prepare(false) || !n1_suppressing_load(&job.suppressions))
        goto out;
    job.baseline = n1_accepted_read(baseline_file, tightens || updates_all || accepted, &job.has_file);
    if (!job.baseline)
        goto out;
    job.traces = g_ptr_array_new();
    job.reports = g_ptr_array_new_with_free_func(free_report);
    static char usual[] = "n1prof.trace";
    for (int i = 0; i < argc; i++)
        g_ptr_array_add(job.traces, argv[i]);
    if (argc == 0)
        g_ptr_array_add(job.traces, usual);
    status = work(&job, argv);
    g_ptr_array_free(job.reports, TRUE);
    g_ptr_array_free(job.traces, TRUE);
out:
    n1_baseline_free(job.baseline);
    n1_suppressions_free(job.suppressions);
    g_array_unref(job.budget);
    return status;
}

const struct n1_command n1_command_check = {
    .name = "check",
    .arguments = "[TRACE]...",
    .summary = "the CI gate: fail when there are more queries than accepted",
    .examples = "  n1prof check --update                       accept what is there now: n1prof-baseline.json\n"
                "  n1prof check                                n1prof.trace against it\n"
                "  n1prof check a.trace b.trace -f auto        a test run's parts, in CI\n"
                "  n1prof check --budget 'test_index=12'       at most 12 statements in that scope\n"
                "  n1prof check --scale small.trace big.trace  what grows with the data?\n",
    .details = "Ends with 0 when nothing regressed, 1 when something did, 2 when it cannot be told.\n",
    .print_more = n1_judging_print_formats,
    .options = entries,
    .failure = 2,
    .run = run,
    .words = n1_judging_words,
};
