#include "reports/html/flame.h"

#include "reports/escape.h"
#include "reports/html/sql.h"
#include "reports/html/tree.h"

#define BOX_HEIGHT      20
#define BOXES_SHOWN     320   /* in each of the two graphs */
#define LEAST_SHARE     0.001 /* narrower boxes cannot be seen */
#define PATHS_SHOWN     12
#define FUNCTIONS_SHOWN 8 /* of a path in the table, the innermost */

static const char *const part_class[] = {[N1_TREE_OWN] = "own", [N1_TREE_LIBRARY] = "lib", [N1_TREE_QUERY] = "sql"};

struct graph {
    struct n1_html *page;
    enum n1_tree_weight by;
    uint64_t total, least;
    unsigned deepest;
    size_t left_out;
};

static void weight(struct n1_html *page, enum n1_tree_weight by, uint64_t n)
{
    if (by == N1_TREE_TIME)
        n1_html_duration(page, n);
    else
        n1_html_counted(page, n, "execution", "executions");
}

/* A nested <svg> cuts its text off at its own edge; all lengths are shares, so the page may have any width. */
static void box(struct graph *graph, const struct n1_tree *node, double x, unsigned depth)
{
    struct n1_html *page = graph->page;
    uint64_t w = node->weight[graph->by];
    n1_html_format(page, "<svg class=\"%s\" y=\"%u\" height=\"%d\"", part_class[node->part], depth * BOX_HEIGHT,
                   BOX_HEIGHT);
    n1_html_share(page, "x", x);
    n1_html_share(page, "width", (double)w / (double)graph->total);
    n1_html_put(page, "><title>");
    n1_html_line(page, node->statement ? node->statement->sql : node->name, N1_CLEAN_LABEL);
    n1_html_put(page, ": ");
    weight(page, graph->by, w);
    n1_html_put(page, ", ");
    n1_html_percent(page, w, graph->total);
    n1_html_put(page, "</title><rect/><text>");
    n1_html_line(page, node->name, N1_CLEAN_LABEL);
    n1_html_put(page, "</text></svg>\n");
}

static void boxes(struct graph *graph, const struct n1_tree *tree, double x, unsigned depth)
{
    if (!tree->children)
        return;
    for (guint i = 0; i < tree->children->len; i++) {
        const struct n1_tree *child = g_ptr_array_index(tree->children, i);
        double share = (double)child->weight[graph->by] / (double)graph->total;
        bool has_room = graph->page->out->len < N1_HTML_BYTES_FLAMES / N1_TREE_WEIGHTS;
        if (child->weight[graph->by] < graph->least || share < LEAST_SHARE || x >= 1.0 || !has_room) {
            graph->left_out++;
            continue;
        }
        graph->deepest = MAX(graph->deepest, depth + 1);
        box(graph, child, x, depth);
        boxes(graph, child, x, depth + 1);
        x += share;
    }
}

static void draw(struct n1_html *page, struct n1_tree *tree, enum n1_tree_weight by)
{
    static const char *const name[] = {[N1_TREE_EXECUTIONS] = "executions", [N1_TREE_TIME] = "time"};
    static const char *const title[] = {
        [N1_TREE_EXECUTIONS] = "By executions", [N1_TREE_TIME] = "By time in the database"};
    struct graph graph = {
        .page = page, .by = by, .total = tree->weight[by], .least = n1_tree_threshold(tree, by, BOXES_SHOWN)};
    if (graph.total == 0)
        return;
    n1_tree_sort(tree, by);
    GString *whole = page->out;
    page->out = g_string_new(NULL); /* the height stands in front of the boxes and is known behind them */
    boxes(&graph, tree, 0.0, 0);
    GString *drawn = page->out;
    page->out = whole;
    n1_html_format(page, "<div class=\"flame\" id=\"flame-%s\" data-name=\"%s\">\n<h3>", name[by], title[by]);
    weight(page, by, graph.total);
    n1_html_format(
        page,
        "%s</h3>\n<svg class=\"graph\" width=\"100%%\" height=\"%u\" role=\"img\" aria-label=\"Flame graph by %s; the "
        "table below names the heaviest paths\">\n",
        by == N1_TREE_TIME ? " in the database" : "", graph.deepest * BOX_HEIGHT,
        by == N1_TREE_TIME ? "time" : "executions");
    g_string_append_len(page->out, drawn->str, (gssize)drawn->len);
    g_string_free(drawn, TRUE);
    n1_html_put(page, "</svg>\n");
    if (graph.left_out > 0) {
        n1_html_put(page, "<p class=\"rest\">");
        n1_html_counted(page, graph.left_out, "branch is", "branches are");
        n1_html_put(page, " too narrow to be drawn; the folded and speedscope reports have all of them.</p>\n");
    }
    n1_html_put(page, "</div>\n");
}

