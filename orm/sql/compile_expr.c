/* Terms and conditions into SQL. */
#include <inttypes.h>

#include "orm/orm.h"
#include "orm/sql/compile.h"

void orm_compiler_init(struct orm_compiler *c, const struct orm_resolver *r, const struct orm_dialect *d)
{
    *c = (struct orm_compiler){.r = *r, .dialect = d, .sql = {.arena = r->arena}};
    orm_put(&c->sql, "");
}

void orm_put_quoted(struct orm_compiler *c, const char *name)
{
    orm_put(&c->sql, "\"");
    for (const char *s = name; *s; s++)
        orm_put_n(&c->sql, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    orm_put(&c->sql, "\"");
}

void orm_put_alias(struct orm_compiler *c, int alias, int level)
{
    size_t depth = c->n_levels - 1 - (size_t)level;
    const struct orm_query *q = c->levels[depth];
    const char *table = q->aliases[alias].meta->table;
    if (depth > 0) {
        orm_putf(&c->sql, "%c%d", (char)('T' + (depth < 6 ? depth : 6)), alias + (depth < 6 ? 0 : 100 * (int)depth));
        return;
    }
    int number = orm_alias_number(q, alias);
    if (number)
        orm_putf(&c->sql, "T%d", number);
    else
        orm_put_quoted(c, table);
}

/* A value of a table's definition. */
static void put_constant(struct orm_compiler *c, const orm_val *v)
{
    char text[64];
    switch (v->tag) {
    case ORM_BOOL: orm_put(&c->sql, v->u.b ? c->dialect->truth[1] : c->dialect->truth[0]); break;
    case ORM_INT: orm_putf(&c->sql, "%" PRId64, v->u.i); break;
    case ORM_DBL: orm_put(&c->sql, orm_format_double(v->u.d, text)); break;
    case ORM_DEC: orm_put(&c->sql, orm_format_decimal(v->u.dec, text)); break;
    case ORM_DATE: orm_put_literal(c, orm_format_date(v->u.date, text)); break;
    case ORM_TIME: orm_put_literal(c, orm_format_time(v->u.time, text)); break;
    case ORM_DT: orm_put_literal(c, orm_format_datetime(v->u.dt, text)); break;
    case ORM_TEXT:
    case ORM_JSON: orm_put_literal(c, v->u.s); break;
    default: orm_fail(c->r.error, ORM_NOT_SUPPORTED, "a table's definition takes no value of this type"); break;
    }
}

void orm_put_param(struct orm_compiler *c, const struct orm_param *p)
{
    if (c->is_definition) {
        put_constant(c, &p->v);
        return;
    }
    struct orm_param own = *p;
    if (c->dialect->param_type)
        own.type = c->dialect->param_type(&p->v, p->type);
    if (c->dialect->numbers_params) {
        size_t from = c->n_params > 64 ? c->n_params - 64 : 0; /* a long IN list must not make this quadratic */
        for (size_t i = from; i < c->n_params; i++) {
            bool same_hole = c->params[i].hole == own.hole;
            if (same_hole && c->params[i].type == own.type && orm_same_val(&c->params[i].v, &own.v)) {
                orm_putf(&c->sql, "$%zu", i + 1);
                return;
            }
        }
    }
    c->params = ORM_GROW(c->sql.arena, c->params, c->n_params);
    c->params[c->n_params++] = own;
    if (c->dialect->numbers_params)
        orm_putf(&c->sql, "$%zu", c->n_params);
    else
        orm_put(&c->sql, "?");
}

void orm_put_literal(struct orm_compiler *c, const char *text)
{
    orm_put(&c->sql, "'");
    for (const char *s = text; *s; s++)
        orm_put_n(&c->sql, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1);
    orm_put(&c->sql, "'");
}

static void put_value(struct orm_compiler *c, const struct orm_term *t)
{
    if (t->value.tag == ORM_NULL)
        orm_put(&c->sql, "NULL");
    else
        orm_put_param(c, &(struct orm_param){t->value, t->type, t->hole});
}

static enum orm_sql put_list(struct orm_compiler *c, struct orm_term *const *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            orm_put(&c->sql, ", ");
        enum orm_sql s = orm_put_term(c, args[i]);
        if (s != ORM_SQL_OK)
            return s;
    }
    return ORM_SQL_OK;
}

static void cut(struct orm_compiler *c, size_t len, size_t n_params)
{
    c->sql.len = len;
    c->sql.p[len] = '\0';
    c->n_params = n_params;
}

