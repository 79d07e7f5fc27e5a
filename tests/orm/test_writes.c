/* What is written through managers, rows and transactions: on SQLite in memory, or on PostgreSQL with --pg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orm/orm.h"
#include "orm/session.h"
#include "tests/orm/database.h"

ORM_DECLARE(Person);
ORM_DECLARE(Club);
ORM_DECLARE(Member);
ORM_DECLARE(Song);

struct Person {
    orm_row row;
    int64_t id;
    const char *name;
    int64_t age;
    orm_many friends;
};
struct Club {
    orm_row row;
    int64_t id;
    const char *name;
    FK(Person) boss;
    orm_many members;
};
struct Member { /* the table in between, declared by the program */
    orm_row row;
    int64_t id;
    FK(Club) club;
    FK(Person) person;
    const char *role;
    int64_t since;
};
struct Song {
    orm_row row;
    int64_t id;
    FK(Person) singer;
    FK(Club) club;
    const char *title;
};
ORM_FK_GETTER(Song, singer, Person)
ORM_SET_GETTER(Person, friends)
ORM_SET_GETTER(Person, songs)
ORM_SET_GETTER(Club, members)

MODEL(Person, "w_person", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 30, .unique = true),
      FIELD(age, IntegerField), FIELD(friends, ManyToManyField, .to = &Person_model));
MODEL(Club, "w_club", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 30),
      FIELD(boss, ForeignKey, .to = &Person_model, .related_name = "led", .on_delete = CASCADE, .null = true),
      FIELD(members, ManyToManyField, .to = &Person_model, .through = &Member_model, .related_name = "clubs"));
MODEL(Member, "w_member", FIELD(id, AutoField),
      FIELD(club, ForeignKey, .to = &Club_model, .related_name = "+", .on_delete = CASCADE),
      FIELD(person, ForeignKey, .to = &Person_model, .related_name = "+", .on_delete = CASCADE),
      FIELD(role, CharField, .max_length = 20, .def = DEF_TEXT("member")),
      FIELD(since, IntegerField, .def = DEF_INT(2000)), ORM_CHECK(w_since_is_a_year, "since__gte=1900, since__lt=3000"),
      ORM_CHECK(w_role_is_named, "~Q(role='') | Q(since=2000)"),
      ORM_UNIQUE(w_one_boss, "club", .condition = "role='boss'"), ORM_UNIQUE(w_one_role, "club person role"),
      META(.get_latest_by = "since -id"), ORM_INDEX(w_newest, "-since club"),
      ORM_INDEX(w_bosses, "person", .condition = "role='boss'"));
MODEL(Song, "w_song", FIELD(id, AutoField),
      FIELD(singer, ForeignKey, .to = &Person_model, .related_name = "songs", .on_delete = SET_NULL, .null = true),
      FIELD(club, ForeignKey, .to = &Club_model, .related_name = "songs", .on_delete = ORM_RESTRICT, .null = true),
      FIELD(title, CharField, .max_length = 30));

static Person *ann, *bob, *cid;

static int set_up(void **state)
{
    (void)state;
    test_open("orm_writes");
    orm_create_tables(db);
    ann = orm_create(Person, orm_all(db, Person), "name='ann', age=30");
    bob = orm_create(Person, orm_all(db, Person), "name='bob', age=20");
    cid = orm_create(Person, orm_all(db, Person), "name='cid', age=10");
    return orm_status_of(db) != ORM_OK;
}

static void assert_failed(orm_status status, const char *text)
{
    if (orm_status_of(db) != status || !strstr(orm_errmsg(db), text))
        fail_msg("wanted %s with \"%s\", got %s: %s", orm_status_name(status), text, orm_status_name(orm_status_of(db)),
                 orm_errmsg(db));
    orm_clear(db);
}

static const char *names_of(orm_qs *people)
{
    static char text[200];
    text[0] = '\0';
    orm_each(Person, p, orm_chain(people, order_by("name"))) strcat(text, p->name);
    if (orm_status_of(db) != ORM_OK)
        fail_msg("%s", orm_errmsg(db));
    return text;
}

