#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/recording.h"
#include "cli/rendering.h"
#include "cli/trace_place.h"

static char *keep;
static gboolean with_values, without_stacks;

static const GOptionEntry entries[] = {
    N1_RENDERING_ENTRIES,
    {"keep", 't', 0, G_OPTION_ARG_FILENAME, &keep, "keep the recording in this directory", "TRACE"},
    {"values", 0, 0, G_OPTION_ARG_NONE, &with_values, "record real values, not only their hashes", NULL},
    {"no-stacks", 0, 0, G_OPTION_ARG_NONE, &without_stacks, "record no call stacks", NULL},
    G_OPTION_ENTRY_NULL,
};

/* Records into place and reports; the exit status. The recording outlives a failed report, so that nothing has to run twice. */
static int record_and_report(const struct n1_command *command, const char *place, char **argv)
{
    struct n1_recorded recorded;
    n1_record(&(struct n1_recording){.directory = place,
                                     .is_temporary = !keep,
                                     .with_values = with_values,
                                     .without_stacks = without_stacks,
                                     .argv = argv},
              &recorded);
    int status = recorded.status;
    if (recorded.has_trace && !n1_rendering_run(recorded.path))
        status = n1_complain(command->failure, "the recording is kept: n1prof report %s", recorded.path);
    else if (recorded.has_trace && !keep)
        n1_trace_place_remove(recorded.path, NULL);
    g_free(recorded.path);
    return status;
}

static int run(const struct n1_command *command, int argc, char **argv)
{
    if (argc == 0)
        return n1_complain(command->failure, "run: no program to profile; for example: n1prof run -- ./shop");
    if (!n1_rendering_prepare(stderr))
        return command->failure;
    if (keep)
        return record_and_report(command, keep, argv);
    GError *error = NULL;
    char *folder = g_dir_make_tmp("n1prof-XXXXXX", &error);
    if (!folder) {
        int status = n1_complain(command->failure, "no temporary directory: %s; name one with --keep", error->message);
        g_error_free(error);
        return status;
    }
    int status = record_and_report(command, folder, argv);
    rmdir(folder); /* is gone already, unless the program never ran or the recording is kept */
    g_free(folder);
    return status;
}

const struct n1_command n1_command_run = {
    .name = "run",
    .arguments = "[--] PROGRAM [ARGUMENT]...",
    .summary = "record a program, then print the report",
    .examples = "  n1prof run -- python3 manage.py test        the report follows on standard error\n"
                "  n1prof run -o report.txt -- ./shop          into a file\n"
                "  n1prof run -f text -f json=r.json -- ./shop both\n",
    .details = "Ends with the program's own exit status; 128+N: ended by signal N; 125: n1prof\n"
               "failed; 126, 127: the program cannot be run, cannot be found.\n",
    .print_more = n1_rendering_print_formats,
    .options = entries,
    .failure = 125,
    .takes_program = TRUE,
    .run = run,
    .words = n1_rendering_words,
};
