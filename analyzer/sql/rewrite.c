#include "analyzer/sql/rewrite.h"

#include <string.h>

#include "analyzer/sql/pg.h"
#include "analyzer/sql/rewrite_forms.h"

/* ---- which form fits ------------------------------------------------------------------------------------------------- */

/* The child looks up, by the parent's own key, the row that the parent read. */
static bool is_same_row(const struct rewrite_work *w)
{
    const struct n1_sql_table *table = rewrite_only_table(w->child.shape);
    const struct n1_sql_item *item = NULL;
    int index = w->parent_table ? n1_sql_shape_find_item(w->parent.shape, -1, w->request->parent_column) : -1;
    if (index >= 0)
        item = &w->parent.shape->items[index];
    if (!table || !item || g_ascii_strcasecmp(table->name, w->parent_table->name) != 0)
        return false;
    const char *source = item->kind == N1_SQL_ITEM_COLUMN ? item->column.name : w->request->parent_column;
    return g_ascii_strcasecmp(source, w->key->column.name) == 0;
}

/* A question of yes or no: SELECT EXISTS (...), or SELECT 1 ... LIMIT 1. */
static bool asks_existence(const struct rewrite_work *w)
{
    const struct n1_sql_shape *child = w->child.shape;
    if (child->item_count != 1)
        return false;
    return child->items[0].kind == N1_SQL_ITEM_EXISTS ||
           (child->items[0].kind == N1_SQL_ITEM_OPERAND && !child->has_aggregate);
}

static bool asks_itself(const struct rewrite_work *w)
{
    return w->request->is_recursive;
}

static bool asks_aggregate(const struct rewrite_work *w)
{
    const struct n1_sql_shape *child = w->child.shape;
    bool has_aggregate = false;
    for (int i = 0; i < child->item_count; i++) {
        has_aggregate |= child->items[i].kind == N1_SQL_ITEM_AGGREGATE;
        if (child->items[i].kind != N1_SQL_ITEM_AGGREGATE && !rewrite_is_constant(&child->items[i]))
            return false;
    }
    return has_aggregate && w->key;
}

static bool asks_aggregate_by_two(const struct rewrite_work *w)
{
    return asks_aggregate(w) && w->second && w->parent.shape;
}

/* What the expression is for a parent without a row, an outer join to the groups would not say. */
static bool asks_wrapped_aggregate(const struct rewrite_work *w)
{
    bool is_wrapped = false;
    for (int i = 0; i < w->child.shape->item_count; i++)
        is_wrapped |= w->child.shape->items[i].is_wrapped;
    return is_wrapped && asks_aggregate(w) && w->parent.shape;
}

static bool asks_few(const struct rewrite_work *w)
{
    return w->key && w->child.shape->has_limit && w->request->cardinality == N1_SQL_TO_MANY;
}

static bool asks_few_beside_parent(const struct rewrite_work *w)
{
    return w->parent.shape && asks_few(w);
}

static bool asks_own_columns(const struct rewrite_work *w)
{
    return w->parent.shape && w->key && w->request->cardinality == N1_SQL_TO_ONE && is_same_row(w);
}

static bool asks_one_row(const struct rewrite_work *w)
{
    return w->parent.shape && w->key && w->request->cardinality == N1_SQL_TO_ONE;
}

static bool asks_rows(const struct rewrite_work *w)
{
    return w->key && !(w->child.shape->has_aggregate && !w->child.shape->has_group_by);
}

/* In the order in which they are tried. `is_only`: when it fits but cannot be built, nothing else will do. */
static const struct form {
    enum n1_sql_rewrite_form form;
    bool (*fits)(const struct rewrite_work *);
    bool (*build)(struct rewrite_work *, GString *, const char **why_not);
    bool is_only;
} forms[] = {
    {N1_SQL_REWRITE_RECURSIVE, asks_itself, rewrite_build_recursive, true},
    {N1_SQL_REWRITE_GROUP, asks_existence, rewrite_build_exists, false},
    {N1_SQL_REWRITE_GROUP, asks_aggregate_by_two, rewrite_build_scalars, true},
    {N1_SQL_REWRITE_GROUP, asks_wrapped_aggregate, rewrite_build_scalars, true},
    {N1_SQL_REWRITE_GROUP, asks_aggregate, rewrite_build_grouped, true},
    {N1_SQL_REWRITE_LATERAL, asks_few_beside_parent, rewrite_build_lateral, false},
    {N1_SQL_REWRITE_LATERAL, asks_few, rewrite_build_window, true},
    {N1_SQL_REWRITE_COLUMNS, asks_own_columns, rewrite_build_columns, true},
    {N1_SQL_REWRITE_JOIN, asks_one_row, rewrite_build_join, false},
    {N1_SQL_REWRITE_IN, asks_rows, rewrite_build_in, false},
};

