/* Any bytes as a baseline and as a file of suppressions: read or refused with a line; what was read is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "analyzer/gate/baseline.h"
#include "analyzer/suppress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void baseline(const char *text, size_t length)
{
    struct n1_error err = {0};
    struct n1_baseline *b = n1_baseline_parse("f", text, length, &err), *again;
    if (!b) {
        if (!*err.message)
            abort();
        return;
    }
    char *written = n1_baseline_text(b);
    again = n1_baseline_parse("f", written, strlen(written), &err);
    if (!again || again->entry->len != b->entry->len)
        abort();
    n1_baseline_free(n1_baseline_merge(b, again, b));
    n1_baseline_free(again);
    n1_baseline_free(b);
    g_free(written);
}

static void suppressions(const char *text, size_t length)
{
    static const struct n1_frame frames[] = {{.file = "a/b.py", .function = "f", .is_user_code = true},
                                             {.module = "lib.so", .is_user_code = true}};
    struct n1_finding finding = {.child = {.sql = "SELECT a FROM b WHERE c = ?", .stack = {2, frames}}};
    struct n1_report report = {.n_findings = 1, .finding = &finding};
    struct n1_error err = {0};
    struct n1_suppressions *s = n1_suppressions_parse("f", text, length, &err);
    if (!s && !*err.message)
        abort();
    if (s)
        n1_suppress(&report, s);
    n1_suppressions_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    char *text = malloc(size_bytes + 1);
    if (!text)
        return 0;
    if (size_bytes)
        memcpy(text, data, size_bytes);
    text[size_bytes] = '\0';
    baseline(text, size_bytes);
    suppressions(text, size_bytes);
    free(text);
    return 0;
}
