/* create, get_or_create, update_or_create: querysets that make rows. On a reverse manager the new row belongs to the
 * manager's object. */
#include "orm/resolve/resolve.h"
#include "orm/value/json.h"
#include "orm/write/write.h"

static orm_row *start_row(orm_qs *qs)
{
    if (!orm_is_good(qs) || !orm_ready(qs->db))
        return NULL;
    orm_row *row = orm_new_(qs->db, orm_qs_meta(qs)->model);
    if (row && qs->parent && qs->parent_rel->relation == ORM_REL_REVERSE &&
        orm_set_one(row, qs->parent_rel->remote->name, qs->parent) != ORM_OK)
        return NULL;
    return row;
}

const struct orm_node *orm_args_of_dict(orm_db *db, const struct orm_node *dict)
{
    struct orm_node *args = ORM_NEW(&db->arena, struct orm_node);
    *args = (struct orm_node){.kind = ORM_N_ARGS, .text = dict->text, .pos = dict->pos, .depth = dict->depth};
    args->args = ORM_NEW_N(&db->arena, struct orm_arg, dict->n_args / 2 + 1);
    for (size_t i = 0; i + 1 < dict->n_args; i += 2) {
        const struct orm_node *key = dict->args[i].node;
        if (key->kind != ORM_N_CONST || key->value.tag != ORM_TEXT) {
            orm_fail_at(&db->error, ORM_TYPE_ERROR, key->text, key->pos, "keys are names here");
            return NULL;
        }
        args->args[args->n_args++] =
            (struct orm_arg){.name = key->value.u.s, .pos = key->pos, .node = dict->args[i + 1].node};
    }
    return args;
}

/* What create() is told: fields, and apart from them what get_or_create() and many-to-many managers take. */
struct order {
    struct orm_node fields;          /* field=value */
    const struct orm_node *defaults; /* NULL: none */
    const struct orm_node *through;  /* of the table between; NULL: none */
};

static bool read_order(orm_qs *qs, const struct orm_node *args, bool has_defaults, struct order *out)
{
    orm_db *db = qs->db;
    *out = (struct order){.fields = *args};
    out->fields.args = ORM_NEW_N(&db->arena, struct orm_arg, args->n_args);
    out->fields.n_args = 0;
    bool has_table = qs->parent && qs->parent_rel->relation == ORM_REL_M2M;
    for (size_t i = 0; i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        const struct orm_node **dict = a->name && has_defaults && strcmp(a->name, "defaults") == 0 ? &out->defaults
                                       : a->name && has_table && strcmp(a->name, "through_defaults") == 0
                                           ? &out->through
                                           : NULL;
        bool is_none = a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_NULL;
        if (!dict)
            out->fields.args[out->fields.n_args++] = *a;
        else if (a->node->kind == ORM_N_DICT ? !(*dict = orm_args_of_dict(db, a->node)) : !is_none)
            return orm_fail_at(&db->error, ORM_TYPE_ERROR, args->text, a->pos, "%s={'name': value, ...}", a->name);
    }
    return true;
}

/* INSERT, and into the table in between when it is a many-to-many manager's. */
static bool finish_row(orm_qs *qs, orm_row *row, const struct orm_node *through)
{
    bool links = qs->parent && qs->parent_rel->relation == ORM_REL_M2M;
    if (!links)
        return orm_insert(row) == ORM_OK;
    if (!orm_enter(qs->db))
        return false;
    if (orm_insert(row) == ORM_OK)
        orm_add_through(qs->parent, qs->parent_rel, &row, 1, through);
    return orm_end(qs->db) == ORM_OK;
}

orm_row *orm_create_args(orm_qs *qs, const struct orm_node *args)
{
    struct order o;
    orm_row *row = args ? start_row(qs) : NULL;
    if (!row || !read_order(qs, args, false, &o))
        return NULL;
    for (size_t i = 0; i < o.fields.n_args; i++) {
        const struct orm_arg *a = &o.fields.args[i];
        if (!a->name) {
            orm_fail_at(&qs->db->error, ORM_TYPE_ERROR, args->text, a->pos, "create() takes field=value");
            return NULL;
        }
        if (!orm_set_from_node(row, a->name, a->node))
            return NULL;
    }
    return finish_row(qs, row, o.through) ? row : NULL;
}

/* ---- get_or_create, update_or_create --------------------------------------------------------------------------------------- */

/* Keys of a lookup that are no plain names only look up. */
static bool is_field_name(const struct orm_arg *a)
{
    return a->name && !strstr(a->name, "__");
}

static bool are_fields(orm_db *db, const struct orm_meta *m, const struct orm_node *args)
{
    for (size_t i = 0; args && i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        const struct orm_attr *f = is_field_name(a) ? orm_attr_named(m, a->name, strlen(a->name)) : NULL;
        if (is_field_name(a) && (!f || !f->column))
            return orm_fail_at(&db->error, ORM_FIELD_ERROR, args->text, a->pos,
                               "Invalid field name(s) for model %s: '%s'.", m->name, a->name);
    }
    return true;
}

