/* schema: what statements say of the tables' keys. A program that makes its tables while it is recorded (tests do), or that leaves it to
 * the database to find a conflict, says which columns hold each value once.
 *
 * Read are CREATE TABLE, CREATE UNIQUE INDEX (not a partial one), ALTER TABLE … ADD, and ON CONFLICT (column), which no database accepts
 * without such a key. Keys of several columns make none of them unique. Pure, any thread.
 */
#ifndef N1_ANALYZER_SQL_SCHEMA_H
#define N1_ANALYZER_SQL_SCHEMA_H

#include "analyzer/sql/shape.h"

/* Names without schema and quotes, valid during the call. column NULL: the table's definition itself was read. */
typedef void n1_sql_schema_take(void *data, const char *table, const char *column);

void n1_sql_schema_read(enum n1_sql_dialect dialect, const char *text, size_t length, n1_sql_schema_take *take,
                        void *data);

#endif
