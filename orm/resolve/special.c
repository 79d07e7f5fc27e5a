/* Calls that are no plain functions: F, Value, OuterRef, Exists, Subquery, Case/When, Cast, ExpressionWrapper. */
#include "orm/orm.h"
#include "orm/resolve/resolve.h"
#include "orm/value/kind.h"

static const char *text_argument(struct orm_resolver *r, const struct orm_node *n)
{
    if (n->n_args == 1 && !n->args[0].name && n->args[0].node->kind == ORM_N_CONST &&
        n->args[0].node->value.tag == ORM_TEXT)
        return n->args[0].node->value.u.s;
    orm_resolve_fail(r, n, ORM_TYPE_ERROR, "%s() takes one name", n->lhs->name);
    return NULL;
}

static struct orm_term *special_f(struct orm_resolver *r, const struct orm_node *n, const struct orm_scope_rule *rule)
{
    const char *path = text_argument(r, n);
    return path ? orm_resolve_ref(r, path, n->args[0].node, rule) : NULL;
}

static struct orm_term *special_outer(struct orm_resolver *r, const struct orm_node *n,
                                      const struct orm_scope_rule *rule)
{
    (void)rule;
    int level = 1;
    while (n->n_args == 1 && n->args[0].node->kind == ORM_N_CALL && n->args[0].node->lhs->kind == ORM_N_NAME &&
           strcmp(n->args[0].node->lhs->name, "OuterRef") == 0) {
        n = n->args[0].node;
        level++;
    }
    const char *path = text_argument(r, n);
    if (!path)
        return NULL;
    struct orm_term *t = orm_term_new(r->arena, ORM_TERM_OUTER, ORM_T_NONE);
    t->name = path;
    t->level = level;
    return t;
}

static const struct orm_arg *keyword(const struct orm_node *n, const char *name)
{
    for (size_t i = 0; i < n->n_args; i++)
        if (n->args[i].name && strcmp(n->args[i].name, name) == 0)
            return &n->args[i];
    return NULL;
}

/* FloatField(), models.DecimalField(max_digits=8, decimal_places=2) */
bool orm_read_output_field(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t)
{
    bool is_call = n->kind == ORM_N_CALL && (n->lhs->kind == ORM_N_NAME || n->lhs->kind == ORM_N_ATTR);
    orm_kind k = is_call ? orm_kind_named(n->lhs->name) : ORM_NO_KIND;
    if (k == ORM_NO_KIND)
        return orm_resolve_fail(r, n, ORM_TYPE_ERROR, "output_field must be a field: IntegerField()");
    orm_term_set_kind(t, k);
    for (size_t i = 0; i < n->n_args; i++) {
        const struct orm_arg *a = &n->args[i];
        if (!a->name || a->node->kind != ORM_N_CONST || a->node->value.tag != ORM_INT)
            continue;
        if (strcmp(a->name, "max_length") == 0 || strcmp(a->name, "max_digits") == 0)
            t->size = (int)a->node->value.u.i;
        else if (strcmp(a->name, "decimal_places") == 0)
            t->places = (int)a->node->value.u.i;
    }
    return true;
}

static struct orm_term *typed(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t)
{
    const struct orm_arg *out = keyword(n, "output_field");
    if (!t || !out)
        return t;
    struct orm_term *copy = ORM_NEW(r->arena, struct orm_term);
    *copy = *t;
    return orm_read_output_field(r, out->node, copy) ? copy : NULL;
}

static struct orm_term *special_value(struct orm_resolver *r, const struct orm_node *n,
                                      const struct orm_scope_rule *rule)
{
    struct orm_term *t = n->n_args >= 1 && !n->args[0].name ? orm_resolve_expr(r, n->args[0].node, rule) : NULL;
    if (r->error->status != ORM_OK)
        return NULL;
    if (!t || t->kind != ORM_TERM_VALUE) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "Value() takes one constant");
        return NULL;
    }
    const struct orm_arg *out = n->n_args > 1 && !n->args[1].name ? &n->args[1] : keyword(n, "output_field");
    if (!out)
        return t;
    struct orm_term *copy = ORM_NEW(r->arena, struct orm_term);
    *copy = *t;
    if (!orm_read_output_field(r, out->node, copy))
        return NULL;
    return orm_fit_value(r, copy, copy, n); /* as its field takes it: Value('2020-01-01', DateField()) */
}

/* The type is one's own: the same expression under another class. */
static struct orm_term *special_wrapper(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule)
{
    const struct orm_arg *out = n->n_args > 1 && !n->args[1].name ? &n->args[1] : keyword(n, "output_field");
    const struct orm_arg *inner = n->n_args && !n->args[0].name ? &n->args[0] : keyword(n, "expression");
    if (!out || !inner) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "ExpressionWrapper() takes an expression and output_field=");
        return NULL;
    }
    struct orm_term *t = orm_resolve_argument(r, inner->node, rule);
    struct orm_term *copy = ORM_NEW(r->arena, struct orm_term);
    if (!t)
        return NULL;
    *copy = *t;
    return orm_read_output_field(r, out->node, copy) ? copy : NULL;
}

static const struct orm_query *queryset_argument(struct orm_resolver *r, const struct orm_node *n)
{
    if (n->n_args < 1 || n->args[0].node->kind != ORM_N_CONST || n->args[0].node->value.tag != ORM_QS) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "%s() takes a queryset", n->lhs->name);
        return NULL;
    }
    return r->query_of(n->args[0].node->value.u.qs);
}

static struct orm_term *special_exists(struct orm_resolver *r, const struct orm_node *n,
                                       const struct orm_scope_rule *rule)
{
    const struct orm_query *q = queryset_argument(r, n);
    struct orm_term *t = q ? orm_resolve_exists(r, q, n, rule) : NULL;
    const struct orm_arg *negated = keyword(n, "negated");
    if (t && negated && negated->node->kind == ORM_N_CONST)
        t->negated = negated->node->value.u.b;
    return t;
}

