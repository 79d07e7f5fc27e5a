#ifndef N1_TESTS_FRAMES_SUBJECT_H
#define N1_TESTS_FRAMES_SUBJECT_H

#define FRAMES_SUBJECT_SEEN 3

/* Return addresses inside the functions below, by slot, once they have run. */
extern void *frames_subject_seen[FRAMES_SUBJECT_SEEN];

void frames_subject_plain(void);
void frames_subject_inlined(void);
void frames_subject_wrapped(void); /* through an artificial inline function */

#endif
