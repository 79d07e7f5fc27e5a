/* The environment as the kernel gave it.
 *
 * glibc (before 2.39) reads GLIBC_TUNABLES, which the wrapper sets for the auditor, from a copy, and leaves the copy's address in
 * the program's environment. Programs that write their title over their arguments (setproctitle) take arguments and
 * environment for one stretch of memory: their title gets shorter, and the Zabbix server ends with "free(): invalid pointer".
 */
#ifndef N1_PRELOAD_ENVIRONMENT_H
#define N1_PRELOAD_ENVIRONMENT_H

/* Puts the kernel's string back where the copy stands. Before the program's own code runs; does nothing where there is none. */
void n1_environment_restore(char **environment);

#endif
