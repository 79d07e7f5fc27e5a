#include "orm/model/meta.h"

#include <ctype.h>
#include <stdlib.h>

#include "orm/orm.h"

static orm_model_link *registered; /* written by constructors before main(), read afterwards */

void orm_register(orm_model_link *link)
{
    link->next = registered;
    registered = link;
}

static const enum orm_type kind_types[ORM_N_KINDS] = {
    [ORM_AutoField] = ORM_T_INT,
    [ORM_BigAutoField] = ORM_T_INT,
    [ORM_BooleanField] = ORM_T_BOOL,
    [ORM_IntegerField] = ORM_T_INT,
    [ORM_BigIntegerField] = ORM_T_INT,
    [ORM_SmallIntegerField] = ORM_T_INT,
    [ORM_PositiveIntegerField] = ORM_T_INT,
    [ORM_FloatField] = ORM_T_FLOAT,
    [ORM_DecimalField] = ORM_T_DECIMAL,
    [ORM_CharField] = ORM_T_TEXT,
    [ORM_TextField] = ORM_T_TEXT,
    [ORM_SlugField] = ORM_T_TEXT,
    [ORM_EmailField] = ORM_T_TEXT,
    [ORM_URLField] = ORM_T_TEXT,
    [ORM_DateField] = ORM_T_DATE,
    [ORM_DateTimeField] = ORM_T_DATETIME,
    [ORM_TimeField] = ORM_T_TIME,
    [ORM_DurationField] = ORM_T_DURATION,
    [ORM_UUIDField] = ORM_T_UUID,
    [ORM_JSONField] = ORM_T_JSON,
    [ORM_BinaryField] = ORM_T_BYTES,
};

enum orm_type orm_type_of_kind(orm_kind k)
{
    return kind_types[k];
}

static const char *lower(struct orm_arena *a, const char *s)
{
    char *p = orm_copy_text(a, s, strlen(s));
    for (size_t i = 0; p[i]; i++)
        p[i] = (char)tolower((unsigned char)p[i]);
    return p;
}

static struct orm_attr *add_attr(struct orm_arena *a, struct orm_meta *m, const char *name)
{
    struct orm_attr *f = ORM_NEW(a, struct orm_attr);
    f->name = f->attname = f->accessor = name;
    f->equals = orm_printf(a, "%s=?", name);
    f->mark = orm_printf(a, "%s.%s", m->name, name);
    f->owner = m;
    m->attrs = ORM_GROW(a, m->attrs, m->n_attrs);
    m->attrs[m->n_attrs++] = f;
    return f;
}

static void add_column(struct orm_arena *a, struct orm_meta *m, struct orm_attr *f, const char *column)
{
    f->column = column;
    f->index = m->n_columns;
    m->columns = ORM_GROW(a, m->columns, m->n_columns);
    m->columns[m->n_columns++] = f;
}

static struct orm_meta *add_meta(struct orm_registry *r, const char *name, const char *table)
{
    struct orm_meta *m = ORM_NEW(&r->arena, struct orm_meta);
    m->name = name;
    m->label = lower(&r->arena, name);
    m->table = table;
    r->metas = ORM_GROW(&r->arena, r->metas, r->n_metas);
    r->metas[r->n_metas++] = m;
    return m;
}

static void read_ordering(struct orm_arena *a, struct orm_meta *m, const char *s)
{
    while (s && *s) {
        size_t n = strcspn(s, " ,");
        if (n) {
            m->ordering = ORM_GROW(a, m->ordering, m->n_ordering);
            m->ordering[m->n_ordering++] = orm_copy_text(a, s, n);
        }
        s += n + (s[n] != '\0');
    }
}

static bool nullable_fits(const orm_field *d)
{
    bool optional = d->ctype >= ORM_C_OINT && d->ctype <= ORM_C_ODUR;
    bool either = d->ctype == ORM_C_TEXT || d->ctype == ORM_C_FK || d->ctype == ORM_C_FKTEXT ||
                  d->ctype == ORM_C_BYTES || d->ctype == ORM_C_VAL || d->ctype == ORM_C_VALFK;
    return either || d->null == optional;
}

