#include "tests/unit/reports_models.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const command[] = {"python3", "manage.py", "test", "--keepdb"};

/* ---- Django's classic: post.author in a loop, and a nested reverse relation ---- */
static const struct n1_frame index_stack[] = {
    {.function = "sqlite3_step", .module = "libsqlite3.so.0.8.6", .language = "c"},
    {.file = "/usr/lib/python3/dist-packages/django/db/models/fields/related_descriptors.py",
     .function = "__get__",
     .line = 187,
     .language = "python"},
    {.file = "/srv/shop/blog/views.py", .function = "index", .line = 12, .language = "python", .is_user_code = true},
    {.file = "/srv/shop/blog/middleware.py",
     .function = "__call__",
     .line = 31,
     .language = "python",
     .is_user_code = true},
    {.file = "/srv/shop/manage.py", .function = "<module>", .line = 22, .language = "python", .is_user_code = true},
    {.function = "Py_BytesMain", .module = "python3.11", .language = "c"},
};
static const char *const posts[] = {"blog_post"}, *const authors[] = {"blog_author"},
                         *const tags[] = {"blog_tag", "blog_post_tags"};

#define PARENT                                                                                                         \
    {                                                                                                                  \
        .fingerprint = 0x1122334455667788, .dialect = "sqlite",                                                        \
        .sql = "SELECT \"blog_post\".\"id\", \"blog_post\".\"title\", \"blog_post\".\"author_id\" FROM \"blog_post\" " \
               "WHERE \"blog_post\".\"published\" = ? ORDER BY \"blog_post\".\"created\" DESC LIMIT ?",                \
        .n_tables = 1, .table = posts, .executions = 1, .rows = 100, .db_time_ns = 1234567,                            \
        .location = {"/srv/shop/blog/views.py", 11, "index"}, .stack = {LENGTH(index_stack) - 1, index_stack + 1},     \
    }
#define CHILD                                                                                                          \
    {                                                                                                                  \
        .fingerprint = 0xfeedbeef, .dialect = "sqlite",                                                                \
        .sql = "SELECT \"blog_author\".\"id\", \"blog_author\".\"name\" FROM \"blog_author\" WHERE "                   \
               "\"blog_author\".\"id\" = ? LIMIT ?",                                                                   \
        .n_tables = 1, .table = authors, .executions = 100, .rows = 100, .db_time_ns = 12345678,                       \
        .location = {"/srv/shop/blog/views.py", 12, "index"}, .stack = {LENGTH(index_stack), index_stack},             \
    }
#define GRANDCHILD                                                                                                     \
    {                                                                                                                  \
        .fingerprint = 0xabc, .dialect = "sqlite",                                                                     \
        .sql = "SELECT t.id, t.word FROM blog_tag t INNER JOIN blog_post_tags m ON (t.id = m.tag_id) WHERE "           \
               "m.post_id = ? AND t.id IN (SELECT id FROM blog_tag WHERE word LIKE ? ORDER BY word)",                  \
        .example = "SELECT t.id FROM blog_tag t WHERE m.post_id = 7", .n_tables = 2, .table = tags, .executions = 100, \
        .rows = 312, .db_time_ns = 34567890123, .failed = 2,                                                           \
        .location = {"/srv/shop/blog/models.py", 77, "Author.tags"}, .stack = {LENGTH(index_stack), index_stack},      \
    }

