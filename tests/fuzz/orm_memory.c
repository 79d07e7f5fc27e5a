/* Any bytes as the text of a chain, and memory that runs out on the way to its rows: a MemoryError, any other error or
 * rows, and a scope that counts right afterwards. The first two bytes say which piece of the arena is the first without memory
 * (and, by their highest bit, whether those behind it have some again). */
#include <stdlib.h>
#include <string.h>

#include "orm/session.h"
#include "tests/orm/models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static unsigned long left;
static int for_ever;

/* What the arena of this program calls for calloc(). */
void *orm_fuzz_calloc(size_t n, size_t size);
void *orm_fuzz_calloc(size_t n, size_t size)
{
    bool fails = left == 1 || (left == 0 && for_ever);
    if (left)
        left--;
    return fails ? NULL : calloc(n, size);
}

static orm_db *scope(void)
{
    static orm_db *db;
    if (db)
        return db;
    db = orm_open("sqlite::memory:");
    orm_create_tables(db);
    orm_create(Author, orm_all(db, Author), "name='ann'");
    if (orm_status_of(db) != ORM_OK)
        abort();
    return db;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const orm_step_op ops[] = {ORM_S_FILTER, ORM_S_EXCLUDE, ORM_S_ANNOTATE, ORM_S_ORDER_BY_EXPR};
    if (size_bytes < 3 || size_bytes > 4096)
        return 0;
    orm_db *db = scope();
    size_t mark = orm_mark(db);
    char *text = calloc(1, size_bytes - 1);
    if (!text)
        abort();
    memcpy(text, data + 2, size_bytes - 2);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        const orm_val v[] = {orm_v_text(text), orm_v_int(3), orm_v_text("x"), {.tag = ORM_END}};
        const orm_step steps[] = {{.op = ops[i], .text = text, .v = v}, {.op = ORM_S_END}};
        left = 1 + (unsigned long)(data[0] & 0x3f) * 16 + data[1] % 16;
        for_ever = data[0] >> 7;
        orm_begin(db);
        orm_len(orm_chain_(orm_all(db, Author), steps));
        orm_end(db);
        left = 0;
        for_ever = 0;
        orm_clear(db);
        if (db->depth || db->cursors || db->guard || orm_count(orm_all(db, Author)) != 1)
            abort();
    }
    free(text);
    orm_rewind(db, mark);
    return 0;
}
