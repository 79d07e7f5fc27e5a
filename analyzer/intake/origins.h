/* origins: where an event comes from, as the analysis knows it: the text and its site, the thread, the connection.
 *
 * A recording names them by ids of its process; each combination of ids is resolved once, and the combinations that are in use
 * stand in a small cache: a loop asks for the same one or two all the time. What an id stands for never changes. Threads and
 * connections are numbered from 0 in the order of their first event. Everything lives as long as the table. One thread.
 */
#ifndef N1_ANALYZER_ORIGINS_H
#define N1_ANALYZER_ORIGINS_H

#include <stdbool.h>

#include "analyzer/intake/callpaths.h"
#include "analyzer/intake/sites.h"
#include "analyzer/intake/source.h"
#include "analyzer/intake/statements.h"
#include "trace/table.h"

struct n1_origin {
    uint64_t statement, stack, thread_id; /* process << 32 | id of each */
    uint32_t connection_id;
    uint32_t thread, connection;      /* numbers */
    const struct n1_query_text *text; /* NULL: an empty place of the cache */
    const struct n1_columns *columns; /* or NULL */
    const char *comment;              /* that stood in the text, "" or NULL */
    struct n1_site *site;             /* of text; NULL until it is asked for */
    bool is_counted;                  /* among the site's threads and connections; the caller's */
    struct {                          /* streak.c's: */
        uint32_t skip, pause;         /* executions that are not tried: still, and how many next time */
    } streaks;
};

struct n1_origins {
    const struct n1_source *source;
    struct n1_statements *statements;
    struct n1_callpaths *paths;
    struct n1_sites *sites;
    struct n1_table threads, connections; /* process << 32 | id → number + 1 */
    struct n1_origin *cache;
    struct n1_origin *last; /* NULL: there is none. Of these ids: */
    uint32_t last_process, last_tid, last_sql, last_stack;
};

/* All borrowed. */
void n1_origins_init(struct n1_origins *origins, const struct n1_source *source, struct n1_statements *statements,
                     struct n1_callpaths *paths, struct n1_sites *sites);
void n1_origins_release(struct n1_origins *origins);

struct n1_origin *n1_origins_find(struct n1_origins *origins, const struct n1_event *ev);
struct n1_site *n1_origins_find_site(struct n1_origins *origins, struct n1_origin *origin, const struct n1_event *ev,
                                     const struct n1_query_text *text);

/* Whether an EXEC or OPEN event comes from where the one before came from. */
static inline bool n1_origins_is_last(const struct n1_origins *o, const struct n1_event *ev)
{
    return o->last != NULL && o->last_sql == ev->sql && o->last_stack == ev->stack && o->last_tid == ev->tid &&
           o->last_process == ev->process && o->last->connection_id == ev->connection;
}

/* The origin of an EXEC or OPEN event. Valid until the next call. */
static inline struct n1_origin *n1_origins_get(struct n1_origins *o, const struct n1_event *ev)
{
    return n1_origins_is_last(o, ev) ? o->last : n1_origins_find(o, ev);
}

/* Its site: of its own text or of the one that EXECUTE stands for. */
static inline struct n1_site *n1_origins_site(struct n1_origins *o, struct n1_origin *origin, const struct n1_event *ev,
                                              const struct n1_query_text *text)
{
    const bool is_known = origin->site != NULL && text == origin->text;
    return is_known ? origin->site : n1_origins_find_site(o, origin, ev, text);
}
/* The number of any event's thread. */
uint32_t n1_origins_thread(struct n1_origins *origins, const struct n1_event *ev);

#endif
