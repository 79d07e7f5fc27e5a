/* A cursor over bytes that may be damaged or hostile: it turns bad at the first field that does not fit; then every get gives
 * 0 or "". What dictionary payloads and records are read with.
 */
#ifndef N1_TRACE_CURSOR_H
#define N1_TRACE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct n1_cursor {
    const uint8_t *at, *end;
    bool is_bad;
};

uint64_t n1_get_varint(struct n1_cursor *in);
uint64_t n1_get_u64(struct n1_cursor *in);
/* Borrowed: they lie where the cursor reads. */
const uint8_t *n1_get_bytes(struct n1_cursor *in, size_t *size_bytes);

#endif
