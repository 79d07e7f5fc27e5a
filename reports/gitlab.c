/* GitLab's code quality report: a JSON array. GitLab takes no entry without a path and a line, and one such entry spoils the whole
 * report; a line is never made up here, so a finding without a line inside the root is left out of this format. Fingerprints
 * are the findings' ids, told apart by a number where one occurs again: GitLab shows one entry a fingerprint.
 */
#include <string.h>

#include "reports/escape.h"
#include "reports/places.h"
#include "reports/words.h"

static const char *const severities[] = {[N1_PROVEN] = "major", [N1_LIKELY] = "minor", [N1_POSSIBLE] = "info"};

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

/* id, or id-2, id-3 … when it was used before. */
static char *unique(GHashTable *used, const char *id)
{
    char *clean = n1_clean_line(id, N1_CLEAN_LABEL);
    guint times = GPOINTER_TO_UINT(g_hash_table_lookup(used, clean)) + 1;
    g_hash_table_insert(used, g_strdup(clean), GUINT_TO_POINTER(times));
    char *fingerprint = times > 1 ? g_strdup_printf("%s-%u", clean, times) : g_strdup(clean);
    g_free(clean);
    return fingerprint;
}

static json_t *description(const struct n1_places *places, const struct n1_finding *f)
{
    GString *words = g_string_new(NULL);
    n1_words_sentence(words, f->message ? f->message : n1_rule_words[f->kind].title);
    n1_words_sentence(words, f->suggestion.text);
    char *scrubbed = n1_place_scrub(places, f, words->str), *line = n1_clean_line(scrubbed, N1_CLEAN_WORDS);
    json_t *json = json_string(line);
    g_free(line);
    g_free(scrubbed);
    g_string_free(words, TRUE);
    return json;
}

/* NULL when the finding has no line inside. */
static json_t *entry(const struct n1_places *places, const struct n1_finding *f, GHashTable *used)
{
    struct n1_location where = n1_place_of_finding(places, f);
    char *path = where.line > 0 ? n1_place_inside(places, where.file) : NULL;
    if (!path)
        return NULL;
    json_t *o = json_object(), *location = json_object(), *lines = json_object();
    char *fingerprint = unique(used, f->id);
    set(lines, "begin", json_integer(where.line));
    set(location, "path", n1_json_text(path, N1_CLEAN_DATA));
    set(location, "lines", lines);
    set(o, "description", description(places, f));
    set(o, "check_name", json_string(n1_kind_name(f->kind)));
    set(o, "fingerprint", json_string(fingerprint));
    set(o, "severity", json_string(severities[f->confidence]));
    set(o, "location", location);
    g_free(fingerprint);
    g_free(path);
    return o;
}

static int write_gitlab(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct n1_places places;
    GHashTable *used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    json_t *list = json_array();
    n1_places_init(&places, report, options);
    for (size_t i = 0; i < report->n_findings; i++) {
        const struct n1_finding *f = &report->finding[i];
        json_t *o = f->is_suppressed ? NULL : entry(&places, f, used);
        if (o)
            json_array_append_new(list, o);
    }
    int rc = json_dumpf(list, out, JSON_INDENT(1));
    json_decref(list);
    g_hash_table_destroy(used);
    n1_places_release(&places);
    return rc == 0 && fputc('\n', out) != EOF && !ferror(out) ? 0 : -1;
}

const struct n1_report_format n1_report_gitlab = {
    .name = "gitlab",
    .description = "GitLab's code quality report",
    .write = write_gitlab,
};
