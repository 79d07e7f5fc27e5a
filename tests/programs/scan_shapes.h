/* What tests/programs/sqlite_scans.c reads, as a function of scan, row and column, so that tests/unit/preload_scans.c knows which
 * cells have to be in the recording. Columns: id, author_id, price, code; all but price have names of keys. */
#ifndef N1_TESTS_SCAN_SHAPES_H
#define N1_TESTS_SCAN_SHAPES_H

#include <stdbool.h>
#include <stdint.h>

#define SCAN_SQL                                                                                                       \
    "SELECT cell(?1, i, 0) AS id, cell(?1, i, 1) AS author_id, cell(?1, i, 2) AS price, cell(?1, i, 3) AS code FROM "  \
    "n WHERE i < ?2"
enum { SCAN_FIRST = 1000, SCANS = 112, SCAN_CHILD = 500, SCAN_COLUMNS = 4, SCAN_ROWS_MAX = 2500 };

/* How the rows are read, each way in turn for each number of rows. */
enum scan_way { SCAN_PLAIN, SCAN_NESTED, SCAN_TWICE, SCAN_HOP, SCAN_FORK, SCAN_MIX, SCAN_HOLES, SCAN_CUT, SCAN_WAYS };

static inline enum scan_way scan_way(int scan)
{
    return (enum scan_way)(scan % SCAN_WAYS);
}

static inline int scan_rows(int scan)
{
    static const int rows[] = {3, 7, 8, 9, 16, 64, 65, 66, 100, 577, 1087, 1088, 1089, SCAN_ROWS_MAX};
    return rows[(scan - SCAN_FIRST) / SCAN_WAYS % 14];
}

enum scan_kind { SCAN_NULL, SCAN_INTEGER, SCAN_TEXT };
struct scan_cell {
    enum scan_kind kind;
    int64_t integer;
};

static inline struct scan_cell scan_cell(int scan, int row, int column)
{
    const uint64_t any = ((uint64_t)scan * 1000003U + (uint64_t)row * 31U + (uint64_t)column) * 0x9e3779b97f4a7c15ULL;
    const int64_t small = (int64_t)(any >> 50);
    switch (column) {
    case 0: {
        const int64_t ids[] = {scan + row, 5000 - row, small + 1, 2 * row + 1, (int64_t)1 << 40 | row, row - 40};
        return (struct scan_cell){SCAN_INTEGER, ids[scan % 6]};
    }
    case 1: return row % 3 == 1 ? (struct scan_cell){SCAN_NULL, 0} : (struct scan_cell){SCAN_INTEGER, row % 7 * small};
    case 2: return (struct scan_cell){SCAN_INTEGER, small % 5 - 2};
    default: return (struct scan_cell){scan % 3 && row % 2 ? SCAN_TEXT : SCAN_INTEGER, row + 1};
    }
}

static inline bool scan_is_read(int scan, int row, int column)
{
    return !(scan_way(scan) == SCAN_HOLES && column < 2 && (row + column) % 5 == 0) &&
           !(scan_way(scan) == SCAN_CUT && row > scan_rows(scan) / 2);
}

#endif
