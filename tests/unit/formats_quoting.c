/* Tables: text cleaned and quoted, paths told, words joined. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/escape.h"
#include "reports/places.h"
#include "reports/words.h"

#define BAD "\xef\xbf\xbd"

static void text_is_cleaned(void **state)
{
    static const struct {
        const char *text;
        size_t most;
        const char *clean, *line;
    } cases[] = {
        {NULL, 9, "", ""},
        {"plain", 5, "plain", "plain"},
        {"a\tb\r\nc\rd", 99, "a    b\nc" BAD "d", "a b c" BAD "d"},
        {"  two \n words\n", 99, "  two \n words\n", "two words"},
        {"\x1b[2J\x7f", 99, BAD "[2J" BAD, BAD "[2J" BAD},
        {"\xff\xc0\x80|\xed\xa0\x80", 99, BAD BAD BAD "|" BAD BAD BAD, BAD BAD BAD "|" BAD BAD BAD},
        {"end \xe2\x82", 99, "end " BAD BAD, "end " BAD BAD},
        {"\xe2\x80\xae\xe2\x80\xa8\xef\xbf\xbf\xc2\x85", 99, BAD BAD BAD BAD, BAD BAD BAD BAD},
        {"h\xc3\xa9\xf0\x9f\x90\x98", 99, "h\xc3\xa9\xf0\x9f\x90\x98", "h\xc3\xa9\xf0\x9f\x90\x98"},
        {"123456", 5, "12345 ... [cut: 6 bytes in all]", "12345 ... [cut: 6 bytes in all]"},
        {"1234\xc3\xa9", 5, "1234 ... [cut: 6 bytes in all]", "1234 ... [cut: 6 bytes in all]"},
        {"12345   ", 5, "12345 ... [cut: 8 bytes in all]", "12345"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *clean = n1_clean(cases[i].text, cases[i].most), *line = n1_clean_line(cases[i].text, cases[i].most);
        assert_string_equal(clean, cases[i].clean);
        assert_string_equal(line, cases[i].line);
        g_free(clean);
        g_free(line);
    }
}

static void labels_are_short(void **state)
{
    (void)state;
    char *text = g_strnfill(500, 'x'), *label = n1_clean_label(text);
    assert_int_equal(strlen(label), N1_CLEAN_LABEL);
    assert_true(g_str_has_suffix(label, "x ..."));
    g_free(label);
    text[N1_CLEAN_LABEL - 4] = '\0';
    label = n1_clean_label(text);
    assert_string_equal(label, text);
    g_free(label);
    g_free(text);
}

static void paths_keep_their_end(void **state)
{
    (void)state;
    static const struct {
        const char *folder;
        int times;
        const char *shown; /* its beginning */
    } rows[] = {
        {"", 1, "shop.py"},
        {"folder/", 16, "folder/"},
        {"folder/", 17, ".../folder/"},
        {"folder/", 100000, ".../folder/"},
        {"\xd7\xa2\xd7\x91/", 60, ".../\xd7\xa2\xd7\x91/"},
        {"y", 500, "...yyy"}, /* no slash near */
        {"\xd7\xa2", 500, "...\xd7\xa2"},
        {"\xff/", 500, ".../\xef\xbf\xbd/"},
        {"\n", 500, "shop.py"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        GString *path = g_string_new(NULL);
        for (int k = 0; k < rows[i].times; k++)
            g_string_append(path, rows[i].folder);
        g_string_append(path, "shop.py");
        char *shown = n1_clean_path(path->str);
        if (strlen(shown) > N1_CLEAN_LABEL || !g_str_has_prefix(shown, rows[i].shown) ||
            !g_str_has_suffix(shown, "shop.py") || !g_utf8_validate(shown, -1, NULL))
            fail_msg("row %zu: %s", i, shown);
        g_free(shown);
        g_string_free(path, TRUE);
    }
    char *none = n1_clean_path(NULL);
    assert_string_equal(none, "");
    g_free(none);
}

