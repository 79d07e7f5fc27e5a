#include "reports/html/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/html/axis.h"
#include "reports/html/sql.h"

#define LANES_SHOWN 14
#define FANS_SHOWN  400
#define GRID        10000.0 /* horizontal units */
#define LANE_HEIGHT 34
#define BAR_TOP     8
#define BAR_HEIGHT  14
#define BAR_WIDTH   12 /* at least, in units */
#define GAP         8  /* units between bars that are told apart */

struct lane {
    size_t query;
    bool is_parent, is_child; /* in an open finding */
    size_t finding;           /* number of the first finding that it belongs to; 0: none */
    uint64_t executions, first_ns, last_ns, caused;
};

struct lanes {
    struct lane *lane; /* one a query; the first `shown` are drawn */
    size_t count, shown;
    size_t *of_query; /* place of a query's lane */
};

static void find_findings(const struct n1_report *r, struct lane *lane)
{
    uint64_t fingerprint = r->query[lane->query].statement.fingerprint;
    size_t number = 0;
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct n1_finding *f = &r->finding[i];
        if (f->is_suppressed)
            continue;
        number++;
        bool is_parent = f->has_parent && f->parent.fingerprint == fingerprint,
             is_child = f->child.fingerprint == fingerprint;
        lane->is_parent |= is_parent;
        lane->is_child |= is_child;
        if ((is_parent || is_child) && lane->finding == 0)
            lane->finding = number;
    }
}

/* Those of findings first, parents above their children; then by how often they ran. */
static int lane_order(const void *x, const void *y)
{
    const struct lane *a = x, *b = y;
    size_t finding_a = a->finding ? a->finding : SIZE_MAX, finding_b = b->finding ? b->finding : SIZE_MAX;
    if (finding_a != finding_b)
        return finding_a < finding_b ? -1 : 1;
    if (a->is_child != b->is_child)
        return a->is_child ? 1 : -1;
    if (a->executions != b->executions)
        return a->executions > b->executions ? -1 : 1;
    return a->query < b->query ? -1 : a->query > b->query;
}

static size_t query_of(const struct n1_report *r, const struct n1_execution *e)
{
    return e->path < r->n_paths && r->path[e->path].query < r->n_queries ? r->path[e->path].query : SIZE_MAX;
}

static void lanes_init(struct lanes *lanes, const struct n1_report *r)
{
    lanes->count = r->n_queries;
    lanes->lane = g_new0(struct lane, r->n_queries + 1);
    lanes->of_query = g_new0(size_t, r->n_queries + 1);
    for (size_t i = 0; i < r->n_queries; i++)
        lanes->lane[i].query = i;
    for (size_t i = 0; i < r->n_executions; i++) {
        const struct n1_execution *e = &r->execution[i];
        size_t query = query_of(r, e);
        if (query == SIZE_MAX)
            continue;
        struct lane *lane = &lanes->lane[query];
        lane->first_ns = lane->executions++ ? lane->first_ns : e->start_ns;
        lane->last_ns = MAX(lane->last_ns, n1_axis_end_of(e));
        lane->caused += e->cause < r->n_executions;
    }
    for (size_t i = 0; i < r->n_queries; i++) {
        if (r->n_executions == 0)
            lanes->lane[i].executions = r->query[i].statement.executions;
        if (lanes->lane[i].executions > 0 && i < 2000) /* findings are searched for each of them */
            find_findings(r, &lanes->lane[i]);
    }
    qsort(lanes->lane, lanes->count, sizeof *lanes->lane, lane_order);
    for (size_t i = 0; i < lanes->count; i++)
        lanes->of_query[lanes->lane[i].query] = i;
    while (lanes->shown < MIN(lanes->count, LANES_SHOWN) && lanes->lane[lanes->shown].executions > 0)
        lanes->shown++;
}

static const char *class_of(const struct lane *lane)
{
    return lane->is_child ? "child" : lane->is_parent ? "parent" : "other";
}

