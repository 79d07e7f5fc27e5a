/* One level of querying: its clauses and its FROM list. */
#include "analyzer/sql/shape_reader.h"

enum part {
    PART_NONE,
    PART_SELECT,
    PART_INTO,
    PART_FROM,
    PART_WHERE,
    PART_GROUP,
    PART_HAVING,
    PART_WINDOW,
    PART_ORDER,
    PART_LIMIT,
    PART_OFFSET,
    PART_FETCH,
    PART_LOCK,
    PART_COUNT,
};

/* Which clause begins at a token, and where its body begins. */
static enum part part_at(const struct reader *r, int at, int *body)
{
    *body = at + 1;
    switch (r->tokens[at].role.keyword) {
    case N1_SQL_KW_SELECT: return PART_SELECT;
    case N1_SQL_KW_INTO: return PART_INTO;
    case N1_SQL_KW_FROM: /* but: a IS [NOT] DISTINCT FROM b */
        return shape_is(r, at - 1, N1_SQL_KW_DISTINCT) &&
                       (shape_is(r, at - 2, N1_SQL_KW_IS) || shape_is(r, at - 2, N1_SQL_KW_NOT))
                   ? PART_NONE
                   : PART_FROM;
    case N1_SQL_KW_WHERE: return PART_WHERE;
    case N1_SQL_KW_HAVING: return PART_HAVING;
    case N1_SQL_KW_WINDOW: return PART_WINDOW;
    case N1_SQL_KW_LIMIT: return PART_LIMIT;
    case N1_SQL_KW_OFFSET: return PART_OFFSET;
    case N1_SQL_KW_FETCH: return PART_FETCH;
    case N1_SQL_KW_FOR: return PART_LOCK;
    case N1_SQL_KW_GROUP:
    case N1_SQL_KW_ORDER:
        *body = at + 2;
        return !shape_is(r, at + 1, N1_SQL_KW_BY) ? PART_NONE
               : shape_is(r, at, N1_SQL_KW_GROUP) ? PART_GROUP
                                                  : PART_ORDER;
    default: return PART_NONE;
    }
}

static void split_parts(const struct reader *r, struct range range, struct range *parts)
{
    enum part current = PART_NONE;
    for (int at = range.begin; at < range.end;) {
        int body;
        enum part part = part_at(r, at, &body);
        if (part == PART_NONE) {
            at = shape_next(r, at);
            continue;
        }
        if (current != PART_NONE)
            parts[current].end = at;
        current = part;
        body = MIN(body, range.end);
        parts[part] = (struct range){body, range.end};
        at = body;
    }
}

static bool is_present(const struct range *range)
{
    return range->end > 0;
}

static bool is_one(const struct reader *r, struct range range)
{
    return range.end - range.begin == 1 && shape_is_kind(r, range.begin, N1_SQL_INTEGER) &&
           r->tokens[range.begin].role.token.length == 1 && r->text[r->tokens[range.begin].role.token.offset] == '1';
}

/* LIMIT n, SQLite's LIMIT skip, n, and FETCH FIRST [n] ROWS ONLY. */
static void read_limit(struct reader *r, const struct range *parts, int scope, bool is_outer)
{
    int count;
    struct range limit = parts[PART_LIMIT], offset = parts[PART_OFFSET], fetch = parts[PART_FETCH];
    bool is_limit_one = false;
    if (is_present(&limit)) {
        int comma = shape_find_comma(r, limit);
        if (comma < limit.end) {
            offset = (struct range){limit.begin, comma};
            limit.begin = comma + 1;
        }
        is_limit_one = is_one(r, limit);
    } else if (is_present(&fetch)) {
        limit = fetch;
        int first = shape_first_operand(r, fetch, &count);
        struct range number = {fetch.begin + 1, MIN(fetch.begin + 2, fetch.end)};
        is_limit_one = first < 0 || is_one(r, number);
    }
    shape_walk(r, limit, scope, N1_SQL_CLAUSE_LIMIT);
    shape_walk(r, offset, scope, N1_SQL_CLAUSE_OFFSET);
    if (!is_outer)
        return;
    struct n1_sql_shape *shape = r->shape;
    shape->has_limit |= is_present(&limit);
    shape->has_offset |= is_present(&offset);
    shape->is_limit_one |= is_limit_one;
    shape->limit_operand = shape_first_operand(r, limit, &count);
    shape->offset_operand = shape_first_operand(r, offset, &count);
}

