/* Reads event records back: the mirror of trace/encode.h over bytes that may be damaged or hostile. Every length is
 * checked before it is used. A decoder belongs to one lane (process, slot); times come out in ticks, in the *_ns
 * fields of the event: trace/read.c converts them.
 *
 * A record is read in two steps: its head, which has the time that a merge of several lanes goes by, then the rest. The table
 * of last values holds places in the chunk, not values: 16 KiB a lane, so that thousands of lanes may be open. The bytes must
 * stay where they are from one reset to the next. One thread.
 */
#ifndef N1_TRACE_DECODE_H
#define N1_TRACE_DECODE_H

#include <stdbool.h>

#include "trace/read.h"
#include "trace/scratch.h"

struct n1_decoder {
    const uint8_t *base; /* of the chunk; NULL: where the next record is read */
    uint64_t tick;       /* of the last record */
    uint64_t execution;  /* its number, where it has one */
    uint32_t sql, connection, stack;
    uint8_t head; /* its first byte */
    bool has_values;
    uint32_t value_at[N1_VALUE_CACHE]; /* distances from base; 0: none */
    struct n1_scratch scratch;         /* of n1_decode() */
};

/* has_values: the process's N1_PROCESS_VALUES flag. A zeroed struct is ready for reset. */
void n1_decoder_reset(struct n1_decoder *dec, uint64_t tick, bool has_values);
void n1_decoder_release(struct n1_decoder *dec);

/* Reads the head of the record at *at: type, statement, time. Returns 1 and moves *at behind it; 0 at the end; −1 when the bytes
 * are damaged (then nothing of this chunk can be trusted from *at on). An event of a type of the future is skipped. */
int n1_decode_head(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end);
/* Reads the rest of that record and fills the event: 1, or −1 as above. What the event points to lies in scratch. */
int n1_decode_body(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_scratch *scratch,
                   struct n1_event *ev);
/* Both. What the event points to is valid until the next call. *at moves only behind a whole record, or to the end. */
int n1_decode(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end, struct n1_event *ev);

#endif
