/* filter() and exclude(): trees of Q and lookups into where, as Django 3.2's Query.build_filter, _add_q, split_exclude. */
#include "orm/orm.h"
#include "orm/resolve/resolve.h"
#include "orm/value/json.h"

/* A Q tree before names are resolved: Q(a=1, b=2) | ~Q(c=3). */
struct qnode {
    bool is_leaf, is_or, negated;
    struct qnode **children;
    size_t n_children;
    const char *path;            /* leaf: a lookup; NULL: an expression that is true or false */
    const struct orm_node *node; /* leaf: value of the lookup, or the expression */
    const struct orm_node *at;
    const orm_val *direct; /* leaf of orm_where(): value without a node */
};

struct filtering {
    struct orm_resolver *r;
    struct orm_set *used; /* joins that this filter() may share */
    bool branch_negated, current_negated, may_split;
};

static struct qnode *group(struct orm_arena *a, bool is_or, bool negated)
{
    struct qnode *q = ORM_NEW(a, struct qnode);
    q->is_or = is_or;
    q->negated = negated;
    return q;
}

static void add_child(struct orm_arena *a, struct qnode *q, struct qnode *child)
{
    if (!child->is_leaf && child->n_children == 0)
        return; /* an empty Q is neutral everywhere */
    bool squash = !child->is_leaf && !child->negated && (child->is_or == q->is_or || child->n_children == 1);
    if (squash) {
        for (size_t i = 0; i < child->n_children; i++)
            add_child(a, q, child->children[i]);
        return;
    }
    q->children = ORM_GROW(a, q->children, q->n_children);
    q->children[q->n_children++] = child;
}

static struct qnode *leaf(struct orm_arena *a, const char *path, const struct orm_node *node, const struct orm_node *at)
{
    struct qnode *q = ORM_NEW(a, struct qnode);
    q->is_leaf = true;
    q->path = path;
    q->node = node;
    q->at = at;
    return q;
}

bool orm_is_condition(const struct orm_node *n)
{
    static const char *const calls[] = {"Q", "Exists"};
    switch (n->kind) {
    case ORM_N_CONST: return n->value.tag == ORM_EXPR;
    case ORM_N_UNARY: return n->op == ORM_OP_NOT && orm_is_condition(n->lhs);
    case ORM_N_BINARY: return (n->op == ORM_OP_OR || n->op == ORM_OP_AND) && orm_is_condition(n->lhs);
    case ORM_N_CALL:
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
            if (n->lhs->kind == ORM_N_NAME && strcmp(n->lhs->name, calls[i]) == 0)
                return true;
        return false;
    default: return false;
    }
}

bool orm_is_empty_condition(const struct orm_node *n)
{
    bool is_q = n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME && strcmp(n->lhs->name, "Q") == 0;
    return is_q && n->n_args == 0;
}

static bool is_call_of_q(const struct orm_node *n)
{
    return n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME && strcmp(n->lhs->name, "Q") == 0;
}

static struct qnode *read_condition(struct orm_resolver *r, const struct orm_node *n);

/* Positional conditions first, then the keywords sorted by name, as Python's Q(**kwargs) does. */
static struct qnode *read_args(struct orm_resolver *r, const struct orm_node *n)
{
    struct qnode *q = group(r->arena, false, false);
    struct orm_arg *named = NULL;
    size_t n_named = 0;
    for (size_t i = 0; i < n->n_args; i++) {
        if (n->args[i].name) {
            named = ORM_GROW(r->arena, named, n_named);
            named[n_named++] = n->args[i];
            continue;
        }
        struct qnode *c = read_condition(r, n->args[i].node);
        if (!c)
            return NULL;
        add_child(r->arena, q, c);
    }
    for (size_t i = 1; i < n_named; i++) {
        struct orm_arg x = named[i];
        size_t k = i;
        for (; k > 0 && strcmp(named[k - 1].name, x.name) > 0; k--)
            named[k] = named[k - 1];
        named[k] = x;
    }
    for (size_t i = 0; i < n_named; i++) {
        struct orm_node *at = ORM_NEW(r->arena, struct orm_node);
        *at = *named[i].node;
        at->pos = named[i].pos;
        at->text = n->text;
        add_child(r->arena, q, leaf(r->arena, named[i].name, named[i].node, at));
    }
    return q;
}

