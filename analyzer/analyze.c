#include "analyzer/analyze.h"

#include "analyzer/analysis.h"
#include "analyzer/frames/frames.h"
#include "analyzer/intake/source.h"
#include "analyzer/links/ahead.h"
#include "analyzer/report.h"
#include "analyzer/rules/rule.h"

static void release(struct n1_analysis *a)
{
    n1_provenance_release(&a->provenance);
    n1_timeline_free(a->timeline);
    n1_scopes_free(a->scopes);
    n1_databases_free(a->databases);
    n1_readback_free(a->readback);
    n1_stretches_free(a->stretches);
    n1_sites_free(a->sites);
    n1_callpaths_free(a->paths);
    n1_statements_free(a->statements);
    n1_origins_release(&a->origins);
    n1_analysis_forget(a);
}

static void init(struct n1_analysis *a, const struct n1_source *source, const struct n1_analyze_options *options)
{
    *a = (struct n1_analysis){.source = source, .options = options};
    a->constants = options != NULL && options->constants != NULL ? options->constants : &n1_constants_default;
    a->statements = n1_statements_new();
    a->paths = n1_callpaths_new();
    a->sites = n1_sites_new();
    a->stretches = n1_stretches_new(a->constants);
    a->readback = n1_readback_new();
    a->has_timeline = options != NULL && options->timeline_max > 0;
    a->timeline = n1_timeline_new(options != NULL ? options->timeline_max : 0);
    a->scopes = n1_scopes_new();
    a->databases = n1_databases_new(source->facts->session.working_directory);
    n1_provenance_init(&a->provenance, a->constants);
    n1_origins_init(&a->origins, source, a->statements, a->paths, a->sites);
    a->relations = g_ptr_array_new();
}

/* Events of a batch; how many before its turn an event's values are announced to the machine's memory, and from when on one more
 * place of a value at each turn: an event takes some 100 ns, a miss as long; what a streak
 * will touch lies nearer. Reading the clock for the progress at every
 * event would cost more than the event. */
enum { BATCH = 256, EXPECT_AHEAD = 20, FETCH_AHEAD = 15, STREAK_AHEAD = 4, PROGRESS_EVERY = 256 };

static void take_batch(struct n1_analysis *a, struct n1_event *batch, size_t n)
{
    const struct n1_provenance *p = &a->provenance;
    struct n1_ahead ahead;
    ahead.count = 0;
    for (size_t i = 0; i < MIN(n, EXPECT_AHEAD); i++)
        n1_ahead_expect(p, &batch[i]);
    for (size_t i = 0; i < MIN(n, FETCH_AHEAD); i++)
        n1_ahead_fetch(p, &batch[i], i, &ahead);
    for (size_t i = 0; i < n; i++) {
        if (i + EXPECT_AHEAD < n)
            n1_ahead_expect(p, &batch[i + EXPECT_AHEAD]);
        n1_ahead_follow(p, i, &ahead);
        if (a->streak.origin != NULL) { /* its places are new: they lie near */
            if (i + STREAK_AHEAD < n)
                n1_streak_expect(a, &batch[i + STREAK_AHEAD]);
        } else if (i + FETCH_AHEAD < n) {
            n1_ahead_fetch(p, &batch[i + FETCH_AHEAD], i + FETCH_AHEAD, &ahead);
        }
        if (!n1_streak_goes_on(a, &batch[i]))
            n1_analysis_event(a, &batch[i]);
    }
}

static void read_events(struct n1_analysis *a)
{
    struct n1_event batch[BATCH];
    size_t n;
    for (uint64_t batches = 1; (n = a->source->read(a->source->data, batch, BATCH)) > 0; batches++) {
        take_batch(a, batch, n);
        if (batches % PROGRESS_EVERY == 0 && a->options != NULL && a->options->progress != NULL)
            a->options->progress(a->options->progress_data, a->source->facts->bytes_read, a->source->facts->bytes);
    }
    n1_streak_end(a);
    n1_provenance_finish(&a->provenance);
    n1_stretches_finish(a->stretches);
    n1_sites_sum(a->sites, &a->totals);
}

static GArray *judge(const struct n1_analysis *a)
{
    GArray *candidates = g_array_new(FALSE, TRUE, sizeof(struct n1_candidate));
    n1_sites_place(a->sites);
    for (size_t i = 0; i < n1_rules_count; i++) {
        bool is_off = a->options != NULL && (a->options->kinds_off >> n1_rules[i].kind & 1) != 0;
        if (!is_off)
            n1_rules[i].detect(a, candidates);
    }
    n1_candidates_settle(candidates);
    return candidates;
}

int n1_analyze_source(const struct n1_source *source, const struct n1_analyze_options *options,
                      struct n1_report **report, struct n1_error *err)
{
    (void)err; /* a source that is open cannot fail: damage is counted, not refused */
    struct n1_analysis analysis;
    init(&analysis, source, options);
    read_events(&analysis);
    GArray *candidates = judge(&analysis);
    *report = n1_report_build(&analysis, candidates);
    g_array_unref(candidates);
    release(&analysis);
    return 0;
}

int n1_analyze(struct n1_trace *trace, const struct n1_analyze_options *options, struct n1_report **report,
               struct n1_error *err)
{
    struct n1_source *source = n1_source_of_trace(trace, options != NULL ? options->frames : NULL);
    int status = n1_analyze_source(source, options, report, err);
    n1_source_free(source);
    return status;
}
