/* Shapes: the text, and what was read from it, spelled on one line:
 *   verb[ flags] T tables; I items; P predicates; O operands; A assignments
 * with only the parts that are not empty. A table is schema.name alias, behind its join's letter (, i l r f x) and its depth when
 * below the statement's own; a column is table-label.name or ?.name; an operand is $number (parameter) or #number (literal) with
 * its clause and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/sql/shape.h"
#include "trace/sql_redact.h"

#define BOTH 3

struct writer {
    char text[4096];
    size_t used;
};

static void put(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->text + w->used, sizeof w->text - w->used, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof w->text - w->used);
    w->used += (size_t)n;
}

static void put_column(struct writer *w, const struct n1_sql_shape *shape, const struct n1_sql_column *column)
{
    const char *table = column->table >= 0 ? n1_sql_table_label(&shape->tables[column->table]) : "?";
    put(w, "%s.%s", table, column->name ? column->name : "*");
}

static void put_operand(struct writer *w, const struct n1_sql_operand *operand)
{
    put(w, "%c%d", operand->source == N1_SQL_FROM_PARAMETER ? '$' : '#', operand->number);
}

static const char *const ops[] = {"-",  "=",       "in",   "any",  "<>",      "<",      "<=",   ">",
                                  ">=", "between", "like", "null", "notnull", "exists", "other"};
static const char *const clauses[] = {"other", "select", "from",   "join", "where",  "group",     "having",
                                      "order", "limit",  "offset", "set",  "values", "returning", "conflict"};
static const char *const kinds[] = {"", "*", "agg:", "exists", "window:", "operand", "expr"};
static const char *const rhs_names[] = {"", "?", "list", "column", "query", "constant", "expr"};

static void put_flags(struct writer *w, const struct n1_sql_shape *s)
{
    const struct {
        bool is_set;
        const char *name;
    } flags[] = {
        {s->is_housekeeping, "housekeeping"},
        {!s->is_understood, "unsure"},
        {s->has_with, "with"},
        {s->is_recursive, "recursive"},
        {s->is_compound, "compound"},
        {s->is_distinct, "distinct"},
        {s->has_group_by, "group"},
        {s->has_order_by, "order"},
        {s->has_aggregate, "aggregate"},
        {s->has_exists, "exists"},
        {s->has_window, "window"},
        {s->has_returning, "returning"},
        {s->is_locking, "locking"},
        {s->has_subquery, "subquery"},
        {s->has_conflict_clause, "conflict"},
        {s->has_limit, "limit"},
        {s->has_offset, "offset"},
        {s->is_limit_one, "one"},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].is_set)
            put(w, " %s", flags[i].name);
    if (s->values_rows)
        put(w, " rows=%d", s->values_rows);
    if (s->object)
        put(w, " object=%s", s->object);
}

static void put_tables(struct writer *w, const struct n1_sql_shape *s)
{
    static const char joins[] = " ,ilrfx";
    for (int i = 0; i < s->table_count; i++) {
        const struct n1_sql_table *t = &s->tables[i];
        put(w, "%s%c", i ? " " : " T", joins[t->join]);
        if (t->depth)
            put(w, "%d:", t->depth);
        put(w, "%s%s%s%s%s%s%s", t->is_lateral ? "lateral " : "", t->is_target ? "!" : "", t->is_cte ? "cte " : "",
            t->schema ? t->schema : "", t->schema ? "." : "", t->is_subquery ? "()" : t->name,
            t->is_function ? "()" : "");
        if (t->alias)
            put(w, " %s", t->alias);
    }
    put(w, "%s", s->table_count ? ";" : "");
}

static void put_items(struct writer *w, const struct n1_sql_shape *s)
{
    for (int i = 0; i < s->item_count; i++) {
        const struct n1_sql_item *item = &s->items[i];
        put(w, "%s%s%s", i ? ", " : " I ", kinds[item->kind], item->function ? item->function : "");
        if (item->kind == N1_SQL_ITEM_COLUMN || item->column.name || item->column.qualifier) {
            put(w, "%s", item->kind == N1_SQL_ITEM_AGGREGATE ? " " : "");
            put_column(w, s, &item->column);
        }
        if (item->output_name)
            put(w, " as %s", item->output_name);
    }
    put(w, "%s", s->item_count ? ";" : "");
}

static void put_predicates(struct writer *w, const struct n1_sql_shape *s)
{
    for (int i = 0; i < s->predicate_count; i++) {
        const struct n1_sql_predicate *p = &s->predicates[i];
        put(w, "%s%s%s%s", i ? ", " : " P ", p->is_negated ? "not " : "", p->is_alternative ? "or " : "",
            p->clause == N1_SQL_CLAUSE_JOIN     ? "on "
            : p->clause == N1_SQL_CLAUSE_HAVING ? "having "
                                                : "");
        if (p->depth)
            put(w, "%d:", p->depth);
        put_column(w, s, &p->column);
        put(w, " %s %s", ops[p->op], p->rhs == N1_SQL_RHS_COLUMN ? "" : rhs_names[p->rhs]);
        if (p->rhs == N1_SQL_RHS_COLUMN)
            put_column(w, s, &p->other);
        if (p->first_operand >= 0 && p->rhs != N1_SQL_RHS_SUBQUERY)
            put(w, "@%d+%d", p->first_operand, p->operand_count);
    }
    put(w, "%s", s->predicate_count ? ";" : "");
}

static void describe(struct writer *w, const struct n1_sql_shape *s)
{
    w->used = 0;
    w->text[0] = 0;
    put(w, "%s", n1_sql_verb_name(s->verb));
    put_flags(w, s);
    put_tables(w, s);
    put_items(w, s);
    put_predicates(w, s);
    for (int i = 0; i < s->operand_count; i++) {
        const struct n1_sql_operand *o = &s->operands[i];
        put(w, "%s", i ? ", " : " O ");
        if (o->depth)
            put(w, "%d:", o->depth);
        put_operand(w, o);
        put(w, " %s", clauses[o->clause]);
        if (o->column.name) {
            put(w, " ");
            put_column(w, s, &o->column);
            put(w, " %s%s", ops[o->op], o->is_whole ? "" : "~");
        }
        if (o->row)
            put(w, " row %d", o->row);
    }
    put(w, "%s", s->operand_count ? ";" : "");
    for (int i = 0; i < s->assignment_count; i++) {
        const struct n1_sql_assignment *a = &s->assignments[i];
        put(w, "%s", i ? ", " : " A ");
        put_column(w, s, &a->column);
        put(w, " = %s%s", rhs_names[a->rhs], a->uses_own_column ? " own" : "");
    }
    put(w, "%s", s->assignment_count ? ";" : "");
}

struct shape_case {
    int dialects;
    const char *text;
    const char *shape;
};

static const struct shape_case shape_cases[] = {
#include "sql_shape_cases.inc"
};

static void test_table(void **state)
{
    (void)state;
    int failures = 0;
    for (size_t i = 0; i < sizeof shape_cases / sizeof *shape_cases; i++) {
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
            static struct writer writer;
            const struct shape_case *c = &shape_cases[i];
            struct n1_sql_shape shape;
            if (!(c->dialects & d))
                continue;
            n1_sql_shape_read(&shape, (enum n1_sql_dialect)d, c->text, strlen(c->text), 0);
            describe(&writer, &shape);
            n1_sql_shape_release(&shape);
            if (strcmp(writer.text, c->shape) != 0) {
                print_error("case %zu, dialect %d: %s\n  is      %s\n  must be %s\n", i, d, c->text, writer.text,
                            c->shape);
                failures++;
            }
        }
    }
    assert_int_equal(failures, 0);
}

/* The redacted text, read with its mask, has the shape of the text as sent. */
static void test_redacted_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shape_cases / sizeof *shape_cases; i++) {
        for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
            static struct writer sent, read_again;
            char redacted[1024];
            const char *text = shape_cases[i].text;
            struct n1_sql_shape shape;
            if (!(shape_cases[i].dialects & d))
                continue;
            n1_sql_shape_read(&shape, (enum n1_sql_dialect)d, text, strlen(text), 0);
            shape.is_limit_one = false; /* only the text as sent shows LIMIT 1 */
            describe(&sent, &shape);
            n1_sql_shape_release(&shape);
            struct n1_sql_redaction r = {.out = redacted, .out_capacity = sizeof redacted};
            n1_sql_redact(&r, (enum n1_sql_dialect)d, text, strlen(text));
            assert_false(r.is_cut);
            n1_sql_shape_read(&shape, (enum n1_sql_dialect)d, redacted, r.out_length, r.literal_mask);
            shape.is_limit_one = false;
            describe(&read_again, &shape);
            n1_sql_shape_release(&shape);
            if (strcmp(sent.text, read_again.text) != 0)
                fail_msg("dialect %d: %s\n  sent     %s\n  redacted %s", d, text, sent.text, read_again.text);
        }
    }
}

