/* The steps of a chain: one function each, which changes a fresh clone, chosen by a table. */
#include "orm/queryset/queryset.h"

static const struct orm_node *parse(orm_db *db, const char *text, const orm_val *v, const unsigned *holes)
{
    struct orm_parse_input in = {.arena = &db->arena, .error = &db->error, .text = text, .holes = holes};
    size_t n = 0;
    while (v && v[n].tag != ORM_END)
        n++;
    orm_val *own = ORM_NEW_N(&db->arena, orm_val, n + 1);
    for (size_t i = 0; i < n; i++)
        own[i] = orm_copy_val(&db->arena, v[i]);
    in.values = n ? own + 1 : own;
    for (size_t i = 1; i < n; i++) {
        if (own[i].tag == ORM_QS && !orm_query_of_qs(own[i].u.qs)) {
            orm_fail(&db->error, ORM_VALUE_ERROR, "a queryset that failed was given as a value");
            return NULL;
        }
        if (own[i].tag == ORM_EXPR && !own[i].u.x->args) {
            orm_fail(&db->error, ORM_VALUE_ERROR, "a condition that failed was given as a value");
            return NULL;
        }
    }
    return orm_parse_args(&in);
}

const struct orm_node *orm_step_args(orm_db *db, const orm_step *s)
{
    return s->args ? s->args : parse(db, s->text, s->v, s->holes);
}

static bool step_order_by_expr(orm_qs *qs, const orm_step *s);

bool orm_step_not_sliced(orm_qs *qs, const char *what)
{
    return !orm_query_is_sliced(qs->query) ||
           orm_fail(&qs->db->error, ORM_ASSERTION, "Cannot %s once a slice has been taken.", what);
}

static bool step_filter(orm_qs *qs, const orm_step *s)
{
    const struct orm_node *args = orm_step_args(qs->db, s);
    struct orm_resolver r = orm_resolver_of(qs->db, qs->query);
    return args && (args->n_args == 0 || orm_step_not_sliced(qs, "filter a query")) &&
           orm_resolve_filter(&r, args, s->op == ORM_S_EXCLUDE);
}

static bool add_order(struct orm_query *q, struct orm_order o)
{
    q->orders = ORM_GROW(q->arena, q->orders, q->n_orders);
    q->orders[q->n_orders++] = o;
    return true;
}

static bool add_order_name(orm_qs *qs, const char *name, const struct orm_node *at)
{
    struct orm_query *q = qs->query;
    struct orm_resolver r = orm_resolver_of(qs->db, q);
    const char *bare = name + (*name == '-' || *name == '+');
    if (strcmp(bare, "?") == 0) {
        struct orm_term *t = orm_term_new(q->arena, ORM_TERM_FUNC, ORM_T_FLOAT);
        t->func = &orm_functions[ORM_F_RANDOM];
        return add_order(q, (struct orm_order){.term = t, .descending = *name == '-'});
    }
    if (!*bare)
        return orm_fail(&qs->db->error, ORM_FIELD_ERROR, "Cannot resolve keyword '' into field. Choices are: %s",
                        orm_attr_choices(&qs->db->arena, q->meta, NULL, 0));
    struct orm_name *names;
    struct orm_path path;
    size_t n = orm_split_path(&qs->db->arena, bare, &names);
    if (!orm_query_annotation(q, bare, strlen(bare)) && q->combinator == ORM_COMBINE_NONE &&
        !orm_walk_path(&r, q->meta, names, n, true, false, at, &path))
        return false;
    return add_order(q, (struct orm_order){.name = orm_copy_text(q->arena, name, strlen(name))});
}

static bool step_order_by(orm_qs *qs, const orm_step *s)
{
    if (s->args)
        return step_order_by_expr(qs, s);
    if (!orm_step_not_sliced(qs, "reorder a query"))
        return false;
    orm_query_clear_ordering(qs->query);
    qs->query->is_reversed = false;
    for (size_t i = 1; i <= s->n_names; i++)
        if (s->names[i] && !add_order_name(qs, s->names[i], NULL))
            return false;
    return true;
}

