/* Behaviour on a real database: SQLite in memory, or the PostgreSQL of N1_TEST_PG_URL with --pg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models.h"
#include "orm/session.h"
#include "tests/orm/database.h"

/* ---- fixture ---------------------------------------------------------------------------------------------------- */
/* authors: 1 ann 30, 2 bob NULL, 3 cid 20 (no posts). posts: see the table. */

static const struct {
    int64_t author, editor; /* editor 0: none */
    const char *title;
    int64_t views, likes;
    int price_cents; /* 0: NULL */
    bool published;
    int featured; /* -1: NULL */
    int year, month;
    const char *tags;
} post_rows[] = {{1, 2, "Alpha", 10, 1, 150, true, 1, 2025, 12, "ab"},
                 {1, 0, "beta 100%", 20, 30, 0, true, -1, 2026, 1, "a"},
                 {2, 1, "Gamma_x", 30, 3, 250, false, 0, 2026, 6, "b"},
                 {2, 0, "alphabet", 5, 5, 250, true, 0, 2026, 12, ""}};

static orm_datetime created_of(size_t i)
{
    return post_rows[i].month == 12 && post_rows[i].year == 2025 ? (orm_datetime){orm_utc(2026, 1, 1, 0, 0, 0).us - 1}
           : post_rows[i].month == 1                             ? orm_utc(2026, 1, 1, 0, 0, 0)
                                     : orm_utc(post_rows[i].year, post_rows[i].month, 7, 13, 5, 9);
}

static int set_up(void **state)
{
    (void)state;
    test_open("orm_behaviour");
    orm_create_tables(db);
    static const char *const names[] = {"ann", "bob", "cid"};
    for (int64_t i = 0; i < 3; i++) {
        Author *a = orm_new(db, Author);
        a->id = i + 1;
        a->name = names[i];
        a->age = (orm_opt_int){i != 1, i == 0 ? 30 : 20};
        orm_insert(&a->row);
    }
    Profile *profile = orm_new(db, Profile);
    profile->bio = "first";
    profile->author.id = 1;
    profile->author.set = true;
    orm_save(&profile->row);
    Tag *tags[2];
    for (size_t i = 0; i < 2; i++) {
        tags[i] = orm_new(db, Tag);
        tags[i]->id = (int64_t)i + 1;
        tags[i]->name = i ? "b" : "a";
        orm_save(&tags[i]->row);
    }
    for (size_t i = 0; i < 4; i++) {
        Post *p = orm_new(db, Post);
        p->id = (int64_t)i + 1;
        p->title = post_rows[i].title;
        p->author.id = post_rows[i].author;
        p->author.set = true;
        p->editor.id = post_rows[i].editor;
        p->editor.set = post_rows[i].editor != 0;
        p->views = post_rows[i].views;
        p->likes = post_rows[i].likes;
        p->price = (orm_opt_dec){post_rows[i].price_cents != 0, orm_dec(post_rows[i].price_cents, -2)};
        p->published = post_rows[i].published;
        p->featured = (orm_opt_bool){post_rows[i].featured >= 0, post_rows[i].featured == 1};
        p->created = created_of(i);
        p->day = (orm_opt_date){i != 3, orm_day(2026, 2, 28)};
        orm_save(&p->row);
        for (const char *t = post_rows[i].tags; *t; t++)
            orm_add(&p->row, "tags", &(orm_row *){&tags[*t == 'b']->row}, 1);
    }
    if (orm_status_of(db) != ORM_OK)
        print_message("%s\n", orm_errmsg(db));
    return orm_status_of(db) != ORM_OK;
}

static void assert_failed(orm_status status, const char *text)
{
    if (orm_status_of(db) != status || !strstr(orm_errmsg(db), text))
        fail_msg("wanted %s with \"%s\", got %s: %s", orm_status_name(status), text, orm_status_name(orm_status_of(db)),
                 orm_errmsg(db));
    orm_clear(db);
}

/* ---- filters: which posts, which authors ---------------------------------------------------------------------------- */

static const char *post_ids(orm_qs *qs)
{
    static char out[64];
    size_t n = 0;
    out[0] = '\0';
    orm_each(Post, p, qs) n += (size_t)snprintf(out + n, sizeof out - n, "%d", (int)p->id);
    assert_ok();
    return out;
}

