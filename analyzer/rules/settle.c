#include "analyzer/identity.h"
#include "analyzer/rules/rule.h"

/* What a query costs besides its measured time: a round trip and the client's work. Orders findings when times are tiny. */
enum { QUERY_COST_NS = 50 * 1000 };

/* first: the roots of a tree, whose rows give the keys of a walk's first step. */
static bool begins_walk(const struct n1_stmt *first, const struct n1_stmt *walk)
{
    bool walks = false, begins = false;
    for (guint k = 0; k < walk->sites->len; k++) {
        const struct n1_site *site = g_ptr_array_index(walk->sites, k);
        for (guint i = 0; i < site->parents->len; i++) {
            const struct n1_stmt *parent = ((const struct n1_edge *)g_ptr_array_index(site->parents, i))->parent->stmt;
            walks |= parent == walk;
            begins |= parent == first;
        }
    }
    return walks && begins && first != walk;
}

/* What is asked for each node of a tree is asked for its roots, too. */
static bool is_one_tree(const struct n1_candidate *a, const struct n1_candidate *b)
{
    return a->edge != NULL && b->edge != NULL && a->edge->operand == b->edge->operand &&
           a->edge->is_own_row == b->edge->is_own_row && n1_name_equal(a->edge->source.table, b->edge->source.table) &&
           n1_name_equal(a->edge->source.column, b->edge->source.column) &&
           (begins_walk(a->parent->stmt, b->parent->stmt) || begins_walk(b->parent->stmt, a->parent->stmt));
}

static bool is_same_cause(const struct n1_candidate *a, const struct n1_candidate *b)
{
    if (a->kind != b->kind || a->child->stmt != b->child->stmt || n1_site_place(a->child) != n1_site_place(b->child))
        return false;
    if ((a->parent == NULL) != (b->parent == NULL))
        return false;
    if (a->parent == NULL)
        return true;
    if ((a->edge == NULL) != (b->edge == NULL))
        return false;
    if (a->is_recursive && !b->is_recursive &&
        a->edge != NULL) /* where its walks begin, with rows of another query's */
        return a->edge->operand == b->edge->operand;
    if (is_one_tree(a, b))
        return true;
    /* Pages of one listing differ in text (the first has no condition on where the last one ended), not in place. */
    bool is_page = a->edge != NULL && n1_site_place(a->parent) == n1_site_place(b->parent) &&
                   a->parent->path->is_user_code && n1_name_equal(a->edge->source.table, b->edge->source.table);
    if (a->parent->stmt != b->parent->stmt && !is_page)
        return false;
    return a->edge == NULL || (a->edge->column == b->edge->column && a->edge->operand == b->edge->operand);
}

/* What was merged into one candidate: its sites, each counted once, and their values, each counted once. */
struct group {
    struct n1_table children, parents; /* struct n1_site * → itself */
    struct n1_distinct parameters, values;
    guint next; /* group of the same key + 1, or 0 */
};

static void add_stats(struct n1_query_stats *to, const struct n1_query_stats *from)
{
    to->executions += from->executions;
    to->rows += from->rows;
    to->failed += from->failed;
    to->db_time_ns += from->db_time_ns;
    to->max_ns = MAX(to->max_ns, from->max_ns);
}

static void add_site(struct n1_table *sites, struct n1_query_stats *stats, struct n1_site *site)
{
    if (site == NULL || n1_table_get(sites, (uintptr_t)site) != NULL)
        return;
    n1_table_put(sites, (uintptr_t)site, site);
    add_stats(stats, &site->stats);
}

static void add_to_group(struct group *g, struct n1_candidate *into, const struct n1_candidate *c)
{
    uint32_t exact = n1_constants_default.distinct_exact;
    add_site(&g->children, &into->child_stats, c->child);
    add_site(&g->parents, &into->parent_stats, c->parent);
    n1_distinct_merge(&g->parameters, &c->child->parameters, exact);
    if (c->edge != NULL)
        n1_distinct_merge(&g->values, &c->edge->values, exact);
}

static void group_release(gpointer data)
{
    struct group *g = data;
    n1_table_release(&g->children);
    n1_table_release(&g->parents);
    n1_distinct_release(&g->parameters);
    n1_distinct_release(&g->values);
}

