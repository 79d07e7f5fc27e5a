#include "orm/compile.h"

/* Concat and Greatest have no function of that name; Django's spelling of both. */
static bool put_function(struct orm_compiler *c, const struct orm_term *t)
{
    if (t->func->id == ORM_F_CONCAT) {
        orm_put(&c->sql, "(");
        for (size_t i = 0; i < t->n_args; i++) {
            orm_put(&c->sql, i ? " || COALESCE(" : "COALESCE(");
            orm_put_term(c, t->args[i]);
            orm_put(&c->sql, ", '')");
        }
        orm_put(&c->sql, ")");
        return true;
    }
    if (t->func->id == ORM_F_GREATEST || t->func->id == ORM_F_LEAST) {
        orm_put(&c->sql, t->func->id == ORM_F_GREATEST ? "MAX(" : "MIN(");
        for (size_t i = 0; i < t->n_args; i++) {
            orm_put(&c->sql, i ? ", " : "");
            orm_put_term(c, t->args[i]);
        }
        orm_put(&c->sql, ")");
        return true;
    }
    return false;
}

static bool put_binary(struct orm_compiler *c, const struct orm_term *t)
{
    bool is_power = t->op == ORM_OP_POW, is_decimal = t->type == ORM_T_DECIMAL;
    if (!is_power && !is_decimal)
        return false;
    static const char *const ops[] = {[ORM_OP_ADD] = " + ", [ORM_OP_SUB] = " - ", [ORM_OP_MUL] = " * ",
                                      [ORM_OP_DIV] = " / ", [ORM_OP_MOD] = " % ", [ORM_OP_POW] = ", "};
    orm_put(&c->sql, is_decimal ? "CAST((" : "");
    orm_put(&c->sql, is_power ? "POWER(" : "");
    orm_put_term(c, t->args[0]);
    orm_put(&c->sql, ops[t->op]);
    orm_put_term(c, t->args[1]);
    orm_put(&c->sql, is_power ? ")" : "");
    orm_put(&c->sql, is_decimal ? ") AS NUMERIC)" : "");
    return true;
}

static void put_extract(struct orm_compiler *c, const struct orm_term *t)
{
    orm_putf(&c->sql, "orm_extract('%s', ", t->part->name);
    orm_put_term(c, t->args[0]);
    orm_put(&c->sql, ")");
}

static void put_column_type(struct orm_buf *b, const struct orm_attr *a)
{
    static const char *const types[ORM_N_KINDS] = {[ORM_AutoField] = "integer",
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
                                                   [ORM_BinaryField] = "BLOB"};
    orm_kind k = a->def ? a->def->kind : ORM_BigIntegerField;
    if (a->relation == ORM_REL_FK)
        orm_put(b, "bigint");
    else if (a->is_auto)
        orm_put(b, "integer");
    else if (types[k])
        orm_put(b, types[k]);
    else
        orm_putf(b, "varchar(%d)", a->def->max_length ? a->def->max_length : 255);
}

#define LIKE      "@ LIKE ? ESCAPE '\\'"
#define LIKE_C(x) "@ LIKE " x " ESCAPE '\\'"

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
    .cast_types = {"text", "bool", "integer", "real", "decimal", "text", "text", "text", "text", "bigint", "char(32)",
                   "text", "blob"},
    .put_function = put_function,
    .put_binary = put_binary,
    .put_extract = put_extract,
    .put_column_type = put_column_type,
};