static bool step_order_by_expr(orm_qs *qs, const orm_step *s)
{
    const struct orm_node *args = orm_step_args(qs->db, s);
    if (!args || !orm_step_not_sliced(qs, "reorder a query"))
        return false;
    struct orm_query *q = qs->query;
    orm_query_clear_ordering(q);
    q->is_reversed = false;
    struct orm_resolver r = orm_resolver_of(qs->db, q);
    for (size_t i = 0; i < args->n_args; i++) {
        struct orm_order o;
        struct orm_scope_rule rule = {0};
        if (!orm_resolve_order(&r, args->args[i].node, &rule, &o))
            return false;
        if (o.name ? !add_order_name(qs, o.name, args->args[i].node) : !add_order(q, o))
            return false;
    }
    return true;
}

/* The names that a new annotation must not have: the model's, or those of values(). */
bool orm_annotation_conflicts(const struct orm_query *q, const char *name)
{
    for (size_t i = 0; i < q->n_select && q->is_values; i++)
        if (strcmp(q->select[i].name, name) == 0)
            return true;
    if (q->is_values)
        return false;
    for (size_t i = 0; i < q->meta->n_attrs; i++)
        if (!q->meta->attrs[i]->hidden &&
            (strcmp(q->meta->attrs[i]->name, name) == 0 || strcmp(q->meta->attrs[i]->attname, name) == 0))
            return true;
    return false;
}

static bool is_aggregate_call(const struct orm_node *n)
{
    const struct orm_function *f =
        n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME ? orm_function_named(n->lhs->name) : NULL;
    return f && f->is_aggregate;
}

static bool step_annotate(orm_qs *qs, const orm_step *s)
{
    orm_db *db = qs->db;
    const struct orm_node *args = orm_step_args(db, s);
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    struct orm_query *q = qs->query;
    bool aggregates = false;
    for (size_t i = 0; args && i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        const char *name = a->name ? a->name : orm_default_alias(&db->arena, a->node);
        bool is_plain = a->node->kind == ORM_N_CONST && a->node->value.tag <= ORM_BYTES;
        if (!name && !is_plain && !is_aggregate_call(a->node))
            return orm_resolve_fail(&r, a->node, ORM_ATTRIBUTE, "this expression has no default_alias: name it");
        if (!name && !is_plain)
            return orm_resolve_fail(&r, a->node, ORM_TYPE_ERROR, "Complex annotations require an alias");
        if (is_plain)
            return orm_resolve_fail(&r, a->node, ORM_TYPE_ERROR,
                                    "QuerySet.annotate() received non-expression(s): a constant is written Value(...)");
        if (orm_annotation_conflicts(q, name))
            return orm_resolve_fail(&r, a->node, ORM_VALUE_ERROR,
                                    "The annotation '%s' conflicts with a field on the model.", name);
        struct orm_scope_rule rule = {0};
        struct orm_term *t = orm_resolve_expr(&r, a->node, &rule);
        if (!t)
            return false;
        size_t at = 0;
        while (at < q->n_annotations && strcmp(q->annotations[at].name, name) != 0)
            at++;
        if (at == q->n_annotations) {
            q->annotations = ORM_GROW(q->arena, q->annotations, q->n_annotations);
            q->n_annotations++;
        }
        q->annotations[at] = (struct orm_annotation){name, t, s->op == ORM_S_ANNOTATE, s->op == ORM_S_ALIAS};
        aggregates = aggregates || t->has_aggregate;
    }
    if (aggregates && !q->is_values)
        q->grouping = ORM_GROUP_MODEL;
    else if (aggregates)
        orm_query_group_by_selection(q);
    return args != NULL;
}

