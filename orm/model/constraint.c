#include "orm/model/constraint.h"

/* "-author slug" → ("author_id" DESC, "slug") */
static bool put_column_names(struct orm_compiler *c, const struct orm_meta *m, const char *rule, const char *names,
                             bool may_descend)
{
    orm_put(&c->sql, "(");
    size_t n_columns = 0;
    for (const char *s = names; *s;) {
        size_t n = strcspn(s, " ,");
        bool descends = may_descend && *s == '-';
        const struct orm_attr *f = orm_attr_named(m, s + descends, n - descends);
        if (n && (!f || !f->column))
            return orm_fail(c->r.error, ORM_FIELD_ERROR, "%s.%s: there is no column '%.*s'", m->name, rule, (int)n, s);
        if (n) {
            orm_put(&c->sql, n_columns++ ? ", " : "");
            orm_put_quoted(c, f->column);
            orm_put(&c->sql, descends ? " DESC" : "");
        }
        s += n;
        s += strspn(s, " ,");
    }
    orm_put(&c->sql, ")");
    return n_columns || orm_fail(c->r.error, ORM_FIELD_ERROR, "%s.%s names no columns", m->name, rule);
}

static bool put_condition(struct orm_compiler *c, const struct orm_meta *m, const orm_field *rule)
{
    struct orm_query *q = orm_query_new(c->r.arena, m);
    struct orm_resolver r = c->r;
    r.q = q;
    struct orm_parse_input in = {.arena = c->r.arena, .error = c->r.error, .text = rule->condition};
    const struct orm_node *args = orm_parse_args(&in);
    if (!args || !orm_resolve_filter(&r, args, false))
        return false;
    if (q->n_aliases > 1)
        return orm_fail(c->r.error, ORM_FIELD_ERROR, "%s.%s: Joined field references are not permitted in this query",
                        m->name, rule->name);
    c->levels[c->n_levels++] = q;
    c->is_definition = true;
    enum orm_sql s = q->where ? orm_put_cond(c, q->where) : ORM_SQL_FULL;
    c->is_definition = false;
    c->n_levels--;
    return s == ORM_SQL_OK ||
           orm_fail(c->r.error, ORM_FIELD_ERROR, "%s.%s: the condition says nothing", m->name, rule->name);
}

bool orm_put_constraints(struct orm_compiler *c, const struct orm_meta *m)
{
    if (m->options && m->options->unique_together) {
        orm_put(&c->sql, ", UNIQUE ");
        if (!put_column_names(c, m, "unique_together", m->options->unique_together, false))
            return false;
    }
    for (size_t i = 0; i < m->n_rules; i++) {
        const orm_field *rule = m->rules[i];
        bool is_check = rule->kind == ORM_Check;
        if (rule->kind == ORM_Index || (!is_check && rule->condition))
            continue;
        orm_put(&c->sql, ", CONSTRAINT ");
        orm_put_quoted(c, rule->name);
        orm_put(&c->sql, is_check ? " CHECK (" : " UNIQUE ");
        if (is_check ? !put_condition(c, m, rule) : !put_column_names(c, m, rule->name, rule->columns, false))
            return false;
        orm_put(&c->sql, is_check ? ")" : "");
    }
    return true;
}

const char *orm_rule_index(orm_db *db, const struct orm_dialect *d, const struct orm_meta *m, const orm_field *rule)
{
    bool is_index = rule->kind == ORM_Index || (rule->kind == ORM_Unique && rule->condition);
    if (!is_index)
        return "";
    struct orm_compiler c;
    struct orm_resolver r = orm_resolver_of(db, NULL);
    orm_compiler_init(&c, &r, d);
    orm_put(&c.sql, rule->kind == ORM_Unique ? "CREATE UNIQUE INDEX IF NOT EXISTS " : "CREATE INDEX IF NOT EXISTS ");
    orm_put_quoted(&c, rule->name);
    orm_put(&c.sql, " ON ");
    orm_put_quoted(&c, m->table);
    orm_put(&c.sql, " ");
    if (!put_column_names(&c, m, rule->name, rule->columns, rule->kind == ORM_Index))
        return NULL;
    orm_put(&c.sql, rule->condition ? " WHERE " : "");
    return !rule->condition || put_condition(&c, m, rule) ? c.sql.p : NULL;
}
