/* What one program's file tells about its way to a database, without running it: how it is linked, whether a client library is in
 * reach, whether it carries an SQLite of its own. For n1prof doctor.
 */
#ifndef N1_CLI_ANATOMY_H
#define N1_CLI_ANATOMY_H

#include <glib.h>

enum n1_client { N1_CLIENT_SQLITE, N1_CLIENT_LIBPQ, N1_CLIENTS };
/* The name that a person knows it by, and the function that tells it. */
extern const char *const n1_client_names[N1_CLIENTS];

struct n1_anatomy {
    gboolean is_elf;
    gboolean is_text;             /* it may be a script: no NUL byte where it begins */
    char *interpreter;            /* of a script: the path behind #!, or of `env NAME`; NULL: none */
    char *loader;                 /* the dynamic linker; NULL: statically linked, or no ELF */
    gboolean defines[N1_CLIENTS]; /* the library's functions, for others to see */
    gboolean imports[N1_CLIENTS];
    gboolean can_load;     /* imports dlopen, or dlsym, which gives it dlopen (Lisp images do so) */
    gboolean imports_exec; /* it can start other programs */
    gboolean has_sqlite;   /* the library's constants are in the file */
    gboolean steps_itself; /* its own calls of sqlite3_step can be seen from outside; not when linked -Bsymbolic */
};

/* FALSE with *error (a GError message to be freed) when the file cannot be read. */
gboolean n1_anatomy_read(struct n1_anatomy *anatomy, const char *path, char **error);
void n1_anatomy_release(struct n1_anatomy *anatomy);

/* The libraries that the dynamic linker would load with the program, as paths; asks the linker itself (--list, which runs
 * nothing of the program). NULL: it cannot tell. g_strfreev() it. */
char **n1_anatomy_libraries(const struct n1_anatomy *anatomy, const char *path);

#endif
