#include "cli/judging.h"

#include "analyzer/analyze.h"

/* What is written at once. */
struct judged {
    const struct n1_verdict *verdict;
    const char *root;
};

static bool check_format(size_t i, struct n1_target_format *format)
{
    const struct n1_check_format *f = n1_check_formats[i];
    if (f)
        *format = (struct n1_target_format){.name = f->name, .description = f->description, .writer = f};
    return f != NULL;
}

static bool diff_format(size_t i, struct n1_target_format *format)
{
    size_t wanted = i;
    for (size_t k = 0; n1_check_formats[k]; k++)
        if (n1_check_formats[k]->is_for_diff && wanted-- == 0)
            return check_format(k, format);
    return false;
}

static void write_verdict(const void *writer, FILE *out, const void *thing, const struct n1_look *look)
{
    const struct n1_check_format *format = writer;
    const struct judged *judged = thing;
    format->write(
        out, judged->verdict,
        &(struct n1_check_options){.use_colour = look->use_colour, .columns = look->columns, .root = judged->root});
}

static const struct n1_target_kind check_kind = {
    .thing = "verdict",
    .surroundings = N1_SURROUNDINGS_CHECK,
    .usual = &n1_check_text,
    .follows_surroundings = true,
    .format = check_format,
    .write = write_verdict,
};

static const struct n1_target_kind diff_kind = {
    .thing = "comparison",
    .surroundings = N1_SURROUNDINGS_DIFF,
    .usual = &n1_check_text,
    .format = diff_format,
    .write = write_verdict,
};

void n1_judging_print_formats(void)
{
    n1_targets_print_formats(&check_kind);
}

void n1_judging_print_diff_formats(void)
{
    n1_targets_print_formats(&diff_kind);
}

char *n1_judging_words(const char *placeholder)
{
    return n1_targets_words(&check_kind, placeholder);
}

char *n1_judging_diff_words(const char *placeholder)
{
    return n1_targets_words(&diff_kind, placeholder);
}

bool n1_judging_prepare(bool is_diff)
{
    return n1_targets_prepare(is_diff ? &diff_kind : &check_kind, stdout);
}

struct n1_report *n1_judging_load(const char *trace, struct n1_suppressions *suppressions)
{
    struct n1_report *report = n1_analysing_open(trace, 0);
    if (report && suppressions)
        n1_suppress(report, suppressions);
    return report;
}

bool n1_judging_write(const struct n1_verdict *verdict)
{
    char *root = n1_analysing_root(verdict->folder);
    bool is_good = n1_targets_write(&(struct judged){.verdict = verdict, .root = root});
    g_free(root);
    return is_good;
}
