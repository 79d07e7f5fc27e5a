#include "analyzer/streak.h"

#include "analyzer/analysis.h"
#include "analyzer/links/row.h"

/* Places where no streak lasts (values that stand everywhere) are tried less and less often: up to one execution in so many. */
enum { RARELY = 64 };

static bool is_quiet(const struct n1_analysis *a, const struct n1_origin *origin)
{
    const bool has_comment = origin->comment != NULL && *origin->comment != '\0';
    return !a->has_scopes && !has_comment && !a->has_timeline && origin->is_counted && a->constants->streaks != 0;
}

void n1_streak_begin(struct n1_analysis *a, struct n1_origin *origin, const struct n1_step *e)
{
    struct n1_streak *s = &a->streak;
    const bool is_own_text = e->text == origin->text; /* not of what an EXECUTE stands for */
    if (!is_own_text || !e->text->is_plain || e->cause == 0 || e->rows != 1)
        return;
    if (origin->streaks.skip > 0) {
        origin->streaks.skip--;
        return;
    }
    if (!is_quiet(a, origin) || !n1_walk_begin(&a->provenance, e, &s->walk))
        return;
    n1_steady_begin(a->stretches, e, &s->steady);
    s->origin = origin;
    s->key = &e->text->key[0];
    s->reader = n1_readback_reader(a->readback, e->thread);
    s->executions = s->time_ns = s->max_ns = 0;
}

void n1_streak_expect(const struct n1_analysis *a, const struct n1_event *ev)
{
    const struct n1_streak *s = &a->streak;
    const struct n1_value_index *lists = &a->provenance.lists;
    const uint32_t n_params = ev->n_bound + ev->n_literals;
    const int at = n1_lookup_key_index(s->key, ev->n_bound, n_params);
    if (at < 0)
        return;
    const uint64_t hash = ev->params[at].hash;
    const struct n1_place *place = n1_value_index_newest(lists, hash);
    if (place != NULL) /* … that another value stands behind, as far as can be told without a look */
        __builtin_prefetch(n1_value_index_behind(lists, place, hash));
}

bool n1_streak_goes_on(struct n1_analysis *a, const struct n1_event *ev)
{
    struct n1_streak *s = &a->streak;
    const struct n1_origin *origin = s->origin;
    const bool is_alike = origin != NULL && ev->type == N1_EVENT_EXEC && n1_origins_is_last(&a->origins, ev) &&
                          ev->error == 0 && ev->rows == 1 && n1_steady_goes_on(&s->steady, ev);
    if (!is_alike)
        return false;
    const int at = n1_lookup_key_index(s->key, ev->n_bound, ev->n_bound + ev->n_literals);
    if (at < 0 || !n1_walk_goes_on(&a->provenance, &s->walk, &ev->params[at], ev->start_ns))
        return false;
    struct n1_step *e = n1_analysis_step(a, origin, origin->site, origin->text, ev, false);
    n1_steady_expect(a->stretches, &s->steady, e->parameters);
    e->rows = 1;
    e->end_ns = ev->start_ns + ev->duration_ns;
    e->own[0] = ev->params[at].hash;
    e->n_own = 1;
    e->root = e->cause = s->walk.stand.parent->serial;
    e->is_driven = true;
    if (!n1_row_aside(&a->provenance, e, ev))
        n1_provenance_cells(&a->provenance, e, ev, 0);
    n1_readback_row(s->reader, e, ev);
    n1_steady_execution(a->stretches, &s->steady, e, ev);
    a->last_ns = MAX(a->last_ns, ev->time_ns);
    s->last = e;
    s->executions++;
    s->time_ns += ev->duration_ns;
    s->max_ns = MAX(s->max_ns, ev->duration_ns);
    return true;
}

/* What came to nothing is tried after twice as many executions. */
static void learn(struct n1_origin *origin, bool has_lasted)
{
    origin->streaks.pause = has_lasted ? 0 : MIN(2 * origin->streaks.pause + 1, RARELY);
    origin->streaks.skip = origin->streaks.pause;
}

static void settle(struct n1_streak *s)
{
    struct n1_query_stats *stats = &s->origin->site->stats;
    stats->executions += s->executions;
    stats->rows += s->executions;
    stats->db_time_ns += s->time_ns;
    stats->max_ns = MAX(stats->max_ns, s->max_ns);
    s->origin->site->one_row += s->executions;
    n1_walk_end(&s->walk, s->last, s->executions, s->time_ns);
    n1_steady_end(&s->steady, s->executions, s->time_ns);
}

void n1_streak_end(struct n1_analysis *a)
{
    struct n1_streak *s = &a->streak;
    if (s->origin == NULL)
        return;
    learn(s->origin, s->executions > 0);
    if (s->executions > 0)
        settle(s);
    s->origin = NULL;
}
