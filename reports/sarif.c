/* SARIF 2.1.0 (OASIS, errata 01), as GitHub's code scanning and editors read it.
 *
 * A result's place is a line inside the root. Without one, the file; without that, the program's binary with the function as a
 * logical location: a line is never made up. Files outside have no URI, only words. The path from 1 to N is the code flow; the
 * call stack is given once more whole. Left to the gate: baselineState.
 */
#include <limits.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/places.h"
#include "reports/story.h"
#include "reports/words.h"

#define RESULTS_MOST 5000 /* what GitHub shows of a run; it refuses 25 000 */
#define FRAMES_MOST  50
#define ROOT_ID      "%SRCROOT%"

static const char *const levels[] = {[N1_PROVEN] = "error", [N1_LIKELY] = "warning", [N1_POSSIBLE] = "note"};

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *text_object(const char *text, size_t most)
{
    json_t *o = json_object();
    set(o, "text", n1_json_text(text, most));
    return o;
}

static json_t *artifact(const char *uri)
{
    json_t *o = json_object();
    set(o, "uri", json_string(uri));
    set(o, "uriBaseId", json_string(ROOT_ID));
    return o;
}

/* NULL when file is not inside. */
static json_t *physical_location(const struct n1_places *places, const struct n1_location *where)
{
    char *uri = n1_place_uri(places, where->file);
    if (!uri)
        return NULL;
    json_t *o = json_object();
    set(o, "artifactLocation", artifact(uri));
    if (where->line > 0) {
        json_t *region = json_object();
        set(region, "startLine", json_integer(where->line));
        set(o, "region", region);
    }
    g_free(uri);
    return o;
}

static void set_function(json_t *o, const char *function)
{
    if (!function || !*function)
        return;
    json_t *logical = json_object(), *list = json_array();
    set(logical, "name", n1_json_text(function, N1_CLEAN_WORDS));
    set(logical, "fullyQualifiedName", n1_json_text(function, N1_CLEAN_WORDS));
    set(logical, "kind", json_string("function"));
    json_array_append_new(list, logical);
    set(o, "logicalLocations", list);
}

/* words may be NULL: then what is known of the place stands there. */
static json_t *location(const struct n1_places *places, const struct n1_location *where, const char *words)
{
    json_t *o = json_object(), *physical = physical_location(places, where);
    char *place = n1_place_words(places, where);
    if (physical)
        set(o, "physicalLocation", physical);
    set_function(o, where->function);
    if (words && !physical && place) {
        char *both = g_strdup_printf("%s: %s", place, words);
        set(o, "message", text_object(both, N1_CLEAN_BODY));
        g_free(both);
    } else
        set(o, "message", text_object(words ? words : place ? place : "an unknown place", N1_CLEAN_BODY));
    g_free(place);
    return o;
}

/* The binary that holds the frame, else the program: what stands for a place without debug information. */
static char *binary_uri(const struct n1_places *places, const struct n1_report *report, const struct n1_finding *f)
{
    const char *module = f->child.stack.count > 0 ? f->child.stack.frame[0].module : NULL;
    for (size_t i = f->child.stack.count; i-- > 0;)
        if (f->child.stack.frame[i].is_user_code && f->child.stack.frame[i].module)
            module = f->child.stack.frame[i].module;
    if (!module || !*module)
        module = report->argc > 0 && report->argv[0] && *report->argv[0] ? report->argv[0] : "program";
    char *uri = n1_place_uri(places, module);
    if (uri)
        return uri;
    char *name = g_path_get_basename(module);
    uri = g_uri_escape_string(strlen(name) <= NAME_MAX ? name : "program", NULL, FALSE);
    g_free(name);
    return uri;
}

static json_t *main_location(const struct n1_places *places, const struct n1_report *report, const struct n1_finding *f)
{
    struct n1_location where = n1_place_of_finding(places, f);
    json_t *o = json_object(), *physical = physical_location(places, &where);
    if (!physical) {
        char *uri = binary_uri(places, report, f);
        physical = json_object();
        set(physical, "artifactLocation", artifact(uri));
        g_free(uri);
    }
    set(o, "physicalLocation", physical);
    set_function(o, where.function);
    return o;
}

static json_t *code_flow(const struct n1_places *places, const struct n1_finding *f)
{
    static const char *const importance[] = {
        [N1_STORY_PARENT] = "essential",
        [N1_STORY_LOOP] = "essential",
        [N1_STORY_CALL] = "unimportant",
        [N1_STORY_CHILD] = "essential",
    };
    struct n1_story story;
    json_t *steps = json_array(), *thread = json_object(), *threads = json_array(), *flow = json_object();
    n1_story_tell(&story, f);
    for (size_t i = 0; i < story.count; i++) {
        const struct n1_story_step *step = &story.step[i];
        json_t *o = json_object();
        char *words = g_strdup_printf("%s%s%s", step->text, step->sql ? ": " : "", step->sql ? step->sql : "");
        set(o, "location", location(places, &step->where, words));
        g_free(words);
        set(o, "executionOrder", json_integer((json_int_t)i + 1));
        set(o, "nestingLevel", json_integer(step->part == N1_STORY_PARENT || step->part == N1_STORY_LOOP ? 0 : 1));
        set(o, "importance", json_string(importance[step->part]));
        json_array_append_new(steps, o);
    }
    n1_story_release(&story);
    set(thread, "locations", steps);
    json_array_append_new(threads, thread);
    set(flow, "threadFlows", threads);
    return flow;
}

