/* n_plus_one: a query gave rows, and for them, one by one, another query ran with a value of each. Proven by the values. */
#include "analyzer/rules/link.h"
#include "analyzer/rules/rule.h"
#include "analyzer/rules/standing.h"

static struct n1_candidate candidate(const struct n1_analysis *a, const struct n1_standing *s,
                                     enum n1_confidence confidence)
{
    const struct n1_edge *e = s->edge;
    const struct n1_fan_totals *t = &e->loops;
    const bool is_own = n1_link_is_own_row(e) && e->parent != e->child;
    uint64_t matched = MIN(n1_distinct_count(&e->values), t->children);
    return (struct n1_candidate){
        .kind = N1_KIND_N_PLUS_ONE,
        .confidence = confidence,
        .child = e->child,
        .parent = e->parent,
        .edge = e,
        .cardinality = is_own ? N1_TO_ONE : n1_link_cardinality(a, e),
        .outer_column = n1_link_outer(e) != NULL ? n1_link_outer(e)->column.name : NULL,
        .is_own_row = is_own,
        .is_polymorphic = n1_link_is_polymorphic(e),
        .is_recursive = e->parent->stmt == e->child->stmt,
        .is_relation = n1_link_is_relation(e),
        .loops = t->fans,
        .time_ns =
            (uint64_t)((double)e->child->stats.db_time_ns * (double)MIN(t->children, e->child->stats.executions) /
                       (double)MAX(e->child->stats.executions, 1)),
        .evidence = {.executions = MIN(t->children, e->child->stats.executions),
                     .distinct_parameters = MAX(matched, MIN(n1_distinct_count(&e->child->parameters), t->children)),
                     .matched_parameters = matched,
                     .parent_rows = t->parent_rows,
                     .parent_executions = t->parents,
                     .same_call_path = true,
                     .within_cursor = n1_is_mostly(t->in_cursor, t->children),
                     .in_order = s->order * 100 >= a->constants->order_percent,
                     .processes = e->child->processes,
                     .threads = e->child->threads,
                     .connections = e->child->connections},
    };
}

static int by_standing(gconstpointer x, gconstpointer y)
{
    return n1_standing_compare(x, y);
}

static bool follows_single_rows(const struct n1_site *site, bool second_level_too)
{
    for (guint i = 0; i < site->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(site->parents, i);
        bool explains_all = n1_is_nearly_all(e->wins, site->stats.executions);
        /* What is in neither picked its keys here and there among the rows of many lists (fans.c). */
        bool is_followed = (e->loops.children + e->singles.children) * 2 > e->matched;
        /* One row's value in all of them (a content type, the current user) is their setting; it does not call for them. */
        bool is_one_each = e->singles.parents * 2 >= e->singles.children;
        bool is_single = (is_one_each && n1_is_nearly_none(e->loops.children, e->singles.children)) ||
                         (second_level_too && e->loops.children > 0 && n1_edge_is_second_level(e));
        if (explains_all && is_followed && is_single && e->names >= N1_NAME_LIKELY)
            return true;
    }
    return false;
}

bool n1_site_follows_single_rows(const struct n1_site *site)
{
    return follows_single_rows(site, true);
}

/* Along a chain or down a tree all look-ups but the first take their key from an earlier one. That some do is chance: in a list
 * of posts, an author's number is the number of some other post. */
static bool walks_itself(const struct n1_edge *e)
{
    const struct n1_site *child = e->child;
    uint64_t taken = 0, starts = MIN(MAX(e->loops.fans, 1), child->stats.executions);
    for (guint i = 0; i < child->parents->len; i++) {
        const struct n1_edge *other = g_ptr_array_index(child->parents, i);
        if (other->parent->stmt == child->stmt && other->operand == e->operand &&
            n1_name_equal(other->source.column, e->source.column))
            taken += other->loops.children + other->singles.children;
    }
    return n1_distinct_count(&e->values) >= 2 && n1_is_most_of_a_walk(taken, child->stats.executions - starts);
}

/* One list has the values of all look-ups, each in a row of its own, in order. */
static bool is_listed(const struct n1_analysis *a, const struct n1_edge *e)
{
    for (guint i = 0; i < e->child->parents->len; i++) {
        const struct n1_edge *list = g_ptr_array_index(e->child->parents, i);
        const struct n1_fan_totals *t = &list->loops;
        if (list->parent->stmt != e->child->stmt && list->operand == e->operand &&
            n1_is_nearly_all(t->children, e->child->stats.executions) &&
            t->in_step * 100 >= t->children * a->constants->order_percent)
            return true;
    }
    return false;
}

/* Several walks along chains, one for each row of a list: which look-ups begin one is not known, but a row that holds a next key is
 * followed by the look-up of that key. */
