/* Any bytes as a process's stream file and, from a marker on, as its ring file: open and read to the end. */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const char MARKER[] = "N1RING1";
    g_autofree char *directory = g_dir_make_tmp("n1prof-fuzz-XXXXXX", NULL);
    if (!directory)
        abort();
    g_autofree char *stream = g_build_filename(directory, "1-a.n1", NULL);
    g_autofree char *ring = g_build_filename(directory, "1-a.ring", NULL);
    const uint8_t *split = size_bytes ? memmem(data, size_bytes, MARKER, sizeof MARKER - 1) : NULL;
    size_t head = split ? (size_t)(split - data) : size_bytes;
    if (!g_file_set_contents_full(stream, (const char *)data, (gssize)head, G_FILE_SET_CONTENTS_NONE, 0600, NULL) ||
        (split && !g_file_set_contents_full(ring, (const char *)split, (gssize)(size_bytes - head),
                                            G_FILE_SET_CONTENTS_NONE, 0600, NULL)))
        abort();
    struct n1_trace *trace = n1_trace_open(directory, NULL);
    struct n1_event ev;
    while (trace && n1_trace_next(trace, &ev))
        continue;
    n1_trace_close(trace);
    g_unlink(stream);
    g_unlink(ring);
    g_rmdir(directory);
    return 0;
}
