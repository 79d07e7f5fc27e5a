#include "analyzer/gate/items.h"

#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "analyzer/gate/callpath.h"
#include "analyzer/gate/housekeeping.h"

void n1_gate_id(char id[17], const char *path, const char *sql, const char *parent)
{
    XXH64_hash_t hash = XXH3_64bits_withSeed(path, strlen(path), 1);
    hash = XXH3_64bits_withSeed(sql, strlen(sql), hash);
    if (parent)
        hash = XXH3_64bits_withSeed(parent, strlen(parent), hash);
    g_snprintf(id, 17, "%016" PRIx64, (uint64_t)hash);
}

int n1_gate_order(const char *path_a, const char *sql_a, const char *parent_a, const char *path_b, const char *sql_b,
                  const char *parent_b)
{
    int order = strcmp(path_a, path_b);
    if (order == 0)
        order = strcmp(sql_a, sql_b);
    return order != 0 ? order : g_strcmp0(parent_a, parent_b);
}

static int in_order(gconstpointer x, gconstpointer y)
{
    const struct n1_gate_item *a = *(struct n1_gate_item *const *)x, *b = *(struct n1_gate_item *const *)y;
    return n1_gate_order(a->path, a->sql, a->parent, b->path, b->sql, b->parent);
}

/* What is known of one query while its paths are looked at. */
struct query_facts {
    bool is_housekeeping, is_insert;
};

static bool is_loop(const struct n1_finding *f)
{
    return f->kind == N1_KIND_N_PLUS_ONE || f->kind == N1_KIND_WRITE_LOOP;
}

static const char *text(const char *sql)
{
    return sql ? sql : "";
}

/* What the baseline can hold: UTF-8 without control characters but newline, tab and the separator of paths. In place, or a copy
 * that takes its place. */
