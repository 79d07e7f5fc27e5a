#include "analyzer/intake/sites.h"

#include "analyzer/arena.h"
#include "trace/table.h"

struct n1_sites {
    struct n1_arena arena;
    uint64_t refused;
    struct n1_table by_pair; /* statement index << 32 | call path index → struct n1_site */
    GPtrArray *all;
};

static void free_site(gpointer data)
{
    struct n1_site *site = data;
    n1_distinct_release(&site->parameters);
    n1_distinct_release(&site->rows_chosen);
    g_ptr_array_unref(site->parents);
}

struct n1_sites *n1_sites_new(void)
{
    struct n1_sites *s = g_new0(struct n1_sites, 1);
    n1_arena_init(&s->arena);
    s->all = g_ptr_array_new_with_free_func(free_site);
    return s;
}

void n1_sites_free(struct n1_sites *s)
{
    if (s == NULL)
        return;
    n1_table_release(&s->by_pair);
    g_ptr_array_unref(s->all);
    n1_arena_release(&s->arena);
    g_free(s);
}

/* A site takes some 700 bytes. Beyond this, a statement's further call paths count as its first one; one site for each statement
 * there is always. */
enum { SITES_MAX = 1 << 16 };

struct n1_site *n1_sites_get(struct n1_sites *s, struct n1_stmt *stmt, const struct n1_callpath *path,
                             const struct n1_stack *stack)
{
    uint64_t pair = (uint64_t)stmt->index << 32 | path->index;
    struct n1_site *site = n1_table_get(&s->by_pair, pair);
    if (site == NULL && s->all->len >= SITES_MAX && stmt->sites->len > 0) {
        s->refused++;
        site = g_ptr_array_index(stmt->sites, 0);
    }
    if (site != NULL)
        return site;
    site = n1_arena_alloc(&s->arena, sizeof *site);
    site->index = s->all->len;
    site->stmt = stmt;
    site->path = path;
    site->stack = stack;
    site->parents = g_ptr_array_new();
    g_ptr_array_add(s->all, site);
    g_ptr_array_add(stmt->sites, site);
    n1_table_put(&s->by_pair, pair, site);
    return site;
}

uint64_t n1_sites_refused(const struct n1_sites *s)
{
    return s->refused;
}

uint32_t n1_sites_count(const struct n1_sites *s)
{
    return s->all->len;
}

struct n1_site *n1_sites_at(const struct n1_sites *s, uint32_t index)
{
    return g_ptr_array_index(s->all, index);
}

/* Whereabouts that are told apart, of each kind. */
enum { SEEN_MAX = 32 };

/* Whether it is new. */
static bool see(struct n1_sites *s, struct n1_seen *seen, uint32_t *count, uint32_t value)
{
    if (*count == SEEN_MAX || (*count > 0 && seen->first == value))
        return false;
    for (uint32_t i = 1; i < *count; i++) {
        if (seen->rest[i - 1] == value)
            return false;
    }
    if (*count == 0)
        seen->first = value;
    else if (*count == 1)
        seen->rest = n1_arena_alloc(&s->arena, (SEEN_MAX - 1) * sizeof *seen->rest);
    if (*count > 0)
        seen->rest[*count - 1] = value;
    (*count)++;
    return true;
}

bool n1_site_seen(struct n1_sites *s, struct n1_site *site, uint32_t process, uint32_t thread, uint32_t connection)
{
    see(s, &site->seen_process, &site->processes, process);
    see(s, &site->seen_thread, &site->threads, thread);
    return see(s, &site->seen_connection, &site->connections, connection);
}

void n1_site_database(struct n1_site *site, uint32_t database)
{
    for (uint32_t i = 0; i < site->databases; i++) {
        if (site->seen_database[i] == database)
            return;
    }
    if (database != 0 && site->databases < G_N_ELEMENTS(site->seen_database))
        site->seen_database[site->databases++] = database;
}

bool n1_sites_share_database(const struct n1_site *a, const struct n1_site *b)
{
    if (a->stmt->dialect != b->stmt->dialect)
        return false;
    for (uint32_t i = 0; i < a->databases; i++) {
        for (uint32_t k = 0; k < b->databases; k++) {
            if (a->seen_database[i] == b->seen_database[k])
                return true;
        }
    }
    return a->databases == 0 || b->databases == 0;
}

static void add_stats(struct n1_query_stats *to, const struct n1_query_stats *stats)
{
    to->executions += stats->executions;
    to->rows += stats->rows;
    to->failed += stats->failed;
    to->db_time_ns += stats->db_time_ns;
    to->max_ns = MAX(to->max_ns, stats->max_ns);
}

void n1_sites_sum(struct n1_sites *s, struct n1_query_stats *totals)
{
    for (guint i = 0; i < s->all->len; i++) {
        struct n1_site *site = g_ptr_array_index(s->all, i);
        add_stats(&site->stmt->stats, &site->stats);
        add_stats(totals, &site->stats);
        site->stats.rows += site->fetched.rows;
        site->stats.db_time_ns += site->fetched.db_time_ns;
    }
}

const struct n1_frame *n1_site_frame(const struct n1_site *site)
{
    return site->path->count > 0 && site->path->is_user_code ? site->path->frame[site->place] : NULL;
}
