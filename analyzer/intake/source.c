#include "analyzer/intake/source.h"

#include <glib.h>

#include "analyzer/frames/frames.h"

struct trace_source {
    struct n1_source source; /* first: what the caller holds */
    struct n1_trace *trace;
    struct n1_frames *frames;
};

static size_t read_events(void *data, struct n1_event *ev, size_t max)
{
    return n1_trace_read(((struct trace_source *)data)->trace, ev, max);
}

static const struct n1_sql_text *sql(void *data, uint32_t process, uint32_t id)
{
    return n1_trace_sql(((struct trace_source *)data)->trace, process, id);
}

static const struct n1_columns *columns(void *data, uint32_t process, uint32_t id)
{
    return n1_trace_columns(((struct trace_source *)data)->trace, process, id);
}

static const struct n1_stack *stack(void *data, uint32_t process, uint32_t id)
{
    return n1_frames_stack(((struct trace_source *)data)->frames, process, id);
}

static const char *string(void *data, uint32_t process, uint32_t id)
{
    return n1_trace_string(((struct trace_source *)data)->trace, process, id);
}

static const struct n1_connection *connection(void *data, uint32_t process, uint32_t id)
{
    return n1_trace_connection(((struct trace_source *)data)->trace, process, id);
}

static uint64_t stacks_cut(void *data)
{
    return n1_frames_cut(((struct trace_source *)data)->frames);
}

struct n1_source *n1_source_of_trace(struct n1_trace *trace, const struct n1_frames_options *frames)
{
    struct trace_source *s = g_new0(struct trace_source, 1);
    s->source = (struct n1_source){s, trace, read_events, sql, columns, stack, string, connection, stacks_cut};
    s->trace = trace;
    s->frames = n1_frames_new(trace, frames);
    return &s->source;
}

void n1_source_free(struct n1_source *source)
{
    if (source == NULL)
        return;
    struct trace_source *s = (struct trace_source *)source;
    n1_frames_free(s->frames);
    g_free(s);
}