static void test_symmetrical(void **state)
{
    (void)state;
    orm_row *others[] = {&bob->row, &cid->row};
    assert_int_equal(orm_add(&ann->row, "friends", others, 2), ORM_OK);
    assert_int_equal(orm_add(&ann->row, "friends", others, 2), ORM_OK); /* already there */
    assert_string_equal(names_of(Person_friends(ann)), "bobcid");
    assert_string_equal(names_of(Person_friends(bob)), "ann");
    orm_remove(&bob->row, "friends", &(orm_row *){&ann->row}, 1);
    assert_string_equal(names_of(Person_friends(ann)), "cid");
    orm_set_related(&ann->row, "friends", &(orm_row *){&bob->row}, 1);
    assert_string_equal(names_of(Person_friends(ann)), "bob");
    assert_string_equal(names_of(Person_friends(cid)), "");
    orm_clear_related(&ann->row, "friends");
    assert_string_equal(names_of(Person_friends(bob)), "");
}

static void test_through(void **state)
{
    (void)state;
    Club *club = orm_create(Club, orm_all(db, Club), "name='choir', boss=?", &ann->row);
    orm_row *people[] = {&ann->row, &bob->row, &ann->row};
    orm_add(&club->row, "members", people, 3);
    orm_add(&club->row, "members", people, 2);
    assert_int_equal(orm_count(orm_all(db, Member)), 2);
    assert_string_equal(names_of(Club_members(club)), "annbob");
    orm_set_related(&club->row, "members", &(orm_row *){&cid->row}, 1);
    assert_string_equal(names_of(Club_members(club)), "cid");
    Person *dee = orm_create(Person, Club_members(club), "name='dee', age=1");
    assert_non_null(dee);
    assert_string_equal(names_of(Club_members(club)), "ciddee");
}

static void test_through_defaults(void **state)
{
    (void)state;
    Club *club = orm_create(Club, orm_all(db, Club), "name='choir'");
    orm_row *people[] = {&ann->row, &bob->row};
    orm_add_with(&club->row, "members", people, 2, "role=?, since=1999", "singer");
    orm_add_with(&club->row, "members", people, 2, "role='nobody'"); /* already there */
    orm_add(&club->row, "members", &(orm_row *){&cid->row}, 1);
    assert_string_equal(orm_errmsg(db), "");
    assert_int_equal(orm_count(orm_from(db, Member, filter("role='singer', since=1999"))), 2);
    assert_int_equal(orm_count(orm_from(db, Member, filter("role='member', since=2000, person=?", &cid->row))), 1);
    orm_clear_related(&club->row, "members");
    orm_add_with(&club->row, "members", &(orm_row *){&ann->row}, 1, "'singer'");
    assert_failed(ORM_TYPE_ERROR, "field=value");
    orm_add_with(&club->row, "members", people, 1, "rank=1");
    assert_failed(ORM_TYPE_ERROR, "rank");
    orm_add_with(&ann->row, "friends", people + 1, 1, "role='x'");
    assert_failed(ORM_FIELD_ERROR, "no fields but its keys");
    orm_add_with(&ann->row, "songs", people, 0, "role='x'");
    assert_int_equal(orm_count(orm_all(db, Member)), 0);
}

static void refuses(const char *text, orm_status status, const char *message)
{
    orm_create_(orm_all(db, Member), &Member_model, text, (const orm_val[]){{ORM_TEXT, {.s = text}}, {ORM_END, {0}}});
    assert_failed(status, message);
}

static void test_constraints(void **state)
{
    (void)state;
    Club *club = orm_create(Club, orm_all(db, Club), "name='choir'");
    assert_int_equal(club->id, 1);
    assert_non_null(orm_create(Member, orm_all(db, Member), "club_id=1, person_id=1, role='boss', since=1999"));
    refuses("club_id=1, person_id=2, since=1899", ORM_INTEGRITY, "w_since_is_a_year");
    refuses("club_id=1, person_id=2, since=3000", ORM_INTEGRITY, "w_since_is_a_year");
    refuses("club_id=1, person_id=2, role='', since=1950", ORM_INTEGRITY, "w_role_is_named");
    refuses("club_id=1, person_id=2, role='boss'", ORM_INTEGRITY, test_is_postgres ? "w_one_boss" : "UNIQUE");
    assert_non_null(orm_create(Member, orm_all(db, Member), "club_id=1, person_id=2"));
    refuses("club_id=1, person_id=2", ORM_INTEGRITY, test_is_postgres ? "w_one_role" : "UNIQUE");
    const char *sql = orm_create_sql(db, &Member_model);
    const char *const parts[] = {
        "CONSTRAINT \"w_since_is_a_year\" CHECK ((\"since\" >= 1900 AND \"since\" < 3000))",
        "CONSTRAINT \"w_one_role\" UNIQUE (\"club_id\", \"person_id\", \"role\")",
        "CREATE UNIQUE INDEX IF NOT EXISTS \"w_one_boss\" ON \"w_member\" (\"club_id\") WHERE \"role\" = 'boss'",
        "CREATE INDEX IF NOT EXISTS \"w_newest\" ON \"w_member\" (\"since\" DESC, \"club_id\");",
        "CREATE INDEX IF NOT EXISTS \"w_bosses\" ON \"w_member\" (\"person_id\") WHERE \"role\" = 'boss'"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(sql, parts[i]))
            fail_msg("no %s in\n%s", parts[i], sql);
    assert_int_equal(orm_create_tables(db), ORM_OK); /* again: they are all there */
}

