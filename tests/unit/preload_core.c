/* The recorder's rooms one by one, linked into the test (sanitized), without hooks. The process runs itself again with the
 * environment that the recorder reads in its constructor. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "preload/base/dictionary.h"
#include "preload/base/map.h"
#include "preload/base/memory.h"
#include "preload/base/stream.h"
#include "preload/base/text.h"
#include "preload/hooks/libpq.h"
#include "preload/hooks/sqlite.h"
#include "preload/recorder/cells.h"
#include "preload/stacks/stack.h"
#include "preload_recording.h"

#define RUN_AGAIN "N1_TEST_CORE_RUN"

uint32_t n1_stack_capture(void)
{
    return 0;
}

void n1_stack_adopt(struct n1_stack_home *home)
{
    (void)home;
}

/* ---- the map ------------------------------------------------------------------------------------------------------- */
static void the_map_keeps_what_it_is_given(void **state)
{
    (void)state;
    enum { N = 20000 };
    static uint32_t handle[N];
    void *before;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++)
            assert_int_equal(n1_map_add(N1_HANDLE_STATEMENT, &handle[i], &handle[N - 1 - i], &before), 0);
        for (int i = 0; i < N; i += 2)
            assert_ptr_equal(n1_map_remove(N1_HANDLE_STATEMENT, &handle[i]), &handle[N - 1 - i]);
        for (int i = 0; i < N; i++)
            assert_ptr_equal(n1_map_find(N1_HANDLE_STATEMENT, &handle[i]), i % 2 ? &handle[N - 1 - i] : NULL);
        for (int i = 1; i < N; i += 2)
            assert_ptr_equal(n1_map_remove(N1_HANDLE_STATEMENT, &handle[i]), &handle[N - 1 - i]);
        assert_null(n1_map_remove(N1_HANDLE_STATEMENT, &handle[0]));
    }
    assert_int_equal(n1_map_add(N1_HANDLE_STATEMENT, &handle[0], &handle[1], &before), 0);
    assert_null(before);
    assert_int_equal(n1_map_add(N1_HANDLE_STATEMENT, &handle[0], &handle[2], &before), 0);
    assert_ptr_equal(before, &handle[1]);
    n1_map_remove(N1_HANDLE_STATEMENT, &handle[0]);
}

/* An address whose end was not seen is another handle by now. */
static void a_handle_has_one_kind(void **state)
{
    (void)state;
    static uint32_t handle, statement, database;
    void *before;
    assert_int_equal(n1_map_add(N1_HANDLE_STATEMENT, &handle, &statement, &before), 0);
    assert_null(n1_map_find(N1_HANDLE_DATABASE, &handle));
    assert_null(n1_map_remove(N1_HANDLE_CONNECTION, &handle));
    assert_ptr_equal(n1_map_find(N1_HANDLE_STATEMENT, &handle), &statement);
    assert_int_equal(n1_map_add(N1_HANDLE_DATABASE, &handle, &database, &before), 0);
    assert_null(before); /* its size is not that of a database's state */
    assert_null(n1_map_find(N1_HANDLE_STATEMENT, &handle));
    assert_ptr_equal(n1_map_remove(N1_HANDLE_DATABASE, &handle), &database);
}

static void a_full_map_says_so(void **state)
{
    (void)state;
    static uint32_t handle[N1_MAP_SLOTS];
    void *before;
    unsigned n = 0;
    while (n < N1_MAP_SLOTS && n1_map_add(N1_HANDLE_STATEMENT, &handle[n], &handle[n], &before) == 0)
        n++;
    assert_int_equal(n, N1_MAP_FULL);
    assert_null(n1_map_find(N1_HANDLE_STATEMENT, &handle[n]));
    for (unsigned i = 0; i < n; i++)
        assert_ptr_equal(n1_map_remove(N1_HANDLE_STATEMENT, &handle[i]), &handle[i]);
    assert_int_equal(n1_map_add(N1_HANDLE_STATEMENT, &handle[0], &handle[0], &before),
                     0); /* removed places serve again */
    n1_map_remove(N1_HANDLE_STATEMENT, &handle[0]);
}

