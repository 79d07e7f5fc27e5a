/* Expressions into typed terms: constants, arithmetic, functions, aggregates. */
#include <ctype.h>

#include "orm/orm.h"
#include "orm/resolve.h"

struct orm_term *orm_resolve_ref(struct orm_resolver *r, const char *path, const struct orm_node *at,
                                 const struct orm_scope_rule *rule)
{
    const struct orm_annotation *a = orm_query_annotation(r->q, path, strlen(path));
    if (a && rule->summarize) {
        struct orm_term *t = orm_term_new(r->arena, ORM_TERM_REF, a->term->type);
        t->name = a->name;
        return t;
    }
    if (a)
        return a->term;
    struct orm_name *names;
    size_t n = orm_split_path(r->arena, path, &names);
    struct orm_path p;
    if (!orm_walk_path(r, r->q->meta, names, n, true, false, at, &p))
        return NULL;
    if (rule->no_joins && p.n_hops > 1) {
        orm_resolve_fail(r, at, ORM_FIELD_ERROR, "Joined field references are not permitted in this query");
        return NULL;
    }
    struct orm_joined j;
    orm_setup_joins(r, &p, 0, rule->reuse, &j);
    orm_trim_joins(r, &p, &j);
    if (rule->no_joins && j.n > 1) {
        orm_resolve_fail(r, at, ORM_FIELD_ERROR, "Joined field references are not permitted in this query");
        return NULL;
    }
    for (size_t i = 0; rule->used && i < j.n; i++)
        orm_set_add(rule->used, j.aliases[i]);
    struct orm_term *t = orm_term_column(r->arena, j.aliases[j.n - 1], j.target);
    for (size_t i = p.n_names; i < n; i++) {
        struct orm_term *part = orm_extract(r, t, &names[i]);
        if (!part) {
            orm_resolve_fail(r, at, ORM_FIELD_ERROR,
                             "Cannot resolve keyword '%.*s' into field. Join on '%.*s' not permitted.", (int)names[i].n,
                             names[i].s, (int)names[i - 1].n, names[i - 1].s);
            return NULL;
        }
        t = part;
    }
    return t;
}

/* ---- subqueries -------------------------------------------------------------------------------------------------------- */

struct outer_change {
    struct orm_resolver *r;
    const struct orm_node *at;
    const struct orm_scope_rule *rule;
    int depth; /* how many subqueries deep below r->q */
    int raise; /* second pass: levels to add to columns */
};

static struct orm_term *raise_level(void *context, struct orm_term *t)
{
    const struct outer_change *c = context;
    if (t->kind == ORM_TERM_COLUMN)
        t->level += c->raise;
    return t;
}

static struct orm_term *resolve_outer(void *context, struct orm_term *t)
{
    struct outer_change *c = context;
    if (t->kind == ORM_TERM_SUBQUERY || t->kind == ORM_TERM_EXISTS) {
        struct outer_change deeper = *c;
        deeper.depth++;
        t->query = orm_query_clone(c->r->arena, t->query);
        return orm_query_map(t->query, resolve_outer, &deeper) ? t : NULL;
    }
    if (t->kind != ORM_TERM_OUTER || t->level != c->depth)
        return t;
    struct orm_term *found = orm_resolve_ref(c->r, t->name, c->at, c->rule);
    struct outer_change up = {.raise = c->depth};
    return found ? orm_term_map(c->r->arena, found, raise_level, &up) : NULL;
}

struct orm_query *orm_embed_query(struct orm_resolver *r, const struct orm_query *q, const struct orm_attr *select,
                                  const struct orm_node *at, const struct orm_scope_rule *rule)
{
    struct orm_query *inner = orm_query_clone(r->arena, q);
    struct outer_change change = {.r = r, .at = at, .rule = rule, .depth = 1};
    if (!orm_query_map(inner, resolve_outer, &change))
        return NULL;
    inner->related = NULL;
    inner->select_all_related = false;
    if (select) {
        inner->default_columns = false;
        inner->select = ORM_NEW_N(r->arena, struct orm_select_item, 4);
        inner->select[0] = (struct orm_select_item){select->attname, orm_term_column(r->arena, 0, select)};
        inner->n_select = 1;
        for (size_t i = 0; i < inner->n_annotations; i++)
            inner->annotations[i].is_selected = false;
    }
    return inner;
}

