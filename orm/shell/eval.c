/* Trees into values. What the query language itself understands (Q, F, Count ...) stays a tree; everything that Python
 * would have worked out before Django sees it is replaced by its value. */
#include "orm/shell/shell.h"

#include <stdio.h>

#include "orm/model/function.h"
#include "orm/resolve/resolve.h"

static const struct orm_meta *model_named(struct shell *s, const char *name)
{
    const orm_model *m = orm_model_named(s->db, name);
    return m ? orm_meta_of(&s->db->registry, m) : NULL;
}

/* Q, F, Count: names that mean something only inside a query. */
static bool is_query_name(const char *name)
{
    return strcmp(name, "Q") == 0 || strcmp(name, "When") == 0 || strcmp(name, "Prefetch") == 0 ||
           orm_special_named(name) || orm_function_named(name);
}

/* ---- folding ------------------------------------------------------------------------------------------------------------ */

const struct orm_node *shell_node_of(struct shell *s, const struct orm_node *at, const struct shell_value *v)
{
    if (v->kind == SHELL_NODE)
        return v->node;
    struct orm_node *n = ORM_NEW(&s->db->arena, struct orm_node);
    *n = (struct orm_node){.kind = ORM_N_CONST, .text = at->text, .pos = at->pos, .depth = 1};
    switch (v->kind) {
    case SHELL_SCALAR: n->value = v->scalar; return n;
    case SHELL_QS:
    case SHELL_RELATED: n->value = orm_v_qs(v->qs); return n;
    case SHELL_OBJECT: n->value = orm_v_row(v->row); return n;
    case SHELL_RECORD:
        if (v->is_flat) {
            n->value = v->rec->vals[0];
            return n;
        }
        break;
    case SHELL_LIST:
        n->kind = ORM_N_LIST;
        n->is_tuple = v->is_tuple;
        n->args = ORM_NEW_N(&s->db->arena, struct orm_arg, v->n);
        n->n_args = v->n;
        n->depth = 2;
        for (size_t i = 0; i < v->n; i++)
            if (!(n->args[i].node = shell_node_of(s, at, &v->items[i])))
                return NULL;
        return n;
    case SHELL_DICT:
        n->kind = ORM_N_DICT;
        n->args = ORM_NEW_N(&s->db->arena, struct orm_arg, 2 * v->n);
        n->n_args = 2 * v->n;
        n->depth = 2;
        for (size_t i = 0; i < v->n; i++)
            if (!(n->args[2 * i].node = shell_node_of(s, at, &v->keys[i])) ||
                !(n->args[2 * i + 1].node = shell_node_of(s, at, &v->items[i])))
                return NULL;
        return n;
    default: break;
    }
    orm_fail_at(&s->db->error, ORM_TYPE_ERROR, at->text, at->pos, "this is no value of a query");
    return NULL;
}

static const struct orm_node *root_of(const struct orm_node *n)
{
    while (n->kind == ORM_N_ATTR || n->kind == ORM_N_CALL || n->kind == ORM_N_INDEX)
        n = n->lhs;
    return n;
}

static bool is_python(const struct orm_node *n)
{
    return n->kind == ORM_N_LOGIC || n->kind == ORM_N_EACH || n->kind == ORM_N_FORMAT;
}

/* Does Python work it out, or the database? */
static bool is_worked_out(struct shell *s, const struct orm_node *n)
{
    const struct orm_node *root = root_of(n);
    if (is_python(n))
        return true;
    if (root == n)
        return n->kind == ORM_N_NAME && (shell_variable_named(s, n->name) || model_named(s, n->name));
    if (root->kind == ORM_N_LIST || root->kind == ORM_N_CONST || is_python(root))
        return true;
    if (root->kind != ORM_N_NAME)
        return false;
    const struct shell_value *v = shell_variable_named(s, root->name);
    if (v)
        return v->kind != SHELL_NODE;
    return model_named(s, root->name) || shell_is_module(root->name) || shell_builtin(root->name);
}

