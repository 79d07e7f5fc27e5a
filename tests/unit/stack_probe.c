/* The stacks half as a library that a Python program loads with ctypes, which calls it as a database module calls its
 * library: from C, with the GIL released. */
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "preload/stacks/stack.h"
#include "stack_doubles.h"

#define API __attribute__((visibility("default")))

API uint32_t n1_probe(char *out, size_t room);
API void n1_probe_call(void (*callback)(void));
API uint32_t n1_probe_many(uint32_t count);
API uint32_t n1_probe_on_thread(char *out, size_t room);

/* The present stack as n1_double_print writes it. */
uint32_t n1_probe(char *out, size_t room)
{
    const uint32_t id = n1_stack_capture();
    n1_double_print(id, out, room);
    return id;
}

/* The same through a callback, so that one native activation of the interpreter stands below another one. */
void n1_probe_call(void (*callback)(void))
{
    callback();
    __asm__ volatile("" ::: "memory");
}

/* Captures again and again; the last id. For measuring. */
uint32_t n1_probe_many(uint32_t count)
{
    uint32_t id = 0;
    for (uint32_t i = 0; i < count; i++)
        id = n1_stack_capture();
    return id;
}

struct thread_probe {
    char *out;
    size_t room;
    uint32_t id;
};

static void *probe_thread(void *closure)
{
    struct thread_probe *probe = closure;
    probe->id = n1_probe(probe->out, probe->room);
    return NULL;
}

/* The stack of a thread that Python knows nothing of. */
uint32_t n1_probe_on_thread(char *out, size_t room)
{
    struct thread_probe probe = {.out = out, .room = room};
    pthread_t thread;
    if (pthread_create(&thread, NULL, probe_thread, &probe))
        return 0;
    pthread_join(thread, NULL);
    return probe.id;
}
