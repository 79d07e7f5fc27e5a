/* Conditions: AND chains of comparisons, and where their operands stand. */
#include "analyzer/sql/shape_reader.h"

void shape_walk(struct reader *r, struct range range, int scope, enum n1_sql_clause clause)
{
    int depth = shape_depth(r, scope);
    for (int at = range.begin; at < range.end; at++) {
        struct n1_sql_operand *operand = shape_operand(r, r->tokens[at].operand);
        if (operand) {
            operand->clause = clause;
            operand->scope = scope;
            operand->depth = depth;
        } else if (shape_is_kind(r, at, N1_SQL_OPEN) && shape_begins_query(r, at + 1) && r->tokens[at].match > at) {
            int inner = shape_add_scope(r, scope, false);
            r->shape->has_subquery = true;
            if (inner >= 0)
                shape_read_statement(r, (struct range){at + 1, r->tokens[at].match}, inner, false);
            at = r->tokens[at].match;
        } else if (scope == 0) {
            r->shape->has_exists |= shape_is(r, at, N1_SQL_KW_EXISTS);
            r->shape->has_window |= shape_is(r, at, N1_SQL_KW_OVER);
            r->shape->has_aggregate |= shape_is_aggregate(r, at);
        }
    }
}

enum n1_sql_rhs shape_rhs(enum side_kind kind)
{
    switch (kind) {
    case SIDE_COLUMN: return N1_SQL_RHS_COLUMN;
    case SIDE_OPERAND: return N1_SQL_RHS_OPERAND;
    case SIDE_LIST: return N1_SQL_RHS_LIST;
    case SIDE_SUBQUERY: return N1_SQL_RHS_SUBQUERY;
    case SIDE_CONSTANT: return N1_SQL_RHS_CONSTANT;
    case SIDE_EXPRESSION: break;
    }
    return N1_SQL_RHS_EXPRESSION;
}

/* Behind :: the name of a type: words, perhaps with modifiers and []. */
static int cast_begin(const struct reader *r, struct range range)
{
    for (int at = range.begin; at < range.end; at = shape_next(r, at))
        if (shape_is_text(r, at, "::"))
            return at;
    return range.end;
}

/* Takes off what does not change which column or value it is: brackets, casts, signs, COLLATE, a type's name in front. */
static struct range strip(const struct reader *r, struct range range)
{
    for (;;) {
        struct range before = range;
        range = shape_unwrap(r, range);
        int cast = cast_begin(r, range);
        if (cast < range.end && cast > range.begin) {
            struct range type = {cast + 1, range.end};
            bool is_type = true;
            for (int at = type.begin; at < type.end; at = shape_next(r, at))
                is_type &= shape_is_name(r, at) || shape_is_kind(r, at, N1_SQL_OPEN) ||
                           shape_is_kind(r, at, N1_SQL_BRACKET) || shape_is_kind(r, at, N1_SQL_DOT) ||
                           shape_is(r, at, N1_SQL_KW_WITH) || shape_is_text(r, at, "::");
            if (is_type)
                range.end = cast;
        }
        int collate = shape_find(r, range, N1_SQL_KW_COLLATE);
        if (collate > range.begin)
            range.end = collate;
        if (range.end - range.begin == 2 && shape_is_text(r, range.begin, "-"))
            range.begin++;
        if (range.end - range.begin == 2 && shape_is_kind(r, range.begin, N1_SQL_WORD) &&
            shape_is_name(r, range.begin) && r->tokens[range.begin + 1].operand >= 0)
            range.begin++; /* DATE '...', INTERVAL ? */
        if (shape_is(r, range.begin, N1_SQL_KW_CAST) && shape_is_kind(r, range.begin + 1, N1_SQL_OPEN) &&
            r->tokens[range.begin + 1].match == range.end - 1) {
            struct range inside = {range.begin + 2, range.end - 1};
            inside.end = shape_find(r, inside, N1_SQL_KW_AS);
            range = inside;
        }
        if (range.begin == before.begin && range.end == before.end)
            return range;
    }
}

