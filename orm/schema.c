/* CREATE TABLE and its indexes. SQLite takes references inline; PostgreSQL gets them afterwards, because a table may
 * point at one that is made later. */
#include "orm/session.h"

static void put_columns(struct orm_compiler *c, const struct orm_meta *m, bool inline_references)
{
    for (size_t i = 0; i < m->n_columns; i++) {
        const struct orm_attr *f = m->columns[i];
        orm_put(&c->sql, i ? ", " : "");
        orm_put_quoted(c, f->column);
        orm_put(&c->sql, " ");
        c->dialect->put_column_type(&c->sql, f);
        orm_put(&c->sql, f->null ? " NULL" : " NOT NULL");
        if (f->primary_key)
            orm_put(&c->sql, f->is_auto && inline_references ? " PRIMARY KEY AUTOINCREMENT" : " PRIMARY KEY");
        else if (f->unique)
            orm_put(&c->sql, " UNIQUE");
        if (f->def && f->def->kind == ORM_PositiveIntegerField) {
            orm_put(&c->sql, " CHECK (");
            orm_put_quoted(c, f->column);
            orm_put(&c->sql, " >= 0)");
        }
        if (f->relation == ORM_REL_FK && inline_references) {
            orm_put(&c->sql, " REFERENCES ");
            orm_put_quoted(c, f->to->table);
            orm_put(&c->sql, " (");
            orm_put_quoted(c, f->target->column);
            orm_put(&c->sql, ") DEFERRABLE INITIALLY DEFERRED");
        }
    }
}

/* "author slug" → ("author_id", "slug") */
static void put_unique_together(struct orm_compiler *c, const struct orm_meta *m, const char *names)
{
    orm_put(&c->sql, ", UNIQUE (");
    for (size_t i = 0; *names; i++) {
        size_t n = strcspn(names, " ,");
        const struct orm_attr *f = orm_attr_named(m, names, n);
        if (f && f->column) {
            orm_put(&c->sql, i ? ", " : "");
            orm_put_quoted(c, f->column);
        }
        names += n;
        names += strspn(names, " ,");
    }
    orm_put(&c->sql, ")");
}

static const char *table_sql(orm_db *db, const struct orm_dialect *d, const struct orm_meta *m)
{
    struct orm_compiler c;
    struct orm_resolver r = orm_resolver_of(db, NULL);
    orm_compiler_init(&c, &r, d);
    orm_put(&c.sql, "CREATE TABLE IF NOT EXISTS ");
    orm_put_quoted(&c, m->table);
    orm_put(&c.sql, " (");
    put_columns(&c, m, d == &orm_dialect_sqlite);
    if (m->options && m->options->unique_together)
        put_unique_together(&c, m, m->options->unique_together);
    if (m->is_through) {
        orm_put(&c.sql, ", UNIQUE (");
        orm_put_quoted(&c, m->columns[1]->column);
        orm_put(&c.sql, ", ");
        orm_put_quoted(&c, m->columns[2]->column);
        orm_put(&c.sql, ")");
    }
    orm_put(&c.sql, ")");
    return c.sql.p;
}