static unsigned grid(const struct n1_axis *axis, uint64_t ns)
{
    return (unsigned)(CLAMP(n1_axis_at(axis, ns), 0.0, 1.0) * GRID + 0.5);
}

/* Bars that touch become one: the path grows with what can be seen, not with the executions. */
static void bars(struct n1_html *page, const struct lanes *lanes, size_t at, const struct n1_axis *axis)
{
    const struct n1_report *r = page->report;
    unsigned from = 0, to = 0, top = (unsigned)at * LANE_HEIGHT + BAR_TOP;
    bool is_open = false;
    n1_html_format(page, "<path class=\"%s\" d=\"", class_of(&lanes->lane[at]));
    for (size_t i = 0; i <= r->n_executions; i++) {
        const struct n1_execution *e = i < r->n_executions ? &r->execution[i] : NULL;
        if (e && query_of(r, e) != lanes->lane[at].query)
            continue;
        unsigned x = e ? grid(axis, e->start_ns) : 0, end = e ? MAX(grid(axis, n1_axis_end_of(e)), x + BAR_WIDTH) : 0;
        if (e && is_open && x <= to + GAP) {
            to = MAX(to, end);
            continue;
        }
        if (is_open)
            n1_html_format(page, "M%u %uh%uv%dh-%uz", from, top, to - from, BAR_HEIGHT, to - from);
        from = x;
        to = end;
        is_open = true;
    }
    n1_html_put(page, "\"/>\n");
}

struct fan {
    size_t cause, lane; /* execution; lane of the caused ones */
    uint64_t first_ns, last_ns, count;
};

static guint fan_hash(gconstpointer p)
{
    const struct fan *f = p;
    return (guint)(f->cause * 31 + f->lane);
}

static gboolean fan_equal(gconstpointer x, gconstpointer y)
{
    const struct fan *a = x, *b = y;
    return a->cause == b->cause && a->lane == b->lane;
}

static int fan_order(const void *x, const void *y)
{
    const struct fan *a = *(const struct fan *const *)x, *b = *(const struct fan *const *)y;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->cause != b->cause)
        return a->cause < b->cause ? -1 : 1;
    return a->lane < b->lane ? -1 : a->lane > b->lane;
}

/* All fans between lanes that are drawn, the widest counts first. */
static GPtrArray *find_fans(const struct n1_report *r, const struct lanes *lanes)
{
    GHashTable *known = g_hash_table_new(fan_hash, fan_equal);
    GPtrArray *fans = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < r->n_executions; i++) {
        const struct n1_execution *e = &r->execution[i];
        size_t query = query_of(r, e);
        size_t cause = e->cause < r->n_executions ? query_of(r, &r->execution[e->cause]) : SIZE_MAX;
        if (query == SIZE_MAX || cause == SIZE_MAX || lanes->of_query[query] >= lanes->shown ||
            lanes->of_query[cause] >= lanes->shown)
            continue;
        struct fan key = {.cause = e->cause, .lane = lanes->of_query[query]}, *fan = g_hash_table_lookup(known, &key);
        if (!fan) {
            fan = g_memdup2(&key, sizeof key);
            fan->first_ns = e->start_ns;
            g_hash_table_add(known, fan);
            g_ptr_array_add(fans, fan);
        }
        fan->count++;
        fan->last_ns = MAX(fan->last_ns, n1_axis_end_of(e));
    }
    g_hash_table_destroy(known);
    g_ptr_array_sort(fans, fan_order);
    return fans;
}