static json_t *call_stack(const struct n1_places *places, const struct n1_statement *s, const char *title)
{
    json_t *frames = json_array(), *o = json_object();
    for (size_t i = 0; i < s->stack.count && i < FRAMES_MOST; i++) {
        const struct n1_frame *f = &s->stack.frame[i];
        struct n1_location where = n1_place_of_frame(f);
        json_t *frame = json_object();
        set(frame, "location", location(places, &where, NULL));
        if (f->module && *f->module) {
            char *module = g_path_get_basename(f->module);
            set(frame, "module", n1_json_text(module, N1_CLEAN_WORDS));
            g_free(module);
        }
        json_array_append_new(frames, frame);
    }
    set(o, "message", text_object(title, N1_CLEAN_WORDS));
    set(o, "frames", frames);
    return o;
}

static json_t *call_stacks(const struct n1_places *places, const struct n1_finding *f)
{
    json_t *list = json_array();
    if (f->child.stack.count > 0)
        json_array_append_new(list, call_stack(places, &f->child, "The repeated query"));
    if (f->has_parent && f->parent.stack.count > 0)
        json_array_append_new(list, call_stack(places, &f->parent, "The query whose rows drive the loop"));
    return list;
}

static void append_line(GString *out, const char *line)
{
    if (line && *line)
        g_string_append_printf(out, "%s%s", out->len ? "\n" : "", line);
}

/* What GitHub shows beside the code: sentence, proof, mend. */
static json_t *message(const struct n1_places *places, const struct n1_finding *f)
{
    GString *all = g_string_new(NULL), *proof = g_string_new(NULL);
    n1_words_sentence(all, f->message ? f->message : n1_rule_words[f->kind].title);
    n1_words_proof(proof, f);
    append_line(all, proof->str);
    append_line(all, f->suggestion.text);
    append_line(all, f->suggestion.code);
    char *scrubbed = n1_place_scrub(places, f, all->str);
    json_t *o = text_object(scrubbed, N1_CLEAN_BODY);
    g_free(scrubbed);
    g_string_free(proof, TRUE);
    g_string_free(all, TRUE);
    return o;
}

static json_t *properties(const struct n1_finding *f)
{
    json_t *o = json_object();
    set(o, "confidence", json_string(n1_confidence_name(f->confidence)));
    set(o, "executions", n1_json_count(f->evidence.executions));
    set(o, "parentRows", n1_json_count(f->evidence.parent_rows));
    set(o, "queriesBefore", n1_json_count(f->suggestion.queries_before));
    set(o, "queriesAfter", n1_json_count(f->suggestion.queries_after));
    set(o, "databaseTimeNs", n1_json_count(f->child.db_time_ns));
    set(o, "savedNs", n1_json_count(f->suggestion.saved_ns));
    set(o, "action", json_string(n1_action_name(f->suggestion.action)));
    set(o, "sql", n1_json_text(f->child.sql, N1_CLEAN_BODY));
    if (f->has_parent)
        set(o, "parentSql", n1_json_text(f->parent.sql, N1_CLEAN_BODY));
    if (f->suggestion.sql)
        set(o, "suggestedSql", n1_json_text(f->suggestion.sql, N1_CLEAN_BODY));
    return o;
}

/* Always there: a run's results have all of them or none (SARIF 3.27.23). */
static json_t *suppressions(const struct n1_finding *f)
{
    json_t *list = json_array();
    if (!f->is_suppressed)
        return list;
    json_t *o = json_object();
    set(o, "kind", json_string("external"));
    set(o, "status", json_string("accepted"));
    if (f->suppressed_by)
        set(o, "justification", n1_json_text(f->suppressed_by, N1_CLEAN_WORDS));
    json_array_append_new(list, o);
    return list;
}

static json_t *one(json_t *value)
{
    json_t *list = json_array();
    json_array_append_new(list, value);
    return list;
}

static json_t *result(const struct n1_places *places, const struct n1_report *report, const struct n1_finding *f)
{
    json_t *o = json_object(), *fingerprints = json_object();
    set(fingerprints, "n1profFinding/v1", n1_json_text(f->id, N1_CLEAN_LABEL));
    set(o, "ruleId", json_string(n1_kind_name(f->kind)));
    set(o, "ruleIndex", json_integer((json_int_t)f->kind));
    set(o, "level", json_string(levels[f->confidence]));
    set(o, "message", message(places, f));
    set(o, "locations", one(main_location(places, report, f)));
    if (f->has_parent) {
        json_t *parent = location(places, &f->parent.location, "the query whose rows drive the loop");
        set(parent, "id", json_integer(1));
        set(o, "relatedLocations", one(parent));
    }
    set(o, "partialFingerprints", fingerprints);
    set(o, "codeFlows", one(code_flow(places, f)));
    set(o, "stacks", call_stacks(places, f));
    set(o, "suppressions", suppressions(f));
    set(o, "occurrenceCount", n1_json_count(MAX(f->evidence.executions, 1)));
    set(o, "properties", properties(f));
    return o;
}

