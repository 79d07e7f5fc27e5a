/* Whose code a frame is, as one table of places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/frames/user_code.h"

static const char *const mine[] = {"*/dist-packages/ours/*", "libours.so", NULL};
static const char *const not_mine[] = {"generated/*", "*/dist-packages/ours/vendored.py", NULL};
static const struct n1_frames_options options = {.user_code = mine, .not_user_code = not_mine};
static const struct n1_user_code rules = {.options = &options, .working_directory = "/home/vendor/a/b/shop"};

static void scripts(void **state)
{
    static const struct {
        const char *file;
        bool is_user;
    } table[] = {
        {"/home/vendor/a/b/shop/app.py", true},
        {"app.py", true},
        {"<string>", true},
        {"/home/vendor/a/b/shop/vendor/doctrine/orm/lib.php", false},
        {"/home/vendor/a/b/shop/venv/lib/python3.11/site-packages/django/db/models/query.py", false},
        {"/home/vendor/a/b/shop/generated/models.py", false},
        {"/usr/lib/python3/dist-packages/django/db/backends/utils.py", false},
        {"/usr/lib/python3/dist-packages/ours/view.py", true},
        {"/usr/lib/python3/dist-packages/ours/vendored.py", false},
        {"/usr/lib/python3.11/json/encoder.py", false},
        {"/usr/share/myapp/views.py", true},
        {"<frozen importlib._bootstrap>", false},
        {"/var/lib/gems/3.1.0/gems/activerecord-7.0.4/lib/active_record/base.rb", false},
        {"/usr/lib/ruby/vendor_ruby/sqlite3/statement.rb", false},
        {"<internal:array>", false},
        {"/usr/lib/x86_64-linux-gnu/ruby/vendor_ruby/3.1.0/sqlite3.rb", false},
        {"/usr/share/rubygems-integration/all/gems/activerecord-6.1.7.10/lib/active_record/core.rb", false},
        {"/srv/shop/vendor/bundle/ruby/3.1.0/gems/pg-1.5.4/lib/pg.rb", false},
        {"/srv/shop/app/models/gems/post.rb", true},
        {"/usr/share/php/Doctrine/DBAL/Connection.php", false},
        {"/srv/www/app.php(12) : eval()'d code", true},
        {"/srv/www/index.php", true},
        {"/srv/www/var/cache/prod/doctrine/orm/Proxies/__CG__AppEntityAuthor.php", false},
        {"/tmp/__CG__Author.php", false},
        {"/srv/www/vendor/symfony/http-kernel/Kernel.php", false},
        {"/usr/share/perl5/DBI.pm", false},
        {"/usr/lib/x86_64-linux-gnu/perl5/5.36/DBD/SQLite.pm", false},
        {"/usr/local/share/perl/5.36.0/DBIx/Class.pm", false},
        {"/usr/local/lib/site_perl/My.pm", false},
        {"/home/me/perl5/perlbrew/perls/perl-5.38.0/lib/5.38.0/Carp.pm", false},
        {"/srv/app/local/lib/perl5/DBIx/Class/Row.pm", false},
        {"/srv/app/lib/Shop/Cart.pm", true},
        {"/srv/app/node_modules/knex/lib/client.js", false},
        {"node:internal/process/task_queues", false},
        {NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct n1_frame frame = {.file = table[i].file, .function = "f", .language = "python"};
        if (n1_user_code_frame(&rules, &frame, NULL, false) != table[i].is_user)
            fail_msg("%s", table[i].file ? table[i].file : "no file");
    }
}

static void modules(void **state)
{
    static const struct {
        const char *path;
        bool is_program, is_user;
    } table[] = {
        {"/home/me/shop/build/shop", true, true},
        {"/usr/bin/inkscape", true, true},
        {"/usr/lib/tracker/indexer", true, true},
        {"/usr/bin/python3.11", true, false},
        {"/usr/bin/perl", true, false},
        {"/usr/lib/R/bin/exec/R", true, false},
        {"/opt/ruby/bin/ruby3.1", true, false},
        {"/home/me/pythonator", true, true},
        {"/usr/sbin/apache2", true, false},
        {"/usr/lib/x86_64-linux-gnu/libc.so.6", false, false},
        {"/lib64/libpq.so.5", false, false},
        {"/home/me/shop/lib/libsqlite3.so.0", false, false},
        {"/home/me/shop/lib/libshop.so", false, true},
        {"/usr/local/lib/libshop.so", false, false},
        {"/usr/lib/python3/dist-packages/_psycopg.cpython-311-x86_64-linux-gnu.so", false, false},
        {"libours.so", false, true},
        {"/opt/n1prof/lib/n1prof/libn1prof_preload.so", false, false},
        {"[vdso]", false, false},
        {"", true, false},
        {NULL, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (n1_user_code_module(&rules, table[i].path, table[i].is_program) != table[i].is_user)
            fail_msg("%s", table[i].path ? table[i].path : "no path");
}

static void native_functions(void **state)
{
    static const struct {
        const char *function, *file;
        bool is_user;
    } table[] = {
        {"main", NULL, true},
        {"_start", NULL, false},
        {"sqlite3_step", NULL, false},
        {"caml_sqlite3_step", NULL, false},
        {"camlShop__show_267", "/home/me/shop.ml", true},
        {"camlStdlib__List__iter_261", "/home/me/./stdlib/list.ml", false},
        {"sqlite3_query_all", "/home/me/shop/db.c", true},
        {"sqlite3VdbeExec", "/home/me/shop/third/sqlite3.c", false},
        {"PQexec", NULL, false},
        {"PQ", NULL, true},
        {"orm_all", NULL, false},
        {"orm_all", "/home/me/n1prof/orm/write/write.c", false},
        {"orm_of_ours", "/home/me/shop/db.c", true},
        {"inlined", "/usr/include/c++/12/bits/stl_algo.h", false},
        {NULL, "/home/me/shop/db.c", true},
        {NULL, NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct n1_frame frame = {
            .file = table[i].file, .function = table[i].function, .module = "shop", .language = "c"};
        if (n1_user_code_frame(&rules, &frame, "/home/me/shop/build/shop", true) != table[i].is_user)
            fail_msg("%s %s", table[i].function, table[i].file);
        assert_false(n1_user_code_frame(&rules, &frame, "/lib/libfoo.so", false));
    }
}

static void the_orm_s_insides_are_not_user_code(void **state)
{
    (void)state;
    struct n1_frame with_lines[] = {
        {.function = "run", .module = "shop", .file = "/n1prof/orm/queryset/row.c", .is_user_code = true},
        {.function = "orm_next", .module = "shop", .file = "/n1prof/orm/queryset/queryset.c"},
        {.function = "callback", .module = "shop", .file = "/shop/main.c", .is_user_code = true},
        {.function = "orm_each", .module = "shop", .file = "/n1prof/orm/queryset/queryset.c"},
        {.function = "main", .module = "shop", .file = "/shop/main.c", .is_user_code = true},
    };
    bool chosen[5] = {false};
    n1_user_code_stack(with_lines, chosen, 5);
    assert_false(with_lines[0].is_user_code);
    assert_true(with_lines[2].is_user_code);
    assert_true(with_lines[4].is_user_code);

    struct n1_frame bare[] = {
        {.function = "run", .module = "shop", .is_user_code = true},
        {.function = "orm_next", .module = "shop"},
        {.function = "main", .module = "shop", .is_user_code = true},
    };
    n1_user_code_stack(bare, chosen, 3);
    assert_false(bare[0].is_user_code);
    assert_true(bare[2].is_user_code);
}

static void a_host_of_scripts_without_debug_information_is_not_user_code(void **state)
{
    (void)state;
    struct n1_frame frames[] = {
        {.function = "f", .file = "/srv/app.lua", .is_user_code = true},
        {.function = "eval", .module = "host", .is_user_code = true},
        {.function = "main", .module = "host", .file = "/src/main.c", .is_user_code = true},
        {.function = "kept", .module = "host", .is_user_code = true},
    };
    bool chosen[] = {false, false, false, true};
    n1_user_code_stack(frames, chosen, 4);
    assert_true(frames[0].is_user_code);
    assert_false(frames[1].is_user_code);
    assert_true(frames[2].is_user_code);
    assert_true(frames[3].is_user_code);
}

static void code_made_at_run_time_gives_way(void **state)
{
    (void)state;
    struct n1_frame called[] = {
        {.function = "<lambda>", .file = "<string>", .is_user_code = true},
        {.function = "chosen", .file = "<string>", .is_user_code = true},
        {.function = "_get", .file = "/usr/lib/python3/dist-packages/sqlobject/main.py"},
        {.function = "slow", .file = "/srv/shop.php(3) : eval()'d code", .is_user_code = true},
        {.function = "show", .file = "/srv/shop.py", .is_user_code = true},
        {.function = "<module>", .file = "<string>", .is_user_code = true},
    };
    bool chosen[6] = {false, true};
    n1_user_code_stack(called, chosen, 6);
    static const bool wanted[] = {false, true, false, false, true, false};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(called[i].is_user_code, wanted[i]);

    /* python3 -c: there is nothing better. */
    struct n1_frame alone[] = {
        {.function = "show", .file = "<string>", .is_user_code = true},
        {.function = "<module>", .file = "<string>", .is_user_code = true},
        {.function = "main", .file = "/src/host.c", .module = "host", .is_user_code = true},
    };
    n1_user_code_stack(alone, (bool[3]){false}, 3);
    assert_true(alone[0].is_user_code && alone[1].is_user_code);
}

#define PACKAGES "/usr/lib/python3/dist-packages/"

static void an_installed_program_is_user_code(void **state)
{
    (void)state;
    struct n1_frame launched[] = {
        {.function = "execute", .file = PACKAGES "sqlalchemy/engine/base.py"},
        {.function = "members", .file = PACKAGES "mailman/model/roster.py"},
        {.function = "invoke", .file = PACKAGES "click/core.py"},
        {.function = "main", .file = PACKAGES "mailman/bin/mailman.py"},
        {.function = "__call__", .file = PACKAGES "click/core.py"},
        {.function = "<module>", .file = "/usr/bin/mailman", .is_user_code = true},
        {.function = NULL, .module = "/usr/bin/python3.11"},
    };
    n1_user_code_stack(launched, (bool[7]){false}, 7);
    static const bool wanted[] = {false, true, false, true, false, true, false};
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(launched[i].is_user_code, wanted[i]);

    /* A launcher with functions of its own, and the package of its name; another package is a library. */
    struct n1_frame kin[] = {
        {.function = "load_episodes", .file = PACKAGES "gpodder/dbsqlite.py"},
        {.function = "update", .file = "/usr/bin/gpo", .is_user_code = true},
        {.function = "<module>", .file = "/usr/bin/gpo", .is_user_code = true},
    };
    n1_user_code_stack(kin, (bool[3]){false}, 3);
    assert_true(kin[0].is_user_code && kin[1].is_user_code && kin[2].is_user_code);
    struct n1_frame stranger[] = {
        {.function = "execute", .file = PACKAGES "sqlobject/main.py"},
        {.function = "update", .file = "/usr/bin/gpo", .is_user_code = true},
        {.function = "<module>", .file = "/usr/bin/gpo", .is_user_code = true},
    };
    n1_user_code_stack(stranger, (bool[3]){false}, 3);
    assert_false(stranger[0].is_user_code);

    /* python3 -m, and a thread that a library made: no launcher. */
    struct n1_frame alone[] = {
        {.function = "run", .file = PACKAGES "aiosqlite/core.py"},
        {.function = "run", .file = "/usr/lib/python3.11/threading.py"},
    };
    n1_user_code_stack(alone, (bool[2]){false}, 2);
    assert_true(alone[0].is_user_code);
    assert_false(alone[1].is_user_code);

    /* Perl and Ruby, behind a launcher only: without one the files are a library's. */
    struct n1_frame perl[] = {
        {.function = "DBI::db::selectall", .file = "/usr/lib/x86_64-linux-gnu/perl5/5.36/DBI.pm"},
        {.function = "App::Sqitch::Engine::revert", .file = "/usr/share/perl5/App/Sqitch/Engine.pm"},
        {.function = "Try::Tiny::try", .file = "/usr/share/perl5/Try/Tiny.pm"},
        {.function = "App::Sqitch::go", .file = "/usr/share/perl5/App/Sqitch.pm"},
        {.function = "main program", .file = "/usr/bin/sqitch", .is_user_code = true},
    };
    n1_user_code_stack(perl, (bool[5]){false}, 4);
    assert_false(perl[1].is_user_code || perl[3].is_user_code);
    n1_user_code_stack(perl, (bool[5]){false}, 5);
    static const bool wanted_perl[] = {false, true, false, true, true};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(perl[i].is_user_code, wanted_perl[i]);

    struct n1_frame ruby[] = {
        {.function = "exec", .file = "/var/lib/gems/3.1.0/gems/activerecord-6.1.7.10/lib/active_record/base.rb"},
        {.function = "send", .file = "/var/lib/gems/3.1.0/gems/schleuder-4.0.3/lib/schleuder/list.rb"},
        {.function = "start", .file = "/var/lib/gems/3.1.0/gems/thor-1.2.1/lib/thor.rb"},
        {.function = "<main>", .file = "/usr/local/bin/schleuder", .is_user_code = true},
    };
    n1_user_code_stack(ruby, (bool[4]){false}, 4);
    static const bool wanted_ruby[] = {false, true, false, true};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(ruby[i].is_user_code, wanted_ruby[i]);

    /* The user's own code stands in the way, wherever it is; so does the word of the command line. */
    struct n1_frame tests[] = {
        {.function = "execute", .file = PACKAGES "sqlalchemy/engine/base.py"},
        {.function = "test_one", .file = "/home/me/shop/test_shop.py", .is_user_code = true},
        {.function = "main", .file = PACKAGES "_pytest/main.py"},
        {.function = "<module>", .file = "/usr/bin/pytest", .is_user_code = true},
    };
    n1_user_code_stack(tests, (bool[4]){false}, 4);
    assert_false(tests[0].is_user_code || tests[2].is_user_code || tests[3].is_user_code);
    assert_true(tests[1].is_user_code);
    struct n1_frame own_command[] = {
        {.function = "rows", .file = "/home/me/shop/lib/rows.rb", .is_user_code = true},
        {.function = "<main>", .file = "/home/me/shop/bin/import", .is_user_code = true},
    };
    n1_user_code_stack(own_command, (bool[2]){false}, 2);
    assert_true(own_command[1].is_user_code);
    struct n1_frame script[] = {
        {.function = "execute", .file = PACKAGES "peewee.py"},
        {.function = "<module>", .file = "/home/me/import.py", .is_user_code = true},
    };
    n1_user_code_stack(script, (bool[2]){false}, 2);
    assert_false(script[0].is_user_code);
    struct n1_frame refused[] = {{.function = "run", .file = PACKAGES "aiosqlite/core.py"}};
    n1_user_code_stack(refused, (bool[1]){true}, 1);
    assert_false(refused[0].is_user_code);

    struct n1_frame django[] = {
        {.function = "execute", .file = PACKAGES "django/db/backends/utils.py"},
        {.function = "<module>", .file = "/usr/bin/django-admin", .is_user_code = true},
    };
    n1_user_code_stack(django, (bool[2]){false}, 2);
    assert_false(django[0].is_user_code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts),
        cmocka_unit_test(modules),
        cmocka_unit_test(native_functions),
        cmocka_unit_test(the_orm_s_insides_are_not_user_code),
        cmocka_unit_test(code_made_at_run_time_gives_way),
        cmocka_unit_test(an_installed_program_is_user_code),
        cmocka_unit_test(a_host_of_scripts_without_debug_information_is_not_user_code),
    };
    return cmocka_run_group_tests_name("frames_user_code", tests, NULL, NULL);
}
