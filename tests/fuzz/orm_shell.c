/* Any bytes as lines of ormsh: a value, as JSON and as a table, or an error. */
#include <stdlib.h>
#include <string.h>

#include "orm/shell/shell.h"
#include "tests/orm/models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static orm_db *scope(void)
{
    static orm_db *db;
    if (db)
        return db;
    db = orm_open("sqlite::memory:");
    orm_create_tables(db);
    Author *a = orm_create(Author, orm_all(db, Author), "name='ann', age=30");
    for (int i = 0; i < 3; i++)
        orm_create(Post, orm_all(db, Post),
                   "author=?, title='post', views=?, likes=1, published=True, weight=1.0, created='2026-01-01'",
                   &a->row, i);
    return db;
}

static void run(orm_db *db, const char *text)
{
    ORM_GUARD(db, );
    struct shell s = {.db = db};
    struct shell_value v;
    struct orm_buf json = {.arena = &db->arena}, table = {.arena = &db->arena};
    orm_put(&json, "");
    orm_put(&table, "");
    shell_opens_block(text);
    shell_continues_block(text);
    if (shell_run(&s, text, &v) && shell_put_json(&s, &json, &v))
        shell_put_table(&s, &table, &v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    orm_db *db = scope();
    if (size_bytes > 4096)
        return 0;
    size_t mark = orm_mark(db);
    char *text = malloc(size_bytes + 1);
    if (!text)
        abort();
    if (size_bytes)
        memcpy(text, data, size_bytes);
    text[size_bytes] = '\0';
    orm_begin(db);
    run(db, text);
    orm_rollback(db);
    orm_clear(db);
    free(text);
    orm_rewind(db, mark);
    return 0;
}
