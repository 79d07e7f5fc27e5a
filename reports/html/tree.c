#include "reports/html/tree.h"

#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/flame.h"
#include "reports/html/calls.h"
#include "reports/html/sql.h"

#define DEPTH_MOST 120 /* boxes on one path; deeper ones are joined to the query */

static void free_tree(gpointer tree)
{
    n1_tree_free(tree);
}

/* Takes name. */
static struct n1_tree *node_new(char *name, enum n1_tree_part part)
{
    struct n1_tree *node = g_new0(struct n1_tree, 1);
    node->name = name;
    node->part = part;
    return node;
}

void n1_tree_free(struct n1_tree *tree)
{
    if (!tree)
        return;
    if (tree->by_name)
        g_hash_table_destroy(tree->by_name);
    if (tree->children)
        g_ptr_array_free(tree->children, TRUE);
    g_free(tree->name);
    g_free(tree);
}

/* The child of that key, made when it is not there. Takes key and name. */
static struct n1_tree *child_of(struct n1_tree *node, char *key, char *name, enum n1_tree_part part)
{
    if (!node->children) {
        node->children = g_ptr_array_new_with_free_func(free_tree);
        node->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    struct n1_tree *child = g_hash_table_lookup(node->by_name, key);
    if (child) {
        g_free(key);
        g_free(name);
        return child;
    }
    child = node_new(name, part);
    g_ptr_array_add(node->children, child);
    g_hash_table_insert(node->by_name, key, child);
    return child;
}

static void weigh(struct n1_tree *node, const struct n1_path *path)
{
    node->weight[N1_TREE_EXECUTIONS] = n1_count_add(node->weight[N1_TREE_EXECUTIONS], path->executions);
    node->weight[N1_TREE_TIME] = n1_count_add(node->weight[N1_TREE_TIME], path->db_time_ns);
}

static struct n1_tree *run_of(struct n1_tree *node, const struct n1_places *places, const struct n1_stack *stack,
                              size_t from, size_t to)
{
    if (to - from == 1) {
        char *name = n1_flame_frame(places, &stack->frame[from]);
        return child_of(node, g_strdup(name), name, stack->frame[from].is_user_code ? N1_TREE_OWN : N1_TREE_LIBRARY);
    }
    char *owners = n1_html_run_name(places, stack, from, to);
    char *name = g_strdup_printf("%zu frames of %s", to - from, owners);
    g_free(owners);
    return child_of(node, g_strdup(name), name, N1_TREE_LIBRARY);
}

/* Folding goes from the inside out, the tree grows from the outside in. */
static void add_path(struct n1_tree *root, const struct n1_places *places, const struct n1_report *r,
                     const struct n1_path *path)
{
    const struct n1_stack *stack = &path->stack;
    GArray *starts = g_array_new(FALSE, FALSE, sizeof(size_t));
    for (size_t i = 0; i < stack->count; i = n1_html_run(stack, i))
        g_array_append_val(starts, i);
    struct n1_tree *node = root;
    size_t to = stack->count, depth = 0;
    weigh(root, path);
    for (guint i = starts->len; i-- > 0 && depth < DEPTH_MOST; depth++) {
        size_t from = g_array_index(starts, size_t, i);
        node = run_of(node, places, stack, from, to);
        weigh(node, path);
        to = from;
    }
    g_array_free(starts, TRUE);
    if (path->query >= r->n_queries)
        return;
    const struct n1_statement *s = &r->query[path->query].statement;
    node = child_of(node, n1_flame_query(s), n1_html_query_name(s), N1_TREE_QUERY);
    node->statement = s;
    weigh(node, path);
}

struct n1_tree *n1_tree_new(const struct n1_places *places, const struct n1_report *report)
{
    struct n1_tree *root = node_new(NULL, N1_TREE_OWN);
    for (size_t i = 0; i < report->n_paths; i++)
        add_path(root, places, report, &report->path[i]);
    return root;
}

static gint heavier(gconstpointer x, gconstpointer y, gpointer by)
{
    const struct n1_tree *a = *(struct n1_tree *const *)x, *b = *(struct n1_tree *const *)y;
    uint64_t wa = a->weight[GPOINTER_TO_INT(by)], wb = b->weight[GPOINTER_TO_INT(by)];
    return wa != wb ? (wa > wb ? -1 : 1) : strcmp(a->name, b->name);
}

void n1_tree_sort(struct n1_tree *tree, enum n1_tree_weight by)
{
    if (!tree->children)
        return;
    g_ptr_array_sort_with_data(tree->children, heavier, GINT_TO_POINTER((int)by));
    for (guint i = 0; i < tree->children->len; i++)
        n1_tree_sort(g_ptr_array_index(tree->children, i), by);
}

static void collect(const struct n1_tree *tree, enum n1_tree_weight by, GArray *weights)
{
    for (guint i = 0; tree->children && i < tree->children->len; i++) {
        const struct n1_tree *child = g_ptr_array_index(tree->children, i);
        g_array_append_val(weights, child->weight[by]);
        collect(child, by, weights);
    }
}

static gint most_first(gconstpointer x, gconstpointer y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return a > b ? -1 : a < b;
}

uint64_t n1_tree_threshold(const struct n1_tree *tree, enum n1_tree_weight by, size_t boxes)
{
    GArray *weights = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    collect(tree, by, weights);
    g_array_sort(weights, most_first);
    uint64_t least = 1;
    if (weights->len > boxes)
        least = n1_count_add(g_array_index(weights, uint64_t, boxes), 1);
    g_array_free(weights, TRUE);
    return MAX(least, 1);
}
