/* Expressions into typed terms: constants, arithmetic, functions, aggregates. */
#include <ctype.h>

#include "orm/orm.h"
#include "orm/resolve/resolve.h"
#include "orm/value/kind.h"

struct orm_term *orm_resolve_ref(struct orm_resolver *r, const char *path, const struct orm_node *at,
                                 const struct orm_scope_rule *rule)
{
    const struct orm_annotation *a = orm_query_annotation(r->q, path, strlen(path));
    if (a && rule->summarize && !a->is_selected) {
        orm_resolve_fail(r, at, ORM_FIELD_ERROR, "Cannot aggregate over the '%s' alias. Use annotate() to promote it.",
                         path);
        return NULL;
    }
    if (a && rule->summarize) {
        struct orm_term *t = orm_term_new(r->arena, ORM_TERM_REF, a->term->type);
        t->name = a->name;
        t->field = a->term->field;
        t->kind_error = a->term->kind_error;
        return t;
    }
    if (a && rule->no_joins && a->term->has_aggregate) { /* update() */
        orm_resolve_fail(r, at, ORM_FIELD_ERROR, "Aggregate functions are not allowed in this query");
        return NULL;
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
                             "Unsupported lookup '%.*s' for %s or join on the field not permitted.", (int)names[i].n,
                             names[i].s, orm_kind_name(t->field));
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
    struct orm_term *raised = found ? orm_term_map(c->r->arena, found, raise_level, &up) : NULL;
    if (raised)
        raised->is_over_relation = strstr(t->name, "__") != NULL;
    return raised;
}

static void select_only(struct orm_query *q, const struct orm_attr *select)
{
    q->default_columns = false;
    q->n_deferred = 0;
    q->select = ORM_NEW_N(q->arena, struct orm_select_item, 4);
    q->select[0] = (struct orm_select_item){select->attname, orm_term_column(q->arena, 0, select)};
    q->n_select = 1;
    for (size_t i = 0; i < q->n_annotations; i++)
        q->annotations[i].is_selected = false;
    for (size_t i = 0; i < q->n_combined; i++)
        if (!q->combined[i]->is_values)
            select_only(q->combined[i], select);
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
    if (select)
        select_only(inner, select);
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

struct orm_term *orm_term_of(struct orm_resolver *r, enum orm_term_kind kind, struct orm_term *const *args, size_t n)
{
    struct orm_term *t = orm_term_new(r->arena, kind, ORM_T_NONE);
    t->args = ORM_NEW_N(r->arena, struct orm_term *, n + 1);
    t->n_args = n;
    for (size_t i = 0; i < n; i++) {
        t->args[i] = args[i];
        t->has_aggregate = t->has_aggregate || args[i]->has_aggregate;
        t->has_window = t->has_window || args[i]->has_window;
        t->nullable = t->nullable || args[i]->nullable;
    }
    return t;
}

static struct orm_term *binary(struct orm_resolver *r, enum orm_op op, struct orm_term *a, struct orm_term *b)
{
    struct orm_term *t = orm_term_of(r, ORM_TERM_BINARY, (struct orm_term *[]){a, b}, 2);
    t->op = op;
    orm_term_settle(r->arena, t);
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

static bool is_constant(const struct orm_term *t)
{
    return t->kind == ORM_TERM_VALUE && !t->is_fixed;
}

static struct orm_term *unary_or_binary(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule)
{
    struct orm_term *a = orm_resolve_expr(r, n->lhs, rule);
    if (!a)
        return NULL;
    if (n->kind == ORM_N_UNARY && n->op == ORM_OP_NEG) {
        struct orm_term *folded = is_constant(a) ? orm_fold(r, ORM_OP_SUB, NULL, a) : NULL;
        return folded ? folded : binary(r, ORM_OP_MUL, a, orm_term_value(r->arena, orm_v_int(-1)));
    }
    if (n->kind == ORM_N_UNARY && n->op == ORM_OP_POS)
        return a;
    struct orm_term *b = n->kind == ORM_N_BINARY ? orm_resolve_expr(r, n->rhs, rule) : NULL;
    if (n->kind == ORM_N_BINARY && !b)
        return NULL;
    if (b && is_constant(a) && is_constant(b)) { /* Python computes it before Django sees it */
        struct orm_term *folded = orm_fold(r, n->op, a, b);
        if (folded || r->error->status != ORM_OK)
            return folded;
    }
    if (n->kind == ORM_N_UNARY || n->op <= ORM_OP_SHR) {
        bool has_operator = n->kind == ORM_N_BINARY && (n->op == ORM_OP_OR || n->op == ORM_OP_AND);
        orm_resolve_fail(r, n, has_operator ? ORM_NOT_IMPLEMENTED : ORM_TYPE_ERROR,
                         "Use .bitand(), .bitor(), and .bitxor() for bitwise logical operations.");
        return NULL;
    }
    return binary(r, n->op, a, b);
}

/* F('a').bitand(4) */
static struct orm_term *resolve_method(struct orm_resolver *r, const struct orm_node *n,
                                       const struct orm_scope_rule *rule)
{
    static const struct {
        const char *name;
        enum orm_op op;
    } methods[] = {{"bitand", ORM_OP_AND},
                   {"bitor", ORM_OP_OR},
                   {"bitxor", ORM_OP_XOR},
                   {"bitleftshift", ORM_OP_SHL},
                   {"bitrightshift", ORM_OP_SHR}};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, n->lhs->name) != 0 || n->n_args != 1)
            continue;
        struct orm_term *a = orm_resolve_expr(r, n->lhs->lhs, rule);
        struct orm_term *b = a ? orm_resolve_expr(r, n->args[0].node, rule) : NULL;
        return b ? binary(r, methods[i].op, a, b) : NULL;
    }
    orm_resolve_fail(r, n->lhs, ORM_ATTRIBUTE, "this expression has no method '%s'", n->lhs->name);
    return NULL;
}

