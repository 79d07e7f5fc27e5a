/* Reading: filters, annotations, aggregates, relations, slices, the union family, records, iterators, schema, mistakes. */
#include <stdio.h>

#include "scenarios.h"

static orm_qs *step(orm_qs *qs, orm_step_op op, const char *text)
{
    const orm_val v[] = {orm_v_text(text), {.tag = ORM_END}};
    const orm_step steps[] = {{.op = op, .text = text, .v = v}, {.op = ORM_S_END}};
    return orm_chain_(qs, steps);
}

static void see_posts(struct seen *out, orm_qs *qs)
{
    orm_each(Post, p, qs) seen_add(out, "%d %s;", (int)p->id, p->title);
    seen_error(out, qs->db);
}

static void see_val(struct seen *out, const char *name, const orm_val *v)
{
    char text[40];
    seen_add(out, "%s=", name);
    if (v->tag == ORM_INT)
        seen_add(out, "%d,", (int)v->u.i);
    else if (v->tag == ORM_BOOL)
        seen_add(out, "%s,", v->u.b ? "true" : "false");
    else if (v->tag == ORM_DBL)
        seen_add(out, "%d milli,", (int)(v->u.d * 1000));
    else if (v->tag == ORM_TEXT || v->tag == ORM_UUID || v->tag == ORM_JSON)
        seen_add(out, "%s,", v->u.s);
    else if (v->tag == ORM_DEC)
        seen_add(out, "%de%d,", (int)v->u.dec.coef, (int)v->u.dec.exp);
    else if (v->tag == ORM_DATE)
        seen_add(out, "%s,", orm_format_date(v->u.date, text));
    else if (v->tag == ORM_DT)
        seen_add(out, "%s,", orm_format_datetime(v->u.dt, text));
    else
        seen_add(out, "tag %d,", (int)v->tag);
}

static void see_rec(struct seen *out, const orm_rec *r)
{
    for (size_t i = 0; i < orm_rec_size(r); i++)
        see_val(out, orm_rec_name(r, i), orm_rec_at(r, i));
    seen_add(out, ";");
}

static void see_recs(struct seen *out, orm_qs *qs)
{
    orm_each_rec(r, qs) see_rec(out, r);
    seen_error(out, qs->db);
}

static void run_filter(orm_db *db, const char *text, struct seen *out)
{
    see_posts(out, orm_chain(step(orm_all(db, Post), ORM_S_FILTER, text), order_by("id")));
}

static void run_exclude(orm_db *db, const char *text, struct seen *out)
{
    see_posts(out, orm_chain(step(orm_all(db, Post), ORM_S_EXCLUDE, text), order_by("id")));
}

static void run_annotate(orm_db *db, const char *text, struct seen *out)
{
    see_recs(out, orm_chain(step(orm_all(db, Author), ORM_S_ANNOTATE, text), order_by("id"), values()));
}

static void run_grouped(orm_db *db, const char *text, struct seen *out)
{
    orm_qs *qs = orm_from(db, Post, values("author__name"));
    see_recs(out, orm_chain(step(qs, ORM_S_ANNOTATE, text), order_by("author__name")));
}

static void run_order(orm_db *db, const char *text, struct seen *out)
{
    see_posts(out, step(orm_all(db, Post), ORM_S_ORDER_BY_EXPR, text));
}

static void run_aggregate(orm_db *db, const char *text, struct seen *out)
{
    const orm_val v[] = {orm_v_text(text), {.tag = ORM_END}};
    see_rec(out, orm_aggregate_(orm_all(db, Post), text, v));
    seen_error(out, db);
}

static void run_placeholders(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    int64_t ids[] = {1, 3, 4};
    const char *titles[] = {"Alpha", "nobody's"};
    orm_expr *any = orm_q(db, "title__icontains=?", "gamma");
    any = orm_q(db, "? | Q(title__in=?)", any, orm_texts(titles, 2));
    orm_qs *in = orm_from(db, Author, filter("name=?", "ann"));
    see_posts(out, orm_from(db, Post, filter("?, id__in=?, author__in=?", any, orm_ints(ids, 3), in), order_by("id")));
    see_posts(out, orm_where(orm_from(db, Post, order_by("id")), "author__name", ORM_V("bob")));
    see_posts(out, orm_from(db, Post, filter("created__gte=?, weight=?", orm_utc(2026, 6, 1, 0, 0, 0), 0.0)));
}