static void put_truth(struct orm_compiler *c, bool truth)
{
    orm_put(&c->sql, truth ? "1 = 1" : "1 = 0");
}

/* A condition used as a value; what comes to nothing is written out. */
static enum orm_sql put_cond_value(struct orm_compiler *c, const struct orm_cond *cond)
{
    size_t len = c->sql.len, n_params = c->n_params;
    enum orm_sql s = orm_put_cond(c, cond);
    if (s == ORM_SQL_ERROR || s == ORM_SQL_OK)
        return s;
    cut(c, len, n_params);
    put_truth(c, s == ORM_SQL_FULL);
    return ORM_SQL_OK;
}

static enum orm_sql put_aggregate(struct orm_compiler *c, const struct orm_term *t)
{
    orm_putf(&c->sql, "%s(%s", t->name ? t->name : t->func->sql, t->distinct ? "DISTINCT " : "");
    if (t->n_args == 0)
        orm_put(&c->sql, "*");
    enum orm_sql s = put_list(c, t->args, t->n_args);
    orm_put(&c->sql, ")");
    if (s == ORM_SQL_OK && t->n_conds) {
        orm_put(&c->sql, " FILTER (WHERE ");
        s = put_cond_value(c, t->conds[0]);
        orm_put(&c->sql, ")");
    }
    return s;
}

/* Template: @1 is the first argument. */
static enum orm_sql put_call_template(struct orm_compiler *c, const char *template, const struct orm_term *t)
{
    for (const char *s = template; *s; s++) {
        size_t i = s[0] == '@' ? (size_t)(s[1] - '1') : 0;
        if (s[0] != '@') {
            orm_put_n(&c->sql, s, 1);
            continue;
        }
        enum orm_sql done = orm_put_term(c, t->args[i]);
        if (done != ORM_SQL_OK)
            return done;
        s++;
    }
    return ORM_SQL_OK;
}

static enum orm_sql put_call(struct orm_compiler *c, const struct orm_term *t)
{
    if (c->dialect->put_function(c, t))
        return ORM_SQL_OK;
    const char *own = c->dialect->functions[t->func->id], *sql = own ? own : t->func->sql;
    if (strchr(sql, '@'))
        return put_call_template(c, sql, t);
    orm_put(&c->sql, sql);
    if (t->func->max_args == 0)
        return ORM_SQL_OK;
    orm_put(&c->sql, "(");
    enum orm_sql s = put_list(c, t->args, t->n_args);
    orm_put(&c->sql, ")");
    return s;
}

static enum orm_sql put_window(struct orm_compiler *c, const struct orm_term *t)
{
    enum orm_sql s = t->args[0]->kind == ORM_TERM_AGG ? put_aggregate(c, t->args[0]) : put_call(c, t->args[0]);
    orm_put(&c->sql, " OVER (");
    for (size_t i = 1; s == ORM_SQL_OK && i < t->n_args; i++) {
        bool is_order = i > t->n_partition;
        size_t k = is_order ? i - 1 - t->n_partition : i - 1;
        orm_put(&c->sql, k ? ", " : is_order ? (i > 1 ? " ORDER BY " : "ORDER BY ") : "PARTITION BY ");
        s = orm_put_term(c, t->args[i]);
        if (is_order)
            orm_put_direction(c, &t->window_orders[k]);
    }
    orm_putf(&c->sql, "%s)", t->frame ? t->frame : "");
    return s;
}

static enum orm_sql put_binary(struct orm_compiler *c, const struct orm_term *t)
{
    static const char *const ops[] = {[ORM_OP_ADD] = "+", [ORM_OP_SUB] = "-",  [ORM_OP_MUL] = "*", [ORM_OP_DIV] = "/",
                                      [ORM_OP_MOD] = "%", [ORM_OP_POW] = "^",  [ORM_OP_AND] = "&", [ORM_OP_OR] = "|",
                                      [ORM_OP_XOR] = "#", [ORM_OP_SHL] = "<<", [ORM_OP_SHR] = ">>"};
    if (c->dialect->put_binary && c->dialect->put_binary(c, t))
        return ORM_SQL_OK;
    orm_put(&c->sql, "(");
    enum orm_sql s = orm_put_term(c, t->args[0]);
    if (s != ORM_SQL_OK)
        return s;
    orm_putf(&c->sql, " %s ", ops[t->op]);
    s = orm_put_term(c, t->args[1]);
    orm_put(&c->sql, ")");
    return s;
}

