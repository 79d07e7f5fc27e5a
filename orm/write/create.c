/* create, get_or_create, update_or_create: querysets that make rows. On a reverse manager the new row belongs to the
 * manager's object. */
#include "orm/value/json.h"
#include "orm/write/write.h"

bool orm_set_from_node(orm_row *row, const char *name, const struct orm_node *value)
{
    struct orm_buf document = {.arena = &row->db->arena};
    bool is_document = value->kind == ORM_N_LIST || value->kind == ORM_N_DICT;
    if (is_document && orm_json_of_node(&document, value))
        return orm_set(row, name, orm_json(document.p)) == ORM_OK;
    if (value->kind != ORM_N_CONST)
        return orm_fail_at(&row->db->error, ORM_VALUE_ERROR, value->text, value->pos,
                           "a new row takes values; F() expressions can only be used to update, not to insert.");
    return orm_set(row, name, value->value) == ORM_OK;
}

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

/* INSERT, and into the table in between when it is a many-to-many manager's. */
static bool finish_row(orm_qs *qs, orm_row *row)
{
    bool links = qs->parent && qs->parent_rel->relation == ORM_REL_M2M;
    if (!links)
        return orm_insert(row) == ORM_OK;
    if (!orm_enter(qs->db))
        return false;
    if (orm_insert(row) == ORM_OK)
        orm_add_through(qs->parent, qs->parent_rel, &row, 1, NULL);
    return orm_end(qs->db) == ORM_OK;
}

orm_row *orm_create_args(orm_qs *qs, const struct orm_node *args)
{
    orm_row *row = args ? start_row(qs) : NULL;
    for (size_t i = 0; row && i < args->n_args; i++) {
        if (!args->args[i].name) {
            orm_fail_at(&qs->db->error, ORM_TYPE_ERROR, args->text, args->args[i].pos, "create() takes field=value");
            return NULL;
        }
        if (!orm_set_from_node(row, args->args[i].name, args->args[i].node))
            return NULL;
    }
    return row && finish_row(qs, row) ? row : NULL;
}

/* ---- get_or_create, update_or_create --------------------------------------------------------------------------------------- */

/* Arguments of the lookup, and the dict of defaults. */
static bool split_args(orm_db *db, const struct orm_node *args, struct orm_node *lookup,
                       const struct orm_node **defaults)
{
    *lookup = *args;
    *defaults = NULL;
    lookup->args = ORM_NEW_N(&db->arena, struct orm_arg, args->n_args);
    lookup->n_args = 0;
    for (size_t i = 0; i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        if (!a->name || strcmp(a->name, "defaults") != 0) {
            lookup->args[lookup->n_args++] = *a;
            continue;
        }
        bool is_none = a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_NULL;
        if (a->node->kind == ORM_N_DICT)
            *defaults = a->node;
        else if (!is_none)
            return orm_fail_at(&db->error, ORM_TYPE_ERROR, args->text, a->pos, "defaults={'name': value, ...}");
    }
    return true;
}

static bool set_defaults(orm_row *row, const struct orm_node *defaults)
{
    for (size_t i = 0; defaults && i + 1 < defaults->n_args; i += 2) {
        const struct orm_node *key = defaults->args[i].node, *value = defaults->args[i + 1].node;
        if (key->kind != ORM_N_CONST || key->value.tag != ORM_TEXT)
            return orm_fail_at(&row->db->error, ORM_TYPE_ERROR, key->text, key->pos, "keys of defaults are names");
        const struct orm_attr *f = orm_attr_named(row->state->meta, key->value.u.s, strlen(key->value.u.s));
        if (value->kind != ORM_N_CONST && row->state->is_saved && f && f->column) { /* F() in update_or_create() */
            if (!row->state->exprs)
                row->state->exprs = ORM_NEW_N(&row->db->arena, const struct orm_node *, row->state->meta->n_columns);
            row->state->exprs[f->index] = value;
        } else if (!orm_set_from_node(row, key->value.u.s, value)) {
            return false;
        }
    }
    return true;
}

static orm_row *make_from(orm_qs *qs, const struct orm_node *lookup, const struct orm_node *defaults)
{
    orm_row *row = start_row(qs);
    for (size_t i = 0; row && i < lookup->n_args; i++) {
        const char *name = lookup->args[i].name;
        if (name && !strstr(name, "__") && !orm_set_from_node(row, name, lookup->args[i].node))
            return NULL;
    }
    return row && set_defaults(row, defaults) && finish_row(qs, row) ? row : NULL;
}

/* is_update: nobody else may change the row before we do, as Django's update_or_create() has it. */
static orm_row *look_up(orm_qs *qs, const struct orm_node *lookup, bool is_update)
{
    orm_step steps[] = {
        {.op = ORM_S_FILTER, .args = lookup}, {.op = is_update ? ORM_S_FOR_UPDATE : ORM_S_END}, {.op = ORM_S_END}};
    struct orm_result *r = orm_get_result(orm_chain_(qs, steps));
    return r && r->rows ? r->rows[0] : NULL;
}

static orm_row *get_or_make(orm_qs *qs, const struct orm_node *lookup, const struct orm_node *defaults, bool is_update,
                            bool *created)
{
    orm_db *db = qs->db;
    *created = false;
    orm_row *row = look_up(qs, lookup, is_update);
    if (row || db->error.status != ORM_DOES_NOT_EXIST)
        return row;
    orm_clear(db);
    if (!orm_enter(db)) /* so that a failed INSERT leaves the transaction around it whole */
        return NULL;
    row = make_from(qs, lookup, defaults);
    if (orm_end(db) == ORM_OK && row) {
        *created = true;
        return row;
    }
    if (db->error.status != ORM_INTEGRITY)
        return NULL;
    struct orm_error failed = db->error; /* somebody else may have made it meanwhile */
    orm_clear(db);
    row = look_up(qs, lookup, is_update);
    if (!row)
        db->error = failed;
    return row;
}

orm_row *orm_get_or_create_args(orm_qs *qs, const struct orm_node *args, bool is_update, bool *created)
{
    orm_db *db = qs->db;
    struct orm_node lookup;
    const struct orm_node *defaults;
    *created = false;
    if (!args || !orm_is_good(qs) || !orm_ready(db) || !split_args(db, args, &lookup, &defaults))
        return NULL;
    const struct orm_node *kept = &lookup;
    if (!is_update)
        return get_or_make(qs, kept, defaults, false, created);
    if (!orm_enter(db))
        return NULL;
    orm_row *row = get_or_make(qs, kept, defaults, true, created);
    if (row && !*created && set_defaults(row, defaults))
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
