/* constants: every threshold and limit of the analyzer, with its reason. Settable through n1_analyze_options.constants. */
#ifndef N1_ANALYZER_CONSTANTS_H
#define N1_ANALYZER_CONSTANTS_H

#include <stdbool.h>
#include <stdint.h>

struct n1_constants {
    /* -- windows: what bounds memory (a cell takes 32 bytes, an execution about 500) -- */
    uint32_t window_lists; /* executions of several rows that are remembered as possible parents */
    uint32_t
        window_singles;   /* executions of at most one row: a window of their own, so that a loop's children do not push
                              * out the list that drives them */
    uint32_t cells_lists; /* result cells of the former … */
    uint32_t cells_singles; /* … and of the latter; powers of two */
    uint32_t candidates;    /* places of one value that are looked at in each window, newest first … */
    uint32_t
        candidates_known; /* … but no further when so many brought no new column and the thread's own are among them */
    uint32_t
        sterile_after; /* executions of a site after which columns, none of whose cells ever fed anything, are indexed … */
    uint32_t sterile_sample; /* … in one execution of so many only. All others are kept aside … */
    uint32_t
        cells_aside; /* … in results of so many cells, the newest, for look-ups that find no parent. A power of two */
    uint32_t edges;  /* parent → child edges */
    uint32_t open_cursors;   /* executions begun and not ended */
    uint32_t distinct_exact; /* distinct values are counted exactly up to here, estimated (within some 2 %) beyond */
    uint32_t fans;           /* loops that are being followed at once */
    uint32_t runs;           /* stretches of repetition that are being followed at once */
    uint32_t
        streaks; /* 1: look-ups of a loop's rows are counted together; 0: one by one, which comes to the same and takes longer */

    /* -- n_plus_one -- */
    uint32_t
        proven_children; /* children of different rows of one parent that make a loop when names or order agree: 2, the
                                    * smallest loop. A list of one row is none: what it does to a longer list is not known */
    uint32_t
        unnamed_children; /* the same when no name links the columns: 4 values that meet in order by chance are rare
                                    * once small integers are out */
    uint32_t min_cover_percent; /* of the children in the loop's stretch, so many must come from the parent */
    uint32_t small_magnitude; /* integers of a magnitude class up to this (2: below 128) meet by chance: a counting loop
                                    * needs no parent to produce them */
    uint32_t short_text_magnitude; /* the same for texts (2: up to 3 bytes): codes and flags are few */
    uint32_t
        dispatch_row_percent; /* parent and child in different handlers below one dispatcher are two requests, unless this
                                    * part of the parent's rows was looked up … */
    uint32_t order_percent;   /* … and this part of the children followed their order */
    uint32_t to_one_certain; /* a look-up by a key that is not the table's own and that gave one row each time: after so
                                    * many times the key counts as unique */

    /* -- loops without a parent -- */
    uint32_t
        query_loop_children; /* distinct parameters in one stretch: 10. A screen looks up a few things; at 5, the usual
                                    * value elsewhere, its users complain of noise */
    uint64_t
        query_loop_gap_ns; /* a pause longer than this ends the loop where a framework calls, or where more is asked than that: without a
                            * parent, nearness is all that tells a loop from requests that ask the same; handling one takes
                            * longer. The program's own loop of one query may wait between them: stretch_gap_ns */
    uint32_t duplicate_executions; /* same text, parameters and result in one stretch: 5 */
    uint64_t duplicate_gap_ns;     /* a pause longer than this: somebody waits and asks anew, as polling does */
    uint32_t write_loop_children;  /* rows written one at a time in one stretch: 5 */
    uint32_t rmw_executions;       /* read-modify-write: 1, a race needs no repetition */
    uint64_t
        stretch_gap_ns; /* a pause longer than this ends a stretch of work: polling and timers pause, loops do not */
};

extern const struct n1_constants n1_constants_default;

/* -- parts of a whole, the same for every rule: no program's size changes them -- */

/* Nine of ten. What explains a loop explains nearly all of it: a first look-up may be lost to a nearer value, a row to a cache, a stretch's
 * edge to a pause. Half of that would let two causes share one loop; all of it would let one stray value hide the cause. */
static inline bool n1_is_nearly_all(uint64_t some, uint64_t all)
{
    return some * 10 >= all * 9;
}

/* Four of five: along a chain and down a tree each walk's first step, and each leaf's, takes its key from elsewhere. */
static inline bool n1_is_most_of_a_walk(uint64_t some, uint64_t all)
{
    return some * 5 >= all * 4;
}

/* One of ten: what is left when the rest has another reason. */
static inline bool n1_is_nearly_none(uint64_t some, uint64_t all)
{
    return some * 10 <= all;
}

/* More than half: the usual case of the two. */
static inline bool n1_is_mostly(uint64_t some, uint64_t all)
{
    return some * 2 > all;
}

/* Magnitude classes (trace/value.h) from which on values do not meet by chance: integers of 2^20 and more, texts of 8 bytes and more. */
enum { N1_LARGE_INTEGER = 6, N1_LONG_TEXT = 4 };

/* What a rival's standing is worth: names before coverage before nearness before order, so that a telling name outweighs any one of the others,
 * and no name two of them together. */
enum {
    N1_SCORE_NAMES = 30, /* for each step of enum n1_name_support */
    N1_SCORE_SHARE = 30, /* all others: of a whole part */
    N1_SCORE_WINS = 25,
    N1_SCORE_ORDER = 20,
    N1_SCORE_ROWS = 15,
    N1_SCORE_COVER = 10
};

#endif
