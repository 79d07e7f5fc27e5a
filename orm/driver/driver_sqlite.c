#include "orm/driver/driver.h"

#include <stdio.h>
#include <stdlib.h>

#include "orm/driver/sqlite_options.h"
#include "orm/orm.h"
#include "orm/resolve/resolve.h"
#include "orm/value/json.h"

enum { CACHE_SIZE = 64 };

struct orm_conn {
    sqlite3 *db;
    struct {
        char *sql;
        uint64_t hash;
        sqlite3_stmt *stmt;
        bool is_busy;
    } cache[CACHE_SIZE]; /* by hash of the text; a newer one takes the place */
};

/* As Python's sqlite3 does. */
static orm_status status_of(int code)
{
    static const struct {
        int code;
        orm_status status;
    } codes[] = {{SQLITE_NOMEM, ORM_NOMEM},       {SQLITE_CONSTRAINT, ORM_INTEGRITY}, {SQLITE_MISMATCH, ORM_INTEGRITY},
                 {SQLITE_TOOBIG, ORM_DATA},       {SQLITE_CORRUPT, ORM_DATABASE},     {SQLITE_NOTADB, ORM_DATABASE},
                 {SQLITE_INTERNAL, ORM_DATABASE}, {SQLITE_NOTFOUND, ORM_DATABASE},    {SQLITE_MISUSE, ORM_DATABASE},
                 {SQLITE_RANGE, ORM_DATABASE}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code)
            return codes[i].status;
    return ORM_OPERATIONAL;
}

static bool fail(struct orm_conn *c, struct orm_error *e, const char *what)
{
    int code = c->db ? sqlite3_errcode(c->db) : SQLITE_NOMEM;
    return orm_fail(e, status_of(code), "%s%s%.800s", c->db ? sqlite3_errmsg(c->db) : "out of memory",
                    what ? "\n    " : "", what ? what : "");
}

static void close_conn(struct orm_conn *c)
{
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        sqlite3_finalize(c->cache[i].stmt); /* also that of an iterator that was never closed */
        free(c->cache[i].sql);
    }
    sqlite3_close_v2(c->db); /* virtual tables have statements of their own, which it finalizes */
    free(c);
}

static bool open_conn(struct orm_conn **out, const char *url, struct orm_guard **guard, struct orm_error *e)
{
    (void)guard; /* what is needed beside cells is SQLite's own */
    struct orm_conn *c = calloc(1, sizeof *c);
    if (!c)
        return orm_fail(e, ORM_NOMEM, "out of memory");
    /* A scope is one thread's at a time: without SQLite's own locks a cell costs half (bench/orm: fetch 1.9 → 1.4). */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const char *options;
    char *path = orm_sqlite_path(url, &options);
    bool ok = path && sqlite3_open_v2(path, &c->db, flags, NULL) == SQLITE_OK;
    if (!ok)
        fail(c, e, path);
    free(path);
    if (!ok) {
        close_conn(c);
        return false;
    }
    sqlite3_extended_result_codes(c->db, 0);
    sqlite3_busy_timeout(c->db, 5000);
    /* the same as PRAGMA foreign_keys=ON, without a statement that would be counted */
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, (int *)NULL);
    ok = orm_sqlite_add_functions(c->db) || fail(c, e, NULL);
    if (!ok || !orm_sqlite_set_options(c->db, options, e)) {
        close_conn(c);
        return false;
    }
    *out = c;
    return true;
}

static sqlite3_stmt *prepared(struct orm_conn *c, const struct orm_statement *st, struct orm_cursor *cur,
                              struct orm_error *e)
{
    const char *sql = st->sql;
    uint64_t hash = st->hash ? st->hash : orm_hash_sql(sql);
    size_t i = cur->slot = (size_t)(hash % CACHE_SIZE);
    if (c->cache[i].stmt && !c->cache[i].is_busy && c->cache[i].hash == hash && strcmp(c->cache[i].sql, sql) == 0) {
        c->cache[i].is_busy = true;
        return c->cache[i].stmt;
    }
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(c->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail(c, e, sql);
        return NULL;
    }
    char *copy = c->cache[i].is_busy ? NULL : strdup(sql);
    cur->is_temporary = copy == NULL;
    if (copy) {
        sqlite3_finalize(c->cache[i].stmt);
        free(c->cache[i].sql);
        c->cache[i].stmt = stmt;
        c->cache[i].sql = copy;
        c->cache[i].hash = hash;
        c->cache[i].is_busy = true;
    }
    return stmt;
}

