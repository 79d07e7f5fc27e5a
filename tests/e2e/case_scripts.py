"""Ordinary programs of ActiveRecord (Ruby), PDO (PHP) and DBI (Perl) on SQLite and on PostgreSQL, and of Node.js on libpq: each slow page is proven at its
line, with the call path that the script took; its mended twin is silent."""
import re

from harness import case, database_of, expect, expect_equal, expect_link, expect_place, only_finding

BLOGS = ("tests", "programs", "blogs")
POSTS, AUTHORS = 100, 20
FORWARD = ("posts.author_id", "authors.id", "to_one")
REVERSE = ("authors.id", "posts.author_id", "to_many")


class Blog:
    def __init__(self, the_case, file, *program, env=None):
        self.case, self.file, self.program, self.env = the_case, file, program, env
        the_case.run(*program, "seed", env=env)

    def page(self, name):
        """The page's report; what the program prints must be what it prints without the profiler."""
        report, run = self.case.profile(*self.program, name, env=self.env)
        plain = self.case.run(*self.program, name, env=self.env)
        expect_equal((run.out, run.err), (plain.out, plain.err), f"output of {name} under the profiler")
        expect(run.out.count("\n") >= AUTHORS, "the page is empty")
        expect(report["trace"]["complete"] and report["trace"]["lost_events"] == 0, "incomplete:", report["trace"])
        return report

    def slow(self, name, executions, link, text, function, path, language):
        """One finding, at the line that holds the text, in the function; the user's own frames are the path, and every other
        frame is somebody else's."""
        finding = only_finding(self.page(name))
        child = finding["child"]
        expect_equal(finding["confidence"], "proven", "confidence")
        expect_link(finding, *link)
        expect_equal(finding["evidence"]["executions"], executions, "executions")
        expect_equal(finding["evidence"]["distinct_parameters"], AUTHORS, "distinct parameters")
        expect_place(child, "/".join((*BLOGS, self.file)), self.case.line_of(text, *BLOGS, self.file), function)
        own = [frame for frame in child["stack"] if frame["user_code"]]
        expect_equal([frame["function"] for frame in own], path, "call path")
        expect_equal({frame["language"] for frame in own}, {language}, "language")
        expect_equal({frame["file"].rsplit("/", 1)[1] for frame in own}, {self.file}, "files of the call path")
        return finding

    def silent(self, name, selects):
        report = self.page(name)
        expect_equal([f["message"] for f in report["findings"]], [], f"findings of {name}")
        got = sum(q["executions"] for q in report["queries"]
                  if q["sql"].startswith("SELECT") and {"posts", "authors"} & set(q["tables"]))
        expect_equal(got, selects, f"queries of {name}")


def of_libpq(url):
    host, port = re.search(r"@([^:/]+):(\d+)/", url).groups()
    return f"host={host};port={port};dbname={database_of(url)}"


def active_record(the_case, url):
    script = the_case.source(*BLOGS, "blog.rb")
    blog = Blog(the_case, "blog.rb", "ruby", script, env={"DATABASE_URL": url})
    forward = blog.slow("slow_forward", POSTS, FORWARD, '"by #{author.name}"', "byline",
                        ["byline", "block in print_posts", "print_posts", "block in <main>", "<main>"], "ruby")
    libraries = {frame["file"] for frame in forward["child"]["stack"] if frame["language"] == "ruby" and not frame["user_code"]}
    expect(any("active_record" in file for file in libraries), "no frame of ActiveRecord:", libraries)
    blog.silent("fast_forward", selects=2)
    blog.slow("slow_reverse", AUTHORS, REVERSE, "author.posts.map(&:title)", "block in print_authors",
              ["block in print_authors", "print_authors", "block in <main>", "<main>"], "ruby")
    blog.silent("fast_reverse", selects=2)
    expect_equal(only_finding(blog.page("slow_tags"))["confidence"], "proven", "confidence")
    for page, words in (("slow_forward", ".includes(:author)"), ("slow_reverse", ".includes(:posts)"),
                        ("slow_tags", ".includes(:tags)")):
        the_case.run(the_case.n1prof, "run", "-o", the_case.path("report.txt"), "--", *blog.program, page, env=blog.env)
        with open(the_case.path("report.txt"), encoding="utf-8") as report:
            expect(words in report.read().split(), f"{page}: no {words} in the report")
    expect_equal(only_finding(blog.page("slow_count"))["suggestion"]["action"], "annotate", "action for a count")


