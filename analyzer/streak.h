/* streak: look-ups of one place one right after the other, each with the value of the next row of one list, as most of a recording
 * of an N+1 is. Origin, edge, fan and stretch of the next one are known before it comes; what it adds to them is counted here and
 * told to them when anything else comes. The reports are the same with and without: n1_constants.streaks.
 */
#ifndef N1_ANALYZER_STREAK_H
#define N1_ANALYZER_STREAK_H

#include "analyzer/links/readback.h"
#include "analyzer/links/stretches.h"
#include "analyzer/links/walk.h"

struct n1_analysis;
struct n1_origin;

struct n1_streak {
    struct n1_origin *origin; /* NULL: there is none */
    const struct n1_lookup_key *key;
    struct n1_walk walk;
    struct n1_steady steady;
    struct n1_reader *reader;
    const struct n1_step *last;           /* of … */
    uint64_t executions, time_ns, max_ns; /* … so far */
};

/* After an execution that n1_analysis_event() took the long way: one begins, if it is of that kind. */
void n1_streak_begin(struct n1_analysis *a, struct n1_origin *origin, const struct n1_step *execution);
/* Announces what an event will touch, if it is one of the streak, to the machine's memory. Changes nothing. */
void n1_streak_expect(const struct n1_analysis *a, const struct n1_event *ev);
/* Takes an event. False: there is no streak or this is not the next of it, and nothing has happened. */
bool n1_streak_goes_on(struct n1_analysis *a, const struct n1_event *ev);
/* Before anything else is told to the tables. */
void n1_streak_end(struct n1_analysis *a);

#endif