static bool read_fields(struct orm_registry *r, struct orm_meta *m, struct orm_error *e)
{
    struct orm_arena *a = &r->arena;
    for (const orm_field *d = m->model->fields ? m->model->fields() : m->model->inspected; d->name; d++) {
        if (d->kind == ORM_Meta) {
            m->options = d;
            read_ordering(a, m, d->ordering);
            continue;
        }
        if (d->kind == ORM_Check || d->kind == ORM_Unique || d->kind == ORM_Index) {
            m->rules = ORM_GROW(a, m->rules, m->n_rules);
            m->rules[m->n_rules++] = d;
            continue;
        }
        if (d->kind == ORM_Slot) {
            m->slots = ORM_GROW(a, m->slots, m->n_slots);
            m->slots[m->n_slots++] = d;
            continue;
        }
        if (orm_attr_named(m, d->name, strlen(d->name)))
            return orm_fail(e, ORM_FIELD_ERROR, "%s.%s is declared twice", m->name, d->name);
        struct orm_attr *f = add_attr(a, m, d->name);
        f->def = d;
        f->null = d->null;
        f->is_auto = d->kind == ORM_AutoField || d->kind == ORM_BigAutoField;
        f->primary_key = d->primary_key || f->is_auto;
        f->unique = d->unique || f->primary_key || d->kind == ORM_OneToOneField;
        f->type = d->is_foreign ? ORM_T_OTHER : orm_type_of_kind(d->kind);
        if (d->kind == ORM_ManyToManyField) {
            f->relation = ORM_REL_M2M;
            m->m2m = ORM_GROW(a, m->m2m, m->n_m2m);
            m->m2m[m->n_m2m++] = f;
            continue;
        }
        if (!nullable_fits(d))
            return orm_fail(e, ORM_FIELD_ERROR, "%s.%s: %s", m->name, d->name,
                            d->null ? "null=true needs an orm_opt_ member" : "an orm_opt_ member needs null=true");
        if (d->kind == ORM_ForeignKey || d->kind == ORM_OneToOneField) {
            f->relation = ORM_REL_FK;
            f->attname = orm_printf(a, "%s_id", d->name);
        }
        add_column(a, m, f, d->column ? d->column : f->attname);
        if (f->primary_key && m->pk)
            return orm_fail(e, ORM_FIELD_ERROR, "%s has two primary keys: %s and %s", m->name, m->pk->name, f->name);
        if (f->primary_key)
            m->pk = f;
    }
    return m->pk || orm_fail(e, ORM_FIELD_ERROR, "%s has no primary key: FIELD(id, AutoField)", m->name);
}

static struct orm_attr *add_reverse(struct orm_registry *r, struct orm_attr *f, enum orm_relation relation)
{
    struct orm_arena *a = &r->arena;
    const char *related = f->def ? f->def->related_name : "+";
    bool hidden = related && related[strlen(related) - (related[0] != '\0')] == '+';
    const char *query = f->def && f->def->related_query_name ? f->def->related_query_name
                        : related                            ? related
                                                             : f->owner->label;
    struct orm_attr *back = add_attr(a, f->to, query);
    back->accessor = related                           ? related
                     : relation == ORM_REL_REVERSE_ONE ? f->owner->label
                                                       : orm_printf(a, "%s_set", f->owner->label);
    back->mark = orm_printf(a, "%s.%s", f->to->name, back->accessor);
    back->def = f->def;
    back->hidden = hidden;
    back->null = true;
    back->relation = relation;
    back->to = f->owner;
    back->remote = f;
    f->remote = back;
    return back;
}

