/* The same fields inline, where the cursor is to live in registers while a record is read. Whatever is rare is a call by value.
 *
 * What is called near takes bytes that are there, as the caller has seen; the others check, and turn the cursor bad.
 */
#ifndef N1_TRACE_CURSOR_FIELDS_H
#define N1_TRACE_CURSOR_FIELDS_H

#include <string.h>

#include "trace/cursor.h"

#define N1_INLINE      static inline __attribute__((always_inline))
#define N1_FAR         static __attribute__((noinline, cold, unused))
#define N1_LIKELY(...) __builtin_expect((__VA_ARGS__), 1)

struct far {
    uint64_t value;
    const uint8_t *at; /* NULL: bad */
};

N1_FAR struct far get_long_varint(const uint8_t *at, const uint8_t *end)
{
    uint64_t v = 0;
    for (int shift = 0; shift < 64 && at < end; shift += 7) {
        uint8_t byte = *at++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return (struct far){v, at};
    }
    return (struct far){0, NULL};
}

N1_INLINE uint64_t get_far_varint(struct n1_cursor *in)
{
    struct far far = get_long_varint(in->at, in->end);
    in->is_bad |= far.at == NULL;
    in->at = far.at != NULL ? far.at : in->end;
    return far.value;
}

/* Of four bytes and more, up to eight at once: the byte without a high bit ends it, then the groups of seven bits close ranks. */
N1_INLINE uint64_t get_long(struct n1_cursor *in)
{
    uint64_t word;
    memcpy(&word, in->at, sizeof word);
    uint64_t ends = ~word & 0x8080808080808080ULL;
    if (ends == 0)
        return get_far_varint(in);
    in->at += (__builtin_ctzll(ends) >> 3) + 1;
    word &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7fULL;
    word = (word & 0x007f007f007f007fULL) | (word & 0x7f007f007f007f00ULL) >> 1;
    word = (word & 0x00003fff00003fffULL) | (word & 0x3fff00003fff0000ULL) >> 2;
    return (word & 0x000000000fffffffULL) | (word & 0x0fffffff00000000ULL) >> 4;
}

/* Where VARINT_BYTES are there: most take up to three. */
N1_INLINE uint64_t get_near_varint(struct n1_cursor *in)
{
    const uint64_t low = in->at[0], high = in->at[1];
    if (low < 0x80) {
        in->at++;
        return low;
    }
    if (high < 0x80) {
        in->at += 2;
        return (low & 0x7f) | high << 7;
    }
    const uint64_t highest = in->at[2];
    if (N1_LIKELY(highest < 0x80)) {
        in->at += 3;
        return (low & 0x7f) | (high & 0x7f) << 7 | highest << 14;
    }
    return get_long(in);
}

enum { VARINT_BYTES = 10 };

N1_INLINE uint64_t get_varint(struct n1_cursor *in)
{
    return N1_LIKELY(in->end - in->at >= VARINT_BYTES) ? get_near_varint(in) : get_far_varint(in);
}

N1_INLINE uint64_t get_u64(struct n1_cursor *in)
{
    uint64_t v = 0;
    if (in->end - in->at < (ptrdiff_t)sizeof v) {
        in->is_bad = true;
        return 0;
    }
    memcpy(&v, in->at, sizeof v);
    in->at += sizeof v;
    return v;
}

N1_INLINE const uint8_t *get_bytes(struct n1_cursor *in, size_t *size_bytes)
{
    uint64_t size = get_varint(in);
    if (in->is_bad || size > (uint64_t)(in->end - in->at)) {
        in->is_bad = true;
        *size_bytes = 0;
        return (const uint8_t *)"";
    }
    const uint8_t *bytes = in->at;
    in->at += size;
    *size_bytes = (size_t)size;
    return bytes;
}

N1_INLINE uint8_t get_byte(struct n1_cursor *in)
{
    if (in->at < in->end)
        return *in->at++;
    in->is_bad = true;
    return 0;
}

N1_INLINE uint32_t get_u32(struct n1_cursor *in)
{
    uint64_t v = get_varint(in);
    if (v > UINT32_MAX)
        in->is_bad = true;
    return in->is_bad ? 0 : (uint32_t)v;
}

#endif
