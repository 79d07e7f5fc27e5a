/* Models with everything that inspectdb cannot see: many-to-many, on_delete, to_field, defaults, ordering, constraints. The
 * same in Django: models.py. */
#ifndef STORIES_MODELS_H
#define STORIES_MODELS_H

#include "orm/orm.h"

ORM_DECLARE(Team);
ORM_DECLARE(Person);
ORM_DECLARE(Badge);
ORM_DECLARE(Club);
ORM_DECLARE(Membership);
ORM_DECLARE(Tag);
ORM_DECLARE(Article);
ORM_DECLARE(Comment);
ORM_DECLARE(Country);
ORM_DECLARE(City);
ORM_DECLARE(Lock);
ORM_DECLARE(Task);
ORM_DECLARE(Token);

struct Team {
    orm_row row;
    int64_t id;
    const char *name, *city;
};
struct Person {
    orm_row row;
    int64_t id;
    const char *name;
    orm_opt_int age;
    FK(Team) team;
    FK(Person) boss;
    orm_many friends, follows;
};
struct Badge { /* its key is the person's */
    orm_row row;
    FK(Person) person;
    const char *code;
};
struct Club {
    orm_row row;
    int64_t id;
    const char *name;
    orm_many members;
};
struct Membership {
    orm_row row;
    int64_t id;
    FK(Club) club;
    FK(Person) person;
    const char *role;
    int64_t since;
};
struct Tag {
    orm_row row;
    const char *name;
    int64_t weight;
};
struct Article {
    orm_row row;
    int64_t id;
    const char *title, *slug;
    FK(Person) author;
    FK(Person) editor;
    bool published;
    int64_t words;
    orm_opt_dec price;
    orm_opt_date day;
    orm_opt_dt at;
    orm_many tags;
};
struct Comment {
    orm_row row;
    int64_t id;
    FK(Article) article;
    FK(Comment) parent;
    const char *text;
    int64_t likes;
};
struct Country {
    orm_row row;
    int64_t id;
    const char *code, *name;
};
struct City {
    orm_row row;
    int64_t id;
    const char *name;
    FK_TEXT(Country) country;
};
struct Lock {
    orm_row row;
    int64_t id;
    FK(Person) person;
    FK(Team) team;
};
struct Task {
    orm_row row;
    int64_t id;
    const char *name;
    FK(Team) owner;
    double hours;
    orm_opt_time opens;
    const char *data;
};
struct Token {
    orm_row row;
    const char *key;
    FK(Person) person;
    FK_TEXT(Token) next;
};

#endif
