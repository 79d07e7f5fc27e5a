/* Lookups on JSON documents and on parts of them: what their values become. */
#include "orm/resolve/resolve.h"
#include "orm/value/json.h"

struct orm_term *orm_json_value(struct orm_resolver *r, struct orm_term *rhs, const struct orm_node *at)
{
    struct orm_buf b = {.arena = r->arena};
    if (rhs->kind == ORM_TERM_LIST && rhs->value.tag == ORM_JSON)
        return orm_term_value(r->arena, rhs->value);
    if (rhs->kind != ORM_TERM_VALUE)
        return rhs;
    if (!orm_json_of_val(&b, &rhs->value)) {
        orm_resolve_fail(r, at, ORM_TYPE_ERROR, "the value is not JSON serializable");
        return NULL;
    }
    return orm_term_value(r->arena, (orm_val){ORM_JSON, {.s = b.p}});
}

static struct orm_term *key_text(struct orm_resolver *r, struct orm_term *rhs, const struct orm_node *at)
{
    struct orm_buf b = {.arena = r->arena};
    bool is_text = rhs->kind == ORM_TERM_VALUE && rhs->value.tag == ORM_TEXT;
    if (is_text)
        return rhs;
    if (rhs->kind != ORM_TERM_VALUE || !orm_json_of_val(&b, &rhs->value)) {
        orm_resolve_fail(r, at, ORM_TYPE_ERROR, "a key is a text");
        return NULL;
    }
    return orm_term_value(r->arena, orm_v_text(b.p));
}

static struct orm_term *list_of(struct orm_resolver *r, const struct orm_lookup *l, struct orm_term *given,
                                const struct orm_node *at)
{
    bool are_keys = l->rhs == ORM_RHS_KEYS;
    struct orm_term *list = orm_term_new(r->arena, ORM_TERM_LIST, are_keys ? ORM_T_TEXT : ORM_T_JSON);
    list->args = ORM_NEW_N(r->arena, struct orm_term *, given->n_args + 1);
    for (size_t i = 0; i < given->n_args; i++) {
        struct orm_term *v = given->args[i];
        if (l->rhs == ORM_RHS_LIST && v->kind == ORM_TERM_VALUE && v->value.tag == ORM_NULL)
            continue;
        v = (are_keys ? key_text : orm_json_value)(r, v, at);
        if (!v)
            return NULL;
        bool is_double = false;
        for (size_t k = 0; k < list->n_args && l->rhs == ORM_RHS_LIST; k++)
            is_double = is_double || orm_same_term(list->args[k], v);
        if (!is_double)
            list->args[list->n_args++] = v;
    }
    return list;
}

struct orm_cond *orm_json_lookup(struct orm_resolver *r, struct orm_term *lhs, const struct orm_lookup *l,
                                 struct orm_term *rhs, const struct orm_node *at)
{
    bool is_none = rhs->kind == ORM_TERM_VALUE && rhs->value.tag == ORM_NULL;
    if (is_none && l->id != ORM_L_EXACT && l->id != ORM_L_HAS_KEY) {
        orm_resolve_fail(r, at, ORM_VALUE_ERROR, "Cannot use None as a query value");
        return NULL;
    }
    bool takes_list = l->rhs == ORM_RHS_LIST || l->rhs == ORM_RHS_PAIR || l->rhs == ORM_RHS_KEYS;
    if (takes_list && (rhs->kind != ORM_TERM_LIST || (l->rhs == ORM_RHS_PAIR && rhs->n_args != 2))) {
        orm_resolve_fail(r, at, l->rhs == ORM_RHS_PAIR ? ORM_VALUE_ERROR : ORM_TYPE_ERROR, "%s needs a list", l->name);
        return NULL;
    }
    struct orm_term *fitted = takes_list              ? list_of(r, l, rhs, at)
                              : l->rhs == ORM_RHS_KEY ? key_text(r, rhs, at)
                                                      : orm_json_value(r, rhs, at);
    return fitted ? orm_cond_lookup(r->arena, lhs, l, fitted) : NULL;
}