static void *churn(void *data)
{
    uint32_t *handle = data;
    void *before;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 100; i++)
            if (n1_map_add(N1_HANDLE_STATEMENT, &handle[i], &handle[i], &before) != 0)
                return data;
        for (int i = 0; i < 100; i++)
            if (n1_map_find(N1_HANDLE_STATEMENT, &handle[i]) != &handle[i] ||
                n1_map_remove(N1_HANDLE_STATEMENT, &handle[i]) != &handle[i])
                return data;
    }
    return NULL;
}

/* ---- names of prepared statements ------------------------------------------------------------------------------------ */
static void names_are_kept_and_forgotten(void **state)
{
    (void)state;
    enum { N = 1500, MOST = (int)(N1_PQ_NAMES / 4 * 3) };
    struct n1_pq_names names = {0};
    struct n1_encode_value literal = {.value = {.kind = N1_VALUE_INTEGER}};
    for (uint32_t round = 1; round <= 3; round++) {
        for (uint32_t i = 1; i <= N; i++) {
            literal.value.hash = i;
            n1_pq_name_remember(&names, n1_pq_name_hash((const char *)&i, sizeof i),
                                &(struct n1_text){.sql = i * round, .n_literals = 1}, &literal);
        }
        for (uint32_t i = 1; i <= N; i += 3)
            n1_pq_name_forget(&names, n1_pq_name_hash((const char *)&i, sizeof i));
        assert_int_equal(names.count, N - N / 3);
        for (uint32_t i = 1; i <= N; i++) {
            const struct n1_pq_name *name = n1_pq_name_find(NULL, &names, n1_pq_name_hash((const char *)&i, sizeof i));
            assert_int_equal(name != NULL, i % 3 != 1);
            if (name) {
                assert_int_equal(name->sql, i * round);
                assert_int_equal(name->literals[0].value.hash, i);
            }
        }
    }
    for (uint32_t i = N; i < 4 * N; i++) { /* more than there is room for: the newest is always there */
        const uint64_t hash = n1_pq_name_hash((const char *)&i, sizeof i);
        n1_pq_name_remember(&names, hash, &(struct n1_text){.sql = i}, NULL);
        assert_non_null(n1_pq_name_find(NULL, &names, hash));
        assert_in_range(names.count, 1, MOST);
    }
    n1_pq_name_release(&names);
    assert_int_equal(names.count, 0);
}

