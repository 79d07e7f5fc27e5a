/* The head of a record, inline where records are read one after the other. Of trace/decode.c and trace/read.c. */
#ifndef N1_TRACE_DECODE_FIELDS_H
#define N1_TRACE_DECODE_FIELDS_H

#include "trace/cursor_fields.h"
#include "trace/decode.h"

/* n1_decode_head(), for the usual record: an execution of the same statement, connection and stack as the one before. */
N1_INLINE int get_head(struct n1_decoder *dec, const uint8_t **at, const uint8_t *end)
{
    struct n1_cursor in = {*at, end, false};
    const bool is_usual = in.end - in.at > VARINT_BYTES && dec->base != NULL &&
                          (*in.at & (0x0fU | N1_EVENT_SAME)) == (N1_EVENT_EXEC | N1_EVENT_SAME);
    if (!is_usual)
        return n1_decode_head(dec, at, end);
    dec->head = *in.at++;
    dec->execution = 0;
    dec->tick += get_near_varint(&in);
    if (in.is_bad)
        return -1;
    *at = in.at;
    return 1;
}

#endif
