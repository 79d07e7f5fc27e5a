#include "analyzer/identity.h"
#include "analyzer/rule.h"

/* What a query costs besides its measured time: a round trip and the client's work. Orders findings when times are tiny. */
enum { QUERY_COST_NS = 50 * 1000 };

static uint64_t place_of(const struct n1_site *site)
{
    return site->place < site->path->count ? site->path->place[site->place] : 0;
}

static bool is_same_cause(const struct n1_candidate *a, const struct n1_candidate *b)
{
    if (a->kind != b->kind || a->child->stmt != b->child->stmt || place_of(a->child) != place_of(b->child))
        return false;
    if ((a->parent == NULL) != (b->parent == NULL))
        return false;
    if (a->parent == NULL)
        return true;
    if ((a->edge == NULL) != (b->edge == NULL))
        return false;
    /* Pages of one listing differ in text (the first has no condition on where the last one ended), not in place. */
    bool is_page = a->edge != NULL && place_of(a->parent) == place_of(b->parent) && a->parent->path->is_user_code &&
                   n1_name_equal(a->edge->source.table, b->edge->source.table);
    if (a->parent->stmt != b->parent->stmt && !is_page)
        return false;
    return a->edge == NULL || (a->edge->column == b->edge->column && a->edge->operand == b->edge->operand);
}

static void add_stats(struct n1_query_stats *to, const struct n1_query_stats *from)
{
    to->executions += from->executions;
    to->rows += from->rows;
    to->failed += from->failed;
    to->db_time_ns += from->db_time_ns;
    to->max_ns = MAX(to->max_ns, from->max_ns);
}

static void merge(struct n1_candidate *into, const struct n1_candidate *c)
{
    bool is_same_child = into->child == c->child, is_same_parent = into->parent == c->parent;
    into->evidence.same_call_path &= is_same_child;
    into->evidence.executions += c->evidence.executions;
    into->evidence.distinct_parameters = MAX(into->evidence.distinct_parameters, c->evidence.distinct_parameters);
    into->evidence.matched_parameters += c->evidence.matched_parameters;
    into->evidence.parent_rows += c->evidence.parent_rows;
    into->evidence.parent_executions += c->evidence.parent_executions;
    into->evidence.within_cursor |= c->evidence.within_cursor;
    into->evidence.in_order &= c->evidence.in_order;
    into->evidence.processes = MAX(into->evidence.processes, c->evidence.processes);
    into->evidence.threads = MAX(into->evidence.threads, c->evidence.threads);
    into->evidence.connections = MAX(into->evidence.connections, c->evidence.connections);
    into->confidence = MIN(into->confidence, c->confidence);
    into->loops += c->loops;
    into->time_ns += c->time_ns;
    if (!is_same_child)
        add_stats(&into->child_stats, &c->child_stats);
    if (!is_same_parent)
        add_stats(&into->parent_stats, &c->parent_stats);
}

static uint64_t cost(const struct n1_candidate *c)
{
    return c->time_ns + c->evidence.executions * QUERY_COST_NS;
}

static int worse_first(gconstpointer x, gconstpointer y)
{
    const struct n1_candidate *a = x, *b = y;
    /* What is certain before what is guessed. */
    if ((a->confidence == N1_PROVEN) != (b->confidence == N1_PROVEN))
        return a->confidence == N1_PROVEN ? -1 : 1;
    if (cost(a) != cost(b))
        return cost(a) > cost(b) ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->identity != b->identity)
        return a->identity < b->identity ? -1 : 1;
    return a->child->index < b->child->index ? -1 : a->child->index > b->child->index;
}

/* Two loops of one function over one statement share their names' identity: the later ones get a number, in the order of
 * appearance, so that ids stay unique and stable. */
static void make_unique(GArray *candidates)
{
    for (guint i = 1; i < candidates->len; i++) {
        struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        for (guint k = 0; k < i; k++) {
            if (g_array_index(candidates, struct n1_candidate, k).identity == c->identity) {
                c->identity = n1_mix(c->identity, 2);
                k = (guint)-1;
            }
        }
    }
}

static void find_causes(GArray *candidates)
{
    for (guint i = 0; i < candidates->len; i++) {
        struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        for (guint k = 0; k < candidates->len && c->parent != NULL; k++) {
            const struct n1_candidate *other = &g_array_index(candidates, struct n1_candidate, k);
            if (k != i && other->kind == N1_KIND_N_PLUS_ONE && other->child == c->parent)
                c->cause = other->identity;
        }
    }
}

void n1_candidates_settle(GArray *candidates)
{
    guint kept = 0;
    for (guint i = 0; i < candidates->len; i++) {
        struct n1_candidate c = g_array_index(candidates, struct n1_candidate, i);
        c.child_stats = c.child->stats;
        c.parent_stats = c.parent != NULL ? c.parent->stats : (struct n1_query_stats){0};
        guint k = 0;
        while (k < kept && !is_same_cause(&g_array_index(candidates, struct n1_candidate, k), &c))
            k++;
        if (k < kept)
            merge(&g_array_index(candidates, struct n1_candidate, k), &c);
        else
            g_array_index(candidates, struct n1_candidate, kept++) = c;
    }
    g_array_set_size(candidates, kept);
    for (guint i = 0; i < kept; i++) {
        struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        c->identity = n1_identity(c);
    }
    make_unique(candidates);
    find_causes(candidates);
    g_array_sort(candidates, worse_first);
}