static enum orm_sql put_case(struct orm_compiler *c, const struct orm_term *t)
{
    size_t start = c->sql.len, start_params = c->n_params, n_written = 0;
    orm_put(&c->sql, "CASE");
    for (size_t i = 0; i < t->n_conds; i++) {
        size_t len = c->sql.len, n_params = c->n_params;
        orm_put(&c->sql, " WHEN ");
        enum orm_sql s = orm_put_cond(c, t->conds[i]);
        if (s == ORM_SQL_ERROR)
            return s;
        if (s == ORM_SQL_EMPTY) {
            cut(c, len, n_params);
            continue;
        }
        if (s == ORM_SQL_FULL)
            put_truth(c, true);
        orm_put(&c->sql, " THEN ");
        if (orm_put_term(c, t->args[i]) != ORM_SQL_OK)
            return ORM_SQL_ERROR;
        n_written++;
    }
    if (n_written == 0) { /* nothing can match: the default alone */
        cut(c, start, start_params);
        return orm_put_term(c, t->args[t->n_conds]);
    }
    orm_put(&c->sql, " ELSE ");
    enum orm_sql s = orm_put_term(c, t->args[t->n_conds]);
    orm_put(&c->sql, " END");
    return s;
}

static enum orm_sql put_subquery(struct orm_compiler *c, const struct orm_term *t)
{
    size_t len = c->sql.len, n_params = c->n_params;
    if (c->n_levels == sizeof c->levels / sizeof *c->levels) {
        orm_fail(c->r.error, ORM_NOT_SUPPORTED, "subqueries are nested too deeply");
        return ORM_SQL_ERROR;
    }
    orm_put(&c->sql, t->kind != ORM_TERM_EXISTS ? "(" : t->negated ? "NOT EXISTS(" : "EXISTS(");
    enum orm_sql s = orm_put_select(c, t->query, NULL);
    orm_put(&c->sql, ")");
    if (s == ORM_SQL_EMPTY)
        cut(c, len, n_params);
    return s;
}

/* SQLite has no decimals: what computes one is made a number again. */
static enum orm_sql put_number(struct orm_compiler *c, const struct orm_term *t,
                               enum orm_sql (*put)(struct orm_compiler *, const struct orm_term *))
{
    bool cast = c->dialect->casts_decimals && t->type == ORM_T_DECIMAL;
    orm_put(&c->sql, cast ? "CAST(" : "");
    enum orm_sql s = put(c, t);
    orm_put(&c->sql, cast ? " AS NUMERIC)" : "");
    return s;
}

void orm_put_direction(struct orm_compiler *c, const struct orm_order *o)
{
    static const char *const nulls[] = {"", " NULLS FIRST", " NULLS LAST"};
    orm_putf(&c->sql, " %s%s", o->descending ? "DESC" : "ASC", nulls[o->nulls]);
}

enum orm_sql orm_put_term(struct orm_compiler *c, const struct orm_term *t)
{
    switch (t->kind) {
    case ORM_TERM_COLUMN:
        if ((size_t)t->level >= c->n_levels)
            break;
        if (!c->is_definition) {
            orm_put_alias(c, t->alias, t->level);
            orm_put(&c->sql, ".");
        }
        orm_put_quoted(c, t->attr->column);
        return ORM_SQL_OK;
    case ORM_TERM_VALUE: put_value(c, t); return ORM_SQL_OK;
    case ORM_TERM_LIST: return put_list(c, t->args, t->n_args);
    case ORM_TERM_FUNC: return put_number(c, t, put_call);
    case ORM_TERM_AGG: return put_number(c, t, put_aggregate);
    case ORM_TERM_WINDOW: return put_number(c, t, put_window);
    case ORM_TERM_BINARY: return put_number(c, t, put_binary);
    case ORM_TERM_EXTRACT: c->dialect->put_extract(c, t); return ORM_SQL_OK;
    case ORM_TERM_TRUNC: c->dialect->put_trunc(c, t); return ORM_SQL_OK;
    case ORM_TERM_CASE: return put_case(c, t);
    case ORM_TERM_CAST: c->dialect->put_cast(c, t); return ORM_SQL_OK;
    case ORM_TERM_JSON_KEY: c->dialect->put_json_key(c, t); return ORM_SQL_OK;
    case ORM_TERM_COND: return put_cond_value(c, t->conds[0]);
    case ORM_TERM_SUBQUERY:
    case ORM_TERM_EXISTS: return put_subquery(c, t);
    case ORM_TERM_PLACE: orm_putf(&c->sql, "%d", t->places); return ORM_SQL_OK;
    case ORM_TERM_REF: orm_put_quoted(c, t->name); return ORM_SQL_OK;
    case ORM_TERM_OUTER: break;
    }
    orm_fail(c->r.error, ORM_VALUE_ERROR,
             "This queryset contains a reference to an outer query and may only be used in a subquery.");
    return ORM_SQL_ERROR;
}