static const char *author_ids(orm_qs *qs)
{
    static char out[64];
    size_t n = 0;
    out[0] = '\0';
    orm_each(Author, a, qs) n += (size_t)snprintf(out + n, sizeof out - n, "%d", (int)a->id);
    assert_ok();
    return out;
}

static orm_qs *text_step(orm_qs *qs, orm_step_op op, const char *text)
{
    const orm_val v[] = {orm_v_text(text), {.tag = ORM_END}};
    const orm_step steps[] = {{.op = op, .text = text, .v = v}, {.op = ORM_S_END}};
    return orm_chain_(qs, steps);
}

static const struct {
    const char *filter, *ids;
} post_filters[] = {
#include "filter_cases.inc"
};

static void test_post_filters(void **state)
{
    (void)state;
    orm_qs *posts = orm_from(db, Post, order_by("id"));
    for (size_t i = 0; i < sizeof post_filters / sizeof *post_filters; i++) {
        const char *got = post_ids(text_step(posts, ORM_S_FILTER, post_filters[i].filter));
        if (strcmp(got, post_filters[i].ids) != 0)
            fail_msg("filter(%s): got %s, wanted %s\n%s", post_filters[i].filter, got, post_filters[i].ids,
                     orm_last_sql(db));
    }
}

static const struct {
    const char *exclude, *ids;
} post_excludes[] = {{"published=False", "124"},     {"featured=True", "234"},           {"price=2.5", "12"},
                     {"editor__name='ann'", "124"},  {"tags__name='a'", "34"},           {"id__in=[]", "1234"},
                     {"author__age=30", "34"},       {"author__age__gt=1", "34"},        {"day__year=2026", "4"},
                     {"views__gt=F('likes')", "24"}, {"tags__name__in=['a', 'b']", "4"}, {"tags=None", "123"}};

static void test_post_excludes(void **state)
{
    (void)state;
    orm_qs *posts = orm_from(db, Post, order_by("id"));
    for (size_t i = 0; i < sizeof post_excludes / sizeof *post_excludes; i++) {
        const char *got = post_ids(text_step(posts, ORM_S_EXCLUDE, post_excludes[i].exclude));
        if (strcmp(got, post_excludes[i].ids) != 0)
            fail_msg("exclude(%s): got %s, wanted %s\n%s", post_excludes[i].exclude, got, post_excludes[i].ids,
                     orm_last_sql(db));
    }
}

static void test_many_valued(void **state)
{
    (void)state;
    orm_qs *authors = orm_from(db, Author, order_by("id"));
    assert_string_equal(author_ids(orm_chain(authors, filter("posts__title='Alpha', posts__views=20"))), "");
    assert_string_equal(author_ids(orm_chain(authors, filter("posts__title='Alpha'"), filter("posts__views=20"))), "1");
    assert_string_equal(author_ids(orm_chain(authors, exclude("posts__title='Alpha'"))), "23");
    assert_string_equal(author_ids(orm_chain(authors, filter("posts__isnull=True"))), "3");
    assert_string_equal(author_ids(orm_chain(authors, exclude("posts__isnull=True"))), "12");
    assert_string_equal(author_ids(orm_chain(authors, filter("posts__published=True"))), "112");
    assert_string_equal(author_ids(orm_chain(authors, filter("posts__published=True"), distinct())), "12");
    assert_string_equal(author_ids(orm_chain(authors, exclude("posts__views=F('posts__likes')"))), "13");
    assert_string_equal(author_ids(orm_chain(authors, exclude("posts__tags__name='b'"))), "3");
    assert_string_equal(author_ids(orm_chain(authors, filter("profile=None"))), "23");
}

/* ---- values, order, slices -------------------------------------------------------------------------------------------- */

