/* prefetch_related(): one query a level, for all rows of the level above. */
#include <stdlib.h>

#include "orm/session.h"

struct keyed {
    orm_val key;
    orm_row *row;
    struct orm_cached *cached; /* of the row, for the children; NULL: not looked for yet */
};

int orm_compare_keys(const orm_val *a, const orm_val *b)
{
    bool are_texts = (a->tag == ORM_TEXT || a->tag == ORM_UUID) && (b->tag == ORM_TEXT || b->tag == ORM_UUID);
    if (are_texts)
        return strcmp(a->u.s, b->u.s);
    return a->u.i < b->u.i ? -1 : a->u.i > b->u.i;
}

static int by_key(const void *a, const void *b)
{
    return orm_compare_keys(&((const struct keyed *)a)->key, &((const struct keyed *)b)->key);
}

struct level {
    orm_db *db;
    orm_row **rows;
    size_t n_rows;
    struct keyed *parents; /* rows by the key that the children carry, sorted; equal keys side by side */
    orm_val *keys;         /* the distinct ones, in the order of the rows */
    size_t n_parents, n_keys;
};

/* near: the column of the parent whose value the children carry. */
static void index_parents(struct level *l, const struct orm_attr *near)
{
    struct orm_arena *a = &l->db->arena;
    l->parents = ORM_NEW_N(a, struct keyed, l->n_rows);
    l->keys = ORM_NEW_N(a, orm_val, l->n_rows);
    for (size_t i = 0; i < l->n_rows; i++) {
        orm_val key;
        orm_member_get(l->rows[i], near, &key);
        if (key.tag != ORM_NULL)
            l->parents[l->n_parents++] = (struct keyed){key, l->rows[i], NULL};
    }
    if (l->n_parents)
        qsort(l->parents, l->n_parents, sizeof *l->parents, by_key);
    for (size_t i = 0; i < l->n_parents; i++)
        if (i == 0 || by_key(&l->parents[i - 1], &l->parents[i]) != 0)
            l->keys[l->n_keys++] = l->parents[i].key;
}

static bool has_key(const struct level *l, size_t parent, const orm_val *key)
{
    return parent < l->n_parents && orm_compare_keys(&l->parents[parent].key, key) == 0;
}

