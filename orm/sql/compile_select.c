/* SELECT statements: put together from a plan. */
#include <inttypes.h>

#include "orm/sql/compile.h"
#include "orm/value/kind.h"

enum orm_sql orm_put_from(struct orm_compiler *c, const struct orm_query *q)
{
    bool first = true;
    for (size_t i = 0; i < q->n_aliases; i++) {
        const struct orm_alias *a = &q->aliases[i];
        if (a->n_refs <= 0 && i > 0)
            continue;
        if (a->n_refs <= 0) /* trimmed base of a subquery: another alias took its place */
            continue;
        if (a->type == ORM_JOIN_BASE || first)
            orm_put(&c->sql, first ? " FROM " : ", ");
        else
            orm_put(&c->sql, a->type == ORM_JOIN_LEFT ? " LEFT OUTER JOIN " : " INNER JOIN ");
        orm_put_quoted(c, a->meta->table);
        size_t len = c->sql.len;
        orm_put(&c->sql, " ");
        size_t from = c->sql.len;
        orm_put_alias(c, (int)i, 0);
        const char *alias = c->sql.p + from;
        if (alias[0] == '"') { /* the table's own name needs no alias */
            c->sql.len = len;
            c->sql.p[len] = '\0';
        }
        if (a->type != ORM_JOIN_BASE && !first) {
            orm_put(&c->sql, " ON (");
            orm_put_alias(c, a->parent, 0);
            orm_put(&c->sql, ".");
            orm_put_quoted(c, a->near->column);
            orm_put(&c->sql, " = ");
            orm_put_alias(c, (int)i, 0);
            orm_put(&c->sql, ".");
            orm_put_quoted(c, a->far->column);
            orm_put(&c->sql, ")");
        }
        first = false;
    }
    return ORM_SQL_OK;
}

static enum orm_sql put_where(struct orm_compiler *c, const char *word, const struct orm_cond *cond)
{
    size_t len = c->sql.len;
    orm_put(&c->sql, word);
    enum orm_sql s = orm_put_cond(c, cond);
    if (s == ORM_SQL_FULL) {
        c->sql.len = len;
        c->sql.p[len] = '\0';
        return ORM_SQL_OK;
    }
    return s;
}

static void put_limits(struct orm_compiler *c, const struct orm_query *q)
{
    if (q->high >= 0)
        orm_putf(&c->sql, " LIMIT %" PRId64, q->high - q->low);
    else if (q->low > 0 && c->dialect->no_limit)
        orm_putf(&c->sql, " LIMIT %s", c->dialect->no_limit);
    if (q->low > 0)
        orm_putf(&c->sql, " OFFSET %" PRId64, q->low);
}

/* An annotation that can have no value (a subquery without rows) reads NULL. */
static enum orm_sql put_column(struct orm_compiler *c, const struct orm_term *t)
{
    enum orm_sql s = orm_put_term(c, t);
    if (s != ORM_SQL_EMPTY)
        return s;
    if (t->kind == ORM_TERM_EXISTS)
        orm_put(&c->sql, "1 = 0");
    else
        orm_put(&c->sql, "NULL");
    return ORM_SQL_OK;
}

static enum orm_sql put_distinct(struct orm_compiler *c, const struct orm_query *q)
{
    orm_put(&c->sql, q->is_distinct ? "SELECT DISTINCT " : "SELECT ");
    if (q->n_distinct_on == 0)
        return ORM_SQL_OK;
    if (!c->dialect->has_distinct_on) {
        orm_fail(c->r.error, ORM_NOT_SUPPORTED, "DISTINCT ON fields is not supported by this database backend");
        return ORM_SQL_ERROR;
    }
    for (size_t i = 0; i < q->n_distinct_on; i++) {
        orm_put(&c->sql, i ? ", " : "ON (");
        if (orm_put_term(c, q->distinct_on[i]) != ORM_SQL_OK)
            return ORM_SQL_ERROR;
    }
    orm_put(&c->sql, ") ");
    return ORM_SQL_OK;
}

static enum orm_sql put_orders(struct orm_compiler *c, const struct orm_plan *p)
{
    for (size_t i = 0; i < p->n_orders; i++) {
        orm_put(&c->sql, i ? ", " : " ORDER BY ");
        const struct orm_term *t = p->orders[i].term;
        bool is_place = t->kind == ORM_TERM_VALUE; /* a constant would be taken for the number of a column */
        struct orm_term cast = {.kind = ORM_TERM_CAST, .type = t->type, .field = t->field, .n_args = 1};
        struct orm_term *args[] = {p->orders[i].term};
        cast.args = args;
        enum orm_sql s = put_column(c, is_place ? &cast : t);
        if (s != ORM_SQL_OK)
            return s;
        orm_put_direction(c, &p->orders[i]);
    }
    return ORM_SQL_OK;
}

