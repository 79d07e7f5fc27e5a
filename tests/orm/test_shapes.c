/* Chains that are said again (orm/queryset/shape.h): whatever was kept of the first times, the answer is that of the long way.
 * --pg: on PostgreSQL. */
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

enum { N_AUTHORS = 6, N_POSTS = 24 };

static int set_up(void **state)
{
    (void)state;
    test_open("orm_shapes");
    orm_create_tables(db);
    for (int64_t i = 1; i <= N_AUTHORS; i++) {
        Author *a = orm_new(db, Author);
        a->id = i;
        a->name = orm_printf(&db->arena, "author %d", (int)i);
        a->age = (orm_opt_int){i % 3 != 0, 20 + i};
        orm_insert(&a->row);
    }
    for (int64_t i = 1; i <= N_POSTS; i++) {
        Post *p = orm_new(db, Post);
        p->id = i;
        p->author.id = 1 + i % N_AUTHORS;
        p->editor.id = i % 4 ? 1 + i % 3 : 0;
        p->title = orm_printf(&db->arena, "%s_%d%%", i % 2 ? "odd" : "even", (int)i % 7);
        p->views = i % 5;
        p->likes = i % 3;
        p->price = (orm_opt_dec){i % 4 != 0, orm_dec(i * 25, -2)};
        p->score = (orm_opt_int){i % 3 != 0, i % 6};
        p->published = i % 2;
        p->featured = (orm_opt_bool){i % 5 != 0, i % 3 == 0};
        p->day = (orm_opt_date){i % 4 != 0, orm_day(2024 + (int)i % 3, 1 + (int)i % 12, 3)};
        p->created = orm_utc(2024 + (int)i % 3, 1, 1 + (int)i, 5, 6, 7);
        p->weight = (double)i / 4;
        orm_insert(&p->row);
    }
    assert_string_equal(orm_errmsg(db), "");
    return 0;
}

/* ---- the same answer ------------------------------------------------------------------------------------------------------ */

#define INT(x)                                                                                                         \
    {                                                                                                                  \
        ORM_INT,                                                                                                       \
        {                                                                                                              \
            .i = (x)                                                                                                   \
        }                                                                                                              \
    }
#define DBL(x)                                                                                                         \
    {                                                                                                                  \
        ORM_DBL,                                                                                                       \
        {                                                                                                              \
            .d = (x)                                                                                                   \
        }                                                                                                              \
    }
#define TEXT(x)                                                                                                        \
    {                                                                                                                  \
        ORM_TEXT,                                                                                                      \
        {                                                                                                              \
            .s = (x)                                                                                                   \
        }                                                                                                              \
    }
#define BOOL(x)                                                                                                        \
    {                                                                                                                  \
        ORM_BOOL,                                                                                                      \
        {                                                                                                              \
            .b = (x)                                                                                                   \
        }                                                                                                              \
    }
#define NONE                                                                                                           \
    {                                                                                                                  \
        ORM_NULL,                                                                                                      \
        {                                                                                                              \
            .i = 0                                                                                                     \
        }                                                                                                              \
    }
#define DATE(x)                                                                                                        \
    {                                                                                                                  \
        ORM_DATE,                                                                                                      \
        {                                                                                                              \
            .date = { x }                                                                                              \
        }                                                                                                              \
    }

enum { MAX_SETS = 6, MAX_VALUES = 3 };

