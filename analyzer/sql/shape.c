#include "analyzer/sql/shape.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/sql/shape_reader.h"

/* Columns are looked for among the tables of their level one by one. */
#define TABLES_MAX 512

/* What release() has to free. */
struct memory {
    GStringChunk *strings;
    GArray *arrays[6];
};

bool shape_has_room(struct reader *r, const GArray *array)
{
    if (array->len < N1_SQL_SHAPE_MAX_ENTRIES && (array != r->tables || array->len < TABLES_MAX))
        return true;
    r->shape->is_understood = false;
    return false;
}

bool shape_enter(struct reader *r)
{
    if (r->nesting >= 2 * N1_SQL_SHAPE_MAX_DEPTH) {
        r->shape->is_understood = false;
        return false;
    }
    r->nesting++;
    return true;
}

void shape_leave(struct reader *r)
{
    r->nesting--;
}

int shape_depth(const struct reader *r, int scope)
{
    return g_array_index(r->scopes, struct n1_sql_scope, (guint)scope).depth;
}

int shape_add_scope(struct reader *r, int parent, bool is_cte)
{
    int depth = parent < 0 ? 0 : shape_depth(r, parent) + 1;
    if (depth > N1_SQL_SHAPE_MAX_DEPTH || !shape_has_room(r, r->scopes)) {
        r->shape->is_understood = false;
        return -1;
    }
    struct n1_sql_scope scope = {.parent = parent, .depth = depth, .is_cte = is_cte};
    g_array_append_val(r->scopes, scope);
    return (int)r->scopes->len - 1;
}

struct n1_sql_operand *shape_operand(const struct reader *r, int operand)
{
    return operand >= 0 && operand < (int)r->operands->len
               ? &g_array_index(r->operands, struct n1_sql_operand, (guint)operand)
               : NULL;
}

int shape_first_operand(const struct reader *r, struct range range, int *count)
{
    int first = -1;
    *count = 0;
    for (int at = range.begin; at < range.end; at++) {
        if (r->tokens[at].operand < 0)
            continue;
        first = first < 0 ? r->tokens[at].operand : first;
        ++*count;
    }
    return first;
}

const char *n1_sql_table_label(const struct n1_sql_table *table)
{
    return table->alias ? table->alias : table->name;
}

/* The only table of a level answers for every unqualified column; a qualifier is looked for outwards from its level. */
struct n1_sql_column shape_resolve(const struct reader *r, int scope, const char *qualifier, const char *name)
{
    struct n1_sql_column column = {.table = -1, .qualifier = qualifier, .name = name};
    while (scope >= 0) {
        int found = -1, candidates = 0;
        for (guint i = 0; i < r->tables->len; i++) {
            const struct n1_sql_table *table = &g_array_index(r->tables, struct n1_sql_table, i);
            if (table->scope != scope)
                continue;
            if (!qualifier || g_ascii_strcasecmp(n1_sql_table_label(table), qualifier) == 0) {
                found = candidates == 0 ? (int)i : found;
                candidates++;
            }
        }
        if (candidates > 0) {
            column.table = candidates == 1 || qualifier ? found : -1;
            return column;
        }
        if (!qualifier)
            return column;
        scope = g_array_index(r->scopes, struct n1_sql_scope, (guint)scope).parent;
    }
    return column;
}

/* The number that the database gives to a parameter: as spelled, by name at its first appearance, or the next free one. */
static int parameter_number(const char *text, const struct n1_sql_token *token, GHashTable *names, int *highest)
{
    const char *spelling = text + token->offset;
    bool is_numbered = token->length > 1 && g_ascii_isdigit(spelling[1]) && (*spelling == '?' || *spelling == '$');
    if (is_numbered) {
        long number = strtol(spelling + 1, NULL, 10);
        int bounded = (int)MIN(number, 1000000);
        *highest = MAX(*highest, bounded);
        return bounded;
    }
    if (token->length == 1)
        return ++*highest;
    char *name = g_strndup(spelling, token->length);
    gpointer known = g_hash_table_lookup(names, name);
    if (known) {
        g_free(name);
        return GPOINTER_TO_INT(known);
    }
    ++*highest;
    g_hash_table_insert(names, name, GINT_TO_POINTER(*highest));
    return *highest;
}