static void test_placeholders(void **state)
{
    (void)state;
    orm_qs *posts = orm_from(db, Post, order_by("id"));
    int64_t ids[] = {1, 3};
    const char *titles[] = {"Alpha", "nobody's", NULL};
    assert_string_equal(post_ids(orm_chain(posts, filter("id__in=?", orm_ints(ids, 2)))), "13");
    assert_string_equal(post_ids(orm_chain(posts, filter("title__in=?", orm_texts(titles, 3)))), "1");
    assert_string_equal(post_ids(orm_chain(posts, filter("views__range=(?, ?)", 10, 20L))), "12");
    assert_string_equal(post_ids(orm_chain(posts, filter("title=?", "x' OR 1=1 --"))), "");
    assert_string_equal(post_ids(orm_chain(posts, filter("created__gte=?", orm_utc(2026, 6, 1, 0, 0, 0)))), "34");
    assert_string_equal(post_ids(orm_chain(posts, filter("author__in=?", orm_from(db, Author, filter("name='bob'"))))),
                        "34");
    Author *ann = orm_get(Author, orm_from(db, Author, filter("name='ann'")));
    assert_string_equal(post_ids(orm_chain(posts, filter("author=?", &ann->row))), "12");
    orm_expr *any = orm_q(db, "title__icontains=?", "gamma");
    static const char *const words[] = {"beta", "nothing"};
    for (size_t i = 0; i < 2; i++)
        any = orm_q(db, "? | Q(title__icontains=?)", any, words[i]);
    assert_string_equal(post_ids(orm_chain(posts, filter("?, views__lt=?", any, 100))), "23");
    assert_string_equal(post_ids(orm_where(posts, "author__name", ORM_V("bob"))), "34");
    assert_string_equal(post_ids(orm_where(posts, "views__gte", ORM_V("20"))), "23");
    post_ids(orm_chain(posts, filter("author=?", true)));
    orm_chain(posts,
              filter("author=?",
                     &post_rows[0].likes ? &((Post *)orm_get(Post, orm_chain(posts, filter("id=1"))))->row : NULL));
    assert_failed(ORM_VALUE_ERROR, "Must be \"Author\" instance");
}

static void test_order_and_slices(void **state)
{
    (void)state;
    assert_string_equal(post_ids(orm_from(db, Post, order_by("-views"))), "3214");
    assert_string_equal(post_ids(orm_from(db, Post, order_by("author__name", "-id"))), "2143");
    assert_string_equal(post_ids(orm_from(db, Post, order_by("views"), reverse())), "3214");
    assert_string_equal(
        post_ids(orm_from(db, Post, order_by_expr("F('score').desc(nulls_last=True), F('views').asc()"))), "4123");
    orm_qs *posts = orm_from(db, Post, order_by("id"));
    assert_string_equal(post_ids(orm_chain(posts, slice(1, 3))), "23");
    assert_string_equal(post_ids(orm_chain(posts, slice(1, -1))), "234");
    assert_string_equal(post_ids(orm_chain(posts, slice(1, 4), slice(1, 2))), "3");
    size_t before = orm_query_count(db);
    assert_string_equal(post_ids(orm_chain(posts, slice(2, 2))), "");
    assert_string_equal(post_ids(orm_chain(posts, none())), "");
    assert_string_equal(post_ids(orm_chain(posts, filter("id__in=[]"))), "");
    assert_int_equal(orm_query_count(db), before);
    assert_int_equal(((Post *)orm_first(Post, orm_all(db, Post)))->id, 1);
    assert_int_equal(((Post *)orm_last(Post, orm_all(db, Post)))->id, 4);
    assert_null(orm_first(Post, orm_chain(posts, none())));
    assert_ok();
    orm_chain(posts, limit(2), filter("id=1"));
    assert_failed(ORM_ASSERTION, "once a slice has been taken");
    orm_chain(posts, limit(2), order_by("id"));
    assert_failed(ORM_ASSERTION, "Cannot reorder a query once a slice has been taken");
}

static void test_lazy_and_cached(void **state)
{
    (void)state;
    size_t before = orm_query_count(db);
    orm_qs *posts = orm_from(db, Post, filter("published=True"), order_by("id")),
           *more = orm_chain(posts, filter("views=5"));
    assert_int_equal(orm_query_count(db), before);
    post_ids(posts);
    post_ids(posts);
    assert_int_equal(orm_count(posts), 3);
    assert_int_equal(orm_query_count(db), before + 1);
    assert_string_equal(post_ids(more), "4");
    assert_string_equal(post_ids(posts), "124");
    assert_int_equal(orm_query_count(db), before + 2);
}

