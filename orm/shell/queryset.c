/* Methods of managers and querysets: one table, one function a shape of arguments. */
#include "orm/shell/shell.h"
#include "orm/write/write.h"

struct method;
typedef bool (*method_function)(struct shell *s, const struct shell_value *self, const struct method *m,
                                const struct orm_node *call, struct shell_value *out);
struct method {
    const char *name;
    method_function call;
    orm_step_op op;      /* of those that make a step */
    bool not_on_manager; /* delete(), slices ... */
};

static bool give_qs(struct shell *s, orm_qs *qs, struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_QS, .qs = qs};
    return orm_is_good(qs) && s->db->error.status == ORM_OK;
}

static bool fail_call(struct shell *s, const struct orm_node *call, const struct method *m, const char *what)
{
    return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->pos, "%s() %s", m->name, what);
}

static orm_qs *step(orm_qs *qs, const orm_step *st)
{
    orm_step steps[] = {*st, {.op = ORM_S_END}};
    return orm_chain_(qs, steps);
}

/* ---- steps -------------------------------------------------------------------------------------------------------------- */

static bool call_expression(struct shell *s, const struct shell_value *self, const struct method *m,
                            const struct orm_node *call, struct shell_value *out)
{
    const struct orm_node *args = shell_fold_args(s, call);
    return args && give_qs(s, step(self->qs, &(orm_step){.op = m->op, .args = args}), out);
}

static bool call_plain(struct shell *s, const struct shell_value *self, const struct method *m,
                       const struct orm_node *call, struct shell_value *out)
{
    if (call->n_args)
        return fail_call(s, call, m, "takes no arguments");
    if (self->kind == SHELL_RELATED && m->op == ORM_S_END && self->qs->result) /* prefetched: no query */
        return give_qs(s, self->qs, out);
    return give_qs(s, m->op == ORM_S_END ? orm_qs_clone(self->qs) : step(self->qs, &(orm_step){.op = m->op}), out);
}

/* prefetch_related('a', Prefetch('b', queryset=..., to_attr='...')) */
static bool call_prefetch(struct shell *s, const struct shell_value *self, const struct method *m,
                          const struct orm_node *call, struct shell_value *out)
{
    const struct orm_node *args = shell_fold_args(s, call);
    orm_qs *qs = self->qs;
    for (size_t i = 0; args && i < args->n_args; i++) {
        const struct orm_node *n = args->args[i].node;
        orm_prefetch p = {0};
        if (n->kind == ORM_N_CONST && n->value.tag == ORM_TEXT) {
            p.path = n->value.u.s;
        } else if (n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME && strcmp(n->lhs->name, "Prefetch") == 0) {
            for (size_t k = 0; k < n->n_args; k++) {
                const struct orm_arg *a = &n->args[k];
                const char *name = a->name ? a->name : k == 0 ? "lookup" : k == 1 ? "queryset" : "to_attr";
                const orm_val *v = &a->node->value;
                if (strcmp(name, "lookup") == 0 && v->tag == ORM_TEXT)
                    p.path = v->u.s;
                else if (strcmp(name, "queryset") == 0 && v->tag == ORM_QS)
                    p.queryset = v->u.qs;
                else if (strcmp(name, "to_attr") == 0 && v->tag == ORM_TEXT)
                    p.to_attr = v->u.s;
            }
        } else if (n->kind == ORM_N_CONST && n->value.tag == ORM_NULL) {
            qs = orm_qs_clone(qs);
            qs->n_prefetches = 0;
            continue;
        }
        if (!p.path)
            return fail_call(s, call, m, "takes names and Prefetch('name', queryset=..., to_attr='...')");
        qs = step(qs, &(orm_step){.op = ORM_S_PREFETCH, .prefetch = p});
    }
    return args && give_qs(s, qs, out);
}

static bool call_iterator(struct shell *s, const struct shell_value *self, const struct method *m,
                          const struct orm_node *call, struct shell_value *out)
{
    if (call->n_args > 1)
        return fail_call(s, call, m, "takes chunk_size");
    return give_qs(s, orm_qs_clone(self->qs), out);
}

/* ---- ends of a chain ---------------------------------------------------------------------------------------------------- */

static bool call_count(struct shell *s, const struct shell_value *self, const struct method *m,
                       const struct orm_node *call, struct shell_value *out)
{
    if (call->n_args)
        return fail_call(s, call, m, "takes no arguments");
    bool is_count = m->name[0] == 'c';
    int64_t n = is_count ? orm_count(self->qs) : orm_exists(self->qs);
    *out = shell_scalar(is_count ? orm_v_int(n) : orm_v_bool(n > 0));
    return n >= 0;
}

