/* analysis: what is known after the pass: the tables that rules judge. */
#ifndef N1_ANALYZER_ANALYSIS_H
#define N1_ANALYZER_ANALYSIS_H

#include "analyzer/analyze.h"
#include "analyzer/intake/databases.h"
#include "analyzer/intake/origins.h"
#include "analyzer/intake/scopes.h"
#include "analyzer/intake/sites.h"
#include "analyzer/intake/source.h"
#include "analyzer/intake/timeline.h"
#include "analyzer/links/provenance.h"
#include "analyzer/links/readback.h"
#include "analyzer/links/stretches.h"
#include "analyzer/streak.h"

struct n1_analysis {
    const struct n1_source *source;
    const struct n1_constants *constants;
    const struct n1_analyze_options *options;
    struct n1_statements *statements;
    struct n1_callpaths *paths;
    struct n1_sites *sites;
    struct n1_stretches *stretches;
    struct n1_readback *readback;
    struct n1_timeline *timeline;
    bool has_timeline; /* it is asked for */
    struct n1_scopes *scopes;
    struct n1_databases *databases;
    struct n1_provenance provenance;
    struct n1_origins origins;
    struct n1_streak streak;
    struct n1_table open;         /* process, execution id → reference into the window */
    struct n1_table cursors;      /* process, connection, cursor name → reference */
    struct n1_table prepared;     /* process, connection, name → const struct n1_query_text *: SQL's own PREPARE */
    GPtrArray *relations;         /* of each thread: name announced by a RELATION mark, or NULL */
    bool has_scopes;              /* some scope was entered */
    struct n1_query_stats totals; /* until n1_sites_sum(): of ends whose beginning is not known */
    uint64_t first_ns, last_ns;
    uint64_t lost;         /* LOST events' sum */
    uint64_t open_refused; /* open executions beyond the limit */
};

/* A hash of all that an event's statement was given. */
static inline uint64_t n1_analysis_parameters(const struct n1_event *ev)
{
    uint64_t hash = 1;
    for (uint32_t i = 0; i < ev->n_bound + ev->n_literals; i++)
        hash = n1_mix(hash, ev->params[i].hash + ev->params[i].kind);
    return hash;
}

/* An execution's place in the window, begun and looking for nothing yet. */
static inline struct n1_step *n1_analysis_step(struct n1_analysis *a, const struct n1_origin *origin,
                                               struct n1_site *site, const struct n1_query_text *text,
                                               const struct n1_event *ev, bool is_list)
{
    struct n1_step *e = n1_executions_add(&a->provenance.executions, is_list);
    e->site = site;
    e->text = text;
    e->columns = origin->columns;
    e->thread = origin->thread;
    e->connection = origin->connection;
    e->start_ns = ev->start_ns;
    e->parameters = n1_analysis_parameters(ev);
    n1_executions_enter(&a->provenance.executions, e);
    return e;
}

/* Empties what n1_analysis_event() filled: references and names. */
void n1_analysis_forget(struct n1_analysis *analysis);

/* Takes one event into the tables that n1_streak_goes_on() did not take. EXECUTE becomes an execution of what was prepared. */
void n1_analysis_event(struct n1_analysis *analysis, struct n1_event *ev);

#endif
