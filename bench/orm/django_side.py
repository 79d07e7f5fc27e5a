"""Django's side of bench/orm: the same work on the same tables.

    django_side.py URL fetch|lookup|inside|prefetch [ROUNDS [BOOKS]]

prints the best time of the rounds in microseconds on the clock, the least of this process's own, and the sum that the C
sides make of the rows. DEBUG is off: Django keeps no log of its queries. The connection is open and a query has been run
before the clock starts, as on the other sides.
"""
import sys
import time
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

url, what = sys.argv[1], sys.argv[2]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
books = int(sys.argv[4]) if len(sys.argv) > 4 else 100000
looked_up = books if books <= 1000 else books // 10  # a tenth: the time is scaled too
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

from django.db import models, transaction  # noqa: E402  (needs the settings)


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


def sum_of(book):
    return (book.id + book.author_id + book.pages + int(book.price) + book.published + book.views
            + book.created.microsecond % 1000 + ord(book.title[0]))


def fetch(of=lambda b: b.pages):
    return sum(of(b) for b in Book.objects.all())


def lookup(of=lambda b: b.pages, n=looked_up):
    return sum(of(Book.objects.get(id=i)) for i in range(1, n + 1))


def prefetch(of=lambda b: b.pages):
    first = models.Prefetch("books", Book.objects.filter(id__lte=books // 5))
    return sum(a.id + sum(of(b) for b in a.books.all()) for a in Author.objects.prefetch_related(first))


def inside(*args):
    with transaction.atomic():
        return lookup(*args)


work = {"fetch": fetch, "lookup": lookup, "inside": inside, "prefetch": prefetch}[what]
is_lookup = what in ("lookup", "inside")
scale = books / looked_up if is_lookup else 1
best, least = [], []
Author.objects.first()
for _ in range(rounds):
    start, own = time.perf_counter(), time.process_time()
    work()
    least.append((time.process_time() - own) * scale)
    best.append((time.perf_counter() - start) * scale)
total = None if is_lookup and books != looked_up else work(sum_of)
print(int(min(best) * 1e6), int(min(least) * 1e6), total)
