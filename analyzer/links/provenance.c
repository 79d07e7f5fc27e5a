#include "analyzer/links/provenance.h"

#define XXH_INLINE_ALL
#include <string.h>
#include <xxhash.h>

#include "analyzer/links/fans.h"

/* Different (parent site, column) pairs that one value may be linked to; of them, those of lists: a small number stands in many,
 * and would leave no room for the single row that was fetched just before. */
enum { RIVALS_MAX = 12, LIST_RIVALS_MAX = 8 };

struct rival {
    const struct n1_place *place;
    const struct n1_brief *brief; /* of the parent */
    struct n1_step *parent;       /* once the rivals are collected */
    struct n1_edge *edge;
};

static void free_edge(gpointer data)
{
    struct n1_edge *edge = data;
    n1_distinct_release(&edge->values);
    g_free(edge->waiting);
    g_free(edge->nest);
    g_free(edge);
}

void n1_provenance_init(struct n1_provenance *p, const struct n1_constants *constants)
{
    *p = (struct n1_provenance){.constants = constants};
    n1_executions_init(&p->executions, constants->window_lists, constants->window_singles);
    n1_value_index_init(&p->lists, constants->cells_lists);
    n1_value_index_init(&p->singles, constants->cells_singles);
    n1_aside_init(&p->aside, constants->cells_aside);
    p->all_edges = g_ptr_array_new_with_free_func(free_edge);
    n1_fans_init(p);
}

void n1_provenance_release(struct n1_provenance *p)
{
    n1_fans_release(p);
    n1_table_release(&p->edges);
    n1_table_release(&p->names);
    g_ptr_array_unref(p->all_edges);
    n1_value_index_release(&p->lists);
    n1_value_index_release(&p->singles);
    n1_aside_release(&p->aside);
    n1_executions_release(&p->executions);
}

static uint64_t add_name(uint64_t hash, const char *name)
{
    return name == NULL ? hash + 1 : XXH3_64bits_withSeed(name, strlen(name), hash);
}

/* n1_name_support(), asked once for each four names: many statements compare the same columns. */
static enum n1_name_support support_of(struct n1_provenance *p, const struct n1_name_pair *pair)
{
    uint64_t key = add_name(add_name(0, pair->parent_table), pair->parent_column);
    key = add_name(add_name(key, pair->child_table), pair->child_column);
    uintptr_t known = (uintptr_t)n1_table_get(&p->names, key);
    if (known == 0) {
        known = (uintptr_t)n1_name_support(pair) + 1;
        n1_table_put(&p->names, key, (void *)known);
    }
    return (enum n1_name_support)(known - 1);
}

static struct n1_edge *find_edge(struct n1_provenance *p, const struct n1_step *parent, uint16_t column,
                                 struct n1_step *child, const struct n1_lookup_key *target)
{
    /* 24 bits of each site, 8 of column and operand: sites beyond that would have filled memory long before. */
    uint64_t key = (uint64_t)(parent->site->index & 0xffffff) << 40 | (uint64_t)(child->site->index & 0xffffff) << 16 |
                   (uint64_t)(column & 0xff) << 8 | (target->operand & 0xff);
    struct n1_edge *edge = n1_table_get(&p->edges, key);
    if (edge != NULL)
        return edge;
    parent->site->fed_columns |= n1_column_bit(column);
    if (p->all_edges->len >= p->constants->edges) {
        p->refused++;
        return NULL;
    }
    edge = g_new0(struct n1_edge, 1);
    edge->key = key;
    edge->index = p->all_edges->len;
    edge->parent = parent->site;
    edge->child = child->site;
    edge->column = column;
    edge->operand = target->operand;
    edge->source = n1_step_column(parent, column);
    edge->columns = parent->columns;
    edge->target = target;
    struct n1_name_pair pair = {edge->source.table, edge->source.column, target->table, target->column};
    edge->names = support_of(p, &pair);
    pair.parent_column = edge->source.output;
    edge->names = MAX(edge->names, support_of(p, &pair));
    edge->is_same_table = n1_name_equal(edge->source.table, target->table) &&
                          !n1_sql_shapes_part_by_schema(&parent->text->shape, &child->text->shape, target->table);
    edge->is_own_row = edge->is_same_table && n1_name_equal(edge->source.column, target->column) &&
                       n1_name_is_own_key(target->table, target->column);
    edge->parting = n1_callpath_parting(parent->site->path, child->site->path);
    g_ptr_array_add(p->all_edges, edge);
    g_ptr_array_add(child->site->parents, edge);
    child->site->feeds_itself |= edge->parent == edge->child;
    child->site->best_names = MAX(child->site->best_names, n1_edge_names(edge));
    n1_table_put(&p->edges, key, edge);
    return edge;
}