static bool walks_chains(const struct n1_analysis *a, const struct n1_edge *e)
{
    return e->steps >= a->constants->unnamed_children && n1_is_most_of_a_walk(e->steps, e->offers) && !is_listed(a, e);
}

/* Nearly all look-ups took the key of the one row that was fetched just before, and no loop fetched those. */
static bool is_part_of_single_work(const struct n1_site *child)
{
    for (guint i = 0; i < child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(child->parents, i);
        if (n1_is_nearly_all(e->wins, child->stats.executions) && e->names >= N1_NAME_LIKELY &&
            n1_edge_is_second_level(e) && e->loops.children > 0 && !n1_candidates_cover(e->parent))
            return true;
    }
    return false;
}

/* Whether pages of one listing share the look-ups: each has those that are nearest to it. */
static bool is_one_of_pages(const GArray *standings, const struct n1_edge *edge)
{
    for (guint i = 0; i < standings->len; i++) {
        const struct n1_edge *e = g_array_index(standings, struct n1_standing, i).edge;
        if (e != edge && n1_edges_are_pages(e, edge))
            return true;
    }
    return false;
}

/* No name tells (oficina_madre of oficina.cod): so many steps do. */
static bool convinces(const struct n1_analysis *a, const struct n1_standing *s, enum n1_confidence *confidence)
{
    const struct n1_edge *e = s->edge;
    if (n1_standing_convinces(a, s, confidence))
        return true;
    *confidence = N1_PROVEN;
    return e->parent == e->child && e->steps >= a->constants->query_loop_children && e->target->op == N1_SQL_OP_EQ &&
           n1_distinct_count(&e->values) >= a->constants->unnamed_children && walks_chains(a, e);
}

/* Lists that a chain's values stand in by chance, or that its walks begin with, explain less than the chain does. */
static void chains_first(const struct n1_analysis *a, GArray *standings)
{
    for (guint i = 1; i < standings->len; i++) {
        struct n1_standing s = g_array_index(standings, struct n1_standing, i);
        if (s.edge->parent != s.edge->child || !walks_chains(a, s.edge))
            continue;
        g_array_remove_index(standings, i);
        g_array_prepend_val(standings, s);
        return;
    }
}

/* Two columns of one list that take turns: together they have the look-ups in the order of the rows, none of them alone has. */
static bool take_turns(const struct n1_analysis *a, const struct n1_edge *e, const struct n1_edge *other)
{
    const struct n1_constants *k = a->constants;
    uint64_t firsts = e->firsts + other->firsts, in_order = e->firsts_in_order + other->firsts_in_order;
    bool are_two = e != other && e->parent == other->parent && e->operand == other->operand &&
                   n1_edge_names(e) == n1_edge_names(other) && !e->is_own_row && !other->is_own_row &&
                   e->parent->stmt != e->child->stmt;
    return are_two && MIN(e->firsts, other->firsts) >= k->unnamed_children &&
           n1_is_nearly_all(firsts, e->child->stats.executions) && in_order * 100 >= firsts * k->order_percent &&
           e->loops.in_step * 100 < e->loops.children * k->order_percent &&
           other->loops.in_step * 100 < other->loops.children * k->order_percent;
}

static bool shares_look_ups(const struct n1_analysis *a, const GArray *standings, const struct n1_edge *e)
{
    for (guint i = 0; i < standings->len; i++) {
        if (take_turns(a, e, g_array_index(standings, struct n1_standing, i).edge))
            return true;
    }
    return false;
}

/* Of a loop's figures, the part that one of two columns that take turns has. */
static void share_turns(struct n1_candidate *c)
{
    struct n1_evidence *v = &c->evidence;
    c->time_ns = (uint64_t)((double)c->time_ns * (double)c->edge->firsts / (double)MAX(v->executions, c->edge->firsts));
    v->executions = MIN(v->executions, c->edge->firsts);
    v->matched_parameters = MIN(v->matched_parameters, v->executions);
    v->distinct_parameters = MIN(v->distinct_parameters, v->executions);
}

