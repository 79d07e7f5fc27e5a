/* rewrite: the one statement that replaces a loop of look-ups.
 *
 * From the shapes of the parent and of the child and the link that provenance proved (which parent column feeds which child
 * operand) it builds, as text from the shapes' own expressions:
 * - JOIN: to_one; the child's columns join the parent's select list (LEFT: a parent without child stays);
 * - second query with IN (?): to_many; the child once for all parents, its key column added when it was not selected;
 * - GROUP BY: the child is an aggregate: LEFT JOIN on the grouped child; or a question of existence: EXISTS (...) as a column;
 * - LATERAL (PostgreSQL) or ROW_NUMBER() OVER (PARTITION BY key ...): each parent has a LIMIT of its own;
 * - more columns in the parent: the child re-reads the parent's own row.
 * - WITH RECURSIVE: the child walks a chain or a tree by its own rows.
 * A composite key joins on all of its columns, or is looked for as a row of two: (a, b) IN ((?, ?)), and in SQLite, which has
 * no list of rows, (a, b) IN (VALUES (?, ?)).
 * A parent that groups, is DISTINCT, a UNION or a comma list is left alone: the child is then batched on its own.
 * A statement is offered only when it reads again: PostgreSQL text through libpg_query, SQLite text through shape.h with the
 * tables that were meant. It is advice for a person: `?` stands where the program's values stood.
 *
 * Not here: whether to advise at all (the detector), the wording (advice).
 */
#ifndef N1_ANALYZER_SQL_REWRITE_H
#define N1_ANALYZER_SQL_REWRITE_H

#include "analyzer/sql/shape.h"

enum n1_sql_cardinality { N1_SQL_TO_ONE, N1_SQL_TO_MANY };

enum n1_sql_rewrite_form {
    N1_SQL_REWRITE_NONE,
    N1_SQL_REWRITE_JOIN,
    N1_SQL_REWRITE_IN,
    N1_SQL_REWRITE_GROUP,
    N1_SQL_REWRITE_LATERAL,   /* or a window, where LATERAL does not exist */
    N1_SQL_REWRITE_RECURSIVE, /* the child's rows feed the child: a chain or a tree */
    N1_SQL_REWRITE_COLUMNS,   /* the child re-reads the parent's own row: more columns in the parent */
};

/* Another value that changes from look-up to look-up: a further column of a composite key. */
struct n1_sql_rewrite_link {
    int child_operand;
    const char *parent_column; /* output column of the parent that feeds it; NULL: not the parent's */
};

struct n1_sql_rewrite_request {
    const struct n1_sql_shape *parent; /* NULL: only the IN form is possible */
    const struct n1_sql_shape *child;
    const char *parent_column; /* output column of the parent that feeds the child */
    int child_operand;         /* index into child->operands: the operand that is fed */
    const struct n1_sql_rewrite_link *further;
    int further_count;
    enum n1_sql_cardinality cardinality;
    bool is_recursive; /* parent_column is a column of the child's own rows; parent is NULL */
    bool is_limit_one; /* the child's LIMIT is 1 (from the recorded value when the text says `?`) */
};

struct n1_sql_rewrite_answer {
    enum n1_sql_rewrite_form form;
    char *sql;           /* g_free; NULL when not possible */
    const char *why_not; /* static text for a person ("cannot be batched because ..."), NULL when sql is set */
};

/* 0 with sql, -1 with why_not. */
int n1_sql_rewrite(const struct n1_sql_rewrite_request *request, struct n1_sql_rewrite_answer *answer);

#endif