/* A loop comes by the same edge again and again. */
static inline struct n1_edge *edge_of(struct n1_provenance *p, const struct n1_step *parent, uint16_t column,
                                      struct n1_step *child, const struct n1_lookup_key *target)
{
    struct n1_edge *last = child->site->last_parent;
    if (last != NULL && last->parent == parent->site && last->column == column && last->operand == target->operand)
        return last;
    return child->site->last_parent = find_edge(p, parent, column, child, target);
}

/* Nearer is: the same thread before others, then the newer. */
static bool is_nearer(const struct n1_brief *a, const struct n1_brief *b, const struct n1_step *child)
{
    bool a_here = a->thread == child->thread, b_here = b->thread == child->thread;
    return a_here != b_here ? a_here : a->serial > b->serial;
}

struct rivals {
    struct rival rival[RIVALS_MAX];
    uint32_t count;
    bool is_cut; /* there are older places that were not looked at */
};

/* Whether the parent brought a new column; else it may be nearer than the one known of that column. */
static bool add_rival(struct rivals *rivals, uint32_t max, const struct rival *r, const struct n1_step *child)
{
    for (uint32_t i = 0; i < rivals->count; i++) {
        struct rival *known = &rivals->rival[i];
        if (known->brief->site != r->brief->site || known->place->column != r->place->column)
            continue;
        if (is_nearer(r->brief, known->brief, child))
            *known = *r;
        return false;
    }
    if (rivals->count == max)
        return false;
    rivals->rival[rivals->count++] = *r;
    return true;
}

/* Newest first. Lists and singles are looked through separately, so that neither hides the other. */
static void collect_rivals(const struct n1_provenance *p, const struct n1_value_index *index,
                           const struct n1_step *child, uint64_t hash, struct rivals *rivals)
{
    uint32_t nothing_new = 0, max = index == &p->lists ? LIST_RIVALS_MAX : RIVALS_MAX;
    bool is_here = false; /* some place is of the child's own thread: older ones of the same columns are further away */
    const struct n1_place *place = n1_value_index_first(index, hash);
    for (uint32_t looked = 0; looked < p->constants->candidates && place != NULL; looked++) {
        if (is_here && nothing_new >= p->constants->candidates_known)
            break;
        struct rival r = {.place = place, .brief = n1_executions_brief(&p->executions, place->slot, place->serial)};
        nothing_new++;
        if (r.brief != NULL && r.brief->serial != child->serial && r.brief->start_ns <= child->start_ns) {
            is_here |= r.brief->thread == child->thread;
            if (add_rival(rivals, max, &r, child))
                nothing_new = 0;
        }
        place = n1_value_index_older(index, place);
    }
    rivals->is_cut |= place != NULL;
}

/* A key and a reference of the same rows both hold the number. A row seldom refers to itself: where both stand in one row, it is asked
 * for again; else the reference leads to another one. */
static bool is_own_key_meant(const struct rival *own, const struct rival *other)
{
    const uint32_t row = own->place->first_row;
    return other->place->first_row <= row && row <= other->place->last_row;
}

/* A column that gave each value so far goes before one that met some of them. */
static bool is_better(const struct rival *a, const struct rival *b, const struct n1_step *child)
{
    enum n1_name_support a_names = n1_edge_names(a->edge), b_names = n1_edge_names(b->edge);
    uint64_t executions = child->site->stats.executions;
    bool a_gave_all = a->edge->matched >= executions, b_gave_all = b->edge->matched >= executions;
    if (a_names != b_names)
        return a_names > b_names;
    if (a_gave_all != b_gave_all)
        return a_gave_all;
    bool is_one_list = a->brief == b->brief && a->place != NULL && b->place != NULL;
    if (is_one_list && a->edge->is_own_row != b->edge->is_own_row)
        return a->edge->is_own_row ? is_own_key_meant(a, b) : !is_own_key_meant(b, a);
    if (a->brief != b->brief)
        return is_nearer(a->brief, b->brief, child);
    return a->edge->matched > b->edge->matched;
}

/* Edges that child came by before and that no rival reaches: better named than the best of them, or of those that gave nearly every
 * value so far. */
enum { MISSED_MAX = 2 };

static bool is_missed(const struct n1_edge *edge, const struct n1_step *child, const struct rivals *rivals,
                      const struct n1_edge *best)
{
    bool is_better_named = best == NULL || n1_edge_names(edge) > n1_edge_names(best);
    bool gave_all = edge->names >= N1_NAME_LIKELY && n1_is_nearly_all(edge->matched + 1, child->site->stats.executions);
    bool is_met = !is_better_named && !gave_all;
    for (uint32_t k = 0; k < rivals->count && !is_met; k++)
        is_met = rivals->rival[k].edge == edge;
    return !is_met;
}