/* ---- lookups ------------------------------------------------------------------------------------------------------------ */

static const char *escape_pattern(struct orm_arena *a, const struct orm_lookup *l, const char *s)
{
    char *out = orm_alloc(a, strlen(s) * 2 + 3), *p = out;
    if (l->percent_before)
        *p++ = '%';
    for (; *s; s++) {
        if (*s == '%' || *s == '_' || *s == '\\')
            *p++ = '\\';
        *p++ = *s;
    }
    if (l->percent_behind)
        *p++ = '%';
    return out;
}

/* '@' is the left side, '?' the right one. */
static enum orm_sql put_template(struct orm_compiler *c, const char *template, const struct orm_term *lhs,
                                 const struct orm_term *rhs, const char *rhs_template)
{
    for (const char *s = template; *s; s++) {
        enum orm_sql done = ORM_SQL_OK;
        if (*s == '@')
            done = orm_put_term(c, lhs);
        else if (*s == '?' && rhs_template)
            done = put_template(c, rhs_template, NULL, rhs, NULL);
        else if (*s == '?')
            done = orm_put_term(c, rhs);
        else
            orm_put_n(&c->sql, s, 1);
        if (done != ORM_SQL_OK)
            return done;
    }
    return ORM_SQL_OK;
}

/* A list for it may hold keys that it cannot. */
static bool is_small(const struct orm_attr *column)
{
    while (column->relation == ORM_REL_FK)
        column = column->target;
    return column->def && column->def->kind == ORM_SmallIntegerField;
}

/* A long list of keys as one value: the text stays the same whatever its length, and the server reads no parameter a key.
 * False: the list is short, not of whole numbers, texts or UUIDs only, or no column is asked for them. */
static bool list_as_value(struct orm_arena *a, const struct orm_cond *in, orm_val *out)
{
    enum { MAX_SINGLE = 16 };
    const struct orm_term *list = in->rhs, *first = list->kind == ORM_TERM_LIST && list->n_args ? list->args[0] : NULL;
    size_t n = list->n_args;
    if (!first || n <= MAX_SINGLE || in->lhs->kind != ORM_TERM_COLUMN || is_small(in->lhs->attr) ||
        first->type != orm_type_of_val(&first->value))
        return false;
    orm_tag tag = first->value.tag;
    if (tag != ORM_INT && tag != ORM_TEXT && tag != ORM_UUID)
        return false;
    for (size_t i = 0; i < n; i++)
        if (list->args[i]->kind != ORM_TERM_VALUE || list->args[i]->hole || list->args[i]->value.tag != tag ||
            list->args[i]->type != first->type)
            return false;
    int64_t *ints = tag == ORM_INT ? ORM_NEW_N(a, int64_t, n) : NULL;
    const char **texts = tag == ORM_INT ? NULL : ORM_NEW_N(a, const char *, n);
    for (size_t i = 0; i < n && ints; i++)
        ints[i] = list->args[i]->value.u.i;
    for (size_t i = 0; i < n && texts; i++)
        texts[i] = list->args[i]->value.u.s;
    *out = ints ? (orm_val){ORM_INTS, {.arr = {ints, n}}} : (orm_val){ORM_TEXTS, {.arr = {texts, n}}};
    return true;
}

static enum orm_sql put_in(struct orm_compiler *c, const struct orm_cond *l)
{
    if (l->rhs->kind == ORM_TERM_LIST && l->rhs->n_args == 0)
        return ORM_SQL_EMPTY;
    enum orm_sql s = orm_put_term(c, l->lhs);
    if (s != ORM_SQL_OK)
        return s;
    orm_val all;
    if (c->dialect->any_of && list_as_value(c->r.arena, l, &all)) {
        struct orm_term list = {.kind = ORM_TERM_VALUE, .type = l->rhs->args[0]->type, .value = all};
        return put_template(c, c->dialect->any_of, NULL, &list, NULL);
    }
    orm_put(&c->sql, l->rhs->kind == ORM_TERM_LIST ? " IN (" : " IN ");
    s = orm_put_term(c, l->rhs);
    if (l->rhs->kind == ORM_TERM_LIST)
        orm_put(&c->sql, ")");
    return s;
}

