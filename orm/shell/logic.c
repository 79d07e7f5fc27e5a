/* What Python decides without a query: truth, comparisons, in, loops over what can be walked, f'...', print(). */
#include <math.h>
#include <stdio.h>

#include "orm/shell/shell.h"

/* As Python shows what is inside of a list: texts in quotes, objects in angles. */
static bool put_repr(struct shell *s, struct orm_buf *b, const struct shell_value *v)
{
    if (v->kind == SHELL_SCALAR) {
        orm_print_val(b, &v->scalar);
        return true;
    }
    if (v->kind != SHELL_LIST && v->kind != SHELL_DICT) {
        const char *text = shell_str(s, v);
        if (text && v->kind == SHELL_OBJECT)
            orm_putf(b, "<%s: %s>", v->row->model->name, text);
        else if (text)
            orm_put(b, text);
        return text;
    }
    const char *brackets = v->kind == SHELL_DICT ? "{}" : v->is_tuple ? "()" : "[]";
    orm_put_n(b, brackets, 1);
    for (size_t i = 0; i < v->n; i++) {
        orm_put(b, i ? ", " : "");
        if (v->kind == SHELL_DICT) {
            put_repr(s, b, &v->keys[i]);
            orm_put(b, ": ");
        }
        if (!put_repr(s, b, &v->items[i]))
            return false;
    }
    orm_put(b, v->is_tuple && v->n == 1 ? "," : "");
    orm_put_n(b, brackets + 1, 1);
    return true;
}

const char *shell_str(struct shell *s, const struct shell_value *v)
{
    struct orm_arena *a = &s->db->arena;
    if (v->kind == SHELL_SCALAR)
        return shell_text_of(a, &v->scalar);
    if (v->kind == SHELL_RECORD && v->is_flat)
        return shell_text_of(a, &v->rec->vals[0]);
    if (v->kind == SHELL_NOTHING)
        return "None";
    if (v->kind == SHELL_OBJECT) {
        orm_val key;
        orm_row_key(v->row, v->row->state->meta, &key);
        return orm_printf(a, "%s object (%s)", v->row->model->name, shell_text_of(a, &key));
    }
    struct orm_buf b = {.arena = a};
    if (v->kind == SHELL_LIST || v->kind == SHELL_DICT)
        return put_repr(s, &b, v) ? b.p : NULL;
    return shell_put_json(s, &b, v) ? strchr(b.p, ' ') + 1 : NULL;
}

/* ---- comparisons ------------------------------------------------------------------------------------------------------ */

static const orm_val *plain(const struct shell_value *v)
{
    return v->kind == SHELL_SCALAR ? &v->scalar : v->kind == SHELL_RECORD && v->is_flat ? &v->rec->vals[0] : NULL;
}

static bool is_number(const orm_val *v)
{
    return v->tag == ORM_INT || v->tag == ORM_DBL || v->tag == ORM_DEC || v->tag == ORM_BOOL;
}

static int sign(double d)
{
    return (d > 0) - (d < 0);
}

/* False: the two have no order. */
static bool order_of(const orm_val *x, const orm_val *y, int *out)
{
    if (x->tag == ORM_INT && y->tag == ORM_INT)
        *out = (x->u.i > y->u.i) - (x->u.i < y->u.i);
    else if (is_number(x) && is_number(y))
        *out = sign(orm_val_to_double(x) - orm_val_to_double(y));
    else if (x->tag != y->tag || x->tag == ORM_NULL)
        return false;
    else if (x->tag == ORM_TEXT || x->tag == ORM_UUID || x->tag == ORM_JSON)
        *out = strcmp(x->u.s, y->u.s);
    else if (x->tag == ORM_DATE)
        *out = (x->u.date.days > y->u.date.days) - (x->u.date.days < y->u.date.days);
    else if (x->tag == ORM_DT || x->tag == ORM_TIME || x->tag == ORM_DUR) /* each is a number of microseconds */
        *out = (x->u.dt.us > y->u.dt.us) - (x->u.dt.us < y->u.dt.us);
    else
        return false;
    return true;
}

/* Objects are equal when model and key are, lists when their items are. */
static bool equal(const struct shell_value *x, const struct shell_value *y)
{
    const orm_val *p = plain(x), *q = plain(y);
    int order;
    if (p && q)
        return (p->tag == ORM_NULL && q->tag == ORM_NULL) || (order_of(p, q, &order) && order == 0);
    if (x->kind != y->kind)
        return false;
    if (x->kind == SHELL_OBJECT) {
        orm_val a, b;
        orm_row_key(x->row, x->row->state->meta, &a);
        orm_row_key(y->row, y->row->state->meta, &b);
        return x->row == y->row || (x->row->model == y->row->model && a.tag != ORM_NULL && orm_same_val(&a, &b));
    }
    bool same = x->kind == SHELL_LIST && x->n == y->n && x->is_tuple == y->is_tuple;
    for (size_t i = 0; same && i < x->n; i++)
        same = equal(&x->items[i], &y->items[i]);
    return same;
}

