"""One class a table, as layered programs have them."""
import functools


class Authors:
    def __init__(self, gate):
        self.gate, self.known = gate, {}

    def get(self, key):
        return self.gate.row("SELECT id, name, email FROM author WHERE id = ?", key)  # @wild_authors_get

    def by_mail(self, email):
        return self.gate.row("SELECT id, name FROM author WHERE lower(email) = lower(?)", email)

    def memo(self, key):
        if key not in self.known:
            self.known[key] = self.gate.row("SELECT id, name FROM author WHERE id = ?", key)  # @wild_authors_memo
        return self.known[key]

    @functools.lru_cache(maxsize=None)
    def cached(self, key):
        return self.gate.row("SELECT name FROM author WHERE id = ?", key)  # @wild_authors_cached

    def all(self):
        return self.gate.rows("SELECT id, name, email FROM author ORDER BY id")

    def many(self, keys):
        marks = ", ".join("?" * len(keys))
        return {row[0]: row for row in self.gate.rows(f"SELECT id, name FROM author WHERE id IN ({marks})", *keys)} if keys else {}


class Posts:
    def __init__(self, gate):
        self.gate = gate

    def newest(self, limit=1000):
        return self.gate.rows("SELECT id, title, author_id FROM post ORDER BY views DESC, id LIMIT ?", limit)  # @wild_newest_list

    def get(self, key):
        return self.gate.row("SELECT id, title, author_id, views FROM post WHERE id = ?", key)

    def after(self, key, limit):
        return self.gate.rows("SELECT id, title, author_id FROM post WHERE id > ? ORDER BY id LIMIT ?", key, limit)

    def comments(self, key):
        return self.gate.rows("SELECT id, body, stars FROM comment WHERE post_id = ?", key)  # @wild_posts_comments

    def stars(self, key):
        return self.gate.row("SELECT max(stars) FROM comment WHERE post_id = ?", key)[0]  # @wild_posts_stars


class Post:
    """A record that loads its author when somebody asks for it."""

    def __init__(self, row, authors):
        self.id, self.title, self.author_id = row[:3]
        self.authors = authors

    @functools.cached_property
    def author(self):
        return self.authors.get(self.author_id)
