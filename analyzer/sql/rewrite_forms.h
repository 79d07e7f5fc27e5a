/* rewrite_forms: builds the statements that rewrite.c chooses among. Private to rewrite.
 * Each builder appends one statement to `out` and returns true, or says in *why_not why it cannot. */
#ifndef N1_ANALYZER_SQL_REWRITE_FORMS_H
#define N1_ANALYZER_SQL_REWRITE_FORMS_H

#include "analyzer/sql/rewrite.h"
#include "analyzer/sql/rewrite_text.h"

/* What the forms share. */
struct rewrite_work {
    const struct n1_sql_rewrite_request *request;
    struct rewrite_source child, parent; /* parent.shape NULL: none, or too complicated to add to */
    const struct n1_sql_predicate
        *key;       /* the child's comparison that the parent feeds; NULL when it stands in a nested query */
    char *key_text; /* the child's key column as spelled */
    const struct n1_sql_predicate *second; /* the comparison of a composite key's other column, or NULL */
    char *second_text;                     /* its column as spelled */
    char **operand_value; /* of each operand of the child: the parent's expression that feeds it, or NULL */
    char *parent_value;   /* the parent's expression that feeds it, qualified; NULL without parent */
    const struct n1_sql_table *parent_table; /* of that expression, or NULL */
    const char *parent_qualifier;            /* for the parent's unqualified columns, or NULL */
};

/* A literal or parameter among the items: the program knows its value without asking. */
bool rewrite_is_constant(const struct n1_sql_item *item);
/* The table of a statement that reads one plain table, or NULL. */
const struct n1_sql_table *rewrite_only_table(const struct n1_sql_shape *shape);

bool rewrite_build_columns(struct rewrite_work *w, GString *out, const char **why_not); /* more columns in the parent */
bool rewrite_build_join(struct rewrite_work *w, GString *out, const char **why_not);
bool rewrite_build_grouped(struct rewrite_work *w, GString *out, const char **why_not);
bool rewrite_build_scalars(struct rewrite_work *w, GString *out,
                           const char **why_not); /* aggregates by composite key */
bool rewrite_build_recursive(struct rewrite_work *w, GString *out, const char **why_not); /* the whole walk */
bool rewrite_build_exists(struct rewrite_work *w, GString *out, const char **why_not);
bool rewrite_build_lateral(struct rewrite_work *w, GString *out,
                           const char **why_not); /* beside the parent; PostgreSQL */
bool rewrite_build_window(struct rewrite_work *w, GString *out,
                          const char **why_not); /* the child alone, numbered by key */
bool rewrite_build_in(struct rewrite_work *w, GString *out, const char **why_not); /* the child alone, for many keys */

#endif
