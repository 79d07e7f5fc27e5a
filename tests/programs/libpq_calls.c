/* A program that uses libpq in many ways, one a name: the subject of tests/unit/preload_libpq.c. The connection comes from
 * the PG* variables of the environment. Prints what it computed. */
#include <dlfcn.h>
#include <libpq-fe.h>
#include <libpq/libpq-fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

static PGconn *connect_or_exit(void)
{
    PGconn *c = PQconnectdb("");
    if (PQstatus(c) != CONNECTION_OK) {
        fprintf(stderr, "libpq_calls: %s", PQerrorMessage(c));
        exit(3);
    }
    PQclear(PQexec(c, "CREATE TEMP TABLE author(id int PRIMARY KEY, name text, code uuid, data bytea, is_alive bool);"
                      "INSERT INTO author VALUES (1, 'Asha', '00000000-0000-4000-8000-000000000001', '\\x0102', true),"
                      "(2, 'Bela', '00000000-0000-4000-8000-000000000002', '\\x0304', false)"));
    return c;
}

static void show(PGresult *result)
{
    printf("%s", PQresStatus(PQresultStatus(result)));
    for (int row = 0; row < PQntuples(result); row++)
        for (int i = 0; i < PQnfields(result); i++)
            printf(" %s", PQfformat(result, i) ? "binary" : PQgetvalue(result, row, i));
    printf(" %s\n", PQresultErrorField(result, 'C') ? PQresultErrorField(result, 'C') : "");
    PQclear(result);
}

static void drain(PGconn *c)
{
    PGresult *result;
    while ((result = PQgetResult(c)) != NULL)
        show(result);
}

static void sync_calls(PGconn *c)
{
    show(PQexec(c, "SELECT * FROM author WHERE name = 'Asha'"));
    const char *text[] = {"1"};
    show(PQexecParams(c, "SELECT name FROM author WHERE id = $1::int", 1, NULL, text, NULL, NULL, 0));
    const unsigned char two[] = {0, 2};
    const char *binary[] = {(const char *)two};
    const int lengths[] = {2}, formats[] = {1};
    const Oid types[] = {21};
    show(PQexecParams(c, "SELECT id, code FROM author WHERE id = $1", 1, types, binary, lengths, formats, 1));
    show(PQprepare(c, "by_id", "SELECT name, 7 FROM author WHERE id = $1", 0, NULL));
    for (int i = 1; i <= 2; i++) {
        char id[8];
        const char *values[] = {id};
        snprintf(id, sizeof id, "%d", i);
        show(PQexecPrepared(c, "by_id", 1, values, NULL, NULL, 0));
    }
    const char *null[] = {NULL};
    show(PQexecPrepared(c, "by_id", 1, null, NULL, NULL, 0));
}

static void scripts(PGconn *c)
{
    show(PQexec(c, "SELECT 1; SELECT name FROM author WHERE id = 2; DELETE FROM author WHERE id = 1"));
    PQsendQuery(c, "SELECT 3; SELECT 4");
    drain(c);
}

static void failures(PGconn *c)
{
    show(PQexec(c, "SELECT * FROM nowhere"));
    show(PQprepare(c, "bad", "SELECT * FROM nowhere WHERE id = $1", 0, NULL));
    show(PQexec(c, "INSERT INTO author VALUES (1)"));
    show(PQexec(c, "SELECT 1; SELECT 1/0; SELECT 2"));
}

static void async_calls(PGconn *c)
{
    const char *values[] = {"2"};
    PQsendQueryParams(c, "SELECT name FROM author WHERE id = $1::int", 1, NULL, values, NULL, NULL, 0);
    drain(c);
    PQsendPrepare(c, "p", "SELECT id FROM author WHERE id >= $1::int ORDER BY id", 0, NULL);
    drain(c);
    values[0] = "1";
    PQsendQueryPrepared(c, "p", 1, values, NULL, NULL, 0);
    PQsetSingleRowMode(c);
    drain(c);
}

static void pipeline(PGconn *c)
{
    PQenterPipelineMode(c);
    PQsendPrepare(c, "p", "SELECT id FROM author WHERE id = $1::int", 0, NULL);
    for (int i = 1; i <= 2; i++) {
        char id[8];
        const char *values[] = {id};
        snprintf(id, sizeof id, "%d", i);
        PQsendQueryPrepared(c, "p", 1, values, NULL, NULL, 0);
    }
    printf("%d ", PQsendFlushRequest(c));
    PQpipelineSync(c);
    for (int ends = 0; ends < 3;) { /* a NULL ends each query */
        PGresult *result = PQgetResult(c);
        if (result)
            show(result);
        else
            ends++;
    }
    show(PQgetResult(c));
    printf("%d\n", PQexitPipelineMode(c));
    show(PQexec(c, "SELECT 5"));
}

