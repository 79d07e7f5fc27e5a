/* Django's query language in C.
 *
 *     orm_db *db = orm_open("sqlite:///blog.db");
 *     orm_qs *live = orm_from(db, Post, filter("published=True"), order_by("-created"), select_related("author"));
 *     orm_each (Post, p, live)
 *         printf("%s by %s\n", p->title, Post_author(p)->name);
 *     if (orm_status_of(db) != ORM_OK) fprintf(stderr, "%s\n", orm_errmsg(db));
 *     orm_close(db);
 *
 * Memory: everything that a call returns lives in the scope's arena and dies with orm_close() (or orm_rewind()). When it
 * runs out the call fails with ORM_NOMEM: what it began is rolled back, and the scope works on as soon as there is some.
 * Errors: sticky. A chain with a mistake returns a failed queryset, never NULL; a terminal call on it returns NULL, -1
 * or an empty loop; the first error stays in the scope until orm_clear(). While one is pending nothing is written: each
 * call that writes fails with it and sends nothing, because Django's exception would have ended the program before.
 * Querysets made earlier can still be read. So a run of calls needs one look at orm_status_of(), at its end.
 * Threads: models are constant and shared; a scope and everything made from it belong to one thread at a time. */
#ifndef ORM_H
#define ORM_H

#include "orm/map.h"
#include "orm/model.h"
#include "orm/steps.h"
#include "orm/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the scope ------------------------------------------------------------------------------------------------- */
/* "sqlite:///absolute/path", "sqlite://relative/path", "sqlite::memory:", "postgresql://...". Behind a SQLite path may stand
 * "?journal_mode=wal&mmap_size=268435456": busy_timeout, cache_size, journal_mode, locking_mode, mmap_size, synchronous, as
 * SQLite's pragmas. NULL only when there is no memory; when the database cannot be opened the scope says so
 * (orm_status_of). */
ORM_API orm_db *orm_open(const char *url);
ORM_API void orm_close(orm_db *db); /* rolls an open transaction back; NULL is allowed */
/* The models of this scope instead of the registered ones; call it before the first query. */
ORM_API orm_status orm_use_models(orm_db *db, const orm_model *const *models, size_t n_models);
/* The models of this scope from the database's own tables and foreign keys, named as Django's inspectdb names them. */
ORM_API orm_status orm_inspect(orm_db *db);
ORM_API const orm_model *orm_model_named(orm_db *db, const char *name); /* NULL: there is none */
ORM_API orm_status orm_status_of(const orm_db *db);
/* Message, statement and, where a text is to blame, the text with a caret; "" when there is none. Valid until orm_clear(). */
ORM_API const char *orm_errmsg(const orm_db *db);
ORM_API const char *orm_sqlstate(const orm_db *db); /* five characters, or "" */
ORM_API const char *orm_status_name(orm_status s);  /* "FieldError", as Django calls it */
ORM_API void orm_clear(orm_db *db);
ORM_API size_t orm_query_count(const orm_db *db); /* statements sent since orm_open, transaction control not counted */
ORM_API const char *orm_last_sql(const orm_db *db); /* the last statement that was sent, or ""; until the next one */
/* Called with every statement before it is sent, transaction control excepted. seen NULL: no longer. */
ORM_API void orm_on_query(orm_db *db, void (*seen)(void *context, const char *sql), void *context);
/* Ends the statement that runs now with OperationalError; nothing happens when none does. The one call that a signal handler
 * or another thread may make (SQLite: while the scope is open). */
ORM_API void orm_interrupt(orm_db *db);
/* A place in the scope's memory, in bytes; rewinding frees everything made since. Querysets evaluated and rows walked since then must not be touched again. */
ORM_API size_t orm_mark(const orm_db *db);
ORM_API void orm_rewind(orm_db *db, size_t mark);
/* BEGIN, or SAVEPOINT inside another. Always ended by orm_end() or orm_rollback(): when it could not begin, nothing runs
 * until then. */
