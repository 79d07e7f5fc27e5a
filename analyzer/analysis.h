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

/* Empties what n1_analysis_event() filled: references and names. */
void n1_analysis_forget(struct n1_analysis *analysis);

/* Takes one event into the tables. EXECUTE becomes an execution of what was prepared. */
void n1_analysis_event(struct n1_analysis *analysis, struct n1_event *ev);

#endif