static void copy(PGconn *c)
{
    show(PQexec(c, "COPY author(id, name) FROM STDIN"));
    PQputCopyData(c, "8\tDara\n9\tEla\n", 13);
    PQputCopyEnd(c, NULL);
    drain(c);
    show(PQexec(c, "SELECT count(*) FROM author"));
}

/* COPY as programs did it before there was PQputCopyData: DBD::Pg, PHP and pgbench still know these calls. */
static void old_copy(PGconn *c)
{
    char line[64];
    show(PQexec(c, "COPY author(id, name) FROM STDIN"));
    printf("%d ", PQputline(c, "18\tFara\n"));
    printf("%d ", PQputnbytes(c, "19\tGita\n", 8));
    printf("%d ", PQputline(c, "\\.\n"));
    printf("%d ", PQendcopy(c));
    show(PQexec(c, "COPY (SELECT name FROM author ORDER BY id) TO STDOUT"));
    while (PQgetline(c, line, sizeof line) == 0 && strcmp(line, "\\.") != 0)
        printf("%s ", line);
    printf("%d ", PQendcopy(c));
    show(PQexec(c, "COPY (SELECT id FROM author ORDER BY id) TO STDOUT"));
    for (int n; (n = PQgetlineAsync(c, line, sizeof line)) >= 0;) {
        printf("%.*s", n, line);
        if (n == 0)
            PQconsumeInput(c);
    }
    printf("%d ", PQendcopy(c));
    show(PQexec(c, "SELECT count(*) FROM author"));
}

static void reset(PGconn *c)
{
    show(PQprepare(c, "s", "SELECT 1", 0, NULL));
    PQreset(c);
    show(PQexecPrepared(c, "s", 0, NULL, NULL, NULL, 0));
    PQclear(PQprepare(c, "s", "SELECT 2", 0, NULL));
    show(PQexecPrepared(c, "s", 0, NULL, NULL, NULL, 0));
}

/* The N+1, as many rows as every cell is not kept of. */
static void loop(PGconn *c)
{
    PGresult *all = PQexec(c, "SELECT i AS id, 'n' || i AS name FROM generate_series(1, 200) AS i");
    long sum = 0;
    for (int row = 0; row < PQntuples(all); row++) {
        const char *values[] = {PQgetvalue(all, row, 0)};
        PGresult *one = PQexecParams(c, "SELECT $1::int * 2", 1, NULL, values, NULL, NULL, 0);
        sum += atol(PQgetvalue(one, 0, 0));
        PQclear(one);
    }
    PQclear(all);
    printf("%ld\n", sum);
}

/* PREPARE, EXECUTE and DEALLOCATE as SQL, mixed with the protocol's own; cursors. */
static void sql_level(PGconn *c)
{
    char text[80];
    show(PQexec(c, "PREPARE by_id(int) AS SELECT name, 'x' FROM author WHERE id = $1;"));
    for (int i = 1; i <= 2; i++) {
        snprintf(text, sizeof text, "EXECUTE By_Id (%d)", i);
        PQsendQuery(c, text);
        drain(c);
    }
    const char *one[] = {"1"};
    show(PQexecPrepared(c, "by_id", 1, one, NULL, NULL, 0));
    show(PQprepare(c, "Odd \"name", "SELECT id FROM author WHERE name = $1", 0, NULL));
    show(PQexec(c, "/* by name */ execute \"Odd \"\"name\" ('Bela')"));
    show(PQexec(c, "PREPARE broken AS SELECT * FROM nowhere"));
    show(PQexec(c, "EXECUTE broken"));
    show(PQexec(c, "PREPARE twice AS SELECT count(*) FROM author; EXECUTE twice; DEALLOCATE PREPARE twice"));
    show(PQexec(c, "EXECUTE twice"));
    show(PQexec(c, "DEALLOCATE ALL"));
    show(PQexec(c, "EXECUTE by_id(1)"));
    show(PQexec(c, "BEGIN"));
    show(PQexec(c, "DECLARE \"all\" CURSOR FOR SELECT id FROM author ORDER BY id"));
    show(PQexec(c, "FETCH FORWARD 1 FROM \"all\""));
    show(PQexec(c, "FETCH FORWARD 5 FROM \"all\""));
    show(PQexec(c, "CLOSE \"all\""));
    show(PQexec(c, "COMMIT"));
}