/* A filter of posts, and the values that it meets in turn. */
static const struct {
    const char *text;
    orm_val sets[MAX_SETS][MAX_VALUES];
} cases[] = {
    {"id=?", {{INT(3)}, {INT(4)}, {INT(99)}, {INT(3)}, {NONE}, {TEXT("5")}}},
    {"pk=?", {{INT(3)}, {INT(4)}, {DBL(4.5)}, {DBL(4)}, {INT(7)}}},
    {"title=?", {{TEXT("odd_1%")}, {TEXT("even_2%")}, {TEXT("")}, {TEXT("odd_3%")}, {NONE}}},
    {"title__icontains=?", {{TEXT("OD")}, {TEXT("%")}, {TEXT("_2")}, {TEXT("")}}},
    {"title__iexact=?", {{TEXT("ODD_1%")}, {TEXT("odd_1%")}, {TEXT("even_2%")}}},
    {"title__gt=?", {{TEXT("f")}, {TEXT("a")}, {TEXT("z")}}},
    {"views__gt=?, likes__lt=?", {{INT(1), INT(2)}, {INT(2), INT(2)}, {INT(0), INT(1)}, {INT(3), INT(3)}}},
    {"views=?, likes=?, score=?", {{INT(1), INT(1), INT(1)}, {INT(1), INT(2), INT(1)}, {INT(2), INT(1), INT(4)}}},
    {"Q(views=?) | Q(likes=?)", {{INT(1), INT(2)}, {INT(2), INT(2)}, {INT(3), INT(1)}}},
    {"Q(views=?) | Q(likes=1)", {{INT(2)}, {INT(1)}, {INT(3)}, {INT(1)}}},
    {"~Q(score=?)", {{INT(1)}, {INT(2)}, {NONE}, {INT(4)}}},
    {"views__gte=?", {{DBL(1.5)}, {DBL(2)}, {DBL(0.5)}, {INT(3)}}},
    {"weight__lt=?", {{DBL(2.5)}, {INT(3)}, {DBL(0.25)}, {INT(1)}}},
    {"price__lte=?", {{DBL(2.5)}, {INT(3)}, {TEXT("0.75")}, {DBL(1)}, {INT(2)}}},
    {"published=?", {{BOOL(true)}, {BOOL(false)}, {BOOL(true)}, {INT(0)}, {INT(1)}, {BOOL(false)}}},
    {"featured=?", {{BOOL(true)}, {NONE}, {BOOL(false)}, {NONE}, {BOOL(true)}}},
    {"score__isnull=?", {{BOOL(true)}, {BOOL(false)}, {BOOL(true)}}},
    {"day=?", {{DATE(19725)}, {TEXT("2025-02-03")}, {DATE(20123)}, {NONE}}},
    {"day__gt=?", {{DATE(20000)}, {DATE(20200)}, {TEXT("2025-02-03")}}},
    {"created__year=?", {{INT(2024)}, {INT(2025)}, {INT(2026)}, {TEXT("2024")}}},
    {"created__day__lt=?", {{INT(5)}, {INT(20)}, {INT(11)}}},
    {"id__in=[?, ?]", {{INT(3), INT(4)}, {INT(3), INT(3)}, {INT(5), INT(6)}}},
    {"id__range=(?, ?)", {{INT(3), INT(9)}, {INT(3), INT(3)}, {INT(5), INT(4)}}},
    {"views__gt=F('likes') + ?", {{INT(1)}, {INT(2)}, {INT(0)}}},
    {"author=?", {{INT(1)}, {INT(2)}, {INT(6)}, {INT(1)}}},
    {"author__name=?", {{TEXT("author 2")}, {TEXT("author 3")}, {TEXT("nobody")}}},
    {"editor__age__gt=?, author__name=?",
     {{INT(20), TEXT("author 2")}, {INT(21), TEXT("author 3")}, {INT(1), TEXT("")}}},
    {"editor=?", {{INT(1)}, {NONE}, {INT(2)}, {NONE}}},
    {"author__edited__views=?", {{INT(1)}, {INT(4)}, {INT(0)}}},
};

static size_t n_values(const orm_val *v)
{
    size_t n = 0;
    while (n < MAX_VALUES && v[n].tag != ORM_END)
        n++;
    return n;
}

static orm_qs *chain(orm_step_op op, const char *text, const orm_val *set, bool by_shape)
{
    orm_val v[MAX_VALUES + 2] = {{ORM_TEXT, {.s = text}}};
    memcpy(v + 1, set, n_values(set) * sizeof *v);
    orm_step step = orm_text_step(op, text, v);
    orm_val q[] = {orm_v_text("?"), orm_v_expr(by_shape ? NULL : orm_q_(db, text, v)), {.tag = ORM_END}};
    if (!by_shape) /* a condition given as a value: such a chain has no shape */
        step = orm_text_step(op, "?", q);
    return orm_chain(orm_all(db, Post), step, order_by("-views", "id"));
}

static const char *answer(orm_qs *qs, struct orm_buf *b)
{
    *b = (struct orm_buf){.arena = &db->arena};
    orm_put(b, "");
    orm_each(Post, p, qs) orm_putf(b, "%d:%s ", (int)p->id, p->title);
    orm_putf(b, "count %d ", (int)orm_count(orm_chain_(qs, (const orm_step[]){{.op = ORM_S_END}})));
    orm_qs *again = orm_chain(qs, slice(0, 3));
    orm_putf(b, "some %d exists %d ", (int)orm_count(again), orm_exists(again));
    Post *first = orm_first(Post, qs), *last = orm_last(Post, qs), *one = orm_get(Post, qs);
    orm_putf(b, "first %d last %d one %d %s", first ? (int)first->id : 0, last ? (int)last->id : 0,
             one ? (int)one->id : 0, orm_status_name(orm_status_of(db)));
    orm_clear(db);
    return b->p;
}

