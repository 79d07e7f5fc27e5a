"""Random expressions of what comes behind a query: writes and the rows after them, prefetched lists, unions in order, documents,
durations, keys that are no numbers, what is loaded later. Each is one expression; a write shows what it did."""
from generate import FIELDS, MANY, ONE, Q, Query, Step
from wide import Wide

DOC_PATHS = ["a", "b", "a__a", "b__c", "b__c__0", "0", "0__a", "n", "name", "tags", "tags__1", "list__0__1", "b__e", "nothing"]
DOC_VALUES = ["1", "'1'", "'x'", "None", "True", "False", "1.5", "{'a': 7}", "[1, 2]", "'River'", "10", "[]"]
DELTAS = ["timedelta(days=1)", "timedelta(hours=5, microseconds=7)", "timedelta(days=-3, minutes=1)", "timedelta(weeks=2)"]
WRITABLE = {"LibBook": ["title", "pages", "sold", "price", "score", "published", "featured", "released", "created", "opens"],
            "LibWriter": ["name", "email", "born", "rating", "active"], "LibReview": ["stars", "note", "written"],
            "LibTag": ["name"], "LibPublisher": ["name", "country", "founded"], "LibEditor": ["name", "desk"]}


class Text(Query):
    """Several chains in one expression: the filters of each may be left out, not the rest."""

    def __init__(self, form, chains):
        self.form, self.chains = form, chains

    def text(self):
        text = self.form
        for i, c in enumerate(self.chains):
            text = text.replace(f"<{i}>", c.text())
        return text

    def smaller(self):
        for i, c in enumerate(self.chains):
            for s in c.smaller():
                yield Text(self.form, self.chains[:i] + [s] + self.chains[i + 1:])


