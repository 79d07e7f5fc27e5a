/* Text and JSON of every model against their golden files (tests/golden/MODEL.FORMAT). N1_UPDATE_GOLDEN=1 writes them anew: look
 * at the difference before committing it. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/report.h"
#include "tests/unit/rendered.h"
#include "tests/unit/reports_models.h"

static char *render(const struct n1_report_format *format, const struct n1_report *report, bool colour, size_t *size)
{
    struct n1_report_options options = {.use_colour = colour};
    return rendered(format, report, &options, size);
}

static void every_model_as_ever(void **state)
{
    static const struct n1_report_format *const formats[] = {&n1_report_text, &n1_report_json};
    (void)state;
    for (const struct report_model *m = report_models; m->name; m++)
        for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
            size_t size;
            char *text = render(formats[i], m->report, false, &size);
            char *name = g_strdup_printf("%s.%s", m->name, formats[i]->name);
            assert_golden(N1_GOLDEN_DIR, name, text, size);
            g_free(name);
            free(text);
        }
}

static void text_fits_eighty_columns(void **state)
{
    (void)state;
    for (const struct report_model *m = report_models; m->name; m++) {
        size_t size;
        char *text = render(&n1_report_text, m->report, false, &size), **line = g_strsplit(text, "\n", -1);
        for (char **l = line; *l; l++)
            if (g_utf8_strlen(*l, -1) > 80)
                fail_msg("%s", *l);
        g_strfreev(line);
        free(text);
    }
}

static char *text_of(const struct n1_frame *frame, size_t count, struct n1_location place)
{
    struct n1_finding finding = {
        .id = "0123456789abcdef",
        .kind = N1_KIND_N_PLUS_ONE,
        .message = "One by one.",
        .child = {.sql = "SELECT 1", .location = place, .stack = {.count = count, .frame = frame}},
    };
    const struct n1_report report = {.n_findings = 1, .finding = &finding};
    size_t size;
    return render(&n1_report_text, &report, false, &size);
}

/* The wrapper that every query goes through lies inside of the place: it is not a caller. */
static void callers_begin_outside_of_the_place(void **state)
{
    (void)state;
    static const struct n1_frame frame[] = {
        {.file = "db.py", .line = 5, .function = "query", .is_user_code = true},
        {.file = "shop.py", .line = 9, .function = "show", .is_user_code = true},
        {.file = "shop.py", .line = 20, .function = "main", .is_user_code = true},
    };
    char *text = text_of(frame, G_N_ELEMENTS(frame), (struct n1_location){"shop.py", 9, "show"});
    assert_non_null(strstr(text, "at shop.py:9 in show()\n    called from shop.py:20 in main()\n"));
    assert_null(strstr(text, "query()"));
    free(text);
}

static void a_place_without_a_name_tells_what_it_called(void **state)
{
    (void)state;
    static const struct n1_frame frame[] = {
        {.function = "wc_exec", .module = "libdriver.so"}, {.function = "wc_exec", .module = "libsvn_wc-1.so.1"},
        {.function = "wc_step", .module = "libwc.so"},     {.function = "libwc.so+0x77", .module = "libwc.so"},
        {.function = "wc_read", .module = "libwc.so"},     {.function = "wc_four", .module = "libwc.so"},
        {.function = "wc_three", .module = "libwc.so"},    {.function = "wc_walk", .module = "libwc.so"},
        {.function = "client_info", .module = "libc.so"},  {.function = "svn+0x12", .is_user_code = true},
        {.function = "svn+0x99", .is_user_code = true},
    };
    char *text = text_of(frame, G_N_ELEMENTS(frame), (struct n1_location){.function = "svn+0x12"});
    assert_non_null(strstr(text, "in svn+0x12\n    which called client_info, wc_walk, ..., wc_read, wc_step, wc_exec\n"
                                 "    --user-code '*/libsvn_*' names places in libsvn_wc-1.so.1 and its like\n"
                                 "    called in svn+0x99\n"));
    free(text);
    text = text_of(frame + 3, G_N_ELEMENTS(frame) - 3, (struct n1_location){.function = "svn+0x12"});
    assert_non_null(strstr(text, "which called client_info, wc_walk, wc_three, wc_four, wc_read\n"));
    assert_null(strstr(text, "--user-code"));
    free(text);
}

