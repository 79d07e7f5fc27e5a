/* The smallest client of libpq for Node.js: connect(conninfo), query(sql, parameters) → rows of texts, close(). Synchronous, on the
 * thread that runs JavaScript, as pg-native's *Sync functions are. */
#include <libpq-fe.h>
#include <stdlib.h>

#include "node_addon.h"

#define PARAMETERS_MAX 32U

static PGconn *connection;

/* Texts and functions as C strings; NULL when it is none. The caller frees. */
static char *text_of(node_environment env, node_value value)
{
    size_t length = 0;
    if (napi_get_value_string_utf8(env, value, NULL, 0, &length))
        return NULL;
    char *text = malloc(length + 1);
    if (text)
        napi_get_value_string_utf8(env, value, text, length + 1, &length);
    return text;
}

static node_value connect_to(node_environment env, node_call call)
{
    node_value argument = NULL;
    size_t count = 1;
    napi_get_cb_info(env, call, &count, &argument, NULL, NULL);
    char *text = text_of(env, argument);
    connection = PQconnectdb(text ? text : "");
    free(text);
    if (PQstatus(connection) != CONNECTION_OK)
        napi_throw_error(env, NULL, PQerrorMessage(connection));
    return NULL;
}

static node_value rows_of(node_environment env, PGresult *result)
{
    node_value rows = NULL;
    napi_create_array(env, &rows);
    for (int i = 0; i < PQntuples(result); i++) {
        node_value row = NULL, cell = NULL;
        napi_create_array(env, &row);
        for (int k = 0; k < PQnfields(result); k++) {
            napi_create_string_utf8(env, PQgetvalue(result, i, k), (size_t)PQgetlength(result, i, k), &cell);
            napi_set_element(env, row, (uint32_t)k, cell);
        }
        napi_set_element(env, rows, (uint32_t)i, row);
    }
    return rows;
}

static node_value query(node_environment env, node_call call)
{
    node_value arguments[2] = {NULL, NULL}, rows = NULL;
    char *parameters[PARAMETERS_MAX] = {NULL};
    size_t count = 2;
    uint32_t n = 0;
    napi_get_cb_info(env, call, &count, arguments, NULL, NULL);
    char *sql = text_of(env, arguments[0]);
    if (napi_get_array_length(env, arguments[1], &n) || n > PARAMETERS_MAX)
        n = 0;
    for (uint32_t i = 0; i < n; i++) {
        node_value value = NULL;
        napi_get_element(env, arguments[1], i, &value);
        parameters[i] = text_of(env, value);
    }
    PGresult *result = PQexecParams(connection, sql, (int)n, NULL, (const char *const *)parameters, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK)
        rows = rows_of(env, result);
    else
        napi_throw_error(env, NULL, PQresultErrorMessage(result));
    PQclear(result);
    for (uint32_t i = 0; i < n; i++)
        free(parameters[i]);
    free(sql);
    return rows;
}

static node_value close_it(node_environment env, node_call call)
{
    (void)env;
    (void)call;
    PQfinish(connection);
    connection = NULL;
    return NULL;
}

node_value napi_register_module_v1(node_environment env, node_value exports)
{
    node_export(env, exports, "connect", connect_to);
    node_export(env, exports, "query", query);
    node_export(env, exports, "close", close_it);
    return exports;
}
