#include "analyzer/gate/match.h"

#include <string.h>

#include "analyzer/gate/callpath.h"

struct matching {
    const struct n1_gate_items *items;
    const struct n1_baseline *baseline;
    struct n1_gate_pair *of_item; /* by the item's index */
    enum n1_gate_how *of_entry;   /* by the entry's index */
    GHashTable *entries_of_sql;   /* text → GArray of guint */
    GHashTable *items_of_sql;
};

static GHashTable *group(const GPtrArray *things, const char *(*sql_of)(gconstpointer))
{
    GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
    for (guint i = 0; i < things->len; i++) {
        const char *sql = sql_of(g_ptr_array_index(things, i));
        GArray *list = g_hash_table_lookup(groups, sql);
        if (!list) {
            list = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(groups, (gpointer)(uintptr_t)sql, list);
        }
        g_array_append_val(list, i);
    }
    return groups;
}

static const char *sql_of_item(gconstpointer item)
{
    return ((const struct n1_gate_item *)item)->sql;
}

static const char *sql_of_entry(gconstpointer entry)
{
    return ((const struct n1_gate_entry *)entry)->sql;
}

static const struct n1_gate_item *item_at(const struct matching *m, guint i)
{
    return g_ptr_array_index(m->items->item, i);
}

static struct n1_gate_entry *entry_at(const struct matching *m, guint i)
{
    return g_ptr_array_index(m->baseline->entry, i);
}

static bool are_related(const struct n1_gate_item *item, const struct n1_gate_entry *entry)
{
    return n1_gate_is_outer(entry->path, item->path) || n1_gate_is_outer(item->path, entry->path);
}

static bool did_run(const struct matching *m, const char *sql)
{
    uint64_t rows;
    return sql && n1_gate_items_ran(m->items, sql, &rows);
}

static bool is_exact(const struct matching *m, const struct n1_gate_item *item, const struct n1_gate_entry *entry)
{
    (void)m;
    return strcmp(item->id, entry->id) == 0;
}

static bool is_near(const struct matching *m, const struct n1_gate_item *item, const struct n1_gate_entry *entry)
{
    (void)m;
    bool is_write = (item->kinds >> N1_KIND_WRITE_LOOP & 1) != 0 && entry->form == N1_FORM_WRITTEN;
    bool same_loop =
        item->form == N1_FORM_PER_ROW && entry->form == N1_FORM_PER_ROW && g_strcmp0(item->parent, entry->parent) == 0;
    bool both_written = item->form == N1_FORM_WRITTEN && entry->form == N1_FORM_WRITTEN;
    return (is_write || same_loop || both_written) && are_related(item, entry);
}

static bool has_changed_parent(const struct matching *m, const struct n1_gate_item *item,
                               const struct n1_gate_entry *entry)
{
    return item->form == N1_FORM_PER_ROW && entry->form == N1_FORM_PER_ROW && are_related(item, entry) &&
           !did_run(m, entry->parent);
}

static bool is_small(const struct matching *m, const struct n1_gate_item *item, const struct n1_gate_entry *entry)
{
    (void)m;
    return item->form != N1_FORM_PER_ROW && entry->form != N1_FORM_COUNT && are_related(item, entry);
}

static bool has_other_form(const struct matching *m, const struct n1_gate_item *item, const struct n1_gate_entry *entry)
{
    (void)m;
    return item->form == N1_FORM_PER_ROW && entry->form == N1_FORM_COUNT && are_related(item, entry);
}

/* In this order. shares: several items may have the one entry. */
static const struct {
    enum n1_gate_how how;
    bool shares;
    bool (*fits)(const struct matching *m, const struct n1_gate_item *item, const struct n1_gate_entry *entry);
} steps[] = {
    {N1_MATCH_EXACT, false, is_exact},
    {N1_MATCH_NEAR, false, is_near},
    {N1_MATCH_PARENT, false, has_changed_parent},
    {N1_MATCH_SMALL, true, is_small},
    {N1_MATCH_FORM, true, has_other_form},
};

