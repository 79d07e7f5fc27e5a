/* The models of a scope with everything worked out: columns, keys, reverse relations, the tables of many-to-many.
 *
 * A relation is seen from both of its ends: a foreign key Post.author is an ORM_REL_FK field of Post and an
 * ORM_REL_REVERSE field of Author. A many-to-many field is two foreign keys of its through table, seen from either end.
 * Built once, then constant; owned by the scope, not by its rewindable arena. */
#ifndef ORM_META_H
#define ORM_META_H

#include "orm/base.h"
#include "orm/model.h"
#include "orm/value/scalar.h"

enum orm_relation {
    ORM_REL_NONE,
    ORM_REL_FK,          /* foreign key or one-to-one: this table holds the key */
    ORM_REL_REVERSE,     /* the other table holds the key: many rows */
    ORM_REL_REVERSE_ONE, /* the other table holds a unique key: one row */
    ORM_REL_M2M          /* either end of a many-to-many relation */
};

struct orm_meta;

struct orm_attr {
    const char *name;     /* query name: "author", "posts" */
    const char *attname;  /* "author_id"; name where there is no key column */
    const char *accessor; /* how a row reaches it: name, or "post_set" for an unnamed reverse relation */
    const char *column;   /* NULL: not in this table */
    const char *equals;   /* "author=?", the filter for a value of the column */
    const char *mark; /* of a relation: "Post.author", "Author.post_set": what a profiler is told before it is loaded */
    const orm_field *def; /* of the model that declares the relation; NULL in made-up through tables */
    struct orm_meta *owner;
    enum orm_type type;
    bool is_symmetrical;                             /* M2M of a model to itself, without a direction */
    bool null, unique, primary_key, is_auto, hidden; /* hidden: no name in queries ("+") */
    size_t index;                                    /* among the columns of its table */
    enum orm_relation relation;
    struct orm_meta *to;      /* the other model */
    struct orm_attr *target;  /* FK: the column pointed at, in to */
    struct orm_attr *remote;  /* FK: its reverse; reverse: the foreign key in to; M2M: the other end */
    struct orm_attr *near_fk; /* M2M: the through table's key to the owner ... */
    struct orm_attr *far_fk;  /* ... and to the other model */
};

struct orm_meta {
    const orm_model *model;           /* NULL: a through table made up by us */
    const char *name, *label, *table; /* "Post", "post" */
    struct orm_attr **columns;        /* in order */
    size_t n_columns;
    struct orm_attr **attrs; /* every name of queries: columns, many-to-many, reverse */
    size_t n_attrs;
    struct orm_attr *pk;
    const orm_field **slots;
    size_t n_slots;
    const char **ordering; /* "-created" */
    size_t n_ordering;
    const orm_field *options; /* ORM_META, or NULL */
    const orm_field **rules;  /* ORM_CHECK, ORM_UNIQUE, ORM_INDEX */
    size_t n_rules;
    struct orm_attr **m2m; /* declared here */
    size_t n_m2m;
    bool is_through;
};

struct orm_registry {
    struct orm_arena arena;
    struct orm_meta **metas; /* models in the order of registration by name, then through tables */
    size_t n_metas;
};

/* models NULL: those that ORM_MODEL registered. False: the error says which table does not fit. */
bool orm_registry_init(struct orm_registry *r, const orm_model *const *models, size_t n_models, struct orm_error *e);
void orm_registry_release(struct orm_registry *r);

struct orm_meta *orm_meta_of(const struct orm_registry *r, const orm_model *m);
/* By query name, attname or "pk"; NULL when there is none. */
struct orm_attr *orm_attr_named(const struct orm_meta *m, const char *name, size_t len);
/* By accessor: the name of a field, "posts" or "post_set" of a relation. */
struct orm_attr *orm_attr_accessor(const struct orm_meta *m, const char *accessor);
/* "created, id, title": all names, sorted, for messages. */
const char *orm_attr_choices(struct orm_arena *a, const struct orm_meta *m, const char *const *more, size_t n_more);

enum orm_type orm_type_of_kind(orm_kind k);

#endif
