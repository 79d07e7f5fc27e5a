/* Select lists and RETURNING lists. */
#include <string.h>

#include "analyzer/sql/shape_reader.h"

bool shape_is_aggregate(const struct reader *r, int at)
{
    static const char *const names[] = {
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "total",
        "group_concat",
        "string_agg",
        "array_agg",
        "json_agg",
        "jsonb_agg",
        "bool_and",
        "bool_or",
        "every",
        "bit_and",
        "bit_or",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "variance",
        "var_pop",
        "var_samp",
        "json_object_agg",
        "jsonb_object_agg",
        "json_group_array",
        "json_group_object",
        "xmlagg",
        "percentile_cont",
        "percentile_disc",
        "mode",
    };
    if (!shape_is_kind(r, at, N1_SQL_WORD) || !shape_is_kind(r, at + 1, N1_SQL_OPEN) ||
        shape_is_kind(r, at - 1, N1_SQL_DOT))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (shape_is_text(r, at, names[i]))
            return true;
    return false;
}

static char *lower_string(struct reader *r, int at)
{
    char *name = shape_string(r, at);
    for (char *c = name; *c; c++)
        *c = g_ascii_tolower(*c);
    return name;
}

/* Where an alias stands at the end of the item: its token, or -1. *end is then the expression's end. */
static int find_alias(const struct reader *r, struct range item, int *end)
{
    int last = item.end - 1;
    *end = item.end;
    if (last - 1 > item.begin && shape_is(r, last - 1, N1_SQL_KW_AS)) {
        *end = last - 1;
        return last;
    }
    if (last <= item.begin || !shape_is_name(r, last))
        return -1;
    const struct shape_token *before = &r->tokens[last - 1];
    enum n1_sql_keyword_class class = n1_sql_keyword_class(before->role.keyword);
    bool ends_operand = before->operand >= 0 || before->role.token.kind == N1_SQL_CLOSE ||
                        before->role.token.kind == N1_SQL_NAME || shape_is_text(r, last - 1, "]") ||
                        (before->role.token.kind == N1_SQL_WORD && class != N1_SQL_CLASS_RESERVED);
    bool is_type =
        n1_sql_keyword_class(r->tokens[last].role.keyword) == N1_SQL_CLASS_TYPE && class == N1_SQL_CLASS_TYPE;
    bool is_zone = shape_is(r, last, N1_SQL_KW_ZONE);
    if (!ends_operand || is_type || is_zone)
        return -1;
    *end = last;
    return last;
}

static int find_aggregate(const struct reader *r, struct range range)
{
    for (int at = range.begin; at < range.end; at++) {
        if (shape_is_kind(r, at, N1_SQL_OPEN) && shape_begins_query(r, at + 1))
            at = shape_next(r, at) - 1;
        else if (shape_is_aggregate(r, at))
            return at;
    }
    return -1;
}

/* name(...) that is the whole expression, but for FILTER (...): the index of its bracket, or -1. */
static int whole_call(const struct reader *r, struct range range)
{
    int at = range.begin;
    while (shape_is_kind(r, at + 1, N1_SQL_DOT) && shape_is_name(r, at))
        at += 2;
    if (!shape_is_kind(r, at, N1_SQL_WORD) || !shape_is_kind(r, at + 1, N1_SQL_OPEN) || r->tokens[at + 1].match < 0)
        return -1;
    int end = r->tokens[at + 1].match + 1;
    if (shape_is(r, end, N1_SQL_KW_FILTER) && end < range.end)
        end = shape_is_kind(r, end + 1, N1_SQL_OPEN) ? shape_next(r, end + 1) : end;
    return end == range.end ? at + 1 : -1;
}

/* An aggregate by itself, perhaps cast to a type: no row gives NULL, or 0 where it counts. */
static bool is_bare(const struct reader *r, struct range range, int aggregate)
{
    struct range bare = {range.begin, range.begin};
    while (bare.end < range.end && !shape_is_text(r, bare.end, "::"))
        bare.end = shape_next(r, bare.end);
    return whole_call(r, bare) == aggregate + 1;
}

