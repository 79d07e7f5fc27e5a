/* Scenarios of the bundled ORM: main SCENARIO, over the blog's tables, with the database in SCENARIO_DB. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orm/orm.h"

ORM_DECLARE(Author);
ORM_DECLARE(Profile);
ORM_DECLARE(Post);
ORM_DECLARE(Comment);
ORM_DECLARE(Category);
ORM_DECLARE(Account);

struct Author {
    orm_row row;
    int64_t id;
    const char *name, *email;
    int64_t n_posts; /* no column: takes an annotation */
};

struct Profile {
    orm_row row;
    int64_t id;
    FK(Author) author;
    const char *bio;
};

struct Post {
    orm_row row;
    int64_t id;
    FK(Author) author;
    const char *title, *body;
    int64_t views;
};

struct Comment {
    orm_row row;
    int64_t id;
    FK(Post) post;
    const char *body;
    int64_t stars;
};

struct Category {
    orm_row row;
    int64_t id;
    FK(Category) parent;
    const char *name;
};

struct Account {
    orm_row row;
    int64_t id;
    const char *owner;
    int64_t balance, version;
};

MODEL(Author, "blog_author", FIELD(id, AutoField), FIELD(name, TextField), FIELD(email, TextField),
      FIELD(n_posts, Slot));
MODEL(Profile, "blog_profile", FIELD(id, AutoField),
      FIELD(author, OneToOneField, .to = &Author_model, .related_name = "profile"), FIELD(bio, TextField));
MODEL(Post, "blog_post", FIELD(id, AutoField), FIELD(author, ForeignKey, .to = &Author_model, .related_name = "posts"),
      FIELD(title, TextField), FIELD(body, TextField), FIELD(views, IntegerField));
MODEL(Comment, "blog_comment", FIELD(id, AutoField),
      FIELD(post, ForeignKey, .to = &Post_model, .related_name = "comments"), FIELD(body, TextField),
      FIELD(stars, IntegerField));
MODEL(Category, "blog_category", FIELD(id, AutoField),
      FIELD(parent, ForeignKey, .to = &Category_model, .related_name = "children", .null = true),
      FIELD(name, TextField));
MODEL(Account, "blog_account", FIELD(id, AutoField), FIELD(owner, TextField), FIELD(balance, IntegerField),
      FIELD(version, IntegerField));

ORM_FK_GETTER(Profile, author, Author)
ORM_FK_GETTER(Post, author, Author)
ORM_FK_GETTER(Comment, post, Post)
ORM_SET_GETTER(Author, posts)
ORM_SET_GETTER(Post, comments)
ORM_SET_GETTER(Category, children)
ORM_ONE_GETTER(Author, profile, Profile)

static const char *name_of(const Author *author)
{
    return author ? author->name : "?";
}

static void forward(orm_db *db)
{
    orm_each(Post, post, orm_all(db, Post)) printf("%s %s\n", post->title, name_of(Post_author(post))); // @orm_forward
}

static void forward_joined(orm_db *db)
{
    orm_each(Post, post, orm_from(db, Post, select_related("author")))
        printf("%s %s\n", post->title, name_of(Post_author(post)));
}

static void reverse_key(orm_db *db)
{
    orm_each(Author, author, orm_all(db, Author)) orm_each(Post, post, Author_posts(author)) // @orm_reverse
        printf("%s %s\n", author->name, post->title);
}

static void reverse_prefetched(orm_db *db)
{
    orm_each(Author, author, orm_from(db, Author, prefetch_related("posts"))) orm_each(Post, post, Author_posts(author))
        printf("%s %s\n", author->name, post->title);
}

static void one_to_one(orm_db *db)
{
    orm_each(Author, author, orm_all(db, Author))
    {
        Profile *profile = Author_profile(author); // @orm_one_to_one
        printf("%s %s\n", author->name, profile ? profile->bio : "-");
    }
}

static void count_each(orm_db *db)
{
    orm_each(Post, post, orm_all(db, Post))
        printf("%s %" PRId64 "\n", post->title, orm_count(Post_comments(post))); // @orm_count_each
}

static void exists_each(orm_db *db)
{
    orm_each(Author, author, orm_all(db, Author))
        printf("%s %d\n", author->name, orm_exists(Author_posts(author))); // @orm_exists_each
}

static void annotated(orm_db *db)
{
    orm_each(Author, author, orm_from(db, Author, annotate("n_posts=Count('posts')")))
        printf("%s %" PRId64 "\n", author->name, author->n_posts);
}