static void a_script_that_is_not_seen_is_said(void **state)
{
    (void)state;
    static const struct n1_frame frame[] = {
        {.function = "lua_callk", .module = "liblua5.4.so.0"},
        {.function = "lua5.4+0x12", .module = "lua5.4"},
        {.function = "__libc_start_main", .module = "libc.so.6"},
    };
    char *text = text_of(frame, G_N_ELEMENTS(frame), (struct n1_location){.line = 0});
    assert_non_null(strstr(text, "in an unknown place\n    inside lua5.4, whose scripts n1prof does not see\n"));
    free(text);
    static const struct n1_frame made = {.module = N1_MODULE_UNKNOWN};
    text = text_of(&made, 1, (struct n1_location){.line = 0});
    assert_non_null(strstr(text, "in an unknown place\n    inside code that was made while the program ran"));
    free(text);
}

static void no_end_and_no_loss_is_no_loss(void **state)
{
    (void)state;
    const struct n1_report report = {.totals = {.statements = 1}};
    size_t size;
    char *text = render(&n1_report_text, &report, false, &size);
    assert_non_null(strstr(text, "Warning: the program was killed, or is still running; what it had not finished\n"));
    assert_null(strstr(text, "0 events"));
    free(text);
}

/* Colours add escape sequences and change nothing else. */
static void colours_only_paint(void **state)
{
    (void)state;
    for (const struct report_model *m = report_models; m->name; m++) {
        size_t size;
        char *plain = render(&n1_report_text, m->report, false, &size),
             *painted = render(&n1_report_text, m->report, true, &size);
        GString *stripped = g_string_new(NULL);
        assert_null(strchr(plain, '\033'));
        assert_non_null(strchr(painted, '\033'));
        for (const char *p = painted; *p; p++) {
            if (*p == '\033')
                p += strcspn(p, "m");
            else
                g_string_append_c(stripped, *p);
        }
        assert_string_equal(stripped->str, plain);
        g_string_free(stripped, TRUE);
        free(plain);
        free(painted);
    }
}

static void the_source_is_quoted_when_it_is_there(void **state)
{
    (void)state;
    char *folder = g_dir_make_tmp("n1-reports-XXXXXX", NULL), *file = g_build_filename(folder, "shop.py", NULL),
         *text = NULL;
    struct n1_finding finding = {.id = "1", .child = {.sql = "SELECT ?", .location = {"shop.py", 4, "f"}}};
    struct n1_report report = {.working_directory = folder, .n_findings = 1, .finding = &finding};
    struct n1_report_options options = {.read_sources = true};
    static const char source[] = "one\ntwo\n\x1b[31mthree\n\tfour \xff\nfive\nsix\nseven\n";
    assert_true(g_file_set_contents(file, source, sizeof source - 1, NULL));
    for (int there = 1; there >= 0; there--) {
        size_t size;
        FILE *out = open_memstream(&text, &size);
        assert_int_equal(n1_report_text.write(out, &report, &options), 0);
        fclose(out);
        assert_int_equal(strstr(text, ">      4      four \xef\xbf\xbd\n") != NULL, there);
        assert_int_equal(strstr(text, "       3  ?[31mthree\n") != NULL, there);
        assert_int_equal(strstr(text, "       6  six\n") != NULL, there);
        assert_null(strstr(text, "seven"));
        assert_null(strchr(text, '\033'));
        free(text);
        remove(file);
    }
    remove(folder);
    g_free(file);
    g_free(folder);
}

static void an_unwritable_stream_is_an_error(void **state)
{
    (void)state;
    struct n1_report_options options = {0};
    for (size_t i = 0; n1_report_formats[i]; i++) {
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        setvbuf(full, NULL, _IONBF, 0);
        assert_int_equal(n1_report_formats[i]->write(full, report_models[0].report, &options), -1);
        fclose(full);
    }
}

