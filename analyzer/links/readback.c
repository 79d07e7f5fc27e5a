#include "analyzer/links/readback.h"

#include <string.h>

#include "analyzer/links/names.h"
#include "analyzer/links/value_index.h"

void n1_row_gather(struct n1_row *row, const struct n1_event *ev)
{
    enum { STRIDE = 4 }; /* long lists: most cells are of other rows */
    const struct n1_event_cell *cell = ev->cells, *end = ev->cells + ev->n_cells;
    while (cell < end && row->count < N1_ROW_CELLS) {
        if (end - cell > STRIDE && (cell[0].row != 0) & (cell[1].row != 0) & (cell[2].row != 0) & (cell[3].row != 0))
            cell += STRIDE;
        else if (cell++->row == 0)
            row->cell[row->count++] = cell[-1];
    }
}

struct n1_readback {
    GArray *reader; /* of each thread */
};

struct n1_readback *n1_readback_new(void)
{
    struct n1_readback *r = g_new0(struct n1_readback, 1);
    r->reader = g_array_new(FALSE, TRUE, sizeof(struct n1_reader));
    return r;
}

void n1_readback_free(struct n1_readback *r)
{
    if (r == NULL)
        return;
    g_array_unref(r->reader);
    g_free(r);
}

static bool is_number(uint8_t kind)
{
    return kind == N1_VALUE_INTEGER || kind == N1_VALUE_FLOAT;
}

/* A state, a date and a reference are set, not computed from what they were. */
static bool is_computed_by_name(const char *table, const char *column)
{
    static const char *const set[] = {"status",  "state", "type",    "kind",     "flag", "active",
                                      "enabled", "done",  "deleted", "position", "rank"};
    for (size_t i = 0; i < G_N_ELEMENTS(set); i++) {
        if (g_ascii_strcasecmp(column, set[i]) == 0)
            return false;
    }
    return !n1_name_is_own_key(table, column) && !n1_name_is_reference(table, column) &&
           !g_str_has_prefix(column, "is_") && !g_str_has_prefix(column, "has_") && !g_str_has_suffix(column, "_at") &&
           !g_str_has_suffix(column, "_on") && !g_str_has_suffix(column, "_date") && !g_str_has_suffix(column, "_time");
}

static const struct n1_value *operand_value(const struct n1_query_text *text, const struct n1_event *ev, int operand)
{
    if (operand < 0 || operand >= text->shape.operand_count)
        return NULL;
    const struct n1_sql_operand *o = &text->shape.operands[operand];
    uint32_t at =
        o->source == N1_SQL_FROM_LITERAL ? ev->n_bound + (uint32_t)o->number : (uint32_t)MAX(o->number, 1) - 1;
    return at < ev->n_bound + ev->n_literals ? &ev->params[at] : NULL;
}

/* The cell of row 0 that came from a column of a table, or NULL. */
static const struct n1_event_cell *cell_of(const struct n1_step *read, const struct n1_row *first, const char *table,
                                           const char *column)
{
    for (uint32_t i = 0; i < first->count; i++) {
        struct n1_result_column c = n1_step_column(read, first->cell[i].column);
        if (!c.is_computed && n1_name_equal(c.column, column) && (*c.table == '\0' || n1_name_equal(c.table, table)))
            return &first->cell[i];
    }
    return NULL;
}

static bool is_of_row(const struct n1_step *read, const struct n1_row *first, const char *table,
                      const struct n1_lookup_key *key, uint64_t hash)
{
    for (uint8_t i = 0; i < read->n_own; i++) {
        if (read->own[i] == hash && read->rows <= 1)
            return true;
    }
    const struct n1_event_cell *cell = cell_of(read, first, table, key->column);
    return cell != NULL && cell->hash == hash;
}

