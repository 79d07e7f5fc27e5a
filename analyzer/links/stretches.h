/* stretches: repetition as such. A stretch is work of one thread without a long pause: what repeats within one is a loop, what
 * repeats over many is traffic. Counts, per site and thread, runs of executions, and, per thread, equal executions (text,
 * parameters and result) with no write to their tables between. Bounded; one thread. */
#ifndef N1_ANALYZER_STRETCHES_H
#define N1_ANALYZER_STRETCHES_H

#include "analyzer/constants.h"
#include "analyzer/intake/executions.h"

struct n1_stretches;

struct n1_stretches *n1_stretches_new(const struct n1_constants *constants);
void n1_stretches_free(struct n1_stretches *stretches);

/* Announces what the execution will touch to the machine's memory. Changes nothing. */
void n1_stretches_expect(const struct n1_stretches *stretches, const struct n1_step *execution);
/* A finished execution, in the order of the recording. */
void n1_stretches_execution(struct n1_stretches *stretches, const struct n1_step *execution, const struct n1_event *ev);
/* A place that reads again and again while its thread does nothing else, each time with other parameters: what each of these
 * executions is to its stretch is known before. */
struct n1_steady {
    struct n1_thread_work *thread;
    struct n1_run *run;
    uint64_t asker, state;        /* of equal executions */
    uint64_t gap_ns, last_end_ns; /* a pause longer than that ends it */
};
/* After n1_stretches_execution(), of a read that is no batch, takes no lock and does not take the next job. Until the end nothing else
 * may be told to the stretches. */
void n1_steady_begin(struct n1_stretches *stretches, const struct n1_step *execution, struct n1_steady *steady);
static inline bool n1_steady_goes_on(const struct n1_steady *steady, const struct n1_event *ev)
{
    return ev->start_ns <= steady->last_end_ns + steady->gap_ns;
}
/* Announces what an execution will touch to the machine's memory, as does n1_stretches_expect(). */
void n1_steady_expect(const struct n1_stretches *stretches, const struct n1_steady *steady, uint64_t parameters);
void n1_steady_execution(struct n1_stretches *stretches, struct n1_steady *steady, const struct n1_step *execution,
                         const struct n1_event *ev);
/* There were so many, which took so long. */
void n1_steady_end(const struct n1_steady *steady, uint64_t executions, uint64_t time_ns);

/* The thread spent so long in a statement of any kind; after the statement's own n1_stretches_execution(). */
void n1_stretches_busy(struct n1_stretches *stretches, uint32_t thread, uint64_t duration_ns);
/* How long in all so far. */
uint64_t n1_stretches_busy_ns(struct n1_stretches *stretches, uint32_t thread);
/* BEGIN, or COMMIT and ROLLBACK: reads inside are one unit of work. */
void n1_stretches_transaction(struct n1_stretches *stretches, uint32_t thread, bool begins);
/* The thread's unit of work ended or began: a scope mark. */
void n1_stretches_border(struct n1_stretches *stretches, uint32_t thread);
/* After the last event. */
void n1_stretches_finish(struct n1_stretches *stretches);

#endif
