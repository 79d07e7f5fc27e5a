#include "analyzer/links/fans.h"

struct n1_fan {
    uint64_t key; /* of the hash table */
    struct n1_edge *edge;
    uint64_t root;
    uint64_t outer; /* the list whose loop the parent, a list itself, is part of; 0: none */
    /* The different rows that were looked up. While they are neighbours of one parent, as in most loops, a span says it all. */
    struct span {
        uint64_t parent; /* serial; 0: none, see places */
        uint32_t first, last;
    } span;
    struct n1_distinct places;
    struct n1_fan_totals t;
    /* The parents that children take turns at: the root itself, and the last of the single rows below it. Down a tree the walk
     * comes back to the list after it has been below one of its rows; it goes on there where it was. */
    struct lane {
        uint64_t serial; /* 0: none yet */
        uint32_t slot;
        uint32_t row;   /* of the lane's last child */
        uint32_t next;  /* the first row that no child before can have taken, if each took one of its own, in order */
        uint64_t rows;  /* of the parent, as far as they are in t.parent_rows … */
        uint64_t nulls; /* … and in t.null_rows */
    } lane[2], *last;
    uint8_t magnitude; /* of the last child's value */
    bool is_irregular;
    uint32_t most_alike;                          /* rows of a parent that held one same value, at most */
    uint64_t fresh;                               /* children that came before the next list of the parent's place */
    uint64_t unexplained_first, unexplained_last; /* the child site's executions that the edge does not explain */
};

struct child {
    bool is_in_cursor, is_foreign, is_fresh;
    uint8_t magnitude; /* of the value that links it */
    bool is_countable; /* a number or text: what a counter could have made */
    uint32_t parent_slot;
    uint64_t parent_serial, parent_root;
    bool is_parent_driven; /* by another list's rows */
    const struct n1_place *place;
    uint64_t duration_ns;
    uint64_t unexplained; /* executions of the child site that the edge had not explained by then */
};

/* A child that waits, with its place as it was. */
struct n1_fan_child {
    bool is_waiting;
    struct child child;
    struct n1_place place;
};

/* Fans of one edge whose parents, lists of a few rows each, all belong to one list's loop further out. Where only some rows are
 * asked for (a cache has the others), one look-up of each list is a loop all the same. The loop goes through the rows of a list before
 * it fetches the next one, or later through all lists in their order; look-ups that do neither (of some keys that the program
 * knows) only meet what the lists hold. */
struct n1_nest {
    uint64_t outer;
    uint64_t last_root, in_order, fresh; /* of the fans: in the order of their lists; children of fresh lists */
    struct n1_fan_totals loops;          /* those that are loops by themselves */
    struct n1_fan_totals alone;          /* those that are none */
};

static void add_totals(struct n1_fan_totals *to, const struct n1_fan_totals *t)
{
    to->fans += t->fans;
    to->children += t->children;
    to->places += t->places;
    to->covered += t->covered;
    to->parent_rows += t->parent_rows;
    to->null_rows += t->null_rows;
    to->parents += t->parents;
    to->in_order += t->in_order;
    to->in_step += t->in_step;
    to->skipped += t->skipped;
    to->beside += t->beside;
    to->irregular += t->irregular;
    to->strays += t->strays;
    to->in_cursor += t->in_cursor;
    to->foreign += t->foreign;
    to->nested += t->nested;
    to->time_ns += t->time_ns;
    to->most_rows = MAX(to->most_rows, t->most_rows);
}

/* The rows that the parent gained since they were counted. */
static inline void count_parent_rows(struct n1_fan *fan, struct lane *lane, const struct n1_step *parent)
{
    uint16_t column = fan->edge->column;
    if (parent == NULL)
        return;
    if (parent->rows > lane->rows) {
        fan->t.parent_rows += parent->rows - lane->rows;
        lane->rows = parent->rows;
    }
    if (column < N1_NULL_COLUMNS) { /* of a row under way the cell may still come: then it was none */
        uint64_t nulls = parent->rows - MIN(parent->filled[column], parent->rows);
        fan->t.null_rows += nulls - lane->nulls;
        lane->nulls = nulls;
    }
}

static struct n1_step *lane_parent(const struct n1_provenance *p, const struct lane *lane)
{
    return n1_executions_at(&p->executions, lane->slot, lane->serial);
}

