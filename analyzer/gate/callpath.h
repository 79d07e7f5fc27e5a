/* callpath: a stack as the gate knows it: the names of the user's functions, innermost first, each once. No file, no line: moved
 * lines and other machines make no difference, nor does the depth of a recursion. A function without a name is "?".
 *
 * Kept as one string, names separated by N1_GATE_SEPARATOR, so that it can be compared, sorted and hashed. "" is the path of a
 * stack without user code, or of no stack at all. */
#ifndef N1_ANALYZER_GATE_CALLPATH_H
#define N1_ANALYZER_GATE_CALLPATH_H

#include <glib.h>
#include <stdbool.h>

#include "analyzer/finding.h"

#define N1_GATE_SEPARATOR '\x1f' /* the model's strings hold no control characters */

/* g_free() it. */
char *n1_gate_callpath(const struct n1_stack *stack);
/* The same from the frame of a place outwards: what a loop is known by, through whatever wrappers its queries go. */
char *n1_gate_callpath_from(const struct n1_stack *stack, const struct n1_location *place);
/* Whether the stack passes the place: a user frame of its function and file. A place without a function is passed by all. */
bool n1_gate_passes(const struct n1_stack *stack, const struct n1_location *place);
/* Where a person should look: the innermost user frame whose line is known, else the innermost user frame, else nothing. */
struct n1_location n1_gate_place(const struct n1_stack *stack);
/* Whether outer is what remains of path when inner functions are taken away; a path is so of itself. */
bool n1_gate_is_outer(const char *outer, const char *path);
/* "index() < main()": for a person; g_free() it. */
char *n1_gate_callpath_words(const char *path);

#endif
