/* A shim that does nothing but show that it was loaded: with SHIM_TEST_FILE set it writes "loaded" there. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void show(void)
{
    const char *path = getenv("SHIM_TEST_FILE");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    (void)!write(fd, "loaded\n", 7);
    close(fd);
}
