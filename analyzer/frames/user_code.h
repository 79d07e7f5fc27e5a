/* Whose code a frame is: the user's own, or a library's, a driver's, an interpreter's.
 *
 * Rules in order; the first that speaks decides:
 *   1. the caller's globs (struct n1_frames_options);
 *   2. names of source files: language libraries, package folders, system headers, generated code, frames without a file
 *      from a script (built-in functions). A path below the recorded working directory is judged by its part behind it,
 *      so that a project which itself lives in a folder called vendor/ keeps its code;
 *   3. the module of a native frame: the shim, database clients, interpreters by name; shared libraries in system folders.
 *      The program itself is user code wherever it is installed, unless it is an interpreter;
 *   4. functions without a known file that belong to an embedded SQLite, libpq or to the bundled ORM.
 * Then the whole stack is looked at once (n1_user_code_stack): the bundled ORM's inner functions, a program without debug
 * information that only hosts an interpreter, code made at run time and launchers where there is better, and
 * an installed program in Python, Perl or Ruby, which lies where libraries lie.
 *
 * Pure: looks at no file system.
 */
#ifndef N1_ANALYZER_FRAMES_USER_CODE_H
#define N1_ANALYZER_FRAMES_USER_CODE_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/finding.h"
#include "analyzer/frames/frames.h"

struct n1_user_code {
    const struct n1_frames_options *options; /* may be NULL */
    const char *working_directory;           /* may be NULL */
};

/* Rules 1 and 3 for a module as a whole: false means that its line numbers are not worth looking up. */
bool n1_user_code_module(const struct n1_user_code *rules, const char *path, bool is_program);

/* One frame; module_path is NULL for a script frame, module_is_user is n1_user_code_module()'s answer. */
bool n1_user_code_frame(const struct n1_user_code *rules, const struct n1_frame *frame, const char *module_path,
                        bool module_is_user);

/* True when the caller's globs decide about it (rule 1), so that no other rule may. */
bool n1_user_code_is_chosen(const struct n1_user_code *rules, const char *file, const char *module_path);

/* Corrects is_user_code of frames that only their neighbours explain, but for those that are chosen. Innermost first. */
void n1_user_code_stack(struct n1_frame *frame, const bool *is_chosen, size_t count);

#endif