static void run_single(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_qs *qs = orm_from(db, Post, filter("published=True"), order_by("-views"));
    Post *first = orm_first(Post, qs), *last = orm_last(Post, qs),
         *one = orm_get(Post, orm_from(db, Post, filter("pk=2")));
    seen_add(out, "%s %s %s", first ? first->title : "-", last ? last->title : "-", one ? one->title : "-");
    seen_add(out, " %d %d %d", (int)orm_count(qs), orm_exists(qs), (int)orm_len(qs));
    seen_error(out, db);
    if (orm_get(Post, orm_all(db, Post)))
        seen_add(out, "one of many");
    seen_error(out, db);
    if (orm_get(Post, orm_from(db, Post, filter("pk=99"))))
        seen_add(out, "one of none");
    seen_error(out, db);
}

static void run_in_bulk(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    Post *posts[3] = {0};
    seen_add(out, "%d", (int)orm_in_bulk(Post, orm_all(db, Post), NULL, orm_ints((int64_t[]){2, 99, 1}, 3), posts));
    seen_error(out, db);
    for (int i = 0; i < 3; i++)
        seen_add(out, " %s", posts[i] ? posts[i]->title : "-");
}

static void see_author(struct seen *out, Author *a)
{
    seen_add(out, "%s;", a ? a->name : "-");
}

static void run_lazy(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_each(Post, p, orm_from(db, Post, order_by("id")))
    {
        see_author(out, Post_author(p));
        see_author(out, Post_editor(p));
        orm_each(Tag, t, Post_tags(p)) seen_add(out, "%s,", t->name);
    }
    Author *ann = orm_first(Author, orm_from(db, Author, order_by("id")));
    Profile *profile = ann ? Author_profile(ann) : NULL;
    seen_add(out, "%s", profile ? profile->bio : "-");
    seen_error(out, db);
}

static void run_select_related(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_each(Post, p, orm_from(db, Post, select_related("author__profile", "editor"), order_by("id")))
    {
        see_author(out, Post_author(p));
        see_author(out, Post_editor(p));
    }
    seen_error(out, db);
}

static void run_prefetch(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_qs *loud = orm_from(db, Post, filter("views__gte=10"), order_by("-views"));
    orm_qs *qs = orm_from(db, Author, prefetch_related("posts__tags", "profile", "edited__author"),
                          prefetch("posts", .queryset = loud, .to_attr = "loud"), order_by("id"));
    orm_each(Author, a, qs)
    {
        orm_each(Post, p, Author_posts(a))
        {
            seen_add(out, "%s:", p->title);
            orm_each(Tag, t, Post_tags(p)) seen_add(out, "%s,", t->name);
        }
        orm_each(Post, p, orm_related(&a->row, "loud")) seen_add(out, "%s!", p->title);
        orm_each(Post, p, Author_edited(a)) see_author(out, Post_author(p));
    }
    seen_error(out, db);
}

static void run_columns(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_each(Post, p,
             orm_from(db, Post, only("title"), order_by("id"), limit(2))) if (orm_load(&p->row, "created") == ORM_OK)
        seen_add(out, "%s %d;", p->title, (int)(p->created.us / 1000000 % 1000));
    see_recs(out, orm_from(db, Post, values("title", "price", "day", "featured", "created"), order_by("id")));
    see_recs(out, orm_from(db, Post, values_list("author__name"), distinct(), order_by("author__name")));
    see_recs(out, orm_from(db, Post, dates("'created', 'month'")));
    seen_error(out, db);
}

static void run_sets(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_qs *low = orm_from(db, Post, filter("views__lt=25")), *high = orm_from(db, Post, filter("views__gt=15"));
    see_posts(out, orm_chain(low, ORM_UNION("?", high), order_by("id")));
    see_posts(out, orm_chain(low, ORM_INTERSECTION("?", high)));
    see_posts(out, orm_chain(low, ORM_DIFFERENCE("?", high), order_by("id")));
    see_posts(out, orm_chain(low, slice(1, 3), slice(0, 1)));
    seen_add(out, "%s", orm_sql(low) ? "sql" : "-");
    seen_error(out, db);
}

static void run_iterator(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_iterator *all = orm_iterator_open(orm_from(db, Post, order_by("id")), 2);
    for (Post *p; (p = orm_iterator_next(Post, all));)
        seen_add(out, "%s;", p->title);
    orm_iterator *some = orm_iterator_open(orm_from(db, Post, order_by("id"), values("title")), 1);
    see_rec(out, orm_iterator_rec(some));
    orm_iterator_close(some);
    seen_error(out, db);
}

static void run_schema(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    orm_create_tables(db);
    seen_add(out, "%s", orm_create_sql(db, &Post_model) ? "made" : "-");
    seen_error(out, db);
}

static void close_scope(orm_db *db, orm_db *own)
{
    if (!own || orm_status_of(own) != ORM_OK)
        orm_fail(&db->error, own ? orm_status_of(own) : ORM_NOMEM, "%s", own ? orm_errmsg(own) : "no scope");
    orm_close(own);
}

