/* row: one row, and nothing else, of a place that feeds nothing, as most look-ups give: its cells go aside as they come, none is
 * indexed. The rest of what cells need is in cells.c. */
#ifndef N1_ANALYZER_LINKS_ROW_H
#define N1_ANALYZER_LINKS_ROW_H

#include <string.h>

#include "analyzer/links/provenance.h"

/* The first time that a column holds what its query was asked for: whether it is an echo of it. */
void n1_judge_echo(const struct n1_step *parent, uint16_t column);
static inline bool n1_is_echo(const struct n1_step *parent, uint16_t column)
{
    const struct n1_site *site = parent->site;
    const uint64_t bit = n1_column_bit(column);
    if (G_UNLIKELY((site->asked_columns & bit) == 0))
        n1_judge_echo(parent, column);
    return (site->own_columns & bit) == 0;
}

/* Compared for equality only, so one multiplication a cell will do: values are well-mixed hashes. A sum: where a list of
 * cells was cut, and so in what order columns come, is no part of a result. Odd factors, each of one place. */
static inline uint64_t n1_result_word(uint64_t hash, uint32_t row, uint32_t column)
{
    return hash * (((uint64_t)row << 16 | column) << 1 | 1);
}

/* Column and kind at once, 16 and 8 bits. */
static inline uint32_t n1_cell_what(const struct n1_event_cell *cell)
{
    uint32_t what;
    memcpy(&what, &cell->column, sizeof what);
    return what & 0xffffff;
}

/* Whether no column of the place's next execution is indexed: cells.c says when one is. */
static inline bool n1_site_is_quiet(const struct n1_provenance *p, const struct n1_site *site)
{
    return site->indexed >= p->constants->sterile_after && site->indexed + 1 < site->next_sample &&
           site->fed_columns == 0 && !site->stmt->is_housekeeping;
}

/* False: it is anything else, and nothing has happened. */
static inline bool n1_row_aside(struct n1_provenance *p, struct n1_step *e, const struct n1_event *ev)
{
    enum { CELLS_MAX = 16 };
    const bool is_row =
        ev->rows == 1 && ev->type == N1_EVENT_EXEC && e->n_own <= 1 && !e->has_cells && ev->n_cells - 1 < CELLS_MAX;
    if (!is_row || !n1_site_is_quiet(p, e->site))
        return false;
    struct n1_aside *aside = &p->aside;
    const uint64_t own = e->n_own > 0 ? e->own[0] : 0; /* 0 is no evidence */
    uint64_t result = 0, next = aside->next;
    e->has_cells = true;
    e->site->indexed++;
    n1_aside_open(aside, e, 0);
    for (const struct n1_event_cell *cell = ev->cells, *end = cell + ev->n_cells; cell < end; cell++) {
        const uint32_t what = n1_cell_what(cell), column = what & 0xffff, kind = what >> 16;
        result += n1_result_word(cell->hash, 0, column);
        e->filled[MIN(column, N1_NULL_COLUMNS)] += kind != N1_VALUE_NULL;
        if (n1_kind_is_evidence(kind) && (cell->hash != own || !n1_is_echo(e, (uint16_t)column)))
            aside->cell[next++ & aside->mask] = *cell;
    }
    aside->next = next;
    n1_aside_close(aside);
    e->result = result;
    return true;
}

#endif
