#include "analyzer/gate/housekeeping.h"

#include <glib.h>
#include <string.h>

#include "analyzer/sql/shape.h"

static const struct {
    enum n1_sql_verb verb;
    const char *name;
} verbs[] = {
    {N1_SQL_VERB_BEGIN, "transactions"},
    {N1_SQL_VERB_COMMIT, "transactions"},
    {N1_SQL_VERB_ROLLBACK, "transactions"},
    {N1_SQL_VERB_SAVEPOINT, "transactions"},
    {N1_SQL_VERB_RELEASE, "transactions"},
    {N1_SQL_VERB_ROLLBACK_TO, "transactions"},
    {N1_SQL_VERB_SET, "settings"},
    {N1_SQL_VERB_PRAGMA, "settings"},
    {N1_SQL_VERB_EXPLAIN, "settings"},
    {N1_SQL_VERB_LOCK, "settings"},
    {N1_SQL_VERB_DDL, "schema"},
    {N1_SQL_VERB_FETCH, "cursors"},
    {N1_SQL_VERB_CLOSE, "cursors"},
    {N1_SQL_VERB_PREPARE, "prepared statements"},
    {N1_SQL_VERB_DEALLOCATE, "prepared statements"},
    {N1_SQL_VERB_EMPTY, "comments"},
};

static void read_shape(struct n1_sql_shape *shape, const char *sql, const char *dialect)
{
    enum n1_sql_dialect d = g_strcmp0(dialect, "postgresql") == 0 ? N1_SQL_POSTGRES : N1_SQL_SQLITE;
    n1_sql_shape_read(shape, d, sql ? sql : "", sql ? strlen(sql) : 0, 0);
}

const char *n1_gate_housekeeping(const char *sql, const char *dialect)
{
    struct n1_sql_shape shape;
    const char *name = NULL;
    read_shape(&shape, sql, dialect);
    for (size_t i = 0; i < G_N_ELEMENTS(verbs) && !name; i++)
        if (verbs[i].verb == shape.verb)
            name = verbs[i].name;
    if (!name && shape.is_housekeeping)
        name = "catalogue";
    n1_sql_shape_release(&shape);
    return name;
}

bool n1_gate_is_insert(const char *sql, const char *dialect)
{
    struct n1_sql_shape shape;
    read_shape(&shape, sql, dialect);
    bool is_insert = shape.verb == N1_SQL_VERB_INSERT;
    n1_sql_shape_release(&shape);
    return is_insert;
}

const char *n1_gate_housekeeping_names(void)
{
    return "transactions, settings, schema, cursors, prepared statements, comments, catalogue, migrations";
}