static void test_values(void **state)
{
    (void)state;
    char out[200];
    size_t n = 0;
    orm_each_rec(r, orm_from(db, Post, values("author__name", "title"), order_by("id"), limit(2))) n +=
        (size_t)snprintf(out + n, sizeof out - n, "%s:%s ", orm_text(r, "author__name"), orm_text(r, "title"));
    assert_ok();
    assert_string_equal(out, "ann:Alpha ann:beta 100% ");
    orm_rec *all = orm_rec_iter(orm_from(db, Author, values(), order_by("id")));
    assert_int_equal(orm_rec_size(all), 3);
    assert_int_equal(orm_rec_int(all, "age"), 30);
    assert_int_equal(orm_count(orm_from(db, Post, values("author"), distinct())), 2);
    n = 0;
    orm_each_rec(r,
                 orm_from(db, Post, values("author"), annotate("k=Count('id'), top=Max('views')"), order_by("author")))
        n += (size_t)snprintf(out + n, sizeof out - n, "%d:%d:%d ", (int)orm_int(r, "author"), (int)orm_int(r, "k"),
                              (int)orm_int(r, "top"));
    assert_ok();
    assert_string_equal(out, "1:2:20 2:2:30 ");
}

/* ---- counting, aggregates ----------------------------------------------------------------------------------------------- */

static void test_counts_and_aggregates(void **state)
{
    (void)state;
    orm_qs *posts = orm_all(db, Post);
    assert_int_equal(orm_count(posts), 4);
    assert_int_equal(orm_count(orm_chain(posts, slice(1, 3))), 2);
    assert_int_equal(orm_exists(posts), 1);
    assert_int_equal(orm_exists(orm_chain(posts, filter("views=99"))), 0);
    orm_rec *r = orm_aggregate(posts, "Avg('views'), Sum('price'), Count('featured'), top=Max('views'), c=Count('*')");
    assert_ok();
    assert_true(orm_dbl(r, "views__avg") == 16.25);
    assert_true(orm_dbl(r, "price__sum") == 6.5);
    assert_int_equal(orm_int(r, "top"), 30);
    assert_int_equal(orm_int(r, "featured__count"), 3);
    assert_int_equal(orm_int(r, "c"), 4);
    r = orm_aggregate(orm_chain(posts, order_by("id"), limit(2)), "Sum('views')");
    assert_ok();
    assert_int_equal(orm_int(r, "views__sum"), 30);
    r = orm_aggregate(orm_chain(posts, none()), "Sum('views'), Count('id')");
    assert_true(orm_rec_isnull(r, "views__sum"));
    assert_int_equal(orm_int(r, "id__count"), 0);
    r = orm_aggregate(orm_from(db, Author, annotate("k=Count('posts')")), "Avg('k'), Max('k')");
    assert_ok();
    assert_int_equal(orm_int(r, "k__max"), 2);
    assert_int_equal(orm_count(orm_from(db, Author, annotate("k=Count('posts')"), filter("k__gt=1"))), 2);
}

