#include "cli/nested.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"
#include "trace/format.h"
#include "trace/session.h"

/* As the shim adds: the page is shared by all processes of the outer recording. */
static void count(const char *directory)
{
    struct stat st;
    char *path = g_build_filename(directory, N1_COUNTERS_FILE, NULL);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct n1_counters *counters = MAP_FAILED;
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *counters)
        counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (counters != MAP_FAILED) {
        if (counters->magic == N1_MAGIC_COUNT)
            atomic_fetch_add_explicit((_Atomic uint64_t *)&counters->value[N1_NESTED], 1, memory_order_relaxed);
        munmap(counters, sizeof *counters);
    }
    if (fd >= 0)
        close(fd);
    g_free(path);
}

/* One line, by one write: several may run at once. */
static void point(const char *outer, const char *recording)
{
    g_autofree char *path = g_build_filename(outer, N1_NESTED_FILE, NULL);
    g_autofree char *line = g_strconcat(recording, "\n", NULL);
    const size_t size = strlen(line);
    int fd = strchr(recording, '\n') ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && write(fd, line, size) != (ssize_t)size)
        n1_complain(0, "%s: %s", path, g_strerror(errno));
    if (fd >= 0)
        close(fd);
}

void n1_nested_tell(const char *recording)
{
    const char *outer = g_getenv(N1_ENV_DIR);
    if (!outer || !g_path_is_absolute(outer))
        return;
    count(outer);
    if (recording)
        point(outer, recording);
    n1_complain(0, "this runs inside a recording of n1prof's: what is recorded here will be missing from that one");
}
