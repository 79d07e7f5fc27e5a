/* shape: what a statement does, as far as its tokens tell: verb, tables, columns, predicates, where each operand goes.
 *
 * A tolerant reader for both dialects, not a parser: it has no catalogue, so an unqualified column belongs to a table only
 * when the query level has one table. It takes any bytes, never fails, and says by `is_understood` whether it met
 * something that it skipped over. Nested queries are read too; their tables, predicates and operands carry depth > 0, and so do
 * those of the second and later arms of a UNION (but its ORDER BY and LIMIT are the statement's).
 *
 * Operands: parameters and value literals are numbered together from 0 in text order (sql_role.h), the same in the text as
 * sent and in its redacted form. A redacted literal looks like the parameter `?`, so pass the redaction's literal_mask: then
 * each operand also has its number among the real bind parameters (as the database numbers them: $7 is 7, a name by first
 * appearance, `?` the next after the highest) or among the extracted literals (from 0 in text order). With a mask of 0 every
 * `?` counts as a parameter.
 *
 * Indexes into the arrays are int, -1 for none. All strings are NUL-terminated, names are without their quotes; everything
 * is owned by the shape and dies with n1_sql_shape_release(). Immutable once read: threads may share it.
 *
 *     struct n1_sql_shape shape;
 *     n1_sql_shape_read(&shape, N1_SQL_SQLITE, text, length, literal_mask);
 *     const struct n1_sql_operand *o = &shape.operands[0];
 *     if (o->op == N1_SQL_OP_EQ && o->clause == N1_SQL_CLAUSE_WHERE && o->table >= 0)
 *         look_up_by(shape.tables[o->table].name, o->column);
 *     n1_sql_shape_release(&shape);
 */
#ifndef N1_ANALYZER_SQL_SHAPE_H
#define N1_ANALYZER_SQL_SHAPE_H

#include "trace/sql_lex.h"

enum n1_sql_verb {
    N1_SQL_VERB_OTHER,
    N1_SQL_VERB_EMPTY,  /* nothing but blanks and comments */
    N1_SQL_VERB_SELECT, /* also VALUES (...), TABLE t; WITH counts as the verb that it ends in */
    N1_SQL_VERB_INSERT, /* also REPLACE */
    N1_SQL_VERB_UPDATE,
    N1_SQL_VERB_DELETE,
    N1_SQL_VERB_MERGE,
    N1_SQL_VERB_BEGIN,
    N1_SQL_VERB_COMMIT, /* also END */
    N1_SQL_VERB_ROLLBACK,
    N1_SQL_VERB_SAVEPOINT,
    N1_SQL_VERB_RELEASE,
    N1_SQL_VERB_ROLLBACK_TO,
    N1_SQL_VERB_SET, /* also RESET, SHOW, DISCARD */
    N1_SQL_VERB_PRAGMA,
    N1_SQL_VERB_EXPLAIN,
    N1_SQL_VERB_DDL, /* CREATE, ALTER, DROP, TRUNCATE, GRANT, REINDEX, VACUUM, ANALYZE, COMMENT ... */
    N1_SQL_VERB_DECLARE,
    N1_SQL_VERB_FETCH, /* also MOVE */
    N1_SQL_VERB_CLOSE,
    N1_SQL_VERB_PREPARE,
    N1_SQL_VERB_EXECUTE,
    N1_SQL_VERB_DEALLOCATE,
    N1_SQL_VERB_COPY,
    N1_SQL_VERB_LOCK, /* LOCK, LISTEN, NOTIFY, UNLISTEN, ATTACH, DETACH, CHECKPOINT */
};

enum n1_sql_clause {
    N1_SQL_CLAUSE_OTHER,
    N1_SQL_CLAUSE_SELECT,
    N1_SQL_CLAUSE_FROM, /* arguments of a table function */
    N1_SQL_CLAUSE_JOIN, /* ON (...) */
    N1_SQL_CLAUSE_WHERE,
    N1_SQL_CLAUSE_GROUP,
    N1_SQL_CLAUSE_HAVING,
    N1_SQL_CLAUSE_ORDER,
    N1_SQL_CLAUSE_LIMIT,
    N1_SQL_CLAUSE_OFFSET,
    N1_SQL_CLAUSE_SET,
    N1_SQL_CLAUSE_VALUES,
    N1_SQL_CLAUSE_RETURNING,
    N1_SQL_CLAUSE_CONFLICT, /* ON CONFLICT ... up to its DO UPDATE SET */
};

