/* Whose key a column is: references, own keys, composite and typed ones, keys without names; each decides link and mend. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

static int author_of(int i)
{
    return i * 7 % 13 + 1;
}

static const char *const posts = "SELECT id, author_id FROM blog_post ORDER BY id";

static void reverse_one_to_one(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, email FROM users", "", "1,a@x.example;2,b@x.example;3,c@x.example");
    for (int i = 1; i <= 3; i++)
        script_query(s, "show:12 main:4", "SELECT * FROM profiles WHERE profiles.user_id = ? LIMIT ?", fmt("%d,1", i),
                     fmt("%d,%d,bio", 40 - i, i));
    script_expect(s, 1, "n_plus_one proven select_related(profile) users.id->profiles.user_id x3 at show:12");
}

/* Where tables stand in the singular, a name that looks like a plural is the model's. */
static void a_vehicles_papers(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT plate, kind FROM vehicle", "", "AB-123x,van;AB-124x,van;AB-125x,car");
    for (int i = 3; i <= 5; i++)
        script_query(s, "show:12 main:4", "SELECT until FROM papers WHERE vehicle_id = ? LIMIT ?",
                     fmt("AB-12%dx,21", i), fmt("%d", 2030 + i));
    script_expect(s, 1, "n_plus_one proven select_related(papers) vehicle.plate->papers.vehicle_id x3 at show:12");
}

/* Nine rows prove nothing; that the column holds each value once, the program said when it made the table. Where it said the opposite, forty
 * rows prove nothing either, nor where the look-up sorts its rows. */
static void uniqueness_from_the_schema(void **state)
{
    (void)state;
    static const struct {
        const char *made, *order, *finding;
        int rows;
    } cases[] = {
        {"CREATE TABLE card(id INTEGER PRIMARY KEY, user_id INTEGER UNIQUE, no TEXT)", "", "select_related(card)", 9},
        {"INSERT INTO card(user_id, no) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING", "", "select_related(card)", 9},
        {"CREATE TABLE other(id INTEGER PRIMARY KEY)", "", "prefetch_related(card)", 9},
        {"CREATE TABLE other(id INTEGER PRIMARY KEY)", "", "select_related(card)", 30},
        {"CREATE TABLE other(id INTEGER PRIMARY KEY)", " ORDER BY no", "prefetch_related(card)", 30},
        {"CREATE TABLE card(id INTEGER PRIMARY KEY, user_id INTEGER, no TEXT)", "", "prefetch_related(card)", 40},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct script *s = script_new();
        script_query(s, "make:1 main:2", cases[k].made, "", "");
        script_query(s, "list:10 main:3", "SELECT id, name FROM users", "", rows_of(cases[k].rows, author_of));
        for (int i = 1; i <= cases[k].rows; i++)
            script_query(s, "show:12 main:4", fmt("SELECT id, no FROM card WHERE user_id = ?%s", cases[k].order),
                         fmt("%d", i), fmt("%d,n%d", 500 - i, i));
        script_expect(
            s, 1, fmt("n_plus_one proven %s users.id->card.user_id x%d at show:12", cases[k].finding, cases[k].rows));
    }
}

/* A generic relation: one parameter is the same in all look-ups, and a single row gave it. */
static void constant_beside_the_key(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, title FROM shop_gadget", "",
                 "a1b2c3d4e5f60718,x;b1b2c3d4e5f60718,y;c1b2c3d4e5f60718,z;d1b2c3d4e5f60718,v;e1b2c3d4e5f60718,w");
    script_query(s, "show:12 main:4", "SELECT id, model FROM content_type WHERE model = ?", "gadget", "7,gadget");
    for (char c = 'a'; c <= 'e'; c++)
        script_query(s, "show:13 main:4", "SELECT id, text FROM shop_note WHERE content_type_id = ? AND object_id = ?",
                     fmt("7,%c1b2c3d4e5f60718", c), fmt("%d,p;%d,q", c, c + 20));
    script_expect(s, 1, "n_plus_one proven prefetch_related(note) shop_gadget.id->shop_note.object_id x5 at show:13");
}

