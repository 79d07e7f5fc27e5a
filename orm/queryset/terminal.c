/* Calls that end a chain: count, exists, get, first, last, aggregate, update. */
#include <inttypes.h>

#include "orm/resolve/resolve.h"
#include "orm/session.h"
#include "orm/value/json.h"

static bool usable(orm_qs *qs)
{
    return orm_query_of_qs(qs) && orm_ready(qs->db);
}

int64_t orm_len(orm_qs *qs)
{
    ORM_GUARD(qs->db, -1);
    struct orm_result *r = orm_evaluate(qs);
    return r ? (int64_t)r->n : -1;
}

static orm_rec *run_aggregate(orm_qs *qs, const struct orm_query *q, const struct orm_annotation *items, size_t n)
{
    orm_db *db = qs->db;
    struct orm_resolver r = orm_resolver_of(db, NULL);
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_aggregate(&c, q, items, n, &st))
        return NULL;
    orm_rec *rec = ORM_NEW(&db->arena, orm_rec);
    const char **names = ORM_NEW_N(&db->arena, const char *, n);
    *rec = (orm_rec){.names = names, .vals = ORM_NEW_N(&db->arena, orm_val, n), .n = n};
    for (size_t i = 0; i < n; i++) {
        bool is_count = items[i].term->kind == ORM_TERM_AGG && !items[i].term->func->empty_is_null;
        names[i] = items[i].name;
        rec->vals[i] = is_count ? orm_v_int(0) : (orm_val){.tag = ORM_NULL};
    }
    if (st.is_empty)
        return rec;
    struct orm_cursor cur;
    orm_announce(qs);
    if (!orm_run(db, &st, false, &cur))
        return NULL;
    int code = db->driver->next(&cur, &db->error);
    for (size_t i = 0; code > 0 && i < n; i++)
        db->driver->cell(&cur, (int)i,
                         orm_column_type(&(struct orm_column){.type = st.columns[i].type, .term = items[i].term}),
                         &db->arena, &rec->vals[i]);
    orm_finish(db, &cur);
    return code < 0 ? NULL : rec;
}

int64_t orm_count(orm_qs *qs)
{
    ORM_GUARD(qs->db, -1);
    if (qs->result)
        return (int64_t)qs->result->n;
    struct orm_statement st;
    struct orm_cursor cur;
    if (!orm_statement_of(qs, ORM_END_COUNT, &st))
        return -1;
    if (st.is_empty)
        return 0;
    orm_announce(qs);
    if (!orm_run(qs->db, &st, false, &cur))
        return -1;
    orm_val n = orm_v_int(0);
    int code = qs->db->driver->next(&cur, &qs->db->error);
    if (code > 0)
        qs->db->driver->cell(&cur, 0, ORM_T_INT, &qs->db->arena, &n);
    orm_finish(qs->db, &cur);
    return code < 0 ? -1 : n.u.i;
}

orm_rec *orm_aggregate_args(orm_qs *qs, const struct orm_node *args)
{
    if (!args || !usable(qs))
        return NULL;
    orm_db *db = qs->db;
    struct orm_query *q = orm_query_clone(&db->arena, qs->query);
    struct orm_resolver r = orm_resolver_of(db, q);
    struct orm_annotation *items = ORM_NEW_N(&db->arena, struct orm_annotation, args->n_args + 1);
    for (size_t i = 0; i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        struct orm_scope_rule rule = {.summarize = true};
        const char *name = a->name ? a->name : orm_default_alias(&db->arena, a->node);
        if (!name) {
            orm_resolve_fail(&r, a->node, ORM_TYPE_ERROR, "Complex aggregates require an alias");
            return NULL;
        }
        struct orm_term *t = orm_resolve_expr(&r, a->node, &rule);
        if (!t)
            return NULL;
        if (!t->has_aggregate) {
            orm_resolve_fail(&r, a->node, ORM_TYPE_ERROR, "%s is not an aggregate expression", name);
            return NULL;
        }
        items[i] = (struct orm_annotation){name, t, true, false};
    }
    return run_aggregate(qs, q, items, args->n_args);
}

orm_rec *orm_aggregate_(orm_qs *qs, const char *text, const orm_val *v)
{
    ORM_GUARD(qs->db, NULL);
    return usable(qs) ? orm_aggregate_args(qs, orm_q_(qs->db, text, v)->args) : NULL;
}

