#ifndef CONSUMER_H
#define CONSUMER_H

#include <orm/orm.h>

ORM_DECLARE(Note);
struct Note {
    orm_row row;
    int64_t id;
    const char *text;
    FK(Note) next;
};
ORM_FK_GETTER(Note, next, Note)

#endif
