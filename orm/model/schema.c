/* CREATE TABLE and its indexes. SQLite takes references inline; PostgreSQL gets them afterwards, because a table may
 * point at one that is made later. */
#include "orm/model/constraint.h"

static void put_column_type(struct orm_buf *b, const struct orm_dialect *d, const struct orm_attr *a)
{
    while (a->relation == ORM_REL_FK && a->type != ORM_T_INT)
        a = a->target; /* a key of texts or UUIDs is written as what it points at */
    const struct orm_field *def = a->def;
    const char *type = a->relation == ORM_REL_FK ? d->column_types[ORM_BigIntegerField]
                       : a->is_auto              ? d->key_type
                                                 : d->column_types[def ? def->kind : ORM_BigIntegerField];
    if (!type)
        orm_putf(b, "varchar(%d)", def->max_length ? def->max_length : 255);
    else if (a->relation != ORM_REL_FK && def && def->kind == ORM_DecimalField && d->sizes_decimals)
        orm_putf(b, "%s(%d, %d)", type, def->max_digits, def->decimal_places);
    else
        orm_put(b, type);
}

static void put_columns(struct orm_compiler *c, const struct orm_meta *m, bool inline_references)
{
    for (size_t i = 0; i < m->n_columns; i++) {
        const struct orm_attr *f = m->columns[i];
        orm_put(&c->sql, i ? ", " : "");
        orm_put_quoted(c, f->column);
        orm_put(&c->sql, " ");
        put_column_type(&c->sql, c->dialect, f);
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

static const char *table_sql(orm_db *db, const struct orm_dialect *d, const struct orm_meta *m)
{
    struct orm_compiler c;
    struct orm_resolver r = orm_resolver_of(db, NULL);
    orm_compiler_init(&c, &r, d);
    orm_put(&c.sql, "CREATE TABLE IF NOT EXISTS ");
    orm_put_quoted(&c, m->table);
    orm_put(&c.sql, " (");
    put_columns(&c, m, d == &orm_dialect_sqlite);
    if (!orm_put_constraints(&c, m))
        return NULL;
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

/* What does something with the statements that make a table; false: enough. NULL: the statement could not be made. */
typedef bool (*statement_taker)(orm_db *db, void *context, const char *sql);

/* References and indexes come after all tables. */
static bool give_table(orm_db *db, const struct orm_meta *m, statement_taker take, void *context)
{
    return take(db, context, table_sql(db, db->driver->dialect, m));
}

static bool give_rest(orm_db *db, const struct orm_meta *m, statement_taker take, void *context)
{
    const struct orm_dialect *d = db->driver->dialect;
    for (size_t k = 0; k < sizeof column_sqls / sizeof *column_sqls; k++) {
        for (size_t i = 0; i < m->n_columns; i++) {
            const char *sql = column_sqls[k](db, d, m, m->columns[i]);
            if (sql && !take(db, context, sql))
                return false;
        }
    }
    for (size_t i = 0; i < m->n_rules; i++) {
        const char *sql = orm_rule_index(db, d, m, m->rules[i]);
        if (!sql || (*sql && !take(db, context, sql)))
            return false;
    }
    return true;
}

static bool run_it(orm_db *db, void *context, const char *sql)
{
    (void)context;
    return sql && orm_run_text(db, sql, false);
}

static bool write_it(orm_db *db, void *context, const char *sql)
{
    (void)db;
    if (sql)
        orm_putf(context, "%s;\n", sql);
    return sql;
}

orm_status orm_create_tables(orm_db *db)
{
    ORM_GUARD(db, ORM_NOMEM);
    if (!orm_ready(db) || !orm_enter(db))
        return db->error.status;
    bool ok = true;
    for (size_t i = 0; i < db->registry.n_metas && ok; i++)
        ok = give_table(db, db->registry.metas[i], run_it, NULL);
    for (size_t i = 0; i < db->registry.n_metas && ok; i++)
        ok = give_rest(db, db->registry.metas[i], run_it, NULL);
    return orm_end(db);
}

const char *orm_create_sql(orm_db *db, const orm_model *m)
{
    ORM_GUARD(db, NULL);
    struct orm_meta *meta = orm_ready(db) ? orm_meta_of(&db->registry, m) : NULL;
    struct orm_buf b = {.arena = &db->arena};
    return meta && give_table(db, meta, write_it, &b) && give_rest(db, meta, write_it, &b) ? b.p : NULL;
}
