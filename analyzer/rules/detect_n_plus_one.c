/* n_plus_one: a query gave rows, and for them, one by one, another query ran with a value of each. Proven by the values. */
#include <stdio.h>
#include <string.h>

#include "analyzer/rules/rule.h"
#include "analyzer/rules/standing.h"

/* ---- what kind of link ---------------------------------------------------------------------------------------------- */

/* The child reads through a second table, and the parameter stands on that one: many to many. */
static bool goes_through_join(const struct n1_site *child, const struct n1_lookup_key *target)
{
    const struct n1_sql_shape *shape = &child->stmt->text->shape;
    for (int i = 0; i < shape->table_count; i++) {
        if (shape->tables[i].depth == 0 && !n1_name_equal(shape->tables[i].name, target->table) &&
            n1_sql_shape_find_table(shape, target->table) >= 0)
            return i == 0; /* selected from another table first */
    }
    return false;
}

/* The same, with the link in a nested query: WHERE id IN (SELECT tag_id FROM post_tag WHERE post_id = ?). */
static bool goes_through_nested(const struct n1_site *child, const struct n1_lookup_key *target)
{
    const struct n1_sql_shape *shape = &child->stmt->text->shape;
    for (int i = 0; i < shape->table_count; i++) {
        if (shape->tables[i].depth > 0 && n1_name_equal(shape->tables[i].name, target->table))
            return n1_sql_shape_find_table(shape, target->table) < 0 &&
                   n1_name_is_reference(target->table, target->column);
    }
    return false;
}

/* The query that the link stands in is nested, and its rows choose the child's. */
static const struct n1_sql_predicate *outer_of(const struct n1_edge *e)
{
    const struct n1_sql_shape *shape = &e->child->stmt->text->shape;
    bool is_nested = e->operand < shape->operand_count && shape->operands[e->operand].depth > 0;
    for (int i = 0; i < shape->predicate_count && is_nested; i++) {
        const struct n1_sql_predicate *p = &shape->predicates[i];
        if (p->depth == 0 && p->rhs == N1_SQL_RHS_SUBQUERY && p->column.name != NULL)
            return p;
    }
    return NULL;
}

/* Chosen by one row of the nested query, by a column that is not their own key: however many there are.
 * WHERE entity_id IN (SELECT id FROM items WHERE id = ?) */
static bool refers_to_nested(const struct n1_edge *e)
{
    const struct n1_sql_shape *shape = &e->child->stmt->text->shape;
    const struct n1_sql_predicate *outer = outer_of(e);
    const struct n1_sql_table *table =
        outer != NULL && outer->column.table >= 0 ? &shape->tables[outer->column.table] : NULL;
    return table != NULL && !n1_name_is_own_key(table->name, outer->column.name);
}

/* What is read beside the key is nothing but references to other tables: rows that link, however many each key has today. */
static bool is_link_table(const struct n1_site *child, const struct n1_lookup_key *target)
{
    const struct n1_sql_shape *shape = &child->stmt->text->shape;
    bool is_link = shape->item_count > 0;
    bool is_reference = n1_name_is_reference(target->table, target->column);
    for (int i = 0; i < shape->item_count && is_link; i++) {
        const struct n1_sql_item *item = &shape->items[i];
        is_reference |= n1_name_joins(target->table, target->column, item->column.name);
        is_link = item->kind == N1_SQL_ITEM_COLUMN && (n1_name_is_reference(target->table, item->column.name) ||
                                                       n1_name_joins(target->table, item->column.name, target->column));
    }
    return is_link && is_reference;
}

/* Different rows of the parent's that were looked up, as far as can be told: lists that were asked for anew hold the same rows again;
 * rows that were fetched one by one are as many as there were different questions. */
static uint64_t different_rows(const struct n1_edge *e)
{
    uint64_t questions = n1_distinct_count(&e->parent->parameters), asked = MAX(e->parent->stats.executions, 1);
    if (questions >= asked)
        return e->loops.covered;
    return e->parent->rows_max <= 1 ? questions * MIN(e->loops.children, asked) / asked : 0;
}

