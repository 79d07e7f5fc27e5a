/* INSERT, UPDATE, DELETE, MERGE. */
#include <string.h>

#include "analyzer/sql/shape_reader.h"

static int read_target(struct reader *r, int at, int end, int scope, bool is_outer, bool has_columns)
{
    struct n1_sql_table table = {.join = N1_SQL_JOIN_FIRST, .is_target = true};
    if (shape_is(r, at, N1_SQL_KW_ONLY) && shape_is_name(r, at + 1))
        at++;
    int behind = shape_read_table(r, at, end, &table);
    if (behind == at) {
        r->shape->is_understood = false;
        return at;
    }
    bool has_as = shape_is(r, behind, N1_SQL_KW_AS);
    if (behind + has_as < end && shape_is_name(r, behind + has_as) && (has_as || !has_columns) &&
        !shape_is(r, behind + has_as, N1_SQL_KW_INDEXED)) {
        table.alias = shape_string(r, behind + has_as);
        table.label = shape_text(r, (struct range){behind + has_as, behind + has_as + 1});
        behind += has_as + 1;
    }
    guint index = r->tables->len;
    shape_add_table(r, &table, scope);
    if (is_outer && r->tables->len > index)
        r->shape->target = (int)index;
    return behind;
}

static void read_returning(struct reader *r, struct range range, int scope, bool is_outer)
{
    if (range.begin >= range.end)
        return;
    if (is_outer)
        r->shape->has_returning = true;
    shape_read_items(r, range, scope, N1_SQL_CLAUSE_RETURNING, is_outer);
}

static void read_where(struct reader *r, struct range range, int scope, bool is_outer)
{
    if (is_outer)
        r->shape->where_span = shape_span(r, range);
    shape_walk(r, range, scope, N1_SQL_CLAUSE_WHERE);
    shape_read_condition(r, range, scope, N1_SQL_CLAUSE_WHERE);
}

/* Whether a word that is this column's name, without another table's qualifier, stands in the range. */
static bool mentions(struct reader *r, struct range range, const struct n1_sql_column *column)
{
    for (int at = range.begin; at < range.end; at++) {
        if (!shape_is_name(r, at) || shape_is_kind(r, at + 1, N1_SQL_OPEN) || shape_is_kind(r, at + 1, N1_SQL_DOT))
            continue;
        const struct n1_sql_token *token = &r->tokens[at].role.token;
        if (token->body_length == strlen(column->name) &&
            g_ascii_strncasecmp(r->text + token->body_offset, column->name, token->body_length) == 0)
            return true;
    }
    return false;
}

static void store(struct reader *r, struct range value, const struct n1_sql_column *column, int row,
                  const struct side *side, int scope)
{
    int count, first = shape_first_operand(r, value, &count);
    for (int i = 0; i < count; i++) {
        struct n1_sql_operand *operand = shape_operand(r, first + i);
        if (!operand || operand->scope != scope)
            continue;
        operand->is_whole = side->kind == SIDE_OPERAND;
        operand->op = operand->is_whole ? N1_SQL_OP_EQ : N1_SQL_OP_NONE;
        operand->column = *column;
        operand->row = row;
    }
}

static void assign(struct reader *r, int name, struct range value, int scope, bool is_outer)
{
    int target = -1;
    for (guint i = 0; i < r->tables->len && target < 0; i++) {
        const struct n1_sql_table *table = &g_array_index(r->tables, struct n1_sql_table, i);
        target = table->scope == scope && table->is_target ? (int)i : -1;
    }
    struct n1_sql_column column = {.table = target, .name = shape_string(r, name)};
    struct side side = shape_side(r, value, scope);
    store(r, value, &column, 0, &side, scope);
    if (!is_outer || !shape_has_room(r, r->assignments))
        return;
    struct n1_sql_assignment assignment = {.column = column,
                                           .rhs = shape_rhs(side.kind),
                                           .operand = side.operand,
                                           .uses_own_column = mentions(r, value, &column)};
    g_array_append_val(r->assignments, assignment);
}

