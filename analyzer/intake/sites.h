/* sites: a statement at a call path, the unit of detection, with what was counted there. Also the place where a person should
 * look: usually the innermost user frame, but for a function through which many queries go, the frame that tells them apart.
 * Borrowed: statements and call paths. One thread. */
#ifndef N1_ANALYZER_SITES_H
#define N1_ANALYZER_SITES_H

#include <glib.h>

#include "analyzer/distinct.h"
#include "analyzer/intake/callpaths.h"
#include "analyzer/intake/statements.h"

/* The same text from one place in one unbroken stretch of work of one thread: totals over the stretches that were long. */
struct n1_run_totals {
    uint64_t runs, executions, distinct, time_ns;
    uint64_t longest;
    uint64_t alone; /* of the executions: the thread asked nothing else between the one before and this one */
};

/* Executions with the same parameters and the same result as the one before, nothing written between. */
struct n1_duplicate_totals {
    uint64_t groups;  /* that reached the threshold */
    uint64_t breaths; /* … of them, in a web framework's handlers, where only nearness says that it was one request */
    uint64_t executions; /* in them, the first ones included */
    uint64_t time_ns;
};

struct n1_site;
struct n1_edge;

/* Writes of a value that was read, changed and written back. */
struct n1_readback_totals {
    uint64_t executions, time_ns;
    uint64_t fresh;       /* hash of the value that was written last … */
    bool has_other_fresh; /* … and whether it was ever another one: one same value for all rows is set, not computed */
    uint64_t reads, read_ns; /* that the values came from, each once */
    uint64_t last_read;      /* serial of the last of them */
    struct n1_site *reader;  /* the site that read it last */
    const char *column;
};

struct n1_site {
    uint32_t index;
    struct n1_stmt *stmt;
    const struct n1_callpath *path;
    const struct n1_stack
        *stack;     /* the statement's own first one there, whole: other statements of the path have others */
    uint32_t place; /* index into path->frame of the frame to show; set by n1_sites_place() */
    struct n1_query_stats stats;
    struct { /* by other statements, of the cursors that it declared: part of stats after n1_sites_sum() */
        uint64_t rows, db_time_ns;
    } fetched;
    uint64_t rows_max;    /* of one execution */
    uint64_t one_row;     /* executions that gave exactly one row */
    uint64_t empty;       /* … none */
    uint64_t batches;     /* executions with a list of several keys */
    uint64_t indexed;     /* executions whose cells were looked at … */
    uint64_t next_sample; /* … and which of them is the next whose columns are all indexed: cells.c */
    uint64_t
        fed_columns; /* bit i: values of column i were found as parameters of others; the last bit: of all further ones */
    uint64_t asked_columns;         /* bit i: column i once held what the query was asked for … */
    uint64_t own_columns;           /* … and is no echo of it all the same: cells.c */
    uint64_t misses;                /* keys for which no parent was found at all */
    uint64_t linked;                /* executions for which some parent was found */
    struct n1_distinct parameters;  /* different sets of parameters */
    struct n1_distinct rows_chosen; /* of writes: different sets of the parameters that choose rows */
    uint64_t key_last[N1_KEYS_MAX], key_changes[N1_KEYS_MAX]; /* of each key's value: which one varies */
    uint64_t walked_list;                     /* serial of the list that the last execution's value stood in … */
    uint32_t walked_row;                      /* … and the first row there that has it, in any column */
    uint32_t last_slot;                       /* where the window has it */
    bool feeds_itself;                        /* one of the parents is the site itself */
    uint64_t last_serial;                     /* of the last execution, whose values key_last holds */
    uint64_t newest;                          /* serial of its last execution (executions.h) … */
    uint32_t newest_thread;                   /* … and whose that was */
    uint32_t processes, threads, connections; /* over which it ran: counted up to 32 each */
    struct n1_seen {
        uint32_t first, *rest; /* rest: from the second on */
    } seen_process, seen_thread, seen_connection;
    uint32_t databases, seen_database[8]; /* of them, unknown ones left out: databases.h */
    const char *relation;                 /* the name that the program gave when it loaded (mark RELATION), or NULL */
    GPtrArray *parents;                   /* of struct n1_edge: where its parameters come from */
    uint64_t most_matched;                /* of one of them */
    unsigned best_names;                  /* of one of them: enum n1_name_support */
    struct n1_edge *last_parent;          /* the one that was asked for last, or NULL; provenance's */
    uint64_t
        tasks; /* executions on another connection than the one before, beside other statements of the thread or new */
    uint64_t continued;        /* … after which their connection was asked something else */
    struct n1_run_totals runs; /* of many different parameters (reads) or of many executions (writes) */
    struct n1_duplicate_totals duplicates;
    struct n1_readback_totals readback;
    bool is_covered; /* a candidate speaks of it as its child: rules/ */
};

static inline uint64_t n1_column_bit(uint16_t column)
{
    return 1ULL << (column < 63 ? column : 63);
}

struct n1_sites;

struct n1_sites *n1_sites_new(void);
void n1_sites_free(struct n1_sites *sites);

/* stack: the execution's, one of the path's; NULL for none. */
struct n1_site *n1_sites_get(struct n1_sites *sites, struct n1_stmt *stmt, const struct n1_callpath *path,
                             const struct n1_stack *stack);
uint32_t n1_sites_count(const struct n1_sites *sites);
struct n1_site *n1_sites_at(const struct n1_sites *sites, uint32_t index);

/* Executions whose call path was dropped because there were too many different sites. */
uint64_t n1_sites_refused(const struct n1_sites *sites);

/* Counts an execution's whereabouts. True: on a connection that the site had not seen, whose database is to be told. */
bool n1_site_seen(struct n1_sites *sites, struct n1_site *site, uint32_t process, uint32_t thread, uint32_t connection);
void n1_site_database(struct n1_site *site, uint32_t database);
/* Whether some database serves both: then one statement may read the tables of both. */
bool n1_sites_share_database(const struct n1_site *a, const struct n1_site *b);

/* Adds the sites' figures up: of their statements, and in all. After the last event, once. */
void n1_sites_sum(struct n1_sites *sites, struct n1_query_stats *totals);
/* Chooses every site's place. After the last event. */
void n1_sites_place(struct n1_sites *sites);
/* What n1_callpath.place says of it; 0: none. */
static inline uint64_t n1_site_place(const struct n1_site *site)
{
    return site->place < site->path->count ? site->path->place[site->place] : 0;
}
/* The frame to show, or NULL. */
const struct n1_frame *n1_site_frame(const struct n1_site *site);

#endif