static void an_exit_status_of_255_is_no_signal(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *words;
    } cases[] = {{137, "; ended by signal 9."}, {255, "; exit status 255."}, {1, "; exit status 1."}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct n1_report report = {.totals = {.statements = 1}, .exit_status = cases[i].status};
        size_t size;
        char *text = render(&n1_report_text, &report, false, &size);
        g_strdelimit(text, "\n", ' ');
        assert_non_null(strstr(text, cases[i].words));
        free(text);
    }
}

/* The worst are told in full, the others in two lines; a long statement without its middle. */
static void a_big_report_is_short(void **state)
{
    (void)state;
    GString *sql = g_string_new("SELECT first_column");
    for (int i = 0; i < 100; i++)
        g_string_append_printf(sql, ", column_%d", i);
    g_string_append(sql, " FROM the_table WHERE id = ?");
    struct n1_finding finding[30];
    for (size_t i = 0; i < G_N_ELEMENTS(finding); i++)
        finding[i] = (struct n1_finding){.id = "0123456789abcdef",
                                         .kind = N1_KIND_QUERY_LOOP,
                                         .message = "One by one.",
                                         .child = {.sql = sql->str, .location = {"shop.py", 9, "show"}}};
    static const struct {
        size_t findings, in_full, in_short;
        bool shows_all;
    } cases[] = {{9, 9, 0, false}, {10, 8, 2, false}, {30, 8, 22, false}, {30, 30, 0, true}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct n1_report report = {.n_findings = cases[i].findings, .finding = finding};
        const struct n1_report_options options = {.shows_all = cases[i].shows_all};
        size_t size;
        char *text = rendered(&n1_report_text, &report, &options, &size);
        assert_int_equal(count_of(text, "0123456789abcdef ---"), cases[i].in_full);
        assert_int_equal(count_of(text, "  One by one.\n      at shop.py:9 in show(); none\n"), cases[i].in_short);
        assert_int_equal(count_of(text, "--all shows them in full"), cases[i].in_short > 0);
        assert_int_equal(count_of(text, "FROM the_table"), cases[i].in_full);
        assert_int_equal(count_of(text, "column_50,"), cases[i].shows_all ? cases[i].in_full : 0);
        free(text);
    }
    g_string_free(sql, TRUE);
}

/* MediaWiki writes its select lists without blanks. */
static void a_list_without_blanks_breaks_at_its_commas(void **state)
{
    (void)state;
    static const char list[] =
        "slot_revision_id,slot_content_id,slot_origin,slot_role_id,content_size,content_sha1,content_address";
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM slots WHERE slot_revision_id = ?", list);
    struct n1_finding finding = {.kind = N1_KIND_QUERY_LOOP,
                                 .child = {.sql = sql, .location = {"shop.php", 9, "show"}}};
    const struct n1_report report = {.n_findings = 1, .finding = &finding};
    size_t size;
    char *text = render(&n1_report_text, &report, false, &size);
    assert_non_null(strstr(text, "slot_origin,slot_role_id,content_size,\n      content_sha1,content_address\n"));
    free(text);
}

static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p; p++)
        n += *p == '\n';
    return n;
}