static bool is_constant(const struct reader *r, int at)
{
    enum n1_sql_keyword keyword = r->tokens[at].role.keyword;
    return n1_sql_keyword_class(keyword) == N1_SQL_CLASS_VALUE && keyword != N1_SQL_KW_END;
}

/* name(.name)*: the last two count. */
static bool read_column(struct reader *r, struct range range, int scope, struct n1_sql_column *column)
{
    int length = range.end - range.begin;
    if (length < 1 || length % 2 == 0 || length > 7 || !shape_is_name(r, range.begin))
        return false;
    /* Behind a dot any word is a name. */
    for (int at = range.begin + 1; at < range.end; at += 2)
        if (!shape_is_kind(r, at, N1_SQL_DOT) || r->tokens[at + 1].operand >= 0 ||
            (!shape_is_kind(r, at + 1, N1_SQL_WORD) && !shape_is_kind(r, at + 1, N1_SQL_NAME)))
            return false;
    const char *qualifier = length >= 3 ? shape_string(r, range.end - 3) : NULL;
    *column = shape_resolve(r, scope, qualifier, shape_string(r, range.end - 1));
    column->text = shape_text(r, range);
    return true;
}

/* A list of operands, ( ... ) or ARRAY[ ... ], its items perhaps cast or signed; rows of operands too. */
static bool is_operand_list(const struct reader *r, struct range inside)
{
    bool has_operand = false;
    for (int at = inside.begin; at < inside.end; at++) {
        const struct shape_token *token = &r->tokens[at];
        bool is_plain = token->operand >= 0 || token->role.token.kind == N1_SQL_COMMA || shape_is_text(r, at, "-") ||
                        is_constant(r, at) || token->role.token.kind == N1_SQL_OPEN ||
                        token->role.token.kind == N1_SQL_CLOSE || shape_is_text(r, at, "::") ||
                        (shape_is_text(r, at - 1, "::") && shape_is_name(r, at));
        if (!is_plain)
            return false;
        has_operand |= token->operand >= 0;
    }
    return has_operand;
}

/* lower(email), trim(code): what stands inside. */
static bool read_folded(struct reader *r, struct range range, int scope, struct n1_sql_column *column)
{
    static const char *const folds[] = {"lower", "upper", "trim", "ltrim", "rtrim", "btrim"};
    int open = range.begin + 1;
    if (range.end - range.begin < 4 || !shape_is_kind(r, open, N1_SQL_OPEN) || r->tokens[open].match != range.end - 1)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(folds); i++) {
        if (!shape_is_text(r, range.begin, folds[i]))
            continue;
        struct range inside = strip(r, (struct range){open + 1, range.end - 1});
        return read_column(r, inside, scope, column) || read_folded(r, inside, scope, column);
    }
    return false;
}

struct side shape_side(struct reader *r, struct range range, int scope)
{
    struct side side = {.kind = SIDE_EXPRESSION, .column.table = -1, .operand = -1};
    range = strip(r, range);
    side.operand = shape_first_operand(r, range, &side.operand_count);
    int length = range.end - range.begin;
    if (length < 1)
        return side;
    if (length == 1 && side.operand >= 0)
        side.kind = SIDE_OPERAND;
    else if (length == 1 && is_constant(r, range.begin))
        side.kind = SIDE_CONSTANT;
    else if (read_column(r, range, scope, &side.column))
        side.kind = SIDE_COLUMN;
    else if (shape_is_kind(r, range.begin, N1_SQL_OPEN) && shape_begins_query(r, range.begin + 1) &&
             r->tokens[range.begin].match == range.end - 1)
        side.kind = SIDE_SUBQUERY;
    else
        side.is_folded = read_folded(r, range, scope, &side.column);
    int open = shape_is(r, range.begin, N1_SQL_KW_ARRAY) ? range.begin + 1 : range.begin;
    if (length > 2 && r->tokens[open].match == range.end - 1 &&
        is_operand_list(r, (struct range){open + 1, range.end - 1}))
        side.kind = SIDE_LIST;
    return side;
}

struct condition {
    int scope;
    struct n1_sql_span span; /* of the term that is being read */
    enum n1_sql_clause clause;
    bool is_negated, is_alternative;
};