/* ---- functions --------------------------------------------------------------------------------------------------------- */

struct orm_term *orm_resolve_argument(struct orm_resolver *r, const struct orm_node *n,
                                      const struct orm_scope_rule *rule)
{
    if (n->kind == ORM_N_CONST && n->value.tag == ORM_TEXT)
        return orm_resolve_ref(r, n->value.u.s, n, rule);
    return orm_resolve_expr(r, n, rule);
}

static bool read_aggregate_option(struct orm_resolver *r, const struct orm_arg *a, struct orm_term *t,
                                  const struct orm_scope_rule *rule)
{
    const orm_val *v = a->node->kind == ORM_N_CONST ? &a->node->value : NULL;
    if (strcmp(a->name, "distinct") == 0 && v && v->tag == ORM_BOOL) {
        t->distinct = v->u.b;
        if (t->distinct && !t->func->allows_distinct)
            return orm_resolve_fail(r, a->node, ORM_TYPE_ERROR, "%s does not allow distinct.", t->func->name);
    } else if (strcmp(a->name, "sample") == 0 && v && v->tag == ORM_BOOL &&
               (t->func->id == ORM_F_STDDEV || t->func->id == ORM_F_VARIANCE)) {
        if (v->u.b)
            t->name = t->func->id == ORM_F_STDDEV ? "STDDEV_SAMP" : "VAR_SAMP";
    } else if (strcmp(a->name, "filter") == 0) {
        if (v && v->tag == ORM_NULL)
            return true;
        if (t->n_args == 0)
            return orm_resolve_fail(r, a->node, ORM_VALUE_ERROR,
                                    "Star cannot be used with filter. Please specify a field.");
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
    return true;
}

/* The place of a named argument among the positional ones: -1, it is none. */
static int argument_index(const struct orm_function *f, const char *name)
{
    int i = 0;
    size_t len = strlen(name);
    for (const char *s = f->keywords; *s; i++) {
        size_t n = strcspn(s, " ");
        if (n == len && strncmp(s, name, n) == 0)
            return i;
        s += n + (s[n] == ' ');
    }
    return -1;
}

static bool check_arguments(struct orm_resolver *r, const struct orm_node *n, const struct orm_function *f,
                            const struct orm_node *const *args, size_t n_args)
{
    static const enum orm_function_id at_least_two[] = {ORM_F_COALESCE, ORM_F_CONCAT, ORM_F_GREATEST, ORM_F_LEAST};
    for (size_t i = 0; i < sizeof at_least_two / sizeof *at_least_two; i++)
        if (f->id == at_least_two[i] && n_args < 2)
            return orm_resolve_fail(r, n, ORM_VALUE_ERROR, "%s must take at least two expressions", f->name);
    if (n_args < f->min_args || n_args > f->max_args)
        return orm_resolve_fail(r, n, ORM_TYPE_ERROR, "'%s' takes exactly %zu argument%s (%zu given)", f->name,
                                f->min_args, f->min_args == 1 ? "" : "s", n_args);
    static const struct {
        enum orm_function_id id;
        size_t arg;
        int64_t least;
        const char *name, *message;
    } limits[] = {{ORM_F_LEFT, 1, 1, "length", "greater than 0."},
                  {ORM_F_RIGHT, 1, 1, "length", "greater than 0."},
                  {ORM_F_SUBSTR, 1, 1, "pos", "greater than 0"},
                  {ORM_F_LPAD, 1, 0, "length", "greater or equal to 0."},
                  {ORM_F_RPAD, 1, 0, "length", "greater or equal to 0."},
                  {ORM_F_REPEAT, 1, 0, "number", "greater or equal to 0."}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const struct orm_node *a = limits[i].id == f->id ? args[limits[i].arg] : NULL;
        if (a && a->kind == ORM_N_CONST && a->value.tag == ORM_INT && a->value.u.i < limits[i].least)
            return orm_resolve_fail(r, a, ORM_VALUE_ERROR, "'%s' must be %s", limits[i].name, limits[i].message);
    }
    return true;
}

static bool is_star_of(const struct orm_function *f, const struct orm_node *first)
{
    return f->id == ORM_F_COUNT && first->kind == ORM_N_CONST && first->value.tag == ORM_TEXT &&
           strcmp(first->value.u.s, "*") == 0;
}

static struct orm_term *default_argument(struct orm_resolver *r, const struct orm_function *f, size_t i)
{
    if (f->id == ORM_F_REPLACE && i == 2)
        return orm_term_value(r->arena, orm_v_text(""));
    if ((f->id == ORM_F_LPAD || f->id == ORM_F_RPAD) && i == 2)
        return orm_term_value(r->arena, orm_v_text(" "));
    if ((f->id == ORM_F_LAG || f->id == ORM_F_LEAD || f->id == ORM_F_NTH_VALUE) && i == 1)
        return orm_term_value(r->arena, orm_v_int(1));
    return NULL;
}

static bool resolve_arguments(struct orm_resolver *r, struct orm_term *t, const struct orm_node *const *args,
                              const struct orm_scope_rule *rule)
{
    const struct orm_function *f = t->func;
    t->args = ORM_NEW_N(r->arena, struct orm_term *, f->max_args + 1);
    for (size_t i = 0; i < f->max_args; i++) {
        bool is_text_option = f->id == ORM_F_LAG || f->id == ORM_F_LEAD;
        struct orm_term *arg = !args[i]                   ? default_argument(r, f, i)
                               : is_text_option && i == 2 ? orm_resolve_expr(r, args[i], rule)
                                                          : orm_resolve_argument(r, args[i], rule);
        if (!arg && args[i])
            return false;
        if (!arg)
            break;
        if (f->is_aggregate && arg->has_aggregate && !rule->summarize) {
            const struct orm_node *name = args[i];
            if (name->kind == ORM_N_CALL && name->n_args == 1)
                name = name->args[0].node;
            struct orm_buf b = {.arena = r->arena};
            orm_print_node(&b, name);
            return orm_resolve_fail(r, args[i], ORM_FIELD_ERROR, "Cannot compute %s(%s): %s is an aggregate", f->name,
                                    b.p, b.p);
        }
        t->args[t->n_args++] = arg;
        t->has_aggregate = t->has_aggregate || arg->has_aggregate;
        t->has_window = t->has_window || arg->has_window;
        t->nullable = t->nullable || arg->nullable;
    }
    return true;
}

static struct orm_term *resolve_function(struct orm_resolver *r, const struct orm_node *n, const struct orm_function *f,
                                         const struct orm_scope_rule *rule)
{
    const struct orm_node **args = ORM_NEW_N(r->arena, const struct orm_node *, f->max_args + n->n_args + 1);
    size_t n_args = 0;
    for (size_t i = 0; i < n->n_args; i++) {
        int at = n->args[i].name ? argument_index(f, n->args[i].name) : (int)i;
        if (at < 0)
            continue;
        args[at] = n->args[i].node;
        n_args++;
    }
    if (!check_arguments(r, n, f, args, n_args))
        return NULL;
    struct orm_term *t = orm_term_new(r->arena, f->is_aggregate ? ORM_TERM_AGG : ORM_TERM_FUNC, ORM_T_NONE);
    t->func = f;
    bool is_star = n_args && is_star_of(f, args[0]);
    if (!is_star && !resolve_arguments(r, t, args, rule))
        return NULL;
    t->has_aggregate = t->has_aggregate || f->is_aggregate;
    for (size_t i = 0; i < n->n_args; i++) {
        const struct orm_arg *a = &n->args[i];
        if (!a->name || argument_index(f, a->name) >= 0)
            continue;
        if (strcmp(a->name, "output_field") == 0) {
            if (!orm_read_output_field(r, a->node, t))
                return NULL;
        } else if (f->is_aggregate) {
            if (!read_aggregate_option(r, a, t, rule))
                return NULL;
        } else {
            orm_resolve_fail(r, a->node, ORM_TYPE_ERROR, "%s() got an unexpected keyword argument '%s'", f->name,
                             a->name);
            return NULL;
        }
    }
    orm_term_settle(r->arena, t);
    return t;
}

const char *orm_default_alias(struct orm_arena *a, const struct orm_node *n)
{
    if (n->kind != ORM_N_CALL || n->lhs->kind != ORM_N_NAME || n->n_args == 0 || n->args[0].name)
        return NULL;
    const struct orm_function *f = orm_function_named(n->lhs->name);
    const struct orm_node *first = n->args[0].node;
    if (!f || !f->is_aggregate || is_star_of(f, first))
        return NULL;
    for (size_t i = 0; i < n->n_args; i++)
        if (n->args[i].name && strcmp(n->args[i].name, "filter") == 0 &&
            !(n->args[i].node->kind == ORM_N_CONST && n->args[i].node->value.tag == ORM_NULL))
            return NULL;
    if (first->kind == ORM_N_CALL && first->lhs->kind == ORM_N_NAME && strcmp(first->lhs->name, "F") == 0 &&
        first->n_args == 1)
        first = first->args[0].node;
    if (first->kind != ORM_N_CONST || first->value.tag != ORM_TEXT)
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
        orm_resolve_fail(r, n, ORM_NAME, "name '%s' is not defined: a field is written F('%s')", n->name, n->name);
        return NULL;
    case ORM_N_UNARY:
    case ORM_N_BINARY:
        if (orm_is_condition(n))
            return condition_term(r, n, rule);
        return unary_or_binary(r, n, rule);
    case ORM_N_CALL: {
        if (n->lhs->kind == ORM_N_ATTR)
            return resolve_method(r, n, rule);
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
        orm_resolve_fail(r, n, ORM_NAME, "name '%s' is not defined", n->lhs->name);
        return NULL;
    }
    default: break;
    }
    orm_resolve_fail(r, n, ORM_TYPE_ERROR, "this has no place in a query");
    return NULL;
}
