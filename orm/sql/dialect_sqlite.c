#include "orm/resolve/resolve.h"
#include "orm/sql/compile.h"
#include "orm/value/json.h"
#include "orm/value/kind.h"

/* What is NULL counts as nothing, as Django's ConcatPair says it. */
static bool put_function(struct orm_compiler *c, const struct orm_term *t)
{
    if (t->func->id != ORM_F_CONCAT)
        return false;
    orm_put(&c->sql, "(");
    for (size_t i = 0; i < t->n_args; i++) {
        orm_put(&c->sql, i ? " || COALESCE(" : "COALESCE(");
        orm_put_term(c, t->args[i]);
        orm_put(&c->sql, ", '')");
    }
    orm_put(&c->sql, ")");
    return true;
}

static void put_call(struct orm_compiler *c, const char *name, const struct orm_term *t)
{
    orm_put(&c->sql, name);
    orm_put_term(c, t->args[0]);
    orm_put(&c->sql, ", ");
    orm_put_term(c, t->args[1]);
    orm_put(&c->sql, ")");
}

/* Moments are texts here: adding and subtracting them are functions of ours. */
static bool put_binary(struct orm_compiler *c, const struct orm_term *t)
{
    bool is_sum = t->op == ORM_OP_ADD || t->op == ORM_OP_SUB;
    if (orm_is_temporal_sub(t))
        put_call(c, t->args[0]->type == ORM_T_TIME ? "orm_time_diff(" : "orm_timestamp_diff(", t);
    else if (orm_is_duration_op(t) && is_sum)
        put_call(c, t->op == ORM_OP_ADD ? "orm_add_duration(" : "orm_sub_duration(", t);
    else if (orm_is_duration_op(t))
        orm_fail(c->r.error, ORM_DATABASE, "Invalid connector for timedelta.");
    else if (t->op == ORM_OP_POW || t->op == ORM_OP_XOR)
        put_call(c, t->op == ORM_OP_POW ? "POWER(" : "BITXOR(", t);
    else
        return false;
    return true;
}

static void put_trunc(struct orm_compiler *c, const struct orm_term *t)
{
    const char *as = t->type == ORM_T_DATE ? "date" : t->type == ORM_T_TIME ? "time" : "datetime";
    orm_putf(&c->sql, "orm_trunc('%s', '%s', ", t->name, as);
    orm_put_term(c, t->args[0]);
    orm_put(&c->sql, ")");
}

static void put_cast(struct orm_compiler *c, const struct orm_term *t)
{
    static const char *const types[ORM_N_TYPES] = {
        [ORM_T_NONE] = "text",       [ORM_T_BOOL] = "bool",  [ORM_T_INT] = "integer",     [ORM_T_FLOAT] = "real",
        [ORM_T_DECIMAL] = "decimal", [ORM_T_TEXT] = "text",  [ORM_T_DURATION] = "bigint", [ORM_T_UUID] = "char(32)",
        [ORM_T_JSON] = "text",       [ORM_T_BYTES] = "BLOB", [ORM_T_OTHER] = "text"};
    /* datetime() and time() would cut fractions of seconds */
    const char *head = t->type == ORM_T_DATETIME ? "strftime('%Y-%m-%d %H:%M:%f', "
                       : t->type == ORM_T_TIME   ? "strftime('%H:%M:%f', "
                       : t->type == ORM_T_DATE   ? "date("
                                                 : NULL;
    orm_put(&c->sql, head ? head : "CAST(");
    orm_put_term(c, t->args[0]);
    if (!head)
        orm_putf(&c->sql, " AS %s", types[t->type]);
    orm_put(&c->sql, ")");
}

static void put_extract(struct orm_compiler *c, const struct orm_term *t)
{
    orm_putf(&c->sql, "orm_extract('%s', ", t->part->name);
    orm_put_term(c, t->args[0]);
    orm_put(&c->sql, ")");
}

#define LIKE      "@ LIKE ? ESCAPE '\\'"
#define LIKE_C(x) "@ LIKE " x " ESCAPE '\\'"

