/* Steps that say what is selected: values, values_list, dates, only, defer, distinct, select_for_update. */
#include "orm/queryset/queryset.h"

bool orm_step_names(orm_qs *qs, const orm_step *s, orm_step_keyword named, void *context, const char ***out,
                    size_t *n_out)
{
    struct orm_arena *a = &qs->db->arena;
    size_t n = s->args ? s->args->n_args : s->n_names;
    *out = ORM_NEW_N(a, const char *, n + 1);
    *n_out = 0;
    for (size_t i = 0; i < n; i++) {
        if (!s->args) {
            (*out)[(*n_out)++] = s->names[i + 1];
            continue;
        }
        const struct orm_arg *arg = &s->args->args[i];
        const orm_val *v = arg->node->kind == ORM_N_CONST ? &arg->node->value : NULL;
        if (!arg->name && v && (v->tag == ORM_TEXT || v->tag == ORM_NULL))
            (*out)[(*n_out)++] = v->tag == ORM_TEXT ? v->u.s : NULL;
        else if (!named || !named(qs, arg, context))
            return orm_fail_at(&qs->db->error, ORM_TYPE_ERROR, arg->node->text, arg->pos, "a name is wanted here");
    }
    return true;
}

static bool is_true(const struct orm_arg *a)
{
    return a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_BOOL && a->node->value.u.b;
}

/* ---- values, values_list ------------------------------------------------------------------------------------------------ */

/* A column under its name, or the mark of an annotation. */
static bool add_value(orm_qs *qs, const char *name)
{
    struct orm_query *q = qs->query;
    struct orm_resolver r = orm_resolver_of(qs->db, q);
    const char *own = orm_copy_text(q->arena, name, strlen(name));
    const struct orm_annotation *a = orm_query_annotation(q, name, strlen(name));
    if (a && a->is_aliased)
        return orm_fail(&qs->db->error, ORM_FIELD_ERROR, "Cannot select the '%s' alias. Use annotate() to promote it.",
                        name);
    if (a) {
        q->annotations[a - q->annotations].is_selected = true;
    } else {
        struct orm_name *names;
        struct orm_path p;
        struct orm_joined j;
        size_t n = orm_split_path(q->arena, name, &names);
        if (!orm_walk_path(&r, q->meta, names, n, true, false, NULL, &p))
            return false;
        orm_setup_joins(&r, &p, 0, NULL, &j);
        orm_trim_joins(&r, &p, &j);
        struct orm_term *t = orm_term_column(q->arena, j.aliases[j.n - 1], j.target);
        for (size_t i = p.n_names; i < n; i++) {
            t = orm_extract(&r, t, &names[i]);
            if (!t)
                return orm_fail(&qs->db->error, ORM_FIELD_ERROR,
                                "Cannot resolve keyword '%.*s' into field. Join on '%.*s' not permitted.",
                                (int)names[i].n, names[i].s, (int)names[i - 1].n, names[i - 1].s);
        }
        q->select = ORM_GROW(q->arena, q->select, q->n_select);
        q->select[q->n_select++] = (struct orm_select_item){own, t};
    }
    q->fields = ORM_GROW(q->arena, q->fields, q->n_fields);
    q->fields[q->n_fields++] = own;
    return true;
}

struct value_options {
    bool is_list, is_flat, is_named;
    struct orm_node *expressions; /* annotated first */
    const char **order;           /* names and expressions in the order given */
    size_t n_order;
};

static void add_expression(orm_qs *qs, struct value_options *o, const char *name, const struct orm_arg *a)
{
    struct orm_arena *arena = &qs->db->arena;
    o->expressions->args = ORM_GROW(arena, o->expressions->args, o->expressions->n_args);
    struct orm_arg *copy = &o->expressions->args[o->expressions->n_args++];
    *copy = *a;
    copy->name = name;
    o->order = ORM_GROW(arena, o->order, o->n_order);
    o->order[o->n_order++] = name;
}