/* Two loops over the same rows at one place, mended alike, are one cause; another place over the same rows names what was shown. */
static void one_cause_is_told_once(void **state)
{
    (void)state;
    static const struct n1_frame inner[] = {
        {.file = "shop.py", .line = 9, .function = "show", .is_user_code = true},
        {.file = "/usr/lib/python3/dist-packages/web/app.py", .line = 5, .function = "serve", .is_user_code = true},
        {.file = "shop.py", .line = 40, .function = "main", .is_user_code = true}};
    static const struct n1_frame other[] = {
        {.file = "bill.py", .line = 3, .function = "print_bill", .is_user_code = true}, inner[1], inner[2]};
    struct n1_finding f[3];
    for (size_t i = 0; i < G_N_ELEMENTS(f); i++)
        f[i] = (struct n1_finding){
            .kind = N1_KIND_N_PLUS_ONE,
            .confidence = N1_PROVEN,
            .has_parent = true,
            .has_link = true,
            .parent =
                {.sql = "SELECT id, customer_id, state, ordered_at FROM orders WHERE state = ? ORDER BY ordered_at, id",
                 .location = {"shop.py", 8, "show"}},
            .link = {"orders", "id", "line", "order_id", N1_TO_MANY},
            .suggestion = {.action = N1_ACTION_PREFETCH_RELATED, .text = "Load the lines at once."},
            .evidence = {.executions = 20 + i},
            .child = {.location = {"shop.py", 9, "show"}, .stack = {3, inner}}};
    strcpy(f[0].id, "1111111111111111");
    strcpy(f[1].id, "2222222222222222");
    strcpy(f[2].id, "3333333333333333");
    f[0].child.sql = f[2].child.sql = "SELECT product, pieces FROM line WHERE order_id = ?";
    f[1].child.sql = "SELECT sum(pieces) FROM line WHERE order_id = ?";
    f[2].child.location = (struct n1_location){"bill.py", 3, "print_bill"};
    f[2].child.stack.frame = other;
    const struct n1_report report = {.n_findings = 3, .finding = f};
    const struct n1_report_options all = {.shows_all = true};
    size_t size;
    char *text = render(&n1_report_text, &report, false, &size),
         *whole = rendered(&n1_report_text, &report, &all, &size);
    assert_non_null(strstr(text, "--- 1 of 3: "));
    assert_null(strstr(text, "--- 2 of 3: "));
    assert_non_null(strstr(text,
                           "  In the same loop, mended in the same way\n"
                           "   2  21 x  SELECT sum(pieces) FROM line WHERE order_id = ?\n      2222222222222222\n"));
    assert_non_null(strstr(text, "--- 3 of 3: "));
    assert_int_equal(count_of(text, "called from web/app.py:5 in serve()\n    called from shop.py:40 in main()\n"), 1);
    assert_non_null(strstr(
        text, "at bill.py:3 in print_bill()\n    called from web/app.py:5 in serve(), and on as in finding 1\n"));
    assert_int_equal(count_of(text, "ORDER BY ordered_at"), 1);
    assert_non_null(strstr(text, "      SELECT ... FROM orders WHERE state = ?"));
    assert_int_equal(count_of(text, "(finding 1 has all of it)"), 1);
    assert_int_equal(count_of(text, "Load the lines at once."), 1);
    assert_non_null(strstr(text, "The mend: prefetch_related, as in finding 1\n"));
    assert_int_equal(count_of(whole, "Load the lines at once."), 3);
    assert_int_equal(count_of(whole, "called from /usr/lib/python3/dist-packages/web/app.py:5"), 3);
    assert_null(strstr(whole, "as in finding"));
    assert_true(lines_of(text) * 4 < lines_of(whole) * 3);
    free(text);
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_as_ever),
        cmocka_unit_test(callers_begin_outside_of_the_place),
        cmocka_unit_test(a_place_without_a_name_tells_what_it_called),
        cmocka_unit_test(a_script_that_is_not_seen_is_said),
        cmocka_unit_test(no_end_and_no_loss_is_no_loss),
        cmocka_unit_test(text_fits_eighty_columns),
        cmocka_unit_test(a_big_report_is_short),
        cmocka_unit_test(one_cause_is_told_once),
        cmocka_unit_test(a_list_without_blanks_breaks_at_its_commas),
        cmocka_unit_test(an_exit_status_of_255_is_no_signal),
        cmocka_unit_test(colours_only_paint),
        cmocka_unit_test(the_source_is_quoted_when_it_is_there),
        cmocka_unit_test(an_unwritable_stream_is_an_error),
    };
    return cmocka_run_group_tests_name("reports_golden", tests, NULL, NULL);
}
