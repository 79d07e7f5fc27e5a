#include <stdio.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/rendering.h"

static const GOptionEntry entries[] = {
    N1_RENDERING_ENTRIES,
    {"before", 0, 0, G_OPTION_ARG_FILENAME, &n1_rendering_options.before, "an earlier recording to compare with (html)",
     "TRACE"},
    G_OPTION_ENTRY_NULL,
};

static int run(const struct n1_command *command, int argc, char **argv)
{
    if (argc > 1)
        return n1_complain(command->failure, "report: one recording at a time; what is '%s'?", argv[1]);
    if (!n1_rendering_prepare(stdout))
        return command->failure;
    return n1_rendering_run(argc > 0 ? argv[0] : "n1prof.trace") ? 0 : command->failure;
}

const struct n1_command n1_command_report = {
    .name = "report",
    .arguments = "[TRACE]",
    .summary = "what a recording shows",
    .examples = "  n1prof report                               of n1prof.trace\n"
                "  n1prof report a.trace --format json\n"
                "  n1prof report -f text -f json=r.json        several at once\n"
                "  n1prof report -f html=r.html --before old.trace\n",
    .print_more = n1_rendering_print_formats,
    .options = entries,
    .failure = 2,
    .run = run,
    .words = n1_rendering_words,
};
