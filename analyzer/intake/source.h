/* source: where the pipeline's events come from. A recording (n1_source_of_trace) or, in tests, a table.
 *
 * `facts` carries what is not an event: session, processes, counters. Look-ups answer NULL for what is unknown. What read()
 * hands out is valid until the following call; what the look-ups hand out lives as long as the source. One thread.
 */
#ifndef N1_ANALYZER_SOURCE_H
#define N1_ANALYZER_SOURCE_H

#include "analyzer/finding.h"
#include "trace/read.h"

struct n1_source {
    void *data;
    const struct n1_trace *facts;
    size_t (*read)(void *data, struct n1_event *ev, size_t max); /* up to max next events; 0 at the end */
    const struct n1_sql_text *(*sql)(void *data, uint32_t process, uint32_t id);
    const struct n1_columns *(*columns)(void *data, uint32_t process, uint32_t sql);
    const struct n1_stack *(*stack)(void *data, uint32_t process, uint32_t id); /* symbolised, user code marked */
    const char *(*string)(void *data, uint32_t process, uint32_t id);
    const struct n1_connection *(*connection)(void *data, uint32_t process, uint32_t id);
    uint64_t (*stacks_cut)(void *data); /* stacks that were not kept whole: too many; may be NULL */
};

struct n1_frames_options;

/* A source over an open trace, which it borrows. */
struct n1_source *n1_source_of_trace(struct n1_trace *trace, const struct n1_frames_options *frames);
void n1_source_free(struct n1_source *source);

#endif
