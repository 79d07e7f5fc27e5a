/* Small integers stand in every table: which column a key came from when many hold it, and what is served from a cache. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/analyzer_script.h"

/* Rows 1 … n of a table, each "id,f(id)…" in as many columns as the format has. */
static char *rows(int n, const char *(*row)(int i))
{
    GString *all = g_string_new(NULL);
    for (int i = 1; i <= n; i++)
        g_string_append_printf(all, "%s%s", i > 1 ? ";" : "", row(i));
    return g_string_free(all, FALSE);
}

static void list(struct script *s, const char *stack, const char *sql, int n, const char *(*row)(int i))
{
    char *all = rows(n, row);
    script_query(s, stack, sql, "", all);
    g_free(all);
}

static const char *id_alone(int i)
{
    return fmt("%d", i);
}

static const char *id_and_title(int i)
{
    return fmt("%d,Title %d", i, i);
}

/* ---- what a cache leaves over ------------------------------------------------------------------------------------------ */

/* Each post has two tags; a tag's name is asked for once. Most lists then ask for one tag, or for none. */
static void cached_below_each_list(void **state)
{
    (void)state;
    struct script *s = script_new();
    bool is_known[13] = {false};
    int asked = 0;
    list(s, "newest:10 main:3", "SELECT id, title FROM post ORDER BY id", 20, id_and_title);
    for (int i = 1; i <= 20; i++) {
        const int tags[] = {i * 5 % 12 + 1, (i * 5 + 3) % 12 + 1};
        script_query(s, "links:12 main:4", "SELECT tag_id FROM post_tag WHERE post_id = ?", fmt("%d", i),
                     fmt("%d;%d", tags[0], tags[1]));
        for (int k = 0; k < 2; k++) {
            if (is_known[tags[k]])
                continue;
            is_known[tags[k]] = true;
            asked++;
            script_query(s, "name:14 main:5", "SELECT name FROM tag WHERE id = ?", fmt("%d", tags[k]),
                         fmt("tag%d", tags[k]));
        }
    }
    assert_int_equal(asked, 12);
    script_expect(s, 2, "n_plus_one proven prefetch_related(post_tag) post.id->post_tag.post_id x20 at links:12",
                  "n_plus_one proven select_related(tag) post_tag.tag_id->tag.id x12 at name:14");
}

/* One look-up below each of a loop's lists is a loop. Below lists of pages that somebody opened it is not. */
static void first_row_of_each_list(void **state)
{
    (void)state;
    for (int is_opened = 0; is_opened < 2; is_opened++) {
        struct script *s = script_new();
        static const int opened[] = {17, 4, 11};
        list(s, "newest:10 main:3", "SELECT id, title FROM post ORDER BY id", 20, id_and_title);
        for (int k = 1; k <= (is_opened ? 3 : 20); k++) {
            int i = is_opened ? opened[k - 1] : k, author = i * 7 % 20 + 1;
            script_query(s, "comments:12 page:4 main:4", "SELECT id, author_id FROM comment WHERE post_id = ?",
                         fmt("%d", i), fmt("%d,%d;%d,%d", 100 + 2 * i, author, 101 + 2 * i, author % 20 + 1));
            script_query(s, "first:14 page:5 main:4", "SELECT name FROM author WHERE id = ?", fmt("%d", author), "N");
        }
        if (is_opened)
            script_expect(s, 0);
        else
            script_expect(s, 2,
                          "n_plus_one proven prefetch_related(comment) post.id->comment.post_id x20 at comments:12",
                          "n_plus_one proven select_related(author) comment.author_id->author.id x20 at first:14");
    }
}

/* address → its one role's number → the role, which an identity map keeps: four of forty are asked for. */
static const char *address_row(int i)
{
    return fmt("%d,%d,Street %d", i, i * 3 % 40 + 1, i);
}