/* What can have no value (a subquery without rows) groups nothing. */
static enum orm_sql put_groups(struct orm_compiler *c, const struct orm_plan *p)
{
    bool any = false;
    for (size_t i = 0; i < p->n_group_by; i++) {
        size_t len = c->sql.len, n_params = c->n_params;
        orm_put(&c->sql, any ? ", " : " GROUP BY ");
        enum orm_sql s = orm_put_term(c, p->group_by[i]);
        if (s == ORM_SQL_ERROR)
            return s;
        any = any || s == ORM_SQL_OK;
        if (s == ORM_SQL_OK)
            continue;
        c->sql.len = len;
        c->sql.p[len] = '\0';
        c->n_params = n_params;
    }
    return ORM_SQL_OK;
}

static enum orm_sql put_plan(struct orm_compiler *c, const struct orm_query *q, const struct orm_plan *p)
{
    if (put_distinct(c, q) != ORM_SQL_OK)
        return ORM_SQL_ERROR;
    for (size_t i = 0; i < p->n_columns; i++) {
        if (i)
            orm_put(&c->sql, ", ");
        if (put_column(c, p->columns[i].term) == ORM_SQL_ERROR)
            return ORM_SQL_ERROR;
        bool is_plain = p->columns[i].attr != NULL && i < p->first_extra;
        if (!is_plain && p->columns[i].name) {
            orm_put(&c->sql, " AS ");
            orm_put_quoted(c, p->columns[i].name);
        }
    }
    if (p->n_columns == 0)
        orm_put(&c->sql, "(1) AS \"a\"");
    orm_put_from(c, q);
    enum orm_sql s = p->where ? put_where(c, " WHERE ", p->where) : ORM_SQL_OK;
    if (s == ORM_SQL_OK)
        s = put_groups(c, p);
    if (s == ORM_SQL_OK && p->having)
        s = put_where(c, " HAVING ", p->having);
    if (s == ORM_SQL_OK)
        s = put_orders(c, p);
    put_limits(c, q);
    return s;
}

/* ---- union() and its kin --------------------------------------------------------------------------------------------------- */

static bool part_may_stand(struct orm_compiler *c, const struct orm_query *part)
{
    if (c->dialect->wraps_parts)
        return true;
    if (orm_query_is_sliced(part))
        return orm_fail(c->r.error, ORM_DATABASE, "LIMIT/OFFSET not allowed in subqueries of compound statements.");
    bool is_ordered = part->n_orders || (part->use_meta_ordering && part->meta->n_ordering);
    return !is_ordered ||
           orm_fail(c->r.error, ORM_DATABASE, "ORDER BY not allowed in subqueries of compound statements.");
}

static enum orm_sql put_part(struct orm_compiler *c, const struct orm_query *part, struct orm_statement *out)
{
    bool is_nested = part->combinator != ORM_COMBINE_NONE && !c->dialect->wraps_parts;
    orm_put(&c->sql, c->dialect->wraps_parts ? "(" : is_nested ? "SELECT * FROM (" : "");
    enum orm_sql s = orm_put_select(c, part, out);
    orm_put(&c->sql, c->dialect->wraps_parts || is_nested ? ")" : "");
    return s;
}

static enum orm_sql put_combined(struct orm_compiler *c, const struct orm_query *q, struct orm_statement *out)
{
    static const char *const words[] = {[ORM_COMBINE_UNION] = " UNION ",
                                        [ORM_COMBINE_UNION_ALL] = " UNION ALL ",
                                        [ORM_COMBINE_INTERSECT] = " INTERSECT ",
                                        [ORM_COMBINE_EXCEPT] = " EXCEPT "};
    bool is_union = q->combinator == ORM_COMBINE_UNION || q->combinator == ORM_COMBINE_UNION_ALL;
    size_t n_written = 0;
    for (size_t i = 0; i < q->n_combined; i++)
        if (!(q->combined[i]->is_empty && !orm_query_is_sliced(q->combined[i])) && !part_may_stand(c, q->combined[i]))
            return ORM_SQL_ERROR;
    for (size_t i = 0; i < q->n_combined; i++) {
        size_t len = c->sql.len, n_params = c->n_params;
        struct orm_statement ignored = {0};
        orm_put(&c->sql, n_written ? words[q->combinator] : "");
        enum orm_sql s = put_part(c, q->combined[i], out && !out->columns ? out : &ignored);
        if (s == ORM_SQL_ERROR)
            return s;
        if (s != ORM_SQL_EMPTY) {
            n_written++;
            continue;
        }
        if (!is_union && !(q->combinator == ORM_COMBINE_EXCEPT && n_written))
            return ORM_SQL_EMPTY;
        c->sql.len = len;
        c->sql.p[len] = '\0';
        c->n_params = n_params;
    }
    if (n_written == 0)
        return ORM_SQL_EMPTY;
    struct orm_resolver r = c->r;
    r.q = orm_query_clone(c->r.arena, q);
    struct orm_plan p; /* for its order; its columns are those of the parts */
    if (!orm_plan_select(&r, c->dialect, &p))
        return ORM_SQL_ERROR;
    enum orm_sql s = put_orders(c, &p);
    put_limits(c, q);
    return s;
}

