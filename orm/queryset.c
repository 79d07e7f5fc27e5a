/* Querysets: chains of steps over immutable clones. One function a step, chosen by a table. */
#include "orm/session.h"

const struct orm_query *orm_query_of_qs(const orm_qs *qs)
{
    return qs->query;
}

orm_qs *orm_qs_new(orm_db *db, struct orm_query *q)
{
    orm_qs *qs = ORM_NEW(&db->arena, orm_qs);
    qs->db = db;
    qs->query = q;
    return qs;
}

orm_qs *orm_qs_on(orm_db *db, const struct orm_meta *m)
{
    return orm_qs_new(db, orm_query_new(&db->arena, m));
}

orm_qs *orm_qs_clone(orm_qs *old)
{
    orm_qs *qs = ORM_NEW(&old->db->arena, orm_qs);
    *qs = *old;
    qs->result = NULL;
    qs->query = old->query ? orm_query_clone(&old->db->arena, old->query) : NULL;
    qs->prefetches = ORM_NEW_N(&old->db->arena, struct orm_prefetch_item, 2 * old->n_prefetches + 4);
    if (old->n_prefetches)
        memcpy(qs->prefetches, old->prefetches, old->n_prefetches * sizeof *qs->prefetches);
    return qs;
}

orm_qs *orm_objects(orm_db *db, const orm_model *m)
{
    if (!db->has_registry && !orm_ready(db))
        return orm_qs_new(db, NULL);
    struct orm_meta *meta = orm_meta_of(&db->registry, m);
    if (!meta) {
        orm_fail(&db->error, ORM_FIELD_ERROR, "%s is no model of this scope", m->name);
        return orm_qs_new(db, NULL);
    }
    return orm_qs_on(db, meta);
}

