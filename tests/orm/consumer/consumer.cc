/* The same from C++: models and chains are C (model.c), calls, rows and getters are used here. */
#include <algorithm> // whose names the short ones must leave alone
#include <cinttypes>
#include <cstdio>

#include "consumer.h"

int main()
{
    orm_db *db = orm_open("sqlite::memory:");
    orm_create_tables(db);
    Note *milk = orm_new(db, Note), *tea = orm_new(db, Note);
    milk->text = "milk";
    orm_save(&milk->row);
    tea->text = "tea";
    orm_set_one(&tea->row, "next", &milk->row);
    orm_save(&tea->row);
    const char *last = "none";
    orm_each(Note, n, orm_where(orm_all(db, Note), "next__text__startswith", orm_v_text("mi"))) last =
        Note_next(n) == milk || Note_next(n) ? n->text : "lost";
    std::printf("%" PRId64 " notes, last: %s\n", orm_count(orm_all(db, Note)), last);
    int status = orm_status_of(db) != ORM_OK;
    orm_close(db);
    return status;
}
