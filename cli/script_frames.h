/* Whether the shim reads the frames of a script interpreter, told by the version in the name of its file (python3.11,
 * libruby-3.1.so.3.1, libperl.so.5.36). Of a version that it does not read, and of one that only says to be another (the layout is
 * proved before it is believed), call paths are native: statements are recorded as ever, but their places are not lines of scripts.
 */
#ifndef N1_CLI_SCRIPT_FRAMES_H
#define N1_CLI_SCRIPT_FRAMES_H

#include <glib.h>

/* A sentence on the interpreter in the file, for the caller to free; NULL: it is no interpreter's, or its name has no version. */
char *n1_script_frames_of(const char *path);

#endif
