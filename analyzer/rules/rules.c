/* The table of the rules: what is looked for, and in which order. */
#include "analyzer/rules/rule.h"

const struct n1_rule n1_rules[] = {
    {N1_KIND_N_PLUS_ONE, n1_detect_n_plus_one},           {N1_KIND_QUERY_LOOP, n1_detect_query_loop},
    {N1_KIND_DUPLICATE_QUERY, n1_detect_duplicate_query}, {N1_KIND_WRITE_LOOP, n1_detect_write_loop},
    {N1_KIND_N_PLUS_ONE, n1_detect_read_after_write},     {N1_KIND_READ_MODIFY_WRITE, n1_detect_read_modify_write},
};
const size_t n1_rules_count = G_N_ELEMENTS(n1_rules);
