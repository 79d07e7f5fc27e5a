#include "orm/resolve/resolve.h"
#include "orm/sql/compile.h"
#include "orm/value/json.h"
#include "orm/value/kind.h"

/* LOG and MOD know numeric only. */
static bool put_function(struct orm_compiler *c, const struct orm_term *t)
{
    if (t->func->id != ORM_F_LOG && t->func->id != ORM_F_MOD)
        return false;
    orm_putf(&c->sql, "%s(", t->func->sql);
    for (size_t i = 0; i < t->n_args; i++) {
        bool is_float = t->args[i]->type == ORM_T_FLOAT;
        orm_put(&c->sql, i ? ", " : "");
        orm_put(&c->sql, is_float ? "(" : "");
        orm_put_term(c, t->args[i]);
        orm_put(&c->sql, is_float ? ")::numeric(1000, 15)" : "");
    }
    orm_put(&c->sql, ")");
    return true;
}

/* Django reads days as intervals. */
static bool put_binary(struct orm_compiler *c, const struct orm_term *t)
{
    if (!orm_is_temporal_sub(t) || t->args[0]->type != ORM_T_DATE)
        return false;
    orm_put(&c->sql, "(interval '1 day' * (");
    orm_put_term(c, t->args[0]);
    orm_put(&c->sql, " - ");
    orm_put_term(c, t->args[1]);
    orm_put(&c->sql, "))");
    return true;
}

static void put_trunc(struct orm_compiler *c, const struct orm_term *t)
{
    orm_putf(&c->sql, "DATE_TRUNC('%s', ", t->name);
    orm_put_term(c, t->args[0]);
    orm_put(&c->sql, t->args[0]->type == ORM_T_DATETIME ? " AT TIME ZONE 'UTC')" : ")");
    if (t->type == ORM_T_TIME)
        orm_put(&c->sql, "::time");
}

static void put_cast(struct orm_compiler *c, const struct orm_term *t)
{
    static const char *const types[ORM_N_TYPES] = {
        [ORM_T_NONE] = "text",       [ORM_T_BOOL] = "boolean",
        [ORM_T_INT] = "integer",     [ORM_T_FLOAT] = "double precision",
        [ORM_T_DECIMAL] = "numeric", [ORM_T_TEXT] = "varchar",
        [ORM_T_DATE] = "date",       [ORM_T_DATETIME] = "timestamp with time zone",
        [ORM_T_TIME] = "time",       [ORM_T_DURATION] = "interval",
        [ORM_T_UUID] = "uuid",       [ORM_T_JSON] = "jsonb",
        [ORM_T_BYTES] = "bytea",     [ORM_T_OTHER] = "text"};
    orm_put(&c->sql, "(");
    orm_put_term(c, t->args[0]);
    if (t->type == ORM_T_DECIMAL && t->size > 0)
        orm_putf(&c->sql, ")::numeric(%d, %d)", t->size, t->places);
    else if (t->type == ORM_T_TEXT && t->size > 0)
        orm_putf(&c->sql, ")::varchar(%d)", t->size);
    else if (orm_kind_is(t->field, ORM_BigIntegerField))
        orm_put(&c->sql, ")::bigint");
    else
        orm_putf(&c->sql, ")::%s", t->field == ORM_SmallIntegerField ? "smallint" : types[t->type]);
}

static void put_extract(struct orm_compiler *c, const struct orm_term *t)
{
    static const char *const fields[ORM_N_PARTS] = {[ORM_PART_YEAR] = "year",       [ORM_PART_ISO_YEAR] = "isoyear",
                                                    [ORM_PART_QUARTER] = "quarter", [ORM_PART_MONTH] = "month",
                                                    [ORM_PART_DAY] = "day",         [ORM_PART_WEEK] = "week",
                                                    [ORM_PART_WEEK_DAY] = "dow",    [ORM_PART_ISO_WEEK_DAY] = "isodow",
                                                    [ORM_PART_HOUR] = "hour",       [ORM_PART_MINUTE] = "minute",
                                                    [ORM_PART_SECOND] = "second"};
    const char *zone = t->args[0]->type == ORM_T_DATETIME ? " AT TIME ZONE 'UTC'" : "";
    const char *field = fields[t->part->id];
    if (!field) { /* date, time */
        orm_put(&c->sql, "(");
        orm_put_term(c, t->args[0]);
        orm_putf(&c->sql, "%s)::%s", zone, t->part->name);
        return;
    }
    orm_putf(&c->sql, "EXTRACT('%s' FROM ", field);
    orm_put_term(c, t->args[0]);
    orm_putf(&c->sql, "%s)%s", zone, t->part->id == ORM_PART_WEEK_DAY ? " + 1" : "");
}

/* psycopg2 writes literals; parameters must say the types that those literals would have had. */
static enum orm_type param_type(const orm_val *v, enum orm_type wanted)
{
    if (v->tag == ORM_DBL && wanted != ORM_T_FLOAT)
        return ORM_T_DECIMAL;
    return wanted == ORM_T_NONE ? orm_type_of_val(v) : wanted;
}

/* ---- JSON: jsonb and its operators ------------------------------------------------------------------------------------------ */

