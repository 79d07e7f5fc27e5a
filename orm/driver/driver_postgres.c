#include "orm/driver/driver.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "orm/orm.h"

enum { CACHE_SIZE = 128 };

struct orm_conn {
    PGconn *pg;
    struct {
        char *sql;
        char *types; /* the parameter types as bytes: the same text with other types is another statement */
        unsigned n_seen, serial;
    } cache[CACHE_SIZE];
    unsigned serial;
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
    c->cache[slot].sql = c->cache[slot].types = NULL;
    c->cache[slot].n_seen = c->cache[slot].serial = 0;
}

static void close_conn(struct orm_conn *c)
{
    for (size_t i = 0; i < CACHE_SIZE; i++)
        forget(c, i);
    orm_arena_release(&c->scratch);
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
    PQreset(c->pg);
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
    *out = c;
    return true;
}

/* A parameter as text; NULL is SQL's NULL. The OID is the type that psycopg2's literal would have. */
static const char *text_of(const orm_val *v, struct orm_arena *a)
{
    char text[64];
    switch (v->tag) {
    case ORM_BOOL: return v->u.b ? "t" : "f";
    case ORM_INT: return orm_printf(a, "%" PRId64, v->u.i);
    case ORM_DBL: orm_format_double(v->u.d, text); break;
    case ORM_TEXT:
    case ORM_UUID:
    case ORM_JSON: return v->u.s;
    case ORM_DUR: return orm_printf(a, "%" PRId64 " microseconds", v->u.dur.us);
    case ORM_DT:
        orm_format_datetime(v->u.dt, text);
        strcat(text, "+00");
        break;
    case ORM_DATE: orm_format_date(v->u.date, text); break;
    case ORM_TIME: orm_format_time(v->u.time, text); break;
    case ORM_DEC: orm_format_decimal(v->u.dec, text); break;
    case ORM_BYTES: {
        char *hex = orm_alloc(a, v->u.bytes.len * 2 + 3), *p = hex;
        p += sprintf(p, "\\x");
        for (size_t i = 0; i < v->u.bytes.len; i++)
            p += sprintf(p, "%02x", ((const unsigned char *)v->u.bytes.ptr)[i]);
        return hex;
    }
    default: return NULL;
    }
    return orm_copy_text(a, text, strlen(text));
}

