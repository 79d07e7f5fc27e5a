#include "analyzer/rules/link.h"

#include <stdio.h>
#include <string.h>

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
const struct n1_sql_predicate *n1_link_outer(const struct n1_edge *e)
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
    const struct n1_sql_predicate *outer = n1_link_outer(e);
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

enum n1_cardinality n1_link_cardinality(const struct n1_analysis *a, const struct n1_edge *e)
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
bool n1_link_is_relation(const struct n1_edge *e)
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
bool n1_link_is_own_row(const struct n1_edge *e)
{
    const struct n1_query_text *text = e->child->stmt->text;
    if (n1_link_outer(e) != NULL || selected_from(e) >= 0)
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
bool n1_link_is_polymorphic(const struct n1_edge *e)
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