static void threads_share_the_map(void **state)
{
    (void)state;
    static uint32_t handle[4][100];
    pthread_t thread[4];
    void *failed;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, churn, handle[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
}

/* ---- the pool ------------------------------------------------------------------------------------------------------ */
static void the_pool_is_bounded_and_zeroes(void **state)
{
    (void)state;
    enum { BLOCK = 16 * 1024, MOST = N1_MEMORY_POOL_BYTES / BLOCK };
    static char *block[MOST + 1];
    unsigned n = 0;
    assert_null(n1_pool_take(BLOCK + 1));
    while (n <= MOST && (block[n] = n1_pool_take(BLOCK)) != NULL)
        n++;
    assert_in_range(n, MOST / 2, MOST);
    for (unsigned i = 0; i < n; i++) {
        memset(block[i], 0xff, BLOCK);
        n1_pool_give(block[i], BLOCK);
    }
    for (unsigned i = 0; i < n; i++) {
        block[i] = n1_pool_take(BLOCK);
        assert_non_null(block[i]);
        assert_int_equal(block[i][0] | block[i][BLOCK - 1], 0);
    }
    for (unsigned i = 0; i < n; i++)
        n1_pool_give(block[i], BLOCK);
}

/* ---- texts --------------------------------------------------------------------------------------------------------- */
static struct n1_text find(const char *sql, struct n1_encode_value *params)
{
    return n1_text_find(&n1_thread_self.slot->texts, N1_DIALECT_POSTGRES, 0, sql, strlen(sql), params, N1_PARAMS_MAX,
                        NULL);
}

static void texts_that_differ_in_literals_are_one(void **state)
{
    (void)state;
    struct n1_encode_value params[N1_PARAMS_MAX], again[N1_PARAMS_MAX];
    const struct n1_text a = find("SELECT * FROM t WHERE id = 5 AND s = 'x'", params);
    const struct n1_text b = find("SELECT * FROM t WHERE id = 6 AND s = 'y';", again);
    assert_int_not_equal(a.sql, 0);
    assert_int_equal(a.sql, b.sql);
    assert_int_equal(b.n_literals, 2);
    assert_true(params[0].value.hash != again[0].value.hash);
    const struct n1_text c = find("SELECT * FROM t WHERE id = 5 AND s = 'x'", again); /* by the cache now */
    assert_int_equal(c.sql, a.sql);
    assert_int_equal(c.n_literals, 2);
    for (int i = 0; i < 2; i++)
        assert_true(params[i].value.hash == again[i].value.hash && params[i].value.kind == again[i].value.kind);
    assert_true(find("SELECT * FROM t WHERE id = $1 AND s = 'x'", again).sql !=
                a.sql); /* another operand is the literal */
    assert_false(c.is_script);
    assert_true(find("SELECT 1; SELECT 2", again).is_script);
    assert_false(find("SELECT ';' ; ", again).is_script);
}

static void more_literals_than_are_kept(void **state)
{
    (void)state;
    struct n1_encode_value params[N1_PARAMS_MAX];
    char sql[1024] = "SELECT * FROM t WHERE id IN (0";
    for (int i = 1; i < 100; i++)
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), ",%d", i);
    strcat(sql, ")");
    const uint64_t cut = n1_counters->value[N1_CUT_PARAMS];
    assert_int_equal(find(sql, params).n_literals, N1_PARAMS_MAX);
    assert_int_equal(n1_counters->value[N1_CUT_PARAMS] - cut, 100 - N1_PARAMS_MAX);
}

/* Nothing is lost without being counted; and once, not again with the execution's end. */
static void a_real_value_without_room_is_counted(void **state)
{
    (void)state;
    enum { BLOCK_BYTES = 16 * 1024, BLOCKS = N1_MEMORY_POOL_BYTES / BLOCK_BYTES + 1 };
    static void *block[BLOCKS];
    struct n1_encode_value params[N1_PARAMS_MAX];
    struct n1_execution e = {.params = params};
    struct n1_thread *self = n1_thread_enter();
    const uint64_t lost = n1_counters->value[N1_LOST_VALUES];
    size_t n = 0;
    n1_process.has_values = true;
    while (n < BLOCKS && (block[n] = n1_pool_take(BLOCK_BYTES)))
        n++;
    struct n1_arena arena = n1_arena_borrow();
    const struct n1_text text =
        n1_text_find(&self->slot->texts, N1_DIALECT_SQLITE, 0, "SELECT 'x', ''", 14, params, N1_PARAMS_MAX, &arena);
    e.sql = text.sql;
    e.n_literals = text.n_literals;
    n1_execution_begin(self, &e);
    n1_execution_keep(self, &e);
    n1_execution_end(self, &e, 0);
    n1_arena_return(&arena);
    n1_process.has_values = false;
    while (n > 0)
        n1_pool_give(block[--n], BLOCK_BYTES);
    n1_thread_leave(self);
    assert_int_equal(n1_counters->value[N1_LOST_VALUES] - lost, 1); /* an empty text needs no room */
}

