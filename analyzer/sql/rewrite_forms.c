/* The statements that rewrite.c chooses among. */
#include <string.h>

#include "analyzer/sql/rewrite_forms.h"

static struct n1_sql_span span_until(const struct n1_sql_shape *shape, size_t begin)
{
    return (struct n1_sql_span){begin, shape->length};
}

static size_t last_clause_end(const struct n1_sql_shape *shape)
{
    size_t end = shape->from_span.end;
    end = MAX(end, shape->where_span.end);
    end = MAX(end, shape->group_span.end);
    end = MAX(end, shape->having_span.end);
    return MAX(end, shape->order_span.end);
}

static void put_clause(GString *out, const char *keyword, const struct rewrite_source *source, struct n1_sql_span span,
                       const struct rewrite_style *style)
{
    if (span.begin >= span.end)
        return;
    g_string_append_printf(out, " %s ", keyword);
    rewrite_copy(out, source, span, style);
}

/* "SELECT", or WITH ... SELECT. */
static void put_head(GString *out, const struct rewrite_source *source)
{
    static const struct rewrite_style plain = {0};
    rewrite_copy(out, source, (struct n1_sql_span){0, source->shape->select_span.begin}, &plain);
    g_string_append_c(out, ' ');
}

/* The parent with more items, one more join, and everything else as it was. */
static void put_parent(GString *out, const struct rewrite_work *w, const char *items, const char *join)
{
    const struct n1_sql_shape *shape = w->parent.shape;
    struct rewrite_style style = {.qualifier = w->parent_qualifier}, plain = {0};
    put_head(out, &w->parent);
    rewrite_copy(out, &w->parent, shape->select_span, &style);
    g_string_append_printf(out, ", %s FROM ", items);
    rewrite_copy(out, &w->parent, shape->from_span, &plain);
    g_string_append(out, join);
    put_clause(out, "WHERE", &w->parent, shape->where_span, &style);
    put_clause(out, "ORDER BY", &w->parent, shape->order_span, &style);
    GString *tail = g_string_new(NULL);
    rewrite_copy(tail, &w->parent, span_until(shape, last_clause_end(shape)), &plain);
    g_strstrip(tail->str);
    g_string_set_size(tail, strlen(tail->str));
    while (tail->len > 0 && tail->str[tail->len - 1] == ';')
        g_string_truncate(tail, tail->len - 1);
    if (tail->len > 0)
        g_string_append_printf(out, " %s", tail->str);
    g_string_free(tail, TRUE);
}

static bool parent_has_output(const struct rewrite_work *w, const char *name)
{
    for (int i = 0; i < w->parent.shape->item_count; i++) {
        const struct n1_sql_item *item = &w->parent.shape->items[i];
        if (item->kind == N1_SQL_ITEM_STAR || (item->output_name && g_ascii_strcasecmp(item->output_name, name) == 0))
            return true;
    }
    return false;
}

/* A label that no table of the parent has, as it is to be spelled: the child's own when that is free. */
static char *free_label(const struct rewrite_work *w, const char *spelled, const char *name)
{
    if (n1_sql_shape_find_table(w->parent.shape, name) < 0)
        return g_strdup(spelled);
    GString *label = g_string_new(NULL);
    for (int i = 2;; i++) {
        char *candidate = g_strdup_printf("%s_%d", name, i);
        if (n1_sql_shape_find_table(w->parent.shape, candidate) < 0) {
            rewrite_put_name(label, candidate);
            g_free(candidate);
            return g_string_free(label, FALSE);
        }
        g_free(candidate);
    }
}

/* " AS name" when the parent has an item of that name already. */
static void put_alias_if_taken(GString *out, const struct rewrite_work *w, const char *prefix, const char *name)
{
    if (!name || !parent_has_output(w, name))
        return;
    char *alias = g_strdup_printf("%s_%s", prefix, name);
    while (parent_has_output(w, alias) && n1_sql_shape_find_item(w->parent.shape, -1, alias) >= 0 &&
           w->parent.shape->items[n1_sql_shape_find_item(w->parent.shape, -1, alias)].kind != N1_SQL_ITEM_STAR) {
        char *longer = g_strdup_printf("%s_", alias);
        g_free(alias);
        alias = longer;
    }
    g_string_append(out, " AS ");
    rewrite_put_name(out, alias);
    g_free(alias);
}

