#include "analyzer/gate/check.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/gate/callpath.h"
#include "analyzer/gate/housekeeping.h"
#include "analyzer/gate/match.h"

struct check {
    struct n1_check_input *in;
    struct n1_verdict *verdict;
    struct n1_gate_items *items;
    GArray *pending; /* of struct pending: pairs speak of entries, which must not go while they are judged */
};

/* fresh takes the place of the entry with the id. */
struct pending {
    struct n1_gate_entry fresh;
    char id[17];
};

/* ---- lines --------------------------------------------------------------------------------------------------------------- */

static const char *take(struct n1_verdict *v, char *text)
{
    const char *kept = n1_verdict_text(v, text);
    g_free(text);
    return kept;
}

/* By its own id, or by the finding's, which stands in every report. */
static bool is_listed(const struct check *c, const struct n1_gate_item *item)
{
    for (const char *const *a = c->in->accept; a && *a; a++)
        if (strcmp(*a, item->id) == 0 || (item->finding && strcmp(*a, item->finding->id) == 0))
            return true;
    return false;
}

static struct n1_verdict_line *about_item(const struct check *c, enum n1_change change, const struct n1_gate_item *item)
{
    struct n1_verdict *v = c->verdict;
    struct n1_verdict_line *line = n1_verdict_add(v, change);
    line->id = n1_verdict_text(v, item->id);
    line->subject = n1_verdict_text(v, item->sql);
    line->path = take(v, n1_gate_callpath_words(item->path));
    line->where = item->where;
    line->finding = item->finding;
    double ratio = item->form == N1_FORM_PER_ROW && item->parent_rows > 0
                       ? (double)item->executions / (double)item->parent_rows
                       : (double)item->executions;
    line->count_now = ratio;
    line->now = take(v, item->form == N1_FORM_WRITTEN ? n1_gate_measure(N1_FORM_COUNT, item->executions, 0)
                                                      : n1_gate_measure(item->form, item->executions, ratio));
    return line;
}

static void before(const struct check *c, struct n1_verdict_line *line, const struct n1_gate_entry *e)
{
    line->before = take(c->verdict, n1_gate_measure(e->form, e->executions, e->slope));
    line->count_before = e->form == N1_FORM_COUNT ? (double)e->executions : e->slope;
}

static void replace(struct check *c, const struct n1_gate_entry *fresh, const struct n1_gate_entry *old)
{
    struct pending p = {.fresh = *fresh};
    if (old)
        memcpy(p.id, old->id, sizeof p.id);
    g_array_append_val(c->pending, p);
}

/* Takes the item into the baseline in the place of the entry that was there. */
static void accept(struct check *c, const struct n1_gate_item *item, const struct n1_gate_entry *old)
{
    struct n1_gate_entry fresh = n1_gate_entry_of(item);
    if (old) {
        fresh.note = old->note;
        fresh.tolerance_text = old->tolerance_text;
        fresh.tolerance = old->tolerance;
    }
    replace(c, &fresh, old);
}

static void apply(struct check *c)
{
    for (guint i = 0; i < c->pending->len; i++)
        n1_baseline_remove(c->in->baseline, g_array_index(c->pending, struct pending, i).id);
    for (guint i = 0; i < c->pending->len; i++)
        n1_baseline_put(c->in->baseline, &g_array_index(c->pending, struct pending, i).fresh);
    c->in->has_changed = c->pending->len > 0;
    n1_baseline_sort(c->in->baseline);
}

static bool may_fail(const struct check *c, enum n1_change change, const struct n1_gate_item *item)
{
    unsigned what = change == N1_CHANGE_ABOVE ? N1_FAIL_ON_COUNT : item->kinds;
    return (c->in->fail_on & what) != 0;
}

/* Something is worse than accepted: fails, unless this run accepts it. */
static struct n1_verdict_line *worse(struct check *c, enum n1_change change, const struct n1_gate_pair *p)
{
    struct n1_verdict_line *line = about_item(c, change, p->item);
    if (p->entry)
        before(c, line, p->entry);
    line->fails = may_fail(c, change, p->item);
    line->command = n1_verdict_printf(c->verdict, "%s --accept %s", c->in->command, p->item->id);
    if (c->in->update == N1_UPDATE_ALL || is_listed(c, p->item)) {
        accept(c, p->item, p->entry);
        line->fails = false;
        line->is_accepted = true;
        line->command = NULL;
    }
    return line;
}