/* ---- the stream under attack --------------------------------------------------------------------------------------- */
static int find_descriptor(const char *ending)
{
    char link[64], path[512];
    for (int fd = 3; fd < 8192; fd++) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        const ssize_t n = readlink(link, path, sizeof path - 1);
        path[n > 0 ? n : 0] = '\0';
        const size_t length = strlen(path), tail = strlen(ending);
        if (length > tail && strcmp(path + length - tail, ending) == 0)
            return fd;
    }
    return -1;
}

static int write_string(void)
{
    const uint8_t bytes[] = {1, 1, 'x'};
    return n1_dictionary_write(N1_CHUNK_STRING, bytes, sizeof bytes);
}

static void a_descriptor_taken_by_another_file(void **state)
{
    (void)state;
    char path[] = "/tmp/n1prof-stranger-XXXXXX";
    const int fd = find_descriptor(".n1"), stranger = mkstemp(path);
    assert_true(fd > 500); /* where programs do not look */
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(dup2(stranger, fd), fd);
    errno = 42;
    assert_int_equal(write_string(), 0);
    assert_int_equal(errno, 42);
    assert_int_equal(lseek(stranger, 0, SEEK_END), 0);
    assert_int_equal(fcntl(fd, F_GETFD) >= 0, 1); /* left open: it is the program's */
    close(fd);
    close(stranger);
    unlink(path);
    assert_int_equal(write_string(), 0);
}

static void a_file_size_limit(void **state)
{
    (void)state;
    struct rlimit before, none = {0, RLIM_INFINITY};
    sigset_t mask;
    getrlimit(RLIMIT_FSIZE, &before);
    none.rlim_max = before.rlim_max;
    const uint64_t lost = n1_counters->value[N1_LOST_DICTIONARY];
    setrlimit(RLIMIT_FSIZE, &none);
    errno = 42;
    assert_int_equal(write_string(), 0); /* owed */
    assert_int_equal(errno, 42);
    assert_int_equal(n1_dictionary_settle(), -1);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(n1_counters->value[N1_LOST_DICTIONARY], lost + 1);
    assert_int_equal(n1_counters->value[N1_LAST_ERRNO], EFBIG);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGXFSZ), 0);
    sigpending(&mask);
    assert_int_equal(sigismember(&mask, SIGXFSZ), 0);
    assert_int_equal(n1_dictionary_settle(), 0);
    assert_int_equal(n1_counters->value[N1_LOST_DICTIONARY], lost);
}

/* More than is kept in memory is lost; a disk that is full is not asked for each entry again. */
static void more_is_owed_than_is_kept(void **state)
{
    (void)state;
    static uint8_t bytes[32 * 1024];
    enum { ENTRIES = 20, KEPT = 15 };
    struct rlimit before, none = {0, RLIM_INFINITY};
    struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
    getrlimit(RLIMIT_FSIZE, &before);
    none.rlim_max = before.rlim_max;
    const uint64_t lost = n1_counters->value[N1_LOST_DICTIONARY];
    n1_put_varint(&out, n1_dictionary_next_id(N1_CHUNK_STRING));
    n1_put_string(&out, "large");
    setrlimit(RLIMIT_FSIZE, &none);
    for (int i = 0; i < ENTRIES; i++)
        assert_int_equal(n1_dictionary_write(N1_CHUNK_STRING, bytes, sizeof bytes), i < KEPT ? 0 : -1);
    assert_int_equal(n1_counters->value[N1_LOST_DICTIONARY], lost + ENTRIES);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(n1_dictionary_settle(), 0);
    assert_int_equal(n1_counters->value[N1_LOST_DICTIONARY], lost + ENTRIES - KEPT);
}

static void no_descriptor_left(void **state)
{
    (void)state;
    struct rlimit before, none;
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 0;
    close(find_descriptor(".n1"));
    setrlimit(RLIMIT_NOFILE, &none);
    assert_int_equal(write_string(), 0);
    assert_int_equal(n1_dictionary_settle(), -1);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(n1_counters->value[N1_LAST_ERRNO], EMFILE);
    assert_int_equal(n1_dictionary_settle(), 0); /* opened again by its path */
}

