/* Calls that are no plain functions: F, Value, OuterRef, Exists, Subquery, Case/When, ExpressionWrapper, Extract*. */
#include <ctype.h>

#include "orm/orm.h"
#include "orm/resolve.h"

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

/* output_field=FloatField(): ORM_T_NONE when it is no such thing. */
static enum orm_type field_type(const struct orm_node *n)
{
    static const struct {
        const char *name;
        enum orm_type type;
    } fields[] = {{"IntegerField", ORM_T_INT},     {"BigIntegerField", ORM_T_INT}, {"FloatField", ORM_T_FLOAT},
                  {"DecimalField", ORM_T_DECIMAL}, {"CharField", ORM_T_TEXT},      {"TextField", ORM_T_TEXT},
                  {"BooleanField", ORM_T_BOOL},    {"DateField", ORM_T_DATE},      {"DateTimeField", ORM_T_DATETIME},
                  {"TimeField", ORM_T_TIME}};
    if (n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME)
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (strcmp(fields[i].name, n->lhs->name) == 0)
                return fields[i].type;
    return ORM_T_NONE;
}

static struct orm_term *typed(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t)
{
    const struct orm_arg *out = keyword(n, "output_field");
    if (!t || !out)
        return t;
    enum orm_type type = field_type(out->node);
    if (type == ORM_T_NONE) {
        orm_resolve_fail(r, out->node, ORM_TYPE_ERROR, "output_field must be a field: IntegerField()");
        return NULL;
    }
    struct orm_term *copy = ORM_NEW(r->arena, struct orm_term);
    *copy = *t;
    copy->type = type;
    return copy;
}

static struct orm_term *special_value(struct orm_resolver *r, const struct orm_node *n,
                                      const struct orm_scope_rule *rule)
{
    (void)rule;
    if (n->n_args < 1 || n->args[0].name || n->args[0].node->kind != ORM_N_CONST ||
        n->args[0].node->value.tag > ORM_BYTES) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "Value() takes one constant");
        return NULL;
    }
    return typed(r, n, orm_term_value(r->arena, n->args[0].node->value));
}

static struct orm_term *special_wrapper(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule)
{
    if (n->n_args < 1 || n->args[0].name) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "ExpressionWrapper() takes an expression");
        return NULL;
    }
    return typed(r, n, orm_resolve_expr(r, n->args[0].node, rule));
}

static const struct orm_query *queryset_argument(struct orm_resolver *r, const struct orm_node *n)
{
    if (n->n_args < 1 || n->args[0].node->kind != ORM_N_CONST || n->args[0].node->value.tag != ORM_QS) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "%s() takes a queryset", n->lhs->name);
        return NULL;
    }
    return orm_query_of_qs(n->args[0].node->value.u.qs);
}

static struct orm_term *special_exists(struct orm_resolver *r, const struct orm_node *n,
                                       const struct orm_scope_rule *rule)
{
    const struct orm_query *q = queryset_argument(r, n);
    return q ? orm_resolve_exists(r, q, n, rule) : NULL;
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
    if (inner->n_select)
        t->type = inner->select[0].term->type;
    for (size_t i = 0; i < inner->n_annotations && !inner->n_select; i++)
        if (inner->annotations[i].is_selected)
            t->type = inner->annotations[i].term->type;
    return typed(r, n, t);
}

static bool read_when(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t,
                      const struct orm_scope_rule *rule)
{
    const struct orm_node *conditions[8];
    const struct orm_arg *then = NULL;
    struct orm_arg *named = ORM_NEW_N(r->arena, struct orm_arg, n->n_args);
    size_t n_conditions = 0, n_named = 0;
    for (size_t i = 0; i < n->n_args; i++) {
        const struct orm_arg *a = &n->args[i];
        if (a->name && strcmp(a->name, "then") == 0)
            then = a;
        else if (a->name)
            named[n_named++] = *a;
        else if (n_conditions < 8)
            conditions[n_conditions++] = a->node;
    }
    if (!then || n_conditions + n_named == 0)
        return orm_resolve_fail(r, n, ORM_TYPE_ERROR, "When() takes a condition and then=");
    struct orm_cond *c = orm_resolve_condition(r, conditions, named, n_conditions, n_named, rule);
    bool is_path = then->node->kind == ORM_N_CONST && then->node->value.tag == ORM_TEXT;
    struct orm_term *value = !c        ? NULL
                             : is_path ? orm_resolve_ref(r, then->node->value.u.s, then->node, rule)
                                       : orm_resolve_expr(r, then->node, rule);
    if (!value)
        return false;
    t->conds[t->n_conds++] = c;
    t->args[t->n_args++] = value;
    t->has_aggregate = t->has_aggregate || value->has_aggregate || orm_cond_has_aggregate(c);
    if (t->type == ORM_T_NONE)
        t->type = value->type;
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
    struct orm_term *value = NULL;
    if (!other)
        value = orm_term_value(r->arena, (orm_val){.tag = ORM_NULL});
    else if (other->node->kind == ORM_N_CONST && other->node->value.tag == ORM_TEXT)
        value = orm_resolve_ref(r, other->node->value.u.s, other->node, rule);
    else
        value = orm_resolve_expr(r, other->node, rule);
    if (!value)
        return NULL;
    t->args[t->n_args++] = value;
    t->has_aggregate = t->has_aggregate || value->has_aggregate;
    if (t->type == ORM_T_NONE)
        t->type = value->type;
    return typed(r, n, t);
}

static struct orm_term *special_cast(struct orm_resolver *r, const struct orm_node *n,
                                     const struct orm_scope_rule *rule)
{
    const struct orm_arg *out = n->n_args == 2 ? &n->args[1] : NULL;
    enum orm_type type = out ? field_type(out->node) : ORM_T_NONE;
    if (type == ORM_T_NONE || n->args[0].name) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "Cast() takes an expression and a field: Cast('views', FloatField())");
        return NULL;
    }
    const struct orm_node *first = n->args[0].node;
    bool is_path = first->kind == ORM_N_CONST && first->value.tag == ORM_TEXT;
    struct orm_term *arg =
        is_path ? orm_resolve_ref(r, first->value.u.s, first, rule) : orm_resolve_expr(r, first, rule);
    if (!arg)
        return NULL;
    struct orm_term *t = orm_term_new(r->arena, ORM_TERM_CAST, type);
    t->args = ORM_NEW_N(r->arena, struct orm_term *, 1);
    t->args[0] = arg;
    t->n_args = 1;
    t->has_aggregate = arg->has_aggregate;
    t->nullable = arg->nullable;
    return t;
}

/* ExtractWeekDay → week_day. */
static struct orm_term *special_extract(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule)
{
    char name[32];
    size_t len = 0;
    for (const char *s = n->lhs->name + strlen("Extract"); *s && len + 2 < sizeof name; s++) {
        if (isupper((unsigned char)*s) && len)
            name[len++] = '_';
        name[len++] = (char)tolower((unsigned char)*s);
    }
    const char *path = text_argument(r, n);
    struct orm_term *lhs = path ? orm_resolve_ref(r, path, n->args[0].node, rule) : NULL;
    if (!lhs)
        return NULL;
    struct orm_term *t = orm_extract(r, lhs, &(struct orm_name){name, len});
    if (!t)
        orm_resolve_fail(r, n, ORM_VALUE_ERROR, "%s takes a date or a time, not %s", n->lhs->name,
                         orm_type_name(lhs->type));
    return t;
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
    return strncmp(name, "Extract", 7) == 0 && isupper((unsigned char)name[7]) ? special_extract : NULL;
}