static const struct n1_finding django_findings[] = {
    {
        .id = "0123456789abcdef",
        .kind = N1_KIND_N_PLUS_ONE,
        .confidence = N1_PROVEN,
        .message = "For each of 100 rows of blog_post one more query fetches its blog_author.",
        .has_parent = true,
        .parent = PARENT,
        .child = CHILD,
        .has_link = true,
        .link = {"blog_post", "author_id", "blog_author", "id", N1_TO_ONE},
        .evidence = {.executions = 100,
                     .distinct_parameters = 100,
                     .matched_parameters = 100,
                     .parent_rows = 100,
                     .parent_executions = 1,
                     .same_call_path = true,
                     .in_order = true,
                     .processes = 1,
                     .threads = 1,
                     .connections = 1},
        .suggestion = {.action = N1_ACTION_SELECT_RELATED,
                       .argument = "author",
                       .text = "Fetch the author together with the posts: one join instead of a query for each row.",
                       .code = "Post.objects.filter(published=True)\n    .select_related(\"author\")",
                       .sql = "SELECT * FROM blog_post JOIN blog_author ON blog_author.id = blog_post.author_id",
                       .queries_before = 101,
                       .queries_after = 1,
                       .saved_ns = 12300000},
    },
    {
        .id = "00000000000000aa",
        .kind = N1_KIND_N_PLUS_ONE,
        .confidence = N1_LIKELY,
        .message = "For each row of blog_author one more query fetches its tags.",
        .has_parent = true,
        .parent = CHILD,
        .child = GRANDCHILD,
        .has_link = true,
        .link = {"blog_author", "id", "blog_post_tags", "post_id", N1_TO_MANY},
        .evidence = {.executions = 100,
                     .distinct_parameters = 98,
                     .matched_parameters = 90,
                     .parent_rows = 100,
                     .parent_executions = 100,
                     .within_cursor = true,
                     .processes = 2,
                     .threads = 3,
                     .connections = 2},
        .suggestion = {.action = N1_ACTION_PREFETCH_RELATED,
                       .argument = "tags",
                       .text = "Fetch all tags in one second query at /srv/shop/blog/views.py:12.",
                       .queries_before = 100,
                       .queries_after = 2,
                       .saved_ns = 34000000000},
        .caused_by = "0123456789abcdef",
    },
    {
        .id = "00000000000000bb",
        .kind = N1_KIND_DUPLICATE_QUERY,
        .confidence = N1_POSSIBLE,
        .message = "The same settings are read 40 times.",
        .child = {.fingerprint = 1,
                  .sql = "SELECT value FROM setting WHERE name = ?",
                  .dialect = "sqlite",
                  .executions = 40,
                  .rows = 40,
                  .db_time_ns = 950,
                  .location = {NULL, 0, "setting_get"}},
        .evidence = {.executions = 40, .distinct_parameters = 1, .same_call_path = true},
        .suggestion =
            {.action = N1_ACTION_CACHE, .text = "Read it once and keep it.", .queries_before = 40, .queries_after = 1},
    },
    {
        .id = "00000000000000cc",
        .kind = N1_KIND_READ_MODIFY_WRITE,
        .confidence = N1_POSSIBLE,
        .child = {.sql = "UPDATE stock SET n = ? WHERE id = ?", .executions = 1},
        .is_suppressed = true,
        .suppressed_by = "stock-counter: one writer only",
    },
};

static const struct n1_query django_queries[] = {
    {GRANDCHILD, 400000000},
    {CHILD, 999999},
    {PARENT, 1234567},
    {{.fingerprint = 1,
      .sql = "SELECT value FROM setting WHERE name = ?",
      .executions = 40,
      .rows = 40,
      .db_time_ns = 950},
     50},
    {{.fingerprint = 2, .sql = "BEGIN", .executions = 1}, 0},
    {{.fingerprint = 3, .sql = "COMMIT", .executions = 1}, 0},
};

static const struct n1_path django_paths[] = {
    {0, {LENGTH(index_stack), index_stack}, 100, 312, 34567890123},
    {1, {LENGTH(index_stack), index_stack}, 100, 100, 12345678},
    {2, {LENGTH(index_stack) - 1, index_stack + 1}, 1, 100, 1234567},
    {3, {1, index_stack}, 40, 40, 950},
};

static const struct n1_report django = {
    .tool_version = "0.1.0",
    .argc = LENGTH(command),
    .argv = command,
    .working_directory = "/srv/shop/",
    .duration_ns = 654321000000,
    .processes = 2,
    .threads = 3,
    .is_complete = true,
    .has_values = true,
    .exit_status = 1,
    .totals =
        {.statements = 243, .rows = 552, .failed = 2, .db_time_ns = 34581471318, .fingerprints = 6, .connections = 2},
    .n_findings = LENGTH(django_findings),
    .finding = django_findings,
    .n_queries = LENGTH(django_queries),
    .query = django_queries,
    .n_paths = LENGTH(django_paths),
    .path = django_paths,
};

/* ---- nothing wrong; nothing at all; a torn recording ---- */
static const struct n1_report clean = {
    .tool_version = "0.1.0",
    .argc = 1,
    .argv = command,
    .working_directory = "/srv/shop",
    .duration_ns = 2500000,
    .processes = 1,
    .threads = 1,
    .is_complete = true,
    .totals = {.statements = 1, .rows = 100, .db_time_ns = 1234567, .fingerprints = 1, .connections = 1},
    .n_queries = 1,
    .query = django_queries + 2,
};

static const struct n1_report silent = {
    .tool_version = "0.1.0",
    .argc = 1,
    .argv = command,
    .is_complete = true,
    .exit_status = 143,
    .duration_ns = 999,
};

