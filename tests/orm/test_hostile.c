/* Names and values as somebody else wrote them: a value enters through '?' only, a name is looked up among names. Both on
 * SQLite and, with --pg, on PostgreSQL; tables and columns with such names are inspected, read and written. */
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

static char long_text[100001];

static const char *const hostile[] = {"'",
                                      "\"",
                                      "''",
                                      "x' OR '1'='1",
                                      "x\" OR \"1\"=\"1",
                                      "'; DROP TABLE blog_author; --",
                                      "\"; DROP TABLE blog_author; --",
                                      "name) UNION SELECT 1, 2, 3 --",
                                      "/* comment */",
                                      "-- comment",
                                      "?",
                                      "$1",
                                      "%s%n%d",
                                      "%",
                                      "_",
                                      "\\",
                                      "\\'",
                                      "a\nb\tc",
                                      "\x01\x1b[31m",
                                      "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x98",
                                      "\xef\xbc\x87 full width quote",
                                      "$do$ ; $do$",
                                      "E'\\x27'",
                                      "name__",
                                      "__name",
                                      "pk__in",
                                      "{}[]()",
                                      "",
                                      long_text};
/* The long one is too long for a name column, and for LIKE on SQLite. */
enum { N_HOSTILE = sizeof hostile / sizeof *hostile, N_VALUES = N_HOSTILE - 1 };

static int set_up(void **state)
{
    (void)state;
    memset(long_text, 'a', sizeof long_text - 1);
    test_open("orm_hostile");
    return orm_status_of(db) != ORM_OK;
}

/* Nothing but an error of names and values may come of it: what the database complains about was built from the text. */
static void assert_refused(const char *what, const char *text)
{
    static const orm_status fine[] = {
        ORM_FIELD_ERROR,          ORM_VALUE_ERROR,     ORM_SYNTAX, ORM_TYPE_ERROR,    ORM_ATTRIBUTE,
        ORM_FIELD_DOES_NOT_EXIST, ORM_NOT_IMPLEMENTED, ORM_NAME,   ORM_NOT_SUPPORTED, ORM_ASSERTION};
    orm_status got = orm_status_of(db);
    bool is_fine = false;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        is_fine = is_fine || got == fine[i];
    if (!is_fine)
        fail_msg("%s(%.60s): %s: %s\n%s", what, text, orm_status_name(got), orm_errmsg(db), orm_last_sql(db));
    if (!strchr(orm_errmsg(db), '\n') && strlen(orm_errmsg(db)) == 0)
        fail_msg("%s(%.60s) says nothing", what, text);
    orm_clear(db);
}

/* ---- values ---------------------------------------------------------------------------------------------------------------- */

static void make_authors(void)
{
    orm_create_tables(db);
    for (size_t i = 0; i < N_VALUES; i++) {
        Author *a = orm_new(db, Author);
        a->name = hostile[i];
        a->age = (orm_opt_int){true, (int64_t)i};
        orm_insert(&a->row);
    }
    assert_ok();
}

static int64_t age_of(orm_qs *qs)
{
    Author *a = orm_get(Author, qs);
    assert_ok();
    return a->age.v;
}

static void test_values(void **state)
{
    (void)state;
    make_authors();
    orm_qs *all = orm_all(db, Author);
    for (size_t i = 0; i < N_VALUES; i++) {
        const char *text = hostile[i];
        int64_t at = (int64_t)i;
        assert_int_equal(age_of(orm_chain(all, filter("name=?", text))), at);
        assert_int_equal(age_of(orm_chain(all, filter("name__in=?", orm_texts(&text, 1)))), at);
        assert_int_equal(age_of(orm_chain(all, filter("age=?, name__contains=?", at, text))), at);
        assert_int_equal(age_of(orm_chain(all, filter("age=?, name__startswith=?", at, text))), at);
        assert_int_equal(age_of(orm_chain(all, filter("age=?, name__iendswith=?", at, text))), at);
        assert_int_equal(age_of(orm_chain(all, annotate("said=Concat(Value(?), 'name', Value(?))", text, text),
                                          filter("said=Concat(Value(?), Value(?), Value(?))", text, text, text))),
                         at);
        assert_int_equal(age_of(orm_where(all, "name", ORM_V(text))), at);
        assert_int_equal(orm_update(orm_chain(all, filter("name=?", text)), "name=?", text), 1);
        bool made = true;
        Author *same = orm_get_or_create(Author, all, &made, "name=?", text);
        assert_ok();
        assert_false(made);
        assert_string_equal(same->name, text);
        same->name = text;
        assert_int_equal(orm_save(&same->row), ORM_OK);
        assert_int_equal(orm_bulk_update(db, &(orm_row *){&same->row}, 1, "name"), 1);
    }
    assert_int_equal(orm_count(all), N_VALUES);
    orm_create(Profile, orm_all(db, Profile), "author_id=1, bio=?", long_text);
    assert_int_equal(orm_count(orm_from(db, Profile, filter("bio=?", long_text))), 1);
    assert_ok();
}

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

