/* Prepared statements: their names (as hashes) and texts, however they were prepared. */
#include <string.h>
#include <strings.h>

#include "preload/base/memory.h"
#include "preload/hooks/libpq.h"
#include "trace/sql_lex.h"

enum { NAME_MAX_BYTES = 63, PREPARE_MAX = 16 * 1024 }; /* PostgreSQL cuts names at NAMEDATALEN - 1 */

static const struct n1_key plain_key;

uint64_t n1_pq_name_hash(const char *name, size_t length)
{
    return n1_hash_bytes(&plain_key, name ? name : "", length) | 1;
}

static void forget(struct n1_pq_name *name)
{
    n1_pool_give(name->literals, name->literals_bytes);
    n1_pool_give(name->text, name->text_bytes);
    *name = (struct n1_pq_name){0};
}

static struct n1_pq_name *find_name(const struct n1_pq_connection *c, uint64_t hash)
{
    if (!c->names)
        return NULL;
    struct n1_pq_name *set = &c->name[(hash >> 32) % (c->names / N1_PQ_WAYS) * N1_PQ_WAYS];
    for (int i = 0; i < N1_PQ_WAYS; i++)
        if (set[i].hash == hash)
            return &set[i];
    return NULL;
}

static struct n1_pq_name *free_name(const struct n1_pq_connection *c, uint64_t hash)
{
    if (!c->names)
        return NULL;
    struct n1_pq_name *set = &c->name[(hash >> 32) % (c->names / N1_PQ_WAYS) * N1_PQ_WAYS];
    for (int i = 0; i < N1_PQ_WAYS; i++)
        if (set[i].hash == 0)
            return &set[i];
    return NULL;
}

static bool grow_names(struct n1_pq_connection *c)
{
    struct n1_pq_connection grown = *c;
    grown.names = c->names ? c->names * 2 : 2 * N1_PQ_WAYS;
    if (grown.names > N1_PQ_NAMES || !(grown.name = n1_pool_take(grown.names * sizeof *grown.name)))
        return false;
    for (uint32_t i = 0; i < c->names; i++) {
        struct n1_pq_name *to = c->name[i].hash ? free_name(&grown, c->name[i].hash) : NULL;
        if (to)
            *to = c->name[i];
        else
            forget(&c->name[i]);
    }
    n1_pool_give(c->name, c->names * sizeof *c->name);
    c->name = grown.name;
    c->names = grown.names;
    return true;
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
    forget(name);
    *name = (struct n1_pq_name){.hash = hash, .sql = text->sql};
    if (text->n_literals)
        keep_literals(name, literals, text->n_literals);
}

/* The name's place, old or new; NULL: no memory. */
static struct n1_pq_name *place_of(struct n1_pq_connection *c, uint64_t hash)
{
    struct n1_pq_name *name = find_name(c, hash);
    if (!name)
        name = free_name(c, hash);
    if (!name && grow_names(c))
        name = free_name(c, hash);
    if (!name && c->names)
        name = &c->name[(hash >> 32) % (c->names / N1_PQ_WAYS) * N1_PQ_WAYS + c->next_way++ % N1_PQ_WAYS];
    return name;
}

void n1_pq_name_remember(struct n1_pq_connection *c, uint64_t hash, const struct n1_text *text,
                         const struct n1_encode_value *literals)
{
    struct n1_pq_name *name = place_of(c, hash);
    if (name)
        fill(name, hash, text, literals);
}

void n1_pq_name_keep(struct n1_pq_connection *c, uint64_t hash, const char *text, size_t length)
{
    struct n1_pq_name *name = length < PREPARE_MAX ? place_of(c, hash) : NULL;
    if (!name)
        return;
    forget(name);
    char *kept = n1_pool_take(length + 1);
    if (!kept)
        return;
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
    fill(name, name->hash, &text, literals);
    n1_arena_return(&arena);
}

const struct n1_pq_name *n1_pq_name_find(struct n1_thread *self, const struct n1_pq_connection *c, uint64_t hash)
{
    struct n1_pq_name *name = find_name(c, hash);
    if (name && name->text)
        look_up(self, name);
    return name;
}

void n1_pq_name_forget(struct n1_pq_connection *c, uint64_t hash)
{
    struct n1_pq_name *name = find_name(c, hash);
    if (name)
        forget(name);
}

void n1_pq_name_forget_all(struct n1_pq_connection *c)
{
    for (uint32_t i = 0; i < c->names; i++)
        forget(&c->name[i]);
}

/* ---- PREPARE, EXECUTE, DEALLOCATE (postgresql.org/docs/current/sql-prepare.html) -------------------------------------- */
struct words {
    struct n1_sql_lexer lexer;
    struct n1_sql_token token;
    const char *text;
};