/* Django's get() by a primary key with a name of its own: the LIMIT is a guard, not the first of many. */
static void key_of_any_name(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, maker_id FROM shop_gadget", "",
                 "1,V-003x;2,V-001x;3,V-004x;4,V-002x");
    static const char *const codes[] = {"V-003x", "V-001x", "V-004x", "V-002x"};
    for (int i = 0; i < 4; i++)
        script_query(s, "show:12 main:4", "SELECT code, city FROM shop_vendor WHERE code = ? LIMIT 21", codes[i],
                     fmt("%s,c%d", codes[i], i));
    script_expect(s, 1, "n_plus_one proven select_related(maker) shop_gadget.maker_id->shop_vendor.code x4 at show:12");
}

/* Every parent has one child in this run; the query would take more of them. */
static void one_child_by_chance(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(20, author_of));
    for (int i = 1; i <= 20; i++)
        script_query(s, "show:12 main:4", "SELECT id, post_id, body FROM blog_comment WHERE post_id = ?", fmt("%d", i),
                     fmt("%d,%d,x", 100 + i, i));
    script_expect(s, 1,
                  "n_plus_one proven prefetch_related(comment) blog_post.id->blog_comment.post_id x20 at show:12");
}

/* The row that the list already visits, by a key of two columns. */
static void own_row_by_a_composite_key(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const char *const houses[] = {"north", "north", "south", "south", "west"};
    script_query(s, "list:10 main:3", "SELECT warehouse, sku FROM stock WHERE qty > 10", "",
                 "north,sku-311;north,sku-725;south,sku-311;south,sku-902;west,sku-725");
    static const char *const skus[] = {"sku-311", "sku-725", "sku-311", "sku-902", "sku-725"};
    for (int i = 0; i < 5; i++)
        script_query(s, "show:12 main:4", "SELECT qty FROM stock WHERE warehouse = ? AND sku = ?",
                     fmt("%s,%s", houses[i], skus[i]), fmt("%d", 11 + i));
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].suggestion.action, N1_ACTION_LOAD_COLUMNS);
    n1_report_free(r);
}

/* The row tells which table it points to: no join can follow. */
static void reference_with_a_type(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, target_type, target_id FROM note", "",
                 "1,Gadget,4007;2,Gadget,4003;3,Gadget,4009;4,Gadget,4001");
    static const int targets[] = {4007, 4003, 4009, 4001};
    for (int i = 0; i < 4; i++)
        script_query(s, "show:12 main:4", "SELECT id, title FROM gadget WHERE id = ? LIMIT 21", fmt("%d", targets[i]),
                     fmt("%d,g", targets[i]));
    script_expect(s, 1, "n_plus_one proven in_bulk() note.target_id->gadget.id x4 at show:12");
}

static void uuid_keys_without_names(void **state)
{
    (void)state;
    struct script *s = script_new();
    GString *rows = g_string_new(NULL);
    for (int i = 1; i <= 5; i++)
        g_string_append_printf(rows, "%s%08x-0000-4000-8000-00000000000%d,x", i > 1 ? ";" : "", i * 7919, i);
    script_query(s, "list:10 main:3", "SELECT handle, x FROM thing", "", rows->str);
    for (int i = 5; i >= 1; i--) /* the other way round: order is no proof here, the values are */
        script_query(s, "show:12 main:4", "SELECT v FROM stuff WHERE owner = ?",
                     fmt("%08X-0000-4000-8000-00000000000%d", i * 7919, i), "1;2");
    g_string_free(rows, TRUE);
    script_expect(s, 1, "n_plus_one proven prefetch_related(stuff) thing.handle->stuff.owner x5 at show:12");
}

static void relation_named_by_a_mark(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(3, author_of));
    for (int i = 1; i <= 3; i++) {
        script_mark(s, N1_SCOPE_RELATION, "writer");
        script_query(s, "show:12 main:4", "SELECT id, name FROM blog_author WHERE id = ?", fmt("%d", author_of(i)),
                     fmt("%d,Name", author_of(i)));
    }
    script_expect(s, 1, "n_plus_one proven select_related(writer) blog_post.author_id->blog_author.id x3 at show:12");
}