static uint64_t place_hash(uint64_t parent, uint32_t row)
{
    return n1_mix(parent, (uint64_t)row + 1);
}

static void leave_span(struct n1_fan *fan, uint32_t exact)
{
    const struct span *span = &fan->span;
    for (uint64_t row = span->first; row <= span->last; row++)
        n1_distinct_add(&fan->places, place_hash(span->parent, (uint32_t)row), exact);
    fan->span.parent = 0;
}

/* Whether the row was new, as far as can be told. */
static inline bool add_row(struct n1_fan *fan, uint64_t parent, uint32_t row, uint32_t exact)
{
    struct span *span = &fan->span;
    if (span->parent == parent && row >= span->first && row <= span->last)
        return false;
    if (span->parent == parent && row == span->last + 1) {
        span->last = row;
        return true;
    }
    if (span->parent == 0 && fan->places.count == 0) {
        *span = (struct span){parent, row, row};
        return true;
    }
    if (span->parent != 0)
        leave_span(fan, exact);
    return n1_distinct_add(&fan->places, place_hash(parent, row), exact);
}

static uint64_t count_rows(const struct n1_fan *fan)
{
    return fan->span.parent != 0 ? (uint64_t)fan->span.last - fan->span.first + 1 : n1_distinct_count(&fan->places);
}

/* A loop walks different rows, or several rows that hold one same value (ten posts of one author). */
static bool is_loop(const struct n1_fan *fan)
{
    return fan->t.children >= 2 && (fan->t.places >= 2 || (fan->most_alike >= 2 && fan->t.children <= fan->most_alike));
}

/* Down a tree the walk comes back to a list after lists of the same place. */
static bool is_walked_down(const struct n1_site *lists)
{
    for (guint i = 0; i < lists->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(lists->parents, i);
        if (e->parent->stmt == lists->stmt)
            return true;
    }
    return false;
}

static bool keeps_to_lists(const struct n1_edge *edge, const struct n1_constants *k)
{
    const struct n1_nest *nest = edge->nest;
    uint64_t fans = nest->loops.fans + nest->alone.fans, children = nest->loops.children + nest->alone.children;
    uint64_t covered = nest->loops.covered + nest->alone.covered,
             rows = nest->loops.parent_rows + nest->alone.parent_rows;
    if (nest->fresh * 100 >= children * k->order_percent || fans == 1 || is_walked_down(edge->parent))
        return true;
    return nest->in_order * 100 >= fans * k->order_percent &&
           (fans >= k->query_loop_children || covered * 100 >= rows * k->dispatch_row_percent);
}

static void leave_nest(struct n1_edge *edge, const struct n1_constants *k)
{
    struct n1_nest *nest = edge->nest;
    if (nest == NULL)
        return;
    if (keeps_to_lists(edge, k)) { /* else they follow nothing here, be it a loop or a single row */
        bool is_loop = nest->loops.fans > 0 || nest->alone.children >= 2;
        if (is_loop && nest->alone.fans > 0) {
            nest->alone.fans = 1;
            nest->alone.nested = nest->alone.children;
        }
        add_totals(&edge->loops, &nest->loops);
        add_totals(is_loop ? &edge->loops : &edge->singles, &nest->alone);
    }
    *nest = (struct n1_nest){0};
}

/* Fans come in the order of their first children, and so those of one loop further out come together. */
static void add_to_nest(const struct n1_fan *fan, const struct n1_constants *k)
{
    struct n1_edge *edge = fan->edge;
    if (edge->nest == NULL)
        edge->nest = g_new0(struct n1_nest, 1);
    struct n1_nest *nest = edge->nest;
    if (nest->outer != fan->outer) {
        leave_nest(edge, k);
        nest->outer = fan->outer;
    }
    nest->in_order += fan->root > nest->last_root;
    nest->last_root = fan->root;
    nest->fresh += fan->fresh;
    add_totals(is_loop(fan) ? &nest->loops : &nest->alone, &fan->t);
}

