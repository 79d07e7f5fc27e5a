/* Reads event records back: the mirror of trace/encode.h over bytes that may be damaged or hostile. Every length is
 * checked before it is used. A decoder belongs to one lane (process, slot); times come out in ticks, in the *_ns
 * fields of the event: trace/read.c converts them.
 *
 * Memory: scratch arrays that grow to the largest record seen (bounded by the format's limits). One thread.
 */
#ifndef N1_TRACE_DECODE_H
#define N1_TRACE_DECODE_H

#include <stdbool.h>

#include "trace/read.h"

struct n1_decoder {
    uint64_t tick;
    uint32_t sql, connection, stack;
    bool has_values;
    struct n1_event_value cache[N1_VALUE_CACHE];
    struct n1_event_value *params;
    uint32_t params_capacity;
    struct n1_event_cell *cells;
    uint32_t cells_capacity;
    char *texts; /* real values, NUL-terminated copies */
    size_t texts_size, texts_capacity;
};

/* has_values: the process's N1_PROCESS_VALUES flag. A zeroed struct is ready for reset. */
void n1_decoder_reset(struct n1_decoder *dec, uint64_t tick, bool has_values);
void n1_decoder_release(struct n1_decoder *dec);

/* Reads the record at *at. Returns 1 and moves *at behind it; 0 at the end; −1 when the bytes are damaged (then nothing of this
 * chunk can be trusted from *at on). An event of a type of the future is skipped. */
int n1_decode(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_event *ev);

/* Dictionary payloads: a cursor that turns bad at the first field that does not fit; then every get gives 0 or "". */
struct n1_cursor {
    const uint8_t *at, *end;
    bool is_bad;
};

uint64_t n1_get_varint(struct n1_cursor *in);
uint64_t n1_get_u64(struct n1_cursor *in);
const uint8_t *n1_get_bytes(struct n1_cursor *in, size_t *size_bytes);

#endif