/* The row of a list where the key was found, or -1. */
static int64_t row_of_list(const struct n1_provenance *p, const struct n1_step *read, const char *table,
                           const struct n1_lookup_key *key, uint64_t hash)
{
    if (read->rows <= 1)
        return -1;
    for (const struct n1_place *at = n1_value_index_first(&p->lists, hash); at != NULL;
         at = n1_value_index_older(&p->lists, at)) {
        if (at->serial != (uint32_t)read->serial)
            continue;
        struct n1_result_column c = n1_step_column(read, at->column);
        if (!c.is_computed && n1_name_equal(c.column, key->column) &&
            (*c.table == '\0' || n1_name_equal(c.table, table)))
            return at->first_row;
    }
    return -1;
}

/* Whether a row of a list holds a value in some column: then that value was not computed. */
static bool list_holds(const struct n1_provenance *p, const struct n1_step *read, int64_t row, uint64_t hash)
{
    for (const struct n1_place *at = n1_value_index_first(&p->lists, hash); at != NULL;
         at = n1_value_index_older(&p->lists, at)) {
        if (at->serial == (uint32_t)read->serial && row >= at->first_row && row <= at->last_row)
            return true;
    }
    return false;
}

/* WHERE version = ?, WHERE stock = ?: the write only happens when nothing changed. */
static bool is_guarded(const struct n1_step *write, const struct n1_step *read, const struct n1_row *first,
                       const char *table, const struct n1_event *ev, const struct n1_lookup_key *row_key)
{
    for (uint32_t i = 0; i < write->text->n_keys; i++) {
        const struct n1_lookup_key *key = &write->text->key[i];
        int at = n1_lookup_key_index(key, ev->n_bound, ev->n_bound + ev->n_literals);
        const struct n1_event_cell *old = cell_of(read, first, table, key->column);
        if (key != row_key && at >= 0 && old != NULL && old->hash == ev->params[at].hash)
            return true;
    }
    return false;
}

/* SET year = 1971 WHERE year = 1970: who was changed in between is passed over. */
static bool is_asked_for(const struct n1_query_text *text, const char *column)
{
    for (uint32_t i = 0; i < text->n_keys; i++) {
        if (text->key[i].op == N1_SQL_OP_EQ && n1_name_equal(text->key[i].column, column))
            return true;
    }
    return false;
}

/* row: of the list that was read, or -1: the one row. Of a list only row 0 is remembered whole: it tells the column's kind; what
 * the row itself held is asked of the value index. */
static void compare(const struct n1_provenance *p, const struct n1_step *write, const struct n1_step *read,
                    const struct n1_row *first, int64_t row, const char *table, const struct n1_event *ev)
{
    const struct n1_sql_shape *shape = &write->text->shape;
    for (int i = 0; i < shape->assignment_count; i++) {
        const struct n1_sql_assignment *a = &shape->assignments[i];
        const char *column = a->column.name;
        if (a->rhs != N1_SQL_RHS_OPERAND || a->uses_own_column || column == NULL ||
            !is_computed_by_name(table, column) || is_asked_for(write->text, column))
            continue;
        const struct n1_value *fresh = operand_value(write->text, ev, a->operand);
        const struct n1_event_cell *old = cell_of(read, first, table, column);
        if (fresh == NULL || old == NULL || !is_number(fresh->kind) || !is_number(old->kind) ||
            (row < 1 && fresh->hash == old->hash) || (row >= 1 && list_holds(p, read, row, fresh->hash)))
            continue;
        struct n1_readback_totals *t = &write->site->readback;
        t->has_other_fresh |= t->executions > 0 && t->fresh != fresh->hash;
        t->fresh = fresh->hash;
        t->executions++;
        t->time_ns += ev->duration_ns;
        if (t->last_read != read->serial) {
            t->reads++;
            t->read_ns += read->end_ns - MIN(read->start_ns, read->end_ns);
            t->last_read = read->serial;
        }
        t->reader = read->site;
        if (t->column == NULL)
            t->column = column;
        return;
    }
}

/* What was read stays as it is until the write: locked, or read inside the transaction of a database that lets one writer in at
 * a time (SQLite: nobody commits while a reader may still write, or the writer is refused). */
