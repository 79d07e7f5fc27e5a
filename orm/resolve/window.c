/* Window(expression, partition_by=..., order_by=..., frame=RowRange(start=None, end=0)), and the orders of order_by(). */
#include <inttypes.h>

#include "orm/resolve/resolve.h"
#include "orm/value/kind.h"

/* F('x').desc(nulls_last=True), OrderBy(...): what is below it. */
static const struct orm_node *read_direction(struct orm_resolver *r, const struct orm_node *n, struct orm_order *o)
{
    bool is_method = n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_ATTR &&
                     (strcmp(n->lhs->name, "asc") == 0 || strcmp(n->lhs->name, "desc") == 0);
    bool is_class = n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME && strcmp(n->lhs->name, "OrderBy") == 0 &&
                    n->n_args && !n->args[0].name;
    if (!is_method && !is_class)
        return n;
    o->descending = is_method && n->lhs->name[0] == 'd';
    bool first = false, last = false;
    for (size_t i = 0; i < n->n_args; i++) {
        const char *name = n->args[i].name ? n->args[i].name : "";
        bool truth = n->args[i].node->kind == ORM_N_CONST && n->args[i].node->value.tag == ORM_BOOL &&
                     n->args[i].node->value.u.b;
        first = first || (truth && strcmp(name, "nulls_first") == 0);
        last = last || (truth && strcmp(name, "nulls_last") == 0);
        if (strcmp(name, "descending") == 0)
            o->descending = truth;
    }
    if (first && last) {
        orm_resolve_fail(r, n, ORM_VALUE_ERROR, "nulls_first and nulls_last are mutually exclusive");
        return NULL;
    }
    o->nulls = first ? 1 : last ? 2 : 0;
    return is_method ? n->lhs->lhs : n->args[0].node;
}

bool orm_resolve_order(struct orm_resolver *r, const struct orm_node *n, const struct orm_scope_rule *rule,
                       struct orm_order *out)
{
    *out = (struct orm_order){0};
    const struct orm_node *below = read_direction(r, n, out);
    if (below && below->kind == ORM_N_CONST && below->value.tag == ORM_TEXT && below == n) {
        out->name = below->value.u.s;
        return true;
    }
    out->term = below ? orm_resolve_expr(r, below, rule) : NULL;
    return out->term != NULL;
}

static const struct orm_node *keyword(const struct orm_node *n, const char *name)
{
    for (size_t i = 0; i < n->n_args; i++)
        if (n->args[i].name && strcmp(n->args[i].name, name) == 0 &&
            !(n->args[i].node->kind == ORM_N_CONST && n->args[i].node->value.tag == ORM_NULL))
            return n->args[i].node;
    return NULL;
}

/* start < 0: n PRECEDING, 0: CURRENT ROW, None: UNBOUNDED. */
static bool put_bound(struct orm_resolver *r, struct orm_buf *b, const struct orm_node *n, bool is_start)
{
    if (!n)
        orm_put(b, is_start ? "UNBOUNDED PRECEDING" : "UNBOUNDED FOLLOWING");
    else if (n->kind != ORM_N_CONST || n->value.tag != ORM_INT)
        return orm_resolve_fail(r, n, ORM_VALUE_ERROR, "a bound of a frame must be an integer or None");
    else if (n->value.u.i == 0)
        orm_put(b, "CURRENT ROW");
    else if (is_start && n->value.u.i > 0)
        return orm_resolve_fail(r, n, ORM_VALUE_ERROR, "start argument must be a negative integer, zero, or None");
    else if (!is_start && n->value.u.i < 0)
        return orm_resolve_fail(r, n, ORM_VALUE_ERROR, "end argument must be a positive integer, zero, or None");
    else
        orm_putf(b, "%" PRIu64 " %s", is_start ? -(uint64_t)n->value.u.i : (uint64_t)n->value.u.i,
                 is_start ? "PRECEDING" : "FOLLOWING");
    return true;
}