struct orm_term *orm_resolve_exists(struct orm_resolver *r, const struct orm_query *q, const struct orm_node *at,
                                    const struct orm_scope_rule *rule)
{
    struct orm_query *inner = orm_embed_query(r, q, NULL, at, rule);
    if (!inner)
        return NULL;
    if (!orm_query_is_sliced(inner)) {
        orm_query_clear_ordering(inner);
        inner->high = 1;
    }
    if (!inner->is_distinct) {
        inner->select_one = true;
        inner->default_columns = false;
        inner->n_select = 0;
        for (size_t i = 0; i < inner->n_annotations; i++)
            inner->annotations[i].is_selected = false;
    }
    struct orm_term *t = orm_term_new(r->arena, ORM_TERM_EXISTS, ORM_T_BOOL);
    t->query = inner;
    return t;
}

/* ---- arithmetic -------------------------------------------------------------------------------------------------------- */

static struct orm_term *wrap(struct orm_resolver *r, enum orm_term_kind kind, enum orm_type type,
                             struct orm_term *const *args, size_t n)
{
    struct orm_term *t = orm_term_new(r->arena, kind, type);
    t->args = ORM_NEW_N(r->arena, struct orm_term *, n);
    t->n_args = n;
    for (size_t i = 0; i < n; i++) {
        t->args[i] = args[i];
        t->has_aggregate = t->has_aggregate || args[i]->has_aggregate;
        t->nullable = t->nullable || args[i]->nullable;
    }
    return t;
}

/* The type of a mixture; ORM_T_NONE with ok false where Django wants an output_field. */
static enum orm_type mixed_type(enum orm_type a, enum orm_type b, bool *ok)
{
    static const struct {
        enum orm_type a, b, result;
    } rules[] = {{ORM_T_INT, ORM_T_FLOAT, ORM_T_FLOAT}, {ORM_T_INT, ORM_T_DECIMAL, ORM_T_DECIMAL}};
    *ok = true;
    if (a == b || b == ORM_T_NONE)
        return a;
    if (a == ORM_T_NONE)
        return b;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if ((rules[i].a == a && rules[i].b == b) || (rules[i].a == b && rules[i].b == a))
            return rules[i].result;
    *ok = false;
    return ORM_T_NONE;
}

static bool mixed_fail(struct orm_resolver *r, const struct orm_node *n, enum orm_type a, enum orm_type b)
{
    const char *x = orm_type_name(a), *y = orm_type_name(b);
    bool swap = strcmp(x, y) > 0;
    return orm_resolve_fail(r, n, ORM_FIELD_ERROR,
                            "Expression contains mixed types: %s, %s. You must set output_field.", swap ? y : x,
                            swap ? x : y);
}

static struct orm_term *binary(struct orm_resolver *r, const struct orm_node *n, enum orm_op op, struct orm_term *a,
                               struct orm_term *b)
{
    bool ok;
    enum orm_type type = mixed_type(a->type, b->type, &ok);
    if (!ok) {
        mixed_fail(r, n, a->type, b->type);
        return NULL;
    }
    struct orm_term *t = wrap(r, ORM_TERM_BINARY, type, (struct orm_term *[]){a, b}, 2);
    t->op = op;
    return t;
}

static struct orm_term *condition_term(struct orm_resolver *r, const struct orm_node *n,
                                       const struct orm_scope_rule *rule)
{
    struct orm_cond *c = orm_resolve_condition(r, &n, NULL, 1, 0, rule);
    if (!c)
        return NULL;
    struct orm_term *t = orm_term_new(r->arena, ORM_TERM_COND, ORM_T_BOOL);
    t->conds = ORM_NEW_N(r->arena, struct orm_cond *, 1);
    t->conds[0] = c;
    t->n_conds = 1;
    t->has_aggregate = orm_cond_has_aggregate(c);
    return t;
}

