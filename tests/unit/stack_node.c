/* The probe as a Node.js addon: stack_node.js loads it. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../programs/node_addon.h"
#include "preload/stacks/stack.h"
#include "stack_doubles.h"

static node_value text_of(node_environment env, uint32_t id)
{
    char out[1 << 16];
    node_value result = NULL;
    n1_double_print(id, out, sizeof out);
    napi_create_string_utf8(env, id ? out : "no stack", id ? strlen(out) : 8, &result);
    return result;
}

/* The present stack as n1_double_print writes it. */
static node_value probe(node_environment env, node_call info)
{
    (void)info;
    return text_of(env, n1_stack_capture());
}

static void *on_thread(void *id)
{
    *(uint32_t *)id = n1_stack_capture();
    return NULL;
}

/* The stack of a thread that has no isolate. */
static node_value probe_on_thread(node_environment env, node_call info)
{
    pthread_t thread;
    uint32_t id = 0;
    (void)info;
    if (pthread_create(&thread, NULL, on_thread, &id) == 0)
        pthread_join(thread, NULL);
    return text_of(env, id);
}

/* Calls its argument: JavaScript below C below JavaScript. */
static node_value call(node_environment env, node_call info)
{
    node_value function = NULL, global = NULL, result = NULL;
    size_t count = 1;
    napi_get_cb_info(env, info, &count, &function, NULL, NULL);
    napi_get_global(env, &global);
    napi_call_function(env, global, function, 0, NULL, &result);
    return result;
}

/* Captures again and again; the last id. For measuring. */
static node_value many(node_environment env, node_call info)
{
    node_value argument = NULL, result = NULL;
    uint32_t rounds = 0, id = 0;
    size_t count = 1;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    napi_get_value_uint32(env, argument, &rounds);
    for (uint32_t i = 0; i < rounds; i++)
        id = n1_stack_capture();
    napi_create_uint32(env, id, &result);
    return result;
}

node_value napi_register_module_v1(node_environment env, node_value exports)
{
    node_export(env, exports, "probe", probe);
    node_export(env, exports, "probeOnThread", probe_on_thread);
    node_export(env, exports, "call", call);
    node_export(env, exports, "many", many);
    return exports;
}