static bool read_value_args(orm_qs *qs, const orm_step *s, struct value_options *o)
{
    struct orm_arena *arena = &qs->db->arena;
    for (size_t i = 0; i < s->args->n_args; i++) {
        const struct orm_arg *a = &s->args->args[i];
        bool is_text = a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_TEXT;
        if (a->name && o->is_list && strcmp(a->name, "flat") == 0) {
            o->is_flat = is_true(a);
        } else if (a->name && o->is_list && strcmp(a->name, "named") == 0) {
            o->is_named = is_true(a);
        } else if (a->name && o->is_list) {
            return orm_fail_at(&qs->db->error, ORM_TYPE_ERROR, a->node->text, a->pos,
                               "values_list() got an unexpected keyword argument '%s'", a->name);
        } else if (a->name) {
            add_expression(qs, o, a->name, a);
        } else if (is_text) {
            o->order = ORM_GROW(arena, o->order, o->n_order);
            o->order[o->n_order++] = a->node->value.u.s;
        } else {
            const char *own = orm_default_alias(arena, a->node);
            const char *class = a->node->kind == ORM_N_CALL && a->node->lhs->name ? a->node->lhs->name : "expr";
            char *name = orm_printf(arena, own ? "%s" : "%s%zu", own ? own : class, i + 1);
            for (char *c = name; *c && !own; c++)
                *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
            add_expression(qs, o, name, a);
        }
    }
    return true;
}

/* The parts of a union that select whole rows select the same names. */
static bool values_of_parts(orm_qs *qs, const orm_step *s)
{
    struct orm_query *q = qs->query;
    struct orm_query **parts = ORM_NEW_N(q->arena, struct orm_query *, q->n_combined + 1);
    for (size_t i = 0; i < q->n_combined; i++) {
        orm_qs *part = orm_qs_new(qs->db, orm_query_clone(q->arena, q->combined[i]));
        if (!part->query->is_values && !orm_step_values(part, s))
            return false;
        parts[i] = part->query;
    }
    q->combined = parts;
    return true;
}

/* annotate() came first: the groups stay those of the model. */
static void group_by_model(struct orm_query *q)
{
    q->grouping = ORM_GROUP_TERMS;
    for (size_t i = 0; i < q->meta->n_columns; i++) {
        q->group_by = ORM_GROW(q->arena, q->group_by, q->n_group_by);
        q->group_by[q->n_group_by++] = orm_term_column(q->arena, 0, q->meta->columns[i]);
    }
    for (size_t i = 0; i < q->n_annotations; i++) {
        if (!q->annotations[i].is_selected || q->annotations[i].term->has_aggregate)
            continue;
        q->group_by = ORM_GROW(q->arena, q->group_by, q->n_group_by);
        q->group_by[q->n_group_by++] = q->annotations[i].term;
    }
}

bool orm_step_values(orm_qs *qs, const orm_step *s)
{
    struct orm_query *q = qs->query;
    if (q->n_combined && !values_of_parts(qs, s))
        return false;
    struct orm_node expressions = {.kind = ORM_N_ARGS, .text = s->args ? s->args->text : NULL};
    struct value_options o = {
        .is_list = s->op == ORM_S_VALUES_LIST, .is_flat = s->is_flat, .expressions = &expressions};
    if (s->args && !read_value_args(qs, s, &o))
        return false;
    for (size_t i = 1; !s->args && i <= s->n_names; i++) {
        o.order = ORM_GROW(q->arena, o.order, o.n_order);
        o.order[o.n_order++] = s->names[i];
    }
    if (o.is_flat && o.is_named)
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR, "'flat' and 'named' can't be used together.");
    if (o.is_flat && o.n_order > 1)
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR,
                        "'flat' is not valid when values_list is called with more than one field.");
    if (expressions.n_args) {
        orm_step annotate[] = {{.op = ORM_S_ANNOTATE, .args = &expressions}, {.op = ORM_S_END}};
        orm_qs *with = orm_chain_(qs, annotate);
        if (!with->query)
            return false;
        q = qs->query = with->query;
    }
    q->is_values = true;
    q->is_list = o.is_list;
    q->is_flat = o.is_flat;
    q->is_named = o.is_named;
    q->default_columns = false;
    q->n_select = q->n_fields = q->n_deferred = 0;
    q->select = NULL;
    q->fields = NULL;
    q->related = NULL;
    q->select_all_related = false;
    for (size_t i = 0; o.n_order && i < q->n_annotations; i++)
        q->annotations[i].is_selected = false;
    if (o.n_order == 0)
        for (size_t i = 0; i < q->meta->n_columns; i++)
            if (!add_value(qs, q->meta->columns[i]->attname))
                return false;
    for (size_t i = 0; i < o.n_order; i++)
        if (!add_value(qs, o.order[i]))
            return false;
    if (q->grouping == ORM_GROUP_MODEL)
        group_by_model(q);
    return true;
}