/* libpq takes no `?`: in PostgreSQL text it is a redacted literal. In SQLite text the mask tells. */
static bool is_literal(const struct reader *r, const struct n1_sql_role_token *t, uint64_t literal_mask)
{
    if (t->role == N1_SQL_ROLE_LITERAL)
        return true;
    if (t->token.length != 1)
        return false;
    if (r->shape->dialect == N1_SQL_POSTGRES)
        return true;
    return t->operand < 64 ? literal_mask >> t->operand & 1 : literal_mask == UINT64_MAX;
}

static void create_operands(struct reader *r, uint64_t literal_mask)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    int highest = 0, literals = 0;
    for (int i = 0; i < r->token_count && r->operands->len < N1_SQL_SHAPE_MAX_ENTRIES; i++) {
        const struct n1_sql_role_token *t = &r->tokens[i].role;
        if (r->tokens[i].operand < 0)
            continue;
        struct n1_sql_operand operand = {.column.table = -1, .offset = t->token.offset};
        if (is_literal(r, t, literal_mask)) {
            operand.source = N1_SQL_FROM_LITERAL;
            operand.number = literals++;
        } else {
            operand.source = N1_SQL_FROM_PARAMETER;
            operand.number = parameter_number(r->text, &t->token, names, &highest);
            bool is_named = t->token.length > 1 && !g_ascii_isdigit(r->text[t->token.offset + 1]);
            operand.name =
                is_named ? g_string_chunk_insert_len(r->strings, r->text + t->token.offset, (gssize)t->token.length)
                         : NULL;
        }
        g_array_append_val(r->operands, operand);
    }
    g_hash_table_destroy(names);
}