static orm_qs *by_names(orm_step_op op, const char *text)
{
    const char *names[] = {NULL, text};
    const orm_step steps[] = {{.op = op, .names = names, .n_names = 1}, {.op = ORM_S_END}};
    return orm_chain_(orm_all(db, Post), steps);
}

/* Some of the texts say nothing or are names that exist. */
static bool is_harmless(orm_step_op op, const char *text)
{
    bool is_order = op == ORM_S_ORDER_BY;
    return !*text || (is_order && strcmp(text, "?") == 0);
}

static void test_names(void **state)
{
    (void)state;
    static const orm_step_op ops[] = {ORM_S_ORDER_BY, ORM_S_VALUES,         ORM_S_VALUES_LIST, ORM_S_ONLY,
                                      ORM_S_DEFER,    ORM_S_SELECT_RELATED, ORM_S_DISTINCT};
    make_authors();
    Post *p = orm_create(Post, orm_all(db, Post),
                         "author=?, title='x', views=1, likes=1, published=True, weight=1.0, created='2026-01-01'",
                         &((Author *)orm_first(Author, orm_all(db, Author)))->row);
    assert_non_null(p);
    for (size_t i = 0; i < N_HOSTILE; i++) {
        const char *text = hostile[i];
        for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
            if (is_harmless(ops[k], text))
                continue;
            orm_len(by_names(ops[k], text));
            assert_refused("a step of names", text);
        }
        if (*text) {
            orm_len(by_names(ORM_S_PREFETCH_MANY, text));
            assert_refused("prefetch_related", text);
        }
        orm_len(orm_where(orm_all(db, Post), text, ORM_V(1)));
        assert_refused("where", text);
        assert_int_not_equal(orm_set(&p->row, text, ORM_V(1)), ORM_OK);
        assert_refused("set", text);
        assert_int_not_equal(orm_save_fields(&p->row, text), ORM_OK);
        assert_refused("save_fields", text);
        assert_null(orm_one(&p->row, text));
        assert_refused("one", text);
        orm_len(orm_related(&p->row, text));
        assert_refused("related", text);
        assert_int_not_equal(orm_load(&p->row, text), ORM_OK);
        assert_refused("load", text);
        assert_int_equal(orm_bulk_update(db, &(orm_row *){&p->row}, 1, text), -1);
        assert_refused("bulk_update", text);
        /* a name of the program's own: any text will do */
        orm_qs *named = orm_from(db, Author, filter("age=0"), prefetch("posts", .to_attr = text));
        orm_each(Author, a, named) if (*text) orm_len(orm_related(&a->row, text));
        if (orm_status_of(db) != ORM_OK)
            assert_refused("to_attr", text);
    }
    assert_int_equal(orm_count(orm_all(db, Author)), N_VALUES);
    assert_ok();
}

/* Texts of expressions are the program's; still none of these is SQL. */
static void test_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {"name='x' OR 1=1",
                                        "name=Value('x'); DROP TABLE blog_author",
                                        "name__contains\"=1",
                                        "name=F('name\" OR 1=1 --')",
                                        "name=F('age) --')",
                                        "age=Cast('age', IntegerField) --",
                                        "age=Count('posts\"')",
                                        "age__gt=Func('age', function='pg_sleep')",
                                        "age=RawSQL('1', [])",
                                        "age=Extract('age', 'year\\' FROM now())--')",
                                        "age=Trunc('age', 'year\\', now())--')",
                                        "age=Subquery('SELECT 1')"};
    orm_create_tables(db);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const orm_val v[] = {orm_v_text(texts[i]), {.tag = ORM_END}};
        const orm_step steps[] = {{.op = ORM_S_FILTER, .text = texts[i], .v = v}, {.op = ORM_S_END}};
        orm_len(orm_chain_(orm_all(db, Author), steps));
        assert_refused("filter", texts[i]);
    }
    assert_int_equal(orm_count(orm_all(db, Author)), 0);
    assert_ok();
}

/* ---- tables with such names -------------------------------------------------------------------------------------------------- */

static const char *const tables[] = {"a\"b",       "it's",         "two words",         "select",
                                     "Camel Case", "semi;colon--", "\xc3\xa9t\xc3\xa9", "percent%s",
                                     "dollar$do$", "back\\slash"};

static void put_name(char *out, size_t size, const char *name)
{
    size_t n = strlen(out);
    for (out[n++] = '"'; *name && n + 3 < size; name++) {
        if (*name == '"')
            out[n++] = '"';
        out[n++] = *name;
    }
    out[n++] = '"';
    out[n] = '\0';
}

static void make_table(const char *name, const char *below)
{
    char sql[1000] = "CREATE TABLE ";
    put_name(sql, sizeof sql, name);
    strcat(sql, " (id integer primary key, ");
    put_name(sql, sizeof sql, name);
    strcat(sql, " varchar(20) NULL");
    if (below) {
        strcat(sql, ", ");
        put_name(sql, sizeof sql, below);
        strcat(sql, " integer NULL REFERENCES ");
        put_name(sql, sizeof sql, below);
        strcat(sql, " (id)");
    }
    strcat(sql, ")");
    orm_run_text(db, sql, true);
    assert_ok();
}