static void fold(struct n1_provenance *p, struct n1_fan *fan)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fan->lane); i++) {
        if (fan->lane[i].serial != 0)
            count_parent_rows(fan, &fan->lane[i], lane_parent(p, &fan->lane[i]));
    }
    fan->t.fans = 1;
    fan->t.places = count_rows(fan);
    fan->t.strays = fan->unexplained_last - fan->unexplained_first;
    fan->t.irregular = fan->is_irregular ? fan->t.children : 0;
    fan->t.most_rows = fan->t.parent_rows;
    if (fan->outer != 0)
        add_to_nest(fan, p->constants);
    else
        add_totals(is_loop(fan) ? &fan->edge->loops : &fan->edge->singles, &fan->t);
    if (fan->edge->last_fan == fan)
        fan->edge->last_fan = NULL;
    n1_table_remove(&p->fans, fan->key);
    n1_distinct_release(&fan->places);
    *fan = (struct n1_fan){0};
}

void n1_fans_init(struct n1_provenance *p)
{
    p->n_fans = MAX(p->constants->fans, 4);
    p->fan = g_new0(struct n1_fan, p->n_fans);
}

void n1_fans_release(struct n1_provenance *p)
{
    for (uint32_t i = 0; i < p->used_fans; i++)
        n1_distinct_release(&p->fan[i].places);
    g_free(p->fan);
    n1_table_release(&p->fans);
}

static struct n1_fan *find_fan(struct n1_provenance *p, struct n1_edge *edge, uint64_t root, uint64_t unexplained)
{
    uint64_t key = n1_mix(root, edge->index + 1ULL);
    struct n1_fan *fan = n1_table_get(&p->fans, key);
    if (fan == NULL) {
        fan = &p->fan[p->next_fan];
        p->next_fan = (p->next_fan + 1) % p->n_fans;
        p->used_fans = MIN(p->used_fans + 1, p->n_fans);
        if (fan->edge != NULL)
            fold(p, fan);
        *fan = (struct n1_fan){.key = key, .edge = edge, .root = root, .unexplained_first = unexplained};
        n1_table_put(&p->fans, key, fan);
    }
    edge->last_fan = fan;
    return fan;
}

static inline struct n1_fan *fan_of(struct n1_provenance *p, struct n1_edge *edge, uint64_t root, uint64_t unexplained)
{
    struct n1_fan *last = edge->last_fan;
    return last != NULL && last->root == root ? last : find_fan(p, edge, root, unexplained);
}

/* The earliest row that can be this child's own. Who walks a column, and leaves out what he likes, always finds one; a neighbour
 * column that holds the same values some rows later (from_port, to_port of a voyage) runs out of rows. */
static inline void take_row(struct n1_fan *fan, struct lane *lane, const struct n1_place *place)
{
    const uint32_t row = MAX(lane->next, place->first_row);
    if (row > place->last_row)
        return;
    fan->t.in_step++;
    lane->next = row + 1;
}

/* Places of a value that are looked through for one parent's. */
enum { FURTHER_MAX = 64 };

const struct n1_place *n1_fan_place(const struct n1_provenance *p, const struct n1_step *parent, uint16_t column,
                                    uint64_t hash)
{
    const struct n1_value_index *index = parent->slot < p->executions.lists ? &p->lists : &p->singles;
    const struct n1_place *place = n1_value_index_first(index, hash);
    for (int looked = 0; looked < FURTHER_MAX && place != NULL; looked++) {
        if (place->column == column && place->slot == parent->slot && place->serial == (uint32_t)parent->serial)
            return place;
        place = n1_value_index_older(index, place);
    }
    return NULL;
}

/* Two look-ups of one loop's body keep step with each other, row by row. */
static inline void keep_step(struct n1_fan *fan, const struct lane *lane, struct n1_step *list,
                             const struct n1_place *place)
{
    const bool is_anothers = list->walker != NULL && list->walker != fan->edge->child;
    if (is_anothers && place->first_row <= list->walk_row + 1 && place->last_row >= list->walk_row) {
        fan->t.beside++;
        fan->edge->beside = list->walker;
    }
    if (n1_edge_names(fan->edge) == N1_NAME_STRONG) {
        list->walker = fan->edge->child;
        list->walk_row = lane->next > 0 ? lane->next - 1 : place->first_row;
    }
}

static void add_first(struct n1_provenance *p, struct n1_edge *edge, const struct n1_step *parent,
                      const struct child *second);

