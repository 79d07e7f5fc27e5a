/* Keys that are no numbers, and foreign keys to another unique field: on SQLite in memory, or on PostgreSQL with --pg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orm/session.h"
#include "tests/orm/database.h"

ORM_DECLARE(Country);
ORM_DECLARE(City);
ORM_DECLARE(Agent);
ORM_DECLARE(Visit);

struct Country {
    orm_row row;
    const char *code, *name;
    int64_t dial;
};
struct City {
    orm_row row;
    int64_t id;
    const char *name;
    FK_TEXT(Country) country;
};
struct Agent {
    orm_row row;
    const char *id;
    const char *name;
    FK_TEXT(Agent) boss;
    orm_many cities;
};
struct Visit { /* knows its country by the dialling code, its agent by the name */
    orm_row row;
    int64_t id;
    FK(Country) country;
    FK_TEXT(Agent) agent;
};
ORM_FK_GETTER(City, country, Country)
ORM_FK_GETTER(Agent, boss, Agent)
ORM_FK_GETTER(Visit, country, Country)
ORM_FK_GETTER(Visit, agent, Agent)
ORM_SET_GETTER(Country, cities)
ORM_SET_GETTER(Country, visits)
ORM_SET_GETTER(Agent, crew)
ORM_SET_GETTER(Agent, cities)
ORM_SET_GETTER(Agent, visits)

MODEL(Country, "k_country", FIELD(code, CharField, .max_length = 2, .primary_key = true), FIELD(name, TextField),
      FIELD(dial, IntegerField, .unique = true));
MODEL(City, "k_city", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 30),
      FIELD(country, ForeignKey, .to = &Country_model, .related_name = "cities", .null = true, .on_delete = CASCADE));
MODEL(Agent, "k_agent", FIELD(id, UUIDField, .primary_key = true),
      FIELD(name, CharField, .max_length = 30, .unique = true),
      FIELD(boss, ForeignKey, .to = &Agent_model, .related_name = "crew", .null = true, .on_delete = SET_NULL),
      FIELD(cities, ManyToManyField, .to = &City_model, .related_name = "agents"));
MODEL(Visit, "k_visit", FIELD(id, AutoField),
      FIELD(country, ForeignKey, .to = &Country_model, .to_field = "dial", .related_name = "visits",
            .on_delete = CASCADE),
      FIELD(agent, ForeignKey, .to = &Agent_model, .to_field = "name", .related_name = "visits", .null = true,
            .on_delete = SET_NULL));

static const char ANN[] = "11111111-2222-3333-4444-555555555555", BOB[] = "99999999-2222-3333-4444-555555555555";
static Country *india, *germany;
static Agent *ann, *bob;

static int set_up(void **state)
{
    (void)state;
    test_open("orm_keys");
    orm_create_tables(db);
    india = orm_create(Country, orm_all(db, Country), "code='IN', name='India', dial=91");
    germany = orm_create(Country, orm_all(db, Country), "code='DE', name='Germany', dial=49");
    ann = orm_create(Agent, orm_all(db, Agent), "id=?, name='ann'", ANN);
    bob = orm_create(Agent, orm_all(db, Agent), "id=?, name='bob', boss=?", BOB, &ann->row);
    orm_create(City, orm_all(db, City), "name='Pune', country=?", &india->row);
    orm_create(City, orm_all(db, City), "name='Delhi', country_id='IN'");
    orm_create(City, orm_all(db, City), "name='Berlin', country=?", &germany->row);
    orm_create(City, orm_all(db, City), "name='Atlantis'");
    orm_create(Visit, orm_all(db, Visit), "country=?, agent=?", &india->row, &bob->row);
    orm_create(Visit, orm_all(db, Visit), "country_id=49, agent_id='ann'");
    assert_string_equal(orm_errmsg(db), "");
    return 0;
}

static const char *cities(orm_qs *qs)
{
    static char text[200];
    text[0] = '\0';
    orm_each(City, c, orm_chain(qs, order_by("name"))) strcat(strcat(text, c->name), " ");
    return text;
}