static gint most_executions(gconstpointer x, gconstpointer y)
{
    const struct n1_path *a = *(const struct n1_path *const *)x, *b = *(const struct n1_path *const *)y;
    if (a->executions != b->executions)
        return a->executions > b->executions ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* The user's functions from the outside in. */
static void path_words(struct n1_html *page, const struct n1_stack *stack)
{
    bool is_first = true;
    size_t own = 0;
    for (size_t i = 0; i < stack->count; i++)
        own += stack->frame[i].is_user_code && stack->frame[i].function;
    n1_html_put(page, own > FUNCTIONS_SHOWN ? "… › " : "");
    for (size_t i = stack->count; i-- > 0;) {
        const struct n1_frame *f = &stack->frame[i];
        if (!f->is_user_code || !f->function || own-- > FUNCTIONS_SHOWN)
            continue;
        n1_html_put(page, is_first ? "<code>" : " › <code>");
        n1_html_line(page, f->function, N1_CLEAN_LABEL / 2);
        n1_html_put(page, "</code>");
        is_first = false;
    }
    if (is_first)
        n1_html_put(page, "no code of your own");
}

static void table(struct n1_html *page)
{
    const struct n1_report *r = page->report;
    GPtrArray *paths = g_ptr_array_new();
    for (size_t i = 0; i < r->n_paths; i++)
        if (r->path[i].query < r->n_queries)
            g_ptr_array_add(paths, (gpointer)&r->path[i]);
    g_ptr_array_sort(paths, most_executions);
    n1_html_put(page,
                "<details class=\"as-table\"><summary>The heaviest paths as a table</summary>\n<div class=\"scroll\" "
                "role=\"region\" aria-label=\"Call paths as a table\" tabindex=\"0\"><table>\n<thead><tr><th "
                "scope=\"col\">Call path</th><th scope=\"col\">Query</th><th scope=\"col\" class=\"n\">Times</th><th "
                "scope=\"col\" class=\"n\">Time</th></tr></thead>\n<tbody>\n");
    for (guint i = 0; i < paths->len && i < PATHS_SHOWN; i++) {
        const struct n1_path *path = g_ptr_array_index(paths, i);
        n1_html_put(page, "<tr><th scope=\"row\">");
        path_words(page, &path->stack);
        n1_html_put(page, "</th><td><code>");
        n1_html_sql_line(page, r->query[path->query].statement.sql, N1_CLEAN_LABEL);
        n1_html_put(page, "</code></td><td class=\"n\">");
        n1_html_count(page, path->executions);
        n1_html_put(page, "</td><td class=\"n\">");
        n1_html_duration(page, path->db_time_ns);
        n1_html_put(page, "</td></tr>\n");
    }
    n1_html_put(page, "</tbody></table></div></details>\n");
    g_ptr_array_free(paths, TRUE);
}

void n1_html_flames(struct n1_html *page)
{
    if (page->report->n_paths == 0)
        return;
    n1_html_put(page,
                "<section id=\"paths\" aria-labelledby=\"paths-title\">\n<h2 id=\"paths-title\">Call paths</h2>\n"
                "<p class=\"key\"><span class=\"own\">your code</span> <span class=\"lib\">libraries</span> <span "
                "class=\"sql\">queries</span></p>\n");
    struct n1_tree *tree = n1_tree_new(&page->places, page->report);
    draw(page, tree, N1_TREE_EXECUTIONS);
    draw(page, tree, N1_TREE_TIME);
    n1_tree_free(tree);
    table(page);
    n1_html_put(page, "</section>\n");
}
