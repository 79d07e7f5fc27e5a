#include "analyzer/intake/origins.h"

enum { CACHE_BITS = 10 };

void n1_origins_init(struct n1_origins *o, const struct n1_source *source, struct n1_statements *statements,
                     struct n1_callpaths *paths, struct n1_sites *sites)
{
    *o = (struct n1_origins){.source = source, .statements = statements, .paths = paths, .sites = sites};
    o->cache = g_new0(struct n1_origin, 1 << CACHE_BITS);
}

void n1_origins_release(struct n1_origins *o)
{
    n1_table_release(&o->threads);
    n1_table_release(&o->connections);
    g_free(o->cache);
}

static uint64_t of_process(const struct n1_event *ev, uint32_t id)
{
    return (uint64_t)ev->process << 32 | id;
}

static uint32_t number_of(struct n1_table *table, uint64_t key)
{
    void *known = n1_table_get(table, key);
    if (known == NULL) {
        known = GSIZE_TO_POINTER(table->count + 1);
        n1_table_put(table, key, known);
    }
    return (uint32_t)(GPOINTER_TO_SIZE(known) - 1);
}

static void resolve(struct n1_origins *o, struct n1_origin *origin, const struct n1_event *ev)
{
    const struct n1_source *source = o->source;
    const struct n1_sql_text *sql = source->sql(source->data, ev->process, ev->sql);
    origin->text = n1_statements_get(o->statements, ev->process, ev->sql, sql, ev->n_bound, ev->n_literals);
    origin->comment = sql != NULL ? sql->comment : NULL;
    origin->columns = source->columns(source->data, ev->process, ev->sql);
    origin->thread = number_of(&o->threads, origin->thread_id);
    origin->connection = number_of(&o->connections, of_process(ev, origin->connection_id));
    origin->site = NULL;
    origin->is_counted = false;
    origin->streaks.skip = origin->streaks.pause = 0;
}

struct n1_origin *n1_origins_find(struct n1_origins *o, const struct n1_event *ev)
{
    uint64_t statement = of_process(ev, ev->sql), stack = of_process(ev, ev->stack), thread = of_process(ev, ev->tid);
    uint64_t hash = (statement * 0x9e3779b97f4a7c15ULL ^ stack * 0xc2b2ae3d27d4eb4fULL ^
                     (thread ^ (uint64_t)ev->connection << 20) * 0xd6e8feb86659fd93ULL);
    struct n1_origin *origin = &o->cache[hash >> (64 - CACHE_BITS)];
    bool is_known = origin->text != NULL && origin->statement == statement && origin->stack == stack &&
                    origin->thread_id == thread && origin->connection_id == ev->connection;
    if (!is_known) {
        origin->statement = statement;
        origin->stack = stack;
        origin->thread_id = thread;
        origin->connection_id = ev->connection;
        resolve(o, origin, ev);
    }
    o->last = origin;
    o->last_process = ev->process;
    o->last_tid = ev->tid;
    o->last_sql = ev->sql;
    o->last_stack = ev->stack;
    return origin;
}

struct n1_site *n1_origins_find_site(struct n1_origins *o, struct n1_origin *origin, const struct n1_event *ev,
                                     const struct n1_query_text *text)
{
    const struct n1_stack *stack = ev->stack == 0 ? NULL : o->source->stack(o->source->data, ev->process, ev->stack);
    struct n1_site *site = n1_sites_get(o->sites, text->stmt, n1_callpaths_get(o->paths, stack), stack);
    if (text == origin->text)
        origin->site = site;
    return site;
}

uint32_t n1_origins_thread(struct n1_origins *o, const struct n1_event *ev)
{
    return number_of(&o->threads, of_process(ev, ev->tid));
}