static void composite_key(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT order_id, line_no, sku FROM order_line", "",
                 "71,1,a;71,2,b;72,1,c;73,1,d;73,2,e");
    static const int line[5][2] = {{71, 1}, {71, 2}, {72, 1}, {73, 1}, {73, 2}};
    for (int i = 0; i < 5; i++)
        script_query(s, "show:12 main:4", "SELECT carrier, day FROM shipment WHERE order_id = ? AND line_no = ?",
                     fmt("%d,%d", line[i][0], line[i][1]), "ups,x");
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].kind, N1_KIND_N_PLUS_ONE);
    assert_string_equal(r->finding[0].link.parent_table, "order_line");
    n1_report_free(r);
}

/* The columns have the same names on both sides, and neither is called a key. Of the values alone each has few. */
static void reference_of_two_columns(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const char *const seats[] = {"TX,1", "MN,2", "OH,3", "TX,4", "MN,5", "TX,1", "OH,3", "MN,2"};
    GString *rows = g_string_new(NULL);
    for (int i = 0; i < 8; i++)
        g_string_append_printf(rows, "%s%d,%s", i > 0 ? ";" : "", 40 + i, seats[i]);
    script_query(s, "list:10 main:3", "SELECT id, state, number FROM candidate", "", rows->str);
    for (int i = 0; i < 8; i++)
        script_query(s, "show:12 main:4", "SELECT name FROM district WHERE state = ? AND number = ?", seats[i], "d");
    g_string_free(rows, TRUE);
    struct n1_report *r = script_report(s);
    assert_int_equal(r->n_findings, 1);
    assert_int_equal(r->finding[0].suggestion.action, N1_ACTION_SELECT_RELATED);
    assert_string_equal(r->finding[0].suggestion.argument, "district");
    assert_non_null(strstr(r->finding[0].suggestion.sql, "district.number = candidate.number"));
    n1_report_free(r);
}

/* A few rows, each with one row by a key back to it: one to one where the library's call says so. */
static void one_row_by_the_library_s_word(void **state)
{
    (void)state;
    static const struct {
        const char *stack, *advice;
    } cases[] = {
        {"!DBIx::Class::ResultSet::single:1101 show:12 main:4", "select_related(permit)"},
        {"!DBIx::Class::ResultSet::next:1101 show:12 main:4", "prefetch_related(permit)"},
        {"show:12 !DBIx::Class::ResultSet::single:1101 main:4", "prefetch_related(permit)"},
    };
    for (size_t k = 0; k < G_N_ELEMENTS(cases); k++) {
        struct script *s = script_new();
        script_query(s, "list:10 main:3", "SELECT id, name FROM grower", "", "71,a;72,b;73,c;74,d");
        for (int i = 71; i <= 74; i++)
            script_query(s, cases[k].stack, "SELECT id, grower_id, number FROM permit WHERE grower_id = ?",
                         fmt("%d", i), i == 73 ? "" : fmt("%d,%d,x", i + 300, i));
        script_expect(s, 1, fmt("n_plus_one proven %s grower.id->permit.grower_id x4 at show:12", cases[k].advice));
    }
}

/* Every boss is an author too: the id fits now and then, the reference always does. */
static void table_that_refers_to_itself(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, name, boss_id FROM author", "",
                 "2,B,1;3,C,1;4,D,2;5,E,2;6,F,3;7,G,3;8,H,4;9,I,4");
    for (int i = 2; i <= 9; i++)
        script_query(s, "show:12 main:4", "SELECT name FROM author WHERE id = ?", fmt("%d", i / 2), "N");
    script_expect(s, 1, "n_plus_one proven select_related(boss) author.boss_id->author.id x8 at show:12");
}

/* Nothing in its name says that `mother` is a reference, and every mother is in the list: in no order, or the first half of it,
 * each twice. */
static void reference_to_itself_by_its_order(void **state)
{
    (void)state;
    enum { COUNT = 14 };
    for (int is_half = 0; is_half < 2; is_half++) {
        int mother[COUNT];
        struct script *s = script_new();
        GString *rows = g_string_new(NULL);
        for (int i = 0; i < COUNT; i++) {
            mother[i] = 201 + (is_half ? i / 2 : i * 5 % COUNT);
            g_string_append_printf(rows, "%s%d,x,%d", i > 0 ? ";" : "", 201 + i, mother[i]);
        }
        script_query(s, "list:10 main:3", "SELECT id, name, mother FROM animal", "", rows->str);
        for (int i = 0; i < COUNT; i++)
            script_query(s, "show:12 main:4", "SELECT born FROM animal WHERE id = ?", fmt("%d", mother[i]), "d");
        g_string_free(rows, TRUE);
        script_expect(s, 1, "n_plus_one proven select_related(mother) animal.mother->animal.id x14 at show:12");
    }
}