static struct qnode *read_condition(struct orm_resolver *r, const struct orm_node *n)
{
    if (n->kind == ORM_N_CONST && n->value.tag == ORM_EXPR)
        return read_args(r, n->value.u.x->args);
    if (is_call_of_q(n))
        return read_args(r, n);
    if (n->kind == ORM_N_UNARY && n->op == ORM_OP_NOT) {
        struct qnode *inner = read_condition(r, n->lhs), *q = group(r->arena, false, true);
        if (inner)
            add_child(r->arena, q, inner);
        return inner ? q : NULL;
    }
    if (n->kind == ORM_N_BINARY && (n->op == ORM_OP_OR || n->op == ORM_OP_AND)) {
        struct qnode *a = read_condition(r, n->lhs), *b = a ? read_condition(r, n->rhs) : NULL;
        if (!b)
            return NULL;
        if (!a->is_leaf && a->n_children == 0)
            return b;
        if (!b->is_leaf && b->n_children == 0)
            return a;
        struct qnode *q = group(r->arena, n->op == ORM_OP_OR, false);
        add_child(r->arena, q, a);
        add_child(r->arena, q, b);
        return q;
    }
    if (n->kind == ORM_N_CONST && n->value.tag == ORM_TEXT) {
        orm_resolve_fail(r, n, ORM_VALUE_ERROR, "a condition is written field=value or Q(...), not as a text");
        return NULL;
    }
    return leaf(r->arena, NULL, n, n); /* an expression: that it is true or false is seen when it is resolved */
}

static struct orm_cond *resolve_group(struct filtering *f, const struct qnode *q, struct orm_set *needed);

/* ---- exclude() over a many-valued relation: NOT EXISTS(SELECT 1 ...) ------------------------------------------------ */

struct alias_use {
    struct orm_query *q;
    int base;
    bool before_base;
};

static struct orm_term *see_alias(void *context, struct orm_term *t)
{
    struct alias_use *u = context;
    if (t->kind == ORM_TERM_COLUMN && t->level == 0 && t->alias != u->base) {
        bool above = false; /* a join that hangs from base needs nothing else */
        for (int k = t->alias; k > 0; k = u->q->aliases[k].parent)
            above = above || k == u->base;
        u->before_base = u->before_base || !above;
    }
    return t;
}

/* posts__views=F('age') * 2 computes with columns of tables that would be dropped: then all stay joined. */
static bool keep_values_tables(struct orm_query *q, int base)
{
    struct alias_use use = {q, base, false};
    if (q->where && base > 0)
        orm_cond_map(q->arena, q->where, see_alias, &use);
    for (int k = base; use.before_base && k >= 0; k = q->aliases[k].parent)
        if (q->aliases[k].n_refs <= 0)
            q->aliases[k].n_refs = 1;
    return use.before_base;
}

/* Drops what stands before the first many-valued hop of the inner query: those tables are the outer query's. Returns the
 * column of the inner query that is tied to the outer one, and the outer path to it. */
static struct orm_term *trim_start(struct orm_resolver *inner, const struct orm_path *p, const struct orm_joined *j,
                                   const struct orm_name *names, const char **prefix, bool *contains_left)
{
    size_t many = 0;
    *contains_left = false;
    while (!p->hops[many].is_many) {
        if (inner->q->aliases[j->aliases[many + 1]].type == ORM_JOIN_LEFT)
            *contains_left = true;
        orm_unref_alias(inner->q, j->aliases[many]);
        many++;
    }
    struct orm_buf b = {.arena = inner->arena};
    size_t hops_left = many;
    for (size_t i = 0; i < p->n_names && hops_left >= p->name_hops[i] && p->name_hops[i] > 0; i++) {
        orm_putf(&b, "%.*s__", (int)names[i].n, names[i].s);
        hops_left -= p->name_hops[i];
        if (hops_left == 0)
            break;
    }
    if (many == 0)
        b.len = 0;
    orm_put(&b, p->hops[many].near->name);
    *prefix = b.p;
    int first = j->aliases[many + 1], before = j->aliases[many];
    struct orm_term *tie;
    int base;
    if (inner->q->aliases[first].type != ORM_JOIN_LEFT) {
        orm_unref_alias(inner->q, before);
        tie = orm_term_column(inner->arena, first, p->hops[many].far);
        base = first;
    } else {
        tie = orm_term_column(inner->arena, before, p->hops[many].near);
        base = before;
    }
    if (keep_values_tables(inner->q, base))
        return tie;
    for (size_t i = 0; i < inner->q->n_aliases && (int)i < base; i++)
        inner->q->aliases[i].n_refs = 0;
    inner->q->aliases[base].type = ORM_JOIN_BASE;
    return tie;
}