/* (a, b) = (x, y) or = (SELECT ...) or = ROW(x, y) */
static void assign_row(struct reader *r, struct range names, struct range values, int scope, bool is_outer)
{
    bool is_row = values.begin < values.end && shape_is_kind(r, values.begin, N1_SQL_OPEN) &&
                  r->tokens[values.begin].match == values.end - 1 && !shape_begins_query(r, values.begin + 1);
    struct range list = {values.begin + 1, values.end - 1};
    while (names.begin < names.end) {
        int comma = shape_find_comma(r, names);
        struct range value = values;
        if (is_row) {
            value = (struct range){list.begin, shape_find_comma(r, list)};
            list.begin = MIN(value.end + 1, list.end);
        }
        if (comma > names.begin && shape_is_name(r, comma - 1))
            assign(r, comma - 1, value, scope, is_outer);
        names.begin = comma + 1;
    }
}

static void read_assignments(struct reader *r, struct range range, int scope, bool is_outer)
{
    shape_walk(r, range, scope, N1_SQL_CLAUSE_SET);
    while (range.begin < range.end) {
        int comma = shape_find_comma(r, range), equals = range.begin;
        while (equals < comma && !shape_is_text(r, equals, "="))
            equals = shape_next(r, equals);
        struct range value = {equals + 1, comma};
        if (shape_is_kind(r, range.begin, N1_SQL_OPEN) && r->tokens[range.begin].match == equals - 1)
            assign_row(r, (struct range){range.begin + 1, equals - 1}, value, scope, is_outer);
        else if (equals < comma && equals > range.begin && shape_is_name(r, equals - 1))
            assign(r, equals - 1, value, scope, is_outer);
        else
            r->shape->is_understood = false;
        range.begin = comma + 1;
    }
}

/* One row of VALUES: its items go to the columns in order. */
static void read_row(struct reader *r, struct range row, const GPtrArray *columns, int target, int number, int scope)
{
    for (guint k = 0; row.begin < row.end; k++) {
        int comma = shape_find_comma(r, row);
        struct range value = {row.begin, comma};
        struct n1_sql_column column = {.table = target,
                                       .name = k < columns->len ? g_ptr_array_index(columns, k) : NULL};
        struct side side = shape_side(r, value, scope);
        store(r, value, &column, number, &side, scope);
        row.begin = comma + 1;
    }
}

static int read_rows(struct reader *r, struct range range, const GPtrArray *columns, int target, int scope)
{
    int rows = 0;
    shape_walk(r, range, scope, N1_SQL_CLAUSE_VALUES);
    for (int at = range.begin; at < range.end; at = shape_next(r, at))
        if (shape_is_kind(r, at, N1_SQL_OPEN) && r->tokens[at].match > at)
            read_row(r, (struct range){at + 1, r->tokens[at].match}, columns, target, rows++, scope);
    return rows;
}

/* ON CONFLICT ... DO UPDATE SET ... [WHERE ...] */
static void read_conflict(struct reader *r, struct range range, int scope, bool is_outer)
{
    int set = shape_find(r, range, N1_SQL_KW_SET);
    shape_walk(r, (struct range){range.begin, set}, scope, N1_SQL_CLAUSE_CONFLICT);
    if (is_outer)
        r->shape->has_conflict_clause = true;
    if (set >= range.end)
        return;
    struct range rest = {set + 1, range.end};
    int where = shape_find(r, rest, N1_SQL_KW_WHERE);
    read_assignments(r, (struct range){rest.begin, where}, scope, is_outer);
    read_where(r, (struct range){MIN(where + 1, range.end), range.end}, scope, false);
}

static int find_conflict(const struct reader *r, struct range range)
{
    int at = range.begin;
    while (at < range.end && !(shape_is(r, at, N1_SQL_KW_ON) && shape_is(r, at + 1, N1_SQL_KW_CONFLICT)))
        at = shape_next(r, at);
    return MIN(at, range.end);
}