static void test_text_keys(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) { /* the kept chains too */
        City *pune = orm_get(City, orm_from(db, City, filter("name=?", "Pune")));
        assert_string_equal(pune->country.id, "IN");
        size_t before = orm_query_count(db);
        assert_string_equal(City_country(pune)->name, "India");
        assert_string_equal(City_country(pune)->name, "India");
        assert_int_equal(orm_query_count(db), before + 1);
        assert_string_equal(cities(Country_cities(india)), "Delhi Pune ");
        assert_null(City_country(orm_get(City, orm_from(db, City, filter("name=?", "Atlantis")))));
    }
    assert_string_equal(cities(orm_from(db, City, filter("country=?", "DE"))), "Berlin ");
    assert_string_equal(cities(orm_from(db, City, filter("country=?", &germany->row))), "Berlin ");
    assert_string_equal(cities(orm_from(db, City, filter("country__name__startswith='I'"))), "Delhi Pune ");
    assert_string_equal(cities(orm_from(db, City, filter("country__in=?", orm_from(db, Country, filter("dial=49"))))),
                        "Berlin ");
    assert_string_equal(cities(orm_from(db, City, exclude("country=?", "IN"))), "Atlantis Berlin ");
    size_t before = orm_query_count(db);
    orm_each(City, c, orm_from(db, City, select_related("country")))
        assert_int_equal(City_country(c) != NULL, strcmp(c->name, "Atlantis") != 0);
    assert_int_equal(orm_query_count(db), before + 1);
    orm_each(Country, c, orm_from(db, Country, prefetch_related("cities")))
        assert_int_equal(orm_len(Country_cities(c)), c->dial == 91 ? 2 : 1);
    assert_int_equal(orm_query_count(db), before + 3);
}

static void test_text_keys_are_written(void **state)
{
    (void)state;
    City *c = orm_get(City, orm_from(db, City, filter("name='Atlantis'")));
    c->country.id = "DE";
    orm_save(&c->row);
    orm_refresh(&c->row);
    assert_string_equal(City_country(c)->name, "Germany");
    orm_set_one(&c->row, "country", &india->row);
    orm_save(&c->row);
    assert_string_equal(cities(Country_cities(india)), "Atlantis Delhi Pune ");
    orm_set_one(&c->row, "country", NULL);
    orm_save(&c->row);
    assert_string_equal(cities(orm_from(db, City, filter("country=None"))), "Atlantis ");
    orm_add(&germany->row, "cities", &(orm_row *){&c->row}, 1);
    assert_string_equal(cities(Country_cities(germany)), "Atlantis Berlin ");
    germany->name = "Deutschland"; /* a key that is set: UPDATE, not INSERT */
    orm_save(&germany->row);
    assert_int_equal(orm_count(orm_all(db, Country)), 2);
    assert_int_equal(orm_delete_row(&india->row), 4); /* two cities, one visit by its dialling code */
    assert_string_equal(cities(orm_all(db, City)), "Atlantis Berlin ");
}

/* Lists that are long enough to travel as one value where the database takes such. */
static void test_long_lists(void **state)
{
    (void)state;
    enum { N = 43, N_MADE = 22 }; /* 49 to 91 */
    static const char *const odd[] = {"a \"quoted\" one", "back\\slash", "{1,2}", "", "NULL", "naïve 日本", "it's, so"};
    const char *names[N], *ids[N];
    int64_t dials[N];
    char name[N][16], id[N][40];
    for (int i = 0; i < N; i++) {
        snprintf(name[i], sizeof name[i], "city %d", i);
        snprintf(id[i], sizeof id[i], "%08d-2222-3333-4444-555555555555", 11111111 + i);
        names[i] = i < 7 ? odd[i] : name[i];
        ids[i] = id[i];
        dials[i] = 49 + i;
        if (i % 2 == 0)
            orm_create(City, orm_all(db, City), "name=?, country_id='DE'", names[i]);
    }
    orm_val texts = orm_texts(names, N);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(orm_count(orm_from(db, City, filter("name__in=?", texts))), N_MADE);
        assert_int_equal(orm_count(orm_from(db, City, exclude("name__in=?", texts))), 4);
        assert_int_equal(orm_count(orm_from(db, Agent, filter("id__in=?", orm_texts(ids, N)))), 1);
        assert_int_equal(orm_count(orm_from(db, Country, filter("dial__in=?", orm_ints(dials, N)))), 2);
        assert_int_equal(orm_count(orm_from(db, City, filter("country__dial__in=?", orm_ints(dials, N)))), N_MADE + 3);
        assert_int_equal(
            orm_count(orm_from(db, Country, filter("dial__in=?, name__startswith=?", orm_ints(dials, N), "I"))), 1);
    }
    dials[3] = INT64_C(1) << 40; /* no value of the column's type: it matches nothing, and is no error */
    assert_int_equal(orm_count(orm_from(db, Country, filter("dial__in=?", orm_ints(dials, N)))), 2);
    assert_int_equal(orm_count(orm_from(db, Country, exclude("dial__in=?", orm_ints(dials, N)))), 0);
    size_t before = orm_query_count(db);
    orm_each(City, c, orm_from(db, City, prefetch_related("country")))
        assert_true(strcmp(c->name, "Atlantis") == 0 || City_country(c));
    assert_int_equal(orm_query_count(db), before + 2);
}

