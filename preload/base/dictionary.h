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
 *
 * An entry that cannot be written now (full disk, no file yet) is owed: kept in memory, N1_DICTIONARY_OWED bytes of them, and
 * written before anything else is once there is room, so that what is recorded from then on has its names. While it is owed it
 * counts as lost.
 * Any thread; no lock but for what is owed: an append of one write(2). Keeps errno.
 */
#ifndef N1_PRELOAD_DICTIONARY_H
#define N1_PRELOAD_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

#define N1_DICTIONARY_OWED (512U * 1024U)

/* From 1; 0 when 2^32 are used up. */
uint32_t n1_dictionary_next_id(enum n1_chunk_kind kind);
/* The highest id given out so far; 0: none. */
uint32_t n1_dictionary_last_id(enum n1_chunk_kind kind);

/* Returns 0, or -1 when the entry was lost (counted). */
int n1_dictionary_write(enum n1_chunk_kind kind, const void *payload, size_t size_bytes);
/* Writes what is owed, if something is. Returns 0 when nothing is owed any more: events may follow. */
int n1_dictionary_settle(void);

/* The STRING id of a name, written when it is new. At most 1024 different ones; 0 for later ones (counted). */
uint32_t n1_dictionary_name(const char *name);
void n1_dictionary_after_fork(void);

#endif
