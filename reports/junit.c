/* JUnit XML, in the subset that Jenkins, GitLab and the rest agree on (docs/schemas/junit-n1prof.xsd).
 *
 * The suite is the recorded command; a case is one query of the program, named by its text and fingerprint, without counts, so that
 * its history holds from run to run: it passes while no finding is about it. A finding makes the case of its repeated query
 * fail, suppressed ones alone make it skipped. One more case says whether the recording is complete; an error there is
 * n1prof's trouble, not the program's. Readers differ in what they show: the failure's text repeats all of it.
 */
#include <inttypes.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/places.h"
#include "reports/words.h"

#define CASES_MOST 5000

enum outcome { PASSED, FAILED, SKIPPED, BROKEN };

static const struct {
    const char *element;
} outcomes[] = {[PASSED] = {NULL}, [FAILED] = {"failure"}, [SKIPPED] = {"skipped"}, [BROKEN] = {"error"}};

struct junit {
    const struct n1_report *report;
    struct n1_places places;
    GHashTable *findings; /* fingerprint → GPtrArray of findings, worst first */
    GString *cases;
    size_t tests, count[G_N_ELEMENTS(outcomes)];
};

static void attribute(GString *out, const char *name, const char *value, size_t most)
{
    char *clean = n1_clean_line(value, most);
    g_string_append_printf(out, " %s=\"", name);
    n1_append_xml(out, clean);
    g_string_append_c(out, '"');
    g_free(clean);
}

static void seconds(GString *out, uint64_t ns)
{
    g_string_append_printf(out, " time=\"%" PRIu64 ".%06" PRIu64 "\"", ns / 1000000000, ns % 1000000000 / 1000);
}

static void element_text(GString *out, const char *text, size_t most)
{
    char *clean = n1_clean(text, most);
    n1_append_xml(out, clean);
    g_free(clean);
}

static GPtrArray *findings_of(const struct junit *j, uint64_t fingerprint)
{
    return g_hash_table_lookup(j->findings, &fingerprint);
}

static void describe(const struct junit *j, GString *out, const struct n1_finding *f)
{
    struct n1_location where = n1_place_of_finding(&j->places, f);
    char *place = n1_place_words(&j->places, &where);
    GString *words = g_string_new(NULL);
    g_string_append_printf(words, "%s (%s, %s): ", n1_rule_words[f->kind].title, n1_confidence_name(f->confidence),
                           f->id);
    n1_words_saving(words, f);
    g_string_append_printf(words, "\n%s\n%s\n", f->message ? f->message : "", place ? place : "in an unknown place");
    n1_words_proof(words, f);
    g_string_append_printf(words, "\nMend: %s\n", f->suggestion.text ? f->suggestion.text : "none known");
    if (f->suggestion.code)
        g_string_append_printf(words, "%s\n", f->suggestion.code);
    if (f->is_suppressed)
        g_string_append_printf(words, "Suppressed: %s\n", f->suppressed_by ? f->suppressed_by : "without a reason");
    char *scrubbed = n1_place_scrub(&j->places, f, words->str);
    element_text(out, scrubbed, N1_CLEAN_BODY);
    element_text(out, "\nQuery: ", N1_CLEAN_LABEL);
    element_text(out, f->child.sql, N1_CLEAN_BODY);
    if (f->has_parent) {
        element_text(out, "\nFor each row of: ", N1_CLEAN_LABEL);
        element_text(out, f->parent.sql, N1_CLEAN_BODY);
    }
    element_text(out, "\n", N1_CLEAN_LABEL);
    g_free(scrubbed);
    g_string_free(words, TRUE);
    g_free(place);
}

/* The worst open finding, else the worst suppressed one. */
static const struct n1_finding *leading(const GPtrArray *findings)
{
    for (guint i = 0; findings && i < findings->len; i++) {
        const struct n1_finding *f = g_ptr_array_index(findings, i);
        if (!f->is_suppressed)
            return f;
    }
    return findings ? g_ptr_array_index(findings, 0) : NULL;
}

static void open_case(struct junit *j, const char *group, const char *name, const char *file, uint64_t ns)
{
    g_string_append(j->cases, "    <testcase");
    attribute(j->cases, "classname", group, N1_CLEAN_WORDS);
    attribute(j->cases, "name", name, N1_CLEAN_WORDS);
    if (file)
        attribute(j->cases, "file", file, N1_CLEAN_WORDS);
    seconds(j->cases, ns);
}

static void count(struct junit *j, enum outcome outcome)
{
    j->tests++;
    j->count[outcome]++;
}