/* A table's model, and what its column and its reference are called there. */
struct seen {
    const orm_model *model;
    const struct orm_meta *meta;
    const struct orm_attr *text, *below;
};

static struct seen find_table(const char *name)
{
    struct seen s = {0};
    for (size_t i = 0; i < db->registry.n_metas; i++) {
        struct orm_meta *m = db->registry.metas[i];
        if (strcmp(m->table, name) != 0)
            continue;
        s = (struct seen){.model = m->model, .meta = m};
        for (size_t k = 0; k < m->n_columns; k++) {
            if (m->columns[k]->relation == ORM_REL_FK)
                s.below = m->columns[k];
            else if (!m->columns[k]->primary_key)
                s.text = m->columns[k];
        }
    }
    return s;
}

static orm_row *add_row(const struct seen *s, int id, const char *text, int below)
{
    orm_row *row = orm_new_(db, s->model);
    assert_non_null(row);
    orm_set(row, "id", ORM_V(id));
    orm_set(row, s->text->name, ORM_V(text));
    if (s->below && below)
        orm_set(row, s->below->attname, ORM_V(below));
    orm_insert(row);
    assert_ok();
    return row;
}

static void test_tables(void **state)
{
    (void)state;
    enum { N = sizeof tables / sizeof *tables };
    for (size_t i = 0; i < N; i++)
        make_table(tables[i], i ? tables[i - 1] : NULL);
    orm_inspect(db);
    assert_ok();
    for (size_t i = 0; i < N; i++) {
        struct seen s = find_table(tables[i]);
        if (!s.model || !s.text || (i && !s.below))
            fail_msg("%s is not seen whole", tables[i]);
        add_row(&s, 1, tables[i], 1);
        orm_row *second = add_row(&s, 2, "x", 1);
        orm_qs *all = orm_objects(db, s.model);
        char path[200];
        snprintf(path, sizeof path, "%s__startswith", s.text->name);
        assert_int_equal(orm_count(orm_where(all, path, ORM_V(tables[i]))), 1);
        if (i > 1) { /* over two references */
            struct seen one = find_table(tables[i - 1]), two = find_table(tables[i - 2]);
            snprintf(path, sizeof path, "%s__%s__%s", s.below->name, one.below->name, two.text->name);
            const char *names[] = {NULL, path, s.text->name}, *related[] = {NULL, s.below->name};
            const orm_step steps[] = {{.op = ORM_S_ORDER_BY, .names = names, .n_names = 2},
                                      {.op = ORM_S_SELECT_RELATED, .names = related, .n_names = 1},
                                      {.op = ORM_S_END}};
            assert_int_equal(orm_count(orm_where(all, path, ORM_V(two.meta->table))), 2);
            assert_int_equal(orm_len(orm_chain_(all, steps)), 2);
        }
        orm_set(second, s.text->name, ORM_V("y"));
        assert_int_equal(orm_save(second), ORM_OK);
        assert_int_equal(orm_delete_row(second), 1);
        assert_int_equal(orm_count(all), 1);
        assert_ok();
        if (s.below) {
            assert_non_null(orm_one(orm_get_(all, s.model), s.below->name));
            assert_ok();
        }
    }
}

/* Models of the program's own with such names: their tables are made, too, twice. */
ORM_DECLARE(Odd);
struct Odd {
    orm_row row;
    int64_t id;
    FK(Odd) up;
    const char *text;
};

ORM_MODEL(Odd, "odd \"table's\" $do$ name", FIELD(id, AutoField),
          FIELD(up, ForeignKey, .to = &Odd_model, .null = true, .column = "it's \"up\"", .on_delete = CASCADE),
          FIELD(text, CharField, .max_length = 20, .db_index = true, .column = "te'x\"t"));

static void test_own_tables(void **state)
{
    (void)state;
    const orm_model *models[] = {&Odd_model};
    orm_use_models(db, models, 1);
    for (int i = 0; i < 2; i++) {
        orm_create_tables(db);
        assert_ok();
    }
    Odd *top = orm_create(Odd, orm_all(db, Odd), "text='top'");
    orm_create(Odd, orm_all(db, Odd), "text='below', up=?", &top->row);
    assert_ok();
    assert_int_equal(orm_count(orm_from(db, Odd, filter("up__text=?", "top"))), 1);
    orm_create(Odd, orm_all(db, Odd), "text='lost', up_id=99");
    assert_int_equal(orm_status_of(db), ORM_INTEGRITY);
    orm_clear(db);
    assert_int_equal(orm_delete(orm_from(db, Odd, filter("text='top'"))), 2);
    assert_ok();
}

int main(int argc, char **argv)
{
    if (!test_choose_database(argc, argv))
        return 1;
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, test_close)
    const struct CMUnitTest tests[] = {T(test_values), T(test_names), T(test_texts), T(test_tables),
                                       T(test_own_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
