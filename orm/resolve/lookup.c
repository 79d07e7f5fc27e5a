/* Column, lookup name, value → condition, with the value made fit for the column. */
#include <inttypes.h>
#include <math.h>

#include "orm/orm.h"
#include "orm/queryset/row.h"
#include "orm/resolve/resolve.h"
#include "orm/value/json.h"
#include "orm/value/kind.h"

static const char *field_label(const struct orm_term *lhs)
{
    return lhs->kind == ORM_TERM_COLUMN ? lhs->attr->name : "the expression";
}

/* In Django's words, and with the exception that its field raises. */
static void misfit(struct orm_resolver *r, const struct orm_term *lhs, const orm_val *v, const struct orm_node *at)
{
    static const struct {
        enum orm_type type;
        const char *message; /* of a ValidationError; NULL: a number */
    } messages[] = {
        {ORM_T_INT, NULL},
        {ORM_T_FLOAT, NULL},
        {ORM_T_DECIMAL, "value must be a decimal number."},
        {ORM_T_BOOL, "value must be either True or False."},
        {ORM_T_DATE, "value has an invalid date format. It must be in YYYY-MM-DD format."},
        {ORM_T_DATETIME, "value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."},
        {ORM_T_TIME, "value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format."},
        {ORM_T_DURATION, "value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format."},
        {ORM_T_UUID, "is not a valid UUID."}};
    struct orm_buf b = {.arena = r->arena};
    orm_print_val(&b, v);
    bool is_moment = lhs->type == ORM_T_DATE || lhs->type == ORM_T_DATETIME || lhs->type == ORM_T_TIME;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (messages[i].type != lhs->type)
            continue;
        if (!messages[i].message)
            orm_resolve_fail(r, at, v->tag == ORM_TEXT ? ORM_VALUE_ERROR : ORM_TYPE_ERROR,
                             "Field '%s' expected a number but got %s.", field_label(lhs), b.p);
        else if (is_moment && v->tag != ORM_TEXT)
            orm_resolve_fail(r, at, ORM_TYPE_ERROR, "expected string or bytes-like object: field '%s' got %s",
                             field_label(lhs), b.p);
        else
            orm_resolve_fail(r, at, ORM_VALIDATION, "field '%s': %s %s", field_label(lhs), b.p, messages[i].message);
        return;
    }
    orm_resolve_fail(r, at, ORM_TYPE_ERROR, "field '%s' (%s) got %s, which is no such value", field_label(lhs),
                     orm_kind_name(lhs->field), b.p);
}

struct orm_term *orm_fit_value(struct orm_resolver *r, const struct orm_term *lhs, struct orm_term *value,
                               const struct orm_node *at)
{
    if (value->kind != ORM_TERM_VALUE || value->value.tag == ORM_NULL)
        return value;
    orm_val v = value->value;
    if (v.tag == ORM_BYTES && lhs->type == ORM_T_BYTES)
        return value;
    orm_val fitted;
    if (!orm_convert(r->arena, v, lhs->type, &fitted)) {
        misfit(r, lhs, &v, at);
        return NULL;
    }
    struct orm_term *t = orm_term_value(r->arena, fitted);
    bool is_as_given = orm_type_of_val(&v) == lhs->type && lhs->type != ORM_T_DECIMAL;
    t->hole = is_as_given ? value->hole : 0;
    t->type = lhs->type == ORM_T_OTHER ? lhs->type : t->type;
    return t;
}

/* A row given where a key is wanted: its key. */
static struct orm_term *key_of_row(struct orm_resolver *r, const struct orm_attr *relation, const struct orm_term *lhs,
                                   struct orm_term *value, const struct orm_node *at)
{
    if (value->kind != ORM_TERM_VALUE || value->value.tag != ORM_ROW)
        return value;
    const orm_row *row = value->value.u.row;
    const struct orm_meta *m = orm_meta_of(r->registry, row->model);
    const struct orm_meta *wanted = relation ? relation->to : lhs->kind == ORM_TERM_COLUMN ? lhs->attr->owner : NULL;
    if (!m || (wanted && m != wanted)) {
        orm_resolve_fail(r, at, ORM_VALUE_ERROR, "Cannot query \"%s object\": Must be \"%s\" instance.",
                         row->model->name, wanted ? wanted->name : "some other");
        return NULL;
    }
    orm_val key;
    if (relation && relation->relation == ORM_REL_FK)
        orm_target_key(row, relation, &key);
    else
        orm_row_key(row, m, &key);
    return orm_term_value(r->arena, key);
}

