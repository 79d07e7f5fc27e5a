#include "reports/check/check.h"
#include "reports/places.h"

const char *n1_verdict_subject_name(const struct n1_verdict *verdict)
{
    static const char *const names[] = {
        [N1_VERDICT_CHECK] = "check", [N1_VERDICT_SCALE] = "scale", [N1_VERDICT_DIFF] = "diff"};
    return names[verdict->subject];
}

const char *n1_outcome_name(enum n1_outcome outcome)
{
    static const char *const names[] = {
        [N1_OUTCOME_PASSED] = "passed", [N1_OUTCOME_REGRESSED] = "failed", [N1_OUTCOME_INCONCLUSIVE] = "inconclusive"};
    return names[outcome];
}

static void places_init(struct n1_places *places, const struct n1_verdict *verdict,
                        const struct n1_check_options *options)
{
    n1_places_init(places, &(struct n1_report){.working_directory = verdict->folder},
                   &(struct n1_report_options){.root = options->root});
}

char *n1_verdict_place(const struct n1_verdict *verdict, const struct n1_check_options *options,
                       const struct n1_verdict_line *line)
{
    struct n1_places places;
    places_init(&places, verdict, options);
    char *words = n1_place_words(&places, &line->where);
    n1_places_release(&places);
    return words ? words : g_strdup(line->path);
}

char *n1_verdict_file(const struct n1_verdict *verdict, const struct n1_check_options *options,
                      const struct n1_verdict_line *line)
{
    struct n1_places places;
    places_init(&places, verdict, options);
    char *file = n1_place_inside(&places, line->where.file);
    n1_places_release(&places);
    return file;
}

static char *scrub(const struct n1_verdict *verdict, const struct n1_check_options *options,
                   const struct n1_verdict_line *line, const char *text)
{
    struct n1_places places;
    places_init(&places, verdict, options);
    char *scrubbed = n1_place_scrub(&places, line->finding, text);
    n1_places_release(&places);
    return scrubbed;
}

char *n1_verdict_sentence(const struct n1_verdict *verdict, const struct n1_check_options *options,
                          const struct n1_verdict_line *line)
{
    return line->message ? scrub(verdict, options, line, line->message) : g_strdup("");
}

char *n1_verdict_mend(const struct n1_verdict *verdict, const struct n1_check_options *options,
                      const struct n1_verdict_line *line)
{
    const char *text = line->fails && line->finding ? line->finding->suggestion.text : NULL;
    return text && *text ? scrub(verdict, options, line, text) : NULL;
}

char *n1_verdict_counts(const struct n1_verdict_line *line)
{
    if (line->now && line->before)
        return g_strdup_printf("now %s, before %s", line->now, line->before);
    if (line->now)
        return g_strdup_printf("now %s, before none", line->now);
    return line->before ? g_strdup_printf("before %s", line->before) : NULL;
}

const struct n1_verdict_line *n1_verdict_at(const struct n1_verdict *verdict, guint i)
{
    return g_ptr_array_index(verdict->line, i);
}

bool n1_verdict_group(const struct n1_verdict *verdict, guint *i, guint *count)
{
    if (*i >= verdict->line->len)
        return false;
    const struct n1_verdict_line *first = n1_verdict_at(verdict, *i);
    for (*count = 1; *i + *count < verdict->line->len; (*count)++) {
        const struct n1_verdict_line *line = n1_verdict_at(verdict, *i + *count);
        if (line->change != first->change || line->fails != first->fails)
            break;
    }
    return true;
}
