#include "cli/nested.h"

#include <fcntl.h>
#include <glib.h>
#include <stdatomic.h>
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

void n1_nested_tell(void)
{
    const char *outer = g_getenv(N1_ENV_DIR);
    if (!outer || !g_path_is_absolute(outer))
        return;
    count(outer);
    n1_complain(0, "this runs inside a recording of n1prof's: what is recorded here will be missing from that one");
}