static bool add_related_path(orm_qs *qs, struct orm_related *at, const struct orm_meta *meta, const char *path)
{
    struct orm_name *names;
    size_t n = orm_split_path(&qs->db->arena, path, &names);
    for (size_t i = 0; i < n; i++) {
        struct orm_attr *rel = orm_attr_named(meta, names[i].s, names[i].n);
        bool one = rel && (rel->relation == ORM_REL_FK || rel->relation == ORM_REL_REVERSE_ONE);
        if (!one) {
            struct orm_buf b = {.arena = &qs->db->arena};
            orm_put(&b, "");
            for (size_t k = 0; k < meta->n_attrs; k++)
                if (!meta->attrs[k]->hidden &&
                    (meta->attrs[k]->relation == ORM_REL_FK || meta->attrs[k]->relation == ORM_REL_REVERSE_ONE))
                    orm_putf(&b, "%s%s", b.len ? ", " : "", meta->attrs[k]->name);
            return orm_fail(&qs->db->error, ORM_FIELD_ERROR,
                            "Invalid field name(s) given in select_related: '%.*s'. Choices are: %s", (int)names[i].n,
                            names[i].s, b.len ? b.p : "(none)");
        }
        struct orm_related *child = NULL;
        for (size_t k = 0; k < at->n_children; k++)
            if (at->children[k]->attr == rel)
                child = at->children[k];
        if (!child) {
            child = ORM_NEW(&qs->db->arena, struct orm_related);
            child->attr = rel;
            at->children = ORM_GROW(&qs->db->arena, at->children, at->n_children);
            at->children[at->n_children++] = child;
        }
        at = child;
        meta = rel->to;
    }
    return true;
}

static struct orm_related *copy_related(struct orm_arena *a, const struct orm_related *old)
{
    struct orm_related *r = ORM_NEW(a, struct orm_related);
    r->attr = old ? old->attr : NULL;
    for (size_t i = 0; old && i < old->n_children; i++) {
        r->children = ORM_GROW(a, r->children, r->n_children);
        r->children[r->n_children++] = copy_related(a, old->children[i]);
    }
    return r;
}

static bool step_select_related(orm_qs *qs, const orm_step *s)
{
    struct orm_query *q = qs->query;
    const char **names;
    size_t n;
    if (q->is_values)
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR,
                        "Cannot call select_related() after .values() or .values_list()");
    if (!orm_step_names(qs, s, NULL, NULL, &names, &n))
        return false;
    if (n == 0) {
        q->select_all_related = true;
        return true;
    }
    if (n == 1 && !names[0]) { /* select_related(NULL) */
        q->related = NULL;
        q->select_all_related = false;
        return true;
    }
    q->related = copy_related(q->arena, q->related);
    for (size_t i = 0; i < n; i++)
        if (names[i] && !add_related_path(qs, q->related, q->meta, names[i]))
            return false;
    return true;
}

static void add_prefetch(orm_qs *qs, const char *path, orm_qs *queryset, const char *to_attr)
{
    struct orm_arena *a = &qs->db->arena;
    qs->prefetches[qs->n_prefetches++] = (struct orm_prefetch_item){
        orm_copy_text(a, path, strlen(path)), queryset, to_attr ? orm_copy_text(a, to_attr, strlen(to_attr)) : NULL};
}

static bool step_prefetch(orm_qs *qs, const orm_step *s)
{
    struct orm_prefetch_item *old = qs->prefetches;
    qs->prefetches = ORM_NEW_N(&qs->db->arena, struct orm_prefetch_item, qs->n_prefetches + s->n_names + 1);
    if (qs->n_prefetches)
        memcpy(qs->prefetches, old, qs->n_prefetches * sizeof *old);
    if (s->op == ORM_S_PREFETCH) {
        if (s->prefetch.queryset && !orm_query_of_qs(s->prefetch.queryset))
            return orm_fail(&qs->db->error, ORM_VALUE_ERROR, "a queryset that failed was given to prefetch()");
        add_prefetch(qs, s->prefetch.path, s->prefetch.queryset, s->prefetch.to_attr);
        return true;
    }
    for (size_t i = 1; i <= s->n_names; i++)
        if (s->names[i])
            add_prefetch(qs, s->names[i], NULL, NULL);
    return true;
}