static bool same_prefix(const char *path, const struct orm_name *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strncmp(path, names[i].s, names[i].n) != 0)
            return false;
        path += names[i].n;
        if (strncmp(path, "__", 2) == 0)
            path += 2;
        else if (*path)
            return false;
    }
    return true;
}

/* Inside the subquery F('age') means the outer row, F('posts__likes') beside posts__views the same inner row.
 * (Django 3.2 takes both for the outer row and returns rows several times; we don't.) */
static const struct orm_node *as_outer(struct orm_resolver *r, const struct orm_node *n, const struct orm_name *names,
                                       size_t k)
{
    bool is_f = n && n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME && strcmp(n->lhs->name, "F") == 0;
    if (!is_f || n->n_args != 1 || n->args[0].node->kind != ORM_N_CONST || n->args[0].node->value.tag != ORM_TEXT)
        return n;
    if (same_prefix(n->args[0].node->value.u.s, names, k))
        return n;
    struct orm_node *name = ORM_NEW(r->arena, struct orm_node), *outer = ORM_NEW(r->arena, struct orm_node);
    *name = *n->lhs;
    name->name = "OuterRef";
    *outer = *n;
    outer->lhs = name;
    return outer;
}

/* A join of the same name that this filter() uses already: Django then means the same row of it. 0: there is none. */
static int shared_alias(const struct filtering *f, const struct orm_query *inner, int alias)
{
    const struct orm_query *outer = f->r->q;
    for (size_t i = 0; i < f->used->n; i++) {
        int k = f->used->items[i];
        bool same_table = outer->aliases[k].meta == inner->aliases[alias].meta;
        if (k > 0 && same_table && orm_alias_number(outer, k) == orm_alias_number(inner, alias))
            return k;
    }
    return 0;
}

static struct orm_cond *resolve_leaf(struct filtering *f, const struct qnode *q, struct orm_set *needed);

static struct orm_cond *split_exclude(struct filtering *f, const struct qnode *q, const struct orm_name *names,
                                      size_t n)
{
    struct orm_resolver *r = f->r;
    struct orm_resolver inner = *r;
    inner.q = orm_query_new(r->arena, r->q->meta);
    orm_query_clear_ordering(inner.q);
    struct orm_path many, all;
    if (!orm_walk_path(&inner, inner.q->meta, names, n, false, false, q->at, &many) ||
        !orm_walk_path(&inner, inner.q->meta, names, n, true, false, q->at, &all))
        return NULL;
    struct qnode moved = *q;
    moved.node = as_outer(r, q->node, names, many.n_names);
    struct orm_set used = {.arena = r->arena}, inner_needed = {.arena = r->arena};
    struct filtering inside = {.r = &inner, .used = &used, .may_split = true};
    struct orm_cond *c = resolve_leaf(&inside, &moved, &inner_needed);
    if (!c)
        return NULL;
    orm_demote_joins(inner.q, &inner_needed);
    orm_query_and(inner.q, c);

    struct orm_joined joined;
    orm_setup_joins(&inner, &all, 0, &used, &joined); /* finds the joins that the lookup made ... */
    for (size_t i = 1; i < joined.n; i++)
        orm_unref_alias(inner.q, joined.aliases[i]); /* ... and takes no share in them */
    const char *prefix;
    bool contains_left;
    struct orm_term *tie = trim_start(&inner, &all, &joined, names, &prefix, &contains_left);
    int shared = shared_alias(f, inner.q, tie->alias);
    if (shared > 0) {
        const struct orm_attr *pk = tie->attr->owner->pk;
        struct orm_term *row = orm_term_column(r->arena, shared, pk);
        row->level = 1;
        orm_query_and(inner.q, orm_cond_lookup(r->arena, orm_term_column(r->arena, tie->alias, pk),
                                               &orm_lookups[ORM_L_EXACT], row));
    }
    struct orm_term *outer = orm_term_new(r->arena, ORM_TERM_OUTER, tie->type);
    outer->name = prefix;
    outer->level = 1;
    orm_query_and(inner.q, orm_cond_lookup(r->arena, tie, &orm_lookups[ORM_L_EXACT], outer));

    struct orm_scope_rule rule = {.reuse = f->used, .used = f->used};
    struct orm_term *exists = orm_resolve_exists(r, inner.q, q->at, &rule);
    if (!exists)
        return NULL;
    struct orm_cond *both = orm_cond_group(r->arena, ORM_COND_AND, false);
    orm_cond_add(r->arena, both, orm_cond_term(r->arena, exists));
    if (contains_left) {
        struct orm_val *truth = ORM_NEW(r->arena, orm_val);
        *truth = orm_v_bool(true);
        struct qnode is_null = {
            .is_leaf = true, .path = orm_printf(r->arena, "%s__isnull", prefix), .at = q->at, .direct = truth};
        struct filtering again = {
            .r = r, .used = f->used, .branch_negated = true, .current_negated = true, .may_split = true};
        struct orm_set unneeded = {.arena = r->arena};
        struct orm_cond *null_path = resolve_leaf(&again, &is_null, &unneeded);
        struct orm_cond *either = orm_cond_group(r->arena, ORM_COND_OR, false);
        if (!null_path)
            return NULL;
        orm_cond_add(r->arena, either, both);
        orm_cond_add(r->arena, either, null_path);
        return either;
    }
    return both;
}

