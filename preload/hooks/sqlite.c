#include "preload/hooks/sqlite.h"

#include <string.h>
#include <strings.h>

#include "preload/base/clock.h"
#include "preload/base/dictionary.h"
#include "preload/base/memory.h"
#include "preload/recorder/cells.h"
#include "trace/sql_lex.h"

enum { NAME_BYTES = 4096 };

static uint32_t write_connection(const char *filename)
{
    uint8_t bytes[NAME_BYTES + 64];
    struct n1_payload out = {.at = bytes, .end = bytes + sizeof bytes};
    const uint32_t id = n1_dictionary_next_id(N1_CHUNK_CONNECTION);
    const size_t length = filename ? strnlen(filename, NAME_BYTES) : 0;
    n1_put_varint(&out, id);
    n1_put_varint(&out, N1_DIALECT_SQLITE);
    n1_put_bytes(&out, filename ? filename : "", length);
    n1_put_string(&out, "");
    n1_put_string(&out, "");
    n1_put_varint(&out, 0);
    n1_dictionary_write(N1_CHUNK_CONNECTION, bytes, (size_t)(out.at - bytes));
    return id;
}

struct n1_database *n1_sqlite_database_add(const struct n1_provider *provider, sqlite3 *handle, const char *filename)
{
    void *before;
    struct n1_database *db = n1_pool_take(sizeof *db);
    if (!db)
        return NULL;
    db->handle = handle;
    db->provider = provider;
    if (n1_map_add(N1_HANDLE_DATABASE, handle, db, &before) != 0) {
        n1_pool_give(db, sizeof *db);
        return NULL;
    }
    n1_pool_give(before, sizeof *db); /* its close was not seen */
    db->connection = write_connection(filename);
    return db;
}

struct n1_database *n1_sqlite_database(const struct n1_provider *provider, sqlite3 *handle)
{
    struct n1_database *db = n1_map_find(N1_HANDLE_DATABASE, handle);
    if (db || !handle)
        return db;
    const char *filename =
        N1_HAS(provider, sqlite3_db_filename) ? N1_REAL(provider, sqlite3_db_filename)(handle, "main") : NULL;
    return n1_sqlite_database_add(provider, handle, filename);
}

static void note(struct n1_thread *self, struct n1_database *db, unsigned flags, const char *sql, size_t length,
                 uint32_t error, uint64_t start_tick)
{
    struct n1_execution *e = &db->execution;
    if (n1_execution_is_running(e))
        return;
    if (!self->slot) {
        n1_thread_lose(self);
        return;
    }
    struct n1_arena arena = n1_arena_borrow();
    const struct n1_text text =
        n1_text_find(&self->slot->texts, N1_DIALECT_SQLITE, flags, sql, length, db->values, N1_PARAMS_MAX, &arena);
    e->sql = text.sql;
    e->connection = db->connection;
    e->params = db->values;
    e->n_bound = 0;
    e->n_literals = text.n_literals;
    n1_execution_begin(self, e);
    e->start_tick = start_tick;
    if (n1_execution_is_running(e))
        n1_execution_end(self, e, error);
    n1_arena_return(&arena);
}

void n1_sqlite_failed(struct n1_thread *self, struct n1_database *db, const char *sql, size_t length, uint32_t error,
                      uint64_t start_tick)
{
    note(self, db, N1_SQL_PREPARE, sql, n1_sql_first_statement(N1_SQL_SQLITE, sql, length), error, start_tick);
}

/* Not blanks, comments and a semicolon only. */
static bool is_statement(const char *sql, size_t length)
{
    struct n1_sql_lexer lexer;
    struct n1_sql_token token;
    n1_sql_lexer_init(&lexer, N1_SQL_SQLITE, sql, length);
    while (n1_sql_lexer_next(&lexer, &token))
        if (token.kind != N1_SQL_BLANK && token.kind != N1_SQL_COMMENT && token.kind != N1_SQL_SEMICOLON)
            return true;
    return false;
}

void n1_sqlite_whole(struct n1_thread *self, struct n1_database *db, const char *sql, uint32_t error,
                     uint64_t start_tick)
{
    for (size_t left = strlen(sql), length; left; sql += length, left -= length) {
        length = n1_sql_first_statement(N1_SQL_SQLITE, sql, left);
        if (!is_statement(sql, length))
            continue;
        note(self, db, 0, sql, length, error, start_tick);
        start_tick = n1_clock_tick();
        if (error)
            return;
    }
}