static char *clean(char *words)
{
    if (!g_utf8_validate(words, -1, NULL)) {
        char *valid = g_utf8_make_valid(words, -1);
        g_free(words);
        words = valid;
    }
    for (char *p = words; *p; p++)
        if (((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t' && *p != N1_GATE_SEPARATOR) || *p == 0x7f)
            *p = ' ';
    return words;
}

/* Takes path. */
static struct n1_gate_item *get(struct n1_gate_items *items, char *path, const char *given_sql,
                                const char *given_parent)
{
    char id[17], *sql = clean(g_strdup(given_sql)), *parent = given_parent ? clean(g_strdup(given_parent)) : NULL;
    path = clean(path);
    n1_gate_id(id, path, sql, parent);
    struct n1_gate_item *item = g_hash_table_lookup(items->by_id, id);
    if (!item) {
        item = g_new0(struct n1_gate_item, 1);
        memcpy(item->id, id, sizeof id);
        item->path = g_string_chunk_insert_const(items->strings, path);
        item->sql = g_string_chunk_insert_const(items->strings, sql);
        item->parent = parent ? g_string_chunk_insert_const(items->strings, parent) : NULL;
        g_hash_table_insert(items->by_id, item->id, item);
        g_ptr_array_add(items->item, item);
    }
    g_free(path);
    g_free(sql);
    g_free(parent);
    return item;
}

static void about(struct n1_gate_item *item, const struct n1_finding *f)
{
    item->kinds |= 1U << f->kind;
    if (item->finding)
        return;
    item->finding = f;
    item->where = f->child.location;
}

/* Two loops of one function over the same parent walk the same rows; over different parents they walk more. */
static void add_parent_rows(struct n1_gate_items *items, struct n1_gate_item *item, const struct n1_finding *f)
{
    char *key =
        g_strdup_printf("%s %p %016" PRIx64, item->id, (const void *)f->parent.stack.frame, f->parent.fingerprint);
    uint64_t *known = g_hash_table_lookup(items->loop_rows, key);
    if (!known) {
        known = g_new0(uint64_t, 1);
        g_hash_table_insert(items->loop_rows, key, known);
    } else
        g_free(key);
    if (f->evidence.parent_rows > *known) {
        item->parent_rows += f->evidence.parent_rows - *known;
        *known = f->evidence.parent_rows;
    }
}

static void add_loop(struct n1_gate_items *items, const struct n1_finding *f)
{
    bool has_rows = f->has_parent && f->evidence.parent_rows > 0;
    struct n1_gate_item *item = get(items, n1_gate_callpath_from(&f->child.stack, &f->child.location),
                                    text(f->child.sql), has_rows ? text(f->parent.sql) : NULL);
    item->form = has_rows ? N1_FORM_PER_ROW : N1_FORM_WRITTEN;
    item->executions += f->evidence.executions;
    if (has_rows)
        add_parent_rows(items, item, f);
    about(item, f);
}

/* The finding whose loop the path belongs to, or which says that nobody shall look there. */
static const struct n1_finding *owner(const struct n1_report *report, uint64_t fingerprint,
                                      const struct n1_stack *stack)
{
    for (size_t i = 0; i < report->n_findings; i++) {
        const struct n1_finding *f = &report->finding[i];
        bool owns = is_loop(f) || (f->is_suppressed && f->kind != N1_KIND_READ_MODIFY_WRITE);
        if (owns && f->child.fingerprint == fingerprint && n1_gate_passes(stack, &f->child.location))
            return f;
    }
    return NULL;
}

static void count_path(struct n1_gate_items *items, const struct n1_report *report, const struct n1_path *path,
                       const struct query_facts *facts)
{
    const struct n1_statement *s = &report->query[path->query].statement;
    if (facts->is_housekeeping || n1_stack_is_migration(&path->stack)) {
        items->housekeeping += path->executions;
        return;
    }
    const struct n1_finding *loop = owner(report, s->fingerprint, &path->stack);
    if (loop && !items->is_plain)
        return;
    struct n1_gate_item *item = get(items, n1_gate_callpath(&path->stack), text(s->sql), NULL);
    item->executions += path->executions;
    item->rows += path->rows;
    item->is_batch |= s->is_batch;
    if (facts->is_insert && (item->executions > 1 || item->is_batch))
        item->form = N1_FORM_WRITTEN;
    if (loop)
        about(item, loop);
    if (!item->where.function && !item->where.file)
        item->where = n1_gate_place(&path->stack);
}

/* A finding that is no loop of rows: said of the counted items that it is about, or of an item of its own. */
static void annotate(struct n1_gate_items *items, const struct n1_report *report, const struct n1_finding *f)
{
    bool found = false;
    for (size_t i = 0; i < report->n_paths; i++) {
        const struct n1_path *path = &report->path[i];
        if (path->query >= report->n_queries ||
            report->query[path->query].statement.fingerprint != f->child.fingerprint ||
            !n1_gate_passes(&path->stack, &f->child.location))
            continue;
        char id[17], *names = n1_gate_callpath(&path->stack);
        n1_gate_id(id, names, text(f->child.sql), NULL);
        g_free(names);
        struct n1_gate_item *item = n1_gate_items_find(items, id);
        if (item)
            about(item, f);
        found |= item != NULL;
    }
    if (found)
        return;
    struct n1_gate_item *item =
        get(items, n1_gate_callpath_from(&f->child.stack, &f->child.location), text(f->child.sql), NULL);
    if (item->executions == 0)
        item->executions = f->evidence.executions;
    about(item, f);
}

static void add_rows_of_sql(struct n1_gate_items *items, const struct n1_statement *s)
{
    uint64_t *rows = g_hash_table_lookup(items->rows_of_sql, text(s->sql));
    if (!rows) {
        rows = g_new0(uint64_t, 1);
        g_hash_table_insert(items->rows_of_sql, g_string_chunk_insert_const(items->strings, text(s->sql)), rows);
    }
    *rows += s->rows;
}

static void add_report(struct n1_gate_items *items, const struct n1_report *report)
{
    struct query_facts *facts = g_new0(struct query_facts, report->n_queries + 1);
    items->statements += report->totals.statements;
    for (size_t i = 0; i < report->n_queries; i++) {
        const struct n1_statement *s = &report->query[i].statement;
        facts[i].is_housekeeping = n1_gate_housekeeping(s->sql, s->dialect) != NULL;
        facts[i].is_insert = n1_gate_is_insert(s->sql, s->dialect);
        add_rows_of_sql(items, s);
    }
    for (size_t i = 0; i < report->n_findings; i++) {
        const struct n1_finding *f = &report->finding[i];
        if (f->is_suppressed)
            g_ptr_array_add(items->suppressed, (gpointer)(uintptr_t)f);
        else if (is_loop(f) && !items->is_plain && !n1_stack_is_migration(&f->child.stack))
            add_loop(items, f);
    }
    for (size_t i = 0; i < report->n_paths; i++)
        if (report->path[i].query < report->n_queries)
            count_path(items, report, &report->path[i], &facts[report->path[i].query]);
    for (size_t i = 0; i < report->n_findings; i++) {
        const struct n1_finding *f = &report->finding[i];
        if (!f->is_suppressed && !is_loop(f) && !n1_stack_is_migration(&f->child.stack))
            annotate(items, report, f);
    }
    g_free(facts);
}

static struct n1_gate_items *new_items(const struct n1_report *const *reports, size_t count, bool is_plain)
{
    struct n1_gate_items *items = g_new0(struct n1_gate_items, 1);
    items->is_plain = is_plain;
    items->item = g_ptr_array_new_with_free_func(g_free);
    items->suppressed = g_ptr_array_new();
    items->strings = g_string_chunk_new(4096);
    items->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    items->rows_of_sql = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    items->loop_rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (size_t i = 0; i < count; i++)
        add_report(items, reports[i]);
    g_ptr_array_sort(items->item, in_order);
    return items;
}

struct n1_gate_items *n1_gate_items_new(const struct n1_report *const *reports, size_t count)
{
    return new_items(reports, count, false);
}

struct n1_gate_items *n1_gate_counts_new(const struct n1_report *const *reports, size_t count)
{
    return new_items(reports, count, true);
}

void n1_gate_items_free(struct n1_gate_items *items)
{
    if (!items)
        return;
    g_hash_table_destroy(items->by_id);
    g_hash_table_destroy(items->rows_of_sql);
    g_hash_table_destroy(items->loop_rows);
    g_ptr_array_free(items->item, TRUE);
    g_ptr_array_free(items->suppressed, TRUE);
    g_string_chunk_free(items->strings);
    g_free(items);
}

struct n1_gate_item *n1_gate_items_find(const struct n1_gate_items *items, const char *id)
{
    return g_hash_table_lookup(items->by_id, id);
}

bool n1_gate_items_ran(const struct n1_gate_items *items, const char *sql, uint64_t *rows)
{
    const uint64_t *known = g_hash_table_lookup(items->rows_of_sql, sql);
    *rows = known ? *known : 0;
    return known != NULL;
}
