/* tolerance: how far above what is accepted a count may go: "+2" (executions), "10%", or "any" (the number is no affair of the
 * gate's). */
#ifndef N1_ANALYZER_GATE_TOLERANCE_H
#define N1_ANALYZER_GATE_TOLERANCE_H

#include <stdbool.h>
#include <stdint.h>

struct n1_tolerance {
    bool is_any;
    uint64_t more;  /* executions */
    double percent; /* of what is accepted */
};

/* False for anything else. NULL is no tolerance. */
bool n1_tolerance_parse(struct n1_tolerance *tolerance, const char *text);
/* accepted: executions, or slope × rows. */
bool n1_tolerance_allows(const struct n1_tolerance *tolerance, double accepted, uint64_t executions);

#endif
