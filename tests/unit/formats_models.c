#include "tests/unit/formats_models.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

const char *const formats_places_root = "/srv/machine-7/checkout";

static const char *const command[] = {"/srv/machine-7/tools/bin/python3", "/srv/machine-7/checkout/back end/run.py",
                                      "--settings=/srv/machine-7/secret/local.toml", "-v"};

static const struct n1_frame outside_only[] = {
    {.module = "/srv/machine-7/lib/libpq.so.5", .function = "libpq.so.5+0x1f3a", .language = "c"},
    {.module = "/srv/machine-7/lib/libpq.so.5", .function = "PQexec", .language = "c"},
    {.module = "/srv/machine-7/checkout/build/shopd", .function = "stock_of", .language = "c", .is_user_code = true},
    {.module = "/srv/machine-7/checkout/build/shopd", .function = "main", .language = "c", .is_user_code = true},
};
static const struct n1_frame in_a_package[] = {
    {.file = "/srv/machine-7/venv/lib/python3.11/site-packages/shoplib/store.py",
     .function = "Store.get",
     .line = 40,
     .language = "python",
     .is_user_code = true},
    {.file = "<string>", .function = "<lambda>", .line = 1, .language = "python"},
    {.file = "./lib/a:b, c%.py", .function = "render", .line = 7, .language = "python", .is_user_code = true},
    {.file = "../front/page.py", .function = "page", .line = 3, .language = "python", .is_user_code = true},
    {.file = "/srv/machine-7/tools/lib/python3.11/runpy.py", .function = "run_path", .line = 289, .language = "python"},
};
static const struct n1_frame list_of[] = {
    {.file = "../front/page.py", .function = "page", .line = 2, .language = "python", .is_user_code = true},
    {.file = "/srv/machine-7/tools/lib/python3.11/runpy.py", .function = "run_path", .line = 289, .language = "python"},
};
static const char *const items[] = {"item"}, *const stocks[] = {"shop.stock"};

#define LIST                                                                                                           \
    {                                                                                                                  \
        .fingerprint = 10, .sql = "SELECT id FROM item", .dialect = "postgresql", .n_tables = 1, .table = items,       \
        .executions = 1, .rows = 3, .db_time_ns = 1000, .location = {"../front/page.py", 2, "page"},                   \
        .stack = {LENGTH(list_of), list_of},                                                                           \
    }
#define GET                                                                                                            \
    {                                                                                                                  \
        .fingerprint = 11, .sql = "select n from shop.stock where item = ? -- `]]>", .dialect = "postgresql",          \
        .n_tables = 1, .table = stocks, .executions = 3, .rows = 3, .db_time_ns = 900, .failed = 1,                    \
        .location = {"/srv/machine-7/venv/lib/python3.11/site-packages/shoplib/store.py", 40, "Store.get"},            \
        .stack = {LENGTH(in_a_package), in_a_package},                                                                 \
    }
#define NOWHERE                                                                                                        \
    {                                                                                                                  \
        .fingerprint = 12, .sql = "UPDATE stock SET n = ?", .executions = 30, .db_time_ns = 30,                        \
        .location = {NULL, 0, "stock_of"}, .stack = {LENGTH(outside_only), outside_only},                              \
    }

static const struct n1_finding findings[] = {
    {
        .id = "1111111111111111",
        .kind = N1_KIND_N_PLUS_ONE,
        .confidence = N1_PROVEN,
        .message = "4 queries read stock one at a time, for 3 rows of item at "
                   "/srv/machine-7/venv/lib/python3.11/site-packages/shoplib/store.py:40",
        .has_parent = true,
        .parent = LIST,
        .child = GET,
        .has_link = true,
        .link = {"item", "id", "shop.stock", "item", N1_TO_ONE},
        .evidence = {.executions = 3,
                     .distinct_parameters = 3,
                     .matched_parameters = 3,
                     .parent_rows = 3,
                     .parent_executions = 1,
                     .same_call_path = true,
                     .processes = 1,
                     .threads = 1},
        .suggestion = {.action = N1_ACTION_IN_BULK,
                       .text = "Collect the keys first, in /srv/machine-7/checkout/front/page.py:2",
                       .queries_before = 4,
                       .queries_after = 2},
    },
    {
        .id = "1111111111111111",
        .kind = N1_KIND_QUERY_LOOP,
        .confidence = N1_LIKELY,
        .message = "The same id again.",
        .child = GET,
        .evidence = {.executions = 3, .distinct_parameters = 3},
        .suggestion = {.text = "None."},
    },
    {
        .id = "2222222222222222",
        .kind = N1_KIND_WRITE_LOOP,
        .confidence = N1_PROVEN,
        .message = "30 rows of stock are updated one at a time.",
        .child = NOWHERE,
        .evidence = {.executions = 30, .distinct_parameters = 30},
        .suggestion =
            {.action = N1_ACTION_BULK_UPDATE, .text = "Write them together.", .queries_before = 30, .queries_after = 1},
    },
};

