/* identity: a finding's id: kind + normalised statement + call path by function names, so that it survives moved lines, other
 * machines and other row counts. 16 hex digits. */
#ifndef N1_ANALYZER_IDENTITY_H
#define N1_ANALYZER_IDENTITY_H

#include "analyzer/rules/rule.h"

uint64_t n1_identity(const struct n1_candidate *candidate);
void n1_identity_text(uint64_t identity, char out[17]);

#endif