bool rewrite_is_constant(const struct n1_sql_item *item)
{
    return item->kind == N1_SQL_ITEM_OPERAND;
}

const struct n1_sql_table *rewrite_only_table(const struct n1_sql_shape *shape)
{
    const struct n1_sql_table *only = NULL;
    for (int i = 0; i < shape->table_count; i++) {
        if (shape->tables[i].scope != 0)
            continue;
        if (only)
            return NULL;
        only = &shape->tables[i];
    }
    return only && !only->is_subquery && !only->is_function ? only : NULL;
}

/* The key column's name alone, as spelled. */
static const char *last_name(const struct rewrite_work *w)
{
    struct n1_sql_lexer lexer;
    struct n1_sql_token token;
    size_t begin = 0;
    n1_sql_lexer_init(&lexer, w->child.shape->dialect, w->key_text, strlen(w->key_text));
    while (n1_sql_lexer_next(&lexer, &token))
        if (token.kind == N1_SQL_WORD || token.kind == N1_SQL_NAME)
            begin = token.offset;
    return w->key_text + begin;
}

/* ---- the forms ------------------------------------------------------------------------------------------------------- */

bool rewrite_build_columns(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_table *table = rewrite_only_table(w->child.shape);
    int parent_index = (int)(w->parent_table - w->parent.shape->tables);
    GString *items = g_string_new(NULL);
    struct rewrite_style style = {.qualifier = w->parent_table->label,
                                  .old_label = n1_sql_table_label(table),
                                  .new_label = w->parent_table->label};
    for (int i = 0; i < w->child.shape->item_count; i++) {
        const struct n1_sql_item *item = &w->child.shape->items[i];
        bool is_present = item->kind == N1_SQL_ITEM_COLUMN &&
                          n1_sql_shape_find_item(w->parent.shape, parent_index, item->column.name) >= 0;
        if (is_present)
            continue;
        g_string_append(items, items->len ? ", " : "");
        rewrite_copy(items, &w->child, item->span, &style);
    }
    if (items->len > 0)
        put_parent(out, w, items->str, "");
    else
        *why_not = "the first query already selects these columns of the same row";
    g_string_free(items, TRUE);
    return out->len > 0;
}

bool rewrite_build_join(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_shape *child = w->child.shape;
    const struct n1_sql_table *table = rewrite_only_table(child);
    if (!table || child->has_group_by || child->has_aggregate || child->is_distinct || child->has_window) {
        *why_not = "the repeated query reads more than one table";
        return false;
    }
    char *label = free_label(w, table->label, n1_sql_table_label(table));
    struct rewrite_style style = {.qualifier = label,
                                  .old_label = n1_sql_table_label(table),
                                  .new_label = label,
                                  .replaced = w->key->span,
                                  .replacement = "",
                                  .operand_text = w->operand_value};
    GString *items = g_string_new(NULL), *join = g_string_new(NULL);
    for (int i = 0; i < child->item_count; i++) {
        const struct n1_sql_item *item = &child->items[i];
        bool is_key =
            item->kind == N1_SQL_ITEM_COLUMN && g_ascii_strcasecmp(item->column.name, w->key->column.name) == 0;
        if (is_key && child->item_count > 1)
            continue; /* the parent's own column has the same value */
        g_string_append(items, items->len ? ", " : "");
        rewrite_copy(items, &w->child, item->span, &style);
        if (item->kind != N1_SQL_ITEM_STAR)
            put_alias_if_taken(items, w, n1_sql_table_label(table), item->output_name);
    }
    g_string_append_printf(join, " LEFT JOIN %s", table->text);
    if (strcmp(label, table->text) != 0)
        g_string_append_printf(join, " AS %s", label);
    g_string_append_printf(join, " ON %s.%s = %s", label, last_name(w), w->parent_value);
    char *rest = rewrite_condition(&w->child, child->where_span, &style);
    if (*rest)
        g_string_append_printf(join, " AND %s", rest);
    put_parent(out, w, items->str, join->str);
    g_free(rest);
    g_string_free(items, TRUE);
    g_string_free(join, TRUE);
    g_free(label);
    return true;
}