static uint64_t sum_within(uint64_t a, uint64_t b, uint64_t limit)
{
    return MIN(a + b, MAX(limit, MAX(a, b)));
}

/* Two ways to one look-up may share the list that they walk, and two pages of one listing the value that is looked up: nothing is
 * counted more often than it was executed. */
static void merge(struct group *g, struct n1_candidate *into, const struct n1_candidate *c)
{
    struct n1_evidence *e = &into->evidence;
    const struct n1_evidence *of_c = &c->evidence;
    e->same_call_path &= into->child == c->child;
    add_to_group(g, into, c);
    e->executions = sum_within(e->executions, of_c->executions, into->child_stats.executions);
    e->parent_rows = sum_within(e->parent_rows, of_c->parent_rows, into->parent_stats.rows);
    e->parent_executions = sum_within(e->parent_executions, of_c->parent_executions, into->parent_stats.executions);
    into->loops =
        into->parent != NULL ? sum_within(into->loops, c->loops, e->parent_executions) : into->loops + c->loops;
    if (into->kind == N1_KIND_DUPLICATE_QUERY) {
        e->distinct_parameters += of_c->distinct_parameters; /* groups of equal ones */
    } else {
        e->distinct_parameters = MIN(n1_distinct_count(&g->parameters), e->executions);
        e->matched_parameters =
            MIN(into->edge != NULL ? n1_distinct_count(&g->values) : e->matched_parameters + of_c->matched_parameters,
                e->distinct_parameters);
    }
    e->within_cursor |= of_c->within_cursor;
    e->in_order &= of_c->in_order;
    e->processes = MAX(e->processes, of_c->processes);
    e->threads = MAX(e->threads, of_c->threads);
    e->connections = MAX(e->connections, of_c->connections);
    into->confidence = MIN(into->confidence, c->confidence);
    into->time_ns = sum_within(into->time_ns, c->time_ns, into->child_stats.db_time_ns);
    into->saved_ns += c->saved_ns;
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
    struct n1_table taken = {0};
    for (guint i = 0; i < candidates->len; i++) {
        struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        while (n1_table_get(&taken, c->identity) != NULL)
            c->identity = n1_mix(c->identity, 2);
        n1_table_put(&taken, c->identity, c);
    }
    n1_table_release(&taken);
}

/* The last of the other candidates whose children are a candidate's parents. */
static void find_causes(GArray *candidates)
{
    struct n1_table last = {0}; /* site → position + 1 of the last candidate whose child it is, and … */
    guint *before = g_new0(guint, candidates->len + 1); /* … the one before, + 1 */
    for (guint i = 0; i < candidates->len; i++) {
        const struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        if (c->kind == N1_KIND_N_PLUS_ONE)
            before[i] = GPOINTER_TO_UINT(n1_table_put(&last, (uintptr_t)c->child, GUINT_TO_POINTER(i + 1)));
    }
    for (guint i = 0; i < candidates->len; i++) {
        struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        guint k = c->parent == NULL ? 0 : GPOINTER_TO_UINT(n1_table_get(&last, (uintptr_t)c->parent));
        k = k == i + 1 ? before[i] : k;
        if (k > 0)
            c->cause = g_array_index(candidates, struct n1_candidate, k - 1).identity;
    }
    g_free(before);
    n1_table_release(&last);
}

/* Candidates of one cause agree in this. */
static uint64_t cause_key(const struct n1_candidate *c)
{
    return n1_mix(n1_mix((uint64_t)c->kind, c->child->stmt->index), n1_site_place(c->child));
}

/* The first group that has the candidate's cause, or NULL: then *last is the last group of its key + 1, or 0. */
static struct group *find_group(GArray *groups, const GArray *candidates, const struct n1_candidate *c,
                                const struct n1_table *first, guint *last)
{
    *last = 0;
    for (guint k = GPOINTER_TO_UINT(n1_table_get(first, cause_key(c))); k > 0;) {
        struct group *g = &g_array_index(groups, struct group, k - 1);
        if (is_same_cause(&g_array_index(candidates, struct n1_candidate, k - 1), c))
            return g;
        *last = k;
        k = g->next;
    }
    return NULL;
}

