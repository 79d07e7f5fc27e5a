#include "trace/read.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "trace/decode_fields.h"
#include "trace/encode.h"
#include "trace/session.h"
#include "trace/stream.h"

/* One slot of one process: its chunks in order, and the head of the next event of them. Decoders (16 KiB) exist only while a lane
 * is being read. */
struct lane {
    uint32_t process;
    bool is_begun;
    const struct n1_event_chunk *chunk, *chunks_end;
    const uint8_t *at;   /* the record; NULL: the chunk has not been begun */
    const uint8_t *body; /* what follows its head */
    struct n1_decoder *decoder;
    uint64_t time_ns; /* of the record; before the first chunk is begun: when it starts */
};

/* Ticks to nanoseconds through two pairs of readings: ns = base_ns + (tick − base_tick) × ratio / 2^32. */
struct clock_map {
    bool is_identity;
    uint64_t base_tick, base_ns;
    uint64_t ratio;
};

struct n1_trace_private {
    char *directory;
    struct n1_session_file session;
    struct n1_stream *stream; /* n_processes of them, in the order of n1_trace.process */
    struct n1_process *process;
    struct clock_map *clock; /* one a process */
    struct lane *lane;
    struct lane **heap; /* by time_ns, then place: the same input gives the same order */
    size_t n_lanes, heap_size;
    struct n1_scratch scratch; /* of the events that were handed out */
};

/* ---- clock ------------------------------------------------------------------------------------------------------- */

static inline uint64_t to_ns(const struct clock_map *map, uint64_t tick)
{
    if (map->is_identity)
        return tick;
    if (tick >= map->base_tick)
        return map->base_ns + (uint64_t)((unsigned __int128)(tick - map->base_tick) * map->ratio >> 32);
    uint64_t back = (uint64_t)((unsigned __int128)(map->base_tick - tick) * map->ratio >> 32);
    return map->base_ns > back ? map->base_ns - back : 0;
}

static uint64_t span_to_ns(const struct clock_map *map, uint64_t ticks)
{
    return map->is_identity ? ticks : (uint64_t)((unsigned __int128)ticks * map->ratio >> 32);
}

static bool set_ratio(struct clock_map *map, struct n1_clock_pair from, struct n1_clock_pair to)
{
    if (to.tick <= from.tick || to.ns <= from.ns || from.tick == 0)
        return false;
    unsigned __int128 ratio = ((unsigned __int128)(to.ns - from.ns) << 32) / (to.tick - from.tick);
    if (ratio > UINT64_MAX) /* more than four seconds a tick: damage */
        return false;
    *map = (struct clock_map){.base_tick = from.tick, .base_ns = from.ns, .ratio = (uint64_t)ratio};
    return true;
}

/* The wrapper's pairs span the whole recording, so they are the most exact; the counter is the same in all processes. */
static void init_clock(struct n1_trace_private *priv, struct clock_map *map, const struct n1_stream *stream)
{
    if (n1_dictionary_process(stream->dictionary)->clock != N1_CLOCK_TSC) {
        map->is_identity = true;
        return;
    }
    struct n1_clock_pair session[2] = {{priv->session.start_tick, priv->session.session.start_ns},
                                       {priv->session.end_tick, priv->session.session.end_ns}};
    struct n1_clock_pair own[2];
    bool has_own = n1_dictionary_clock(stream->dictionary, &own[0], &own[1]);
    if (set_ratio(map, session[0], session[1]) || set_ratio(map, session[0], stream->ring_clock) ||
        (has_own && set_ratio(map, own[0], own[1])))
        return;
    map->is_identity = true;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static gint by_start(gconstpointer a, gconstpointer b)
{
    const struct n1_stream *x = a, *y = b;
    if (x->header.start_ns != y->header.start_ns)
        return x->header.start_ns < y->header.start_ns ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int load_streams(struct n1_trace *trace, struct n1_error *err)
{
    struct n1_trace_private *priv = trace->priv;
    GError *gerr = NULL;
    GDir *dir = g_dir_open(priv->directory, 0, &gerr);
    if (!dir) {
        int rc = n1_error_set(err, N1_ERROR_SYSTEM, priv->directory,
                              "%s: %s; record one with: n1prof record -o %s PROGRAM", priv->directory,
                              g_file_test(priv->directory, G_FILE_TEST_EXISTS) ? "not a readable directory"
                                                                               : "no such recording",
                              priv->directory);
        g_error_free(gerr);
        return rc;
    }
    GArray *streams = g_array_new(FALSE, TRUE, sizeof(struct n1_stream));
    int rc = 0;
    for (const char *name = g_dir_read_name(dir); name && rc == 0; name = g_dir_read_name(dir)) {
        if (!g_str_has_suffix(name, ".n1"))
            continue;
        g_autofree char *stem = g_strndup(name, strlen(name) - strlen(".n1"));
        struct n1_stream stream;
        rc = n1_stream_load(&stream, priv->directory, stem, err);
        g_array_append_val(streams, stream);
    }
    g_dir_close(dir);
    g_array_sort(streams, by_start);
    trace->n_processes = streams->len;
    priv->stream = (struct n1_stream *)(void *)g_array_free(streams, FALSE);
    return rc;
}

static void load_counters(struct n1_trace *trace)
{
    g_autofree char *path = g_build_filename(trace->directory, N1_COUNTERS_FILE, NULL);
    g_autofree char *bytes = NULL;
    gsize size = 0;
    struct n1_counters counters;
    if (!g_file_get_contents(path, &bytes, &size, NULL) || size < sizeof counters)
        return;
    memcpy(&counters, bytes, sizeof counters);
    if (counters.magic == N1_MAGIC_COUNT)
        memcpy(trace->counter, counters.value, sizeof trace->counter);
}

static void load_nested(struct n1_trace *trace)
{
    g_autofree char *path = g_build_filename(trace->directory, N1_NESTED_FILE, NULL);
    g_autofree char *text = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL))
        trace->nested = g_strsplit(g_strchomp(text), "\n", -1);
}