/* ---- judging one pair ------------------------------------------------------------------------------------------------------ */

static void judge_new(struct check *c, const struct n1_gate_pair *p)
{
    if (p->item->kinds != 0) {
        struct n1_verdict_line *line = worse(c, N1_CHANGE_NEW_FINDING, p);
        line->message = n1_verdict_text(c->verdict, p->item->finding ? p->item->finding->message : NULL);
        return;
    }
    struct n1_verdict_line *line = about_item(c, N1_CHANGE_NEW_STATEMENT, p->item);
    line->is_accepted = c->in->update == N1_UPDATE_ALL || is_listed(c, p->item);
    if (line->is_accepted)
        accept(c, p->item, NULL);
}

static void judge_stale(struct check *c, const struct n1_gate_entry *e)
{
    uint64_t rows;
    if (e->parent && n1_gate_items_ran(c->items, e->parent, &rows) && rows == 0)
        return; /* no rows today: nothing to say */
    for (guint i = 0; i < c->items->suppressed->len; i++) {
        const struct n1_finding *f = g_ptr_array_index(c->items->suppressed, i);
        if (g_strcmp0(f->child.sql, e->sql) == 0)
            return;
    }
    struct n1_verdict_line *line = n1_verdict_add(c->verdict, N1_CHANGE_STALE);
    line->subject = n1_verdict_text(c->verdict, e->sql);
    line->path = take(c->verdict, n1_gate_callpath_words(e->path));
    before(c, line, e);
}

static void lower(struct check *c, const struct n1_gate_pair *p)
{
    struct n1_verdict_line *line = about_item(c, N1_CHANGE_LOWER, p->item);
    before(c, line, p->entry);
    line->fails = c->in->is_strict;
    line->command = n1_verdict_printf(c->verdict, "%s --update", c->in->command);
    if (c->in->update == N1_UPDATE_NOTHING || (c->in->update == N1_UPDATE_LISTED && !is_listed(c, p->item)))
        return;
    accept(c, p->item, p->entry);
    line->fails = false;
    line->is_accepted = true;
    line->command = NULL;
}

/* Kinds that are about what a statement does, not how often: each needs to be accepted by its name. */
static bool has_new_kind(const struct n1_gate_pair *p)
{
    return (p->item->kinds & ~p->entry->kinds & 1U << N1_KIND_READ_MODIFY_WRITE) != 0;
}

static void steeper(struct check *c, const struct n1_gate_pair *p, uint64_t rows, const char *parent)
{
    uint64_t executions = p->item->executions;
    worse(c, N1_CHANGE_STEEPER, p)->message =
        n1_verdict_printf(c->verdict, "%" PRIu64 " %s for %" PRIu64 " %s of: %s", executions,
                          n1_noun(executions, "execution", "executions"), rows, n1_noun(rows, "row", "rows"), parent);
}

static void judge_loop(struct check *c, const struct n1_gate_pair *p)
{
    const struct n1_gate_entry *e = p->entry;
    const struct n1_gate_item *item = p->item;
    if (e->form == N1_FORM_COUNT) {
        worse(c, N1_CHANGE_NEW_EDGE, p)->message = n1_verdict_printf(
            c->verdict, "It ran a fixed number of times; now it runs for each row of: %s", item->parent);
        return;
    }
    if (e->form == N1_FORM_WRITTEN)
        return;
    if (!n1_tolerance_allows(&e->tolerance, e->slope * (double)item->parent_rows, item->executions))
        steeper(c, p, item->parent_rows, item->parent);
    else if (n1_gate_slope(item) < e->slope && !e->tolerance_text)
        lower(c, p);
}