/* Whether one of them may be missed, without a look at each: a value that stands everywhere has come by hundreds. */
static bool may_be_missed(const struct n1_site *site, const struct n1_edge *best)
{
    return best == NULL || n1_edge_names(best) < site->best_names ||
           n1_is_nearly_all(site->most_matched + 1, site->stats.executions);
}

static uint32_t missed_edges(const struct n1_step *child, const struct n1_lookup_key *key, const struct rivals *rivals,
                             const struct n1_edge *best, struct n1_edge *missed[MISSED_MAX])
{
    uint32_t count = 0;
    for (guint i = 0; i < child->site->parents->len; i++) {
        struct n1_edge *edge = g_ptr_array_index(child->site->parents, i);
        if (edge->operand != key->operand || !is_missed(edge, child, rivals, best))
            continue;
        uint32_t at = count < MISSED_MAX ? count++ : MISSED_MAX;
        for (; at > 0 && edge->wins > missed[at - 1]->wins; at--) {
            if (at < MISSED_MAX)
                missed[at] = missed[at - 1];
        }
        if (at < MISSED_MAX)
            missed[at] = edge;
    }
    return count;
}

/* A value that stands in many newer results (ids of a few tags, a list of them for each post) hides the place that it came
 * from. So what drove the loop so far is asked once more. */
static struct rival look_further(struct n1_provenance *p, struct n1_edge *edge, struct n1_step *child,
                                 const struct n1_value *value, uint64_t duration_ns)
{
    struct n1_step *parent = n1_fan_parent(p, edge);
    if (parent == NULL)
        return (struct rival){0};
    const struct n1_place *place = n1_fan_place(p, parent, edge->column, value->hash);
    if (place == NULL && !n1_distinct_holds(&edge->values, value->hash))
        return (struct rival){0};
    n1_edge_match(edge, 1);
    if (place != NULL) {
        n1_edge_note(edge, value, p->constants->distinct_exact);
        n1_fan_add(p, edge, parent, child, place, value, duration_ns);
    } else {
        n1_fan_repeat(edge, parent, child, duration_ns);
    }
    return (struct rival){.parent = parent, .edge = edge, .brief = &p->executions.brief[parent->slot]};
}

/* Strengthens the rival's edge, when it has one. */
static inline void count_rival(struct n1_provenance *p, const struct rival *r, struct n1_step *child,
                               const struct n1_value *value, uint64_t duration_ns)
{
    n1_edge_match(r->edge, 1);
    r->edge->steps += r->edge->parent == r->edge->child && r->parent->serial == child->site->last_serial;
    n1_edge_note(r->edge, value, p->constants->distinct_exact);
    n1_fan_add(p, r->edge, r->parent, child, r->place, value, duration_ns);
}

/* Two columns of one list may lead to the same table (white_id, black_id): what a cache lets through then comes in the order of the first
 * row that has it in either. */
static inline void note_first(struct n1_step *child, const struct rival *r)
{
    struct n1_site *site = child->site;
    if (r->parent->rows < 2 || child->text->n_keys != 1)
        return;
    r->edge->firsts++;
    r->edge->firsts_in_order += site->walked_list != r->parent->serial || r->place->first_row >= site->walked_row;
    site->walked_list = r->parent->serial;
    site->walked_row = r->place->first_row;
}

/* Of the newest list that has it, in columns that are named as well as the best rival's. */
static void note_first_of(const struct rivals *rivals, struct n1_step *child, const struct rival *best)
{
    const struct rival *first = NULL;
    for (uint32_t i = 0; i < rivals->count; i++) {
        const struct rival *r = &rivals->rival[i];
        if (r->edge == NULL || r->parent->rows < 2 || n1_edge_names(r->edge) != n1_edge_names(best->edge))
            continue;
        bool is_newer = first == NULL || r->parent->serial > first->parent->serial;
        bool is_earlier = first != NULL && r->parent == first->parent && r->place->first_row < first->place->first_row;
        if (is_newer || is_earlier)
            first = r;
    }
    if (first != NULL)
        note_first(child, first);
}