static bool read_frame(struct orm_resolver *r, const struct orm_node *n, struct orm_term *t)
{
    bool is_call = n->kind == ORM_N_CALL && n->lhs->kind == ORM_N_NAME;
    bool rows = is_call && strcmp(n->lhs->name, "RowRange") == 0;
    if (!rows && !(is_call && strcmp(n->lhs->name, "ValueRange") == 0))
        return orm_resolve_fail(r, n, ORM_TYPE_ERROR, "frame= takes RowRange() or ValueRange()");
    struct orm_buf b = {.arena = r->arena};
    orm_put(&b, rows ? " ROWS BETWEEN " : " RANGE BETWEEN ");
    if (!put_bound(r, &b, keyword(n, "start"), true))
        return false;
    orm_put(&b, " AND ");
    if (!put_bound(r, &b, keyword(n, "end"), false))
        return false;
    t->frame = b.p;
    return true;
}

/* One node, or the nodes of a list. */
static size_t items_of(const struct orm_node *n, size_t i, const struct orm_node **out)
{
    bool is_list = n && n->kind == ORM_N_LIST;
    size_t count = is_list ? n->n_args : n ? 1 : 0;
    if (i < count)
        *out = is_list ? n->args[i].node : n;
    return count;
}

struct orm_term *orm_special_window(struct orm_resolver *r, const struct orm_node *n, const struct orm_scope_rule *rule)
{
    const struct orm_node *source = n->n_args && !n->args[0].name ? n->args[0].node : keyword(n, "expression");
    const struct orm_node *partition = keyword(n, "partition_by"), *order = keyword(n, "order_by");
    const struct orm_node *frame = keyword(n, "frame"), *out = keyword(n, "output_field"), *item = NULL;
    struct orm_term *inner = source ? orm_resolve_expr(r, source, rule) : NULL;
    if (!inner) {
        orm_resolve_fail(r, n, ORM_TYPE_ERROR, "Window() takes an expression");
        return NULL;
    }
    bool fits = inner->kind == ORM_TERM_AGG || (inner->kind == ORM_TERM_FUNC && inner->func->is_window);
    if (!fits) {
        orm_resolve_fail(r, source, ORM_VALUE_ERROR, "Expression isn't compatible with OVER clauses.");
        return NULL;
    }
    size_t n_partition = items_of(partition, 0, &item), n_orders = items_of(order, 0, &item);
    struct orm_term **args = ORM_NEW_N(r->arena, struct orm_term *, 1 + n_partition + n_orders);
    struct orm_order *orders = ORM_NEW_N(r->arena, struct orm_order, n_orders + 1);
    args[0] = inner;
    for (size_t i = 0; i < n_partition; i++) {
        items_of(partition, i, &item);
        if (!(args[1 + i] = orm_resolve_argument(r, item, rule)))
            return NULL;
    }
    for (size_t i = 0; i < n_orders; i++) {
        items_of(order, i, &item);
        if (!orm_resolve_order(r, item, rule, &orders[i]))
            return NULL;
        if (orders[i].name && order->kind != ORM_N_LIST) {
            orm_resolve_fail(r, item, ORM_VALUE_ERROR,
                             "order_by must be either an Expression or a sequence of expressions.");
            return NULL;
        }
        if (orders[i].name)
            orders[i].term = orm_resolve_ref(r, orders[i].name, item, rule);
        if (!(args[1 + n_partition + i] = orders[i].term))
            return NULL;
    }
    struct orm_term *t = orm_term_of(r, ORM_TERM_WINDOW, args, 1 + n_partition + n_orders);
    t->n_partition = n_partition;
    t->window_orders = orders;
    t->has_aggregate = false;
    t->has_window = true;
    if (frame && !read_frame(r, frame, t))
        return NULL;
    orm_term_settle(r->arena, t);
    return !out || orm_read_output_field(r, out, t) ? t : NULL;
}