static bool is_kept(const struct n1_reader *reader, const struct n1_step *read)
{
    return read->text->shape.is_locking || (read->text->shape.dialect == N1_SQL_SQLITE && reader->is_in_transaction &&
                                            read->serial > reader->transaction_serial);
}

static void on_update(const struct n1_reader *reader, const struct n1_provenance *p, const struct n1_step *write,
                      const struct n1_event *ev)
{
    const struct n1_query_text *text = write->text;
    if (text->n_keys == 0 || text->shape.target < 0 || ev->error != 0 || text->longest_list > 1)
        return;
    const char *table = text->shape.tables[text->shape.target].name;
    const struct n1_lookup_key *key = &text->key[0];
    int at = n1_lookup_key_index(key, ev->n_bound, ev->n_bound + ev->n_literals);
    bool is_one_row = key->op == N1_SQL_OP_EQ || key->op == N1_SQL_OP_IN; /* IN (?): one key in disguise */
    if (at < 0 || !is_one_row || !n1_kind_is_evidence(ev->params[at].kind))
        return;
    uint64_t hash = ev->params[at].hash;
    for (uint32_t i = 1; i <= N1_READS; i++) {
        const struct n1_read *of = &reader->read[(reader->next + N1_READS - i) % N1_READS];
        const struct n1_step *read = of->serial == 0 ? NULL : n1_executions_at(&p->executions, of->slot, of->serial);
        if (read == NULL || n1_sql_shapes_part_by_schema(&read->text->shape, &text->shape, table))
            continue;
        int64_t row = is_of_row(read, &of->first, table, key, hash) ? 0 : row_of_list(p, read, table, key, hash);
        if (row < 0)
            continue;
        if (!is_kept(reader, read) && !is_guarded(write, read, &of->first, table, ev, key))
            compare(p, write, read, &of->first, row, table, ev);
        return;
    }
}

static bool keeps_others_out(const struct n1_sql_shape *begin)
{
    char *upper = g_ascii_strup(begin->text, (gssize)begin->length);
    bool keeps = strstr(upper, "IMMEDIATE") != NULL || strstr(upper, "EXCLUSIVE") != NULL ||
                 strstr(upper, "SERIALIZABLE") != NULL;
    g_free(upper);
    return keeps;
}

static void note(struct n1_reader *reader, const struct n1_step *e, const struct n1_event *ev,
                 const struct n1_row *first)
{
    if ((first != NULL ? first->count : ev->n_cells) == 0)
        return;
    struct n1_read *read = n1_reader_next(reader, e);
    if (first != NULL)
        read->first = *first;
    else
        n1_row_gather(&read->first, ev);
}

struct n1_reader *n1_readback_reader(struct n1_readback *r, uint32_t thread)
{
    if (thread >= r->reader->len)
        g_array_set_size(r->reader, thread + 1);
    return &g_array_index(r->reader, struct n1_reader, thread);
}

void n1_readback_execution(struct n1_readback *r, const struct n1_provenance *p, const struct n1_step *e,
                           const struct n1_event *ev, const struct n1_row *first)
{
    struct n1_reader *reader = n1_readback_reader(r, e->thread);
    switch (e->text->shape.verb) {
    case N1_SQL_VERB_BEGIN:
        reader->is_exclusive = keeps_others_out(&e->text->shape);
        reader->is_in_transaction = true;
        reader->transaction_serial = e->serial;
        break;
    case N1_SQL_VERB_COMMIT:
    case N1_SQL_VERB_ROLLBACK: reader->is_exclusive = reader->is_in_transaction = false; break;
    case N1_SQL_VERB_UPDATE:
        if (!reader->is_exclusive)
            on_update(reader, p, e, ev);
        break;
    case N1_SQL_VERB_SELECT:
        if (!e->site->stmt->is_housekeeping)
            note(reader, e, ev, first);
        break;
    default: break;
    }
}