static void second_level_kept_in_a_map(void **state)
{
    (void)state;
    struct script *s = script_new();
    list(s, "all:10 main:3", "SELECT id, person_id, street FROM address", 40, address_row);
    for (int i = 1; i <= 40; i++) {
        script_query(s, "person:11 main:4", "SELECT name FROM person WHERE person.id = ?", fmt("%d", i * 3 % 40 + 1),
                     "Asha");
        script_query(s, "roles:12 main:5", "SELECT role_id FROM address_role WHERE address_id = ?", fmt("%d", i),
                     fmt("%d", i % 4 + 1));
        if (i <= 4)
            script_query(s, "role:13 main:5", "SELECT name FROM role WHERE role.id = ?", fmt("%d", i % 4 + 1), "R");
    }
    script_expect(
        s, 3, "n_plus_one proven select_related(person) address.person_id->person.id x40 at person:11",
        "n_plus_one proven prefetch_related(address_role) address.id->address_role.address_id x40 at roles:12",
        "n_plus_one proven select_related(role) address_role.role_id->role.id x4 at role:13");
}

/* ---- numbers that meet -------------------------------------------------------------------------------------------------- */

/* The first publisher's book is the first writer's: that number is no echo of what was asked. */
static void same_number_as_the_key(void **state)
{
    (void)state;
    for (int n = 2; n <= 6; n += 4) {
        struct script *s = script_new();
        list(s, "publishers:10 main:3", "SELECT id, name FROM publisher", n, id_and_title);
        for (int i = 1; i <= n; i++) {
            script_query(s, "books:12 main:4", "SELECT id, writer_id, publisher_id FROM book WHERE publisher_id = ?",
                         fmt("%d", i), fmt("%d,%d,%d", 30 + i, i, i));
            script_query(s, "writer:14 main:4", "SELECT name FROM writer WHERE id = ?", fmt("%d", i), "N");
        }
        script_expect(
            s, 2, fmt("n_plus_one proven prefetch_related(book) publisher.id->book.publisher_id x%d at books:12", n),
            fmt("n_plus_one proven select_related(writer) book.writer_id->writer.id x%d at writer:14", n));
    }
}

/* A row's column that was left out, where another number of the row is the same; and a row that the row refers to. */
static void own_row_or_another(void **state)
{
    (void)state;
    struct script *s = script_new();
    script_query(s, "books:10 main:3", "SELECT id, title, publisher_id FROM book", "", "1,A,1;2,B,2");
    for (int i = 1; i <= 2; i++)
        script_query(s, "blurb:12 main:4", "SELECT id, blurb FROM book WHERE id = ?", fmt("%d", i), fmt("%d,x", i));
    script_expect(s, 1, "n_plus_one proven load_columns() book.id->book.id x2 at blurb:12");

    s = script_new();
    script_query(s, "all:10 main:3", "SELECT id, name, boss_id FROM employee", "", "1,A,3;2,B,3;3,C,4;4,D,-");
    for (int i = 0; i < 3; i++)
        script_query(s, "boss:12 main:4", "SELECT id, name FROM employee WHERE id = ?", i < 2 ? "3" : "4", "3,C");
    script_expect(s, 1, "n_plus_one proven select_related(boss) employee.boss_id->employee.id x3 at boss:12");
}

static const char *order_line(int i)
{
    return fmt("%d,%d,%d,%d,%d,%d", i, i, i * 7 % 13 + 1, i % 4 + 1, i * 5 % 9 + 1, i % 3 + 1);
}

/* Three tables with ids 1 … 20 were listed before; all columns of the driving rows are small numbers. */
static void many_small_columns(void **state)
{
    (void)state;
    for (int order = 0; order < 3; order++) {
        struct script *s = script_new();
        list(s, "accounts:7 main:1", "SELECT id FROM account ORDER BY id", 20, id_alone);
        list(s, "jobs:8 main:2", "SELECT id, payload FROM job", 20, id_and_title);
        list(s, "products:9 main:2", "SELECT id, title FROM product_group", 20, id_and_title);
        list(s, "lines:10 main:3",
             "SELECT id, position, product_id, quantity, shelf_id, region_no FROM order_line ORDER BY id", 20,
             order_line);
        for (int k = 1; k <= 20; k++) {
            int i = order == 0 ? k : order == 1 ? k * 7 % 20 + 1 : 21 - k; /* as listed, permuted, backwards */
            script_query(s, "show:12 main:4", "SELECT name FROM product WHERE id = ?", fmt("%d", i * 7 % 13 + 1), "N");
            script_query(s, "notes:14 main:5", "SELECT note FROM remark WHERE line_id = ?", fmt("%d", i), "x;y");
        }
        script_expect(s, 2,
                      "n_plus_one proven select_related(product) order_line.product_id->product.id x20 at show:12",
                      "n_plus_one proven prefetch_related(remark) order_line.id->remark.line_id x20 at notes:14");
    }
}