static const struct orm_node *parse(orm_db *db, const char *text, const orm_val *v)
{
    struct orm_parse_input in = {.arena = &db->arena, .error = &db->error, .text = text, .values = v ? v + 1 : NULL};
    size_t n = 0;
    while (v && v[n].tag != ORM_END)
        n++;
    orm_val *own = ORM_NEW_N(&db->arena, orm_val, n + 1);
    for (size_t i = 0; i < n; i++)
        own[i] = orm_copy_val(&db->arena, v[i]);
    in.values = n ? own + 1 : own;
    for (size_t i = 1; i < n; i++) {
        if (own[i].tag == ORM_QS && !own[i].u.qs->query) {
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

static const struct orm_node *args_of(orm_db *db, const orm_step *s)
{
    return s->args ? s->args : parse(db, s->text, s->v);
}

orm_expr *orm_q_(orm_db *db, const char *text, const orm_val *v)
{
    orm_expr *x = ORM_NEW(&db->arena, orm_expr);
    x->args = parse(db, text, v);
    return x;
}

/* ---- steps: each changes qs, a fresh clone ------------------------------------------------------------------------------ */

typedef bool (*step_function)(orm_qs *qs, const orm_step *s);

static bool not_sliced(orm_qs *qs, const char *what)
{
    return !orm_query_is_sliced(qs->query) ||
           orm_fail(&qs->db->error, ORM_TYPE_ERROR, "Cannot %s once a slice has been taken.", what);
}

static bool step_filter(orm_qs *qs, const orm_step *s)
{
    const struct orm_node *args = args_of(qs->db, s);
    struct orm_resolver r = orm_resolver_of(qs->db, qs->query);
    return args && (args->n_args == 0 || not_sliced(qs, "filter a query")) &&
           orm_resolve_filter(&r, args, s->op == ORM_S_EXCLUDE);
}

static bool step_order_by(orm_qs *qs, const orm_step *s)
{
    if (!not_sliced(qs, "reorder a query"))
        return false;
    struct orm_query *q = qs->query;
    orm_query_clear_ordering(q);
    q->is_reversed = false;
    for (size_t i = 1; i <= s->n_names; i++) {
        const char *name = s->names[i], *bare = name + (*name == '-' || *name == '+');
        if (!*bare)
            continue;
        struct orm_resolver r = orm_resolver_of(qs->db, q);
        struct orm_name *names;
        struct orm_path path;
        size_t n = orm_split_path(&qs->db->arena, bare, &names);
        if (!orm_query_annotation(q, bare, strlen(bare)) &&
            !orm_walk_path(&r, q->meta, names, n, true, false, NULL, &path))
            return false;
        q->orders = ORM_GROW(q->arena, q->orders, q->n_orders);
        q->orders[q->n_orders++] = (struct orm_order){.name = orm_copy_text(q->arena, name, strlen(name))};
    }
    return true;
}

/* F('x').desc(nulls_last=True) */
static const struct orm_node *read_direction(struct orm_resolver *r, const struct orm_node *n, struct orm_order *o)
{
    bool is_method = n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_ATTR;
    if (!is_method)
        return n;
    const char *method = n->lhs->name;
    if (strcmp(method, "asc") != 0 && strcmp(method, "desc") != 0) {
        orm_resolve_fail(r, n->lhs, ORM_TYPE_ERROR, "no such method: .asc() or .desc()");
        return NULL;
    }
    o->descending = *method == 'd';
    for (size_t i = 0; i < n->n_args; i++) {
        const char *name = n->args[i].name ? n->args[i].name : "";
        bool truth = n->args[i].node->kind == ORM_N_CONST && n->args[i].node->value.tag == ORM_BOOL &&
                     n->args[i].node->value.u.b;
        if (truth && strncmp(name, "nulls_", 6) == 0)
            o->nulls = strcmp(name, "nulls_first") == 0 ? 1 : 2;
    }
    return n->lhs->lhs;
}

static bool step_order_by_expr(orm_qs *qs, const orm_step *s)
{
    const struct orm_node *args = args_of(qs->db, s);
    if (!args || !not_sliced(qs, "reorder a query"))
        return false;
    if (qs->query->use_meta_ordering)
        orm_query_clear_ordering(qs->query);
    struct orm_resolver r = orm_resolver_of(qs->db, qs->query);
    struct orm_query *q = qs->query;
    for (size_t i = 0; i < args->n_args; i++) {
        struct orm_order o = {0};
        const struct orm_node *n = read_direction(&r, args->args[i].node, &o);
        struct orm_scope_rule rule = {0};
        if (!n)
            return false;
        if (n->kind == ORM_N_CONST && n->value.tag == ORM_TEXT)
            o.name = n->value.u.s;
        else if (!(o.term = orm_resolve_expr(&r, n, &rule)))
            return false;
        q->orders = ORM_GROW(q->arena, q->orders, q->n_orders);
        q->orders[q->n_orders++] = o;
    }
    return true;
}

static bool step_annotate(orm_qs *qs, const orm_step *s)
{
    orm_db *db = qs->db;
    const struct orm_node *args = args_of(db, s);
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    struct orm_query *q = qs->query;
    bool aggregates = false;
    for (size_t i = 0; args && i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        const char *name = a->name ? a->name : orm_default_alias(&db->arena, a->node);
        if (!name)
            return orm_resolve_fail(&r, a->node, ORM_TYPE_ERROR, "Complex annotations require an alias");
        if (!q->is_values && orm_attr_named(q->meta, name, strlen(name)))
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
        q->annotations[at] = (struct orm_annotation){name, t, s->op == ORM_S_ANNOTATE};
        aggregates = aggregates || t->has_aggregate;
    }
    if (aggregates && q->grouping == ORM_GROUP_NONE) {
        q->grouping = q->is_values ? ORM_GROUP_TERMS : ORM_GROUP_MODEL;
        for (size_t i = 0; q->is_values && i < q->n_select; i++) {
            q->group_by = ORM_GROW(q->arena, q->group_by, q->n_group_by);
            q->group_by[q->n_group_by++] = q->select[i].term;
        }
        for (size_t i = 0; q->is_values && i < q->n_annotations; i++) {
            if (!q->annotations[i].is_selected || q->annotations[i].term->has_aggregate)
                continue;
            q->group_by = ORM_GROW(q->arena, q->group_by, q->n_group_by);
            q->group_by[q->n_group_by++] = q->annotations[i].term;
        }
    }
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
    if (q->is_values)
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR,
                        "Cannot call select_related() after .values() or .values_list()");
    if (s->n_names == 0) {
        q->select_all_related = true;
        return true;
    }
    if (s->n_names == 1 && !s->names[1]) { /* select_related(NULL) */
        q->related = NULL;
        q->select_all_related = false;
        return true;
    }
    q->related = copy_related(q->arena, q->related);
    for (size_t i = 1; i <= s->n_names; i++)
        if (!add_related_path(qs, q->related, q->meta, s->names[i]))
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
        if (s->prefetch.queryset && !s->prefetch.queryset->query)
            return orm_fail(&qs->db->error, ORM_VALUE_ERROR, "a queryset that failed was given to prefetch()");
        add_prefetch(qs, s->prefetch.path, s->prefetch.queryset, s->prefetch.to_attr);
        return true;
    }
    for (size_t i = 1; i <= s->n_names; i++)
        if (s->names[i])
            add_prefetch(qs, s->names[i], NULL, NULL);
    return true;
}

static bool add_value(orm_qs *qs, const char *name)
{
    struct orm_query *q = qs->query;
    for (size_t i = 0; i < q->n_annotations; i++) {
        if (strcmp(q->annotations[i].name, name) == 0) {
            q->annotations[i].is_selected = true;
            return true;
        }
    }
    struct orm_resolver r = orm_resolver_of(qs->db, q);
    struct orm_scope_rule rule = {0};
    struct orm_term *t = orm_resolve_ref(&r, name, NULL, &rule);
    if (!t)
        return false;
    q->select = ORM_GROW(q->arena, q->select, q->n_select);
    q->select[q->n_select++] = (struct orm_select_item){orm_copy_text(q->arena, name, strlen(name)), t};
    return true;
}

static bool step_values(orm_qs *qs, const orm_step *s)
{
    struct orm_query *q = qs->query;
    if (q->grouping == ORM_GROUP_MODEL) { /* annotate() came first: the groups stay those of the model */
        q->grouping = ORM_GROUP_TERMS;
        for (size_t i = 0; i < q->meta->n_columns; i++) {
            q->group_by = ORM_GROW(q->arena, q->group_by, q->n_group_by);
            q->group_by[q->n_group_by++] = orm_term_column(q->arena, 0, q->meta->columns[i]);
        }
    }
    q->is_values = true;
    q->default_columns = false;
    q->n_select = 0;
    q->select = NULL;
    q->related = NULL;
    q->select_all_related = false;
    if (s->n_names == 0) {
        for (size_t i = 0; i < q->meta->n_columns; i++)
            if (!add_value(qs, q->meta->columns[i]->attname))
                return false;
        return true;
    }
    for (size_t i = 0; i < q->n_annotations; i++)
        q->annotations[i].is_selected = false;
    for (size_t i = 1; i <= s->n_names; i++)
        if (!add_value(qs, s->names[i]))
            return false;
    return true;
}

static bool step_distinct(orm_qs *qs, const orm_step *s)
{
    (void)s;
    qs->query->is_distinct = true;
    return not_sliced(qs, "create distinct fields");
}

static bool step_slice(orm_qs *qs, const orm_step *s)
{
    if (s->lo < 0 || s->hi < -1)
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR, "Negative indexing is not supported.");
    if (s->hi >= 0 && s->hi < s->lo)
        orm_query_slice(qs->query, s->lo, s->lo);
    else
        orm_query_slice(qs->query, s->lo, s->hi);
    return true;
}

