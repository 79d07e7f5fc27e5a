/* The call paths of a report as one tree, the outermost function at the root: what a flame graph is drawn from. Runs of library
 * frames are one box; the innermost box of each path is its query.
 */
#ifndef N1_REPORTS_HTML_TREE_H
#define N1_REPORTS_HTML_TREE_H

#include "reports/html/page.h"

enum n1_tree_part { N1_TREE_OWN, N1_TREE_LIBRARY, N1_TREE_QUERY };
enum n1_tree_weight { N1_TREE_EXECUTIONS, N1_TREE_TIME, N1_TREE_WEIGHTS };

struct n1_tree {
    char *name; /* clean, one line */
    enum n1_tree_part part;
    const struct n1_statement *statement; /* of a query */
    uint64_t weight[N1_TREE_WEIGHTS];
    GPtrArray *children; /* struct n1_tree, in the order of the paths */
    GHashTable *by_name;
};

/* The root has no name; its weights are the sums. */
struct n1_tree *n1_tree_new(const struct n1_places *places, const struct n1_report *report);
void n1_tree_free(struct n1_tree *tree);

/* Children heaviest first, then by name. */
void n1_tree_sort(struct n1_tree *tree, enum n1_tree_weight by);
/* The least weight that at most `boxes` boxes of the tree reach; at least 1. */
uint64_t n1_tree_threshold(const struct n1_tree *tree, enum n1_tree_weight by, size_t boxes);

#endif
