#include "preload/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

union n1_live_page n1_live_page __attribute__((aligned(N1_PAGE_BYTES)));
struct n1_process_state n1_process = {.is_off = true};

static struct n1_counters private_counters; /* until the shared page is mapped, and when it cannot be */
struct n1_counters *n1_counters = &private_counters;

/* glibc's pthread_atfork lives in an archive that refers to this; musl has no such symbol and is served by MADV_WIPEONFORK. */
extern int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *) __attribute__((weak));
extern void *__dso_handle;

void n1_keep_error(int error)
{
    __atomic_store_n(&n1_counters->value[N1_LAST_ERRNO], (uint64_t)error, __ATOMIC_RELAXED);
}

static void in_child(void)
{
    atomic_store(&n1_live.generation, 0);
    atomic_store(&n1_live.owner_pid, 0);
}

void n1_process_map_counters(void)
{
    char path[PATH_MAX + 16];
    if (n1_counters != &private_counters)
        return;
    snprintf(path, sizeof path, "%s/counters", n1_process.directory);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    off_t size = lseek(fd, 0, SEEK_END);
    void *page = MAP_FAILED;
    if (size >= (off_t)sizeof(struct n1_counters))
        page = mmap(NULL, sizeof(struct n1_counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page == MAP_FAILED)
        return;
    if (((struct n1_counters *)page)->magic != N1_MAGIC_COUNT) {
        munmap(page, sizeof(struct n1_counters));
        return;
    }
    n1_counters = page;
    for (int i = 0; i < N1_COUNTERS; i++) /* of the time without it */
        n1_count((enum n1_counter)i, __atomic_exchange_n(&private_counters.value[i], 0, __ATOMIC_RELAXED));
}

/* The program may change its environment later. */
static const char *copy_scope(void)
{
    static char copy[256];
    const char *scope = getenv(N1_ENV_SCOPE);
    if (!scope || !*scope || strlen(scope) >= sizeof copy)
        return NULL;
    return strcpy(copy, scope);
}

/* False: nothing is to be recorded. */
static bool read_environment(void)
{
    const char *directory = getenv(N1_ENV_DIR);
    const char *key = getenv(N1_ENV_KEY);
    const char *values = getenv(N1_ENV_VALUES);
    const char *stacks = getenv(N1_ENV_STACKS);
    if (!directory || directory[0] != '/' || strlen(directory) >= sizeof n1_process.directory || getauxval(AT_SECURE))
        return false;
    if (!key || n1_key_parse(&n1_process.key, key) != 0)
        return false; /* without a secret key hashes would give the values away */
    strcpy(n1_process.directory, directory);
    n1_process.has_values = values && strcmp(values, "1") == 0;
    n1_process.has_stacks = !(stacks && strcmp(stacks, "off") == 0);
    n1_process.scope = copy_scope();
    return true;
}

void n1_process_init(void)
{
    static _Atomic bool is_begun;
    const int saved = errno;
    if (atomic_load_explicit(&is_begun, memory_order_relaxed) || atomic_exchange(&is_begun, true))
        return;
    if (read_environment()) {
        n1_process_map_counters();
        atomic_store(&n1_live.owner_pid, (uint32_t)getpid());
        madvise(&n1_live_page, sizeof n1_live_page, MADV_WIPEONFORK);
        if (__register_atfork)
            __register_atfork(NULL, NULL, in_child, &__dso_handle);
        n1_process.is_off = false;
    }
    errno = saved;
}
