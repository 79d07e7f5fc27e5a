/* Rows as Python sees them: attributes, save, delete; related managers with create, add, remove, set, clear. */
#include "orm/shell/shell.h"
#include "orm/write/write.h"

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
        return orm_is_good(out->qs);
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
        if (!orm_load_column(row, column))
            return false;
        shell_member(row, column, &v);
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
        return orm_is_good(out->qs);
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
    switch (v->kind) {
    case SHELL_OBJECT: return orm_set(row, name, orm_v_row(v->row)) == ORM_OK;
    case SHELL_SCALAR: return orm_set(row, name, v->scalar) == ORM_OK;
    case SHELL_RECORD:
        if (v->is_flat)
            return orm_set(row, name, v->rec->vals[0]) == ORM_OK;
        break;
    case SHELL_NODE: /* F('views') + 1: written by the next save() */
        if (!a || !a->column)
            break;
        if (!row->state->exprs)
            row->state->exprs = ORM_NEW_N(&s->db->arena, const struct orm_node *, m->n_columns);
        row->state->exprs[a->index] = v->node;
        return true;
    case SHELL_LIST:
    case SHELL_DICT: { /* a document */
        struct orm_node at = {.text = name};
        const struct orm_node *n = shell_node_of(s, &at, v);
        return n && orm_set_from_node(row, name, n);
    }
    default: break;
    }
    return shell_fail(s, ORM_TYPE_ERROR, "%s.%s takes a plain value", m->name, name);
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

static bool read_names(struct shell *s, const struct orm_node *n, const char ***names, size_t *n_names)
{
    struct shell_value v;
    if (!shell_eval(s, n, &v))
        return false;
    *names = ORM_NEW_N(&s->db->arena, const char *, v.n);
    *n_names = v.n;
    for (size_t i = 0; i < v.n; i++) {
        if (v.items[i].kind != SHELL_SCALAR || v.items[i].scalar.tag != ORM_TEXT)
            return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "a list of names is needed here");
        (*names)[i] = v.items[i].scalar.u.s;
    }
    return v.kind == SHELL_LIST || orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "a list of names");
}

/* save(update_fields=[...]), save(force_insert=True), save(force_update=True) */
static bool save(struct shell *s, orm_row *row, const struct orm_node *call)
{
    bool is_insert = false, is_update = false;
    for (size_t i = 0; i < call->n_args; i++) {
        const char *name = call->args[i].name ? call->args[i].name : "force_insert";
        struct shell_value v;
        const char **names;
        size_t n;
        if (strcmp(name, "update_fields") == 0)
            return read_names(s, call->args[i].node, &names, &n) && orm_save_fields_(row, names, n) == ORM_OK;
        if (!shell_eval(s, call->args[i].node, &v))
            return false;
        bool is_true = v.kind == SHELL_SCALAR && v.scalar.tag == ORM_BOOL && v.scalar.u.b;
        is_insert = is_insert || (strcmp(name, "force_insert") == 0 && is_true);
        is_update = is_update || (strcmp(name, "force_update") == 0 && is_true);
    }
    if (!is_update)
        return (is_insert ? orm_insert : orm_save)(row) == ORM_OK;
    const struct orm_meta *m = row->state->meta;
    const char **all = ORM_NEW_N(&s->db->arena, const char *, m->n_columns);
    size_t n_all = 0;
    for (size_t i = 0; i < m->n_columns; i++)
        if (m->columns[i] != m->pk)
            all[n_all++] = m->columns[i]->attname;
    return orm_save_fields_(row, all, n_all) == ORM_OK;
}