static void test_latest(void **state)
{
    (void)state;
    assert_null(orm_latest(Member, orm_all(db, Member), NULL));
    assert_failed(ORM_DOES_NOT_EXIST, "");
    orm_create(Club, orm_all(db, Club), "name='choir'");
    Member *first = orm_create(Member, orm_all(db, Member), "club_id=1, person_id=1, since=1990");
    Member *second = orm_create(Member, orm_all(db, Member), "club_id=1, person_id=2, since=1995");
    orm_create(Member, orm_all(db, Member), "club_id=1, person_id=3, since=1995");
    assert_int_equal(orm_latest(Member, orm_all(db, Member), NULL)->id, second->id);
    assert_int_equal(orm_earliest(Member, orm_all(db, Member), NULL)->id, first->id);
    assert_int_equal(orm_latest(Member, orm_from(db, Member, filter("since__lt=?", 1995)), "person")->id, first->id);
    assert_null(orm_latest(Person, orm_all(db, Person), NULL));
    assert_failed(ORM_VALUE_ERROR, "get_latest_by");
    assert_null(orm_earliest(Person, orm_from(db, Person, limit(1)), "age"));
    assert_failed(ORM_TYPE_ERROR, "slice");
}

static bool locked;
static void see_lock(void *context, const char *sql)
{
    (void)context;
    locked = locked || strstr(sql, "FOR UPDATE");
}

static void test_update_or_create_locks(void **state)
{
    (void)state;
    bool created;
    locked = false;
    orm_on_query(db, see_lock, NULL);
    orm_get_or_create(Person, orm_all(db, Person), &created, "name='ann', defaults={'age': 1}");
    assert_false(locked || created);
    orm_update_or_create(Person, orm_all(db, Person), &created, "name='ann', defaults={'age': 9}");
    orm_on_query(db, NULL, NULL);
    assert_int_equal(locked, test_is_postgres);
    assert_false(created);
}

static void test_reverse_manager(void **state)
{
    (void)state;
    Song *first = orm_create(Song, Person_songs(ann), "title='one'");
    Song *second = orm_create(Song, orm_all(db, Song), "title='two'");
    assert_ptr_equal(Song_singer(first), ann);
    orm_add(&ann->row, "songs", &(orm_row *){&second->row}, 1);
    assert_ptr_equal(Song_singer(second), ann);
    assert_int_equal(orm_count(Person_songs(ann)), 2);
    orm_remove(&bob->row, "songs", &(orm_row *){&second->row}, 1);
    assert_failed(ORM_DOES_NOT_EXIST, "not related");
    orm_set_related(&ann->row, "songs", &(orm_row *){&first->row}, 1);
    orm_refresh(&second->row);
    assert_null(Song_singer(second));
    orm_clear_related(&ann->row, "songs");
    assert_int_equal(orm_count(orm_from(db, Song, filter("singer=None"))), 2);
}

static void test_key_drops_object(void **state)
{
    (void)state;
    Song *song = orm_create(Song, Person_songs(ann), "title='one'");
    song->singer.id = bob->id;
    assert_string_equal(Song_singer(song)->name, "bob");
    orm_save(&song->row);
    assert_int_equal(orm_count(Person_songs(bob)), 1);
}

static void test_prefetch_is_dropped(void **state)
{
    (void)state;
    orm_add(&ann->row, "friends", &(orm_row *){&bob->row}, 1);
    Person *p = orm_get(Person, orm_from(db, Person, filter("name='ann'"), prefetch_related("friends")));
    size_t before = orm_query_count(db);
    assert_int_equal(orm_len(Person_friends(p)), 1);
    assert_int_equal(orm_query_count(db), before);
    orm_add(&p->row, "friends", &(orm_row *){&cid->row}, 1);
    assert_int_equal(orm_len(Person_friends(p)), 2);
}