/* ---- executions ---------------------------------------------------------------------------------------------------- */
static void run(struct n1_execution *e, const char *sql, int rows)
{
    struct n1_thread *self = n1_thread_enter();
    assert_non_null(self);
    struct n1_encode_value none[N1_PARAMS_MAX];
    e->sql = find(sql, none).sql;
    n1_execution_begin(self, e);
    e->columns = e->keys = 1;
    for (int i = 0; i < rows; i++) {
        n1_execution_row(e);
        n1_cells_integer(self, e, 0, i);
        n1_thread_leave(self);
        self = n1_thread_enter();
    }
    n1_execution_end(self, e, 0);
    n1_thread_leave(self);
}

/* A parent that is stepped while children run, and more cells than the staging area holds. */
static void nested_executions(void **state)
{
    (void)state;
    struct recording r;
    struct n1_execution parent = {0}, child = {0};
    struct n1_encode_value none[N1_PARAMS_MAX];
    snprintf(r.directory, sizeof r.directory, "%s", getenv(N1_ENV_DIR));
    struct n1_thread *self = n1_thread_enter();
    parent.sql = find("SELECT parent", none).sql;
    n1_execution_begin(self, &parent);
    parent.columns = 1;
    for (int i = 0; i < 10; i++) {
        n1_execution_row(&parent);
        n1_cells_integer(self, &parent, 0, i);
        n1_thread_leave(self);
        run(&child, "SELECT child", 2000);
        self = n1_thread_enter();
    }
    n1_execution_end(self, &parent, 7);
    n1_thread_leave(self);
    const struct tally p = recording_tally(&r, "SELECT parent"), c = recording_tally(&r, "SELECT child");
    assert_int_equal(p.executions, 1);
    assert_int_equal(p.cells, 10);
    assert_int_equal(p.failed, 1);
    assert_int_equal(c.executions, 10);
    assert_int_equal(c.cells, 20000);
    assert_int_equal(c.rows, 20000);
}

/* Where a thread lost executions is said in its events, once, before the next one that it records. */
static void a_gap_is_said_where_it_lies(void **state)
{
    (void)state;
    struct recording r = {0};
    struct n1_execution e = {0};
    struct n1_event ev;
    unsigned gaps = 0, behind = 0;
    strcpy(r.directory, getenv(N1_ENV_DIR));
    struct n1_thread *self = n1_thread_enter();
    const uint64_t lost = n1_counters->value[N1_LOST_EVENTS];
    for (int i = 0; i < 3; i++)
        n1_thread_lose(self);
    n1_thread_leave(self);
    run(&e, "SELECT behind a gap", 0);
    run(&e, "SELECT behind a gap", 0);
    assert_int_equal(n1_counters->value[N1_LOST_EVENTS], lost + 3);
    struct n1_trace *trace = recording_open(&r);
    while (n1_trace_next(trace, &ev)) {
        const struct n1_sql_text *text = n1_trace_sql(trace, ev.process, ev.sql);
        if (ev.type == N1_EVENT_LOST) {
            gaps++;
            assert_int_equal(ev.lost, 3);
            assert_int_equal(behind, 0);
        } else if (text && strcmp(text->text, "SELECT behind a gap") == 0) {
            behind++;
        }
    }
    n1_trace_close(trace);
    assert_int_equal(gaps, 1);
    assert_int_equal(behind, 2);
}

static struct n1_execution wanderer;
static void *carry_on(void *data)
{
    (void)data;
    struct n1_thread *self = n1_thread_enter();
    for (int i = 0; i < 5; i++) {
        n1_execution_row(&wanderer);
        n1_cells_integer(self, &wanderer, 0, i);
    }
    n1_execution_end(self, &wanderer, 0);
    n1_thread_leave(self);
    return NULL;
}