/* A post has one tag in this run; the query beside the link would take more of them. */
static void link_in_a_nested_query(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", posts, "", rows_of(30, author_of));
    for (int i = 1; i <= 30; i++)
        script_query(s, "show:12 main:4",
                     "SELECT word FROM tag WHERE id IN (SELECT tag_id FROM post_tag WHERE post_id = ?)", fmt("%d", i),
                     fmt("w%d", i));
    script_expect(s, 1, "n_plus_one proven prefetch_related(tag) blog_post.id->post_tag.post_id x30 at show:12");
}

/* A prefetch whose rows share the key with what is filtered again: the parent is the parents' query, not the prefetch. */
static void siblings_are_no_parents(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT id, title FROM book", "", "1,a;2,b;3,c;4,d;5,e;6,f");
    script_query(s, "list:10 main:3", "SELECT id, book_id, stars FROM review WHERE book_id IN (?, ?, ?, ?, ?, ?)",
                 "1,2,3,4,5,6", "11,1,5;12,2,5;13,3,5;14,4,5;15,5,5;16,6,5");
    for (int i = 1; i <= 6; i++)
        script_query(s, "show:12 main:4", "SELECT id, book_id FROM review WHERE book_id = ? AND stars > ?",
                     fmt("%d,3", i), fmt("%d,%d", 10 + i, i));
    script_expect(s, 1, "n_plus_one proven prefetch_related(review) book.id->review.book_id x6 at show:12");
}

/* A list on connection 1, its look-ups on connection 2: only one database can be joined. */
static void two_connections(void **state)
{
    (void)state;
    static const struct {
        enum n1_dialect dialect;
        const char *list, *look_up, *expected;
    } cases[] = {
        {N1_DIALECT_SQLITE, "/srv/shop.db", "/srv/shop.db", "select_related(author)"},
        {N1_DIALECT_SQLITE, "/srv/shop.db", "file:///srv/../srv/shop.db?mode=ro", "select_related(author)"},
        {N1_DIALECT_SQLITE, "/srv/shop.db", "/srv/people.db", "in_bulk()"},
        {N1_DIALECT_SQLITE, ":memory:", ":memory:", "in_bulk()"},
        {N1_DIALECT_SQLITE, "file::memory:?cache=shared", "file::memory:?cache=shared", "select_related(author)"},
        {N1_DIALECT_POSTGRES, "shop", "shop", "select_related(author)"},
        {N1_DIALECT_POSTGRES, "shop", "people", "in_bulk()"},
        {N1_DIALECT_POSTGRES, "shop", NULL, "select_related(author)"},
    };
    for (size_t k = 0; k < G_N_ELEMENTS(cases); k++) {
        struct script *s = script_new();
        s->dialect = cases[k].dialect;
        s->database[0] = cases[k].list;
        s->database[1] = cases[k].look_up;
        s->connection = 1;
        script_query(s, "list:10 main:3", "SELECT id, author_id FROM post", "", "1,5;2,6;3,2;4,9");
        s->connection = 2;
        static const int ids[] = {5, 6, 2, 9};
        const char *mark = cases[k].dialect == N1_DIALECT_POSTGRES ? "$1" : "?";
        for (int i = 0; i < 4; i++)
            script_query(s, "show:12 main:4", fmt("SELECT id, name FROM author WHERE id = %s", mark), fmt("%d", ids[i]),
                         fmt("%d,N", ids[i]));
        script_expect(s, 1, fmt("n_plus_one proven %s post.author_id->author.id x4 at show:12", cases[k].expected));
    }
}

