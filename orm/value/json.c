#include "orm/value/json.h"

#include <stdlib.h>

/* ---- writing ------------------------------------------------------------------------------------------------------------- */

static uint32_t next_code(const unsigned char **s)
{
    uint32_t c = *(*s)++;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    c = more ? c & (0x3fu >> more) : c;
    for (; more && (**s & 0xc0) == 0x80; more--)
        c = c << 6 | (*(*s)++ & 0x3fu);
    return c;
}

static void put_string(struct orm_buf *b, const char *text)
{
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const unsigned char *s = (const unsigned char *)text;
    orm_put(b, "\"");
    while (*s) {
        uint32_t c = next_code(&s);
        const char *at = c < 0x80 ? strchr(special, (int)c) : NULL;
        if (at)
            orm_putf(b, "\\%c", letters[at - special]);
        else if (c < 0x20 || (c > 0x7e && c < 0x10000))
            orm_putf(b, "\\u%04x", (unsigned)c);
        else if (c >= 0x10000)
            orm_putf(b, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
                     (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
        else
            orm_putf(b, "%c", (int)c);
    }
    orm_put(b, "\"");
}

bool orm_json_of_val(struct orm_buf *b, const orm_val *v)
{
    switch (v->tag) {
    case ORM_NULL: orm_put(b, "null"); return true;
    case ORM_BOOL: orm_put(b, v->u.b ? "true" : "false"); return true;
    case ORM_INT:
    case ORM_DBL: orm_print_val(b, v); return true;
    case ORM_TEXT: put_string(b, v->u.s); return true;
    case ORM_JSON: orm_put(b, v->u.s); return true;
    default: return false;
    }
}

static bool put_key(struct orm_buf *b, const struct orm_node *n)
{
    bool is_bare = n->kind == ORM_N_CONST && n->value.tag != ORM_TEXT;
    orm_put(b, is_bare ? "\"" : "");
    bool ok = n->kind == ORM_N_CONST && orm_json_of_val(b, &n->value);
    orm_put(b, is_bare ? "\"" : "");
    return ok;
}

bool orm_json_of_node(struct orm_buf *b, const struct orm_node *n)
{
    bool is_dict = n->kind == ORM_N_DICT;
    if (n->kind == ORM_N_CONST)
        return orm_json_of_val(b, &n->value);
    if (!is_dict && n->kind != ORM_N_LIST)
        return false;
    orm_put(b, is_dict ? "{" : "[");
    for (size_t i = 0; i < n->n_args; i++) {
        bool is_key = is_dict && i % 2 == 0;
        orm_put(b, i == 0 ? "" : is_dict && !is_key ? ": " : ", ");
        if (!(is_key ? put_key : orm_json_of_node)(b, n->args[i].node))
            return false;
    }
    orm_put(b, is_dict ? "}" : "]");
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static const char *skip_blank(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

static const char *skip_string(const char *s)
{
    for (s++; *s && *s != '"'; s++) {
        if ((unsigned char)*s < 0x20 || (*s == '\\' && !*++s))
            return NULL;
    }
    return *s ? s + 1 : NULL;
}

static const char *skip_value(const char *s, unsigned depth)
{
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    s = skip_blank(s);
    if (*s == '"')
        return skip_string(s);
    if (*s == '{' || *s == '[') {
        bool is_dict = *s == '{';
        char close = is_dict ? '}' : ']';
        s = skip_blank(s + 1);
        for (bool first = true; s && *s != close; first = false) {
            if (depth == 0 || (!first && *s++ != ','))
                return NULL;
            s = is_dict ? skip_blank(s) : s;
            s = is_dict && *s == '"' ? skip_string(s) : is_dict ? NULL : s;
            s = s && is_dict ? skip_blank(s) : s;
            s = !s || (is_dict && *s != ':') ? NULL : skip_value(s + is_dict, depth - 1);
            s = s ? skip_blank(s) : NULL;
        }
        return s ? s + 1 : NULL;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(s, words[i], strlen(words[i])) == 0)
            return s + strlen(words[i]);
    const char *digits = s + (*s == '-');
    size_t n = strspn(digits, "0123456789");
    if (n == 0 || (n > 1 && *digits == '0'))
        return NULL;
    s = digits + n;
    if (*s == '.')
        s = strspn(s + 1, "0123456789") ? s + 1 + strspn(s + 1, "0123456789") : s;
    if (*s == 'e' || *s == 'E') {
        const char *power = s + 1 + (s[1] == '-' || s[1] == '+');
        s = strspn(power, "0123456789") ? power + strspn(power, "0123456789") : s;
    }
    return s;
}

bool orm_json_is_valid(const char *s)
{
    s = skip_value(s, 200);
    return s && *skip_blank(s) == '\0';
}

/* ---- keys ---------------------------------------------------------------------------------------------------------------- */

size_t orm_json_keys(const struct orm_term *t, const struct orm_term **base, const char *keys[ORM_MAX_JSON_KEYS])
{
    size_t n = 0;
    for (const struct orm_term *k = t; k->kind == ORM_TERM_JSON_KEY; k = k->args[0])
        n++;
    size_t at = n;
    for (; t->kind == ORM_TERM_JSON_KEY; t = t->args[0])
        keys[--at] = t->name;
    *base = t;
    return n;
}

bool orm_json_is_index(const char *key)
{
    size_t sign = *key == '-' || *key == '+', n = strspn(key + sign, "0123456789");
    return n > 0 && key[sign + n] == '\0';
}

const char *orm_json_path(struct orm_arena *a, const struct orm_term *t, const char *more)
{
    const struct orm_term *base;
    const char *keys[ORM_MAX_JSON_KEYS + 1];
    size_t n = orm_json_keys(t, &base, keys);
    if (more)
        keys[n++] = more;
    struct orm_buf b = {.arena = a};
    orm_put(&b, "$");
    for (size_t i = 0; i < n; i++) {
        if (orm_json_is_index(keys[i])) {
            orm_putf(&b, "[%lld]", strtoll(keys[i], NULL, 10));
        } else {
            orm_put(&b, ".");
            put_string(&b, keys[i]);
        }
    }
    return b.p;
}

/* ---- values of lookups ------------------------------------------------------------------------------------------------------ */

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
