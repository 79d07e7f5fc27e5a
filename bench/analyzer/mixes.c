#include "mixes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "staging.h"

enum { PARAMS_MAX = 8, QUERY_NS = 20000, BETWEEN_NS = 3000 };

/* One statement of one process at one place. */
struct query {
    const char *text; /* as a PostgreSQL server would log it */
    uint32_t sql, stack;
    uint64_t keys; /* result columns that look like keys, a bit each */
};

struct maker {
    struct recording *rec;
    struct logs *logs;
    const struct n1_key *key;
    enum n1_dialect dialect; /* of the library that its program uses: how results are recorded */
    uint64_t left, random;
    struct staging staging;
    struct n1_encode_value param[PARAMS_MAX];
    int64_t number[PARAMS_MAX];
    uint32_t n_params;
};

/* A connection on a thread of a process. */
struct worker {
    struct process *process;
    struct lane *lane;
    uint32_t connection;
};

static void begin(struct maker *m, struct recording *rec, struct logs *logs, uint64_t statements)
{
    m->rec = rec;
    m->logs = logs;
    m->key = recording_key(rec);
    m->dialect = N1_DIALECT_SQLITE;
    m->left = statements;
    m->random = 88172645463325252ULL;
    m->n_params = 0;
    staging_begin(&m->staging, m->key, 0, true);
}

static uint64_t draw(struct maker *m, uint64_t below) /* xorshift64 (Marsaglia 2003) */
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return m->random % below;
}

static void bind(struct maker *m, int64_t value)
{
    m->number[m->n_params] = value;
    m->param[m->n_params++].value = n1_value_integer(m->key, value);
}

/* The rows of q follow, in their order. */
static void answer(struct maker *m, const struct query *q)
{
    staging_begin(&m->staging, m->key, q->keys, m->dialect == N1_DIALECT_SQLITE);
}

static void cell_number(struct maker *m, uint32_t row, uint16_t column, int64_t value)
{
    staging_integer(&m->staging, row, column, value);
}

static void cell_text(struct maker *m, uint32_t row, uint16_t column, const char *head, int64_t number)
{
    char text[64];
    snprintf(text, sizeof text, "%s %" PRId64, head, number);
    staging_text(&m->staging, row, column, text);
}

/* ---- logs -------------------------------------------------------------------------------------------------------- */

static void log_postgres(const struct maker *m, const struct query *q)
{
    uint64_t us = (recording_now_ns(m->rec) - QUERY_NS) / 1000;
    fprintf(m->logs->postgres,
            "2026-01-01 %02u:%02u:%02u.%03u UTC [4242] app@shop LOG:  duration: 0.020 ms  execute <unnamed>: %s\n",
            (unsigned)(us / 3600000000 % 24), (unsigned)(us / 60000000 % 60), (unsigned)(us / 1000000 % 60),
            (unsigned)(us / 1000 % 1000), q->text);
    for (uint32_t i = 0; i < m->n_params; i++)
        fprintf(m->logs->postgres, "%s$%u = '%" PRId64 "'%s",
                i == 0 ? "2026-01-01 00:00:00.000 UTC [4242] app@shop DETAIL:  parameters: " : ", ", i + 1,
                m->number[i], i + 1 == m->n_params ? "\n" : "");
}

