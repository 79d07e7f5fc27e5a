/* analyze: from a recording to the finding model, in one streaming pass with bounded memory.
 *
 *     struct n1_report *report;
 *     struct n1_error err;
 *     if (n1_analyze(trace, NULL, &report, &err) == 0)
 *         … render it …
 *     n1_report_free(report);
 *
 * Deterministic: the same recording gives the same report. The trace is read to its end and may be closed afterwards: the
 * report owns everything that it points to. One thread.
 */
#ifndef N1_ANALYZER_ANALYZE_H
#define N1_ANALYZER_ANALYZE_H

#include "analyzer/constants.h"
#include "analyzer/finding.h"
#include "trace/error.h"
#include "trace/read.h"

struct n1_frames_options;
struct n1_source;

struct n1_analyze_options {
    const struct n1_constants *constants;   /* NULL: n1_constants_default */
    const struct n1_frames_options *frames; /* NULL: the usual rules of what is user code */
    uint64_t round_trip_ns; /* added to each query that is saved, for a database further away; 0: as measured */
    uint64_t timeline_max;  /* executions to keep one by one for n1_report.execution; 0: none */
    uint64_t kinds_off;     /* bit 1 << enum n1_kind: do not look for these */
    void (*progress)(void *data, uint64_t bytes_read,
                     uint64_t bytes); /* NULL: none; called every few milliseconds of work */
    void *progress_data;
};

/* options may be NULL. 0, or a negative enum n1_error_code with *report NULL. */
int n1_analyze(struct n1_trace *trace, const struct n1_analyze_options *options, struct n1_report **report,
               struct n1_error *err);

/* The same over any source of events. */
int n1_analyze_source(const struct n1_source *source, const struct n1_analyze_options *options,
                      struct n1_report **report, struct n1_error *err);

void n1_report_free(struct n1_report *report); /* NULL is fine */

#endif