static uint32_t find_process(const struct n1_trace *trace, const char *name)
{
    for (uint32_t i = 0; name[0] && i < trace->n_processes; i++)
        if (strcmp(trace->priv->stream[i].name, name) == 0)
            return i + 1;
    return 0;
}

static uint32_t count_threads(const struct n1_stream *stream)
{
    GHashTable *tids = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (guint i = 0; i < stream->chunks->len; i++)
        g_hash_table_add(tids, GUINT_TO_POINTER(g_array_index(stream->chunks, struct n1_event_chunk, i).tid));
    uint32_t n = g_hash_table_size(tids);
    g_hash_table_destroy(tids);
    return n;
}

static void describe_process(struct n1_trace *trace, uint32_t i)
{
    const struct n1_stream *stream = &trace->priv->stream[i];
    const struct n1_process_entry *entry = n1_dictionary_process(stream->dictionary);
    struct n1_process *p = &trace->priv->process[i];
    *p = (struct n1_process){
        .index = i,
        .pid = stream->header.pid,
        .ppid = stream->header.ppid,
        .start_ns = stream->header.start_ns,
        .flags = entry->flags,
        .name = stream->name,
        .executable = entry->executable ? entry->executable : "",
        .working_directory = entry->working_directory ? entry->working_directory : "",
        .argc = entry->argc,
        .argv = entry->argv,
        .threads = count_threads(stream),
    };
    uint32_t parent = entry->forked_from ? find_process(trace, entry->forked_from) : 0;
    if (parent && parent - 1 < i) { /* parents start first: no circles */
        p->forked_from = parent;
        n1_dictionary_inherit(stream->dictionary, trace->priv->stream[parent - 1].dictionary);
    }
    for (guint c = 0; c < stream->chunks->len; c++)
        p->event_bytes += g_array_index(stream->chunks, struct n1_event_chunk, c).size_bytes;
    trace->bytes += p->event_bytes;
    trace->damaged_bytes += stream->damaged_bytes;
}

/* ---- the merge --------------------------------------------------------------------------------------------------- */

static bool is_before(const struct lane *a, const struct lane *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a < b;
}

static void sift_down(struct n1_trace_private *priv, size_t i)
{
    struct lane **heap = priv->heap;
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < priv->heap_size; child++)
            if (is_before(heap[child], heap[least]))
                least = child;
        if (least == i)
            return;
        struct lane *swap = heap[i];
        heap[i] = heap[least];
        heap[least] = swap;
        i = least;
    }
}

static void end_lane(struct lane *lane)
{
    if (lane->decoder)
        n1_decoder_release(lane->decoder);
    g_free(lane->decoder);
    lane->decoder = NULL;
}