/* ---- one lookup ------------------------------------------------------------------------------------------------------ */

/* A list or a dict for a JSON column: a document, whose elements are values of their own where a list is wanted. */
static struct orm_term *document_of(struct filtering *f, const struct orm_node *n)
{
    struct orm_arena *a = f->r->arena;
    struct orm_buf b = {.arena = a};
    if (!orm_json_of_node(&b, n)) {
        orm_resolve_fail(f->r, n, ORM_TYPE_ERROR, "the value is not JSON serializable");
        return NULL;
    }
    struct orm_term *t = orm_term_value(a, (orm_val){ORM_JSON, {.s = b.p}});
    if (n->kind == ORM_N_DICT)
        return t;
    t->kind = ORM_TERM_LIST;
    t->args = ORM_NEW_N(a, struct orm_term *, n->n_args + 1);
    for (; t->n_args < n->n_args; t->n_args++) {
        const struct orm_node *item = n->args[t->n_args].node;
        t->args[t->n_args] = item->kind == ORM_N_CONST ? orm_term_value(a, item->value) : document_of(f, item);
    }
    return t;
}

static struct orm_term *value_of(struct filtering *f, const struct qnode *q, const struct orm_scope_rule *rule,
                                 enum orm_type type)
{
    struct orm_arena *a = f->r->arena;
    if (q->direct)
        return orm_term_value(a, *q->direct);
    if (type == ORM_T_JSON && (q->node->kind == ORM_N_LIST || q->node->kind == ORM_N_DICT))
        return document_of(f, q->node);
    if (q->node->kind == ORM_N_LIST) {
        struct orm_term *l = orm_term_new(a, ORM_TERM_LIST, ORM_T_NONE);
        l->args = ORM_NEW_N(a, struct orm_term *, q->node->n_args);
        for (size_t i = 0; i < q->node->n_args; i++) {
            l->args[i] = orm_resolve_expr(f->r, q->node->args[i].node, rule);
            if (!l->args[i])
                return NULL;
            l->has_aggregate = l->has_aggregate || l->args[i]->has_aggregate;
            l->n_args++;
        }
        return l;
    }
    if (q->node->kind == ORM_N_CONST && q->node->value.tag != ORM_EXPR) {
        struct orm_term *t = orm_term_value(a, q->node->value);
        t->hole = q->node->hole;
        return t;
    }
    return orm_resolve_expr(f->r, q->node, rule);
}

/* name, or name__more when it is an annotation's: the longest wins as in Django, which tries from short to long and
 * stops at the first. */
static const struct orm_annotation *leading_annotation(struct orm_resolver *r, const char *path,
                                                       const struct orm_name *names, size_t n, size_t *n_used)
{
    for (size_t i = 0; i < n; i++) {
        const struct orm_annotation *a = orm_query_annotation(r->q, path, (size_t)(names[i].s + names[i].n - path));
        if (a) {
            *n_used = i + 1;
            return a;
        }
    }
    return NULL;
}

