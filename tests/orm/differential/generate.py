"""Random valid expressions over the library's models, as trees whose parts can be left out: that is how they shrink."""
import random

FIELDS = {  # model: {field: kind}
    "LibWriter": {"id": "int", "name": "text", "email": "note", "born": "date", "rating": "decimal", "active": "bool"},
    "LibBook": {"id": "int", "title": "text", "pages": "int", "sold": "int", "price": "decimal", "score": "real",
                "published": "bool", "featured": "bool", "released": "date", "created": "moment", "opens": "time"},
    "LibEditor": {"id": "int", "name": "text", "desk": "text"},
    "LibPublisher": {"id": "int", "name": "text", "country": "text", "founded": "int"},
    "LibProfile": {"id": "int", "bio": "note", "followers": "int"},
    "LibTag": {"id": "int", "name": "text"},
    "LibBooktag": {"id": "int", "weight": "int"},
    "LibReview": {"id": "int", "stars": "int", "note": "note", "written": "moment"},
}
ONE = {"LibBook": {"writer": "LibWriter", "editor": "LibEditor", "publisher": "LibPublisher"},
       "LibWriter": {"mentor": "LibWriter", "libprofile": "LibProfile"}, "LibProfile": {"writer": "LibWriter"},
       "LibBooktag": {"book": "LibBook", "tag": "LibTag"}, "LibReview": {"book": "LibBook"}}
MANY = {"LibWriter": {"libbook": "LibBook", "libwriter": "LibWriter"}, "LibEditor": {"libbook": "LibBook"},
        "LibPublisher": {"libbook": "LibBook"}, "LibTag": {"libbooktag": "LibBooktag"},
        "LibBook": {"libbooktag": "LibBooktag", "libreview": "LibReview"}}
