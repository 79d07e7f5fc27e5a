/* Values: made, taken apart, kept under a name. */
#include <stdio.h>

#include "orm/shell/shell.h"

bool shell_fail(struct shell *s, orm_status status, const char *fmt, ...)
{
    char message[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    return orm_fail(&s->db->error, status, "%s", message);
}

bool shell_is_interrupted(const struct shell *s)
{
    return s->interrupts && *s->interrupts > 0;
}

const struct shell_value *shell_variable_named(const struct shell *s, const char *name)
{
    for (size_t i = 0; i < s->n_variables; i++)
        if (strcmp(s->variables[i].name, name) == 0)
            return &s->variables[i].value;
    return NULL;
}

void shell_set_variable(struct shell *s, const char *name, const struct shell_value *v)
{
    for (size_t i = 0; i < s->n_variables; i++) {
        if (strcmp(s->variables[i].name, name) == 0) {
            s->variables[i].value = *v;
            return;
        }
    }
    s->variables = ORM_GROW(&s->db->arena, s->variables, s->n_variables);
    s->variables[s->n_variables++] = (struct shell_variable){name, *v};
}

struct shell_value shell_scalar(orm_val v)
{
    return (struct shell_value){.kind = SHELL_SCALAR, .scalar = v};
}

struct shell_value shell_row_of(orm_qs *qs, const struct orm_result *r, size_t i)
{
    if (r->rows)
        return (struct shell_value){.kind = SHELL_OBJECT, .row = r->rows[i]};
    const struct orm_query *q = orm_query_of_qs(qs);
    return (struct shell_value){.kind = SHELL_RECORD, .rec = r->recs[i], .is_list = q->is_list, .is_flat = q->is_flat};
}

struct shell_value shell_dict_of(struct shell *s, const orm_rec *r)
{
    struct shell_value v = {.kind = SHELL_DICT, .n = r->n};
    v.items = ORM_NEW_N(&s->db->arena, struct shell_value, r->n);
    v.keys = ORM_NEW_N(&s->db->arena, struct shell_value, r->n);
    for (size_t i = 0; i < r->n; i++) {
        v.keys[i] = shell_scalar(orm_v_text(r->names[i]));
        v.items[i] = shell_scalar(r->vals[i]);
    }
    return v;
}

/* (3, {'Author': 1, 'Post': 2}) */
bool shell_give_deleted(struct shell *s, const orm_rec *counts, struct shell_value *out)
{
    if (!counts)
        return false;
    struct shell_value *parts = ORM_NEW_N(&s->db->arena, struct shell_value, 2);
    int64_t total = 0;
    parts[1] = shell_dict_of(s, counts);
    for (size_t i = 0; i < counts->n; i++)
        total += counts->vals[i].u.i;
    parts[0] = shell_scalar(orm_v_int(total));
    *out = (struct shell_value){.kind = SHELL_LIST, .is_tuple = true, .items = parts, .n = 2};
    return true;
}

bool shell_rows_of(struct shell *s, const struct shell_value *v, orm_row ***rows, size_t *n)
{
    struct orm_result *r = v->kind == SHELL_QS || v->kind == SHELL_RELATED ? orm_evaluate(v->qs) : NULL;
    size_t n_all = r ? r->n : v->kind == SHELL_LIST ? v->n : 1;
    *rows = ORM_NEW_N(&s->db->arena, orm_row *, n_all);
    *n = n_all;
    for (size_t i = 0; i < n_all; i++) {
        const struct shell_value *item = v->kind == SHELL_LIST ? &v->items[i] : v;
        (*rows)[i] = r ? r->rows ? r->rows[i] : NULL : item->kind == SHELL_OBJECT ? item->row : NULL;
        if (!(*rows)[i])
            return false;
    }
    return true;
}

bool shell_items_of(struct shell *s, const struct shell_value *v, struct shell_value **items, size_t *n)
{
    struct orm_arena *a = &s->db->arena;
    if (v->kind == SHELL_LIST || v->kind == SHELL_DICT) {
        *items = v->kind == SHELL_LIST ? v->items : v->keys;
        *n = v->n;
        return true;
    }
    if (v->kind == SHELL_RECORD && !v->is_flat) {
        *n = v->rec->n;
        *items = ORM_NEW_N(a, struct shell_value, v->rec->n);
        for (size_t i = 0; i < v->rec->n; i++)
            (*items)[i] = shell_scalar(v->is_list ? v->rec->vals[i] : orm_v_text(v->rec->names[i]));
        return true;
    }
    if ((v->kind != SHELL_QS && v->kind != SHELL_RELATED) || (v->kind == SHELL_QS && v->is_manager))
        return shell_fail(s, ORM_TYPE_ERROR, "the value is not iterable%s", v->is_manager ? ": write .all()" : "");
    struct orm_result *r = orm_evaluate(v->qs);
    if (!r)
        return false;
    *n = r->n;
    *items = ORM_NEW_N(a, struct shell_value, r->n);
    for (size_t i = 0; i < r->n; i++)
        (*items)[i] = shell_row_of(v->qs, r, i);
    return true;
}

bool shell_truth(struct shell *s, const struct shell_value *v, bool *out)
{
    const orm_val *x = &v->scalar;
    *out = true;
    switch (v->kind) {
    case SHELL_SCALAR:
        *out = x->tag == ORM_BOOL                                            ? x->u.b
               : x->tag == ORM_TEXT                                          ? x->u.s[0] != '\0'
               : x->tag == ORM_INT || x->tag == ORM_DBL || x->tag == ORM_DEC ? orm_val_to_double(x) != 0
                                                                             : x->tag != ORM_NULL;
        return true;
    case SHELL_QS:
    case SHELL_RELATED: {
        if (v->is_manager)
            return true;
        int64_t n = orm_len(v->qs);
        *out = n > 0;
        return n >= 0;
    }
    case SHELL_LIST:
    case SHELL_DICT: *out = v->n > 0; return true;
    case SHELL_RECORD:
        if (!v->is_flat)
            return true;
        return shell_truth(s, &(struct shell_value){.kind = SHELL_SCALAR, .scalar = v->rec->vals[0]}, out);
    default: *out = v->kind != SHELL_NOTHING; return true;
    }
}

void shell_member(const orm_row *row, const struct orm_attr *column, orm_val *out)
{
    orm_member_get(row, column, out);
    if (column->is_auto && out->tag == ORM_INT && out->u.i == 0 && !row->state->is_saved)
        out->tag = ORM_NULL;
}

const char *shell_text_of(struct orm_arena *a, const orm_val *v)
{
    if (v->tag == ORM_TEXT || v->tag == ORM_UUID || v->tag == ORM_JSON)
        return v->u.s;
    struct orm_buf b = {.arena = a};
    orm_print_val(&b, v);
    return b.p ? b.p : "";
}
