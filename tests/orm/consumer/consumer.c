/* A program of somebody else's, built against the installed ORM. Prints "2 notes, last: tea". */
#include <inttypes.h>
#include <stdio.h>

#include <orm/orm.h>

ORM_DECLARE(Note);
struct Note {
    orm_row row;
    int64_t id;
    const char *text;
};
MODEL(Note, "note", FIELD(id, AutoField), FIELD(text, CharField, .max_length = 40));

int main(void)
{
    orm_db *db = orm_open("sqlite::memory:");
    orm_create_tables(db);
    orm_create(Note, orm_all(db, Note), "text=?", "milk");
    orm_create(Note, orm_all(db, Note), "text=?", "tea");
    Note *last = orm_last(Note, orm_all(db, Note));
    printf("%" PRId64 " notes, last: %s\n", orm_count(orm_all(db, Note)), last ? last->text : "none");
    if (orm_status_of(db) != ORM_OK)
        fprintf(stderr, "%s\n", orm_errmsg(db));
    orm_close(db);
    return 0;
}