static bool call_aggregate(struct shell *s, const struct shell_value *self, const struct method *m,
                           const struct orm_node *call, struct shell_value *out)
{
    (void)m;
    const struct orm_node *args = shell_fold_args(s, call);
    orm_rec *r = args ? orm_aggregate_args(self->qs, args) : NULL;
    if (!r)
        return false;
    *out = shell_dict_of(s, r);
    return true;
}

static bool call_update(struct shell *s, const struct shell_value *self, const struct method *m,
                        const struct orm_node *call, struct shell_value *out)
{
    (void)m;
    const struct orm_node *args = shell_fold_args(s, call);
    int64_t n = args ? orm_update_args(self->qs, args) : -1;
    *out = shell_scalar(orm_v_int(n));
    return n >= 0;
}

static bool call_get(struct shell *s, const struct shell_value *self, const struct method *m,
                     const struct orm_node *call, struct shell_value *out)
{
    (void)m;
    orm_qs *qs = self->qs;
    if (call->n_args) {
        const struct orm_node *args = shell_fold_args(s, call);
        if (!args)
            return false;
        qs = step(qs, &(orm_step){.op = ORM_S_FILTER, .args = args});
    }
    struct orm_result *r = orm_get_result(qs);
    if (!r)
        return false;
    *out = shell_row_of(self->qs, r, 0);
    return true;
}

static bool give_first(struct shell *s, const struct shell_value *self, const struct orm_result *r,
                       struct shell_value *out)
{
    if (!r)
        return false;
    *out = r->n ? shell_row_of(self->qs, r, 0) : shell_scalar(orm_v_null(NULL));
    return s->db->error.status == ORM_OK;
}

static bool call_first(struct shell *s, const struct shell_value *self, const struct method *m,
                       const struct orm_node *call, struct shell_value *out)
{
    if (call->n_args)
        return fail_call(s, call, m, "takes no arguments");
    return give_first(s, self, orm_first_result(self->qs, m->name[0] == 'l'), out);
}

/* The names of a name step; false when an argument is no text (None counts as NULL). */
static bool read_names(struct shell *s, const struct orm_node *args, const char ***names, size_t *n)
{
    *names = ORM_NEW_N(&s->db->arena, const char *, args->n_args + 1);
    *n = 0;
    for (size_t i = 0; i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        bool is_text = a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_TEXT;
        bool is_none = a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_NULL;
        if (a->name || (!is_text && !is_none))
            return false;
        (*names)[++*n] = is_text ? a->node->value.u.s : NULL;
    }
    return true;
}

/* latest('created'): the first in the opposite order. */
static bool call_latest(struct shell *s, const struct shell_value *self, const struct method *m,
                        const struct orm_node *call, struct shell_value *out)
{
    const struct orm_node *args = shell_fold_args(s, call);
    const char **names;
    size_t n;
    if (!args)
        return false;
    if (!read_names(s, args, &names, &n))
        return fail_call(s, call, m, "takes names");
    struct orm_result *r = orm_latest_result(self->qs, names, n, m->name[0] == 'l');
    return r && give_first(s, self, r, out);
}

static bool call_in_bulk(struct shell *s, const struct shell_value *self, const struct method *m,
                         const struct orm_node *call, struct shell_value *out)
{
    (void)m;
    const char *field = "pk";
    orm_qs *qs = self->qs;
    const struct orm_node *ids = NULL, *args = shell_fold_args(s, call);
    if (!args)
        return false;
    for (size_t i = 0; i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        bool is_field = a->name && strcmp(a->name, "field_name") == 0;
        if (is_field && a->node->value.tag == ORM_TEXT)
            field = a->node->value.u.s;
        else if (!is_field && !(a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_NULL))
            ids = a->node;
    }
    const struct orm_attr *attr = orm_in_bulk_column(qs, field);
    if (!attr)
        return false;
    *out = (struct shell_value){.kind = SHELL_DICT};
    if (ids) {
        struct orm_arg in = {.name = orm_printf(&s->db->arena, "%s__in", field), .pos = ids->pos, .node = ids};
        struct orm_node *filter_args = ORM_NEW(&s->db->arena, struct orm_node);
        *filter_args = *args;
        filter_args->args = ORM_NEW(&s->db->arena, struct orm_arg);
        filter_args->args[0] = in;
        filter_args->n_args = 1;
        qs = step(qs, &(orm_step){.op = ORM_S_FILTER, .args = filter_args});
    }
    struct orm_result *r = orm_evaluate(qs);
    if (!r)
        return false;
    out->n = r->n;
    out->items = ORM_NEW_N(&s->db->arena, struct shell_value, r->n);
    out->keys = ORM_NEW_N(&s->db->arena, struct shell_value, r->n);
    for (size_t i = 0; i < r->n; i++) {
        orm_val key;
        orm_member_get(r->rows[i], attr, &key);
        out->keys[i] = shell_scalar(key);
        out->items[i] = shell_row_of(self->qs, r, i);
    }
    return true;
}