/* A scope of its own: opened, inspected, asked, closed. */
static void run_opened(orm_db *db, const char *text, struct seen *out)
{
    (void)text;
    static const char *const tables[] = {
        "CREATE TABLE one (id integer primary key, name varchar(20) not null)",
        "CREATE TABLE two (id integer primary key, one_id integer references one (id), d decimal(8,2))",
        "INSERT INTO one VALUES (1, 'x')"};
    orm_db *own = orm_open("sqlite::memory:");
    for (size_t i = 0; own && i < sizeof tables / sizeof *tables; i++)
        orm_run_text(own, tables[i], true);
    const orm_model *m = own && orm_inspect(own) == ORM_OK ? orm_model_named(own, "One") : NULL;
    if (m)
        seen_add(out, "%d", (int)orm_count(orm_objects(own, m)));
    close_scope(db, own);
    seen_error(out, db);
    if (!scenario_postgres_url)
        return;
    own = orm_open(scenario_postgres_url);
    if (own && orm_begin(own) == ORM_OK)
        seen_add(out, " and connected");
    close_scope(db, own);
    seen_error(out, db);
}

#define FILTER(x)                                                                                                      \
    {                                                                                                                  \
        .name = "filter", .run = run_filter, .text = x                                                                 \
    }
#define EXCLUDE(x)                                                                                                     \
    {                                                                                                                  \
        .name = "exclude", .run = run_exclude, .text = x                                                               \
    }
#define ANNOTATE(x)                                                                                                    \
    {                                                                                                                  \
        .name = "annotate", .run = run_annotate, .text = x                                                             \
    }
#define AGGREGATE(x)                                                                                                   \
    {                                                                                                                  \
        .name = "aggregate", .run = run_aggregate, .text = x                                                           \
    }
#define GROUPED(x)                                                                                                     \
    {                                                                                                                  \
        .name = "grouped", .run = run_grouped, .text = x                                                               \
    }
#define ORDER(x)                                                                                                       \
    {                                                                                                                  \
        .name = "order_by", .run = run_order, .text = x                                                                \
    }

const struct scenario read_scenarios[] = {
    FILTER("published=True, title__icontains='ALPHA'"),
    FILTER("Q(published=True) & ~Q(author__name='ann') | Q(views__in=[5, 30, 30])"),
    FILTER("author__posts__tags__name='a', created__year=2026, created__week_day__gt=1"),
    FILTER("likes__gt=F('views') * 1 - F('author__age')"),
#ifndef __SANITIZE_ADDRESS__ /* glibc's regcomp() itself leaks on the way out */
    FILTER("title__regex='^[a-z]+$'"),
#endif
    FILTER("price=2.5, created__date='2026-06-07', views__range=(1, 100)"),
    FILTER("title__startswith=Substr('title', 1, 3)"),
    EXCLUDE("tags__name__in=['a', 'b']"),
    EXCLUDE("editor__name='ann'"),
    ANNOTATE("n=Count('posts', filter=Q(posts__views__gt=5), distinct=True), m=Max('posts__created')"),
    ANNOTATE("loud=Case(When(age__gt=25, then=Value('old')), default=Lower('name')), s=Sum('posts__price')"),
    ANNOTATE("both=Concat('name', Value(' of '), Cast('age', CharField())), g=Greatest('age', 25)"),
    ANNOTATE("padded=LPad('name', 6, Value('*')), back=Reverse('name'), many=Repeat('name', 2), root=Sqrt('age')"),
    ANNOTATE("month=TruncMonth(Min('posts__created')), q=ExtractQuarter(Max('posts__day'))"),
    GROUPED("n=Count('id'), s=Sum('views'), a=Avg('likes'), d=StdDev('views')"),
    GROUPED("n=Count('nothing')"),
    ORDER("F('score').desc(nulls_last=True), Lower('title').asc()"),
    AGGREGATE("Avg('views'), n=Count('*'), total=Sum(F('views') + F('likes')), last=Max('created')"),
    AGGREGATE("n=Count('tags', distinct=True)"),
    FILTER("titel='x'"),
    FILTER("author__nme__foo=1"),
    FILTER("views__foo=1"),
    FILTER("Q(a=1 | 3"),
    FILTER("views='abc'"),
    {.name = "placeholders", .run = run_placeholders},
    {.name = "single", .run = run_single},
    {.name = "in_bulk", .run = run_in_bulk},
    {.name = "lazy", .run = run_lazy},
    {.name = "select_related", .run = run_select_related},
    {.name = "prefetch", .run = run_prefetch},
    {.name = "columns", .run = run_columns},
    {.name = "sets", .run = run_sets},
    {.name = "iterator", .run = run_iterator},
    {.name = "schema", .run = run_schema},
    {.name = "opened", .run = run_opened},
    {0}};