static struct rival link_rivals(struct n1_provenance *p, struct n1_step *child, const struct n1_lookup_key *key,
                                const struct n1_value *value, uint64_t duration_ns)
{
    struct rivals rivals;
    struct rival best = {0};
    rivals.count = 0;
    rivals.is_cut = false;
    collect_rivals(p, &p->lists, child, value->hash, &rivals);
    collect_rivals(p, &p->singles, child, value->hash, &rivals);
    if (rivals.count == 0 && n1_provenance_recover(p, child, value->hash)) {
        collect_rivals(p, &p->lists, child, value->hash, &rivals);
        collect_rivals(p, &p->singles, child, value->hash, &rivals);
    }
    for (uint32_t i = 0; i < rivals.count; i++) {
        struct rival *r = &rivals.rival[i];
        r->parent = &p->executions.slot[r->place->slot];
        r->edge = edge_of(p, r->parent, r->place->column, child, key);
        if (r->edge != NULL)
            n1_distinct_expect(&r->edge->values, value->hash);
    }
    for (uint32_t i = 0; i < rivals.count; i++) {
        struct rival *r = &rivals.rival[i];
        if (r->edge == NULL)
            continue;
        count_rival(p, r, child, value, duration_ns);
        if (best.edge == NULL || is_better(r, &best, child))
            best = *r;
    }
    struct n1_edge *missed[MISSED_MAX];
    const bool looks_further = rivals.is_cut && may_be_missed(child->site, best.edge);
    const uint32_t n_missed = looks_further ? missed_edges(child, key, &rivals, best.edge, missed) : 0;
    for (uint32_t i = 0; i < n_missed; i++) {
        struct rival further = look_further(p, missed[i], child, value, duration_ns);
        if (further.edge != NULL && (best.edge == NULL || is_better(&further, &best, child)))
            best = further;
    }
    if (best.edge != NULL)
        note_first_of(&rivals, child, &best);
    return best;
}

/* Links one parameter. Fills in the best rival, or one without edge. */
static inline void link_value(struct n1_provenance *p, struct n1_step *child, const struct n1_lookup_key *key,
                              const struct n1_value *value, uint64_t duration_ns, struct rival *best)
{
    best->edge = NULL;
    best->place = n1_provenance_only(p, value->hash, child->start_ns);
    if (best->place != NULL && best->place->serial != (uint32_t)child->serial) {
        best->brief = &p->executions.brief[best->place->slot];
        best->parent = &p->executions.slot[best->place->slot];
        best->edge = edge_of(p, best->parent, best->place->column, child, key);
        if (best->edge != NULL) {
            count_rival(p, best, child, value, duration_ns);
            note_first(child, best);
        }
    } else {
        *best = link_rivals(p, child, key, value, duration_ns);
    }
    if (best->edge != NULL) {
        best->edge->wins++;
        best->parent->was_useful = true;
    }
}

/* The row that the place fetched just before holds a next key: whoever walks a chain asks for it now. */
static __attribute__((noinline)) void note_offers(struct n1_provenance *p, const struct n1_step *child)
{
    const struct n1_step *before = n1_executions_at(&p->executions, child->site->last_slot, child->site->last_serial);
    if (before == NULL || before->rows != 1 || before->thread != child->thread)
        return;
    for (guint i = 0; i < child->site->parents->len; i++) {
        struct n1_edge *edge = g_ptr_array_index(child->site->parents, i);
        bool is_filled = edge->column >= N1_NULL_COLUMNS || before->filled[edge->column] > 0;
        edge->offers += edge->parent == edge->child && is_filled;
    }
}

void n1_provenance_child(struct n1_provenance *p, struct n1_step *child, const struct n1_event *ev)
{
    const struct n1_query_text *text = child->text;
    uint32_t n_params = ev->n_bound + ev->n_literals;
    struct rival rival[2], *best = NULL; /* pointers, not copies: what was just stored is not read at once */
    if (text->stmt->is_housekeeping)
        return;
    if (child->site->feeds_itself)
        note_offers(p, child);
    for (uint32_t i = 0; i < text->n_keys; i++) {
        const struct n1_lookup_key *key = &text->key[i];
        int at = n1_lookup_key_index(key, ev->n_bound, n_params);
        if (at < 0 || !n1_kind_is_evidence(ev->params[at].kind))
            continue;
        const struct n1_value *value = &ev->params[at];
        p->before = (struct n1_before){child->site->last_serial, child->site->key_last[i]};
        child->site->key_changes[i] += child->site->key_last[i] != value->hash;
        child->site->key_last[i] = value->hash;
        struct rival *found = best == &rival[0] ? &rival[1] : &rival[0];
        link_value(p, child, key, value, ev->duration_ns, found);
        if (found->edge != NULL && (best == NULL || is_better(found, best, child)))
            best = found;
        if ((key->op == N1_SQL_OP_EQ || key->op == N1_SQL_OP_IN) && child->n_own < N1_OWN_KEYS)
            child->own[child->n_own++] = value->hash;
    }
    child->site->last_serial = child->serial;
    child->site->last_slot = child->slot;
    if (best != NULL) {
        child->root = best->parent->rows > 1 ? best->parent->serial : best->parent->root;
        child->is_driven = best->parent->rows > 1 || best->parent->is_driven;
        child->cause = best->parent->serial;
        child->site->linked++;
    }
}

void n1_provenance_finish(struct n1_provenance *p)
{
    n1_fans_fold_all(p);
}
