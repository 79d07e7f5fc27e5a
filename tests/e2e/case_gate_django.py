"""The gate in the life of a Django project: its own test runner makes the database, migrates it and fills it; the team grows the
fixture, adds tests and applications, renames functions, and one day loses a select_related()."""
import os

from gate import BASELINE, PASSED, REGRESSED, changes, check, content, only_failure
from harness import PYTHON, case, expect, expect_equal

FILES = {
    "manage.py": """\
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
""",
    "project/__init__.py": "",
    "project/settings.py": """\
import os
SECRET_KEY = "-"
INSTALLED_APPS = ["shop", "django.contrib.contenttypes", "django.contrib.auth"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "project.urls"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
if os.environ.get("DATABASE") == "postgresql":
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["NAME"], "HOST": os.environ["PGHOST"],
                             "PORT": os.environ["PGPORT"], "USER": os.environ["PGUSER"], "TEST": {"NAME": "test_" + os.environ["NAME"]}}}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
""",
    "project/urls.py": """\
from django.urls import path
from shop import views
urlpatterns = [path("books/", views.books), path("authors/", views.authors)]
""",
    "shop/__init__.py": "",
    "shop/models.py": """\
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    title = models.CharField(max_length=50)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
""",
    "shop/views.py": """\
from django.http import HttpResponse
from shop.models import Author, Book


def line(book):
    return "%s by %s" % (book.title, book.author.name)


def books(request):
    found = Book.objects.select_related("author").order_by("id")
    return HttpResponse("\\n".join(line(book) for book in found))


def authors(request):
    found = Author.objects.prefetch_related("books").order_by("id")
    return HttpResponse("\\n".join(a.name + ": " + ", ".join(b.title for b in a.books.all()) for a in found))
""",
    "shop/tests.py": """\
import os
from django.test import TestCase
from shop.models import Author, Book

SIZE = int(os.environ["SIZE"])


class BooksTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        authors = [Author.objects.create(name="author %d" % i) for i in range(SIZE // 2)]
        for i in range(SIZE):
            Book.objects.create(title="book %d" % i, author=authors[i % len(authors)])

    def test_books(self):
        self.assertContains(self.client.get("/books/"), "book 0 by author 0")

    def test_authors(self):
        self.assertContains(self.client.get("/authors/"), "author 0: book 0")
""",
}
NEW_APPLICATION = {
    "notes/__init__.py": "",
    "notes/models.py": """\
from django.db import models


class Note(models.Model):
    text = models.TextField()


class Link(models.Model):
    note = models.ForeignKey(Note, on_delete=models.CASCADE)
""",
    "notes/tests.py": """\
from django.test import TestCase
from notes.models import Note


class NotesTest(TestCase):
    def test_none(self):
        self.assertEqual(Note.objects.count(), 0)
""",
}


class Project:
    def __init__(self, the_case, **environment):
        self.case, self.environment = the_case, dict(environment, PYTHONDONTWRITEBYTECODE="1")
        self.write(FILES)
        self.migrate("shop")

    def write(self, files):
        for name, text in files.items():
            os.makedirs(os.path.dirname(self.case.path(name)), exist_ok=True)
            with open(self.case.path(name), "w", encoding="utf-8") as file:
                file.write(text)

    def change(self, name, *pairs):
        text = content(self.case, name)
        for old, new in pairs:
            expect(old in text, f"{old!r} does not stand in {name}")
            text = text.replace(old, new)
        self.write({name: text})

    def migrate(self, application):
        self.write({application + "/migrations/__init__.py": ""})
        self.case.run(PYTHON, "manage.py", "makemigrations", application, env=dict(self.environment, SIZE="2"))

    def test(self, size, *what, trace="t"):
        env = dict(self.environment, SIZE=str(size))
        self.case.run(self.case.n1prof, "record", "-o", trace, "--", PYTHON, "manage.py", "test", "--noinput", *what, env=env)
        return trace

    def line(self, name, text):
        return 1 + content(self.case, name)[: content(self.case, name).index(text)].count("\n")


def live(the_case, project):
    check(the_case, project.test(12), "--update")
    accepted = content(the_case)
    for word in ("django_migrations", "auth_permission", "new__", the_case.dir, "views.py"):
        expect(word not in accepted, f"the baseline holds {word}:\n{accepted}")
    for size in (4, 60):
        verdict = check(the_case, project.test(size), "--strict")
        expect_equal(changes(verdict, "stale"), [], f"stale entries at {size}")
    # A new application brings migrations, content types, permissions and a test.
    project.write(NEW_APPLICATION)
    project.change("project/settings.py", ('["shop", ', '["shop", "notes", '))
    project.migrate("notes")
    verdict = check(the_case, project.test(12))
    expect_equal([change["subject"] for change in changes(verdict, "new_statement")],
                 ['SELECT COUNT(*) AS "__count" FROM "notes_note"'], "new statements")
    check(the_case, "t", "--update=all")
    # The tests in two parts, each in a recording of its own. What both parts do counts twice, so the parts have a baseline of their own.
    parts = project.test(12, "shop", trace="part-1"), project.test(12, "notes", trace="part-2")
    check(the_case, *parts)
    # A renamed helper, moved lines.
    project.change("shop/views.py", ("line(book)", "one_line(book)"), ("from django.http", "# moved\n\nfrom django.http"))
    check(the_case, project.test(12))
    # The day it happens: found at its line, with what mends it.
    project.change("shop/views.py", ('.select_related("author")', ""))
    failure = only_failure(check(the_case, project.test(12), status=REGRESSED), "new_finding")
    expect_equal((failure["kind"], failure["location"]["file"], failure["location"]["line"]),
                 ("n_plus_one", "shop/views.py", project.line("shop/views.py", "book.author.name")), "the failure")
    text = the_case.run(the_case.n1prof, "check", "t", status=REGRESSED).out
    expect("select_related" in the_case.run(the_case.n1prof, "report", "t").out, "the mend is not named")
    expect(f"shop/views.py:{failure['location']['line']}" in text and failure["accept"] in text, text)
    # Accepted for now, it holds at any size of the fixture; the other loop that comes with it does not.
    check(the_case, *failure["accept"].split()[2:])
    check(the_case, project.test(40))
    project.change("shop/views.py", ('.prefetch_related("books")', ""))
    failure = only_failure(check(the_case, project.test(12), status=REGRESSED), "new_finding")
    expect_equal(failure["location"]["function"].split(".")[0], "authors", "the second failure")
    # Mended again: the accepted loop is stale, nothing else.
    project.change("shop/views.py", ("Book.objects", 'Book.objects.select_related("author")'),
                   ("Author.objects", 'Author.objects.prefetch_related("books")'))
    verdict = check(the_case, project.test(12))
    expect("removed" in the_case.run(the_case.n1prof, "baseline", "prune", "t").out, "prune")
    expect_equal(changes(check(the_case, "t", "--strict"), "stale"), [], "stale entries after prune")
    expect(os.path.exists(the_case.path(BASELINE)) and verdict["verdict"] == "passed", verdict)


@case
def gate_django_sqlite(the_case):
    live(the_case, Project(the_case))


@case
def gate_django_postgres(the_case):
    url = the_case.postgres()
    the_case.run("psql", "-q", "-X", "-d", os.environ["N1_TEST_PG_URL"], "-c", "DROP DATABASE IF EXISTS test_" + url.rsplit("/", 1)[1].split("?")[0])
    live(the_case, Project(the_case, DATABASE="postgresql", NAME=url.rsplit("/", 1)[1].split("?")[0]))
