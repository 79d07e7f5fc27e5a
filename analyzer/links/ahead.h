/* ahead: what an event will be looked up by is known some events before its turn, and the tables are far larger than the machine's
 * caches: so its places are announced to the memory in three steps, each of which reads what the one before brought near. Nothing
 * here changes anything.
 *
 * All inline at all costs: gcc takes a function that does nothing but announce for one without effect, and may drop calls of it.
 */
#ifndef N1_ANALYZER_LINKS_AHEAD_H
#define N1_ANALYZER_LINKS_AHEAD_H

#include "analyzer/links/provenance.h"

#define N1_ANNOUNCE static inline __attribute__((always_inline))

/* Longer lists of parameters are announced as they are gone through. Values that are followed at once. */
enum { N1_AHEAD_PARAMS = 4, N1_AHEAD_MAX = 16 };

/* Values whose places are being followed, the newest first, and at which events' turns they are needed. */
struct n1_ahead {
    struct n1_followed {
        const struct n1_place *place;
        uint64_t hash;
        size_t turn;
    } value[N1_AHEAD_MAX];
    size_t count;
};

N1_ANNOUNCE uint32_t n1_ahead_params(const struct n1_event *ev)
{
    return ev->params == NULL ? 0 : MIN(ev->n_bound + ev->n_literals, N1_AHEAD_PARAMS);
}

/* First: where the values' buckets are. */
N1_ANNOUNCE void n1_ahead_expect(const struct n1_provenance *p, const struct n1_event *ev)
{
    const uint32_t n_params = n1_ahead_params(ev);
    for (uint32_t i = 0; i < n_params; i++) {
        n1_value_index_expect(&p->lists, ev->params[i].hash);
        n1_value_index_expect(&p->singles, ev->params[i].hash);
    }
}

/* Some turns later: their newest places. The first of them is followed from then on. */
N1_ANNOUNCE void n1_ahead_fetch(const struct n1_provenance *p, const struct n1_event *ev, size_t turn,
                                struct n1_ahead *ahead)
{
    const uint32_t n_params = n1_ahead_params(ev);
    struct n1_followed first = {NULL, 0, turn};
    for (uint32_t i = 0; i < n_params; i++) {
        const uint64_t hash = ev->params[i].hash;
        n1_value_index_fetch(&p->singles, hash);
        const struct n1_place *newest = n1_value_index_newest(&p->lists, hash);
        __builtin_prefetch(newest);
        if (first.place == NULL)
            first = (struct n1_followed){newest, hash, turn};
    }
    if (first.place != NULL && ahead->count < N1_AHEAD_MAX)
        ahead->value[ahead->count++] = first;
}

/* At each turn: one more place of each, for a value that many results hold. Those that came to an end, or whose turn has come, give
 * way. */
N1_ANNOUNCE void n1_ahead_follow(const struct n1_provenance *p, size_t turn, struct n1_ahead *ahead)
{
    size_t kept = 0;
    for (size_t i = 0; i < ahead->count; i++) {
        struct n1_followed value = ahead->value[i];
        if (value.turn <= turn)
            continue;
        value.place = n1_value_index_behind(&p->lists, value.place, value.hash);
        __builtin_prefetch(value.place);
        ahead->value[kept] = value;
        kept += value.place != NULL;
    }
    ahead->count = kept;
}

#endif