static void draw_fans(struct n1_html *page, const struct lanes *lanes, const struct n1_axis *axis)
{
    const struct n1_report *r = page->report;
    GPtrArray *fans = find_fans(r, lanes);
    n1_html_put(page, "<g class=\"fans\">\n");
    for (guint i = 0; i < fans->len && i < FANS_SHOWN; i++) {
        const struct fan *fan = g_ptr_array_index(fans, i);
        const struct n1_execution *cause = &r->execution[fan->cause];
        size_t from_lane = lanes->of_query[query_of(r, cause)];
        bool is_downwards = from_lane <= fan->lane;
        int from_y = (int)from_lane * LANE_HEIGHT + BAR_TOP + (is_downwards ? BAR_HEIGHT : 0);
        int to_y = (int)fan->lane * LANE_HEIGHT + BAR_TOP + (is_downwards ? 0 : BAR_HEIGHT);
        unsigned x = grid(axis, cause->start_ns), x2 = MAX(grid(axis, n1_axis_end_of(cause)), x + BAR_WIDTH);
        unsigned left = grid(axis, fan->first_ns), right = MAX(grid(axis, fan->last_ns), left + BAR_WIDTH);
        n1_html_format(page, "<path d=\"M%u %dL%u %dL%u %dL%u %dz\"/>\n", x, from_y, x2, from_y, right, to_y, left,
                       to_y);
    }
    n1_html_put(page, "</g>\n");
    g_ptr_array_free(fans, TRUE);
}

static void cuts(struct n1_html *page, const struct n1_axis *axis, unsigned height)
{
    for (size_t i = 0; i < axis->n_cuts; i++) {
        unsigned from = grid(axis, axis->cut[i].from_ns), to = grid(axis, axis->cut[i].to_ns);
        n1_html_format(page, "<rect class=\"cut\" x=\"%u\" y=\"0\" width=\"%u\" height=\"%u\"><title>idle for ", from,
                       MAX(to - from, 1), height);
        n1_html_duration(page, axis->cut[i].to_ns - axis->cut[i].from_ns);
        n1_html_put(page, "</title></rect>\n");
    }
}

static void lane_names(struct n1_html *page, const struct lanes *lanes)
{
    n1_html_put(page, "<ol class=\"lanes\">\n");
    for (size_t i = 0; i < lanes->shown; i++) {
        const struct lane *lane = &lanes->lane[i];
        const struct n1_statement *s = &page->report->query[lane->query].statement;
        n1_html_format(page, "<li class=\"%s\"><b>", class_of(lane));
        n1_html_count(page, lane->executions);
        char *name = n1_html_query_name(s);
        n1_html_put(page, " ×</b> ");
        n1_html_line(page, name, N1_CLEAN_LABEL);
        if (s->location.function) {
            n1_html_put(page, " <span>");
            n1_html_line(page, s->location.function, N1_CLEAN_LABEL);
            n1_html_put(page, "</span>");
        }
        n1_html_put(page, "</li>\n");
        g_free(name);
    }
    n1_html_put(page, "</ol>\n");
}

static void drawing(struct n1_html *page, const struct lanes *lanes)
{
    const struct n1_report *r = page->report;
    struct n1_axis axis;
    n1_axis_init(&axis, r->execution, r->n_executions);
    unsigned height = (unsigned)lanes->shown * LANE_HEIGHT;
    n1_html_put(page, "<div class=\"timeline\">\n");
    lane_names(page, lanes);
    n1_html_format(
        page,
        "<div class=\"plot\"><svg id=\"timeline-plot\" role=\"img\" aria-label=\"Executions in time, a lane a query; "
        "the table below says the same\" viewBox=\"0 0 %d %u\" height=\"%u\" preserveAspectRatio=\"none\">\n",
        (int)GRID, height, height);
    cuts(page, &axis, height);
    draw_fans(page, lanes, &axis);
    for (size_t i = 0; i < lanes->shown; i++)
        bars(page, lanes, i, &axis);
    n1_html_put(page, "</svg>\n<p class=\"ends\"><span>");
    n1_html_duration(page, axis.start_ns);
    n1_html_put(page, "</span> <span>");
    n1_html_duration(page, axis.end_ns);
    n1_html_put(page, " after the recording began</span></p></div></div>\n");
    n1_html_put(
        page, "<p class=\"key\"><span class=\"parent\">returns the rows</span> <span class=\"child\">runs for each of "
              "them</span> <span class=\"other\">others</span> <span class=\"cut\">idle, cut out</span></p>\n");
}