static bool call_delete(struct shell *s, const struct shell_value *self, const struct method *m,
                        const struct orm_node *call, struct shell_value *out)
{
    if (call->n_args)
        return fail_call(s, call, m, "takes no arguments");
    return shell_give_deleted(s, orm_delete_counts(self->qs), out);
}

static bool call_create(struct shell *s, const struct shell_value *self, const struct method *m,
                        const struct orm_node *call, struct shell_value *out)
{
    (void)m;
    orm_row *row = orm_create_args(self->qs, shell_fold_args(s, call));
    *out = (struct shell_value){.kind = SHELL_OBJECT, .row = row};
    return row != NULL;
}

/* (object, created) */
static bool call_get_or_create(struct shell *s, const struct shell_value *self, const struct method *m,
                               const struct orm_node *call, struct shell_value *out)
{
    bool created;
    orm_row *row = orm_get_or_create_args(self->qs, shell_fold_args(s, call), m->name[0] == 'u', &created);
    struct shell_value *parts = ORM_NEW_N(&s->db->arena, struct shell_value, 2);
    parts[0] = (struct shell_value){.kind = SHELL_OBJECT, .row = row};
    parts[1] = shell_scalar(orm_v_bool(created));
    *out = (struct shell_value){.kind = SHELL_LIST, .is_tuple = true, .items = parts, .n = 2};
    return row != NULL;
}

/* The objects of bulk_create([...]), bulk_update([...], [...]). */
static bool read_objects(struct shell *s, const struct orm_node *call, const struct method *m, orm_row ***rows,
                         size_t *n)
{
    struct shell_value v;
    if (call->n_args == 0 || call->args[0].name || !shell_eval(s, call->args[0].node, &v))
        return fail_call(s, call, m, "takes a list of objects first");
    if (!shell_rows_of(s, &v, rows, n))
        return fail_call(s, call, m, "takes a list of objects first");
    return true;
}

struct bulk_options {
    size_t batch; /* rows a statement at most */
    bool ignores;
};

static bool read_bulk_options(struct shell *s, const struct orm_node *call, size_t from, struct bulk_options *out)
{
    *out = (struct bulk_options){.batch = SIZE_MAX / 2};
    for (size_t i = from; i < call->n_args; i++) {
        const char *name = call->args[i].name ? call->args[i].name : "batch_size";
        struct shell_value v;
        if (!shell_eval(s, call->args[i].node, &v))
            return false;
        bool is_int = v.kind == SHELL_SCALAR && v.scalar.tag == ORM_INT;
        if (strcmp(name, "batch_size") == 0 && is_int && v.scalar.u.i < 0)
            return shell_fail(s, ORM_VALUE_ERROR, "Batch size must be a positive integer.");
        if (strcmp(name, "batch_size") == 0 && is_int && v.scalar.u.i > 0)
            out->batch = (size_t)v.scalar.u.i;
        if (strcmp(name, "ignore_conflicts") == 0)
            out->ignores = v.kind == SHELL_SCALAR && v.scalar.tag == ORM_BOOL && v.scalar.u.b;
    }
    return true;
}

static bool call_bulk_create(struct shell *s, const struct shell_value *self, const struct method *m,
                             const struct orm_node *call, struct shell_value *out)
{
    orm_row **rows;
    size_t n;
    struct bulk_options o;
    (void)self;
    if (!read_objects(s, call, m, &rows, &n) || !read_bulk_options(s, call, 1, &o))
        return false;
    orm_status status = orm_bulk_create_in(s->db, rows, n, o.ignores, o.batch);
    *out = (struct shell_value){.kind = SHELL_LIST, .n = n, .items = ORM_NEW_N(&s->db->arena, struct shell_value, n)};
    for (size_t i = 0; i < n; i++)
        out->items[i] = (struct shell_value){.kind = SHELL_OBJECT, .row = rows[i]};
    return status == ORM_OK;
}

