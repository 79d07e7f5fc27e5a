/* A result's cells on their way into the value index, or aside. */
#include <glib.h>

#include "analyzer/links/provenance.h"

/* Cells between announcing one to the memory and indexing it: some 200 ns, as cells of columns that stay aside take little. */
enum { EXPECT_AHEAD = 48 };

/* Compared for equality only, so one multiplication a cell will do: values are well-mixed hashes. A sum: where a list of
 * cells was cut, and so in what order columns come, is no part of a result. */
static inline uint64_t add_to_result(uint64_t result, const struct n1_event_cell *cell, uint32_t row)
{
    const uint64_t word = (cell->hash + ((uint64_t)row << 16 | cell->column)) * 0x9e3779b97f4a7c15ULL;
    return result + (word ^ word >> 29);
}

/* What the result is, whatever becomes of its values. */
static void describe(struct n1_step *e, const struct n1_event *ev, uint32_t row_base)
{
    uint64_t result = e->result, rows = e->rows;
    for (uint32_t i = 0; i < ev->n_cells; i++) {
        const struct n1_event_cell *cell = &ev->cells[i];
        const uint32_t row = row_base + cell->row;
        rows = MAX(rows, (uint64_t)row + 1);
        result = add_to_result(result, cell, row);
        if (row == 0 && e->n_first < N1_FIRST_CELLS)
            e->first[e->n_first++] = (struct n1_first_cell){cell->column, n1_event_cell_value(cell)};
        if (cell->kind == N1_VALUE_NULL && cell->column < N1_NULL_COLUMNS)
            e->nulls[cell->column]++;
    }
    e->result = result;
    e->rows = rows;
}

/* Columns that are not indexed this time, a bit each. */
static uint64_t quiet_columns(const struct n1_provenance *p, const struct n1_site *site)
{
    if (site->stmt
            ->is_housekeeping) /* a catalogue is full of small numbers that would push the program's own out of sight */
        return UINT64_MAX;
    bool is_sample =
        site->indexed <= p->constants->sterile_after || site->indexed % MAX(p->constants->sterile_sample, 1) == 0;
    return is_sample ? 0 : ~site->fed_columns;
}

static struct n1_value_index *index_of(struct n1_provenance *p, const struct n1_step *e)
{
    return e->slot < p->executions.lists ? &p->lists : &p->singles;
}

/* What a query was asked for and shows again is no source: but a reference to another table is, when the two numbers are the same
 * by chance (the first post is the first author's). Names tell, once a column. */
static bool is_reference_of_its_own(const struct n1_step *parent, uint16_t column)
{
    const struct n1_result_column c = n1_step_column(parent, column);
    bool is_reference = n1_name_is_reference(c.table, c.column);
    for (uint32_t i = 0; i < parent->text->n_keys && !c.is_computed; i++) {
        const struct n1_lookup_key *key = &parent->text->key[i];
        is_reference |= n1_name_joins(c.table, c.column, key->column);
        const struct n1_name_pair pair = {c.table, c.column, key->table, key->column};
        if (*key->column == '\0' || n1_name_equal(c.column, key->column) ||
            (!n1_name_equal(c.table, key->table) && n1_name_support(&pair) != N1_NAME_NONE))
            return false;
    }
    return is_reference && !c.is_computed;
}

static bool is_echo(const struct n1_step *parent, uint16_t column)
{
    struct n1_site *site = parent->site;
    const uint64_t bit = n1_column_bit(column);
    if ((site->asked_columns & bit) == 0) {
        site->asked_columns |= bit;
        site->own_references |= is_reference_of_its_own(parent, column) ? bit : 0;
    }
    return (site->own_references & bit) == 0;
}

static inline bool is_evidence(const struct n1_step *parent, const struct n1_event_cell *cell)
{
    return n1_kind_is_evidence(cell->kind) &&
           (!n1_step_asked_for(parent, cell->hash) || !is_echo(parent, cell->column));
}