static void put_json_key(struct orm_compiler *c, const struct orm_term *t)
{
    const struct orm_term *base;
    const char *keys[ORM_MAX_JSON_KEYS];
    size_t n = orm_json_keys(t, &base, keys);
    orm_put(&c->sql, "(");
    orm_put_term(c, base);
    orm_put(&c->sql, n > 1 ? t->is_text ? " #>> ARRAY[" : " #> ARRAY[" : t->is_text ? " ->> " : " -> ");
    for (size_t i = 0; i < n; i++) {
        orm_put(&c->sql, i ? ", " : "");
        if (n == 1 && orm_json_is_index(keys[i]))
            orm_put(&c->sql, keys[i]);
        else
            orm_put_literal(c, keys[i]);
    }
    orm_put(&c->sql, n > 1 ? "])" : ")");
}

static bool put_json_lookup(struct orm_compiler *c, const struct orm_cond *l, enum orm_sql *out)
{
    static const char *const operators[ORM_N_LOOKUPS] = {[ORM_L_JSON_CONTAINS] = " @> ",
                                                         [ORM_L_CONTAINED_BY] = " <@ ",
                                                         [ORM_L_HAS_KEY] = " ? ",
                                                         [ORM_L_HAS_KEYS] = " ?& ",
                                                         [ORM_L_HAS_ANY_KEYS] = " ?| "};
    if (!operators[l->lookup->id])
        return false;
    bool is_list = l->rhs->kind == ORM_TERM_LIST;
    orm_put_term(c, l->lhs);
    orm_put(&c->sql, operators[l->lookup->id]);
    orm_put(&c->sql, is_list ? "ARRAY[" : "");
    *out = orm_put_term(c, l->rhs);
    orm_put(&c->sql, is_list ? "]::text[]" : "");
    return true;
}

const struct orm_dialect orm_dialect_postgres = {
    .name = "postgresql",
    .numbers_params = true,
    .groups_by_key = true,
    .returns_rows = true,
    .max_params = 65535,
    .insert_ignore = "",
    .conflict_ignore = " ON CONFLICT DO NOTHING",
    .lookups = {[ORM_L_EXACT] = "@ = ?",
                [ORM_L_IEXACT] = "UPPER(@::text) = UPPER(?)",
                [ORM_L_CONTAINS] = "@::text LIKE ?",
                [ORM_L_ICONTAINS] = "UPPER(@::text) LIKE UPPER(?)",
                [ORM_L_STARTSWITH] = "@::text LIKE ?",
                [ORM_L_ISTARTSWITH] = "UPPER(@::text) LIKE UPPER(?)",
                [ORM_L_ENDSWITH] = "@::text LIKE ?",
                [ORM_L_IENDSWITH] = "UPPER(@::text) LIKE UPPER(?)",
                [ORM_L_REGEX] = "@::text ~ ?",
                [ORM_L_IREGEX] = "@::text ~* ?",
                [ORM_L_GT] = "@ > ?",
                [ORM_L_GTE] = "@ >= ?",
                [ORM_L_LT] = "@ < ?",
                [ORM_L_LTE] = "@ <= ?"},
    .column_patterns = {[ORM_L_CONTAINS] = "@::text LIKE '%' || ? || '%'",
                        [ORM_L_ICONTAINS] = "UPPER(@::text) LIKE '%' || UPPER(?) || '%'",
                        [ORM_L_STARTSWITH] = "@::text LIKE ? || '%'",
                        [ORM_L_ISTARTSWITH] = "UPPER(@::text) LIKE UPPER(?) || '%'",
                        [ORM_L_ENDSWITH] = "@::text LIKE '%' || ?",
                        [ORM_L_IENDSWITH] = "UPPER(@::text) LIKE '%' || UPPER(?)"},
    .any_of = " = ANY(?)",
    .escaped = "REPLACE(REPLACE(REPLACE((?)::text, E'\\\\', E'\\\\\\\\'), '%', E'\\\\%'), '_', E'\\\\_')",
    .functions = {[ORM_F_NOW] = "STATEMENT_TIMESTAMP()"},
    .wraps_parts = true,
    .locks_rows = true,
    .has_distinct_on = true,
    .has_server_cursors = true,
    .put_function = put_function,
    .put_binary = put_binary,
    .put_extract = put_extract,
    .put_trunc = put_trunc,
    .truth = {"false", "true"},
    .put_cast = put_cast,
    .put_json_key = put_json_key,
    .put_json_lookup = put_json_lookup,
    .param_type = param_type,
    .column_types = {[ORM_AutoField] = "serial",
                     [ORM_BigAutoField] = "bigserial",
                     [ORM_BooleanField] = "boolean",
                     [ORM_IntegerField] = "integer",
                     [ORM_BigIntegerField] = "bigint",
                     [ORM_SmallIntegerField] = "smallint",
                     [ORM_PositiveIntegerField] = "integer",
                     [ORM_FloatField] = "double precision",
                     [ORM_DecimalField] = "numeric",
                     [ORM_TextField] = "text",
                     [ORM_DateField] = "date",
                     [ORM_DateTimeField] = "timestamp with time zone",
                     [ORM_TimeField] = "time",
                     [ORM_DurationField] = "interval",
                     [ORM_UUIDField] = "uuid",
                     [ORM_JSONField] = "jsonb",
                     [ORM_BinaryField] = "bytea"},
    .key_type = "bigserial",
    .sizes_decimals = true,
};