static void query_case(struct junit *j, const struct n1_statement *s)
{
    const GPtrArray *findings = findings_of(j, s->fingerprint);
    const struct n1_finding *first = leading(findings);
    enum outcome outcome = !first ? PASSED : first->is_suppressed ? SKIPPED : FAILED;
    char *sql = n1_clean_label(s->sql);
    char *name = g_strdup_printf("%s (%016" PRIx64 ")", sql, s->fingerprint);
    struct n1_location where = first ? n1_place_of_finding(&j->places, first) : s->location;
    char *file = n1_place_inside(&j->places, where.file);
    open_case(j, "n1prof.query", name, file, s->db_time_ns);
    if (outcome == PASSED)
        g_string_append(j->cases, "/>\n");
    else {
        char *message =
            n1_place_scrub(&j->places, first, first->message ? first->message : n1_rule_words[first->kind].title);
        g_string_append_printf(j->cases, ">\n      <%s", outcomes[outcome].element);
        attribute(j->cases, "message", message, N1_CLEAN_WORDS);
        if (outcome == FAILED)
            attribute(j->cases, "type", n1_kind_name(first->kind), N1_CLEAN_LABEL);
        g_string_append_c(j->cases, '>');
        for (guint i = 0; i < findings->len; i++)
            describe(j, j->cases, g_ptr_array_index(findings, i));
        g_string_append_printf(j->cases, "</%s>\n    </testcase>\n", outcomes[outcome].element);
        g_free(message);
    }
    count(j, outcome);
    g_free(file);
    g_free(name);
    g_free(sql);
}

static void recording_case(struct junit *j)
{
    const struct n1_report *r = j->report;
    GString *warnings = g_string_new(NULL);
    for (size_t i = 0; i < r->n_warnings; i++)
        g_string_append_printf(warnings, "%s\n", r->warning[i] ? r->warning[i] : "");
    if (!r->is_complete && r->n_warnings == 0 && r->lost_events > 0)
        g_string_append_printf(warnings, "%" PRIu64 " event%s lost\n", r->lost_events, n1_words_s(r->lost_events));
    char *text = n1_place_scrub(&j->places, NULL, warnings->str);
    open_case(j, "n1prof.recording", "everything was recorded", NULL, 0);
    const char *element = r->is_complete ? "system-out" : outcomes[BROKEN].element;
    if (r->is_complete && !*text)
        g_string_append(j->cases, "/>\n");
    else {
        g_string_append_printf(j->cases, ">\n      <%s", element);
        if (!r->is_complete) {
            attribute(j->cases, "message", "the recording is not complete", N1_CLEAN_LABEL);
            attribute(j->cases, "type", "incomplete_recording", N1_CLEAN_LABEL);
        }
        g_string_append_c(j->cases, '>');
        element_text(j->cases, text, N1_CLEAN_BODY);
        g_string_append_printf(j->cases, "</%s>\n    </testcase>\n", element);
    }
    count(j, r->is_complete ? PASSED : BROKEN);
    g_free(text);
    g_string_free(warnings, TRUE);
}

static void collect(struct junit *j)
{
    for (size_t i = 0; i < j->report->n_findings; i++) {
        const struct n1_finding *f = &j->report->finding[i];
        GPtrArray *list = findings_of(j, f->child.fingerprint);
        if (!list) {
            list = g_ptr_array_new();
            g_hash_table_insert(j->findings, g_memdup2(&f->child.fingerprint, sizeof f->child.fingerprint), list);
        }
        g_ptr_array_add(list, (gpointer)f);
    }
}

/* Queries with findings first, worst first, so that a limit never hides one. */
static void all_cases(struct junit *j)
{
    const struct n1_report *r = j->report;
    GHashTable *done = g_hash_table_new(g_int64_hash, g_int64_equal);
    recording_case(j);
    for (size_t i = 0; i < r->n_findings && j->tests < CASES_MOST; i++)
        if (g_hash_table_add(done, (gpointer)&r->finding[i].child.fingerprint))
            query_case(j, &r->finding[i].child);
    for (size_t i = 0; i < r->n_queries && j->tests < CASES_MOST; i++)
        if (g_hash_table_add(done, (gpointer)&r->query[i].statement.fingerprint))
            query_case(j, &r->query[i].statement);
    g_hash_table_destroy(done);
}

static void counts(const struct junit *j, GString *out)
{
    g_string_append_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", j->tests,
                           j->count[FAILED], j->count[BROKEN], j->count[SKIPPED]);
    seconds(out, j->report->totals.db_time_ns);
}

static void free_list(gpointer list)
{
    g_ptr_array_free(list, TRUE);
}

static int write_junit(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct junit j = {.report = report, .cases = g_string_new(NULL)};
    n1_places_init(&j.places, report, options);
    j.findings = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_list);
    collect(&j);
    all_cases(&j);
    char *command = n1_place_command(&j.places, report);
    GString *head = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"n1prof\"");
    counts(&j, head);
    g_string_append(head, ">\n  <testsuite");
    attribute(head, "name", command, N1_CLEAN_WORDS);
    counts(&j, head);
    g_string_append(head, ">\n");
    fwrite(head->str, 1, head->len, out);
    fwrite(j.cases->str, 1, j.cases->len, out);
    fputs("  </testsuite>\n</testsuites>\n", out);
    g_string_free(head, TRUE);
    g_string_free(j.cases, TRUE);
    g_free(command);
    g_hash_table_destroy(j.findings);
    n1_places_release(&j.places);
    return ferror(out) ? -1 : 0;
}

const struct n1_report_format n1_report_junit = {
    .name = "junit",
    .description = "JUnit XML: Jenkins, GitLab and most other CI",
    .write = write_junit,
};
