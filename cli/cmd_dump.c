#include <string.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/output.h"
#include "trace/dump.h"

static char *output_name, *format;

static const GOptionEntry entries[] = {
    {"format", 'f', 0, G_OPTION_ARG_FILENAME, &format, "ndjson (default): one JSON object a line", "FORMAT"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_name, "write to FILE", "FILE"},
    G_OPTION_ENTRY_NULL,
};

static char *words(const char *placeholder)
{
    return strcmp(placeholder, "FORMAT") == 0 ? g_strdup("ndjson") : NULL;
}

static int run(const struct n1_command *command, int argc, char **argv)
{
    struct n1_error err = {0};
    struct n1_output output;
    if (argc > 1)
        return n1_complain(command->failure, "dump: one recording at a time; what is '%s'?", argv[1]);
    if (format && strcmp(format, "ndjson") != 0)
        return n1_complain(command->failure, "there is no format '%s' of a dump; formats: ndjson", format);
    struct n1_trace *trace = n1_trace_open(argc > 0 ? argv[0] : "n1prof.trace", &err);
    if (!trace)
        return n1_complain(command->failure, "%s", err.message);
    int rc = n1_output_open(&output, output_name ? output_name : "-", &err);
    if (rc == 0) {
        rc = n1_trace_dump_ndjson(trace, output.stream, &err);
        if (rc == 0)
            rc = n1_output_close(&output, &err);
        else
            n1_output_discard(&output);
    }
    n1_trace_close(trace);
    return rc == 0 ? 0 : n1_complain(command->failure, "%s", err.message);
}

const struct n1_command n1_command_dump = {
    .name = "dump",
    .arguments = "[TRACE]",
    .summary = "every recorded statement, a line each",
    .examples = "  n1prof dump                                 of n1prof.trace\n"
                "  n1prof dump a.trace | jq -r .sql | sort | uniq -c\n",
    .options = entries,
    .failure = 2,
    .run = run,
    .words = words,
};
