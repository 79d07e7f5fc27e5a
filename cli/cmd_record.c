#include "cli/command.h"
#include "cli/message.h"
#include "cli/recording.h"

static char *directory;
static gboolean with_values, without_stacks;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &directory, "the recording's directory (default n1prof.trace)", "TRACE"},
    {"values", 0, 0, G_OPTION_ARG_NONE, &with_values, "record real values, not only their hashes", NULL},
    {"no-stacks", 0, 0, G_OPTION_ARG_NONE, &without_stacks, "record no call stacks", NULL},
    G_OPTION_ENTRY_NULL,
};

static int run(const struct n1_command *command, int argc, char **argv)
{
    struct n1_recorded recorded;
    if (argc == 0)
        return n1_complain(command->failure, "record: no program to record; for example: n1prof record -- ./shop");
    n1_record(&(struct n1_recording){.directory = directory ? directory : "n1prof.trace",
                                     .with_values = with_values,
                                     .without_stacks = without_stacks,
                                     .argv = argv},
              &recorded);
    g_free(recorded.path);
    return recorded.status;
}

const struct n1_command n1_command_record = {
    .name = "record",
    .arguments = "[--] PROGRAM [ARGUMENT]...",
    .summary = "record a program's database calls",
    .examples = "  n1prof record -- ./shop --all               into n1prof.trace\n"
                "  n1prof record -o a.trace -- pytest tests    into a.trace\n",
    .details = "An earlier recording in the same place becomes TRACE.old. Ends with the program's own\n"
               "exit status; 128+N: ended by signal N; 125: n1prof failed; 126, 127: the program\n"
               "cannot be run, cannot be found.\n",
    .options = entries,
    .failure = 125,
    .takes_program = TRUE,
    .run = run,
};
