"""An unmodified Django program on SQLite and on PostgreSQL: each slow page is proven, its mended twin is silent."""
from harness import PYTHON, SOURCE, case, database_of, expect, expect_equal, expect_link, expect_place, only_finding

PAGES = "examples/django_blog/weblog/pages.py"
BLOG = f"{SOURCE}/examples/django_blog/blog.py"
POSTS, AUTHORS = 100, 20


class Blog:
    def __init__(self, the_case, on_postgres):
        self.case = the_case
        if on_postgres:
            self.env = {"BLOG_DB": "postgresql", "PGDATABASE": database_of(the_case.postgres())}
        else:
            self.env = {"BLOG_DB": the_case.path("blog.sqlite3")}
        self.env["PYTHONDONTWRITEBYTECODE"] = "1"
        the_case.run(PYTHON, BLOG, "seed", AUTHORS, POSTS, env=self.env)

    def page(self, name):
        """The page's report; what the program prints must be what it prints without the profiler."""
        report, run = self.case.profile(PYTHON, BLOG, name, env=self.env)
        plain = self.case.run(PYTHON, BLOG, name, env=self.env)
        expect_equal((run.out, run.err), (plain.out, plain.err), f"output of {name} under the profiler")
        expect(run.out.count("\n") >= AUTHORS, "the page is empty")
        expect(report["trace"]["complete"] and report["trace"]["lost_events"] == 0, "incomplete:", report["trace"])
        return report

    def silent(self, name, selects):
        report = self.page(name)
        expect_equal([f["message"] for f in report["findings"]], [], f"findings of {name}")
        got = sum(q["executions"] for q in report["queries"] if q["sql"].startswith("SELECT") and "blog_" in q["sql"])
        expect_equal(got, selects, f"queries of {name}")

    def forward(self, name, touch, function, parent_rows=POSTS):
        report = self.page(name)
        finding = only_finding(report)
        expect_equal(finding["confidence"], "proven", "confidence")
        expect_link(finding, "blog_post.author_id", "blog_author.id", "to_one")
        expect_equal((finding["suggestion"]["action"], finding["suggestion"]["argument"]), ("select_related", "author"),
                     "suggestion")
        expect_equal((finding["suggestion"]["queries_before"], finding["suggestion"]["queries_after"]), (POSTS + 1, 1),
                     "queries before and after")
        evidence = finding["evidence"]
        expect_equal((evidence["executions"], evidence["parent_rows"]), (POSTS, parent_rows), "evidence")
        # Twenty authors wrote the hundred posts: every parameter was found, in twenty distinct values.
        expect_equal(evidence["distinct_parameters"], AUTHORS, "distinct parameters")
        expect(evidence["matched_parameters"] in (AUTHORS, POSTS), "matched parameters", evidence["matched_parameters"])
        expect_place(finding["child"], PAGES, self.case.line_of(touch, PAGES), function)
        expect_equal(finding["child"]["executions"], POSTS, "child's executions")
        stack = [frame["function"] for frame in finding["child"]["stack"] if frame["user_code"]]
        expect(name in stack and stack.index(function) < stack.index(name), "call path", stack)

    def reverse(self, name, touch, function, parents, link, argument):
        finding = only_finding(self.page(name))
        expect_equal(finding["confidence"], "proven", "confidence")
        expect_link(finding, *link, "to_many")
        expect_equal(finding["suggestion"]["action"], "prefetch_related", "action")
        expect(finding["suggestion"]["argument"] in argument, "argument", finding["suggestion"]["argument"])
        expect_equal(finding["suggestion"]["queries_after"], 2, "queries after")
        expect_equal(finding["evidence"]["executions"], parents, "executions")
        expect_place(finding["child"], PAGES, self.case.line_of(touch, PAGES), function)


def whole_blog(the_case, on_postgres):
    blog = Blog(the_case, on_postgres)
    blog.forward("slow_forward", 'print(f"{post.title} by {post.author.name}")', "print_posts")
    blog.silent("fast_forward", selects=1)
    blog.reverse("slow_reverse", "for post in author.posts.all()", "print_authors", AUTHORS,
                 ("blog_author.id", "blog_post.author_id"), ("posts", "post", "blog_post", "post_set"))
    blog.silent("fast_reverse", selects=2)


def helper_pages(the_case, on_postgres):
    blog = Blog(the_case, on_postgres)
    blog.forward("slow_helper", 'return "by " + post.author.name', "byline")
    blog.silent("fast_helper", selects=1)
    blog.forward("slow_template", "print(template.render(Context(", "render_page")
    blog.silent("fast_template", selects=1)
    blog.reverse("slow_tags", "for tag in post.tags.all()", "print_tags", POSTS,
                 ("blog_post.id", "blog_post_tags.post_id"), ("tags", "tag", "blog_tag", "blog_post_tags"))
    blog.silent("fast_tags", selects=2)


@case
def django_sqlite(the_case):
    whole_blog(the_case, on_postgres=False)


@case
def django_postgres(the_case):
    whole_blog(the_case, on_postgres=True)


@case
def django_sqlite_helpers(the_case):
    helper_pages(the_case, on_postgres=False)


@case
def django_postgres_helpers(the_case):
    helper_pages(the_case, on_postgres=True)
