#include "analyzer/intake/entrance.h"

#include <glib.h>
#include <string.h>

/* A part of the library's file and the function's last name. WSGI, ASGI, Rack and PSR-15 let applications nest (middleware), so each
 * layer of a library is an entrance; the innermost one counts. */
static const struct {
    const char *file, *function;
} entrances[] = {
    /* Python: servers and test clients, whatever framework the application is made with … */
    {"/wsgiref/", "run"},
    {"/http/server.py", "handle_one_request"},
    {"/werkzeug/", "run_wsgi_app"},
    {"/werkzeug/", "execute"},
    {"/webtest/", "do_request"},
    {"/waitress/", "execute"},
    {"/gunicorn/", "handle_request"},
    {"/cheroot/", "respond"},
    {"/httpx/", "handle_request"},
    {"/httpx/", "handle_async_request"},
    {"/uvicorn/", "run_asgi"},
    {"/hypercorn/", "handle"},
    {"/asgiref/testing.py", "__init__"},
    /* … and frameworks */
    {"/flask/app.py", "wsgi_app"},
    {"/django/core/handlers/", "__call__"},
    {"/django/core/handlers/", "get_response"},
    {"/django/core/handlers/", "get_response_async"},
    {"/django/core/handlers/base.py", "_get_response"},
    {"/django/test/client.py", "__call__"},
    {"/starlette/", "__call__"},
    {"/fastapi/", "__call__"},
    {"/falcon/", "__call__"},
    {"/pyramid/router.py", "__call__"},
    {"/pyramid/router.py", "invoke_request"},
    {"/bottle.py", "wsgi"},
    {"/cherrypy/", "respond"},
    {"/tornado/web.py", "_execute"},
    {"/aiohttp/web_protocol.py", "start"},
    {"/aiohttp/web_app.py", "_handle"},
    {"/quart/", "asgi_app"},
    {"/sanic/app.py", "handle_request"},
    {"/litestar/", "__call__"},
    {"/web/application.py", "wsgi"},
    /* Ruby */
    {"/rack", "call"},
    {"/rack", "request"},
    {"/rack", "process_request"},
    {"/sinatra/", "call"},
    {"/sinatra/", "call!"},
    {"/action_dispatch/", "call"},
    {"/action_controller/", "dispatch"},
    {"/rails/", "call"},
    {"/roda.rb", "call"},
    {"/grape/", "call"},
    {"/hanami/", "call"},
    {"/puma/", "handle_request"},
    {"/webrick/", "service"},
    /* PHP */
    {"HttpKernel", "handle"},
    {"/Foundation/Http/Kernel.php", "handle"},
    {"/Slim/", "handle"},
    {"/slim/", "handle"},
    {"/Middleware", "handle"},
    {"/Middleware", "process"},
    {"RequestHandler", "handle"},
    {"/Mezzio", "handle"},
    {"/Laravel/Lumen", "handle"},
    /* Perl */
    {"/Plack/", "call"},
    {"/Plack/", "run_app"},
    {"/Plack/", "request"},
    {"/Plack/", "_test_psgi"},
    {"/Mojolicious.pm", "handler"},
    {"/Catalyst.pm", "handle_request"},
    {"/Dancer2/Core/App.pm", "dispatch"},
    {"/Starman/", "process_request"},
    /* other servers: a request or a connection each */
    {"/Net/Server/", "mux_input"},
    {"/Net/Server", "run_client_connection"},
    {"/socketserver.py", "finish_request"},
};

const char *n1_function_last_name(const char *function)
{
    const char *name = function;
    for (const char *c = function; *c != '\0'; c++) {
        if (*c == '.' || *c == ':' || *c == '#' || (c[0] == '-' && c[1] == '>'))
            name = *c == '-' ? c + 2 : c + 1;
    }
    return name;
}

static bool is_entrance(const struct n1_frame *f)
{
    if (f->is_user_code || f->file == NULL || f->function == NULL || f->module != NULL)
        return false;
    const char *name = n1_function_last_name(f->function);
    for (size_t i = 0; i < G_N_ELEMENTS(entrances); i++) {
        if (strcmp(entrances[i].function, name) == 0 && strstr(f->file, entrances[i].file) != NULL)
            return true;
    }
    return false;
}

/* Further files of frameworks that call handlers. */
static const char *const routers[] = {"/django/views/",
                                      "/django/utils/decorators.py",
                                      "/rest_framework/views.py",
                                      "/flask/",
                                      "/starlette/",
                                      "/fastapi/",
                                      "/aiohttp/",
                                      "/tornado/",
                                      "/pyramid/",
                                      "/falcon/",
                                      "/bottle.py",
                                      "/sinatra/",
                                      "/rack",
                                      "/abstract_controller/",
                                      "/action_controller/",
                                      "/Plack/",
                                      "/Mojolicious/",
                                      "/Dancer2/",
                                      "/Catalyst",
                                      "/Slim/",
                                      "/HttpKernel",
                                      "/Routing/"};

bool n1_frame_is_router(const struct n1_frame *f)
{
    if (f->is_user_code || is_entrance(f))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(routers) && f->file != NULL; i++) {
        if (strstr(f->file, routers[i]) != NULL)
            return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(entrances) && f->file != NULL; i++) {
        if (strstr(f->file, entrances[i].file) != NULL)
            return true;
    }
    return false;
}

/* What a middleware's function is called: it hands the request to the next layer. */
static bool is_layer(const struct n1_frame *f)
{
    static const char *const names[] = {"call", "__call__", "process", "handle"};
    const char *name = f->function != NULL ? n1_function_last_name(f->function) : "";
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* The user's own layers inside of a library's. The innermost of the user's frames is no layer: it asks. */
static size_t skip_layers(const struct n1_stack *stack, size_t entrance)
{
    size_t innermost = 0;
    while (innermost < entrance && !stack->frame[innermost].is_user_code)
        innermost++;
    for (size_t i = entrance; i-- > innermost + 1;) {
        const struct n1_frame *f = &stack->frame[i];
        if (f->is_user_code && !is_layer(f))
            break;
        entrance = f->is_user_code ? i : entrance;
    }
    return entrance;
}

bool n1_stack_entrance(const struct n1_stack *stack, struct n1_entrance *entrance)
{
    bool is_inside = false; /* some frame of the user's lies inside of this one */
    *entrance = (struct n1_entrance){SIZE_MAX, SIZE_MAX};
    for (size_t i = 0; i < stack->count; i++) {
        const struct n1_frame *f = &stack->frame[i];
        if (is_entrance(f)) {
            bool is_better = entrance->innermost == SIZE_MAX || (is_inside && entrance->outermost == SIZE_MAX);
            entrance->innermost = is_better ? i : entrance->innermost;
            entrance->outermost = is_inside ? i : entrance->outermost;
        }
        is_inside |= f->is_user_code;
    }
    if (entrance->innermost == SIZE_MAX)
        return false;
    if (entrance->outermost == SIZE_MAX)
        entrance->outermost = entrance->innermost;
    entrance->innermost = skip_layers(stack, entrance->innermost);
    return true;
}