static bool is_among(struct shell *s, const struct shell_value *x, const struct shell_value *all, bool *out)
{
    const orm_val *p = plain(x), *text = plain(all);
    struct shell_value *items;
    size_t n;
    if (p && text && p->tag == ORM_TEXT && text->tag == ORM_TEXT) {
        *out = strstr(text->u.s, p->u.s) != NULL;
        return true;
    }
    if (!shell_items_of(s, all, &items, &n))
        return false;
    *out = false;
    for (size_t i = 0; i < n && !*out; i++)
        *out = equal(x, &items[i]);
    return true;
}

static bool compare(struct shell *s, const struct orm_node *n, const struct shell_value *x, const struct shell_value *y,
                    bool *out)
{
    const orm_val *p = plain(x), *q = plain(y);
    int order = 0;
    switch (n->op) {
    case ORM_OP_EQ:
    case ORM_OP_IS: *out = equal(x, y); return true;
    case ORM_OP_NE:
    case ORM_OP_IS_NOT: *out = !equal(x, y); return true;
    case ORM_OP_IN: return is_among(s, x, y, out);
    case ORM_OP_NOT_IN:
        if (!is_among(s, x, y, out))
            return false;
        *out = !*out;
        return true;
    default:
        if (!p || !q || !order_of(p, q, &order))
            return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos, "these two have no order");
        *out = n->op == ORM_OP_LT   ? order < 0
               : n->op == ORM_OP_LE ? order <= 0
               : n->op == ORM_OP_GT ? order > 0
                                    : order >= 0;
        return true;
    }
}

bool shell_eval_logic(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    struct shell_value x, y;
    bool b;
    if (!shell_eval(s, n->lhs, &x))
        return false;
    if (n->op == ORM_OP_CHOOSE)
        return shell_truth(s, &x, &b) && shell_eval(s, b ? n->rhs : n->args[0].node, out);
    if (n->op == ORM_OP_NEGATE || n->op == ORM_OP_AND_THEN || n->op == ORM_OP_OR_ELSE) {
        if (x.kind == SHELL_NODE)
            return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos,
                               "conditions of a query are joined by '|', '&' and '~'");
        if (!shell_truth(s, &x, &b))
            return false;
        if (n->op == ORM_OP_NEGATE) {
            *out = shell_scalar(orm_v_bool(!b));
            return true;
        }
        *out = x;
        return b == (n->op == ORM_OP_OR_ELSE) || shell_eval(s, n->rhs, out);
    }
    if (x.kind == SHELL_NODE)
        return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, n->text, n->pos,
                           "comparisons of a query are written as lookups: field__gt=1");
    if (!shell_eval(s, n->rhs, &y) || !compare(s, n, &x, &y, &b))
        return false;
    *out = shell_scalar(orm_v_bool(b));
    return true;
}

/* ---- [x for y in z if c] ---------------------------------------------------------------------------------------------- */

bool shell_bind(struct shell *s, const struct orm_arg *names, size_t n, const struct shell_value *v)
{
    struct shell_value *items;
    size_t n_items;
    if (n == 1) {
        shell_set_variable(s, names[0].name, v);
        return true;
    }
    if (!shell_items_of(s, v, &items, &n_items))
        return false;
    if (n_items != n)
        return shell_fail(s, ORM_VALUE_ERROR, "%s values to unpack (expected %zu, got %zu)",
                          n_items > n ? "too many" : "not enough", n, n_items);
    for (size_t i = 0; i < n; i++)
        shell_set_variable(s, names[i].name, &items[i]);
    return true;
}

/* Its names are its own: those of the same name outside come back. */
bool shell_eval_each(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    struct orm_arena *a = &s->db->arena;
    struct shell_value over, *items;
    size_t n_items, n_names = n->n_args - 1, n_before = s->n_variables;
    if (!shell_eval(s, n->rhs, &over) || !shell_items_of(s, &over, &items, &n_items))
        return false;
    struct shell_variable *before = ORM_NEW_N(a, struct shell_variable, n_before + 1);
    if (n_before)
        memcpy(before, s->variables, n_before * sizeof *before);
    *out = (struct shell_value){.kind = SHELL_LIST, .items = ORM_NEW_N(a, struct shell_value, n_items)};
    bool good = true;
    for (size_t i = 0; i < n_items && good; i++) {
        bool takes = true;
        good = shell_bind(s, n->args + 1, n_names, &items[i]);
        if (good && n->args[0].node) {
            struct shell_value condition;
            good = shell_eval(s, n->args[0].node, &condition) && shell_truth(s, &condition, &takes);
        }
        if (good && takes)
            good = shell_eval(s, n->lhs, &out->items[out->n++]);
    }
    if (n_before)
        memcpy(s->variables, before, n_before * sizeof *before);
    s->n_variables = n_before;
    return good;
}