static struct orm_term *special_subquery(struct orm_resolver *r, const struct orm_node *n,
                                         const struct orm_scope_rule *rule)
{
    const struct orm_query *q = queryset_argument(r, n);
    struct orm_query *inner = q ? orm_embed_query(r, q, q->is_values ? NULL : q->meta->pk, n, rule) : NULL;
    if (!inner)
        return NULL;
    struct orm_term *t = orm_term_new(r->arena, ORM_TERM_SUBQUERY, ORM_T_NONE);
    t->query = inner;
    t->nullable = true;
    orm_term_settle(r->arena, t);
    return typed(r, n, t);
}

static bool read_when(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t,
                      const struct orm_scope_rule *rule)
{
    const struct orm_node *conditions[8];
    const struct orm_arg *then = NULL, *second = NULL;
    struct orm_arg *named = ORM_NEW_N(r->arena, struct orm_arg, n->n_args);
    size_t n_conditions = 0, n_named = 0;
    for (size_t i = 0; i < n->n_args; i++) {
        const struct orm_arg *a = &n->args[i];
        if (a->name && strcmp(a->name, "then") == 0)
            then = a;
        else if (a->name)
            named[n_named++] = *a;
        else if (n_conditions == 0)
            conditions[n_conditions++] = a->node;
        else
            second = a;
    }
    then = then ? then : second;
    bool is_empty = n_conditions && n_named == 0 && orm_is_empty_condition(conditions[0]);
    if (is_empty)
        return orm_resolve_fail(r, n, ORM_VALUE_ERROR, "An empty Q() can't be used as a When() condition.");
    if (n_conditions && !orm_is_condition(conditions[0]) && conditions[0]->kind != ORM_N_CALL)
        return orm_resolve_fail(r, n, ORM_TYPE_ERROR,
                                "When() supports a Q object, a boolean expression, or lookups as a condition.");
    if (n_conditions + n_named == 0)
        return orm_resolve_fail(r, n, ORM_TYPE_ERROR,
                                "When() supports a Q object, a boolean expression, or lookups as a condition.");
    struct orm_cond *c = orm_resolve_condition(r, conditions, named, n_conditions, n_named, rule);
    struct orm_term *value = !c     ? NULL
                             : then ? orm_resolve_argument(r, then->node, rule)
                                    : orm_term_value(r->arena, (orm_val){.tag = ORM_NULL});
    if (!value)
        return false;
    t->conds[t->n_conds++] = c;
    t->args[t->n_args++] = value;
    t->has_aggregate = t->has_aggregate || value->has_aggregate || orm_cond_has_aggregate(c);
    t->has_window = t->has_window || value->has_window;
    return true;
}

static struct orm_term *special_case(struct orm_resolver *r, const struct orm_node *n,
                                     const struct orm_scope_rule *rule)
{
    struct orm_term *t = orm_term_new(r->arena, ORM_TERM_CASE, ORM_T_NONE);
    t->conds = ORM_NEW_N(r->arena, struct orm_cond *, n->n_args + 1);
    t->args = ORM_NEW_N(r->arena, struct orm_term *, n->n_args + 1);
    t->nullable = true;
    for (size_t i = 0; i < n->n_args && !n->args[i].name; i++) {
        const struct orm_node *w = n->args[i].node;
        if (w->kind != ORM_N_CALL || w->lhs->kind != ORM_N_NAME || strcmp(w->lhs->name, "When") != 0) {
            orm_resolve_fail(r, w, ORM_TYPE_ERROR, "Positional arguments must all be When objects.");
            return NULL;
        }
        if (!read_when(r, w, t, rule))
            return NULL;
    }
    const struct orm_arg *other = keyword(n, "default");
    struct orm_term *value =
        other ? orm_resolve_argument(r, other->node, rule) : orm_term_value(r->arena, (orm_val){.tag = ORM_NULL});
    if (!value)
        return NULL;
    t->args[t->n_args++] = value;
    t->has_aggregate = t->has_aggregate || value->has_aggregate;
    t->has_window = t->has_window || value->has_window;
    orm_term_settle(r->arena, t);
    return typed(r, n, t);
}

static struct orm_term *special_cast(struct orm_resolver *r, const struct orm_node *n,
                                     const struct orm_scope_rule *rule)
{
    const struct orm_arg *out = n->n_args > 1 && !n->args[1].name ? &n->args[1] : keyword(n, "output_field");
    if (n->n_args != 2 || !out || n->args[0].name) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "Cast() takes an expression and a field: Cast('views', FloatField())");
        return NULL;
    }
    struct orm_term *arg = orm_resolve_argument(r, n->args[0].node, rule);
    struct orm_term *t = arg ? orm_term_of(r, ORM_TERM_CAST, &arg, 1) : NULL;
    return t && orm_read_output_field(r, out->node, t) ? t : NULL;
}

orm_special orm_special_named(const char *name)
{
    static const struct {
        const char *name;
        orm_special special;
    } specials[] = {{"F", special_f},
                    {"Value", special_value},
                    {"OuterRef", special_outer},
                    {"Exists", special_exists},
                    {"Subquery", special_subquery},
                    {"Case", special_case},
                    {"Cast", special_cast},
                    {"ExpressionWrapper", special_wrapper}};
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (strcmp(specials[i].name, name) == 0)
            return specials[i].special;
    orm_special other = orm_special_moment(name);
    if (!other)
        other = orm_special_literal(name);
    return other ? other : strcmp(name, "Window") == 0 ? orm_special_window : NULL;
}
