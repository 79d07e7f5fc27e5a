#include "analyzer/intake/statements.h"

#include <string.h>

#include "analyzer/arena.h"
#include "analyzer/distinct.h"
#include "analyzer/sql/schema.h"
#include "trace/table.h"

/* Texts beyond this (generated table names) share one statement. A text with its shape takes some 2 KiB. */
enum { TEXTS_MAX = 1 << 17 };

struct n1_statements {
    struct n1_arena arena;
    struct n1_table by_id;          /* process << 32 | sql id → struct n1_query_text */
    struct n1_table by_text;        /* text_identity() → struct n1_query_text */
    struct n1_table by_fingerprint; /* fingerprint → struct n1_stmt */
    GHashTable *tables;             /* name → struct n1_table_state */
    GHashTable *schema;             /* set of "table" and, of unique columns, "table.column", in lower case */
    GPtrArray *stmts;
    GPtrArray *texts;
    uint64_t last_id; /* a loop asks for the same one */
    const struct n1_query_text *last;
};

static void free_stmt(gpointer data)
{
    g_ptr_array_unref(((struct n1_stmt *)data)->sites);
}

static void free_text(gpointer data)
{
    n1_sql_shape_release(&((struct n1_query_text *)data)->shape);
}

struct n1_statements *n1_statements_new(void)
{
    struct n1_statements *s = g_new0(struct n1_statements, 1);
    n1_arena_init(&s->arena);
    s->tables = g_hash_table_new(g_str_hash, g_str_equal);
    s->schema = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    s->stmts = g_ptr_array_new_with_free_func(free_stmt);
    s->texts = g_ptr_array_new_with_free_func(free_text);
    s->last_id = UINT64_MAX;
    return s;
}

void n1_statements_free(struct n1_statements *s)
{
    if (s == NULL)
        return;
    n1_table_release(&s->by_id);
    n1_table_release(&s->by_text);
    n1_table_release(&s->by_fingerprint);
    g_hash_table_unref(s->tables);
    g_hash_table_unref(s->schema);
    g_ptr_array_unref(s->stmts);
    g_ptr_array_unref(s->texts);
    n1_arena_release(&s->arena);
    g_free(s);
}

/* Which operands of a redacted text are literals. The recording says it; an old one leaves it to be guessed: PostgreSQL's own parameters are $1, so there a `?` always is one; in
 * SQLite the counts tell, except when a text mixes both: then the last ones (LIMIT, OFFSET, trailing conditions). */
static uint64_t literal_mask(const struct n1_sql_text *text, uint32_t n_bound, uint32_t n_literals)
{
    if (text->has_literal_mask)
        return text->literal_mask;
    if (n_literals == 0)
        return 0;
    if (n_bound == 0)
        return UINT64_MAX;
    struct n1_sql_shape shape;
    n1_sql_shape_read(&shape, (enum n1_sql_dialect)text->dialect, text->text, text->text_bytes, 0);
    uint64_t mask = 0;
    uint32_t left = n_literals;
    for (int i = MIN(shape.operand_count, 64) - 1; i >= 0 && left > 0; i--) {
        const struct n1_sql_operand *o = &shape.operands[i];
        bool is_plain_mark = o->name == NULL && o->offset < text->text_bytes && text->text[o->offset] == '?' &&
                             (o->offset + 1 >= text->text_bytes || !g_ascii_isdigit(text->text[o->offset + 1]));
        if (is_plain_mark) {
            mask |= 1ULL << i;
            left--;
        }
    }
    n1_sql_shape_release(&shape);
    return mask;
}

static struct n1_table_state *table_state(struct n1_statements *s, const char *name)
{
    char *lower = g_ascii_strdown(name, -1);
    struct n1_table_state *state = g_hash_table_lookup(s->tables, lower);
    if (state == NULL) {
        state = n1_arena_alloc(&s->arena, sizeof *state);
        state->name = n1_arena_strdup(&s->arena, name);
        g_hash_table_insert(s->tables, n1_arena_strdup(&s->arena, lower), state);
    }
    g_free(lower);
    return state;
}

static void collect_tables(struct n1_statements *s, struct n1_stmt *stmt, const struct n1_sql_shape *shape)
{
    stmt->table = n1_arena_alloc(&s->arena, (size_t)(shape->table_count + 1) * sizeof *stmt->table);
    for (int i = 0; i < shape->table_count; i++) {
        const struct n1_sql_table *t = &shape->tables[i];
        if (t->is_cte || t->is_subquery || t->is_function || t->name[0] == '\0')
            continue;
        struct n1_table_state *state = table_state(s, t->name);
        bool known = false;
        for (uint32_t k = 0; k < stmt->n_tables; k++)
            known |= stmt->table[k] == state;
        if (!known)
            stmt->table[stmt->n_tables++] = state;
    }
}

