#include "analyzer/links/stretches.h"

#include <glib.h>
#include <string.h>

#include "analyzer/pages.h"
#include "trace/table.h"

/* Places for equal executions that are being counted, per analysis; a newer one takes the place of an older one. */
enum { EQUALS = 1 << 12 };

struct n1_thread_work {
    uint64_t unit;         /* of work: rises at each border */
    uint64_t transactions; /* begun so far */
    bool is_in_transaction;
    uint64_t db_time_ns;         /* of all its statements */
    uint64_t end_ns;             /* the latest of them so far … */
    uint32_t end_connection;     /* … and where that was */
    const struct n1_site *last;  /* where it asked last … */
    uint64_t parameters;         /* … and for what */
    uint64_t root;               /* the list whose loop its last look-up was part of, or 0 */
    struct n1_site *first_write; /* in the transaction that is open, or NULL */
    uint64_t handler;            /* of the request that its last statement was part of, and … */
    uint64_t handlers;           /* … how often that changed */
    bool is_joint;               /* … and another place has written in it since */
};

struct n1_run {
    uint64_t key;
    struct n1_site *site;
    struct n1_distinct parameters;
    uint64_t executions, alone, time_ns, last_end_ns, unit;
    uint32_t known;        /* connections that had been used when it began */
    uint64_t units, joint; /* transactions that hold the writes; writes beside those of other places in one */
    uint64_t db_time_ns;   /* of the thread, when the last execution ended */
    uint64_t handlers;     /* … and its number of handlers */
    uint32_t connection;   /* of the last execution */
};

/* Equal executions, as far as they belong to one piece of work. */
struct equal {
    uint64_t key;    /* statement, thread, parameters; 0: empty */
    uint64_t result; /* rows and cells */
    uint64_t state;  /* of the world: writes to its tables until now, unit of work, request */
    uint64_t last_end_ns, time_ns;
    uint64_t root;  /* of the thread, at the last of them */
    uint32_t sites; /* that asked: a bit each, by number */
    uint32_t executions : 31;
    uint32_t is_breath : 1; /* only nearness says so of one of them */
    uint32_t connection;    /* of the last of them */
    uint32_t known;         /* connections that had been used when the first of them ran */
};

_Static_assert(sizeof(struct equal) == 64, "a cache line: there is one for each execution");

struct n1_stretches {
    const struct n1_constants *constants;
    struct n1_table runs; /* site << 32 | thread → struct n1_run in run[] */
    struct n1_run *run;
    struct n1_run *last;                  /* that was asked for, or NULL */
    uint32_t next_run, n_runs, used_runs; /* the others were never touched: memory that costs nothing */
    uint32_t connections;                 /* used so far: they are numbered in the order of their first use */
    GArray *threads;                      /* of struct n1_thread_work */
    GPtrArray *askers;                    /* of struct n1_site: which one asked last on each connection, or NULL */
    struct equal *equal;                  /* EQUALS of them */
};

struct n1_stretches *n1_stretches_new(const struct n1_constants *constants)
{
    struct n1_stretches *s = g_new0(struct n1_stretches, 1);
    s->constants = constants;
    s->n_runs = MAX(constants->runs, 4);
    s->run = g_new0(struct n1_run, s->n_runs);
    s->equal = n1_pages_new(EQUALS * sizeof *s->equal);
    s->threads = g_array_new(FALSE, TRUE, sizeof(struct n1_thread_work));
    s->askers = g_ptr_array_new();
    return s;
}

void n1_stretches_free(struct n1_stretches *s)
{
    if (s == NULL)
        return;
    for (uint32_t i = 0; i < s->used_runs; i++)
        n1_distinct_release(&s->run[i].parameters);
    g_free(s->run);
    n1_pages_free(s->equal, EQUALS * sizeof *s->equal);
    n1_table_release(&s->runs);
    g_array_unref(s->threads);
    g_ptr_array_unref(s->askers);
    g_free(s);
}