static bool next(struct words *w)
{
    bool is_more;
    do
        is_more = n1_sql_lexer_next(&w->lexer, &w->token);
    while (is_more && (w->token.kind == N1_SQL_BLANK || w->token.kind == N1_SQL_COMMENT));
    return is_more;
}

static bool is_word(const struct words *w, const char *word)
{
    return w->token.kind == N1_SQL_WORD && w->token.length == strlen(word) &&
           strncasecmp(w->text + w->token.offset, word, w->token.length) == 0;
}

/* The token as a name: what stands between the quotes, a doubled quote once; else in lower case. 0: it is none. */
static uint64_t name_of(const struct words *w)
{
    char name[NAME_MAX_BYTES];
    size_t n = 0;
    const bool is_quoted = w->token.kind == N1_SQL_NAME;
    if (!is_quoted && w->token.kind != N1_SQL_WORD)
        return 0;
    for (size_t i = 0; i < w->token.body_length && n < sizeof name; i++) {
        const char c = w->text[w->token.body_offset + i];
        name[n++] = !is_quoted && c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        i += is_quoted && c == '"';
    }
    return n1_pq_name_hash(name, n);
}

/* PREPARE name [(types)] AS statement */
static void begin_prepare(struct words *w, struct n1_pq_pending *p, size_t length)
{
    int depth = 0;
    p->name_hash = next(w) ? name_of(w) : 0;
    if (!p->name_hash || !next(w))
        return;
    do
        depth += w->token.kind == N1_SQL_OPEN ? 1 : w->token.kind == N1_SQL_CLOSE ? -1 : 0;
    while ((depth > 0 || !is_word(w, "AS")) && next(w));
    if (!is_word(w, "AS") || !next(w) || length - w->token.offset >= PREPARE_MAX)
        return;
    const size_t start = w->token.offset;
    n1_pool_give(p->prepare, p->prepare_bytes);
    p->prepare_bytes = (uint32_t)(length - start) + 1;
    p->prepare = n1_pool_take(p->prepare_bytes);
    if (p->prepare)
        memcpy(p->prepare, w->text + start, length - start);
}

/* EXECUTE name [(values)]: the values are literals of this text and become bound parameters of the prepared one. */
static void begin_execute(struct n1_thread *self, struct words *w, struct n1_pq_connection *c, struct n1_pq_pending *p)
{
    struct n1_execution *e = &p->execution;
    const uint64_t hash = next(w) ? name_of(w) : 0;
    const struct n1_pq_name *known = hash && self->slot ? n1_pq_name_find(self, c, hash) : NULL;
    if (!known || e->n_bound)
        return;
    e->sql = known->sql;
    e->n_bound = e->n_literals;
    e->n_literals = 0;
    n1_pq_add_literals(p, known->literals, known->n_literals);
}

static void begin_deallocate(struct words *w, struct n1_pq_pending *p)
{
    if (!next(w) || (is_word(w, "PREPARE") && !next(w)))
        return;
    p->deallocates = is_word(w, "ALL") ? 2 : 1;
    p->name_hash = name_of(w);
}

void n1_pq_sql_begin(struct n1_thread *self, struct n1_pq_connection *c, struct n1_pq_pending *p, const char *text,
                     size_t length)
{
    struct words w = {.text = text};
    p->deallocates = 0;
    n1_pool_give(p->prepare, p->prepare_bytes);
    p->prepare = NULL;
    const size_t blank = strspn(text, " \t\r\n;");
    if (blank >= length || !strchr("PpEeDd/-", text[blank]))
        return; /* nearly every text ends here */
    n1_sql_lexer_init(&w.lexer, N1_SQL_POSTGRES, text, length);
    while (next(&w) && w.token.kind == N1_SQL_SEMICOLON)
        continue;
    if (is_word(&w, "PREPARE"))
        begin_prepare(&w, p, length);
    else if (is_word(&w, "EXECUTE"))
        begin_execute(self, &w, c, p);
    else if (is_word(&w, "DEALLOCATE"))
        begin_deallocate(&w, p);
}

void n1_pq_sql_done(struct n1_pq_connection *c, struct n1_pq_pending *p)
{
    if (p->prepare) {
        size_t length = p->prepare_bytes - 1;
        while (length && strchr("; \t\r\n", p->prepare[length - 1]))
            length--;
        n1_pq_name_keep(c, p->name_hash, p->prepare, length);
    } else if (p->deallocates == 2) {
        n1_pq_name_forget_all(c);
    } else if (p->deallocates == 1) {
        n1_pq_name_forget(c, p->name_hash);
    }
}