/* An id list drives the loop; ever more lists with the same small numbers come between, and a reference holds most of them. */
static void behind_newer_lists(void **state)
{
    (void)state;
    struct script *s = script_new();
    list(s, "search:10 main:3", "SELECT id FROM sale", 40, id_alone);
    for (int i = 1; i <= 40; i++) {
        script_query(s, "sale:12 main:4", "SELECT id, note FROM sale WHERE id = ?", fmt("%d", i), fmt("%d,x", i));
        for (int k = 0; k < 3; k++)
            script_query(s, fmt("other:%d main:5", 20 + k), fmt("SELECT sale, number FROM part_%d WHERE day > ?", k),
                         fmt("%d", 1000 + i),
                         "9,1;9,2;9,3;8,4;8,5;7,6;7,7;7,8;7,9;5,10;6,11;1,12;1,13;1,14;1,15;1,16;1,17;1,18");
    }
    script_expect(s, 1, "n_plus_one proven load_columns() sale.id->sale.id x40 at sale:12");
}

/* Numbers of a file, of a counter, of a draw: that they are some table's ids, too, proves nothing. */
static void numbers_from_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *list, *child;
        bool is_loop; /* ten different ones */
        int count;
        int number[14];
    } cases[] = {
        {"SELECT id, position, author_id, quantity, shelf_id, region_no FROM order_line",
         "SELECT name FROM warehouse WHERE id = ?",
         true,
         14,
         {3, 9, 4, 4, 12, 1, 7, 2, 9, 5, 11, 6, 13, 8}},
        {"SELECT id, position, author_id, quantity, shelf_id, region_no FROM order_line",
         "SELECT name FROM warehouse WHERE id = ?",
         true,
         14,
         {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}},
        {"SELECT id, position, author_id, quantity, shelf_id, region_no FROM order_line",
         "SELECT name FROM warehouse WHERE id = ?",
         false,
         12,
         {3, 1, 2, 2, 3, 1, 4, 3, 2, 1, 4, 3}},
        {"SELECT id, position, author_id, quantity, shelf_id, region_no FROM order_line",
         "SELECT name FROM seat WHERE position = ?",
         true,
         14,
         {3, 9, 4, 4, 12, 1, 7, 2, 9, 5, 11, 6, 13, 8}},
        {"SELECT id, position, author_id, quantity, shelf_id, region_no FROM order_line",
         "SELECT name FROM discount WHERE quantity = ?",
         true,
         14,
         {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}},
    };
    for (size_t k = 0; k < G_N_ELEMENTS(cases); k++) {
        struct script *s = script_new();
        list(s, "lines:10 main:3", cases[k].list, 20, order_line);
        for (int i = 0; i < cases[k].count; i++)
            script_query(s, "draw:12 main:4", cases[k].child, fmt("%d", cases[k].number[i]), "N");
        if (cases[k].is_loop)
            script_expect(s, 1, fmt("query_loop likely in_bulk() x%d at draw:12", cases[k].count));
        else
            script_expect(s, 0);
    }
}

/* ---- a row's own key, and a column beside it with the same values ------------------------------------------------------- */

static const char *id_twice(int i)
{
    return fmt("%d,%d,Title", 1000 + 7 * i, 1000 + 7 * i);
}

/* Request Tracker: a ticket's EffectiveId is its id until it is merged; what hangs on it is looked up by its id. */
static void a_key_and_its_copy(void **state)
{
    (void)state;
    struct script *s = script_new();
    list(s, "search:10 main:3", "SELECT id, effective, title FROM tickets", 12, id_twice);
    for (int i = 1; i <= 12; i++)
        script_query(s, "group:12 main:4", "SELECT name FROM groups WHERE instance = ?", fmt("%d", 1000 + 7 * i), "n");
    script_expect(s, 1, "n_plus_one proven prefetch_related(groups) tickets.id->groups.instance x12 at group:12");
}

