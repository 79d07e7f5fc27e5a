/* standing: how an edge stands as the explanation of its child's executions, and whether that convinces.
 *
 * Values prove, but every look-up by an existing row's key finds its value in whatever listed those rows before. So what tells a
 * loop over the list from somebody who asks for a few of its rows is the walk: in the rows' order, or over most of them. Names
 * and the chance of a meeting say how much of it is needed. Reads the analysis, changes nothing. One thread.
 */
#ifndef N1_ANALYZER_STANDING_H
#define N1_ANALYZER_STANDING_H

#include "analyzer/analysis.h"

/* The words that the program's tables are called by: "auth_user" is a user. */
struct n1_schema;
struct n1_schema *n1_schema_new(const struct n1_statements *statements);
void n1_schema_free(struct n1_schema *schema);

/* Parts of 1. */
struct n1_standing {
    const struct n1_edge *edge;
    enum n1_name_support
        names;         /* the edge's, but a reference that names another table of the program supports nothing */
    double cover;      /* children explained, within the stretch */
    double share;      /* children explained, of all that ran there */
    double order;      /* children that follow the rows' order */
    double step;       /* children that can have taken a row each, one behind the other */
    double rows;       /* rows that hold something and were looked up; of parents that gave one row each, parents */
    double wins;       /* children for which no rival was nearer or better named */
    bool is_chance;    /* a counting loop or a few codes could have made the values */
    bool is_common;    /* all values are numbers that stand in any table, and it is another table's */
    bool walks;        /* in the rows' order, and neither among few rows of one number nor among few of the rows */
    bool is_each_row;  /* as many children as rows */
    bool keeps_up;     /* asked for single rows' values as a loop brought them: a cache has those that are missing */
    bool keeps_step;   /* with the cursor, or with another look-up of the loop's body, whose reference names tell */
    bool is_beside;    /* … with the latter */
    bool is_certain;   /* values that do not meet by chance at all */
    bool is_elsewhere; /* in another handler of a dispatcher, or on another thread */
    bool is_complete;  /* explains all that ran there */
    double score;
};

struct n1_standing n1_stand(const struct n1_analysis *analysis, const struct n1_schema *schema,
                            const struct n1_edge *edge);
bool n1_standing_convinces(const struct n1_analysis *analysis, const struct n1_standing *standing,
                           enum n1_confidence *confidence);
/* For sorting, best first. */
int n1_standing_compare(const struct n1_standing *a, const struct n1_standing *b);

/* Whether two edges come from pages of one listing: the texts differ (the first one has no condition on where the last ended), not the
 * column and the place. */
bool n1_edges_are_pages(const struct n1_edge *a, const struct n1_edge *b);

/* The parents in the loops gave one row each: the loop is that of whatever drives the parents. */
bool n1_edge_is_second_level(const struct n1_edge *edge);

#endif