void shape_read_insert(struct reader *r, struct range range, int scope, bool is_outer)
{
    int into = shape_find(r, range, N1_SQL_KW_INTO);
    int returning = shape_find(r, range, N1_SQL_KW_RETURNING);
    struct range body = {MIN(into + 1, returning), returning};
    int conflict = find_conflict(r, body);
    GPtrArray *columns = g_ptr_array_new();
    int at = read_target(r, body.begin, conflict, scope, is_outer, true);
    int target = (int)r->tables->len - 1;

    if (at < conflict && shape_is_kind(r, at, N1_SQL_OPEN) && r->tokens[at].match > at &&
        !shape_begins_query(r, at + 1)) {
        for (int name = at + 1; name < r->tokens[at].match; name = shape_next(r, name))
            if (shape_is_name(r, name) && !shape_is_kind(r, name + 1, N1_SQL_DOT))
                g_ptr_array_add(columns, shape_string(r, name));
        at = r->tokens[at].match + 1;
    }
    struct range source = {MIN(at, conflict), conflict};
    int values = shape_find(r, source, N1_SQL_KW_VALUES);
    bool is_query = shape_is(r, source.begin, N1_SQL_KW_SELECT) || shape_is(r, source.begin, N1_SQL_KW_WITH) ||
                    shape_is_kind(r, source.begin, N1_SQL_OPEN);
    if (source.begin < source.end && shape_is(r, source.begin, N1_SQL_KW_DEFAULT)) {
        if (is_outer)
            r->shape->values_rows = 1;
    } else if (values < source.end && !is_query) {
        int rows = read_rows(r, (struct range){values + 1, source.end}, columns, target, scope);
        if (is_outer)
            r->shape->values_rows = rows;
    } else if (source.begin < source.end) {
        int query = shape_add_scope(r, scope, false);
        if (query >= 0)
            shape_read_statement(r, source, query, false);
        r->shape->has_subquery = true;
    }
    if (conflict < body.end)
        read_conflict(r, (struct range){conflict + 2, body.end}, scope, is_outer);
    read_returning(r, (struct range){MIN(returning + 1, range.end), range.end}, scope, is_outer);
    g_ptr_array_free(columns, TRUE);
}

void shape_read_update(struct reader *r, struct range range, int scope, bool is_outer)
{
    int set = shape_find(r, range, N1_SQL_KW_SET), returning = shape_find(r, range, N1_SQL_KW_RETURNING);
    int name = range.begin + 1;
    if (shape_is(r, name, N1_SQL_KW_OR))
        name += 2;
    read_target(r, name, set, scope, is_outer, false);
    struct range rest = {MIN(set + 1, returning), returning};
    int from = shape_find(r, rest, N1_SQL_KW_FROM), where = shape_find(r, rest, N1_SQL_KW_WHERE);
    int where_end = shape_find(r, (struct range){where, rest.end}, N1_SQL_KW_ORDER);
    where_end = shape_find(r, (struct range){where, where_end}, N1_SQL_KW_LIMIT);
    shape_read_from(r, (struct range){MIN(from + 1, where), where}, scope);
    read_assignments(r, (struct range){rest.begin, MIN(from, where)}, scope, is_outer);
    read_where(r, (struct range){MIN(where + 1, where_end), where_end}, scope, is_outer);
    shape_walk(r, (struct range){where_end, rest.end}, scope, N1_SQL_CLAUSE_LIMIT);
    read_returning(r, (struct range){MIN(returning + 1, range.end), range.end}, scope, is_outer);
}

void shape_read_delete(struct reader *r, struct range range, int scope, bool is_outer)
{
    int from = shape_find(r, range, N1_SQL_KW_FROM), returning = shape_find(r, range, N1_SQL_KW_RETURNING);
    struct range rest = {MIN(from + 1, returning), returning};
    int where = shape_find(r, rest, N1_SQL_KW_WHERE);
    int using_at = shape_find(r, (struct range){rest.begin, where}, N1_SQL_KW_USING);
    int where_end = shape_find(r, (struct range){where, rest.end}, N1_SQL_KW_ORDER);
    where_end = shape_find(r, (struct range){where, where_end}, N1_SQL_KW_LIMIT);
    read_target(r, rest.begin, using_at, scope, is_outer, false);
    shape_read_from(r, (struct range){MIN(using_at + 1, where), where}, scope);
    read_where(r, (struct range){MIN(where + 1, where_end), where_end}, scope, is_outer);
    shape_walk(r, (struct range){where_end, rest.end}, scope, N1_SQL_CLAUSE_LIMIT);
    read_returning(r, (struct range){MIN(returning + 1, range.end), range.end}, scope, is_outer);
}

void shape_read_merge(struct reader *r, struct range range, int scope, bool is_outer)
{
    int into = shape_find(r, range, N1_SQL_KW_INTO), using_at = shape_find(r, range, N1_SQL_KW_USING);
    int on = shape_find(r, range, N1_SQL_KW_ON), when = shape_find(r, range, N1_SQL_KW_WHEN);
    read_target(r, MIN(into + 1, using_at), using_at, scope, is_outer, false);
    shape_read_from(r, (struct range){MIN(using_at + 1, when), when}, scope);
    shape_walk(r, (struct range){MAX(when, MIN(on, when)), range.end}, scope, N1_SQL_CLAUSE_OTHER);
}
