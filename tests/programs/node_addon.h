/* Node-API, as far as the tests' addons use it. Declared here because its ABI is stable and no headers of Node are needed then;
 * node itself has the functions. Status codes are ints, 0 is success.
 */
#ifndef N1_TESTS_NODE_ADDON_H
#define N1_TESTS_NODE_ADDON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct node_environment *node_environment;
typedef struct node_value *node_value;
typedef struct node_call *node_call;
typedef node_value node_function(node_environment env, node_call call);

extern int napi_create_function(node_environment env, const char *name, size_t length, node_function *call, void *data,
                                node_value *result);
extern int napi_set_named_property(node_environment env, node_value object, const char *name, node_value property);
extern int napi_create_string_utf8(node_environment env, const char *text, size_t length, node_value *result);
extern int napi_get_value_string_utf8(node_environment env, node_value value, char *out, size_t room, size_t *length);
extern int napi_create_uint32(node_environment env, uint32_t number, node_value *result);
extern int napi_get_value_uint32(node_environment env, node_value number, uint32_t *result);
extern int napi_create_array(node_environment env, node_value *result);
extern int napi_set_element(node_environment env, node_value array, uint32_t index, node_value value);
extern int napi_get_element(node_environment env, node_value array, uint32_t index, node_value *result);
extern int napi_get_array_length(node_environment env, node_value array, uint32_t *length);
extern int napi_get_global(node_environment env, node_value *result);
extern int napi_get_cb_info(node_environment env, node_call call, size_t *count, node_value *arguments,
                            node_value *self, void **data);
extern int napi_call_function(node_environment env, node_value self, node_value function, size_t count,
                              const node_value *arguments, node_value *result);
extern int napi_throw_error(node_environment env, const char *code, const char *message);

/* What node calls when the addon is loaded. */
__attribute__((visibility("default"))) node_value napi_register_module_v1(node_environment env, node_value exports);

static inline void node_export(node_environment env, node_value exports, const char *name, node_function *call)
{
    node_value function = NULL;
    napi_create_function(env, name, strlen(name), call, NULL, &function);
    napi_set_named_property(env, exports, name, function);
}

#endif