/* ---- select_for_update() --------------------------------------------------------------------------------------------------- */

static bool put_lock(struct orm_compiler *c, const struct orm_query *q)
{
    if (!q->lock.is_on || !c->dialect->locks_rows)
        return true;
    orm_put(&c->sql, q->lock.no_key ? " FOR NO KEY UPDATE" : " FOR UPDATE");
    for (size_t i = 0; i < q->lock.n_of; i++) {
        const char *name = q->lock.of[i];
        int alias = strcmp(name, "self") == 0 ? 0 : -1;
        for (size_t k = 1; k < q->n_aliases && alias < 0; k++)
            if (q->aliases[k].n_refs && q->aliases[k].parent == 0 && strcmp(q->aliases[k].rel->name, name) == 0)
                alias = (int)k;
        if (alias < 0)
            return orm_fail(c->r.error, ORM_FIELD_ERROR,
                            "Invalid field name(s) given in select_for_update(of=(...)): %s. Only relational fields "
                            "followed in the query are allowed.",
                            name);
        orm_put(&c->sql, i ? ", " : " OF ");
        c->levels[c->n_levels++] = q;
        orm_put_alias(c, alias, 0);
        c->n_levels--;
    }
    orm_put(&c->sql, q->lock.nowait ? " NOWAIT" : q->lock.skip_locked ? " SKIP LOCKED" : "");
    return true;
}

static bool types_are_known(struct orm_resolver *r, const struct orm_plan *p)
{
    for (size_t i = p->first_extra; i < p->n_visible; i++) {
        const struct orm_term *t = p->columns[i].term;
        if (t->kind_error)
            return orm_fail(r->error, ORM_FIELD_ERROR, "%s", t->kind_error);
        if (t->field == ORM_NO_KIND)
            return orm_fail(r->error, ORM_FIELD_ERROR, "Cannot resolve expression type, unknown output_field");
    }
    return true;
}

enum orm_sql orm_put_select(struct orm_compiler *c, const struct orm_query *q, struct orm_statement *out)
{
    if (q->combinator != ORM_COMBINE_NONE && !q->is_empty)
        return put_combined(c, q, out);
    struct orm_resolver r = c->r;
    r.q = orm_query_clone(c->r.arena, q);
    struct orm_plan p;
    if (!orm_plan_select(&r, c->dialect, &p) || !types_are_known(&r, &p))
        return ORM_SQL_ERROR;
    if (out) {
        out->columns = p.columns;
        out->n_columns = p.n_columns;
        out->n_visible = p.n_visible;
        out->fetch = p.fetch;
        out->first_extra = p.first_extra;
    }
    if (q->is_empty)
        return ORM_SQL_EMPTY;
    c->levels[c->n_levels++] = r.q;
    enum orm_sql s = put_plan(c, r.q, &p);
    c->n_levels--;
    return s == ORM_SQL_OK && !put_lock(c, r.q) ? ORM_SQL_ERROR : s;
}

static bool finish(struct orm_compiler *c, enum orm_sql s, struct orm_statement *out)
{
    out->is_empty = s == ORM_SQL_EMPTY;
    out->may_repeat = true;
    out->sql = out->is_empty ? "" : c->sql.p;
    out->params = c->params;
    out->n_params = c->n_params;
    return s != ORM_SQL_ERROR;
}

bool orm_compile_select(struct orm_compiler *c, const struct orm_query *q, struct orm_statement *out)
{
    *out = (struct orm_statement){0};
    return finish(c, orm_put_select(c, q, out), out);
}

/* ---- aggregates over a query ---------------------------------------------------------------------------------------------- */

struct to_inner {
    struct orm_compiler *c;
    struct orm_query *inner;
};