static int bind(sqlite3_stmt *stmt, int i, const struct orm_param *p)
{
    char text[64];
    const orm_val *v = &p->v;
    switch (v->tag) {
    case ORM_BOOL: return sqlite3_bind_int64(stmt, i, v->u.b);
    case ORM_INT: return sqlite3_bind_int64(stmt, i, v->u.i);
    case ORM_DBL: return sqlite3_bind_double(stmt, i, v->u.d);
    case ORM_TEXT:
    case ORM_JSON: return sqlite3_bind_text(stmt, i, v->u.s, -1, SQLITE_TRANSIENT);
    case ORM_DUR: return sqlite3_bind_int64(stmt, i, v->u.dur.us);
    case ORM_UUID: { /* stored without dashes */
        size_t n = 0;
        for (const char *s = v->u.s; *s && n < 32; s++)
            if (*s != '-')
                text[n++] = *s;
        return sqlite3_bind_text(stmt, i, text, (int)n, SQLITE_TRANSIENT);
    }
    case ORM_BYTES: return sqlite3_bind_blob64(stmt, i, v->u.bytes.ptr, v->u.bytes.len, SQLITE_TRANSIENT);
    case ORM_DT: return sqlite3_bind_text(stmt, i, orm_format_datetime(v->u.dt, text), -1, SQLITE_TRANSIENT);
    case ORM_DATE: return sqlite3_bind_text(stmt, i, orm_format_date(v->u.date, text), -1, SQLITE_TRANSIENT);
    case ORM_TIME: return sqlite3_bind_text(stmt, i, orm_format_time(v->u.time, text), -1, SQLITE_TRANSIENT);
    case ORM_DEC:
        if (v->u.dec.exp == 0 && v->u.dec.more == 0)
            return sqlite3_bind_int64(stmt, i, v->u.dec.coef);
        return sqlite3_bind_double(stmt, i, orm_decimal_to_double(v->u.dec));
    default: return sqlite3_bind_null(stmt, i);
    }
}

static void finish(struct orm_cursor *cur)
{
    sqlite3_stmt *stmt = cur->handle;
    if (!stmt)
        return;
    cur->handle = NULL;
    if (cur->is_temporary) {
        sqlite3_finalize(stmt);
        return;
    }
    sqlite3_reset(stmt);
    cur->conn->cache[cur->slot].is_busy = false;
}

static bool run(struct orm_conn *c, const struct orm_statement *st, struct orm_cursor *out, struct orm_error *e)
{
    *out = (struct orm_cursor){.conn = c};
    sqlite3_stmt *stmt = prepared(c, st, out, e);
    if (!stmt)
        return false;
    out->handle = stmt;
    for (size_t i = 0; i < st->n_params; i++) {
        if (bind(stmt, (int)i + 1, &st->params[i]) != SQLITE_OK) {
            fail(c, e, st->sql);
            finish(out);
            return false;
        }
    }
    return true;
}

static int next(struct orm_cursor *cur, struct orm_error *e)
{
    if (cur->is_done)
        return 0;
    int code = sqlite3_step(cur->handle);
    if (code == SQLITE_ROW)
        return 1;
    cur->is_done = true;
    if (code != SQLITE_DONE) {
        fail(cur->conn, e, sqlite3_sql(cur->handle));
        return -1;
    }
    cur->n_changed = sqlite3_changes(cur->conn->db);
    cur->last_id = sqlite3_last_insert_rowid(cur->conn->db);
    return 0;
}

