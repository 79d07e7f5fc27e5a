/* The shim's file (libn1prof_preload.so) and the way it reaches a program: LD_PRELOAD, and LD_AUDIT for what is loaded past
 * that (docs/loading.md). */
#ifndef N1_CLI_SHIM_H
#define N1_CLI_SHIM_H

#include "trace/error.h"

/* Its absolute path: $N1PROF_PRELOAD, or beside this program in ../lib/n1prof. NULL with err filled when there is none that
 * LD_PRELOAD could carry (it is split at blanks and colons). g_free() it. */
char *n1_shim_path(struct n1_error *err);

/* The value of LD_PRELOAD: the shim before what the user already preloads, but behind a sanitizer's run-time, which insists
 * on being first. sanitizer: the run-time that the program itself is linked with, or NULL. g_free() it. */
char *n1_shim_preload(const char *shim, const char *existing, const char *sanitizer);

/* The value of LD_AUDIT: the auditor that lies beside the shim, before what the user already has. NULL: there is none,
 * N1PROF_AUDIT is "off", or the program's sanitizer (or NULL) does not bear auditors. g_free() it. */
char *n1_shim_audit(const char *shim, const char *existing, const char *sanitizer);

/* The value of GLIBC_TUNABLES that goes with an auditor: the linker then sets up thread-local storage before it knows the
 * program's libraries, and theirs (jemalloc's 2.6 KB, for example) must find room in a reserve. A value that the user
 * has chosen is kept. g_free() it. */
char *n1_shim_tunables(const char *existing);

#endif
