/* The scope: open and close, models, errors, marks. */
#include <stdio.h>
#include <stdlib.h>

#include "orm/session.h"

static const struct orm_driver *driver_for(const char *url)
{
    static const struct {
        const char *prefix;
        const struct orm_driver *driver;
    } drivers[] = {
        {"sqlite:", &orm_driver_sqlite}, {"postgresql:", &orm_driver_postgres}, {"postgres:", &orm_driver_postgres}};
    for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
        if (strncmp(url, drivers[i].prefix, strlen(drivers[i].prefix)) == 0)
            return drivers[i].driver;
    return NULL;
}

orm_db *orm_open(const char *url)
{
    orm_db *db = calloc(1, sizeof *db);
    if (!db)
        return NULL;
    db->arena.guard = db->own.guard = db->registry.arena.guard = &db->guard;
    db->last_sql.arena = &db->own;
    db->failed.db = db;
    ORM_GUARD(db, db);
    const struct orm_driver *driver = url ? driver_for(url) : NULL;
    if (!driver)
        orm_fail(&db->error, ORM_OPERATIONAL,
                 "'%s' is no database URL: sqlite:///path, sqlite::memory: or postgresql://...", url ? url : "");
    else if (driver->open(&db->conn, url, &db->guard, &db->error))
        db->driver = driver;
    return db;
}

void orm_close(orm_db *db)
{
    if (!db)
        return;
    if (db->driver)
        db->driver->close(db->conn); /* which rolls back */
    orm_shapes_release(&db->shapes);
    orm_registry_release(&db->registry);
    orm_arena_release(&db->arena);
    orm_arena_release(&db->own);
    free(db);
}

orm_status orm_use_models(orm_db *db, const orm_model *const *models, size_t n_models)
{
    ORM_GUARD(db, ORM_NOMEM);
    db->has_registry = false;
    orm_shapes_release(&db->shapes); /* they point at the models */
    orm_registry_release(&db->registry);
    db->has_registry = orm_registry_init(&db->registry, models, n_models, &db->error);
    return db->error.status;
}

bool orm_ready(orm_db *db)
{
    if (!db->has_registry && db->error.status == ORM_OK)
        orm_use_models(db, NULL, 0);
    return db->has_registry && (db->driver || orm_fail(&db->error, ORM_OPERATIONAL, "the database is not open"));
}

orm_status orm_status_of(const orm_db *db)
{
    return db->error.status;
}

const char *orm_errmsg(const orm_db *db)
{
    return db->error.status == ORM_OK ? "" : db->error.message;
}

const char *orm_sqlstate(const orm_db *db)
{
    return db->error.sqlstate;
}

void orm_clear(orm_db *db)
{
    db->error = (struct orm_error){.status = ORM_OK};
}

size_t orm_query_count(const orm_db *db)
{
    return db->n_queries;
}

const char *orm_last_sql(const orm_db *db)
{
    return db->last_sql.p ? db->last_sql.p : "";
}

void orm_on_query(orm_db *db, void (*seen)(void *context, const char *sql), void *context)
{
    db->on_query = seen;
    db->on_query_context = context;
}

void orm_interrupt(orm_db *db)
{
    if (db && db->driver)
        db->driver->interrupt(db->conn);
}

size_t orm_mark(const orm_db *db)
{
    return db->arena.used_bytes;
}

void orm_rewind(orm_db *db, size_t mark)
{
    orm_arena_rewind(&db->arena, mark);
}