VALUES = {
    "int": ["0", "1", "2", "3", "5", "7", "20", "111", "300", "-4", "None"],
    "text": ["'River'", "'a'", "'ALPHA'", "'IN'", "'fiction'", "'100%'", "'_'", "'\\\\'", "''", "'Émile'", "None"],
    "note": ["'River'", "'b'", "'%'", "'Bio'", "''", "None"],
    "decimal": ["Decimal('2.25')", "10", "'21.93'", "0.25", "30.5", "None"],
    "real": ["1.5", "0", "-0.25", "2", "None"],
    "bool": ["True", "False", "None"],
    "date": ["date(2020, 1, 1)", "date(2024, 5, 9)", "'2021-04-04'", "date(1971, 1, 1)", "None"],
    "moment": ["datetime(2026, 1, 1)", "datetime(2025, 12, 31, 23, 59, 59, 999999)", "'2026-02-28T12:30:15Z'"],
    "time": ["time(12, 0)", "time(3, 21, 3)", "None"],
}
ORDERED = ["gt", "gte", "lt", "lte"]
LOOKUPS = {
    "int": ["", ""] + ORDERED, "decimal": [""] + ORDERED, "real": [""] + ORDERED, "bool": ["", ""],
    "text": ["", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"],
    "note": ["", "contains", "icontains", "startswith", "iendswith"],
    "date": [""] + ORDERED, "moment": [""] + ORDERED, "time": [""] + ORDERED,
}
PARTS = {"date": ["year", "month", "day", "week_day", "week", "quarter", "iso_week_day"],
         "moment": ["year", "month", "day", "week", "week_day", "quarter", "hour", "minute"], "time": ["hour", "minute"]}
PART_VALUES = ["1", "2", "3", "6", "12", "52", "2020", "2026"]


class Q:
    """A leaf (text), or op over children."""

    def __init__(self, op, children=(), leaf=None):
        self.op, self.children, self.leaf = op, list(children), leaf

    def text(self):
        if self.op == "leaf":
            return f"Q({self.leaf})"
        if self.op == "~":
            return "~" + self.children[0].text()
        return "(" + f" {self.op} ".join(c.text() for c in self.children) + ")"

    def smaller(self):
        if self.op == "leaf":
            return
        yield from self.children
        if len(self.children) > 1:
            for i, c in enumerate(self.children):
                yield Q(self.op, self.children[:i] + self.children[i + 1:]) if len(self.children) > 2 else c
        for i, c in enumerate(self.children):
            for s in c.smaller():
                yield Q(self.op, self.children[:i] + [s] + self.children[i + 1:])


class Step:
    """.name(head Q, tail): either may be missing."""

    def __init__(self, name, tail="", q=None, needed=False):
        self.name, self.tail, self.q, self.needed = name, tail, q, needed

    def text(self):
        if self.name == "[]":
            return self.tail
        if not self.name:  # several steps in one
            return "." + self.tail
        return f".{self.name}({self.q.text() if self.q else ''}{self.tail})"


class Query:
    def __init__(self, model, steps):
        self.model, self.steps = model, steps

    def text(self):
        return f"{self.model}.objects" + "".join(s.text() for s in self.steps)

    def smaller(self):
        for i, s in enumerate(self.steps):
            if not s.needed:
                yield Query(self.model, self.steps[:i] + self.steps[i + 1:])
        for i, s in enumerate(self.steps):
            for q in (s.q.smaller() if s.q else ()):
                yield Query(self.model, self.steps[:i] + [Step(s.name, s.tail, q, s.needed)] + self.steps[i + 1:])


def shrink(query, fails):
    """The smallest query that still fails, found by leaving out one part after the other."""
    for _ in range(60):
        for candidate in query.smaller():
            if fails(candidate):
                query = candidate
                break
        else:
            return query
    return query


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def path(self, model, many, depth=None):
        """(path, model at its end), one relation after the other"""
        names = []
        for _ in range(self.r.choice([0, 0, 0, 1, 1, 2, 3]) if depth is None else depth):
            ways = dict(ONE.get(model, {}))
            if many:
                ways.update(MANY.get(model, {}))
            if not ways:
                break
            name = self.r.choice(sorted(ways))
            names.append(name)
            model = ways[name]
        return names, model

    def field(self, model, kinds=None, many=False):
        for _ in range(50):
            names, end = self.path(model, many)
            fits = [f for f, k in FIELDS[end].items() if kinds is None or k in kinds]
            if fits:
                f = self.r.choice(fits)
                return "__".join(names + [f]), FIELDS[end][f]
        return "id", "int"

    def own_field(self, model, kind):
        fits = [f for f, k in FIELDS[model].items() if k == kind]
        return (self.r.choice(fits), kind) if fits else ("id", "int")

    def leaf(self, model, annotations):
        r = self.r
        if annotations and r.random() < 0.3:
            name, kind = r.choice(annotations)
            lookup = r.choice(LOOKUPS[kind])
            value = r.choice([v for v in VALUES[kind] if v != "None"])
            return Q("leaf", leaf=f"{name}{'__' + lookup if lookup else ''}={value}")
        if r.random() < 0.15:
            names, _ = self.path(model, True, 1)
            if names:
                ends = [f"{names[0]}__isnull={r.choice(['True', 'False'])}", f"{names[0]}=None",
                        f"{names[0]}__in=[1, 2, 5]", f"{names[0]}={r.randint(1, 8)}"]
                return Q("leaf", leaf=r.choice(ends))
        path, kind = self.field(model, many=True)
        x = r.random()
        if x < 0.1:
            return Q("leaf", leaf=f"{path}__isnull={r.choice(['True', 'False'])}")
        if x < 0.2:
            return Q("leaf", leaf=f"{path}__in=[{', '.join(r.choice(VALUES[kind]) for _ in range(r.randint(0, 3)))}]")
        if x < 0.3 and kind in PARTS:
            op = r.choice(["", "__gt", "__lte"])
            return Q("leaf", leaf=f"{path}__{r.choice(PARTS[kind])}{op}={r.choice(PART_VALUES)}")
        if x < 0.42:
            # beside a many-valued path Django 3.2 may tie F() over a relation to a table of the same alias (docs/orm.md)
            is_many = any(name in path.split("__") for ways in MANY.values() for name in ways)
            other, _ = self.field(model, [kind]) if not is_many else self.own_field(model, kind)
            op = r.choice(ORDERED + [""])
            if kind in ("int", "real") and r.random() < 0.5:
                return Q("leaf", leaf=f"{path}{'__' + op if op else ''}=F('{other}') {r.choice('+-*')} {r.randint(1, 9)}")
            return Q("leaf", leaf=f"{path}{'__' + op if op else ''}=F('{other}')")
        lookup, value = r.choice(LOOKUPS[kind]), r.choice(VALUES[kind])
        if lookup and value == "None":
            value = VALUES[kind][0]
        return Q("leaf", leaf=f"{path}{'__' + lookup if lookup else ''}={value}")

    def q(self, model, annotations, depth=0):
        x = self.r.random()
        if depth > 2 or x < 0.5:
            return self.leaf(model, annotations)
        if x < 0.65:
            return Q("~", [self.q(model, annotations, depth + 1)])
        n = self.r.choice([2, 2, 3])
        return Q(self.r.choice("&|"), [self.q(model, annotations, depth + 1) for _ in range(n)])

    def expression(self, model, depth=0):
        """(text, kind)"""
        r = self.r
        x = r.randint(0, 13)
        num, _ = self.field(model, ["int"])
        text, _ = self.field(model, ["text"])
        if x == 0:
            return f"F('{num}') {r.choice('+-*')} {r.choice(['1', '2', '7'])}", "int"
        if x == 1:
            return f"{r.choice(['Lower', 'Upper', 'Trim', 'Reverse'])}('{text}')", "text"
        if x == 2:
            return f"Length('{text}')", "int"
        if x == 3:
            return f"Coalesce('{num}', {r.choice(['0', '-1', '50'])})", "int"
        if x == 4:
            return f"Case(When({self.leaf(model, []).leaf}, then=Value(1)), default=Value(0))", "int"
        if x == 5:
            return f"Concat('{text}', Value('-'), '{self.field(model, ['text'])[0]}')", "text"
        if x == 6:
            moment, kind = self.field(model, ["date", "moment"])
            if kind in ("date", "moment"):
                return f"Extract{r.choice(['Year', 'Month', 'Day', 'Week', 'WeekDay', 'Quarter'])}('{moment}')", "int"
        if x == 7:
            return f"F('{num}') % {r.randint(2, 9)}", "int"
        if x == 8:
            return f"{r.choice(['Greatest', 'Least'])}('{num}', Value({r.randint(0, 300)}))", "int"
        if x == 9:
            return f"Substr('{text}', {r.randint(1, 3)}, {r.randint(1, 5)})", "text"
        if x == 10:
            return f"NullIf('{num}', Value({r.randint(1, 5)}))", "int"
        if x == 11:
            return f"Cast('{num}', FloatField()) / 4", "real"
        if x == 12:
            return f"F('{text}')", "text"
        return f"Abs(F('{num}') - {r.randint(1, 100)})", "int"

    def aggregate(self, model):
        r = self.r
        many = r.random() < 0.7
        name, kind = self.field(model, ["int", "decimal", "real"], many)
        x = r.randint(0, 5)
        # a filter= that is always false makes Django 3.2 select 0: left out here
        leaf = self.leaf(model, [])
        filter_ = f", filter={leaf.text()}" if r.random() < 0.25 and "__in=" not in leaf.leaf else ""
        if x < 2:
            return f"Count('{name}'{r.choice(['', ', distinct=True'])}{filter_})", "int"
        if x == 2:
            return f"Sum('{name}'{filter_})", kind
        if x == 3:
            return f"Avg('{name}'{filter_})", "decimal" if kind == "decimal" else "real"
        return f"{r.choice(['Min', 'Max'])}('{name}'{filter_})", kind

    def subquery(self, model):
        """An annotation by a correlated subquery, or None."""
        ways = [(name, to) for name, to in MANY.get(model, {}).items()]
        if not ways:
            return None
        name, to = self.r.choice(ways)
        back = [f for f, m in ONE[to].items() if m == model]
        inner = f"{to}.objects.filter({back[0]}=OuterRef('pk'))"
        if self.r.random() < 0.5:
            return f"Exists({inner}.filter({self.leaf(to, []).leaf}))", "bool"
        f = self.r.choice([f for f, k in FIELDS[to].items() if k == "int"])
        return f"Subquery({inner}.order_by('{f}', 'id').values('{f}')[:1])", "int"

    def query(self):
        r = self.r
        model = r.choice(["LibBook"] * 4 + ["LibWriter"] * 4 + ["LibEditor", "LibPublisher", "LibProfile", "LibTag",
                                                              "LibReview", "LibReview"])
        steps, annotations = [], []
        is_values = False
        if r.random() < 0.15:
            names = sorted({self.field(model)[0] for _ in range(r.randint(1, 2))})
            steps.append(Step("values", ", ".join(f"'{n}'" for n in names)))
            is_values = True
        for _ in range(r.choice([0, 1, 1, 2, 3])):
            x = r.random()
            if x < 0.5:
                steps.append(Step(r.choice(["filter", "filter", "exclude"]), q=self.q(model, annotations)))
                continue
            sub = self.subquery(model) if x > 0.9 else None
            text, kind = sub or (self.aggregate(model) if x < 0.75 else self.expression(model))
            name = f"x{len(annotations)}"
            steps.append(Step("annotate", f"{name}={text}"))
            annotations.append((name, kind))
        end = r.random()
        if end < 0.1:
            steps.append(Step("distinct"))
        if end < 0.3:
            steps.append(Step("count" if end < 0.25 else "exists"))
        elif end < 0.38 and not is_values:
            f, _ = self.field(model)
            steps += [Step("order_by", f"'{r.choice(['', '-'])}{f}', 'id'"), Step("[]", f"[{r.randint(0, 4)}:{r.randint(5, 9)}]")]
        elif end < 0.48 and not is_values:
            f, _ = self.field(model)
            steps.append(Step("order_by", f"'{r.choice(['', '-'])}{f}', 'id'"))
        elif end < 0.56:
            text, _ = self.aggregate(model)
            steps.append(Step("aggregate", f"r={text}"))
        elif end < 0.62 and annotations and not is_values:
            steps.append(Step("values", f"'id', '{annotations[-1][0]}'"))
        elif end < 0.68 and not is_values:
            steps.append(Step("values_list", f"'{self.field(model, many=True)[0]}', flat=True"))
        if not steps:
            steps.append(Step("all"))
        return Query(model, steps)