void n1_sqlite_database_give(struct n1_thread *self, struct n1_database *db)
{
    if (n1_execution_is_running(&db->execution))
        n1_execution_end(self, &db->execution, 0);
    n1_pool_give(db, sizeof *db);
}

uint32_t n1_sqlite_error(const struct n1_provider *provider, sqlite3 *db, int rc)
{
    const int extended =
        db && N1_HAS(provider, sqlite3_extended_errcode) ? N1_REAL(provider, sqlite3_extended_errcode)(db) : rc;
    return (uint32_t)((extended & 0xff) == (rc & 0xff) ? extended : rc);
}

/* The rowid's aliases, as an origin column may spell them (sqlite.org/lang_createtable.html#rowid). */
static bool is_rowid(const char *origin)
{
    return strcasecmp(origin, "rowid") == 0 || strcasecmp(origin, "oid") == 0 || strcasecmp(origin, "_rowid_") == 0;
}

void n1_sqlite_read_column(void *columns, uint32_t column, struct n1_column_source *out)
{
    const struct n1_sqlite_columns *c = columns;
    const struct n1_provider *p = c->provider;
    const int i = (int)column;
    out->name = N1_REAL(p, sqlite3_column_name)(c->statement, i);
    const int type = N1_REAL(p, sqlite3_column_type)(c->statement, i);
    out->is_plain = type == SQLITE_INTEGER || type == SQLITE_TEXT;
    if (!N1_HAS(p, sqlite3_column_table_name) || !N1_HAS(p, sqlite3_column_origin_name))
        return;
    out->table = N1_REAL(p, sqlite3_column_table_name)(c->statement, i);
    out->origin = N1_REAL(p, sqlite3_column_origin_name)(c->statement, i);
    if (!out->table || !out->origin)
        return;
    if (is_rowid(out->origin)) {
        out->is_key = true;
        return;
    }
    if (!N1_HAS(p, sqlite3_table_column_metadata) || !N1_HAS(p, sqlite3_column_database_name))
        return;
    /* The origin exists, so this cannot fail and leaves the connection's error code as it is: a row has just been read. */
    const char *type_name, *collation;
    int is_not_null = 0, is_primary = 0, is_autoincrement = 0;
    if (N1_REAL(p, sqlite3_table_column_metadata)(
            N1_REAL(p, sqlite3_db_handle)(c->statement), N1_REAL(p, sqlite3_column_database_name)(c->statement, i),
            out->table, out->origin, &type_name, &collation, &is_not_null, &is_primary, &is_autoincrement) == SQLITE_OK)
        out->is_key = is_primary != 0;
}

sqlite3_value *n1_sqlite_copy(const struct n1_provider *provider, sqlite3_value *value, int capacity)
{
    const int type = N1_REAL(provider, sqlite3_value_type)(value);
    if (type != SQLITE_BLOB && type != SQLITE_TEXT)
        return NULL;
    if (!N1_HAS(provider, sqlite3_value_dup) || !N1_HAS(provider, sqlite3_value_encoding))
        return NULL;
    if (type == SQLITE_TEXT && N1_REAL(provider, sqlite3_value_encoding)(value) != SQLITE_UTF8)
        return NULL;
    return N1_REAL(provider, sqlite3_value_bytes)(value) <= capacity ? N1_REAL(provider, sqlite3_value_dup)(value)
                                                                     : NULL;
}

int n1_sqlite_utf8(const void *utf16, size_t size_bytes, char *out, size_t capacity)
{
    const unsigned char *in = utf16;
    size_t n = 0;
    for (size_t i = 0; i + 1 < size_bytes; i += 2) {
        uint32_t c = (uint32_t)(in[i] | in[i + 1] << 8);
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < size_bytes) {
            const uint32_t low = (uint32_t)(in[i + 2] | in[i + 3] << 8);
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        const size_t need = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (n + need > capacity)
            return -1;
        static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
        for (size_t k = need; k-- > 1; c >>= 6)
            out[n + k] = (char)(0x80 | (c & 0x3f));
        out[n] = (char)(lead[need] | c);
        n += need;
    }
    return (int)n;
}
