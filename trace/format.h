/* The recording's format: the one header that the shim (preload/) and the readers (trace/read, analyzer/) share.
 *
 * A recording is a directory:
 *   session.json           written by the wrapper: command, clock calibration, exit status (see docs/trace-format.md)
 *   counters               one page, made by the wrapper, mapped by every process: what was lost (struct n1_counters)
 *   <pid>-<start>.n1       a process's stream: a file header, then chunks (struct n1_chunk), appended with one write(2) each
 *   <pid>-<start>.ring     the process's rings: a header page, then one slot a thread, mapped MAP_SHARED, so that what
 *                          was committed survives SIGKILL of the process
 *
 * Events are varint records in a slot. When a slot is full its bytes become one N1_CHUNK_EVENTS chunk of the stream.
 * Dictionary entries (texts, stacks, modules, …) are chunks of their own, written before their first use by an event.
 * Positions are absolute byte counts of a slot's life: bytes [base, committed) of a slot have not been drained yet; a
 * process that dies between the write and the store of base leaves them twice, and the reader drops what it has by position.
 *
 * All integers are little-endian. Raise N1_FORMAT_VERSION when a reader of the version before would misread a byte;
 * new dictionary kinds and new event types do not raise it (readers skip kinds that they do not know; event types carry
 * their length when they are not in the list below). Old versions stay readable for ever (unit.trace_read).
 *
 * libc only. No function here: data and constants.
 */
#ifndef N1_TRACE_FORMAT_H
#define N1_TRACE_FORMAT_H

#include <stdint.h>

#define N1_FORMAT_VERSION 2

#define N1_MAGIC_STREAM 0x314d525453314eULL /* "N1STRM1" */
#define N1_MAGIC_RING   0x31474e4952314eULL /* "N1RING1" */
#define N1_MAGIC_CHUNK  0x4b43314eU         /* "N1CK" */
#define N1_MAGIC_SLOT   0x4c53314eU         /* "N1SL" */
#define N1_MAGIC_COUNT  0x544e435f314eULL   /* "N1_CNT" */

#define N1_PAGE_BYTES      4096U
#define N1_SLOT_BYTES      (256U * 1024U) /* event bytes of one slot, behind its header page */
#define N1_SLOT_STRIDE     (N1_SLOT_BYTES + N1_PAGE_BYTES)
#define N1_SLOTS_MAX       1024U /* threads that record at once in one process; more share nothing: lost, counted */
#define N1_CHUNK_MAX_BYTES (16U * 1024U * 1024U) /* a larger size in a chunk header is damage */
#define N1_SQL_MAX_BYTES   (64U * 1024U)         /* a longer redacted text is cut; its hash is of the whole */
#define N1_PARAMS_MAX      64U                   /* parameters recorded of one execution */
#define N1_COLUMNS_MAX     64U                   /* result columns whose cells can be recorded */
#define N1_STACK_MAX       256U                  /* frames of one stack, script frames included */
#define N1_VALUE_TEXT_MAX  256U                  /* bytes of one real value kept with --values */

/* Stream file: this header, then chunks. */
struct n1_stream_header {
    uint64_t magic; /* N1_MAGIC_STREAM */
    uint32_t version;
    uint32_t header_bytes; /* sizeof this; where the first chunk starts */
    uint32_t pid;
    uint32_t ppid;
    uint64_t start_ns; /* CLOCK_MONOTONIC at the process's first recorded call; part of the file's name, in hex */
};

enum n1_chunk_kind {
    N1_CHUNK_EVENTS = 1, /* slot, tid, position, tick are set; payload: event records */
    N1_CHUNK_PROCESS,    /* the dictionary: payloads below, in the order of their comments */
    N1_CHUNK_MODULE,
    N1_CHUNK_SQL,
    N1_CHUNK_COLUMNS,
    N1_CHUNK_FRAME,
    N1_CHUNK_STACK,
    N1_CHUNK_CONNECTION,
    N1_CHUNK_CLOCK,
    N1_CHUNK_STRING,
    N1_CHUNK_KINDS
};

struct n1_chunk {
    uint32_t magic; /* N1_MAGIC_CHUNK */
    uint16_t kind;
    uint16_t slot;
    uint32_t size_bytes; /* of the payload that follows */
    uint32_t check;      /* n1_encode_check() of the payload */
    uint64_t position;   /* events: absolute position of the payload's first byte in the slot's life */
    uint64_t tick;       /* events: the tick that the first record's delta counts from */
    uint32_t tid;
    uint32_t reserved;
};

/* Ring file: one page of this, then slots of N1_SLOT_STRIDE. */
struct n1_ring_header {
    uint64_t magic; /* N1_MAGIC_RING */
    uint32_t version;
    uint32_t slot_stride_bytes;
    uint32_t slots; /* slots that the file holds; grows */
    uint32_t pid;
    uint64_t clock_tick; /* the newest pair of clock readings, renewed at every cold step */
    uint64_t clock_ns;   /* CLOCK_MONOTONIC */
    uint64_t statements; /* executions finished in this process, renewed at every drain: for cross-checks */
};