/* Function calls past SQL: large objects and PQfn. They work, and the statements around them are recorded as ever. */
static void fastpath(PGconn *c)
{
    char bytes[8] = "";
    int result = 0, length = 0;
    PQclear(PQexec(c, "BEGIN"));
    const Oid object = lo_creat(c, INV_READ | INV_WRITE);
    const int fd = lo_open(c, object, INV_READ | INV_WRITE);
    printf("%d ", lo_write(c, fd, "large", 5));
    printf("%d ", lo_lseek(c, fd, 1, SEEK_SET));
    printf("%d %s ", lo_read(c, fd, bytes, 4), bytes);
    printf("%d ", lo_tell(c, fd));
    printf("%d ", lo_close(c, fd));
    printf("%d ", lo_unlink(c, object));
    const PQArgBlock argument = {.isint = 1, .len = 4, .u.integer = -7};
    PGresult *abs_value = PQfn(c, 1397 /* int4abs */, &result, &length, 1, &argument, 1);
    printf("%s %d\n", PQresStatus(PQresultStatus(abs_value)), result);
    PQclear(abs_value);
    show(PQexec(c, "SELECT 'after'"));
    PQclear(PQexec(c, "COMMIT"));
    show(PQdescribePrepared(c, "nothing"));
    PGcancel *cancel = PQgetCancel(c);
    PQfreeCancel(cancel);
}

/* The calls of libpq 17, asked for by name, since the headers here may be older: rows in chunks, closed statements, a pipeline
 * that is synchronised without being flushed, a cancel without signals. Prints "absent" where the library has none. */
static void newer(PGconn *c)
{
    typedef int set_chunks(PGconn *, int), send(PGconn *), cancels(void *);
    typedef PGresult *named(PGconn *, const char *);
    typedef int send_named(PGconn *, const char *);
    typedef void *make_cancel(PGconn *);
    typedef void finish_cancel(void *);
    set_chunks *const chunks = (set_chunks *)dlsym(RTLD_DEFAULT, "PQsetChunkedRowsMode");
    send *const sync = (send *)dlsym(RTLD_DEFAULT, "PQsendPipelineSync");
    named *const close_prepared = (named *)dlsym(RTLD_DEFAULT, "PQclosePrepared");
    named *const close_portal = (named *)dlsym(RTLD_DEFAULT, "PQclosePortal");
    send_named *const send_close_portal = (send_named *)dlsym(RTLD_DEFAULT, "PQsendClosePortal");
    send_named *const send_close = (send_named *)dlsym(RTLD_DEFAULT, "PQsendClosePrepared");
    make_cancel *const cancel_of = (make_cancel *)dlsym(RTLD_DEFAULT, "PQcancelCreate");
    cancels *const cancel_now = (cancels *)dlsym(RTLD_DEFAULT, "PQcancelBlocking");
    finish_cancel *const cancel_end = (finish_cancel *)dlsym(RTLD_DEFAULT, "PQcancelFinish");
    if (!chunks || !sync || !close_prepared || !send_close || !close_portal || !send_close_portal || !cancel_of ||
        !cancel_now || !cancel_end) {
        puts("absent");
        return;
    }
    PQsendQuery(c, "SELECT i AS id FROM generate_series(1, 10) AS i");
    printf("%d ", chunks(c, 4));
    drain(c);
    show(PQprepare(c, "by_id", "SELECT name FROM author WHERE id = $1::int", 0, NULL));
    const char *values[] = {"1"};
    show(PQexecPrepared(c, "by_id", 1, values, NULL, NULL, 0));
    show(close_prepared(c, "by_id"));
    show(PQexecPrepared(c, "by_id", 1, values, NULL, NULL, 0));
    show(PQexec(c, "BEGIN"));
    show(PQexec(c, "DECLARE one CURSOR FOR SELECT 8"));
    show(PQexec(c, "DECLARE two CURSOR FOR SELECT 9"));
    show(close_portal(c, "one"));
    printf("%d ", send_close_portal(c, "two"));
    drain(c);
    show(PQexec(c, "COMMIT"));
    show(PQprepare(c, "again", "SELECT id FROM author WHERE id = $1::int", 0, NULL));
    PQenterPipelineMode(c);
    PQsendQueryPrepared(c, "again", 1, values, NULL, NULL, 0);
    printf("%d ", send_close(c, "again"));
    PQsendQueryPrepared(c, "again", 1, values, NULL, NULL, 0);
    printf("%d ", sync(c));
    PQsendQueryParams(c, "SELECT 'last' || $1", 1, NULL, values, NULL, NULL, 0);
    PQpipelineSync(c);
    for (int syncs = 0; syncs < 2;) {
        PGresult *result = PQgetResult(c);
        syncs += PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (result)
            show(result);
    }
    printf("%d ", PQexitPipelineMode(c));
    PQsendQuery(c, "SELECT pg_sleep(60)");
    void *cancel = cancel_of(c);
    printf("%d ", cancel_now(cancel));
    cancel_end(cancel);
    drain(c);
    show(PQexec(c, "SELECT 5"));
}