/* What merges with a recursion becomes part of it. */
static void recursions_first(GArray *candidates)
{
    GArray *others = g_array_new(FALSE, FALSE, sizeof(struct n1_candidate));
    guint first = 0;
    for (guint i = 0; i < candidates->len; i++) {
        const struct n1_candidate c = g_array_index(candidates, struct n1_candidate, i);
        if (c.is_recursive)
            g_array_index(candidates, struct n1_candidate, first++) = c;
        else
            g_array_append_val(others, c);
    }
    g_array_set_size(candidates, first);
    g_array_append_vals(candidates, others->data, others->len);
    g_array_unref(others);
}

/* Group i holds what is merged into candidate i. */
static GArray *group_by_cause(GArray *candidates)
{
    recursions_first(candidates);
    GArray *groups = g_array_new(FALSE, TRUE, sizeof(struct group));
    struct n1_table first = {0}; /* cause_key() → first group of it + 1 */
    g_array_set_clear_func(groups, group_release);
    for (guint i = 0; i < candidates->len; i++) {
        struct n1_candidate c = g_array_index(candidates, struct n1_candidate, i);
        guint last;
        struct group *known = find_group(groups, candidates, &c, &first, &last);
        if (known != NULL) {
            guint k = (guint)(known - (struct group *)(void *)groups->data);
            merge(known, &g_array_index(candidates, struct n1_candidate, k), &c);
            continue;
        }
        struct group group = {0};
        c.child_stats = c.parent_stats = (struct n1_query_stats){0};
        add_to_group(&group, &c, &c);
        g_array_index(candidates, struct n1_candidate, groups->len) = c;
        g_array_append_val(groups, group);
        if (last > 0)
            g_array_index(groups, struct group, last - 1).next = groups->len;
        else
            n1_table_put(&first, cause_key(&c), GUINT_TO_POINTER(groups->len));
    }
    n1_table_release(&first);
    return groups;
}

static uint64_t update_key(const struct n1_candidate *c)
{
    return n1_mix(c->child->stmt->index + 1ULL, n1_site_place(c->child));
}

/* One UPDATE is one finding: that its loop writes row by row, or, where it writes the same rows again and again, that it writes back what it
 * read. The one finding says the other. */
static void join_races(GArray *candidates)
{
    struct n1_table loops = {0}; /* update_key() → position + 1 of the write loop */
    bool *is_said = g_new0(bool, candidates->len + 1);
    guint kept = 0;
    for (guint i = candidates->len; i-- > 0;) { /* of several, the first */
        const struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        if (c->kind == N1_KIND_WRITE_LOOP)
            n1_table_put(&loops, update_key(c), GUINT_TO_POINTER(i + 1));
    }
    for (guint i = 0; i < candidates->len; i++) {
        const struct n1_candidate *race = &g_array_index(candidates, struct n1_candidate, i);
        const guint at =
            race->kind == N1_KIND_READ_MODIFY_WRITE ? GPOINTER_TO_UINT(n1_table_get(&loops, update_key(race))) : 0;
        if (at == 0)
            continue;
        struct n1_candidate *loop = &g_array_index(candidates, struct n1_candidate, at - 1);
        loop->races = race->evidence.executions;
        is_said[loop->is_same_row ? at - 1 : i] = true;
    }
    for (guint i = 0; i < candidates->len; i++) {
        if (!is_said[i])
            g_array_index(candidates, struct n1_candidate, kept++) = g_array_index(candidates, struct n1_candidate, i);
    }
    g_array_set_size(candidates, kept);
    g_free(is_said);
    n1_table_release(&loops);
}

void n1_candidates_settle(GArray *candidates)
{
    GArray *groups = group_by_cause(candidates);
    g_array_set_size(candidates, groups->len);
    g_array_unref(groups);
    join_races(candidates);
    for (guint i = 0; i < candidates->len; i++) {
        struct n1_candidate *c = &g_array_index(candidates, struct n1_candidate, i);
        c->identity = n1_identity(c);
    }
    make_unique(candidates);
    find_causes(candidates);
    g_array_sort(candidates, worse_first);
}