/* Several of the parent's rows hold one same value (lines that name one product): it is not their key, and leads to another's. */
static bool repeats_values(const struct n1_edge *e)
{
    return different_rows(e) > n1_distinct_count(&e->values);
}

/* The table that everything is selected from, when it is joined with the one that the link stands on; -1: no other one. */
static int selected_from(const struct n1_edge *e)
{
    const struct n1_sql_shape *shape = &e->child->stmt->text->shape;
    const int linked = e->operand < shape->operand_count ? shape->operands[e->operand].column.table : -1;
    const int table = shape->item_count > 0 ? shape->items[0].column.table : -1;
    for (int i = 1; i < shape->item_count; i++)
        if (shape->items[i].column.table != table)
            return -1;
    return linked < 0 || table == linked ? -1 : table;
}

/* Those rows refer to the linked one: comment.post_id = post.id, where post.id is asked for. */
static bool refers_to_linked(const struct n1_edge *e)
{
    const struct n1_sql_shape *shape = &e->child->stmt->text->shape;
    const int table = selected_from(e), linked = table < 0 ? -1 : shape->operands[e->operand].column.table;
    for (int i = 0; i < shape->predicate_count && table >= 0; i++) {
        const struct n1_sql_predicate *p = &shape->predicates[i];
        if (p->rhs != N1_SQL_RHS_COLUMN || p->op != N1_SQL_OP_EQ || p->depth != 0)
            continue;
        const bool is_left = p->column.table == table && p->other.table == linked;
        const bool is_right = p->other.table == table && p->column.table == linked;
        const char *column = is_left ? p->column.name : is_right ? p->other.name : NULL;
        if (column != NULL)
            return !n1_name_is_own_key(shape->tables[table].name, column);
    }
    return false;
}

/* Here or at another place: what one key has does not depend on who asks. */
static bool gives_several(const struct n1_edge *e)
{
    const GPtrArray *sites = e->child->stmt->sites;
    bool is_one_key = e->target->op == N1_SQL_OP_EQ;
    bool has_several = e->child->rows_max > 1;
    for (guint i = 0; i < sites->len && is_one_key && !has_several; i++)
        has_several = ((const struct n1_site *)g_ptr_array_index(sites, i))->rows_max > 1;
    return has_several;
}

/* The newest, the cheapest: ORDER BY … LIMIT chooses among several rows. By the table's own key it only makes an answer certain, as
 * ORMs' first() does of its own accord. */
static bool chooses_among_several(const struct n1_sql_shape *shape, const struct n1_lookup_key *target)
{
    char column[64];
    size_t used = 0;
    if (!shape->has_limit || shape->order_by == NULL)
        return false;
    for (const char *c = shape->order_by; *c != '\0' && *c != ',' && *c != ' ' && used + 1 < sizeof column; c++) {
        used = *c == '.' ? 0 : used;
        if (g_ascii_isalnum(*c) || *c == '_' || (*c & 0x80) != 0)
            column[used++] = *c;
    }
    column[used] = '\0';
    return used > 0 && !n1_name_is_own_key(target->table, column) && !n1_name_equal(column, target->column);
}

