#include "trace/sql_redact.h"

#include <string.h>

#include "trace/sql_role.h"

#define CUT_LENGTH (sizeof N1_SQL_CUT_MARK - 1)

/* 64-bit multiply-and-fold over words of 8 bytes (the step of wyhash): 0.2 ns a byte, and no dependence on where the text was
 * handed over in pieces. Own code because the encode half of trace/ uses libc only. */
struct hash {
    uint64_t state;
    uint64_t length;
    unsigned char tail[8];
};

static uint64_t fold(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void hash_word(struct hash *hash, const unsigned char *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    hash->state = fold(hash->state ^ word, 0x9e3779b97f4a7c15u) + 0xd6e8feb86659fd93u;
}

static void hash_update(struct hash *hash, const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes, *end = at + length;
    size_t held = hash->length % sizeof hash->tail;
    hash->length += length;
    if (held > 0) {
        while (at < end && held < sizeof hash->tail)
            hash->tail[held++] = *at++;
        if (held < sizeof hash->tail)
            return;
        hash_word(hash, hash->tail);
    }
    for (; end - at >= 8; at += 8)
        hash_word(hash, at);
    if (at < end)
        memcpy(hash->tail, at, (size_t)(end - at));
}

static uint64_t hash_final(struct hash *hash)
{
    size_t held = hash->length % sizeof hash->tail;
    memset(hash->tail + held, 0, sizeof hash->tail - held);
    hash_word(hash, hash->tail);
    return fold(hash->state ^ hash->length, 0xe7037ed1a0b428dbu);
}

struct sink {
    char *out;
    size_t capacity;
    size_t length; /* of the output so far, beyond capacity too */
    size_t safe;   /* the last token's end after which the cut mark still fits */
    bool is_full;
    struct hash hash;
};

static void sink_put(struct sink *sink, const char *bytes, size_t length)
{
    if (!sink->is_full && length <= sink->capacity - sink->length) {
        if (length == 1)
            sink->out[sink->length] = *bytes;
        else if (length > 1)
            memcpy(sink->out + sink->length, bytes, length);
        sink->length += length;
        return;
    }
    if (!sink->is_full) {
        sink->is_full = true;
        hash_update(&sink->hash, sink->out, sink->length);
        size_t fits = sink->capacity - sink->length;
        if (fits > 0)
            memcpy(sink->out + sink->length, bytes, fits);
    }
    hash_update(&sink->hash, bytes, length);
    sink->length += length;
}

static void sink_end(struct sink *sink, struct n1_sql_redaction *r)
{
    if (!sink->is_full)
        hash_update(&sink->hash, sink->out, sink->length);
    r->hash = hash_final(&sink->hash);
    r->is_cut = sink->is_full;
    r->out_length = sink->length;
    if (!sink->is_full)
        return;
    r->out_length = sink->safe;
    if (r->out_capacity >= CUT_LENGTH) {
        memcpy(r->out + sink->safe, N1_SQL_CUT_MARK, CUT_LENGTH);
        r->out_length += CUT_LENGTH;
    }
}

static enum n1_sql_literal_kind literal_kind(const struct n1_sql_token *token)
{
    switch (token->kind) {
    case N1_SQL_INTEGER: return N1_SQL_LITERAL_INTEGER;
    case N1_SQL_FLOAT: return N1_SQL_LITERAL_FLOAT;
    case N1_SQL_BLOB: return N1_SQL_LITERAL_BLOB;
    default: return N1_SQL_LITERAL_STRING;
    }
}

static void add_literal(struct n1_sql_redaction *r, const struct n1_sql_role_token *t)
{
    if (t->operand < 64)
        r->literal_mask |= (uint64_t)1 << t->operand;
    if (r->literal_count < r->literal_capacity)
        r->literals[r->literal_count] = (struct n1_sql_literal){.token = t->token,
                                                                .operand = t->operand,
                                                                .kind = (uint8_t)literal_kind(&t->token),
                                                                .is_negated = t->is_negated};
    r->literal_count++;
}

/* Remembers a block comment that may turn out to be the last thing but blanks and semicolons. */
static void note_comment(struct n1_sql_redaction *r, const struct n1_sql_token *token, const char *text)
{
    if (token->kind != N1_SQL_COMMENT || text[token->offset] != '/')
        return;
    bool is_closed = !(token->flags & N1_SQL_UNTERMINATED);
    r->comment_offset = token->offset + 2;
    r->comment_length = token->length - 2 - (is_closed ? 2 : 0);
}

void n1_sql_redact(struct n1_sql_redaction *r, enum n1_sql_dialect dialect, const char *text, size_t length)
{
    struct n1_sql_roles roles;
    struct n1_sql_role_token t;
    struct sink sink = {.out = r->out, .capacity = r->out_capacity};
    if (!r->literals)
        r->literal_capacity = 0;
    r->literal_count = r->parameter_count = 0;
    r->literal_mask = 0;
    r->comment_offset = r->comment_length = 0;

    n1_sql_roles_init(&roles, dialect, text, length);
    /* text[run, run_end) waits to be copied as it is, so that plain stretches cost one copy. */
    size_t run = 0, run_end = 0;
    bool is_first = true;
    while (n1_sql_roles_next(&roles, &t)) {
        size_t begin = t.token.offset;
        if (t.role == N1_SQL_ROLE_SPACE) {
            note_comment(r, &t.token, text);
            continue;
        }
        if (t.token.kind != N1_SQL_SEMICOLON)
            r->comment_offset = r->comment_length = 0;
        size_t gap = begin - run_end;
        if (is_first) {
            run = begin;
        } else if (gap > 1 || (gap == 1 && text[run_end] != ' ')) {
            sink_put(&sink, text + run, run_end - run);
            sink_put(&sink, " ", 1);
            run = begin;
        }
        is_first = false;
        run_end = begin + t.token.length;
        if (t.role == N1_SQL_ROLE_LITERAL) {
            add_literal(r, &t);
            sink_put(&sink, text + run, begin - run);
            sink_put(&sink, "?", 1);
            run = run_end;
        } else if (t.role == N1_SQL_ROLE_PARAMETER) {
            r->parameter_count++;
        }
        size_t written = sink.length + (run_end - run);
        if (written + CUT_LENGTH <= sink.capacity)
            sink.safe = written;
    }
    sink_put(&sink, text + run, run_end - run);
    sink_end(&sink, r);
}