static bool step_slice(orm_qs *qs, const orm_step *s)
{
    if (s->lo < 0 || s->hi < -1)
        return orm_fail(&qs->db->error, ORM_ASSERTION, "Negative indexing is not supported.");
    if (s->hi >= 0 && s->hi < s->lo)
        orm_query_slice(qs->query, s->lo, s->lo);
    else
        orm_query_slice(qs->query, s->lo, s->hi);
    return true;
}

static bool step_reverse(orm_qs *qs, const orm_step *s)
{
    (void)s;
    if (orm_query_is_sliced(qs->query))
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR, "Cannot reverse a query once a slice has been taken.");
    qs->query->is_reversed = !qs->query->is_reversed;
    return true;
}

static bool step_none(orm_qs *qs, const orm_step *s)
{
    (void)s;
    qs->query->is_empty = true;
    return true;
}

static const struct {
    orm_step_function step;
    const char *name; /* Django's; NULL: may follow union() and its kin */
} steps_by_op[ORM_N_STEPS] = {
    [ORM_S_FILTER] = {step_filter, "filter"},
    [ORM_S_EXCLUDE] = {step_filter, "exclude"},
    [ORM_S_ORDER_BY] = {step_order_by, NULL},
    [ORM_S_ORDER_BY_EXPR] = {step_order_by_expr, NULL},
    [ORM_S_ANNOTATE] = {step_annotate, "annotate"},
    [ORM_S_ALIAS] = {step_annotate, "alias"},
    [ORM_S_SELECT_RELATED] = {step_select_related, "select_related"},
    [ORM_S_PREFETCH] = {step_prefetch, "prefetch_related"},
    [ORM_S_PREFETCH_MANY] = {step_prefetch, "prefetch_related"},
    [ORM_S_VALUES] = {orm_step_values, NULL},
    [ORM_S_VALUES_LIST] = {orm_step_values, NULL},
    [ORM_S_DISTINCT] = {orm_step_distinct, "distinct"},
    [ORM_S_SLICE] = {step_slice, NULL},
    [ORM_S_REVERSE] = {step_reverse, NULL},
    [ORM_S_NONE] = {step_none, NULL},
    [ORM_S_ONLY] = {orm_step_only, "only"},
    [ORM_S_DEFER] = {orm_step_only, "defer"},
    [ORM_S_FOR_UPDATE] = {orm_step_for_update, "select_for_update"},
    [ORM_S_DATES] = {orm_step_dates, NULL},
    [ORM_S_DATETIMES] = {orm_step_dates, NULL},
    [ORM_S_UNION] = {orm_step_combine, NULL},
    [ORM_S_INTERSECTION] = {orm_step_combine, NULL},
    [ORM_S_DIFFERENCE] = {orm_step_combine, NULL},
    [ORM_S_AND] = {orm_step_merge, NULL},
    [ORM_S_OR] = {orm_step_merge, NULL},
};

bool orm_run_step(orm_qs *qs, const orm_step *s)
{
    const char *name = steps_by_op[s->op].name;
    bool is_empty_filter = (s->op == ORM_S_FILTER || s->op == ORM_S_EXCLUDE) && s->args && s->args->n_args == 0;
    if (name && qs->query->combinator != ORM_COMBINE_NONE && !is_empty_filter)
        return orm_fail(&qs->db->error, ORM_NOT_SUPPORTED,
                        "Calling QuerySet.%s() after union(), intersection() or difference() is not supported.", name);
    return steps_by_op[s->op].step(qs, s);
}
