#include <stdio.h>
#include <stdlib.h>

#include "orm/driver/postgres.h"
#include "orm/orm.h"

enum { CACHE_SIZE = 128 };

struct orm_conn {
    PGconn *pg;
    struct {
        char *sql;
        Oid *types; /* of the parameters: the same text with other types is another statement */
        int n_types;
        bool is_text; /* a column has a type that we cannot read in binary */
        unsigned n_seen;
        char name[16]; /* on the server, from the second run on */
    } cache[CACHE_SIZE];
    unsigned serial;
    PGcancel *cancel;         /* of this connection; made with it, so that a signal handler needs no memory */
    struct orm_arena scratch; /* of one run() */
};

/* By SQLSTATE class, as psycopg2 does. */
static orm_status status_of(const char *state)
{
    static const struct {
        const char *class;
        orm_status status;
    } classes[] = {{"23", ORM_INTEGRITY},   {"22", ORM_DATA},          {"42", ORM_PROGRAMMING},
                   {"21", ORM_PROGRAMMING}, {"0A", ORM_NOT_SUPPORTED}, {"20", ORM_PROGRAMMING},
                   {"24", ORM_DATABASE},    {"25", ORM_DATABASE},      {"XX", ORM_DATABASE}};
    for (size_t i = 0; state && i < sizeof classes / sizeof *classes; i++)
        if (strncmp(state, classes[i].class, 2) == 0)
            return classes[i].status;
    return ORM_OPERATIONAL;
}

static bool fail(struct orm_conn *c, const PGresult *res, const char *sql, struct orm_error *e)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *primary = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *detail = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL) : NULL; /* names the row */
    const char *message = primary ? primary : PQerrorMessage(c->pg);
    size_t n = strcspn(message, "\n");
    bool fresh = e->status == ORM_OK;
    /* The server always gives a SQLSTATE: without one it is libpq that speaks, or had no memory to keep what was said. */
    bool is_lost = res && PQstatus(c->pg) == CONNECTION_OK;
    bool no_memory = !state && (!c->pg || is_lost || strcasestr(message, "memory"));
    orm_fail(e, no_memory ? ORM_NOMEM : status_of(state), "%.*s%s%.400s%s%.800s", (int)n, message, detail ? ": " : "",
             detail ? detail : "", sql ? "\n    " : "", sql ? sql : "");
    if (fresh && state)
        snprintf(e->sqlstate, sizeof e->sqlstate, "%.5s", state);
    return false;
}

static void forget(struct orm_conn *c, size_t slot)
{
    free(c->cache[slot].sql);
    free(c->cache[slot].types);
    memset(&c->cache[slot], 0, sizeof c->cache[slot]);
}

static void close_conn(struct orm_conn *c)
{
    for (size_t i = 0; i < CACHE_SIZE; i++)
        forget(c, i);
    orm_arena_release(&c->scratch);
    PQfreeCancel(c->cancel);
    PQfinish(c->pg);
    free(c);
}

/* A connection that was lost comes back when the next statement needs it; what was prepared is gone. */
static void revive(struct orm_conn *c)
{
    if (PQstatus(c->pg) == CONNECTION_OK)
        return;
    for (size_t i = 0; i < CACHE_SIZE; i++)
        forget(c, i);
    PGcancel *old = c->cancel;
    c->cancel = NULL;
    PQfreeCancel(old);
    PQreset(c->pg);
    c->cancel = PQgetCancel(c->pg);
}

static void interrupt(struct orm_conn *c)
{
    char why[256];
    if (c->cancel)
        PQcancel(c->cancel, why, sizeof why);
}

/* libpq prints notices to standard error, which is the program's. */
static void drop_notice(void *context, const PGresult *res)
{
    (void)context;
    (void)res;
}

/* The URL's own options stay: ours are put behind them. */
static char *options_of(const char *url)
{
    PQconninfoOption *list = PQconninfoParse(url, NULL), *o = list;
    while (o && o->keyword && strcmp(o->keyword, "options") != 0)
        o++;
    const char *own = o && o->keyword && o->val ? o->val : "";
    char *all = NULL;
    if (asprintf(&all, "%s -c TimeZone=UTC -c DateStyle=ISO", own) < 0)
        all = NULL;
    PQconninfoFree(list);
    return all;
}

static bool open_conn(struct orm_conn **out, const char *url, struct orm_guard **guard, struct orm_error *e)
{
    struct orm_conn *c = calloc(1, sizeof *c);
    if (!c)
        return orm_fail(e, ORM_NOMEM, "out of memory");
    c->scratch.guard = guard;
    /* Encoding and time zone travel in the start-up packet: no statement is sent for them. */
    char *options = options_of(url);
    if (!options) {
        close_conn(c);
        return orm_fail(e, ORM_NOMEM, "out of memory");
    }
    const char *keys[] = {"dbname", "client_encoding", "options", "fallback_application_name", NULL};
    const char *vals[] = {url, "UTF8", options, "n1orm", NULL};
    c->pg = PQconnectdbParams(keys, vals, 1);
    free(options);
    if (PQstatus(c->pg) != CONNECTION_OK) {
        fail(c, NULL, NULL, e);
        close_conn(c);
        return false;
    }
    PQsetNoticeReceiver(c->pg, drop_notice, NULL);
    c->cancel = PQgetCancel(c->pg); /* NULL: there was no memory for it, and statements cannot be interrupted */
    *out = c;
    return true;
}