static void take_step(struct matching *m, size_t step)
{
    for (guint i = 0; i < m->items->item->len; i++) {
        const struct n1_gate_item *item = item_at(m, i);
        const GArray *list = g_hash_table_lookup(m->entries_of_sql, item->sql);
        for (guint k = 0; list && k < list->len && !m->of_item[i].entry; k++) {
            guint e = g_array_index(list, guint, k);
            bool is_free = m->of_entry[e] == N1_MATCH_NONE || (steps[step].shares && m->of_entry[e] == steps[step].how);
            if (!is_free || !steps[step].fits(m, item, entry_at(m, e)))
                continue;
            m->of_item[i] = (struct n1_gate_pair){item, entry_at(m, e), steps[step].how};
            m->of_entry[e] = steps[step].how;
        }
    }
}

/* The only one in the list that is without a partner, or -1. */
static gint64 only_item(const struct matching *m, const GArray *list)
{
    gint64 found = -1;
    for (guint k = 0; list && k < list->len; k++) {
        guint i = g_array_index(list, guint, k);
        if (m->of_item[i].entry)
            continue;
        if (found >= 0)
            return -1;
        found = i;
    }
    return found;
}

static gint64 only_entry(const struct matching *m, const GArray *list)
{
    gint64 found = -1;
    for (guint k = 0; list && k < list->len; k++) {
        guint e = g_array_index(list, guint, k);
        if (m->of_entry[e] != N1_MATCH_NONE)
            continue;
        if (found >= 0)
            return -1;
        found = e;
    }
    return found;
}

static void find_renamed(struct matching *m)
{
    for (guint e = 0; e < m->baseline->entry->len; e++) {
        struct n1_gate_entry *entry = entry_at(m, e);
        gint64 i = only_item(m, g_hash_table_lookup(m->items_of_sql, entry->sql));
        if (m->of_entry[e] != N1_MATCH_NONE || i < 0 ||
            only_entry(m, g_hash_table_lookup(m->entries_of_sql, entry->sql)) != e)
            continue;
        const struct n1_gate_item *item = item_at(m, (guint)i);
        bool same_parent = g_strcmp0(item->parent, entry->parent) == 0 || !did_run(m, entry->parent);
        bool is_loop_now = item->form == N1_FORM_PER_ROW, was_loop = entry->form == N1_FORM_PER_ROW;
        if (is_loop_now && (!was_loop || !same_parent))
            continue;
        m->of_item[i] = (struct n1_gate_pair){item, entry, N1_MATCH_RENAMED};
        m->of_entry[e] = N1_MATCH_RENAMED;
    }
}

GArray *n1_gate_match(const struct n1_gate_items *items, const struct n1_baseline *baseline)
{
    struct matching m = {
        .items = items,
        .baseline = baseline,
        .of_item = g_new0(struct n1_gate_pair, items->item->len + 1),
        .of_entry = g_new0(enum n1_gate_how, baseline->entry->len + 1),
        .entries_of_sql = group(baseline->entry, sql_of_entry),
        .items_of_sql = group(items->item, sql_of_item),
    };
    GArray *pairs = g_array_new(FALSE, TRUE, sizeof(struct n1_gate_pair));
    for (size_t step = 0; step < G_N_ELEMENTS(steps); step++)
        take_step(&m, step);
    find_renamed(&m);
    for (guint i = 0; i < items->item->len; i++) {
        m.of_item[i].item = item_at(&m, i);
        g_array_append_val(pairs, m.of_item[i]);
    }
    for (guint e = 0; e < baseline->entry->len; e++) {
        struct n1_gate_pair stale = {.entry = entry_at(&m, e)};
        if (m.of_entry[e] == N1_MATCH_NONE)
            g_array_append_val(pairs, stale);
    }
    g_hash_table_destroy(m.entries_of_sql);
    g_hash_table_destroy(m.items_of_sql);
    g_free(m.of_item);
    g_free(m.of_entry);
    return pairs;
}