/* Integer columns and fractional values, as Django 3.2's IntegerField lookups: gte and lt round up, the rest cut. */
static void round_for_int(const struct orm_term *lhs, enum orm_lookup_id id, struct orm_term **rhs, struct orm_arena *a)
{
    struct orm_term *v = *rhs;
    if (lhs->type != ORM_T_INT || v->kind != ORM_TERM_VALUE || v->value.tag != ORM_DBL)
        return;
    if ((id == ORM_L_GTE || id == ORM_L_LT) && fabs(v->value.u.d) < 9e18)
        *rhs = orm_term_value(a, (orm_val){ORM_INT, {.i = (int64_t)ceil(v->value.u.d)}});
}

static struct orm_term *list_of(struct orm_resolver *r, struct orm_term *rhs)
{
    if (rhs->kind == ORM_TERM_LIST)
        return rhs;
    if (rhs->kind != ORM_TERM_VALUE || (rhs->value.tag != ORM_INTS && rhs->value.tag != ORM_TEXTS))
        return NULL;
    struct orm_term *l = orm_term_new(r->arena, ORM_TERM_LIST, ORM_T_NONE);
    l->n_args = rhs->value.u.arr.n;
    l->args = ORM_NEW_N(r->arena, struct orm_term *, l->n_args);
    for (size_t i = 0; i < l->n_args; i++) {
        orm_val v = rhs->value.tag == ORM_INTS ? orm_v_int(((const int64_t *)rhs->value.u.arr.p)[i])
                                               : orm_v_text(((const char *const *)rhs->value.u.arr.p)[i]);
        l->args[i] = orm_term_value(r->arena, v);
    }
    return l;
}

static bool fit_list(struct orm_resolver *r, const struct orm_lookup *l, const struct orm_attr *relation,
                     const struct orm_term *lhs, struct orm_term **rhs, const struct orm_node *at)
{
    struct orm_term *given = list_of(r, *rhs);
    if (!given)
        return orm_resolve_fail(r, at, ORM_TYPE_ERROR, "%s needs a list or a queryset", l->name);
    if (l->rhs == ORM_RHS_PAIR && given->n_args != 2)
        return orm_resolve_fail(r, at, ORM_VALUE_ERROR, "range needs two values");
    struct orm_term *fitted = orm_term_new(r->arena, ORM_TERM_LIST, lhs->type);
    fitted->args = ORM_NEW_N(r->arena, struct orm_term *, given->n_args);
    for (size_t i = 0; i < given->n_args; i++) {
        struct orm_term *v = key_of_row(r, relation, lhs, given->args[i], at);
        v = v ? orm_fit_value(r, lhs, v, at) : NULL;
        if (!v)
            return false;
        fitted->has_aggregate = fitted->has_aggregate || v->has_aggregate;
        bool drop = false;
        if (l->rhs == ORM_RHS_LIST) { /* None never matches; doubles say nothing new */
            drop = v->kind == ORM_TERM_VALUE && v->value.tag == ORM_NULL;
            if (given->n_args <= 2000) /* beyond that the quadratic search costs more than a longer list */
                for (size_t k = 0; k < fitted->n_args && !drop; k++)
                    drop = orm_same_term(fitted->args[k], v);
        }
        if (!drop)
            fitted->args[fitted->n_args++] = v;
    }
    *rhs = fitted;
    return true;
}

static bool is_key(const struct orm_term *lhs)
{
    return lhs->kind == ORM_TERM_COLUMN && lhs->attr->relation == ORM_REL_FK;
}

static bool fit_subquery(struct orm_resolver *r, const struct orm_lookup *l, const struct orm_term *lhs,
                         struct orm_term **rhs, const struct orm_node *at)
{
    const struct orm_query *q = r->query_of((*rhs)->value.u.qs);
    if (!q)
        return false;
    size_t n_columns = q->is_values ? q->n_select : 1;
    for (size_t i = 0; q->is_values && i < q->n_annotations; i++)
        n_columns += q->annotations[i].is_selected;
    if (n_columns != 1)
        return orm_resolve_fail(r, at, ORM_TYPE_ERROR, "Cannot use multi-field values as a filter value.");
    if (l->rhs != ORM_RHS_LIST && !(q->high >= 0 && q->high - q->low == 1))
        return orm_resolve_fail(r, at, ORM_VALUE_ERROR,
                                "The QuerySet value for an exact lookup must be limited to one result using slicing.");
    struct orm_scope_rule rule = {0};
    const struct orm_attr *key = is_key(lhs) && lhs->attr->to == q->meta ? lhs->attr->target : q->meta->pk;
    struct orm_query *inner = orm_embed_query(r, q, q->is_values ? NULL : key, at, &rule);
    if (!inner)
        return false;
    if (!orm_query_is_sliced(inner))
        orm_query_clear_ordering(inner);
    *rhs = orm_term_new(r->arena, ORM_TERM_SUBQUERY, lhs->type);
    (*rhs)->query = inner;
    return true;
}