static void filter_each(orm_db *db)
{
    orm_each(Post, post, orm_all(db, Post))
        orm_each(Comment, comment, orm_chain(Post_comments(post), filter("stars__gte=4"))) // @orm_filter_each
        printf("%s\n", comment->body);
}

static void only_then_other(orm_db *db)
{
    orm_each(Post, post, orm_from(db, Post, only("title")))
    {
        orm_load(&post->row, "body"); // @orm_only_then_other
        printf("%s\n", post->body);
    }
}

static void nested(orm_db *db)
{
    orm_each(Author, author, orm_all(db, Author)) orm_each(Post, post, Author_posts(author)) // @orm_nested_posts
        orm_each(Comment, comment, Post_comments(post))                                      // @orm_nested_comments
        printf("%s\n", comment->body);
}

static void get_each(orm_db *db)
{
    orm_each(Comment, comment, orm_all(db, Comment))
    {
        Post *post = orm_get(Post, orm_from(db, Post, filter("id=?", comment->post.id))); // @orm_get_each
        printf("%s\n", post ? post->title : "?");
    }
}

static void walk(Category *category, int depth)
{
    printf("%*s%s\n", depth, "", category->name);
    orm_each(Category, child, Category_children(category)) walk(child, depth + 1); // @orm_tree
}

static void tree(orm_db *db)
{
    orm_each(Category, root, orm_from(db, Category, filter("parent__isnull=True"))) walk(root, 0);
}

static void save_each(orm_db *db)
{
    orm_each(Post, post, orm_all(db, Post))
    {
        post->views = 0;
        orm_save(&post->row); // @orm_save_each
    }
}

static void update_at_once(orm_db *db)
{
    orm_update(orm_all(db, Post), "views=0");
}

static void withdraw(orm_db *db)
{
    Account *account = orm_get(Account, orm_from(db, Account, filter("id=3")));
    if (account) {
        account->balance -= 10;
        orm_save(&account->row); // @orm_withdraw
    }
}

static void withdraw_expression(orm_db *db)
{
    orm_update(orm_from(db, Account, filter("id=3")), "balance=F('balance') - 10");
}

static void iterated(orm_db *db)
{
    orm_iterator *it = orm_iterator_open(orm_all(db, Post), 10);
    for (Post *post; (post = orm_iterator_next(Post, it));)
        printf("%s\n", name_of(Post_author(post))); // @orm_iterated
}

static void one_page(orm_db *db)
{
    Post *post = orm_first(Post, orm_from(db, Post, filter("id=5")));
    if (post) {
        printf("%s\n", name_of(Post_author(post)));
        orm_each(Comment, comment, Post_comments(post)) printf("%s\n", comment->body);
    }
}

#define SCENARIO(name)                                                                                                 \
    {                                                                                                                  \
#        name, name                                                                                                    \
    }
static const struct {
    const char *name;
    void (*run)(orm_db *db);
} scenarios[] = {SCENARIO(forward),
                 SCENARIO(forward_joined),
                 SCENARIO(reverse_key),
                 SCENARIO(reverse_prefetched),
                 SCENARIO(one_to_one),
                 SCENARIO(count_each),
                 SCENARIO(exists_each),
                 SCENARIO(annotated),
                 SCENARIO(filter_each),
                 SCENARIO(only_then_other),
                 SCENARIO(nested),
                 SCENARIO(get_each),
                 SCENARIO(tree),
                 SCENARIO(save_each),
                 SCENARIO(update_at_once),
                 SCENARIO(withdraw),
                 SCENARIO(withdraw_expression),
                 SCENARIO(iterated),
                 SCENARIO(one_page)};

int main(int argc, char **argv)
{
    const char *database = getenv("SCENARIO_DB");
    char url[512], host[64], port[16], user[64], name[128];
    if (argc < 2 || !database)
        return 2;
    if (sscanf(database, "host=%63s port=%15s user=%63s dbname=%127s", host, port, user, name) == 4)
        snprintf(url, sizeof url, "postgresql://%s@%s:%s/%s", user, host, port, name);
    else
        snprintf(url, sizeof url, "sqlite://%s", database);
    orm_db *db = orm_open(url);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(scenarios[i].name, argv[1]) == 0)
            scenarios[i].run(db);
    int status = orm_status_of(db) == ORM_OK ? 0 : 1;
    if (status)
        fprintf(stderr, "%s\n", orm_errmsg(db));
    orm_close(db);
    return status;
}
