"""Plain C programs on libsqlite3 and libpq: with debug information the line, stripped the exported function and module."""
import os

from harness import case, expect, expect_equal, expect_link, expect_place, only_finding

ORDERS, CUSTOMERS = 120, 40


class Shop:
    def __init__(self, the_case, library, database):
        self.case, self.library, self.database = the_case, library, database
        self.source = f"examples/c_{library}/shop.c"

    def page(self, mode, stripped=False):
        program = self.case.program(f"shop_{self.library}" + ("_stripped" if stripped else ""))
        report, run = self.case.profile(program, self.database, mode)
        plain = self.case.run(program, self.database, mode)
        expect_equal((run.out, run.err), (plain.out, plain.err), f"output of {mode} under the profiler")
        expect(run.out.count("\n") in (ORDERS, CUSTOMERS), "the page is empty")
        expect_equal(report["trace"]["complete"], True, "complete")
        expect_equal(report["totals"]["failed"], 0, "failed statements")
        return report

    def forward(self, mode, touch, function, stripped=False):
        report = self.page(mode, stripped)
        finding = only_finding(report)
        expect_equal(finding["confidence"], "proven", "confidence")
        expect_link(finding, "shop_order.customer_id", "customer.id", "to_one")
        expect_equal(finding["suggestion"]["action"], "select_related", "action")
        expect_equal(finding["suggestion"]["queries_after"], 1, "queries after")
        expect_equal((finding["evidence"]["executions"], finding["evidence"]["parent_rows"]), (ORDERS, ORDERS), "evidence")
        expect_equal(finding["evidence"]["distinct_parameters"], CUSTOMERS, "distinct parameters")
        expect_equal(finding["child"]["rows"], ORDERS, "rows of the child")
        self.place(finding, touch, function, stripped)
        return report, finding

    def reverse(self, mode, touch, function, stripped=False):
        finding = only_finding(self.page(mode, stripped))
        expect_equal(finding["confidence"], "proven", "confidence")
        expect_link(finding, "customer.id", "shop_order.customer_id", "to_many")
        expect_equal(finding["suggestion"]["action"], "prefetch_related", "action")
        expect_equal(finding["suggestion"]["queries_after"], 2, "queries after")
        expect_equal(finding["evidence"]["executions"], CUSTOMERS, "executions")
        expect_equal(finding["child"]["rows"], ORDERS, "rows of the child")
        self.place(finding, touch, function, stripped)

    def place(self, finding, touch, function, stripped):
        if not stripped:
            expect_place(finding["child"], self.source, self.case.line_of(touch, self.source), function)
            return
        own = [frame for frame in finding["child"]["stack"] if frame["user_code"]]
        expect(own, "no frame of the user's code:", finding["child"]["stack"])
        expect_equal(os.path.basename(own[0]["module"] or ""), f"shop_{self.library}_stripped", "module")
        for frame in own:
            expect(frame["file"] is None and frame["line"] is None, "a line without debug information:", frame)
        names = [frame["function"] for frame in own if frame["function"]]
        expect("shop_" in " ".join(names), "no exported function's name in", own)

    def silent(self, mode, statements, stripped=False):
        report = self.page(mode, stripped)
        expect_equal([f["message"] for f in report["findings"]], [], f"findings of {mode}")
        expect_equal(report["totals"]["statements"], statements, f"statements of {mode}")


SQLITE_TOUCH = "int rc = sqlite3_step(find_customer);", "shop_customer_name"
SQLITE_TOUCH_REVERSE = "while (sqlite3_step(find_orders) == SQLITE_ROW) {", "shop_count_orders"
LIBPQ_TOUCH = 'PQexecParams(db, "SELECT name FROM customer', "shop_find_customer"
LIBPQ_TOUCH_PREPARED = 'PQexecPrepared(db, "find_customer", 1, values', "shop_find_customer_prepared"


@case
def c_sqlite(the_case):
    shop = Shop(the_case, "sqlite", the_case.shop())
    report, finding = shop.forward("slow", *SQLITE_TOUCH)
    expect_equal(report["totals"]["statements"], 1 + ORDERS, "statements")
    expect_equal(report["totals"]["rows"], 2 * ORDERS, "rows")
    expect_equal(report["totals"]["connections"], 1, "connections")
    expect_place(finding["parent"], shop.source,
                 the_case.line_of("while (!failed && sqlite3_step(orders) == SQLITE_ROW) {", shop.source), "shop_print_orders")
    expect_equal(finding["evidence"]["within_cursor"], True, "within a cursor")
    shop.silent("fast", 1)
    shop.reverse("slow_reverse", *SQLITE_TOUCH_REVERSE)
    shop.silent("fast_reverse", 2)


@case
def c_sqlite_without_stacks(the_case):
    """The values still prove it; nothing is said of where the look-ups come from."""
    report, _ = the_case.profile(the_case.program("shop_sqlite"), the_case.shop(), "slow", options=("--no-stacks",))
    finding = only_finding(report)
    expect_equal((finding["confidence"], finding["evidence"]["same_call_path"]), ("proven", False), "proof")


@case
def c_sqlite_stripped(the_case):
    shop = Shop(the_case, "sqlite", the_case.shop())
    shop.forward("slow", *SQLITE_TOUCH, stripped=True)
    shop.reverse("slow_reverse", *SQLITE_TOUCH_REVERSE, stripped=True)
    shop.silent("fast", 1, stripped=True)


def libpq_shop(the_case):
    shop = Shop(the_case, "libpq", the_case.postgres())
    the_case.run(the_case.program("shop_libpq"), shop.database, "seed")
    return shop


@case
def c_libpq(the_case):
    shop = libpq_shop(the_case)
    report, _ = shop.forward("slow", *LIBPQ_TOUCH)
    expect_equal(report["totals"]["statements"], 1 + ORDERS, "statements")
    shop.forward("slow_prepared", *LIBPQ_TOUCH_PREPARED)
    shop.silent("fast", 1)
    shop.reverse("slow_reverse", 'PQexecParams(db, "SELECT id, total FROM shop_order', "shop_find_orders")
    shop.silent("fast_reverse", 1)


@case
def c_libpq_stripped(the_case):
    shop = libpq_shop(the_case)
    shop.forward("slow", *LIBPQ_TOUCH, stripped=True)
    shop.forward("slow_prepared", *LIBPQ_TOUCH_PREPARED, stripped=True)
    shop.silent("fast", 1, stripped=True)
