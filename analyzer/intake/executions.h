/* executions: a window of recent executions, the possible parents of what comes next.
 *
 * Lists (several rows) and singles (at most one) have windows of their own, so that a loop of a million look-ups does not push
 * out the list that drives it; an execution that fed something lately gets a second chance before it gives way. A slot is
 * reused: (slot, serial) is a safe reference. One thread.
 */
#ifndef N1_ANALYZER_EXECUTIONS_H
#define N1_ANALYZER_EXECUTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "analyzer/intake/sites.h"
#include "trace/read.h"

#define N1_OWN_KEYS     4
#define N1_NULL_COLUMNS 8
#define N1_CACHE_LINE   64
#define N1_WINDOW_MAX   32768U /* a slot's number has 16 bits in struct n1_place */

/* An execution as the analysis remembers it (finding.h has the one that reports show). */
struct n1_step {
    uint64_t serial; /* rising in the order of appearance, from 1; 0: free */
    struct n1_site *site;
    const struct n1_query_text *text;
    const struct n1_columns *columns; /* may be NULL */
    uint64_t start_ns;
    uint64_t end_ns;      /* 0 while open */
    uint64_t rows;        /* so far */
    uint64_t root;        /* serial of the list whose loop this is part of: its own when nothing drives it */
    uint64_t parameters;  /* hash of all of them */
    uint64_t result;      /* hash of the cells so far */
    uint64_t cause;       /* serial of the execution whose row fed it; 0: none found */
    uint64_t first_place; /* sequence number in the value index */
    const struct n1_site
        *walker;       /* a list: whose look-ups walk its rows, by a reference that names tell; or NULL. And … */
    uint32_t walk_row; /* … which row they have come to */
    uint32_t slot, thread, connection;
    uint64_t own[N1_OWN_KEYS]; /* hashes that it was looked up by: its cells that hold them are echoes */
    uint32_t filled[N1_NULL_COLUMNS +
                    1]; /* cells so far, of the first columns: a row without one asks for nothing; and of all others */
    uint8_t n_own;
    bool is_open : 1, was_useful : 1, has_cells : 1, has_outgrown : 1;
    bool is_driven : 1; /* its root is a list */
};

_Static_assert(sizeof(struct n1_step) == 3 * N1_CACHE_LINE,
               "three cache lines: there is one for each execution, and their window is no part of the near caches");

/* What the search for a value's origin asks of each execution that it passes: a table of its own, which fits in the caches. */
struct n1_brief {
    uint64_t serial, start_ns;
    uint32_t site, thread;
};

struct n1_executions {
    struct n1_step *slot;
    struct n1_brief *brief;  /* as many */
    uint32_t lists, singles; /* slots [0, lists) and [lists, lists + singles); at most N1_WINDOW_MAX each */
    uint32_t hand[2];
    uint64_t serial;
};

void n1_executions_init(struct n1_executions *window, uint32_t lists, uint32_t singles);
void n1_executions_release(struct n1_executions *window);

/* An execution that fed something lately, or is under way, does not give way at once. */
static inline bool n1_step_is_kept(const struct n1_step *e)
{
    return e->serial != 0 && (e->was_useful || e->is_open);
}

/* The slot to be used next when the hand points to one that is kept. */
uint32_t n1_executions_pass_over(struct n1_executions *window, bool is_list);

/* A cleared slot with its serial set; nothing refers to it until it is entered. Field by field, as it happens for every execution: own
 * means nothing beyond its count. */
static inline struct n1_step *n1_executions_add(struct n1_executions *window, bool is_list)
{
    const uint32_t base = is_list ? 0 : window->lists, size = is_list ? window->lists : window->singles;
    uint32_t at = base + window->hand[is_list];
    if (__builtin_expect(n1_step_is_kept(&window->slot[at]), 0))
        at = n1_executions_pass_over(window, is_list);
    const uint32_t next = at + 1 == base + size ? base : at + 1;
    window->hand[is_list] = next - base;
    for (size_t ahead = 0; ahead < sizeof(struct n1_step); ahead += N1_CACHE_LINE)
        __builtin_prefetch((char *)&window->slot[next] + ahead, 1);
    window->brief[at].serial = 0;
    struct n1_step *e = &window->slot[at];
    e->serial = e->root = ++window->serial;
    e->slot = at;
    e->site = NULL;
    e->text = NULL;
    e->columns = NULL;
    e->walker = NULL;
    e->thread = e->connection = 0;
    e->start_ns = e->end_ns = e->rows = e->parameters = e->result = e->cause = e->first_place = 0;
    e->is_open = e->was_useful = e->has_cells = e->has_outgrown = e->is_driven = false;
    e->n_own = 0;
    memset(e->filled, 0, sizeof e->filled);
    return e;
}

/* NULL when the slot holds another one by now. */
struct n1_step *n1_executions_at(const struct n1_executions *window, uint32_t slot, uint64_t serial);
/* After site, thread and start are set. */
static inline void n1_executions_enter(struct n1_executions *window, const struct n1_step *e)
{
    e->site->newest = e->serial;
    e->site->newest_thread = e->thread;
    window->brief[e->slot] = (struct n1_brief){e->serial, e->start_ns, e->site->index, e->thread};
}
/* By the low bits of the serial, as struct n1_place has them. */
static inline const struct n1_brief *n1_executions_brief(const struct n1_executions *window, uint32_t slot,
                                                         uint32_t serial)
{
    const struct n1_brief *brief = &window->brief[slot];
    return (uint32_t)brief->serial == serial ? brief : NULL;
}

/* Whether a value is one that the execution was looked up by: an echo in its result, and no source. */
static inline bool n1_step_asked_for(const struct n1_step *execution, uint64_t hash)
{
    for (uint8_t i = 0; i < execution->n_own; i++) {
        if (execution->own[i] == hash)
            return true;
    }
    return false;
}

/* A result column's origin as far as the library or the text tells. Strings are "" when not known. */
struct n1_result_column {
    const char *table, *column; /* where it comes from */
    const char *output;         /* what the result calls it */
    bool is_computed;           /* an aggregate or expression */
};
struct n1_result_column n1_step_column(const struct n1_step *execution, uint16_t column);

#endif