/* ORDER BY belongs to the whole of a UNION, as LIMIT does. */
static void note_order(struct reader *r, struct range order)
{
    if (!is_present(&order))
        return;
    r->shape->has_order_by = true;
    r->shape->order_span = shape_span(r, order);
    r->shape->order_by = shape_text(r, order);
}

static void note_outer_parts(struct reader *r, const struct range *parts)
{
    struct n1_sql_shape *shape = r->shape;
    shape->select_span = shape_span(r, parts[PART_SELECT]);
    shape->from_span = shape_span(r, parts[PART_FROM]);
    shape->where_span = shape_span(r, parts[PART_WHERE]);
    shape->group_span = shape_span(r, parts[PART_GROUP]);
    shape->having_span = shape_span(r, parts[PART_HAVING]);
    shape->limit_span = shape_span(r, parts[PART_LIMIT]);
    shape->has_group_by |= is_present(&parts[PART_GROUP]);
    shape->has_having |= is_present(&parts[PART_HAVING]);
    shape->is_locking |= is_present(&parts[PART_LOCK]);
}

static void read_values(struct reader *r, struct range range, int scope, bool is_outer)
{
    int rows = 0;
    for (int at = range.begin; at < range.end; at = shape_next(r, at))
        rows += shape_is_kind(r, at, N1_SQL_OPEN);
    shape_walk(r, range, scope, N1_SQL_CLAUSE_VALUES);
    if (is_outer)
        r->shape->values_rows = rows;
}

/* SELECT ..., VALUES ... or TABLE name, without UNION and its like. The last arm of an outer UNION carries its tail. */
static void read_arm(struct reader *r, struct range range, int scope, bool is_outer, bool has_outer_tail)
{
    struct range parts[PART_COUNT] = {{0, 0}};
    if (shape_is_kind(r, range.begin, N1_SQL_OPEN) && r->tokens[range.begin].match == range.end - 1) {
        shape_read_statement(r, (struct range){range.begin + 1, range.end - 1}, scope, is_outer);
        return;
    }
    split_parts(r, range, parts);
    bool is_values = shape_is(r, range.begin, N1_SQL_KW_VALUES), is_table = shape_is(r, range.begin, N1_SQL_KW_TABLE);
    if (is_table) {
        parts[PART_FROM] = (struct range){range.begin + 1, range.end};
    } else if (!is_values && !is_present(&parts[PART_SELECT])) {
        r->shape->is_understood = false;
        shape_walk(r, range, scope, N1_SQL_CLAUSE_OTHER);
        return;
    }
    if (is_outer)
        note_outer_parts(r, parts);
    shape_read_from(r, parts[PART_FROM], scope);
    if (is_values) {
        int end = range.begin + 1, body;
        while (end < range.end && part_at(r, end, &body) == PART_NONE)
            end = shape_next(r, end);
        read_values(r, (struct range){range.begin + 1, end}, scope, is_outer);
    }
    shape_read_items(r, parts[PART_SELECT], scope, N1_SQL_CLAUSE_SELECT, is_outer);
    shape_walk(r, parts[PART_WHERE], scope, N1_SQL_CLAUSE_WHERE);
    shape_read_condition(r, parts[PART_WHERE], scope, N1_SQL_CLAUSE_WHERE);
    shape_walk(r, parts[PART_GROUP], scope, N1_SQL_CLAUSE_GROUP);
    shape_walk(r, parts[PART_HAVING], scope, N1_SQL_CLAUSE_HAVING);
    shape_read_condition(r, parts[PART_HAVING], scope, N1_SQL_CLAUSE_HAVING);
    shape_walk(r, parts[PART_ORDER], scope, N1_SQL_CLAUSE_ORDER);
    if (has_outer_tail)
        note_order(r, parts[PART_ORDER]);
    read_limit(r, parts, scope, has_outer_tail);
}

static bool is_set_operator(const struct reader *r, int at)
{
    return shape_is(r, at, N1_SQL_KW_UNION) || shape_is(r, at, N1_SQL_KW_INTERSECT) ||
           shape_is(r, at, N1_SQL_KW_EXCEPT);
}

