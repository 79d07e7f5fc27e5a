/* The finding model: what the analyzer concluded, in the words of the JSON contract ("n1prof-report/1"). Reports read it and
 * decide nothing. All strings are UTF-8 without control characters but newline and tab, NUL-terminated, owned by the report's
 * arena; NULL means unknown. Times are nanoseconds. Everything is in its final order: findings worst first, queries by
 * total time. One thread.
 */
#ifndef N1_ANALYZER_FINDING_H
#define N1_ANALYZER_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum n1_kind {
    N1_KIND_N_PLUS_ONE,
    N1_KIND_QUERY_LOOP,
    N1_KIND_DUPLICATE_QUERY,
    N1_KIND_WRITE_LOOP,
    N1_KIND_READ_MODIFY_WRITE,
    N1_KINDS
};
enum n1_confidence { N1_PROVEN, N1_LIKELY, N1_POSSIBLE };
enum n1_action {
    N1_ACTION_NONE,
    N1_ACTION_SELECT_RELATED,
    N1_ACTION_PREFETCH_RELATED,
    N1_ACTION_ANNOTATE,
    N1_ACTION_IN_BULK,
    N1_ACTION_LOAD_COLUMNS,
    N1_ACTION_CACHE,
    N1_ACTION_BULK_CREATE,
    N1_ACTION_BULK_UPDATE,
    N1_ACTION_UPDATE_EXPRESSION,
    N1_ACTIONS
};
enum n1_cardinality { N1_TO_ONE, N1_TO_MANY };

struct n1_location {
    const char *file;     /* NULL: unknown */
    int line;             /* 0: unknown */
    const char *function; /* NULL: unknown */
};

/* The module of an address that is in none: code made at run time. */
#define N1_MODULE_UNKNOWN "?"

struct n1_frame {
    const char *file, *function, *module;
    int line;
    const char *language; /* "c", "python", … */
    bool is_user_code;
};

struct n1_stack {
    size_t count;
    const struct n1_frame *frame; /* innermost first */
};

struct n1_statement {
    uint64_t fingerprint;
    const char *sql;     /* normalised, parameters and literals as ? */
    const char *example; /* one real text, only when values were recorded */
    const char *dialect; /* "sqlite" or "postgresql" */
    size_t n_tables;
    const char *const *table;
    uint64_t executions, rows, db_time_ns, failed;
    bool is_batch;               /* some execution carried several keys or rows */
    struct n1_location location; /* innermost frame of the user's own code */
    struct n1_stack stack;
};

struct n1_link {
    const char *parent_table, *parent_column, *child_table, *child_column;
    enum n1_cardinality cardinality;
};

struct n1_evidence {
    uint64_t executions;          /* of the child in loops */
    uint64_t distinct_parameters; /* different ones among them */
    uint64_t matched_parameters;  /* of the different ones: found in the parent's rows */
    uint64_t parent_rows, parent_executions;
    bool same_call_path;                      /* one call path for all of the children */
    bool within_cursor;                       /* children ran while the parent was still being fetched */
    bool in_order;                            /* the children followed the order of the parent's rows */
    uint32_t processes, threads, connections; /* over which the children spread */
};

struct n1_suggestion {
    enum n1_action action;
    const char *argument; /* relation's name, e.g. "author"; NULL */
    const char *text;     /* for a person */
    const char *code;     /* the mend as one would type it in the program's own world, or NULL */
    const char *sql;      /* the one statement that replaces the loop, or NULL */
    uint64_t queries_before, queries_after, saved_ns;
};

struct n1_finding {
    char id[17]; /* 16 hex digits: kind + normalised SQL + call path by function names */
    enum n1_kind kind;
    enum n1_confidence confidence;
    const char *message;
    bool has_parent;
    struct n1_statement parent;
    struct n1_statement child;
    bool has_link;
    struct n1_link link;
    struct n1_evidence evidence;
    struct n1_suggestion suggestion;
    bool is_suppressed;
    const char *suppressed_by; /* name and reason of the suppression, or NULL */
    const char *caused_by;     /* id of the finding whose children are this one's parents (nested loops), or NULL */
};

/* A query of the list at the end: all executions of one normalised text. */
struct n1_query {
    struct n1_statement statement;
    uint64_t max_ns;
};

/* One call path of one query: what folded stacks, flame graphs and the gate are made of. */
struct n1_path {
    size_t query; /* index into n1_report.query */
    struct n1_stack stack;
    uint64_t executions, rows, db_time_ns;
};

/* One execution of one path: what timelines and spans are made of. */
struct n1_execution {
    size_t path;       /* index into n1_report.path */
    size_t cause;      /* index into n1_report.execution: the query whose row fed this one; SIZE_MAX: none known */
    uint64_t start_ns; /* since the recording began */
    uint64_t duration_ns, rows;
    uint32_t process, thread; /* numbers, from 0 */
    bool has_failed;
};

/* A stretch of the program's work that it named: by marks (preload/mark.h), or by comments in its statements. */
struct n1_scope {
    const char *name;
    uint64_t entries;         /* how often it was entered; 1 when only comments tell */
    uint64_t statements;      /* while a thread was in it */
    uint64_t most_statements; /* of one entry */
};

struct n1_report {
    const char *tool_version;
    size_t argc;
    const char *const *argv; /* the recorded command */
    const char *working_directory;
    uint64_t duration_ns;
    uint32_t processes, threads;
    bool is_complete;
    bool has_values;
    uint64_t lost_events;
    size_t n_warnings;
    const char *const *warning; /* what was lost or cut, in words; each line stands alone */
    int exit_status;            /* −1: unknown */
    struct {
        uint64_t statements, rows, failed, db_time_ns, fingerprints, connections;
    } totals;
    size_t n_findings;
    const struct n1_finding *finding;
    size_t n_queries;
    const struct n1_query *query;
    size_t n_paths;
    const struct n1_path *path;           /* by query, then executions, most first, then call path */
    uint64_t started_unix_ns;             /* CLOCK_REALTIME when the recording began; 0: unknown */
    size_t n_executions;                  /* the first ones when there were very many; 0 when no timeline was kept */
    const struct n1_execution *execution; /* by start */
    size_t n_scopes;
    const struct n1_scope *scope; /* by name */
};

/* "row" beside one, "rows" beside any other number. */
static inline const char *n1_noun(uint64_t n, const char *one, const char *several)
{
    return n == 1 ? one : several;
}

/* Whether a framework's migrations, or its making of a test database, sent the statement by themselves: what they ask changes with
 * every model and every version. What the user's own migration asks is the user's: its function stands further in. */
bool n1_stack_is_migration(const struct n1_stack *stack);

/* The contract's words. Never NULL for a valid value. */
const char *n1_kind_name(enum n1_kind kind); /* "n_plus_one" … */
const char *n1_confidence_name(enum n1_confidence confidence);
const char *n1_action_name(enum n1_action action);

#endif