int orm_exists(orm_qs *qs)
{
    ORM_GUARD(qs->db, -1);
    struct orm_result *r = qs->result ? qs->result : orm_evaluate_as(qs, ORM_END_EXISTS);
    return r ? r->n > 0 : -1;
}

/* ---- one row ----------------------------------------------------------------------------------------------------------------- */

enum { GET_LIMIT = 21 };

struct orm_result *orm_get_result(orm_qs *qs)
{
    struct orm_result *r = orm_evaluate_as(qs, ORM_END_GET);
    if (!r)
        return NULL;
    const char *name = orm_qs_meta(qs)->name;
    if (r->n == 0)
        orm_fail(&qs->db->error, ORM_DOES_NOT_EXIST, "%s matching query does not exist.", name);
    else if (r->n >= GET_LIMIT)
        orm_fail(&qs->db->error, ORM_MULTIPLE_OBJECTS, "get() returned more than one %s -- it returned more than %d!",
                 name, GET_LIMIT - 1);
    else if (r->n > 1)
        orm_fail(&qs->db->error, ORM_MULTIPLE_OBJECTS, "get() returned more than one %s -- it returned %zu!", name,
                 r->n);
    return r->n == 1 ? r : NULL;
}

/* The first row of a queryset that gives rows of the model. */
static void *first_row(orm_qs *qs, const orm_model *m, struct orm_result *r)
{
    if (r && (!r->rows || orm_qs_meta(qs)->model != m) && r->n) {
        orm_fail(&qs->db->error, ORM_TYPE_ERROR, "this queryset gives %s, not %s",
                 r->rows ? orm_qs_meta(qs)->name : "records", m->name);
        return NULL;
    }
    return r && r->n ? r->rows[0] : NULL;
}

void *orm_get_(orm_qs *qs, const orm_model *m)
{
    ORM_GUARD(qs->db, NULL);
    return first_row(qs, m, orm_get_result(qs));
}

struct orm_result *orm_first_result(orm_qs *qs, bool is_last)
{
    const struct orm_query *q = qs->result && !is_last ? orm_query_of_qs(qs) : NULL;
    bool has_first = q && (q->n_orders || (q->use_meta_ordering && q->meta->n_ordering));
    return has_first ? qs->result : orm_evaluate_as(qs, is_last ? ORM_END_LAST : ORM_END_FIRST);
}

struct orm_result *orm_latest_result(orm_qs *qs, const char *const *names, size_t n, bool is_latest)
{
    const struct orm_query *q = orm_query_of_qs(qs);
    if (!q)
        return NULL;
    if (orm_query_is_sliced(q)) {
        orm_fail(&qs->db->error, ORM_TYPE_ERROR, "Cannot change a query once a slice has been taken.");
        return NULL;
    }
    const char *by = q->meta->options ? q->meta->options->get_latest_by : NULL;
    if (n == 0 && by) {
        const char **own = ORM_GROW(&qs->db->arena, (const char **)NULL, 0);
        for (const char *s = by; *s; s += strspn(s, " ,")) {
            size_t len = strcspn(s, " ,");
            own = ORM_GROW(&qs->db->arena, own, n + 1);
            own[++n] = orm_copy_text(&qs->db->arena, s, len);
            s += len;
        }
        names = own;
    }
    if (n == 0) {
        orm_fail(
            &qs->db->error, ORM_VALUE_ERROR,
            "earliest() and latest() require either fields as positional arguments or 'get_latest_by' in the model's "
            "Meta.");
        return NULL;
    }
    orm_step steps[] = {{.op = ORM_S_ORDER_BY, .names = names, .n_names = n}, {.op = ORM_S_END}};
    orm_qs *one = orm_qs_clone(orm_chain_(qs, steps));
    if (!one->query)
        return NULL;
    one->query->is_reversed = is_latest;
    orm_query_slice(one->query, 0, 1);
    return orm_get_result(one);
}

void *orm_latest_(orm_qs *qs, const orm_model *m, const char *field, bool is_latest)
{
    ORM_GUARD(qs->db, NULL);
    const char *names[] = {NULL, field};
    return first_row(qs, m, orm_latest_result(qs, names, field != NULL, is_latest));
}

