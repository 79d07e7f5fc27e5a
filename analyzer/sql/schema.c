#include "analyzer/sql/schema.h"

#include "analyzer/sql/shape_reader.h"

struct schema {
    struct reader r;
    n1_sql_schema_take *take;
    void *data;
};

static bool is_word(const struct schema *s, int at, const char *word)
{
    return shape_is_text(&s->r, at, word);
}

/* [IF NOT EXISTS] [schema.]name: behind it; NULL when there is none. */
static int read_name(struct schema *s, int at, const char **name)
{
    *name = NULL;
    if (is_word(s, at, "IF") && is_word(s, at + 1, "NOT") && is_word(s, at + 2, "EXISTS"))
        at += 3;
    if (is_word(s, at, "ONLY"))
        at++;
    while (shape_is_name(&s->r, at) && shape_is_kind(&s->r, at + 1, N1_SQL_DOT))
        at += 2;
    if (!shape_is_name(&s->r, at))
        return at;
    *name = shape_string(&s->r, at);
    return at + 1;
}

static void take(const struct schema *s, const char *table, const char *column)
{
    s->take(s->data, table, column);
}

/* (column) and nothing beside it in the list: no second column, no expression. */
static void take_alone(struct schema *s, const char *table, int open)
{
    if (!shape_is_kind(&s->r, open, N1_SQL_OPEN) || s->r.tokens[open].match < 0 || !shape_is_name(&s->r, open + 1))
        return;
    const struct range inside = {open + 1, s->r.tokens[open].match};
    if (shape_find_comma(&s->r, inside) < inside.end || shape_is_kind(&s->r, open + 2, N1_SQL_OPEN) ||
        shape_is_kind(&s->r, open + 2, N1_SQL_OPERATOR))
        return;
    take(s, table, shape_string(&s->r, open + 1));
}

/* UNIQUE or PRIMARY KEY at the range's level: behind it; else -1. */
static int find_key(const struct schema *s, struct range range)
{
    for (int at = range.begin; at < range.end; at = shape_next(&s->r, at)) {
        if (is_word(s, at, "UNIQUE"))
            return at + 1;
        if (is_word(s, at, "PRIMARY") && is_word(s, at + 1, "KEY"))
            return at + 2;
    }
    return -1;
}

/* A column with its own constraint, or a constraint of the table: [CONSTRAINT name] UNIQUE (…). */
static void read_definition(struct schema *s, const char *table, struct range range)
{
    int begin = is_word(s, range.begin, "CONSTRAINT") ? range.begin + 2 : range.begin;
    const int behind = find_key(s, (struct range){begin, range.end});
    if (behind < 0)
        return;
    const bool is_tables =
        is_word(s, begin, "UNIQUE") || (is_word(s, begin, "PRIMARY") && is_word(s, begin + 1, "KEY"));
    if (is_tables)
        take_alone(s, table, behind);
    else if (shape_is_name(&s->r, begin))
        take(s, table, shape_string(&s->r, begin));
}

static void read_table(struct schema *s, int at)
{
    const char *table;
    at = read_name(s, at, &table);
    if (table == NULL || !shape_is_kind(&s->r, at, N1_SQL_OPEN) || s->r.tokens[at].match < 0)
        return;
    take(s, table, NULL);
    struct range left = {at + 1, s->r.tokens[at].match};
    while (left.begin < left.end) {
        const int comma = shape_find_comma(&s->r, left);
        read_definition(s, table, (struct range){left.begin, comma});
        left.begin = comma + 1;
    }
}

/* Behind UNIQUE INDEX. An index with a condition holds for some rows only. */
static void read_index(struct schema *s, int at)
{
    const char *ignored, *table;
    if (is_word(s, at, "CONCURRENTLY"))
        at++;
    if (!is_word(s, at, "ON"))
        at = read_name(s, at, &ignored);
    if (!is_word(s, at, "ON"))
        return;
    at = read_name(s, at + 1, &table);
    if (is_word(s, at, "USING"))
        at += 2;
    const int open = at;
    for (; at < s->r.token_count; at = shape_next(&s->r, at))
        if (is_word(s, at, "WHERE"))
            return;
    if (table != NULL)
        take_alone(s, table, open);
}

static void read_alter(struct schema *s, int at)
{
    const char *table;
    at = read_name(s, at, &table);
    if (table == NULL || !is_word(s, at, "ADD"))
        return;
    at += is_word(s, at + 1, "COLUMN") ? 2 : 1;
    read_definition(s, table, (struct range){at, s->r.token_count});
}

/* INSERT INTO table … ON CONFLICT (column). */
static void read_conflict(struct schema *s)
{
    const char *table = NULL;
    for (int at = 0; at < s->r.token_count; at = shape_next(&s->r, at)) {
        if (table == NULL && is_word(s, at, "INTO"))
            read_name(s, at + 1, &table);
        else if (table != NULL && is_word(s, at, "ON") && is_word(s, at + 1, "CONFLICT"))
            take_alone(s, table, at + 2);
    }
}

static void read_create(struct schema *s)
{
    int at = 1;
    while (is_word(s, at, "TEMP") || is_word(s, at, "TEMPORARY") || is_word(s, at, "UNLOGGED") ||
           is_word(s, at, "LOCAL") || is_word(s, at, "GLOBAL"))
        at++;
    if (is_word(s, at, "TABLE"))
        read_table(s, at + 1);
    else if (is_word(s, at, "UNIQUE") && is_word(s, at + 1, "INDEX"))
        read_index(s, at + 2);
}

void n1_sql_schema_read(enum n1_sql_dialect dialect, const char *text, size_t length, n1_sql_schema_take *take_one,
                        void *data)
{
    GArray *tokens = shape_tokens_new(dialect, text, length);
    struct schema s = {.r = {.text = text,
                             .tokens = (const struct shape_token *)(const void *)tokens->data,
                             .token_count = (int)tokens->len,
                             .strings = g_string_chunk_new(256)},
                       .take = take_one,
                       .data = data};
    if (is_word(&s, 0, "CREATE"))
        read_create(&s);
    else if (is_word(&s, 0, "ALTER") && is_word(&s, 1, "TABLE"))
        read_alter(&s, 2);
    else
        read_conflict(&s);
    g_string_chunk_free(s.r.strings);
    g_array_unref(tokens);
}