static void test_in_bulk(void **state)
{
    (void)state;
    Country *by_code[3], *by_dial[5];
    Agent *agents[2];
    const char *codes[] = {"DE", "XX", "IN"}, *ids[] = {BOB, "11111111222233334444555555555555"};
    const int64_t dials[] = {91, 7, 49, 91, 7};
    size_t before = orm_query_count(db);
    assert_int_equal(orm_in_bulk(Country, orm_all(db, Country), NULL, orm_texts(codes, 3), by_code), 2);
    assert_string_equal(by_code[0]->name, "Germany");
    assert_null(by_code[1]);
    assert_string_equal(by_code[2]->name, "India");
    assert_int_equal(orm_in_bulk(Country, orm_all(db, Country), "dial", orm_ints(dials, 5), by_dial), 2);
    assert_ptr_equal(by_dial[0], by_dial[3]);
    assert_string_equal(by_dial[2]->code, "DE");
    assert_true(by_dial[0] != NULL && by_dial[1] == NULL && by_dial[4] == NULL);
    assert_int_equal(orm_in_bulk(Agent, orm_all(db, Agent), NULL, orm_texts(ids, 2), agents), 2);
    assert_string_equal(agents[0]->name, "bob");
    assert_string_equal(agents[1]->name, "ann");
    assert_int_equal(orm_query_count(db), before + 3);
    assert_int_equal(orm_in_bulk(Country, orm_all(db, Country), NULL, orm_texts(codes, 0), by_code), 0);
    assert_int_equal(orm_query_count(db), before + 3);
    assert_int_equal(
        orm_in_bulk(Country, orm_from(db, Country, filter("name='India'")), NULL, orm_texts(codes, 3), by_code), 1);
    assert_null(by_code[0]);

    assert_int_equal(orm_in_bulk(City, orm_all(db, Country), NULL, orm_texts(codes, 1), &(City *){NULL}), -1);
    assert_int_equal(orm_status_of(db), ORM_TYPE_ERROR);
    orm_clear(db);

    assert_int_equal(orm_in_bulk(Country, orm_all(db, Country), "dial", orm_v_int(91), by_code), -1); /* no list */
    assert_int_equal(orm_status_of(db), ORM_TYPE_ERROR);
    orm_clear(db);

    static int64_t many[40000]; /* more than a statement takes parameters */
    static Country *found[40000];
    for (int64_t i = 0; i < 40000; i++)
        many[i] = 40000 - i;
    assert_int_equal(orm_in_bulk(Country, orm_all(db, Country), "dial", orm_ints(many, 40000), found), 2);
    assert_int_equal(found[40000 - 91]->dial, 91);
    assert_int_equal(found[40000 - 49]->dial, 49);

    static const struct {
        const char *field, *words;
        orm_status status;
        bool is_sliced;
    } wrong[] = {{"name", "unique", ORM_VALUE_ERROR, false},
                 {"nome", "no field named", ORM_FIELD_ERROR, false},
                 {"dial", "none of field", ORM_VALUE_ERROR, false},
                 {NULL, "limit", ORM_ASSERTION, true}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        orm_qs *qs = wrong[i].is_sliced ? orm_from(db, Country, limit(1)) : orm_all(db, Country);
        assert_int_equal(orm_in_bulk(Country, qs, wrong[i].field, orm_texts(codes, 3), by_code), -1);
        assert_int_equal(orm_status_of(db), wrong[i].status);
        assert_non_null(strstr(orm_errmsg(db), wrong[i].words));
        orm_clear(db);
    }
}