static bool step_reverse(orm_qs *qs, const orm_step *s)
{
    (void)s;
    qs->query->is_reversed = !qs->query->is_reversed;
    return not_sliced(qs, "reverse a query");
}

static bool step_none(orm_qs *qs, const orm_step *s)
{
    (void)s;
    qs->query->is_empty = true;
    return true;
}

static const step_function step_functions[ORM_N_STEPS] = {
    [ORM_S_FILTER] = step_filter,
    [ORM_S_EXCLUDE] = step_filter,
    [ORM_S_ORDER_BY] = step_order_by,
    [ORM_S_ORDER_BY_EXPR] = step_order_by_expr,
    [ORM_S_ANNOTATE] = step_annotate,
    [ORM_S_ALIAS] = step_annotate,
    [ORM_S_SELECT_RELATED] = step_select_related,
    [ORM_S_PREFETCH] = step_prefetch,
    [ORM_S_PREFETCH_MANY] = step_prefetch,
    [ORM_S_VALUES] = step_values,
    [ORM_S_VALUES_LIST] = step_values,
    [ORM_S_DISTINCT] = step_distinct,
    [ORM_S_SLICE] = step_slice,
    [ORM_S_REVERSE] = step_reverse,
    [ORM_S_NONE] = step_none,
};

orm_qs *orm_chain_(orm_qs *qs, const orm_step *steps)
{
    orm_qs *next = orm_qs_clone(qs);
    for (; next->query && steps->op != ORM_S_END; steps++)
        if (!step_functions[steps->op](next, steps))
            next->query = NULL;
    return next;
}

orm_qs *orm_where(orm_qs *qs, const char *path, orm_val v)
{
    orm_qs *next = orm_qs_clone(qs);
    if (!next->query)
        return next;
    struct orm_resolver r = orm_resolver_of(qs->db, next->query);
    if (!not_sliced(next, "filter a query") ||
        !orm_resolve_where(&r, orm_copy_text(&qs->db->arena, path, strlen(path)), orm_copy_val(&qs->db->arena, v)))
        next->query = NULL;
    return next;
}

const char *orm_sql(orm_qs *qs)
{
    if (!qs->query || !orm_ready(qs->db))
        return NULL;
    struct orm_resolver r = orm_resolver_of(qs->db, qs->query);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, qs->db->driver->dialect);
    return orm_compile_select(&c, qs->query, &st) ? st.sql : NULL;
}