static void test_the_answer_is_that_of_the_long_way(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            for (size_t k = 0; k < MAX_SETS && n_values(cases[i].sets[k]); k++) {
                for (orm_step_op op = ORM_S_FILTER; op <= ORM_S_EXCLUDE; op++) {
                    struct orm_buf got, wanted;
                    size_t mark = orm_mark(db);
                    answer(chain(op, cases[i].text, cases[i].sets[k], true), &got);
                    answer(chain(op, cases[i].text, cases[i].sets[k], false), &wanted);
                    if (strcmp(got.p, wanted.p) != 0)
                        fail_msg("%s(%s), values %zu, round %d:\n  %s\n  %s", op == ORM_S_FILTER ? "filter" : "exclude",
                                 cases[i].text, k, round, got.p, wanted.p);
                    orm_rewind(db, mark);
                }
            }
        }
    }
}

static void test_annotations_and_records(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        orm_qs *qs = orm_from(db, Author, annotate("n=Count('posts', filter=Q(posts__views__gte=?))", i),
                              filter("n__gt=?", 1), order_by("id"));
        struct orm_buf got = {.arena = &db->arena};
        orm_put(&got, "");
        orm_each(Author, a, qs) orm_putf(&got, "%d=%d ", (int)a->id, (int)a->n);
        orm_each(Author, a, orm_from(db, Author, order_by("id")))
        {
            int64_t n = orm_count(orm_from(db, Post, filter("author=?", &a->row), filter("views__gte=?", i)));
            char text[40];
            snprintf(text, sizeof text, "%d=%d ", (int)a->id, (int)n);
            assert_int_equal(strstr(got.p, text) != NULL, n > 1);
        }
        orm_qs *names = orm_from(db, Post, filter("author=?", i), values("title", "author__name"), order_by("id"));
        orm_each_rec(r, names)
        {
            char name[20];
            snprintf(name, sizeof name, "author %d", i);
            assert_string_equal(orm_rec_text(r, "author__name"), name);
            assert_non_null(orm_rec_text(r, "title"));
        }
    }
    assert_string_equal(orm_errmsg(db), "");
}

/* ---- a kept chain does less ------------------------------------------------------------------------------------------------ */

static size_t bytes_of_look_up(int64_t id)
{
    size_t mark = orm_mark(db);
    Post *p = orm_get(Post, orm_from(db, Post, filter("id=?, views__lt=?", id, 1000)));
    assert_non_null(p);
    assert_int_equal(p->id, id);
    size_t used = orm_mark(db) - mark;
    orm_rewind(db, mark);
    return used;
}

static void test_a_kept_chain_makes_no_trees(void **state)
{
    (void)state;
    size_t first = bytes_of_look_up(1);
    bytes_of_look_up(2);
    size_t third = bytes_of_look_up(3);
    assert_true(third * 4 < first);
    assert_int_equal(bytes_of_look_up(N_POSTS - 1), third);
}

static void test_a_base_that_is_kept(void **state)
{
    (void)state;
    orm_qs *base = orm_from(db, Post, filter("published=?", true), order_by("id"));
    size_t used[4];
    for (int i = 0; i < 4; i++) {
        size_t mark = orm_mark(db);
        assert_int_equal(orm_count(orm_chain(base, filter("views=?", i))),
                         orm_count(orm_chain(base, filter("?", orm_q(db, "views=?", i)))));
        orm_rewind(db, mark);
        orm_count(orm_chain(base, filter("views=?", i)));
        used[i] = orm_mark(db) - mark;
        orm_rewind(db, mark);
    }
    assert_int_equal(used[1], used[3]);
}

/* ---- the store is bounded, what lives is not touched -------------------------------------------------------------------------- */