/* Good until the next call. */
static inline struct n1_thread_work *thread_at(struct n1_stretches *s, uint32_t thread)
{
    if (G_UNLIKELY(thread >= s->threads->len))
        g_array_set_size(s->threads, thread + 1);
    return &g_array_index(s->threads, struct n1_thread_work, thread);
}

void n1_stretches_border(struct n1_stretches *s, uint32_t thread)
{
    thread_at(s, thread)->unit++;
}

void n1_stretches_transaction(struct n1_stretches *s, uint32_t thread, bool begins)
{
    struct n1_thread_work *t = thread_at(s, thread);
    t->is_in_transaction = begins;
    t->transactions += begins;
    t->first_write = NULL;
    t->is_joint = false;
}

void n1_stretches_busy(struct n1_stretches *s, uint32_t thread, uint64_t duration_ns)
{
    thread_at(s, thread)->db_time_ns += duration_ns;
}

uint64_t n1_stretches_busy_ns(struct n1_stretches *s, uint32_t thread)
{
    return thread_at(s, thread)->db_time_ns;
}

/* A transaction around reads is a unit of work; one that begins and ends between reads that stand outside (get_or_create) is
 * part of the unit in which they stand. */
static inline uint64_t unit_of(const struct n1_thread_work *t)
{
    return t->unit << 32 | (t->is_in_transaction ? t->transactions & 0xffffffff : 0);
}

/* The stretch is over: keep what of it was long. */
static void close_run(struct n1_stretches *s, struct n1_run *run)
{
    struct n1_run_totals *to = &run->site->runs;
    uint64_t distinct = n1_distinct_count(&run->parameters);
    bool is_long = run->site->stmt->is_write ? run->executions >= s->constants->write_loop_children
                                             : distinct >= s->constants->query_loop_children;
    /* Once or twice each in a transaction with writes of other places: units of work, not a loop over one table's rows. */
    bool is_unit_of_work = run->units * 2 >= run->executions && n1_is_nearly_all(run->joint, run->executions);
    if (is_long && !is_unit_of_work) {
        to->runs++;
        to->executions += run->executions;
        to->alone += run->alone;
        to->distinct += distinct;
        to->time_ns += run->time_ns;
        to->longest = MAX(to->longest, run->executions);
    }
    n1_distinct_merge(&run->site->parameters, &run->parameters, s->constants->distinct_exact);
    n1_distinct_release(&run->parameters);
    run->executions = run->alone = run->time_ns = run->units = run->joint = 0;
}

void n1_stretches_finish(struct n1_stretches *s)
{
    for (uint32_t i = 0; i < s->used_runs; i++) {
        if (s->run[i].site != NULL)
            close_run(s, &s->run[i]);
    }
}

static uint64_t run_key(const struct n1_site *site, uint32_t thread)
{
    return (uint64_t)site->index << 32 | thread;
}

static struct n1_run *find_run(struct n1_stretches *s, struct n1_site *site, uint32_t thread)
{
    const uint64_t key = run_key(site, thread);
    struct n1_run *run = s->last = n1_table_get(&s->runs, key);
    if (run != NULL)
        return run;
    run = &s->run[s->next_run];
    s->next_run = (s->next_run + 1) % s->n_runs;
    s->used_runs = MIN(s->used_runs + 1, s->n_runs);
    if (run->site != NULL) {
        close_run(s, run);
        n1_table_remove(&s->runs, run->key);
    }
    *run = (struct n1_run){.key = key, .site = site};
    n1_table_put(&s->runs, key, run);
    return s->last = run;
}

static inline struct n1_run *run_of(struct n1_stretches *s, struct n1_site *site, uint32_t thread)
{
    struct n1_run *last = s->last;
    return last != NULL && last->site == site && last->key == run_key(site, thread) ? last : find_run(s, site, thread);
}

static uint64_t writes_to(const struct n1_stmt *stmt)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < stmt->n_tables; i++)
        sum += stmt->table[i]->writes;
    return sum;
}

