/* Opens a recording and hands out its events in time order.
 *
 * Opening loads session.json, the counters, and of every process the dictionary and an index of its event chunks (chunk headers
 * only). Events are then decoded and merged over all slots of all processes by the moment of their writing. Large files are
 * mapped, and forgotten behind the reader; memory grows with dictionaries and the number of chunks (48 bytes each 256 KiB), not
 * with the number of events. No descriptor stays open.
 *
 * Damage never stops a reading: a torn or foreign byte range is skipped to the next chunk, counted in
 * n1_trace.damaged_bytes, and the recording is no longer `is_complete`. A recording of a newer version, of another
 * program or without any file of ours is refused with a message.
 *
 *     struct n1_error err;
 *     struct n1_trace *trace = n1_trace_open("n1prof.trace", &err);
 *     struct n1_event ev;
 *     while (n1_trace_next(trace, &ev)) …
 *     n1_trace_close(trace);
 *
 * Everything that an event points to is valid until the next n1_trace_read() or _next(); dictionaries live as long as the trace.
 * One thread at a time.
 */
#ifndef N1_TRACE_READ_H
#define N1_TRACE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/error.h"
#include "trace/format.h"
#include "trace/value.h"

struct n1_module {
    uint32_t id;
    uint64_t start, end; /* addresses */
    uint64_t bias;       /* address − bias = address in the file */
    const char *path;
    const uint8_t *build_id;
    uint32_t build_id_bytes;
};

struct n1_sql_text {
    uint32_t id;
    enum n1_dialect dialect;
    uint32_t flags;   /* enum n1_sql_flag */
    uint64_t hash;    /* of the whole redacted text */
    const char *text; /* NUL-terminated */
    size_t text_bytes;
    const char *comment;
    bool has_literal_mask;
    uint64_t
        literal_mask; /* bit i: operand i of the text is a literal that was taken out, not a parameter (sql_redact.h) */
};

struct n1_column {
    const char *name;
    const char *table;  /* origin, "" when the library does not tell */
    const char *origin; /* origin column, "" when the library does not tell */
    uint32_t flags;
};

struct n1_columns {
    uint32_t count;
    const struct n1_column *column;
};

/* A frame as recorded: a native return address with its module (or NULL), or a script frame. */
struct n1_raw_frame {
    enum n1_language language; /* N1_LANGUAGE_C: native */
    uint64_t address;
    const struct n1_module *module;
    uint32_t line;
    const char *function; /* script frames only */
    const char *file;
};

struct n1_raw_stack {
    uint32_t id;
    uint32_t count;
    const struct n1_raw_frame *frame; /* innermost first */
};

struct n1_connection {
    uint32_t id;
    enum n1_dialect dialect;
    const char *database; /* file or database name */
    const char *host;
    const char *port;
};

struct n1_process {
    uint32_t index; /* position in n1_trace.process */
    uint32_t pid, ppid;
    uint64_t start_ns;
    uint32_t flags;   /* enum n1_process_flag */
    const char *name; /* of the stream file, without ending */
    const char *executable;
    const char *working_directory;
    size_t argc;
    const char *const *argv;
    uint32_t forked_from; /* index of the process + 1, or 0 */
    uint32_t threads;     /* different tids seen */
    uint64_t event_bytes;
};

struct n1_session {
    size_t argc;
    const char *const *argv; /* the command */
    const char *working_directory;
    const char *tool_version;
    uint64_t start_ns; /* CLOCK_MONOTONIC */
    uint64_t end_ns;   /* 0: the wrapper did not see the end */
    int64_t start_realtime_s;
    int exit_status; /* −1: not known; 128 + N for signal N */
    bool has_values;
};

struct n1_trace {
    const char *directory;
    struct n1_session session;
    uint32_t n_processes;
    const struct n1_process *process;
    uint64_t counter[N1_COUNTERS];
    char **nested;          /* N1_NESTED_FILE; NULL: there is none */
    uint64_t damaged_bytes; /* skipped; may still grow while events are read */
    uint64_t bytes;         /* of all event chunks: for a progress bar */
    uint64_t bytes_read;
    bool is_complete; /* ended in order: nothing damaged, nothing lost, the wrapper saw the end */
    struct n1_trace_private *priv;
};

struct n1_event_cell {
    uint64_t hash; /* this, kind and magnitude: as in struct n1_value */
    uint32_t row;
    uint16_t column;
    uint8_t kind, magnitude;
};

static inline struct n1_value n1_event_cell_value(const struct n1_event_cell *cell)
{
    return (struct n1_value){cell->hash, cell->kind, cell->magnitude};
}

struct n1_event {
    enum n1_event_type type;
    uint32_t process; /* index into n1_trace.process */
    uint32_t tid;
    uint64_t time_ns;                /* CLOCK_MONOTONIC, of the record's writing */
    uint64_t execution;              /* OPEN, CELLS, END: number within the process; EXEC: 0 */
    uint32_t sql, connection, stack; /* EXEC, OPEN: ids of this process; 0: none */
    uint64_t start_ns;               /* EXEC, OPEN, END */
    uint64_t duration_ns;            /* EXEC, END */
    uint64_t rows;                   /* EXEC, END */
    uint32_t error;                  /* EXEC, END; 0: none */
    uint32_t n_bound, n_literals;    /* EXEC, OPEN: counts in params, bound ones first */
    const struct n1_value *params;
    const char *const *param_text; /* real values beside params, each NUL-terminated or NULL; NULL: none recorded */
    uint32_t n_cells;
    const struct n1_event_cell *cells;
    const char *const *cell_text;  /* the same for cells */
    enum n1_scope_kind scope_kind; /* SCOPE */
    uint32_t string;               /* SCOPE: string id */
    uint64_t lost;                 /* LOST */
};

/* NULL on error; err says what and where. */
struct n1_trace *n1_trace_open(const char *directory, struct n1_error *err);
/* The next events in time order, at most max (≥ 1); 0 at the end. */
size_t n1_trace_read(struct n1_trace *trace, struct n1_event *ev, size_t max);
/* One of them; false at the end. */
bool n1_trace_next(struct n1_trace *trace, struct n1_event *ev);
void n1_trace_close(struct n1_trace *trace);

/* Dictionary look-ups: NULL when the id is unknown (its entry was lost). Inherited entries of a forked child are found. */
const struct n1_sql_text *n1_trace_sql(const struct n1_trace *trace, uint32_t process, uint32_t id);
const struct n1_columns *n1_trace_columns(const struct n1_trace *trace, uint32_t process, uint32_t sql);
/* Valid until the next call of it. */
const struct n1_raw_stack *n1_trace_stack(const struct n1_trace *trace, uint32_t process, uint32_t id);
const struct n1_connection *n1_trace_connection(const struct n1_trace *trace, uint32_t process, uint32_t id);
const char *n1_trace_string(const struct n1_trace *trace, uint32_t process, uint32_t id);

#endif