void *orm_first_(orm_qs *qs, const orm_model *m)
{
    ORM_GUARD(qs->db, NULL);
    return first_row(qs, m, orm_first_result(qs, false));
}

void *orm_last_(orm_qs *qs, const orm_model *m)
{
    ORM_GUARD(qs->db, NULL);
    return first_row(qs, m, orm_first_result(qs, true));
}

/* ---- update -------------------------------------------------------------------------------------------------------------------- */

/* CASE is written with a type, so it has to have one; other expressions need none here. */
static const struct orm_term *untyped_case(const struct orm_term *t)
{
    const struct orm_term *found = t->kind == ORM_TERM_CASE && t->kind_error ? t : NULL;
    for (size_t i = 0; i < t->n_args && !found; i++)
        found = untyped_case(t->args[i]);
    return found;
}

static bool read_assignment(orm_db *db, struct orm_resolver *r, const struct orm_arg *a, struct orm_assignment *out)
{
    const struct orm_meta *m = r->q->meta;
    if (!a->name)
        return orm_resolve_fail(r, a->node, ORM_TYPE_ERROR, "update() takes field=value");
    out->attr = orm_attr_named(m, a->name, strlen(a->name));
    if (!out->attr)
        return orm_resolve_fail(r, a->node, ORM_FIELD_DOES_NOT_EXIST, "%s has no field named '%s'", m->name, a->name);
    if (!out->attr->column)
        return orm_resolve_fail(r, a->node, ORM_FIELD_ERROR,
                                "Cannot update model field '%s' (only non-relations and foreign keys permitted).",
                                a->name);
    struct orm_scope_rule rule = {.no_joins = true};
    struct orm_buf document = {.arena = &db->arena};
    bool is_null = a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_NULL; /* SQL's, as in Django */
    bool is_document = out->attr->type == ORM_T_JSON && !is_null && orm_json_of_node(&document, a->node);
    out->term = is_document ? orm_term_value(&db->arena, orm_json(document.p)) : orm_resolve_expr(r, a->node, &rule);
    if (!out->term)
        return false;
    const struct orm_term *untyped = untyped_case(out->term);
    if (untyped)
        return orm_resolve_fail(r, a->node, ORM_FIELD_ERROR, "%s", untyped->kind_error);
    if (out->term->has_aggregate)
        return orm_resolve_fail(r, a->node, ORM_FIELD_ERROR, "Aggregate functions are not allowed in this query");
    if (out->term->kind == ORM_TERM_VALUE && out->term->value.tag == ORM_ROW) {
        orm_val key;
        if (out->attr->relation == ORM_REL_FK)
            orm_target_key(out->term->value.u.row, out->attr, &key);
        else
            orm_row_key(out->term->value.u.row, m, &key);
        out->term = orm_term_value(&db->arena, key);
    }
    struct orm_term *column = orm_term_column(&db->arena, 0, out->attr);
    out->term = orm_fit_value(r, column, out->term, a->node);
    return out->term != NULL;
}

int64_t orm_update_args(orm_qs *qs, const struct orm_node *args)
{
    orm_db *db = qs->db;
    if (!args || !usable(qs))
        return -1;
    if (orm_query_is_sliced(qs->query)) {
        orm_fail(&db->error, ORM_ASSERTION, "Cannot update a query once a slice has been taken.");
        return -1;
    }
    struct orm_query *q = orm_query_clone(&db->arena, qs->query);
    struct orm_resolver r = orm_resolver_of(db, q);
    struct orm_assignment *set = ORM_NEW_N(&db->arena, struct orm_assignment, args->n_args + 1);
    for (size_t i = 0; i < args->n_args; i++)
        if (!read_assignment(db, &r, &args->args[i], &set[i]))
            return -1;
    if (args->n_args == 0)
        return 0;
    struct orm_compiler c;
    struct orm_statement st;
    orm_compiler_init(&c, &r, db->driver->dialect);
    if (!orm_compile_update(&c, q, set, args->n_args, &st))
        return -1;
    return st.is_empty ? 0 : orm_run_all(db, &st, NULL);
}

int64_t orm_update_(orm_qs *qs, const char *text, const orm_val *v)
{
    ORM_GUARD(qs->db, -1);
    return usable(qs) ? orm_update_args(qs, orm_q_(qs->db, text, v)->args) : -1;
}