/* SQLite returns what was stored; the type asked for decides how it is read. */
static void cell(struct orm_cursor *cur, int i, enum orm_type type, struct orm_arena *a, orm_val *out)
{
    sqlite3_stmt *stmt = cur->handle;
    int stored = sqlite3_column_type(stmt, i);
    *out = (orm_val){.tag = ORM_NULL};
    if (stored == SQLITE_NULL)
        return;
    bool is_number = stored == SQLITE_INTEGER || stored == SQLITE_FLOAT;
    bool is_open = type == ORM_T_NONE || type == ORM_T_JSON; /* a part of a document is what it is */
    if ((type == ORM_T_INT && is_number) || (is_open && stored == SQLITE_INTEGER)) {
        *out = orm_v_int(sqlite3_column_int64(stmt, i));
    } else if ((type == ORM_T_FLOAT && is_number) || (is_open && stored == SQLITE_FLOAT)) {
        *out = orm_v_dbl(sqlite3_column_double(stmt, i));
    } else if (type == ORM_T_DURATION && stored == SQLITE_INTEGER) {
        *out = orm_v_dur((orm_duration){sqlite3_column_int64(stmt, i)});
    } else if (type == ORM_T_BOOL && is_number) {
        *out = orm_v_bool(sqlite3_column_int64(stmt, i) != 0);
    } else if (type == ORM_T_DECIMAL && stored == SQLITE_FLOAT) {
        char text[40];
        snprintf(text, sizeof text, "%.15g", sqlite3_column_double(stmt, i));
        for (char *s = text; *s; s++)
            if (*s == ',')
                *s = '.';
        out->tag = orm_read_decimal(text, &out->u.dec) ? ORM_DEC : ORM_NULL;
    } else if (type == ORM_T_BYTES || (type == ORM_T_NONE && stored == SQLITE_BLOB)) {
        const void *p = sqlite3_column_blob(stmt, i);
        size_t n = (size_t)sqlite3_column_bytes(stmt, i);
        if (!p && n)
            orm_out_of_memory(a);
        *out = orm_v_bytes((orm_bytes){orm_copy_text(a, p, n), n});
    } else {
        const char *s = (const char *)sqlite3_column_text(stmt, i);
        if (!s)
            orm_out_of_memory(a);
        orm_val text = orm_v_text(orm_copy_text(a, s, (size_t)sqlite3_column_bytes(stmt, i)));
        bool is_plain = type == ORM_T_NONE || (type == ORM_T_JSON && !orm_json_is_valid(s));
        if (is_plain || !orm_convert(a, text, type, out))
            *out = text;
    }
}

/* Half of what a row costs is asking twice: NULL and a text that is no number read as 0, so only a 0 that could be one is
 * asked about. (A text that begins with digits is the number that SQLite makes of it; asking every cell for its type costs
 * 13 % of a fetch.) */
static bool member(struct orm_cursor *cur, int i, orm_ctype ctype, void *at, struct orm_arena *a)
{
    sqlite3_stmt *stmt = cur->handle;
    switch (ctype) {
    case ORM_C_INT:
        *(int64_t *)at = sqlite3_column_int64(stmt, i);
        return *(int64_t *)at != 0 || sqlite3_column_type(stmt, i) == SQLITE_INTEGER;
    case ORM_C_BOOL:
        *(bool *)at = sqlite3_column_int64(stmt, i) != 0;
        return *(bool *)at || sqlite3_column_type(stmt, i) == SQLITE_INTEGER;
    case ORM_C_DBL: {
        double d = sqlite3_column_double(stmt, i);
        *(double *)at = d;
        return d != 0 || sqlite3_column_type(stmt, i) == SQLITE_FLOAT;
    }
    case ORM_C_OINT: {
        int64_t v = sqlite3_column_int64(stmt, i);
        *(orm_opt_int *)at = (orm_opt_int){true, v};
        return v != 0 || sqlite3_column_type(stmt, i) == SQLITE_INTEGER;
    }
    case ORM_C_ODBL: {
        double d = sqlite3_column_double(stmt, i);
        *(orm_opt_dbl *)at = (orm_opt_dbl){true, d};
        return d != 0 || sqlite3_column_type(stmt, i) == SQLITE_FLOAT;
    }
    case ORM_C_TEXT: {
        const char *s = (const char *)sqlite3_column_text(stmt, i);
        *(const char **)at = s ? orm_copy_text(a, s, (size_t)sqlite3_column_bytes(stmt, i)) : NULL;
        return s; /* NULL may also be want of memory */
    }
    case ORM_C_DT: {
        const char *s = (const char *)sqlite3_column_text(stmt, i);
        return s && orm_read_datetime(s, at);
    }
    case ORM_C_FK: {
        int64_t key = sqlite3_column_int64(stmt, i);
        *(orm_fk_any *)at = (orm_fk_any){.id = key, .set = key != 0};
        return key != 0;
    }
    default: return false;
    }
}

static bool is_inside(const struct orm_conn *c)
{
    return !sqlite3_get_autocommit(c->db);
}

static void interrupt(struct orm_conn *c)
{
    sqlite3_interrupt(c->db);
}

const struct orm_driver orm_driver_sqlite = {
    &orm_dialect_sqlite, open_conn, close_conn, run, next, cell, finish, member, is_inside, NULL, interrupt};
