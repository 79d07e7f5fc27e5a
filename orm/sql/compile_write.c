/* INSERT, UPDATE, DELETE. */
#include "orm/sql/compile.h"

static bool finish(struct orm_compiler *c, enum orm_sql s, struct orm_statement *out)
{
    out->is_empty = s == ORM_SQL_EMPTY;
    out->sql = c->sql.p;
    out->params = c->params;
    out->n_params = c->n_params;
    return s != ORM_SQL_ERROR;
}

bool orm_compile_insert(struct orm_compiler *c, const struct orm_meta *m, const struct orm_attr *const *attrs,
                        size_t n_attrs, const orm_val *vals, size_t n_rows, bool ignore_conflicts, bool returning,
                        struct orm_statement *out)
{
    *out = (struct orm_statement){.is_write = true};
    orm_putf(&c->sql, "INSERT%s INTO ", ignore_conflicts ? c->dialect->insert_ignore : "");
    orm_put_quoted(c, m->table);
    if (n_attrs == 0) {
        orm_put(&c->sql, " DEFAULT VALUES");
    } else {
        for (size_t i = 0; i < n_attrs; i++) {
            orm_put(&c->sql, i ? ", " : " (");
            orm_put_quoted(c, attrs[i]->column);
        }
        orm_put(&c->sql, ") VALUES ");
        for (size_t row = 0; row < n_rows; row++) {
            for (size_t i = 0; i < n_attrs; i++) {
                orm_put(&c->sql, i ? ", " : row ? ", (" : "(");
                const orm_val *v = &vals[row * n_attrs + i];
                if (v->tag == ORM_NULL)
                    orm_put(&c->sql, "NULL");
                else
                    orm_put_param(c, &(struct orm_param){*v, attrs[i]->type, 0});
            }
            orm_put(&c->sql, ")");
        }
    }
    if (ignore_conflicts)
        orm_put(&c->sql, c->dialect->conflict_ignore);
    if (returning && c->dialect->returns_rows) {
        orm_put(&c->sql, " RETURNING ");
        orm_put_quoted(c, m->pk->column);
        out->columns = ORM_NEW(c->r.arena, struct orm_column);
        out->columns[0] = (struct orm_column){m->pk->attname, m->pk->type, m->pk, NULL};
        out->n_columns = out->n_visible = 1;
    }
    return finish(c, ORM_SQL_OK, out);
}

/* WHERE of a statement on one table; a query with joins becomes pk IN (SELECT ...). */
static enum orm_sql put_target(struct orm_compiler *c, const struct orm_query *q)
{
    size_t n_tables = 0;
    for (size_t i = 0; i < q->n_aliases; i++)
        n_tables += q->aliases[i].n_refs > 0;
    bool is_plain = n_tables == 1 && q->grouping == ORM_GROUP_NONE && !orm_query_is_sliced(q) && !q->is_distinct;
    if (q->is_empty)
        return ORM_SQL_EMPTY;
    if (is_plain && !q->where)
        return ORM_SQL_OK;
    size_t len = c->sql.len;
    orm_put(&c->sql, " WHERE ");
    enum orm_sql s;
    if (is_plain) {
        s = orm_put_cond(c, q->where);
        if (s == ORM_SQL_FULL) {
            c->sql.len = len;
            c->sql.p[len] = '\0';
            s = ORM_SQL_OK;
        }
        return s;
    }
    struct orm_query *inner = orm_query_clone(c->r.arena, q);
    inner->related = NULL;
    inner->select_all_related = inner->default_columns = false;
    if (!orm_query_is_sliced(q))
        orm_query_clear_ordering(inner);
    for (size_t i = 0; i < inner->n_annotations; i++)
        inner->annotations[i].is_selected = false;
    inner->select = ORM_NEW_N(c->r.arena, struct orm_select_item, 4);
    inner->select[0] = (struct orm_select_item){"pk", orm_term_column(c->r.arena, 0, q->meta->pk)};
    inner->n_select = 1;
    orm_put_quoted(c, q->meta->table);
    orm_put(&c->sql, ".");
    orm_put_quoted(c, q->meta->pk->column);
    orm_put(&c->sql, " IN (");
    s = orm_put_select(c, inner, NULL);
    orm_put(&c->sql, ")");
    return s;
}

bool orm_compile_update(struct orm_compiler *c, const struct orm_query *q, const struct orm_assignment *set, size_t n,
                        struct orm_statement *out)
{
    *out = (struct orm_statement){.is_write = true};
    orm_put(&c->sql, "UPDATE ");
    orm_put_quoted(c, q->meta->table);
    c->levels[c->n_levels++] = q;
    enum orm_sql s = ORM_SQL_OK;
    for (size_t i = 0; i < n && s == ORM_SQL_OK; i++) {
        orm_put(&c->sql, i ? ", " : " SET ");
        orm_put_quoted(c, set[i].attr->column);
        orm_put(&c->sql, " = ");
        s = orm_put_term(c, set[i].term);
    }
    if (s == ORM_SQL_OK)
        s = put_target(c, q);
    c->n_levels--;
    return finish(c, s, out);
}

bool orm_compile_delete(struct orm_compiler *c, const struct orm_query *q, struct orm_statement *out)
{
    *out = (struct orm_statement){.is_write = true};
    orm_put(&c->sql, "DELETE FROM ");
    orm_put_quoted(c, q->meta->table);
    c->levels[c->n_levels++] = q;
    enum orm_sql s = put_target(c, q);
    c->n_levels--;
    return finish(c, s, out);
}
