/* A loadable extension: author_name(id) runs a query in each call, all by way of sqlite3_api_routines. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

static void author_name(sqlite3_context *context, int n, sqlite3_value **value)
{
    sqlite3_stmt *statement;
    (void)n;
    sqlite3_prepare_v2(sqlite3_context_db_handle(context), "SELECT name FROM author WHERE id = ?", -1, &statement, 0);
    sqlite3_bind_value(statement, 1, value[0]);
    if (sqlite3_step(statement) == SQLITE_ROW)
        sqlite3_result_text(context, (const char *)sqlite3_column_text(statement, 0), -1, SQLITE_TRANSIENT);
    sqlite3_finalize(statement);
}

int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api)
    (void)error;
    return sqlite3_create_function(db, "author_name", 1, SQLITE_UTF8, 0, author_name, 0, 0);
}
