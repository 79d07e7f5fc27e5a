"""The bundled ORM is a customer like any other: its blog is 101 queries slow, and 1 and 2 mended."""
from harness import case, expect, expect_equal, expect_link, expect_place, only_finding

SOURCE_FILE = "examples/blog.c"
POSTS = 100


class Blog:
    def __init__(self, the_case, url):
        self.case, self.url = the_case, url
        the_case.run(the_case.program("n1_blog"), "--db", url, "seed")

    def page(self, mode):
        command = (self.case.program("n1_blog"), "--db", self.url, mode)
        report, run = self.case.profile(*command)
        plain = self.case.run(*command)
        expect_equal((run.out, run.err), (plain.out, plain.err), f"output of {mode} under the profiler")
        expect(run.out.count("\n") >= POSTS, "the page is empty")
        selects = sum(q["executions"] for q in report["queries"] if q["sql"].startswith("SELECT"))
        return report, run, selects

    def slow(self, mode, driver, touch, link, cardinality, action, model, argument, queries_after):
        report, run, selects = self.page(mode)
        finding = only_finding(report)
        expect_equal((selects, finding["evidence"]["executions"]), (POSTS + 1, POSTS), "queries and executions")
        expect_equal(finding["confidence"], "proven", "confidence")
        expect_link(finding, *link, cardinality)
        suggestion = finding["suggestion"]
        expect_equal((suggestion["action"], suggestion["argument"]), (action, argument), "suggestion")
        expect_equal(suggestion["code"], f'{action}("{argument}")', "code")
        expect(f" {model}.{argument} " in suggestion["text"], f"{model}.{argument} is not named: {suggestion['text']}")
        expect_equal((suggestion["queries_before"], suggestion["queries_after"]), (POSTS + 1, queries_after), "queries")
        expect_place(finding["child"], SOURCE_FILE, self.case.line_of(touch, SOURCE_FILE))
        expect_place(finding["parent"], SOURCE_FILE, self.case.line_of(driver, SOURCE_FILE))
        return run.out

    def mended(self, mode, queries):
        report, run, selects = self.page(mode)
        expect_equal([f["message"] for f in report["findings"]], [], f"findings of {mode}")
        expect_equal(selects, queries, f"queries of {mode}")
        return run.out


def whole_blog(the_case, url):
    blog = Blog(the_case, url)
    slow = blog.slow("slow", 'orm_each(Post, post, orm_from(db, Post, order_by("id")))\n',
                     "Author *author = Post_author(post); /* one query a post */",
                     ("blog_post.author_id", "blog_author.id"), "to_one", "select_related", "Post", "author", 1)
    expect_equal(blog.mended("select_related", 1), slow, "output of the mended form")
    slow = blog.slow("prefetch_slow", "print_author(author); /* one query an author */",
                     "orm_each(Post, post, Author_posts(author))",
                     ("blog_author.id", "blog_post.author_id"), "to_many", "prefetch_related", "Author", "posts", 2)
    expect_equal(blog.mended("prefetch_related", 2), slow, "output of the mended form")
    slow = blog.slow("tags_slow", "print_tags(post); /* one query a post */",
                     "orm_each(Tag, tag, Post_tags(post))",
                     ("blog_post.id", "blog_post_tags.post_id"), "to_many", "prefetch_related", "Post", "tags", 2)
    expect_equal(blog.mended("tags_prefetch", 2), slow, "output of the mended form")


@case
def orm_sqlite(the_case):
    whole_blog(the_case, "sqlite:///" + the_case.path("blog.db"))


@case
def orm_postgres(the_case):
    whole_blog(the_case, the_case.postgres())


@case
def demo(the_case):
    """The README's first command, with this build."""
    run = the_case.run(the_case.source("scripts", "demo"), the_case.build)
    slow, joined, by_author, prefetched, comparison = run.out.split("────────")[1:]
    for part, wanted in ((slow, ("101 queries", "select_related(\"author\")", "blog_author.id", "blog.c:")),
                         (by_author, ("101 queries", "prefetch_related(\"posts\")", "blog_post.author_id", "blog.c:")),
                         (joined, ("no N+1",)), (prefetched, ("no N+1",)), (comparison, ("101", "the same 100 lines"))):
        for text in wanted:
            expect(text in part, f"{text!r} is not in this part of the demo's output:\n{part}")
    expect_equal(run.err, "", "standard error of the demo")
