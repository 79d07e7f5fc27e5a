/* The names of a connection's prepared statements, as hashes: open addressing, full at three quarters. */
#include <string.h>

#include "preload/base/memory.h"
#include "preload/hooks/libpq.h"

enum { NAMES_FEWEST = 16, TEXT_MAX = 16 * 1024 };

static const struct n1_key plain_key;

uint64_t n1_pq_name_hash(const char *name, size_t length)
{
    return n1_hash_bytes(&plain_key, name ? name : "", length) | 1;
}

/* More than a block of the pool holds is mapped: few connections have so many. */
static bool is_mapped(uint32_t room)
{
    return room * sizeof(struct n1_pq_name) > N1_POOL_BLOCK_BYTES;
}

static struct n1_pq_name *take_table(uint32_t room)
{
    const size_t size_bytes = room * sizeof(struct n1_pq_name);
    return is_mapped(room) ? n1_memory_map(size_bytes) : n1_pool_take(size_bytes);
}

static void give_table(const struct n1_pq_names *names)
{
    const size_t size_bytes = names->room * sizeof *names->name;
    if (is_mapped(names->room))
        n1_memory_unmap(names->name, size_bytes);
    else
        n1_pool_give(names->name, size_bytes);
}

static uint32_t home_of(const struct n1_pq_names *names, uint64_t hash)
{
    return (uint32_t)(hash >> 32) & (names->room - 1);
}

/* The name's place, or the free one where it belongs. */
static struct n1_pq_name *place_of(const struct n1_pq_names *names, uint64_t hash)
{
    uint32_t i = home_of(names, hash);
    while (names->name[i].hash && names->name[i].hash != hash)
        i = (i + 1) & (names->room - 1);
    return &names->name[i];
}

static struct n1_pq_name *find(const struct n1_pq_names *names, uint64_t hash)
{
    struct n1_pq_name *name = names->room ? place_of(names, hash) : NULL;
    return name && name->hash ? name : NULL;
}

static bool grow(struct n1_pq_names *names)
{
    struct n1_pq_names grown = *names;
    grown.room = names->room ? names->room * 2 : NAMES_FEWEST;
    if (grown.room > N1_PQ_NAMES || !(grown.name = take_table(grown.room)))
        return false;
    for (uint32_t i = 0; i < names->room; i++)
        if (names->name[i].hash)
            *place_of(&grown, names->name[i].hash) = names->name[i];
    give_table(names);
    *names = grown;
    return true;
}

static void empty(struct n1_pq_name *name)
{
    n1_pool_give(name->literals, name->literals_bytes);
    n1_pool_give(name->text, name->text_bytes);
    *name = (struct n1_pq_name){0};
}

/* Those behind it that could not stand here move up. */
static void forget(struct n1_pq_names *names, struct n1_pq_name *name)
{
    const uint32_t mask = names->room - 1;
    uint32_t gap = (uint32_t)(name - names->name);
    empty(name);
    names->count--;
    for (uint32_t i = (gap + 1) & mask; names->name[i].hash; i = (i + 1) & mask) {
        if (((i - home_of(names, names->name[i].hash)) & mask) < ((i - gap) & mask))
            continue;
        names->name[gap] = names->name[i];
        names->name[i] = (struct n1_pq_name){0};
        gap = i;
    }
}

/* Some name, another one each time. */
static void forget_one(struct n1_pq_names *names)
{
    while (!names->name[names->hand & (names->room - 1)].hash)
        names->hand++;
    forget(names, &names->name[names->hand++ & (names->room - 1)]);
}

/* The name's place, empty and counted; NULL: no memory. */
static struct n1_pq_name *make(struct n1_pq_names *names, uint64_t hash)
{
    struct n1_pq_name *name = find(names, hash);
    if (name) {
        empty(name);
        return name;
    }
    if ((names->count + 1) * 4 > names->room * 3 && !grow(names)) {
        if (!names->room)
            return NULL;
        forget_one(names);
    }
    names->count++;
    return place_of(names, hash);
}

/* Copies of the literals and, behind them, of their real values; as many as there is room for. */
static void keep_literals(struct n1_pq_name *name, const struct n1_encode_value *literals, uint32_t n)
{
    size_t spelled = 0;
    for (uint32_t i = 0; i < n; i++)
        spelled += literals[i].text_bytes;
    size_t bytes = n * sizeof *literals + spelled;
    char *block = n1_pool_take(bytes);
    if (!block && spelled) { /* hashes before texts */
        bytes = n * sizeof *literals;
        block = n1_pool_take(bytes);
    }
    if (!block)
        return;
    name->literals = (struct n1_encode_value *)(void *)block;
    name->literals_bytes = (uint32_t)bytes;
    name->n_literals = n;
    struct n1_arena arena = {.at = block + n * sizeof *literals, .end = block + bytes};
    for (uint32_t i = 0; i < n; i++) {
        name->literals[i].value = literals[i].value;
        n1_arena_keep(&arena, &name->literals[i], literals[i].text, literals[i].text_bytes);
    }
}

static void fill(struct n1_pq_name *name, uint64_t hash, const struct n1_text *text,
                 const struct n1_encode_value *literals)
{
    *name = (struct n1_pq_name){.hash = hash, .sql = text->sql};
    if (text->n_literals)
        keep_literals(name, literals, text->n_literals);
}

void n1_pq_name_remember(struct n1_pq_names *names, uint64_t hash, const struct n1_text *text,
                         const struct n1_encode_value *literals)
{
    struct n1_pq_name *name = make(names, hash);
    if (name)
        fill(name, hash, text, literals);
}

void n1_pq_name_keep(struct n1_pq_names *names, uint64_t hash, const char *text, size_t length)
{
    char *kept = length < TEXT_MAX ? n1_pool_take(length + 1) : NULL;
    struct n1_pq_name *name = kept ? make(names, hash) : NULL;
    if (!name) {
        n1_pool_give(kept, length + 1);
        n1_pq_name_forget(names, hash); /* it says something else now */
        return;
    }
    memcpy(kept, text, length);
    *name = (struct n1_pq_name){.hash = hash, .text = kept, .text_bytes = (uint32_t)length + 1};
}

/* A name that was kept by its text. */
static void look_up(struct n1_thread *self, struct n1_pq_name *name)
{
    struct n1_encode_value literals[N1_PARAMS_MAX];
    struct n1_arena arena = n1_arena_borrow();
    const struct n1_text text = n1_text_find(&self->slot->texts, N1_DIALECT_POSTGRES, 0, name->text,
                                             name->text_bytes - 1, literals, N1_PARAMS_MAX, &arena);
    const uint64_t hash = name->hash;
    empty(name);
    fill(name, hash, &text, literals);
    n1_arena_return(&arena);
}

const struct n1_pq_name *n1_pq_name_find(struct n1_thread *self, const struct n1_pq_names *names, uint64_t hash)
{
    struct n1_pq_name *name = find(names, hash);
    if (name && name->text)
        look_up(self, name);
    return name;
}

void n1_pq_name_forget(struct n1_pq_names *names, uint64_t hash)
{
    struct n1_pq_name *name = find(names, hash);
    if (name)
        forget(names, name);
}

void n1_pq_name_forget_all(struct n1_pq_names *names)
{
    for (uint32_t i = 0; i < names->room; i++)
        empty(&names->name[i]);
    names->count = 0;
}

void n1_pq_name_release(struct n1_pq_names *names)
{
    n1_pq_name_forget_all(names);
    give_table(names);
    *names = (struct n1_pq_names){0};
}
