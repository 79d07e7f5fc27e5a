/* The catalogs of SQLite and PostgreSQL as one kind of list. Each database answers one statement with the columns of
 * enum field; declared types become kinds of fields by the tables that Django's introspection uses. */
#include <stdlib.h>
#include <strings.h>

#include "orm/model/inspect.h"

enum field {
    F_TABLE,
    F_COLUMN,
    F_TYPE,     /* SQLite: as declared; PostgreSQL: the OID */
    F_NOT_NULL, /* 0 or 1 */
    F_KEY_PLACE,
    F_UNIQUE,   /* 0 or 1: alone in a unique index */
    F_TO_TABLE, /* of a foreign key of one column */
    F_TYPMOD,
    F_SPECIAL, /* SQLite: checked by JSON_VALID; PostgreSQL: numbered by a sequence */
    N_FIELDS
};

static const char sqlite_sql[] =
    "SELECT m.name, c.name, c.type, c.\"notnull\", c.pk,"
    " EXISTS (SELECT 1 FROM pragma_index_list(m.name) i WHERE i.\"unique\" AND NOT i.partial"
    "  AND (SELECT max(x.name) FROM pragma_index_info(i.name) x) = c.name"
    "  AND (SELECT count(*) FROM pragma_index_info(i.name)) = 1),"
    " (SELECT f.\"table\" FROM pragma_foreign_key_list(m.name) f WHERE f.\"from\" = c.name COLLATE NOCASE"
    "  AND (SELECT count(*) FROM pragma_foreign_key_list(m.name) g WHERE g.id = f.id) = 1 ORDER BY f.id LIMIT 1),"
    " NULL, m.sql LIKE '%json_valid(\"' || c.name || '\")%'"
    " FROM sqlite_master m JOIN pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid";

static const char postgres_sql[] =
    "SELECT c.relname, a.attname, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END::text,"
    " (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull))::int::text,"
    " coalesce((SELECT array_position(k.conkey, a.attnum) FROM pg_constraint k"
    "  WHERE k.conrelid = c.oid AND k.contype = 'p'), 0)::text,"
    " EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL"
    "  AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)::int::text,"
    " (SELECT o.relname FROM pg_constraint k JOIN pg_class o ON o.oid = k.confrelid WHERE k.conrelid = c.oid"
    "  AND k.contype = 'f' AND k.conkey[1] = a.attnum AND o.relnamespace = c.relnamespace ORDER BY k.conname LIMIT 1),"
    " CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END::text,"
    " (a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval%', false))::int::text"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " WHERE c.relkind IN ('f', 'p', 'r') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'pg_toast')"
    " AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY c.relname COLLATE \"C\", a.attnum";

struct type_kind {
    const char *type;
    orm_kind kind;
};

/* FLOAT, DOUBLE and NUMERIC are text to Django 3.2 ("this field type is a guess"); here they are the numbers they hold. */
static const struct type_kind sqlite_kinds[] = {{"bool", ORM_BooleanField},
                                                {"boolean", ORM_BooleanField},
                                                {"smallint", ORM_SmallIntegerField},
                                                {"smallint unsigned", ORM_PositiveIntegerField},
                                                {"smallinteger", ORM_SmallIntegerField},
                                                {"int", ORM_IntegerField},
                                                {"integer", ORM_IntegerField},
                                                {"bigint", ORM_BigIntegerField},
                                                {"integer unsigned", ORM_PositiveIntegerField},
                                                {"bigint unsigned", ORM_PositiveIntegerField},
                                                {"decimal", ORM_DecimalField},
                                                {"real", ORM_FloatField},
                                                {"float", ORM_FloatField},
                                                {"double", ORM_FloatField},
                                                {"double precision", ORM_FloatField},
                                                {"numeric", ORM_FloatField},
                                                {"text", ORM_TextField},
                                                {"char", ORM_CharField},
                                                {"varchar", ORM_CharField},
                                                {"blob", ORM_BinaryField},
                                                {"date", ORM_DateField},
                                                {"datetime", ORM_DateTimeField},
                                                {"timestamp", ORM_DateTimeField},
                                                {"time", ORM_TimeField}};

static const struct type_kind postgres_kinds[] = {
    {"16", ORM_BooleanField},      {"17", ORM_BinaryField},     {"20", ORM_BigIntegerField},
    {"21", ORM_SmallIntegerField}, {"23", ORM_IntegerField},    {"25", ORM_TextField},
    {"700", ORM_FloatField},       {"701", ORM_FloatField},     {"1042", ORM_CharField},
    {"1043", ORM_CharField},       {"1082", ORM_DateField},     {"1083", ORM_TimeField},
    {"1114", ORM_DateTimeField},   {"1184", ORM_DateTimeField}, {"1186", ORM_DurationField},
    {"1266", ORM_TimeField},       {"1700", ORM_DecimalField},  {"2950", ORM_UUIDField},
    {"3802", ORM_JSONField}};

/* ORM_N_KINDS: no type that we know. */
static orm_kind kind_named(const struct type_kind *kinds, size_t n_kinds, const char *type, size_t n)
{
    for (size_t i = 0; i < n_kinds; i++)
        if (strncasecmp(kinds[i].type, type, n) == 0 && kinds[i].type[n] == '\0')
            return kinds[i].kind;
    return ORM_N_KINDS;
}