enum n1_sql_op {
    N1_SQL_OP_NONE, /* stands in no comparison with a column */
    N1_SQL_OP_EQ,   /* =, ==, IS, IS NOT DISTINCT FROM with an operand */
    N1_SQL_OP_IN,
    N1_SQL_OP_ANY, /* = ANY (...) */
    N1_SQL_OP_NE,
    N1_SQL_OP_LT,
    N1_SQL_OP_LE,
    N1_SQL_OP_GT,
    N1_SQL_OP_GE,
    N1_SQL_OP_BETWEEN,
    N1_SQL_OP_LIKE, /* LIKE, ILIKE, GLOB, SIMILAR TO, ~ */
    N1_SQL_OP_IS_NULL,
    N1_SQL_OP_NOT_NULL,
    N1_SQL_OP_EXISTS,
    N1_SQL_OP_OTHER,
};

enum n1_sql_join {
    N1_SQL_JOIN_FIRST,
    N1_SQL_JOIN_COMMA,
    N1_SQL_JOIN_INNER,
    N1_SQL_JOIN_LEFT,
    N1_SQL_JOIN_RIGHT,
    N1_SQL_JOIN_FULL,
    N1_SQL_JOIN_CROSS
};

/* A stretch of the shape's text: offsets [begin, end); 0, 0 for none. */
struct n1_sql_span {
    size_t begin, end;
};

struct n1_sql_table {
    const char *schema; /* or NULL */
    const char *name;   /* "" for a subquery or a table function's result */
    const char *alias;  /* or NULL; n1_sql_table_label() gives what columns are qualified with */
    enum n1_sql_join join;
    int depth;         /* 0: the statement's own level */
    const char *text;  /* as spelled, schema and quotes included; "" for a subquery */
    const char *label; /* as spelled: the alias or the name, what qualifies columns */
    int scope;         /* number of the query level that it belongs to; 0: the statement's own */
    bool is_target;    /* of a write */
    bool is_subquery;  /* (SELECT ...) alias */
    bool is_function;  /* generate_series(...) alias; name is the function's */
    bool is_cte;       /* the name was defined by WITH in this statement */
    bool is_lateral;
};

struct n1_sql_column {
    int table;             /* index into tables, -1 when it cannot be told */
    const char *qualifier; /* as spelled, or NULL */
    const char *name;      /* NULL: not a plain column */
    const char *text;      /* as spelled, qualifier and quotes included; or NULL */
};

enum n1_sql_item_kind {
    N1_SQL_ITEM_COLUMN, /* perhaps cast */
    N1_SQL_ITEM_STAR,   /* * or t.* */
    N1_SQL_ITEM_AGGREGATE,
    N1_SQL_ITEM_EXISTS,
    N1_SQL_ITEM_WINDOW,  /* f(...) OVER ... */
    N1_SQL_ITEM_OPERAND, /* a parameter or literal, NULL, TRUE: SELECT 1 AS a */
    N1_SQL_ITEM_EXPRESSION,
};

/* An item of the statement's own select list or RETURNING list, in order. */
struct n1_sql_item {
    enum n1_sql_item_kind kind;
    const char *text;        /* the expression as spelled, without its alias */
    struct n1_sql_span span; /* of the same */
    const char *output_name; /* alias, else the column's name, else the function's in lower case, else NULL */
    const char *function;    /* of AGGREGATE, WINDOW or a call that is the whole expression, in lower case; or NULL */
    /* COLUMN; the argument of AGGREGATE when it is a plain column; STAR: its table, or -1 for all. */
    struct n1_sql_column column;
    bool is_distinct; /* count(DISTINCT x) */
    bool is_wrapped;  /* the aggregate is a part of the expression: coalesce(sum(x), 0), count(*) > 0 */
};

enum n1_sql_rhs {
    N1_SQL_RHS_NONE,
    N1_SQL_RHS_OPERAND, /* one parameter or literal, perhaps cast or signed */
    N1_SQL_RHS_LIST,    /* IN (...), ARRAY[...]: operands only */
    N1_SQL_RHS_COLUMN,
    N1_SQL_RHS_SUBQUERY,
    N1_SQL_RHS_CONSTANT, /* NULL, TRUE, FALSE, DEFAULT, CURRENT_TIMESTAMP */
    N1_SQL_RHS_EXPRESSION,
};

/* A comparison that is a whole term of an AND chain (or, with is_alternative, of an OR below one). The column side is always
 * on the left: `? < a` is a > ?. A row comparison (a, b) = (?, ?) gives one predicate a pair. */
struct n1_sql_predicate {
    enum n1_sql_clause clause; /* WHERE, JOIN, HAVING */
    enum n1_sql_op op;
    enum n1_sql_rhs rhs;
    struct n1_sql_column column;
    struct n1_sql_column other; /* RHS_COLUMN */
    int first_operand;          /* index into operands; -1 for none */
    int operand_count;          /* RHS_LIST and BETWEEN: how many */
    int depth, scope;           /* as in n1_sql_table */
    struct n1_sql_span span;    /* of the whole comparison; 0, 0 for USING */
    bool is_negated;            /* NOT IN, NOT LIKE, NOT (...) */
    bool is_alternative;        /* under an OR */
};

enum n1_sql_operand_source { N1_SQL_FROM_PARAMETER, N1_SQL_FROM_LITERAL };