/* parent: NULL when it is forgotten. */
static inline __attribute__((always_inline)) void add(struct n1_provenance *p, struct n1_edge *edge,
                                                      const struct n1_step *parent, const struct child *c)
{
    const struct n1_place *place = c->place;
    bool is_list = parent != NULL && parent->rows > 1;
    struct n1_fan *fan = fan_of(p, edge, is_list ? c->parent_serial : c->parent_root, c->unexplained);
    if (G_UNLIKELY(fan->t.children == 0) && is_list && place->first_row > 0 && p->before.serial > c->parent_serial)
        add_first(p, edge, parent, c);
    struct lane *lane = &fan->lane[c->parent_serial == fan->root ? 0 : 1];
    bool is_first = fan->t.children++ == 0;
    if (is_first && is_list && c->is_parent_driven)
        fan->outer = c->parent_root;
    bool is_same_parent = lane->serial == c->parent_serial;
    if (!is_same_parent) {
        if (lane->serial != 0)
            count_parent_rows(fan, lane, lane_parent(p, lane));
        fan->t.in_order += c->parent_serial > lane->serial;
        fan->t.parents++;
        *lane = (struct lane){.serial = c->parent_serial, .slot = c->parent_slot};
    } else {
        fan->t.in_order += place->last_row >= lane->row;
    }
    const uint32_t next = is_same_parent ? lane->row + 1 : 0;
    fan->t.skipped += place->first_row > next ? place->first_row - next : 0;
    fan->last = lane;
    take_row(fan, lane, place);
    if (is_list)
        keep_step(fan, lane, &p->executions.slot[c->parent_slot], place);
    count_parent_rows(fan, lane, parent);
    bool is_new = add_row(fan, c->parent_serial, place->first_row, p->constants->distinct_exact) ||
                  (fan->places.sketch != NULL && is_same_parent && place->first_row > lane->row);
    if (is_new)
        fan->t.covered += place->count;
    /* A counter never repeats a value nor goes down. Magnitudes are all that is left of the values: enough to see a fall. */
    if (place->count > 1 || (!is_new && is_same_parent) || (!is_first && c->magnitude < fan->magnitude) ||
        !c->is_countable)
        fan->is_irregular = true;
    fan->magnitude = c->magnitude;
    bool stays = is_same_parent && place->first_row < lane->row && place->last_row >= lane->row;
    lane->row = stays ? lane->row : place->first_row;
    fan->most_alike = MAX(fan->most_alike, place->count);
    fan->t.in_cursor += c->is_in_cursor;
    fan->fresh += c->is_fresh;
    fan->t.foreign += c->is_foreign;
    fan->t.time_ns += c->duration_ns;
    fan->unexplained_last = c->unexplained;
}

/* A loop's first value may stand in so many places, or in a nearer one, that its own was not seen; then the loop begins with its second
 * look-up. The one before it is asked once more. */
static __attribute__((noinline)) void add_first(struct n1_provenance *p, struct n1_edge *edge,
                                                const struct n1_step *parent, const struct child *second)
{
    const struct n1_before before = p->before;
    const struct n1_place *place = n1_fan_place(p, parent, edge->column, before.hash);
    p->before.serial = 0;
    if (place == NULL || place->first_row >= second->place->first_row)
        return;
    struct child first = *second;
    first.place = place;
    first.unexplained -= MIN(first.unexplained, 1);
    n1_edge_match(edge, 1);
    n1_distinct_add(&edge->values, before.hash, p->constants->distinct_exact);
    add(p, edge, parent, &first);
}

/* The parent's place has run no other query since; where another thread has, that says nothing. */
static bool is_fresh(const struct n1_step *parent, const struct n1_step *child)
{
    return parent->site->newest == parent->serial || parent->site->newest_thread != child->thread;
}

static __attribute__((noinline)) void add_waiting(struct n1_provenance *p, struct n1_edge *edge)
{
    const struct child *c = &edge->waiting->child;
    edge->waiting->is_waiting = false;
    add(p, edge, n1_executions_at(&p->executions, c->parent_slot, c->parent_serial), c);
}

static inline void stop_waiting(struct n1_provenance *p, struct n1_edge *edge)
{
    if (edge->waiting != NULL && edge->waiting->is_waiting)
        add_waiting(p, edge);
}