static void test_more_shapes_than_are_kept(void **state)
{
    (void)state;
    orm_qs *kept[400];
    for (int i = 0; i < 400; i++) /* all alive: none may go */
        kept[i] = orm_from(db, Post, filter("id__gt=?", i % 7), order_by("id"), slice(i % 20, i % 20 + 1 + i / 20));
    for (int i = 0; i < 400; i++) {
        Post *p = orm_first(Post, kept[i]);
        bool there = i % 7 + i % 20 + 1 <= N_POSTS;
        assert_int_equal(p ? p->id : 0, there ? i % 7 + i % 20 + 1 : 0);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 700; i++) {
            size_t mark = orm_mark(db);
            orm_qs *qs = orm_from(db, Post, filter("id__gt=?", i % 5), order_by("id"), slice(0, 1 + i));
            int64_t n = N_POSTS - i % 5;
            assert_int_equal(orm_len(qs), i + 1 < n ? i + 1 : n);
            orm_rewind(db, mark);
        }
    }
    assert_string_equal(orm_errmsg(db), "");
}

static void test_names_made_at_run_time(void **state)
{
    (void)state;
    char name[20];
    static const char *const names[] = {"views", "-views", "title", "-id", "author__name"};
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "%s", names[i % 5]); /* one address, other contents */
        orm_qs *qs = orm_from(db, Post, filter("published=True"), order_by(name, "id"));
        orm_qs *long_way = orm_from(db, Post, filter("?", orm_q(db, "published=True")), order_by(name, "id"));
        assert_int_equal(orm_first(Post, qs)->id, orm_first(Post, long_way)->id);
        assert_int_equal(orm_last(Post, qs)->id, orm_last(Post, long_way)->id);
    }
    snprintf(name, sizeof name, "nonsense");
    assert_null(orm_first(Post, orm_from(db, Post, filter("published=True"), order_by(name, "id"))));
    assert_int_equal(orm_status_of(db), ORM_FIELD_ERROR);
    orm_clear(db);
}

/* ---- the table changes underneath ------------------------------------------------------------------------------------------------ */

static int64_t views_of(int64_t id)
{
    Post *p = orm_get(Post, orm_from(db, Post, filter("id=?", id)));
    return p ? p->views : -1;
}

static void test_the_table_changes(void **state)
{
    (void)state;
    for (int64_t i = 1; i < 5; i++)
        assert_int_equal(views_of(i), i % 5);
    const char *table = Post_model.table;
    orm_run_text(db, orm_printf(&db->arena, "ALTER TABLE %s ADD COLUMN more integer", table), true);
    assert_int_equal(views_of(3), 3);
    if (test_is_postgres) { /* "cached plan must not change result type" is no answer */
        orm_run_text(db, orm_printf(&db->arena, "ALTER TABLE %s ALTER COLUMN views TYPE bigint", table), true);
        assert_int_equal(views_of(4), 4);
        orm_run_text(db, "DEALLOCATE ALL", true);
        assert_int_equal(views_of(2), 2);
    }
    orm_run_text(db, orm_printf(&db->arena, "ALTER TABLE %s RENAME COLUMN title TO heading", table), true);
    assert_int_equal(views_of(3), -1);
    assert_int_not_equal(orm_status_of(db), ORM_OK);
    orm_clear(db);
    orm_run_text(db, orm_printf(&db->arena, "ALTER TABLE %s RENAME COLUMN heading TO title", table), true);
    assert_int_equal(views_of(3), 3);
    assert_string_equal(orm_errmsg(db), "");
}

static void test_an_error_that_is_pending_stays(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(views_of(1), 1);
    Post *p = orm_get(Post, orm_from(db, Post, filter("id=?", 2)));
    assert_null(orm_get(Post, orm_from(db, Post, filter("id=?", 1000))));
    assert_int_equal(orm_status_of(db), ORM_DOES_NOT_EXIST);
    assert_string_equal(Post_author(p)->name, "author 3"); /* what is loaded on the way still is */
    assert_int_equal(orm_status_of(db), ORM_DOES_NOT_EXIST);
    orm_clear(db);
    assert_int_equal(views_of(2), 2);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, test_close)

int main(int argc, char **argv)
{
    if (!test_choose_database(argc, argv))
        return 1;
    const struct CMUnitTest tests[] = {CASE(test_the_answer_is_that_of_the_long_way),
                                       CASE(test_annotations_and_records),
                                       CASE(test_a_kept_chain_makes_no_trees),
                                       CASE(test_a_base_that_is_kept),
                                       CASE(test_more_shapes_than_are_kept),
                                       CASE(test_names_made_at_run_time),
                                       CASE(test_the_table_changes),
                                       CASE(test_an_error_that_is_pending_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