static enum n1_sql_op mirrored(enum n1_sql_op op)
{
    switch (op) {
    case N1_SQL_OP_LT: return N1_SQL_OP_GT;
    case N1_SQL_OP_LE: return N1_SQL_OP_GE;
    case N1_SQL_OP_GT: return N1_SQL_OP_LT;
    case N1_SQL_OP_GE: return N1_SQL_OP_LE;
    default: return op;
    }
}

/* Tells the operands of a comparison what they are compared with. */
static void mark_operands(struct reader *r, const struct side *side, int scope, enum n1_sql_op op,
                          const struct n1_sql_column *column)
{
    bool is_whole = side->kind == SIDE_OPERAND || side->kind == SIDE_LIST || op == N1_SQL_OP_BETWEEN;
    for (int i = 0; i < side->operand_count; i++) {
        struct n1_sql_operand *operand = shape_operand(r, side->operand + i * MAX(side->stride, 1));
        if (!operand || operand->scope != scope)
            continue;
        operand->op = op;
        operand->column = *column;
        operand->is_whole = is_whole;
        operand->is_list_item = op == N1_SQL_OP_IN || (op == N1_SQL_OP_ANY && side->kind == SIDE_LIST);
    }
}

static void add_predicate(struct reader *r, const struct condition *c, enum n1_sql_op op, const struct side *left,
                          const struct side *right)
{
    enum n1_sql_rhs rhs = right ? shape_rhs(right->kind) : N1_SQL_RHS_NONE;
    if (right && (left->kind == SIDE_COLUMN || left->is_folded))
        mark_operands(r, right, c->scope, op, &left->column);
    if (left->kind != SIDE_COLUMN || !shape_has_room(r, r->predicates))
        return;
    struct n1_sql_predicate predicate = {
        .clause = c->clause,
        .op = op,
        .rhs = rhs,
        .column = left->column,
        .other = right && right->kind == SIDE_COLUMN ? right->column : (struct n1_sql_column){.table = -1},
        .first_operand = right ? right->operand : -1,
        .operand_count = right ? right->operand_count : 0,
        .scope = c->scope,
        .span = c->span,
        .depth = shape_depth(r, c->scope),
        .is_negated = c->is_negated,
        .is_alternative = c->is_alternative};
    g_array_append_val(r->predicates, predicate);
}

static int count_items(const struct reader *r, struct range range)
{
    int items = 0;
    while (range.begin < range.end) {
        range.begin = shape_find_comma(r, range) + 1;
        items++;
    }
    return items;
}

/* (a, b) = (?, ?) and (a, b) IN ((?, ?), (?, ?)): one predicate a column. False when it is not of this form. */
static bool read_row_comparison(struct reader *r, const struct condition *c, enum n1_sql_op op, struct range left,
                                struct range right)
{
    if (!shape_is_kind(r, left.begin, N1_SQL_OPEN) || r->tokens[left.begin].match != left.end - 1 ||
        !shape_is_kind(r, right.begin, N1_SQL_OPEN) || r->tokens[right.begin].match != right.end - 1)
        return false;
    struct range columns = {left.begin + 1, left.end - 1}, values = {right.begin + 1, right.end - 1};
    int width = count_items(r, columns);
    struct side list = shape_side(r, right, c->scope);
    bool is_list = op == N1_SQL_OP_IN && list.kind == SIDE_LIST && width > 0 && list.operand_count % width == 0;
    if (width < 2 || (!is_list && count_items(r, values) != width))
        return false;
    for (int k = 0; k < width; k++) {
        int comma = shape_find_comma(r, columns), value_comma = shape_find_comma(r, values);
        struct side column = shape_side(r, (struct range){columns.begin, comma}, c->scope);
        struct side value = {.kind = SIDE_LIST,
                             .operand = list.operand + k,
                             .operand_count = list.operand_count / width,
                             .stride = width};
        if (!is_list)
            value = shape_side(r, (struct range){values.begin, value_comma}, c->scope);
        add_predicate(r, c, op, &column, &value);
        columns.begin = comma + 1;
        values.begin = value_comma + 1;
    }
    return true;
}