static const char *const warnings[] = {
    "17 events were lost because the disk was full (No space left on device).",
    "The program was killed, or is still running; what it had not finished is missing.",
};

static const struct n1_report torn = {
    .tool_version = "0.1.0",
    .argc = 1,
    .argv = command,
    .lost_events = 17,
    .n_warnings = LENGTH(warnings),
    .warning = warnings,
    .exit_status = -1,
    .totals = {.statements = 1, .rows = 100, .db_time_ns = 1234567, .fingerprints = 1, .connections = 1},
    .n_queries = 1,
    .query = django_queries + 2,
};

const struct report_model report_models[] = {
    {"django", &django}, {"clean", &clean}, {"silent", &silent}, {"torn", &torn}, {NULL, NULL},
};

/* ---- hostile strings ---- */
const char *const *report_hostile_strings(void)
{
    enum { MEGABYTE = 1024 * 1024 };
    static char *words, *blank_free;
    static const char *list[16];
    if (words)
        return list;
    words = malloc(MEGABYTE + 1);
    blank_free = malloc(MEGABYTE + 1);
    for (size_t i = 0; i < MEGABYTE; i++) {
        words[i] = "SELECT x FROM t "[i % 16];
        blank_free[i] = "\xe2\x82\xac"[i % 3]; /* ends within a character */
    }
    words[MEGABYTE] = blank_free[MEGABYTE] = '\0';
    static const char *const fixed[] = {
        "",
        "\x1b[2J\x1b]0;owned\a",
        "\xff\xfe\xc0\x80 SELECT \xed\xa0\x80",
        "</script><script>alert(1)</script>",
        "a\nb\r\nc\td\x7f\x01",
        "%s%n%d",
        "\"quoted\" 'single' \\back\\slash",
        "::error file=a,line=1::x",
        "]]>&amp;<!--",
        "\xe2\x80\xae"
        "gpj.exe",
        "\xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x90\x98",
        "((((((((((((((((((((((",
    };
    size_t n = 0;
    for (; n < LENGTH(fixed); n++)
        list[n] = fixed[n];
    list[n++] = words;
    list[n++] = blank_free;
    return list;
}

const struct n1_report *report_made_of(const char *text)
{
    static const char *texts[2];
    static struct n1_frame frames[2];
    static struct n1_finding finding;
    static struct n1_query query;
    static struct n1_path path;
    static struct n1_execution execution;
    static struct n1_report report;
    texts[0] = texts[1] = text;
    for (size_t i = 0; i < 2; i++)
        frames[i] = (struct n1_frame){text, text, text, 7, text, true};
    struct n1_statement statement = {.sql = text,
                                     .example = text,
                                     .dialect = text,
                                     .n_tables = 2,
                                     .table = texts,
                                     .executions = UINT64_MAX,
                                     .rows = UINT64_MAX,
                                     .db_time_ns = UINT64_MAX,
                                     .location = {text, 2147483647, text},
                                     .stack = {2, frames}};
    finding = (struct n1_finding){
        .message = text,
        .has_parent = true,
        .parent = statement,
        .child = statement,
        .has_link = true,
        .link = {text, text, text, text, N1_TO_MANY},
        .evidence = {.executions = UINT64_MAX,
                     .matched_parameters = UINT64_MAX,
                     .in_order = true,
                     .within_cursor = true},
        .suggestion = {N1_ACTION_PREFETCH_RELATED, text, text, text, text, UINT64_MAX, 1, UINT64_MAX},
        .suppressed_by = text,
        .caused_by = text};
    memcpy(finding.id, "<\xff\x1b\"%s", 7);
    query = (struct n1_query){.statement = statement, .max_ns = UINT64_MAX};
    path = (struct n1_path){.stack = {2, frames}, .executions = UINT64_MAX, .db_time_ns = UINT64_MAX};
    execution = (struct n1_execution){.start_ns = UINT64_MAX, .duration_ns = UINT64_MAX, .has_failed = true};
    report = (struct n1_report){.tool_version = text,
                                .argc = 2,
                                .argv = texts,
                                .working_directory = text,
                                .duration_ns = UINT64_MAX,
                                .n_warnings = 2,
                                .warning = texts,
                                .lost_events = UINT64_MAX,
                                .exit_status = 255,
                                .totals = {UINT64_MAX, 1, 1, UINT64_MAX, 1, 1},
                                .n_findings = 1,
                                .finding = &finding,
                                .n_queries = 1,
                                .query = &query,
                                .n_paths = 1,
                                .path = &path,
                                .n_executions = 1,
                                .execution = &execution};
    return &report;
}