void shape_read_query(struct reader *r, struct range range, int scope, bool is_outer)
{
    bool is_first = true;
    for (int begin = range.begin; begin < range.end;) {
        int end = begin;
        while (end < range.end && !is_set_operator(r, end))
            end = shape_next(r, end);
        end = MIN(end, range.end);
        int arm_scope = is_first ? scope : shape_add_scope(r, scope, false);
        if (arm_scope >= 0 && end > begin)
            read_arm(r, (struct range){begin, end}, arm_scope, is_outer && is_first, is_outer && end >= range.end);
        if (end < range.end && is_outer)
            r->shape->is_compound = true;
        begin = end + 1;
        if (shape_is(r, begin, N1_SQL_KW_ALL) || shape_is(r, begin, N1_SQL_KW_DISTINCT))
            begin++;
        is_first = false;
    }
}

void shape_add_table(struct reader *r, struct n1_sql_table *table, int scope)
{
    if (!shape_has_room(r, r->tables))
        return;
    table->scope = scope;
    table->depth = shape_depth(r, scope);
    for (guint i = 0; i < r->cte_names->len && !table->schema && !table->is_subquery; i++)
        table->is_cte |= g_ascii_strcasecmp(g_ptr_array_index(r->cte_names, i), table->name) == 0;
    g_array_append_val(r->tables, *table);
}

static int read_alias(struct reader *r, int at, int end, struct n1_sql_table *table)
{
    bool has_as = at < end && shape_is(r, at, N1_SQL_KW_AS);
    int name = at + has_as;
    if (name >= end || !shape_is_name(r, name) || shape_is(r, name, N1_SQL_KW_INDEXED))
        return at;
    table->alias = shape_string(r, name);
    table->label = shape_text(r, (struct range){name, name + 1});
    return name + 1;
}

int shape_read_table(struct reader *r, int at, int end, struct n1_sql_table *table)
{
    int begin = at;
    table->name = table->text = table->label = "";
    while (at < end && shape_is_name(r, at)) {
        table->schema = *table->name ? table->name : NULL;
        table->label = shape_text(r, (struct range){at, at + 1});
        table->name = shape_string(r, at++);
        if (at >= end || !shape_is_kind(r, at, N1_SQL_DOT))
            break;
        at++;
    }
    if (at > begin)
        table->text = shape_text(r, (struct range){begin, at});
    return at;
}

struct from_reader {
    struct reader *r;
    int scope;
    GArray *conditions; /* struct range of each ON, read when all tables are known */
};

static int read_joined(struct from_reader *from, struct range range);

/* A table, a function's result, a subquery or a join in brackets, with its alias. Returns where it ends. */
static int read_factor(struct from_reader *from, int at, int end, enum n1_sql_join join)
{
    struct reader *r = from->r;
    struct n1_sql_table table = {.join = join, .name = "", .text = "", .label = ""};
    if (shape_is(r, at, N1_SQL_KW_LATERAL)) {
        table.is_lateral = true;
        at++;
    }
    if (shape_is(r, at, N1_SQL_KW_ONLY) && shape_is_name(r, at + 1))
        at++;
    if (at >= end)
        return end;
    int match = r->tokens[at].match;
    if (shape_is_kind(r, at, N1_SQL_OPEN) && match > at) {
        int inner = at;
        while (shape_is_kind(r, inner, N1_SQL_OPEN))
            inner++;
        if (!shape_begins_query(r, inner)) {
            read_joined(from, (struct range){at + 1, match});
            return read_alias(r, match + 1, end, &table);
        }
        table.is_subquery = true;
        int scope = shape_add_scope(r, from->scope, false);
        if (scope >= 0)
            shape_read_statement(r, (struct range){at + 1, match}, scope, false);
        r->shape->has_subquery = true;
        at = match + 1;
    } else {
        int name_end = shape_read_table(r, at, end, &table);
        if (name_end == at) {
            r->shape->is_understood = false;
            return shape_next(r, at);
        }
        at = name_end;
        if (shape_is_kind(r, at, N1_SQL_OPEN) && r->tokens[at].match > at && at < end) {
            table.is_function = true;
            shape_walk(r, (struct range){at + 1, r->tokens[at].match}, from->scope, N1_SQL_CLAUSE_FROM);
            at = r->tokens[at].match + 1;
        }
    }
    at = read_alias(r, at, end, &table);
    if (table.alias && shape_is_kind(r, at, N1_SQL_OPEN) && at < end)
        at = shape_next(r, at);
    shape_add_table(r, &table, from->scope);
    return at;
}