struct n1_sql_operand {
    enum n1_sql_operand_source source;
    int number;       /* PARAMETER: the database's number, from 1; LITERAL: index into the extracted literals, from 0 */
    const char *name; /* of a :named parameter with its mark, or NULL */
    enum n1_sql_clause clause;
    enum n1_sql_op op;           /* how it meets its column; EQ for SET and VALUES when it is the whole value */
    struct n1_sql_column column; /* what it is compared with or stored in; name NULL: none */
    int row;                     /* VALUES: row, from 0 */
    int depth, scope;
    bool is_list_item; /* of an IN list, or of an array behind = ANY */
    bool is_whole;     /* the whole right-hand side, not part of an expression */
    size_t offset;     /* into the text */
};

/* SET column = ... of the outermost UPDATE (or of ON CONFLICT DO UPDATE). */
struct n1_sql_assignment {
    struct n1_sql_column column;
    enum n1_sql_rhs rhs;
    int operand;          /* RHS_OPERAND: its index; else the first operand of the expression, or -1 */
    bool uses_own_column; /* n = n + 1: the database computes, no lost update */
};

/* One level of querying: the statement itself (index 0) and each nested SELECT. */
struct n1_sql_scope {
    int parent; /* -1 for the statement */
    int depth;
    bool is_cte; /* the body of WITH name AS (...) */
};

struct n1_sql_shape {
    enum n1_sql_verb verb;
    const char *text; /* a copy of the text that was read */
    size_t length;
    enum n1_sql_dialect dialect;

    bool is_housekeeping; /* transaction control, settings, catalogue queries, probes such as SELECT 1 or version() */
    bool is_understood;   /* nothing was skipped */
    bool has_with, is_recursive, is_compound; /* WITH; WITH RECURSIVE; UNION / INTERSECT / EXCEPT at the outer level */
    bool is_distinct, has_group_by, has_having, has_order_by, has_aggregate, has_exists, has_window, has_returning;
    bool is_locking; /* FOR UPDATE / SHARE */
    bool has_subquery, has_conflict_clause;
    bool has_limit, has_offset;
    bool is_limit_one; /* LIMIT 1 as a literal that is still spelled, or FETCH FIRST ROW ONLY */
    int limit_operand; /* index into operands or -1; a redacted LIMIT ? needs the recorded value to know */
    int offset_operand;
    const char *object;   /* savepoint, cursor, prepared statement, setting or pragma; or NULL */
    size_t inner_begin;   /* PREPARE ... AS: where the prepared statement begins, 0 without */
    int values_rows;      /* rows of VALUES, 0 without */
    int target;           /* table that a write goes to, index into tables, or -1 */
    const char *order_by; /* text of the outer ORDER BY list, or NULL */

    /* Of the outer level's clauses, each behind its keyword. */
    struct n1_sql_span select_span, from_span, where_span, group_span, having_span, order_span, limit_span;

    const struct n1_sql_table *tables;
    const struct n1_sql_item *items;
    const struct n1_sql_predicate *predicates;
    const struct n1_sql_operand *operands;
    const struct n1_sql_assignment *assignments;
    const struct n1_sql_scope *scopes;
    int table_count, item_count, predicate_count, operand_count, assignment_count, scope_count;
    void *memory; /* private */
};

/* Nesting is followed to N1_SQL_SHAPE_MAX_DEPTH levels and every array to N1_SQL_SHAPE_MAX_ENTRIES; beyond, is_understood is
 * false and the rest is skipped. */
#define N1_SQL_SHAPE_MAX_DEPTH   64
#define N1_SQL_SHAPE_MAX_ENTRIES 100000

void n1_sql_shape_read(struct n1_sql_shape *out, enum n1_sql_dialect dialect, const char *text, size_t length,
                       uint64_t literal_mask);
void n1_sql_shape_release(struct n1_sql_shape *shape);

/* The name that qualifies a table's columns: its alias, else its name. */
const char *n1_sql_table_label(const struct n1_sql_table *table);

/* A table of the statement's own level by alias or name (unquoted rules: ASCII case does not matter), or -1. */
int n1_sql_shape_find_table(const struct n1_sql_shape *shape, const char *label_or_name);

/* Whether two statements name a table with a schema each and not the same one: aux.post and main.post, sales.item and stock.item. */
bool n1_sql_shapes_part_by_schema(const struct n1_sql_shape *a, const struct n1_sql_shape *b, const char *table);

/* The item whose column is table.column (either given by a star: the star), or -1. `table` is an index or -1 for any. */
int n1_sql_shape_find_item(const struct n1_sql_shape *shape, int table, const char *column);

const char *n1_sql_verb_name(enum n1_sql_verb verb); /* "select", "rollback to", ... */
bool n1_sql_verb_is_write(enum n1_sql_verb verb);    /* insert, update, delete, merge */

#endif