static enum n1_cardinality cardinality_of(const struct n1_analysis *a, const struct n1_edge *e)
{
    const struct n1_site *child = e->child;
    const struct n1_lookup_key *target = e->target;
    const struct n1_sql_shape *shape = &child->stmt->text->shape;
    if (gives_several(e) || (child->stmt->is_aggregate && !n1_name_is_own_key(target->table, target->column)))
        return N1_TO_MANY;
    const struct n1_name_pair pair = {e->source.table, e->source.column, target->table, target->column};
    bool parent_refers = n1_name_refers(&pair);
    bool parent_is_key = n1_name_is_own_key(e->source.table, e->source.column);
    if (refers_to_nested(e) || refers_to_linked(e))
        return N1_TO_MANY;
    const enum n1_uniqueness unique = n1_statements_uniqueness(a->statements, target->table, target->column);
    if (unique == N1_UNIQUE)
        return N1_TO_ONE;
    if (is_link_table(child, target))
        return N1_TO_MANY;
    const bool is_part_of_key = unique == N1_UNIQUE_NOT && child->stmt->text->n_keys == 1; /* PRIMARY KEY (id, type) */
    if (n1_name_is_own_key(target->table, target->column) && !is_part_of_key)
        return N1_TO_ONE;
    if (goes_through_join(child, target) || goes_through_nested(child, target))
        return N1_TO_MANY;
    if (chooses_among_several(shape, target))
        return N1_TO_MANY;
    if (parent_refers && !parent_is_key && !is_part_of_key)
        return N1_TO_ONE;
    /* By a foreign key back to the parent: one to one when it says so, or when many look-ups never found two. */
    if (shape->has_limit) /* the first or the last one of several, or any of them */
        return shape->has_order_by ? N1_TO_MANY : N1_TO_ONE;
    if (repeats_values(e))
        return N1_TO_ONE;
    /* A second condition beside the key (a content type, a state) narrows what is many. */
    if (child->stmt->text->n_keys > 1)
        return N1_TO_MANY;
    if (child->path->is_single)
        return N1_TO_ONE;
    /* Who sorts the rows of one key expects several. */
    return unique != N1_UNIQUE_NOT && !shape->has_order_by && child->one_row >= a->constants->to_one_certain &&
                   child->empty == 0
               ? N1_TO_ONE
               : N1_TO_MANY;
}

static bool feeds_same_column(const struct n1_edge *e)
{
    return e->target->op == N1_SQL_OP_EQ && e->is_same_table && n1_name_equal(e->source.column, e->target->column);
}

static bool names_agree(const struct n1_edge *e)
{
    return e->target->op == N1_SQL_OP_EQ &&
           (e->names >= N1_NAME_LIKELY || n1_name_equal(e->source.column, e->target->column));
}

/* Whether all columns that choose the child's rows take their values from the same parent's rows, by edges that `is_such` holds for. */
static bool keys_are_fed(const struct n1_edge *e, bool (*is_such)(const struct n1_edge *))
{
    const struct n1_query_text *text = e->child->stmt->text;
    for (uint32_t k = 0; k < text->n_keys; k++) {
        bool is_fed = false;
        for (guint i = 0; i < e->child->parents->len && !is_fed; i++) {
            const struct n1_edge *other = g_ptr_array_index(e->child->parents, i);
            is_fed = other->parent == e->parent && other->operand == text->key[k].operand && is_such(other) &&
                     n1_is_nearly_all(other->loops.children, e->loops.children);
        }
        if (!is_fed)
            return false;
    }
    return true;
}

/* A key of several columns, each fed by the parent's column of the same name or a telling one: a reference of several columns,
 * whatever part of it one column is (state and number of a district). */
static bool is_composite_reference(const struct n1_edge *e)
{
    const struct n1_query_text *text = e->child->stmt->text;
    return text->n_keys > 1 && e->child->rows_max == 1 && keys_are_fed(e, names_agree);
}

/* Whether names make it a relation of the schema: the child's key may have any name (code, sku) when the parent's column is a
 * reference and each look-up by it gave one row at most. */
static bool is_relation(const struct n1_edge *e)
{
    /* room.owner → account.id, admission.attending → staff.badge: whatever the column is called, each value of it was another
     * table's key: by its name, or because several rows share a value that gives one row each time. */
    bool is_key = n1_name_is_own_key(e->target->table, e->target->column) ||
                  (e->target->op == N1_SQL_OP_EQ && e->child->stmt->text->n_keys == 1 && repeats_values(e));
    bool is_reference = is_key && *e->source.column != '\0' && !n1_name_is_own_key(e->source.table, e->source.column) &&
                        !e->source.is_computed && e->child->rows_max == 1 && e->child->empty == 0;
    const struct n1_name_pair pair = {e->source.table, e->source.column, e->target->table, e->target->column};
    return e->names >= N1_NAME_LIKELY || is_reference || is_composite_reference(e) ||
           (n1_name_refers(&pair) && e->target->op == N1_SQL_OP_EQ && e->target->column[0] != '\0' &&
            e->child->stmt->text->n_keys == 1 && e->child->rows_max <= 1);
}