static bool begin_chunk(const struct n1_trace *trace, struct lane *lane)
{
    const struct n1_event_chunk *c = lane->chunk;
    if (c->has_check && n1_encode_check(c->payload, c->size_bytes) != c->check)
        return false;
    if (!lane->decoder)
        lane->decoder = g_new0(struct n1_decoder, 1);
    n1_decoder_reset(lane->decoder, c->tick, trace->process[lane->process].flags & N1_PROCESS_VALUES);
    lane->at = c->payload;
    return true;
}

/* Whatever is left of the chunk is damaged. */
static void leave_chunk(struct n1_trace *trace, struct lane *lane)
{
    const struct n1_event_chunk *c = lane->chunk++;
    const uint8_t *from = lane->at ? lane->at : c->payload;
    trace->damaged_bytes += (uint64_t)(c->payload + c->size_bytes - from);
    lane->at = NULL;
    n1_stream_forget(&trace->priv->stream[lane->process], c);
}

/* Reads the head of the lane's next event; false at its end. */
static inline __attribute__((always_inline)) bool advance(struct n1_trace *trace, struct lane *lane)
{
    while (lane->chunk < lane->chunks_end) {
        if (!lane->at && !begin_chunk(trace, lane)) {
            leave_chunk(trace, lane);
            continue;
        }
        lane->body = lane->at;
        int rc = get_head(lane->decoder, &lane->body, lane->chunk->payload + lane->chunk->size_bytes);
        if (rc > 0) {
            lane->time_ns = to_ns(&trace->priv->clock[lane->process], lane->decoder->tick);
            return true;
        }
        if (rc == 0) {
            trace->bytes_read += (uint64_t)(lane->body - lane->at);
            lane->at = lane->body;
        }
        leave_chunk(trace, lane);
    }
    return false;
}

static __attribute__((noinline)) bool begin_lane(struct n1_trace *trace, struct lane *lane)
{
    return advance(trace, lane);
}

/* Reads the rest of the event whose head was read; false when it is damaged. */
static inline __attribute__((always_inline)) bool take(struct n1_trace *trace, struct lane *lane, struct n1_event *ev)
{
    const struct n1_event_chunk *c = lane->chunk;
    if (n1_decode_body(lane->decoder, &lane->body, c->payload + c->size_bytes, &trace->priv->scratch, ev) < 0) {
        leave_chunk(trace, lane);
        return false;
    }
    trace->bytes_read += (uint64_t)(lane->body - lane->at);
    lane->at = lane->body;
    const struct clock_map *clock = &trace->priv->clock[lane->process];
    ev->process = lane->process;
    ev->tid = c->tid;
    ev->time_ns = lane->time_ns;
    ev->start_ns = ev->start_ns ? to_ns(clock, ev->start_ns) : 0;
    ev->duration_ns = span_to_ns(clock, ev->duration_ns);
    return true;
}

static void make_lanes(struct n1_trace *trace)
{
    struct n1_trace_private *priv = trace->priv;
    GArray *lanes = g_array_new(FALSE, TRUE, sizeof(struct lane));
    for (uint32_t p = 0; p < trace->n_processes; p++) {
        const GArray *chunks = priv->stream[p].chunks;
        const struct n1_event_chunk *c = (const struct n1_event_chunk *)(const void *)chunks->data;
        for (guint i = 0, end; i < chunks->len; i = end) {
            for (end = i + 1; end < chunks->len && c[end].slot == c[i].slot; end++)
                continue;
            struct lane lane = {.process = p, .chunk = c + i, .chunks_end = c + end};
            lane.time_ns = to_ns(&priv->clock[p], c[i].tick);
            g_array_append_val(lanes, lane);
        }
    }
    priv->n_lanes = priv->heap_size = lanes->len;
    priv->lane = (struct lane *)(void *)g_array_free(lanes, FALSE);
    priv->heap = g_new0(struct lane *, priv->n_lanes + 1);
    for (size_t i = 0; i < priv->n_lanes; i++)
        priv->heap[i] = &priv->lane[i];
    for (size_t i = priv->heap_size; i-- > 0;)
        sift_down(priv, i);
}

/* The first of the lanes but the one on top, or NULL. */
static const struct lane *runner_up(const struct n1_trace_private *priv)
{
    if (priv->heap_size < 3)
        return priv->heap_size == 2 ? priv->heap[1] : NULL;
    return is_before(priv->heap[1], priv->heap[2]) ? priv->heap[1] : priv->heap[2];
}

/* What a batch holds shall stay in the machine's caches. */
enum { BATCH_CELLS = 4096 };