static void test_get_or_create(void **state)
{
    (void)state;
    bool created;
    Person *p = orm_get_or_create(Person, orm_all(db, Person), &created, "name=?, defaults={'age': ?}", "eve", 7);
    assert_true(created && p->age == 7);
    p = orm_get_or_create(Person, orm_all(db, Person), &created, "name__iexact='EVE', defaults={'age': 8}");
    assert_true(!created && p->age == 7);
    p = orm_update_or_create(Person, orm_all(db, Person), &created, "name='eve', defaults={'age': 9}");
    assert_true(!created && p->age == 9);
    assert_int_equal(orm_count(orm_from(db, Person, filter("age=9"))), 1);
    p = orm_get_or_create(Person, orm_all(db, Person), &created, "age=55, defaults={'name': 'ann'}");
    assert_null(p); /* the name is taken, and nobody is 55 */
    assert_failed(ORM_INTEGRITY, "");
    assert_int_equal(orm_count(orm_all(db, Person)), 4);
}

static void test_save(void **state)
{
    (void)state;
    orm_set_expr(&ann->row, "age=F('age') + ?", 5);
    orm_save(&ann->row);
    orm_refresh(&ann->row);
    assert_int_equal(ann->age, 35);
    Person *other = orm_get(Person, orm_from(db, Person, filter("name='ann'")));
    other->age = 1;
    other->name = "anna";
    orm_save_fields(&other->row, "name");
    orm_refresh(&ann->row);
    assert_int_equal(ann->age, 35);
    assert_string_equal(ann->name, "anna");
    orm_delete_row(&other->row);
    ann->name = "x";
    orm_save_fields(&ann->row, "name");
    assert_failed(ORM_DATABASE, "did not affect any rows");
    orm_row *rows[] = {&bob->row, &cid->row};
    bob->age = 71;
    cid->age = 72;
    assert_int_equal(orm_bulk_update(db, rows, 2, "age"), 2);
    assert_int_equal(orm_count(orm_from(db, Person, filter("age__gt=70"))), 2);
    assert_int_equal(orm_bulk_update(db, rows, 2, "id"), -1);
    assert_failed(ORM_VALUE_ERROR, "primary key");
}

static void test_delete_counts(void **state)
{
    (void)state;
    Club *club = orm_create(Club, orm_all(db, Club), "name='choir', boss=?", &ann->row);
    orm_add(&club->row, "members", &(orm_row *){&bob->row}, 1);
    Song *song = orm_create(Song, orm_all(db, Song), "title='one', singer=?, club=?", &ann->row, &club->row);
    assert_null(orm_delete_counts(orm_from(db, Person, filter("name='ann'"))));
    assert_failed(ORM_RESTRICTED, "Song.club");
    assert_int_equal(orm_count(orm_all(db, Person)), 3);
    song->club.id = 0;
    song->club.set = false;
    orm_save(&song->row);
    orm_rec *counts = orm_delete_counts(orm_from(db, Person, filter("name='ann'")));
    assert_non_null(counts);
    assert_int_equal(orm_rec_int(counts, "Person"), 1);
    assert_int_equal(orm_rec_int(counts, "Club"), 1);
    assert_int_equal(orm_rec_int(counts, "Member"), 1);
    assert_int_equal(orm_rec_size(counts), 3);
    assert_int_equal(orm_count(orm_from(db, Song, filter("singer=None"))), 1);
}

static char called[16];

static void note_call(void *letter)
{
    strncat(called, letter, 1);
}

static void test_on_commit(void **state)
{
    (void)state;
    called[0] = '\0';
    orm_on_commit(db, note_call, "a"); /* no transaction: at once */
    orm_begin(db);
    orm_on_commit(db, note_call, "b");
    orm_begin(db);
    orm_on_commit(db, note_call, "c");
    orm_rollback(db);
    orm_begin(db);
    orm_on_commit(db, note_call, "d");
    orm_end(db);
    assert_string_equal(called, "a");
    orm_end(db);
    assert_string_equal(called, "abd");
}