ORM_API orm_status orm_begin(orm_db *db);
ORM_API orm_status orm_end(orm_db *db); /* COMMIT or RELEASE; rolls back when an error is pending since orm_begin */
ORM_API orm_status orm_rollback(orm_db *db); /* ends what orm_begin began without keeping it; the error stays */
/* Called after the outermost COMMIT, at once when there is no transaction; never when what it belongs to is rolled back. */
ORM_API orm_status orm_on_commit(orm_db *db, void (*call)(void *context), void *context);
ORM_API orm_status orm_create_tables(orm_db *db); /* of all models of the scope, those that are missing */
ORM_API const char *orm_create_sql(orm_db *db, const orm_model *m); /* its statements, for reading */

/* ---- querysets ------------------------------------------------------------------------------------------------- */
ORM_API orm_qs *orm_objects(orm_db *db, const orm_model *m); /* all rows of the model */
/* The steps of orm/steps.h, left to right. qs stays as it is; the new one has no result yet. */
ORM_API orm_qs *orm_chain_(orm_qs *qs, const orm_step *steps);
#define orm_chain(qs, ...)   orm_chain_((qs), (const orm_step[]){__VA_ARGS__, {.op = ORM_S_END}})
#define orm_from(db, T, ...) orm_chain(orm_objects((db), &T##_model), __VA_ARGS__)
#define orm_all(db, T)       orm_objects((db), &T##_model)
/* qs & other, qs | other: of one model. */
#define orm_and(qs, other) orm_chain((qs), ORM_STEP(ORM_S_AND, "?", (other)))
#define orm_or(qs, other)  orm_chain((qs), ORM_STEP(ORM_S_OR, "?", (other)))
/* A lookup whose path is made at run time (URL filters): resolved as a path, never parsed as an expression. */
ORM_API orm_qs *orm_where(orm_qs *qs, const char *path, orm_val v);
/* A condition to be put into others by a '?': filter("? | Q(title=?)", any, word). Never NULL; a failed one fails there. */
ORM_API orm_expr *orm_q_(orm_db *db, const char *text, const orm_val *v);
#define orm_q(db, ...) orm_q_((db), ORM_ARGS(__VA_ARGS__))
ORM_API const char *orm_sql(orm_qs *qs); /* the SELECT it would run; NULL on error, "" when no query is needed */

/* ---- evaluate -------------------------------------------------------------------------------------------------- */
ORM_API int64_t orm_count(orm_qs *qs);          /* -1 on error */
ORM_API int64_t orm_len(orm_qs *qs);            /* evaluates and fills the cache; -1 on error */
ORM_API int orm_exists(orm_qs *qs);             /* 1, 0, or -1 on error */
ORM_API int64_t orm_delete(orm_qs *qs);         /* rows of all tables that went; -1 on error */
ORM_API orm_rec *orm_delete_counts(orm_qs *qs); /* the same by model: {"Author": 1, "Post": 3}; NULL on error */
ORM_API int64_t orm_update_(orm_qs *qs, const char *text, const orm_val *v); /* rows matched; -1 on error */
/* "Avg('views'), n=Count('id')": one record, names as Django makes them (views__avg); NULL on error. */
ORM_API orm_rec *orm_aggregate_(orm_qs *qs, const char *text, const orm_val *v);
ORM_API void *orm_get_(orm_qs *qs, const orm_model *m);   /* NULL: DOES_NOT_EXIST, MULTIPLE_OBJECTS or another error */
ORM_API void *orm_first_(orm_qs *qs, const orm_model *m); /* NULL: none, or an error; by primary key if unordered */
ORM_API void *orm_last_(orm_qs *qs, const orm_model *m);
ORM_API void *orm_iter_(orm_qs *qs, const orm_model *m); /* runs the query once, then walks the cache */
ORM_API void *orm_next_(void *row);
ORM_API orm_rec *orm_rec_iter(orm_qs *qs); /* of values(), values_list() */
ORM_API orm_rec *orm_rec_next(orm_rec *r);
#define orm_get(T, qs)   ((T *)orm_get_((qs), &T##_model))
#define orm_first(T, qs) ((T *)orm_first_((qs), &T##_model))
#define orm_last(T, qs)  ((T *)orm_last_((qs), &T##_model))
/* The row with the greatest, the least field; NULL: by ORM_META(.get_latest_by = "created"). DOES_NOT_EXIST when there is none. */
ORM_API void *orm_latest_(orm_qs *qs, const orm_model *m, const char *field, bool is_latest);
#define orm_latest(T, qs, field)   ((T *)orm_latest_((qs), &T##_model, (field), true))
#define orm_earliest(T, qs, field) ((T *)orm_latest_((qs), &T##_model, (field), false))
/* in_bulk(): out[i] is the row whose unique field (NULL: the primary key) is the i-th of the values, orm_ints(ids, n) or
 * orm_texts(names, n), or NULL. One query (none for no value). Rows found, -1 on error.
 *     Post *posts[3];
 *     orm_in_bulk(Post, orm_all(db, Post), NULL, orm_ints((int64_t[]){7, 1, 9}, 3), posts); */