static struct orm_term *unary_or_binary(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule)
{
    struct orm_term *a = orm_resolve_expr(r, n->lhs, rule);
    if (!a)
        return NULL;
    if (n->kind == ORM_N_UNARY && n->op == ORM_OP_NEG) {
        struct orm_term *t = binary(r, n, ORM_OP_MUL, a, orm_term_value(r->arena, orm_v_int(-1)));
        return t;
    }
    if (n->kind == ORM_N_UNARY && n->op == ORM_OP_POS)
        return a;
    bool is_bitwise = n->op <= ORM_OP_SHR;
    if (n->kind == ORM_N_UNARY || is_bitwise) {
        orm_resolve_fail(r, n, n->op <= ORM_OP_AND ? ORM_NOT_SUPPORTED : ORM_TYPE_ERROR,
                         "use .bitand(), .bitor() and .bitxor() for bitwise logical operations");
        return NULL;
    }
    struct orm_term *b = orm_resolve_expr(r, n->rhs, rule);
    return b ? binary(r, n, n->op, a, b) : NULL;
}

/* ---- functions --------------------------------------------------------------------------------------------------------- */

/* Inside a call a text is the name of a field, as in Django. */
static struct orm_term *call_argument(struct orm_resolver *r, const struct orm_node *n,
                                      const struct orm_scope_rule *rule)
{
    if (n->kind == ORM_N_CONST && n->value.tag == ORM_TEXT)
        return orm_resolve_ref(r, n->value.u.s, n, rule);
    return orm_resolve_expr(r, n, rule);
}

static enum orm_type result_type(const struct orm_function *f, const struct orm_term *t, bool *ok, enum orm_type mix[2])
{
    enum orm_type type = ORM_T_NONE;
    *ok = true;
    switch (f->result) {
    case ORM_R_INT: return ORM_T_INT;
    case ORM_R_TEXT: return ORM_T_TEXT;
    case ORM_R_DATETIME: return ORM_T_DATETIME;
    case ORM_R_AVERAGE: return t->args[0]->type == ORM_T_DECIMAL ? ORM_T_DECIMAL : ORM_T_FLOAT;
    case ORM_R_FIRST: break;
    }
    for (size_t i = 0; i < t->n_args && *ok; i++) {
        mix[0] = type;
        mix[1] = t->args[i]->type;
        type = mixed_type(type, t->args[i]->type, ok);
    }
    return type;
}

static bool read_aggregate_options(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t,
                                   const struct orm_scope_rule *rule)
{
    for (size_t i = 0; i < n->n_args; i++) {
        const struct orm_arg *a = &n->args[i];
        if (!a->name)
            continue;
        if (strcmp(a->name, "distinct") == 0 && a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_BOOL) {
            t->distinct = a->node->value.u.b;
        } else if (strcmp(a->name, "filter") == 0) {
            struct orm_cond *c = orm_resolve_condition(r, &a->node, NULL, 1, 0, rule);
            if (!c)
                return false;
            t->conds = ORM_NEW_N(r->arena, struct orm_cond *, 1);
            t->conds[0] = c;
            t->n_conds = 1;
        } else {
            return orm_resolve_fail(r, a->node, ORM_TYPE_ERROR, "%s() got an unexpected keyword argument '%s'",
                                    t->func->name, a->name);
        }
    }
    return true;
}

