/* Names as evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/advice/spelling.h"
#include "analyzer/arena.h"
#include "analyzer/links/names.h"

static void support(void **state)
{
    (void)state;
    static const struct {
        struct n1_name_pair pair;
        enum n1_name_support expected;
    } cases[] = {
        {{"post", "author_id", "author", "id"}, N1_NAME_STRONG},
        {{"blog_post", "author_id", "blog_author", "id"}, N1_NAME_STRONG},
        {{"posts", "author_id", "authors", "id"}, N1_NAME_STRONG},
        {{"Album", "ArtistId", "Artist", "ArtistId"}, N1_NAME_STRONG},
        {{"posts", "category_id", "categories", "id"}, N1_NAME_STRONG},
        {{"post", "id", "comment", "post_id"}, N1_NAME_STRONG},
        {{"blog_post", "id", "blog_post_tags", "post_id"}, N1_NAME_STRONG},
        {{"post", "author", "author", "id"}, N1_NAME_STRONG},
        {{"match", "home_team_id", "team", "id"}, N1_NAME_STRONG},
        {{"book", "isbn", "stock", "isbn"}, N1_NAME_STRONG},
        {{"film", "film_id", "inventory", "film_id"}, N1_NAME_STRONG},
        {{"city", "country_code", "country", "code"}, N1_NAME_STRONG},
        {{"post", "id", "post", "id"}, N1_NAME_STRONG},
        {{"post", "writer_id", "author", "id"}, N1_NAME_LIKELY},
        {{"comment", "parent_id", "comment", "id"}, N1_NAME_LIKELY},
        {{"post", "id", "attachment", "object_id"}, N1_NAME_LIKELY},
        {{"emp", "dept", "dept", "dno"}, N1_NAME_LIKELY},
        {{"shipments", "vehicle_plate", "vehicles", "plate"}, N1_NAME_STRONG},
        {{"vehicles", "plate", "shipments", "vehicle_plate"}, N1_NAME_STRONG},
        {{"page", "author_login", "staff", "login"}, N1_NAME_LIKELY},
        {{"page", "author_name", "staff", "name"}, N1_NAME_NONE},
        {{"page", "page_slug", "redirect", "slug"}, N1_NAME_NONE},
        {{"staff", "manager_login", "staff", "login"}, N1_NAME_LIKELY},
        {{"product", "name_key", "translation", "key"}, N1_NAME_NONE},
        {{"page", "seen_at", "visit", "at"}, N1_NAME_NONE},
        {{"museum_artwork", "inv_no", "museum_loan", "artwork_id"}, N1_NAME_LIKELY},
        {{"museum_loan", "artwork_id", "museum_artwork", "inv_no"}, N1_NAME_LIKELY},
        {{"artwork", "inv_no", "artwork", "inv_no"}, N1_NAME_LIKELY},
        {{"loan", "museum_id", "loan", "museum_id"}, N1_NAME_WEAK},
        {{"post", "status", "ticket", "status"}, N1_NAME_WEAK},
        {{"tblClaim", "fkPolicyNo", "tblPolicy", "PolicyNo"}, N1_NAME_STRONG},
        {{"tblclaim", "fkadjusterid", "tbladjuster", "adjusterid"}, N1_NAME_LIKELY},
        {{"tblclaim", "adjuster_id", "tbladjuster", "id"}, N1_NAME_STRONG},
        {{"claim", "fk_adjuster_id", "adjuster", "adjuster_id"}, N1_NAME_STRONG},
        {{"tblClaim", "ClaimID", "tblClaimItem", "fkClaimID"}, N1_NAME_STRONG},
        {{"claim", "id", "item", "fk_claim"}, N1_NAME_STRONG},
        {{"policy", "fk_policy", "policy", "id"}, N1_NAME_LIKELY},
        {{"declaration", "pays_origine", "pays", "code_iso"}, N1_NAME_LIKELY},
        {{"visit", "page_origin", "pages", "slug"}, N1_NAME_LIKELY},
        {{"visit", "pageorigin", "pages", "slug"}, N1_NAME_NONE},
        {{"forma", "cod_lattaio", "lattaio", "cod_lattaio"}, N1_NAME_STRONG},
        {{"product", "id", "shelf", "id"}, N1_NAME_NONE},
        {{"product", "price", "shelf", "id"}, N1_NAME_NONE},
        {{"post", "author_id", "comment", "post_id"}, N1_NAME_NONE},
        {{"", "", "shelf", "id"}, N1_NAME_NONE},
        {{NULL, NULL, NULL, NULL}, N1_NAME_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct n1_name_pair *p = &cases[i].pair;
        enum n1_name_support got = n1_name_support(p);
        if (got != cases[i].expected)
            fail_msg("%s.%s -> %s.%s: %d, expected %d", p->parent_table, p->parent_column, p->child_table,
                     p->child_column, (int)got, (int)cases[i].expected);
    }
}

static void own_keys(void **state)
{
    (void)state;
    assert_true(n1_name_is_own_key("author", "id"));
    assert_true(n1_name_is_own_key(NULL, "uuid"));
    assert_true(n1_name_is_own_key("Artist", "ArtistId"));
    assert_true(n1_name_is_own_key("film", "film_id"));
    assert_true(n1_name_is_own_key("customers", "customerid"));
    assert_false(n1_name_is_own_key("inventory", "film_id"));
    assert_false(n1_name_is_own_key("author", "name"));
    assert_false(n1_name_is_own_key("author", ""));
    assert_true(n1_name_is_own_key("declaration", "num_declaration"));
    assert_true(n1_name_is_own_key("lattaio", "cod_lattaio"));
    assert_false(n1_name_is_own_key("book", "num_pages"));
    assert_false(n1_name_is_own_key("policy", "fk_policy"));
    assert_true(n1_name_is_reference("inventory", "film_id"));
    assert_true(n1_name_is_reference("post", "created_by"));
    assert_false(n1_name_is_reference("film", "film_id"));
    assert_false(n1_name_is_reference("film", "title"));
}

static void roles(void **state)
{
    (void)state;
    static const struct {
        struct n1_name_pair pair;
        bool refers;
        const char *role;
    } cases[] = {
        {{"post", "author_id", "author", "id"}, true, "author"},
        {{"shipments", "vehicle_plate", "vehicles", "plate"}, true, "vehicle"},
        {{"page", "AuthorLogin", "staff", "login"}, true, "author"},
        {{"emp", "dept", "dept", "dno"}, true, "dept"},
        {{"device", "model_name", "model", "name"}, true, "model"},
        {{"device", "hwid", "reading", "device_hwid"}, false, "hwid"},
        {{"vehicles", "plate", "shipments", "vehicle_plate"}, false, "plate"},
        {{"dept", "dno", "emp", "dept"}, false, "dno"},
        {{"post", "id", "comment", "post_id"}, false, "id"},
        {{"book", "isbn", "stock", "isbn"}, false, "stock"},
        {{"sale", "sku", "shop_products", "sku"}, false, "shop_product"},
        {{"city", "country_code", "country", "country_code"}, true, "country"},
        {{"artwork", "inv_no", "loan", "artwork_id"}, false, "inv"},
        {{"loan", "artwork_id", "artwork", "inv_no"}, true, "artwork"},
        {{"page", "author_name", "staff", "name"}, false, "author_name"},
        {{"declaration", "pays_origine", "pays", "code_iso"}, true, "pays_origine"},
        {{"forma", "cod_lattaio", "lattaio", "cod_lattaio"}, true, "lattaio"},
    };
    char role[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(n1_name_refers(&cases[i].pair), cases[i].refers);
        n1_name_role(&cases[i].pair, role, sizeof role);
        assert_string_equal(role, cases[i].role);
    }
}

static void spelling(void **state)
{
    (void)state;
    static const struct {
        const char *in, *singular, *plural;
    } words[] = {{"post", "post", "posts"},
                 {"posts", "post", "posts"},
                 {"category", "category", "categories"},
                 {"categories", "category", "categories"},
                 {"box", "box", "boxes"},
                 {"boxes", "box", "boxes"},
                 {"people", "person", "people"},
                 {"address", "address", "addresses"},
                 {"addresses", "address", "addresses"},
                 {"status", "status", "statuses"},
                 {"day", "day", "days"},
                 {"series", "series", "series"},
                 {"company_news", "company_news", "company_news"},
                 {"sales_person", "sales_person", "sales_people"},
                 {"children", "child", "children"},
                 {"analyses", "analysis", "analyses"},
                 {"index", "index", "indices"},
                 {"warehouses", "warehouse", "warehouses"},
                 {"purchase", "purchase", "purchases"},
                 {"licenses", "license", "licenses"},
                 {"buses", "bus", "buses"},
                 {"databases", "database", "databases"},
                 {"hero", "hero", "heroes"},
                 {"photos", "photo", "photos"},
                 {"blog_wolves", "blog_wolf", "blog_wolves"},
                 {"menus", "menu", "menus"},
                 {"campus", "campus", "campuses"},
                 {"movies", "movie", "movies"},
                 {"branch", "branch", "branches"},
                 {"keys", "key", "keys"}};
    char out[64];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        n1_name_singular(words[i].in, out, sizeof out);
        assert_string_equal(out, words[i].singular);
        n1_name_plural(words[i].in, out, sizeof out);
        assert_string_equal(out, words[i].plural);
    }
    n1_name_stem("AuthorID", out, sizeof out);
    assert_string_equal(out, "author");
    n1_name_stem("isbn", out, sizeof out);
    assert_string_equal(out, "isbn");
    n1_name_short_table("blog_comment", "blog_post", out, sizeof out);
    assert_string_equal(out, "comment");
    n1_name_short_table("comments", "posts", out, sizeof out);
    assert_string_equal(out, "comments");
    n1_name_one_of("papers", "vehicle", out, sizeof out);
    assert_string_equal(out, "papers");
    n1_name_one_of("fleet_papers", "fleet_vehicle", out, sizeof out);
    assert_string_equal(out, "papers");
    n1_name_one_of("pages", "staff", out, sizeof out);
    assert_string_equal(out, "page");
    n1_name_one_of("prescriptions", "visits", out, sizeof out);
    assert_string_equal(out, "prescription");
    n1_name_stem("a_very_long_column_name_that_does_not_fit_id", out, 8);
    assert_in_range(strlen(out), 1, 7);
}

static void join_tables(void **state)
{
    (void)state;
    static const struct {
        const char *table, *column, *other;
        bool expected;
    } cases[] = {
        {"post_tag", "tag_id", "post_id", true},
        {"post_tag", "post_id", "tag_id", true},
        {"posts_tags", "tag_id", "post_id", true},
        {"shop_address_role", "role_id", "address_id", true},
        {"EmployeeSkill", "SkillId", "EmployeeId", true},
        {"blog_author", "author_id", "country_id", false},
        {"post_tag", "id", "post_id", false},
        {"tag", "tag_id", "post_id", false},
        {"post_tag", "tag_id", "author_id", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(n1_name_joins(cases[i].table, cases[i].column, cases[i].other), cases[i].expected);
}

/* What is computed for each row is spelled by its function. */
static void computations(void **state)
{
    (void)state;
    static const struct {
        const char *world, *function, *column, *expected;
    } cases[] = {
        {"eloquent", "count", NULL, "->withCount('posts')"},
        {"eloquent", "sum", "views", "->withSum('posts', 'views')"},
        {"eloquent", NULL, NULL, "->withExists('posts')"},
        {"django", "max", "stars", ".annotate(...=Max(\"posts__stars\"))"},
        {"django", "COUNT", NULL, ".annotate(...=Count(\"posts\"))"},
        {"django", "sum", NULL, NULL},
        {"nothing known", "count", NULL, NULL},
    };
    struct n1_arena arena;
    n1_arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct n1_spelling_words words = {"posts", "Author", "Post", cases[i].column, cases[i].function};
        const char *spelled = n1_spell(&arena, cases[i].world, N1_ACTION_ANNOTATE, &words);
        if (cases[i].expected == NULL)
            assert_null(spelled);
        else
            assert_string_equal(spelled, cases[i].expected);
    }
    n1_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(support),     cmocka_unit_test(own_keys),
                                       cmocka_unit_test(roles),       cmocka_unit_test(spelling),
                                       cmocka_unit_test(join_tables), cmocka_unit_test(computations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
