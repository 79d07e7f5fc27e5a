/* Any bytes as the text of filter(), annotate() and order_by(): a tree, a queryset and SQL, or an error. */
#include <stdlib.h>
#include <string.h>

#include "tests/orm/models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static orm_db *scope(void)
{
    static orm_db *db;
    if (!db)
        db = orm_open("sqlite::memory:");
    return db;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const orm_step_op ops[] = {ORM_S_FILTER, ORM_S_EXCLUDE, ORM_S_ANNOTATE, ORM_S_ORDER_BY_EXPR};
    orm_db *db = scope();
    if (size_bytes > 8192)
        return 0;
    orm_qs *warm = orm_all(db, Post); /* models are worked out before the mark */
    size_t mark = orm_mark(db);
    char *text = malloc(size_bytes + 1);
    if (!text || !warm)
        abort();
    if (size_bytes)
        memcpy(text, data, size_bytes);
    text[size_bytes] = '\0';
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        const orm_val v[] = {
            orm_v_text(text), orm_v_int(3), orm_v_text("x"), orm_v_qs(orm_all(db, Author)), {.tag = ORM_END}};
        for (size_t n_values = 1; n_values <= 4; n_values += 3) {
            const orm_val few[] = {v[0], {.tag = ORM_END}};
            const orm_step steps[] = {{.op = ops[i], .text = text, .v = n_values == 1 ? few : v}, {.op = ORM_S_END}};
            orm_sql(orm_chain_(orm_all(db, Author), steps));
            orm_clear(db);
            orm_sql(orm_chain_(orm_all(db, Post), steps));
            orm_clear(db);
        }
    }
    const char *names[] = {NULL, text};
    const orm_step by_name[] = {{.op = ORM_S_ORDER_BY, .names = names, .n_names = 1}, {.op = ORM_S_END}};
    orm_sql(orm_chain_(orm_all(db, Post), by_name));
    orm_clear(db);
    orm_sql(orm_where(orm_all(db, Post), text, orm_v_int(1)));
    orm_clear(db);
    free(text);
    orm_rewind(db, mark);
    return 0;
}
