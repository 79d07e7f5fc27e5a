/* Records, and the annotations of rows: values by name. */
#include "orm/session.h"

const orm_val *orm_rec_val(const orm_rec *r, const char *name)
{
    for (size_t i = 0; r && i < r->n; i++)
        if (strcmp(r->names[i], name) == 0)
            return &r->vals[i];
    return NULL;
}

const orm_val *orm_rec_at(const orm_rec *r, size_t i)
{
    return r && i < r->n ? &r->vals[i] : NULL;
}

size_t orm_rec_size(const orm_rec *r)
{
    return r ? r->n : 0;
}

const char *orm_rec_name(const orm_rec *r, size_t i)
{
    return r && i < r->n ? r->names[i] : NULL;
}

static int64_t as_int(const orm_val *v)
{
    return !v ? 0 : v->tag == ORM_INT ? v->u.i : (int64_t)orm_val_to_double(v);
}

int64_t orm_rec_int(const orm_rec *r, const char *name)
{
    return as_int(orm_rec_val(r, name));
}

double orm_rec_dbl(const orm_rec *r, const char *name)
{
    const orm_val *v = orm_rec_val(r, name);
    return v ? orm_val_to_double(v) : 0;
}

const char *orm_rec_text(const orm_rec *r, const char *name)
{
    const orm_val *v = orm_rec_val(r, name);
    return v && v->tag == ORM_TEXT ? v->u.s : NULL;
}

bool orm_rec_isnull(const orm_rec *r, const char *name)
{
    const orm_val *v = orm_rec_val(r, name);
    return !v || v->tag == ORM_NULL;
}

const orm_val *orm_row_val(const orm_row *r, const char *name)
{
    return r->state ? orm_rec_val(r->state->extras, name) : NULL;
}

int64_t orm_row_int(const orm_row *r, const char *name)
{
    return as_int(orm_row_val(r, name));
}

double orm_row_dbl(const orm_row *r, const char *name)
{
    const orm_val *v = orm_row_val(r, name);
    return v ? orm_val_to_double(v) : 0;
}

const char *orm_row_text(const orm_row *r, const char *name)
{
    const orm_val *v = orm_row_val(r, name);
    return v && v->tag == ORM_TEXT ? v->u.s : NULL;
}
