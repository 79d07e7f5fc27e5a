#include "analyzer/analyze.h"
#include "analyzer/gate/diff.h"
#include "cli/command.h"
#include "cli/judging.h"
#include "cli/message.h"

static const GOptionEntry entries[] = {
    N1_JUDGING_ENTRIES,
    G_OPTION_ENTRY_NULL,
};

static int run(const struct n1_command *command, int argc, char **argv)
{
    if (argc != 2)
        return n1_complain(command->failure, "diff wants two recordings: n1prof diff before.trace after.trace");
    if (!n1_judging_prepare(true))
        return command->failure;
    struct n1_report *before = n1_judging_load(argv[0], NULL);
    struct n1_report *after = before ? n1_judging_load(argv[1], NULL) : NULL;
    int status = command->failure;
    if (after) {
        struct n1_verdict *verdict = n1_diff(before, after);
        status = n1_judging_write(verdict) ? 0 : command->failure;
        n1_verdict_free(verdict);
    }
    n1_report_free(after);
    n1_report_free(before);
    return status;
}

const struct n1_command n1_command_diff = {
    .name = "diff",
    .arguments = "TRACE_A TRACE_B",
    .summary = "what got better and worse from one recording to the next",
    .examples = "  n1prof diff before.trace after.trace\n"
                "  n1prof diff a.trace b.trace -f markdown     for a pull request\n",
    .print_more = n1_judging_print_diff_formats,
    .options = entries,
    .failure = 2,
    .run = run,
    .words = n1_judging_diff_words,
};
