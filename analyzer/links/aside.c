#include "analyzer/links/aside.h"

#include <glib.h>

/* A lot has two cells at least as a rule. Searches that may be done before any cell has come. */
enum { CELLS_OF_LOT = 2, FIRST_SEARCHES = 64 };

void n1_aside_init(struct n1_aside *aside, uint32_t cells)
{
    uint64_t size = 16;
    while (size < cells)
        size *= 2;
    *aside = (struct n1_aside){.mask = size - 1, .lot_mask = size / CELLS_OF_LOT - 1, .credit = FIRST_SEARCHES * size};
    aside->cell = g_new0(struct n1_event_cell, size);
    aside->lot = g_new0(struct n1_aside_lot, size / CELLS_OF_LOT);
}

void n1_aside_release(struct n1_aside *aside)
{
    g_free(aside->cell);
    g_free(aside->lot);
    *aside = (struct n1_aside){0};
}

/* Backwards over cells [from, to) of the ring; NULL: not there. */
static const struct n1_event_cell *search(const struct n1_aside *aside, uint64_t from, uint64_t to, uint64_t hash)
{
    const struct n1_event_cell *cell = aside->cell + to, *first = aside->cell + from;
    enum { STRIDE = 8 };
    for (; cell - first >= STRIDE; cell -= STRIDE) {
        unsigned hits = 0;
        for (int i = 1; i <= STRIDE; i++)
            hits |= cell[-i].hash == hash;
        if (hits != 0)
            break;
    }
    while (cell > first) {
        if ((--cell)->hash == hash)
            return cell;
    }
    return NULL;
}

const struct n1_event_cell *n1_aside_find(struct n1_aside *aside, uint64_t hash)
{
    const uint64_t held = MIN(aside->next, aside->mask + 1), end = aside->next & aside->mask;
    if (aside->credit < held)
        return NULL;
    aside->credit -= held;
    const struct n1_event_cell *found = search(aside, 0, end, hash);
    return found != NULL || held <= aside->mask ? found : search(aside, end, aside->mask + 1, hash);
}

uint64_t n1_aside_oldest(const struct n1_aside *aside)
{
    uint64_t lot = aside->next_lot - MIN(aside->next_lot, aside->lot_mask + 1);
    while (lot < aside->next_lot && n1_aside_at(aside, lot)->first + aside->mask + 1 < aside->next)
        lot++;
    return lot;
}

const struct n1_aside_lot *n1_aside_lot(const struct n1_aside *aside, const struct n1_event_cell *cell)
{
    const uint64_t back = (aside->next - 1 - (uint64_t)(cell - aside->cell)) & aside->mask, at = aside->next - 1 - back;
    for (uint64_t lot = n1_aside_oldest(aside); lot < aside->next_lot; lot++) {
        const struct n1_aside_lot *l = n1_aside_at(aside, lot);
        if (at >= l->first && at < l->first + l->count)
            return l;
    }
    return NULL;
}
