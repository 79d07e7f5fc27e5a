#include "orm/resolve/resolve.h"

#include <stdio.h>

bool orm_resolve_fail(struct orm_resolver *r, const struct orm_node *at, orm_status s, const char *fmt, ...)
{
    char message[1200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    return orm_fail_at(r->error, s, at ? at->text : NULL, at ? at->pos : 0, "%s", message);
}

size_t orm_split_path(struct orm_arena *a, const char *path, struct orm_name **out)
{
    size_t n = 0;
    *out = NULL;
    for (const char *s = path;; s += 2) {
        const char *end = strstr(s + (*s == '_'), "__"); /* a name may begin with one underscore, not with two */
        *out = ORM_GROW(a, *out, n);
        (*out)[n++] = (struct orm_name){s, end ? (size_t)(end - s) : strlen(s)};
        if (!end)
            return n;
        s = end;
    }
}

static const char *choices(struct orm_resolver *r, const struct orm_meta *meta)
{
    const char **more = ORM_NEW_N(r->arena, const char *, r->q->n_annotations);
    for (size_t i = 0; i < r->q->n_annotations; i++)
        more[i] = r->q->annotations[i].name;
    return orm_attr_choices(r->arena, meta, more, r->q->n_annotations);
}

bool orm_walk_path(struct orm_resolver *r, const struct orm_meta *meta, const struct orm_name *names, size_t n,
                   bool allow_many, bool all_names, const struct orm_node *at, struct orm_path *out)
{
    *out = (struct orm_path){.meta = meta, .name_hops = ORM_NEW_N(r->arena, size_t, n)};
    for (size_t i = 0; i < n; i++) {
        const struct orm_attr *f = orm_attr_named(out->meta, names[i].s, names[i].n);
        if (!f) {
            if (i > 0 && !all_names)
                break;
            return orm_resolve_fail(r, at, ORM_FIELD_ERROR, "Cannot resolve keyword '%.*s' into field. Choices are: %s",
                                    (int)names[i].n, names[i].s, choices(r, out->meta));
        }
        out->n_names = i + 1;
        out->final = out->target = f;
        if (f->relation == ORM_REL_NONE) {
            if (all_names && i + 1 < n)
                return orm_resolve_fail(r, at, ORM_FIELD_ERROR,
                                        "Cannot resolve keyword '%.*s' into field. Join on '%.*s' not permitted.",
                                        (int)names[i + 1].n, names[i + 1].s, (int)names[i].n, names[i].s);
            break;
        }
        struct orm_hop hops[2];
        size_t n_hops = orm_hops_of(f, hops);
        for (size_t k = 0; k < n_hops; k++) {
            out->hops = ORM_GROW(r->arena, out->hops, out->n_hops);
            out->hops[out->n_hops++] = hops[k];
            out->name_hops[i]++;
            if (hops[k].is_many && !allow_many) {
                out->is_many_stop = true;
                return true;
            }
        }
        out->meta = hops[n_hops - 1].to;
        out->target = hops[n_hops - 1].is_direct ? hops[n_hops - 1].far : out->meta->pk;
    }
    return true;
}

void orm_setup_joins(struct orm_resolver *r, const struct orm_path *p, int start, const struct orm_set *reuse,
                     struct orm_joined *out)
{
    out->aliases = ORM_NEW_N(r->arena, int, p->n_hops + 1);
    out->aliases[0] = start;
    out->n = 1;
    for (size_t i = 0; i < p->n_hops; i++) {
        const struct orm_hop *h = &p->hops[i];
        out->aliases[out->n] = orm_join(r->q, out->aliases[out->n - 1], h, h->is_many ? reuse : NULL);
        out->n++;
    }
    out->target = p->target;
}

void orm_trim_joins(struct orm_resolver *r, const struct orm_path *p, struct orm_joined *j)
{
    for (size_t i = p->n_hops; i > 0 && j->n > 1; i--) {
        const struct orm_hop *h = &p->hops[i - 1];
        if (!h->is_direct || j->target != h->far)
            return;
        j->target = h->near;
        orm_unref_alias(r->q, j->aliases[--j->n]);
    }
}
