/* statements: recorded texts → normalised statements.
 *
 * A text is what one process sent, redacted: it knows where its parameters stand. A statement is what remains when parameters,
 * spacing and list lengths are taken away: findings and totals speak of statements. Texts are shared by all processes that sent
 * the same one. Everything lives as long as the table. One thread.
 */
#ifndef N1_ANALYZER_STATEMENTS_H
#define N1_ANALYZER_STATEMENTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyzer/finding.h"
#include "analyzer/sql/normalise.h"
#include "analyzer/sql/shape.h"
#include "trace/read.h"

#define N1_KEYS_MAX 8

struct n1_site;

/* A table as far as writes to it matter. */
struct n1_table_state {
    const char *name;
    uint64_t writes; /* finished so far */
};

struct n1_query_stats {
    uint64_t executions, rows, failed, db_time_ns, max_ns;
};

struct n1_query_text;

struct n1_stmt {
    uint32_t index; /* in the order of appearance, from 0 */
    uint64_t fingerprint;
    const char *sql; /* normalised */
    enum n1_dialect dialect;
    const struct n1_query_text *text; /* the first one: its shape stands for all */
    const char *example;              /* real text, or NULL */
    uint32_t n_tables;
    struct n1_table_state **table; /* without repetitions */
    bool is_housekeeping;          /* transactions, settings, catalogues: never part of a finding */
    bool is_read;                  /* SELECT, or a cursor over one */
    bool is_write;                 /* INSERT, UPDATE, DELETE, MERGE */
    bool is_aggregate;             /* gives one computed row: count, sum, EXISTS, SELECT 1 … LIMIT 1 */
    bool is_set_wise;              /* reads or writes by a list of keys: the mended form */
    struct n1_query_stats stats;   /* of all its sites: n1_sites_sum() */
    GPtrArray *sites;              /* of struct n1_site, in the order of appearance */
};

/* A parameter that stands where rows are chosen. */
struct n1_lookup_key {
    uint16_t operand; /* index into shape.operands: the edge's name for it */
    bool is_literal;  /* number counts literals from 0, else bound parameters from 0 */
    uint16_t number;
    enum n1_sql_op op;
    enum n1_sql_clause clause;
    const char *table;  /* of the column that it is compared with, "" when not known */
    const char *column; /* "" when it is compared with no plain column */
};

enum n1_cursor_verb { N1_CURSOR_NONE, N1_CURSOR_DECLARE, N1_CURSOR_FETCH, N1_CURSOR_CLOSE };

struct n1_query_text {
    struct n1_stmt *stmt;
    struct n1_sql_shape shape;
    uint32_t longest_list; /* of the IN lists: 0 none, 1 a look-up in disguise */
    uint32_t values_rows;
    enum n1_cursor_verb cursor;
    bool gives_next; /* whatever row comes first of some, not a computed one: ORDER BY … LIMIT 1 of a queue */
    bool is_plain;   /* reads rows, nothing else: no cursor, no lock, no list of keys, no queue */
    const struct n1_query_text *prepared; /* PREPARE name AS …: the statement that EXECUTE name runs, or NULL */
    uint32_t n_keys;                      /* equalities first */
    const struct n1_lookup_key *key;      /* as many */
};

static inline bool n1_query_text_is_batch(const struct n1_query_text *text)
{
    return text->longest_list > 1 || text->values_rows > 1;
}

struct n1_statements;

struct n1_statements *n1_statements_new(void);
void n1_statements_free(struct n1_statements *statements);

/* The text of an event, read at its first use. text NULL (entry lost) and beyond the limit of texts: a statement that says so.
 * n_bound and n_literals tell which `?` are which. */
const struct n1_query_text *n1_statements_get(struct n1_statements *statements, uint32_t process, uint32_t sql_id,
                                              const struct n1_sql_text *text, uint32_t n_bound, uint32_t n_literals);

/* Index of a key's value in an event's parameters, or -1 when it was not recorded. */
static inline int n1_lookup_key_index(const struct n1_lookup_key *key, uint32_t n_bound, uint32_t n_params)
{
    uint32_t index = key->is_literal ? n_bound + key->number : key->number;
    return index < n_params && (key->is_literal || index < n_bound) ? (int)index : -1;
}

/* What the recording's own statements say of a table's keys (sql/schema.h). UNKNOWN: nothing. */
enum n1_uniqueness { N1_UNIQUE_UNKNOWN, N1_UNIQUE_NOT, N1_UNIQUE };
enum n1_uniqueness n1_statements_uniqueness(const struct n1_statements *statements, const char *table,
                                            const char *column);

uint32_t n1_statements_count(const struct n1_statements *statements);
struct n1_stmt *n1_statements_at(const struct n1_statements *statements, uint32_t index);

#endif
