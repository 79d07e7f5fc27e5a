/* Extract*, Trunc*: parts of moments. */
#include <ctype.h>

#include "orm/orm.h"
#include "orm/resolve/resolve.h"
#include "orm/value/kind.h"

/* "WeekDay" → week_day. */
static size_t snake(const char *camel, char out[32])
{
    size_t len = 0;
    for (const char *s = camel; *s && len + 2 < 32; s++) {
        if (isupper((unsigned char)*s) && len)
            out[len++] = '_';
        out[len++] = (char)tolower((unsigned char)*s);
    }
    out[len] = '\0';
    return len;
}

static const struct orm_arg *argument(const struct orm_node *n, size_t i, const char *name)
{
    if (i < n->n_args && !n->args[i].name)
        return &n->args[i];
    for (size_t k = 0; k < n->n_args; k++)
        if (n->args[k].name && strcmp(n->args[k].name, name) == 0)
            return &n->args[k];
    return NULL;
}

/* The part that is named by the call (ExtractYear, TruncYear) or by its second argument (Extract('day', 'year')). */
static bool read_part(struct orm_resolver *r, const struct orm_node *n, size_t prefix, const char *keyword,
                      char out[32])
{
    if (n->lhs->name[prefix]) {
        snake(n->lhs->name + prefix, out);
        return true;
    }
    const struct orm_arg *a = argument(n, 1, keyword);
    if (!a || a->node->kind != ORM_N_CONST || a->node->value.tag != ORM_TEXT)
        return orm_resolve_fail(r, n, ORM_VALUE_ERROR, "%s must be provided", keyword);
    size_t len = strlen(a->node->value.u.s);
    memcpy(out, a->node->value.u.s, len < 31 ? len + 1 : 31);
    out[31] = '\0';
    return true;
}

static struct orm_term *special_extract(struct orm_resolver *r, const struct orm_node *n,
                                        const struct orm_scope_rule *rule)
{
    char part[32];
    if (n->n_args == 0 || n->args[0].name || !read_part(r, n, strlen("Extract"), "lookup_name", part))
        return NULL;
    struct orm_term *lhs = orm_resolve_argument(r, n->args[0].node, rule);
    if (!lhs)
        return NULL;
    struct orm_term *t = orm_extract(r, lhs, &(struct orm_name){part, strlen(part)});
    if (!t)
        orm_resolve_fail(r, n, ORM_VALUE_ERROR,
                         "Extract input expression must be DateField, DateTimeField, TimeField, or DurationField: "
                         "no '%s' of %s",
                         part, orm_kind_name(lhs->field));
    return t;
}

struct orm_term *orm_trunc(struct orm_resolver *r, struct orm_term *lhs, const char *part, orm_kind out)
{
    struct orm_term *t = orm_term_of(r, ORM_TERM_TRUNC, &lhs, 1);
    t->name = orm_copy_text(r->arena, part, strlen(part));
    orm_term_set_kind(t, out);
    return t;
}

static bool is_one_of(const char *part, const char *list)
{
    size_t n = strlen(part);
    for (const char *s = list; *s; s += strcspn(s, " "), s += *s == ' ')
        if (strncmp(s, part, n) == 0 && (s[n] == ' ' || s[n] == '\0'))
            return true;
    return false;
}

static struct orm_term *special_trunc(struct orm_resolver *r, const struct orm_node *n,
                                      const struct orm_scope_rule *rule)
{
    char part[32];
    if (n->n_args == 0 || n->args[0].name || !read_part(r, n, strlen("Trunc"), "kind", part))
        return NULL;
    struct orm_term *lhs = orm_resolve_argument(r, n->args[0].node, rule);
    if (!lhs)
        return NULL;
    bool is_cast = is_one_of(part, "date time") && n->lhs->name[strlen("Trunc")];
    struct orm_term probe = {.field = lhs->field, .type = lhs->type};
    const struct orm_arg *out = argument(n, n->lhs->name[strlen("Trunc")] ? 1 : 2, "output_field");
    if (out && !orm_read_output_field(r, out->node, &probe))
        return NULL;
    if (is_cast)
        orm_term_set_kind(&probe, part[0] == 'd' ? ORM_DateField : ORM_TimeField);
    bool is_moment = lhs->type == ORM_T_DATE || lhs->type == ORM_T_DATETIME || lhs->type == ORM_T_TIME;
    if (!is_moment) {
        orm_resolve_fail(r, n, ORM_ASSERTION, "'%s' isn't a DateField, TimeField, or DateTimeField.",
                         orm_kind_name(lhs->field));
        return NULL;
    }
    bool bad_out = probe.type != ORM_T_DATE && probe.type != ORM_T_DATETIME && probe.type != ORM_T_TIME;
    bool bad_date =
        lhs->type == ORM_T_DATE && (probe.type == ORM_T_DATETIME || is_one_of(part, "hour minute second time"));
    bool bad_time = lhs->type == ORM_T_TIME &&
                    (probe.type == ORM_T_DATETIME || is_one_of(part, "year quarter month week day date"));
    bool unknown = !is_one_of(part, "year quarter month week day date time hour minute second");
    if (bad_out || bad_date || bad_time || unknown) {
        orm_resolve_fail(r, n, ORM_VALUE_ERROR, "Cannot truncate %s to %s '%s'.", orm_kind_name(lhs->field),
                         orm_kind_name(probe.field), part);
        return NULL;
    }
    if (is_cast) {
        struct orm_term *cast = orm_extract(r, lhs, &(struct orm_name){part, 4});
        return cast ? cast : lhs; /* the date of a date is itself */
    }
    return orm_trunc(r, lhs, part, probe.field);
}

orm_special orm_special_moment(const char *name)
{
    if (strncmp(name, "Extract", 7) == 0)
        return special_extract;
    return strncmp(name, "Trunc", 5) == 0 ? special_trunc : NULL;
}
