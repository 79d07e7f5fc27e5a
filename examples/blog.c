/* The lesson's blog in its slow and its mended form.
 *
 *   n1_blog [--db URL] [--posts N] seed               make the tables and N posts by N authors (100)
 *   n1_blog [--db URL] slow | select_related          posts with their authors: 1+N queries, or 1
 *   n1_blog [--db URL] prefetch_slow | prefetch_related   authors with their posts: 1+N queries, or 2
 *   n1_blog [--db URL] tags_slow | tags_prefetch      posts with their tags: 1+N queries, or 2
 *
 * Each pair prints the same. A command that finds no tables in an in-memory database seeds it first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blog_models.h"

/* ---- posts and their authors ------------------------------------------------------------------------------------ */

static void list_posts_slowly(orm_db *db)
{
    orm_each(Post, post, orm_from(db, Post, order_by("id")))
    {
        Author *author = Post_author(post); /* one query a post */
        printf("%s by %s\n", post->title, author ? author->name : "?");
    }
}

static void list_posts_joined(orm_db *db)
{
    orm_each(Post, post, orm_from(db, Post, select_related("author"), order_by("id")))
    {
        Author *author = Post_author(post);
        printf("%s by %s\n", post->title, author ? author->name : "?");
    }
}

/* ---- authors and their posts ------------------------------------------------------------------------------------ */

static void print_author(Author *author)
{
    printf("%s\n", author->name);
    orm_each(Post, post, Author_posts(author)) printf("  %s\n", post->title);
}

static void list_authors_slowly(orm_db *db)
{
    orm_each(Author, author, orm_from(db, Author, order_by("id"))) print_author(author); /* one query an author */
}

static void list_authors_prefetched(orm_db *db)
{
    orm_each(Author, author, orm_from(db, Author, prefetch_related("posts"), order_by("id"))) print_author(author);
}

/* ---- posts and their tags ---------------------------------------------------------------------------------------- */

static void print_tags(Post *post)
{
    printf("%s:", post->title);
    orm_each(Tag, tag, Post_tags(post)) printf(" %s", tag->name);
    printf("\n");
}

static void list_tags_slowly(orm_db *db)
{
    orm_each(Post, post, orm_from(db, Post, order_by("id"))) print_tags(post); /* one query a post */
}

static void list_tags_prefetched(orm_db *db)
{
    orm_each(Post, post, orm_from(db, Post, prefetch_related("tags"), order_by("id"))) print_tags(post);
}

/* ---- seed ----------------------------------------------------------------------------------------------------------- */

enum { N_TAGS = 5 };

static void seed_tags(orm_db *db, Tag *tags[N_TAGS])
{
    static const char *const names[N_TAGS] = {"c", "databases", "django", "profiling", "sql"};
    for (size_t i = 0; i < N_TAGS; i++) {
        tags[i] = orm_new(db, Tag);
        tags[i]->name = names[i];
        orm_save(&tags[i]->row);
    }
}

static bool seed_blog(orm_db *db, size_t n_posts)
{
    orm_row **authors = calloc(n_posts, sizeof *authors), **posts = calloc(n_posts, sizeof *posts);
    char(*texts)[2][48] = calloc(n_posts, sizeof *texts);
    if (!authors || !posts || !texts)
        abort();
    orm_create_tables(db);
    orm_begin(db);
    orm_delete(orm_all(db, Author)); /* takes profiles and posts with it */
    orm_delete(orm_all(db, Tag));
    Tag *tags[N_TAGS];
    seed_tags(db, tags);
    for (size_t i = 0; i < n_posts; i++) {
        Author *author = orm_new(db, Author);
        snprintf(texts[i][0], sizeof texts[i][0], "Author %03zu", i + 1);
        author->name = texts[i][0];
        authors[i] = &author->row;
    }
    orm_bulk_create(db, authors, n_posts);
    for (size_t i = 0; i < n_posts; i++) {
        Post *post = orm_new(db, Post);
        snprintf(texts[i][1], sizeof texts[i][1], "Post %03zu", i + 1);
        post->title = texts[i][1];
        orm_set_one(&post->row, "author", authors[i * 3 % n_posts / 2]); /* some write two, some none */
        post->published = i % 4 != 0;
        post->featured = i % 10 == 0;
        post->views = (int64_t)(i * 37 % 2000);
        post->likes = (int64_t)(i * 7 % 50);
        post->comments = (int64_t)(i * 3 % 40);
        post->created = orm_utc(2026, (int)(i % 12) + 1, (int)(i % 28) + 1, 12, 0, 0);
        posts[i] = &post->row;
    }
    orm_bulk_create(db, posts, n_posts);
    for (size_t i = 0; i < n_posts; i++) {
        orm_row *both[] = {&tags[i % N_TAGS]->row, &tags[(i + 2) % N_TAGS]->row};
        orm_add(posts[i], "tags", both, 2);
    }
    bool ok = orm_end(db) == ORM_OK;
    free(authors);
    free(posts);
    free(texts);
    return ok;
}

static const struct {
    const char *name;
    void (*run)(orm_db *db);
} commands[] = {{"slow", list_posts_slowly},
                {"select_related", list_posts_joined},
                {"prefetch_slow", list_authors_slowly},
                {"prefetch_related", list_authors_prefetched},
                {"tags_slow", list_tags_slowly},
                {"tags_prefetch", list_tags_prefetched}};

static int usage(void)
{
    fputs("usage: n1_blog [--db URL] [--posts N] "
          "seed|slow|select_related|prefetch_slow|prefetch_related|tags_slow|tags_prefetch\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    const char *url = "sqlite::memory:", *command = NULL;
    size_t n_posts = 100;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--db") == 0 && i + 1 < argc)
            url = argv[++i];
        else if (strcmp(argv[i], "--posts") == 0 && i + 1 < argc)
            n_posts = strtoul(argv[++i], NULL, 10);
        else if (!command)
            command = argv[i];
        else
            return usage();
    }
    if (!command || n_posts == 0)
        return usage();
    orm_db *db = orm_open(url);
    bool known = strcmp(command, "seed") == 0;
    if (known || strcmp(url, "sqlite::memory:") == 0)
        seed_blog(db, n_posts);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, command) == 0) {
            known = true;
            size_t before = orm_query_count(db);
            commands[i].run(db);
            fprintf(stderr, "%zu queries\n", orm_query_count(db) - before);
        }
    }
    int status = known ? 0 : usage();
    if (known && orm_status_of(db) != ORM_OK) {
        fprintf(stderr, "n1_blog: %s: %s\n", orm_status_name(orm_status_of(db)), orm_errmsg(db));
        status = 1;
    }
    orm_close(db);
    return status;
}