static void compare(struct reader *r, struct condition *c, enum n1_sql_op op, struct range left, struct range right)
{
    if (read_row_comparison(r, c, op, left, right))
        return;
    struct side a = shape_side(r, left, c->scope), b = shape_side(r, right, c->scope);
    if (op == N1_SQL_OP_IN && b.kind == SIDE_OPERAND)
        b.kind = SIDE_LIST;
    if (op == N1_SQL_OP_EQ && b.kind == SIDE_CONSTANT && shape_is(r, left.end, N1_SQL_KW_IS) &&
        shape_is(r, right.end - 1, N1_SQL_KW_NULL)) {
        op = c->is_negated ? N1_SQL_OP_NOT_NULL : N1_SQL_OP_IS_NULL;
        c->is_negated = false;
    }
    bool is_mirrored = a.kind != SIDE_COLUMN && (b.kind == SIDE_COLUMN || (b.is_folded && !a.is_folded));
    if (is_mirrored) {
        add_predicate(r, c, mirrored(op), &b, &a);
        return;
    }
    add_predicate(r, c, op, &a, &b);
}

struct comparison {
    const char *text;
    enum n1_sql_op op;
};

static enum n1_sql_op operator_at(const struct reader *r, int at)
{
    static const struct comparison operators[] = {
        {"=", N1_SQL_OP_EQ},           {"==", N1_SQL_OP_EQ},
        {"<>", N1_SQL_OP_NE},          {"!=", N1_SQL_OP_NE},
        {"<", N1_SQL_OP_LT},           {"<=", N1_SQL_OP_LE},
        {">", N1_SQL_OP_GT},           {">=", N1_SQL_OP_GE},
        {"~", N1_SQL_OP_LIKE},         {"~*", N1_SQL_OP_LIKE},
        {"!~", N1_SQL_OP_LIKE},        {"!~*", N1_SQL_OP_LIKE},
        {"~~", N1_SQL_OP_LIKE},        {"~~*", N1_SQL_OP_LIKE},
        {"IN", N1_SQL_OP_IN},          {"LIKE", N1_SQL_OP_LIKE},
        {"ILIKE", N1_SQL_OP_LIKE},     {"GLOB", N1_SQL_OP_LIKE},
        {"SIMILAR", N1_SQL_OP_LIKE},   {"REGEXP", N1_SQL_OP_LIKE},
        {"IS", N1_SQL_OP_EQ},          {"BETWEEN", N1_SQL_OP_BETWEEN},
        {"ISNULL", N1_SQL_OP_IS_NULL}, {"NOTNULL", N1_SQL_OP_NOT_NULL},
        {"@>", N1_SQL_OP_OTHER},       {"<@", N1_SQL_OP_OTHER},
        {"&&", N1_SQL_OP_OTHER},       {"@@", N1_SQL_OP_OTHER},
        {"?", N1_SQL_OP_OTHER},        {"MATCH", N1_SQL_OP_OTHER},
    };
    bool may_be = shape_is_kind(r, at, N1_SQL_OPERATOR) || r->tokens[at].role.keyword != N1_SQL_KW_NONE;
    for (size_t i = 0; may_be && i < G_N_ELEMENTS(operators); i++)
        if (shape_is_text(r, at, operators[i].text))
            return operators[i].op;
    return N1_SQL_OP_NONE;
}

