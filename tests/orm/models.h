/* The models of the ORM's tests: those of the parity notes (nullable keys, decimals, dates, a chain of three). */
#ifndef TEST_ORM_MODELS_H
#define TEST_ORM_MODELS_H

#include "orm/orm.h"

ORM_DECLARE(Author);
ORM_DECLARE(Profile);
ORM_DECLARE(Tag);
ORM_DECLARE(Post);
ORM_DECLARE(Note);

struct Author {
    orm_row row;
    int64_t id;
    const char *name;
    orm_opt_int age;
    int64_t n;
};
struct Profile {
    orm_row row;
    int64_t id;
    FK(Author) author;
    const char *bio;
};
struct Tag {
    orm_row row;
    int64_t id;
    const char *name;
};
struct Post {
    orm_row row;
    int64_t id;
    FK(Author) author;
    FK(Author) editor;
    const char *title;
    int64_t views, likes;
    orm_opt_dec price;
    orm_opt_int score;
    bool published;
    orm_opt_bool featured;
    orm_opt_date day;
    orm_datetime created;
    double weight;
    orm_many tags;
};
struct Note {
    orm_row row;
    int64_t id;
    FK(Post) post;
    int64_t rank;
};

ORM_FK_GETTER(Post, author, Author)
ORM_FK_GETTER(Post, editor, Author)
ORM_FK_GETTER(Note, post, Post)
ORM_SET_GETTER(Author, posts)
ORM_SET_GETTER(Author, edited)
ORM_SET_GETTER(Post, tags)
ORM_SET_GETTER(Post, notes)
ORM_SET_GETTER(Tag, posts)
ORM_ONE_GETTER(Author, profile, Profile)

#endif