/* A short hash keeps names apart that are cut at PostgreSQL's 63 bytes. */
static const char *object_name(orm_db *db, const struct orm_meta *m, const struct orm_attr *f, const char *suffix)
{
    char *name = orm_printf(&db->arena, "%s_%s", m->table, f->column);
    uint32_t h = 2166136261u;
    for (const char *s = name; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    if (strlen(name) > 45)
        name[45] = '\0';
    return orm_printf(&db->arena, "%s_%08x%s", name, (unsigned)h, suffix);
}

static const char *index_sql(orm_db *db, const struct orm_dialect *d, const struct orm_meta *m,
                             const struct orm_attr *f)
{
    bool wanted = (f->relation == ORM_REL_FK || (f->def && f->def->db_index)) && !f->unique;
    if (!wanted)
        return NULL;
    struct orm_compiler c;
    struct orm_resolver r = orm_resolver_of(db, NULL);
    orm_compiler_init(&c, &r, d);
    orm_put(&c.sql, "CREATE INDEX IF NOT EXISTS ");
    orm_put_quoted(&c, object_name(db, m, f, ""));
    orm_put(&c.sql, " ON ");
    orm_put_quoted(&c, m->table);
    orm_put(&c.sql, " (");
    orm_put_quoted(&c, f->column);
    orm_put(&c.sql, ")");
    return c.sql.p;
}

static void put_literal(struct orm_buf *b, const char *text)
{
    orm_put(b, "'");
    for (const char *s = text; *s; s++)
        orm_put_n(b, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1);
    orm_put(b, "'");
}

/* ALTER TABLE has no IF NOT EXISTS: a block that looks first, written as a text. */
static const char *reference_sql(orm_db *db, const struct orm_dialect *d, const struct orm_meta *m,
                                 const struct orm_attr *f)
{
    if (d == &orm_dialect_sqlite || f->relation != ORM_REL_FK)
        return NULL;
    struct orm_compiler c, table;
    struct orm_resolver r = orm_resolver_of(db, NULL);
    const char *name = object_name(db, m, f, "_fk");
    orm_compiler_init(&table, &r, d);
    orm_put_quoted(&table, m->table);
    orm_compiler_init(&c, &r, d);
    orm_put(&c.sql, "BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = ");
    put_literal(&c.sql, name);
    orm_put(&c.sql, " AND conrelid = ");
    put_literal(&c.sql, table.sql.p);
    orm_putf(&c.sql, "::regclass) THEN ALTER TABLE %s", table.sql.p);
    orm_put(&c.sql, " ADD CONSTRAINT ");
    orm_put_quoted(&c, name);
    orm_put(&c.sql, " FOREIGN KEY (");
    orm_put_quoted(&c, f->column);
    orm_put(&c.sql, ") REFERENCES ");
    orm_put_quoted(&c, f->to->table);
    orm_put(&c.sql, " (");
    orm_put_quoted(&c, f->target->column);
    orm_put(&c.sql, ") DEFERRABLE INITIALLY DEFERRED; END IF; END");
    struct orm_buf b = {.arena = &db->arena};
    orm_put(&b, "DO ");
    put_literal(&b, c.sql.p);
    return b.p;
}

typedef const char *(*column_sql)(orm_db *, const struct orm_dialect *, const struct orm_meta *,
                                  const struct orm_attr *);
static const column_sql column_sqls[] = {reference_sql, index_sql};

orm_status orm_create_tables(orm_db *db)
{
    ORM_GUARD(db, ORM_NOMEM);
    if (!orm_ready(db) || !orm_enter(db))
        return db->error.status;
    const struct orm_dialect *d = db->driver->dialect;
    bool ok = true;
    for (size_t i = 0; i < db->registry.n_metas && ok; i++)
        ok = orm_run_text(db, table_sql(db, d, db->registry.metas[i]), false);
    for (size_t k = 0; k < sizeof column_sqls / sizeof *column_sqls; k++) {
        for (size_t i = 0; i < db->registry.n_metas && ok; i++) {
            const struct orm_meta *m = db->registry.metas[i];
            for (size_t f = 0; f < m->n_columns && ok; f++) {
                const char *sql = column_sqls[k](db, d, m, m->columns[f]);
                ok = !sql || orm_run_text(db, sql, false);
            }
        }
    }
    return orm_end(db);
}

const char *orm_create_sql(orm_db *db, const orm_model *m)
{
    ORM_GUARD(db, NULL);
    struct orm_meta *meta = orm_ready(db) ? orm_meta_of(&db->registry, m) : NULL;
    if (!meta)
        return NULL;
    const struct orm_dialect *d = db->driver->dialect;
    struct orm_buf b = {.arena = &db->arena};
    orm_putf(&b, "%s;\n", table_sql(db, d, meta));
    for (size_t k = 0; k < sizeof column_sqls / sizeof *column_sqls; k++) {
        for (size_t i = 0; i < meta->n_columns; i++) {
            const char *sql = column_sqls[k](db, d, meta, meta->columns[i]);
            if (sql)
                orm_putf(&b, "%s;\n", sql);
        }
    }
    return b.p;
}