static void test_annotate(void **state)
{
    (void)state;
    char out[64];
    size_t n = 0;
    orm_each(Author, a, orm_from(db, Author, annotate("n=Count('posts')"), order_by("-n", "id"))) n +=
        (size_t)snprintf(out + n, sizeof out - n, "%s%d ", a->name, (int)a->n);
    assert_ok();
    assert_string_equal(out, "ann2 bob2 cid0 ");
    orm_qs *authors = orm_from(db, Author, order_by("id"));
    assert_string_equal(author_ids(orm_chain(authors, annotate("k=Count('posts')"), filter("k__gte=2"))), "12");
    assert_string_equal(author_ids(orm_chain(authors, annotate("k=Count('posts')"), filter("Q(k=0) | Q(name='bob')"))),
                        "23");
    assert_string_equal(
        author_ids(orm_chain(authors, annotate("k=Count('posts', filter=Q(posts__published=True))"), filter("k=1"))),
        "2");
    assert_string_equal(
        author_ids(orm_chain(authors, filter("posts__views__gt=15"), annotate("k=Count('posts')"), filter("k=1"))),
        "12");
    Author *ann =
        orm_first(Author, orm_chain(authors, annotate("Sum('posts__views'), t=Count('posts__tags', distinct=True)")));
    assert_ok();
    assert_int_equal(orm_int(&ann->row, "posts__views__sum"), 40);
    assert_int_equal(orm_int(&ann->row, "t"), 2);
    orm_qs *busy = orm_chain(
        authors, annotate("busy=Exists(?)", orm_from(db, Post, filter("author=OuterRef('pk'), views__gt=25"))));
    assert_string_equal(author_ids(orm_chain(busy, filter("busy=True"))), "2");
    Post *p =
        orm_first(Post, orm_from(db, Post,
                                 annotate("heat=Case(When(views__gte=20, then=Value('hot')), default=Value('cold')), "
                                          "twice=F('views') * 2, name=Concat('title', Value('!'))"),
                                 order_by("-views")));
    assert_ok();
    assert_string_equal(orm_text(&p->row, "heat"), "hot");
    assert_int_equal(orm_int(&p->row, "twice"), 60);
    assert_string_equal(orm_text(&p->row, "name"), "Gamma_x!");
}

/* ---- relations ------------------------------------------------------------------------------------------------------------ */

static size_t queries_of(orm_qs *posts)
{
    size_t before = orm_query_count(db);
    orm_each(Post, p, posts)
    {
        assert_string_equal(Post_author(p)->name, p->id <= 2 ? "ann" : "bob");
        Author *editor = Post_editor(p);
        assert_true((editor != NULL) == (post_rows[p->id - 1].editor != 0));
    }
    assert_ok();
    return orm_query_count(db) - before;
}

static void test_foreign_keys(void **state)
{
    (void)state;
    orm_qs *posts = orm_from(db, Post, order_by("id"));
    assert_int_equal(queries_of(posts), 1 + 4 + 2);
    assert_int_equal(queries_of(posts), 0);
    assert_int_equal(queries_of(orm_chain(posts, select_related("author", "editor"))), 1);
    assert_int_equal(queries_of(orm_chain(posts, prefetch_related("author", "editor"))), 3);
    assert_int_equal(queries_of(orm_chain(posts, select_related())), 1 + 2);
    size_t before = orm_query_count(db);
    orm_each(Author, a, orm_from(db, Author, select_related("profile"), order_by("id")))
        assert_true((Author_profile(a) != NULL) == (a->id == 1));
    assert_int_equal(orm_query_count(db), before + 1);
    orm_each(Author, a, orm_from(db, Author, prefetch_related("profile"), order_by("id")))
        assert_true((Author_profile(a) != NULL) == (a->id == 1));
    assert_int_equal(orm_query_count(db), before + 3);
    orm_chain(posts, select_related("tags"));
    assert_failed(ORM_FIELD_ERROR, "Choices are: author, editor");
}

static void test_prefetch(void **state)
{
    (void)state;
    size_t before = orm_query_count(db);
    char out[200];
    size_t n = 0;
    orm_each(Author, a, orm_from(db, Author, prefetch_related("posts__tags"), order_by("id")))
    {
        n += (size_t)snprintf(out + n, sizeof out - n, "%s[", a->name);
        orm_each(Post, p, Author_posts(a))
        {
            assert_ptr_equal(Post_author(p), a);
            n += (size_t)snprintf(out + n, sizeof out - n, " %d", (int)p->id);
            orm_each(Tag, t, Post_tags(p)) n += (size_t)snprintf(out + n, sizeof out - n, "%s", t->name);
        }
        n += (size_t)snprintf(out + n, sizeof out - n, " ]");
    }
    assert_ok();
    assert_string_equal(out, "ann[ 1ab 2a ]bob[ 3b 4 ]cid[ ]");
    assert_int_equal(orm_query_count(db), before + 3);
    orm_qs *tags =
        orm_from(db, Tag, prefetch("posts", .queryset = orm_from(db, Post, order_by("-id")), .to_attr = "newest"));
    Tag *first = orm_first(Tag, tags);
    assert_string_equal(post_ids(orm_related(&first->row, "newest")), "21");
    orm_len(orm_from(db, Author, prefetch_related("nothing")));
    assert_failed(ORM_ATTRIBUTE, "invalid parameter to prefetch_related()");
    assert_int_equal(orm_len(orm_from(db, Author, filter("id=99"), prefetch_related("nothing"))), 0);
    assert_ok();
}