static bool is_package(const char *name)
{
    static const char *const names[] = {"models", "functions", "expressions", "aggregates", "db"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static const struct orm_node *fold_children(struct shell *s, const struct orm_node *n)
{
    struct orm_node *copy = ORM_NEW(&s->db->arena, struct orm_node);
    *copy = *n;
    if (n->lhs && !(copy->lhs = shell_fold(s, n->lhs)))
        return NULL;
    if (n->rhs && !(copy->rhs = shell_fold(s, n->rhs)))
        return NULL;
    copy->args = ORM_NEW_N(&s->db->arena, struct orm_arg, n->n_args);
    for (size_t i = 0; i < n->n_args; i++) {
        copy->args[i] = n->args[i];
        if (n->args[i].node && !(copy->args[i].node = shell_fold(s, n->args[i].node)))
            return NULL;
    }
    bool both = n->kind == ORM_N_BINARY && copy->lhs->kind == ORM_N_CONST && copy->rhs->kind == ORM_N_CONST;
    orm_val v;
    if (both && shell_arithmetic(s, n->op, &copy->lhs->value, &copy->rhs->value, &v)) {
        copy->kind = ORM_N_CONST;
        copy->value = v;
        copy->lhs = copy->rhs = NULL;
    }
    return s->db->error.status == ORM_OK ? copy : NULL;
}

const struct orm_node *shell_fold(struct shell *s, const struct orm_node *n)
{
    if (is_worked_out(s, n)) {
        struct shell_value v;
        return shell_eval(s, n, &v) ? shell_node_of(s, n, &v) : NULL;
    }
    if (n->kind == ORM_N_ATTR && n->lhs->kind == ORM_N_NAME && is_package(n->lhs->name)) { /* models.F is F */
        struct orm_node *name = ORM_NEW(&s->db->arena, struct orm_node);
        *name = (struct orm_node){.kind = ORM_N_NAME, .text = n->text, .pos = n->pos, .depth = 1, .name = n->name};
        return name;
    }
    return fold_children(s, n);
}

const struct orm_node *shell_fold_args(struct shell *s, const struct orm_node *call)
{
    struct orm_node *args = ORM_NEW(&s->db->arena, struct orm_node);
    *args = *call;
    args->kind = ORM_N_ARGS;
    args->lhs = NULL;
    return fold_children(s, args);
}

bool shell_scalar_arg(struct shell *s, const struct orm_node *n, orm_val *out)
{
    struct shell_value v;
    if (!shell_eval(s, n, &v))
        return false;
    if (v.kind == SHELL_OBJECT)
        *out = orm_v_row(v.row);
    else if (v.kind == SHELL_RECORD && v.is_flat)
        *out = v.rec->vals[0];
    else if (v.kind == SHELL_SCALAR)
        *out = v.scalar;
    else
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "a single value is needed here");
    return true;
}

/* ---- evaluation ------------------------------------------------------------------------------------------------------------ */

static bool eval_name(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    const struct shell_value *v = shell_variable_named(s, n->name);
    const struct orm_meta *m = v ? NULL : model_named(s, n->name);
    if (v)
        *out = *v;
    else if (m)
        *out = (struct shell_value){.kind = SHELL_MODEL, .meta = m};
    else if (shell_is_module(n->name) || is_package(n->name))
        *out = (struct shell_value){.kind = SHELL_MODULE, .name = n->name};
    else
        return orm_fail_at(&s->db->error, ORM_NAME, n->text, n->pos, "name '%s' is not defined", n->name);
    return true;
}

static bool eval_list(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_LIST, .is_tuple = n->is_tuple, .n = n->n_args};
    out->items = ORM_NEW_N(&s->db->arena, struct shell_value, n->n_args);
    for (size_t i = 0; i < n->n_args; i++)
        if (!shell_eval(s, n->args[i].node, &out->items[i]))
            return false;
    return true;
}

static bool eval_dict(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_DICT, .n = n->n_args / 2};
    out->items = ORM_NEW_N(&s->db->arena, struct shell_value, out->n);
    out->keys = ORM_NEW_N(&s->db->arena, struct shell_value, out->n);
    for (size_t i = 0; i < out->n; i++)
        if (!shell_eval(s, n->args[2 * i].node, &out->keys[i]) ||
            !shell_eval(s, n->args[2 * i + 1].node, &out->items[i]))
            return false;
    return true;
}

static bool call_method(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    const char *method = n->lhs->name;
    struct shell_value self;
    if (!shell_eval(s, n->lhs->lhs, &self))
        return false;
    switch (self.kind) {
    case SHELL_RELATED: {
        bool is_known;
        bool ok = shell_call_related(s, &self, method, n, out, &is_known);
        return is_known ? ok : shell_call_queryset(s, &self, method, n, out);
    }
    case SHELL_QS: return shell_call_queryset(s, &self, method, n, out);
    case SHELL_OBJECT: return shell_call_object(s, &self, method, n, out);
    case SHELL_MODULE: {
        shell_function f = shell_module_function(orm_printf(&s->db->arena, "%s.%s", self.name, method));
        if (f)
            return f(s, n, out);
        return orm_fail_at(&s->db->error, ORM_ATTRIBUTE, n->text, n->lhs->pos, "module '%s' has no attribute '%s'",
                           self.name, method);
    }
    case SHELL_NODE: /* F('x').desc(), Q(...) & ... */
        out->kind = SHELL_NODE;
        return (out->node = shell_fold(s, n)) != NULL;
    default:
        return orm_fail_at(&s->db->error, ORM_ATTRIBUTE, n->text, n->lhs->pos, "the value has no method '%s'", method);
    }
}