static bool reads_again(enum n1_sql_dialect dialect, const char *sql)
{
    struct n1_sql_shape shape;
    if (dialect == N1_SQL_POSTGRES && !n1_sql_pg_parses(sql))
        return false;
    n1_sql_shape_read(&shape, dialect, sql, strlen(sql), 0);
    bool is_read =
        shape.is_understood && shape.verb == N1_SQL_VERB_SELECT && shape.table_count > 0 && shape.item_count > 0;
    n1_sql_shape_release(&shape);
    return is_read;
}

/* ---- what stands in the way ------------------------------------------------------------------------------------------ */

static bool has_window_clause(const struct rewrite_source *source)
{
    struct range all = {0, source->reader.token_count};
    return shape_find(&source->reader, all, N1_SQL_KW_WINDOW) < all.end;
}

static const char *refuse_child(const struct rewrite_work *w)
{
    const struct n1_sql_shape *child = w->child.shape;
    if (child->verb != N1_SQL_VERB_SELECT || child->table_count == 0)
        return "it does not read a table";
    if (!child->is_understood || has_window_clause(&w->child))
        return "its text could not be read in full";
    if (child->is_compound)
        return "it is a UNION";
    if (child->is_locking)
        return "it locks its rows one at a time";
    /* Of one row, a look-up that skipped any would find none: LIMIT 1 OFFSET 0, as peewee's get() writes. */
    if (child->has_offset && w->request->cardinality != N1_SQL_TO_ONE)
        return "each look-up skips rows of its own (OFFSET)";
    if (w->request->child_operand < 0 || w->request->child_operand >= child->operand_count)
        return "the value that changes is not known";
    const struct n1_sql_operand *operand = &child->operands[w->request->child_operand];
    if (!operand->column.name || !operand->is_whole || operand->clause != N1_SQL_CLAUSE_WHERE)
        return "the value is not compared with a column";
    if (operand->op != N1_SQL_OP_EQ && operand->op != N1_SQL_OP_IN)
        return operand->op == N1_SQL_OP_ANY ? "it takes a list of keys already"
                                            : "the value is not compared for equality";
    return NULL;
}

static const char *find_key(struct rewrite_work *w)
{
    const struct n1_sql_shape *child = w->child.shape;
    const struct n1_sql_operand *operand = &child->operands[w->request->child_operand];
    for (int i = 0; i < child->predicate_count; i++) {
        const struct n1_sql_predicate *p = &child->predicates[i];
        int offset = w->request->child_operand - p->first_operand;
        if (p->first_operand < 0 || offset < 0 || offset >= p->operand_count || p->scope != operand->scope)
            continue;
        if (p->is_negated || p->is_alternative)
            return "the value stands under NOT or OR";
        if (p->operand_count > 1)
            return "it takes a list of keys already";
        for (int j = 0; j < child->predicate_count; j++)
            if (j != i && child->predicates[j].span.begin == p->span.begin && child->predicates[j].scope == p->scope)
                return "its key is a row of several columns";
        w->key = operand->scope == 0 ? p : NULL;
        w->key_text = g_strdup(p->column.text);
        if (operand->scope != 0 && !(child->item_count == 1 && child->items[0].kind == N1_SQL_ITEM_EXISTS))
            return "the value stands in a nested query";
        return NULL;
    }
    return "the value is not compared with a column";
}

static bool is_extendable(const struct n1_sql_shape *parent, const struct rewrite_source *source)
{
    if (parent->verb != N1_SQL_VERB_SELECT || !parent->is_understood || parent->is_compound || parent->is_distinct ||
        parent->has_group_by || parent->has_aggregate || parent->from_span.end == 0 || has_window_clause(source))
        return false;
    for (int i = 0; i < parent->table_count; i++)
        if (parent->tables[i].scope == 0 && parent->tables[i].join == N1_SQL_JOIN_COMMA)
            return false; /* a join binds to the last table of a comma list only */
    return true;
}

/* With several tables in the parent, another one may make its unqualified columns ambiguous. */
static bool is_qualified(const struct n1_sql_shape *parent, const struct rewrite_source *source)
{
    if (rewrite_has_unqualified(source, parent->where_span) || rewrite_has_unqualified(source, parent->order_span))
        return false;
    for (int i = 0; i < parent->predicate_count; i++) {
        const struct n1_sql_predicate *p = &parent->predicates[i];
        if (p->clause == N1_SQL_CLAUSE_JOIN && p->scope == 0 && p->span.end > 0 &&
            rewrite_has_unqualified(source, p->span))
            return false;
    }
    for (int i = 0; i < parent->item_count; i++) {
        const struct n1_sql_item *item = &parent->items[i];
        if ((item->kind == N1_SQL_ITEM_COLUMN && !item->column.qualifier) ||
            (item->kind == N1_SQL_ITEM_STAR && item->column.table < 0))
            return false;
    }
    return true;
}