/* Writes of several places in one transaction belong together. The first learns of it when the second comes. */
static void count_joint(struct n1_stretches *s, struct n1_thread_work *thread, const struct n1_step *e,
                        struct n1_run *run)
{
    if (!thread->is_in_transaction)
        return;
    if (thread->first_write == NULL) {
        thread->first_write = e->site;
    } else if (thread->first_write != e->site) {
        run->joint++;
        if (!thread->is_joint)
            run_of(s, thread->first_write, e->thread)->joint++;
        thread->is_joint = true;
    }
}

/* Whether another statement of the thread is still under way elsewhere: tasks run side by side. */
static inline bool is_beside(const struct n1_thread_work *t, const struct n1_step *e, const struct n1_event *ev)
{
    return ev->start_ns < t->end_ns && t->end_connection != e->connection;
}

/* A query of a web framework's handler, and the thread was in another one since: this is another request. Whatever one activation of a
 * handler asks comes through its frame. */
static inline bool left_handler(const struct n1_callpath *path, uint64_t handlers, const struct n1_thread_work *t)
{
    return path->inside > 0 && handlers != t->handlers;
}

/* More is asked than that, and: it is a pool's thread, or the connection is new, or tasks run side by side: each time another request
 * has its look-up. */
static bool is_next_request(const struct n1_thread_work *t, const struct n1_run *run, const struct n1_step *e,
                            const struct n1_event *ev)
{
    const struct n1_callpath *path = e->site->path;
    if (left_handler(path, run->handlers, t) || (path->is_request && e->connection >= run->known))
        return true;
    if (t->last == e->site || e->site->stmt->is_write)
        return false;
    return e->site->path->is_pooled || e->connection >= run->known || is_beside(t, e, ev);
}

/* The program's own loop, and nothing else in it: what it does between its queries may take time. */
static inline uint64_t gap_of(const struct n1_stretches *s, const struct n1_step *e, bool is_alone)
{
    const bool is_own_loop = e->site->stmt->is_write || (is_alone && !e->site->path->is_dispatched);
    return is_own_loop ? s->constants->stretch_gap_ns : s->constants->query_loop_gap_ns;
}

static void count_run(struct n1_stretches *s, struct n1_thread_work *thread, const struct n1_step *e,
                      const struct n1_event *ev)
{
    struct n1_run *run = run_of(s, e->site, e->thread);
    uint64_t unit = unit_of(thread);
    bool is_alone = thread->last == e->site;
    const uint64_t gap_ns = gap_of(s, e, is_alone);
    /* Commits and other statements between are work, not rest. */
    uint64_t busy_ns = thread->db_time_ns - run->db_time_ns;
    bool is_pause = ev->start_ns > run->last_end_ns + busy_ns + gap_ns;
    /* A commit after each row is how write loops look; between reads it separates one request from the next. */
    bool is_border = unit != run->unit && !e->site->stmt->is_write;
    if (run->executions > 0 && (is_pause || is_border || is_next_request(thread, run, e, ev)))
        close_run(s, run);
    if (run->executions == 0)
        run->known = s->connections;
    const bool is_elsewhere = run->known > 0 && run->connection != e->connection;
    e->site->tasks += is_elsewhere && (is_beside(thread, e, ev) || e->connection >= run->known);
    run->connection = e->connection;
    run->units += e->site->stmt->is_write && thread->is_in_transaction && (run->executions == 0 || unit != run->unit);
    run->unit = unit;
    run->executions++;
    if (e->site->stmt->is_write)
        count_joint(s, thread, e, run);
    run->alone += is_alone;
    run->time_ns += ev->duration_ns;
    run->last_end_ns = MAX(run->last_end_ns, ev->start_ns + ev->duration_ns);
    run->db_time_ns = thread->db_time_ns + ev->duration_ns;
    run->handlers = thread->handlers;
    n1_distinct_add(&run->parameters, e->parameters, s->constants->distinct_exact);
}

/* What was asked on the connection before goes on with another question. */
static inline void count_continued(struct n1_stretches *s, const struct n1_step *e)
{
    if (G_UNLIKELY(e->connection >= s->askers->len))
        g_ptr_array_set_size(s->askers, (int)e->connection + 1);
    struct n1_site *asker = g_ptr_array_index(s->askers, e->connection);
    if (asker == e->site)
        return;
    if (asker != NULL)
        asker->continued++;
    g_ptr_array_index(s->askers, e->connection) = e->site;
}

