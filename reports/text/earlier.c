#include "reports/text/earlier.h"

#include <glib.h>

#include "reports/text/way.h"

typedef bool has(const struct n1_finding *f, const void *what);

static size_t first(const struct n1_earlier *earlier, has *has_it, const void *what)
{
    for (size_t i = 0; i < earlier->count; i++)
        if (has_it(earlier->shown[i].finding, what))
            return earlier->shown[i].number;
    return 0;
}

static bool has_sql(const struct n1_finding *f, const void *sql)
{
    return g_strcmp0(f->child.sql, sql) == 0 || (f->has_parent && g_strcmp0(f->parent.sql, sql) == 0);
}

size_t n1_earlier_sql(const struct n1_earlier *earlier, const char *sql)
{
    return sql ? first(earlier, has_sql, sql) : 0;
}

static bool has_replacement(const struct n1_finding *f, const void *sql)
{
    return g_strcmp0(f->suggestion.sql, sql) == 0;
}

size_t n1_earlier_replacement(const struct n1_earlier *earlier, const char *sql)
{
    return sql ? first(earlier, has_replacement, sql) : 0;
}

static bool has_mend(const struct n1_finding *f, const void *what)
{
    const struct n1_suggestion *a = &f->suggestion, *b = what;
    return a->action == b->action && g_strcmp0(a->text, b->text) == 0 && g_strcmp0(a->code, b->code) == 0 &&
           g_strcmp0(a->sql, b->sql) == 0;
}

size_t n1_earlier_mend(const struct n1_earlier *earlier, const struct n1_suggestion *mend)
{
    return first(earlier, has_mend, mend);
}

static bool has_place(const struct n1_finding *f, const void *place)
{
    return n1_same_place(&f->child.location, place);
}

size_t n1_earlier_place(const struct n1_earlier *earlier, const struct n1_location *place)
{
    return place->file ? first(earlier, has_place, place) : 0;
}
