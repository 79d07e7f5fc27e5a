/* The lesson on Django's query language, line for line in C.
 *
 *   n1_lesson [--db URL]      default sqlite::memory:; on another database everything happens in one transaction that is
 *                             rolled back
 *
 * The lines of the lesson stand above the calls; what is printed is what they give, and how many queries it took. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "blog_models.h"

static size_t queries_before;

static void begin(orm_db *db, const char *title)
{
    printf("\n%s\n", title);
    queries_before = orm_query_count(db);
}

static void end(orm_db *db)
{
    size_t n = orm_query_count(db) - queries_before;
    printf("  -- %zu quer%s\n", n, n == 1 ? "y" : "ies");
}

static void print_posts(orm_qs *posts)
{
    orm_each(Post, post, posts) printf("  %s (%" PRId64 " views)\n", post->title, post->views);
}

static void show(orm_db *db, const char *title, orm_qs *posts)
{
    begin(db, title);
    print_posts(posts);
    end(db);
}

/* ---- the blog ------------------------------------------------------------------------------------------------------------ */

static void add_post(orm_db *db, Author *author, const char *title, int month, int64_t views, bool published,
                     bool featured)
{
    Post *post = orm_new(db, Post);
    orm_set_one(&post->row, "author", &author->row);
    post->title = title;
    post->created = orm_utc(month > 6 ? 2025 : 2026, month, 1, 12, 0, 0);
    post->views = views;
    post->likes = views / 10;
    post->comments = month * 9;
    post->published = published;
    post->featured = featured;
    orm_save(&post->row);
}

static void make_blog(orm_db *db)
{
    orm_create_tables(db);
    orm_delete(orm_all(db, Author));
    Author *asha = orm_create(Author, orm_all(db, Author), "name='Asha'");
    Author *ben = orm_create(Author, orm_all(db, Author), "name='Ben'");
    Author *chen = orm_create(Author, orm_all(db, Author), "name='Chen'");
    if (!asha || !ben || !chen)
        return;
    add_post(db, asha, "Django in an hour", 1, 1500, true, true);
    add_post(db, asha, "Why queries are lazy", 2, 240, true, false);
    add_post(db, ben, "A Django model, slowly", 3, 90, true, false);
    add_post(db, ben, "Notes to myself", 4, 12, false, false);
    add_post(db, chen, "One query or a hundred", 5, 1020, true, false);
    add_post(db, chen, "Last year's mistakes", 11, 400, true, true);
}

/* ---- 1. querysets are lazy and chain ------------------------------------------------------------------------------------ */

static void laziness(orm_db *db)
{
    /* posts = Post.objects.filter(published=True) */
    /* recent = posts.order_by('-created')[:5]     */
    begin(db, "Building a queryset asks the database nothing");
    orm_qs *posts = orm_from(db, Post, filter("published=True"));
    orm_qs *recent = orm_chain(posts, order_by("-created"), slice(0, 5));
    end(db);

    begin(db, "Walking it asks once, walking it again not at all");
    print_posts(recent);
    print_posts(recent);
    end(db);
}

/* ---- 2. filters ----------------------------------------------------------------------------------------------------------- */

static void filters(orm_db *db)
{
    /* Post.objects.filter(title__icontains='django') */
    show(db, "title__icontains='django'", orm_from(db, Post, filter("title__icontains=?", "django"), order_by("id")));

    /* Post.objects.filter(views__gte=100) */
    show(db, "views__gte=100", orm_from(db, Post, filter("views__gte=100"), order_by("id")));

    /* Post.objects.filter(created__year=2026) */
    show(db, "created__year=2026", orm_from(db, Post, filter("created__year=2026"), order_by("id")));

    /* Post.objects.filter(author__name='Asha') */
    show(db, "author__name='Asha'", orm_from(db, Post, filter("author__name='Asha'"), order_by("id")));

    /* Post.objects.exclude(published=False) */
    show(db, "exclude(published=False)", orm_from(db, Post, exclude("published=False"), order_by("id")));
}

/* ---- 3. Q and F ------------------------------------------------------------------------------------------------------------- */

static void conditions(orm_db *db)
{
    /* Post.objects.filter(Q(featured=True) | Q(views__gte=1000)) */
    show(db, "Q(featured=True) | Q(views__gte=1000)",
         orm_from(db, Post, filter("Q(featured=True) | Q(views__gte=1000)"), order_by("id")));

    /* Post.objects.filter(Q(published=True) & ~Q(author__name='Asha')) */
    show(db, "Q(published=True) & ~Q(author__name='Asha')",
         orm_from(db, Post, filter("Q(published=True) & ~Q(author__name='Asha')"), order_by("id")));

    /* Post.objects.filter(likes__gt=F('comments')) */
    show(db, "likes__gt=F('comments')", orm_from(db, Post, filter("likes__gt=F('comments')"), order_by("id")));

    /* Post.objects.filter(id=...).update(views=F('views') + 1): the database adds, no update is lost */
    begin(db, "update(views=F('views') + 1)");
    int64_t n = orm_update(orm_from(db, Post, filter("title=?", "Notes to myself")), "views=F('views') + 1");
    printf("  %" PRId64 " row\n", n);
    end(db);
}