static void read_aggregate(struct reader *r, struct n1_sql_item *item, struct range range, int at, int scope)
{
    item->kind = N1_SQL_ITEM_AGGREGATE;
    item->function = lower_string(r, at);
    item->is_wrapped = !is_bare(r, range, at);
    struct range argument = {at + 2, MIN(r->tokens[at + 1].match, range.end)};
    if (shape_is(r, argument.begin, N1_SQL_KW_DISTINCT)) {
        item->is_distinct = true;
        argument.begin++;
    }
    struct side side = shape_side(r, argument, scope);
    if (side.kind == SIDE_COLUMN)
        item->column = side.column;
}

static void classify(struct reader *r, struct n1_sql_item *item, struct range range, int scope)
{
    int length = range.end - range.begin, last = range.end - 1;
    if (shape_is_text(r, last, "*") && (length == 1 || shape_is_kind(r, last - 1, N1_SQL_DOT))) {
        item->kind = N1_SQL_ITEM_STAR;
        if (length >= 3)
            item->column = shape_resolve(r, scope, shape_string(r, last - 2), NULL);
        return;
    }
    bool is_negated = shape_is(r, range.begin, N1_SQL_KW_NOT);
    if (shape_is(r, range.begin + is_negated, N1_SQL_KW_EXISTS)) {
        item->kind = N1_SQL_ITEM_EXISTS;
        return;
    }
    if (shape_find(r, range, N1_SQL_KW_OVER) < range.end) {
        item->kind = N1_SQL_ITEM_WINDOW;
        item->function = shape_is_kind(r, range.begin, N1_SQL_WORD) ? lower_string(r, range.begin) : NULL;
        return;
    }
    int aggregate = find_aggregate(r, range);
    if (aggregate >= 0) {
        read_aggregate(r, item, range, aggregate, scope);
        return;
    }
    int call = whole_call(r, range);
    if (call >= 0)
        item->function = lower_string(r, call - 1);
    struct side side = shape_side(r, range, scope);
    item->kind = side.kind == SIDE_COLUMN                                  ? N1_SQL_ITEM_COLUMN
                 : side.kind == SIDE_OPERAND || side.kind == SIDE_CONSTANT ? N1_SQL_ITEM_OPERAND
                                                                           : N1_SQL_ITEM_EXPRESSION;
    if (side.kind == SIDE_COLUMN)
        item->column = side.column;
}

static void read_item(struct reader *r, struct range range, int scope)
{
    struct n1_sql_item item = {.column.table = -1};
    if (range.begin >= range.end || !shape_has_room(r, r->items))
        return;
    struct range expression = range;
    int alias = find_alias(r, range, &expression.end);
    expression = shape_unwrap(r, expression);
    item.text = shape_text(r, expression);
    item.span = shape_span(r, expression);
    classify(r, &item, expression, scope);
    if (alias >= 0)
        item.output_name = shape_string(r, alias);
    else
        item.output_name = item.kind == N1_SQL_ITEM_COLUMN ? item.column.name : item.function;
    g_array_append_val(r->items, item);
}

void shape_read_items(struct reader *r, struct range range, int scope, enum n1_sql_clause clause, bool is_outer)
{
    shape_walk(r, range, scope, clause);
    if (!is_outer)
        return;
    if (shape_is(r, range.begin, N1_SQL_KW_ALL)) {
        range.begin++;
    } else if (shape_is(r, range.begin, N1_SQL_KW_DISTINCT)) {
        r->shape->is_distinct = true;
        range.begin++;
        if (shape_is(r, range.begin, N1_SQL_KW_ON) && shape_is_kind(r, range.begin + 1, N1_SQL_OPEN))
            range.begin = shape_next(r, range.begin + 1);
    }
    while (range.begin < range.end) {
        int comma = shape_find_comma(r, range);
        read_item(r, (struct range){range.begin, comma}, scope);
        range.begin = comma + 1;
    }
}
