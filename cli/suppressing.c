#include "cli/suppressing.h"

#include <glib.h>

#include "cli/message.h"

struct n1_suppressing n1_suppressing_options;

bool n1_suppressing_load(struct n1_suppressions **suppressions)
{
    struct n1_error err = {0};
    const char *file = n1_suppressing_options.file;
    *suppressions = NULL;
    if (!file && !g_file_test(N1_SUPPRESSIONS_FILE, G_FILE_TEST_EXISTS))
        return true;
    *suppressions = n1_suppressions_read(file ? file : N1_SUPPRESSIONS_FILE, &err);
    if (!*suppressions)
        n1_complain(0, "%s", err.message);
    return *suppressions != NULL;
}

void n1_suppressing_tell_unused(const struct n1_suppressions *suppressions)
{
    for (size_t i = 0; suppressions && i < n1_suppressions_count(suppressions); i++) {
        const struct n1_suppression *s = n1_suppressions_at(suppressions, i);
        if (s->used == 0)
            n1_complain(0, "%s:%d: the suppression '%s' %s", n1_suppressions_file(suppressions), s->line, s->name,
                        s->has_expired ? "has expired" : "matches nothing");
    }
}
