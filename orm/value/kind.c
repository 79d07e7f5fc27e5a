#include "orm/value/kind.h"

/* Parent classes by class; NONE ends. */
static const struct {
    const char *name;
    orm_kind parent;
    enum orm_type type;
} kinds[ORM_N_KINDS + 1] = {
    [ORM_AutoField] = {"AutoField", ORM_IntegerField, ORM_T_INT},
    [ORM_BigAutoField] = {"BigAutoField", ORM_BigIntegerField, ORM_T_INT},
    [ORM_BooleanField] = {"BooleanField", ORM_N_KINDS, ORM_T_BOOL},
    [ORM_IntegerField] = {"IntegerField", ORM_N_KINDS, ORM_T_INT},
    [ORM_BigIntegerField] = {"BigIntegerField", ORM_IntegerField, ORM_T_INT},
    [ORM_SmallIntegerField] = {"SmallIntegerField", ORM_IntegerField, ORM_T_INT},
    [ORM_PositiveIntegerField] = {"PositiveIntegerField", ORM_IntegerField, ORM_T_INT},
    [ORM_FloatField] = {"FloatField", ORM_N_KINDS, ORM_T_FLOAT},
    [ORM_DecimalField] = {"DecimalField", ORM_N_KINDS, ORM_T_DECIMAL},
    [ORM_CharField] = {"CharField", ORM_N_KINDS, ORM_T_TEXT},
    [ORM_TextField] = {"TextField", ORM_N_KINDS, ORM_T_TEXT},
    [ORM_SlugField] = {"SlugField", ORM_CharField, ORM_T_TEXT},
    [ORM_EmailField] = {"EmailField", ORM_CharField, ORM_T_TEXT},
    [ORM_URLField] = {"URLField", ORM_CharField, ORM_T_TEXT},
    [ORM_DateField] = {"DateField", ORM_N_KINDS, ORM_T_DATE},
    [ORM_DateTimeField] = {"DateTimeField", ORM_DateField, ORM_T_DATETIME},
    [ORM_TimeField] = {"TimeField", ORM_N_KINDS, ORM_T_TIME},
    [ORM_DurationField] = {"DurationField", ORM_N_KINDS, ORM_T_DURATION},
    [ORM_UUIDField] = {"UUIDField", ORM_N_KINDS, ORM_T_UUID},
    [ORM_JSONField] = {"JSONField", ORM_N_KINDS, ORM_T_JSON},
    [ORM_BinaryField] = {"BinaryField", ORM_N_KINDS, ORM_T_BYTES},
    [ORM_ForeignKey] = {"ForeignKey", ORM_N_KINDS, ORM_T_INT},
    [ORM_OneToOneField] = {"OneToOneField", ORM_ForeignKey, ORM_T_INT},
    [ORM_ManyToManyField] = {"ManyToManyField", ORM_N_KINDS, ORM_T_NONE},
    [ORM_N_KINDS] = {"unknown", ORM_N_KINDS, ORM_T_NONE},
};

const char *orm_kind_name(orm_kind k)
{
    return kinds[k].name ? kinds[k].name : "Field";
}

bool orm_kind_is(orm_kind k, orm_kind base)
{
    if (k == ORM_BigAutoField && base == ORM_AutoField) /* AutoField's metaclass says so */
        return true;
    for (; k != ORM_NO_KIND; k = kinds[k].parent)
        if (k == base)
            return true;
    return false;
}

orm_kind orm_kind_of_type(enum orm_type t)
{
    static const orm_kind by_type[ORM_N_TYPES] = {
        [ORM_T_NONE] = ORM_N_KINDS,           [ORM_T_BOOL] = ORM_BooleanField,      [ORM_T_INT] = ORM_IntegerField,
        [ORM_T_FLOAT] = ORM_FloatField,       [ORM_T_DECIMAL] = ORM_DecimalField,   [ORM_T_TEXT] = ORM_CharField,
        [ORM_T_DATE] = ORM_DateField,         [ORM_T_DATETIME] = ORM_DateTimeField, [ORM_T_TIME] = ORM_TimeField,
        [ORM_T_DURATION] = ORM_DurationField, [ORM_T_UUID] = ORM_UUIDField,         [ORM_T_JSON] = ORM_JSONField,
        [ORM_T_BYTES] = ORM_BinaryField,      [ORM_T_OTHER] = ORM_TextField};
    return by_type[t];
}

orm_kind orm_kind_named(const char *name)
{
    for (int k = 0; k < ORM_Slot; k++)
        if (kinds[k].name && strcmp(kinds[k].name, name) == 0)
            return (orm_kind)k;
    return ORM_NO_KIND;
}

orm_kind orm_kind_of_attr(const struct orm_attr *a)
{
    for (int depth = 0; a->relation == ORM_REL_FK && a->target && depth < 8; depth++)
        a = a->target;
    return a->def ? a->def->kind : a->is_auto ? ORM_BigAutoField : orm_kind_of_type(a->type);
}

void orm_term_set_kind(struct orm_term *t, orm_kind k)
{
    t->field = k;
    t->type = kinds[k].type;
    t->is_fixed = true;
    t->kind_error = NULL;
}

static bool is_moment(enum orm_type t)
{
    return t == ORM_T_DATE || t == ORM_T_DATETIME || t == ORM_T_TIME;
}

