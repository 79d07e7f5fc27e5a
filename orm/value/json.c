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