/* Conditions with the key, or the row of two, looked for in a list. Frees nothing: in_list is the caller's. */
static struct rewrite_style listed(const struct rewrite_work *w, char **in_list)
{
    bool has_row_lists = w->child.shape->dialect == N1_SQL_POSTGRES;
    struct rewrite_style style = {.replaced = w->key->span};
    if (!w->second) {
        *in_list = g_strdup_printf("%s IN (?)", w->key_text);
    } else {
        /* As the look-up orders them, so that its parameters are the list's rows. */
        bool is_key_first = w->key->first_operand < w->second->first_operand;
        *in_list =
            g_strdup_printf(has_row_lists ? "(%s, %s) IN ((?, ?))" : "(%s, %s) IN (VALUES (?, ?))",
                            is_key_first ? w->key_text : w->second_text, is_key_first ? w->second_text : w->key_text);
        style.removed = w->second->span;
    }
    style.replacement = *in_list;
    return style;
}

/* WHERE with a key that is looked for in a list. */
static void put_listed_where(GString *out, const struct rewrite_work *w)
{
    char *in_list;
    struct rewrite_style style = listed(w, &in_list);
    char *condition = rewrite_condition(&w->child, w->child.shape->where_span, &style);
    g_string_append_printf(out, " WHERE %s", condition);
    g_free(condition);
    g_free(in_list);
}

/* The key's columns. */
static void put_keys(GString *out, const struct rewrite_work *w)
{
    g_string_append(out, w->key_text);
    if (w->second)
        g_string_append_printf(out, ", %s", w->second_text);
}

/* SELECT key, aggregates FROM child WHERE the rest [AND key IN (?)] GROUP BY key. A name for each item, NULL for a constant, which
 * the program knows. */
static void put_grouped(GString *out, const struct rewrite_work *w, bool has_list, GPtrArray *names)
{
    const struct n1_sql_shape *child = w->child.shape;
    struct rewrite_style plain = {0}, style = {.replaced = w->key->span, .replacement = ""};
    put_head(out, &w->child);
    put_keys(out, w);
    for (int i = 0; i < child->item_count; i++) {
        const struct n1_sql_item *item = &child->items[i];
        if (rewrite_is_constant(item)) {
            g_ptr_array_add(names, NULL);
            continue;
        }
        char *name = g_strdup(item->output_name && item->output_name[0] ? item->output_name : "value");
        g_string_append(out, ", ");
        rewrite_copy(out, &w->child, item->span, &plain);
        g_string_append(out, " AS ");
        rewrite_put_name(out, name);
        g_ptr_array_add(names, name);
    }
    g_string_append(out, " FROM ");
    rewrite_copy(out, &w->child, child->from_span, &plain);
    if (has_list) {
        put_listed_where(out, w);
    } else {
        char *rest = rewrite_condition(&w->child, child->where_span, &style);
        if (*rest)
            g_string_append_printf(out, " WHERE %s", rest);
        g_free(rest);
    }
    g_string_append(out, " GROUP BY ");
    put_keys(out, w);
}

bool rewrite_build_grouped(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_shape *child = w->child.shape;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    if (child->has_group_by || child->has_window || child->is_distinct) {
        *why_not = "the repeated query groups its rows by something else";
    } else if (!w->parent.shape) {
        put_grouped(out, w, true, names);
    } else {
        char *label = free_label(w, "grouped", "grouped");
        GString *join = g_string_new(" LEFT JOIN ("), *items = g_string_new(NULL);
        put_grouped(join, w, false, names);
        g_string_append_printf(join, ") AS %s ON %s.%s = %s", label, label, last_name(w), w->parent_value);
        for (guint i = 0; i < names->len; i++) {
            const char *function = child->items[i].function;
            bool is_count = function && (strcmp(function, "count") == 0 || strcmp(function, "total") == 0);
            const char *plain_name = g_ptr_array_index(names, i);
            if (!plain_name)
                continue;
            GString *name = g_string_new(NULL);
            rewrite_put_name(name, plain_name);
            g_string_append_printf(items, is_count ? "%sCOALESCE(%s.%s, 0)" : "%s%s.%s", items->len ? ", " : "", label,
                                   name->str);
            if (parent_has_output(w, plain_name))
                put_alias_if_taken(items, w, child->tables[0].name, plain_name);
            else if (is_count)
                g_string_append_printf(items, " AS %s", name->str);
            g_string_free(name, TRUE);
        }
        put_parent(out, w, items->str, join->str);
        g_string_free(join, TRUE);
        g_string_free(items, TRUE);
        g_free(label);
    }
    g_ptr_array_free(names, TRUE);
    return out->len > 0;
}