static void test_lookups(void **state)
{
    (void)state;
    const char *text = "SELECT a.id, B.*, count(*) AS n FROM x a JOIN \"Y\" B ON a.id = B.x_id";
    struct n1_sql_shape shape;
    n1_sql_shape_read(&shape, N1_SQL_SQLITE, text, strlen(text), 0);
    assert_int_equal(n1_sql_shape_find_table(&shape, "A"), 0);
    assert_int_equal(n1_sql_shape_find_table(&shape, "y"), 1);
    assert_int_equal(n1_sql_shape_find_table(&shape, "z"), -1);
    assert_int_equal(n1_sql_shape_find_item(&shape, 0, "id"), 0);
    assert_int_equal(n1_sql_shape_find_item(&shape, 1, "anything"), 1);
    assert_int_equal(n1_sql_shape_find_item(&shape, 0, "name"), -1);
    assert_string_equal(shape.items[2].text, "count(*)");
    n1_sql_shape_release(&shape);
}

static void test_spans(void **state)
{
    (void)state;
    const char *text = "SELECT a FROM t WHERE b = 1 GROUP BY c HAVING d ORDER BY e, f LIMIT 3";
    struct n1_sql_shape s;
    n1_sql_shape_read(&s, N1_SQL_POSTGRES, text, strlen(text), 0);
    const struct {
        struct n1_sql_span span;
        const char *text;
    } cases[] = {{s.select_span, "a"}, {s.from_span, "t"},     {s.where_span, "b = 1"}, {s.group_span, "c"},
                 {s.having_span, "d"}, {s.order_span, "e, f"}, {s.limit_span, "3"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(cases[i].span.end - cases[i].span.begin, strlen(cases[i].text));
        assert_int_equal(memcmp(s.text + cases[i].span.begin, cases[i].text, strlen(cases[i].text)), 0);
    }
    assert_string_equal(s.order_by, "e, f");
    n1_sql_shape_release(&s);
}

/* Deep nesting and long lists end, without crossing the limits. */
static void test_limits(void **state)
{
    (void)state;
    static const char *const pieces[] = {"(",
                                         "(SELECT ",
                                         "SELECT (",
                                         "NOT ",
                                         "a AND (",
                                         "CASE ",
                                         "WITH a AS (",
                                         "FROM (",
                                         "SELECT 1 UNION ",
                                         "a,",
                                         "(SELECT a FROM b WHERE c = (",
                                         "EXPLAIN "};
    enum { REPEATS = 20000 };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t length = strlen(pieces[i]);
        char *text = malloc(length * REPEATS + 16);
        memcpy(text, "SELECT ", 7);
        for (size_t k = 0; k < REPEATS; k++)
            memcpy(text + 7 + k * length, pieces[i], length);
        for (int whole = 0; whole < 2; whole++) {
            struct n1_sql_shape shape;
            n1_sql_shape_read(&shape, N1_SQL_POSTGRES, text + (whole ? 0 : 7), length * REPEATS + (whole ? 7 : 0), 0);
            for (int k = 0; k < shape.scope_count; k++)
                assert_true(shape.scopes[k].depth <= N1_SQL_SHAPE_MAX_DEPTH);
            n1_sql_shape_release(&shape);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_redacted_form), cmocka_unit_test(test_lookups),
        cmocka_unit_test(test_spans), cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