/* A statement on a thread. */
static uint64_t asker_of(const struct n1_step *e)
{
    return ((uint64_t)e->site->stmt->index << 32 | e->thread) * 0x9e3779b97f4a7c15ULL;
}

static inline uint64_t equal_key(uint64_t parameters, uint64_t asker)
{
    return (parameters ^ asker) | 1; /* parameters are mixed already */
}

static inline struct equal *equal_at(const struct n1_stretches *s, uint64_t key)
{
    return &s->equal[key >> 32 & (EQUALS - 1)];
}

void n1_stretches_expect(const struct n1_stretches *s, const struct n1_step *e)
{
    __builtin_prefetch(equal_at(s, equal_key(e->parameters, asker_of(e))), 1);
}

/* Where a library calls the program's functions, each request may ask the same once. Within one of them it is asked again in the
 * same breath, or in the loop over one list, or from another place. */
static bool is_same_work(const struct n1_thread_work *t, const struct equal *equal, const struct n1_step *e,
                         const struct n1_event *ev)
{
    bool is_alone = t->last == e->site && t->parameters == e->parameters;
    if (equal->connection != e->connection)
        return is_alone && e->connection < equal->known && !is_beside(t, e, ev);
    if (!e->site->path->is_dispatched || is_alone)
        return true;
    return (t->root != 0 && t->root == equal->root) || (equal->sites >> e->site->index % 32 & 1) == 0;
}

/* What may have changed since an equal execution: its tables, the unit of work, the request. Whatever one activation of a web framework's
 * handler asks comes through its frame. */
static inline uint64_t state_of(const struct n1_thread_work *thread, const struct n1_site *site)
{
    const uint64_t handlers = site->path->inside > 0 ? thread->handlers : 0;
    return n1_mix(writes_to(site->stmt) * 0x9e3779b97f4a7c15ULL ^ unit_of(thread), handlers);
}

static inline uint64_t result_of(const struct n1_step *e, const struct n1_event *ev)
{
    return e->result ^ ev->rows * 0x9e3779b97f4a7c15ULL;
}

static inline void count_equal(struct n1_stretches *s, const struct n1_thread_work *thread, const struct n1_step *e,
                               const struct n1_event *ev, uint64_t asker, uint64_t state)
{
    struct n1_site *site = e->site;
    const uint64_t key = equal_key(e->parameters, asker), result = result_of(e, ev);
    struct equal *equal = equal_at(s, key);
    bool is_same = equal->key == key && equal->result == result && equal->state == state &&
                   ev->start_ns <= equal->last_end_ns + s->constants->duplicate_gap_ns &&
                   is_same_work(thread, equal, e, ev);
    equal->is_breath |= is_same && e->site->path->is_request && (thread->root == 0 || thread->root != equal->root);
    if (!is_same)
        *equal = (struct equal){.key = key, .result = result, .state = state, .known = s->connections};
    equal->connection = e->connection;
    equal->root = thread->root;
    equal->sites |= 1U << site->index % 32;
    equal->executions++;
    equal->time_ns += ev->duration_ns;
    equal->last_end_ns = ev->start_ns + ev->duration_ns;
    if (equal->executions == s->constants->duplicate_executions) {
        site->duplicates.groups++;
        site->duplicates.breaths += equal->is_breath;
        site->duplicates.executions += equal->executions;
        site->duplicates.time_ns += equal->time_ns;
    } else if (equal->executions > s->constants->duplicate_executions) {
        site->duplicates.executions++;
        site->duplicates.time_ns += ev->duration_ns;
    }
}

/* A key behind the first parameters was not recorded: it chose some row, nobody knows which. */
static bool has_all_keys(const struct n1_query_text *text, const struct n1_event *ev)
{
    for (uint32_t i = 0; i < text->n_keys; i++)
        if (n1_lookup_key_index(&text->key[i], ev->n_bound, ev->n_bound + ev->n_literals) < 0)
            return false;
    return true;
}