static const struct n1_query queries[] = {{LIST, 1000}, {GET, 500}, {NOWHERE, 1}};
static const struct n1_path paths[] = {
    {0, {LENGTH(list_of), list_of}, 1, 3, 1000},
    {1, {LENGTH(in_a_package), in_a_package}, 3, 3, 900},
    {2, {LENGTH(outside_only), outside_only}, 29, 0, 29},
    /* Another line of the same functions: one stack when folded. */
    {2, {LENGTH(outside_only), outside_only}, 1, 0, 1},
};
static const struct n1_execution executions[] = {
    {.path = 0, .cause = SIZE_MAX, .start_ns = 5000, .duration_ns = 1000, .rows = 3},
    {.path = 1, .cause = 0, .start_ns = 7000, .duration_ns = 300, .rows = 1, .thread = 1},
    {.path = 1, .cause = 0, .start_ns = 8000, .duration_ns = 300, .rows = 2, .has_failed = true},
    {.path = 2, .cause = SIZE_MAX, .start_ns = 9000, .duration_ns = 1, .process = 1},
};
static const char *const warnings[] = {
    "the file /srv/machine-7/checkout/back end/n1prof.trace/1.n1 ends in the middle"};

const struct n1_report formats_places = {
    .tool_version = "0.1.0",
    .argc = LENGTH(command),
    .argv = command,
    .working_directory = "/srv/machine-7/checkout/back end",
    .duration_ns = 20000,
    .processes = 2,
    .threads = 2,
    .is_complete = true,
    .n_warnings = 1,
    .warning = warnings,
    .totals = {.statements = 34, .rows = 6, .failed = 1, .db_time_ns = 1930, .fingerprints = 3, .connections = 1},
    .n_findings = LENGTH(findings),
    .finding = findings,
    .n_queries = LENGTH(queries),
    .query = queries,
    .n_paths = LENGTH(paths),
    .path = paths,
    .started_unix_ns = 1700000000123456789,
    .n_executions = LENGTH(executions),
    .execution = executions,
};

const struct n1_report *formats_many(size_t n)
{
    static struct n1_finding *many;
    static struct n1_query *many_queries;
    static struct n1_path *many_paths;
    static struct n1_report report;
    free(many);
    free(many_queries);
    free(many_paths);
    many = calloc(n, sizeof *many);
    many_queries = calloc(n, sizeof *many_queries);
    many_paths = calloc(n, sizeof *many_paths);
    for (size_t i = 0; i < n; i++) {
        struct n1_finding *f = &many[i];
        *f = findings[0];
        snprintf(f->id, sizeof f->id, "%016zx", i);
        f->kind = (enum n1_kind)(i % N1_KINDS);
        f->confidence = (enum n1_confidence)(i % 3);
        f->child.fingerprint = 1000 + i;
        many_queries[i] = (struct n1_query){.statement = f->child};
        many_paths[i] = (struct n1_path){.query = i, .stack = f->child.stack, .executions = 1, .db_time_ns = 1};
    }
    report = formats_places;
    report.n_findings = report.n_queries = report.n_paths = n;
    report.finding = many;
    report.query = many_queries;
    report.path = many_paths;
    report.n_executions = 0;
    return &report;
}

const struct n1_report *formats_single(void)
{
    static struct n1_finding single[2];
    static struct n1_query query;
    static struct n1_report report;
    const struct n1_evidence one = {
        .executions = 1,
        .distinct_parameters = 1,
        .matched_parameters = 1,
        .parent_rows = 1,
        .parent_executions = 1,
        .same_call_path = true,
        .processes = 1,
        .threads = 1,
        .connections = 1,
    };
    static const struct n1_scope scope = {.name = "GET /", .entries = 1, .statements = 1, .most_statements = 1};
    for (size_t i = 0; i < LENGTH(single); i++) {
        single[i] = findings[0];
        snprintf(single[i].id, sizeof single[i].id, "%016zx", i);
        single[i].kind = (enum n1_kind)i;
        single[i].has_parent = i == 0;
        single[i].has_link = false;
        single[i].evidence = one;
        single[i].suggestion.queries_before = 2;
        single[i].suggestion.queries_after = 1;
        single[i].child.executions = single[i].child.rows = 1;
        single[i].parent.executions = single[i].parent.rows = 1;
    }
    query = (struct n1_query){.statement = single[0].child};
    report = formats_places;
    report.processes = report.threads = 1;
    report.totals.statements = report.totals.rows = report.totals.failed = report.totals.fingerprints = 1;
    report.n_findings = LENGTH(single);
    report.finding = single;
    report.n_queries = report.n_paths = 1;
    report.query = &query;
    report.n_executions = 0;
    report.n_scopes = 1;
    report.scope = &scope;
    return &report;
}