/* ---- JSON: documents are texts, parts are taken out by functions ---------------------------------------------------------- */

/* JSON_EXTRACT(column, path), with one key more unless that is NULL */
static void put_part(struct orm_compiler *c, const char *function, const struct orm_term *t, const char *more)
{
    const struct orm_term *base;
    const char *keys[ORM_MAX_JSON_KEYS];
    orm_json_keys(t, &base, keys);
    orm_putf(&c->sql, "%s(", function);
    orm_put_term(c, base);
    orm_put(&c->sql, ", ");
    orm_put_literal(c, orm_json_path(c->sql.arena, t, more));
    orm_put(&c->sql, ")");
}

static void put_json_key(struct orm_compiler *c, const struct orm_term *t)
{
    put_part(c, "JSON_EXTRACT", t, NULL);
}

static bool put_has_keys(struct orm_compiler *c, const struct orm_cond *l)
{
    struct orm_term *const *keys = l->rhs->kind == ORM_TERM_LIST ? l->rhs->args : &l->rhs;
    size_t n = l->rhs->kind == ORM_TERM_LIST ? l->rhs->n_args : 1;
    orm_put(&c->sql, "(");
    for (size_t i = 0; i < n; i++) {
        orm_put(&c->sql, i == 0 ? "" : l->lookup->id == ORM_L_HAS_KEYS ? " AND " : " OR ");
        put_part(c, "JSON_TYPE", l->lhs, keys[i]->value.u.s);
        orm_put(&c->sql, " IS NOT NULL");
    }
    orm_put(&c->sql, ")");
    return true;
}

static enum orm_sql put_scalar(struct orm_compiler *c, const struct orm_term *document)
{
    if (document->kind != ORM_TERM_VALUE)
        return orm_put_term(c, document);
    orm_put(&c->sql, "JSON_EXTRACT(");
    enum orm_sql s = orm_put_term(c, document);
    orm_put(&c->sql, ", '$')");
    return s;
}

static bool put_json_lookup(struct orm_compiler *c, const struct orm_cond *l, enum orm_sql *out)
{
    static const char *const operators[ORM_N_LOOKUPS] = {
        [ORM_L_EXACT] = " = ", [ORM_L_GT] = " > ", [ORM_L_GTE] = " >= ", [ORM_L_LT] = " < ", [ORM_L_LTE] = " <= "};
    enum orm_lookup_id id = l->lookup->id;
    bool is_key = l->lhs->kind == ORM_TERM_JSON_KEY;
    const orm_val *v = &l->rhs->value;
    *out = ORM_SQL_OK;
    if (id == ORM_L_JSON_CONTAINS || id == ORM_L_CONTAINED_BY) {
        *out = ORM_SQL_ERROR;
        return !orm_fail(c->r.error, ORM_NOT_SUPPORTED, "%s lookup is not supported on this database backend.",
                         l->lookup->name);
    }
    if (id == ORM_L_HAS_KEY || id == ORM_L_HAS_KEYS || id == ORM_L_HAS_ANY_KEYS)
        return put_has_keys(c, l);
    if (id == ORM_L_EXACT && l->rhs->kind == ORM_TERM_VALUE && strcmp(v->u.s, "null") == 0) {
        put_part(c, "JSON_TYPE", l->lhs, NULL);
        orm_put(&c->sql, " = 'null'");
        return true;
    }
    if (!is_key)
        return false;
    if (id == ORM_L_ISNULL) {
        put_part(c, "JSON_TYPE", l->lhs, NULL);
        orm_put(&c->sql, v->u.b ? " IS NULL" : " IS NOT NULL");
        return true;
    }
    if (id == ORM_L_IN && l->rhs->kind == ORM_TERM_LIST) {
        *out = l->rhs->n_args ? ORM_SQL_OK : ORM_SQL_EMPTY;
        put_json_key(c, l->lhs);
        for (size_t i = 0; i < l->rhs->n_args && *out == ORM_SQL_OK; i++) {
            orm_put(&c->sql, i ? ", " : " IN (");
            *out = put_scalar(c, l->rhs->args[i]);
        }
        orm_put(&c->sql, ")");
        return true;
    }
    if (!operators[id])
        return false;
    put_json_key(c, l->lhs);
    orm_put(&c->sql, operators[id]);
    *out = put_scalar(c, l->rhs);
    return true;
}