/* First bytes of a slot's header page. Only the owning thread writes. */
struct n1_slot_header {
    uint32_t magic; /* N1_MAGIC_SLOT once the slot is in use */
    uint32_t tid;
    uint64_t base;      /* position of the first byte that lies in the slot */
    uint64_t committed; /* position behind the last whole record: stored with release order after the record's bytes */
    uint64_t tick;      /* like n1_chunk.tick, for the bytes at base */
};

/* The counters page: shared by all processes of a recording, added to atomically. Losses are never silent. */
enum n1_counter {
    N1_LOST_EVENTS,       /* executions that found no room (no slot, no memory), or were in a drain that failed */
    N1_LOST_CHUNKS,       /* drains that failed: disk full, file size limit, file gone … */
    N1_LOST_CHUNK_BYTES,  /* … and the bytes that were in them */
    N1_LOST_DICTIONARY,   /* dictionary entries that could not be written */
    N1_LOST_STACKS,       /* executions without a stack: unwinder out of memory or table full */
    N1_CUT_STACKS,        /* stacks longer than N1_STACK_MAX */
    N1_CUT_TEXTS,         /* statements longer than N1_SQL_MAX_BYTES */
    N1_CUT_PARAMS,        /* parameters beyond N1_PARAMS_MAX */
    N1_CUT_CELLS,         /* result cells beyond what the rule of preload/recorder/cells.h keeps */
    N1_LAST_ERRNO,        /* not a sum: errno of the last failed write */
    N1_PROCESSES,         /* processes that recorded something */
    N1_UNSAFE_STATIC,     /* processes that carry an SQLite that the shim cannot see (statically linked) */
    N1_STOPPED_PROCESSES, /* processes that have no files in the recording: what they ran is in N1_LOST_EVENTS */
    N1_NESTED,            /* programs that an n1prof inside the recording recorded into a place of their own */
    N1_LOST_VALUES,       /* real values (--values) that found no room: their hashes are there */
    N1_COUNTERS
};

struct n1_counters {
    uint64_t magic; /* N1_MAGIC_COUNT */
    uint64_t version;
    uint64_t value[64]; /* by enum n1_counter */
};

/* ---- dictionary payloads -----------------------------------------------------------------------------------------
 * Written as varints (LEB128, unsigned) and strings (varint length, bytes), in this order. Ids start at 1; 0 is "none".
 * Unknown bytes behind the last known field are ignored, so fields may be added at the end.
 *
 * PROCESS     pid, ppid, clock (enum n1_clock), flags (enum n1_process_flag), start tick, CLOCK_REALTIME ns at start,
 *             executable, working directory, argument count, arguments…, name of the stream that it was forked from or "",
 *             then of the forked-from stream the highest inherited ids: sql, frame, stack, connection, string
 * MODULE      id, start address, end address, load bias, generation, build id (bytes), path
 *             An address in a stack belongs to the newest MODULE entry before that stack that covers it.
 * SQL         id, dialect (enum n1_dialect), flags (enum n1_sql_flag), hash of the whole redacted text (8 bytes LE), text,
 *             comment that stood in the text (sqlcommenter) or "", then 8 bytes LE: bit i set: operand i is a literal that was
 *             taken out, not a parameter (sql_redact.h)
 * COLUMNS     sql id, count, then for each column: name, origin table or "", origin column or "", flags (enum n1_column_flag)
 *             The newest entry for a statement counts.
 * FRAME       id, language (enum n1_language), line, function, file
 * STACK       id, count, then for each frame, innermost first: native: return address << 1; script: frame id << 1 | 1
 * CONNECTION  id, dialect, file or database name, host, port, flags (0)
 * CLOCK       tick, CLOCK_MONOTONIC ns
 * STRING      id, bytes            names of scopes and marks
 */
enum n1_clock { N1_CLOCK_MONOTONIC_NS = 0, N1_CLOCK_TSC = 1 };
enum n1_process_flag { N1_PROCESS_VALUES = 1 /* real values follow their hashes */ };
enum n1_dialect { N1_DIALECT_SQLITE = 1, N1_DIALECT_POSTGRES = 2 };
enum n1_sql_flag {
    N1_SQL_CUT = 1,    /* longer than N1_SQL_MAX_BYTES */
    N1_SQL_RAW = 2,    /* the text is as the program wrote it (--values); otherwise redacted by trace/sql_redact */
    N1_SQL_PREPARE = 4 /* the text of a statement that failed to prepare */
};
enum n1_column_flag {
    N1_COLUMN_KEPT = 1 /* its cells are recorded beyond the first rows (preload/recorder/cells.h) */
};
enum n1_language {
    N1_LANGUAGE_C = 0,
    N1_LANGUAGE_PYTHON,
    N1_LANGUAGE_RUBY,
    N1_LANGUAGE_PHP,
    N1_LANGUAGE_PERL,
    N1_LANGUAGE_JAVASCRIPT,
    N1_LANGUAGES
};

