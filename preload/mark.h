/* Marks for n1prof: tells the profiler what a program is about to do. Header only; nothing to link.
 *
 * Without the profiler a mark is a test of a null pointer. Under it, marks stand between the queries of the thread that made
 * them. For an ORM:
 *
 *     n1prof_relation("Post.author");            right before the query that loads post.author
 *     n1prof_enter("GET /posts"); …; n1prof_leave("GET /posts");
 */
#ifndef N1PROF_MARK_H
#define N1PROF_MARK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Defined by the profiler's preload library only. */
extern void n1prof_mark_enter(const char *name) __attribute__((weak));
extern void n1prof_mark_leave(const char *name) __attribute__((weak));
extern void n1prof_mark_relation(const char *name) __attribute__((weak));

static inline void n1prof_enter(const char *name)
{
    if (n1prof_mark_enter)
        n1prof_mark_enter(name);
}
static inline void n1prof_leave(const char *name)
{
    if (n1prof_mark_leave)
        n1prof_mark_leave(name);
}
static inline void n1prof_relation(const char *name)
{
    if (n1prof_mark_relation)
        n1prof_mark_relation(name);
}

#ifdef __cplusplus
}
#endif

#endif