static bool link_fk(struct orm_registry *r, struct orm_attr *f, struct orm_error *e)
{
    const char *to_field = f->def ? f->def->to_field : NULL;
    f->target = to_field ? orm_attr_named(f->to, to_field, strlen(to_field)) : f->to->pk;
    if (!f->target || (to_field && !f->target->unique))
        return orm_fail(e, ORM_FIELD_ERROR, "%s.%s: %s has no unique field '%s'", f->owner->name, f->name, f->to->name,
                        to_field ? to_field : "pk");
    const struct orm_attr *end = f->target; /* a key may itself be a one-to-one */
    for (size_t i = 0; end->relation == ORM_REL_FK && i < r->n_metas; i++)
        end = end->to->pk;
    f->type = end->type;
    bool is_text = f->type == ORM_T_TEXT || f->type == ORM_T_UUID;
    if (f->def && (f->def->ctype == ORM_C_FKTEXT ? !is_text : f->def->ctype == ORM_C_FK && f->type != ORM_T_INT))
        return orm_fail(e, ORM_FIELD_ERROR, "%s.%s: the key of %s is a %s: use %s", f->owner->name, f->name,
                        f->to->name, orm_type_name(f->type),
                        is_text                ? "FK_TEXT()"
                        : f->type == ORM_T_INT ? "FK()"
                                               : "another key");
    struct orm_attr *back =
        add_reverse(r, f, f->def && f->def->kind == ORM_OneToOneField ? ORM_REL_REVERSE_ONE : ORM_REL_REVERSE);
    for (size_t i = 0; !back->hidden && i < f->to->n_attrs; i++) {
        struct orm_attr *other = f->to->attrs[i];
        if (other == back || other->hidden || strcmp(other->name, back->name) != 0)
            continue;
        if (f->owner->model && f->owner->model->inspected) /* as in Django: fields first, of relations the last */
            other->hidden = other->relation == ORM_REL_REVERSE || other->relation == ORM_REL_REVERSE_ONE;
        else
            return orm_fail(e, ORM_FIELD_ERROR,
                            "%s.%s: the reverse name '%s' clashes with a field of %s: set .related_name",
                            f->owner->name, f->name, back->name, f->to->name);
    }
    return true;
}

static struct orm_attr *through_key(struct orm_registry *r, struct orm_meta *t, const char *name, struct orm_meta *to)
{
    struct orm_arena *a = &r->arena;
    struct orm_attr *f = add_attr(a, t, name);
    f->attname = orm_printf(a, "%s_id", name);
    f->relation = ORM_REL_FK;
    f->to = to;
    add_column(a, t, f, f->attname);
    return f;
}

static struct orm_meta *make_through(struct orm_registry *r, struct orm_attr *f)
{
    struct orm_arena *a = &r->arena;
    const char *table = f->def->column ? f->def->column : orm_printf(a, "%s_%s", f->owner->table, f->name);
    struct orm_meta *t = add_meta(r, orm_printf(a, "%s_%s", f->owner->name, f->name), table);
    t->is_through = true;
    struct orm_attr *id = add_attr(a, t, "id");
    id->type = ORM_T_INT;
    id->primary_key = id->is_auto = id->unique = true;
    add_column(a, t, id, "id");
    t->pk = id;
    bool self = f->to == f->owner;
    f->near_fk = through_key(r, t, self ? orm_printf(a, "from_%s", f->owner->label) : f->owner->label, f->owner);
    f->far_fk = through_key(r, t, self ? orm_printf(a, "to_%s", f->to->label) : f->to->label, f->to);
    return t;
}

static bool link_m2m(struct orm_registry *r, struct orm_attr *f, struct orm_error *e)
{
    if (f->def->through) {
        struct orm_meta *t = orm_meta_of(r, f->def->through);
        for (size_t i = 0; t && i < t->n_columns; i++) {
            struct orm_attr *c = t->columns[i];
            if (c->relation == ORM_REL_FK && c->to == f->owner && !f->near_fk)
                f->near_fk = c;
            else if (c->relation == ORM_REL_FK && c->to == f->to && !f->far_fk)
                f->far_fk = c;
        }
        if (!f->near_fk || !f->far_fk)
            return orm_fail(e, ORM_FIELD_ERROR, "%s.%s: the through model has no foreign keys to %s and %s",
                            f->owner->name, f->name, f->owner->name, f->to->name);
    } else {
        make_through(r, f);
        if (!link_fk(r, f->near_fk, e) || !link_fk(r, f->far_fk, e))
            return false;
    }
    struct orm_attr *back = add_reverse(r, f, ORM_REL_M2M);
    f->is_symmetrical = f->to == f->owner && !f->def->asymmetrical;
    back->hidden = back->hidden || f->is_symmetrical;
    back->near_fk = f->far_fk;
    back->far_fk = f->near_fk;
    return true;
}

static int by_name(const void *x, const void *y)
{
    const orm_model *const *a = x, *const *b = y;
    return strcmp((*a)->name, (*b)->name);
}