class Deep(Wide):
    def rows_of(self, model, n=None):
        """Rows of a model by random conditions; no annotations, no end."""
        r = self.r
        steps = [Step(r.choice(["filter", "filter", "exclude"]), q=self.q(model, [], 1))
                 for _ in range(n if n is not None else r.choice([0, 1, 1, 2]))]
        return Query(model, steps)

    def value_for(self, model, field):
        """What a field may be set to."""
        r = self.r
        kind = FIELDS[model][field]
        same = [f for f in WRITABLE[model] if FIELDS[model][f] == kind]
        other = r.choice(same)
        constant = {"int": "7", "text": "'new'", "note": "'a note'", "decimal": "Decimal('3.25')", "real": "0.5", "bool": "True",
                    "date": "date(2024, 2, 29)", "moment": "datetime(2026, 3, 1, 12, 30)", "time": "time(1, 2, 3)"}[kind]
        forms = [constant, f"F('{other}')", f"Case(When({self.plain_leaf(model)}, then=F('{other}')), default=Value({constant}))",
                 f"Coalesce('{other}', Value({constant}))"]
        if kind == "int":
            forms += [f"F('{other}') {r.choice('+-*')} {r.randint(1, 5)}", f"-F('{other}')", "Length(Value('four'))",
                      "Subquery(LibReview.objects.order_by('id').values('stars')[:1])"]
        if kind == "decimal":
            forms += [f"F('{other}') {r.choice('+-')} 1", f"F('{other}') * 2"]
        if kind in ("text", "note") and model != "LibTag":
            forms += [f"Concat('{other}', Value('!'))", f"Upper('{other}')", f"Substr('{other}', 2, 3)",
                      "Subquery(LibTag.objects.order_by('-id').values('name')[:1])"]
        if kind == "moment":
            forms += [f"F('{other}') + {r.choice(DELTAS)}"]
        if kind == "bool":
            forms = [constant, "False", f"F('{other}')"]
        return r.choice(forms)

    def plain_leaf(self, model):
        """A condition over the model's own columns: an update() joins nothing."""
        path, kind = self.own_field(model, self.r.choice(sorted(set(FIELDS[model].values()))))
        return f"{path}__isnull={self.r.choice(['True', 'False'])}"

    def update(self):
        r = self.r
        model = r.choice(sorted(WRITABLE))
        fields = r.sample(WRITABLE[model], r.choice([1, 1, 2]) if len(WRITABLE[model]) > 1 else 1)
        values = ", ".join(f"{f}={self.value_for(model, f)}" for f in fields)
        names = ", ".join(f"'{f}'" for f in ["id"] + fields)
        rows = self.rows_of(model)
        if not rows.steps:
            rows.steps.append(Step("all"))
        return Text(f"[<0>.update({values}), list({model}.objects.order_by('id').values_list({names}))]", [rows])

    def delete(self):
        model = self.r.choice(["LibReview", "LibBooktag", "LibDoc"])
        rows = self.rows_of(model, self.r.choice([1, 2])) if model != "LibDoc" else Query(model, [Step("filter", self.doc_leaf())])
        return Text(f"[<0>.delete(), list({model}.objects.order_by('id').values_list('id', flat=True))]", [rows])

    def get_or_create(self):
        r = self.r
        call, model = r.choice(["get_or_create", "update_or_create"]), r.choice(["LibTag", "LibPublisher", "LibEditor"])
        name = r.choice(["'new'", "'old'", "'nobody'", "'Acorn'", "'Ines'"])
        key = r.choice([f"name={name}", f"name__iexact={name}", f"id={r.choice([1, 2, 900])}", f"name={name}, id__lt=3"])
        default = {"LibTag": "{'name': 'made'}", "LibPublisher": "{'country': 'XX', 'founded': 3}",
                   "LibEditor": "{'desk': Lower('name')}" if call == "update_or_create" and r.random() < 0.3 else "{'desk': None}"}[model]
        names = ", ".join(f"'{f}'" for f in sorted(FIELDS[model]) if f != "id")
        return Text(f"[{model}.objects.{call}({key}, defaults={default})[1], list({model}.objects.order_by('id').values_list({names}))]",
                    [])

    def bulk(self):
        r = self.r
        ids = sorted(r.sample(range(1, 12), r.randint(1, 4)))
        if r.random() < 0.5:
            rows = ", ".join(f"LibWriter(id={i}, name={r.choice(['None', repr('w' + str(i)), 'Upper(' + repr('name') + ')'])}, "
                             f"rating={r.choice(['None', 'Decimal(' + repr('1.50') + ')', 'F(' + repr('rating') + ') + 1'])})" for i in ids)
            return Text(f"[LibWriter.objects.bulk_update([{rows}], ['rating'{r.choice(['', ', ' + repr('name')])}], "
                        f"batch_size={r.choice(['None', '1', '2'])}), "
                        "list(LibWriter.objects.order_by('id').values_list('id', 'name', 'rating'))]", [])
        rows = ", ".join(f"LibTag({r.choice(['', f'id={i}, '])}name='{r.choice(['new', 'x', 'y'])}{i % 3}')" for i in ids)
        return Text(f"[len(LibTag.objects.bulk_create([{rows}]{r.choice(['', ', ignore_conflicts=True', ', batch_size=1'])})), "
                    "list(LibTag.objects.order_by('name').values_list('name', flat=True))]", [])

    def prefetch(self):
        r = self.r
        model = r.choice([m for m in MANY if m in ONE or m in ("LibEditor", "LibTag")])
        accessor, to = r.choice(sorted(MANY[model].items()))
        field, _ = self.own_field(to, "int")
        show, _ = self.own_field(to, r.choice(["text", "int", "note"]))
        inner = self.rows_of(to)
        inner.steps.append(Step("order_by", f"'{r.choice(['', '-'])}{field}', 'id'", needed=True))
        outer = self.rows_of(model)
        outer.steps += [Step("distinct", needed=True), Step("order_by", "'id'", needed=True)]
        deeper = ""
        if to in MANY and r.random() < 0.4:
            deeper = f", '{accessor}_set__{r.choice(sorted(MANY[to]))}_set'"
        if r.random() < 0.5:
            return Text(f"[[x.id, [y.{show} for y in x.{accessor}_set.all()]] for x in <0>.prefetch_related("
                        f"Prefetch('{accessor}_set', queryset=<1>){deeper})]", [outer, inner])
        return Text(f"[[x.id, [y.{show} for y in x.hits], x.{accessor}_set.count()] for x in <0>.prefetch_related("
                    f"Prefetch('{accessor}_set', queryset=<1>, to_attr='hits'))]", [outer, inner])

    def lazy(self):
        """Foreign keys and columns that are loaded when they are looked at."""
        r = self.r
        model, names = r.choice([("LibBook", ["writer", "editor", "publisher"]), ("LibReview", ["book"]), ("LibBooktag", ["book", "tag"])])
        name = r.choice(names)
        field = r.choice(sorted(FIELDS[ONE[model][name]]))
        ready = r.choice(["", f".select_related('{name}')", f".prefetch_related('{name}')", f".only('{name}')",
                          f".select_related('{name}').only('id', '{name}__{field}')", f".defer('{name}')"])
        rows = self.rows_of(model)
        rows.steps += [Step("distinct", needed=True), Step("order_by", "'id'", needed=True), Step("[]", "[:6]", needed=True)]
        if ready:
            rows.steps[-1:] = [Step("", ready[1:], needed=True), rows.steps[-1]]
        return Text(f"[x.{name}.{field} if x.{name} else None for x in <0>]", [Query(model, rows.steps)])

    def doc_leaf(self):
        r = self.r
        path = r.choice(DOC_PATHS)
        x = r.random()
        if x < 0.15:
            return f"data__{path}__isnull={r.choice(['True', 'False'])}"
        if x < 0.3:
            return f"data__{r.choice(['', 'b__', 'a__'])}has_key={r.choice(['a', 'b', 'c', 'name', 'n', '0'])!r}"
        if x < 0.4:
            return f"data__{r.choice(['has_keys', 'has_any_keys'])}={r.sample(['a', 'b', 'n', 'name', 'tags'], 2)!r}"
        if x < 0.5:
            return f"data__{path}__{r.choice(['gt', 'lte'])}={r.choice(['1', '9', repr('A')])}"
        if x < 0.6:
            return f"data__{path}__{r.choice(['icontains', 'startswith', 'iexact'])}={r.choice(['x', 'riv', '%', '1'])!r}"
        if x < 0.7:
            return f"data__{path}__in=[{', '.join(r.sample(DOC_VALUES, 2))}]"
        if x < 0.78:
            return f"data={r.choice(DOC_VALUES)}"
        return f"data__{path}={r.choice(DOC_VALUES)}"

    def docs(self):
        r = self.r
        leaves = [Q("leaf", leaf=self.doc_leaf()) for _ in range(r.choice([1, 1, 2, 3]))]
        q = leaves[0] if len(leaves) == 1 else Q(r.choice("&|"), leaves)
        if r.random() < 0.25:
            q = Q("~", [q])
        steps = [Step(r.choice(["filter", "exclude"]), q=q)]
        x = r.random()
        if x < 0.3:
            steps += [Step("order_by", "'id'"), Step("values", f"'id', 'data__{r.choice(DOC_PATHS)}'")]
        elif x < 0.45:
            steps.append(Step("count"))
        elif x < 0.6:
            steps.append(Step("update", f"data={r.choice(DOC_VALUES)}"))
        return Query("LibDoc", steps)

    def moments(self):
        r = self.r
        delta = r.choice(DELTAS)
        form = r.choice([f"LibBook.objects.filter(created__{r.choice(['gt', 'lte'])}=F('created') {r.choice('+-')} {delta}).count()",
                         f"LibReview.objects.filter(written__gt=F('book__created') {r.choice('+-')} {delta})",
                         f"LibBook.objects.annotate(x=ExpressionWrapper(F('created') {r.choice('+-')} {delta}, output_field=DateTimeField())).order_by('id')",
                         f"LibReview.objects.filter(spent__{r.choice(['gt', 'lt', 'exact'])}={delta.replace('-3', '3')}).count()",
                         f"LibBook.objects.filter(isbn__in=[b.isbn for b in LibBook.objects.filter(id__lt={r.randint(1, 9)}) if b.isbn]).order_by('id')",
                         f"LibBook.objects.filter(isbn={r.choice(['None', repr('001234567890abcdef1234567890abcd'), 'UUID(' + repr('00123456-7890-abcd-ef12-34567890abcd') + ')'])})",
                         f"LibBook.objects.datetimes('created', '{r.choice(['year', 'month', 'week', 'day', 'hour', 'minute'])}', order='{r.choice(['ASC', 'DESC'])}')",
                         f"LibBook.objects.filter(created__{r.choice(['date', 'time', 'year', 'week_day', 'hour'])}__in=[{r.choice(['2026', '1, 3', repr('2026-01-01')])}]).count()",
                         f"LibBook.objects.values('created__{r.choice(['year', 'month', 'date'])}').annotate(n=Count('id'), m=Max('pages')).filter(n__gt={r.randint(0, 6)}).order_by('-m', 'n')",
                         f"LibBook.objects.{r.choice(['latest', 'earliest'])}('{r.choice(['created', '-created', 'released', 'pages'])}', 'id')",
                         f"LibBook.objects.order_by('id').values_list('{r.choice(['created__hour', 'opens__minute', 'released__quarter', 'created__iso_year'])}', flat=True)[:{r.randint(1, 20)}]"])
        return Text(form, [])

    def unions(self):
        r = self.r
        model = r.choice(["LibBook", "LibWriter", "LibReview"])
        columns = sorted(r.sample(sorted(f for f in FIELDS[model] if f != "id"), 1)) + ["id"]
        names = ", ".join(f"'{c}'" for c in columns)
        tail = r.choice(["", f".values({names})", f".values_list({names})"])
        end = r.choice(["", ".order_by('id')", ".order_by('-id')[1:4]", ".count()", ".order_by('id').first()", ".order_by('id')[:3]",
                        ".exists()", f".order_by('{columns[0]}', 'id')"])
        op = r.choice(["union", "intersection", "difference"])
        more = f", <2>{tail}" if r.random() < 0.3 else ""
        everything = ", all=True" if op == "union" and r.random() < 0.3 else ""
        chains = [self.rows_of(model, 1) for _ in range(3 if more else 2)]
        return Text(f"<0>{tail}.{op}(<1>{tail}{more}{everything}){end}", chains)

    def picks(self):
        r = self.r
        model = r.choice(["LibBook", "LibWriter", "LibReview"])
        rows = self.rows_of(model)
        end = r.choice([f".in_bulk([{', '.join(str(r.randint(1, 45)) for _ in range(3))}])", f".order_by('id')[{r.randint(0, 9)}]",
                        f".order_by('-id')[{r.randint(0, 5)}:{r.randint(3, 9)}][{r.randint(0, 2)}:{r.randint(1, 4)}]",
                        f".get(id={r.randint(1, 12)})", ".order_by('id')[::4]", ".order_by('id').reverse()[:3]", ".order_by('id').last()"])
        if not rows.steps:
            rows.steps.append(Step("all"))
        return Text(f"<0>{end}", [rows])

    def query(self):
        r = self.r
        return r.choice([self.update, self.update, self.delete, self.get_or_create, self.bulk, self.prefetch, self.prefetch,
                         self.lazy, self.docs, self.docs, self.moments, self.unions, self.picks])()
