#include "orm/model/inspect.h"

#include <strings.h>

/* The columns of one table, and the fields made of them. */
struct table {
    const struct orm_catalog_column *columns;
    size_t n_columns;
    orm_model *model;
};

static size_t align(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

static const orm_model *model_of_table(const struct table *tables, size_t n, const char *name, bool ignore_case)
{
    for (size_t i = 0; name && i < n; i++)
        if ((ignore_case ? strcasecmp : strcmp)(tables[i].columns->table, name) == 0)
            return tables[i].model;
    return NULL;
}

static orm_field make_field(struct orm_arena *a, const struct orm_catalog_column *c, const orm_model *to,
                            const char *name, bool has_composite_key, size_t *offset)
{
    orm_field f = {.name = name,
                   .kind = c->kind,
                   .is_foreign = c->is_foreign,
                   .column = c->column,
                   .ctype = to ? ORM_C_VALFK : ORM_C_VAL,
                   .offset = *offset,
                   .max_length = c->max_length,
                   .max_digits = c->max_digits,
                   .decimal_places = c->decimal_places};
    (void)a;
    *offset += align(to ? sizeof(orm_fk_val) : sizeof(orm_val));
    f.primary_key = c->key_place == 1;
    f.unique = f.primary_key || c->unique;
    f.null = !c->not_null && !f.primary_key;
    if (has_composite_key && f.primary_key) { /* its first column stands for all of it, and is not unique */
        f.unique = c->unique;
        f.kind = f.kind == ORM_AutoField ? ORM_IntegerField : f.kind;
    }
    if (to) {
        f.to = to;
        f.kind = f.unique ? ORM_OneToOneField : ORM_ForeignKey;
        f.on_delete = ORM_DO_NOTHING;
    }
    return f;
}

static void make_model(struct orm_arena *a, struct table *t, const struct table *tables, size_t n_tables,
                       bool ignore_case)
{
    bool has_key = false, has_composite_key = false;
    for (size_t i = 0; i < t->n_columns; i++) {
        has_key = has_key || t->columns[i].key_place == 1;
        has_composite_key = has_composite_key || t->columns[i].key_place > 1;
    }
    orm_field *fields = ORM_NEW_N(a, orm_field, t->n_columns + 2);
    const char **used = ORM_NEW_N(a, const char *, t->n_columns);
    size_t n = 0, offset = align(sizeof(orm_row));
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct orm_catalog_column *c = &t->columns[i];
        const orm_model *to = model_of_table(tables, n_tables, c->to_table, ignore_case);
        used[i] = orm_field_name_of(a, c->column, to != NULL, used, i);
        fields[n] = make_field(a, c, to, used[i], has_composite_key, &offset);
        if (!has_key && strcmp(used[i], "id") == 0) /* inspectdb: "id" is a key or it is an error */
            has_key = fields[n].primary_key = true;
        n++;
    }
    if (!has_key) { /* Django adds the key that every model has; whoever reads it learns that there is none */
        static const struct orm_catalog_column id = {
            .column = "id", .kind = ORM_AutoField, .not_null = true, .key_place = 1};
        memmove(fields + 1, fields, n * sizeof *fields);
        fields[0] = make_field(a, &id, NULL, "id", false, &offset);
    }
    t->model->inspected = fields;
    t->model->size = offset;
}

orm_status orm_inspect(orm_db *db)
{
    ORM_GUARD(db, ORM_NOMEM);
    struct orm_catalog_column *columns;
    size_t n_columns, n_tables = 0;
    struct orm_arena *a = &db->own;
    if (!db->driver)
        orm_fail(&db->error, ORM_OPERATIONAL, "the database is not open");
    if (db->error.status != ORM_OK || !orm_read_catalog(db, &columns, &n_columns))
        return db->error.status;
    struct table *tables = ORM_NEW_N(a, struct table, n_columns);
    for (size_t i = 0; i < n_columns; i++) {
        if (i == 0 || strcmp(columns[i].table, columns[i - 1].table) != 0) {
            orm_model *m = ORM_NEW(a, orm_model);
            m->name = orm_model_name_of(a, columns[i].table);
            m->table = columns[i].table;
            tables[n_tables++] = (struct table){.columns = &columns[i], .model = m};
        }
        tables[n_tables - 1].n_columns++;
    }
    const orm_model **models = ORM_NEW_N(a, const orm_model *, n_tables);
    for (size_t i = 0; i < n_tables; i++) {
        make_model(a, &tables[i], tables, n_tables, db->driver == &orm_driver_sqlite);
        models[i] = tables[i].model;
    }
    return orm_use_models(db, models, n_tables);
}

const orm_model *orm_model_named(orm_db *db, const char *name)
{
    ORM_GUARD(db, NULL);
    for (size_t i = 0; orm_ready(db) && i < db->registry.n_metas; i++)
        if (db->registry.metas[i]->model && strcmp(db->registry.metas[i]->name, name) == 0)
            return db->registry.metas[i]->model;
    return NULL;
}