static bool link_relations(struct orm_registry *r, struct orm_error *e)
{
    size_t n_models = r->n_metas;
    for (size_t i = 0; i < n_models; i++) {
        struct orm_meta *m = r->metas[i];
        for (size_t k = 0; k < m->n_attrs; k++) {
            struct orm_attr *f = m->attrs[k];
            if (f->relation == ORM_REL_NONE)
                continue;
            f->to = f->def->to ? orm_meta_of(r, f->def->to) : NULL;
            if (!f->to)
                return orm_fail(e, ORM_FIELD_ERROR, "%s.%s: .to names no registered model", m->name, f->name);
        }
    }
    for (size_t i = 0; i < n_models; i++)
        for (size_t k = 0; k < r->metas[i]->n_columns; k++)
            if (r->metas[i]->columns[k]->relation == ORM_REL_FK && !link_fk(r, r->metas[i]->columns[k], e))
                return false;
    for (size_t i = 0; i < n_models; i++)
        for (size_t k = 0; k < r->metas[i]->n_m2m; k++)
            if (!link_m2m(r, r->metas[i]->m2m[k], e))
                return false;
    return true;
}

bool orm_registry_init(struct orm_registry *r, const orm_model *const *models, size_t n_models, struct orm_error *e)
{
    *r = (struct orm_registry){.arena = {.guard = r->arena.guard}};
    const orm_model **list = NULL;
    if (!models) {
        for (orm_model_link *l = registered; l; l = l->next) {
            list = ORM_GROW(&r->arena, list, n_models);
            list[n_models++] = l->model;
        }
        if (n_models)
            qsort(list, n_models, sizeof *list, by_name); /* constructors run in an order that the linker chose */
        models = list;
    }
    for (size_t i = 0; i < n_models; i++) {
        struct orm_meta *m = add_meta(r, models[i]->name, models[i]->table);
        m->model = models[i];
        if (!read_fields(r, m, e))
            return false;
    }
    return link_relations(r, e);
}

void orm_registry_release(struct orm_registry *r)
{
    orm_arena_release(&r->arena);
    *r = (struct orm_registry){.arena = {.guard = r->arena.guard}};
}

struct orm_meta *orm_meta_of(const struct orm_registry *r, const orm_model *m)
{
    for (size_t i = 0; i < r->n_metas; i++)
        if (r->metas[i]->model == m)
            return r->metas[i];
    return NULL;
}

static bool is(const char *a, const char *s, size_t n)
{
    return strncmp(a, s, n) == 0 && a[n] == '\0';
}

struct orm_attr *orm_attr_named(const struct orm_meta *m, const char *name, size_t len)
{
    for (size_t i = 0; i < m->n_attrs; i++)
        if (!m->attrs[i]->hidden && is(m->attrs[i]->name, name, len))
            return m->attrs[i];
    for (size_t i = 0; i < m->n_columns; i++)
        if (is(m->columns[i]->attname, name, len))
            return m->columns[i];
    return is("pk", name, len) ? m->pk : NULL;
}

struct orm_attr *orm_attr_accessor(const struct orm_meta *m, const char *accessor)
{
    for (size_t i = 0; i < m->n_attrs; i++)
        if (!m->attrs[i]->hidden && strcmp(m->attrs[i]->accessor, accessor) == 0)
            return m->attrs[i];
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *orm_attr_choices(struct orm_arena *a, const struct orm_meta *m, const char *const *more, size_t n_more)
{
    const char **names = ORM_NEW_N(a, const char *, m->n_attrs * 2 + n_more);
    size_t n = 0;
    for (size_t i = 0; i < m->n_attrs; i++) {
        struct orm_attr *f = m->attrs[i];
        if (f->hidden)
            continue;
        names[n++] = f->name;
        if (strcmp(f->attname, f->name) != 0)
            names[n++] = f->attname;
    }
    for (size_t i = 0; i < n_more; i++)
        names[n++] = more[i];
    qsort(names, n, sizeof *names, by_text);
    struct orm_buf b = {.arena = a};
    orm_put(&b, "");
    for (size_t i = 0; i < n; i++)
        orm_putf(&b, "%s%s", i ? ", " : "", names[i]);
    return b.p;
}