size_t n1_trace_read(struct n1_trace *trace, struct n1_event *ev, size_t max)
{
    struct n1_trace_private *priv = trace->priv;
    size_t n = 0, cells = 0;
    n1_scratch_reset(&priv->scratch);
    while (n < max && cells < BATCH_CELLS && priv->heap_size > 0) {
        struct lane *top = priv->heap[0];
        const struct lane *other = runner_up(priv);
        bool goes_on = true;
        if (!top->is_begun) { /* its first event takes its place */
            goes_on = begin_lane(trace, top);
            top->is_begun = true;
        }
        while (goes_on && n < max && cells < BATCH_CELLS && (!other || is_before(top, other))) {
            if (take(trace, top, &ev[n]))
                cells += ev[n++].n_cells;
            goes_on = advance(trace, top);
        }
        if (!goes_on) {
            end_lane(top);
            priv->heap[0] = priv->heap[--priv->heap_size];
        }
        sift_down(priv, 0);
    }
    if (n == 0 && trace->damaged_bytes)
        trace->is_complete = false;
    return n;
}

bool n1_trace_next(struct n1_trace *trace, struct n1_event *ev)
{
    return n1_trace_read(trace, ev, 1) == 1;
}

struct n1_trace *n1_trace_open(const char *directory, struct n1_error *err)
{
    struct n1_trace *trace = g_new0(struct n1_trace, 1);
    struct n1_trace_private *priv = trace->priv = g_new0(struct n1_trace_private, 1);
    trace->directory = priv->directory = g_strdup(directory);
    if (load_streams(trace, err) != 0 || n1_session_load(&priv->session, directory, err) != 0)
        goto fail;
    if (trace->n_processes == 0 && !priv->session.is_present) {
        n1_error_set(err, N1_ERROR_EMPTY, directory,
                     "%s: not a recording of n1prof's: neither %s nor any .n1 file is in it", directory,
                     N1_SESSION_FILE);
        goto fail;
    }
    trace->session = priv->session.session;
    priv->process = g_new0(struct n1_process, trace->n_processes + 1);
    priv->clock = g_new0(struct clock_map, trace->n_processes + 1);
    trace->process = priv->process;
    for (uint32_t i = 0; i < trace->n_processes; i++) {
        describe_process(trace, i);
        init_clock(priv, &priv->clock[i], &priv->stream[i]);
    }
    load_counters(trace);
    load_nested(trace);
    uint64_t lost = 0;
    for (int c = N1_LOST_EVENTS; c <= N1_LOST_STACKS; c++)
        lost += trace->counter[c];
    lost += trace->counter[N1_STOPPED_PROCESSES];
    trace->is_complete = trace->damaged_bytes == 0 && lost == 0 && trace->session.end_ns != 0;
    make_lanes(trace);
    return trace;
fail:
    n1_trace_close(trace);
    return NULL;
}

void n1_trace_close(struct n1_trace *trace)
{
    if (!trace)
        return;
    struct n1_trace_private *priv = trace->priv;
    for (size_t i = 0; i < priv->n_lanes; i++)
        end_lane(&priv->lane[i]);
    for (uint32_t i = 0; i < trace->n_processes; i++)
        n1_stream_release(&priv->stream[i]);
    n1_session_release(&priv->session);
    g_strfreev(trace->nested);
    n1_scratch_release(&priv->scratch);
    g_free(priv->stream);
    g_free(priv->process);
    g_free(priv->clock);
    g_free(priv->lane);
    g_free(priv->heap);
    g_free(priv->directory);
    g_free(priv);
    g_free(trace);
}

const struct n1_sql_text *n1_trace_sql(const struct n1_trace *trace, uint32_t process, uint32_t id)
{
    return n1_dictionary_sql(trace->priv->stream[process].dictionary, id);
}

const struct n1_columns *n1_trace_columns(const struct n1_trace *trace, uint32_t process, uint32_t sql)
{
    return n1_dictionary_columns(trace->priv->stream[process].dictionary, sql);
}

const struct n1_raw_stack *n1_trace_stack(const struct n1_trace *trace, uint32_t process, uint32_t id)
{
    return n1_dictionary_stack(trace->priv->stream[process].dictionary, id);
}

const struct n1_connection *n1_trace_connection(const struct n1_trace *trace, uint32_t process, uint32_t id)
{
    return n1_dictionary_connection(trace->priv->stream[process].dictionary, id);
}

const char *n1_trace_string(const struct n1_trace *trace, uint32_t process, uint32_t id)
{
    return n1_dictionary_string(trace->priv->stream[process].dictionary, id);
}