/* Each of the parent's rows has a value of its own, and each look-up by it gave one row: that row, as it holds the value. */
static bool gives_back_rows(const struct n1_edge *e)
{
    const struct n1_sql_shape *parent = &e->parent->stmt->text->shape;
    return e->child->empty == 0 && !parent->is_distinct && !parent->has_group_by &&
           n1_distinct_count(&e->values) >= e->loops.covered;
}

/* The parent's own row again. By id at once; by a key of another name, or of several columns, when all of the columns that
 * choose the row are the parent's own ones of the same names, and never gave two rows. */
static bool is_own_row(const struct n1_edge *e)
{
    const struct n1_query_text *text = e->child->stmt->text;
    if (outer_of(e) != NULL || selected_from(e) >= 0)
        return false;
    if (e->is_own_row)
        return true;
    if (!feeds_same_column(e) || e->child->rows_max > 1 || !keys_are_fed(e, feeds_same_column))
        return false;
    if (text->shape.has_limit) /* a guard (get()), unless it takes the first of several */
        return !text->shape.has_order_by && gives_back_rows(e);
    return e->names >= N1_NAME_LIKELY || text->n_keys > 1 || gives_back_rows(e);
}

/* Whether name is that of the type beside a reference: target_type (Rails), target_type_id, content_type_id (Django), target_kind. */
static bool is_type_of(const char *name, const char *stem)
{
    static const char *const words[] = {"type", "type_id", "kind", "class", "model", "table"};
    char type[128];
    for (size_t k = 0; k < sizeof words / sizeof *words && name != NULL; k++) {
        snprintf(type, sizeof type, "%s_%s", stem, words[k]);
        if (n1_name_equal(name, type))
            return true;
    }
    return name != NULL && strcmp(stem, "object") == 0 && n1_name_equal(name, "content_type_id");
}

/* A reference with its type beside it. Columns of SELECT * are known by the result only. */
static bool is_polymorphic(const struct n1_edge *e)
{
    const struct n1_sql_shape *parent = &e->parent->stmt->text->shape;
    char stem[96];
    bool has_type = false;
    if (!n1_name_is_reference(e->source.table, e->source.column))
        return false;
    n1_name_stem(e->source.column, stem, sizeof stem);
    for (int i = 0; i < parent->item_count; i++)
        has_type |= is_type_of(parent->items[i].column.name, stem);
    for (uint32_t i = 0; e->columns != NULL && i < e->columns->count; i++)
        has_type |= is_type_of(e->columns->column[i].name, stem);
    return has_type;
}

static struct n1_candidate candidate(const struct n1_analysis *a, const struct n1_standing *s,
                                     enum n1_confidence confidence)
{
    const struct n1_edge *e = s->edge;
    const struct n1_fan_totals *t = &e->loops;
    const bool is_own = is_own_row(e) && e->parent != e->child;
    uint64_t matched = MIN(n1_distinct_count(&e->values), t->children);
    return (struct n1_candidate){
        .kind = N1_KIND_N_PLUS_ONE,
        .confidence = confidence,
        .child = e->child,
        .parent = e->parent,
        .edge = e,
        .cardinality = is_own ? N1_TO_ONE : cardinality_of(a, e),
        .outer_column = outer_of(e) != NULL ? outer_of(e)->column.name : NULL,
        .is_own_row = is_own,
        .is_polymorphic = is_polymorphic(e),
        .is_recursive = e->parent->stmt == e->child->stmt,
        .is_relation = is_relation(e),
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
