/* readback: values that were read into the program and written back changed, to the same row, by the same thread, while
 * nothing kept other sessions from doing the same: not locked when read, not compared when written.
 *
 * Looked at are numbers (counters, stocks, balances: a new text or a new foreign key was not made from the old one) in an
 * UPDATE … SET column = ? of one row whose key was looked up or read by one of the thread's last few reads. Bounded; one
 * thread. */
#ifndef N1_ANALYZER_READBACK_H
#define N1_ANALYZER_READBACK_H

#include "analyzer/links/provenance.h"

struct n1_readback;

struct n1_readback *n1_readback_new(void);
void n1_readback_free(struct n1_readback *readback);

/* A finished execution; provenance is where earlier ones are still found. Adds to site->readback. */
void n1_readback_execution(struct n1_readback *readback, const struct n1_provenance *provenance,
                           const struct n1_step *execution, const struct n1_event *ev);

#endif
