/* The report as the contract's JSON object ("n1prof-report/1"), a member at a time: the two lists that grow with the program, an
 * element at a time, so that no more than one of them is in memory. Members stand in the contract's order; what the model knows
 * beyond the contract comes behind. Invalid UTF-8 is replaced.
 */
#ifndef N1_REPORTS_JSON_MODEL_H
#define N1_REPORTS_JSON_MODEL_H

#include <jansson.h>

#include "analyzer/finding.h"

/* Elements of a list that are written. A program with more different statements makes them by machine: the worst ten thousand say what
 * the others would. */
enum { N1_JSON_ELEMENTS_MAX = 10000 };

/* All functions return new references. */
struct n1_json_member {
    const char *name;                           /* NULL ends the table */
    json_t *(*value)(const struct n1_report *); /* NULL: a list */
    const char *left_out;                       /* of a list: the member that says how many elements were not written */
    size_t (*count)(const struct n1_report *);  /* … its elements */
    json_t *(*element)(const struct n1_report *, size_t index);
};

extern const struct n1_json_member n1_json_members[];

#endif
