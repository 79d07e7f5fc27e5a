/* timeline: the first executions of a recording one by one, for spans and timelines. Kept only when asked for
 * (n1_analyze_options.timeline_max), because it grows with the recording. One thread. */
#ifndef N1_ANALYZER_TIMELINE_H
#define N1_ANALYZER_TIMELINE_H

#include "analyzer/arena.h"
#include "analyzer/finding.h"
#include "analyzer/intake/executions.h"

struct n1_timeline;

struct n1_timeline *n1_timeline_new(uint64_t executions_max);
void n1_timeline_free(struct n1_timeline *timeline);

/* A finished execution. */
void n1_timeline_add(struct n1_timeline *timeline, const struct n1_step *step, const struct n1_event *ev);
/* Fills report->execution. path_of_site: index into report->path by site index. */
void n1_timeline_report(const struct n1_timeline *timeline, struct n1_arena *arena, const size_t *path_of_site,
                        uint64_t recording_start_ns, struct n1_report *report);

#endif