bool orm_is_temporal_sub(const struct orm_term *t)
{
    return t->kind == ORM_TERM_BINARY && t->op == ORM_OP_SUB && t->args[0]->type == t->args[1]->type &&
           is_moment(t->args[0]->type);
}

bool orm_is_duration_op(const struct orm_term *t)
{
    return t->kind == ORM_TERM_BINARY && (t->args[0]->type == ORM_T_DURATION) != (t->args[1]->type == ORM_T_DURATION);
}

/* The class of the first part, when it is an instance of all the others'. */
static void settle_first(struct orm_arena *a, struct orm_term *t, const struct orm_term *const *parts, size_t n)
{
    orm_kind first = ORM_NO_KIND;
    for (size_t i = 0; i < n; i++) {
        if (parts[i]->kind_error) {
            t->kind_error = parts[i]->kind_error;
            break;
        }
        orm_kind k = parts[i]->field;
        if (k == ORM_NO_KIND)
            continue;
        if (first == ORM_NO_KIND)
            first = k;
        else if (!orm_kind_is(first, k) && !t->kind_error)
            t->kind_error = orm_printf(a, "Expression contains mixed types: %s, %s. You must set output_field.",
                                       orm_kind_name(first), orm_kind_name(k));
    }
    t->field = t->kind_error ? ORM_NO_KIND : first;
}

static bool any_is(const struct orm_term *t, orm_kind base)
{
    for (size_t i = 0; i < t->n_args; i++)
        if (orm_kind_is(t->args[i]->field, base))
            return true;
    return false;
}

/* Django's NumericOutputFieldMixin. */
static void settle_numeric(struct orm_arena *a, struct orm_term *t)
{
    for (size_t i = 0; i < t->n_args; i++)
        if (t->args[i]->kind_error)
            t->kind_error = t->args[i]->kind_error;
    if (any_is(t, ORM_DecimalField))
        t->field = ORM_DecimalField;
    else if (any_is(t, ORM_IntegerField) || t->n_args == 0)
        t->field = ORM_FloatField;
    else
        settle_first(a, t, (const struct orm_term *const *)t->args, t->n_args);
}

/* Django's _connector_combinators: the four operations mix integers with decimals and floats. */
static void settle_binary(struct orm_arena *a, struct orm_term *t)
{
    if (orm_is_temporal_sub(t)) {
        t->field = ORM_DurationField;
        return;
    }
    settle_first(a, t, (const struct orm_term *const *)t->args, 2);
    orm_kind x = t->args[0]->field, y = t->args[1]->field;
    bool mixes = t->op == ORM_OP_ADD || t->op == ORM_OP_SUB || t->op == ORM_OP_MUL || t->op == ORM_OP_DIV;
    if (!t->kind_error || !mixes || t->args[0]->kind_error || t->args[1]->kind_error)
        return;
    bool xi = orm_kind_is(x, ORM_IntegerField), yi = orm_kind_is(y, ORM_IntegerField);
    static const orm_kind others[] = {ORM_IntegerField, ORM_DecimalField, ORM_FloatField};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if ((xi && orm_kind_is(y, others[i])) || (yi && orm_kind_is(x, others[i]))) {
            t->field = others[i];
            t->kind_error = NULL;
            return;
        }
    }
}

static void settle_function(struct orm_arena *a, struct orm_term *t)
{
    switch (t->func->result) {
    case ORM_R_INT: t->field = ORM_IntegerField; break;
    case ORM_R_TEXT: t->field = ORM_CharField; break;
    case ORM_R_DATETIME: t->field = ORM_DateTimeField; break;
    case ORM_R_JSON: t->field = ORM_JSONField; break;
    case ORM_R_NUMERIC: settle_numeric(a, t); break;
    case ORM_R_FIRST: settle_first(a, t, (const struct orm_term *const *)t->args, t->n_args); break;
    }
}

/* The column of a query that has one; NULL: it selects whole rows. */
static const struct orm_term *only_column(const struct orm_query *q)
{
    if (q->n_select)
        return q->select[0].term;
    for (size_t i = 0; !q->default_columns && i < q->n_annotations; i++)
        if (q->annotations[i].is_selected)
            return q->annotations[i].term;
    return NULL;
}

void orm_term_settle(struct orm_arena *a, struct orm_term *t)
{
    if (t->is_fixed)
        return;
    bool is_made = t->kind == ORM_TERM_BINARY || t->kind == ORM_TERM_FUNC || t->kind == ORM_TERM_AGG ||
                   t->kind == ORM_TERM_WINDOW || t->kind == ORM_TERM_CASE || t->kind == ORM_TERM_SUBQUERY;
    if (!is_made)
        return;
    t->kind_error = NULL;
    if (t->kind == ORM_TERM_BINARY) {
        settle_binary(a, t);
    } else if (t->kind == ORM_TERM_CASE) {
        settle_first(a, t, (const struct orm_term *const *)t->args, t->n_args);
    } else if (t->kind == ORM_TERM_SUBQUERY) {
        const struct orm_term *column = only_column(t->query);
        t->field = column ? column->field : ORM_NO_KIND;
        t->kind_error = column ? column->kind_error : NULL;
    } else if (t->kind == ORM_TERM_WINDOW) {
        t->field = t->args[0]->field;
        t->kind_error = t->args[0]->kind_error;
    } else {
        settle_function(a, t);
    }
    t->type = kinds[t->field].type;
}