/* year compared with a number is a range of moments, which an index can serve. */
static struct orm_cond *year_as_range(struct orm_resolver *r, const struct orm_term *lhs, enum orm_lookup_id id,
                                      const struct orm_term *rhs)
{
    bool is_year = lhs->kind == ORM_TERM_EXTRACT && lhs->part->id == ORM_PART_YEAR;
    if (!is_year || rhs->kind != ORM_TERM_VALUE || rhs->value.tag != ORM_INT)
        return NULL;
    int64_t year = rhs->value.u.i;
    bool is_range = id == ORM_L_EXACT || (id >= ORM_L_GT && id <= ORM_L_LTE);
    if (is_range && (year < 1 || year > 9999))
        orm_resolve_fail(r, NULL, ORM_VALUE_ERROR, "year %" PRId64 " is out of range", year);
    if (year < 1 || year > 9999)
        return NULL;
    struct orm_term *inner = lhs->args[0];
    orm_val low, high;
    if (inner->type == ORM_T_DATE) {
        low = (orm_val){ORM_DATE, {.date = orm_day((int)year, 1, 1)}};
        high = (orm_val){ORM_DATE, {.date = orm_day((int)year, 12, 31)}};
    } else {
        low = (orm_val){ORM_DT, {.dt = orm_utc((int)year, 1, 1, 0, 0, 0)}};
        high = (orm_val){ORM_DT, {.dt = {orm_utc((int)year + 1, 1, 1, 0, 0, 0).us - 1}}};
    }
    struct orm_term *lo = orm_term_value(r->arena, low), *hi = orm_term_value(r->arena, high);
    switch (id) {
    case ORM_L_EXACT: {
        struct orm_term *pair = orm_term_new(r->arena, ORM_TERM_LIST, inner->type);
        pair->args = ORM_NEW_N(r->arena, struct orm_term *, 2);
        pair->args[0] = lo;
        pair->args[1] = hi;
        pair->n_args = 2;
        return orm_cond_lookup(r->arena, inner, &orm_lookups[ORM_L_RANGE], pair);
    }
    case ORM_L_GT:
    case ORM_L_LTE: return orm_cond_lookup(r->arena, inner, &orm_lookups[id], hi);
    case ORM_L_GTE:
    case ORM_L_LT: return orm_cond_lookup(r->arena, inner, &orm_lookups[id], lo);
    default: return NULL;
    }
}

static size_t json_depth(const struct orm_term *t)
{
    size_t n = 0;
    for (; t->kind == ORM_TERM_JSON_KEY; t = t->args[0])
        n++;
    return n;
}

struct orm_term *orm_extract(struct orm_resolver *r, struct orm_term *lhs, const struct orm_name *name)
{
    const struct orm_part *part = orm_part_named(name->s, name->n, lhs->type);
    bool is_key = lhs->type == ORM_T_JSON && json_depth(lhs) < ORM_MAX_JSON_KEYS;
    if (!part && !is_key)
        return NULL;
    struct orm_term *t =
        orm_term_new(r->arena, is_key ? ORM_TERM_JSON_KEY : ORM_TERM_EXTRACT, is_key ? ORM_T_JSON : part->type);
    t->part = part;
    t->name = is_key ? orm_copy_text(r->arena, name->s, name->n) : NULL;
    t->args = ORM_NEW_N(r->arena, struct orm_term *, 1);
    t->args[0] = lhs;
    t->n_args = 1;
    t->nullable = lhs->nullable || is_key;
    t->has_aggregate = lhs->has_aggregate;
    return t;
}

