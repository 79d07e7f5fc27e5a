/* Database modules that a script names, and how they reach the database: a table of words, searched in the script's text. A hint,
 * not a proof: what a script loads shows only when it runs. For n1prof doctor.
 */
#ifndef N1_CLI_SCRIPT_HINTS_H
#define N1_CLI_SCRIPT_HINTS_H

#include <glib.h>

struct n1_script_hint {
    const char *word; /* as a regular expression of GLib's */
    const char *name; /* of the module */
    const char *how;  /* "is seen …", "cannot be seen …" */
    gboolean is_seen;
};

/* The next hint of a script behind `after` (NULL: the first); NULL: no more, or no text. */
const struct n1_script_hint *n1_script_hint_next(const char *path, const struct n1_script_hint *after);

#endif
