/* rewrite_text: copies stretches of a statement into a new one: operands as `?`, comments dropped, blanks collapsed, unqualified
 * columns qualified, one table's label changed, one stretch replaced. Private to rewrite.
 * The source is tokenised once by rewrite_source_init(). */
#ifndef N1_ANALYZER_SQL_REWRITE_TEXT_H
#define N1_ANALYZER_SQL_REWRITE_TEXT_H

#include "analyzer/sql/shape_reader.h"

struct rewrite_source {
    const struct n1_sql_shape *shape;
    GArray *tokens;       /* of struct shape_token */
    struct reader reader; /* for the token questions only */
};

/* How to copy. All fields may be zero. */
struct rewrite_style {
    const char *qualifier;       /* put before unqualified columns, or NULL */
    const char *old_label;       /* table label, without quotes, that becomes new_label; or NULL */
    const char *new_label;       /* as it is to be spelled */
    struct n1_sql_span replaced; /* this stretch becomes `replacement` */
    const char *replacement;     /* "": it goes, with the AND that joins it */
    struct n1_sql_span removed;  /* this stretch of a condition goes, with the AND that joins it */
    char *const *operand_text;   /* of each operand of the shape, NULL: `?`; or NULL */
};

void rewrite_source_init(struct rewrite_source *source, const struct n1_sql_shape *shape);
void rewrite_source_release(struct rewrite_source *source);

void rewrite_copy(GString *out, const struct rewrite_source *source, struct n1_sql_span span,
                  const struct rewrite_style *style);

/* "" when nothing of the condition is left. */
char *rewrite_condition(const struct rewrite_source *source, struct n1_sql_span span,
                        const struct rewrite_style *style);

/* Where `WHERE`'s term stands alone: whether the span covers all of the condition but brackets. */
/* Whether a column stands in the span without a table, nested queries left out. */
bool rewrite_has_unqualified(const struct rewrite_source *source, struct n1_sql_span span);
bool rewrite_is_whole(const struct rewrite_source *source, struct n1_sql_span condition, struct n1_sql_span term);

/* A name of ours as both dialects take it: bare when it is a plain lower-case word, else in double quotes. Appends. */
void rewrite_put_name(GString *out, const char *name);

#endif
