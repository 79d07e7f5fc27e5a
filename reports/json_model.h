/* The report as the contract's JSON object ("n1prof-report/1"), for the json format and for those that carry it inside.
 * Members stand in the contract's order; what the model knows beyond the contract comes behind. Invalid UTF-8 is replaced.
 */
#ifndef N1_REPORTS_JSON_MODEL_H
#define N1_REPORTS_JSON_MODEL_H

#include <jansson.h>

#include "analyzer/finding.h"

/* A new reference. */
json_t *n1_report_to_json(const struct n1_report *report);

#endif
