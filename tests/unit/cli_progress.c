/* The progress bar: on a terminal only, not for short work, and gone at the end. */
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/progress.h"

/* What the steps write to a standard error that is `fd`, which is closed, read back from `from` to the end: a terminal hands over what was
 * written when it likes. started_us: how long ago the work began. */
static void shown_by(int fd, int from, int64_t started_us, char *text, size_t size)
{
    int saved = dup(STDERR_FILENO);
    assert_true(saved >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    struct n1_progress progress;
    n1_progress_start(&progress, "reading");
    progress.start_us -= started_us;
    n1_progress_step(&progress, 1, 4);
    n1_progress_finish(&progress);
    n1_progress_finish(&progress); /* a second one writes nothing */
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    close(fd);
    size_t length = 0;
    for (ssize_t n; (n = read(from, text + length, size - 1 - length)) > 0;) /* EIO: a terminal's end */
        length += (size_t)n;
    text[length] = '\0';
}

static void on_a_terminal(int64_t started_us, char *text, size_t size)
{
    int master, slave;
    setenv("TERM", "xterm", 1);
    assert_return_code(openpty(&master, &slave, NULL, NULL, NULL), 0);
    shown_by(slave, master, started_us, text, size);
    close(master);
}

static void long_work_shows_a_bar_and_removes_it(void **state)
{
    (void)state;
    char text[512];
    on_a_terminal(10000000, text, sizeof text);
    assert_non_null(strstr(text, "reading ["));
    assert_non_null(strstr(text, " 25%"));
    const char *gone = "\r\033[K";
    assert_string_equal(text + strlen(text) - strlen(gone), gone);
    assert_null(strchr(text, '\n'));
}

static void short_work_shows_nothing(void **state)
{
    (void)state;
    char text[512];
    on_a_terminal(0, text, sizeof text);
    assert_string_equal(text, "");
}

static void a_pipe_shows_nothing(void **state)
{
    (void)state;
    char text[512];
    int ends[2];
    assert_return_code(pipe(ends), 0);
    shown_by(ends[1], ends[0], 10000000, text, sizeof text);
    assert_string_equal(text, "");
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_work_shows_a_bar_and_removes_it),
        cmocka_unit_test(short_work_shows_nothing),
        cmocka_unit_test(a_pipe_shows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