static bool is_integer(orm_kind k)
{
    return k == ORM_IntegerField || k == ORM_BigIntegerField || k == ORM_SmallIntegerField;
}

/* SQLite's own rule (datatype3.html, 3.1): "UNSIGNED BIG INT" holds integers, "NVARCHAR(9)" texts. */
static orm_kind kind_by_affinity(const char *type)
{
    static const struct type_kind parts[] = {
        {"int", ORM_BigIntegerField}, {"char", ORM_TextField},  {"clob", ORM_TextField},  {"text", ORM_TextField},
        {"blob", ORM_BinaryField},    {"real", ORM_FloatField}, {"floa", ORM_FloatField}, {"doub", ORM_FloatField}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcasestr(type, parts[i].type))
            return parts[i].kind;
    return ORM_TextField;
}

/* "decimal(8, 2)": what stands in the parentheses. Without them inspectdb guesses (10, 5). */
static void read_sqlite_type(const char **cells, struct orm_catalog_column *c)
{
    const char *type = cells[F_TYPE] ? cells[F_TYPE] : "";
    type += strspn(type, " ");
    size_t n = strcspn(type, "(");
    const char *numbers = type[n] ? type + n + 1 : NULL;
    while (n && type[n - 1] == ' ')
        n--;
    c->kind = kind_named(sqlite_kinds, sizeof sqlite_kinds / sizeof *sqlite_kinds, type, n);
    if (c->kind == ORM_N_KINDS)
        c->kind = kind_by_affinity(type);
    bool is_json = cells[F_SPECIAL] && *cells[F_SPECIAL] == '1';
    if (c->key_place == 1 && is_integer(c->kind)) /* inspectdb leaves "id" to Django, whose projects have big ones */
        c->kind = strcmp(c->column, "id") == 0 ? ORM_BigAutoField : ORM_AutoField;
    else if (is_json)
        c->kind = ORM_JSONField;
    char *end = NULL;
    long first = numbers ? strtol(numbers, &end, 10) : 0;
    long second = end && (end += strspn(end, " "), *end == ',') ? strtol(end + 1, NULL, 10) : 0;
    if (c->kind == ORM_DecimalField) {
        c->max_digits = numbers ? (int)first : 10;
        c->decimal_places = numbers ? (int)second : 5;
    } else if (c->kind == ORM_CharField) {
        c->max_length = (int)first;
    }
}

static void read_postgres_type(const char **cells, struct orm_catalog_column *c)
{
    const char *oid = cells[F_TYPE];
    c->kind = kind_named(postgres_kinds, sizeof postgres_kinds / sizeof *postgres_kinds, oid, strlen(oid));
    c->is_foreign = c->kind == ORM_N_KINDS;
    c->kind = c->is_foreign ? ORM_TextField : c->kind;
    if (*cells[F_SPECIAL] == '1' && is_integer(c->kind))
        c->kind = c->kind == ORM_BigIntegerField ? ORM_BigAutoField : ORM_AutoField;
    int typmod = atoi(cells[F_TYPMOD]) - 4; /* both kinds of modifier count four bytes more */
    if (c->kind == ORM_DecimalField) {
        c->max_digits = typmod < 0 ? 0 : typmod >> 16;
        c->decimal_places = typmod < 0 ? -1 : typmod & 0xffff; /* -1: as many as the number has */
    } else if (c->kind == ORM_CharField && typmod > 0) {
        c->max_length = typmod;
    }
}

bool orm_read_catalog(orm_db *db, struct orm_catalog_column **out, size_t *n_out)
{
    bool is_sqlite = db->driver == &orm_driver_sqlite;
    struct orm_statement st = {.sql = is_sqlite ? sqlite_sql : postgres_sql};
    struct orm_cursor cur;
    struct orm_arena *a = &db->own;
    if (!orm_run(db, &st, true, &cur))
        return false;
    int code;
    struct orm_catalog_column *columns = NULL;
    size_t n = 0;
    while ((code = db->driver->next(&cur, &db->error)) > 0) {
        const char *cells[N_FIELDS];
        for (int i = 0; i < N_FIELDS; i++) {
            orm_val v;
            db->driver->cell(&cur, i, ORM_T_TEXT, a, &v);
            cells[i] = v.tag == ORM_TEXT ? v.u.s : NULL;
        }
        columns = ORM_GROW(a, columns, n);
        struct orm_catalog_column *c = &columns[n++];
        *c = (struct orm_catalog_column){.table = cells[F_TABLE],
                                         .column = cells[F_COLUMN],
                                         .to_table = cells[F_TO_TABLE],
                                         .not_null = *cells[F_NOT_NULL] == '1',
                                         .unique = *cells[F_UNIQUE] == '1',
                                         .key_place = atoi(cells[F_KEY_PLACE])};
        (is_sqlite ? read_sqlite_type : read_postgres_type)(cells, c);
    }
    orm_finish(db, &cur);
    *out = columns;
    *n_out = n;
    return code == 0;
}