static bool set_defaults(orm_row *row, const struct orm_node *defaults)
{
    for (size_t i = 0; defaults && i < defaults->n_args; i++) {
        const struct orm_arg *a = &defaults->args[i];
        const struct orm_attr *f = orm_attr_named(row->state->meta, a->name, strlen(a->name));
        bool is_value = a->node->kind == ORM_N_CONST || a->node->kind == ORM_N_LIST || a->node->kind == ORM_N_DICT;
        if (!is_value && row->state->is_saved && f && f->column) { /* F() in update_or_create() */
            if (!row->state->exprs)
                row->state->exprs = ORM_NEW_N(&row->db->arena, const struct orm_node *, row->state->meta->n_columns);
            row->state->exprs[f->index] = a->node;
        } else if (!orm_set_from_node(row, a->name, a->node)) {
            return false;
        }
    }
    return true;
}

static orm_row *make_from(orm_qs *qs, const struct order *o)
{
    const struct orm_meta *m = orm_qs_meta(qs);
    orm_row *row = are_fields(qs->db, m, &o->fields) && are_fields(qs->db, m, o->defaults) ? start_row(qs) : NULL;
    for (size_t i = 0; row && i < o->fields.n_args; i++) {
        const struct orm_arg *a = &o->fields.args[i];
        if (is_field_name(a) && !orm_set_from_node(row, a->name, a->node))
            return NULL;
    }
    return row && set_defaults(row, o->defaults) && finish_row(qs, row, o->through) ? row : NULL;
}

/* is_update: nobody else may change the row before we do, as Django's update_or_create() has it. */
static orm_row *look_up(orm_qs *qs, const struct orm_node *lookup, bool is_update)
{
    orm_step steps[] = {
        {.op = ORM_S_FILTER, .args = lookup}, {.op = is_update ? ORM_S_FOR_UPDATE : ORM_S_END}, {.op = ORM_S_END}};
    struct orm_result *r = orm_get_result(orm_chain_(qs, steps));
    return r && r->rows ? r->rows[0] : NULL;
}

static orm_row *get_or_make(orm_qs *qs, const struct order *o, bool is_update, bool *created)
{
    orm_db *db = qs->db;
    *created = false;
    orm_row *row = look_up(qs, &o->fields, is_update);
    if (row || db->error.status != ORM_DOES_NOT_EXIST)
        return row;
    orm_clear(db);
    if (!orm_enter(db)) /* so that a failed INSERT leaves the transaction around it whole */
        return NULL;
    row = make_from(qs, o);
    if (orm_end(db) == ORM_OK && row) {
        *created = true;
        return row;
    }
    if (db->error.status != ORM_INTEGRITY)
        return NULL;
    struct orm_error failed = db->error; /* somebody else may have made it meanwhile */
    orm_clear(db);
    row = look_up(qs, &o->fields, is_update);
    if (!row)
        db->error = failed;
    return row;
}

orm_row *orm_get_or_create_args(orm_qs *qs, const struct orm_node *args, bool is_update, bool *created)
{
    orm_db *db = qs->db;
    struct order o;
    *created = false;
    if (!args || !orm_is_good(qs) || !orm_ready(db) || !read_order(qs, args, true, &o))
        return NULL;
    const struct order *kept = &o;
    if (!is_update)
        return get_or_make(qs, kept, false, created);
    if (!orm_enter(db))
        return NULL;
    orm_row *row = get_or_make(qs, kept, true, created);
    if (row && !*created && set_defaults(row, o.defaults))
        orm_save(row);
    return orm_end(db) == ORM_OK ? row : NULL;
}

/* ---- with text -------------------------------------------------------------------------------------------------------------- */

static bool gives(orm_qs *qs, const orm_model *m)
{
    return orm_is_good(qs) &&
           (orm_qs_meta(qs)->model == m ||
            orm_fail(&qs->db->error, ORM_TYPE_ERROR, "this queryset gives %s, not %s", orm_qs_meta(qs)->name, m->name));
}

void *orm_create_(orm_qs *qs, const orm_model *m, const char *text, const orm_val *v)
{
    ORM_GUARD(qs->db, NULL);
    return gives(qs, m) ? orm_create_args(qs, orm_q_(qs->db, text, v)->args) : NULL;
}

void *orm_get_or_create_(orm_qs *qs, const orm_model *m, bool *created, const char *text, const orm_val *v)
{
    ORM_GUARD(qs->db, NULL);
    bool ignored;
    return gives(qs, m) ? orm_get_or_create_args(qs, orm_q_(qs->db, text, v)->args, false, created ? created : &ignored)
                        : NULL;
}

void *orm_update_or_create_(orm_qs *qs, const orm_model *m, bool *created, const char *text, const orm_val *v)
{
    ORM_GUARD(qs->db, NULL);
    bool ignored;
    return gives(qs, m) ? orm_get_or_create_args(qs, orm_q_(qs->db, text, v)->args, true, created ? created : &ignored)
                        : NULL;
}
