/* delete(): on_delete is done here, not by the database, as in Django's Collector. First everything that goes is
 * collected by its keys (PROTECT and RESTRICT stop here, before anything is deleted), then it goes, children first.
 * Rows that nothing points at are not collected: they go with one DELETE ... WHERE key IN (...). */
#include "orm/write/deleted.h"

enum { PORTION = 900 };

/* Keys of rows of one model that are to go. */
struct doomed {
    const struct orm_meta *meta;
    orm_val *keys;
    size_t n;
    size_t *slots; /* open addressing over keys, index + 1; twice as many as keys at least */
    size_t n_slots;
    bool is_done;
};

/* UPDATE or DELETE of the rows of meta whose column is one of the keys. */
struct set_wise {
    const struct orm_meta *meta;
    const struct orm_attr *column;
    const orm_val *keys;
    size_t n;
};

struct restricted {
    const struct orm_meta *parent;
    const struct orm_attr *rel;
    const orm_val *keys; /* of the children */
    size_t n;
};

struct collector {
    orm_db *db;
    struct doomed *doomed;
    size_t n_doomed;
    struct set_wise *updates, *deletes;
    size_t n_updates, n_deletes;
    struct restricted *restricted;
    size_t n_restricted;
    struct orm_deleted *counts;
    size_t n_counts;
};

static orm_on_delete rule_of(const struct orm_attr *rel)
{
    return rel->def && rel->def->on_delete ? rel->def->on_delete : ORM_CASCADE;
}

static bool points_here(const struct orm_attr *rel)
{
    bool reverse = rel->relation == ORM_REL_REVERSE || rel->relation == ORM_REL_REVERSE_ONE;
    return reverse && rule_of(rel) != ORM_DO_NOTHING;
}

/* Rows of such a model can go without a look at them. */
static bool is_leaf(const struct orm_meta *m)
{
    for (size_t i = 0; i < m->n_attrs; i++)
        if (points_here(m->attrs[i]))
            return false;
    for (size_t i = 0; i < m->n_columns; i++) /* whether they may go depends on what else goes */
        if (m->columns[i]->relation == ORM_REL_FK && rule_of(m->columns[i]) == ORM_RESTRICT)
            return false;
    return true;
}

static void count(struct collector *c, const struct orm_meta *m, int64_t n)
{
    for (size_t i = 0; i < c->n_counts; i++) {
        if (c->counts[i].meta == m) {
            c->counts[i].n += n;
            return;
        }
    }
    c->counts = ORM_GROW(&c->db->arena, c->counts, c->n_counts);
    c->counts[c->n_counts++] = (struct orm_deleted){m, n};
}

/* ---- sets of keys -------------------------------------------------------------------------------------------------------- */

static size_t hash_of(const orm_val *v)
{
    uint64_t h = 14695981039346656037u;
    if (v->tag == ORM_TEXT || v->tag == ORM_UUID)
        for (const char *s = v->u.s; *s; s++)
            h = (h ^ (unsigned char)*s) * 1099511628211u;
    else
        h = (h ^ (uint64_t)v->u.i) * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ h >> 32);
}

/* The place of a key, or the free one where it belongs. */
static size_t *slot_of(const struct doomed *d, const orm_val *key)
{
    size_t at = hash_of(key) & (d->n_slots - 1);
    while (d->slots[at] && !orm_same_val(&d->keys[d->slots[at] - 1], key))
        at = (at + 1) & (d->n_slots - 1);
    return &d->slots[at];
}

static bool holds(const struct collector *c, const struct orm_meta *m, const orm_val *key)
{
    for (size_t i = 0; i < c->n_doomed; i++)
        if (c->doomed[i].meta == m)
            return c->doomed[i].n && *slot_of(&c->doomed[i], key) != 0;
    return false;
}

static void make_room(struct orm_arena *a, struct doomed *d, size_t n_more)
{
    size_t n_slots = 64;
    while (n_slots < 2 * (d->n + n_more))
        n_slots *= 2;
    if (n_slots <= d->n_slots)
        return;
    d->slots = ORM_NEW_N(a, size_t, n_slots);
    d->n_slots = n_slots;
    orm_val *old = d->keys;
    d->keys = ORM_NEW_N(a, orm_val, n_slots / 2);
    for (size_t i = 0; i < d->n; i++) {
        d->keys[i] = old[i];
        *slot_of(d, &old[i]) = i + 1;
    }
}

