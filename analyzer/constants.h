/* constants: every threshold and limit of the analyzer, with its reason. Settable through n1_analyze_options.constants. */
#ifndef N1_ANALYZER_CONSTANTS_H
#define N1_ANALYZER_CONSTANTS_H

#include <stdint.h>

struct n1_constants {
    /* -- windows: what bounds memory (a cell takes 32 bytes, an execution about 250) -- */
    uint32_t window_lists;   /* executions of several rows that are remembered as possible parents */
    uint32_t window_singles; /* executions of at most one row, in a window of their own, so that a loop's children do not push out lists */
    uint32_t cells_lists;    /* result cells of the former … */
    uint32_t cells_singles;  /* … and of the latter; powers of two */
    uint32_t candidates;     /* places of one value that are looked at, newest first */
    uint32_t sterile_after;  /* executions of a site, none of whose cells ever fed anything, after which … */
    uint32_t sterile_sample; /* … only one in so many is indexed */
    uint32_t edges;          /* parent → child edges */
    uint32_t open_cursors;   /* executions begun and not ended */
    uint32_t distinct_exact; /* distinct parameters counted exactly up to here, estimated (within 2 %) beyond */

    /* -- n_plus_one -- */
    uint32_t proven_children;  /* children of different rows of one parent from which a loop is said, when names and order agree: 2, the
                                * smallest loop; a list of one row is no loop */
    uint32_t unnamed_children; /* the same when no name links the columns: 4 values that meet by chance are rare once small integers
                                * are out */
    uint32_t min_cover_percent; /* of the children in the loop's stretch, how many must come from the parent */
    uint32_t small_magnitude;  /* integers of a magnitude class up to this (2: below 128) meet by chance: a counting loop needs no
                                * parent to produce them */

    /* -- loops without a parent -- */
    uint32_t query_loop_children; /* distinct parameters in one stretch: 10. Screens look up a few things; 5 is the rivals' usual
                                   * value and their users' usual complaint */
    uint32_t duplicate_executions; /* same text and parameters in one stretch: 5 */
    uint32_t write_loop_children; /* 5 */
    uint32_t rmw_executions;      /* read-modify-write: 1, a race needs no repetition */
    uint64_t stretch_gap_ns;      /* a pause longer than this ends a stretch of work: polling and timers pause */
};

extern const struct n1_constants n1_constants_default;

#endif