/* Statements that are prepared, replaced and dropped by a thread for which the recorder finds no room, and run by one for which it
 * has: they are known by their texts. */
static void *without_room(void *connection)
{
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    const struct rlimit none = {0, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
    PGresult *made[] = {PQprepare(connection, "late", "SELECT name, 7 FROM author WHERE id = $1::int", 0, NULL),
                        PQexec(connection, "PREPARE by_name(text) AS SELECT id FROM author WHERE name = $1;"),
                        PQprepare(connection, "bad", "SELECT * FROM nowhere", 0, NULL),
                        PQexec(connection, "DEALLOCATE early"), PQexec(connection, "SELECT 'lost'")};
    PQsendPrepare(connection, "sent", "SELECT code FROM author WHERE id = $1::int", 0, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    drain(connection);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        show(made[i]);
    return NULL;
}

static void no_room(PGconn *c)
{
    const char *one[] = {"1"};
    pthread_t thread;
    show(PQprepare(c, "early", "SELECT 'early' WHERE 1 = $1::int", 0, NULL));
    signal(SIGXFSZ, SIG_IGN);
    pthread_create(&thread, NULL, without_room, c);
    pthread_join(thread, NULL);
    for (int i = 0; i < 2; i++) {
        show(PQexecPrepared(c, "late", 1, one, NULL, NULL, 0));
        show(PQexec(c, "EXECUTE by_name('Asha')"));
        show(PQexecPrepared(c, "sent", 1, one, NULL, NULL, 0));
        show(PQexecPrepared(c, "early", 1, one, NULL, NULL, 0));
    }
}

/* ---- connections, made in every way and driven by hand ---------------------------------------------------------------- */
static void wait_for(const PGconn *c, bool is_write)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(PQsocket(c), &set);
    select(PQsocket(c) + 1, is_write ? NULL : &set, is_write ? &set : NULL, NULL, NULL);
}

static PGconn *polled(PGconn *c, PostgresPollingStatusType poll(PGconn *))
{
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        wait_for(c, status == PGRES_POLLING_WRITING);
        status = poll(c);
    }
    printf("%d ", status == PGRES_POLLING_OK);
    return c;
}

static void connects(PGconn *unused)
{
    (void)unused;
    const char *const keywords[] = {"application_name", NULL}, *const values[] = {"ways", NULL};
    PGconn *all[] = {polled(PQconnectStart(""), PQconnectPoll),
                     polled(PQconnectStartParams(keywords, values, 0), PQconnectPoll),
                     PQconnectdbParams(keywords, values, 0), PQsetdbLogin(NULL, NULL, NULL, NULL, NULL, NULL, NULL),
                     PQconnectdb("")};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        show(PQexec(all[i], "SELECT 'connected'"));
        show(PQprepare(all[i], "kept", "SELECT 'prepared'", 0, NULL));
        show(PQexecPrepared(all[i], "kept", 0, NULL, NULL, NULL, 0));
    }
    printf("%d ", PQresetStart(all[0]));
    polled(all[0], PQresetPoll);
    show(PQexecPrepared(all[0], "kept", 0, NULL, NULL, NULL, 0));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        PQfinish(all[i]);
}

