/* Where a person should look: the frame of each site to show. */
#include <string.h>

#include "analyzer/distinct.h"
#include "analyzer/intake/sites.h"
#include "trace/table.h"

/* ---- the frame to show ---------------------------------------------------------------------------------------------
 * A frame is a wrapper when several statements go through it and the ways there differ by statement: of the statements of
 * its sites, some two are never called from a common place. Then the next frame outwards is asked the same question. A
 * frame reached from the same places by all its statements is where they belong together: it is the place. Unless all that
 * share it also share the next frames (a proxy, a decorator) and part behind them: then the question is asked there. */

static uint64_t way(const struct n1_site *site, uint32_t depth)
{
    return depth < site->path->count ? site->path->place[depth] : 0;
}

/* What is asked of statements of many sites again and again: from which places a frame of their call paths is called. Filled as the
 * questions come, one statement and depth after the other; each pair of statements is asked once. */
struct ways {
    struct n1_table outer;  /* statement, depth, inner → GArray of uint64_t: the different places outside of it */
    struct n1_table known;  /* the same with the place outside: it is among them */
    struct n1_table filled; /* statement, depth: it is done for all inner places */
    struct n1_table common; /* two statements, depth, inner → yes or no */
};

static char yes[1], no[1]; /* values of tables */

static uint64_t way_key(const struct n1_stmt *stmt, uint32_t depth, uint64_t inner)
{
    return n1_mix(n1_mix(inner, depth), stmt->index + 1ULL);
}

static void fill_ways(struct ways *ways, const struct n1_stmt *stmt, uint32_t depth)
{
    if (n1_table_put(&ways->filled, way_key(stmt, depth, 0), yes) != NULL)
        return;
    for (guint i = 0; i < stmt->sites->len; i++) {
        const struct n1_site *site = g_ptr_array_index(stmt->sites, i);
        const uint64_t key = way_key(stmt, depth, way(site, depth - 1)), outer = way(site, depth);
        if (n1_table_put(&ways->known, n1_mix(key, outer), yes) != NULL)
            continue;
        GArray *all = n1_table_get(&ways->outer, key);
        if (all == NULL)
            n1_table_put(&ways->outer, key, all = g_array_new(FALSE, FALSE, sizeof(uint64_t)));
        g_array_append_val(all, outer);
    }
}

static void release_ways(struct ways *ways)
{
    const struct n1_table *outer = &ways->outer;
    for (const struct n1_table_entry *e = n1_table_next(outer, NULL); e != NULL; e = n1_table_next(outer, e))
        g_array_unref(e->value);
    n1_table_release(&ways->outer);
    n1_table_release(&ways->known);
    n1_table_release(&ways->filled);
    n1_table_release(&ways->common);
}

static bool is_among_ways(struct ways *ways, const struct n1_stmt *a, const struct n1_stmt *b, uint64_t inner,
                          uint32_t depth)
{
    const uint64_t pair = n1_mix(way_key(a, depth, inner), b->index);
    const void *answer = n1_table_get(&ways->common, pair);
    if (answer != NULL)
        return answer == yes;
    fill_ways(ways, a, depth);
    fill_ways(ways, b, depth);
    const GArray *outer = n1_table_get(&ways->outer, way_key(a, depth, inner));
    bool is_common = false;
    for (guint i = 0; outer != NULL && i < outer->len && !is_common; i++) {
        const uint64_t key = n1_mix(way_key(b, depth, inner), g_array_index(outer, uint64_t, i));
        is_common = n1_table_get(&ways->known, key) != NULL;
    }
    n1_table_put(&ways->common, pair, is_common ? yes : no);
    return is_common;
}

/* Sites of two statements, multiplied: up to here all of them are compared. */
enum { COMPARED_MAX = 64 };

/* Whether sites of both statements that share the frame inside are called from one place. */
static bool called_from_common_place(struct ways *ways, const struct n1_stmt *a, const struct n1_stmt *b,
                                     uint64_t inner, uint32_t depth)
{
    if ((uint64_t)a->sites->len * b->sites->len > COMPARED_MAX)
        return is_among_ways(ways, a->index < b->index ? a : b, a->index < b->index ? b : a, inner, depth);
    for (guint i = 0; i < a->sites->len; i++) {
        const struct n1_site *x = g_ptr_array_index(a->sites, i);
        for (guint k = 0; way(x, depth - 1) == inner && k < b->sites->len; k++) {
            const struct n1_site *y = g_ptr_array_index(b->sites, k);
            if (way(y, depth - 1) == inner && way(y, depth) == way(x, depth))
                return true;
        }
    }
    return false;
}