static const char *event(int i)
{
    return fmt("%d,Event", 500 + 3 * i);
}

static const char *photo(int i)
{
    return fmt("%d,%d", 9000 + i, 500 + 3 * ((i + 1) / 2));
}

/* shotwell: events, then photos with their events; for each event its photos and its videos. */
static void a_key_and_those_who_refer_to_it(void **state)
{
    (void)state;
    struct script *s = script_new();
    list(s, "events:10 main:3", "SELECT id, name FROM event", 6, event);
    list(s, "photos:11 main:4", "SELECT id, event_id FROM photo", 12, photo);
    for (int i = 1; i <= 6; i++) {
        script_query(s, "of:12 init:5 main:6", "SELECT id FROM photo WHERE event_id = ?", fmt("%d", 500 + 3 * i),
                     fmt("%d;%d", 8999 + 2 * i, 9000 + 2 * i));
        script_query(s, "of:13 init:5 main:6", "SELECT id FROM video WHERE event_id = ?", fmt("%d", 500 + 3 * i), "");
    }
    script_expect(s, 2, "n_plus_one proven prefetch_related(photo) event.id->photo.event_id x6 at of:12",
                  "n_plus_one proven prefetch_related(video) event.id->video.event_id x6 at of:13");
}

/* Where one leg of a voyage ends, the next one begins: both columns hold nearly all ports, and both in order. */
static const char *leg(int i)
{
    const int voyage = (i - 1) / 3, from = (voyage + (i - 1) % 3 + 1) % 6;
    return fmt("V%d,%d,PORT%d,PORT%d", voyage, (i - 1) % 3 + 1, from, (from + 1) % 6);
}

static void the_neighbour_a_row_on(void **state)
{
    (void)state;
    enum { FIRST_HALF = 2, ALL = 1 };
    for (int part = ALL; part <= FIRST_HALF; part++) {
        struct script *s = script_new();
        list(s, "legs:10 main:3", "SELECT voyage_no, seq, from_port, to_port FROM legs", 15, leg);
        int asked = 0;
        for (int i = 1; i <= 15; i += part, asked++)
            script_query(s, "port:12 main:4", "SELECT label FROM ports WHERE code = ?",
                         fmt("PORT%d", ((i - 1) / 3 + (i - 1) % 3 + 2) % 6), "Rotterdam");
        script_expect(s, 1,
                      fmt("n_plus_one proven select_related(to_port) legs.to_port->ports.code x%d at port:12", asked));
    }
}

/* Rides from stop to stop around a ring: both columns hold all stops, one a step ahead. Asked are those of either, of each row or of each stop
 * once, as a cache asks. */
static void stops_of_a_ring(void **state)
{
    (void)state;
    static const struct {
        int rides, stops, step;
        bool is_cached;
    } cases[] = {{12, 12, 1, false}, {30, 12, 1, false}, {30, 12, 1, true}, {12, 12, 1, true},  {40, 9, 1, true},
                 {40, 9, 2, true},   {40, 9, 1, false},  {8, 8, 1, false},  {36, 12, 5, false}, {36, 12, 5, true}};
    for (size_t k = 0; k < 2 * sizeof cases / sizeof *cases; k++) {
        const int rides = cases[k / 2].rides, stops = cases[k / 2].stops, ahead = k % 2 ? cases[k / 2].step : 0;
        struct script *s = script_new();
        GString *rows = g_string_new(NULL);
        int asked = 0;
        for (int i = 0; i < rides; i++)
            g_string_append_printf(rows, "%s%d,%d,%d", i ? ";" : "", 500 + i, 200 + i % stops,
                                   200 + (i + cases[k / 2].step) % stops);
        script_query(s, "list:10 main:3", "SELECT id, board_stop_id, alight_stop_id FROM ride ORDER BY id", "",
                     rows->str);
        for (int i = 0; i < rides; i++) {
            if (cases[k / 2].is_cached && i >= stops)
                break;
            script_query(s, "show:12 main:4", "SELECT name FROM stop WHERE id = ?",
                         fmt("%d", 200 + (i + ahead) % stops), "x");
            asked++;
        }
        const char *name = ahead > 0 ? "alight_stop" : "board_stop";
        script_expect(
            s, 1, fmt("n_plus_one proven select_related(%s) ride.%s_id->stop.id x%d at show:12", name, name, asked));
        g_string_free(rows, TRUE);
    }
}

