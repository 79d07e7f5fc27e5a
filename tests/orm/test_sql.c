/* Text → SQL, without any database: the resolver and both dialects against what Django writes. */
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
#include "sql_cases.h"

static const orm_model *model_named(const char *name)
{
    static const orm_model *const models[] = {&Author_model, &Post_model, &Tag_model, &Profile_model, &Note_model};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strcmp(models[i]->name, name) == 0)
            return models[i];
    return NULL;
}

/* "filter" or "exclude"; several steps are separated by " ; " in both strings. */
static orm_qs *apply(orm_qs *qs, const char *steps, const char *texts)
{
    char step[32], text[512];
    while (*steps) {
        size_t n = strcspn(steps, ";"), t = strcspn(texts, ";");
        snprintf(step, sizeof step, "%.*s", (int)n, steps);
        snprintf(text, sizeof text, "%.*s", (int)t, texts);
        orm_val v[] = {orm_v_text(text), {.tag = ORM_END}};
        const char *names[] = {NULL, orm_copy_text(&qs->db->arena, text, strlen(text))};
        orm_step s[2] = {{.text = names[1], .v = v, .names = names, .n_names = 1}, {.op = ORM_S_END}};
        s[0].op = strcmp(step, "filter") == 0     ? ORM_S_FILTER
                  : strcmp(step, "exclude") == 0  ? ORM_S_EXCLUDE
                  : strcmp(step, "annotate") == 0 ? ORM_S_ANNOTATE
                  : strcmp(step, "values") == 0   ? ORM_S_VALUES
                  : strcmp(step, "related") == 0  ? ORM_S_SELECT_RELATED
                                                  : ORM_S_ORDER_BY;
        qs = orm_chain_(qs, s);
        steps += n + (steps[n] != '\0');
        texts += t + (texts[t] != '\0');
    }
    return qs;
}

static const char *compile(orm_db *db, orm_qs *qs, const struct orm_dialect *d)
{
    struct orm_resolver r = orm_resolver_of(db, qs->query);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, d);
    if (!orm_compile_select(&c, qs->query, &st))
        return orm_errmsg(db);
    if (st.is_empty)
        return "EMPTY";
    const char *from = strstr(st.sql, " FROM \"blog_");
    return from ? from : st.sql;
}

/* $1 → ? */
static const char *plain(orm_db *db, const char *sql)
{
    char *out = orm_copy_text(&db->arena, sql, strlen(sql)), *p = out;
    for (; *sql; sql++) {
        if (*sql != '$') {
            *p++ = *sql;
            continue;
        }
        *p++ = '?';
        while (sql[1] >= '0' && sql[1] <= '9')
            sql++;
    }
    *p = '\0';
    return out;
}

static void test_golden_sql(void **state)
{
    (void)state;
    size_t n_failed = 0;
    bool show = getenv("ORM_SHOW_SQL") != NULL;
    for (size_t i = 0; i < sizeof sql_cases / sizeof *sql_cases; i++) {
        const struct sql_case *k = &sql_cases[i];
        orm_db *db = orm_open("sqlite::memory:");
        orm_qs *qs = apply(orm_objects(db, model_named(k->model)), k->step, k->text);
        const char *lite = qs->query ? compile(db, qs, &orm_dialect_sqlite) : orm_errmsg(db);
        const char *pg = qs->query ? plain(db, compile(db, qs, &orm_dialect_postgres)) : lite;
        if (strcmp(lite, k->sqlite) != 0 || show) {
            n_failed += strcmp(lite, k->sqlite) != 0;
            print_message("%s.%s(%s)\n  got    %s\n  wanted %s\n", k->model, k->step, k->text, lite, k->sqlite);
        }
        if (strcmp(pg, k->pg ? k->pg : k->sqlite) != 0) {
            n_failed++;
            print_message("%s.%s(%s) PostgreSQL\n  got    %s\n  wanted %s\n", k->model, k->step, k->text, pg,
                          k->pg ? k->pg : k->sqlite);
        }
        orm_close(db);
    }
    assert_int_equal(n_failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden_sql)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
