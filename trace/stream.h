/* One process's files: the stream, indexed by its chunk headers, and what the rings held beyond it. Damage is skipped and counted,
 * never fatal. Payloads live until release. One thread.
 */
#ifndef N1_TRACE_STREAM_H
#define N1_TRACE_STREAM_H

#include <glib.h>

#include "trace/dictionary.h"
#include "trace/piece.h"

/* A run of event records of one slot. */
struct n1_event_chunk {
    uint32_t slot, tid;
    uint64_t position; /* of the first byte in the slot's life */
    uint64_t tick;     /* clock that the first record counts from */
    const uint8_t *payload;
    uint32_t size_bytes;
    uint32_t check; /* of the payload; ring tails have none */
    bool has_check;
};

struct n1_stream {
    char *name; /* of the files, without ending */
    struct n1_stream_header header;
    struct n1_dictionary *dictionary;
    GArray *chunks;                  /* struct n1_event_chunk by slot, then position; no byte twice */
    struct n1_clock_pair ring_clock; /* newest pair of the ring header; zeros when there is none */
    uint64_t statements;             /* finished, as the process counted at its last drain */
    uint64_t damaged_bytes;
    struct n1_piece file;
    GArray *tails; /* struct n1_piece: what the rings held beyond the file */
};

/* 0; N1_ERROR_SYSTEM, N1_ERROR_FORMAT (not a stream at all) or N1_ERROR_VERSION. */
int n1_stream_load(struct n1_stream *stream, const char *directory, const char *name, struct n1_error *err);
void n1_stream_release(struct n1_stream *stream);

/* A chunk has been read, and what lies before it, as far as it is near: its memory may go. */
void n1_stream_forget(const struct n1_stream *stream, const struct n1_event_chunk *chunk);

#endif