/* The parent's expression for one of its output columns, or NULL; the table that it comes from. */
static char *value_of_parent(const struct rewrite_work *w, const char *column, const struct n1_sql_table **table)
{
    const struct n1_sql_shape *parent = w->request->parent;
    const struct n1_sql_table *only = rewrite_only_table(parent);
    int index = column ? n1_sql_shape_find_item(parent, -1, column) : -1;
    for (int i = 0; column && i < parent->item_count; i++)
        if (parent->items[i].output_name && g_ascii_strcasecmp(parent->items[i].output_name, column) == 0)
            index = i;
    if (index < 0)
        return NULL;
    const struct n1_sql_item *item = &parent->items[index];
    *table = item->column.table >= 0 ? &parent->tables[item->column.table] : only;
    if (!*table)
        return NULL;
    GString *value = g_string_new(NULL);
    if (item->kind == N1_SQL_ITEM_COLUMN) {
        struct rewrite_style style = {.qualifier = w->parent_qualifier};
        rewrite_copy(value, &w->parent, item->span, &style);
    } else if (item->kind == N1_SQL_ITEM_STAR) {
        g_string_append_printf(value, "%s.", (*table)->label);
        rewrite_put_name(value, column);
    }
    return g_string_free(value, value->len == 0);
}

/* Sets parent_value, parent_table, parent_qualifier and operand_value, or gives the parent up: the child is then batched on its
 * own. */
static void prepare_parent(struct rewrite_work *w)
{
    const struct n1_sql_rewrite_request *request = w->request;
    const struct n1_sql_table *only = rewrite_only_table(request->parent), *ignored;
    if (!is_extendable(request->parent, &w->parent) || (!only && !is_qualified(request->parent, &w->parent)))
        return;
    w->parent_qualifier = only ? only->label : NULL;
    w->parent_value = value_of_parent(w, request->parent_column, &w->parent_table);
    for (int i = 0; w->parent_value && i < request->further_count; i++) {
        char *value = value_of_parent(w, request->further[i].parent_column, &ignored);
        if (!value)
            g_clear_pointer(&w->parent_value, g_free);
        w->operand_value[request->further[i].child_operand] = value;
    }
    if (w->parent_value && request->child_operand >= 0 && request->child_operand < request->child->operand_count)
        w->operand_value[request->child_operand] = g_strdup(w->parent_value);
}

/* The comparison of a composite key's other column; a third one only a join can take. */
static const char *find_second(struct rewrite_work *w)
{
    const struct n1_sql_rewrite_request *request = w->request;
    for (int k = 0; k < request->further_count; k++) {
        const struct n1_sql_predicate *found = NULL;
        for (int i = 0; i < w->child.shape->predicate_count && !found; i++) {
            const struct n1_sql_predicate *p = &w->child.shape->predicates[i];
            bool is_plain = p->first_operand == request->further[k].child_operand && p->operand_count == 1 &&
                            p->op == N1_SQL_OP_EQ && !p->is_negated && !p->is_alternative && p->column.text;
            if (is_plain && p->scope == 0)
                found = p;
        }
        if (!found || (k > 0 && !w->parent.shape))
            return "several of its values change from one look-up to the next";
        w->second = found;
    }
    if (w->second)
        w->second_text = g_strdup(w->second->column.text);
    return NULL;
}

static void release(struct rewrite_work *w)
{
    rewrite_source_release(&w->child);
    if (w->parent.shape)
        rewrite_source_release(&w->parent);
    for (int i = 0; i < w->request->child->operand_count; i++)
        g_free(w->operand_value[i]);
    g_free(w->operand_value);
    g_free(w->key_text);
    g_free(w->second_text);
    g_free(w->parent_value);
}

int n1_sql_rewrite(const struct n1_sql_rewrite_request *request, struct n1_sql_rewrite_answer *answer)
{
    struct rewrite_work w = {.request = request,
                             .operand_value = g_new0(char *, (gsize)request->child->operand_count + 1)};
    *answer = (struct n1_sql_rewrite_answer){0};
    rewrite_source_init(&w.child, request->child);
    if (request->parent) {
        rewrite_source_init(&w.parent, request->parent);
        prepare_parent(&w);
        if (!w.parent_value) {
            rewrite_source_release(&w.parent);
            w.parent.shape = NULL;
        }
    }
    const char *why_not = refuse_child(&w);
    if (!why_not)
        why_not = find_key(&w);
    if (!why_not)
        why_not = find_second(&w);
    const char *obstacle = "it asks for something that no single statement of ours gives";
    for (size_t i = 0; !why_not && !answer->sql && i < G_N_ELEMENTS(forms); i++) {
        GString *sql = g_string_new(NULL);
        if (forms[i].fits(&w) && forms[i].build(&w, sql, &obstacle) && reads_again(request->child->dialect, sql->str)) {
            answer->form = forms[i].form;
            answer->sql = g_string_free(sql, FALSE);
            break;
        }
        if (forms[i].is_only && forms[i].fits(&w))
            why_not = obstacle;
        g_string_free(sql, TRUE);
    }
    if (!answer->sql)
        answer->why_not = why_not ? why_not : obstacle;
    release(&w);
    return answer->sql ? 0 : -1;
}
