/* entrance: the frame by which a web framework or server hands one request to the program: a WSGI or ASGI application's call, Rack's
 * call, a kernel's or handler's handle. What runs inside of one activation of it belongs to one request; that the same frame is entered
 * again and again, by a server, a test client or a script's own loop, is traffic.
 *
 * Known by the library's file and the function's name; programs' own frames are never entrances. Pure, any thread.
 */
#ifndef N1_ANALYZER_INTAKE_ENTRANCE_H
#define N1_ANALYZER_INTAKE_ENTRANCE_H

#include "analyzer/finding.h"

struct n1_entrance {
    size_t outermost; /* index into the stack's frames; what lies outside of it makes the requests */
    size_t
        innermost; /* the last layer that has frames of the user's inside of it; the user's own middleware is a layer, too */
};

/* False: the stack has none. */
bool n1_stack_entrance(const struct n1_stack *stack, struct n1_entrance *entrance);

/* Whether what a frame calls is a request's handler: it is one of a framework's that knows which handler is meant, or a layer of the user's.
 * What other libraries call (resolvers of a query language, properties in a template) may be many functions for one request. */
bool n1_frame_is_router(const struct n1_frame *frame);

/* A function's last name: "Flask.wsgi_app" → "wsgi_app", "Plack::Util::run_app" → "run_app". */
const char *n1_function_last_name(const char *function);

#endif