static void append_fence(GString *out, const char *clean)
{
    n1_append_markdown_fence(out, clean, "sql");
}

static void text_is_quoted(void **state)
{
    static const struct {
        void (*append)(GString *out, const char *clean);
        const char *text, *quoted;
    } cases[] = {
        {n1_append_xml, "a<b & \"c\" ]]> 'd'", "a&lt;b &amp; &quot;c&quot; ]]&gt; &apos;d&apos;"},
        {n1_append_markdown, "a_b *c* [d](e) <f> `g` | ~~h~~ ![i]",
         "a\\_b \\*c\\* \\[d\\](e) &lt;f&gt; \\`g\\` \\| \\~\\~h\\~\\~ \\!\\[i\\]"},
        {n1_append_markdown, "ask @someone about #7\n&amp;", "ask @<!-- -->someone about #<!-- -->7 &amp;amp;"},
        {n1_append_markdown_code, "a|b`c`\n</code>", "<code>a&#124;b&#96;c&#96; &#60;/code&#62;</code>"},
        {append_fence, "SELECT 1", "```sql\nSELECT 1\n```\n"},
        {append_fence, "a\n````\n</details>\n", "`````sql\na\n````\n</details>\n`````\n"},
        {append_fence, "", "```sql\n\n```\n"},
        {n1_append_workflow_data, "100%: a,b\n::error::x", "100%25: a,b%0A::error::x"},
        {n1_append_workflow_property, "a:b,c%\nd", "a%3Ab%2Cc%25%0Ad"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *out = g_string_new(NULL);
        cases[i].append(out, cases[i].text);
        assert_string_equal(out->str, cases[i].quoted);
        g_string_free(out, TRUE);
    }
}

static void files_are_told_without_the_machine(void **state)
{
    static const struct {
        const char *folder, *root, *file, *inside, *shown;
    } cases[] = {
        {"/srv/app", NULL, "/srv/app/a.py", "a.py", "a.py"},
        {"/srv/app/", NULL, "/srv/app/./b//c/../a.py", "b/a.py", "b/a.py"},
        {"/srv/app", NULL, "a.py", "a.py", "a.py"},
        {"/srv/app", NULL, "./a/b.py", "a/b.py", "a/b.py"},
        {"/srv/app", NULL, "../a.py", NULL, "a.py"},
        {"/srv/app", NULL, "/srv/application/a.py", NULL, "a.py"},
        {"/srv/app", NULL, "/srv/app", NULL, "app"},
        {"/srv/app", NULL, "/srv/app/", NULL, "/srv/app/"},
        {"/srv/app/back", "/srv/app", "a.py", "back/a.py", "back/a.py"},
        {"/srv/app/back", "/srv/app", "../front/a.py", "front/a.py", "front/a.py"},
        {"/srv/app/back", "/srv/app", "/srv/app/a.py", "a.py", "a.py"},
        {"/", NULL, "/etc/a.py", NULL, "a.py"},
        {"/", NULL, "etc/a.py", "etc/a.py", "etc/a.py"},
        {NULL, NULL, "a/b.py", "a/b.py", "a/b.py"},
        {NULL, NULL, "/x/a.py", NULL, "a.py"},
        {"relative", NULL, "/x/a.py", NULL, "a.py"},
        {NULL, NULL, "../../a.py", NULL, "a.py"},
        {"/srv/app", NULL, NULL, NULL, NULL},
        {"/srv/app", NULL, "", NULL, ""},
        {"/srv/app", NULL, "<string>", NULL, "<string>"},
        {"/srv/app", NULL, "(eval)", NULL, "(eval)"},
        {"/srv/app", NULL, "/v/lib/python3.11/site-packages/django/db/query.py", NULL, "django/db/query.py"},
        {"/srv/app", NULL, "/v/lib/python3.11/runpy.py", NULL, "python3.11/runpy.py"},
        {"/srv/app", NULL, "/g/gems/3.1.0/gems/activerecord-6.1/lib/active_record/base.rb", NULL,
         "activerecord-6.1/lib/active_record/base.rb"},
        {"/srv/app", NULL, "/n/node_modules/a/node_modules/pg/lib/client.js", NULL, "pg/lib/client.js"},
        {"/srv/app", NULL, "/v/site-packages/", NULL, "/v/site-packages/"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct n1_places places;
        struct n1_report report = {.working_directory = cases[i].folder};
        struct n1_report_options options = {.root = cases[i].root};
        n1_places_init(&places, &report, &options);
        char *inside = n1_place_inside(&places, cases[i].file), *shown = n1_place_shown(&places, cases[i].file);
        if (g_strcmp0(inside, cases[i].inside) != 0 || g_strcmp0(shown, cases[i].shown) != 0)
            fail_msg("case %zu, %s: inside %s, shown %s", i, cases[i].file, inside, shown);
        g_free(inside);
        g_free(shown);
        n1_places_release(&places);
    }
}

static void paths_leave_sentences(void **state)
{
    static const struct n1_frame frames[] = {{.file = "/lib/x/site-packages/p/q.py"}};
    static const struct n1_finding finding = {
        .child = {.location = {"/other/secret/a.py", 3, "f"}, .stack = {1, frames}}};
    static const struct {
        const char *text, *scrubbed;
    } cases[] = {
        {NULL, NULL},
        {"at /srv/app/a.py:3", "at a.py:3"},
        {"/srv/app/a.py and (/srv/app/b.py)", "a.py and (b.py)"},
        {"at /other/secret/a.py:3, /lib/x/site-packages/p/q.py", "at a.py:3, p/q.py"},
        {"not /mnt/srv/app/a.py nor x/srv/app/b", "not /mnt/srv/app/a.py nor x/srv/app/b"},
        {"/srv/app", "/srv/app"},
    };
    struct n1_places places;
    struct n1_report report = {.working_directory = "/srv/app"};
    struct n1_report_options options = {0};
    (void)state;
    n1_places_init(&places, &report, &options);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *scrubbed = n1_place_scrub(&places, &finding, cases[i].text);
        if (g_strcmp0(scrubbed, cases[i].scrubbed) != 0)
            fail_msg("%s", scrubbed);
        g_free(scrubbed);
    }
    n1_places_release(&places);
}

static void sentences_are_joined(void **state)
{
    static const struct {
        const char *first, *second, *joined;
    } cases[] = {
        {"One.", "Two", "One. Two."},    {"One", "Two.", "One. Two."}, {NULL, "Two!", "Two!"}, {"", NULL, ""},
        {"One?\n", "Two", "One?\nTwo."},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *out = g_string_new(NULL);
        n1_words_sentence(out, cases[i].first);
        n1_words_sentence(out, cases[i].second);
        assert_string_equal(out->str, cases[i].joined);
        g_string_free(out, TRUE);
    }
}

static void sums_stop_at_the_end(void **state)
{
    (void)state;
    assert_true(n1_count_add(1, 2) == 3);
    assert_true(n1_count_add(UINT64_MAX, 0) == UINT64_MAX);
    assert_true(n1_count_add(UINT64_MAX - 1, 1) == UINT64_MAX);
    assert_true(n1_count_add(UINT64_MAX, UINT64_MAX) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cleaned),
        cmocka_unit_test(labels_are_short),
        cmocka_unit_test(paths_keep_their_end),
        cmocka_unit_test(text_is_quoted),
        cmocka_unit_test(files_are_told_without_the_machine),
        cmocka_unit_test(paths_leave_sentences),
        cmocka_unit_test(sentences_are_joined),
        cmocka_unit_test(sums_stop_at_the_end),
    };
    return cmocka_run_group_tests_name("formats_quoting", tests, NULL, NULL);
}