def pdo(the_case, dsn, *options):
    blog = Blog(the_case, "blog.php", "php", *options, the_case.source(*BLOGS, "blog.php"), dsn)
    blog.slow("slow_forward", POSTS, FORWARD, "$statement->execute([$post['author_id']])", "Posts::authorOf",
              ["Posts::authorOf", "printPosts", "{closure}", "{main}"], "php")
    blog.silent("fast_forward", selects=1)
    blog.slow("slow_reverse", AUTHORS, REVERSE, "$statement->execute();", "Authors::titlesOf",
              ["Authors::titlesOf", "{closure}", "printAuthors", "{closure}", "{main}"], "php")
    blog.silent("fast_reverse", selects=2)


def dbi(the_case, dsn, user):
    blog = Blog(the_case, "blog.pl", "perl", the_case.source(*BLOGS, "blog.pl"), dsn, user)
    blog.slow("slow_forward", POSTS, FORWARD, "SELECT name FROM authors WHERE id = ?", "Blog::Store::author_of",
              ["Blog::Store::author_of", "main::print_posts", "main::__ANON__", "main program"], "perl")
    blog.silent("fast_forward", selects=1)
    blog.slow("slow_reverse", AUTHORS, REVERSE, "$statement->execute($author)", "Blog::Store::titles_of",
              ["Blog::Store::titles_of", "main::print_authors", "main::__ANON__", "main program"], "perl")
    blog.silent("fast_reverse", selects=2)


def node(the_case, conninfo):
    blog = Blog(the_case, "blog.js", "node", the_case.source(*BLOGS, "blog.js"), the_case.program("victims/node_modules/node_pq.node"), conninfo)
    blog.slow("slow_forward", POSTS, FORWARD, "SELECT name FROM authors WHERE id = $1", "authorOf",
              ["authorOf", "<anonymous>", "printPosts", "slow_forward", "<anonymous>"], "javascript")
    blog.silent("fast_forward", selects=1)
    # After an await there is nobody above: the function was called by the event loop.
    blog.slow("slow_reverse", AUTHORS, REVERSE, "SELECT title FROM posts WHERE author_id = $1", "titlesOf", ["titlesOf"],
              "javascript")
    blog.silent("fast_reverse", selects=2)


@case
def active_record_sqlite(the_case):
    active_record(the_case, "sqlite3:" + the_case.path("blog.db"))


@case
def active_record_postgres(the_case):
    active_record(the_case, the_case.postgres())


@case
def pdo_sqlite(the_case):
    pdo(the_case, "sqlite:" + the_case.path("blog.db"))


@case
def pdo_sqlite_compiled(the_case):
    """With the optimiser's just-in-time compiler."""
    pdo(the_case, "sqlite:" + the_case.path("blog.db"), "-d", "opcache.enable_cli=1", "-d", "opcache.jit=function",
        "-d", "opcache.jit_buffer_size=16M")


@case
def pdo_postgres(the_case):
    pdo(the_case, f"pgsql:{of_libpq(the_case.postgres())};user=postgres")


@case
def dbi_sqlite(the_case):
    dbi(the_case, "dbi:SQLite:dbname=" + the_case.path("blog.db"), "")


@case
def dbi_postgres(the_case):
    dbi(the_case, "dbi:Pg:" + of_libpq(the_case.postgres()), "postgres")


@case
def node_postgres(the_case):
    node(the_case, of_libpq(the_case.postgres()).replace(";", " ") + " user=postgres")
