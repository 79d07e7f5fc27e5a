/* A result's cells on their way into the value index, or aside. */
#include <glib.h>
#include <string.h>

#include "analyzer/links/row.h"

/* Cells that are announced to the memory before the first of them is indexed: some 200 ns. */
enum { PORTION = 64 };

/* Columns that are not indexed this time, a bit each. */
static inline uint64_t quiet_columns(const struct n1_provenance *p, struct n1_site *site)
{
    if (site->stmt
            ->is_housekeeping) /* a catalogue is full of small numbers that would push the program's own out of sight */
        return UINT64_MAX;
    if (site->indexed <= p->constants->sterile_after)
        return 0;
    if (site->indexed < site->next_sample)
        return ~site->fed_columns;
    const uint32_t every = MAX(p->constants->sterile_sample, 1);
    site->next_sample = (site->indexed / every + 1) * every;
    return site->indexed % every == 0 ? 0 : ~site->fed_columns;
}

static struct n1_value_index *index_of(struct n1_provenance *p, const struct n1_step *e)
{
    return e->slot < p->executions.lists ? &p->lists : &p->singles;
}

/* What a query was asked for and shows again is no source. Another column of the same row is one, when the two numbers are the same
 * by chance (the first post is the first author's); and so is a reference in a row of another table. Names tell, once a column. */
static bool is_of_its_own(const struct n1_step *parent, uint16_t column)
{
    const struct n1_result_column c = n1_step_column(parent, column);
    bool is_own = n1_name_is_reference(c.table, c.column);
    for (uint32_t i = 0; i < parent->text->n_keys && !c.is_computed; i++) {
        const struct n1_lookup_key *key = &parent->text->key[i];
        const struct n1_name_pair pair = {c.table, c.column, key->table, key->column};
        bool is_of_row = n1_name_equal(c.table, key->table);
        if (*key->column == '\0' || n1_name_equal(c.column, key->column) ||
            (!is_of_row && n1_name_support(&pair) != N1_NAME_NONE))
            return false;
        is_own |= is_of_row;
    }
    return is_own && !c.is_computed;
}

void n1_judge_echo(const struct n1_step *parent, uint16_t column)
{
    struct n1_site *site = parent->site;
    const uint64_t bit = n1_column_bit(column);
    site->asked_columns |= bit;
    site->own_columns |= is_of_its_own(parent, column) ? bit : 0;
}

/* What cells are gone through with. */
struct intake {
    struct n1_step *e;
    struct n1_value_index *index;
    struct n1_aside *aside; /* with a lot open; NULL: what is not indexed is not kept either */
    uint64_t quiet;         /* columns */
    uint32_t row_base;
    uint64_t result, rows; /* the execution's, as they grow */
};

/* Takes down what the result is, whatever becomes of its values, and sorts these: the ones to be indexed are announced to the
 * memory and listed, the others go aside. Returns how many it listed. listed NULL: all columns are quiet. */
static inline __attribute__((always_inline)) uint32_t sort_out(struct intake *in, const struct n1_event_cell *cell,
                                                               uint32_t n, const struct n1_event_cell **listed)
{
    struct n1_step *e = in->e;
    struct n1_aside *aside = in->aside;
    uint64_t room = aside != NULL ? n1_aside_room(aside) : 0, next = aside != NULL ? aside->next : 0;
    const uint64_t mask = aside != NULL ? aside->mask : 0;
    const uint32_t row_base = in->row_base;
    const uint64_t own = e->n_own > 0 ? e->own[0] : 0; /* 0 is no evidence */
    const bool has_more = e->n_own > 1;
    uint64_t result = in->result;
    uint32_t n_listed = 0, last = row_base;
    for (const struct n1_event_cell *end = cell + n, *first = cell; cell < end; first = cell) {
        const uint32_t what = n1_cell_what(cell), column = what & 0xffff, kind = what >> 16;
        const bool is_evidence = n1_kind_is_evidence(kind),
                   is_quiet = listed == NULL || (in->quiet & n1_column_bit((uint16_t)column)) != 0;
        do { /* what there is of one column and kind in a row */
            const uint32_t row = row_base + cell->row;
            const uint64_t hash = cell->hash;
            last = MAX(last, row);
            result += n1_result_word(hash, row, column);
            const bool is_asked = hash == own || (has_more && n1_step_asked_for(e, hash));
            if (!is_evidence || (is_asked && n1_is_echo(e, (uint16_t)column)))
                continue;
            if (!is_quiet) {
                n1_value_index_expect(in->index, hash);
                listed[n_listed++] = cell;
            } else if (room > 0) {
                aside->cell[next++ & mask] = *cell;
                room--;
            }
        } while (++cell < end && n1_cell_what(cell) == what);
        e->filled[MIN(column, N1_NULL_COLUMNS)] += kind != N1_VALUE_NULL ? (uint32_t)(cell - first) : 0;
    }
    if (aside != NULL)
        aside->next = next;
    in->result = result;
    in->rows = MAX(in->rows, (uint64_t)last + 1);
    return n_listed;
}

static void add_listed(const struct intake *in, const struct n1_event_cell *const *listed, uint32_t n)
{
    const struct n1_owner owner = {in->e->first_place, (uint32_t)in->e->serial, (uint16_t)in->e->slot};
    for (uint32_t i = 0; i < n; i++)
        n1_value_index_add(in->index, &owner, listed[i]->hash, listed[i]->column, in->row_base + listed[i]->row);
}

static void index_cells(struct intake *in, const struct n1_event *ev)
{
    const struct n1_event_cell *listed[2][PORTION]; /* of this portion of cells and of the one before */
    uint32_t n_before = 0, turn = 0;
    for (uint32_t from = 0; from < ev->n_cells; from += PORTION, turn ^= 1) {
        const uint32_t n = sort_out(in, &ev->cells[from], MIN(ev->n_cells - from, PORTION), listed[turn]);
        add_listed(in, listed[turn ^ 1], n_before);
        n_before = n;
    }
    add_listed(in, listed[turn ^ 1], n_before);
}

void n1_provenance_cells(struct n1_provenance *p, struct n1_step *parent, const struct n1_event *ev, uint32_t row_base)
{
    if (n1_row_aside(p, parent, ev))
        return;
    struct n1_site *site = parent->site;
    struct n1_value_index *index = index_of(p, parent);
    if (!parent->has_cells) {
        parent->has_cells = true;
        site->indexed++;
    }
    if (parent->first_place == 0)
        parent->first_place = index->next;
    if (ev->n_cells == 0)
        return;
    struct intake in;
    in.e = parent;
    in.index = index;
    in.quiet = quiet_columns(p, site);
    in.aside = in.quiet != 0 && !site->stmt->is_housekeeping ? &p->aside : NULL;
    in.row_base = row_base;
    in.result = parent->result;
    in.rows = parent->rows;
    if (in.aside != NULL)
        n1_aside_open(in.aside, parent, row_base);
    if (in.quiet == UINT64_MAX)
        sort_out(&in, ev->cells, ev->n_cells, NULL);
    else
        index_cells(&in, ev);
    if (in.aside != NULL)
        n1_aside_close(in.aside);
    parent->result = in.result;
    parent->rows = in.rows;
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
