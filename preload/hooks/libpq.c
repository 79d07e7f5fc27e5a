#include "preload/hooks/libpq.h"

#include <string.h>

#include "preload/base/clock.h"
#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "trace/sql_lex.h"

enum { SCRIPT_MAX = 16 * 1024 };

/* ---- connections ---------------------------------------------------------------------------------------------------- */
struct n1_pq_connection *n1_pq_connection_add(const struct n1_provider *provider, PGconn *handle)
{
    void *before;
    struct n1_pq_connection *c = handle ? n1_pool_take(sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->handle = handle;
    c->provider = provider;
    if (n1_map_add(N1_HANDLE_CONNECTION, handle, c, &before) != 0) {
        n1_pool_give(c, sizeof *c);
        return NULL;
    }
    return c; /* what the address meant before (its PQfinish was not seen) stays in the pool: nothing is ended twice */
}

struct n1_pq_connection *n1_pq_connection_get(const struct n1_provider *provider, PGconn *handle)
{
    struct n1_pq_connection *c = n1_map_find(N1_HANDLE_CONNECTION, handle);
    return c ? c : n1_pq_connection_add(provider, handle);
}

static void write_connection(struct n1_pq_connection *c)
{
    uint8_t bytes[2048];
    struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
    const char *const parts[] = {N1_REAL(c->provider, PQdb)(c->handle), N1_REAL(c->provider, PQhost)(c->handle),
                                 N1_REAL(c->provider, PQport)(c->handle)};
    c->connection = n1_dictionary_next_id(N1_CHUNK_CONNECTION);
    n1_put_varint(&out, c->connection);
    n1_put_varint(&out, N1_DIALECT_POSTGRES);
    for (int i = 0; i < 3; i++)
        n1_put_bytes(&out, parts[i] ? parts[i] : "", parts[i] ? strnlen(parts[i], 512) : 0);
    n1_put_varint(&out, 0);
    n1_dictionary_write(N1_CHUNK_CONNECTION, bytes, (size_t)(out.at - bytes));
}

void n1_pq_abandon(struct n1_thread *self, struct n1_pq_connection *c)
{
    if (c->sync && !n1_thread_is_nested(self)) { /* a longjmp left it, or its thread was cancelled */
        n1_pq_end(self, c->sync, 0);
        c->sync = NULL;
    }
    while (c->head) {
        struct n1_pq_pending *p = c->head;
        c->head = p->next;
        n1_pq_end(self, p, 0);
    }
    c->tail = NULL;
}

void n1_pq_connection_clear(struct n1_thread *self, struct n1_pq_connection *c)
{
    n1_pq_abandon(self, c);
    n1_pq_name_forget_all(&c->names);
}

void n1_pq_connection_give(struct n1_thread *self, struct n1_pq_connection *c)
{
    n1_pq_abandon(self, c);
    n1_pq_name_release(&c->names);
    n1_pool_give(c, sizeof *c);
}

bool n1_pq_is_pipeline(const struct n1_pq_connection *c)
{
    return N1_HAS(c->provider, PQpipelineStatus) &&
           N1_REAL(c->provider, PQpipelineStatus)(c->handle) != PQ_PIPELINE_OFF;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------ */
static struct n1_pq_pending *make(struct n1_thread *self, enum n1_pq_kind kind)
{
    struct n1_pq_pending *p = self->slot ? n1_pool_take(sizeof *p) : NULL;
    if (!p) {
        if (kind == N1_PQ_QUERY)
            n1_thread_lose(self);
        return NULL;
    }
    p->kind = kind;
    p->execution.params = p->values;
    p->start_tick = n1_clock_tick();
    return p;
}

/* The values of the call, or of the next statement of its text, are about to be read. */
static void open_arena(struct n1_pq_pending *p)
{
    n1_pool_give(p->texts, p->texts_bytes);
    p->texts = NULL;
    if (p->arena.block)
        n1_arena_rewind(&p->arena);
    else
        p->arena = n1_arena_borrow();
}

/* All are read: they move to a block of their size, for many calls may wait for their results at once. */
static void close_arena(struct n1_pq_pending *p)
{
    const struct n1_arena *from = &p->arena;
    const size_t used = (size_t)(from->at - from->block);
    if (!from->block || !(p->texts = n1_pool_take(used)))
        return;
    p->texts_bytes = (uint32_t)used;
    memcpy(p->texts, from->block, used);
    for (uint32_t i = 0; i < p->execution.n_bound + p->execution.n_literals; i++)
        if (p->values[i].text)
            p->values[i].text = p->texts + (p->values[i].text - from->block);
    n1_arena_return(&p->arena);
}

static void keep_script(struct n1_pq_pending *p, const char *text, size_t length)
{
    p->script = length < SCRIPT_MAX ? n1_pool_take(length + 1) : NULL;
    if (p->script) {
        memcpy(p->script, text, length);
        p->script_bytes = (uint32_t)length + 1;
    }
}

static void begin(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p)
{
    if (c->connection == 0)
        write_connection(c);
    p->execution.connection = c->connection;
    close_arena(p);
    n1_execution_begin(self, &p->execution);
}

/* Without room for a recording: what is done to the names of prepared statements matters later. Not when results of several calls
 * are awaited: those of a lost one are nobody's. */
static struct n1_pq_pending *begin_unseen(struct n1_thread *self, struct n1_pq_connection *c)
{
    struct n1_pq_pending *p = !self->slot && !c->head && !n1_pq_is_pipeline(c) ? n1_pool_take(sizeof *p) : NULL;
    if (p)
        p->kind = N1_PQ_PREPARE;
    return p;
}

static struct n1_pq_pending *begin_unseen_text(struct n1_thread *self, struct n1_pq_connection *c, const char *text)
{
    struct n1_pq_pending *p = text ? begin_unseen(self, c) : NULL;
    if (!p)
        return NULL;
    n1_pq_sql_begin(self, c, p, text, strlen(text));
    if (p->prepare || p->deallocates)
        return p;
    n1_pq_end(self, p, 0);
    return NULL;
}

struct n1_pq_pending *n1_pq_begin_text(struct n1_thread *self, struct n1_pq_connection *c, const char *text,
                                       const struct n1_pq_params *params)
{
    struct n1_pq_pending *p = make(self, N1_PQ_QUERY);
    if (!p)
        return begin_unseen_text(self, c, text);
    struct n1_execution *e = &p->execution;
    open_arena(p);
    const size_t length = text ? strlen(text) : 0;
    e->n_bound = n1_pq_read_params(params, p->values, &p->arena);
    struct n1_text found = n1_text_find(&self->slot->texts, N1_DIALECT_POSTGRES, 0, text ? text : "", length,
                                        p->values + e->n_bound, N1_PARAMS_MAX - e->n_bound, &p->arena);
    if (found.is_script) {
        keep_script(p, text, length);
        if (p->script) {
            open_arena(p); /* the first piece has its own values only */
            p->script_at = (uint32_t)n1_sql_first_statement(N1_SQL_POSTGRES, text, length);
            found = n1_text_find(&self->slot->texts, N1_DIALECT_POSTGRES, 0, text, p->script_at, p->values,
                                 N1_PARAMS_MAX, &p->arena);
        }
    }
    e->sql = found.sql;
    e->n_literals = found.n_literals;
    n1_pq_sql_begin(self, c, p, text ? text : "", p->script ? p->script_at : length);
    begin(self, c, p);
    return p;
}

struct n1_pq_pending *n1_pq_begin_named(struct n1_thread *self, struct n1_pq_connection *c, const char *name,
                                        const struct n1_pq_params *params)
{
    struct n1_pq_pending *p = make(self, N1_PQ_QUERY);
    if (!p)
        return NULL;
    struct n1_execution *e = &p->execution;
    open_arena(p);
    e->n_bound = n1_pq_read_params(params, p->values, &p->arena);
    const uint64_t hash = n1_pq_name_hash(name, name ? strlen(name) : 0);
    const struct n1_pq_name *known = n1_pq_name_find(self, &c->names, hash);
    const struct n1_pq_pending *asked = NULL; /* in a pipeline it may have been asked for and not answered yet */
    for (const struct n1_pq_pending *q = c->head; q; q = q->next)
        if (q->kind == N1_PQ_PREPARE && q->name_hash == hash)
            asked = q;
    if (asked) {
        e->sql = asked->execution.sql;
        n1_pq_add_literals(p, asked->values, asked->execution.n_literals);
    } else if (known) {
        e->sql = known->sql;
        n1_pq_add_literals(p, known->literals, known->n_literals);
    } else {
        char text[128] = "EXECUTE ";
        strncat(text, name ? name : "", sizeof text - strlen(text) - 1);
        e->sql = n1_text_find(&self->slot->texts, N1_DIALECT_POSTGRES, 0, text, strlen(text), NULL, 0, NULL).sql;
    }
    begin(self, c, p);
    return p;
}

struct n1_pq_pending *n1_pq_begin_prepare(struct n1_thread *self, struct n1_pq_connection *c, const char *name,
                                          const char *text)
{
    struct n1_pq_pending *p = self->slot ? make(self, N1_PQ_PREPARE) : begin_unseen(self, c);
    if (!p)
        return NULL;
    const size_t length = text ? strlen(text) : 0;
    p->name_hash = n1_pq_name_hash(name, name ? strlen(name) : 0);
    keep_script(p, text ? text : "", length); /* needed again if it fails */
    if (!self->slot)
        return p;
    open_arena(p);
    const struct n1_text found = n1_text_find(&self->slot->texts, N1_DIALECT_POSTGRES, 0, text ? text : "", length,
                                              p->values, N1_PARAMS_MAX, &p->arena);
    p->execution.sql = found.sql;
    p->execution.n_literals = found.n_literals;
    close_arena(p);
    return p;
}

struct n1_pq_pending *n1_pq_begin_close(struct n1_thread *self, struct n1_pq_connection *c, const char *name)
{
    n1_pq_name_forget(&c->names, n1_pq_name_hash(name, name ? strlen(name) : 0));
    return n1_pq_begin_other(self);
}

struct n1_pq_pending *n1_pq_begin_other(struct n1_thread *self)
{
    return make(self, N1_PQ_OTHER);
}

void n1_pq_queue(struct n1_pq_connection *c, struct n1_pq_pending *p)
{
    p->next = NULL;
    if (c->head)
        c->tail->next = p;
    else
        c->head = p;
    c->tail = p;
}

void n1_pq_end(struct n1_thread *self, struct n1_pq_pending *p, uint32_t error)
{
    if (n1_execution_is_running(&p->execution))
        n1_execution_end(self, &p->execution, error);
    n1_pool_give(p->script, p->script_bytes);
    n1_pool_give(p->prepare, p->prepare_bytes);
    n1_pool_give(p->texts, p->texts_bytes);
    n1_arena_return(&p->arena);
    n1_pool_give(p, sizeof *p);
}

/* ---- results ---------------------------------------------------------------------------------------------------------- */
static uint32_t error_of(const struct n1_provider *provider, const PGresult *result)
{
    const char *sqlstate = result ? N1_REAL(provider, PQresultErrorField)(result, 'C') : NULL;
    const uint32_t code = n1_pq_error_code(sqlstate);
    return code ? code : n1_pq_error_code(N1_PQ_CONNECTION_FAILURE);
}

/* One that began without room (its sql is 0) keeps its text, and is lost when it fails; as text it was counted when it began. */
static void unseen_result(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, bool is_good)
{
    if (is_good && (p->prepare || p->deallocates))
        n1_pq_sql_done(c, p);
    else if (is_good && p->script)
        n1_pq_name_keep(&c->names, p->name_hash, p->script, p->script_bytes - 1);
    else if (!is_good && !p->prepare && !p->deallocates)
        n1_thread_lose(self);
}

static void prepare_result(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, bool is_good,
                           PGresult *result)
{
    struct n1_execution *e = &p->execution;
    if (e->sql == 0 || !self->slot) {
        unseen_result(self, c, p, is_good);
        return;
    }
    if (is_good) {
        const struct n1_text text = {.sql = e->sql, .n_literals = e->n_literals};
        n1_pq_name_remember(&c->names, p->name_hash, &text, p->values);
        return;
    }
    open_arena(p);
    const struct n1_text text =
        n1_text_find(&self->slot->texts, N1_DIALECT_POSTGRES, N1_SQL_PREPARE, p->script ? p->script : "",
                     p->script ? p->script_bytes - 1 : 0, p->values, N1_PARAMS_MAX, &p->arena);
    e->sql = text.sql;
    e->n_literals = text.n_literals;
    begin(self, c, p);
    e->start_tick = p->start_tick;
    if (n1_execution_is_running(e))
        n1_execution_end(self, e, error_of(c->provider, result));
}

/* The next statement of a script has its result: its execution began when the one before ended. */
static void begin_piece(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p)
{
    struct n1_execution *e = &p->execution;
    const size_t left = p->script && p->script_at < p->script_bytes ? p->script_bytes - 1 - p->script_at : 0;
    if (left == 0)
        return; /* a result too many: a rule's, or a text too long to be kept */
    const size_t length = n1_sql_first_statement(N1_SQL_POSTGRES, p->script + p->script_at, left);
    open_arena(p);
    const struct n1_text text = n1_text_find(&self->slot->texts, N1_DIALECT_POSTGRES, 0, p->script + p->script_at,
                                             length, p->values, N1_PARAMS_MAX, &p->arena);
    e->sql = text.sql;
    e->n_bound = 0;
    e->n_literals = text.n_literals;
    n1_pq_sql_begin(self, c, p, p->script + p->script_at, length);
    p->script_at += (uint32_t)length;
    const uint64_t start_tick = p->start_tick;
    begin(self, c, p);
    e->start_tick = start_tick;
}

static bool has_piece(const struct n1_pq_pending *p)
{
    const char *rest = p->script ? p->script + p->script_at : "";
    return p->script && p->script_at < p->script_bytes && rest[strspn(rest, " \t\r\n\f;")];
}

void n1_pq_only_result(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, PGresult *result)
{
    const ExecStatusType status = result ? N1_REAL(c->provider, PQresultStatus)(result) : PGRES_FATAL_ERROR;
    const bool is_last = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    while (p->kind == N1_PQ_QUERY && is_last && has_piece(p)) {
        if (n1_execution_is_running(&p->execution))
            n1_execution_end(self, &p->execution, 0);
        begin_piece(self, c, p);
    }
    n1_pq_result(self, c, p, result);
}

void n1_pq_result(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, PGresult *result)
{
    struct n1_execution *e = &p->execution;
    const ExecStatusType status = result ? N1_REAL(c->provider, PQresultStatus)(result) : PGRES_FATAL_ERROR;
    enum { TUPLES_CHUNK = 12 }; /* PGRES_TUPLES_CHUNK of libpq 17 */
    uint32_t error = 0;

    if (status == PGRES_PIPELINE_SYNC)
        return;
    p->results++;
    if (p->kind == N1_PQ_PREPARE) {
        prepare_result(self, c, p, status == PGRES_COMMAND_OK, result);
        return;
    }
    if (p->kind != N1_PQ_QUERY)
        return;
    if (!n1_execution_is_running(e))
        begin_piece(self, c, p);
    if (!n1_execution_is_running(e))
        return;
    switch ((int)status) {
    case PGRES_SINGLE_TUPLE:
    case TUPLES_CHUNK: n1_pq_read_rows(self, c->provider, e, result); return;
    case PGRES_TUPLES_OK: n1_pq_read_rows(self, c->provider, e, result); break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH: return; /* ends with its next result */
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE: error = error_of(c->provider, result); break;
    case PGRES_PIPELINE_ABORTED: error = n1_pq_error_code("25P02"); break;
    default: n1_pq_sql_done(c, p); break;
    }
    n1_execution_end(self, e, error);
    p->start_tick = n1_clock_tick();
}