static void add_not_null(struct orm_resolver *r, struct orm_cond *clause, struct orm_term *t)
{
    orm_cond_add(r->arena, clause,
                 orm_cond_lookup(r->arena, t, &orm_lookups[ORM_L_ISNULL], orm_term_value(r->arena, orm_v_bool(false))));
}

static bool is_isnull(const struct orm_cond *c, bool flag)
{
    return c->kind == ORM_COND_LOOKUP && c->lookup->id == ORM_L_ISNULL && c->rhs->value.u.b == flag;
}

static bool may_filter(struct orm_resolver *r, const struct orm_term *t, const struct orm_node *at)
{
    return !t->has_window || orm_resolve_fail(r, at, ORM_NOT_SUPPORTED, "Window is disallowed in the filter clause.");
}

static struct orm_cond *resolve_leaf(struct filtering *f, const struct qnode *q, struct orm_set *needed)
{
    struct orm_resolver *r = f->r;
    struct orm_arena *a = r->arena;
    struct orm_cond *clause = orm_cond_group(a, ORM_COND_AND, false);
    struct orm_set value_joins = {.arena = a};
    struct orm_scope_rule rule = {.reuse = f->used, .used = &value_joins};
    if (!q->path) {
        struct orm_term *t = orm_resolve_expr(r, q->node, &rule);
        if (!t)
            return NULL;
        if (t->type != ORM_T_BOOL) {
            orm_resolve_fail(r, q->at, ORM_TYPE_ERROR, "Cannot filter against a non-conditional expression.");
            return NULL;
        }
        if (!may_filter(r, t, q->at))
            return NULL;
        orm_set_add_all(f->used, &value_joins);
        orm_cond_add(a, clause, orm_cond_term(a, t));
        return clause;
    }
    struct orm_name *names;
    size_t n = orm_split_path(a, q->path, &names), n_used = 0;
    const struct orm_annotation *annotation = leading_annotation(r, q->path, names, n, &n_used);
    struct orm_path path;
    if (!annotation &&
        !orm_walk_path(r, r->q->meta, names, n, !f->branch_negated || !f->may_split, false, q->at, &path))
        return NULL;
    if (!annotation && path.is_many_stop)
        return split_exclude(f, q, names, n);
    struct orm_term *value = value_of(f, q, &rule, annotation ? annotation->term->type : path.target->type);
    if (!value)
        return NULL;
    orm_set_add_all(f->used, &value_joins);
    if (!may_filter(r, value, q->at) || (annotation && !may_filter(r, annotation->term, q->at)))
        return NULL;
    if (annotation && annotation->term->kind_error) {
        orm_resolve_fail(r, q->at, ORM_FIELD_ERROR, "%s", annotation->term->kind_error);
        return NULL;
    }
    if (annotation) {
        struct orm_cond *c = orm_build_lookup(r, annotation->term, NULL, names + n_used, n - n_used, value, q->at);
        if (!c)
            return NULL;
        orm_cond_add(a, clause, c);
        return clause;
    }
    struct orm_joined joined;
    orm_setup_joins(r, &path, 0, f->used, &joined);
    struct orm_set used_joins = {.arena = a};
    orm_set_add_all(&used_joins, &value_joins);
    for (size_t i = 0; i < joined.n; i++)
        orm_set_add(&used_joins, joined.aliases[i]);
    orm_trim_joins(r, &path, &joined);
    int last = joined.aliases[joined.n - 1];
    for (size_t i = 0; i < joined.n; i++)
        orm_set_add(f->used, joined.aliases[i]);
    struct orm_term *column = orm_term_column(a, last, joined.target);
    const struct orm_attr *relation = path.final->relation != ORM_REL_NONE ? path.final : NULL;
    struct orm_cond *c = orm_build_lookup(r, column, relation, names + path.n_names, n - path.n_names, value, q->at);
    if (!c)
        return NULL;
    orm_cond_add(a, clause, c);
    bool require_outer = is_isnull(c, true) && !f->current_negated;
    bool is_none = value->kind == ORM_TERM_VALUE && value->value.tag == ORM_NULL; /* a document's null */
    if (f->current_negated && !is_isnull(c, true) && !is_none) {
        require_outer = true;
        if (!is_isnull(c, false)) {
            /* NOT (col = 1) is NULL where col is: guard it, so that those rows are kept */
            if (joined.target->null || r->q->aliases[last].type == ORM_JOIN_LEFT)
                add_not_null(r, clause, column);
            if (value->kind == ORM_TERM_COLUMN &&
                value->nullable) /* as Django: what is NULL only because its row is missing stays unguarded */
                add_not_null(r, clause, value);
        }
    }
    if (!require_outer)
        orm_set_add_all(needed, &used_joins);
    return clause;
}