const struct orm_dialect orm_dialect_sqlite = {
    .name = "sqlite",
    .max_params = 32766,
    .no_limit = "-1",
    .insert_ignore = " OR IGNORE",
    .conflict_ignore = "",
    .lookups = {[ORM_L_EXACT] = "@ = ?",
                [ORM_L_IEXACT] = LIKE,
                [ORM_L_CONTAINS] = LIKE,
                [ORM_L_ICONTAINS] = LIKE,
                [ORM_L_STARTSWITH] = LIKE,
                [ORM_L_ISTARTSWITH] = LIKE,
                [ORM_L_ENDSWITH] = LIKE,
                [ORM_L_IENDSWITH] = LIKE,
                [ORM_L_REGEX] = "@ REGEXP ?",
                [ORM_L_IREGEX] = "orm_iregexp(?, @)",
                [ORM_L_GT] = "@ > ?",
                [ORM_L_GTE] = "@ >= ?",
                [ORM_L_LT] = "@ < ?",
                [ORM_L_LTE] = "@ <= ?"},
    .column_patterns = {[ORM_L_CONTAINS] = LIKE_C("'%' || ? || '%'"),
                        [ORM_L_ICONTAINS] = LIKE_C("'%' || UPPER(?) || '%'"),
                        [ORM_L_STARTSWITH] = LIKE_C("? || '%'"),
                        [ORM_L_ISTARTSWITH] = LIKE_C("UPPER(?) || '%'"),
                        [ORM_L_ENDSWITH] = LIKE_C("'%' || ?"),
                        [ORM_L_IENDSWITH] = LIKE_C("'%' || UPPER(?)")},
    .escaped = "REPLACE(REPLACE(REPLACE(?, '\\', '\\\\'), '%', '\\%'), '_', '\\_')",
    .functions = {[ORM_F_GREATEST] = "MAX",
                  [ORM_F_LEAST] = "MIN",
                  [ORM_F_SUBSTR] = "SUBSTR",
                  [ORM_F_LEFT] = "SUBSTR(@1, 1, @2)",
                  [ORM_F_RIGHT] = "SUBSTR(@1, (@2 * -1))",
                  [ORM_F_STRINDEX] = "INSTR",
                  [ORM_F_CHR] = "CHAR",
                  [ORM_F_ORD] = "UNICODE",
                  [ORM_F_RANDOM] = "RAND()"},
    .casts_decimals = true,
    .iexact_is_pattern = true,
    .put_function = put_function,
    .put_binary = put_binary,
    .put_extract = put_extract,
    .put_trunc = put_trunc,
    .truth = {"0", "1"},
    .put_cast = put_cast,
    .put_json_key = put_json_key,
    .put_json_lookup = put_json_lookup,
    .column_types = {[ORM_AutoField] = "integer",
                     [ORM_BigAutoField] = "integer",
                     [ORM_BooleanField] = "bool",
                     [ORM_IntegerField] = "integer",
                     [ORM_BigIntegerField] = "bigint",
                     [ORM_SmallIntegerField] = "smallint",
                     [ORM_PositiveIntegerField] = "integer unsigned",
                     [ORM_FloatField] = "real",
                     [ORM_DecimalField] = "decimal",
                     [ORM_TextField] = "text",
                     [ORM_DateField] = "date",
                     [ORM_DateTimeField] = "datetime",
                     [ORM_TimeField] = "time",
                     [ORM_DurationField] = "bigint",
                     [ORM_UUIDField] = "char(32)",
                     [ORM_JSONField] = "text",
                     [ORM_BinaryField] = "BLOB"},
    .key_type = "integer",
};