static void test_managers(void **state)
{
    (void)state;
    Author *ann = orm_get(Author, orm_from(db, Author, filter("name='ann'")));
    size_t before = orm_query_count(db);
    orm_each(Post, p, Author_posts(ann)) assert_ptr_equal(Post_author(p), ann);
    assert_int_equal(orm_query_count(db), before + 1);
    assert_int_equal(orm_count(orm_chain(Author_posts(ann), filter("views__gt=15"))), 1);
    Tag *a = orm_get(Tag, orm_from(db, Tag, filter("name='a'")));
    assert_string_equal(post_ids(orm_chain(Tag_posts(a), order_by("id"))), "12");
}

/* ---- writes ------------------------------------------------------------------------------------------------------------------ */

static void test_writes(void **state)
{
    (void)state;
    assert_int_equal(orm_update(orm_from(db, Post, filter("id=1")), "views=F('views')+1"), 1);
    assert_int_equal(orm_update(orm_from(db, Post, filter("author__name='bob'")), "likes=?, title='new'", 7), 2);
    Post *p = orm_get(Post, orm_from(db, Post, filter("id=1")));
    assert_int_equal(p->views, 11);
    assert_true(p->price.v.coef == 150 && p->price.v.exp == -2);
    p->title = "renamed";
    orm_save(&p->row);
    assert_string_equal(((Post *)orm_get(Post, orm_from(db, Post, filter("id=1"))))->title, "renamed");
    assert_true(((Post *)orm_get(Post, orm_from(db, Post, filter("id=1"))))->created.us == created_of(0).us);
    orm_update(orm_all(db, Post), "views=F('author__age')");
    assert_failed(ORM_FIELD_ERROR, "Joined field references are not permitted");
    assert_int_equal(orm_update(orm_from(db, Post, filter("id__in=[]")), "views=1"), 0);
    Author *fresh[3];
    orm_row *rows[3];
    for (int i = 0; i < 3; i++) {
        fresh[i] = orm_new(db, Author);
        if (i == 1)
            fresh[i]->id = 50;
        fresh[i]->name = i ? "later" : "sooner";
        rows[i] = &fresh[i]->row;
    }
    orm_update(orm_all(db, Author), "age=1");
    if (test_is_postgres) /* rows with given keys did not move the sequence */
        for (int i = 0; i < 10 && orm_save(&((Author *)orm_new(db, Author))->row) != ORM_OK; i++)
            orm_clear(db);
    orm_bulk_create(db, rows, 3);
    assert_ok();
    for (int i = 0; i < 3; i++)
        assert_string_equal(((Author *)orm_get(Author, orm_from(db, Author, filter("id=?", fresh[i]->id))))->name,
                            fresh[i]->name);
}

static void test_delete(void **state)
{
    (void)state;
    Note *note = orm_new(db, Note);
    note->post.id = 1;
    note->post.set = true;
    orm_save(&note->row);
    assert_int_equal(orm_delete(orm_from(db, Author, filter("name='ann'"))), -1);
    assert_failed(ORM_PROTECTED, "Note.post");
    assert_int_equal(orm_count(orm_all(db, Post)), 4);
    orm_delete_row(&note->row);
    assert_int_equal(orm_delete(orm_from(db, Author, filter("name='ann'"))),
                     1 + 1 + 2 + 3); /* profile, posts, their tags */
    assert_string_equal(post_ids(orm_from(db, Post, order_by("id"), filter("editor=None"))), "34");
    orm_delete(orm_from(db, Post, limit(1)));
    assert_failed(ORM_ASSERTION, "Cannot use 'limit'");
}