/* The way up to the hub, for each courier of a list: every walk begins with the list's value, and goes on with the row just before. */
static void a_chain_for_each_row(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const char *const homes[] = {"D-71x", "D-94x", "D-82x", "D-94x", "D-65x"};
    static const char *const ups[][2] = {
        {"D-71x", "D-94x"}, {"D-94x", "D-38x"}, {"D-82x", "D-38x"}, {"D-65x", "D-71x"}, {"D-38x", NULL}};
    script_query(s, "list:10 main:3", "SELECT name, depot_code FROM courier ORDER BY name", "",
                 "a,D-71x;b,D-94x;c,D-82x;d,D-94x;e,D-65x");
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        for (const char *at = homes[i], *up; at != NULL; at = up) {
            size_t k = 0;
            while (strcmp(ups[k][0], at) != 0)
                k++;
            up = ups[k][1];
            script_query(s, "route:12 main:4", "SELECT town, parent_depot FROM depot WHERE depot_code = ?", at,
                         up != NULL ? fmt("t%d,%s", (int)k, up) : "hub");
        }
    }
    script_expect(s, 1, "n_plus_one proven none() depot.parent_depot->depot.depot_code x10 at route:12");
}

/* Bosses of a list of people: now and then the boss of one is the boss of the boss before. The list has all of them, in order. */
static void a_list_that_meets_a_chain(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const char *const bosses[] = {"P-71x", "P-94x", "P-38x", "P-71x", "P-94x", "P-38x",
                                         "P-82x", "P-94x", "P-38x", "P-71x", "P-94x", "P-38x"};
    GString *rows = g_string_new(NULL);
    for (size_t i = 0; i < sizeof bosses / sizeof *bosses; i++)
        g_string_append_printf(rows, "%sP-%dx,%s", i > 0 ? ";" : "", 500 + (int)i, bosses[i]);
    script_query(s, "list:10 main:3", "SELECT code, boss_code FROM person ORDER BY code", "", rows->str);
    g_string_free(rows, TRUE);
    for (size_t i = 0; i < sizeof bosses / sizeof *bosses; i++) {
        const char *up = strcmp(bosses[i], "P-71x") == 0   ? "P-94x"
                         : strcmp(bosses[i], "P-94x") == 0 ? "P-38x"
                                                           : "P-99x";
        script_query(s, "show:12 main:4", "SELECT code, boss_code FROM person WHERE code = ?", bosses[i],
                     fmt("%s,%s", bosses[i], up));
    }
    script_expect(s, 1, "n_plus_one proven select_related(boss) person.boss_code->person.code x12 at show:12");
}

/* ---- two loops at one place ------------------------------------------------------------------------------------------ */

static const char *play_by(int i)
{
    return fmt("%d,%d", 3000 + i, 2000 + i * 11 % 25);
}

/* A language without frames: who directed each play is asked where it is asked who made each of its costumes. The directors' numbers
 * are met among the makers' now and then; the makers are walked all the same. */
static void two_loops_at_one_place(void **state)
{
    (void)state;
    struct script *s = script_new();
    list(s, "eval:1", "SELECT id, director FROM play", 8, play_by);
    for (int i = 1; i <= 8; i++) {
        const int director = 2000 + i * 11 % 25;
        script_query(s, "eval:1", "SELECT name FROM staff WHERE id = ?", fmt("%d", director), "Name");
        GString *costumes = g_string_new(NULL);
        for (int k = 0; k < 7; k++)
            g_string_append_printf(costumes, "%s%d,%d", k > 0 ? ";" : "", i * 10 + k, 2000 + (i * 4 + k * 9) % 25);
        script_query(s, "eval:1", "SELECT id, designer FROM costume WHERE play = ?", fmt("%d", 3000 + i),
                     costumes->str);
        g_string_free(costumes, TRUE);
        for (int k = 0; k < 7; k++)
            script_query(s, "eval:1", "SELECT name FROM staff WHERE id = ?", fmt("%d", 2000 + (i * 4 + k * 9) % 25),
                         "Name");
    }
    struct n1_report *r = script_report(s);
    bool is_found = false;
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct n1_finding *f = &r->finding[i];
        is_found |= f->kind == N1_KIND_N_PLUS_ONE && strcmp(f->link.parent_column, "designer") == 0 &&
                    f->suggestion.action == N1_ACTION_SELECT_RELATED;
    }
    assert_true(is_found);
    n1_report_free(r);
}