static void log_slow(const struct maker *m, const struct query *q, uint64_t rows)
{
    uint64_t s = recording_now_ns(m->rec) / 1000000000;
    fprintf(m->logs->slow,
            "# User@Host: app[app] @ localhost []\n# Query_time: 0.000020  Lock_time: 0.000000  Rows_sent: %" PRIu64
            "  Rows_examined: %" PRIu64 "\nSET timestamp=%" PRIu64 ";\n",
            rows, rows, 1767225600 + s);
    for (const char *c = q->text; *c != '\0'; c++) {
        if (*c == '$' && c[1] >= '1' && c[1] <= '8')
            fprintf(m->logs->slow, "%" PRId64, m->number[*++c - '1']);
        else
            putc(*c, m->logs->slow);
    }
    fputs(";\n", m->logs->slow);
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

/* One execution with what was bound and the cells of its rows. False when enough statements were made. */
static bool ask(struct maker *m, const struct worker *w, const struct query *q, uint64_t rows)
{
    bool is_wanted = m->left > 0;
    if (is_wanted) {
        recording_pass(m->rec, QUERY_NS);
        const struct n1_encode_runs *runs = staging_end(&m->staging);
        struct n1_encode_exec exec = {.sql = q->sql,
                                      .connection = w->connection,
                                      .stack = q->stack,
                                      .rows = rows,
                                      .n_bound = m->n_params,
                                      .params = m->param,
                                      .n_cells = m->staging.n_cells,
                                      .cells = m->staging.cell,
                                      .runs = runs};
        lane_write(w->lane, LANE_EXEC, &exec, QUERY_NS);
        if (m->logs->postgres != NULL)
            log_postgres(m, q);
        if (m->logs->slow != NULL)
            log_slow(m, q, rows);
        recording_pass(m->rec, BETWEEN_NS);
        m->left--;
    }
    m->n_params = 0;
    staging_begin(&m->staging, m->key, 0, m->dialect == N1_DIALECT_SQLITE);
    return is_wanted && m->left > 0;
}

static struct worker new_worker(struct maker *m, struct process *process, uint32_t pid, uint32_t tid)
{
    struct worker w = {.process = process != NULL ? process : recording_process(m->rec, pid)};
    w.lane = process_lane(w.process, tid);
    w.connection = process_connection(w.process, m->dialect, "shop");
    return w;
}

/* A place of 20 frames: five of the user's own below fifteen of a library. */
enum { LIBRARY_FRAMES = 15, USER_FRAMES = 5 };

static uint32_t new_place(struct process *process, const char *function, uint32_t line)
{
    uint32_t frame[LIBRARY_FRAMES + USER_FRAMES];
    for (uint32_t i = 0; i < LIBRARY_FRAMES; i++)
        frame[i] = process_frame(process, "run", "/usr/lib/python3/dist-packages/driver/core.py", 10 + i);
    frame[LIBRARY_FRAMES] = process_frame(process, function, "/srv/app/views.py", line);
    for (uint32_t i = 1; i < USER_FRAMES; i++)
        frame[LIBRARY_FRAMES + i] = process_frame(process, "main", "/srv/app/main.py", i);
    return process_stack(process, frame, LIBRARY_FRAMES + USER_FRAMES);
}

/* SQLite's parameters are ?1, ?2. */
static uint32_t new_sql(const struct maker *m, struct process *process, const char *text, const char *columns)
{
    char own[512];
    snprintf(own, sizeof own, "%s", text);
    for (char *c = own; m->dialect == N1_DIALECT_SQLITE && *c != '\0'; c++)
        *c = *c == '$' ? '?' : *c;
    return process_sql(process, m->dialect, own, columns);
}

/* Columns whose names end in id or code, as the recorder has it for these. */
static uint64_t keys_of(const char *columns)
{
    uint64_t keys = 0;
    uint32_t column = 0;
    for (const char *at = columns; at != NULL && *at != '\0'; column++) {
        size_t length = strcspn(at, " ");
        bool is_key = strncmp(at + length - 2, "id", 2) == 0 || strncmp(at + length - 4, "code", 4) == 0;
        keys |= (uint64_t)is_key << column;
        at += length + (at[length] == ' ');
    }
    return keys;
}

static struct query new_query(const struct maker *m, struct process *process, const char *text, const char *columns,
                              const char *function, uint32_t line)
{
    return (struct query){text, new_sql(m, process, text, columns), new_place(process, function, line),
                          keys_of(columns)};
}

/* ---- mixes ------------------------------------------------------------------------------------------------------- */

#define POSTS  "SELECT id, author_id, title FROM post WHERE page = $1 ORDER BY id LIMIT 100"
#define AUTHOR "SELECT id, name FROM author WHERE id = $1"

enum { PAGE = 100 };

/* The authors of one page: the first one's number, the way to the next one, and how many of them there are: the way leads around. */
struct authors {
    int64_t first, step, count;
};

static int64_t author_at(struct authors authors, uint32_t row)
{
    return authors.first + authors.step * row % authors.count;
}

/* One page of posts and a look-up for each. */
static bool page(struct maker *m, const struct worker *w, const struct query *list, const struct query *child,
                 int64_t number, struct authors authors)
{
    bind(m, number);
    answer(m, list);
    for (uint32_t row = 0; row < PAGE; row++) {
        cell_number(m, row, 0, number * PAGE + row + 1000000000);
        cell_number(m, row, 1, author_at(authors, row));
        cell_text(m, row, 2, "title", number * PAGE + row);
    }
    bool goes_on = ask(m, w, list, PAGE);
    for (uint32_t row = 0; row < PAGE && goes_on; row++) {
        bind(m, author_at(authors, row));
        answer(m, child);
        cell_number(m, 0, 0, author_at(authors, row));
        cell_text(m, 0, 1, "name", author_at(authors, row));
        goes_on = ask(m, w, child, 1);
    }
    return goes_on;
}

/* N+1: a page of 100 rows, then a look-up for each of them; always new keys, on every second page in no order. */
static void ask_pages(struct maker *m)
{
    struct worker w = new_worker(m, NULL, 100, 100);
    struct query list = new_query(m, w.process, POSTS, "post.id post.author_id post.title", "index", 10);
    struct query child = new_query(m, w.process, AUTHOR, "author.id author.name", "index", 12);
    int64_t number = 0;
    while (page(m, &w, &list, &child, number, (struct authors){5000 + number * PAGE, number % 2 == 0 ? 1 : 37, PAGE}))
        number++;
}

static void make_lookup(struct recording *rec, struct logs *logs, uint64_t statements)
{
    static struct maker m;
    begin(&m, rec, logs, statements);
    ask_pages(&m);
}

static void make_libpq(struct recording *rec, struct logs *logs, uint64_t statements)
{
    static struct maker m;
    begin(&m, rec, logs, statements);
    m.dialect = N1_DIALECT_POSTGRES;
    ask_pages(&m);
}

/* A web server: 4 processes of 4 threads show pages of the same 20,000 authors over and over, from 8 views. */
static void make_server(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { PROCESSES = 4, THREADS = 4, VIEWS = 8 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    struct worker w[PROCESSES][THREADS];
    struct query list[PROCESSES][VIEWS], child[PROCESSES][VIEWS];
    for (uint32_t p = 0; p < PROCESSES; p++) {
        for (uint32_t t = 0; t < THREADS; t++)
            w[p][t] = new_worker(&m, t == 0 ? NULL : w[p][0].process, 100 + p, 100 * (p + 1) + t);
        for (uint32_t v = 0; v < VIEWS; v++) {
            list[p][v] =
                new_query(&m, w[p][0].process, POSTS, "post.id post.author_id post.title", "view", 100 * v + 10);
            child[p][v] = new_query(&m, w[p][0].process, AUTHOR, "author.id author.name", "view", 100 * v + 12);
        }
    }
    for (bool goes_on = true; goes_on;) {
        uint64_t p = draw(&m, PROCESSES), t = draw(&m, THREADS), v = draw(&m, VIEWS);
        const int64_t number = (int64_t)draw(&m, 1000);
        const struct authors authors = {5000 + (int64_t)draw(&m, 20000), 7, INT64_MAX};
        goes_on = page(&m, &w[p][t], &list[p][v], &child[p][v], number, authors);
    }
}

/* 64 threads whose statements alternate one by one. */
static void make_threads(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { THREADS = 64 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    struct worker w[THREADS];
    for (uint32_t t = 0; t < THREADS; t++)
        w[t] = new_worker(&m, t == 0 ? NULL : w[0].process, 100, 100 + t);
    struct query child = new_query(&m, w[0].process, AUTHOR, "author.id author.name", "worker", 12);
    int64_t number = 1000;
    do {
        bind(&m, number);
        answer(&m, &child);
        cell_number(&m, 0, 0, number);
        cell_text(&m, 0, 1, "name", number++);
    } while (ask(&m, &w[number % THREADS], &child, 1));
}

/* Half look-ups of keys that no result gave, half inserts: nothing links, nothing repeats. */
static void make_tail(struct recording *rec, struct logs *logs, uint64_t statements)
{
    static struct maker m;
    begin(&m, rec, logs, statements);
    struct worker w = new_worker(&m, NULL, 100, 100);
    struct query read = new_query(&m, w.process, "SELECT total, state FROM orders WHERE code = $1",
                                  "orders.total orders.state", "import", 20);
    struct query write =
        new_query(&m, w.process, "INSERT INTO orders (code, total) VALUES ($1, $2)", NULL, "import", 22);
    bool goes_on = true;
    for (int64_t number = 1 << 20; goes_on; number += 3) {
        bind(&m, number);
        goes_on = ask(&m, &w, &read, 0);
        bind(&m, number);
        bind(&m, number * 7);
        goes_on = goes_on && ask(&m, &w, &write, 1);
    }
}

/* Scans: every result has 1000 rows of 4 cells, and one look-up follows. */
static void make_wide(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { ROWS = 1000 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    struct worker w = new_worker(&m, NULL, 100, 100);
    struct query scan = new_query(&m, w.process, "SELECT id, user_id, item_id, code FROM sale WHERE day = $1",
                                  "sale.id sale.user_id sale.item_id sale.code", "export", 30);
    struct query child = new_query(&m, w.process, AUTHOR, "author.id author.name", "export", 33);
    bool goes_on = true;
    for (int64_t base = 1 << 20; goes_on; base += ROWS) {
        bind(&m, base);
        answer(&m, &scan);
        for (uint32_t row = 0; row < ROWS; row++) {
            cell_number(&m, row, 0, base + row);
            cell_number(&m, row, 1, (int64_t)draw(&m, 100000));
            cell_number(&m, row, 2, (int64_t)draw(&m, 1000));
            cell_text(&m, row, 3, "code", base + row);
        }
        goes_on = ask(&m, &w, &scan, ROWS);
        bind(&m, base + 5);
        cell_text(&m, 0, 1, "name", base);
        goes_on = goes_on && ask(&m, &w, &child, 1);
    }
}

/* One cursor over a million different values, which stays open while a look-up runs for each of them, and again. */
static void make_cursor(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { ROWS = 1000000, PORTION = 500 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    m.dialect = N1_DIALECT_POSTGRES; /* a server-side cursor, read in portions */
    struct worker w = new_worker(&m, NULL, 100, 100);
    struct query scan = new_query(&m, w.process, "SELECT id FROM post", "post.id", "walk", 40);
    struct query child =
        new_query(&m, w.process, "SELECT body FROM comment WHERE post_id = $1", "comment.body", "walk", 42);
    bool goes_on = true;
    for (uint64_t id = 1; goes_on; id++) {
        m.left--; /* the cursor is a statement too */
        goes_on = m.left > 0;
        struct n1_encode_exec open = {.id = id, .sql = scan.sql, .connection = w.connection, .stack = scan.stack};
        lane_write(w.lane, LANE_OPEN, &open, QUERY_NS);
        for (uint32_t row = 0; row < ROWS && goes_on; row++) {
            if (row % PORTION == 0)
                answer(&m, &scan);
            cell_number(&m, row, 0, 1000000 + (int64_t)row);
            if (row % PORTION != PORTION - 1)
                continue;
            struct n1_encode_exec cells = {.id = id, .n_cells = m.staging.n_cells, .cells = m.staging.cell};
            lane_write(w.lane, LANE_CELLS, &cells, 0);
            staging_begin(&m.staging, m.key, 0, false);
            for (uint32_t done = row + 1 - PORTION; done <= row && goes_on; done++) {
                bind(&m, 1000000 + (int64_t)done);
                cell_text(&m, 0, 0, "body", done);
                goes_on = ask(&m, &w, &child, 1);
            }
        }
        struct n1_encode_exec end = {.id = id, .rows = ROWS};
        lane_write(w.lane, LANE_END, &end, QUERY_NS);
    }
}

/* 100,000 texts in rotation, each a statement of its own. */
static void make_texts(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { TEXTS = 100000 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    struct worker w = new_worker(&m, NULL, 100, 100);
    struct query *query = calloc(TEXTS, sizeof *query);
    uint32_t stack = new_place(w.process, "generated", 50);
    for (uint32_t i = 0; i < TEXTS; i++) {
        char text[128];
        snprintf(text, sizeof text, "SELECT id, c%u FROM t%u WHERE owner_id = $1", i / 1000, i % 1000);
        query[i] = (struct query){strdup(text), new_sql(&m, w.process, text, NULL), stack, 0};
    }
    bool goes_on = true;
    for (int64_t number = 5000; goes_on; number++) {
        bind(&m, number);
        cell_number(&m, 0, 0, number + 1);
        goes_on = ask(&m, &w, &query[number % TEXTS], 1);
    }
    for (uint32_t i = 0; i < TEXTS; i++)
        free((char *)(uintptr_t)query[i].text);
    free(query);
}

/* Up to a million call paths: ten levels, at each one of four lines (a recursion over a tree). */
static void make_paths(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { LEVELS = 10, LINES = 4, PATHS = 1 << 20 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    struct worker w = new_worker(&m, NULL, 100, 100);
    struct query child = new_query(&m, w.process, AUTHOR, "author.id author.name", "leaf", 60);
    uint32_t frame[LEVELS][LINES], stack[LEVELS + 1], first = 0;
    for (uint32_t level = 0; level < LEVELS; level++) {
        for (uint32_t line = 0; line < LINES; line++)
            frame[level][line] = process_frame(w.process, "walk", "/srv/app/tree.py", 100 * level + line);
    }
    stack[0] = process_frame(w.process, "leaf", "/srv/app/tree.py", 60);
    bool goes_on = true;
    for (int64_t number = 5000; goes_on; number++) {
        uint32_t path = (uint32_t)(number * 7919) % PATHS;
        for (uint32_t level = 0; level < LEVELS; level++)
            stack[level + 1] = frame[level][path >> 2 * level & (LINES - 1)];
        if (number < 5000 + PATHS)
            child.stack = process_stack(w.process, stack, LEVELS + 1);
        else
            child.stack = first + (uint32_t)(number - 5000) % PATHS;
        first = first == 0 ? child.stack : first;
        bind(&m, number);
        cell_text(&m, 0, 1, "name", number);
        goes_on = ask(&m, &w, &child, 1);
    }
}

/* Every statement has the same tenant's number among its parameters and cells, from 200 places. */
static void make_tenant(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { PLACES = 200, TENANT = 424242, FIRST_ID = 500000000 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    struct worker w = new_worker(&m, NULL, 100, 100);
    struct query query[PLACES];
    for (uint32_t i = 0; i < PLACES; i++)
        query[i] =
            new_query(&m, w.process, "SELECT id, tenant_id, owner_id FROM item WHERE tenant_id = $1 AND owner_id = $2",
                      "item.id item.tenant_id item.owner_id", "place", i + 1);
    bool goes_on = true;
    for (int64_t number = 100000; goes_on; number++) {
        bind(&m, TENANT);
        bind(&m, number);
        for (uint32_t row = 0; row < 2; row++) {
            cell_number(&m, row, 0, FIRST_ID + 2 * number + row);
            cell_number(&m, row, 1, TENANT);
            cell_number(&m, row, 2, number + 1);
        }
        goes_on = ask(&m, &w, &query[draw(&m, PLACES)], 2);
    }
}

/* A process for every 100 statements, 8 alive at a time. */
static void make_processes(struct recording *rec, struct logs *logs, uint64_t statements)
{
    enum { ALIVE = 8, EACH = 100 };
    static struct maker m;
    begin(&m, rec, logs, statements);
    bool goes_on = true;
    for (uint32_t pid = 1000; goes_on; pid += ALIVE) {
        struct worker w[ALIVE];
        struct query child[ALIVE];
        for (uint32_t i = 0; i < ALIVE; i++) {
            w[i] = new_worker(&m, NULL, pid + i, pid + i);
            child[i] = new_query(&m, w[i].process, AUTHOR, "author.id author.name", "job", 70);
        }
        for (uint32_t i = 0; i < ALIVE * EACH && goes_on; i++) {
            bind(&m, i + 1000);
            cell_text(&m, 0, 1, "name", i);
            goes_on = ask(&m, &w[i % ALIVE], &child[i % ALIVE], 1);
        }
        for (uint32_t i = 0; i < ALIVE; i++)
            process_end(w[i].process);
    }
}

const struct mix mixes[] = {
    {"lookup", "pages of 100 rows, a look-up for each row, new keys all the time (N+1)", make_lookup},
    {"libpq", "the same through libpq, where no result is recorded as runs", make_libpq},
    {"server", "the same over 20,000 keys again and again, 4 processes of 4 threads, 8 views", make_server},
    {"threads", "look-ups alternating over 64 threads", make_threads},
    {"tail", "look-ups and inserts that link with nothing", make_tail},
    {"wide", "scans of 1000 rows of 4 cells, one look-up after each", make_wide},
    {"cursor", "a cursor over a million values, open while a look-up runs for each", make_cursor},
    {"texts", "100,000 different statements in rotation", make_texts},
    {"paths", "a million different call paths", make_paths},
    {"tenant", "one value in every statement and every row, 200 places", make_tenant},
    {"processes", "a process for every 100 statements", make_processes},
};
const size_t mixes_count = sizeof mixes / sizeof *mixes;
