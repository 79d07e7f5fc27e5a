#include "orm/queryset/shape_store.h"

#include <stdlib.h>

#include "orm/session.h"

enum { MAX_SHAPES = 256 };

static struct orm_shape **place_of(struct orm_shapes *all, uint64_t hash)
{
    return &all->buckets[(hash >> 8) % (sizeof all->buckets / sizeof *all->buckets)];
}

void orm_shape_drop(struct orm_shapes *all, struct orm_shape *s)
{
    struct orm_shape **at = place_of(all, s->hash);
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    if (s->parent)
        s->parent->n_children--;
    orm_arena_release(&s->arena);
    free(s);
    all->n--;
}

void orm_shapes_release(struct orm_shapes *all)
{
    for (size_t i = 0; i < sizeof all->buckets / sizeof *all->buckets; i++) {
        for (struct orm_shape *s = all->buckets[i], *next; s; s = next) {
            next = s->next;
            orm_arena_release(&s->arena);
            free(s);
        }
    }
    *all = (struct orm_shapes){.n = 0};
}

/* Everything that points at a shape was made after low_mark was taken: a scope that was rewound below has none left. */
static bool make_room(orm_db *db)
{
    struct orm_shapes *all = &db->shapes;
    if (all->n < MAX_SHAPES)
        return true;
    struct orm_shape *oldest = NULL;
    for (size_t i = 0; i < sizeof all->buckets / sizeof *all->buckets; i++)
        for (struct orm_shape *s = all->buckets[i]; s; s = s->next)
            if (s->n_children == 0 && s->low_mark >= db->arena.used_bytes && (!oldest || s->used_at < oldest->used_at))
                oldest = s;
    if (oldest)
        orm_shape_drop(all, oldest);
    return oldest != NULL;
}

struct orm_shape *orm_shape_add(orm_db *db, uint64_t hash, const struct orm_meta *meta)
{
    struct orm_shape *s = make_room(db) ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return NULL;
    s->hash = hash;
    s->meta = meta;
    s->low_mark = SIZE_MAX;
    s->arena.guard = &db->guard;
    struct orm_shape **at = place_of(&db->shapes, hash);
    s->next = *at;
    *at = s;
    db->shapes.n++;
    return s;
}

void orm_shape_touch(orm_db *db, struct orm_shape *s)
{
    s->used_at = ++db->shapes.clock;
    if (db->arena.used_bytes < s->low_mark)
        s->low_mark = db->arena.used_bytes;
}

struct orm_shape *orm_shape_bucket(struct orm_shapes *all, uint64_t hash)
{
    return *place_of(all, hash);
}