/* WHERE contact_id = ? AND user_id = ?, for each contact of each user: the contacts drive it, not the users. */
static void second_condition(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "main:1", "SELECT user_id FROM users", "", "101;102;103;104");
    for (int user = 101; user <= 104; user++) {
        int first = 900 + 10 * user;
        script_query(s, "list:2 main:3", "SELECT contact_id, name FROM contacts WHERE user_id = ?", fmt("%d", user),
                     fmt("%d,n;%d,n;%d,n;%d,n;%d,n", first, first + 3, first + 1, first + 4, first + 2));
        static const int step[] = {0, 3, 1, 4, 2};
        for (int i = 0; i < 5; i++)
            script_query(s, "show:4 main:5", "SELECT vcard FROM contacts WHERE contact_id = ? AND user_id = ?",
                         fmt("%d,%d", first + step[i], user), "card");
    }
    script_expect(s, 2, "n_plus_one proven load_columns() contacts.contact_id->contacts.contact_id x20 at show:4",
                  "n_plus_one proven prefetch_related(contacts) users.user_id->contacts.user_id x4 at list:2");
}

/* No name speaks for attending → badge. That several rows share a value which gives one row each time does. */
static void key_that_no_name_tells(void **state)
{
    (void)state;
    struct script *s = script_new();
    GString *rows = g_string_new(NULL);
    for (int i = 0; i < 16; i++)
        g_string_append_printf(rows, "%s%d,MDX-%d", i > 0 ? ";" : "", 400 + i, 100 + i * 5 % 6);
    script_query(s, "list:10 main:3", "SELECT id, attending FROM admissions", "", rows->str);
    for (int i = 0; i < 16; i++)
        script_query(s, "show:12 main:4", "SELECT full_name FROM staff WHERE badge = ?", fmt("MDX-%d", 100 + i * 5 % 6),
                     "Asha");
    g_string_free(rows, TRUE);
    script_expect(s, 1, "n_plus_one proven select_related(attending) admissions.attending->staff.badge x16 at show:12");
}

/* The parent's key is called plate, and no name tells that it is one: the child's column leads back all the same. */
static void back_to_a_key_of_any_name(void **state)
{
    (void)state;
    struct script *s = script_new();
    GString *rows = g_string_new(NULL);
    for (int i = 0; i < 15; i++)
        g_string_append_printf(rows, "%sXYZ-%d", i > 0 ? ";" : "", 10 + i * 13 % 97);
    script_query(s, "list:10 main:3", "SELECT plate FROM rent_vehicle", "", rows->str);
    for (int i = 0; i < 15; i++)
        script_query(s, "show:12 main:4", "SELECT id, until FROM rent_permit WHERE vehicle_id = ? LIMIT 21",
                     fmt("XYZ-%d", 10 + i * 13 % 97), fmt("%d,2027", i + 1));
    g_string_free(rows, TRUE);
    script_expect(s, 1,
                  "n_plus_one proven select_related(permit) rent_vehicle.plate->rent_permit.vehicle_id x15 at show:12");
}

/* The pet's column says "owner" in another language than the owners' key, and four pets have two owners: several rows, fetched one by
 * one, hold one same value, which gives one row each time. */
static void reference_of_rows_that_came_singly(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "visits:10 main:3", "SELECT id, tier_id FROM behandlung ORDER BY id", "", "1,41;2,44;3,42;4,43");
    static const int pets[] = {41, 44, 42, 43};
    static const char *const owners[] = {"K4007x", "K4014x"};
    for (int i = 0; i < 4; i++) {
        script_query(s, "sheet:12 main:4", "SELECT rufname, besitzer FROM tier WHERE tier_id = ?", fmt("%d", pets[i]),
                     fmt("r%d,%s", i, owners[i % 2]));
        script_query(s, "sheet:13 main:4", "SELECT name, ort FROM tierhalter WHERE halter_nr = ?", owners[i % 2],
                     fmt("n%d,o", i % 2));
    }
    script_expect(s, 2, "n_plus_one proven select_related(tier) behandlung.tier_id->tier.tier_id x4 at sheet:12",
                  "n_plus_one proven select_related(besitzer) tier.besitzer->tierhalter.halter_nr x4 at sheet:13");
}

/* A deferred column, asked for by a key that looks like a reference: each row holds a number of its own, and each gave one row. */
static void own_row_by_its_number(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT inv_no, title FROM artwork ORDER BY title", "",
                 "INV-337,a;INV-004,b;INV-911,c;INV-120,d");
    static const char *const numbers[] = {"INV-337", "INV-004", "INV-911", "INV-120"};
    for (int i = 0; i < 4; i++)
        script_query(s, "show:12 main:4", "SELECT inv_no, report FROM artwork WHERE inv_no = ? LIMIT 21", numbers[i],
                     fmt("%s,good", numbers[i]));
    script_expect(s, 1, "n_plus_one proven load_columns() artwork.inv_no->artwork.inv_no x4 at show:12");
}

