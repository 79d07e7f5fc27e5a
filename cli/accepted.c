#include "cli/accepted.h"

#include "cli/message.h"
#include "cli/output.h"

struct n1_baseline *n1_accepted_read(const char *file, bool may_be_missing, bool *is_there)
{
    struct n1_error err = {0};
    const char *name = file ? file : N1_BASELINE_FILE;
    *is_there = g_file_test(name, G_FILE_TEST_EXISTS);
    if (!*is_there && (!file || may_be_missing))
        return n1_baseline_new();
    struct n1_baseline *baseline = n1_baseline_read(name, false, &err);
    if (!baseline)
        n1_complain(0, "%s", err.message);
    return baseline;
}

bool n1_accepted_write(struct n1_baseline *baseline, const char *file)
{
    struct n1_error err = {0};
    struct n1_output output;
    const char *name = file ? file : N1_BASELINE_FILE;
    if (n1_output_open(&output, name, &err) != 0) {
        n1_complain(0, "%s", err.message);
        return false;
    }
    char *text = n1_baseline_text(baseline);
    fputs(text, output.stream);
    g_free(text);
    if (n1_output_close(&output, &err) == 0)
        return true;
    n1_complain(0, "%s", err.message);
    return false;
}
