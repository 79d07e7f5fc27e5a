/* rule: what every detector is. A rule reads the analysis and adds candidates; it changes nothing else. Candidates become findings in
 * advice.h and report.c; several that have one cause are merged there. */
#ifndef N1_ANALYZER_RULE_H
#define N1_ANALYZER_RULE_H

#include "analyzer/analysis.h"

struct n1_candidate {
    enum n1_kind kind;
    enum n1_confidence confidence;
    struct n1_site *child;
    struct n1_site *parent;     /* or NULL */
    const struct n1_edge *edge; /* or NULL */
    enum n1_cardinality cardinality;
    const char
        *outer_column;   /* the link stands in a nested query, whose rows choose the child's by this column; or NULL */
    bool is_own_row;     /* the child re-reads the parent's own row */
    bool is_polymorphic; /* the parent's row names the child's table beside the key: no join fits all rows */
    bool is_same_row;    /* a write loop that changes few rows again and again */
    uint64_t
        races; /* a write loop: writes of it that bring back changed what was read; the finding that it would be is said here */
    bool is_recursive; /* the child is its own parent: a chain or a tree is walked */
    bool is_relation;  /* names say that the link is a relation of the schema */
    struct n1_evidence evidence;
    uint64_t loops;    /* separate loops: queries that remain after mending, for each query that replaces them */
    uint64_t time_ns;  /* of the repeated executions */
    uint64_t saved_ns; /* of queries that go whole; 0: the share of time_ns is what is saved */
    struct n1_query_stats child_stats, parent_stats; /* of all the sites that merging put together */
    uint64_t identity;
    uint64_t cause; /* identity of the finding whose children are this one's parents, or 0 */
};

struct n1_rule {
    enum n1_kind kind;
    void (*detect)(const struct n1_analysis *analysis, GArray *candidates); /* of struct n1_candidate */
};

/* In the order in which they run: a later rule leaves alone what an earlier one explained. */
extern const struct n1_rule n1_rules[];
extern const size_t n1_rules_count;

void n1_detect_n_plus_one(const struct n1_analysis *analysis, GArray *candidates);
void n1_detect_query_loop(const struct n1_analysis *analysis, GArray *candidates);
void n1_detect_duplicate_query(const struct n1_analysis *analysis, GArray *candidates);
void n1_detect_write_loop(const struct n1_analysis *analysis, GArray *candidates);
void n1_detect_read_after_write(const struct n1_analysis *analysis, GArray *candidates);
void n1_detect_read_modify_write(const struct n1_analysis *analysis, GArray *candidates);

/* One candidate for one cause: the same two statements, seen from the same place. Fills stats, identity and cause; sorts, worst
 * first. */
void n1_candidates_settle(GArray *candidates);

/* What is never part of a finding: transactions, settings, catalogues, and a framework's own migrations (n1_stack_is_migration()). */
bool n1_site_is_left_out(const struct n1_site *site);

/* How sure a loop is that only repetition tells, sure at most. Below a web framework's entrance it may be that of the requests. */
enum n1_confidence n1_site_confidence(const struct n1_site *site, enum n1_confidence most);

void n1_candidates_add(GArray *candidates, const struct n1_candidate *candidate);
/* Whether one of the candidates already speaks of this site as its child. */
bool n1_candidates_cover(const struct n1_site *site);
/* Whether each execution of a site follows one of another query's single rows: a look-up that belongs to its request, and no
 * loop of its own, whatever that other query is part of. */
bool n1_site_follows_single_rows(const struct n1_site *site);

#endif