bool shell_call_object(struct shell *s, const struct shell_value *self, const char *method, const struct orm_node *call,
                       struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    if (strcmp(method, "save") == 0)
        return save(s, self->row, call);
    if (strcmp(method, "refresh_from_db") == 0) {
        const char **names;
        size_t n;
        if (call->n_args == 0)
            return orm_refresh(self->row) == ORM_OK;
        return read_names(s, call->args[0].node, &names, &n) && orm_refresh_fields_(self->row, names, n) == ORM_OK;
    }
    if (strcmp(method, "delete") == 0) {
        if (!self->row->state->is_saved)
            return orm_delete_row(self->row) >= 0;
        if (!shell_give_deleted(s, orm_delete_counts(orm_only_this(self->row)), out))
            return false;
        orm_row_is_gone(self->row);
        return true;
    }
    return orm_fail_at(&s->db->error, ORM_ATTRIBUTE, call->text, call->lhs->pos, "'%s' object has no attribute '%s'",
                       self->row->model->name, method);
}

/* ---- related managers ------------------------------------------------------------------------------------------------------ */

/* An argument of add() and its like: objects, or keys of objects (many-to-many). */
static bool add_targets(struct shell *s, const struct shell_value *self, const struct shell_value *v, orm_row ***rows,
                        size_t *n)
{
    if (v->kind == SHELL_LIST || v->kind == SHELL_QS || v->kind == SHELL_RELATED) {
        struct shell_value items = *v;
        if (v->kind == SHELL_LIST) {
            for (size_t i = 0; i < items.n; i++)
                if (!add_targets(s, self, &items.items[i], rows, n))
                    return false;
            return true;
        }
        orm_row **more;
        size_t n_more;
        if (!shell_rows_of(s, v, &more, &n_more))
            return false;
        for (size_t i = 0; i < n_more; i++) {
            *rows = ORM_GROW(&s->db->arena, *rows, *n);
            (*rows)[(*n)++] = more[i];
        }
        return true;
    }
    orm_row *row = v->kind == SHELL_OBJECT ? v->row : NULL;
    if (!row && v->kind == SHELL_SCALAR && self->rel->relation == ORM_REL_M2M) {
        row = orm_new_(s->db, self->rel->to->model); /* a row that is nothing but its key */
        if (!row || orm_set(row, "pk", v->scalar) != ORM_OK)
            return false;
        row->state->is_saved = true;
    }
    if (!row)
        return shell_fail(s, ORM_TYPE_ERROR, "'%s' instance expected", self->rel->to->name);
    *rows = ORM_GROW(&s->db->arena, *rows, *n);
    (*rows)[(*n)++] = row;
    return true;
}

static orm_status remove_them(orm_row *row, const char *accessor, orm_row *const *others, size_t n,
                              const struct orm_node *through)
{
    (void)through;
    return orm_remove(row, accessor, others, n);
}

bool shell_call_related(struct shell *s, const struct shell_value *self, const char *method,
                        const struct orm_node *call, struct shell_value *out, bool *is_known)
{
    static const struct {
        const char *name;
        orm_status (*call)(orm_row *row, const char *accessor, orm_row *const *others, size_t n,
                           const struct orm_node *through);
    } methods[] = {{"add", orm_add_args}, {"remove", remove_them}, {"set", orm_set_related_args}};
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    *is_known = true;
    if (self->rel && strcmp(method, "clear") == 0)
        return orm_clear_related(self->row, self->rel->accessor) == ORM_OK;
    for (size_t i = 0; self->rel && i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, method) != 0)
            continue;
        orm_row **rows = NULL;
        const struct orm_node *through = NULL;
        size_t n = 0;
        for (size_t k = 0; k < call->n_args; k++) {
            struct shell_value v;
            const char *name = call->args[k].name;
            if (name && strcmp(name, "through_defaults") == 0 && call->args[k].node->kind == ORM_N_DICT) {
                const struct orm_node *dict = shell_fold(s, call->args[k].node);
                if (!dict || !(through = orm_args_of_dict(s->db, dict)))
                    return false;
                continue;
            }
            if (name)
                return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->args[k].pos,
                                   "%s() got an unexpected keyword argument '%s'", method, name);
            if (!shell_eval(s, call->args[k].node, &v) || !add_targets(s, self, &v, &rows, &n))
                return false;
        }
        return methods[i].call(self->row, self->rel->accessor, rows, n, through) == ORM_OK;
    }
    *is_known = false;
    return false;
}