static void table(struct n1_html *page, const struct lanes *lanes)
{
    bool is_timed = page->report->n_executions > 0;
    n1_html_put(
        page,
        "<details class=\"as-table\"><summary>The same as a table</summary>\n<div class=\"scroll\" role=\"region\" "
        "aria-label=\"Timeline as a table\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">Query</th>"
        "<th scope=\"col\" class=\"n\">Times</th>");
    if (is_timed)
        n1_html_put(page, "<th scope=\"col\" class=\"n\">First begins</th><th scope=\"col\" class=\"n\">Last ends</th>"
                          "<th scope=\"col\" class=\"n\">Caused by rows of another</th>");
    n1_html_put(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < lanes->shown; i++) {
        const struct lane *lane = &lanes->lane[i];
        n1_html_put(page, "<tr><th scope=\"row\"><code>");
        n1_html_sql_line(page, page->report->query[lane->query].statement.sql, N1_CLEAN_LABEL);
        n1_html_put(page, "</code></th><td class=\"n\">");
        n1_html_count(page, lane->executions);
        if (is_timed) {
            n1_html_put(page, "</td><td class=\"n\">");
            n1_html_duration(page, lane->first_ns);
            n1_html_put(page, "</td><td class=\"n\">");
            n1_html_duration(page, lane->last_ns);
            n1_html_put(page, "</td><td class=\"n\">");
            n1_html_count(page, lane->caused);
        }
        n1_html_put(page, "</td></tr>\n");
    }
    n1_html_put(page, "</tbody></table></div></details>\n");
}

/* What stands in for bars when no timeline was kept. */
static void counts(struct n1_html *page, const struct lanes *lanes)
{
    uint64_t most = 1;
    for (size_t i = 0; i < lanes->shown; i++)
        most = MAX(most, lanes->lane[i].executions);
    n1_html_put(page, "<p>No timeline was kept; how often each query ran:</p>\n<div class=\"timeline\">\n");
    lane_names(page, lanes);
    n1_html_format(page, "<div class=\"plot\"><svg aria-hidden=\"true\" height=\"%u\" width=\"100%%\">\n",
                   (unsigned)lanes->shown * LANE_HEIGHT);
    for (size_t i = 0; i < lanes->shown; i++) {
        n1_html_format(page, "<rect class=\"%s\" y=\"%zu\" height=\"%d\"", class_of(&lanes->lane[i]),
                       i * LANE_HEIGHT + BAR_TOP, BAR_HEIGHT);
        n1_html_share(page, "width", (double)lanes->lane[i].executions / (double)most);
        n1_html_put(page, "/>\n");
    }
    n1_html_put(page, "</svg></div></div>\n");
}

void n1_html_timeline(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    struct lanes lanes = {0};
    if (r->n_queries == 0)
        return;
    lanes_init(&lanes, r);
    n1_html_put(
        page, "<section id=\"timeline\" aria-labelledby=\"timeline-title\">\n<h2 id=\"timeline-title\">In time</h2>\n");
    if (r->n_executions > 0)
        drawing(page, &lanes);
    else
        counts(page, &lanes);
    table(page, &lanes);
    if (lanes.count > lanes.shown)
        n1_html_format(page, "<p class=\"rest\">and %zu more in the json report</p>\n", lanes.count - lanes.shown);
    if (r->n_executions > 0 && r->n_executions < r->totals.statements) {
        n1_html_put(page, "<p class=\"rest\">Shown: the first ");
        n1_html_counted(page, r->n_executions, "execution", "executions");
        n1_html_put(page, ".</p>\n");
    }
    n1_html_put(page, "</section>\n");
    g_free(lanes.lane);
    g_free(lanes.of_query);
}