static struct orm_cond *build(struct orm_resolver *r, struct orm_term *lhs, const struct orm_attr *relation,
                              const struct orm_lookup *l, struct orm_term *rhs, const struct orm_node *at)
{
    bool is_null = rhs->kind == ORM_TERM_VALUE && rhs->value.tag == ORM_NULL;
    bool is_document = lhs->type == ORM_T_JSON && l->id != ORM_L_ISNULL && rhs->value.tag != ORM_QS;
    if (is_document && l->rhs != ORM_RHS_TEXT && l->rhs != ORM_RHS_PATTERN)
        return orm_json_lookup(r, lhs, l, rhs, at);
    if (lhs->kind == ORM_TERM_JSON_KEY && is_document && !is_null) {
        struct orm_term *text = ORM_NEW(r->arena, struct orm_term);
        *text = *lhs;
        text->is_text = true;
        lhs = text;
    }
    if (l->id == ORM_L_ISNULL) {
        orm_val flag;
        if (rhs->kind != ORM_TERM_VALUE || !orm_convert(r->arena, rhs->value, ORM_T_BOOL, &flag) ||
            flag.tag != ORM_BOOL) {
            orm_resolve_fail(r, at, ORM_VALUE_ERROR, "The QuerySet value for an isnull lookup must be True or False.");
            return NULL;
        }
        return orm_cond_lookup(r->arena, lhs, l, orm_term_value(r->arena, flag));
    }
    if (is_null && (l->id == ORM_L_EXACT || l->id == ORM_L_IEXACT))
        return orm_cond_lookup(r->arena, lhs, &orm_lookups[ORM_L_ISNULL], orm_term_value(r->arena, orm_v_bool(true)));
    if (is_null) {
        orm_resolve_fail(r, at, ORM_VALUE_ERROR, "Cannot use None as a query value");
        return NULL;
    }
    if (rhs->kind == ORM_TERM_VALUE && rhs->value.tag == ORM_QS) {
        if (!fit_subquery(r, l, lhs, &rhs, at))
            return NULL;
    } else if (l->rhs == ORM_RHS_LIST && rhs->kind == ORM_TERM_SUBQUERY) {
        /* Subquery(...) stands as it is */
    } else if (l->rhs == ORM_RHS_LIST || l->rhs == ORM_RHS_PAIR) {
        if (!fit_list(r, l, relation, lhs, &rhs, at))
            return NULL;
    } else if (l->rhs == ORM_RHS_ONE) {
        rhs = key_of_row(r, relation, lhs, rhs, at);
        if (!rhs)
            return NULL;
        round_for_int(lhs, l->id, &rhs, r->arena);
        rhs = orm_fit_value(r, lhs, rhs, at);
    } else if (rhs->kind == ORM_TERM_VALUE) {
        orm_val text;
        if (!orm_convert(r->arena, rhs->value, ORM_T_TEXT, &text)) {
            orm_resolve_fail(r, at, ORM_VALUE_ERROR, "%s needs a text", l->name);
            return NULL;
        }
        rhs = orm_term_value(r->arena, text);
    }
    if (!rhs)
        return NULL;
    if (rhs->kind == ORM_TERM_LIST && l->rhs != ORM_RHS_LIST && l->rhs != ORM_RHS_PAIR) {
        orm_resolve_fail(r, at, ORM_TYPE_ERROR, "Field '%s' expected a single value but got a list.", field_label(lhs));
        return NULL;
    }
    struct orm_cond *range = year_as_range(r, lhs, l->id, rhs);
    if (r->error->status != ORM_OK)
        return NULL;
    return range ? range : orm_cond_lookup(r->arena, lhs, l, rhs);
}

struct orm_cond *orm_build_lookup(struct orm_resolver *r, struct orm_term *lhs, const struct orm_attr *relation,
                                  const struct orm_name *names, size_t n_names, struct orm_term *rhs,
                                  const struct orm_node *at)
{
    const struct orm_lookup *l = &orm_lookups[ORM_L_EXACT];
    for (size_t i = 0; i < n_names; i++) {
        const struct orm_lookup *named = orm_lookup_named(names[i].s, names[i].n, lhs->type);
        bool is_last = i + 1 == n_names;
        if (relation && (!is_last || !named || !named->on_relation)) {
            orm_resolve_fail(r, at, ORM_FIELD_ERROR, "Related Field got invalid lookup: %.*s. Choices of %s are: %s",
                             (int)names[i].n, names[i].s, relation->to->name,
                             orm_attr_choices(r->arena, relation->to, NULL, 0));
            return NULL;
        }
        if (is_last && named) {
            l = named;
            break;
        }
        struct orm_term *part = orm_extract(r, lhs, &names[i]);
        if (!part) {
            orm_resolve_fail(r, at, ORM_FIELD_ERROR,
                             "Unsupported lookup '%.*s' for %s or join on the field not permitted.", (int)names[i].n,
                             names[i].s, orm_type_name(lhs->type));
            return NULL;
        }
        lhs = part;
    }
    return build(r, lhs, relation, l, rhs, at);
}