/* ---- groups ------------------------------------------------------------------------------------------------------------ */

static struct orm_cond *resolve_group(struct filtering *f, const struct qnode *q, struct orm_set *needed)
{
    struct orm_arena *a = f->r->arena;
    struct filtering below = *f;
    below.current_negated = f->current_negated != q->negated;
    below.branch_negated = f->branch_negated || q->negated;
    struct orm_cond *clause = orm_cond_group(a, q->is_or ? ORM_COND_OR : ORM_COND_AND, q->negated);
    struct orm_promoter promoter;
    orm_promoter_init(&promoter, a, q->is_or, below.current_negated, q->n_children);
    for (size_t i = 0; i < q->n_children; i++) {
        const struct qnode *child = q->children[i];
        struct orm_set child_needed = {.arena = a};
        struct orm_cond *c =
            child->is_leaf ? resolve_leaf(&below, child, &child_needed) : resolve_group(&below, child, &child_needed);
        if (!c)
            return NULL;
        orm_promoter_vote(&promoter, &child_needed);
        orm_cond_add(a, clause, c);
    }
    orm_promoter_apply(&promoter, f->r->q, needed);
    return clause;
}

static bool add_tree(struct orm_resolver *r, const struct qnode *tree)
{
    if (tree->n_children == 0)
        return true;
    /* A join that is INNER already stays so: an earlier filter needs it. */
    struct orm_set inner = {.arena = r->arena}, used = {.arena = r->arena}, needed = {.arena = r->arena};
    for (size_t i = 0; i < r->q->n_aliases; i++)
        if (r->q->aliases[i].type == ORM_JOIN_INNER)
            orm_set_add(&inner, (int)i);
    struct filtering f = {.r = r, .used = &used, .may_split = true};
    struct orm_cond *c = resolve_group(&f, tree, &needed);
    if (!c)
        return false;
    orm_query_and(r->q, c);
    orm_demote_joins(r->q, &inner);
    return true;
}

bool orm_resolve_filter(struct orm_resolver *r, const struct orm_node *args, bool negated)
{
    struct qnode *tree = read_args(r, args);
    if (!tree)
        return false;
    if (negated) {
        struct qnode *not_tree = group(r->arena, false, true);
        add_child(r->arena, not_tree, tree);
        tree = not_tree;
    }
    return add_tree(r, tree);
}

bool orm_resolve_where(struct orm_resolver *r, const char *path, orm_val v)
{
    struct qnode *tree = group(r->arena, false, false), *l = leaf(r->arena, path, NULL, NULL);
    l->direct = &v;
    add_child(r->arena, tree, l);
    return add_tree(r, tree);
}

struct orm_cond *orm_resolve_condition(struct orm_resolver *r, const struct orm_node *const *nodes,
                                       const struct orm_arg *named, size_t n_nodes, size_t n_named,
                                       const struct orm_scope_rule *rule)
{
    struct orm_node args = {.kind = ORM_N_ARGS};
    args.args = ORM_NEW_N(r->arena, struct orm_arg, n_nodes + n_named);
    for (size_t i = 0; i < n_nodes; i++)
        args.args[args.n_args++] = (struct orm_arg){.node = nodes[i], .pos = nodes[i]->pos};
    for (size_t i = 0; i < n_named; i++)
        args.args[args.n_args++] = named[i];
    args.text = args.n_args ? args.args[0].node->text : "";
    struct qnode *tree = read_args(r, &args);
    if (!tree)
        return NULL;
    /* Joins of a condition that decides a value, not the row, must stay LEFT. With rule->reuse NULL all are shared. */
    struct orm_set used = {.arena = r->arena}, needed = {.arena = r->arena};
    if (rule->reuse)
        orm_set_add_all(&used, rule->reuse);
    else
        for (size_t i = 0; i < r->q->n_aliases; i++)
            orm_set_add(&used, (int)i);
    struct filtering f = {.r = r, .used = &used};
    struct orm_cond *c = resolve_group(&f, tree, &needed);
    if (c)
        orm_promote_joins(r->q, &needed);
    if (rule->used)
        orm_set_add_all(rule->used, &used);
    return c;
}