/* One computed row whatever the tables hold: SELECT count(*) …, SELECT count(*), 0 …, SELECT EXISTS (…), SELECT 1 … LIMIT 1. */
static bool gives_computed_row(const struct n1_sql_shape *shape)
{
    if (shape->verb != N1_SQL_VERB_SELECT || shape->has_group_by || shape->item_count == 0 || shape->is_compound)
        return false;
    int constants = 0;
    for (int i = 0; i < shape->item_count; i++) {
        enum n1_sql_item_kind kind = shape->items[i].kind;
        if (kind == N1_SQL_ITEM_OPERAND)
            constants++;
        else if (kind != N1_SQL_ITEM_AGGREGATE && kind != N1_SQL_ITEM_EXISTS &&
                 !(kind == N1_SQL_ITEM_EXPRESSION && shape->has_aggregate))
            return false;
    }
    return constants < shape->item_count || shape->table_count > 0;
}

static struct n1_stmt *statement_of(struct n1_statements *s, struct n1_query_text *text, const struct n1_sql_text *sql)
{
    struct n1_sql_normal normal;
    n1_sql_normalise(&normal, text->shape.dialect, sql->text, sql->text_bytes);
    text->longest_list = normal.longest_list;
    text->values_rows = normal.values_rows;
    /* A cut text's normalised form is a prefix: the hash of the whole keeps two long statements apart. */
    uint64_t fingerprint = normal.is_cut ? n1_mix(normal.fingerprint, sql->hash) : normal.fingerprint;
    struct n1_stmt *stmt = n1_table_get(&s->by_fingerprint, fingerprint);
    if (stmt == NULL) {
        const struct n1_sql_shape *shape = &text->shape;
        stmt = n1_arena_alloc(&s->arena, sizeof *stmt);
        stmt->index = s->stmts->len;
        stmt->fingerprint = fingerprint;
        stmt->sql = n1_arena_clean(&s->arena, normal.text);
        stmt->dialect = sql->dialect;
        stmt->text = text;
        stmt->example = (sql->flags & N1_SQL_RAW) != 0 ? n1_arena_clean(&s->arena, sql->text) : NULL;
        stmt->is_housekeeping =
            shape->is_housekeeping || shape->verb == N1_SQL_VERB_EMPTY || (sql->flags & N1_SQL_PREPARE) != 0;
        stmt->is_read = shape->verb == N1_SQL_VERB_SELECT || text->cursor == N1_CURSOR_DECLARE;
        stmt->is_write = n1_sql_verb_is_write(shape->verb);
        stmt->is_aggregate = gives_computed_row(shape);
        stmt->sites = g_ptr_array_new();
        collect_tables(s, stmt, shape);
        g_ptr_array_add(s->stmts, stmt);
        n1_table_put(&s->by_fingerprint, fingerprint, stmt);
    }
    stmt->is_set_wise |= n1_query_text_is_batch(text);
    n1_sql_normal_release(&normal);
    return stmt;
}

static bool chooses_rows(const struct n1_sql_operand *o)
{
    switch (o->clause) {
    case N1_SQL_CLAUSE_WHERE:
    case N1_SQL_CLAUSE_JOIN:
    case N1_SQL_CLAUSE_HAVING:
    case N1_SQL_CLAUSE_FROM: return true;
    default: return false;
    }
}

static bool is_equality(const struct n1_sql_operand *o)
{
    return o->op == N1_SQL_OP_EQ || o->op == N1_SQL_OP_IN || o->op == N1_SQL_OP_ANY;
}

/* Equalities with columns first: they are what links go through; comparisons of other kinds link only by accident, but calls
 * (lower(?), json_each(?)) may hide a key. */
static void collect_keys(struct n1_statements *s, struct n1_query_text *text)
{
    const struct n1_sql_shape *shape = &text->shape;
    struct n1_lookup_key key[N1_KEYS_MAX];
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < shape->operand_count && text->n_keys < N1_KEYS_MAX && i <= UINT16_MAX; i++) {
            const struct n1_sql_operand *o = &shape->operands[i];
            bool is_first_choice = is_equality(o) && o->column.name != NULL && o->is_whole;
            bool is_second = !is_first_choice && (is_equality(o) || o->op == N1_SQL_OP_NONE);
            if (!chooses_rows(o) || (pass == 0 ? !is_first_choice : !is_second))
                continue;
            if (o->is_list_item && text->longest_list > 1)
                continue;
            int table = o->column.table;
            key[text->n_keys++] = (struct n1_lookup_key){
                .operand = (uint16_t)i,
                .is_literal = o->source == N1_SQL_FROM_LITERAL,
                .number = (uint16_t)(o->source == N1_SQL_FROM_LITERAL ? o->number : MAX(o->number, 1) - 1),
                .op = o->op,
                .clause = o->clause,
                .table = table >= 0 ? n1_arena_strdup(&s->arena, shape->tables[table].name) : "",
                .column = o->column.name != NULL ? n1_arena_strdup(&s->arena, o->column.name) : "",
            };
        }
    }
    struct n1_lookup_key *own = n1_arena_alloc(&s->arena, (text->n_keys + 1) * sizeof *own);
    memcpy(own, key, text->n_keys * sizeof *own);
    text->key = own;
}