static bool varies_by_purpose(struct ways *ways, const struct n1_site *site, const GPtrArray *sharing, uint32_t depth)
{
    uint64_t inner = way(site, depth - 1);
    for (guint i = 0; i < sharing->len; i++) {
        const struct n1_site *other = g_ptr_array_index(sharing, i);
        bool is_as_deep = way(other, depth - 1) == inner; /* a loop's own line is no wrapper of what its body calls */
        if (is_as_deep && other->stmt != site->stmt &&
            !called_from_common_place(ways, site->stmt, other->stmt, inner, depth))
            return true;
    }
    return false;
}

/* Only the frames near the query can be wrappers, and only few sites are needed to see it. */
enum { WRAPPER_DEPTH = 8, SHARING_MAX = 64 };

/* The depth at which those part that share the frame at `at`, when the next one is the same for all of them; else 0. */
static uint32_t fork_behind(const struct n1_site *site, const GPtrArray *sharing, uint32_t at)
{
    for (uint32_t depth = at + 1; depth < site->path->depth && depth <= at + WRAPPER_DEPTH; depth++) {
        for (guint i = 0; i < sharing->len; i++) {
            const struct n1_site *other = g_ptr_array_index(sharing, i);
            if (way(other, at) == way(site, at) && way(other, depth) != way(site, depth))
                return depth > at + 1 ? depth : 0;
        }
    }
    return 0;
}

static uint32_t choose_place(struct ways *ways, const struct n1_table *by_place, const struct n1_site *site)
{
    if (!site->path->is_user_code)
        return 0;
    uint32_t chosen = 0;
    for (uint32_t depth = 1; depth < site->path->depth; depth++) {
        uint64_t inner = way(site, depth - 1);
        const GPtrArray *sharing = n1_table_get(by_place, inner);
        if (sharing == NULL || sharing->len < 2)
            break;
        if (varies_by_purpose(ways, site, sharing, depth)) {
            chosen = depth;
        } else if (chosen == depth - 1 && depth > 1) {
            /* The frame that told the purposes apart has company of its own: it is the place. */
            uint32_t fork = fork_behind(site, sharing, chosen);
            if (fork == 0 || !varies_by_purpose(ways, site, sharing, fork))
                break;
            chosen = depth = fork;
        }
    }
    return chosen;
}

/* ---- layers ----------------------------------------------------------------------------------------------------------
 * A file with a wrapper that other files call is a layer: get_row() and run() beside get_rows() belong to it, though only
 * one statement of this run goes through them. So do the files of the frames inside of it. The place is where the program enters
 * the outermost layer. A wrapper that only its own file calls makes no layer: there the callers are what the program is about.
 * A class (a package, a namespace) is a room like a file: Table::where() beside Table::find(). But a method from several of whose lines
 * queries go out does work of its own: the section of a report, in the class that has the wrapper. */

enum room { ROOM_FILE, ROOM_CLASS, ROOMS };

/* The room's name in its kind: not to be compared with another kind's. *length: of it. NULL: the frame is in none. */
static const char *room_of(const struct n1_frame *f, enum room room, size_t *length)
{
    const char *name = room == ROOM_FILE ? f->file : f->function;
    if (name == NULL)
        return NULL;
    *length = strlen(name);
    if (room == ROOM_FILE)
        return name;
    *length = strcspn(name, "<("); /* arguments of a template may have colons of their own */
    while (*length >= 2 && strncmp(name + *length - 2, "::", 2) != 0)
        --*length;
    bool is_script = *length == 6 && memcmp(name, "main::", 6) == 0; /* Perl's package of what is in none */
    return *length > 2 && !is_script ? name : NULL;
}

static bool is_in_room(const struct n1_frame *f, enum room room, const char *name, size_t length)
{
    size_t own_length;
    const char *own = room_of(f, room, &own_length);
    return own != NULL && own_length == length && memcmp(own, name, length) == 0;
}

/* Whether the site steps out of a room, or rooms, of frames inside `depth`, right there. A file is always stepped into another one;
 * outside of a class there may be none. */