static void test_uuid_keys(void **state)
{
    (void)state;
    Agent *b = orm_get(Agent, orm_from(db, Agent, filter("pk=?", BOB)));
    assert_string_equal(b->boss.id, ANN);
    assert_string_equal(Agent_boss(b)->name, "ann");
    assert_int_equal(orm_count(Agent_crew(ann)), 1);
    assert_int_equal(orm_count(orm_from(db, Agent, filter("boss__name='ann'"))), 1);
    assert_int_equal(orm_count(orm_from(db, Agent, filter("crew__name='bob'"))), 1);
    orm_each(Agent, a, orm_from(db, Agent, prefetch_related("crew", "boss"))) if (a->boss.id)
        assert_string_equal(Agent_boss(a)->id, ANN);
    else assert_int_equal(orm_len(Agent_crew(a)), 1);
    City *c = orm_get(City, orm_from(db, City, filter("name='Pune'")));
    orm_add(&ann->row, "cities", &(orm_row *){&c->row}, 1);
    orm_add(&ann->row, "cities", &(orm_row *){&c->row}, 1);
    assert_string_equal(cities(Agent_cities(ann)), "Pune ");
    assert_int_equal(orm_count(orm_from(db, City, filter("agents=?", &ann->row))), 1);
    orm_delete_row(&ann->row);
    orm_refresh(&bob->row);
    assert_null(bob->boss.id);
}

static void test_to_field(void **state)
{
    (void)state;
    Visit *v = orm_get(Visit, orm_from(db, Visit, filter("country=?", 91)));
    assert_int_equal(v->country.id, 91);
    assert_string_equal(v->agent.id, "bob");
    assert_string_equal(Visit_country(v)->code, "IN");
    assert_string_equal(Visit_agent(v)->id, BOB);
    assert_int_equal(orm_count(orm_from(db, Visit, filter("country=?", &india->row))), 1);
    assert_int_equal(orm_count(orm_from(db, Visit, filter("country__code='DE', agent__name='ann'"))), 1);
    assert_int_equal(
        orm_count(orm_from(db, Visit, filter("country__in=?", orm_from(db, Country, filter("code='IN'"))))), 1);
    assert_int_equal(orm_count(orm_from(db, Visit, filter("country__pk='IN'"))), 1);
    assert_int_equal(orm_count(orm_from(db, Country, filter("visits=?", &v->row))), 1);
    assert_int_equal(orm_count(Country_visits(india)), 1);
    orm_each(Country, c, orm_from(db, Country, prefetch_related("visits__agent"))) orm_each(Visit, x, Country_visits(c))
        assert_string_equal(Visit_agent(x)->name, c->dial == 91 ? "bob" : "ann");
    orm_update(orm_from(db, Visit, filter("country=?", 91)), "country=?", &germany->row);
    assert_int_equal(orm_count(Country_visits(germany)), 2);
    orm_set_one(&v->row, "country", &india->row);
    orm_save(&v->row);
    assert_int_equal(orm_count(Country_visits(india)), 1);
    orm_add(&ann->row, "visits", &(orm_row *){&v->row}, 1);
    assert_int_equal(orm_count(Agent_visits(ann)), 2);
    orm_remove(&ann->row, "visits", &(orm_row *){&v->row}, 1);
    assert_int_equal(orm_count(Agent_visits(ann)), 1);
    orm_delete(orm_from(db, Agent, filter("name='ann'")));
    assert_int_equal(orm_count(orm_from(db, Visit, filter("agent=None"))), 2);
    orm_delete(orm_from(db, Country, filter("code='DE'")));
    assert_int_equal(orm_count(orm_all(db, Visit)), 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, test_close)

int main(int argc, char **argv)
{
    if (!test_choose_database(argc, argv))
        return 1;
    const struct CMUnitTest tests[] = {CASE(test_text_keys), CASE(test_text_keys_are_written),
                                       CASE(test_uuid_keys), CASE(test_long_lists),
                                       CASE(test_in_bulk),   CASE(test_to_field)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