/* The fastest of each leg: both columns of its key are the leg's, one of them looks like a reference, and each look-up gave one row. */
static void first_of_several(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "list:10 main:3", "SELECT race_code, leg_no FROM leg ORDER BY race_code, leg_no", "",
                 "OSL-2024,7101;OSL-2024,7102;BER-2024,7101;BER-2024,7102");
    static const char *const keys[] = {"OSL-2024,7101", "OSL-2024,7102", "BER-2024,7101", "BER-2024,7102"};
    for (int i = 0; i < 4; i++)
        script_query(s, "best:12 main:4",
                     "SELECT bib FROM split WHERE race_code = ? AND leg_no = ? ORDER BY secs LIMIT 1", keys[i],
                     fmt("%d", 2200 + i));
    script_expect(s, 1, "n_plus_one proven prefetch_related(split) leg.race_code->split.race_code x4 at best:12");
}

/* ---- one column, several tables ---------------------------------------------------------------------------------------- */

static const char *note(int i)
{
    return fmt("%d,%s,%d", i, i % 5 < 2 ? "person" : "project", i * 7 % 13 + 1);
}

/* about says whose key about_id is: no join fits all rows. Two caches, each asked for the same few keys, are two references. */
static void one_column_of_two_tables(void **state)
{
    (void)state;
    for (int is_cached = 0; is_cached < 2; is_cached++) {
        struct script *s = script_new();
        GString *rows = g_string_new(NULL);
        for (int i = 1; i <= 26; i++)
            g_string_append_printf(rows, "%s%s", i > 1 ? ";" : "", note(i));
        script_query(s, "list:10 main:3", "SELECT id, about, about_id FROM note", "", rows->str);
        g_string_free(rows, TRUE);
        for (int i = 1; i <= (is_cached ? 13 : 26); i++) {
            const char *key = fmt("%d", i * 7 % 13 + 1);
            if (is_cached || i % 5 < 2)
                script_query(s, "person:12 main:4", "SELECT name FROM person WHERE id = ?", key, "Name");
            if (is_cached || i % 5 >= 2)
                script_query(s, "project:15 main:5", "SELECT title FROM project WHERE id = ?", key, "Title");
        }
        if (is_cached)
            script_expect(s, 2, "n_plus_one proven select_related(about) note.about_id->person.id x13 at person:12",
                          "n_plus_one proven select_related(about) note.about_id->project.id x13 at project:15");
        else
            script_expect(s, 2, "n_plus_one proven in_bulk() note.about_id->person.id x11 at person:12",
                          "n_plus_one proven in_bulk() note.about_id->project.id x15 at project:15");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reverse_one_to_one),
        cmocka_unit_test(uniqueness_from_the_schema),
        cmocka_unit_test(a_vehicles_papers),
        cmocka_unit_test(constant_beside_the_key),
        cmocka_unit_test(key_of_any_name),
        cmocka_unit_test(one_child_by_chance),
        cmocka_unit_test(own_row_by_a_composite_key),
        cmocka_unit_test(reference_with_a_type),
        cmocka_unit_test(uuid_keys_without_names),
        cmocka_unit_test(relation_named_by_a_mark),
        cmocka_unit_test(composite_key),
        cmocka_unit_test(reference_of_two_columns),
        cmocka_unit_test(one_row_by_the_library_s_word),
        cmocka_unit_test(table_that_refers_to_itself),
        cmocka_unit_test(reference_to_itself_by_its_order),
        cmocka_unit_test(link_in_a_nested_query),
        cmocka_unit_test(siblings_are_no_parents),
        cmocka_unit_test(two_connections),
        cmocka_unit_test(second_condition),
        cmocka_unit_test(key_that_no_name_tells),
        cmocka_unit_test(back_to_a_key_of_any_name),
        cmocka_unit_test(reference_of_rows_that_came_singly),
        cmocka_unit_test(own_row_by_its_number),
        cmocka_unit_test(first_of_several),
        cmocka_unit_test(one_column_of_two_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