static enum orm_sql put_lookup(struct orm_compiler *c, const struct orm_cond *l)
{
    enum orm_sql s;
    bool is_constant = l->rhs->kind == ORM_TERM_VALUE;
    if (l->lhs->type == ORM_T_JSON && c->dialect->put_json_lookup(c, l, &s))
        return s;
    switch (l->lookup->id) {
    case ORM_L_IN: return put_in(c, l);
    case ORM_L_ISNULL:
        s = orm_put_term(c, l->lhs);
        orm_put(&c->sql, l->rhs->value.u.b ? " IS NULL" : " IS NOT NULL");
        return s;
    case ORM_L_RANGE:
        s = orm_put_term(c, l->lhs);
        orm_put(&c->sql, " BETWEEN ");
        if (s == ORM_SQL_OK)
            s = orm_put_term(c, l->rhs->args[0]);
        orm_put(&c->sql, " AND ");
        return s == ORM_SQL_OK ? orm_put_term(c, l->rhs->args[1]) : s;
    case ORM_L_EXACT: /* a boolean column stands for itself */
        if (is_constant && l->rhs->value.tag == ORM_BOOL && l->lhs->type == ORM_T_BOOL) {
            orm_put(&c->sql, l->rhs->value.u.b ? "" : "NOT ");
            return orm_put_term(c, l->lhs);
        }
        break;
    default: break;
    }
    bool is_pattern = l->lookup->rhs == ORM_RHS_PATTERN ||
                      (l->lookup->id == ORM_L_IEXACT && is_constant && c->dialect->iexact_is_pattern);
    if (!is_pattern)
        return put_template(c, c->dialect->lookups[l->lookup->id], l->lhs, l->rhs, NULL);
    if (!is_constant)
        return put_template(c, c->dialect->column_patterns[l->lookup->id], l->lhs, l->rhs, c->dialect->escaped);
    orm_val pattern = {ORM_TEXT, {.s = escape_pattern(c->sql.arena, l->lookup, l->rhs->value.u.s)}};
    struct orm_term rhs = {.kind = ORM_TERM_VALUE, .type = ORM_T_TEXT, .value = pattern};
    return put_template(c, c->dialect->lookups[l->lookup->id], l->lhs, &rhs, NULL);
}

enum orm_sql orm_put_cond(struct orm_compiler *c, const struct orm_cond *cond)
{
    if (cond->kind == ORM_COND_LOOKUP)
        return put_lookup(c, cond);
    if (cond->kind == ORM_COND_TERM)
        return orm_put_term(c, cond->lhs);
    bool is_and = cond->kind == ORM_COND_AND;
    size_t start = c->sql.len, start_params = c->n_params;
    size_t full_needed = is_and ? cond->n_children : 1, empty_needed = is_and ? 1 : cond->n_children, n_written = 0;
    orm_put(&c->sql, cond->negated ? "NOT (" : "(");
    for (size_t i = 0; i < cond->n_children; i++) {
        size_t len = c->sql.len, n_params = c->n_params;
        if (n_written)
            orm_put(&c->sql, is_and ? " AND " : " OR ");
        enum orm_sql s = orm_put_cond(c, cond->children[i]);
        if (s == ORM_SQL_ERROR)
            return s;
        if (s == ORM_SQL_OK) {
            n_written++;
            continue;
        }
        cut(c, len, n_params);
        if (s == ORM_SQL_EMPTY)
            empty_needed--;
        else
            full_needed--;
        if (empty_needed == 0 || full_needed == 0)
            break;
    }
    if (empty_needed == 0 || full_needed == 0 || n_written == 0) {
        cut(c, start, start_params);
        bool is_empty = cond->n_children > 0 && empty_needed == 0;
        return is_empty != cond->negated ? ORM_SQL_EMPTY : ORM_SQL_FULL;
    }
    if (n_written == 1 && !cond->negated) { /* one alone needs no parentheses */
        c->sql.len--;
        memmove(c->sql.p + start, c->sql.p + start + 1, c->sql.len - start + 1);
        return ORM_SQL_OK;
    }
    orm_put(&c->sql, ")");
    return ORM_SQL_OK;
}
