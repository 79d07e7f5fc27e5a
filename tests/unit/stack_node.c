/* The probe as a Node.js addon: stack_node.js loads it. Node-API is declared here as far as it is used (its ABI is stable), so
 * that no headers of Node are needed. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "preload/stack.h"
#include "stack_doubles.h"

typedef struct node_environment *environment;
typedef struct node_value *value;
typedef value callback(environment env, void *info);

extern int napi_create_function(environment env, const char *name, size_t length, callback *call, void *data,
                                value *result);
extern int napi_set_named_property(environment env, value object, const char *name, value property);
extern int napi_create_string_utf8(environment env, const char *text, size_t length, value *result);
extern int napi_get_global(environment env, value *result);
extern int napi_get_cb_info(environment env, void *info, size_t *count, value *arguments, value *self, void **data);
extern int napi_call_function(environment env, value self, value function, size_t count, const value *arguments,
                              value *result);
extern int napi_create_uint32(environment env, uint32_t number, value *result);
extern int napi_get_value_uint32(environment env, value number, uint32_t *result);

__attribute__((visibility("default"))) value napi_register_module_v1(environment env, value exports);

static value text_of(environment env, uint32_t id)
{
    char out[1 << 16];
    value result = NULL;
    n1_double_print(id, out, sizeof out);
    napi_create_string_utf8(env, id ? out : "no stack", id ? strlen(out) : 8, &result);
    return result;
}

/* The present stack as n1_double_print writes it. */
static value probe(environment env, void *info)
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
static value probe_on_thread(environment env, void *info)
{
    pthread_t thread;
    uint32_t id = 0;
    (void)info;
    if (pthread_create(&thread, NULL, on_thread, &id) == 0)
        pthread_join(thread, NULL);
    return text_of(env, id);
}

/* Calls its argument: JavaScript below C below JavaScript. */
static value call(environment env, void *info)
{
    value function = NULL, global = NULL, result = NULL;
    size_t count = 1;
    napi_get_cb_info(env, info, &count, &function, NULL, NULL);
    napi_get_global(env, &global);
    napi_call_function(env, global, function, 0, NULL, &result);
    return result;
}

/* Captures again and again; the last id. For measuring. */
static value many(environment env, void *info)
{
    value argument = NULL, result = NULL;
    uint32_t rounds = 0, id = 0;
    size_t count = 1;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    napi_get_value_uint32(env, argument, &rounds);
    for (uint32_t i = 0; i < rounds; i++)
        id = n1_stack_capture();
    napi_create_uint32(env, id, &result);
    return result;
}

value napi_register_module_v1(environment env, value exports)
{
    static const struct {
        const char *name;
        callback *call;
    } functions[] = {{"probe", probe}, {"probeOnThread", probe_on_thread}, {"call", call}, {"many", many}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        value function = NULL;
        napi_create_function(env, functions[i].name, strlen(functions[i].name), functions[i].call, NULL, &function);
        napi_set_named_property(env, exports, functions[i].name, function);
    }
    return exports;
}
