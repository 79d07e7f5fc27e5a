/* Streaks are a shorter way to the same report: random programs, each analyzed with and without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/report.h"
#include "tests/unit/analyzer_script.h"

enum { PROGRAMS = 120, ROWS_MAX = 40, BLOCKS = 6 };

static uint32_t below(uint64_t *random, uint32_t limit) /* xorshift64 (Marsaglia 2003) */
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)(*random % limit);
}

/* The references of a list's rows: rising, scattered, few and repeated, or equal to the rows' own keys. */
static int reference(uint32_t form, int page, int row)
{
    switch (form) {
    case 0: return 7000 + page * 100 + row;
    case 1: return 7000 + page * 100 + row * 37 % 101;
    case 2: return 7000 + row % 5;
    case 3: return 100 + page * 50 + row;
    default: return row;
    }
}

static void interrupt(struct script *s, uint64_t *random, int row)
{
    switch (below(random, 24)) {
    case 0: script_pause(s, below(random, 30)); break;
    case 1:
        script_query(s, "save:30 main:3", "UPDATE author SET reads = ? WHERE id = ?", fmt("%d,%d", row + 1, 7000 + row),
                     "");
        break;
    case 2: script_query(s, "log:31 main:3", "INSERT INTO log (what) VALUES (?)", fmt("%d", row), ""); break;
    case 3: s->error = 1; break;
    case 4: s->tid = 1 + below(random, 2); break;
    case 5: s->connection = 1 + below(random, 2); break;
    case 6: script_mark(s, below(random, 2) == 0 ? N1_SCOPE_ENTER : N1_SCOPE_LEAVE, "view"); break;
    case 7: script_query(s, "other:32 main:3", "SELECT id FROM setting WHERE name = ?", "theme", "3"); break;
    default: break;
    }
}

/* A look-up of one value; what it is like is the block's. */
static void look_up(struct script *s, uint64_t *random, uint32_t kind, int value)
{
    static const char *const sql[] = {
        "SELECT id, name, reads FROM author WHERE id = ?",
        "SELECT id, name FROM author WHERE id = ? AND tenant = 1",
        "SELECT id, name FROM author WHERE id = ? ORDER BY name LIMIT 1",
        "SELECT count(*) FROM comment WHERE author_id = ?",
        "SELECT id, author_id FROM comment WHERE author_id = ?",
        "SELECT id, name FROM author WHERE id = ? FOR UPDATE",
    };
    const bool is_there = below(random, 10) != 0;
    const char *rows = kind == 4 ? fmt("%d,%d;%d,%d", value * 10, value, value * 10 + 1, value)
                                 : fmt("%d,%s,%d", value, value % 3 == 0 ? "-" : "Asha", value % 7);
    script_query(s, "show:12 main:3", sql[kind], fmt("%d", value), is_there ? rows : "");
}

static struct script *program(uint64_t seed, uint32_t streaks)
{
    uint64_t random = seed * 0x9e3779b97f4a7c15ULL | 1;
    struct script *s = script_new();
    s->constants.streaks = streaks;
    s->constants.sterile_after = below(&random, 3) == 0 ? 4 : s->constants.sterile_after;
    for (int block = 0; block < BLOCKS; block++) {
        const uint32_t form = below(&random, 5), kind = below(&random, 6), order = below(&random, 4);
        const int n = (int)below(&random, ROWS_MAX);
        const bool has_second = below(&random, 3) == 0;
        GString *rows = g_string_new(NULL);
        for (int row = 0; row < n; row++)
            g_string_append_printf(rows, "%s%d,%d", row > 0 ? ";" : "", 100 + block * 50 + row,
                                   reference(form, block, row));
        script_query(s, "list:10 main:3", "SELECT id, author_id FROM post WHERE page = ?", fmt("%d", block), rows->str);
        g_string_free(rows, TRUE);
        for (int i = 0; i < n; i++) {
            const int row = order == 1 ? n - 1 - i : order == 2 ? (int)below(&random, (uint32_t)n) : i;
            if (order == 3 && below(&random, 4) == 0)
                continue;
            look_up(s, &random, kind, reference(form, block, row));
            if (has_second && below(&random, 3) == 0)
                script_query(s, "notes:14 main:3", "SELECT id, body FROM note WHERE post_id = ?",
                             fmt("%d", 100 + block * 50 + row), "1,x;2,y");
            interrupt(s, &random, row);
        }
    }
    return s;
}

static char *report_of(struct script *s)
{
    struct n1_report *report = script_report(s);
    const struct n1_report_options options = {0};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(n1_report_json.write(out, report, &options), 0);
    fclose(out);
    n1_report_free(report);
    return text;
}

static void streaks_change_no_report(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
        char *with = report_of(program(seed, 1)), *without = report_of(program(seed, 0));
        if (strcmp(with, without) != 0)
            fail_msg("program %d: with streaks\n%s\nwithout\n%s", (int)seed, with, without);
        free(with);
        free(without);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(streaks_change_no_report)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