/* Whatever comes first of what is to be done, and it is another one than before: a worker takes its next job. */
static bool takes_next(const struct n1_stretches *s, const struct n1_step *e, const struct n1_event *ev, uint64_t asker)
{
    const uint64_t key = equal_key(e->parameters, asker);
    const struct equal *equal = equal_at(s, key);
    return equal->key == key && equal->result != result_of(e, ev) && ev->rows == 1;
}

static inline void note_last(struct n1_thread_work *thread, const struct n1_step *e, const struct n1_event *ev)
{
    if (ev->start_ns + ev->duration_ns > thread->end_ns) {
        thread->end_ns = ev->start_ns + ev->duration_ns;
        thread->end_connection = e->connection;
    }
    thread->last = e->site;
    thread->parameters = e->parameters;
}

void n1_stretches_execution(struct n1_stretches *s, const struct n1_step *e, const struct n1_event *ev)
{
    const struct n1_stmt *stmt = e->site->stmt;
    struct n1_thread_work *thread = thread_at(s, e->thread);
    if (stmt->is_write) {
        uint64_t chosen = has_all_keys(e->text, ev) ? e->n_own : e->serial;
        for (uint8_t i = 0; i < e->n_own; i++)
            chosen = n1_mix(chosen, e->own[i]);
        n1_distinct_add(&e->site->rows_chosen, chosen, s->constants->distinct_exact);
        for (uint32_t i = 0; i < stmt->n_tables; i++)
            stmt->table[i]->writes++;
    }
    s->connections = MAX(s->connections, e->connection + 1);
    if (thread->handler != e->site->path->handler) {
        thread->handler = e->site->path->handler;
        thread->handlers++;
    }
    if (e->root != e->serial)
        thread->root = e->root;
    const bool is_one_of_many = !stmt->is_housekeeping && ev->error == 0 && !n1_query_text_is_batch(e->text);
    if (is_one_of_many && (stmt->is_read || stmt->is_write))
        count_run(s, thread, e, ev);
    else
        n1_distinct_add(&e->site->parameters, e->parameters, s->constants->distinct_exact);
    if (!is_one_of_many)
        return;
    count_continued(s, e);
    if (stmt->is_read && !e->text->shape.is_locking) {
        const uint64_t asker = asker_of(e);
        if (e->text->gives_next && takes_next(s, e, ev, asker))
            thread->unit++;
        count_equal(s, thread, e, ev, asker, state_of(thread, e->site));
    }
    note_last(thread, e, ev);
}

void n1_steady_begin(struct n1_stretches *s, const struct n1_step *e, struct n1_steady *steady)
{
    struct n1_thread_work *thread = thread_at(s, e->thread);
    struct n1_run *run = run_of(s, e->site, e->thread);
    *steady = (struct n1_steady){.thread = thread,
                                 .run = run,
                                 .asker = asker_of(e),
                                 .state = state_of(thread, e->site),
                                 .gap_ns = gap_of(s, e, true),
                                 .last_end_ns = run->last_end_ns};
}

void n1_steady_expect(const struct n1_stretches *s, const struct n1_steady *steady, uint64_t parameters)
{
    __builtin_prefetch(equal_at(s, equal_key(parameters, steady->asker)), 1);
}

void n1_steady_execution(struct n1_stretches *s, struct n1_steady *steady, const struct n1_step *e,
                         const struct n1_event *ev)
{
    n1_distinct_add(&steady->run->parameters, e->parameters, s->constants->distinct_exact);
    count_equal(s, steady->thread, e, ev, steady->asker, steady->state);
    note_last(steady->thread, e, ev);
    steady->last_end_ns = MAX(steady->last_end_ns, ev->start_ns + ev->duration_ns);
}

void n1_steady_end(const struct n1_steady *steady, uint64_t executions, uint64_t time_ns)
{
    struct n1_run *run = steady->run;
    run->executions += executions;
    run->alone += executions;
    run->time_ns += time_ns;
    run->last_end_ns = steady->last_end_ns;
    steady->thread->db_time_ns += time_ns;
    run->db_time_ns = steady->thread->db_time_ns;
}