static size_t slot_of(const struct orm_statement *st)
{
    return (size_t)((st->hash ? st->hash : orm_hash_sql(st->sql)) % CACHE_SIZE);
}

/* The statement was prepared before its table changed, or somebody deallocated it. */
static bool is_stale(const PGresult *res)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *routine = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);
    return state && (strcmp(state, "26000") == 0 ||
                     (strcmp(state, "0A000") == 0 && routine && strcmp(routine, "RevalidateCachedQuery") == 0));
}

/* Finds the statement, or gives it the place of another: an old name is left to the server rather than send a DEALLOCATE. */
static void note(struct orm_conn *c, size_t slot, const char *sql, const struct orm_pg_params *p)
{
    size_t size = (size_t)p->n * sizeof *p->oids;
    if (c->cache[slot].sql && strcmp(c->cache[slot].sql, sql) == 0 && c->cache[slot].n_types == p->n &&
        memcmp(c->cache[slot].types, p->oids, size) == 0) {
        c->cache[slot].n_seen++;
        return;
    }
    forget(c, slot);
    c->cache[slot].sql = strdup(sql);
    c->cache[slot].types = malloc(size + 1);
    if (!c->cache[slot].sql || !c->cache[slot].types) {
        forget(c, slot);
        return;
    }
    memcpy(c->cache[slot].types, p->oids, size);
    c->cache[slot].n_types = p->n;
    c->cache[slot].n_seen = 1;
}

/* The second run of a statement prepares it: a loop pays one round trip more, a single statement none.
 * Returns the name to execute, or NULL for a plain PQexecParams. */
static const char *prepared_name(struct orm_conn *c, size_t slot, const char *sql, const struct orm_pg_params *p)
{
    char *name = c->cache[slot].name;
    if (c->cache[slot].n_seen < 2 || p->has_list || name[0])
        return name[0] ? name : NULL;
    snprintf(name, sizeof c->cache[slot].name, "orm_%u", ++c->serial);
    PGresult *res = PQprepare(c->pg, name, sql, p->n, p->oids);
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;
    PQclear(res);
    if (!ok) /* the plain way will say what is wrong */
        name[0] = '\0';
    return ok ? name : NULL;
}

static PGresult *send(struct orm_conn *c, const char *name, const char *sql, const struct orm_pg_params *p,
                      bool is_binary)
{
    return name ? PQexecPrepared(c->pg, name, p->n, p->values, p->lengths, p->formats, is_binary)
                : PQexecParams(c->pg, sql, p->n, p->oids, p->values, p->lengths, p->formats, is_binary);
}

static bool has_foreign_type(const struct orm_statement *st)
{
    for (size_t i = 0; i < st->n_columns; i++)
        if (st->columns[i].type == ORM_T_OTHER)
            return true;
    return false;
}

static PGresult *send_fresh(struct orm_conn *c, const struct orm_statement *st, size_t slot,
                            const struct orm_pg_params *p, bool is_binary)
{
    const char *name = prepared_name(c, slot, st->sql, p);
    bool is_alone = PQtransactionStatus(c->pg) == PQTRANS_IDLE;
    PGresult *res = send(c, name, st->sql, p, is_binary);
    if (!name || !is_stale(res))
        return res;
    forget(c, slot);
    if (!is_alone) /* in a transaction the error stands: the server has ended it */
        return res;
    PQclear(res);
    return send(c, NULL, st->sql, p, is_binary);
}

static bool run(struct orm_conn *c, const struct orm_statement *st, struct orm_cursor *out, struct orm_error *e)
{
    *out = (struct orm_cursor){.conn = c, .row = -1};
    struct orm_pg_params params;
    orm_arena_rewind(&c->scratch, 0);
    orm_pg_write_params(st, &c->scratch, &params);
    size_t slot = slot_of(st);
    note(c, slot, st->sql, &params);
    bool is_binary = st->may_repeat && !c->cache[slot].is_text && !has_foreign_type(st), no_memory = false;
    PGresult *res = send_fresh(c, st, slot, &params, is_binary);
    if (is_binary && PQresultStatus(res) == PGRES_TUPLES_OK) {
        out->readers = orm_pg_readers(res, &no_memory);
        if (!out->readers && !no_memory) {
            c->cache[slot].is_text = true;
            PQclear(res);
            res = send_fresh(c, st, slot, &params, false);
        }
    }
    ExecStatusType status = PQresultStatus(res);
    if (no_memory || (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)) {
        if (no_memory)
            orm_fail(e, ORM_NOMEM, "out of memory");
        else
            fail(c, res, st->sql, e);
        PQclear(res);
        return false;
    }
    out->handle = res;
    return true;
}

static int next(struct orm_cursor *cur, struct orm_error *e)
{
    (void)e;
    if (++cur->row < PQntuples(cur->handle))
        return 1;
    cur->is_done = true;
    if (!cur->readers) /* a SELECT changes nothing */
        cur->n_changed = strtoll(PQcmdTuples(cur->handle), NULL, 10);
    return 0;
}

static void finish(struct orm_cursor *cur)
{
    PQclear(cur->handle);
    cur->handle = NULL;
}

/* A connection that was lost has no transaction any more. */
static bool is_inside(const struct orm_conn *c)
{
    PGTransactionStatusType status = PQtransactionStatus(c->pg);
    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

const struct orm_driver orm_driver_postgres = {
    &orm_dialect_postgres, open_conn, close_conn, run,      next, orm_pg_cell, finish,
    orm_pg_member,         is_inside, revive,     interrupt};