static bool leaves_at(const struct n1_site *site, enum room room, uint32_t depth)
{
    size_t length = 0, inner_length;
    if (depth >= site->path->count || site->path->frame[depth]->file == NULL)
        return false;
    const char *name = room_of(site->path->frame[depth], room, &length);
    bool was_in_one = false;
    for (uint32_t i = 0; i < depth; i++) {
        was_in_one |= room_of(site->path->frame[i], room, &inner_length) != NULL;
        if (name != NULL && is_in_room(site->path->frame[i], room, name, length))
            return false;
    }
    return was_in_one || room == ROOM_FILE;
}

/* Names of rooms, by kind. */
struct layers {
    GHashTable *room[ROOMS];
};

static bool is_in_layer(const struct layers *layers, enum room room, const struct n1_frame *f)
{
    size_t length = 0;
    const char *name = room_of(f, room, &length);
    if (name == NULL)
        return false;
    char *key = g_strndup(name, length);
    bool is_in = g_hash_table_contains(layers->room[room], key);
    g_free(key);
    return is_in;
}

/* Rooms with a wrapper that some site leaves for another room right above it. */
static void find_layers(struct layers *layers, const struct n1_sites *s, enum room room)
{
    layers->room[room] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (uint32_t i = 0; i < n1_sites_count(s); i++) {
        const struct n1_site *site = n1_sites_at(s, i);
        for (uint32_t k = 0; site->place > 0 && leaves_at(site, room, site->place) && k < site->place; k++) {
            size_t length = 0;
            const char *name = room_of(site->path->frame[k], room, &length);
            if (name != NULL)
                g_hash_table_add(layers->room[room], g_strndup(name, length));
        }
    }
}

static uint64_t function_key(const struct n1_frame *f)
{
    return n1_mix(g_str_hash(f->file != NULL ? f->file : ""), g_str_hash(f->function != NULL ? f->function : ""));
}

/* Function → `yes` when queries go out from several of its lines, else that line's place. */
static struct n1_table find_workers(const struct n1_sites *s)
{
    struct n1_table workers = {0};
    for (uint32_t i = 0; i < n1_sites_count(s); i++) {
        const struct n1_callpath *path = n1_sites_at(s, i)->path;
        for (uint32_t depth = 0; depth < MIN(path->count, WRAPPER_DEPTH); depth++) {
            const uint64_t key = function_key(path->frame[depth]);
            void *line = (void *)(uintptr_t)(path->place[depth] | 1), *known = n1_table_get(&workers, key);
            if (known != line && known != yes)
                n1_table_put(&workers, key, known == NULL ? line : yes);
        }
    }
    return workers;
}

/* The place, or where the program enters the layer in which the place lies. */
static uint32_t leave_layer(const struct layers *layers, enum room room, const struct n1_table *workers,
                            const struct n1_site *site)
{
    const struct n1_callpath *path = site->path;
    if (!path->is_user_code || !is_in_layer(layers, room, path->frame[site->place]))
        return site->place;
    if (room == ROOM_CLASS && n1_table_get(workers, function_key(path->frame[site->place])) == yes)
        return site->place;
    for (uint32_t depth = site->place + 1; depth < path->count; depth++) {
        if (leaves_at(site, room, depth) && !is_in_layer(layers, room, path->frame[depth]))
            return depth;
    }
    return site->place;
}

static struct n1_table sites_by_place(const struct n1_sites *s)
{
    struct n1_table by_place = {0};
    for (uint32_t i = 0; i < n1_sites_count(s); i++) {
        struct n1_site *site = n1_sites_at(s, i);
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
    struct ways ways = {0};
    for (uint32_t i = 0; i < n1_sites_count(s); i++) {
        struct n1_site *site = n1_sites_at(s, i);
        site->place = choose_place(&ways, &by_place, site);
    }
    release_ways(&ways);
    struct layers layers;
    struct n1_table workers = find_workers(s);
    for (enum room room = 0; room < ROOMS; room++)
        find_layers(&layers, s, room);
    for (enum room room = 0; room < ROOMS; room++) {
        for (uint32_t i = 0; i < n1_sites_count(s); i++) {
            struct n1_site *site = n1_sites_at(s, i);
            site->place = leave_layer(&layers, room, &workers, site);
        }
        g_hash_table_unref(layers.room[room]);
    }
    n1_table_release(&workers);
    for (const struct n1_table_entry *e = n1_table_next(&by_place, NULL); e != NULL; e = n1_table_next(&by_place, e))
        g_ptr_array_unref(e->value);
    n1_table_release(&by_place);
}
