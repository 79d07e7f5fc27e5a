#include "recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICKS_PER_MS    2600000ULL /* a time-stamp counter of 2.6 GHz */
#define START_NS        1000000000000ULL
#define NS_TO_TICKS(ns) ((ns) * (TICKS_PER_MS / 100000) / 10)

struct lane {
    struct lane *next;
    struct process *process;
    struct n1_encoder encoder;
    uint32_t slot, tid;
    uint64_t base, base_tick; /* of the first byte in bytes */
    uint32_t cells_row;       /* of the execution that is open */
    size_t used;
    uint8_t bytes[N1_SLOT_BYTES];
};

struct process {
    struct recording *rec;
    struct process *next, *previous;
    FILE *stream;
    uint32_t pid, slots;
    uint64_t start_ns, statements;
    struct lane *lanes;
    uint32_t sql, frame, stack, connection;
};

struct recording {
    char directory[4096];
    struct n1_key key;
    uint64_t now_ns;
    uint32_t processes;
    struct process *open;
};

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
    exit(1);
}

static FILE *create(const struct recording *rec, const char *name)
{
    char path[4400];
    snprintf(path, sizeof path, "%s/%s", rec->directory, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        die(path);
    return file;
}

static void put(FILE *file, const void *bytes, size_t size_bytes)
{
    if (size_bytes > 0 && fwrite(bytes, size_bytes, 1, file) != 1)
        die("write");
}

static void close_file(FILE *file)
{
    if (fclose(file) != 0)
        die("close");
}

static uint64_t now_tick(const struct recording *rec)
{
    return NS_TO_TICKS(rec->now_ns);
}

struct recording *recording_new(const char *directory)
{
    struct recording *rec = calloc(1, sizeof *rec);
    if (rec == NULL)
        die("memory");
    snprintf(rec->directory, sizeof rec->directory, "%s", directory);
    if (mkdir(directory, 0700) != 0)
        die(directory);
    rec->key = (struct n1_key){{0x0123456789abcdefULL, 0xfedcba9876543210ULL}};
    rec->now_ns = START_NS;
    return rec;
}

const struct n1_key *recording_key(const struct recording *rec)
{
    return &rec->key;
}

void recording_pass(struct recording *rec, uint64_t ns)
{
    rec->now_ns += ns;
}

uint64_t recording_now_ns(const struct recording *rec)
{
    return rec->now_ns;
}

void recording_close(struct recording *rec)
{
    while (rec->open != NULL)
        process_end(rec->open);
    struct n1_counters counters = {.magic = N1_MAGIC_COUNT, .version = N1_FORMAT_VERSION};
    counters.value[N1_PROCESSES] = rec->processes;
    FILE *file = create(rec, "counters");
    put(file, &counters, sizeof counters);
    close_file(file);
    file = create(rec, "session.json");
    fprintf(
        file,
        "{\"format\": %d, \"command\": [\"generated\"], \"working_directory\": \"/srv/app\", \"tool_version\": \"0\", "
        "\"start_ns\": %llu, \"start_tick\": %llu, \"start_realtime_s\": 1, \"has_values\": false, \"end_ns\": %llu, "
        "\"end_tick\": %llu, \"exit_status\": 0}\n",
        N1_FORMAT_VERSION, START_NS, NS_TO_TICKS(START_NS), (unsigned long long)rec->now_ns,
        (unsigned long long)now_tick(rec));
    close_file(file);
    free(rec);
}

/* ---- processes --------------------------------------------------------------------------------------------------- */

static void put_chunk(struct process *p, struct n1_chunk chunk, const void *payload, size_t size_bytes)
{
    chunk.magic = N1_MAGIC_CHUNK;
    chunk.size_bytes = (uint32_t)size_bytes;
    chunk.check = n1_encode_check(payload, size_bytes);
    put(p->stream, &chunk, sizeof chunk);
    put(p->stream, payload, size_bytes);
}

static void put_entry(struct process *p, enum n1_chunk_kind kind, const uint8_t *payload, const struct n1_payload *out)
{
    if (out->is_over) {
        errno = EOVERFLOW;
        die("dictionary entry");
    }
    put_chunk(p, (struct n1_chunk){.kind = (uint16_t)kind}, payload, (size_t)(out->at - payload));
}

struct process *recording_process(struct recording *rec, uint32_t pid)
{
    struct process *p = calloc(1, sizeof *p);
    if (p == NULL)
        die("memory");
    *p = (struct process){.rec = rec, .next = rec->open, .pid = pid, .start_ns = rec->now_ns};
    if (rec->open != NULL)
        rec->open->previous = p;
    rec->open = p;
    rec->processes++;
    char name[64];
    snprintf(name, sizeof name, "%u-%llx.n1", pid, (unsigned long long)p->start_ns);
    p->stream = create(rec, name);
    struct n1_stream_header header = {N1_MAGIC_STREAM, N1_FORMAT_VERSION, sizeof header, pid, 1, p->start_ns};
    put(p->stream, &header, sizeof header);
    uint8_t payload[512];
    struct n1_payload out = {payload, payload + sizeof payload, 0};
    const uint64_t head[] = {pid, 1, N1_CLOCK_TSC, 0, now_tick(rec), 1};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        n1_put_varint(&out, head[i]);
    n1_put_string(&out, "/usr/bin/python3");
    n1_put_string(&out, "/srv/app");
    n1_put_varint(&out, 1);
    n1_put_string(&out, "generated");
    n1_put_string(&out, "");
    for (int i = 0; i < 5; i++)
        n1_put_varint(&out, 0);
    put_entry(p, N1_CHUNK_PROCESS, payload, &out);
    return p;
}

static FILE *create_ring(const struct process *p)
{
    char name[64];
    snprintf(name, sizeof name, "%u-%llx.ring", p->pid, (unsigned long long)p->start_ns);
    FILE *ring = create(p->rec, name);
    struct n1_ring_header header = {.magic = N1_MAGIC_RING,
                                    .version = N1_FORMAT_VERSION,
                                    .slot_stride_bytes = N1_SLOT_STRIDE,
                                    .slots = p->slots,
                                    .pid = p->pid,
                                    .clock_tick = now_tick(p->rec),
                                    .clock_ns = p->rec->now_ns,
                                    .statements = p->statements};
    put(ring, &header, sizeof header);
    if (ftruncate(fileno(ring), (off_t)(N1_PAGE_BYTES + (uint64_t)p->slots * N1_SLOT_STRIDE)) != 0)
        die(name);
    return ring;
}

static void put_slot(FILE *ring, const struct lane *lane)
{
    struct n1_slot_header header = {.magic = N1_MAGIC_SLOT,
                                    .tid = lane->tid,
                                    .base = lane->base,
                                    .committed = lane->base + lane->used,
                                    .tick = lane->base_tick};
    long at = (long)(N1_PAGE_BYTES + (uint64_t)lane->slot * N1_SLOT_STRIDE);
    if (fseek(ring, at, SEEK_SET) != 0)
        die("ring");
    put(ring, &header, sizeof header);
    if (fseek(ring, at + (long)N1_PAGE_BYTES, SEEK_SET) != 0)
        die("ring");
    put(ring, lane->bytes, lane->used);
}

void process_end(struct process *p)
{
    FILE *ring = create_ring(p);
    for (struct lane *lane = p->lanes, *next; lane != NULL; lane = next) {
        next = lane->next;
        put_slot(ring, lane);
        free(lane);
    }
    close_file(ring);
    close_file(p->stream);
    if (p->previous != NULL)
        p->previous->next = p->next;
    else
        p->rec->open = p->next;
    if (p->next != NULL)
        p->next->previous = p->previous;
    free(p);
}

/* ---- dictionary -------------------------------------------------------------------------------------------------- */

uint32_t process_connection(struct process *p, enum n1_dialect dialect, const char *database)
{
    uint8_t payload[256];
    struct n1_payload out = {payload, payload + sizeof payload, 0};
    n1_put_varint(&out, ++p->connection);
    n1_put_varint(&out, dialect);
    n1_put_string(&out, database);
    n1_put_string(&out, dialect == N1_DIALECT_POSTGRES ? "localhost" : "");
    n1_put_string(&out, dialect == N1_DIALECT_POSTGRES ? "5432" : "");
    n1_put_varint(&out, 0);
    put_entry(p, N1_CHUNK_CONNECTION, payload, &out);
    return p->connection;
}

static void put_columns(struct process *p, uint32_t sql, const char *columns)
{
    uint8_t payload[4096];
    struct n1_payload out = {payload, payload + sizeof payload, 0};
    uint64_t count = 1;
    for (const char *c = columns; *c != '\0'; c++)
        count += *c == ' ';
    n1_put_varint(&out, sql);
    n1_put_varint(&out, count);
    for (const char *at = columns; count > 0; count--) {
        size_t table = strcspn(at, "."), column = strcspn(at + table + 1, " ");
        n1_put_bytes(&out, at + table + 1, column);
        n1_put_bytes(&out, at, table);
        n1_put_bytes(&out, at + table + 1, column);
        n1_put_varint(&out, 0);
        at += table + 1 + column + 1;
    }
    put_entry(p, N1_CHUNK_COLUMNS, payload, &out);
}

uint32_t process_sql(struct process *p, enum n1_dialect dialect, const char *text, const char *columns)
{
    static const struct n1_key plain;
    uint8_t payload[8192];
    struct n1_payload out = {payload, payload + sizeof payload, 0};
    n1_put_varint(&out, ++p->sql);
    n1_put_varint(&out, dialect);
    n1_put_varint(&out, 0);
    n1_put_u64(&out, n1_hash_bytes(&plain, text, strlen(text)));
    n1_put_string(&out, text);
    n1_put_string(&out, "");
    n1_put_u64(&out, 0);
    put_entry(p, N1_CHUNK_SQL, payload, &out);
    if (columns != NULL)
        put_columns(p, p->sql, columns);
    return p->sql;
}

uint32_t process_frame(struct process *p, const char *function, const char *file, uint32_t line)
{
    uint8_t payload[1024];
    struct n1_payload out = {payload, payload + sizeof payload, 0};
    n1_put_varint(&out, ++p->frame);
    n1_put_varint(&out, N1_LANGUAGE_PYTHON);
    n1_put_varint(&out, line);
    n1_put_string(&out, function);
    n1_put_string(&out, file);
    put_entry(p, N1_CHUNK_FRAME, payload, &out);
    return p->frame;
}

uint32_t process_stack(struct process *p, const uint32_t *frame, uint32_t count)
{
    uint8_t payload[N1_STACK_MAX * N1_VARINT_MAX + 32];
    struct n1_payload out = {payload, payload + sizeof payload, 0};
    n1_put_varint(&out, ++p->stack);
    n1_put_varint(&out, count);
    for (uint32_t i = 0; i < count; i++)
        n1_put_varint(&out, (uint64_t)frame[i] << 1 | 1);
    put_entry(p, N1_CHUNK_STACK, payload, &out);
    return p->stack;
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

struct lane *process_lane(struct process *p, uint32_t tid)
{
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        die("memory");
    lane->process = p;
    lane->tid = tid;
    lane->slot = p->slots++;
    lane->base_tick = now_tick(p->rec);
    lane->next = p->lanes;
    n1_encoder_reset(&lane->encoder, lane->base_tick);
    p->lanes = lane;
    return lane;
}

static void drain(struct lane *lane)
{
    struct n1_chunk chunk = {.kind = N1_CHUNK_EVENTS,
                             .slot = (uint16_t)lane->slot,
                             .position = lane->base,
                             .tick = lane->base_tick,
                             .tid = lane->tid};
    put_chunk(lane->process, chunk, lane->bytes, lane->used);
    lane->base += lane->used;
    lane->used = 0;
    lane->base_tick = now_tick(lane->process->rec);
    n1_encoder_reset(&lane->encoder, lane->base_tick);
}

void lane_write(struct lane *lane, enum lane_record record, struct n1_encode_exec *exec, uint64_t duration_ns)
{
    static uint8_t *(*const encode[])(struct n1_encoder *, uint8_t *,
                                      const struct n1_encode_exec *) = {[LANE_EXEC] = n1_encode_exec,
                                                                        [LANE_OPEN] = n1_encode_open,
                                                                        [LANE_CELLS] = n1_encode_cells,
                                                                        [LANE_END] = n1_encode_end};
    exec->tick = now_tick(lane->process->rec);
    exec->start_tick = exec->tick - NS_TO_TICKS(duration_ns);
    if (record == LANE_OPEN)
        lane->cells_row = 0;
    exec->cells_row = record == LANE_CELLS || record == LANE_END ? lane->cells_row : 0;
    size_t bound = n1_encode_exec_bound(exec);
    if (bound > sizeof lane->bytes) {
        errno = EOVERFLOW;
        die("record");
    }
    if (lane->used + bound > sizeof lane->bytes)
        drain(lane);
    lane->used = (size_t)(encode[record](&lane->encoder, lane->bytes + lane->used, exec) - lane->bytes);
    if (exec->n_cells > 0)
        lane->cells_row = exec->cells[exec->n_cells - 1].row + 1;
    lane->process->statements += record == LANE_EXEC || record == LANE_END;
}
