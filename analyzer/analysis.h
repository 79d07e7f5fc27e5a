/* analysis: what is known after the pass: the tables that rules judge. */
#ifndef N1_ANALYZER_ANALYSIS_H
#define N1_ANALYZER_ANALYSIS_H

#include "analyzer/analyze.h"
#include "analyzer/provenance.h"
#include "analyzer/readback.h"
#include "analyzer/scopes.h"
#include "analyzer/sites.h"
#include "analyzer/source.h"
#include "analyzer/stretches.h"
#include "analyzer/timeline.h"

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
    struct n1_scopes *scopes;
    struct n1_provenance provenance;
    GHashTable *threads;     /* process << 32 | tid → number + 1 */
    GHashTable *open;        /* process, execution id → reference into the window */
    GHashTable *cursors;     /* process, connection, cursor name → reference */
    GHashTable *prepared;    /* process, connection, name → struct n1_query_text: SQL's own PREPARE */
    GHashTable *connections; /* process << 32 | connection */
    GPtrArray *relations;    /* of each thread: name announced by a RELATION mark, or NULL */
    const char *comment;     /* of the statement that is being taken in, or NULL */
    struct n1_query_stats totals;
    uint64_t first_ns, last_ns;
    uint64_t lost;         /* LOST events' sum */
    uint64_t open_refused; /* open executions beyond the limit */
};

/* Takes one event into the tables. */
void n1_analysis_event(struct n1_analysis *analysis, const struct n1_event *ev);

#endif