/* What the outer SELECT needs of the inner one becomes a column of it: __col1. */
static struct orm_term *move_column(void *context, struct orm_term *t)
{
    struct to_inner *m = context;
    bool is_inner = t->kind == ORM_TERM_COLUMN && t->level == 0;
    if (!is_inner)
        return t;
    struct orm_query *q = m->inner;
    const char *name = orm_printf(m->c->r.arena, "__col%zu", q->n_annotations + 1);
    q->annotations = ORM_GROW(q->arena, q->annotations, q->n_annotations);
    q->annotations[q->n_annotations++] = (struct orm_annotation){name, t, true, false};
    struct orm_term *ref = orm_term_new(m->c->r.arena, ORM_TERM_REF, t->type);
    ref->name = name;
    return ref;
}

static bool needs_subquery(const struct orm_query *q)
{
    return orm_query_is_sliced(q) || q->n_annotations || q->is_distinct || q->grouping == ORM_GROUP_TERMS ||
           q->combinator != ORM_COMBINE_NONE;
}

static enum orm_sql put_over_subquery(struct orm_compiler *c, const struct orm_query *q, struct orm_annotation *items,
                                      size_t n)
{
    struct orm_query *inner = orm_query_clone(c->r.arena, q);
    inner->related = NULL;
    inner->select_all_related = false;
    if (!orm_query_is_sliced(q) && q->n_distinct_on == 0)
        orm_query_clear_ordering(inner);
    inner->lock.is_on = false;
    if (!inner->is_distinct && inner->combinator == ORM_COMBINE_NONE) {
        if (inner->default_columns && orm_query_has_aggregate(inner)) {
            inner->grouping = ORM_GROUP_TERMS;
            inner->group_by = ORM_NEW_N(c->r.arena, struct orm_term *, 4);
            inner->group_by[0] = orm_term_column(c->r.arena, 0, inner->meta->pk);
            inner->n_group_by = 1;
        }
        inner->default_columns = false;
    }
    struct to_inner move = {c, inner};
    for (size_t i = 0; i < n; i++)
        items[i].term = orm_term_map(c->r.arena, items[i].term, move_column, &move);
    bool selects = inner->default_columns || inner->n_select;
    for (size_t i = 0; i < inner->n_annotations; i++)
        selects = selects || inner->annotations[i].is_selected;
    if (!selects) {
        inner->select = ORM_NEW_N(c->r.arena, struct orm_select_item, 4);
        inner->select[0] = (struct orm_select_item){"__pk", orm_term_column(c->r.arena, 0, inner->meta->pk)};
        inner->n_select = 1;
    }
    orm_put(&c->sql, "SELECT ");
    c->levels[c->n_levels++] = inner;
    for (size_t i = 0; i < n; i++) {
        orm_put(&c->sql, i ? ", " : "");
        if (orm_put_term(c, items[i].term) != ORM_SQL_OK)
            return ORM_SQL_ERROR;
        orm_put(&c->sql, " AS ");
        orm_put_quoted(c, items[i].name);
    }
    c->n_levels--;
    orm_put(&c->sql, " FROM (");
    enum orm_sql s = orm_put_select(c, inner, NULL);
    orm_put(&c->sql, ") subquery");
    return s;
}

bool orm_compile_aggregate(struct orm_compiler *c, const struct orm_query *q, const struct orm_annotation *items,
                           size_t n, struct orm_statement *out)
{
    *out = (struct orm_statement){0};
    struct orm_annotation *own = ORM_NEW_N(c->r.arena, struct orm_annotation, n);
    memcpy(own, items, n * sizeof *items);
    enum orm_sql s;
    if (q->is_empty) {
        s = ORM_SQL_EMPTY;
    } else if (needs_subquery(q)) {
        s = put_over_subquery(c, q, own, n);
    } else {
        struct orm_query *flat = orm_query_clone(c->r.arena, q);
        flat->default_columns = false;
        flat->n_select = 0;
        flat->related = NULL;
        flat->select_all_related = false;
        orm_query_clear_ordering(flat);
        for (size_t i = 0; i < n; i++) {
            flat->annotations = ORM_GROW(flat->arena, flat->annotations, flat->n_annotations);
            flat->annotations[flat->n_annotations++] = own[i];
        }
        s = orm_put_select(c, flat, NULL);
    }
    out->columns = ORM_NEW_N(c->r.arena, struct orm_column, n);
    out->n_columns = out->n_visible = n;
    for (size_t i = 0; i < n; i++)
        out->columns[i] = (struct orm_column){own[i].name, items[i].term->type, NULL, own[i].term};
    return finish(c, s, out);
}