void n1_fan_add(struct n1_provenance *p, struct n1_edge *edge, const struct n1_step *parent,
                const struct n1_step *child, const struct n1_place *place, const struct n1_value *value,
                uint64_t duration_ns)
{
    const struct child c = {
        .is_in_cursor = parent->is_open,
        .is_foreign = parent->thread != child->thread,
        .is_fresh = is_fresh(parent, child),
        .magnitude = value->magnitude,
        .is_countable = value->kind == N1_VALUE_INTEGER || value->kind == N1_VALUE_TEXT,
        .parent_slot = parent->slot,
        .parent_serial = parent->serial,
        .parent_root = parent->root,
        .is_parent_driven = parent->is_driven,
        .place = place,
        .duration_ns = duration_ns,
        .unexplained = edge->child->stats.executions - edge->matched,
    };
    stop_waiting(p, edge);
    if (!parent->is_open || parent->rows > 1) {
        add(p, edge, parent, &c);
        return;
    }
    if (edge->waiting == NULL)
        edge->waiting = g_new(struct n1_fan_child, 1);
    *edge->waiting = (struct n1_fan_child){true, c, *place};
    edge->waiting->child.place = &edge->waiting->place;
}

bool n1_fan_stands(struct n1_provenance *p, const struct n1_edge *edge, struct n1_fan_stand *stand)
{
    struct n1_fan *fan = edge->last_fan;
    if (fan == NULL || (edge->waiting != NULL && edge->waiting->is_waiting))
        return false;
    const struct lane *lane = fan->last;
    struct n1_step *parent = lane_parent(p, lane);
    *stand = (struct n1_fan_stand){fan, parent, lane->row + 1, fan->magnitude};
    const bool is_own_list = parent != NULL && parent->rows > 1 && !parent->is_open && parent->serial == fan->root &&
                             parent->site != edge->child && (parent->walker == NULL || parent->walker == edge->child);
    return is_own_list && fan->span.parent == parent->serial && fan->span.last == lane->row && lane->next == stand->row;
}

void n1_fan_walked(const struct n1_fan_stand *stand, const struct n1_step *last, uint64_t children, uint64_t time_ns)
{
    struct n1_fan *fan = stand->fan;
    struct n1_step *list = stand->parent;
    fan->t.children += children;
    fan->t.in_order += children;
    fan->t.in_step += children;
    fan->t.covered += children;
    fan->t.foreign += list->thread != last->thread ? children : 0;
    fan->fresh += is_fresh(list, last) ? children : 0;
    fan->t.time_ns += time_ns;
    fan->span.last = fan->last->row = stand->row - 1;
    fan->last->next = stand->row;
    fan->magnitude = stand->magnitude;
    if (n1_edge_names(fan->edge) == N1_NAME_STRONG) {
        list->walker = fan->edge->child;
        list->walk_row = stand->row - 1;
    }
}

struct n1_step *n1_fan_parent(struct n1_provenance *p, struct n1_edge *edge)
{
    stop_waiting(p, edge);
    const struct n1_fan *fan = edge->last_fan;
    return fan == NULL ? NULL : lane_parent(p, fan->last);
}

void n1_fan_repeat(struct n1_edge *edge, const struct n1_step *parent, const struct n1_step *child,
                   uint64_t duration_ns)
{
    struct n1_fan *fan = edge->last_fan;
    fan->t.children++;
    fan->t.in_order++;
    fan->t.in_step++;
    fan->t.in_cursor += parent->is_open;
    fan->t.foreign += parent->thread != child->thread;
    fan->fresh += is_fresh(parent, child);
    fan->t.time_ns += duration_ns;
    fan->is_irregular = true;
}

void n1_fans_fold_all(struct n1_provenance *p)
{
    for (uint32_t i = 0; i < p->all_edges->len; i++)
        stop_waiting(p, g_ptr_array_index(p->all_edges, i));
    const uint32_t oldest = p->used_fans < p->n_fans ? 0 : p->next_fan;
    for (uint32_t i = 0; i < p->used_fans; i++) {
        struct n1_fan *fan = &p->fan[(oldest + i) % p->n_fans];
        if (fan->edge != NULL)
            fold(p, fan);
    }
    for (uint32_t i = 0; i < p->all_edges->len; i++)
        leave_nest(g_ptr_array_index(p->all_edges, i), p->constants);
}