/* Whether a join begins at the token: [NATURAL] [LEFT | RIGHT | FULL | INNER | CROSS] [OUTER] JOIN. */
static bool is_join_at(const struct reader *r, int at, enum n1_sql_join *join, int *behind)
{
    *join = N1_SQL_JOIN_INNER;
    if (shape_is(r, at, N1_SQL_KW_NATURAL))
        at++;
    static const struct {
        enum n1_sql_keyword keyword;
        enum n1_sql_join join;
    } kinds[] = {{N1_SQL_KW_LEFT, N1_SQL_JOIN_LEFT},
                 {N1_SQL_KW_RIGHT, N1_SQL_JOIN_RIGHT},
                 {N1_SQL_KW_FULL, N1_SQL_JOIN_FULL},
                 {N1_SQL_KW_INNER, N1_SQL_JOIN_INNER},
                 {N1_SQL_KW_CROSS, N1_SQL_JOIN_CROSS}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (shape_is(r, at, kinds[i].keyword)) {
            *join = kinds[i].join;
            at++;
            break;
        }
    }
    if (shape_is(r, at, N1_SQL_KW_OUTER))
        at++;
    *behind = at + 1;
    return shape_is(r, at, N1_SQL_KW_JOIN);
}

/* USING (a, b): this table's columns equal those of the one before. */
static void read_using(struct from_reader *from, int open)
{
    struct reader *r = from->r;
    int table = (int)r->tables->len - 1;
    for (int at = open + 1; at < r->tokens[open].match && table > 0; at++) {
        if (!shape_is_name(r, at) || !shape_has_room(r, r->predicates))
            continue;
        const char *name = shape_string(r, at);
        struct n1_sql_predicate predicate = {.clause = N1_SQL_CLAUSE_JOIN,
                                             .op = N1_SQL_OP_EQ,
                                             .rhs = N1_SQL_RHS_COLUMN,
                                             .column = {.table = table, .name = name},
                                             .other = {.table = table - 1, .name = name},
                                             .first_operand = -1,
                                             .scope = from->scope,
                                             .depth = shape_depth(r, from->scope)};
        g_array_append_val(r->predicates, predicate);
    }
}

static int condition_end(const struct reader *r, int at, int end)
{
    enum n1_sql_join join;
    int behind;
    while (at < end && !shape_is_kind(r, at, N1_SQL_COMMA) && !shape_is(r, at, N1_SQL_KW_ON) &&
           !is_join_at(r, at, &join, &behind))
        at = shape_next(r, at);
    return MIN(at, end);
}

static int read_joined(struct from_reader *from, struct range range)
{
    struct reader *r = from->r;
    enum n1_sql_join join = N1_SQL_JOIN_FIRST;
    int at = range.begin, behind;
    if (!shape_enter(r))
        return range.end;
    while (at < range.end) {
        at = read_factor(from, at, range.end, join);
        while (at < range.end) {
            if (shape_is_kind(r, at, N1_SQL_COMMA)) {
                join = N1_SQL_JOIN_COMMA;
                at++;
                break;
            }
            if (is_join_at(r, at, &join, &behind)) {
                at = behind;
                break;
            }
            if (shape_is(r, at, N1_SQL_KW_ON)) {
                struct range condition = {at + 1, condition_end(r, at + 1, range.end)};
                g_array_append_val(from->conditions, condition);
                at = condition.end;
            } else if (shape_is(r, at, N1_SQL_KW_USING) && shape_is_kind(r, at + 1, N1_SQL_OPEN) &&
                       r->tokens[at + 1].match > 0) {
                read_using(from, at + 1);
                at = r->tokens[at + 1].match + 1;
            } else {
                bool is_hint = shape_is(r, at, N1_SQL_KW_INDEXED) || shape_is(r, at, N1_SQL_KW_BY) ||
                               shape_is(r, at, N1_SQL_KW_NOT) || shape_is_name(r, at);
                r->shape->is_understood &= is_hint;
                at = shape_next(r, at);
            }
        }
    }
    shape_leave(r);
    return range.end;
}

void shape_read_from(struct reader *r, struct range range, int scope)
{
    struct from_reader from = {.r = r, .scope = scope, .conditions = g_array_new(FALSE, FALSE, sizeof(struct range))};
    read_joined(&from, range);
    for (guint i = 0; i < from.conditions->len; i++) {
        struct range condition = g_array_index(from.conditions, struct range, i);
        shape_walk(r, condition, scope, N1_SQL_CLAUSE_JOIN);
        shape_read_condition(r, condition, scope, N1_SQL_CLAUSE_JOIN);
    }
    g_array_free(from.conditions, TRUE);
}