/* ---- 4. aggregates ------------------------------------------------------------------------------------------------------------ */

static void aggregates(orm_db *db)
{
    /* Post.objects.aggregate(Avg('views')) */
    begin(db, "aggregate(Avg('views'))");
    orm_rec *all = orm_aggregate(orm_all(db, Post), "Avg('views')");
    printf("  views__avg = %.2f\n", all ? orm_dbl(all, "views__avg") : 0.0);
    end(db);

    /* Author.objects.annotate(num_posts=Count('posts')) */
    begin(db, "annotate(num_posts=Count('posts'))");
    orm_each(Author, author, orm_from(db, Author, annotate("num_posts=Count('posts')"), order_by("name")))
        printf("  %s: %" PRId64 " posts\n", author->name, author->num_posts);
    end(db);
}

/* ---- 5. one query or a hundred -------------------------------------------------------------------------------------------------- */

static void print_bylines(orm_qs *posts)
{
    orm_each(Post, post, posts) printf("  %s by %s\n", post->title, Post_author(post)->name);
}

static void n_plus_one(orm_db *db)
{
    /* for post in Post.objects.all(): print(post.author.name) */
    begin(db, "The N+1: every author is fetched when it is looked at");
    print_bylines(orm_from(db, Post, order_by("id")));
    end(db);

    /* for post in Post.objects.select_related('author'): ... */
    begin(db, "select_related('author'): one join");
    print_bylines(orm_from(db, Post, select_related("author"), order_by("id")));
    end(db);

    /* for author in Author.objects.prefetch_related('posts'): for post in author.posts.all(): ... */
    begin(db, "prefetch_related('posts'): one query more, whatever the number of authors");
    orm_each(Author, author, orm_from(db, Author, prefetch_related("posts"), order_by("name")))
    {
        printf("  %s:", author->name);
        orm_each(Post, post, Author_posts(author)) printf(" [%s]", post->title);
        printf("\n");
    }
    end(db);
}

/* ---- practice and homework --------------------------------------------------------------------------------------------------------- */

static void practice(orm_db *db)
{
    /* The three most viewed published posts, with their authors, in one query. */
    begin(db, "Practice: the three most viewed, with authors");
    print_bylines(orm_from(db, Post, filter("published=True"), select_related("author"), order_by("-views"), limit(3)));
    end(db);

    /* Authors with at least two published posts, and how often those were viewed. */
    begin(db, "Practice: authors with two published posts or more");
    orm_qs *busy = orm_from(db, Author, filter("posts__published=True"),
                            annotate("num_posts=Count('posts'), total=Sum('posts__views')"), filter("num_posts__gte=2"),
                            order_by("-total"));
    orm_each(Author, author, busy) printf("  %s: %" PRId64 " posts, %" PRId64 " views\n", author->name,
                                          author->num_posts, orm_int(&author->row, "total"));
    end(db);

    /* Every author with the title of the latest post, in one query. */
    begin(db, "Homework: each author's latest post");
    orm_qs *latest =
        orm_from(db, Post, filter("author=OuterRef('pk')"), order_by("-created"), values("title"), limit(1));
    orm_each(Author, author, orm_from(db, Author, annotate("latest=Subquery(?)", latest), order_by("name")))
        printf("  %s: %s\n", author->name, orm_text(&author->row, "latest"));
    end(db);

    /* Posts a year, and how many of them were featured. */
    begin(db, "Homework: posts a year");
    orm_qs *years =
        orm_from(db, Post, annotate("year=ExtractYear('created')"), values("year"),
                 annotate("n=Count('id'), featured_n=Count('id', filter=Q(featured=True))"), order_by("year"));
    orm_each_rec(r, years) printf("  %" PRId64 ": %" PRId64 " posts, %" PRId64 " featured\n", orm_int(r, "year"),
                                  orm_int(r, "n"), orm_int(r, "featured_n"));
    end(db);
}

int main(int argc, char **argv)
{
    const char *url = argc == 3 && strcmp(argv[1], "--db") == 0 ? argv[2] : "sqlite::memory:";
    if (argc != 1 && argc != 3) {
        fputs("usage: n1_lesson [--db URL]\n", stderr);
        return 2;
    }
    orm_db *db = orm_open(url);
    orm_begin(db);
    make_blog(db);
    laziness(db);
    filters(db);
    conditions(db);
    aggregates(db);
    n_plus_one(db);
    practice(db);
    orm_rollback(db);
    int status = orm_status_of(db) == ORM_OK ? 0 : 1;
    if (status)
        fprintf(stderr, "n1_lesson: %s: %s\n", orm_status_name(orm_status_of(db)), orm_errmsg(db));
    orm_close(db);
    return status;
}
