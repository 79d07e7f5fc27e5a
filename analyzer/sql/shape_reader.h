/* shape_reader: what the files behind shape.h share. Private to them.
 *
 * The statement is a list of tokens without spaces, with brackets matched beforehand. Everything is read by ranges [begin, end)
 * of token indexes: a clause, a list item, a side of a comparison. Walking a range at its own level steps over matched brackets
 * in one move, so that each token is looked at a bounded number of times a clause, whatever the nesting.
 * Operands are all created first, in text order, with nothing known about them; readers fill in what they find out.
 */
#ifndef N1_ANALYZER_SQL_SHAPE_READER_H
#define N1_ANALYZER_SQL_SHAPE_READER_H

#include <glib.h>

#include "analyzer/sql/shape.h"
#include "trace/sql_role.h"

struct shape_token {
    struct n1_sql_role_token role;
    int match;   /* index of the bracket's counterpart (END's for CASE), -1 without */
    int operand; /* index into operands, -1 for none */
};

struct range {
    int begin, end;
};

struct reader {
    struct n1_sql_shape *shape;
    const char *text;
    const struct shape_token *tokens;
    int token_count;
    GStringChunk *strings;
    GArray *tables, *items, *predicates, *operands, *assignments, *scopes;
    GPtrArray *cte_names; /* of char *, in strings */
    int nesting;          /* of readers that call themselves: shape_enter() */
};

/* shape_token.c: tokens and ranges */
GArray *shape_tokens_new(enum n1_sql_dialect dialect, const char *text, size_t length);
bool shape_is(const struct reader *r, int at, enum n1_sql_keyword keyword); /* an unquoted word that is this keyword */
bool shape_is_kind(const struct reader *r, int at, enum n1_sql_token_kind kind);
bool shape_is_text(const struct reader *r, int at, const char *spelling); /* an operator or word, ASCII case ignored */
bool shape_is_name(const struct reader *r, int at);                       /* may name a column, table or alias */
bool shape_begins_query(const struct reader *r, int at);                  /* SELECT, WITH, VALUES */
int shape_next(const struct reader *r, int at); /* behind this token, or behind its bracket's end */
int shape_find(const struct reader *r, struct range range,
               enum n1_sql_keyword keyword); /* at the range's level; range.end: none */
int shape_find_comma(const struct reader *r, struct range range);
struct range shape_unwrap(const struct reader *r,
                          struct range range);          /* without brackets around the whole, unless a query or a row */
char *shape_string(struct reader *r, int at);           /* a name without quotes */
char *shape_text(struct reader *r, struct range range); /* as spelled */
struct n1_sql_span shape_span(const struct reader *r, struct range range);

/* shape.c: the arrays */
bool shape_enter(struct reader *r); /* false when nested too deeply: then read nothing and do not leave */
void shape_leave(struct reader *r);
bool shape_has_room(struct reader *r, const GArray *array);
int shape_add_scope(struct reader *r, int parent, bool is_cte); /* -1 when nested too deeply */
struct n1_sql_operand *shape_operand(const struct reader *r, int operand);
int shape_first_operand(const struct reader *r, struct range range, int *count);
int shape_depth(const struct reader *r, int scope);
struct n1_sql_column shape_resolve(const struct reader *r, int scope, const char *qualifier, const char *name);

/* shape_statement.c */
void shape_read_statement(struct reader *r, struct range range, int scope, bool is_outer);

/* shape_write.c: from the verb on */
void shape_read_insert(struct reader *r, struct range range, int scope, bool is_outer);
void shape_read_update(struct reader *r, struct range range, int scope, bool is_outer);
void shape_read_delete(struct reader *r, struct range range, int scope, bool is_outer);
void shape_read_merge(struct reader *r, struct range range, int scope, bool is_outer);

/* shape_query.c */
void shape_read_query(struct reader *r, struct range range, int scope, bool is_outer);
void shape_read_from(struct reader *r, struct range range, int scope);
int shape_read_table(struct reader *r, int at, int end, struct n1_sql_table *table); /* name, alias; where it ends */
void shape_add_table(struct reader *r, struct n1_sql_table *table, int scope);

/* shape_item.c */
void shape_read_items(struct reader *r, struct range range, int scope, enum n1_sql_clause clause, bool is_outer);

/* shape_condition.c */
enum side_kind {
    SIDE_EXPRESSION,
    SIDE_COLUMN,
    SIDE_OPERAND,
    SIDE_LIST,
    SIDE_SUBQUERY,
    SIDE_CONSTANT,
};

struct side {
    enum side_kind kind;
    struct n1_sql_column column;
    int operand, operand_count;
    int stride;     /* between its operands; 0 counts as 1 */
    bool is_folded; /* an EXPRESSION: the column's text in another case, or without blanks */
};

/* Says where the operands of a range stand and reads the queries nested in it. */
void shape_walk(struct reader *r, struct range range, int scope, enum n1_sql_clause clause);
void shape_read_condition(struct reader *r, struct range range, int scope, enum n1_sql_clause clause);
struct side shape_side(struct reader *r, struct range range, int scope);
enum n1_sql_rhs shape_rhs(enum side_kind kind);
bool shape_is_aggregate(const struct reader *r, int at); /* the name of an aggregate function, called */

#endif
