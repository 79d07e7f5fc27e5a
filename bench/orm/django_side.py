"""Django's side of bench/orm: the same work on the same tables.

    django_side.py URL fetch|lookup|prefetch [ROUNDS]      prints the best time in microseconds
"""
import sys
import time
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

url, what = sys.argv[1], sys.argv[2]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
parts = urlsplit(url)
if parts.scheme == "sqlite":
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": url[len("sqlite://"):]}
else:
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path.lstrip("/")),
                "USER": parts.username or query.get("user", ""), "HOST": parts.hostname or query.get("host", ""),
                "PORT": parts.port or query.get("port", "")}
settings.configure(DATABASES={"default": database}, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import models  # noqa: E402  (needs the settings)


class Author(models.Model):
    name = models.CharField(max_length=100)

    class Meta:
        app_label, db_table, managed = "bench", "bench_author", False


class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    title = models.CharField(max_length=200)
    pages = models.IntegerField()
    price = models.FloatField()
    published = models.BooleanField()
    views = models.BigIntegerField()
    created = models.DateTimeField()

    class Meta:
        app_label, db_table, managed = "bench", "bench_book", False


def fetch():
    return sum(b.id + b.author_id + b.pages for b in Book.objects.all())


def lookup():
    return sum(Book.objects.get(id=i).pages for i in range(1, 10001)) * 10  # a tenth: the time is scaled too


def prefetch():
    first = models.Prefetch("books", Book.objects.filter(id__lte=20000))
    return sum(b.id for a in Author.objects.prefetch_related(first) for b in a.books.all())


best = None
for _ in range(rounds):
    start = time.perf_counter()
    {"fetch": fetch, "lookup": lookup, "prefetch": prefetch}[what]()
    took = time.perf_counter() - start
    took *= 10 if what == "lookup" else 1
    best = took if best is None else min(best, took)
print(int(best * 1e6))
