/* link: what an edge is between tables, as far as names, texts, the recording's own schema and the counted rows tell: one row or
 * several, the parent's own row, a relation. What is advised depends on it; whether there is a loop does not.
 */
#ifndef N1_ANALYZER_RULES_LINK_H
#define N1_ANALYZER_RULES_LINK_H

#include "analyzer/analysis.h"

/* Rows of the child's that one of the parent's leads to. */
enum n1_cardinality n1_link_cardinality(const struct n1_analysis *analysis, const struct n1_edge *edge);
/* The query that the link stands in is nested, and its rows choose the child's by this condition; or NULL. */
const struct n1_sql_predicate *n1_link_outer(const struct n1_edge *edge);
/* Whether it is a relation of the schema, which an ORM has a name for. */
bool n1_link_is_relation(const struct n1_edge *edge);
/* Whether the child reads the parent's own row again. */
bool n1_link_is_own_row(const struct n1_edge *edge);
/* Whether the type of what is referred to stands beside the reference. */
bool n1_link_is_polymorphic(const struct n1_edge *edge);

#endif
