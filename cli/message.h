/* What n1prof itself says: one line each on standard error, beginning "n1prof: ". Control characters of names are shown as '?'. */
#ifndef N1_CLI_MESSAGE_H
#define N1_CLI_MESSAGE_H

/* Always returns status, so that `return n1_complain(2, …)` ends a command. */
int n1_complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
