/* The program n1prof as its users meet it: statuses, messages, what it leaves behind. The shim is one that only shows that it
 * was loaded, so recordings hold no statement here. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace/format.h"

/* What the last command printed, and how it ended. */
static struct {
    int status;
    char *out, *err;
} last;
static char *folder;

static int setup(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("n1-cli-XXXXXX", NULL);
    return folder && chdir(folder) == 0 && setenv("N1PROF_PRELOAD", N1_TEST_SHIM, 1) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char *command = g_strdup_printf("chmod -R u+rwx %s; rm -rf %s", folder, folder);
    int rc = chdir("/") == 0 ? system(command) : -1;
    g_free(command);
    g_clear_pointer(&folder, g_free);
    g_clear_pointer(&last.out, g_free);
    g_clear_pointer(&last.err, g_free);
    return rc;
}

/* A shell command in which $N stands for n1prof. */
static void sh(const char *command)
{
    char *argv[] = {(char *)(uintptr_t) "/bin/sh", (char *)(uintptr_t) "-c", (char *)(uintptr_t)command, NULL};
    char **environment = g_environ_setenv(g_get_environ(), "N", N1_TEST_PROGRAM, TRUE);
    GError *error = NULL;
    int status = 0;
    g_clear_pointer(&last.out, g_free);
    g_clear_pointer(&last.err, g_free);
    g_spawn_sync(NULL, argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &last.out, &last.err, &status, &error);
    assert_null(error);
    assert_true(WIFEXITED(status));
    last.status = WEXITSTATUS(status);
    g_strfreev(environment);
}

static void expect(const char *command, int status, const char *in_err)
{
    sh(command);
    if (last.status != status)
        fail_msg("%s: status %d, not %d\n%s%s", command, last.status, status, last.out, last.err);
    if (in_err && !strstr(last.err, in_err))
        fail_msg("%s: no '%s' in: %s", command, in_err, last.err);
    if (!in_err && *last.err)
        fail_msg("%s: %s", command, last.err);
}