static bool call_bulk_update(struct shell *s, const struct shell_value *self, const struct method *m,
                             const struct orm_node *call, struct shell_value *out)
{
    orm_row **rows;
    size_t n;
    struct shell_value fields = {.kind = SHELL_NOTHING};
    (void)self;
    *out = (struct shell_value){.kind = SHELL_NOTHING}; /* None, as in Django 3.2 */
    if (!read_objects(s, call, m, &rows, &n) || (call->n_args > 1 && !shell_eval(s, call->args[1].node, &fields)))
        return false;
    const char **names = ORM_NEW_N(&s->db->arena, const char *, fields.n);
    for (size_t i = 0; i < fields.n; i++) {
        if (fields.items[i].kind != SHELL_SCALAR || fields.items[i].scalar.tag != ORM_TEXT)
            return fail_call(s, call, m, "takes a list of names second");
        names[i] = fields.items[i].scalar.u.s;
    }
    struct bulk_options o;
    if (!read_bulk_options(s, call, 2, &o))
        return false;
    if (n <= o.batch)
        return orm_bulk_update_(s->db, rows, n, names, fields.n) >= 0;
    orm_begin(s->db);
    for (size_t from = 0; from < n; from += o.batch)
        if (orm_bulk_update_(s->db, rows + from, n - from < o.batch ? n - from : o.batch, names, fields.n) < 0)
            break;
    return orm_end(s->db) == ORM_OK;
}

static bool call_explain(struct shell *s, const struct shell_value *self, const struct method *m,
                         const struct orm_node *call, struct shell_value *out)
{
    (void)call;
    (void)m;
    const char *sql = orm_sql(self->qs);
    *out = shell_scalar(orm_v_text(sql));
    return sql || s->db->error.status == ORM_OK;
}

static const struct method methods[] = {
    {"all", call_plain, ORM_S_END, false},
    {"iterator", call_iterator, ORM_S_END, false},
    {"prefetch_related", call_prefetch, ORM_S_PREFETCH, false},
    {"filter", call_expression, ORM_S_FILTER, false},
    {"exclude", call_expression, ORM_S_EXCLUDE, false},
    {"annotate", call_expression, ORM_S_ANNOTATE, false},
    {"alias", call_expression, ORM_S_ALIAS, false},
    {"order_by", call_expression, ORM_S_ORDER_BY, false},
    {"values", call_expression, ORM_S_VALUES, false},
    {"values_list", call_expression, ORM_S_VALUES_LIST, false},
    {"select_related", call_expression, ORM_S_SELECT_RELATED, false},
    {"distinct", call_expression, ORM_S_DISTINCT, false},
    {"reverse", call_plain, ORM_S_REVERSE, false},
    {"none", call_plain, ORM_S_NONE, false},
    {"only", call_expression, ORM_S_ONLY, false},
    {"defer", call_expression, ORM_S_DEFER, false},
    {"select_for_update", call_expression, ORM_S_FOR_UPDATE, false},
    {"dates", call_expression, ORM_S_DATES, false},
    {"datetimes", call_expression, ORM_S_DATETIMES, false},
    {"union", call_expression, ORM_S_UNION, false},
    {"intersection", call_expression, ORM_S_INTERSECTION, false},
    {"difference", call_expression, ORM_S_DIFFERENCE, false},
    {"count", call_count, ORM_S_END, false},
    {"exists", call_count, ORM_S_END, false},
    {"aggregate", call_aggregate, ORM_S_END, false},
    {"update", call_update, ORM_S_END, false},
    {"get", call_get, ORM_S_END, false},
    {"first", call_first, ORM_S_END, false},
    {"last", call_first, ORM_S_END, false},
    {"latest", call_latest, ORM_S_END, false},
    {"earliest", call_latest, ORM_S_END, false},
    {"in_bulk", call_in_bulk, ORM_S_END, false},
    {"create", call_create, ORM_S_END, false},
    {"get_or_create", call_get_or_create, ORM_S_END, false},
    {"update_or_create", call_get_or_create, ORM_S_END, false},
    {"bulk_create", call_bulk_create, ORM_S_END, false},
    {"bulk_update", call_bulk_update, ORM_S_END, false},
    {"sql", call_explain, ORM_S_END, false},
    {"delete", call_delete, ORM_S_END, true},
};

const char *const *shell_queryset_methods(size_t *n_out)
{
    static const char *names[sizeof methods / sizeof *methods];
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        names[i] = methods[i].name;
    *n_out = sizeof methods / sizeof *methods;
    return names;
}

bool shell_call_queryset(struct shell *s, const struct shell_value *self, const char *method,
                         const struct orm_node *call, struct shell_value *out)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, method) != 0 || (methods[i].not_on_manager && self->is_manager))
            continue;
        return methods[i].call(s, self, &methods[i], call, out);
    }
    return orm_fail_at(&s->db->error, ORM_ATTRIBUTE, call->text, call->lhs->pos, "'%s' object has no attribute '%s'",
                       self->is_manager ? "Manager" : "QuerySet", method);
}