static void judge_count(struct check *c, const struct n1_gate_pair *p)
{
    const struct n1_gate_item *item = p->item;
    const struct n1_gate_entry *e = p->entry;
    if (item->form == N1_FORM_WRITTEN && (item->kinds >> N1_KIND_WRITE_LOOP & 1) != 0 && !e->tolerance.is_any) {
        worse(c, N1_CHANGE_NEW_FINDING, p)->message =
            n1_verdict_text(c->verdict, item->finding ? item->finding->message : NULL);
    } else if (!n1_tolerance_allows(&e->tolerance, (double)e->executions, item->executions))
        worse(c, N1_CHANGE_ABOVE, p);
    else if (item->executions < e->executions && !e->tolerance_text)
        lower(c, p);
}

/* A loop is accepted; what was seen is no loop of rows: too few rows, or its parent was not recognised. */
enum { ROWS_THAT_SHOW_A_LOOP = 10 };

static void judge_small(struct check *c, const struct n1_gate_pair *p)
{
    const struct n1_gate_entry *e = p->entry;
    uint64_t rows = 0;
    if (e->form == N1_FORM_WRITTEN)
        return;
    bool did_run = n1_gate_items_ran(c->items, e->parent, &rows);
    bool is_loop = (p->item->kinds & ~(1U << N1_KIND_READ_MODIFY_WRITE)) != 0;
    if (is_loop && !n1_tolerance_allows(&e->tolerance, e->slope * (double)MAX(rows, 1), p->item->executions))
        steeper(c, p, rows, e->parent);
    else if (did_run && rows >= ROWS_THAT_SHOW_A_LOOP && p->item->executions <= 1 && p->item->form == N1_FORM_COUNT)
        lower(c, p);
}

static void judge(struct check *c, const struct n1_gate_pair *p)
{
    if (!p->entry) {
        judge_new(c, p);
        return;
    }
    if (!p->item) {
        judge_stale(c, p->entry);
        return;
    }
    c->verdict->matched++;
    guint lines = c->verdict->line->len;
    if (has_new_kind(p))
        worse(c, N1_CHANGE_NEW_FINDING, p)->message =
            n1_verdict_text(c->verdict, p->item->finding ? p->item->finding->message : NULL);
    else if (p->item->form == N1_FORM_PER_ROW)
        judge_loop(c, p);
    else if (p->entry->form == N1_FORM_COUNT)
        judge_count(c, p);
    else
        judge_small(c, p);
    bool is_followed = p->how == N1_MATCH_RENAMED || p->how == N1_MATCH_PARENT;
    if (!is_followed || c->verdict->line->len > lines)
        return;
    struct n1_verdict_line *line =
        about_item(c, p->how == N1_MATCH_PARENT ? N1_CHANGE_PARENT : N1_CHANGE_RENAMED, p->item);
    char *old = n1_gate_callpath_words(p->entry->path);
    line->message = p->how == N1_MATCH_PARENT ? n1_verdict_printf(c->verdict, "The parent was: %s", p->entry->parent)
                                              : n1_verdict_printf(c->verdict, "It was accepted as: %s", old);
    g_free(old);
    if (c->in->update != N1_UPDATE_TIGHTEN && c->in->update != N1_UPDATE_ALL)
        return;
    struct n1_gate_entry moved = *p->entry;
    moved.path = p->item->path;
    if (p->item->parent && moved.form == N1_FORM_PER_ROW)
        moved.parent = p->item->parent;
    replace(c, &moved, p->entry);
    line->is_accepted = true;
}

/* ---- budgets, suppressions ------------------------------------------------------------------------------------------------- */

/* The most of any one entry into the scope; -1: there is no such scope. */
static double scope_most(const struct check *c, const char *name, uint64_t *times)
{
    double most = -1;
    for (size_t r = 0; r < c->in->n_reports; r++)
        for (size_t i = 0; i < c->in->report[r]->n_scopes; i++) {
            const struct n1_scope *s = &c->in->report[r]->scope[i];
            if (g_strcmp0(s->name, name) != 0)
                continue;
            most = MAX(most, (double)s->most_statements);
            *times += s->entries;
        }
    return most;
}

