/* Lines of ormsh, as JSON and as a table. */
#include "orm/shell/shell.h"
#include "scenarios.h"

typedef bool (*put_function)(struct shell *s, struct orm_buf *b, const struct shell_value *v);

static void run_line(orm_db *db, const char *line, put_function put, struct seen *out)
{
    ORM_GUARD(db, );
    struct shell s = {.db = db};
    struct shell_value v;
    struct orm_buf b = {.arena = &db->arena};
    orm_put(&b, "");
    if (shell_run(&s, line, &v) && put(&s, &b, &v))
        seen_add(out, "%s", b.p);
}

static void run_both(orm_db *db, const char *line, struct seen *out)
{
    run_line(db, line, shell_put_json, out);
    seen_error(out, db);
    run_line(db, line, shell_put_table, out);
    seen_error(out, db);
}

#define LINE(x)                                                                                                        \
    {                                                                                                                  \
        .name = "ormsh", .run = run_both, .text = x                                                                    \
    }
const struct scenario shell_scenarios[] = {
    LINE("Post.objects.filter(Q(title__icontains='al') | "
         "Q(views__gte=30)).exclude(author__name='x').order_by('-views')[:5]"),
    LINE("Author.objects.annotate(n=Count('posts')).order_by('id').values_list('name', 'n')"),
    LINE("Post.objects.get(pk=1).author.name"),
    LINE("Author.objects.get(pk=1).posts.order_by('id').values('id', 'title', p=F('views') + 1)"),
    LINE("Post.objects.filter(created__gte=datetime(2026,1,1), created__lt=datetime.datetime(2026,1,1) + "
         "timedelta(days=3)).count()"),
    LINE("Post.objects.filter(price=Decimal('2.50')).order_by('id').values('price', 'day', 'weight', 'featured')"),
    LINE("Post.objects.aggregate(Avg('views'), n=Count('*'))"),
    LINE("[Post.objects.in_bulk([2]), len(Post.objects.all()), 3 * 4]"),
    LINE("wide = Q(views__gte=30) | Q(title='Alpha')"),
    LINE("Post.objects.order_by('id').last()"),
    LINE("Post.objects.filter(titel='x')"),
    LINE("Post.objects.foo(1, [2"),
    LINE("Post.objects.all()[-1]"),
    LINE("nope"),
    {0}};