/* ---- subscripts ---------------------------------------------------------------------------------------------------------- */

static bool read_bound(struct shell *s, const struct orm_node *n, int64_t missing, int64_t *out)
{
    orm_val v;
    *out = missing;
    if (!n)
        return true;
    if (!shell_scalar_arg(s, n, &v))
        return false;
    if (v.tag == ORM_NULL)
        return true;
    if (v.tag != ORM_INT)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "indexes are integers");
    *out = v.u.i;
    return v.u.i >= 0 ||
           orm_fail_at(&s->db->error, ORM_ASSERTION, n->text, n->pos, "Negative indexing is not supported.");
}

/* [a:b:step] evaluates, as in Django. */
static bool every_nth(struct shell *s, const struct shell_value *self, orm_qs *qs, int64_t nth, struct shell_value *out)
{
    struct orm_result *r = nth > 0 ? orm_evaluate(qs) : NULL;
    if (!r)
        return nth > 0 ? false : shell_fail(s, ORM_VALUE_ERROR, "slice step cannot be zero");
    *out = (struct shell_value){.kind = SHELL_LIST, .items = ORM_NEW_N(&s->db->arena, struct shell_value, r->n)};
    for (size_t i = 0; i < r->n; i += (size_t)nth)
        out->items[out->n++] = shell_row_of(self->qs, r, i);
    return true;
}

static bool subscript_queryset(struct shell *s, const struct shell_value *self, const struct orm_node *n,
                               struct shell_value *out)
{
    int64_t low, high, nth;
    if (self->is_manager)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "'Manager' object is not subscriptable");
    if (!read_bound(s, n->args[0].node, 0, &low) || !read_bound(s, n->args[1].node, -1, &high) ||
        !read_bound(s, n->args[2].node, 1, &nth))
        return false;
    bool keeps_result = !n->is_slice && self->qs->result;
    if (!n->is_slice)
        high = low + 1;
    orm_qs *qs = keeps_result ? self->qs : step(self->qs, &(orm_step){.op = ORM_S_SLICE, .lo = low, .hi = high});
    if (!orm_is_good(qs))
        return false;
    if (n->is_slice)
        return n->args[2].node ? every_nth(s, self, qs, nth, out) : give_qs(s, qs, out);
    struct orm_result *r = orm_evaluate(qs);
    size_t at = keeps_result ? (size_t)low : 0;
    if (!r)
        return false;
    if (at >= r->n)
        return orm_fail_at(&s->db->error, ORM_INDEX, n->text, n->pos, "list index out of range");
    *out = shell_row_of(self->qs, r, at);
    return true;
}

static bool subscript_list(struct shell *s, const struct shell_value *self, const struct orm_node *n,
                           struct shell_value *out)
{
    orm_val v;
    if (n->is_slice || !shell_scalar_arg(s, n->args[0].node, &v) || v.tag != ORM_INT)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "lists are indexed by one integer here");
    int64_t at = v.u.i < 0 ? v.u.i + (int64_t)self->n : v.u.i;
    if (at < 0 || (size_t)at >= self->n)
        return orm_fail_at(&s->db->error, ORM_INDEX, n->text, n->pos, "list index out of range");
    *out = self->items[at];
    return true;
}

bool shell_subscript(struct shell *s, const struct shell_value *self, const struct orm_node *n, struct shell_value *out)
{
    orm_val key;
    switch (self->kind) {
    case SHELL_QS:
    case SHELL_RELATED: return subscript_queryset(s, self, n, out);
    case SHELL_LIST: return subscript_list(s, self, n, out);
    case SHELL_RECORD:
    case SHELL_DICT:
        if (n->is_slice || !shell_scalar_arg(s, n->args[0].node, &key))
            return false;
        for (size_t i = 0; self->kind == SHELL_DICT && i < self->n; i++) {
            if (orm_same_val(&self->keys[i].scalar, &key)) {
                *out = self->items[i];
                return true;
            }
        }
        for (size_t i = 0; self->kind == SHELL_RECORD && i < self->rec->n; i++) {
            bool named = key.tag == ORM_TEXT && strcmp(self->rec->names[i], key.u.s) == 0;
            if (named || (key.tag == ORM_INT && self->is_list && key.u.i == (int64_t)i)) {
                *out = shell_scalar(self->rec->vals[i]);
                return true;
            }
        }
        return orm_fail_at(&s->db->error, ORM_KEY, n->text, n->pos, "no such key");
    default: return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "the value is not subscriptable");
    }
}