static void judge_site(const struct n1_analysis *a, const struct n1_schema *schema, struct n1_site *child,
                       GArray *candidates)
{
    if (is_part_of_single_work(child))
        return;
    GArray *standings = g_array_new(FALSE, FALSE, sizeof(struct n1_standing));
    for (guint i = 0; i < child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(child->parents, i);
        struct n1_standing s = n1_stand(a, schema, e);
        enum n1_confidence ignored;
        /* A second level is a loop only where the first one is: parents were seen, and so judged, before their children. */
        bool is_second = n1_edge_is_second_level(e) || n1_is_mostly(e->loops.nested, e->loops.children);
        bool is_grounded = !is_second || n1_candidates_cover(e->parent);
        bool is_possible = !n1_site_is_left_out(e->parent) &&
                           (e->parent->stmt != e->child->stmt || walks_itself(e) || walks_chains(a, e));
        if (is_possible && is_grounded && convinces(a, &s, &ignored))
            g_array_append_val(standings, s);
    }
    g_array_sort(standings, by_standing);
    chains_first(a, standings);
    uint64_t explained = 0;
    bool is_recursion = false;
    const struct n1_edge *best = standings->len > 0 ? g_array_index(standings, struct n1_standing, 0).edge : NULL;
    for (guint i = 0; i < standings->len; i++) {
        const struct n1_standing *s = &g_array_index(standings, struct n1_standing, i);
        /* The first explains most; a further parent is another loop only for the children that were nearer to it. */
        bool is_nearer = s->wins >= 0.5 || (i > 0 && n1_edges_are_pages(s->edge, best));
        bool has_turns = best != NULL && take_turns(a, s->edge, best);
        bool is_another = i == 0 || has_turns ||
                          (s->edge->wins >= a->constants->proven_children && is_nearer &&
                           explained + s->edge->wins <= child->stats.executions && !is_recursion);
        if (!is_another)
            continue;
        enum n1_confidence confidence;
        convinces(a, s, &confidence);
        struct n1_candidate c = candidate(a, s, confidence);
        if (shares_look_ups(a, standings, s->edge))
            share_turns(&c);
        else if (i > 0 || is_one_of_pages(standings, s->edge))
            c.evidence.executions = MIN(c.evidence.executions, s->edge->wins);
        n1_candidates_add(candidates, &c);
        explained += c.evidence.executions;
        is_recursion |= c.is_recursive; /* where its walks begin is no other loop */
    }
    g_array_unref(standings);
}

/* ---- one column, several tables -------------------------------------------------------------------------------------- */

static uint64_t full_rows(const struct n1_edge *e)
{
    return e->loops.parent_rows - MIN(e->loops.null_rows, e->loops.parent_rows);
}

/* One column of a list led some of its rows to one table and the others to another: whatever the column that tells them apart is called.
 * Not where both were asked for the same few values, as caches of two tables do. */
static bool are_split(const struct n1_candidate *x, const struct n1_candidate *y)
{
    const struct n1_fan_totals *a = &x->edge->loops, *b = &y->edge->loops;
    const uint64_t rows = full_rows(x->edge), a_values = n1_distinct_count(&x->edge->values);
    const bool are_caches =
        a->children == a_values && b->children == a_values && n1_distinct_count(&y->edge->values) == a_values;
    return x->parent == y->parent && x->edge->column == y->edge->column && full_rows(y->edge) == rows &&
           x->cardinality == N1_TO_ONE && y->cardinality == N1_TO_ONE && !x->is_own_row && !y->is_own_row &&
           !n1_name_equal(x->edge->target->table, y->edge->target->table) && !are_caches &&
           !n1_is_nearly_all(a->children, rows) && !n1_is_nearly_all(b->children, rows) &&
           n1_is_nearly_all(a->children + b->children, rows) && n1_is_nearly_all(rows, a->children + b->children);
}

static void find_split_references(GArray *candidates)
{
    struct n1_table last = {0}; /* parent and column → position + 1 of the last candidate, and … */
    guint *before = g_new0(guint, candidates->len + 1); /* … the one before, + 1 */
    for (guint i = 0; i < candidates->len; i++) {
        struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        const uint64_t key = n1_mix((uintptr_t)c->parent, c->edge->column);
        before[i] = GPOINTER_TO_UINT(n1_table_put(&last, key, GUINT_TO_POINTER(i + 1)));
        for (guint k = before[i]; k > 0; k = before[k - 1]) {
            struct n1_candidate *other = &g_array_index(candidates, struct n1_candidate, k - 1);
            if (are_split(c, other))
                c->is_polymorphic = other->is_polymorphic = true;
        }
    }
    g_free(before);
    n1_table_release(&last);
}

void n1_detect_n_plus_one(const struct n1_analysis *a, GArray *candidates)
{
    struct n1_schema *schema = n1_schema_new(a->statements);
    /* Twice: a look-up that keeps step with another one is judged when that one is known. */
    for (uint32_t i = 0; i < 2 * n1_sites_count(a->sites); i++) {
        struct n1_site *child = n1_sites_at(a->sites, i % n1_sites_count(a->sites));
        if (child->stmt->is_read && !n1_site_is_left_out(child) && !n1_candidates_cover(child) &&
            !follows_single_rows(child, false))
            judge_site(a, schema, child, candidates);
    }
    n1_schema_free(schema);
    find_split_references(candidates);
}
