#include "cli/analysing.h"

#include "analyzer/analyze.h"
#include "analyzer/frames/frames.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/surroundings.h"

struct n1_analysing n1_analysing_options;

struct n1_report *n1_analysing_open(const char *trace_name, size_t executions_kept)
{
    struct n1_error err = {0};
    struct n1_report *report = NULL;
    struct n1_progress progress;
    struct n1_frames_options frames = {
        .user_code = (const char *const *)n1_analysing_options.user_code,
        .not_user_code = (const char *const *)n1_analysing_options.not_user_code,
    };
    struct n1_analyze_options options = {
        .frames = &frames,
        .progress = n1_progress_step,
        .progress_data = &progress,
        .timeline_max = executions_kept,
    };
    n1_progress_start(&progress, "n1prof: reading the recording");
    struct n1_trace *trace = n1_trace_open(trace_name, &err);
    bool is_good = trace && n1_analyze(trace, &options, &report, &err) == 0;
    n1_progress_finish(&progress);
    if (!is_good)
        n1_complain(0, "%s", err.message);
    if (trace)
        n1_trace_close(trace);
    return report;
}

char *n1_analysing_root(const char *folder)
{
    const char *root = n1_analysing_options.root;
    return root ? g_canonicalize_filename(root, NULL) : n1_surroundings_root(folder);
}
