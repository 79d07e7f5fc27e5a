#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct n1_output *output, struct n1_error *err)
{
    int error = errno;
    int rc = n1_error_set(err, N1_ERROR_SYSTEM, output->name, "%s: cannot write it: %s; name another file with -o",
                          strcmp(output->name, "-") == 0 ? "standard output" : output->name, g_strerror(error));
    n1_output_discard(output);
    return rc;
}

/* Permissions as open() would have given them: those of the file that is replaced, or 0666 without the umask. */
static mode_t permissions(const struct stat *existing)
{
    if (existing)
        return existing->st_mode & 0777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

int n1_output_open(struct n1_output *output, const char *name, struct n1_error *err)
{
    struct stat st;
    memset(output, 0, sizeof *output);
    output->name = g_strdup(name);
    if (strcmp(name, "-") == 0) {
        output->stream = stdout;
        return 0;
    }
    gboolean is_there = stat(name, &st) == 0;
    if (is_there && !S_ISREG(st.st_mode)) {
        output->stream = S_ISDIR(st.st_mode) ? NULL : fopen(name, "we");
        if (S_ISDIR(st.st_mode))
            errno = EISDIR;
        return output->stream ? 0 : fail(output, err);
    }
    if (is_there && access(name, W_OK) != 0)
        return fail(output, err);
    char *real = is_there ? realpath(name, NULL) : NULL;
    output->path = g_strdup(real ? real : name);
    free(real);
    output->temporary = g_strconcat(output->path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(output->temporary, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        g_clear_pointer(&output->temporary, g_free);
        return fail(output, err);
    }
    if (fchmod(fd, permissions(is_there ? &st : NULL)) != 0 || !(output->stream = fdopen(fd, "w"))) {
        close(fd);
        return fail(output, err);
    }
    return 0;
}

int n1_output_open_adding(struct n1_output *output, const char *name, struct n1_error *err)
{
    memset(output, 0, sizeof *output);
    output->name = g_strdup(name);
    output->stream = open_memstream(&output->added, &output->size_bytes);
    return output->stream ? 0 : fail(output, err);
}

int n1_output_check(const char *name, struct n1_error *err)
{
    struct stat st;
    struct n1_output output = {0};
    if (strcmp(name, "-") == 0)
        return 0;
    if (stat(name, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        if (access(name, W_OK) == 0)
            return 0; /* opening a pipe would wait for its reader */
        output.name = g_strdup(name);
        return fail(&output, err);
    }
    int rc = n1_output_open(&output, name, err);
    if (rc == 0)
        n1_output_discard(&output);
    return rc;
}

/* 0, or -1 with errno. */
static int add_behind(const struct n1_output *output)
{
    int fd = open(output->name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    size_t done = 0;
    while (fd >= 0 && done < output->size_bytes) {
        ssize_t n = write(fd, output->added + done, output->size_bytes - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    int error = errno;
    if (fd >= 0 && close(fd) == 0 && done == output->size_bytes)
        return 0;
    errno = error;
    return -1;
}

static void release(struct n1_output *output)
{
    free(output->added);
    g_free(output->name);
    g_free(output->path);
    g_free(output->temporary);
    memset(output, 0, sizeof *output);
}

int n1_output_close(struct n1_output *output, struct n1_error *err)
{
    gboolean failed = ferror(output->stream) != 0;
    if (output->stream == stdout) {
        failed |= fflush(stdout) != 0;
    } else {
        failed |= fclose(output->stream) != 0;
    }
    output->stream = NULL;
    if (failed)
        return fail(output, err);
    if (output->added && add_behind(output) != 0)
        return fail(output, err);
    if (output->temporary && rename(output->temporary, output->path) != 0)
        return fail(output, err);
    release(output);
    return 0;
}

void n1_output_discard(struct n1_output *output)
{
    if (output->stream && output->stream != stdout)
        fclose(output->stream);
    if (output->temporary)
        unlink(output->temporary);
    release(output);
}