/* A connection that never blocks, as event loops drive it. */
static void non_blocking(PGconn *c)
{
    printf("%d ", PQsetnonblocking(c, 1));
    for (int i = 0; i < 3; i++) {
        char id[8];
        const char *values[] = {id};
        snprintf(id, sizeof id, "%d", i + 1);
        PQsendQueryParams(c, "SELECT name FROM author WHERE id = $1::int", 1, NULL, values, NULL, NULL, 0);
        while (PQflush(c) == 1)
            wait_for(c, true);
        for (bool has_more = true; has_more;) {
            while (PQisBusy(c)) {
                wait_for(c, false);
                if (!PQconsumeInput(c))
                    return;
            }
            PGresult *result = PQgetResult(c);
            has_more = result != NULL;
            if (result)
                printf("%d %s ", PQntuples(result), PQntuples(result) ? PQgetvalue(result, 0, 0) : "-");
            PQclear(result);
        }
    }
    puts("");
}

/* Descriptions of statements and portals between statements: nobody's executions. */
static void describes(PGconn *c)
{
    show(PQprepare(c, "by_id", "SELECT name FROM author WHERE id = $1::int", 0, NULL));
    show(PQdescribePrepared(c, "by_id"));
    PQsendDescribePrepared(c, "by_id");
    drain(c);
    show(PQexec(c, "BEGIN"));
    show(PQexec(c, "DECLARE cur CURSOR FOR SELECT id FROM author"));
    show(PQdescribePortal(c, "cur"));
    PQsendDescribePortal(c, "cur");
    drain(c);
    show(PQexec(c, "FETCH ALL FROM cur"));
    show(PQexec(c, "COMMIT"));
}

static void copy_out(PGconn *c)
{
    char *line;
    int rows = 0;
    show(PQexec(c, "COPY author(id, name) TO STDOUT"));
    while (PQgetCopyData(c, &line, 0) > 0) {
        rows++;
        PQfreemem(line);
    }
    printf("%d ", rows);
    drain(c);
    show(PQexec(c, "SELECT 7"));
}

static void *sleeps(void *connection)
{
    PQclear(PQexec(connection, "SELECT pg_sleep(60)"));
    return NULL;
}

static void *waits(void *connection)
{
    PQclear(PQgetResult(connection));
    return NULL;
}

/* Threads that are cancelled while libpq waits inside PQexec, and inside PQgetResult. The connections can only be closed or reset. */
static void cancelled(PGconn *c)
{
    for (int i = 0; i < 4; i++) {
        pthread_t thread;
        void *how;
        if (i % 2)
            PQsendQuery(c, "SELECT pg_sleep(60), 'sent'");
        pthread_create(&thread, NULL, i % 2 ? waits : sleeps, c);
        for (int tries = 0; PQtransactionStatus(c) != PQTRANS_ACTIVE && tries < 4000; tries++)
            usleep(500);
        pthread_cancel(thread);
        pthread_join(thread, &how);
        PQreset(c);
        printf("%d %d ", how == PTHREAD_CANCELED, PQstatus(c) == CONNECTION_OK);
        show(PQexec(c, "SELECT 6"));
    }
}

/* As many prepared statements as an ORM keeps of one connection (ActiveRecord: 1000), each executed when all are there. */
static void kept_names(PGconn *c)
{
    const char *values[] = {"1"};
    int rows = 0;
    for (int i = 0; i < 2000; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%d", i % 1000);
        PGresult *result = i < 1000 ? PQprepare(c, name, "SELECT name FROM author WHERE id = $1::int", 0, NULL)
                                    : PQexecPrepared(c, name, 1, values, NULL, NULL, 0);
        rows += PQntuples(result);
        PQclear(result);
    }
    printf("%d\n", rows);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(PGconn *);
    } ways[] = {{"sync", sync_calls},      {"scripts", scripts},
                {"failures", failures},    {"async", async_calls},
                {"pipeline", pipeline},    {"copy", copy},
                {"reset", reset},          {"loop", loop},
                {"sql_level", sql_level},  {"fastpath", fastpath},
                {"newer", newer},          {"cancelled", cancelled},
                {"connects", connects},    {"non_blocking", non_blocking},
                {"describes", describes},  {"copy_out", copy_out},
                {"no_room", no_room},      {"old_copy", old_copy},
                {"kept_names", kept_names}};
    for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(argv[1], ways[i].name) == 0) {
            PGconn *c = connect_or_exit();
            ways[i].run(c);
            PQfinish(c);
            return 0;
        }
    }
    fprintf(stderr, "usage: libpq_calls WAY\n");
    return 2;
}
