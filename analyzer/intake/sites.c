#include "analyzer/intake/sites.h"

#include <string.h>

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

/* ---- the frame to show ---------------------------------------------------------------------------------------------
 * A frame is a wrapper when several statements go through it and the ways there differ by statement: of the statements of
 * its sites, some two are never called from a common place. Then the next frame outwards is asked the same question. A
 * frame reached from the same places by all its statements is where they belong together: it is the place. */

static uint64_t way(const struct n1_site *site, uint32_t depth)
{
    return depth < site->path->count ? site->path->place[depth] : 0;
}

/* Whether a place of site at depth is met by other_stmt's sites that share the frame inside. */
static bool called_from_common_place(const struct n1_stmt *a, const struct n1_stmt *b, uint64_t inner, uint32_t depth)
{
    for (guint i = 0; i < a->sites->len; i++) {
        const struct n1_site *x = g_ptr_array_index(a->sites, i);
        if (way(x, depth - 1) != inner)
            continue;
        for (guint k = 0; k < b->sites->len; k++) {
            const struct n1_site *y = g_ptr_array_index(b->sites, k);
            if (way(y, depth - 1) == inner && way(y, depth) == way(x, depth))
                return true;
        }
    }
    return false;
}

static bool varies_by_purpose(const struct n1_site *site, const GPtrArray *sharing, uint32_t depth)
{
    uint64_t inner = way(site, depth - 1);
    for (guint i = 0; i < sharing->len; i++) {
        const struct n1_site *other = g_ptr_array_index(sharing, i);
        bool is_as_deep = way(other, depth - 1) == inner; /* a loop's own line is no wrapper of what its body calls */
        if (is_as_deep && other->stmt != site->stmt && !called_from_common_place(site->stmt, other->stmt, inner, depth))
            return true;
    }
    return false;
}

static uint32_t choose_place(const struct n1_table *by_place, const struct n1_site *site)
{
    if (!site->path->is_user_code)
        return 0;
    uint32_t chosen = 0;
    for (uint32_t depth = 1; depth < site->path->depth; depth++) {
        uint64_t inner = way(site, depth - 1);
        const GPtrArray *sharing = n1_table_get(by_place, inner);
        if (sharing == NULL || sharing->len < 2)
            break;
        if (varies_by_purpose(site, sharing, depth))
            chosen = depth;
        else if (chosen == depth - 1 && depth > 1)
            break; /* the frame that told the purposes apart has company of its own: it is the place */
    }
    return chosen;
}

/* ---- layers ----------------------------------------------------------------------------------------------------------
 * A file with a wrapper that other files call is a layer: get_row() and run() beside get_rows() belong to it, though only
 * one statement of this run goes through them. The place is where the program enters the layer. A wrapper that only its own
 * file calls makes no layer: there the callers are what the program is about. */

static bool is_file_within(const struct n1_site *site, const char *file, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++) {
        if (site->path->frame[i]->file != NULL && strcmp(site->path->frame[i]->file, file) == 0)
            return true;
    }
    return false;
}

/* Whether the site steps out of a file, or files, of frames inside `depth`, right there. */
static bool leaves_at(const struct n1_site *site, uint32_t depth)
{
    return depth < site->path->count && site->path->frame[depth]->file != NULL &&
           !is_file_within(site, site->path->frame[depth]->file, depth);
}

/* Files with a wrapper that some site leaves for another file right above it. */
static GHashTable *layers_of(const struct n1_sites *s)
{
    GHashTable *layers = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < s->all->len; i++) {
        const struct n1_site *site = g_ptr_array_index(s->all, i);
        if (site->place > 0 && leaves_at(site, site->place) && site->path->frame[site->place - 1]->file != NULL)
            g_hash_table_add(layers, (gpointer)(uintptr_t)site->path->frame[site->place - 1]->file);
    }
    return layers;
}

/* The place, or where the program enters the layer in which the place lies. */
static uint32_t leave_layer(GHashTable *layers, const struct n1_site *site)
{
    const struct n1_callpath *path = site->path;
    if (!path->is_user_code || path->frame[site->place]->file == NULL ||
        !g_hash_table_contains(layers, path->frame[site->place]->file))
        return site->place;
    for (uint32_t depth = site->place + 1; depth < path->count; depth++) {
        if (leaves_at(site, depth))
            return depth;
    }
    return site->place;
}

/* Only the frames near the query can be wrappers, and only few sites are needed to see it. */
enum { WRAPPER_DEPTH = 8, SHARING_MAX = 64 };

static struct n1_table sites_by_place(const struct n1_sites *s)
{
    struct n1_table by_place = {0};
    for (guint i = 0; i < s->all->len; i++) {
        struct n1_site *site = g_ptr_array_index(s->all, i);
        for (uint32_t depth = 0; depth < MIN(site->path->count, WRAPPER_DEPTH); depth++) {
            uint64_t place = site->path->place[depth];
            GPtrArray *sharing = n1_table_get(&by_place, place);
            if (sharing == NULL) {
                sharing = g_ptr_array_new();
                n1_table_put(&by_place, place, sharing);
            }
            if (sharing->len < SHARING_MAX)
                g_ptr_array_add(sharing, site);
        }
    }
    return by_place;
}

void n1_sites_place(struct n1_sites *s)
{
    struct n1_table by_place = sites_by_place(s);
    for (guint i = 0; i < s->all->len; i++) {
        struct n1_site *site = g_ptr_array_index(s->all, i);
        site->place = choose_place(&by_place, site);
    }
    GHashTable *layers = layers_of(s);
    for (guint i = 0; i < s->all->len; i++) {
        struct n1_site *site = g_ptr_array_index(s->all, i);
        site->place = leave_layer(layers, site);
    }
    g_hash_table_unref(layers);
    for (const struct n1_table_entry *e = n1_table_next(&by_place, NULL); e != NULL; e = n1_table_next(&by_place, e))
        g_ptr_array_unref(e->value);
    n1_table_release(&by_place);
}

const struct n1_frame *n1_site_frame(const struct n1_site *site)
{
    return site->path->count > 0 && site->path->is_user_code ? site->path->frame[site->place] : NULL;
}
