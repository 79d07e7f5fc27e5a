"""The pages of the blog, each twice: as it is written at first, with one query a row, and mended. Both print the same."""
from django.template import Context, Engine

from weblog.models import Author, Post


def print_posts(posts):
    for post in posts:
        print(f"{post.title} by {post.author.name}")


def slow_forward():
    print_posts(Post.objects.all())


def fast_forward():
    print_posts(Post.objects.select_related("author"))


def byline(post):
    return "by " + post.author.name


def print_bylines(posts):
    print("\n".join([byline(post) for post in posts]))


def slow_helper():
    print_bylines(Post.objects.all())


def fast_helper():
    print_bylines(Post.objects.select_related("author"))


def print_authors(authors):
    for author in authors:
        titles = [post.title for post in author.posts.all()]
        print(author.name, "wrote", len(titles), "posts:", ", ".join(titles[:3]))


def slow_reverse():
    print_authors(Author.objects.all())


def fast_reverse():
    print_authors(Author.objects.prefetch_related("posts"))


def print_tags(posts):
    for post in posts:
        print(post.title, *[tag.label for tag in post.tags.all()])


def slow_tags():
    print_tags(Post.objects.all())


def fast_tags():
    print_tags(Post.objects.prefetch_related("tags"))


PAGE = "{% for post in posts %}{{ post.title }} by {{ post.author.name }}\n{% endfor %}"


def render_page(posts):
    template = Engine().from_string(PAGE)
    print(template.render(Context({"posts": posts})), end="")


def slow_template():
    render_page(Post.objects.all())


def fast_template():
    render_page(Post.objects.select_related("author"))
