/* A value as evidence: what it is, how large it is, and a keyed 64-bit hash of its canonical form, so that values which a
 * database would find equal have equal hashes, whatever way they were spelled. The value itself is not kept.
 *
 * Canonical forms
 *   integer   any of: an integer; a float without fraction within ±2^53; a text of decimal digits with at most one leading
 *             '-', no leading zero, no blank, within int64. So 5, '5', 5.0 and "5" agree, '05' and '5 ' do not.
 *   uuid      16 bytes: text of 32 hex digits, with hyphens at 8-13-18-23 or without, in braces or not, any case; a blob of
 *             16 bytes.
 *   text      the bytes as they stand.     blob   the bytes; "\x…" text of PostgreSQL's bytea is decoded by the caller.
 *   float     the IEEE 754 bits, −0 as 0.  boolean  0 or 1; booleans equal no integer (true is not the key 1).
 *
 * The hash is SipHash-1-3 for bytes (Aumasson and Bernstein, 2012). For integers it has two steps, faster than that: a keyed
 * permutation turns v / 32 into a seed, and a function without a key, easy to compute and hard to undo, turns seed and v mod 32
 * into the hash. So 32 integers that follow each other are told by one seed of 8 bytes, which is written only when
 * all of them are there (runs, format.h): it says no more than their 32 hashes, but that they are neighbours, in what
 * order, and their lowest five bits. The key is random for each recording and not in it, so hashes of two recordings do
 * not compare and small integers cannot be looked up in a table.
 *
 * Pure functions, no allocation, any thread, async-signal-safe. libc only.
 */
#ifndef N1_TRACE_VALUE_H
#define N1_TRACE_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

struct n1_key {
    uint64_t word[2];
};

/* magnitude: integers: 0 for 0, else (bits of |v|) / 4 + 1, at most 15: small integers coincide by chance, large ones do not.
 * Texts, blobs: bits of the length, at most 15. Others 0. */
struct n1_value {
    uint64_t hash; /* 0 for NULL and UNKNOWN */
    uint8_t kind;  /* enum n1_value_kind */
    uint8_t magnitude;
};

/* Whose text is "". Every other value that has a hash has a text of one byte and more, when it was recorded. */
static inline int n1_value_is_empty(const struct n1_value *v)
{
    return (v->kind == N1_VALUE_TEXT || v->kind == N1_VALUE_BLOB) && v->magnitude == 0;
}

/* Reads 32 hex digits. Returns 0, or -1 when the text is anything else (key is then left alone). */
int n1_key_parse(struct n1_key *key, const char *hex);

struct n1_value n1_value_null(void);

/* Integers, inline: the recorder hashes a key for each look-up, often one for each row. */
static inline uint64_t n1_value_seed(const struct n1_key *key, int64_t v)
{
    uint64_t x = (uint64_t)(v >> 5) ^ key->word[0];
    x *= 0x9e3779b97f4a7c15ULL;
    x = (x ^ x >> 32) + key->word[1];
    x *= 0xd6e8feb86659fd93ULL;
    return x ^ x >> 29 ^ (key->word[0] << 32 | key->word[0] >> 32);
}
/* The hash of the integer whose v mod 32 is `place`: a step of wyrand (Wang Yi), the halves of a product folded together. */
static inline uint64_t n1_value_of_seed(uint64_t seed, unsigned place)
{
    const uint64_t s = seed + (place + 1) * 0xa0761d6478bd642fULL;
    const unsigned __int128 product = (unsigned __int128)s * (s ^ 0xe7037ed1a0b428dbULL);
    const uint64_t hash = (uint64_t)product ^ (uint64_t)(product >> 64);
    return hash ? hash : 1;
}
static inline uint8_t n1_value_magnitude(int64_t v)
{
    const uint64_t sign = (uint64_t)(v >> 63), size = ((uint64_t)v ^ sign) - sign;
    const unsigned quarter = ((63U ^ (unsigned)__builtin_clzll(size | 1)) + 1) / 4 + (size != 0);
    return (uint8_t)(quarter < 15 ? quarter : 15);
}
static inline struct n1_value n1_value_integer(const struct n1_key *key, int64_t v)
{
    return (struct n1_value){n1_value_of_seed(n1_value_seed(key, v), (unsigned)v % N1_SEED_VALUES), N1_VALUE_INTEGER,
                             n1_value_magnitude(v)};
}
struct n1_value n1_value_float(const struct n1_key *key, double v);
struct n1_value n1_value_boolean(const struct n1_key *key, int v);
/* Text that may spell an integer or a UUID. */
struct n1_value n1_value_text(const struct n1_key *key, const char *text, size_t size_bytes);
/* Text that is known to be text only (a quoted literal compares as text with text, but '5' may still meet 5: use
 * n1_value_text for parameters and cells; this one for bytes that must not be reinterpreted). */
struct n1_value n1_value_bytes(const struct n1_key *key, const void *bytes, size_t size_bytes, enum n1_value_kind kind);
/* A blob: 16 bytes count as a UUID. */
struct n1_value n1_value_blob(const struct n1_key *key, const void *bytes, size_t size_bytes);

/* 64-bit keyed hash of bytes; with a zero key a plain one, for dictionaries. */
uint64_t n1_hash_bytes(const struct n1_key *key, const void *bytes, size_t size_bytes);

#endif
