#include "trace/cursor.h"

#include "trace/cursor_fields.h"

uint64_t n1_get_varint(struct n1_cursor *in)
{
    return get_varint(in);
}

uint64_t n1_get_u64(struct n1_cursor *in)
{
    return get_u64(in);
}

const uint8_t *n1_get_bytes(struct n1_cursor *in, size_t *size_bytes)
{
    return get_bytes(in, size_bytes);
}