/* Adds keys; returns how many were new, and leaves those in keys[0..]. */
static size_t add_keys(struct collector *c, const struct orm_meta *m, orm_val *keys, size_t n)
{
    size_t at = 0, n_new = 0;
    while (at < c->n_doomed && c->doomed[at].meta != m)
        at++;
    if (at == c->n_doomed) {
        c->doomed = ORM_GROW(&c->db->arena, c->doomed, c->n_doomed);
        c->doomed[c->n_doomed++] = (struct doomed){.meta = m};
    }
    struct doomed *d = &c->doomed[at];
    make_room(&c->db->arena, d, n);
    for (size_t i = 0; i < n; i++) {
        size_t *slot = slot_of(d, &keys[i]);
        if (*slot)
            continue;
        d->keys[d->n++] = keys[i];
        *slot = d->n;
        keys[n_new++] = keys[i];
    }
    return n_new;
}

/* ---- collecting ---------------------------------------------------------------------------------------------------------- */

static bool keys_of(orm_db *db, const struct orm_query *q, const struct orm_attr *column, orm_val **keys, size_t *n)
{
    orm_qs *qs = orm_qs_new(db, orm_query_clone(&db->arena, q));
    struct orm_query *k = qs->query;
    orm_query_clear_ordering(k);
    k->default_columns = false;
    k->is_values = true;
    k->related = NULL;
    k->select_all_related = false;
    for (size_t i = 0; i < k->n_annotations; i++)
        k->annotations[i].is_selected = false;
    k->select = ORM_NEW_N(k->arena, struct orm_select_item, 1);
    k->select[0] = (struct orm_select_item){"pk", orm_term_column(k->arena, 0, column)};
    k->n_select = 1;
    struct orm_result *r = orm_evaluate(qs);
    if (!r)
        return false;
    *keys = ORM_NEW_N(&db->arena, orm_val, r->n);
    *n = r->n;
    for (size_t i = 0; i < r->n; i++)
        (*keys)[i] = r->recs[i]->vals[0];
    return true;
}

static bool collect(struct collector *c, const struct orm_meta *m, orm_val *keys, size_t n);

static void add_set_wise(struct orm_arena *a, struct set_wise **list, size_t *n_list, const struct orm_attr *fk,
                         const orm_val *keys, size_t n)
{
    *list = ORM_GROW(a, *list, *n_list);
    (*list)[(*n_list)++] = (struct set_wise){fk->owner, fk, keys, n};
}

/* What points at these rows through one relation. */
static bool collect_relation(struct collector *c, const struct orm_meta *m, const struct orm_attr *rel,
                             const orm_val *keys, size_t n)
{
    struct orm_arena *a = &c->db->arena;
    orm_on_delete rule = rule_of(rel);
    if (rel->remote->target != m->pk) { /* to_field: the rows are known by another column there */
        orm_qs *rows = orm_qs_on(c->db, m);
        orm_val *targets;
        orm_query_and(rows->query, orm_in_list(a, 0, m->pk, keys, n));
        if (!keys_of(c->db, rows->query, rel->remote->target, &targets, &n))
            return false;
        keys = targets;
    }
    if (rule == ORM_CASCADE && is_leaf(rel->to)) {
        add_set_wise(a, &c->deletes, &c->n_deletes, rel->remote, keys, n);
        return true;
    }
    if (rule == ORM_SET_NULL || rule == ORM_SET_DEFAULT) {
        add_set_wise(a, &c->updates, &c->n_updates, rel->remote, keys, n);
        return true;
    }
    orm_qs *children = orm_qs_on(c->db, rel->to);
    orm_val *found;
    size_t n_found;
    orm_query_and(children->query, orm_in_list(a, 0, rel->remote, keys, n));
    if (!keys_of(c->db, children->query, rel->to->pk, &found, &n_found))
        return false;
    if (n_found == 0)
        return true;
    if (rule == ORM_PROTECT)
        return orm_fail(&c->db->error, ORM_PROTECTED,
                        "Cannot delete some instances of model '%s' because they are referenced through protected "
                        "foreign keys: '%s.%s'.",
                        m->name, rel->to->name, rel->remote->name);
    if (rule == ORM_CASCADE)
        return collect(c, rel->to, found, n_found);
    c->restricted = ORM_GROW(a, c->restricted, c->n_restricted);
    c->restricted[c->n_restricted++] = (struct restricted){m, rel, found, n_found};
    return true;
}

