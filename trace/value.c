#include "trace/value.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static inline uint64_t rotate_left(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static inline uint64_t load_u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate_left(v[1], 13) ^ v[0];
    v[0] = rotate_left(v[0], 32);
    v[2] += v[3];
    v[3] = rotate_left(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate_left(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate_left(v[1], 17) ^ v[2];
    v[2] = rotate_left(v[2], 32);
}

/* SipHash-1-3. salt separates the kinds: the text "abc" and the blob "abc" are different values. */
static __attribute__((hot)) uint64_t sip_hash(const struct n1_key *key, uint64_t salt, const uint8_t *bytes,
                                              size_t size)
{
    const uint64_t k0 = key->word[0] ^ salt, k1 = key->word[1];
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
                     k1 ^ 0x7465646279746573ULL};
    size_t whole = size & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t m = load_u64(bytes + i);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    uint64_t last = 0;
    if (size > whole && whole) /* the last eight bytes, without those that were taken */
        last = load_u64(bytes + size - 8) >> 8 * (8 - (size - whole));
    else
        for (size_t i = 0; i < size - whole; i++)
            last |= (uint64_t)bytes[i] << (8 * i);
    last |= (uint64_t)size << 56;
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++)
        sip_round(v);
    uint64_t hash = v[0] ^ v[1] ^ v[2] ^ v[3];
    return hash ? hash : 1;
}

uint64_t n1_hash_bytes(const struct n1_key *key, const void *bytes, size_t size_bytes)
{
    return sip_hash(key, 0, bytes, size_bytes);
}

static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int n1_key_parse(struct n1_key *key, const char *hex)
{
    if (!hex || strlen(hex) != 32)
        return -1;
    uint64_t word[2] = {0, 0};
    for (int i = 0; i < 32; i++) {
        int digit = hex_digit((unsigned char)hex[i]);
        if (digit < 0)
            return -1;
        word[i / 16] = word[i / 16] << 4 | (uint64_t)digit;
    }
    key->word[0] = word[0];
    key->word[1] = word[1];
    return 0;
}

static uint8_t bit_length(uint64_t v)
{
    return (uint8_t)(v ? 64 - __builtin_clzll(v) : 0);
}

static uint8_t length_magnitude(size_t size)
{
    uint8_t bits = bit_length(size);
    return bits > 15 ? 15 : bits;
}

struct n1_value n1_value_null(void)
{
    return (struct n1_value){0, N1_VALUE_NULL, 0};
}

struct n1_value n1_value_float(const struct n1_key *key, double v)
{
    if (v >= -9007199254740992.0 && v <= 9007199254740992.0 && v == (double)(int64_t)v)
        return n1_value_integer(key, (int64_t)v);
    if (isnan(v))
        v = (double)NAN;
    return n1_value_bytes(key, &v, sizeof v, N1_VALUE_FLOAT);
}

struct n1_value n1_value_boolean(const struct n1_key *key, int v)
{
    uint8_t byte = v != 0;
    struct n1_value value = n1_value_bytes(key, &byte, 1, N1_VALUE_BOOLEAN);
    value.magnitude = 0;
    return value;
}

__attribute__((hot)) struct n1_value n1_value_bytes(const struct n1_key *key, const void *bytes, size_t size_bytes,
                                                    enum n1_value_kind kind)
{
    uint8_t magnitude = kind == N1_VALUE_TEXT || kind == N1_VALUE_BLOB ? length_magnitude(size_bytes) : 0;
    return (struct n1_value){sip_hash(key, (uint64_t)kind << 32, bytes, size_bytes), (uint8_t)kind, magnitude};
}

struct n1_value n1_value_blob(const struct n1_key *key, const void *bytes, size_t size_bytes)
{
    return n1_value_bytes(key, bytes, size_bytes, size_bytes == 16 ? N1_VALUE_UUID : N1_VALUE_BLOB);
}

/* Canonical decimal digits within int64, as the header defines them. */
static bool parse_integer(const char *text, size_t size, int64_t *out)
{
    bool is_negative = size > 0 && text[0] == '-';
    size_t i = is_negative ? 1 : 0, digits = size - i;
    if (digits == 0 || digits > 19 || (text[i] == '0' && (digits > 1 || is_negative)))
        return false;
    uint64_t v = 0;
    for (; i < size; i++) {
        unsigned d = (unsigned)(unsigned char)text[i] - '0';
        if (d > 9)
            return false;
        v = v * 10 + d; /* 19 digits fit in 64 bits */
    }
    if (v > (uint64_t)INT64_MAX + (is_negative ? 1 : 0))
        return false;
    *out = is_negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

static __attribute__((noinline)) bool parse_uuid(const char *text, size_t size, uint8_t out[16])
{
    if (size >= 2 && text[0] == '{' && text[size - 1] == '}') {
        text++;
        size -= 2;
    }
    if (size != 32 && size != 36)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < 32; i++) {
        if (size == 36 && (i == 8 || i == 12 || i == 16 || i == 20) && text[at++] != '-')
            return false;
        int digit = hex_digit((unsigned char)text[at++]);
        if (digit < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] << 4 | digit : digit);
    }
    return true;
}

__attribute__((hot)) struct n1_value n1_value_text(const struct n1_key *key, const char *text, size_t size_bytes)
{
    int64_t integer;
    const bool may_be_integer = size_bytes - 1 < 20 && ((unsigned)(unsigned char)text[0] - '0' <= 9 || text[0] == '-');
    if (may_be_integer && parse_integer(text, size_bytes, &integer))
        return n1_value_integer(key, integer);
    uint8_t uuid[16];
    if (size_bytes >= 32 && size_bytes <= 38 && parse_uuid(text, size_bytes, uuid))
        return n1_value_bytes(key, uuid, sizeof uuid, N1_VALUE_UUID);
    return n1_value_bytes(key, text, size_bytes, N1_VALUE_TEXT);
}