/* ---- keys of several columns ------------------------------------------------------------------------------------------- */

static const char *quarter(int i)
{
    return fmt("%d,K%d", 200 + i, i);
}

/* quarter → graves → the fee of each, by quarter, row and number: the quarter's id stays for six look-ups, the graves gave the rest. */
static void inner_list_of_a_key(void **state)
{
    (void)state;
    struct script *s = script_new();
    list(s, "quarters:1 main:3", "SELECT id, symbol FROM quarter", 8, quarter);
    for (int i = 1; i <= 8; i++) {
        script_query(
            s, "graves:5 main:4", "SELECT quarter_id, row, number FROM grave WHERE quarter_id = ?", fmt("%d", 200 + i),
            fmt("%d,1,1;%d,1,2;%d,1,3;%d,2,1;%d,2,2;%d,2,3", 200 + i, 200 + i, 200 + i, 200 + i, 200 + i, 200 + i));
        for (int k = 0; k < 6; k++)
            script_query(s, "fee:9 main:5",
                         "SELECT max(until) FROM fee WHERE quarter_id = ? AND row = ? AND number = ?",
                         fmt("%d,%d,%d", 200 + i, k / 3 + 1, k % 3 + 1), "2030");
    }
    script_expect(s, 2, "n_plus_one proven prefetch_related(grave) quarter.id->grave.quarter_id x8 at graves:5",
                  "n_plus_one proven annotate(fee) grave.row->fee.row x48 at fee:9");
}

/* Small numbers stand in every table, and nothing is called after another table. But one look-up of the loop's body is, and the others keep step
 * with it: each asks for the row that it has come to. `every`: a filter or a cache leaves one of so many. */
static void beside_a_walk(struct script *s, int every, bool is_first)
{
    GString *rows = g_string_new(NULL);
    for (int i = 1; i <= 24; i++)
        g_string_append_printf(rows, "%s%d,%d", i > 1 ? ";" : "", i, i * 7 % 23 + 1);
    script_query(s, "list:10 main:3", "SELECT id, owner_id FROM tickets ORDER BY id", "", rows->str);
    g_string_free(rows, TRUE);
    for (int i = 1; i <= 24; i++) {
        const char *role = "SELECT name FROM roles WHERE domain = ? AND instance = ?";
        if (i % every == 0 && is_first)
            script_query(s, "show:20 main:4", role, fmt("ticketrole,%d", i), "requestor");
        script_query(s, "show:21 main:4", "SELECT name FROM owners WHERE id = ?", fmt("%d", i * 7 % 23 + 1), "x");
        if (i % every == 0 && !is_first)
            script_query(s, "show:20 main:4", role, fmt("ticketrole,%d", i), "requestor");
    }
}

static void look_ups_beside_a_walk(void **state)
{
    (void)state;
    for (int every = 1; every <= 4; every++) {
        for (int is_first = 0; is_first < 2; is_first++) {
            struct script *s = script_new();
            beside_a_walk(s, every, is_first);
            script_expect(
                s, 2, "n_plus_one proven select_related(owner) tickets.owner_id->owners.id x24 at show:21",
                fmt("n_plus_one proven prefetch_related(roles) tickets.id->roles.instance x%d at show:20", 24 / every));
        }
    }
}

