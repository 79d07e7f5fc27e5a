/* A time axis without its idle stretches: from nanoseconds to a position between 0 and 1, and the stretches that were cut out. */
#ifndef N1_REPORTS_HTML_AXIS_H
#define N1_REPORTS_HTML_AXIS_H

#include "analyzer/finding.h"

#define N1_AXIS_CUTS 48 /* at most; the longest */

struct n1_axis {
    uint64_t start_ns, end_ns; /* of all executions */
    size_t n_cuts;
    struct n1_axis_cut {
        uint64_t from_ns, to_ns;
    } cut[N1_AXIS_CUTS];     /* by time */
    double scale, cut_width; /* positions a nanosecond outside of cuts; a cut */
};

/* executions: by start, at least one. */
void n1_axis_init(struct n1_axis *axis, const struct n1_execution *execution, size_t count);
double n1_axis_at(const struct n1_axis *axis, uint64_t ns);

/* start + duration, at most UINT64_MAX. */
uint64_t n1_axis_end_of(const struct n1_execution *execution);

#endif