ORM_API int64_t orm_in_bulk_(orm_qs *qs, const orm_model *m, const char *field, orm_val values, orm_row **out);
#define orm_in_bulk(T, qs, field, values, out)                                                                         \
    orm_in_bulk_((qs), &T##_model, (field), (values), (orm_row **)(1 ? (out) : (T **)0))
#define orm_update(qs, ...)    orm_update_((qs), ORM_ARGS(__VA_ARGS__))
#define orm_aggregate(qs, ...) orm_aggregate_((qs), ORM_ARGS(__VA_ARGS__))
#define orm_each(T, p, qs)     for (T *p = (T *)orm_iter_((qs), &T##_model); p; p = (T *)orm_next_(p))
#define orm_each_rec(r, qs)    for (orm_rec *r = orm_rec_iter(qs); r; r = orm_rec_next(r))

/* iterator(): rows that are not kept, `chunk` at a time (0: 2000); on PostgreSQL through a cursor of the server. A row is
 * valid until the next portion is read, copy what must stay. Related objects are loaded as ever; prefetch is not done.
 *     orm_iterator *it = orm_iterator_open(qs, 500);
 *     for (Post *p; (p = orm_iterator_next(Post, it));) ...
 *     orm_iterator_close(it);    // needed only when the loop was left early */
typedef struct orm_iterator orm_iterator;
ORM_API orm_iterator *orm_iterator_open(orm_qs *qs, size_t chunk); /* NULL: no memory; the others take it */
ORM_API void *orm_iterator_next_(orm_iterator *it, const orm_model *m);
ORM_API orm_rec *orm_iterator_rec(orm_iterator *it);
ORM_API void orm_iterator_close(orm_iterator *it);
#define orm_iterator_next(T, it) ((T *)orm_iterator_next_((it), &T##_model))
/* After only() or defer(): is the column there? Loading it is one query; a plain member cannot do so by itself. */
ORM_API bool orm_has(const orm_row *row, const char *field);
ORM_API orm_status orm_load(orm_row *row, const char *field);

/* ---- related objects ------------------------------------------------------------------------------------------- */
/* The object behind a foreign key or a reverse one-to-one; one query on first use (the N+1 point), cached on the row. */
ORM_API void *orm_one(orm_row *row, const char *accessor);
/* Reverse foreign key or many-to-many: a queryset of the related rows, served from the prefetch cache if there is one. */
ORM_API orm_qs *orm_related(orm_row *row, const char *accessor);
#define ORM_FK_GETTER(T, field, To)                                                                                    \
    ORM_INL To *T##_##field(T *p)                                                                                      \
    {                                                                                                                  \
        return (To *)(p->field.obj && p->field.obj_id == p->field.id ? p->field.obj : orm_one(&p->row, #field));       \
    }
#define ORM_ONE_GETTER(T, accessor, To)                                                                                \
    ORM_INL To *T##_##accessor(T *p)                                                                                   \
    {                                                                                                                  \
        return (To *)orm_one(&p->row, #accessor);                                                                      \
    }
#define ORM_SET_GETTER(T, accessor)                                                                                    \
    ORM_INL orm_qs *T##_##accessor(T *p)                                                                               \
    {                                                                                                                  \
        return orm_related(&p->row, #accessor);                                                                        \
    }
/* Point a foreign key at an object (NULL: at nothing). A plain row.author.id = 3 works too. */
ORM_API orm_status orm_set_one(orm_row *row, const char *field, orm_row *to);
/* Reverse managers. Many-to-many: rows of the table in between come and go (those already there stay); reverse foreign
 * key: the key of the other rows changes (remove and clear only where it may be NULL). What was prefetched is dropped. */
ORM_API orm_status orm_add(orm_row *row, const char *accessor, orm_row *const *others, size_t n_others);
/* add(..., through_defaults={...}): orm_add_with(&club->row, "members", people, 2, "joined=?, role='singer'", today) */
ORM_API orm_status orm_add_with_(orm_row *row, const char *accessor, orm_row *const *others, size_t n_others,
                                 const char *text, const orm_val *v);
#define orm_add_with(row, accessor, others, n, ...)                                                                    \
    orm_add_with_((row), (accessor), (others), (n), ORM_ARGS(__VA_ARGS__))
/* set(..., through_defaults={...}): of those that are added. */
ORM_API orm_status orm_set_related_with_(orm_row *row, const char *accessor, orm_row *const *others, size_t n_others,
                                         const char *text, const orm_val *v);
#define orm_set_related_with(row, accessor, others, n, ...)                                                            \
    orm_set_related_with_((row), (accessor), (others), (n), ORM_ARGS(__VA_ARGS__))
ORM_API orm_status orm_remove(orm_row *row, const char *accessor, orm_row *const *others, size_t n_others);
ORM_API orm_status orm_clear_related(orm_row *row, const char *accessor);
/* Exactly these: deletes what is missing from others, adds what is new. */
ORM_API orm_status orm_set_related(orm_row *row, const char *accessor, orm_row *const *others, size_t n_others);

/* ---- writes ---------------------------------------------------------------------------------------------------- */
ORM_API void *orm_new_(orm_db *db, const orm_model *m); /* a fresh row with its defaults, not in the database yet */
#define orm_new(db, T) ((T *)orm_new_((db), &T##_model))
ORM_API orm_status orm_save(orm_row *row);   /* UPDATE when it has a key and exists, otherwise INSERT */
ORM_API orm_status orm_insert(orm_row *row); /* INSERT, whatever the key */
/* UPDATE of the fields named, nothing else; a row that is not there is an error (DatabaseError). */
ORM_API orm_status orm_save_fields_(orm_row *row, const char *const *names, size_t n_names);
#define orm_save_fields(row, ...)                                                                                      \
    orm_save_fields_((row), (const char *const[]){__VA_ARGS__},                                                        \
                     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
/* The next save() writes this expression: orm_set_expr(&p->row, "views=F('views')+?", 1). The member keeps its old value
 * until orm_refresh(). */
ORM_API orm_status orm_set_expr_(orm_row *row, const char *text, const orm_val *v);
#define orm_set_expr(row, ...) orm_set_expr_((row), ORM_ARGS(__VA_ARGS__))
/* A member by name, converted as Django converts it: ValueError when it cannot be that type. */
ORM_API orm_status orm_set(orm_row *row, const char *field, orm_val v);
ORM_API orm_status orm_refresh(orm_row *row); /* all columns anew; cached objects are dropped */
ORM_API orm_status orm_refresh_fields_(orm_row *row, const char *const *names, size_t n_names); /* only these */
#define orm_refresh_fields(row, ...)                                                                                   \
    orm_refresh_fields_((row), (const char *const[]){__VA_ARGS__},                                                     \
                        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
/* "name=?, defaults={'age': ?}": the object that fits, or a new one. Keys with __ only look up. created may be NULL. On the
 * manager of a many-to-many relation also through_defaults={...}: columns of the table between. */
ORM_API void *orm_create_(orm_qs *qs, const orm_model *m, const char *text, const orm_val *v);
ORM_API void *orm_get_or_create_(orm_qs *qs, const orm_model *m, bool *created, const char *text, const orm_val *v);
ORM_API void *orm_update_or_create_(orm_qs *qs, const orm_model *m, bool *created, const char *text, const orm_val *v);
#define orm_create(T, qs, ...) ((T *)orm_create_((qs), &T##_model, ORM_ARGS(__VA_ARGS__)))
#define orm_get_or_create(T, qs, created, ...)                                                                         \
    ((T *)orm_get_or_create_((qs), &T##_model, (created), ORM_ARGS(__VA_ARGS__)))
#define orm_update_or_create(T, qs, created, ...)                                                                      \
    ((T *)orm_update_or_create_((qs), &T##_model, (created), ORM_ARGS(__VA_ARGS__)))
/* One statement for many rows: SET title = CASE WHEN id = 1 THEN ... END. Rows matched; -1 on error. */
ORM_API int64_t orm_bulk_update_(orm_db *db, orm_row *const *rows, size_t n_rows, const char *const *names,
                                 size_t n_names);
#define orm_bulk_update(db, rows, n, ...)                                                                              \
    orm_bulk_update_((db), (rows), (n), (const char *const[]){__VA_ARGS__},                                            \
                     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
/* Rows that would meet an equal one are left out; keys are not filled in. */
ORM_API orm_status orm_bulk_create_ignoring(orm_db *db, orm_row *const *rows, size_t n_rows);
ORM_API orm_status orm_bulk_create(orm_db *db, orm_row *const *rows, size_t n_rows); /* keys filled in */
/* With what on_delete takes along, as in Django; rows of all tables that went, -1 on error. The row has no key afterwards. */
ORM_API int64_t orm_delete_row(orm_row *row);

/* ---- dynamic access: columns of a record, annotations without a slot on a row -------------------------------------- */
/* Of a record (values(), aggregate()) by name, of a row its annotations without a slot. A name that is not there, NULL and a
 * value of another kind read as 0 and NULL (numbers are converted, texts are not); orm_rec_val() tells them apart. r may be
 * NULL, so that orm_dbl(orm_aggregate(...), "views__avg") needs no test in between. */
ORM_API const orm_val *orm_rec_val(const orm_rec *r, const char *name); /* NULL: no such column */
ORM_API const orm_val *orm_rec_at(const orm_rec *r, size_t i);
ORM_API size_t orm_rec_size(const orm_rec *r);
ORM_API const char *orm_rec_name(const orm_rec *r, size_t i);
ORM_API int64_t orm_rec_int(const orm_rec *r, const char *name);
ORM_API double orm_rec_dbl(const orm_rec *r, const char *name);
ORM_API const char *orm_rec_text(const orm_rec *r, const char *name);
ORM_API bool orm_rec_isnull(const orm_rec *r, const char *name);
ORM_API const orm_val *orm_row_val(const orm_row *r, const char *name);
ORM_API int64_t orm_row_int(const orm_row *r, const char *name);
ORM_API double orm_row_dbl(const orm_row *r, const char *name);
ORM_API const char *orm_row_text(const orm_row *r, const char *name);
#define orm_int(r, name)  _Generic((r), orm_row * : orm_row_int, default : orm_rec_int)((r), (name))
#define orm_dbl(r, name)  _Generic((r), orm_row * : orm_row_dbl, default : orm_rec_dbl)((r), (name))
#define orm_text(r, name) _Generic((r), orm_row * : orm_row_text, default : orm_rec_text)((r), (name))

/* ---- dates and decimals -------------------------------------------------------------------------------------------- */
/* Of the proleptic Gregorian calendar, UTC. Months and days count from 1 and are not checked. */
ORM_API orm_datetime orm_utc(int year, int month, int day, int hour, int minute, int second);
ORM_API orm_date orm_day(int year, int month, int day);
ORM_API orm_datetime orm_now(void); /* the system's clock, in microseconds */
/* "2026-01-02 03:04:05.000678"; at least 33 bytes. Returns its argument. */
ORM_API char *orm_format_datetime(orm_datetime t, char out[33]);
ORM_API char *orm_format_date(orm_date d, char out[16]); /* "2026-01-02"; at least 16 bytes */

#ifdef __cplusplus
}
#endif

#ifndef ORM_NO_SHORT_NAMES
#    include "orm/short.h"
#endif
#endif