static bool collect(struct collector *c, const struct orm_meta *m, orm_val *keys, size_t n)
{
    n = add_keys(c, m, keys, n);
    for (size_t from = 0; from < n; from += PORTION)
        for (size_t i = 0; i < m->n_attrs; i++)
            if (points_here(m->attrs[i]) &&
                !collect_relation(c, m, m->attrs[i], keys + from, n - from < PORTION ? n - from : PORTION))
                return false;
    return true;
}

/* Restricted rows may go when they go for another reason too. */
static bool check_restricted(struct collector *c)
{
    for (size_t i = 0; i < c->n_restricted; i++) {
        const struct restricted *r = &c->restricted[i];
        for (size_t k = 0; k < r->n; k++)
            if (!holds(c, r->rel->to, &r->keys[k]))
                return orm_fail(&c->db->error, ORM_RESTRICTED,
                                "Cannot delete some instances of model '%s' because they are referenced through "
                                "restricted foreign keys: '%s.%s'.",
                                r->parent->name, r->rel->to->name, r->rel->remote->name);
    }
    return true;
}

/* ---- deleting ------------------------------------------------------------------------------------------------------------ */

static int64_t plain_delete(orm_db *db, struct orm_query *q)
{
    struct orm_resolver r = orm_resolver_of(db, q);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_delete(&c, q, &st))
        return -1;
    return st.is_empty ? 0 : orm_run_all(db, &st, NULL);
}

static bool delete_keys(struct collector *c, const struct orm_meta *m, const struct orm_attr *column,
                        const orm_val *keys, size_t n)
{
    for (size_t from = 0; from < n; from += PORTION) {
        orm_qs *qs = orm_qs_on(c->db, m);
        orm_query_and(qs->query,
                      orm_in_list(&c->db->arena, 0, column, keys + from, n - from < PORTION ? n - from : PORTION));
        int64_t gone = plain_delete(c->db, qs->query);
        if (gone < 0)
            return false;
        if (gone)
            count(c, m, gone);
    }
    return true;
}

static bool update_keys(struct collector *c, const struct set_wise *u)
{
    orm_db *db = c->db;
    orm_val v = {.tag = ORM_NULL};
    const orm_default *d = rule_of(u->column) == ORM_SET_DEFAULT ? &u->column->def->def : NULL;
    if (d && d->tag == ORM_INT)
        v = orm_v_int(d->i);
    else if (d && d->tag == ORM_TEXT)
        v = orm_v_text(d->s);
    orm_qs *qs = orm_qs_on(db, u->meta);
    orm_query_and(qs->query, orm_in_list(&db->arena, 0, u->column, u->keys, u->n));
    struct orm_assignment set = {u->column, orm_term_value(&db->arena, v)};
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    struct orm_compiler compiler;
    struct orm_statement st;
    orm_compiler_init(&compiler, &r, db->driver->dialect);
    return orm_compile_update(&compiler, qs->query, &set, 1, &st) && orm_run_all(db, &st, NULL) >= 0;
}

/* Do rows that are still to go point at this model? */
static bool is_awaited(const struct collector *c, const struct doomed *d)
{
    for (size_t i = 0; i < c->n_doomed; i++) {
        const struct doomed *other = &c->doomed[i];
        for (size_t k = 0; !other->is_done && other != d && k < other->meta->n_columns; k++)
            if (other->meta->columns[k]->relation == ORM_REL_FK && other->meta->columns[k]->to == d->meta)
                return true;
    }
    return false;
}

static bool delete_doomed(struct collector *c)
{
    for (size_t left = c->n_doomed; left > 0; left--) {
        struct doomed *next = NULL;
        for (size_t i = c->n_doomed; i-- > 0 && !next;)
            if (!c->doomed[i].is_done && !is_awaited(c, &c->doomed[i]))
                next = &c->doomed[i];
        for (size_t i = c->n_doomed; i-- > 0 && !next;) /* a circle: the one collected last */
            if (!c->doomed[i].is_done)
                next = &c->doomed[i];
        next->is_done = true;
        if (!delete_keys(c, next->meta, next->meta->pk, next->keys, next->n))
            return false;
    }
    return true;
}