static bool labels_collide(const struct rewrite_work *w)
{
    for (int i = 0; i < w->child.shape->table_count; i++)
        if (n1_sql_shape_find_table(w->parent.shape, n1_sql_table_label(&w->child.shape->tables[i])) >= 0)
            return true;
    return false;
}

/* The child's operands become the parent's values: a correlated query. */
static struct rewrite_style correlated(const struct rewrite_work *w)
{
    return (struct rewrite_style){.operand_text = w->operand_value};
}

bool rewrite_build_scalars(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_shape *child = w->child.shape;
    struct rewrite_style style = correlated(w), plain = {0};
    if (labels_collide(w) || child->has_group_by || child->has_with) {
        *why_not = "both queries use the same name for a table";
        return false;
    }
    GString *items = g_string_new(NULL);
    for (int i = 0; i < child->item_count; i++) {
        const struct n1_sql_item *item = &child->items[i];
        const char *name = item->output_name && item->output_name[0] ? item->output_name : "value";
        if (rewrite_is_constant(item))
            continue;
        g_string_append(items, items->len ? ", (SELECT " : "(SELECT ");
        rewrite_copy(items, &w->child, item->span, &plain);
        put_clause(items, "FROM", &w->child, child->from_span, &style);
        put_clause(items, "WHERE", &w->child, child->where_span, &style);
        g_string_append(items, ") AS ");
        if (parent_has_output(w, name))
            g_string_append_printf(items, "%s_", child->tables[0].name);
        rewrite_put_name(items, name);
    }
    put_parent(out, w, items->str, "");
    g_string_free(items, TRUE);
    return true;
}

bool rewrite_build_exists(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_shape *child = w->child.shape;
    if (!w->parent.shape) {
        if (!w->key) {
            *why_not = "the value stands in a nested query";
            return false;
        }
        static const struct rewrite_style plain;
        g_string_append(out, "SELECT DISTINCT ");
        put_keys(out, w);
        put_clause(out, "FROM", &w->child, child->from_span, &plain);
        put_listed_where(out, w);
        return true;
    }
    if (labels_collide(w)) {
        *why_not = "both queries use the same name for a table";
        return false;
    }
    struct rewrite_style style = correlated(w);
    GString *item = g_string_new(NULL);
    const char *name = child->items[0].output_name;
    if (w->key) {
        g_string_append(item, "EXISTS (SELECT 1");
        put_clause(item, "FROM", &w->child, child->from_span, &style);
        put_clause(item, "WHERE", &w->child, child->where_span, &style);
        g_string_append_c(item, ')');
        char *generated = g_strdup_printf("has_%s", child->table_count ? child->tables[0].name : "rows");
        g_string_append(item, " AS ");
        rewrite_put_name(item, generated);
        g_free(generated);
    } else {
        rewrite_copy(item, &w->child, child->items[0].span, &style);
        g_string_append(item, " AS ");
        rewrite_put_name(item, name && !parent_has_output(w, name) ? name : "has_rows");
    }
    put_parent(out, w, item->str, "");
    g_string_free(item, TRUE);
    return true;
}

bool rewrite_build_lateral(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_shape *child = w->child.shape;
    if (child->dialect != N1_SQL_POSTGRES || labels_collide(w) || child->has_with) {
        *why_not = "each parent wants rows of its own (LIMIT)";
        return false;
    }
    struct rewrite_style style = correlated(w);
    char *label = free_label(w, "limited", "limited");
    GString *join = g_string_new(" LEFT JOIN LATERAL (");
    rewrite_copy(join, &w->child, span_until(child, 0), &style);
    g_strchomp(join->str);
    g_string_set_size(join, strlen(join->str));
    while (join->len > 0 && join->str[join->len - 1] == ';')
        g_string_truncate(join, join->len - 1);
    g_string_append_printf(join, ") AS %s ON TRUE", label);
    char *items = g_strdup_printf("%s.*", label);
    put_parent(out, w, items, join->str);
    g_free(items);
    g_free(label);
    g_string_free(join, TRUE);
    return true;
}

