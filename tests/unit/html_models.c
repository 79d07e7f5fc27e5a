#include "tests/unit/html_models.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FRAMES    24
#define SQL_BYTES 400
#define IDLE_NS   5000000000U

struct program {
    struct n1_finding *finding;
    struct n1_query *query;
    struct n1_path *path;
    struct n1_execution *execution;
    struct n1_frame *frame;
    char (*sql)[SQL_BYTES];
    char (*function)[32];
};

static const char *const command[] = {"./shop", "--all"}, *const tables[] = {"item", "stock"};

/* main, six of the user's functions, then a library's. */
static void make_stack(struct n1_frame *frame, char (*function)[32], size_t number)
{
    for (size_t i = 0; i < FRAMES; i++) {
        bool is_own = i >= 10 && i < 16;
        size_t outer = FRAMES - i;
        snprintf(function[i], sizeof function[i], "%s_%zu", is_own ? "step" : "call",
                 outer > 12 ? number * 100 + i : i);
        frame[i] = (struct n1_frame){.function = function[i],
                                     .file = is_own ? "/srv/shop/app.c" : NULL,
                                     .module = is_own ? NULL : "/usr/lib/libshop.so.1",
                                     .line = is_own ? (int)(number % 400 + 1) : 0,
                                     .language = "c",
                                     .is_user_code = is_own};
    }
}

static void make_query(struct program *p, size_t i)
{
    char *sql = p->sql[i];
    int n = snprintf(sql, SQL_BYTES,
                     "SELECT i.id, i.name, s.n FROM item AS i JOIN stock s ON s.item = i.id WHERE i.kind_%zu = ?", i);
    for (int c = 0; c < 20; c++)
        n += snprintf(sql + n, (size_t)(SQL_BYTES - n), " AND i.c%d < %d", c, c);
    make_stack(p->frame + i * FRAMES, p->function + i * FRAMES, i);
    struct n1_statement s = {.fingerprint = 1000 + i,
                             .sql = sql,
                             .dialect = "sqlite",
                             .n_tables = 2,
                             .table = tables,
                             .executions = i % 2 ? 100 : 10,
                             .rows = 100,
                             .db_time_ns = 1000000000 / (i + 1) + 1,
                             .location = {"/srv/shop/app.c", (int)(i % 400 + 1), p->function[i * FRAMES + 10]},
                             .stack = {FRAMES, p->frame + i * FRAMES}};
    p->query[i] = (struct n1_query){s, s.db_time_ns / 5};
    p->path[i] = (struct n1_path){i, s.stack, s.executions, s.rows, s.db_time_ns};
}

static void make_finding(struct program *p, size_t i)
{
    struct n1_finding *f = &p->finding[i];
    *f = (struct n1_finding){.kind = i % 7 ? N1_KIND_N_PLUS_ONE : (enum n1_kind)(i % N1_KINDS),
                             .confidence = (enum n1_confidence)(i % 3),
                             .message = "100 queries read stock one at a time, for 10 rows of item",
                             .has_parent = i % 5 != 4,
                             .parent = p->query[2 * i].statement,
                             .child = p->query[2 * i + 1].statement,
                             .has_link = true,
                             .link = {"item", "id", "stock", "item", N1_TO_MANY},
                             .evidence = {.executions = 100,
                                          .distinct_parameters = 100,
                                          .matched_parameters = 100,
                                          .parent_rows = 10,
                                          .parent_executions = 10,
                                          .same_call_path = true,
                                          .processes = 1,
                                          .threads = 1},
                             .suggestion = {.action = N1_ACTION_PREFETCH_RELATED,
                                            .text = "Load them together.",
                                            .code = ".prefetch_related(\"stock_set\")",
                                            .sql = "SELECT s.* FROM stock s WHERE s.item IN (?)",
                                            .queries_before = 110,
                                            .queries_after = 20,
                                            .saved_ns = 100000}};
    snprintf(f->id, sizeof f->id, "%016zx", i + 1);
    f->is_suppressed = i % 11 == 10;
}

/* A parent, its ten children close behind it, and now and then nothing for a long time. */
static void make_execution(struct program *p, size_t i, size_t queries, uint64_t *clock)
{
    size_t family = i / 11, pair = family % (queries / 2);
    bool is_parent = i % 11 == 0;
    *clock += is_parent ? (family % 16 == 5 ? IDLE_NS : 40000) : 1000;
    p->execution[i] = (struct n1_execution){.path = 2 * pair + !is_parent,
                                            .cause = is_parent ? SIZE_MAX : i - i % 11,
                                            .start_ns = *clock,
                                            .duration_ns = is_parent ? 20000 : 600,
                                            .rows = 10,
                                            .has_failed = i % 101 == 7};
    *clock += p->execution[i].duration_ns;
}

const struct n1_report *html_program(size_t queries, size_t executions)
{
    static const struct n1_scope scopes[] = {{"test_index", 2, 24, 12}, {"test_stock <all>", 1, 7, 7}};
    static struct program p;
    static struct n1_report report;
    size_t findings = queries / 2;
    uint64_t clock = 3000000;
    p.finding = realloc(p.finding, (findings + 1) * sizeof *p.finding);
    p.query = realloc(p.query, (queries + 1) * sizeof *p.query);
    p.path = realloc(p.path, (queries + 1) * sizeof *p.path);
    p.execution = realloc(p.execution, (executions + 1) * sizeof *p.execution);
    p.frame = realloc(p.frame, (queries + 1) * FRAMES * sizeof *p.frame);
    p.sql = realloc(p.sql, (queries + 1) * sizeof *p.sql);
    p.function = realloc(p.function, (queries + 1) * FRAMES * sizeof *p.function);
    report = (struct n1_report){.tool_version = "0.1.0",
                                .argc = 2,
                                .argv = command,
                                .working_directory = "/srv/shop",
                                .duration_ns = 60000000000,
                                .processes = 1,
                                .threads = 1,
                                .is_complete = true,
                                .totals = {.statements = executions, .rows = 100 * queries, .connections = 1},
                                .n_findings = findings,
                                .finding = p.finding,
                                .n_queries = queries,
                                .query = p.query,
                                .n_paths = queries,
                                .path = p.path,
                                .n_scopes = sizeof scopes / sizeof *scopes,
                                .scope = scopes,
                                .n_executions = executions,
                                .execution = p.execution};
    report.totals.fingerprints = queries;
    for (size_t i = 0; i < queries; i++) {
        make_query(&p, i);
        report.totals.db_time_ns += p.query[i].statement.db_time_ns;
    }
    for (size_t i = 0; i < findings; i++)
        make_finding(&p, i);
    for (size_t i = 0; i < executions; i++)
        make_execution(&p, i, queries, &clock);
    return &report;
}

const struct n1_report *html_earlier(void)
{
    static struct n1_finding finding;
    static struct n1_query query[2];
    static struct n1_report report;
    const struct n1_report *now = html_program(8, 88);
    report = *now;
    finding = now->finding[1];
    query[0] = now->query[0];
    query[1] = now->query[1];
    query[0].statement.executions *= 10;
    report.totals.statements = 1000;
    report.n_findings = 1;
    report.finding = &finding;
    report.n_queries = 2;
    report.query = query;
    return &report;
}