static void judge_budget(struct check *c, const struct n1_budget *b)
{
    uint64_t times = 0;
    double now = b->scope ? scope_most(c, b->scope, &times) : (double)c->items->statements;
    if (now < 0) {
        n1_verdict_note(c->verdict, "the budget of '%s' was not tested: no such scope was recorded", b->scope);
        return;
    }
    if (now <= (double)b->most)
        return;
    struct n1_verdict_line *line = n1_verdict_add(c->verdict, N1_CHANGE_BUDGET);
    line->subject = n1_verdict_text(c->verdict, b->scope ? b->scope : "all statements");
    line->fails = true;
    line->count_before = (double)b->most;
    line->count_now = now;
    line->before =
        n1_verdict_printf(c->verdict, "%" PRIu64 " %s", b->most, n1_noun(b->most, "statement", "statements"));
    line->now = n1_verdict_printf(c->verdict, "%.0f %s", now, n1_noun((uint64_t)now, "statement", "statements"));
    line->message =
        n1_verdict_printf(c->verdict, "%s%s; the budget is %" PRIu64, times > 1 ? "at worst " : "", line->now, b->most);
    line->command = b->scope ? n1_verdict_printf(c->verdict, "--budget '%s=%.0f'", b->scope, now)
                             : n1_verdict_printf(c->verdict, "--budget %.0f", now);
}

static void list_suppressed(struct check *c)
{
    for (guint i = 0; i < c->items->suppressed->len; i++) {
        const struct n1_finding *f = g_ptr_array_index(c->items->suppressed, i);
        struct n1_verdict_line *line = n1_verdict_add(c->verdict, N1_CHANGE_SUPPRESSED);
        line->subject = n1_verdict_text(c->verdict, f->child.sql);
        line->where = f->child.location;
        line->message = n1_verdict_text(c->verdict, f->suppressed_by);
        line->finding = f;
    }
}

const char *n1_check_doubt(struct n1_verdict *v, const struct n1_report *const *report, size_t count, bool may_be_empty)
{
    uint64_t lost = 0, statements = 0;
    for (size_t i = 0; i < count; i++) {
        lost += report[i]->lost_events;
        statements += report[i]->totals.statements;
    }
    if (lost > 0)
        return n1_verdict_printf(v, "%" PRIu64 " event%s lost while recording", lost, lost == 1 ? " was" : "s were");
    for (size_t i = 0; i < count; i++)
        if (!report[i]->is_complete)
            return "a recording is not complete";
    if (statements == 0 && !may_be_empty)
        return "no database call was recorded: was the program run under n1prof record? (--allow-empty passes)";
    return NULL;
}

struct n1_verdict *n1_check(struct n1_check_input *in)
{
    struct check c = {
        .in = in,
        .verdict = n1_verdict_new(N1_VERDICT_CHECK),
        .pending = g_array_new(FALSE, TRUE, sizeof(struct pending)),
    };
    struct n1_verdict *v = c.verdict;
    c.items = n1_gate_items_new(in->report, in->n_reports);
    v->baseline = in->baseline_file;
    v->statements = c.items->statements;
    v->folder = in->n_reports > 0 ? n1_verdict_text(v, in->report[0]->working_directory) : NULL;
    v->left_out = n1_gate_housekeeping_names();
    v->reason = n1_check_doubt(v, in->report, in->n_reports, in->may_be_empty);
    if (v->reason) {
        v->outcome = N1_OUTCOME_INCONCLUSIVE;
        in->update = N1_UPDATE_NOTHING;
        in->accept = NULL;
    }
    GArray *pairs = n1_gate_match(c.items, in->baseline);
    for (guint i = 0; i < pairs->len; i++)
        judge(&c, &g_array_index(pairs, struct n1_gate_pair, i));
    for (size_t i = 0; i < in->n_budgets; i++)
        judge_budget(&c, &in->budget[i]);
    list_suppressed(&c);
    n1_verdict_settle(v);
    v->accept_all = n1_verdict_printf(v, "%s --update=all", in->command);
    v->tighten = n1_verdict_printf(v, "%s --update", in->command);
    static const char check_words[] = "n1prof check";
    if (strncmp(in->command, check_words, sizeof check_words - 1) == 0)
        v->prune = n1_verdict_printf(v, "n1prof baseline prune%s", in->command + sizeof check_words - 1);
    apply(&c);
    g_array_unref(c.pending);
    g_array_unref(pairs);
    n1_gate_items_free(c.items);
    return v;
}
