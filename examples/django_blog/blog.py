#!/usr/bin/python3
"""An ordinary Django program: a blog on the command line.

    blog.py seed [AUTHORS POSTS]   makes the tables and fills them
    blog.py PAGE                   prints a page: slow_forward, fast_forward, slow_reverse, fast_reverse …

It knows nothing of the profiler. Try:  n1prof run -- /usr/bin/python3 blog.py slow_forward
"""
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")


def seed(author_count=20, post_count=100):
    from django.core.management import call_command
    from weblog.models import Author, Post, Tag

    call_command("migrate", run_syncdb=True, verbosity=0)
    Post.objects.all().delete()
    Author.objects.all().delete()
    Tag.objects.all().delete()
    for i in range(author_count):
        Author.objects.create(id=i + 1, name=f"Author {i + 1}")
    tags = [Tag.objects.create(id=i + 1, label=f"tag-{i + 1}") for i in range(7)]
    for i in range(post_count):
        post = Post.objects.create(id=i + 1, title=f"Post {i + 1}", author_id=i * 7 % author_count + 1)
        post.tags.add(tags[i % 7], tags[i * 3 % 7])


def main(argv):
    django.setup()
    from weblog import pages

    if argv[:1] == ["seed"]:
        seed(*map(int, argv[1:3]))
    elif len(argv) == 1 and argv[0].startswith(("slow_", "fast_")) and hasattr(pages, argv[0]):
        getattr(pages, argv[0])()
    else:
        names = sorted(name for name in dir(pages) if name.startswith(("slow_", "fast_")))
        sys.exit(__doc__ + "\nPages: " + " ".join(names))


if __name__ == "__main__":
    main(sys.argv[1:])