static void test_missing_parent_is_named(void **state)
{
    (void)state;
    Song *song = orm_new(db, Song);
    song->title = "lost";
    song->singer.id = 99;
    orm_begin(db);
    orm_insert(&song->row);
    assert_int_equal(orm_end(db), ORM_INTEGRITY);
    assert_failed(ORM_INTEGRITY, !test_is_postgres ? "singer_id" : "(singer_id)=(99)");
    assert_int_equal(orm_count(orm_all(db, Song)), 0);
}

/* Django's exception would have ended the program: what stands behind a call that failed is not written. */
static void test_nothing_is_written_under_an_error(void **state)
{
    (void)state;
    Person *fresh = orm_new(db, Person), *other = orm_get(Person, orm_from(db, Person, filter("name='bob'")));
    fresh->name = "eve";
    ann->age = 99;
    orm_qs *everybody = orm_all(db, Person);
    int64_t n = orm_count(everybody);
    size_t n_queries = orm_query_count(db);
    assert_null(orm_get(Person, orm_from(db, Person, filter("name='nobody'"))));
    assert_int_equal(orm_query_count(db), n_queries + 1);
    bool created;
    assert_int_equal(orm_save(&fresh->row), ORM_DOES_NOT_EXIST);
    assert_int_equal(orm_save(&ann->row), ORM_DOES_NOT_EXIST);
    assert_int_equal(orm_insert(&fresh->row), ORM_DOES_NOT_EXIST);
    assert_int_equal(orm_save_fields(&ann->row, "age"), ORM_DOES_NOT_EXIST);
    assert_int_equal(orm_bulk_create(db, &(orm_row *){&fresh->row}, 1), ORM_DOES_NOT_EXIST);
    assert_int_equal(orm_bulk_update(db, &(orm_row *){&ann->row}, 1, "age"), -1);
    assert_int_equal(orm_add(&ann->row, "friends", &(orm_row *){&other->row}, 1), ORM_DOES_NOT_EXIST);
    assert_int_equal(orm_clear_related(&ann->row, "friends"), ORM_DOES_NOT_EXIST);
    assert_null(orm_create(Person, everybody, "name='eve', age=1"));
    assert_null(orm_get_or_create(Person, everybody, &created, "name='eve'"));
    assert_int_equal(orm_update(everybody, "age=1"), -1);
    assert_int_equal(orm_delete(everybody), -1);
    assert_int_equal(orm_delete_row(&ann->row), -1);
    assert_int_equal(orm_create_tables(db), ORM_DOES_NOT_EXIST);
    assert_int_equal(orm_count(everybody), n); /* reading goes on */
    assert_int_equal(orm_status_of(db), ORM_DOES_NOT_EXIST);
    orm_clear(db);
    assert_int_equal(orm_count(orm_from(db, Person, filter("age__in=[1, 99]"))), 0);
    assert_int_equal(orm_save(&ann->row), ORM_OK);
    assert_int_equal(orm_count(orm_from(db, Person, filter("age=99"))), 1);
}

static void test_lost_connection(void **state)
{
    (void)state;
    if (!test_is_postgres)
        skip();
    orm_db *killer = orm_open(test_url);
    orm_rec *r = orm_aggregate(orm_all(db, Person), "Count('id')"); /* something works before */
    assert_non_null(r);
    orm_run_text(killer,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'n1orm' AND pid <> "
                 "pg_backend_pid() AND query LIKE '%w_person%'",
                 true);
    orm_close(killer);
    assert_int_equal(orm_count(orm_all(db, Person)), -1);
    assert_int_equal(orm_status_of(db), ORM_OPERATIONAL);
    orm_clear(db);
    orm_run_text(db, "SET search_path TO orm_writes", true); /* a new connection */
    assert_int_equal(orm_count(orm_all(db, Person)), 3);
}

int main(int argc, char **argv)
{
    if (!test_choose_database(argc, argv))
        return 1;
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, test_close)
    const struct CMUnitTest tests[] = {T(test_symmetrical),
                                       T(test_through),
                                       T(test_through_defaults),
                                       T(test_constraints),
                                       T(test_latest),
                                       T(test_update_or_create_locks),
                                       T(test_reverse_manager),
                                       T(test_key_drops_object),
                                       T(test_prefetch_is_dropped),
                                       T(test_get_or_create),
                                       T(test_save),
                                       T(test_delete_counts),
                                       T(test_on_commit),
                                       T(test_missing_parent_is_named),
                                       T(test_nothing_is_written_under_an_error),
                                       T(test_lost_connection)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
