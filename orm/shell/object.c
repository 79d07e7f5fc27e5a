/* Rows as Python sees them: attributes, save, delete; related managers with create, add, remove, set, clear. */
#include "orm/shell/shell.h"

static bool no_attribute(struct shell *s, const char *what, const char *name)
{
    return shell_fail(s, ORM_ATTRIBUTE, "'%s' object has no attribute '%s'", what, name);
}

static bool object_attribute(struct shell *s, const struct shell_value *self, const char *name, struct shell_value *out)
{
    orm_row *row = self->row;
    const struct orm_meta *m = row->state->meta;
    const struct orm_attr *rel = orm_attr_accessor(m, name);
    const struct orm_cached *cached = orm_cached_of(row, name);
    if ((rel && (rel->relation == ORM_REL_REVERSE || rel->relation == ORM_REL_M2M)) || (cached && cached->many)) {
        *out = (struct shell_value){
            .kind = SHELL_RELATED, .row = row, .rel = rel, .qs = orm_related(row, name), .is_manager = true};
        return out->qs->query != NULL;
    }
    if (rel && rel->relation != ORM_REL_NONE) {
        orm_row *one = orm_one(row, name);
        *out = one ? (struct shell_value){.kind = SHELL_OBJECT, .row = one} : shell_scalar(orm_v_null(NULL));
        if (!one && rel->relation == ORM_REL_REVERSE_ONE && s->db->error.status == ORM_OK)
            return shell_fail(s, ORM_RELATED_DOES_NOT_EXIST, "%s has no %s.", m->name, name);
        return s->db->error.status == ORM_OK;
    }
    const struct orm_attr *column = orm_attr_named(m, name, strlen(name));
    if (column && column->column) {
        orm_val v;
        orm_member_get(row, column, &v);
        *out = shell_scalar(v);
        return true;
    }
    const orm_val *extra = orm_row_val(row, name);
    if (!extra)
        return no_attribute(s, m->name, name);
    *out = shell_scalar(*extra);
    return true;
}

bool shell_attribute(struct shell *s, const struct shell_value *self, const char *name, struct shell_value *out)
{
    switch (self->kind) {
    case SHELL_MODEL:
        if (strcmp(name, "objects") != 0 && strcmp(name, "_default_manager") != 0)
            return shell_fail(s, ORM_ATTRIBUTE, "type object '%s' has no attribute '%s'", self->meta->name, name);
        *out = (struct shell_value){.kind = SHELL_QS, .is_manager = true, .qs = orm_objects(s->db, self->meta->model)};
        return out->qs->query != NULL;
    case SHELL_OBJECT: return object_attribute(s, self, name, out);
    case SHELL_QS:
    case SHELL_RELATED:
        if (strcmp(name, "query") != 0)
            return no_attribute(s, self->is_manager ? "Manager" : "QuerySet", name);
        *out = shell_scalar(orm_v_text(orm_sql(self->qs)));
        return s->db->error.status == ORM_OK;
    default: return no_attribute(s, "value", name);
    }
}

/* ---- writing attributes -------------------------------------------------------------------------------------------------- */

bool shell_set_attribute(struct shell *s, orm_row *row, const char *name, const struct shell_value *v)
{
    const struct orm_meta *m = row->state->meta;
    const struct orm_attr *a = orm_attr_named(m, name, strlen(name));
    if (!a || !a->column)
        return shell_fail(s, ORM_TYPE_ERROR, "%s() got an unexpected keyword argument '%s'", m->name, name);
    bool is_relation = a->relation == ORM_REL_FK && strcmp(name, a->name) == 0;
    if (v->kind == SHELL_OBJECT && is_relation)
        return orm_set_one(row, name, v->row) == ORM_OK;
    orm_val got = v->kind == SHELL_RECORD && v->is_flat ? v->rec->vals[0] : v->scalar;
    bool is_null = v->kind == SHELL_SCALAR && got.tag == ORM_NULL;
    if (is_relation && !is_null)
        return shell_fail(s, ORM_VALUE_ERROR, "Cannot assign the value: \"%s.%s\" must be a \"%s\" instance.", m->name,
                          name, a->to->name);
    if (v->kind != SHELL_SCALAR && v->kind != SHELL_RECORD)
        return shell_fail(s, ORM_TYPE_ERROR, "%s.%s takes a plain value", m->name, name);
    orm_val fitted;
    if (!orm_convert(&s->db->arena, got, a->type, &fitted)) {
        struct orm_buf b = {.arena = &s->db->arena};
        orm_print_val(&b, &got);
        return shell_fail(s, ORM_VALUE_ERROR, "Field '%s' expected a %s but got %s.", a->name, orm_type_name(a->type),
                          b.p);
    }
    orm_member_set(row, a, &fitted);
    return true;
}

bool shell_make_object(struct shell *s, const struct orm_meta *m, const struct orm_arg *args, size_t n,
                       struct shell_value *out)
{
    orm_row *row = orm_new_(s->db, m->model);
    if (!row)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct shell_value v;
        const char *name = args[i].name ? args[i].name : i < m->n_columns ? m->columns[i]->attname : NULL;
        if (!name)
            return shell_fail(s, ORM_INDEX, "Number of args exceeds number of fields");
        if (!shell_eval(s, args[i].node, &v) || !shell_set_attribute(s, row, name, &v))
            return false;
    }
    *out = (struct shell_value){.kind = SHELL_OBJECT, .row = row};
    return true;
}

/* ---- methods of rows ------------------------------------------------------------------------------------------------------ */

bool shell_call_object(struct shell *s, const struct shell_value *self, const char *method, const struct orm_node *call,
                       struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    if (strcmp(method, "save") == 0)
        return orm_save(self->row) == ORM_OK;
    if (strcmp(method, "delete") == 0) {
        int64_t n = orm_delete_row(self->row);
        *out = shell_scalar(orm_v_int(n));
        return n >= 0;
    }
    return orm_fail_at(&s->db->error, ORM_ATTRIBUTE, call->text, call->lhs->pos, "'%s' object has no attribute '%s'",
                       self->row->model->name, method);
}

bool shell_call_related(struct shell *s, const struct shell_value *self, const char *method,
                        const struct orm_node *call, struct shell_value *out, bool *is_known)
{
    (void)s;
    (void)self;
    (void)method;
    (void)call;
    (void)out;
    *is_known = false;
    return false;
}