static bool delete_all(struct collector *c, struct orm_query *q)
{
    if (is_leaf(q->meta)) {
        int64_t gone = plain_delete(c->db, q);
        if (gone > 0)
            count(c, q->meta, gone);
        return gone >= 0;
    }
    orm_val *keys;
    size_t n;
    if (!keys_of(c->db, q, q->meta->pk, &keys, &n) || !collect(c, q->meta, keys, n) || !check_restricted(c))
        return false;
    for (size_t i = 0; i < c->n_deletes; i++)
        if (!delete_keys(c, c->deletes[i].meta, c->deletes[i].column, c->deletes[i].keys, c->deletes[i].n))
            return false;
    for (size_t i = 0; i < c->n_updates; i++)
        if (!update_keys(c, &c->updates[i]))
            return false;
    return delete_doomed(c);
}

int64_t orm_delete_counted(orm_qs *qs, struct orm_deleted **counts, size_t *n_counts)
{
    orm_db *db = qs->db;
    *counts = NULL;
    *n_counts = 0;
    const struct orm_query *q = orm_query_of_qs(qs);
    if (!q || !orm_ready(db))
        return -1;
    if (orm_query_is_sliced(q)) {
        orm_fail(&db->error, ORM_ASSERTION, "Cannot use 'limit' or 'offset' with delete.");
        return -1;
    }
    if (q->is_values || q->is_distinct) {
        orm_fail(&db->error, ORM_TYPE_ERROR, "Cannot call delete() after .%s.",
                 q->is_values ? "values() or .values_list()" : "distinct()");
        return -1;
    }
    if (q->is_empty)
        return 0;
    if (!orm_enter(db))
        return -1;
    struct collector c = {.db = db};
    delete_all(&c, orm_query_clone(&db->arena, q));
    if (orm_end(db) != ORM_OK)
        return -1;
    int64_t total = 0;
    for (size_t i = 0; i < c.n_counts; i++)
        total += c.counts[i].n;
    *counts = c.counts;
    *n_counts = c.n_counts;
    return total;
}

int64_t orm_delete(orm_qs *qs)
{
    ORM_GUARD(qs->db, -1);
    struct orm_deleted *counts;
    size_t n;
    return orm_delete_counted(qs, &counts, &n);
}

orm_rec *orm_delete_counts(orm_qs *qs)
{
    ORM_GUARD(qs->db, NULL);
    struct orm_deleted *counts;
    size_t n;
    if (orm_delete_counted(qs, &counts, &n) < 0)
        return NULL;
    orm_rec *rec = ORM_NEW(&qs->db->arena, orm_rec);
    const char **names = ORM_NEW_N(&qs->db->arena, const char *, n);
    *rec = (orm_rec){.names = names, .vals = ORM_NEW_N(&qs->db->arena, orm_val, n), .n = n};
    for (size_t i = 0; i < n; i++) {
        names[i] = counts[i].meta->name;
        rec->vals[i] = orm_v_int(counts[i].n);
    }
    return rec;
}

orm_qs *orm_only_this(orm_row *row)
{
    orm_val key;
    orm_row_key(row, row->state->meta, &key);
    orm_qs *qs = orm_qs_on(row->db, row->state->meta);
    orm_query_clear_ordering(qs->query);
    orm_query_and(qs->query, orm_in_list(&row->db->arena, 0, row->state->meta->pk, &key, 1));
    return qs;
}

void orm_row_is_gone(orm_row *row)
{
    orm_val none = {.tag = ORM_NULL};
    row->state->is_saved = false;
    orm_member_set(row, row->state->meta->pk, &none);
}

int64_t orm_delete_row(orm_row *row)
{
    ORM_GUARD(row->db, -1);
    if (!row->state->is_saved) {
        orm_fail(&row->db->error, ORM_ASSERTION, "%s object can't be deleted because its %s attribute is set to None.",
                 row->model->name, row->state->meta->pk->attname);
        return -1;
    }
    int64_t total = orm_delete(orm_only_this(row));
    if (total >= 0)
        orm_row_is_gone(row);
    return total;
}