static void test_transactions(void **state)
{
    (void)state;
    orm_begin(db);
    orm_update(orm_all(db, Post), "views=0");
    orm_begin(db);
    orm_update(orm_all(db, Post), "views=1");
    Author *twin = orm_new(db, Author);
    twin->id = 1;
    orm_insert(&twin->row);
    assert_int_equal(orm_status_of(db), ORM_INTEGRITY);
    orm_end(db);
    orm_clear(db);
    assert_int_equal(orm_count(orm_from(db, Post, filter("views=0"))), 4);
    assert_int_equal(orm_end(db), ORM_OK);
    assert_int_equal(orm_count(orm_from(db, Post, filter("views=0"))), 4);
    orm_begin(db);
    orm_update(orm_all(db, Post), "author=77");
    orm_end(db); /* the foreign key is checked at COMMIT */
    assert_int_equal(orm_status_of(db), ORM_INTEGRITY);
    orm_clear(db);
    assert_int_equal(orm_count(orm_from(db, Post, filter("author=77"))), 0);
    assert_int_equal(orm_end(db), ORM_TRANSACTION);
}

/* ---- mistakes ------------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *filter, *message;
    orm_status status;
} mistakes[] = {
    {"titel='x'",
     "Cannot resolve keyword 'titel' into field. Choices are: author, author_id, created, day, editor, editor_id,",
     ORM_FIELD_ERROR},
    {"title__foo='x'", "Unsupported lookup 'foo' for CharField or join on the field not permitted.", ORM_FIELD_ERROR},
    {"author__foo='x'", "Related Field got invalid lookup: foo", ORM_FIELD_ERROR},
    {"author__icontains='x'", "Related Field got invalid lookup: icontains", ORM_FIELD_ERROR},
    {"views='abc'", "Field 'views' expected a number but got 'abc'.", ORM_VALUE_ERROR},
    {"views__gt=None", "Cannot use None as a query value", ORM_VALUE_ERROR},
    {"created='yesterday'", "'yesterday' value has an invalid format", ORM_VALIDATION},
    {"likes__gt=F('comment')", "Cannot resolve keyword 'comment'", ORM_FIELD_ERROR},
    {"views=views", "name 'views' is not defined", ORM_NAME},
    {"views__in=3", "needs a list", ORM_TYPE_ERROR},
    {"1 + 2", "non-conditional expression", ORM_TYPE_ERROR},
    {"author=OuterRef('pk')", "reference to an outer query", ORM_VALUE_ERROR},
};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        assert_int_equal(orm_len(text_step(orm_all(db, Post), ORM_S_FILTER, mistakes[i].filter)), -1);
        assert_failed(mistakes[i].status, mistakes[i].message);
    }
    assert_null(orm_get(Post, orm_from(db, Post, filter("id=99"))));
    assert_failed(ORM_DOES_NOT_EXIST, "Post matching query does not exist.");
    assert_null(orm_get(Post, orm_all(db, Post)));
    assert_failed(ORM_MULTIPLE_OBJECTS, "returned 4!");
    assert_int_equal(orm_len(orm_from(db, Post, annotate("x=F('price') * F('weight')"))), -1);
    assert_failed(ORM_FIELD_ERROR, "mixed types: DecimalField, FloatField");
    orm_from(db, Author, annotate("a=Count('posts')"), annotate("b=Sum('a')"));
    assert_failed(ORM_FIELD_ERROR, "is an aggregate");
    orm_from(db, Post, annotate("title=Count('tags')"));
    assert_failed(ORM_VALUE_ERROR, "conflicts with a field");
    orm_from(db, Post, annotate("Count(F('id') + 1)"));
    assert_failed(ORM_TYPE_ERROR, "Complex annotations require an alias");
    assert_int_equal(orm_count(orm_all(db, Post)), 4); /* the scope stays usable */
}

int main(int argc, char **argv)
{
    if (!test_choose_database(argc, argv))
        return 1;
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, test_close)
    const struct CMUnitTest tests[] = {CASE(test_post_filters),     CASE(test_post_excludes),
                                       CASE(test_many_valued),      CASE(test_placeholders),
                                       CASE(test_order_and_slices), CASE(test_lazy_and_cached),
                                       CASE(test_values),           CASE(test_counts_and_aggregates),
                                       CASE(test_annotate),         CASE(test_foreign_keys),
                                       CASE(test_prefetch),         CASE(test_managers),
                                       CASE(test_writes),           CASE(test_delete),
                                       CASE(test_transactions),     CASE(test_mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
