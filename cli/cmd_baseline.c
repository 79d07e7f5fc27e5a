#include <string.h>

#include "analyzer/analyze.h"
#include "analyzer/gate/callpath.h"
#include "analyzer/gate/check.h"
#include "cli/accepted.h"
#include "cli/command.h"
#include "cli/judging.h"
#include "cli/message.h"
#include "cli/suppressing.h"

static char *baseline_file;

static const GOptionEntry entries[] = {
    {"baseline", 'b', 0, G_OPTION_ARG_FILENAME, &baseline_file, "the file (default: " N1_BASELINE_FILE ")", "FILE"},
    {"suppressions", 0, 0, G_OPTION_ARG_FILENAME, &n1_suppressing_options.file,
     "prune: findings that are accepted (default: " N1_SUPPRESSIONS_FILE ")", "FILE"},
    G_OPTION_ENTRY_NULL,
};

/* ---- merge ------------------------------------------------------------------------------------------------------------------ */

/* git gives an empty file for a side that did not have one. */
static struct n1_baseline *read_side(const char *file)
{
    struct n1_error err = {0};
    struct n1_baseline *baseline = n1_baseline_read(file, true, &err);
    if (!baseline)
        n1_complain(0, "%s", err.message);
    return baseline;
}

static int merge(const struct n1_command *command, int argc, char **argv)
{
    if (argc != 3)
        return n1_complain(command->failure, "baseline merge wants three files: BASE OURS THEIRS; OURS is written");
    struct n1_baseline *base = read_side(argv[0]), *ours = base ? read_side(argv[1]) : NULL;
    struct n1_baseline *theirs = ours ? read_side(argv[2]) : NULL;
    int status = command->failure;
    if (theirs) {
        struct n1_baseline *merged = n1_baseline_merge(base, ours, theirs);
        status = n1_accepted_write(merged, argv[1]) ? 0 : command->failure;
        n1_baseline_free(merged);
    }
    n1_baseline_free(base);
    n1_baseline_free(ours);
    n1_baseline_free(theirs);
    return status;
}

/* ---- prune ------------------------------------------------------------------------------------------------------------------ */

static void free_report(gpointer report)
{
    n1_report_free(report);
}

/* A statement of a suppressed finding has an entry that rests; only what no recording knows goes. */
static int prune_by(struct n1_baseline *baseline, const GPtrArray *reports, const char *file)
{
    const struct n1_report *const *list = (const struct n1_report *const *)reports->pdata;
    struct n1_verdict *scratch = n1_verdict_new(N1_VERDICT_CHECK);
    const char *doubt = n1_check_doubt(scratch, list, reports->len, false);
    int status = 0;
    if (doubt)
        status = n1_complain(2, "nothing is pruned: %s", doubt);
    else {
        struct n1_gate_items *items = n1_gate_items_new(list, reports->len);
        guint gone = n1_check_prune(items, baseline);
        if (gone > 0 && !n1_accepted_write(baseline, file))
            status = 2;
        else
            printf("%s: %u stale entr%s removed, %u left\n", file ? file : N1_BASELINE_FILE, gone,
                   gone == 1 ? "y" : "ies", baseline->entry->len);
        n1_gate_items_free(items);
    }
    n1_verdict_free(scratch);
    return status;
}

static int prune(const struct n1_command *command, int argc, char **argv)
{
    bool is_there;
    static char usual[] = "n1prof.trace";
    char *one[] = {usual, NULL};
    struct n1_suppressions *suppressions = NULL;
    struct n1_baseline *baseline = n1_accepted_read(baseline_file, false, &is_there);
    if (!baseline)
        return command->failure;
    int status = command->failure;
    GPtrArray *reports = g_ptr_array_new_with_free_func(free_report);
    bool is_good = n1_suppressing_load(&suppressions);
    for (char **trace = argc > 0 ? argv : one; *trace && is_good; trace++) {
        struct n1_report *report = n1_judging_load(*trace, suppressions);
        is_good = report != NULL;
        if (report)
            g_ptr_array_add(reports, report);
    }
    if (is_good)
        status = prune_by(baseline, reports, baseline_file);
    g_ptr_array_free(reports, TRUE);
    n1_suppressions_free(suppressions);
    n1_baseline_free(baseline);
    return status;
}

/* ---- show ------------------------------------------------------------------------------------------------------------------- */

static int show(const struct n1_command *command, int argc, char **argv)
{
    bool is_there;
    if (argc > 0)
        return n1_complain(command->failure, "baseline show: what is '%s'? the file is named with --baseline", argv[0]);
    struct n1_baseline *baseline = n1_accepted_read(baseline_file ? baseline_file : N1_BASELINE_FILE, false, &is_there);
    if (!baseline)
        return command->failure;
    for (guint i = 0; i < baseline->entry->len; i++) {
        const struct n1_gate_entry *e = g_ptr_array_index(baseline->entry, i);
        char *measure = n1_gate_measure(e->form, e->executions, e->slope), *path = n1_gate_callpath_words(e->path);
        printf("%s  %s%s%s\n  in %s\n  %s\n", e->id, measure, e->tolerance_text ? ", tolerance " : "",
               e->tolerance_text ? e->tolerance_text : "", path, e->sql);
        if (e->parent)
            printf("  for each row of %s\n", e->parent);
        if (e->note)
            printf("  note: %s\n", e->note);
        g_free(path);
        g_free(measure);
    }
    n1_baseline_free(baseline);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : command->failure;
}

/* ------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int (*run)(const struct n1_command *command, int argc, char **argv);
} verbs[] = {{"merge", merge}, {"prune", prune}, {"show", show}};

static char *words(const char *placeholder)
{
    return strcmp(placeholder, "BASE") == 0 ? g_strdup("merge prune show") : NULL; /* the first argument is the verb */
}

static int run(const struct n1_command *command, int argc, char **argv)
{
    for (size_t i = 0; argc > 0 && i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(argv[0], verbs[i].name) == 0)
            return verbs[i].run(command, argc - 1, argv + 1);
    if (argc > 0)
        return n1_complain(command->failure, "baseline: there is no '%s'; merge, prune or show", argv[0]);
    return n1_complain(command->failure, "baseline: merge, prune or show? see n1prof baseline --help");
}

const struct n1_command n1_command_baseline = {
    .name = "baseline",
    .arguments = "merge BASE OURS THEIRS | prune [TRACE]... | show",
    .summary = "merge, prune and show the file of what is accepted",
    .examples = "  n1prof baseline prune                       remove what matches nothing in n1prof.trace\n"
                "  n1prof baseline show\n"
                "  git config merge.n1prof.driver 'n1prof baseline merge %O %A %B'\n",
    .details = "merge is a git merge driver: OURS becomes the merged file, never with a conflict. In .gitattributes:\n"
               "  n1prof-baseline.json merge=n1prof\n",
    .options = entries,
    .failure = 2,
    .run = run,
    .words = words,
};
