/* Native code: module files, opened when an address of theirs is first asked for, and what lies at their addresses.
 *
 * A module's file is used when its build id is the recorded one (or none was recorded); a file that was rebuilt, replaced or
 * removed since is not, but its debug file (DIRECTORY/.build-id/ab/cdef….debug) may still stand in. Only regular files are
 * opened. Names in the answers are interned in the caller's string chunk and clean: UTF-8 without control characters.
 */
#ifndef N1_ANALYZER_FRAMES_NATIVE_H
#define N1_ANALYZER_FRAMES_NATIVE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyzer/finding.h"
#include "trace/read.h"

struct n1_natives; /* all files */
struct n1_object;  /* one file: a path and a build id */

/* strings and debug_directories (NULL: the usual place) are borrowed. */
struct n1_natives *n1_natives_new(GStringChunk *strings, const char *const *debug_directories);
void n1_natives_free(struct n1_natives *natives);

/* The file of a module; never NULL. The same for all modules of one path and build id. */
struct n1_object *n1_natives_object(struct n1_natives *natives, const struct n1_module *module);
/* The path without the kernel's " (deleted)". */
const char *n1_object_path(const struct n1_object *object);

/* Appends the frames at address, innermost first, at least one, to a GArray of struct n1_frame; is_user_code stays false.
 * address is the address in the file; with_lines: look into the debug information, not only at symbols. */
void n1_object_frames(struct n1_object *object, uint64_t address, bool with_lines, GArray *frames);

/* Interns text as clean UTF-8; NULL and "" give NULL. */
const char *n1_native_clean(GStringChunk *strings, const char *text);

#endif
