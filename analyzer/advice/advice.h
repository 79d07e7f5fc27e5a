/* advice: what to do about a finding: the action, the relation's name, the words, the code in the program's own world, the
 * replacing statement, and what it saves. */
#ifndef N1_ANALYZER_ADVICE_H
#define N1_ANALYZER_ADVICE_H

#include "analyzer/arena.h"
#include "analyzer/rules/rule.h"

/* Fills suggestion and, when the candidate has a parent, link. */
void n1_advise(struct n1_arena *arena, const struct n1_analysis *analysis, const struct n1_candidate *candidate,
               struct n1_finding *finding);

#endif
