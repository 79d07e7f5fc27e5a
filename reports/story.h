/* How one query became N, as steps that a reader can walk: the query that returned the rows, the loop over them, the calls from
 * there down, and the query that ran for each. For findings without a parent: the calls down to the query.
 *
 * The loop is where the call paths of parent and child part: the innermost function that both share.
 */
#ifndef N1_REPORTS_STORY_H
#define N1_REPORTS_STORY_H

#include "analyzer/finding.h"

#define N1_STORY_STEPS 50 /* at most; calls in the middle are left out */

enum n1_story_part { N1_STORY_PARENT, N1_STORY_LOOP, N1_STORY_CALL, N1_STORY_CHILD };

struct n1_story_step {
    enum n1_story_part part;
    struct n1_location where;
    char *text;      /* owned */
    const char *sql; /* unclean; NULL for the loop and the calls */
};

struct n1_story {
    size_t count; /* at least 1 */
    struct n1_story_step step[N1_STORY_STEPS];
};

void n1_story_tell(struct n1_story *story, const struct n1_finding *finding);
void n1_story_release(struct n1_story *story);

#endif