static struct orm_term *resolve_function(struct orm_resolver *r, const struct orm_node *n, const struct orm_function *f,
                                         const struct orm_scope_rule *rule)
{
    size_t n_args = 0;
    while (n_args < n->n_args && !n->args[n_args].name)
        n_args++;
    if (n_args < f->min_args || n_args > f->max_args) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "%s() takes %zu argument(s), %zu given", f->name, f->min_args, n_args);
        return NULL;
    }
    struct orm_term *t = orm_term_new(r->arena, f->is_aggregate ? ORM_TERM_AGG : ORM_TERM_FUNC, ORM_T_INT);
    t->func = f;
    t->args = ORM_NEW_N(r->arena, struct orm_term *, n_args);
    const struct orm_node *first = n_args ? n->args[0].node : NULL;
    bool is_star = f->id == ORM_F_COUNT && first->kind == ORM_N_CONST && first->value.tag == ORM_TEXT &&
                   strcmp(first->value.u.s, "*") == 0;
    for (size_t i = 0; i < n_args && !is_star; i++) {
        struct orm_term *arg = call_argument(r, n->args[i].node, rule);
        if (!arg)
            return NULL;
        if (f->is_aggregate && arg->has_aggregate) {
            struct orm_buf b = {.arena = r->arena};
            orm_print_node(&b, n->args[i].node);
            orm_resolve_fail(r, n->args[i].node, ORM_FIELD_ERROR, "Cannot compute %s(%s): %s is an aggregate", f->name,
                             b.p, b.p);
            return NULL;
        }
        t->args[t->n_args++] = arg;
        t->has_aggregate = t->has_aggregate || arg->has_aggregate;
        t->nullable = t->nullable || arg->nullable;
    }
    if (f->is_aggregate) {
        t->has_aggregate = true;
        if (!read_aggregate_options(r, n, t, rule))
            return NULL;
    } else if (n_args < n->n_args) {
        orm_resolve_fail(r, n->args[n_args].node, ORM_TYPE_ERROR, "%s() got an unexpected keyword argument '%s'",
                         f->name, n->args[n_args].name);
        return NULL;
    }
    bool ok;
    enum orm_type mix[2] = {ORM_T_NONE, ORM_T_NONE};
    t->type = is_star ? ORM_T_INT : result_type(f, t, &ok, mix);
    if (!is_star && !ok) {
        mixed_fail(r, n, mix[0], mix[1]);
        return NULL;
    }
    return t;
}

const char *orm_default_alias(struct orm_arena *a, const struct orm_node *n)
{
    if (n->kind != ORM_N_CALL || n->lhs->kind != ORM_N_NAME || n->n_args == 0 || n->args[0].name)
        return NULL;
    const struct orm_function *f = orm_function_named(n->lhs->name);
    const struct orm_node *first = n->args[0].node;
    if (first->kind == ORM_N_CALL && first->lhs->kind == ORM_N_NAME && strcmp(first->lhs->name, "F") == 0 &&
        first->n_args == 1)
        first = first->args[0].node;
    if (!f || !f->is_aggregate || first->kind != ORM_N_CONST || first->value.tag != ORM_TEXT)
        return NULL;
    char *alias = orm_printf(a, "%s__%s", first->value.u.s, f->name);
    for (char *s = alias + strlen(first->value.u.s); *s; s++)
        *s = (char)tolower((unsigned char)*s);
    return alias;
}

static struct orm_term *resolve_constant(struct orm_resolver *r, const struct orm_node *n,
                                         const struct orm_scope_rule *rule)
{
    if (n->value.tag == ORM_EXPR)
        return condition_term(r, n, rule);
    if (n->value.tag == ORM_INTS || n->value.tag == ORM_TEXTS) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "a list has no place here");
        return NULL;
    }
    return orm_term_value(r->arena, n->value);
}

struct orm_term *orm_resolve_expr(struct orm_resolver *r, const struct orm_node *n, const struct orm_scope_rule *rule)
{
    switch (n->kind) {
    case ORM_N_CONST: return resolve_constant(r, n, rule);
    case ORM_N_NAME:
        orm_resolve_fail(r, n, ORM_FIELD_ERROR, "name '%s' is not defined: a field is written F('%s')", n->name,
                         n->name);
        return NULL;
    case ORM_N_UNARY:
    case ORM_N_BINARY:
        if (orm_is_condition(n))
            return condition_term(r, n, rule);
        return unary_or_binary(r, n, rule);
    case ORM_N_CALL: {
        if (n->lhs->kind != ORM_N_NAME)
            break;
        const struct orm_function *f = orm_function_named(n->lhs->name);
        orm_special special = orm_special_named(n->lhs->name);
        if (f)
            return resolve_function(r, n, f, rule);
        if (special)
            return special(r, n, rule);
        if (orm_is_condition(n))
            return condition_term(r, n, rule);
        orm_resolve_fail(r, n, ORM_FIELD_ERROR, "name '%s' is not defined", n->lhs->name);
        return NULL;
    }
    default: break;
    }
    orm_resolve_fail(r, n, ORM_TYPE_ERROR, "this has no place in a query");
    return NULL;
}