static bool eval_call(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    const struct orm_node *callee = n->lhs;
    if (callee->kind == ORM_N_ATTR && !(callee->lhs->kind == ORM_N_NAME && is_package(callee->lhs->name)))
        return call_method(s, n, out);
    const char *name = callee->name;
    if (callee->kind != ORM_N_NAME && callee->kind != ORM_N_ATTR)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "this cannot be called");
    shell_function f = shell_builtin(name);
    if (f)
        return f(s, n, out);
    const struct orm_meta *m = model_named(s, name);
    if (m)
        return shell_make_object(s, m, n->args, n->n_args, out);
    if (is_query_name(name)) {
        out->kind = SHELL_NODE;
        return (out->node = shell_fold(s, n)) != NULL;
    }
    return orm_fail_at(&s->db->error, ORM_NAME, n->text, callee->pos, "name '%s' is not defined", name);
}

static bool eval_attribute(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    struct shell_value self;
    if (!shell_eval(s, n->lhs, &self))
        return false;
    if (self.kind == SHELL_MODULE) {
        const char *path = orm_printf(&s->db->arena, "%s.%s", self.name, n->name);
        if (shell_is_module(path)) {
            *out = (struct shell_value){.kind = SHELL_MODULE, .name = path};
            return true;
        }
    }
    return shell_attribute(s, &self, n->name, out);
}

static bool eval_operator(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    const struct orm_node *folded = fold_children(s, n);
    if (!folded)
        return false;
    if (folded->kind == ORM_N_CONST) {
        *out = shell_scalar(folded->value);
        return true;
    }
    bool both_querysets = folded->rhs && folded->lhs->kind == ORM_N_CONST && folded->rhs->kind == ORM_N_CONST &&
                          folded->lhs->value.tag == ORM_QS && folded->rhs->value.tag == ORM_QS;
    if (both_querysets && (n->op == ORM_OP_AND || n->op == ORM_OP_OR)) {
        struct orm_arg other = {.pos = n->pos, .node = folded->rhs};
        struct orm_node args = {.kind = ORM_N_ARGS, .text = n->text, .args = &other, .n_args = 1};
        orm_step steps[] = {{.op = n->op == ORM_OP_AND ? ORM_S_AND : ORM_S_OR, .args = &args}, {.op = ORM_S_END}};
        *out = (struct shell_value){.kind = SHELL_QS, .qs = orm_chain_(folded->lhs->value.u.qs, steps)};
        return orm_is_good(out->qs);
    }
    bool is_plain = folded->lhs->kind == ORM_N_CONST && (!folded->rhs || folded->rhs->kind == ORM_N_CONST);
    if (is_plain)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "unsupported operand types");
    *out = (struct shell_value){.kind = SHELL_NODE, .node = folded};
    return true;
}

bool shell_eval(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    switch (n->kind) {
    case ORM_N_CONST:
        *out = n->value.tag == ORM_QS ? (struct shell_value){.kind = SHELL_QS, .qs = n->value.u.qs}
               : n->value.tag == ORM_ROW
                   ? (struct shell_value){.kind = SHELL_OBJECT, .row = (orm_row *)(uintptr_t)n->value.u.row}
                   : shell_scalar(n->value);
        return true;
    case ORM_N_NAME: return eval_name(s, n, out);
    case ORM_N_LIST: return eval_list(s, n, out);
    case ORM_N_DICT: return eval_dict(s, n, out);
    case ORM_N_CALL: return eval_call(s, n, out);
    case ORM_N_ATTR: return eval_attribute(s, n, out);
    case ORM_N_UNARY:
    case ORM_N_BINARY: return eval_operator(s, n, out);
    case ORM_N_INDEX: {
        struct shell_value self;
        return shell_eval(s, n->lhs, &self) && shell_subscript(s, &self, n, out);
    }
    case ORM_N_LOGIC: return shell_eval_logic(s, n, out);
    case ORM_N_EACH: return shell_eval_each(s, n, out);
    case ORM_N_FORMAT: return shell_eval_format(s, n, out);
    case ORM_N_ARGS: break;
    }
    return orm_fail_at(&s->db->error, ORM_SYNTAX, n->text, n->pos, "invalid syntax");
}
