/* PREPARE, EXECUTE and DEALLOCATE in SQL (postgresql.org/docs/current/sql-prepare.html): they share the names of the protocol's. */
#include <string.h>
#include <strings.h>

#include "preload/base/memory.h"
#include "preload/hooks/libpq.h"
#include "trace/sql_lex.h"

enum { NAME_MAX_BYTES = 63, PREPARE_MAX = 16 * 1024 }; /* PostgreSQL cuts names at NAMEDATALEN - 1 */

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
    const struct n1_pq_name *known = hash && self->slot ? n1_pq_name_find(self, &c->names, hash) : NULL;
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
        n1_pq_name_keep(&c->names, p->name_hash, p->prepare, length);
    } else if (p->deallocates == 2) {
        n1_pq_name_forget_all(&c->names);
    } else if (p->deallocates == 1) {
        n1_pq_name_forget(&c->names, p->name_hash);
    }
}