/* ---- dates, datetimes ----------------------------------------------------------------------------------------------------- */

static bool is_word_of(const char *word, const char *list)
{
    size_t n = strlen(word);
    for (const char *p = list; *p; p += strcspn(p, " "), p += *p == ' ')
        if (strncmp(p, word, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

bool orm_step_dates(orm_qs *qs, const orm_step *s)
{
    bool is_date = s->op == ORM_S_DATES;
    const char *text[3] = {NULL, NULL, "ASC"};
    static const char *const names[] = {"field_name", "kind", "order"};
    const struct orm_node *args = orm_step_args(qs->db, s);
    for (size_t i = 0; args && i < args->n_args; i++) {
        const struct orm_arg *a = &args->args[i];
        size_t at = i;
        for (size_t k = 0; a->name && k < 3; k++)
            if (strcmp(names[k], a->name) == 0)
                at = k;
        if (at < 3 && a->node->kind == ORM_N_CONST && a->node->value.tag == ORM_TEXT)
            text[at] = a->node->value.u.s;
    }
    struct orm_error *e = &qs->db->error;
    if (!args || !text[0] || !text[1])
        return orm_fail(e, ORM_TYPE_ERROR, "%s() takes a field and a kind", is_date ? "dates" : "datetimes");
    if (!is_word_of(text[1], is_date ? "year month week day" : "year month week day hour minute second"))
        return orm_fail(e, ORM_ASSERTION, "'kind' must be one of %s.",
                        is_date ? "'year', 'month', 'week', or 'day'"
                                : "'year', 'month', 'week', 'day', 'hour', 'minute', or 'second'");
    if (!is_word_of(text[2], "ASC DESC"))
        return orm_fail(e, ORM_ASSERTION, "'order' must be either 'ASC' or 'DESC'.");
    const char *name = is_date ? "datefield" : "datetimefield";
    orm_val v[] = {orm_v_null(NULL), orm_v_text(text[0]), orm_v_text(text[1]), orm_v_text(text[0]), {.tag = ORM_END}};
    const char *trunc = is_date ? "datefield=Trunc(?, ?, output_field=DateField()), plain_field=F(?)"
                                : "datetimefield=Trunc(?, ?, output_field=DateTimeField()), plain_field=F(?)";
    const char *list[] = {NULL, name},
               *order[] = {NULL, orm_printf(&qs->db->arena, "%s%s", *text[2] == 'D' ? "-" : "", name)};
    orm_step steps[] = {{.op = ORM_S_ANNOTATE, .text = trunc, .v = v},
                        {.op = ORM_S_VALUES_LIST, .names = list, .n_names = 1, .is_flat = true},
                        {.op = ORM_S_DISTINCT},
                        {.op = ORM_S_FILTER, .text = "plain_field__isnull=False"},
                        {.op = ORM_S_ORDER_BY, .names = order, .n_names = 1},
                        {.op = ORM_S_END}};
    orm_qs *done = orm_chain_(qs, steps);
    qs->query = done->query;
    return done->query != NULL;
}

/* ---- only, defer, distinct, select_for_update ----------------------------------------------------------------------------- */

static bool has_name(const struct orm_query *q, const char *name)
{
    for (size_t i = 0; i < q->n_deferred; i++)
        if (strcmp(q->deferred[i], name) == 0)
            return true;
    return false;
}

static void add_deferred(struct orm_query *q, const char *name)
{
    if (has_name(q, name))
        return;
    q->deferred = ORM_GROW(q->arena, q->deferred, q->n_deferred);
    q->deferred[q->n_deferred++] = orm_copy_text(q->arena, name, strlen(name));
}

static void remove_deferred(struct orm_query *q, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < q->n_deferred; i++)
        if (strcmp(q->deferred[i], name) != 0)
            q->deferred[kept++] = q->deferred[i];
    q->n_deferred = kept;
}

/* Django's add_immediate_loading and add_deferred_loading: each later call works on what the earlier ones said. */
bool orm_step_only(orm_qs *qs, const orm_step *s)
{
    struct orm_query *q = qs->query;
    bool is_only = s->op == ORM_S_ONLY;
    const char **names;
    size_t n;
    if (q->is_values)
        return orm_fail(&qs->db->error, ORM_TYPE_ERROR, "Cannot call %s() after .values() or .values_list()",
                        is_only ? "only" : "defer");
    if (!orm_step_names(qs, s, NULL, NULL, &names, &n))
        return false;
    if (n == 1 && !names[0]) {
        q->n_deferred = 0;
        q->is_only = false;
        return !is_only || orm_fail(&qs->db->error, ORM_TYPE_ERROR, "Cannot pass None as an argument to only().");
    }
    if (is_only) {
        struct orm_query before = *q;
        bool subtract = !q->is_only;
        q->deferred = NULL;
        q->n_deferred = 0;
        for (size_t i = 0; i < n; i++) {
            const char *name = strcmp(names[i], "pk") == 0 ? q->meta->pk->name : names[i];
            if (!subtract || !has_name(&before, name))
                add_deferred(q, name);
        }
        q->is_only = true;
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (q->is_only)
            remove_deferred(q, names[i]);
        else
            add_deferred(q, names[i]);
    }
    return true;
}

bool orm_step_distinct(orm_qs *qs, const orm_step *s)
{
    struct orm_query *q = qs->query;
    const char **names;
    size_t n;
    if (!orm_step_not_sliced(qs, "create distinct fields") || !orm_step_names(qs, s, NULL, NULL, &names, &n))
        return false;
    q->is_distinct = true;
    q->n_distinct_on = 0;
    q->distinct_on = NULL;
    struct orm_resolver r = orm_resolver_of(qs->db, q);
    struct orm_scope_rule rule = {0};
    for (size_t i = 0; i < n; i++) {
        struct orm_term *t = names[i] ? orm_resolve_ref(&r, names[i], NULL, &rule) : NULL;
        if (!t)
            return false;
        q->distinct_on = ORM_GROW(q->arena, q->distinct_on, q->n_distinct_on);
        q->distinct_on[q->n_distinct_on++] = t;
    }
    return true;
}

static bool read_lock(orm_qs *qs, const struct orm_arg *a, struct orm_lock *lock)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"nowait", &lock->nowait}, {"skip_locked", &lock->skip_locked}, {"no_key", &lock->no_key}};
    for (size_t i = 0; a->name && i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(flags[i].name, a->name) == 0) {
            *flags[i].flag = is_true(a);
            return true;
        }
    }
    bool is_of = a->name && strcmp(a->name, "of") == 0 && a->node->kind == ORM_N_LIST;
    for (size_t i = 0; is_of && i < a->node->n_args; i++) {
        const struct orm_node *n = a->node->args[i].node;
        if (n->kind != ORM_N_CONST || n->value.tag != ORM_TEXT)
            return false;
        lock->of = ORM_GROW(&qs->db->arena, lock->of, lock->n_of);
        lock->of[lock->n_of++] = n->value.u.s;
    }
    return is_of;
}

bool orm_step_for_update(orm_qs *qs, const orm_step *s)
{
    const struct orm_node *args = s->text || s->args ? orm_step_args(qs->db, s) : NULL;
    struct orm_lock lock = {.is_on = true};
    if ((s->text || s->args) && !args)
        return false;
    for (size_t i = 0; args && i < args->n_args; i++)
        if (!read_lock(qs, &args->args[i], &lock))
            return orm_fail_at(&qs->db->error, ORM_TYPE_ERROR, args->args[i].node->text, args->args[i].pos,
                               "select_for_update() takes nowait, skip_locked, of and no_key");
    if (lock.nowait && lock.skip_locked)
        return orm_fail(&qs->db->error, ORM_VALUE_ERROR, "The nowait option cannot be used with skip_locked.");
    qs->query->lock = lock;
    return true;
}
