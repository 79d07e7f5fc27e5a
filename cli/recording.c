#include "cli/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "cli/launch.h"
#include "cli/message.h"
#include "cli/nested.h"
#include "cli/program.h"
#include "cli/session.h"
#include "cli/shim.h"
#include "cli/trace_place.h"
#include "trace/format.h"

#define OWN_FAILURE 125

/* The counters page, its blocks allocated: a full disk must not turn a mapped store into SIGBUS later. */
static int make_counters(const char *directory, struct n1_error *err)
{
    char *path = g_build_filename(directory, N1_COUNTERS_FILE, NULL);
    struct n1_counters counters = {.magic = N1_MAGIC_COUNT, .version = N1_FORMAT_VERSION};
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc = 0;
    int error = fd < 0 ? errno : posix_fallocate(fd, 0, N1_PAGE_BYTES);
    if (error == 0 && pwrite(fd, &counters, sizeof counters, 0) != (ssize_t)sizeof counters)
        error = errno;
    if (error != 0)
        rc = n1_error_set(err, N1_ERROR_SYSTEM, path, "%s: cannot make it: %s", path, g_strerror(error));
    if (fd >= 0)
        close(fd);
    g_free(path);
    return rc;
}

static int make_key(char hex[33], struct n1_error *err)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return n1_error_set(err, N1_ERROR_SYSTEM, "", "no random numbers for the key of the hashes: %s",
                            g_strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        g_snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static char **make_environment(const struct n1_recording *recording, const struct n1_program *program,
                               const char *directory, const char *shim, const char *key)
{
    static const char *const ours[] = {N1_ENV_DIR, N1_ENV_KEY, N1_ENV_VALUES, N1_ENV_STACKS};
    char **environment = g_get_environ();
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        environment = g_environ_unsetenv(environment, ours[i]);
    if (program->cannot_preload)
        return environment;
    char *preload = n1_shim_preload(shim, g_environ_getenv(environment, "LD_PRELOAD"), program->sanitizer);
    char *audit = n1_shim_audit(shim, g_environ_getenv(environment, "LD_AUDIT"), program->sanitizer);
    environment = g_environ_setenv(environment, "LD_PRELOAD", preload, TRUE);
    if (audit) {
        char *tunables = n1_shim_tunables(g_environ_getenv(environment, "GLIBC_TUNABLES"));
        environment = g_environ_setenv(environment, "LD_AUDIT", audit, TRUE);
        environment = g_environ_setenv(environment, "GLIBC_TUNABLES", tunables, TRUE);
        g_free(tunables);
    }
    environment = g_environ_setenv(environment, N1_ENV_DIR, directory, TRUE);
    environment = g_environ_setenv(environment, N1_ENV_KEY, key, TRUE);
    if (recording->with_values)
        environment = g_environ_setenv(environment, N1_ENV_VALUES, "1", TRUE);
    if (recording->without_stacks)
        environment = g_environ_setenv(environment, N1_ENV_STACKS, "off", TRUE);
    g_free(preload);
    g_free(audit);
    return environment;
}

/* Starts the program in a place that is ready, and completes session.json behind it. */
static int run_program(const struct n1_recording *recording, const struct n1_program *program, const char *directory,
                       const char *shim, struct n1_launch *launch, struct n1_error *err)
{
    char key[33];
    char *here = g_get_current_dir();
    struct n1_session_file file = {.session = {
                                       .argc = g_strv_length(recording->argv),
                                       .argv = (const char *const *)recording->argv,
                                       .working_directory = here,
                                       .tool_version = N1_VERSION,
                                       .start_realtime_s = time(NULL),
                                       .has_values = recording->with_values,
                                   }};
    n1_session_clocks(&file.session.start_ns, &file.start_tick);
    int rc = make_key(key, err);
    if (rc == 0)
        rc = make_counters(directory, err);
    if (rc == 0)
        rc = n1_session_write(&file, directory, err);
    if (rc == 0) {
        char **environment = make_environment(recording, program, directory, shim, key);
        if (n1_launch(launch, program->path, recording->argv, environment) != 0)
            rc = n1_error_set(err, N1_ERROR_SYSTEM, "", "cannot start a process: %s", g_strerror(errno));
        g_strfreev(environment);
    }
    if (launch->has_run) {
        n1_session_clocks(&file.session.end_ns, &file.end_tick);
        file.session.exit_status = launch->status;
        if (n1_session_write(&file, directory, err) !=
            0) /* the program has run: its status counts, the report says the rest */
            n1_complain(0, "%s; the recording will be reported as incomplete", err->message);
    }
    memset(key, 0, sizeof key);
    g_free(here);
    return rc;
}

void n1_record(const struct n1_recording *recording, struct n1_recorded *recorded)
{
    struct n1_error err = {0};
    struct n1_program program;
    struct n1_launch launch = {0};
    struct n1_trace_place place = {0};
    const char *name = recording->argv[0];
    memset(recorded, 0, sizeof *recorded);
    recorded->status = n1_program_find(&program, name);
    if (recorded->status != 0) {
        n1_complain(0, "%s: %s", name, recorded->status == 127 ? "no such program" : g_strerror(errno));
        return;
    }
    recorded->status = OWN_FAILURE;
    char *shim = n1_shim_path(&err);
    if (!shim || n1_trace_place_make(&place, recording->directory, &err) != 0) {
        n1_complain(0, "%s", err.message);
        goto out;
    }
    if (program.obstacle)
        n1_complain(0, "%s: its database calls cannot be recorded", program.obstacle);
    n1_nested_tell(recording->is_temporary ? NULL : place.path);
    int rc = run_program(recording, &program, place.path, shim, &launch, &err);
    if (rc != 0) {
        n1_complain(0, "%s", err.message);
    } else if (!launch.has_run) {
        n1_complain(0, "%s: cannot run it: %s", name, g_strerror(launch.exec_errno));
        recorded->status = launch.status;
    } else {
        recorded->status = launch.status;
    }
    recorded->has_trace = launch.has_run != 0;
    if (recorded->has_trace)
        recorded->path = g_strdup(place.path);
    else
        n1_trace_place_undo(&place);
out:
    n1_trace_place_release(&place);
    n1_program_release(&program);
    g_free(shim);
}