/* First of the parents with the key, or n_parents. */
static size_t find_parent(const struct level *l, const orm_val *key)
{
    size_t lo = 0, hi = l->n_parents;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (orm_compare_keys(&l->parents[mid].key, key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return has_key(l, lo, key) ? lo : l->n_parents;
}

static orm_qs *base_queryset(orm_db *db, const struct orm_meta *to, orm_qs *given)
{
    if (!given)
        return orm_qs_on(db, to);
    if (orm_query_is_sliced(given->query)) {
        orm_fail(&db->error, ORM_ASSERTION, "Cannot filter a query once a slice has been taken.");
        return NULL;
    }
    if (given->query->meta != to || given->query->is_values) {
        orm_fail(&db->error, ORM_VALUE_ERROR, "prefetch() needs a queryset of %s objects", to->name);
        return NULL;
    }
    return orm_qs_clone(given);
}

static const char carried[] = "_prefetch_related_val";

/* Children of all parents; the keys go in portions that one statement can hold. */
static struct orm_result *fetch_children(struct level *l, const struct orm_attr *rel, orm_qs *given)
{
    orm_db *db = l->db;
    size_t portion = db->driver->dialect->max_params - 1000;
    struct orm_result *all = NULL;
    for (size_t from = 0; from < l->n_keys; from += portion) {
        size_t n = l->n_keys - from < portion ? l->n_keys - from : portion;
        orm_qs *qs = base_queryset(db, rel->to, given);
        if (!qs)
            return NULL;
        struct orm_query *q = qs->query;
        const struct orm_attr *column = rel->relation == ORM_REL_FK ? rel->target : rel->remote;
        int alias = 0;
        if (rel->relation == ORM_REL_M2M) {
            struct orm_hop hops[2];
            orm_hops_of(rel->remote, hops);
            struct orm_set none = {.arena = &db->arena};
            alias = orm_join(q, 0, &hops[0], &none);
            q->aliases[alias].type = ORM_JOIN_INNER;
            column = rel->near_fk;
            q->annotations = ORM_GROW(q->arena, q->annotations, q->n_annotations);
            struct orm_term *t = orm_term_column(q->arena, alias, column);
            q->annotations[q->n_annotations++] = (struct orm_annotation){carried, t, true, false};
        }
        orm_query_and(q, orm_in_list(&db->arena, alias, column, l->keys + from, n));
        struct orm_result *r = orm_evaluate(qs);
        if (!r)
            return NULL;
        if (!all) {
            all = r;
            continue;
        }
        for (size_t i = 0; i < r->n; i++) {
            all->rows = ORM_GROW(&db->arena, all->rows, all->n);
            all->rows[all->n++] = r->rows[i];
        }
    }
    return all ? all : ORM_NEW(&db->arena, struct orm_result);
}

static void child_key(const orm_row *child, const struct orm_attr *rel, orm_val *out)
{
    if (rel->relation == ORM_REL_M2M)
        *out = *orm_row_val(child, carried);
    else
        orm_member_get(child, rel->relation == ORM_REL_FK ? rel->target : rel->remote, out);
}

static void append_child(orm_db *db, struct orm_cached *cached, orm_row *child)
{
    struct orm_result *r = cached->many->result;
    r->rows = ORM_GROW(&db->arena, r->rows, r->n);
    child->state->result = r;
    child->state->index = r->n;
    r->rows[r->n++] = child;
}

static bool start_caches(struct level *l, const struct orm_attr *rel, const char *accessor)
{
    for (size_t i = 0; i < l->n_rows; i++) {
        struct orm_cached *c = orm_cache_add(&l->db->arena, l->rows[i], rel, accessor);
        if (rel->relation == ORM_REL_REVERSE_ONE)
            continue;
        struct orm_result *none = ORM_NEW(&l->db->arena, struct orm_result);
        *none = (struct orm_result){.db = l->db, .meta = rel->to};
        orm_qs *many = orm_related_qs(l->rows[i], rel);
        if (!orm_is_good(many))
            return false;
        many->result = none;
        c->many = many;
    }
    return true;
}

static void hand_child(struct level *l, const struct orm_attr *rel, const char *accessor, struct keyed *parent,
                       orm_row *child)
{
    if (rel->relation == ORM_REL_FK) {
        orm_fk_set_object(parent->row, rel, child);
        return;
    }
    if (!parent->cached)
        parent->cached = orm_cached_of(parent->row, accessor);
    if (rel->relation != ORM_REL_M2M)
        orm_fk_set_object(child, rel->remote, parent->row);
    if (rel->relation == ORM_REL_REVERSE_ONE)
        parent->cached->one = child;
    else
        append_child(l->db, parent->cached, child);
}

/* Children mostly come grouped by their keys or in their order: the parents of the child before, and those behind them, are
 * looked at before the others are searched. */
static void hand_out(struct level *l, const struct orm_attr *rel, const char *accessor, struct orm_result *children)
{
    size_t at = 0, behind = 0;
    for (size_t i = 0; i < children->n; i++) {
        orm_val key;
        child_key(children->rows[i], rel, &key);
        if (!has_key(l, at, &key))
            at = has_key(l, behind, &key) ? behind : find_parent(l, &key);
        for (behind = at; has_key(l, behind, &key); behind++)
            hand_child(l, rel, accessor, &l->parents[behind], children->rows[i]);
    }
}

static bool is_loaded(orm_row *row, const struct orm_attr *rel, const char *accessor)
{
    if (rel->relation != ORM_REL_FK)
        return orm_cached_of(row, accessor) != NULL;
    orm_val key;
    orm_member_get(row, rel, &key);
    return key.tag == ORM_NULL || orm_fk_object(row, rel);
}

static int by_place(const void *a, const void *b)
{
    const orm_row *const *x = a, *const *y = b;
    return (*x > *y) - (*x < *y);
}

/* Many rows may point at one object. */
static size_t only_once(orm_row **rows, size_t n)
{
    size_t n_different = 0;
    if (n > 1)
        qsort(rows, n, sizeof(orm_row *), by_place);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || rows[i] != rows[i - 1])
            rows[n_different++] = rows[i];
    return n_different;
}

/* The rows one level down, each once. */
static size_t collect(struct level *l, const struct orm_attr *rel, const char *accessor, orm_row ***out)
{
    struct orm_arena *a = &l->db->arena;
    size_t n = 0;
    *out = NULL;
    for (size_t i = 0; i < l->n_rows; i++) {
        struct orm_cached *c = orm_cached_of(l->rows[i], accessor);
        struct orm_result *many = c && c->many ? c->many->result : NULL;
        orm_row *one = rel->relation == ORM_REL_FK ? orm_fk_object(l->rows[i], rel) : c ? c->one : NULL;
        for (size_t k = 0; many && k < many->n; k++) {
            *out = ORM_GROW(a, *out, n);
            (*out)[n++] = many->rows[k];
        }
        if (one) {
            *out = ORM_GROW(a, *out, n);
            (*out)[n++] = one;
        }
    }
    return rel->relation == ORM_REL_FK ? only_once(*out, n) : n;
}

static bool prefetch_level(struct level *l, const struct orm_attr *rel, const char *accessor, orm_qs *given)
{
    bool all_loaded = true;
    for (size_t i = 0; i < l->n_rows; i++)
        all_loaded = all_loaded && is_loaded(l->rows[i], rel, accessor);
    if (all_loaded)
        return true;
    const struct orm_attr *near = rel->relation == ORM_REL_FK    ? rel
                                  : rel->relation == ORM_REL_M2M ? rel->near_fk->target
                                                                 : rel->remote->target;
    index_parents(l, near);
    struct orm_result *children = fetch_children(l, rel, given);
    if (!children)
        return false;
    if (rel->relation != ORM_REL_FK && !start_caches(l, rel, accessor))
        return false;
    hand_out(l, rel, accessor, children);
    return true;
}

static bool prefetch_path(orm_db *db, struct orm_result *top, const struct orm_prefetch_item *item)
{
    struct orm_name *names;
    size_t n = orm_split_path(&db->arena, item->path, &names);
    struct level l = {.db = db, .rows = top->rows, .n_rows = top->n};
    const struct orm_meta *meta = top->meta;
    for (size_t i = 0; i < n && l.n_rows; i++) {
        bool is_last = i + 1 == n;
        char *name = orm_copy_text(&db->arena, names[i].s, names[i].n);
        const struct orm_attr *rel = orm_attr_accessor(meta, name);
        const struct orm_attr *column = rel ? rel : orm_attr_named(meta, name, strlen(name));
        if (column && column->relation == ORM_REL_NONE)
            return orm_fail(&db->error, ORM_VALUE_ERROR,
                            "'%s' does not resolve to an item that supports prefetching - this is an invalid parameter "
                            "to prefetch_related().",
                            item->path);
        if (!rel)
            return orm_fail(&db->error, ORM_ATTRIBUTE,
                            "Cannot find '%s' on %s object, '%s' is an invalid parameter to prefetch_related()", name,
                            meta->name, item->path);
        const char *accessor = is_last && item->to_attr ? item->to_attr : rel->accessor;
        if (is_last && item->to_attr && orm_attr_named(meta, item->to_attr, strlen(item->to_attr)))
            return orm_fail(&db->error, ORM_VALUE_ERROR, "to_attr=%s conflicts with a field on the %s model.",
                            item->to_attr, meta->name);
        if (!prefetch_level(&l, rel, accessor, is_last ? item->queryset : NULL))
            return false;
        orm_row **below;
        size_t n_below = collect(&l, rel, accessor, &below);
        l = (struct level){.db = db, .rows = below, .n_rows = n_below};
        meta = rel->to;
    }
    return true;
}

/* What one item fills: its path with the last name replaced by to_attr. */
static const char *target_of(struct orm_arena *a, const struct orm_prefetch_item *item)
{
    const char *last = item->path;
    for (const char *s = item->path; (s = strstr(s, "__")); s += 2)
        last = s + 2;
    return item->to_attr ? orm_printf(a, "%.*s%s", (int)(last - item->path), item->path, item->to_attr) : item->path;
}

/* A queryset for what another item has fetched already, on its way or at its end. */
static bool comes_too_late(orm_qs *qs, size_t i)
{
    struct orm_arena *a = &qs->db->arena;
    const char *own = target_of(a, &qs->prefetches[i]);
    size_t n = strlen(own);
    for (size_t k = 0; k < i && qs->prefetches[i].queryset; k++) {
        const char *other = target_of(a, &qs->prefetches[k]);
        if (strncmp(other, own, n) == 0 && (other[n] == '\0' || strncmp(other + n, "__", 2) == 0))
            return !orm_fail(&qs->db->error, ORM_VALUE_ERROR,
                             "'%s' lookup was already seen with a different queryset. You may need to adjust the "
                             "ordering of your lookups.",
                             own);
    }
    return false;
}

bool orm_prefetch_all(orm_qs *qs, struct orm_result *r)
{
    for (size_t i = 0; i < qs->n_prefetches && r->n; i++)
        if (comes_too_late(qs, i) || !prefetch_path(qs->db, r, &qs->prefetches[i]))
            return false;
    return true;
}