/* What is counted for each node of a tree, its roots among them, is one loop, though two queries gave the nodes. */
static void each_node_of_a_tree(void **state)
{
    (void)state;
    struct script *s = script_new();
    static const char *const down = "SELECT id, name FROM category WHERE parent_id = ?";
    static const char *const count = "SELECT COUNT(*) FROM product WHERE category_id = ?";
    script_query(s, "main:3", "SELECT id, name FROM category WHERE parent_id IS NULL", "", "7001,a;7002,b");
    for (int root = 7001; root <= 7002; root++) {
        script_query(s, "menu:5 main:4", count, fmt("%d", root), "3");
        script_query(s, "menu:6 main:4", down, fmt("%d", root), fmt("%d,x;%d,y", root * 10, root * 10 + 1));
        for (int child = root * 10; child <= root * 10 + 1; child++) {
            script_query(s, "menu:5 menu:7 main:4", count, fmt("%d", child), "4");
            script_query(s, "menu:6 menu:7 main:4", down, fmt("%d", child), child == 70010 ? "700100,z;700101,w" : "");
        }
        if (root == 7002)
            continue;
        for (int leaf = 700100; leaf <= 700101; leaf++) {
            script_query(s, "menu:5 menu:7 menu:7 main:4", count, fmt("%d", leaf), "5");
            script_query(s, "menu:6 menu:7 menu:7 main:4", down, fmt("%d", leaf), "");
        }
    }
    script_expect(s, 2, "n_plus_one proven annotate(product) category.id->product.category_id x8 at menu:5",
                  "n_plus_one proven prefetch_related(category) category.id->category.parent_id x6 at menu:6");
}

/* Two references of a row to one table, and a cache in front: each person is asked for once, in the order in which the rows first name
 * him, on either side. */
static void two_references_behind_a_cache(void **state)
{
    (void)state;
    struct script *s = script_new();
    GString *rows = g_string_new(NULL);
    bool is_known[16] = {false};
    static const int sides[16][2] = {{10, 3},  {14, 7}, {5, 13}, {1, 11}, {9, 6}, {2, 5},  {3, 0},  {11, 10},
                                     {13, 14}, {7, 8},  {8, 4},  {4, 15}, {0, 1}, {6, 12}, {15, 2}, {12, 9}};
    for (int i = 0; i < 16; i++)
        g_string_append_printf(rows, "%s%d,%d,%d", i > 0 ? ";" : "", 500 + i, 90001 + sides[i][0], 90001 + sides[i][1]);
    script_query(s, "list:10 main:3", "SELECT id, sender_id, receiver_id FROM letter ORDER BY id", "", rows->str);
    for (int i = 0; i < 16; i++) {
        for (int k = 0; k < 2; k++) {
            if (is_known[sides[i][k]])
                continue;
            is_known[sides[i][k]] = true;
            script_query(s, "show:12 main:4", "SELECT name FROM person WHERE id = ?", fmt("%d", 90001 + sides[i][k]),
                         "x");
        }
    }
    g_string_free(rows, TRUE);
    script_expect(s, 2, "n_plus_one proven select_related(sender) letter.sender_id->person.id x6 at show:12",
                  "n_plus_one proven select_related(receiver) letter.receiver_id->person.id x10 at show:12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_ups_beside_a_walk),
        cmocka_unit_test(stops_of_a_ring),
        cmocka_unit_test(cached_below_each_list),
        cmocka_unit_test(first_row_of_each_list),
        cmocka_unit_test(second_level_kept_in_a_map),
        cmocka_unit_test(same_number_as_the_key),
        cmocka_unit_test(own_row_or_another),
        cmocka_unit_test(many_small_columns),
        cmocka_unit_test(behind_newer_lists),
        cmocka_unit_test(numbers_from_elsewhere),
        cmocka_unit_test(a_key_and_its_copy),
        cmocka_unit_test(a_key_and_those_who_refer_to_it),
        cmocka_unit_test(the_neighbour_a_row_on),
        cmocka_unit_test(a_chain_for_each_row),
        cmocka_unit_test(a_list_that_meets_a_chain),
        cmocka_unit_test(two_loops_at_one_place),
        cmocka_unit_test(inner_list_of_a_key),
        cmocka_unit_test(each_node_of_a_tree),
        cmocka_unit_test(two_references_behind_a_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