/* One comparison: find its operator at the term's own level, then its two sides. */
static void read_term(struct reader *r, struct range range, struct condition c)
{
    c.span = shape_span(r, range);
    if (shape_is(r, range.begin, N1_SQL_KW_EXISTS)) {
        struct side nothing = {.kind = SIDE_COLUMN, .column.table = -1, .operand = -1};
        struct side query = {.kind = SIDE_SUBQUERY, .operand = -1};
        add_predicate(r, &c, N1_SQL_OP_EXISTS, &nothing, &query);
        return;
    }
    int at = range.begin;
    while (at < range.end && operator_at(r, at) == N1_SQL_OP_NONE)
        at = shape_next(r, at);
    if (at >= range.end || at == range.begin)
        return;
    enum n1_sql_op op = operator_at(r, at);
    struct range left = {range.begin, at}, right = {at + 1, range.end};
    if (shape_is(r, at - 1, N1_SQL_KW_NOT)) {
        left.end--;
        c.is_negated = !c.is_negated;
    }
    if (op == N1_SQL_OP_IS_NULL || op == N1_SQL_OP_NOT_NULL) {
        struct side side = shape_side(r, left, c.scope);
        add_predicate(r, &c, op, &side, NULL);
        return;
    }
    if (shape_is(r, at, N1_SQL_KW_IS)) {
        /* IS [NOT] [DISTINCT FROM] */
        bool is_not = shape_is(r, right.begin, N1_SQL_KW_NOT);
        right.begin += is_not;
        bool is_distinct = shape_is(r, right.begin, N1_SQL_KW_DISTINCT) && shape_is(r, right.begin + 1, N1_SQL_KW_FROM);
        right.begin += is_distinct ? 2 : 0;
        c.is_negated ^= is_not != is_distinct;
        if (c.is_negated && !shape_is(r, right.end - 1, N1_SQL_KW_NULL)) {
            op = N1_SQL_OP_NE;
            c.is_negated = false;
        }
    } else if (op == N1_SQL_OP_BETWEEN) {
        struct side side = shape_side(r, left, c.scope), bounds = {.kind = SIDE_EXPRESSION};
        bounds.operand = shape_first_operand(r, right, &bounds.operand_count);
        add_predicate(r, &c, op, &side, &bounds);
        return;
    } else if (op == N1_SQL_OP_LIKE) {
        right.end = shape_find(r, right, N1_SQL_KW_ESCAPE);
        right.begin += shape_is(r, right.begin, N1_SQL_KW_TO);
    } else if (op == N1_SQL_OP_EQ &&
               (shape_is(r, right.begin, N1_SQL_KW_ANY) || shape_is(r, right.begin, N1_SQL_KW_SOME)) &&
               shape_is_kind(r, right.begin + 1, N1_SQL_OPEN)) {
        op = N1_SQL_OP_ANY;
        right.begin++;
    }
    if (left.begin < left.end && right.begin < right.end)
        compare(r, &c, op, left, right);
}

/* The next OR, or AND that does not belong to a BETWEEN, at the range's level. */
static int find_connective(const struct reader *r, struct range range, enum n1_sql_keyword keyword)
{
    bool is_between = false;
    int at = range.begin;
    for (; at < range.end; at = shape_next(r, at)) {
        if (shape_is(r, at, N1_SQL_KW_BETWEEN)) {
            is_between = true;
        } else if (shape_is(r, at, keyword)) {
            if (!is_between || keyword == N1_SQL_KW_OR)
                return at;
            is_between = false;
        }
    }
    return range.end;
}

static void read_condition(struct reader *r, struct range range, struct condition c)
{
    if (!shape_enter(r))
        return;
    enum n1_sql_keyword connective;
    int end;
    for (;;) {
        range = shape_unwrap(r, range);
        connective = find_connective(r, range, N1_SQL_KW_OR) < range.end ? N1_SQL_KW_OR : N1_SQL_KW_AND;
        end = find_connective(r, range, connective);
        if (end < range.end || !shape_is(r, range.begin, N1_SQL_KW_NOT))
            break;
        for (; range.begin < range.end && shape_is(r, range.begin, N1_SQL_KW_NOT); range.begin++)
            c.is_negated = !c.is_negated;
    }
    if (end >= range.end) {
        read_term(r, range, c);
        shape_leave(r);
        return;
    }
    c.is_alternative |= connective == N1_SQL_KW_OR;
    while (range.begin < range.end) {
        end = find_connective(r, range, connective);
        read_condition(r, (struct range){range.begin, end}, c);
        range.begin = end + 1;
    }
    shape_leave(r);
}

void shape_read_condition(struct reader *r, struct range range, int scope, enum n1_sql_clause clause)
{
    if (range.begin < range.end)
        read_condition(r, range, (struct condition){.scope = scope, .clause = clause});
}
