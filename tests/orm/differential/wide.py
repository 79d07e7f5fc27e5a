"""Random expressions of more kinds than generate.py's: values() and annotate() in any order, subqueries of subqueries,
unions, merged querysets, truncated moments, decimals in arithmetic, ordered by anything, one object in the end."""
import re

from generate import FIELDS, MANY, ONE, Maker, Q, Query, Step

TRUNCS = {"date": ["Year", "Quarter", "Month", "Week"], "moment": ["Year", "Quarter", "Month", "Week", "Day", "Hour",
                                                                 "Minute", "Date"]}


class Merge(Step):
    """one | other"""

    def __init__(self, op, other):
        super().__init__(op, other, needed=True)

    def text(self):
        return f" {self.name} {self.tail}"


class Wide(Maker):
    def expression(self, model, depth=0):
        r = self.r
        x = r.randint(0, 11)
        if x == 0:
            path, kind = self.field(model, ["date", "moment"])
            if kind in TRUNCS:
                part = r.choice(TRUNCS[kind])
                return f"Trunc{part}('{path}')", "date" if kind == "date" or part == "Date" else "moment"
        if x == 1:
            path, _ = self.field(model, ["decimal"])
            return f"F('{path}') {r.choice('+-*')} {r.choice(['2', '0.5', 'Decimal(' + repr('1.10') + ')'])}", "none"
        if x == 2:
            path, _ = self.field(model, ["decimal", "real"])
            return f"{r.choice(['Round', 'Ceil', 'Floor', 'Abs'])}('{path}')", "none"
        if x == 3:
            one, _ = self.field(model, ["int"])
            two, _ = self.field(model, ["int"])
            return f"F('{one}') {r.choice('+-*')} F('{two}')", "int"
        if x == 4:
            whens = ", ".join(f"When({self.q(model, [], 2).text()}, then={r.choice(['Value(1)', 'Value(2)', 'F(' + repr('id') + ')'])})"
                              for _ in range(r.randint(1, 3)))
            default = r.choice(["", ", default=Value(0)"])
            return f"Case({whens}{default}, output_field=IntegerField())", "int"
        if x == 5:
            path, _ = self.field(model, ["decimal", "int"])
            return f"Cast('{path}', {r.choice(['IntegerField()', 'FloatField()', 'CharField(max_length=20)'])})", "none"
        if x == 6:
            one, kind = self.field(model, ["date", "int", "text"])
            two, _ = self.field(model, [kind])
            return f"Coalesce('{one}', '{two}')", kind
        if x == 7:
            one, kind = self.field(model, ["int", "date"])
            two, _ = self.field(model, [kind])
            return f"{r.choice(['Greatest', 'Least'])}('{one}', '{two}')", kind
        return super().expression(model, depth)

    def inner(self, to):
        """A queryset of other rows, tied to nothing."""
        steps = [Step(self.r.choice(["filter", "exclude"]), q=self.q(to, [], 1)) for _ in range(self.r.choice([0, 1, 1, 2]))]
        return f"{to}.objects" + ("".join(s.text() for s in steps) or ".all()")

    def leaf(self, model, annotations):
        """Lists without a value make Django 3.2 select 0 instead of a subquery (docs/orm.md): none here."""
        while True:
            made = self.any_leaf(model, annotations)
            if not re.search(r"__in=\[(None(, )?)*\]", made.leaf):
                return made

    def any_leaf(self, model, annotations):
        r = self.r
        x = r.random()
        if x > 0.08:
            return super().leaf(model, annotations)
        ways = {**ONE.get(model, {}), **MANY.get(model, {})}
        if not ways:
            return super().leaf(model, annotations)
        name = r.choice(sorted(ways))
        kind = r.choice(["int", "text"])
        field, _ = self.own_field(ways[name], kind)
        pick = r.choice([f"{name}__in={self.inner(ways[name])}", f"{name}__{field}__in={self.inner(ways[name])}.values('{field}')",
                         f"id__in={self.inner(model)}.values('id')"])
        return Q("leaf", leaf=pick)

    def correlated(self, model, depth=0):
        """The rows that point at this one, or that it points at, maybe asked about the rows that point at them."""
        r = self.r
        ways = [(to, [f for f, m in ONE[to].items() if m == model][0], "pk") for to in MANY.get(model, {}).values()
                if [f for f, m in ONE[to].items() if m == model]]
        ways += [(to, "pk", name) for name, to in ONE.get(model, {}).items() if name in ("writer", "editor", "publisher", "mentor",
                                                                                         "book", "tag")]
        if not ways:
            return None
        to, column, outer = r.choice(ways)
        text = f"{to}.objects.filter({column}=OuterRef('{outer}'))"
        if r.random() < 0.4:
            text += f".{r.choice(['filter', 'exclude'])}({self.q(to, [], 2).text()})"
        if depth == 0 and r.random() < 0.4:
            below = self.correlated(to, 1)
            if below:
                text += f".filter({r.choice(['', '~'])}Exists({below[0]}))"
        return text, to

    def subquery(self, model):
        r = self.r
        made = self.correlated(model)
        if not made:
            return None
        text, to = made
        x = r.random()
        if x < 0.4:
            return f"{r.choice(['', '~'])}Exists({text})", "bool"
        if x < 0.6:
            field, _ = self.own_field(to, "int")
            return f"Subquery({text}.order_by().values('{self.group_of(to)}').annotate(c=Count('id')).values('c')[:1])", "int"
        field, kind = self.own_field(to, r.choice(["int", "text", "date"]))
        return f"Subquery({text}.order_by('{r.choice(['', '-'])}{field}', 'id').values('{field}')[:1])", kind

    def group_of(self, model):
        return sorted(ONE[model])[0] if ONE.get(model) else "name"

    def chain(self, model, n, steps, annotations, may_values):
        r = self.r
        is_values = False
        for _ in range(n):
            x = r.random()
            if x < 0.42:
                steps.append(Step(r.choice(["filter", "exclude"]), q=self.q(model, annotations)))
                continue
            if x < 0.55 and may_values and not is_values:
                names = sorted({self.field(model, many=r.random() < 0.3)[0] for _ in range(r.randint(1, 2))})
                if annotations and r.random() < 0.5:
                    names.append(annotations[-1][0])
                steps.append(Step("values", ", ".join(f"'{n}'" for n in dict.fromkeys(names))))
                is_values = True
                continue
            sub = self.subquery(model) if x > 0.88 else None
            text, kind = sub or (self.aggregate(model) if x < 0.76 else self.expression(model))
            name = f"x{len(annotations)}"
            steps.append(Step(r.choice(["annotate"] * 5 + ["alias"]) if not is_values else "annotate", f"{name}={text}"))
            if kind in ("int", "text", "date", "moment", "bool", "decimal", "real"):
                annotations.append((name, kind))
        return is_values

    def order(self, model, annotations):
        r = self.r
        x = r.random()
        if annotations and x < 0.3:
            return f"'{r.choice(['', '-'])}{annotations[-1][0]}', 'id'"
        path, _ = self.field(model)
        if x < 0.6:
            return f"F('{path}').{r.choice(['asc', 'desc'])}({r.choice(['', 'nulls_first=True', 'nulls_last=True'])}), 'id'"
        return f"'{r.choice(['', '-'])}{path}', 'id'"

    def end(self, model, steps, annotations, is_values):
        r = self.r
        x = r.random()
        if x < 0.15:
            steps.append(Step("distinct"))
        if x < 0.3:
            # exists() leaves out what distinct() selects, Django does not: its types may be wrong
            steps.append(Step(r.choice(["count", "exists"]) if x >= 0.15 else "count"))
        elif x < 0.5 and not is_values:
            steps.append(Step("order_by", self.order(model, annotations)))
            y = r.random()
            if y < 0.3:
                steps.append(Step("[]", f"[{r.randint(0, 4)}:{r.randint(5, 9)}]"))
            elif y < 0.6:
                steps.append(Step(r.choice(["first", "last"])))
            elif y < 0.7:
                steps.append(Step("reverse"))
        elif x < 0.58:
            text, _ = self.aggregate(model)
            # here a bad value is an error before a bad name is
            is_there = not is_values and all(s.name != "alias" for s in steps)
            if annotations and is_there and annotations[-1][1] == "int" and r.random() < 0.5:
                text = f"{r.choice(['Sum', 'Max', 'Count'])}('{annotations[-1][0]}')"
            steps.append(Step("aggregate", f"r={text}"))
        elif x < 0.64 and not is_values:
            steps.append(Step("values_list", f"'id', '{self.field(model, many=True)[0]}'"))
        elif x < 0.68 and not is_values:
            steps.append(Step("select_related", ""))
        elif x < 0.72 and not is_values:
            moments = [f for f, k in FIELDS[model].items() if k in ("date", "moment")]
            if moments:
                steps.append(Step("dates", f"'{r.choice(moments)}', '{r.choice(['year', 'month', 'day'])}'"))

    def both(self, model):
        """Two querysets of a model as one."""
        r = self.r
        x = r.random()
        if x < 0.5:
            columns = sorted({f for f in r.sample(sorted(FIELDS[model]), min(2, len(FIELDS[model])))})
            tail = ".values(" + ", ".join(f"'{c}'" for c in columns) + ")" if r.random() < 0.5 else ""
            steps = [Step("filter", q=self.q(model, [], 1))]
            if tail:
                steps.append(Step("values", tail[len(".values("):-1], needed=True))
            steps.append(Step(r.choice(["union", "intersection", "difference"]), self.inner(model) + tail))
            y = r.random()
            if y < 0.3:
                steps.append(Step("count"))
            elif y < 0.5 and not tail:
                steps.append(Step("order_by", "'id'"))
            elif y < 0.6 and not tail:
                steps += [Step("order_by", "'id'", needed=True), Step("[]", "[1:4]")]
            return Query(model, steps)
        return Query(model, [Step(r.choice(["filter", "exclude"]), q=self.q(model, [], 1), needed=True),
                             Merge(r.choice("&|"), self.inner(model))])

    def query(self):
        r = self.r
        model = r.choice(["LibBook"] * 4 + ["LibWriter"] * 4 + ["LibEditor", "LibPublisher", "LibProfile", "LibTag",
                                                              "LibBooktag", "LibReview", "LibReview"])
        if r.random() < 0.12:
            return self.both(model)
        steps, annotations = [], []
        is_values = self.chain(model, r.choice([1, 1, 2, 2, 3, 4]), steps, annotations, True)
        self.end(model, steps, annotations, is_values)
        return Query(model, steps or [Step("all")])