static char *schema_key(const char *table, const char *column)
{
    g_autofree char *key = column != NULL ? g_strdup_printf("%s.%s", table, column) : g_strdup(table);
    return g_ascii_strdown(key, -1);
}

static void take_schema(void *data, const char *table, const char *column)
{
    struct n1_statements *s = data;
    g_hash_table_add(s->schema, schema_key(table, column));
}

static void read_schema(struct n1_statements *s, const struct n1_query_text *text, const struct n1_sql_text *sql)
{
    bool may_conflict = text->shape.verb == N1_SQL_VERB_INSERT && strcasestr(sql->text, "conflict") != NULL;
    if (text->shape.verb == N1_SQL_VERB_DDL || may_conflict)
        n1_sql_schema_read((enum n1_sql_dialect)sql->dialect, sql->text, sql->text_bytes, take_schema, s);
}

enum n1_uniqueness n1_statements_uniqueness(const struct n1_statements *s, const char *table, const char *column)
{
    g_autofree char *one = schema_key(table, column), *all = schema_key(table, NULL);
    return g_hash_table_contains(s->schema, one)   ? N1_UNIQUE
           : g_hash_table_contains(s->schema, all) ? N1_UNIQUE_NOT
                                                   : N1_UNIQUE_UNKNOWN;
}

static struct n1_query_text *read_text(struct n1_statements *s, const struct n1_sql_text *sql, uint32_t n_bound,
                                       uint32_t n_literals)
{
    struct n1_query_text *text = n1_arena_alloc(&s->arena, sizeof *text);
    n1_sql_shape_read(&text->shape, (enum n1_sql_dialect)sql->dialect, sql->text, sql->text_bytes,
                      literal_mask(sql, n_bound, n_literals));
    text->cursor = text->shape.verb == N1_SQL_VERB_DECLARE ? N1_CURSOR_DECLARE
                   : text->shape.verb == N1_SQL_VERB_FETCH ? N1_CURSOR_FETCH
                   : text->shape.verb == N1_SQL_VERB_CLOSE ? N1_CURSOR_CLOSE
                                                           : N1_CURSOR_NONE;
    text->stmt = statement_of(s, text, sql);
    collect_keys(s, text);
    const struct n1_sql_shape *shape = &text->shape;
    text->gives_next = shape->has_limit && shape->has_order_by && !shape->has_offset && !text->stmt->is_aggregate;
    text->is_plain = shape->verb == N1_SQL_VERB_SELECT && shape->object == NULL && !shape->is_locking &&
                     !text->stmt->is_housekeeping && !n1_query_text_is_batch(text) && !text->gives_next;
    read_schema(s, text, sql);
    g_ptr_array_add(s->texts, text);
    return text;
}

/* The statement behind PREPARE … AS. Its own literals cannot be told from its parameters by counting; $1 is no literal. */
static const struct n1_query_text *read_prepared(struct n1_statements *s, const struct n1_query_text *text,
                                                 const struct n1_sql_text *sql)
{
    size_t begin = text->shape.inner_begin;
    if (text->shape.verb != N1_SQL_VERB_PREPARE || begin == 0 || begin >= sql->text_bytes)
        return NULL;
    struct n1_sql_text inner = *sql;
    inner.text = sql->text + begin;
    inner.text_bytes = sql->text_bytes - begin;
    inner.flags &= ~(uint32_t)N1_SQL_PREPARE;
    inner.has_literal_mask = false;
    return read_text(s, &inner, 0, 0);
}

static const struct n1_sql_text unknown_text = {
    .dialect = N1_DIALECT_SQLITE, .text = "-- text not recorded", .text_bytes = 20};

const struct n1_query_text *n1_statements_get(struct n1_statements *s, uint32_t process, uint32_t sql_id,
                                              const struct n1_sql_text *sql, uint32_t n_bound, uint32_t n_literals)
{
    uint64_t id = (uint64_t)process << 32 | sql_id;
    if (id == s->last_id)
        return s->last;
    struct n1_query_text *text = n1_table_get(&s->by_id, id);
    if (text == NULL) {
        if (sql == NULL || sql->text == NULL || s->texts->len >= TEXTS_MAX)
            sql = &unknown_text;
        uint64_t kind = (uint64_t)sql->dialect << 2 | (n_bound == 0 ? 2U : 0U) | (n_literals == 0 ? 1U : 0U);
        uint64_t identity = n1_mix(n1_mix(n1_mix(g_str_hash(sql->text), sql->hash), sql->literal_mask), kind);
        text = n1_table_get(&s->by_text, identity);
        if (text == NULL) {
            text = read_text(s, sql, n_bound, n_literals);
            text->prepared = read_prepared(s, text, sql);
            n1_table_put(&s->by_text, identity, text);
        }
        n1_table_put(&s->by_id, id, text);
    }
    s->last_id = id;
    s->last = text;
    return text;
}

uint32_t n1_statements_count(const struct n1_statements *s)
{
    return s->stmts->len;
}

struct n1_stmt *n1_statements_at(const struct n1_statements *s, uint32_t index)
{
    return g_ptr_array_index(s->stmts, index);
}
