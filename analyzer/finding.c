#include "analyzer/finding.h"

#include <stddef.h>

static const char *const kinds[N1_KINDS] = {"n_plus_one", "query_loop", "duplicate_query", "write_loop",
                                            "read_modify_write"};
static const char *const confidences[] = {"proven", "likely", "possible"};
static const char *const actions[N1_ACTIONS] = {
    "none",         "select_related", "prefetch_related", "annotate",    "in_bulk",
    "load_columns", "cache",          "bulk_create",      "bulk_update", "update_expression"};

const char *n1_kind_name(enum n1_kind kind)
{
    return kinds[kind];
}

const char *n1_confidence_name(enum n1_confidence confidence)
{
    return confidences[confidence];
}

const char *n1_action_name(enum n1_action action)
{
    return actions[action];
}