static json_t *rule(enum n1_kind kind)
{
    const struct n1_rule_words *words = &n1_rule_words[kind];
    json_t *o = json_object(), *help = json_object(), *configuration = json_object(), *bag = json_object();
    char *plain = g_strdup_printf("%s %s", words->meaning, words->mend);
    char *markdown = g_strdup_printf("%s\n\n%s\n\n%s", words->meaning, words->mend, words->example);
    json_t *tags = json_array();
    json_array_append_new(tags, json_string(kind == N1_KIND_READ_MODIFY_WRITE ? "correctness" : "performance"));
    json_array_append_new(tags, json_string("database"));
    set(o, "id", json_string(n1_kind_name(kind)));
    set(o, "name", json_string(words->name));
    set(o, "shortDescription", text_object(words->summary, N1_CLEAN_WORDS));
    set(o, "fullDescription", text_object(words->meaning, N1_CLEAN_WORDS));
    set(help, "text", json_string(plain));
    set(help, "markdown", json_string(markdown));
    set(o, "help", help);
    set(configuration, "level", json_string("warning"));
    set(o, "defaultConfiguration", configuration);
    set(bag, "tags", tags);
    set(o, "properties", bag);
    g_free(plain);
    g_free(markdown);
    return o;
}

static json_t *tool(const struct n1_report *report)
{
    json_t *driver = json_object(), *rules = json_array(), *o = json_object();
    for (int kind = 0; kind < N1_KINDS; kind++)
        json_array_append_new(rules, rule((enum n1_kind)kind));
    set(driver, "name", json_string("n1prof"));
    if (report->tool_version)
        set(driver, "version", n1_json_text(report->tool_version, N1_CLEAN_LABEL));
    set(driver, "rules", rules);
    set(o, "driver", driver);
    return o;
}

static void notify(json_t *list, const char *text)
{
    json_t *o = json_object();
    set(o, "level", json_string("warning"));
    set(o, "message", text_object(text, N1_CLEAN_WORDS));
    json_array_append_new(list, o);
}

/* Of n1prof itself: whether it saw everything. */
static json_t *invocation(const struct n1_places *places, const struct n1_report *report)
{
    json_t *o = json_object(), *notes = json_array();
    for (size_t i = 0; i < report->n_warnings; i++) {
        char *warning = n1_place_scrub(places, NULL, report->warning[i]);
        notify(notes, warning);
        g_free(warning);
    }
    if (report->n_findings > RESULTS_MOST) {
        char *text = g_strdup_printf("%zu findings; the worst %d are shown", report->n_findings, RESULTS_MOST);
        notify(notes, text);
        g_free(text);
    }
    set(o, "executionSuccessful", json_boolean(report->is_complete));
    set(o, "toolExecutionNotifications", notes);
    return o;
}

/* "n1prof/python-manage.py-test/": keeps uploads of different commands apart. */
static json_t *category(const struct n1_places *places, const struct n1_report *report)
{
    char *command = n1_place_command(places, report);
    json_t *o = json_object();
    GString *id = g_string_new("n1prof/");
    for (const char *c = command; *c; c++) {
        bool is_plain = g_ascii_isalnum(*c) || *c == '.' || *c == '_';
        if (is_plain || id->str[id->len - 1] != '-')
            g_string_append_c(id, is_plain ? *c : '-');
    }
    g_string_append_c(id, '/');
    set(o, "id", json_string(id->str));
    g_string_free(id, TRUE);
    g_free(command);
    return o;
}

static json_t *root_ids(void)
{
    json_t *o = json_object(), *root = json_object();
    set(root, "description", text_object("The root of the repository", N1_CLEAN_LABEL));
    set(o, ROOT_ID, root);
    return o;
}

static int write_sarif(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    struct n1_places places;
    n1_places_init(&places, report, options);
    json_t *log = json_object(), *run = json_object(), *results = json_array();
    for (size_t i = 0; i < report->n_findings && i < RESULTS_MOST; i++)
        json_array_append_new(results, result(&places, report, &report->finding[i]));
    set(run, "tool", tool(report));
    set(run, "automationDetails", category(&places, report));
    set(run, "invocations", one(invocation(&places, report)));
    set(run, "originalUriBaseIds", root_ids());
    set(run, "results", results);
    set(log, "$schema",
        json_string("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"));
    set(log, "version", json_string("2.1.0"));
    set(log, "runs", one(run));
    int rc = json_dumpf(log, out, JSON_INDENT(1));
    json_decref(log);
    n1_places_release(&places);
    return rc == 0 && fputc('\n', out) != EOF && !ferror(out) ? 0 : -1;
}

const struct n1_report_format n1_report_sarif = {
    .name = "sarif",
    .description = "SARIF 2.1.0: code scanning, editors",
    .write = write_sarif,
};
