#include "analyzer/intake/executions.h"

#include <glib.h>
#include <string.h>

#include "analyzer/pages.h"

static size_t slots_bytes(const struct n1_executions *window)
{
    return ((size_t)window->lists + window->singles) * sizeof *window->slot;
}

void n1_executions_init(struct n1_executions *window, uint32_t lists, uint32_t singles)
{
    *window =
        (struct n1_executions){.lists = CLAMP(lists, 2, N1_WINDOW_MAX), .singles = CLAMP(singles, 2, N1_WINDOW_MAX)};
    window->slot = n1_pages_new(slots_bytes(window));
    window->brief = g_new0(struct n1_brief, (gsize)window->lists + window->singles);
}

void n1_executions_release(struct n1_executions *window)
{
    n1_pages_free(window->slot, slots_bytes(window));
    g_free(window->brief);
    *window = (struct n1_executions){0};
}

/* How many useful or open executions the hand passes over before it takes one all the same. */
enum { PATIENCE = 64 };

uint32_t n1_executions_pass_over(struct n1_executions *window, bool is_list)
{
    const uint32_t base = is_list ? 0 : window->lists, size = is_list ? window->lists : window->singles;
    uint32_t at = base + window->hand[is_list];
    for (int tries = 0; tries < PATIENCE && n1_step_is_kept(&window->slot[at]); tries++) {
        window->slot[at].was_useful = false;
        at = at + 1 == base + size ? base : at + 1;
    }
    return at;
}

struct n1_step *n1_executions_at(const struct n1_executions *window, uint32_t slot, uint64_t serial)
{
    struct n1_step *e = &window->slot[slot];
    return e->serial == serial ? e : NULL;
}

/* The select item that a result column is, when no star before it shifts the numbers. */
static const struct n1_sql_item *item_at(const struct n1_sql_shape *shape, uint16_t column)
{
    for (int i = 0; i < shape->item_count && i <= column; i++) {
        if (shape->items[i].kind == N1_SQL_ITEM_STAR)
            return NULL;
    }
    return column < shape->item_count ? &shape->items[column] : NULL;
}

static const char *only_table(const struct n1_sql_shape *shape)
{
    const char *found = "";
    for (int i = 0; i < shape->table_count; i++) {
        const struct n1_sql_table *t = &shape->tables[i];
        if (t->depth > 0)
            continue;
        if (*found != '\0' || t->is_subquery || t->is_function || t->is_cte)
            return "";
        found = t->name;
    }
    return found;
}

struct n1_result_column n1_step_column(const struct n1_step *e, uint16_t column)
{
    struct n1_result_column r = {"", "", "", false};
    const struct n1_sql_shape *shape = &e->text->shape;
    const struct n1_sql_item *item = item_at(shape, column);
    if (e->columns != NULL && column < e->columns->count) {
        const struct n1_column *c = &e->columns->column[column];
        r.output = c->name != NULL ? c->name : "";
        r.table = c->table != NULL ? c->table : "";
        r.column = c->origin != NULL ? c->origin : "";
    }
    if (item != NULL) {
        if (*r.output == '\0' && item->output_name != NULL)
            r.output = item->output_name;
        r.is_computed = item->kind != N1_SQL_ITEM_COLUMN;
        if (*r.column == '\0' && item->kind == N1_SQL_ITEM_COLUMN && item->column.name != NULL)
            r.column = item->column.name;
        if (*r.table == '\0' && item->kind == N1_SQL_ITEM_COLUMN && item->column.table >= 0)
            r.table = shape->tables[item->column.table].name;
    }
    if (*r.column == '\0' && !r.is_computed)
        r.column = r.output;
    if (*r.table == '\0' && !r.is_computed)
        r.table = only_table(shape);
    return r;
}
