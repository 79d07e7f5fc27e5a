/* iterator(): rows in portions that are not kept. PostgreSQL: a cursor of the server; SQLite steps as it goes.
 *
 * A portion lives in an arena of its own, which takes the place of the scope's while rows are read: what the program
 * makes meanwhile stays in the scope's arena and survives the portion. */
#include <stdio.h>

#include "orm/session.h"

struct orm_iterator {
    orm_db *db;
    struct orm_qs *qs;
    struct orm_statement st;
    struct orm_cursor cur;
    struct orm_arena portion;
    struct orm_result result;
    size_t chunk, at;
    unsigned number; /* of the server's cursor */
    bool is_open, is_end, is_reading;
};

enum { DEFAULT_CHUNK = 2000 };

static void stop(orm_iterator *it)
{
    orm_db *db = it->db;
    if (!it->is_open)
        return;
    it->is_open = false;
    if (db->driver->dialect->has_server_cursors) {
        struct orm_error kept = db->error; /* closing must not hide it */
        char close[40];
        snprintf(close, sizeof close, "CLOSE orm_cursor_%u", it->number);
        if (!db->is_broken)
            orm_run_text(db, close, true);
        if (kept.status != ORM_OK)
            db->error = kept;
    } else {
        orm_finish(db, &it->cur);
    }
}

static bool start(orm_iterator *it)
{
    orm_db *db = it->db;
    if (!db->driver->dialect->has_server_cursors) {
        it->is_open = orm_run(db, &it->st, false, &it->cur);
        orm_keep_open(db, &it->cur);
        return it->is_open;
    }
    struct orm_statement declare = it->st;
    declare.hash = 0;
    declare.may_repeat = false;
    it->number = ++db->n_cursors;
    declare.sql = orm_printf(&db->arena, "DECLARE orm_cursor_%u NO SCROLL CURSOR WITH%s HOLD FOR %s", it->number,
                             db->depth ? "OUT" : "", it->st.sql);
    return it->is_open = orm_run_all(db, &declare, NULL) >= 0;
}

orm_iterator *orm_iterator_open(orm_qs *qs, size_t chunk)
{
    orm_db *db = qs->db;
    ORM_GUARD(db, NULL);
    struct orm_iterator *it = ORM_NEW(&db->arena, struct orm_iterator);
    *it = (struct orm_iterator){.db = db, .qs = qs, .chunk = chunk ? chunk : DEFAULT_CHUNK, .is_end = true};
    it->portion.guard = &db->guard;
    if (!orm_statement_of(qs, ORM_END_ROWS, &it->st) || it->st.is_empty || !start(it))
        return it;
    it->is_end = false;
    return it;
}

static bool fetch(orm_iterator *it, struct orm_cursor *cur)
{
    struct orm_statement next = {
        .sql = orm_printf(&it->portion, "FETCH FORWARD %zu FROM orm_cursor_%u", it->chunk, it->number)};
    return orm_run(it->db, &next, false, cur);
}

/* Exchanges the scope's arena and the portion's. */
static void exchange(orm_iterator *it)
{
    struct orm_arena scope = it->db->arena;
    it->db->arena = it->portion;
    it->portion = scope;
    it->is_reading = !it->is_reading;
}

/* The next portion into an empty arena. */
static bool refill(orm_iterator *it)
{
    orm_db *db = it->db;
    bool is_server = db->driver->dialect->has_server_cursors, is_end = false;
    orm_arena_release(&it->portion);
    it->result = (struct orm_result){.db = db, .meta = orm_qs_meta(it->qs)};
    it->at = 0;
    struct orm_cursor fetched;
    if (is_server && !fetch(it, &fetched))
        return false;
    exchange(it);
    bool ok = orm_read_batch(db, is_server ? &fetched : &it->cur, &it->st, &it->result,
                             is_server ? SIZE_MAX : it->chunk, &is_end);
    exchange(it);
    if (is_server)
        orm_finish(db, &fetched);
    it->is_end = is_server ? it->result.n < it->chunk : is_end;
    return ok;
}

static bool advance(orm_iterator *it)
{
    if (it->at + 1 < it->result.n) {
        it->at++;
        return true;
    }
    if (!it->is_end && refill(it) && it->result.n)
        return true;
    orm_iterator_close(it);
    return false;
}

/* Memory ran out on the way to the next row. */
static void *give_up(orm_iterator *it)
{
    if (it->is_reading)
        exchange(it);
    orm_iterator_close(it);
    return NULL;
}

void *orm_iterator_next_(orm_iterator *it, const orm_model *m)
{
    if (!it)
        return NULL;
    ORM_GUARD(it->db, give_up(it));
    if (orm_is_good(it->qs) && (orm_qs_is_values(it->qs) || orm_qs_meta(it->qs)->model != m)) {
        orm_fail(&it->db->error, ORM_TYPE_ERROR, "this queryset does not give %s", m->name);
        return NULL;
    }
    return advance(it) ? it->result.rows[it->at] : NULL;
}

orm_rec *orm_iterator_rec(orm_iterator *it)
{
    if (!it)
        return NULL;
    ORM_GUARD(it->db, give_up(it));
    if (orm_is_good(it->qs) && !orm_qs_is_values(it->qs)) {
        orm_fail(&it->db->error, ORM_TYPE_ERROR, "this queryset gives rows, not records: use values()");
        return NULL;
    }
    return advance(it) ? it->result.recs[it->at] : NULL;
}

void orm_iterator_close(orm_iterator *it)
{
    if (!it)
        return;
    it->is_end = true;
    it->result.n = it->at = 0;
    orm_arena_release(&it->portion);
    ORM_GUARD(it->db, );
    stop(it);
}