static Oid oid_of(const struct orm_param *p)
{
    static const Oid oids[] = {
        [ORM_T_NONE] = 25,      [ORM_T_BOOL] = 16,  [ORM_T_INT] = 23,        [ORM_T_FLOAT] = 701,
        [ORM_T_DECIMAL] = 1700, [ORM_T_TEXT] = 25,  [ORM_T_DATE] = 1082,     [ORM_T_DATETIME] = 1184,
        [ORM_T_TIME] = 1083,    [ORM_T_BYTES] = 17, [ORM_T_DURATION] = 1186, [ORM_T_UUID] = 2950,
        [ORM_T_JSON] = 3802,    [ORM_T_OTHER] = 0}; /* 0: as the server sees fit */
    enum orm_type type = p->type == ORM_T_INT && p->v.tag != ORM_INT ? orm_type_of_val(&p->v) : p->type;
    if (type == ORM_T_FLOAT && p->v.tag == ORM_INT)
        type = ORM_T_INT;
    bool is_wide = type == ORM_T_INT && p->v.tag == ORM_INT && (p->v.u.i > INT32_MAX || p->v.u.i < INT32_MIN);
    return is_wide ? 20 : oids[type];
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

/* The second run of a statement prepares it: a loop pays one round trip more, a single statement none.
 * Returns the name to execute, or NULL for a plain PQexecParams. */
static const char *prepared_name(struct orm_conn *c, const struct orm_statement *st, const Oid *oids,
                                 struct orm_arena *a)
{
    const char *sql = st->sql;
    size_t n = st->n_params;
    char *types = orm_alloc(a, n * sizeof(Oid) * 2 + 1);
    for (size_t i = 0; i < n; i++)
        sprintf(types + i * 5, "%05u", (unsigned)oids[i]);
    size_t slot = slot_of(st);
    bool same = c->cache[slot].sql && strcmp(c->cache[slot].sql, sql) == 0 && strcmp(c->cache[slot].types, types) == 0;
    if (!same) {
        forget(c, slot); /* leave an old name to the server rather than send a DEALLOCATE */
        c->cache[slot].sql = strdup(sql);
        c->cache[slot].types = strdup(types);
        c->cache[slot].n_seen = 1;
        if (!c->cache[slot].sql || !c->cache[slot].types)
            forget(c, slot);
        return NULL;
    }
    const char *name = orm_printf(a, "orm_%u", c->cache[slot].n_seen > 1 ? c->cache[slot].serial : ++c->serial);
    if (c->cache[slot].n_seen > 1)
        return name;
    PGresult *res = PQprepare(c->pg, name, sql, (int)n, oids);
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;
    PQclear(res);
    if (!ok) /* the plain way will say what is wrong */
        return NULL;
    c->cache[slot].serial = c->serial;
    c->cache[slot].n_seen = 2;
    return name;
}

static bool run(struct orm_conn *c, const struct orm_statement *st, struct orm_cursor *out, struct orm_error *e)
{
    const char *sql = st->sql;
    size_t n = st->n_params;
    *out = (struct orm_cursor){.conn = c, .row = -1};
    struct orm_arena *scratch = &c->scratch;
    orm_arena_rewind(scratch, 0);
    Oid *oids = ORM_NEW_N(scratch, Oid, n + 1);
    const char **values = ORM_NEW_N(scratch, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        oids[i] = oid_of(&st->params[i]);
        values[i] = text_of(&st->params[i].v, scratch);
    }
    const char *name = prepared_name(c, st, oids, scratch);
    bool is_alone = PQtransactionStatus(c->pg) == PQTRANS_IDLE;
    PGresult *res = name ? PQexecPrepared(c->pg, name, (int)n, values, NULL, NULL, 0)
                         : PQexecParams(c->pg, sql, (int)n, oids, values, NULL, NULL, 0);
    if (name && is_stale(res)) { /* in a transaction the error stands: the server has ended it */
        forget(c, slot_of(st));
        if (is_alone) {
            PQclear(res);
            res = PQexecParams(c->pg, sql, (int)n, oids, values, NULL, NULL, 0);
        }
    }
    ExecStatusType status = PQresultStatus(res);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fail(c, res, sql, e);
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
    cur->n_changed = strtoll(PQcmdTuples(cur->handle), NULL, 10);
    return 0;
}

/* What an expression without a type of its own gives is said by the server. */
static enum orm_type type_of_oid(Oid oid)
{
    static const struct {
        Oid oid;
        enum orm_type type;
    } types[] = {{16, ORM_T_BOOL},       {20, ORM_T_INT},        {21, ORM_T_INT},       {23, ORM_T_INT},
                 {700, ORM_T_FLOAT},     {701, ORM_T_FLOAT},     {1700, ORM_T_DECIMAL}, {1082, ORM_T_DATE},
                 {1114, ORM_T_DATETIME}, {1184, ORM_T_DATETIME}, {1083, ORM_T_TIME},    {1186, ORM_T_DURATION},
                 {2950, ORM_T_UUID},     {17, ORM_T_BYTES},      {114, ORM_T_JSON},     {3802, ORM_T_JSON}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].oid == oid)
            return types[i].type;
    return ORM_T_NONE;
}

static void cell(struct orm_cursor *cur, int i, enum orm_type type, struct orm_arena *a, orm_val *out)
{
    *out = (orm_val){.tag = ORM_NULL};
    if (PQgetisnull(cur->handle, cur->row, i))
        return;
    const char *s = PQgetvalue(cur->handle, cur->row, i);
    size_t len = (size_t)PQgetlength(cur->handle, cur->row, i);
    if (type == ORM_T_NONE)
        type = type_of_oid(PQftype(cur->handle, i));
    switch (type) {
    case ORM_T_INT:
        if (orm_read_int(s, &out->u.i)) {
            out->tag = ORM_INT;
            return;
        }
        if (orm_read_double(s, &out->u.d)) /* numeric where an integer was expected: EXTRACT, SUM */
            *out = orm_v_int((int64_t)out->u.d);
        return;
    case ORM_T_FLOAT:
        if (orm_read_double(s, &out->u.d))
            out->tag = ORM_DBL;
        return;
    case ORM_T_BOOL: *out = orm_v_bool(s[0] == 't'); return;
    case ORM_T_BYTES: {
        size_t n;
        char *copy = orm_alloc(a, len);
        unsigned char *raw = PQunescapeBytea((const unsigned char *)s, &n);
        if (!raw)
            orm_out_of_memory(a);
        *out = orm_v_bytes((orm_bytes){memcpy(copy, raw, n), n});
        PQfreemem(raw);
        return;
    }
    default: {
        orm_val text = orm_v_text(orm_copy_text(a, s, len));
        if (type == ORM_T_NONE || !orm_convert(a, text, type, out))
            *out = text;
    }
    }
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
    &orm_dialect_postgres, open_conn, close_conn, run, next, cell, finish, NULL, is_inside, revive};
