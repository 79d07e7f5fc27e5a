/* Writing. Each scenario keeps all that it does or nothing: one call, or one transaction. */
#include "scenarios.h"

static Author *author(orm_db *db, const char *name)
{
    return orm_get(Author, orm_from(db, Author, filter("name=?", name)));
}

static Post *post(orm_db *db, int64_t id)
{
    return orm_get(Post, orm_from(db, Post, filter("pk=?", id)));
}

static void run_create(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    Author *a = orm_create(Author, orm_all(db, Author), "name=?, age=41", "dora");
    seen_add(out, "%s", a ? a->name : "-");
    seen_error(out, db);
}

static void run_save(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_begin(db); /* an error before save() keeps save() from counting */
    Post *p = post(db, 1);
    if (p) {
        orm_set(&p->row, "title", ORM_V("Omega"));
        orm_set(&p->row, "price", ORM_V("3.25"));
        orm_set_expr(&p->row, "views=F('views') + ?", 1);
        orm_save(&p->row);
        orm_refresh(&p->row);
        seen_add(out, "%s %d", p->title, (int)p->views);
    }
    orm_end(db);
    seen_error(out, db);
}

static void run_save_fields(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    Post *p = post(db, 2);
    if (p) {
        p->title = "Sigma";
        orm_save_fields(&p->row, "title", "views");
    }
    seen_error(out, db);
}

static void run_bulk(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_row *rows[3];
    orm_begin(db);
    size_t n = 0;
    for (; n < 3; n++) {
        Author *a = orm_new(db, Author);
        if (!a)
            break;
        a->name = "many";
        rows[n] = &a->row;
    }
    if (n == 3) {
        orm_bulk_create(db, rows, n);
        for (size_t i = 0; i < n; i++)
            ((Author *)(void *)rows[i])->age = (orm_opt_int){true, (int64_t)i};
        seen_add(out, "%d", (int)orm_bulk_update(db, rows, n, "age"));
    }
    orm_end(db);
    seen_error(out, db);
}

static void run_update(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    seen_add(out, "%d",
             (int)orm_update(orm_from(db, Post, filter("author__name='ann'")),
                             "views=F('views') + 1, title=Upper('title')"));
    seen_error(out, db);
}

static void run_delete(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_rec *counts = orm_delete_counts(orm_from(db, Author, filter("name__in=['ann', 'cid']")));
    seen_add(out, "%d", (int)orm_rec_int(counts, "Author"));
    seen_error(out, db);
}

static void run_get_or_create(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    bool made = false;
    orm_begin(db);
    Author *a = orm_get_or_create(Author, orm_all(db, Author), &made, "name=?, defaults={'age': ?}", "eve", 7);
    seen_add(out, "%s %d ", a ? a->name : "-", made);
    a = orm_update_or_create(Author, orm_all(db, Author), &made, "name='eve', defaults={'age': 8}");
    seen_add(out, "%s %d ", a ? a->name : "-", made);
    orm_end(db);
    seen_error(out, db);
}

static void run_managers(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_begin(db);
    Post *p = post(db, 3);
    Tag *a = orm_get(Tag, orm_from(db, Tag, filter("name='a'")));
    Tag *b = orm_get(Tag, orm_from(db, Tag, filter("name='b'")));
    if (p && a && b) {
        orm_add(&p->row, "tags", &(orm_row *){&a->row}, 1);
        orm_remove(&p->row, "tags", &(orm_row *){&b->row}, 1);
        orm_set_related(&p->row, "tags", (orm_row *[]){&a->row, &b->row}, 2);
        Tag *fresh = orm_create(Tag, Post_tags(p), "name='c'");
        seen_add(out, "%s", fresh ? fresh->name : "-");
    }
    Author *ann = author(db, "ann");
    if (ann) {
        orm_clear_related(&ann->row, "edited");
        Post *q = orm_create(Post, Author_posts(ann),
                             "title='New', views=1, likes=1, published=True, weight=1.5, created='2026-01-01'");
        seen_add(out, "%s", q ? q->title : "-");
    }
    orm_end(db);
    seen_error(out, db);
}

static void count_call(void *context)
{
    ++*(int *)context;
}

/* The inner transaction fails and is rolled back, the outer one stays. */
static void run_nested(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    int calls = 0;
    orm_begin(db);
    orm_create(Author, orm_all(db, Author), "name='outer'");
    if (orm_status_of(db) == ORM_OK) {
        orm_begin(db);
        orm_create(Author, orm_all(db, Author), "name='inner'");
        orm_get(Author, orm_from(db, Author, filter("name='nobody'")));
        if (db->depth == 2)
            orm_end(db);
        seen_error(out, db);
        orm_on_commit(db, count_call, &calls);
        seen_add(out, "%d", (int)orm_count(orm_from(db, Author, filter("name__in=['outer', 'inner']"))));
    }
    orm_end(db);
    seen_add(out, " called %d", calls);
    seen_error(out, db);
}

/* Which row it is, is looked up behind the error: there may be no memory for that. */
static void see_name_of_error(struct seen *out, orm_db *db)
{
    if (orm_status_of(db) == ORM_NOMEM)
        return;
    seen_add(out, "[%s]", orm_status_name(orm_status_of(db)));
    orm_clear(db);
}

static void run_violation(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_begin(db);
    orm_update(orm_from(db, Post, filter("pk=1")), "author=99");
    orm_end(db);
    see_name_of_error(out, db);
    orm_create(Author, orm_all(db, Author), "id=1, name='again'");
    see_name_of_error(out, db);
}

#define WRITE(x)                                                                                                       \
    {                                                                                                                  \
        .name = #x, .run = run_##x, .changes_rows = true                                                               \
    }
const struct scenario write_scenarios[] = {
    WRITE(create),   WRITE(save),   WRITE(save_fields), WRITE(bulk), WRITE(update), WRITE(delete), WRITE(get_or_create),
    WRITE(managers), WRITE(nested), WRITE(violation),   {0}};