/* ---- f'{x:.2f}' ------------------------------------------------------------------------------------------------------- */

/* [[fill]align][0][width][,][.precision][type], as far as numbers and texts in a table need it. */
static bool put_formatted(struct shell *s, struct orm_buf *b, const struct shell_value *v, const char *format)
{
    const orm_val *x = plain(v);
    const char *f = format, *text = shell_str(s, v);
    char align = 0, fill = ' ', digits[400];
    int width = 0, precision = -1;
    if (!text)
        return false;
    if (*f == '!') /* !r, !s: texts are shown as they are */
        f += strcspn(f, ":") + (strchr(f, ':') != NULL);
    if (*f && f[1] && strchr("<>^", f[1]))
        fill = *f++;
    if (*f && strchr("<>^", *f))
        align = *f++;
    if (*f == '0' && !align) {
        fill = '0';
        f++;
    }
    while (*f >= '0' && *f <= '9' && width < 300)
        width = width * 10 + (*f++ - '0');
    if (*f == '.')
        for (precision = 0, f++; *f >= '0' && *f <= '9' && precision < 30; f++)
            precision = precision * 10 + (*f - '0');
    bool number = x && is_number(x);
    if (number && (*f == 'f' || (precision >= 0 && *f != 's'))) {
        snprintf(digits, sizeof digits, "%.*f", precision < 0 ? 6 : precision, orm_val_to_double(x));
        text = orm_copy_text(&s->db->arena, digits, strlen(digits));
    }
    if (*f && !strchr("fds", *f))
        return shell_fail(s, ORM_VALUE_ERROR, "Invalid format specifier '%s'", format);
    size_t n = strlen(text), shown = 0;
    for (size_t i = 0; i < n; i++)
        shown += ((unsigned char)text[i] & 0xC0) != 0x80;
    size_t room = (size_t)width > shown ? (size_t)width - shown : 0;
    size_t before = align == '<' || (!align && !number) ? 0 : align == '^' ? room / 2 : room;
    for (size_t i = 0; i < before; i++)
        orm_put_n(b, &fill, 1);
    orm_put_n(b, text, n);
    for (size_t i = before; i < room; i++)
        orm_put_n(b, &fill, 1);
    return true;
}

bool shell_eval_format(struct shell *s, const struct orm_node *n, struct shell_value *out)
{
    struct orm_buf b = {.arena = &s->db->arena};
    orm_put(&b, "");
    for (size_t i = 0; i < n->n_args; i++) {
        struct shell_value v;
        if (!n->args[i].name) {
            orm_put(&b, n->args[i].node->value.u.s);
            continue;
        }
        if (!shell_eval(s, n->args[i].node, &v) || !put_formatted(s, &b, &v, n->args[i].name))
            return false;
    }
    *out = shell_scalar(orm_v_text(b.p));
    return true;
}

/* ---- print() ------------------------------------------------------------------------------------------------------------ */

/* In a loop: a line of what the loop gives. Alone: the value itself, which is shown like any other. */
bool shell_print(struct shell *s, const struct orm_node *call, struct shell_value *out)
{
    *out = (struct shell_value){.kind = SHELL_NOTHING};
    if (!s->printed && call->n_args == 1 && !call->args[0].name)
        return shell_eval(s, call->args[0].node, out);
    struct orm_buf line = {.arena = &s->db->arena};
    const char *separator = " ";
    orm_put(&line, "");
    for (size_t i = 0, n = 0; i < call->n_args; i++) {
        const char *name = call->args[i].name;
        struct shell_value v;
        const char *text = NULL;
        if (!shell_eval(s, call->args[i].node, &v) || !(text = shell_str(s, &v)))
            return false;
        if (name && strcmp(name, "sep") == 0)
            separator = text;
        else if (name)
            return orm_fail_at(&s->db->error, ORM_TYPE_ERROR, call->text, call->args[i].pos, "print() takes sep");
        else
            orm_putf(&line, "%s%s", n++ ? separator : "", text);
    }
    if (!s->printed) {
        *out = shell_scalar(orm_v_text(line.p));
        return true;
    }
    s->printed->items = ORM_GROW(&s->db->arena, s->printed->items, s->printed->n);
    s->printed->items[s->printed->n++] = shell_scalar(orm_v_text(line.p));
    return true;
}
