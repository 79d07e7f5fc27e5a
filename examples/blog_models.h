/* A blog: authors with a profile, posts with tags. */
#ifndef BLOG_MODELS_H
#define BLOG_MODELS_H

#include "orm/orm.h"

ORM_DECLARE(Author);
ORM_DECLARE(Profile);
ORM_DECLARE(Post);
ORM_DECLARE(Tag);

struct Author {
    orm_row row;
    int64_t id;
    const char *name;
    int64_t num_posts; /* no column: takes annotate("num_posts=Count('posts')") */
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
    const char *title;
    bool published, featured;
    int64_t views, likes, comments;
    orm_datetime created;
    orm_many tags;
};

ORM_FK_GETTER(Profile, author, Author)
ORM_FK_GETTER(Post, author, Author)
ORM_SET_GETTER(Post, tags)
ORM_SET_GETTER(Tag, posts)
ORM_SET_GETTER(Author, posts)
ORM_ONE_GETTER(Author, profile, Profile)

#endif