static void an_execution_changes_threads(void **state)
{
    (void)state;
    struct recording r;
    struct n1_encode_value none[N1_PARAMS_MAX];
    pthread_t thread;
    snprintf(r.directory, sizeof r.directory, "%s", getenv(N1_ENV_DIR));
    struct n1_thread *self = n1_thread_enter();
    wanderer.sql = find("SELECT wanderer", none).sql;
    n1_execution_begin(self, &wanderer);
    wanderer.columns = 1;
    n1_execution_row(&wanderer);
    n1_cells_integer(self, &wanderer, 0, 100);
    n1_thread_leave(self);
    pthread_create(&thread, NULL, carry_on, NULL);
    pthread_join(thread, NULL);
    const struct tally t = recording_tally(&r, "SELECT wanderer");
    assert_int_equal(t.executions, 1);
    assert_int_equal(t.rows, 6);
    assert_int_equal(t.cells, 6);
}

static void a_child_starts_anew(void **state)
{
    (void)state;
    struct recording r;
    struct n1_execution e = {0};
    int status;
    snprintf(r.directory, sizeof r.directory, "%s", getenv(N1_ENV_DIR));
    run(&e, "SELECT before", 1);
    const unsigned before = recording_tally(&r, "SELECT before").executions;
    const pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 3; i++)
            run(&e, "SELECT before", 1); /* a text of the parent's dictionary */
        run(&e, "SELECT in child", 1);
        _exit(0);
    }
    run(&e, "SELECT in parent", 1);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(recording_tally(&r, "SELECT before").executions, before + 3);
    assert_int_equal(recording_tally(&r, "SELECT in child").executions, 1);
    assert_int_equal(recording_tally(&r, "SELECT in parent").executions, 1);
}

/* A signal handler that comes while the recorder works passes through. */
static void busy_means_pass_through(void **state)
{
    (void)state;
    struct n1_thread *self = n1_thread_enter();
    assert_non_null(self);
    assert_null(n1_thread_enter());
    n1_thread_leave(self);
    self = n1_thread_enter();
    assert_non_null(self);
    n1_thread_leave(self);
}

static int start(void **state)
{
    (void)state;
    struct n1_thread *self = n1_thread_enter();
    if (!self || !self->slot)
        return -1;
    n1_thread_leave(self);
    return 0;
}

static int run_again(char **argv)
{
    static struct recording r;
    int status;
    recording_make(&r);
    recording_enter(&r, false);
    setenv(RUN_AGAIN, "1", 1);
    const pid_t pid = fork();
    if (pid == 0) {
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    recording_remove(&r);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    (void)argc;
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_map_keeps_what_it_is_given),
                                       cmocka_unit_test(a_handle_has_one_kind),
                                       cmocka_unit_test(a_full_map_says_so),
                                       cmocka_unit_test(threads_share_the_map),
                                       cmocka_unit_test(names_are_kept_and_forgotten),
                                       cmocka_unit_test(texts_that_differ_in_literals_are_one),
                                       cmocka_unit_test(more_literals_than_are_kept),
                                       cmocka_unit_test(a_real_value_without_room_is_counted),
                                       cmocka_unit_test(a_descriptor_taken_by_another_file),
                                       cmocka_unit_test(a_file_size_limit),
                                       cmocka_unit_test(more_is_owed_than_is_kept),
                                       cmocka_unit_test(no_descriptor_left),
                                       cmocka_unit_test(nested_executions),
                                       cmocka_unit_test(a_gap_is_said_where_it_lies),
                                       cmocka_unit_test(an_execution_changes_threads),
                                       cmocka_unit_test(a_child_starts_anew),
                                       cmocka_unit_test(busy_means_pass_through),
                                       cmocka_unit_test(the_pool_is_bounded_and_zeroes)};
    if (!getenv(RUN_AGAIN))
        return run_again(argv);
    return cmocka_run_group_tests(tests, start, NULL);
}
