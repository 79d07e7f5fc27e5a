/* A value for a person: rows as a table, everything else as Python would print it. */
#include "orm/shell/shell.h"

enum { MAX_WIDTH = 40, MAX_ROWS = 1000 };

struct grid {
    struct orm_arena *arena;
    const char **cells; /* n_rows lines of n_columns; line 0 is the head */
    size_t *widths;
    size_t n_columns, n_rows;
};

/* Characters, not bytes: continuation bytes have no width. */
static size_t width_of(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

/* One line of at most MAX_WIDTH characters. */
static const char *cut(struct orm_arena *a, const char *s)
{
    struct orm_buf b = {.arena = a};
    orm_put(&b, "");
    size_t n = 0;
    for (; *s; s++) {
        bool begins = ((unsigned char)*s & 0xC0) != 0x80;
        if (begins && ++n > MAX_WIDTH) {
            orm_put(&b, "…");
            break;
        }
        orm_put_n(&b, (unsigned char)*s < 0x20 ? " " : s, 1);
    }
    return b.p;
}

static void put_cell(struct grid *g, size_t row, size_t column, const char *text)
{
    text = cut(g->arena, text);
    g->cells[row * g->n_columns + column] = text;
    size_t w = width_of(text);
    if (w > g->widths[column])
        g->widths[column] = w;
}

static const char *name_of_column(const struct shell_value *v, size_t i)
{
    if (v->kind == SHELL_RECORD)
        return v->rec->names[i];
    const struct orm_meta *m = v->row->state->meta;
    return i < m->n_columns ? m->columns[i]->attname : v->row->state->extras->names[i - m->n_columns];
}

static void read_cell(const struct shell_value *v, size_t i, orm_val *out)
{
    if (v->kind == SHELL_RECORD) {
        *out = v->rec->vals[i];
        return;
    }
    const struct orm_meta *m = v->row->state->meta;
    if (i < m->n_columns)
        shell_member(v->row, m->columns[i], out);
    else
        *out = v->row->state->extras->vals[i - m->n_columns];
}

static size_t columns_of(const struct shell_value *v)
{
    if (v->kind == SHELL_RECORD)
        return v->rec->n;
    return v->row->state->meta->n_columns + (v->row->state->extras ? v->row->state->extras->n : 0);
}

static void put_grid(struct orm_buf *b, const struct grid *g)
{
    for (size_t r = 0; r < g->n_rows; r++) {
        for (size_t c = 0; c < g->n_columns; c++) {
            const char *text = g->cells[r * g->n_columns + c];
            size_t pad = c + 1 < g->n_columns ? g->widths[c] - width_of(text) : 0;
            orm_putf(b, "%s%s%*s", c ? "  " : "", text, (int)pad, "");
        }
        orm_put(b, "\n");
        for (size_t c = 0; r == 0 && c < g->n_columns; c++) {
            orm_put(b, c ? "  " : "");
            for (size_t k = 0; k < g->widths[c]; k++)
                orm_put(b, "─");
        }
        orm_put(b, r == 0 ? "\n" : "");
    }
}

static void put_rows(struct orm_buf *b, const struct shell_value *rows, size_t n)
{
    struct grid g = {.arena = b->arena, .n_columns = n ? columns_of(&rows[0]) : 0};
    g.n_rows = (n < MAX_ROWS ? n : MAX_ROWS) + 1;
    g.cells = ORM_NEW_N(b->arena, const char *, g.n_rows *g.n_columns);
    g.widths = ORM_NEW_N(b->arena, size_t, g.n_columns);
    for (size_t c = 0; c < g.n_columns; c++)
        put_cell(&g, 0, c, name_of_column(&rows[0], c));
    for (size_t r = 1; r < g.n_rows; r++) {
        for (size_t c = 0; c < g.n_columns; c++) {
            orm_val v;
            read_cell(&rows[r - 1], c, &v);
            put_cell(&g, r, c, shell_text_of(b->arena, &v));
        }
    }
    if (n)
        put_grid(b, &g);
    orm_putf(b, "(%zu row%s", n, n == 1 ? "" : "s");
    if (n > MAX_ROWS)
        orm_putf(b, ", the first %d shown", MAX_ROWS);
    orm_put(b, ")\n");
}

bool shell_put_table(struct shell *s, struct orm_buf *b, const struct shell_value *v)
{
    if (v->kind == SHELL_NOTHING)
        return true;
    if (v->kind == SHELL_OBJECT || (v->kind == SHELL_RECORD && !v->is_flat)) {
        put_rows(b, v, 1);
        return true;
    }
    if (v->kind == SHELL_QS || v->kind == SHELL_RELATED) {
        struct orm_result *r = orm_evaluate(v->qs);
        if (!r)
            return false;
        struct shell_value *rows = ORM_NEW_N(b->arena, struct shell_value, r->n);
        for (size_t i = 0; i < r->n; i++)
            rows[i] = shell_row_of(v->qs, r, i);
        put_rows(b, rows, r->n);
        return true;
    }
    for (size_t i = 0; v->is_printed && i < v->n; i++)
        orm_putf(b, "%s\n", v->items[i].scalar.u.s);
    if (v->is_printed)
        return true;
    struct orm_buf json = {.arena = b->arena};
    if (!shell_put_json(s, &json, v))
        return false;
    const char *text = v->kind == SHELL_SCALAR ? shell_text_of(b->arena, &v->scalar) : strchr(json.p, ' ') + 1;
    orm_putf(b, "%s\n", text);
    return true;
}