static char *read_file(const char *path)
{
    char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        fail_msg("%s cannot be read", path);
    return text;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void record_ends_as_its_program_does(void **state)
{
    static const struct {
        const char *command;
        int status;
        const char *err;
    } table[] = {
        {"$N record -- true", 0, NULL},
        {"$N record true", 0, NULL},
        {"$N record -- false", 1, NULL},
        {"$N record -- sh -c 'exit 42'", 42, NULL},
        {"$N record sh -c 'exit 125'", 125, NULL},
        {"$N record -- sh -c 'kill -TERM $$'", 143, NULL},
        {"$N record -- sh -c 'kill -KILL $$'", 137, NULL},
        {"$N record -- no-such-program-here", 127, "no-such-program-here"},
        {"$N record -- ./no/such/program", 127, "./no/such/program"},
        {"$N record -- ''", 127, "no such program"},
        {"echo x >plain; $N record -- ./plain", 126, "./plain"},
        {"$N record -- /", 126, "directory"},
        {"printf '#!/no/interpreter\\n' >script; chmod +x script; $N record -- ./script", 127, "./script"},
        {"printf 'exit 3\\n' >bare; chmod +x bare; $N record -- ./bare", 3, NULL},
        {"$N record", 125, "no program"},
        {"$N record --", 125, "no program"},
        {"$N record --nope -- true", 125, "--nope"},
        {"$N record -o", 125, "-o"},
        {"$N record -o /dev/null/t -- true", 125, "/dev/null/t"},
        {"$N record -o missing/t -- true", 125, "missing/t"},
        {"N1PROF_PRELOAD=/no/shim $N record -- true", 125, "/no/shim"},
        {"mkdir 'a b'; cp \"$N1PROF_PRELOAD\" 'a b/'; N1PROF_PRELOAD=\"a b/$(basename $N1PROF_PRELOAD)\" $N record -- "
         "true",
         125, "blanks"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        expect(table[i].command, table[i].status, table[i].err);
        assert_string_equal(last.out, "");
    }
}

static void other_commands_answer_with_0_or_2(void **state)
{
    static const struct {
        const char *command;
        int status;
        const char *err;
    } table[] = {
        {"$N", 2, "Usage"},
        {"$N recrod", 2, "'n1prof record'"},
        {"$N reprot", 2, "'n1prof report'"},
        {"$N ./shop", 2, "n1prof run -- PROGRAM"},
        {"$N --frobnicate", 2, "--frobnicate"},
        {"$N report", 2, "n1prof.trace"},
        {"$N report nowhere", 2, "nowhere"},
        {"$N report a b", 2, "'b'"},
        {"$N report --format xmlish", 2, "xmlish"},
        {"$N report --color sometimes", 2, "sometimes"},
        {"$N report -f text -f json", 2, "same place"},
        {"$N report -f text=a -f json=./a", 2, "same place"},
        {"$N report -f json=", 2, "no file"},
        {"$N report -o missing/r.txt", 2, "missing/r.txt"},
        {"$N dump nowhere", 2, "nowhere"},
        {"$N dump --format csv", 2, "csv"},
        {"$N help frob", 2, "frob"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        expect(table[i].command, table[i].status, table[i].err);
        assert_string_equal(last.out, "");
    }
}

static void help_begins_with_examples(void **state)
{
    static const char *const commands[] = {"", "run", "record", "report", "dump"};
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        char *command = g_strdup_printf("$N %s --help", commands[i]),
             *named = g_strdup_printf("n1prof %s", commands[i]);
        expect(command, 0, NULL);
        const char *examples = strstr(last.out, "Examples:"), *usage = strstr(last.out, "Usage:");
        assert_true(examples && usage && examples < usage && strstr(examples, named) < usage);
        g_free(command);
        g_free(named);
    }
    expect("$N --version", 0, NULL);
    assert_true(g_str_has_prefix(last.out, "n1prof "));
    expect("$N --help >/dev/full", 2, NULL);
}

static void a_recording_is_private_and_complete(void **state)
{
    struct stat st;
    (void)state;
    expect("SHIM_TEST_FILE=$PWD/shim $N record --values -o t -- sh -c 'exit 9' 'an \"argument\"'", 9, NULL);
    assert_int_equal(stat("t", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat("t/counters", &st), 0);
    assert_int_equal(st.st_size, 4096);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat("t/session.json", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char *session = read_file("t/session.json"), *counters = read_file("t/counters"), *shim = read_file("shim");
    static const char *const wanted[] = {"\"format\": " G_STRINGIFY(N1_FORMAT_VERSION) ",",
                                         "\"exit_status\": 9",
                                         "\"has_values\": true",
                                         "\"end_ns\": ",
                                         "\"start_tick\": ",
                                         "\"an \\\"argument\\\"\""};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (!strstr(session, wanted[i]))
            fail_msg("no %s in %s", wanted[i], session);
    assert_memory_equal(counters, "N1_CNT\0", 7);
    assert_string_equal(shim, "loaded\n");
    g_free(session);
    g_free(counters);
    g_free(shim);
}

static void an_earlier_recording_moves_and_anything_else_stays(void **state)
{
    (void)state;
    expect("$N record -- sh -c 'exit 1'; $N record -- sh -c 'exit 2'; $N record -- sh -c 'exit 3'", 3, NULL);
    char *now = read_file("n1prof.trace/session.json"), *old = read_file("n1prof.trace.old/session.json");
    assert_non_null(strstr(now, "\"exit_status\": 3"));
    assert_non_null(strstr(old, "\"exit_status\": 2"));
    g_free(now);
    g_free(old);
    /* a program that cannot be started costs nothing */
    expect("$N record -- ./no-program", 127, "no-program");
    expect("printf '#!/no/interpreter\\n' >s; chmod +x s; $N record -- ./s", 127, "./s");
    now = read_file("n1prof.trace/session.json");
    assert_non_null(strstr(now, "\"exit_status\": 3"));
    g_free(now);
    /* foreign things */
    expect("mkdir mine; echo text >mine/notes; $N record -o mine -- true", 125, "mine");
    expect("echo text >file; $N record -o file -- true", 125, "file");
    expect("$N record -o o -- true && mkdir o.old && echo text >o.old/notes && $N record -o o -- true", 125, "o.old");
    assert_true(exists("mine/notes") && exists("file") && exists("o.old/notes") && exists("o/session.json"));
    expect("mkdir -m 755 empty; $N record -o empty/ -- true", 0, NULL);
    assert_true(exists("empty/session.json"));
}

static void the_environment_carries_what_the_shim_needs(void **state)
{
    (void)state;
    expect("N1PROF_STACKS=off LD_PRELOAD=/one.so:/libasan.so.8:/two.so $N record -o t -- env 2>/dev/null", 0, NULL);
    char *preload = g_strdup_printf("LD_PRELOAD=/libasan.so.8:%s:/one.so:/two.so\n", N1_TEST_SHIM);
    char *directory = g_strdup_printf("N1PROF_TRACE_DIR=%s/t\n", folder);
    const char *key = strstr(last.out, "N1PROF_KEY=");
    assert_non_null(strstr(last.out, preload));
    assert_non_null(strstr(last.out, directory));
    assert_non_null(key);
    assert_int_equal(strspn(key + 11, "0123456789abcdef"), 32);
    assert_null(strstr(last.out, "N1PROF_VALUES"));
    assert_null(strstr(last.out, "N1PROF_STACKS"));
    char *first = g_strndup(key, 43);
    expect("$N record -o t --values --no-stacks -- env", 0, NULL);
    assert_null(strstr(last.out, first));
    assert_non_null(strstr(last.out, "N1PROF_VALUES=1\n"));
    assert_non_null(strstr(last.out, "N1PROF_STACKS=off\n"));
    char *session = read_file("t/session.json");
    assert_null(strstr(session, strstr(last.out, "N1PROF_KEY=") + 11));
    g_free(session);
    g_free(first);
    g_free(preload);
    g_free(directory);
}

static void the_streams_are_the_program_s_own(void **state)
{
    (void)state;
    expect("printf 'a\\nb' | $N record -- sh -c 'cat; echo two >&2'", 0, "two\n");
    assert_string_equal(last.out, "a\nb");
    assert_string_equal(last.err, "two\n");
    expect("$N record -- ls /proc/self/fd | wc -l", 0, NULL);
    char *recorded = g_strdup(last.out);
    expect("ls /proc/self/fd | wc -l", 0, NULL);
    assert_string_equal(last.out, recorded);
    g_free(recorded);
}

/* Starts n1prof record on a shell program that says "ready" in a file, sends the signal to n1prof, gives its status. */
static int status_after(int signal_number, const char *program)
{
    const char *argv[] = {N1_TEST_PROGRAM, "record", "--", "/bin/sh", "-c", program, NULL};
    unlink("ready");
    pid_t pid = fork();
    if (pid == 0) {
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(99);
    }
    for (int i = 0; i < 3000 && !exists("ready"); i++)
        g_usleep(10000);
    assert_true(exists("ready"));
    kill(pid, signal_number);
    if (signal_number == SIGINT) /* which only n1prof got: the program waits for this */
        close(open("go", O_CREAT | O_WRONLY, 0600));
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void signals_reach_the_program(void **state)
{
    (void)state;
    static const char waiting[] = "while :; do sleep 0.01; done";
    char *program = g_strconcat("trap 'exit 7' TERM HUP USR1; : >ready; ", waiting, NULL);
    assert_int_equal(status_after(SIGTERM, program), 7);
    assert_int_equal(status_after(SIGHUP, program), 7);
    assert_int_equal(status_after(SIGUSR1, program), 7);
    g_free(program);
    program = g_strconcat(": >ready; ", waiting, NULL);
    assert_int_equal(status_after(SIGTERM, program), 128 + SIGTERM);
    g_free(program);
    assert_int_equal(status_after(SIGINT, ": >ready; while [ ! -e go ]; do sleep 0.01; done; exit 5"), 5);
    /* What the program inherits is what n1prof inherited. */
    expect("$N record -- sh -c 'kill -INT $$; exit 3'", 128 + SIGINT, NULL);
    expect("trap '' INT; $N record -- sh -c 'kill -INT $$; exit 3'", 3, NULL);
}

static void what_cannot_be_recorded_is_said_before(void **state)
{
    (void)state;
    /* A copy of a program without PT_INTERP counts as static. */
    char *program = read_file("/bin/true");
    gsize size = 0;
    g_free(program);
    assert_true(g_file_get_contents("/bin/true", &program, &size, NULL));
    size_t at = 0;
    for (size_t i = 64; i + 56 < 1024 && at == 0; i += 56)
        if (memcmp(program + i, "\3\0\0\0", 4) == 0)
            at = i;
    assert_true(at > 0);
    program[at] = 0;
    assert_true(g_file_set_contents("static", program, (gssize)size, NULL));
    program[at] = 3;
    program[4] = 1; /* ELFCLASS32 */
    assert_true(g_file_set_contents("narrow", program, (gssize)size, NULL));
    g_free(program);
    sh("chmod +x static narrow; $N record -- ./static");
    assert_non_null(strstr(last.err, "statically linked"));
    sh("$N record -- ./narrow");
    assert_non_null(strstr(last.err, "32-bit"));
    sh("printf '#!%s/static\\n' $PWD >script; chmod +x script; $N record -- ./script");
    assert_non_null(strstr(last.err, "statically linked"));
}

static void run_reports_and_cleans_up(void **state)
{
    (void)state;
    expect("mkdir tmp; TMPDIR=$PWD/tmp $N run -o r.txt -- sh -c 'ls; exit 4'", 4, NULL);
    assert_string_equal(last.out, "tmp\n");
    char *report = read_file("r.txt");
    assert_non_null(strstr(report, "no database call was recorded"));
    assert_non_null(strstr(report, "the program ran "));
    assert_null(strstr(report, " min ")); /* since it started, not since the machine did */
    g_free(report);
    expect("rmdir tmp", 0, NULL);
    expect("$N run -- true", 0, "no database call was recorded");
    assert_string_equal(last.out, "");
    expect("$N run --keep k -f json -o - -- true 2>/dev/null && $N report k -f text=a.txt -f json=b.json", 0, NULL);
    assert_true(g_str_has_prefix(last.out, "{"));
    report = read_file("b.json");
    assert_string_equal(report, last.out);
    g_free(report);
    assert_true(exists("a.txt"));
    expect("$N run -o missing/r.txt -- touch ran", 125, "missing/r.txt");
    expect("$N run --format xmlish -- touch ran", 125, "xmlish");
    expect("$N run", 125, "no program");
    expect("$N run -- ./no-program", 127, "no-program");
    assert_false(exists("ran"));
    expect("TMPDIR=$PWD/nowhere $N run -- true", 125, "--keep");
}

static void outputs_appear_whole_or_not_at_all(void **state)
{
    struct stat st;
    (void)state;
    expect("$N record -o t -- true", 0, NULL);
    expect("echo precious >r; chmod 640 r; ln -s r link; $N report t -o link", 0, NULL);
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat("r", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    char *report = read_file("r");
    assert_null(strstr(report, "precious"));
    g_free(report);
    expect("echo precious >r; $N report nowhere -o r", 2, "nowhere");
    report = read_file("r");
    assert_string_equal(report, "precious\n");
    g_free(report);
    expect("$N report t -o t", 2, "t:");
    expect("$N report t >/dev/full", 2, "No space left");
    expect("$N report t -o /dev/full", 2, "No space left");
    expect("$N dump t -o /dev/null && $N report t -o /dev/null", 0, NULL);
    expect("(umask 027; $N report t -o new); stat -c %a new", 0, NULL);
    assert_string_equal(last.out, "640\n");
    expect("ls", 0, NULL);
    assert_string_equal(last.out, "link\nnew\nr\nt\n");
}

static void colours_follow_the_conventions(void **state)
{
    static const struct {
        const char *command;
        bool painted;
    } table[] = {
        {"$N report t", false},
        {"$N report t --color always", true},
        {"NO_COLOR=1 $N report t --color always", true},
        {"CLICOLOR_FORCE=1 $N report t", true},
        {"CLICOLOR_FORCE=0 $N report t", false},
        {"CLICOLOR_FORCE=1 NO_COLOR=1 $N report t", false},
        {"CLICOLOR_FORCE=1 $N report t --color never", false},
    };
    (void)state;
    expect("$N record -o t -- true", 0, NULL);
    unsetenv("NO_COLOR");
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        expect(table[i].command, 0, NULL);
        if ((strchr(last.out, '\033') != NULL) != table[i].painted)
            fail_msg("%s", table[i].command);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(record_ends_as_its_program_does),
        TEST(other_commands_answer_with_0_or_2),
        TEST(help_begins_with_examples),
        TEST(a_recording_is_private_and_complete),
        TEST(an_earlier_recording_moves_and_anything_else_stays),
        TEST(the_environment_carries_what_the_shim_needs),
        TEST(the_streams_are_the_program_s_own),
        TEST(signals_reach_the_program),
        TEST(what_cannot_be_recorded_is_said_before),
        TEST(run_reports_and_cleans_up),
        TEST(outputs_appear_whole_or_not_at_all),
        TEST(colours_follow_the_conventions),
    };
    return cmocka_run_group_tests_name("cli_commands", tests, NULL, NULL);
}