/* The start as the program began it, then whatever hangs on the rows so far. UNION ALL: data with a circle would have kept the
 * program's own loop going, too. */
bool rewrite_build_recursive(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_shape *child = w->child.shape;
    const struct n1_sql_table *table = rewrite_only_table(child);
    int source = w->request->parent_column ? n1_sql_shape_find_item(child, -1, w->request->parent_column) : -1;
    if (!table || !w->key || source < 0 || child->has_group_by || child->has_aggregate || child->is_distinct ||
        child->has_window || child->has_with || (child->has_limit && w->request->cardinality == N1_SQL_TO_MANY)) {
        *why_not = "each step of the walk does more than read the rows of one table by a key";
        return false;
    }
    static const struct rewrite_style plain;
    struct rewrite_style inner = {.qualifier = table->label, .replaced = w->key->span, .replacement = ""};
    const char *walk = n1_sql_shape_find_table(child, "walk") < 0 ? "walk" : "walk_so_far";
    char *rest = rewrite_condition(&w->child, child->where_span, &inner);
    g_string_append_printf(out, "WITH RECURSIVE %s AS (SELECT ", walk);
    rewrite_copy(out, &w->child, child->select_span, &plain);
    put_clause(out, "FROM", &w->child, child->from_span, &plain);
    put_listed_where(out, w);
    g_string_append(out, " UNION ALL SELECT ");
    rewrite_copy(out, &w->child, child->select_span, &inner);
    put_clause(out, "FROM", &w->child, child->from_span, &plain);
    g_string_append_printf(out, " JOIN %s ON %s.%s = %s.", walk, table->label, last_name(w), walk);
    const struct n1_sql_item *item = &child->items[source];
    rewrite_put_name(out, item->kind == N1_SQL_ITEM_STAR || !item->output_name ? w->request->parent_column
                                                                               : item->output_name);
    if (*rest)
        g_string_append_printf(out, " WHERE %s", rest);
    g_string_append_printf(out, ") SELECT * FROM %s", walk);
    g_free(rest);
    return true;
}

static void put_select_with_key(GString *out, const struct rewrite_work *w)
{
    const struct n1_sql_shape *child = w->child.shape;
    static const struct rewrite_style plain = {0};
    rewrite_copy(out, &w->child, child->select_span, &plain);
    if (n1_sql_shape_find_item(child, w->key->column.table, w->key->column.name) < 0)
        g_string_append_printf(out, ", %s", w->key_text);
    if (w->second && n1_sql_shape_find_item(child, w->second->column.table, w->second->column.name) < 0)
        g_string_append_printf(out, ", %s", w->second_text);
}

bool rewrite_build_window(struct rewrite_work *w, GString *out, const char **why_not)
{
    const struct n1_sql_shape *child = w->child.shape;
    if (child->has_group_by || child->is_distinct || child->has_with) {
        *why_not = "each parent wants rows of its own (LIMIT), grouped";
        return false;
    }
    static const struct rewrite_style plain;
    g_string_append(out, "SELECT * FROM (SELECT ");
    put_select_with_key(out, w);
    g_string_append(out, ", ROW_NUMBER() OVER (PARTITION BY ");
    put_keys(out, w);
    put_clause(out, "ORDER BY", &w->child, child->order_span, &plain);
    g_string_append(out, ") AS row_number");
    put_clause(out, "FROM", &w->child, child->from_span, &plain);
    put_listed_where(out, w);
    g_string_append(out, w->request->is_limit_one ? ") AS ranked WHERE row_number = 1"
                                                  : ") AS ranked WHERE row_number <= ?");
    return true;
}

bool rewrite_build_in(struct rewrite_work *w, GString *out, const char **why_not)
{
    (void)why_not;
    static const struct rewrite_style plain;
    const struct n1_sql_shape *child = w->child.shape;
    put_head(out, &w->child);
    put_select_with_key(out, w);
    put_clause(out, "FROM", &w->child, child->from_span, &plain);
    put_listed_where(out, w);
    put_clause(out, "GROUP BY", &w->child, child->group_span, &plain);
    if (child->has_group_by) {
        g_string_append(out, ", ");
        put_keys(out, w);
    }
    put_clause(out, "HAVING", &w->child, child->having_span, &plain);
    put_clause(out, "ORDER BY", &w->child, child->order_span, &plain);
    return true;
}
