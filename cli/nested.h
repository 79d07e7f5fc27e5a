/* A recording inside a recording: `n1prof run` of a script that itself calls n1prof. A process records into one place, so what the inner
 * one records is missing from the outer one, and both say so: the inner before its program starts, the outer in its report, by a
 * counter.
 */
#ifndef N1_CLI_NESTED_H
#define N1_CLI_NESTED_H

/* To be called before the inner program starts. Nothing happens outside of a recording. recording: where the inner one is to be
 * found afterwards, an absolute path that the outer report names; NULL: nowhere. */
void n1_nested_tell(const char *recording);

#endif
