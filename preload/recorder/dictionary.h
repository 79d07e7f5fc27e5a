/* Ids and their entries: each entry is one chunk of the stream, written at once and before an event uses its id.
 *
 *     uint8_t bytes[512];
 *     struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
 *     uint32_t id = n1_dictionary_next_id(N1_CHUNK_STRING);
 *     n1_put_varint(&out, id); …
 *     n1_dictionary_write(N1_CHUNK_STRING, bytes, (size_t)(out.at - bytes));
 *
 * Ids of SQL, FRAME, STACK, CONNECTION and STRING continue in a forked child where its parent stood (its PROCESS entry says
 * up to which); MODULE ids too, but module entries are not inherited: write them again in each generation.
 * Any thread, no lock: an append of one write(2). Keeps errno.
 */
#ifndef N1_PRELOAD_DICTIONARY_H
#define N1_PRELOAD_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

/* From 1; 0 when 2^32 are used up. */
uint32_t n1_dictionary_next_id(enum n1_chunk_kind kind);
/* The highest id given out so far; 0: none. */
uint32_t n1_dictionary_last_id(enum n1_chunk_kind kind);

/* Returns 0, or -1 when the entry was lost (counted). */
int n1_dictionary_write(enum n1_chunk_kind kind, const void *payload, size_t size_bytes);

/* The STRING id of a name, written when it is new. At most 1024 different ones; 0 for later ones (counted). */
uint32_t n1_dictionary_name(const char *name);
void n1_dictionary_after_fork(void);

#endif