/* ---- events ------------------------------------------------------------------------------------------------------
 * One byte: type in the low nibble, flags in the high one. Then varints. "tick" below is the difference to the record
 * before (the first of a chunk: to n1_chunk.tick). A record's tick is the moment of its writing, never falling in a slot.
 *
 * EXEC   one whole execution, written when it has finished:
 *        [sql, connection, stack unless SAME], tick, duration (ticks), rows, [error code if ERROR],
 *        [if PARAMS: count of bound parameters, count of literals, the values of both in order], [if CELLS: cells]
 * OPEN   an execution that is not finished while others begin, or whose cells outgrew the staging area:
 *        execution id, [sql, connection, stack unless SAME], tick, age (ticks since it started), [PARAMS as above]
 * CELLS  execution id, tick, row, cells
 * END    execution id, tick, duration, rows, [error code if ERROR], [if CELLS: row, cells]
 * SCOPE  tick, kind (enum n1_scope_kind), string id           a mark of the program's (preload/mark.h)
 * LOST   tick, count: executions of this thread that were lost right before
 * Any other type: varint length, then that many bytes (skipped by readers that do not know it).
 *
 * Cells: count, then for each a head h: 0 = skip rows, a varint n follows (rows that gave no cell), no value; 1 = runs (below),
 *        only as the first head, from version 2 on; otherwise bit 0: this cell is the first of the next row; h >> 1 = result
 *        column + 1; then a value. The first "next row" is the row that stands before the list, in EXEC row 0; a first
 *        cell without bit 0 goes on in the row before that.
 * Runs:  number of runs, number of all their cells, then for each run: column, row of its first cell (of the execution,
 *        not of the list), count of cells, one byte: bits 0–1 enum n1_run_form, bits 4–7 magnitude. The cells are integers of
 *        one column in rows that follow each other; they never enter the table of last values. With N1_PROCESS_VALUES there
 *        are none.
 *        HASHES: the magnitudes of all, two in a byte, the first in the low nibble; then the hashes, 8 bytes each.
 *        UP, DOWN: one magnitude for all; for each N1_SEED_VALUES cells an 8-byte seed (value.h): they are all the integers
 *        of that seed, rising or falling; count is a multiple of N1_SEED_VALUES.
 *
 * Value: one byte: bits 0–2 enum n1_value_kind, bit 3 REF, bits 4–7 magnitude (n1_value.h). REF: two bytes follow, an index
 *        into the table of the last values (N1_VALUE_CACHE entries, index = hash & (N1_VALUE_CACHE − 1)), which reader and
 *        writer fill alike: every value written in full replaces the entry of its index; the table is empty at each chunk's
 *        start. Not REF: NULL and UNKNOWN have nothing more; all others the 8-byte keyed hash; with N1_PROCESS_VALUES then a string: the real
 *        value as text, cut at N1_VALUE_TEXT_MAX; "" for a value that is not empty: it was not kept, and no REF leads to it. Flags and kinds of a REF are those of the table's entry.
 */
enum n1_event_type { N1_EVENT_EXEC = 1, N1_EVENT_OPEN, N1_EVENT_CELLS, N1_EVENT_END, N1_EVENT_SCOPE, N1_EVENT_LOST };
enum n1_event_flag { N1_EVENT_SAME = 0x10, N1_EVENT_PARAMS = 0x20, N1_EVENT_HAS_CELLS = 0x40, N1_EVENT_ERROR = 0x80 };
enum n1_scope_kind { N1_SCOPE_ENTER = 1, N1_SCOPE_LEAVE, N1_SCOPE_RELATION /* a relation is about to be loaded */ };

enum n1_value_kind {
    N1_VALUE_NULL = 0,
    N1_VALUE_INTEGER, /* integers however spelled: 5, '5', 5.0, binary int2 */
    N1_VALUE_FLOAT,
    N1_VALUE_TEXT,
    N1_VALUE_BLOB,
    N1_VALUE_UUID, /* the 16 bytes, however spelled */
    N1_VALUE_BOOLEAN,
    N1_VALUE_UNKNOWN /* not looked at: too long */
};
enum n1_run_form { N1_RUN_HASHES = 0, N1_RUN_UP, N1_RUN_DOWN };
#define N1_VALUE_REF   0x08U
#define N1_VALUE_CACHE 4096U
#define N1_SEED_VALUES 32U /* integers whose hashes come from one seed (value.h) */

/* Error codes: SQLite's extended result code, or for PostgreSQL the SQLSTATE read as a base-36 number. */

/* ---- environment of a recorded program (set by the wrapper, read by the shim) ------------------------------------- */
#define N1_ENV_DIR    "N1PROF_TRACE_DIR" /* absolute path; without it the shim does nothing */
#define N1_ENV_KEY    "N1PROF_KEY"       /* 32 hex digits: the key of the hashes; never written to the recording */
#define N1_ENV_VALUES "N1PROF_VALUES"    /* "1": record real values too */
#define N1_ENV_STACKS "N1PROF_STACKS"    /* "off": no stacks */
#define N1_ENV_SCOPE                                                                                                   \
    "N1PROF_SCOPE" /* a name: all work of the process stands in a scope of this name; the user's to set */

#endif
