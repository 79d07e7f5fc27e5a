/* What the rules share: the candidates that they add, and what none of them looks at. */
#include "analyzer/rules/rule.h"

bool n1_site_is_left_out(const struct n1_site *site)
{
    return site->stmt->is_housekeeping || site->path->is_migration;
}

enum n1_confidence n1_site_confidence(const struct n1_site *site, enum n1_confidence most)
{
    return site->path->is_request ? N1_POSSIBLE : most;
}

void n1_candidates_add(GArray *candidates, const struct n1_candidate *candidate)
{
    g_array_append_vals(candidates, candidate, 1);
    candidate->child->is_covered = true;
}

bool n1_candidates_cover(const struct n1_site *site)
{
    return site->is_covered;
}
