/* Ready stanzas: they match what they were made of when pasted as they are. */
#include <glib.h>
#include <string.h>

#include "analyzer/suppress.h"

enum { FRAMES_MOST = 8 };

/* Bytes of a pattern that are kept; a star stands for the rest. */
enum { PATTERN_MOST = 2000 };

/* On one line. What could not be read again as it is (control characters, blanks at the ends) becomes '?', which matches any
 * character; stars of the text match themselves. */
static void line(FILE *out, const char *prefix, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    size_t length = strlen(valid);
    bool is_cut = length > PATTERN_MOST;
    if (is_cut) {
        length = (size_t)(g_utf8_find_prev_char(valid, valid + PATTERN_MOST) - valid);
        valid[length] = '\0';
    }
    for (size_t i = 0; i < length; i++) {
        bool is_at_end = i == 0 || (i + 1 == length && !is_cut);
        if ((unsigned char)valid[i] < 0x20 || valid[i] == 0x7f || (is_at_end && valid[i] == ' '))
            valid[i] = '?';
    }
    fprintf(out, "   %s%s%s\n", prefix, valid, is_cut ? "*" : "");
    g_free(valid);
}

static size_t write_frames(FILE *out, const struct n1_stack *stack, bool only_user)
{
    size_t n = 0;
    for (size_t i = 0; i < stack->count && n < FRAMES_MOST; i++) {
        const struct n1_frame *f = &stack->frame[i];
        if (only_user && !f->is_user_code)
            continue;
        line(out, "fun:", f->function && *f->function ? f->function : "?");
        n++;
    }
    return n;
}

int n1_suppressions_generate(FILE *out, const struct n1_report *report)
{
    for (size_t i = 0; i < report->n_findings; i++) {
        const struct n1_finding *f = &report->finding[i];
        if (f->is_suppressed)
            continue;
        char *name =
            g_strdup_printf("%s-%s", f->child.location.function ? f->child.location.function : "finding", f->id);
        fputs("{\n", out);
        line(out, "", name);
        line(out, "n1prof:", n1_kind_name(f->kind));
        line(out, "reason: ", "generated; say here why it is accepted");
        if (write_frames(out, &f->child.stack, true) == 0)
            write_frames(out, &f->child.stack, false);
        if (f->child.sql && *f->child.sql)
            line(out, "sql:", f->child.sql);
        fputs("}\n", out);
        g_free(name);
    }
    return ferror(out) ? -1 : 0;
}
