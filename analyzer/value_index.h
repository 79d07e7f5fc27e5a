/* value_index: where values were seen lately: which column of which execution, at which rows.
 *
 * A ring of places with a hash chain through it, newest first, as in a compressor's window: adding never allocates, the oldest
 * place gives way. Equal values of one column of one execution share a place, so that a column of flags does not push out
 * keys. One thread.
 */
#ifndef N1_ANALYZER_VALUE_INDEX_H
#define N1_ANALYZER_VALUE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/value.h"

struct n1_place {
    uint64_t hash;
    uint64_t serial;              /* of the execution */
    uint32_t slot;                /* of the execution in the window: valid while its serial is the same */
    uint32_t first_row, last_row; /* from 0 */
    uint32_t count;               /* rows that hold it */
    uint32_t back;                /* distance to the next older place of the chain; 0: none */
    uint16_t column;
};

struct n1_value_index {
    struct n1_place *place; /* mask + 1 of them */
    uint64_t *head;         /* sequence number + 1 of each bucket's newest place */
    uint64_t next;          /* sequence number of the next place */
    uint64_t mask;
};

void n1_value_index_init(struct n1_value_index *index, uint32_t capacity); /* rounded up to a power of two */
void n1_value_index_release(struct n1_value_index *index);

void n1_value_index_add(struct n1_value_index *index, struct n1_place place);

/* Tells the machine that a hash will be added or asked for soon: the table is far larger than its caches. */
static inline void n1_value_index_expect(const struct n1_value_index *index, uint64_t hash)
{
    __builtin_prefetch(&index->head[(hash ^ hash >> 32) & index->mask], 1);
}

/* Newest place of a hash, then older ones; NULL at the end. */
const struct n1_place *n1_value_index_first(const struct n1_value_index *index, uint64_t hash);
const struct n1_place *n1_value_index_older(const struct n1_value_index *index, const struct n1_place *place);

/* Whether a value can tell anything: NULL, booleans and what was not looked at cannot. */
static inline bool n1_value_is_evidence(const struct n1_value *v)
{
    return v->kind != N1_VALUE_NULL && v->kind != N1_VALUE_BOOLEAN && v->kind != N1_VALUE_UNKNOWN;
}

#endif
