#include "preload_recording.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

void recording_make(struct recording *r)
{
    char path[160];
    struct n1_counters counters = {.magic = N1_MAGIC_COUNT, .version = 1};
    const char *base = getenv("TMPDIR");
    snprintf(r->directory, sizeof r->directory, "%s/n1prof-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(r->directory));
    snprintf(path, sizeof path, "%s/counters", r->directory);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, &counters, sizeof counters), sizeof counters);
    assert_int_equal(ftruncate(fd, N1_PAGE_BYTES), 0);
    close(fd);
}

void recording_remove(struct recording *r)
{
    DIR *directory = opendir(r->directory);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory)
        closedir(directory);
    rmdir(r->directory);
}

void recording_enter(const struct recording *r, bool has_values)
{
    setenv(N1_ENV_DIR, r->directory, 1);
    setenv(N1_ENV_KEY, RECORDING_KEY, 1);
    setenv(N1_ENV_VALUES, has_values ? "1" : "", 1);
}

void recording_run(struct recording *r, const char *const *argv, bool is_recorded, bool has_values)
{
    int ends[2];
    size_t n = 0;
    ssize_t got;
    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        unsetenv("LD_PRELOAD");
        if (is_recorded) {
            recording_enter(r, has_values);
            setenv("LD_PRELOAD", N1_TEST_SHIM, 1);
        }
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(ends[1]);
    while (n < sizeof r->output - 1 && (got = read(ends[0], r->output + n, sizeof r->output - 1 - n)) > 0)
        n += (size_t)got;
    r->output[n] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &r->status, 0), pid);
}

struct n1_trace *recording_open(const struct recording *r)
{
    struct n1_error err = {0};
    struct n1_trace *trace = n1_trace_open(r->directory, &err);
    if (!trace)
        fail_msg("%s: %s", err.file, err.message);
    return trace;
}

static void has_value(const struct n1_value *v, const char *text, const struct n1_sql_text *sql)
{
    struct n1_key key;
    if (v->hash == 0)
        return;
    if (!text)
        fail_msg("%s: a value without its text", sql ? sql->text : "?");
    const bool is_canonical = v->kind == N1_VALUE_INTEGER || v->kind == N1_VALUE_TEXT || v->kind == N1_VALUE_UUID;
    const size_t length = strlen(text);
    assert_int_equal(n1_key_parse(&key, RECORDING_KEY), 0);
    if (is_canonical && length < N1_VALUE_TEXT_MAX && n1_value_text(&key, text, length).hash != v->hash)
        fail_msg("%s: \"%s\" is not the value", sql ? sql->text : "?", text);
}

void recording_has_values(const struct recording *r)
{
    struct n1_event ev;
    struct n1_trace *trace = recording_open(r);
    while (n1_trace_next(trace, &ev)) {
        const struct n1_sql_text *sql = n1_trace_sql(trace, ev.process, ev.sql);
        for (uint32_t i = 0; i < ev.n_bound + ev.n_literals; i++)
            has_value(&ev.params[i], ev.param_text[i], sql);
        for (uint32_t i = 0; i < ev.n_cells; i++) {
            const struct n1_value v = n1_event_cell_value(&ev.cells[i]);
            has_value(&v, ev.cell_text[i], sql);
        }
    }
    assert_int_equal(trace->counter[N1_LOST_VALUES], 0);
    n1_trace_close(trace);
}

/* Executions are summed by process and number: OPEN names the text, END has the outcome. */
struct open_execution {
    uint32_t process;
    uint64_t id;
    bool is_ours;
};
enum { OPEN_MAX = 65536 };

static struct tally tally(const struct recording *r, const char *sql, unsigned *total)
{
    static struct open_execution open_ones[OPEN_MAX];
    struct tally t = {0};
    size_t n_open = 0;
    struct n1_event ev;
    struct n1_trace *trace = recording_open(r);
    *total = 0;
    while (n1_trace_next(trace, &ev)) {
        bool is_ours = false;
        if (ev.type == N1_EVENT_EXEC || ev.type == N1_EVENT_OPEN) {
            const struct n1_sql_text *text = n1_trace_sql(trace, ev.process, ev.sql);
            is_ours = sql && text && strcmp(text->text, sql) == 0;
            if (is_ours) {
                t.n_bound = ev.n_bound;
                t.n_literals = ev.n_literals;
            }
        } else {
            for (size_t i = 0; i < n_open; i++)
                if (open_ones[i].process == ev.process && open_ones[i].id == ev.execution)
                    is_ours = open_ones[i].is_ours;
        }
        if (ev.type == N1_EVENT_OPEN && n_open < OPEN_MAX)
            open_ones[n_open++] = (struct open_execution){ev.process, ev.execution, is_ours};
        const bool has_ended = ev.type == N1_EVENT_EXEC || ev.type == N1_EVENT_END;
        *total += has_ended;
        if (!is_ours)
            continue;
        t.opened += ev.type == N1_EVENT_OPEN;
        t.cells += ev.n_cells;
        if (has_ended) {
            t.executions++;
            t.rows += ev.rows;
            t.failed += ev.error != 0;
        }
    }
    assert_int_equal(trace->damaged_bytes, 0);
    n1_trace_close(trace);
    return t;
}

struct tally recording_tally(const struct recording *r, const char *sql)
{
    unsigned total;
    return tally(r, sql, &total);
}

unsigned recording_total(const struct recording *r)
{
    unsigned total;
    tally(r, NULL, &total);
    return total;
}