/* Inline at all costs: gcc takes a function that does nothing but announce for one without effect, and drops calls of it. */
static inline __attribute__((always_inline)) void expect(const struct n1_value_index *index,
                                                         const struct n1_event_cell *cell, uint64_t quiet)
{
    if ((quiet & n1_column_bit(cell->column)) == 0)
        n1_value_index_expect(index, cell->hash);
}

void n1_provenance_cells(struct n1_provenance *p, struct n1_step *parent, const struct n1_event *ev, uint32_t row_base)
{
    struct n1_site *site = parent->site;
    if (!parent->has_cells) {
        parent->has_cells = true;
        site->indexed++;
    }
    describe(parent, ev, row_base);
    struct n1_value_index *index = index_of(p, parent);
    if (parent->first_place == 0)
        parent->first_place = index->next;
    const struct n1_owner owner = {parent->first_place, (uint32_t)parent->serial, (uint16_t)parent->slot};
    const uint64_t quiet = quiet_columns(p, site);
    const bool keeps_aside = quiet != 0 && !site->stmt->is_housekeeping;
    if (keeps_aside)
        n1_aside_open(&p->aside, parent, row_base);
    for (uint32_t i = 0; i < MIN(ev->n_cells, EXPECT_AHEAD); i++)
        expect(index, &ev->cells[i], quiet);
    for (uint32_t i = 0; i < ev->n_cells; i++) {
        const struct n1_event_cell *cell = &ev->cells[i];
        if (i + EXPECT_AHEAD < ev->n_cells)
            expect(index, &ev->cells[i + EXPECT_AHEAD], quiet);
        if ((quiet & n1_column_bit(cell->column)) == 0) {
            if (is_evidence(parent, cell))
                n1_value_index_add(index, &owner, cell->hash, cell->column, row_base + cell->row);
        } else if (keeps_aside && is_evidence(parent, cell)) {
            n1_aside_put(&p->aside, cell);
        }
    }
    if (index->next - parent->first_place > index->mask && !parent->has_outgrown) {
        parent->has_outgrown = true;
        p->outgrown++;
    }
}

/* Misses of a site that are all looked into, and one of how many from then on. */
enum { MISSES_ALL = 32, MISSES_SAMPLE = 256 };

bool n1_provenance_recover(struct n1_provenance *p, struct n1_step *child, uint64_t hash)
{
    struct n1_site *asking = child->site;
    asking->misses++;
    struct n1_aside *aside = &p->aside;
    if (asking->misses > MISSES_ALL && asking->misses % MISSES_SAMPLE != 0)
        return false;
    const struct n1_event_cell *found = n1_aside_find(aside, hash);
    if (found == NULL)
        return false;
    const struct n1_aside_lot *lot = n1_aside_lot(aside, found);
    const struct n1_step *e = lot == NULL ? NULL : n1_executions_at(&p->executions, lot->slot, lot->serial);
    if (e == NULL || e == child || (e->site->fed_columns & n1_column_bit(found->column)) != 0)
        return false;
    struct n1_site *site = e->site;
    const uint16_t column = found->column;
    site->fed_columns |= n1_column_bit(column);
    for (uint64_t n = n1_aside_oldest(aside); n < aside->next_lot; n++) {
        lot = n1_aside_at(aside, n);
        const struct n1_step *parent = n1_executions_at(&p->executions, lot->slot, lot->serial);
        if (parent == NULL || parent->site != site)
            continue;
        const struct n1_owner owner = {0, (uint32_t)lot->serial, (uint16_t)lot->slot};
        for (uint64_t i = lot->first; i < lot->first + lot->count; i++) {
            const struct n1_event_cell *cell = &aside->cell[i & aside->mask];
            if (cell->column == column)
                n1_value_index_add(index_of(p, parent), &owner, cell->hash, column, lot->row_base + cell->row);
        }
    }
    return true;
}