static bool is_catalogue(const struct n1_sql_table *table)
{
    static const char *const schemas[] = {"pg_catalog", "information_schema", "pg_toast"};
    for (size_t i = 0; table->schema && i < G_N_ELEMENTS(schemas); i++)
        if (g_ascii_strcasecmp(table->schema, schemas[i]) == 0)
            return true;
    /* What an ORM keeps about itself; read through its own caches. */
    static const char *const own[] = {"django_content_type", "django_migrations", "schema_migrations",
                                      "ar_internal_metadata", "alembic_version"};
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        if (g_ascii_strcasecmp(table->name, own[i]) == 0)
            return true;
    static const char *const prefixes[] = {"pg_", "sqlite_", "pragma_"};
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (g_ascii_strncasecmp(table->name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

static bool is_probe_item(const struct n1_sql_item *item)
{
    static const char *const probes[] = {
        "version", "now",     "current_setting", "set_config",      "last_insert_rowid", "changes",
        "lastval", "currval", "current_schema",  "current_schemas", "current_database",  "current_user",
        "quote" /* Django's, with DEBUG: how SQLite would write a parameter */};
    if (item->kind == N1_SQL_ITEM_OPERAND)
        return true;
    if (!item->function)
        return item->kind == N1_SQL_ITEM_COLUMN; /* current_user, session_user: words without brackets */
    if (g_str_has_prefix(item->function, "pg_") || g_str_has_prefix(item->function, "sqlite_"))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(probes); i++)
        if (strcmp(item->function, probes[i]) == 0)
            return true;
    return false;
}

static bool is_housekeeping(const struct n1_sql_shape *shape)
{
    switch (shape->verb) {
    case N1_SQL_VERB_SELECT: break;
    case N1_SQL_VERB_EMPTY:
    case N1_SQL_VERB_BEGIN:
    case N1_SQL_VERB_COMMIT:
    case N1_SQL_VERB_ROLLBACK:
    case N1_SQL_VERB_SAVEPOINT:
    case N1_SQL_VERB_RELEASE:
    case N1_SQL_VERB_ROLLBACK_TO:
    case N1_SQL_VERB_SET:
    case N1_SQL_VERB_PRAGMA:
    case N1_SQL_VERB_EXPLAIN:
    case N1_SQL_VERB_CLOSE:
    case N1_SQL_VERB_DEALLOCATE:
    case N1_SQL_VERB_LOCK: return true;
    default: return false;
    }
    int tables = 0;
    for (int i = 0; i < shape->table_count; i++) {
        if (shape->tables[i].is_subquery || shape->tables[i].is_cte)
            continue;
        if (!is_catalogue(&shape->tables[i]))
            return false;
        tables++;
    }
    bool is_probe = shape->item_count > 0;
    for (int i = 0; i < shape->item_count; i++)
        is_probe &= is_probe_item(&shape->items[i]);
    return tables > 0 || is_probe;
}

static void finish(struct reader *r, struct memory *memory)
{
    struct n1_sql_shape *shape = r->shape;
    shape->tables = (const void *)r->tables->data;
    shape->table_count = (int)r->tables->len;
    shape->items = (const void *)r->items->data;
    shape->item_count = (int)r->items->len;
    shape->predicates = (const void *)r->predicates->data;
    shape->predicate_count = (int)r->predicates->len;
    shape->operands = (const void *)r->operands->data;
    shape->operand_count = (int)r->operands->len;
    shape->assignments = (const void *)r->assignments->data;
    shape->assignment_count = (int)r->assignments->len;
    shape->scopes = (const void *)r->scopes->data;
    shape->scope_count = (int)r->scopes->len;
    GArray *arrays[] = {r->tables, r->items, r->predicates, r->operands, r->assignments, r->scopes};
    memcpy(memory->arrays, arrays, sizeof arrays);
    shape->is_housekeeping = is_housekeeping(shape);
    shape->memory = memory;
}

void n1_sql_shape_read(struct n1_sql_shape *out, enum n1_sql_dialect dialect, const char *text, size_t length,
                       uint64_t literal_mask)
{
    struct memory *memory = g_new0(struct memory, 1);
    GArray *tokens = NULL;
    memory->strings = g_string_chunk_new(256);
    *out = (struct n1_sql_shape){.dialect = dialect, .length = length, .is_understood = true};
    out->limit_operand = out->offset_operand = out->target = -1;
    out->text = g_string_chunk_insert_len(memory->strings, length ? text : "", (gssize)length);

    struct reader r = {.shape = out,
                       .text = out->text,
                       .strings = memory->strings,
                       .tables = g_array_new(FALSE, TRUE, sizeof(struct n1_sql_table)),
                       .items = g_array_new(FALSE, TRUE, sizeof(struct n1_sql_item)),
                       .predicates = g_array_new(FALSE, TRUE, sizeof(struct n1_sql_predicate)),
                       .operands = g_array_new(FALSE, TRUE, sizeof(struct n1_sql_operand)),
                       .assignments = g_array_new(FALSE, TRUE, sizeof(struct n1_sql_assignment)),
                       .scopes = g_array_new(FALSE, TRUE, sizeof(struct n1_sql_scope)),
                       .cte_names = g_ptr_array_new()};
    tokens = shape_tokens_new(dialect, out->text, length);
    r.tokens = (const void *)tokens->data;
    r.token_count = (int)tokens->len;
    create_operands(&r, literal_mask);
    struct range whole = {0, r.token_count};
    while (whole.end > whole.begin && shape_is_kind(&r, whole.end - 1, N1_SQL_SEMICOLON))
        whole.end--;
    while (whole.begin < whole.end && shape_is_kind(&r, whole.begin, N1_SQL_SEMICOLON))
        whole.begin++;
    shape_read_statement(&r, whole, shape_add_scope(&r, -1, false), true);
    finish(&r, memory);
    g_ptr_array_free(r.cte_names, TRUE);
    g_array_free(tokens, TRUE);
}

void n1_sql_shape_release(struct n1_sql_shape *shape)
{
    struct memory *memory = shape->memory;
    if (!memory)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(memory->arrays); i++)
        g_array_free(memory->arrays[i], TRUE);
    g_string_chunk_free(memory->strings);
    g_free(memory);
    *shape = (struct n1_sql_shape){0};
}

int n1_sql_shape_find_table(const struct n1_sql_shape *shape, const char *label_or_name)
{
    for (int i = 0; i < shape->table_count; i++)
        if (shape->tables[i].scope == 0 &&
            g_ascii_strcasecmp(n1_sql_table_label(&shape->tables[i]), label_or_name) == 0)
            return i;
    for (int i = 0; i < shape->table_count; i++)
        if (shape->tables[i].scope == 0 && g_ascii_strcasecmp(shape->tables[i].name, label_or_name) == 0)
            return i;
    return -1;
}

static const char *schema_of(const struct n1_sql_shape *shape, const char *table)
{
    for (int i = 0; i < shape->table_count; i++)
        if (shape->tables[i].schema && g_ascii_strcasecmp(shape->tables[i].name, table) == 0)
            return shape->tables[i].schema;
    return NULL;
}

bool n1_sql_shapes_part_by_schema(const struct n1_sql_shape *a, const struct n1_sql_shape *b, const char *table)
{
    const char *one = schema_of(a, table), *other = schema_of(b, table);
    return one && other && g_ascii_strcasecmp(one, other) != 0;
}

int n1_sql_shape_find_item(const struct n1_sql_shape *shape, int table, const char *column)
{
    int star = -1;
    for (int i = 0; i < shape->item_count; i++) {
        const struct n1_sql_item *item = &shape->items[i];
        bool is_table = table < 0 || item->column.table == table || item->column.table < 0;
        if (item->kind == N1_SQL_ITEM_COLUMN && is_table && g_ascii_strcasecmp(item->column.name, column) == 0)
            return i;
        if (item->kind == N1_SQL_ITEM_STAR && is_table && star < 0)
            star = i;
    }
    return star;
}

const char *n1_sql_verb_name(enum n1_sql_verb verb)
{
    static const char *const names[] = {
        [N1_SQL_VERB_OTHER] = "other",
        [N1_SQL_VERB_EMPTY] = "empty",
        [N1_SQL_VERB_SELECT] = "select",
        [N1_SQL_VERB_INSERT] = "insert",
        [N1_SQL_VERB_UPDATE] = "update",
        [N1_SQL_VERB_DELETE] = "delete",
        [N1_SQL_VERB_MERGE] = "merge",
        [N1_SQL_VERB_BEGIN] = "begin",
        [N1_SQL_VERB_COMMIT] = "commit",
        [N1_SQL_VERB_ROLLBACK] = "rollback",
        [N1_SQL_VERB_SAVEPOINT] = "savepoint",
        [N1_SQL_VERB_RELEASE] = "release",
        [N1_SQL_VERB_ROLLBACK_TO] = "rollback to",
        [N1_SQL_VERB_SET] = "set",
        [N1_SQL_VERB_PRAGMA] = "pragma",
        [N1_SQL_VERB_EXPLAIN] = "explain",
        [N1_SQL_VERB_DDL] = "ddl",
        [N1_SQL_VERB_DECLARE] = "declare",
        [N1_SQL_VERB_FETCH] = "fetch",
        [N1_SQL_VERB_CLOSE] = "close",
        [N1_SQL_VERB_PREPARE] = "prepare",
        [N1_SQL_VERB_EXECUTE] = "execute",
        [N1_SQL_VERB_DEALLOCATE] = "deallocate",
        [N1_SQL_VERB_COPY] = "copy",
        [N1_SQL_VERB_LOCK] = "lock",
    };
    return (size_t)verb < G_N_ELEMENTS(names) ? names[verb] : "other";
}

bool n1_sql_verb_is_write(enum n1_sql_verb verb)
{
    return verb == N1_SQL_VERB_INSERT || verb == N1_SQL_VERB_UPDATE || verb == N1_SQL_VERB_DELETE ||
           verb == N1_SQL_VERB_MERGE;
}
