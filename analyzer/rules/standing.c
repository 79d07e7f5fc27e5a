#include "analyzer/rules/standing.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/rules/rule.h"

enum { NAME = 96 };

struct n1_schema {
    GHashTable *words;
};

/* blog_author is called author, too. */
struct n1_schema *n1_schema_new(const struct n1_statements *statements)
{
    struct n1_schema *schema = g_new(struct n1_schema, 1);
    schema->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (uint32_t i = 0; i < n1_statements_count(statements); i++) {
        const struct n1_stmt *stmt = n1_statements_at(statements, i);
        for (uint32_t k = 0; k < stmt->n_tables && !stmt->is_housekeeping; k++) {
            char name[NAME], one[NAME];
            n1_name_short_table(stmt->table[k]->name, NULL, name, sizeof name);
            n1_name_singular(name, one, sizeof one);
            const char *last = strrchr(one, '_');
            g_hash_table_add(schema->words, g_strdup(one));
            if (last != NULL)
                g_hash_table_add(schema->words, g_strdup(last + 1));
        }
    }
    return schema;
}

void n1_schema_free(struct n1_schema *schema)
{
    if (schema != NULL)
        g_hash_table_unref(schema->words);
    g_free(schema);
}

/* customer_id is no reference to orders where there are customers. */
static bool names_other_table(const struct n1_schema *schema, const char *table, const char *column, const char *to)
{
    char stem[NAME], key[NAME + 4];
    if (!n1_name_is_reference(table, column))
        return false;
    n1_name_stem(column, stem, sizeof stem);
    snprintf(key, sizeof key, "%s_id", stem);
    struct n1_name_pair pair = {.parent_table = to, .parent_column = "id", .child_table = "", .child_column = key};
    return g_hash_table_contains(schema->words, stem) && n1_name_support(&pair) != N1_NAME_STRONG;
}

static enum n1_name_support names_of(const struct n1_schema *schema, const struct n1_edge *e)
{
    const struct n1_lookup_key *target = e->target;
    if (e->names != N1_NAME_LIKELY)
        return e->names;
    bool is_others = names_other_table(schema, e->source.table, e->source.column, target->table) ||
                     names_other_table(schema, target->table, target->column, e->source.table);
    return is_others ? N1_NAME_WEAK : e->names;
}

static double part(uint64_t some, uint64_t all)
{
    return all == 0 ? 0 : some >= all ? 1 : (double)some / (double)all;
}

/* The part of the rows that have a value which was looked up. */
static double part_of_rows(const struct n1_fan_totals *t)
{
    return part(t->covered, t->parent_rows - MIN(t->null_rows, t->parent_rows));
}

static bool are_as_many(uint64_t a, uint64_t b)
{
    return n1_is_nearly_all(a, b) && n1_is_nearly_all(b, a);
}

bool n1_edge_is_second_level(const struct n1_edge *e)
{
    return e->parent != e->child && e->loops.parent_rows <= e->loops.parents;
}

bool n1_edges_are_pages(const struct n1_edge *a, const struct n1_edge *b)
{
    return a->child == b->child && a->operand == b->operand && a->parent->path->is_user_code &&
           n1_site_place(a->parent) == n1_site_place(b->parent) && n1_name_equal(a->source.table, b->source.table) &&
           n1_name_equal(a->source.column, b->source.column);
}

/* Of the children that an edge cannot explain, those that it need not: other pages of the listing gave them. */
static uint64_t given_by_pages(const struct n1_edge *edge)
{
    uint64_t given = 0;
    for (guint i = 0; i < edge->child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(edge->child->parents, i);
        if (e != edge && n1_edges_are_pages(e, edge))
            given += e->wins;
    }
    return MIN(given, edge->loops.strays);
}

struct n1_standing n1_stand(const struct n1_analysis *a, const struct n1_schema *schema, const struct n1_edge *edge)
{
    const struct n1_constants *k = a->constants;
    const struct n1_fan_totals *t = &edge->loops;
    struct n1_standing s = {.edge = edge, .names = edge->names};
    if (t->children < k->proven_children)
        return s;
    s.names = names_of(schema, edge);
    s.cover = part(t->children, t->children + t->strays - given_by_pages(edge));
    s.order = part(t->in_order, t->children);
    s.step = part(t->in_step, t->children);
    s.rows = n1_edge_is_second_level(edge) ? part(t->parents, edge->parent->stats.executions) : part_of_rows(t);
    s.wins = part(edge->wins, edge->matched);
    s.is_elsewhere =
        edge->parting == N1_PART_DISPATCH || edge->parting == N1_PART_APART || n1_is_mostly(t->foreign, t->children);
    bool small_integers = n1_edge_has(edge, N1_VALUE_INTEGER) && n1_edge_least_magnitude(edge) <= k->small_magnitude &&
                          !n1_is_mostly(t->irregular, t->children);
    bool short_texts = n1_edge_has(edge, N1_VALUE_TEXT) && n1_edge_most_magnitude(edge) <= k->short_text_magnitude;
    s.is_chance = !n1_edge_has_others(edge) && (small_integers || short_texts);
    s.is_common = !n1_edge_has_others(edge) && !n1_edge_has(edge, N1_VALUE_TEXT) &&
                  n1_edge_most_magnitude(edge) <= k->small_magnitude &&
                  !n1_name_equal(edge->source.table, edge->target->table);
    /* A number that many rows hold is found in order anyway: only who asks for each row, or once for each number, walks. */
    /* While a cursor is open, the value's further rows are still to come: each look-up stands for the row that was fetched. */
    if (t->in_cursor * 100 >= t->children * k->order_percent && !n1_edge_is_second_level(edge))
        s.rows = MAX(s.rows, part(t->children, t->parent_rows - MIN(t->null_rows, t->parent_rows)));
    /* Look-ups of another loop at the same place (a language without frames) meet some values too, but not in order. */
    const uint64_t full_rows = t->parent_rows - MIN(t->null_rows, t->parent_rows);
    s.is_each_row = are_as_many(t->children, t->covered) || are_as_many(t->children, full_rows) ||
                    are_as_many(t->in_order, full_rows);
    bool is_walk =
        s.is_each_row || n1_is_nearly_all(t->places, t->children) || n1_is_nearly_all(t->in_cursor, t->children);
    s.walks = s.order * 100 >= k->order_percent && is_walk;
    s.keeps_up = n1_edge_is_second_level(edge) && n1_candidates_cover(edge->parent) && s.names == N1_NAME_STRONG &&
                 t->parents == t->children && t->in_order == t->children;
    const bool in_order = s.order * 100 >= k->order_percent;
    s.is_beside = in_order && edge->beside != NULL && n1_candidates_cover(edge->beside) &&
                  t->beside >= k->proven_children && n1_is_nearly_all(t->beside + 1, t->children);
    /* Each child asked for the very row that had just been fetched: no counter keeps step with a cursor. */
    s.keeps_step = s.is_beside || (in_order && t->in_cursor * 100 >= t->children * k->order_percent &&
                                   s.rows * 100 >= k->order_percent);
    s.is_certain = (!n1_edge_has(edge, N1_VALUE_INTEGER) || n1_edge_least_magnitude(edge) >= N1_LARGE_INTEGER) &&
                   (!n1_edge_has(edge, N1_VALUE_TEXT) || n1_edge_least_magnitude(edge) >= N1_LONG_TEXT);
    /* Of all look-ups at the place: a column that meets some of them by chance does not meet all. */
    s.share = part(t->children, edge->child->stats.executions);
    s.is_complete = s.names >= N1_NAME_LIKELY && s.share * 100 >= k->order_percent && s.cover * 100 >= k->order_percent;
    s.score = N1_SCORE_NAMES * (double)MIN(s.names, n1_edge_names(edge)) + N1_SCORE_SHARE * s.share +
              N1_SCORE_WINS * s.wins + N1_SCORE_ORDER * s.order + N1_SCORE_ROWS * s.rows + N1_SCORE_COVER * s.cover;
    return s;
}

/* Whether names can speak at all: a parameter inside an expression is compared with nothing that has a name. */
static bool is_key_comparison(const struct n1_edge *edge)
{
    return edge->target->column[0] != '\0';
}

/* From elsewhere the values may be two users' of one table. Only who walks the rows in their order, or most of them, got them from
 * there; where a counter could have made them, only who walks nearly all. */
static bool is_too_far(const struct n1_constants *k, const struct n1_standing *s)
{
    bool is_dispatched = s->edge->parting == N1_PART_DISPATCH;
    if (s->edge->parting == N1_PART_REQUEST)
        return true;
    if (!s->is_elsewhere || s->keeps_up)
        return false;
    double in_order = k->order_percent / 100.0, rows_enough = k->dispatch_row_percent / 100.0;
    bool is_one_thread = is_dispatched && s->edge->loops.foreign == 0;
    return s->rows < (is_one_thread && s->is_chance ? in_order : rows_enough) || (is_one_thread && s->order < in_order);
}

/* Some rows, in no order: anybody asks so who knows the keys from elsewhere, a user's click or a list of constants. Few of them are
 * in order by chance; and as many as a counter makes are in order anyway. */
static bool is_picked(const struct n1_constants *k, const struct n1_standing *s)
{
    const struct n1_fan_totals *t = &s->edge->loops;
    if (s->rows * 100 >= k->dispatch_row_percent || n1_is_mostly(t->in_cursor, t->children) || s->keeps_up ||
        s->is_beside)
        return false;
    uint32_t enough = s->is_chance ? k->query_loop_children : k->unnamed_children;
    return s->order * 100 < k->order_percent || t->places < enough;
}

/* A few values that the rows share, asked for in the very column that holds them, each for several rows or for their sum: classes, the
 * states of the orders. A program knows these without the list. */
static bool are_classes(const struct n1_constants *k, const struct n1_standing *s)
{
    const struct n1_edge *e = s->edge;
    const struct n1_result_column *c = &e->source;
    bool is_same_column = e->is_same_table && n1_name_equal(c->column, e->target->column);
    bool is_key = n1_name_is_own_key(c->table, c->column) || n1_name_is_reference(c->table, c->column) ||
                  (e->child->rows_max <= 1 && !e->child->stmt->is_aggregate);
    return is_same_column && !is_key && n1_distinct_count(&e->values) < k->query_loop_children &&
           e->loops.covered >= 2 * e->loops.children;
}

/* Another condition of the child varies, and this one does not: it is the loop's setting. */
static bool is_setting(const struct n1_edge *e)
{
    return n1_distinct_count(&e->values) == 1 && n1_distinct_count(&e->child->parameters) > 1;
}

/* Each time, and that was often, it asked for what the one row held that had just been fetched. A counter would have to hit upon
 * another column of each row; the row's own key is no source (provenance.h). */
static bool follows_each(const struct n1_constants *k, const struct n1_standing *s)
{
    const struct n1_fan_totals *t = &s->edge->loops;
    double in_order = k->order_percent / 100.0;
    return n1_edge_is_second_level(s->edge) && t->parents == t->children && t->children >= k->query_loop_children &&
           n1_distinct_count(&s->edge->values) >= k->unnamed_children && is_key_comparison(s->edge) &&
           t->children * 100 >= s->edge->child->stats.executions * k->order_percent && s->order >= in_order &&
           s->rows >= in_order && s->cover >= in_order;
}

/* No other column of the parent's that looks like a reference held the values, too. */
static bool is_only_reference(const struct n1_edge *edge)
{
    for (guint i = 0; i < edge->child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(edge->child->parents, i);
        if (e != edge && e->parent == edge->parent && e->operand == edge->operand && e->names >= N1_NAME_LIKELY &&
            n1_is_nearly_all(e->matched, edge->matched))
            return false;
    }
    return true;
}

/* The row's own key, in no order or in some rows, where another column of the same rows held the values in the rows' order, and each
 * of its values was asked for: mother and id of an animal, when all mothers are in the list. */
static bool is_outwalked(const struct n1_constants *k, const struct n1_standing *s)
{
    const struct n1_edge *own = s->edge;
    double in_order = k->order_percent / 100.0;
    if (!own->is_own_row || (s->order >= in_order && part_of_rows(&own->loops) >= in_order))
        return false;
    for (guint i = 0; i < own->child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(own->child->parents, i);
        bool is_rival = e->parent == own->parent && e->operand == own->operand && !e->is_own_row;
        if (is_rival && e->loops.children >= own->loops.children &&
            part(e->loops.in_order, e->loops.children) >= in_order && part_of_rows(&e->loops) >= in_order)
            return true;
    }
    return false;
}

bool n1_standing_convinces(const struct n1_analysis *a, const struct n1_standing *s, enum n1_confidence *confidence)
{
    const struct n1_constants *k = a->constants;
    const struct n1_fan_totals *t = &s->edge->loops;
    double in_order = k->order_percent / 100.0, rows_enough = k->dispatch_row_percent / 100.0;
    *confidence = N1_PROVEN;
    if (t->fans == 0 || t->children < k->proven_children || s->cover * 100 < k->min_cover_percent)
        return false;
    if (is_too_far(k, s) || is_picked(k, s) || is_setting(s->edge) || are_classes(k, s) || is_outwalked(k, s))
        return false;
    if (s->names == N1_NAME_STRONG)
        return true;
    if (s->names == N1_NAME_LIKELY) {
        if (s->is_chance && s->order < in_order)
            return false;
        bool is_sure = s->is_complete && s->order >= in_order && (s->walks || is_only_reference(s->edge)) &&
                       n1_distinct_count(&s->edge->values) >= k->proven_children;
        if (s->is_common && !is_sure)
            return false;
        *confidence = s->is_chance && s->rows < in_order ? N1_LIKELY : N1_PROVEN;
        return true;
    }
    if (follows_each(k, s))
        return true;
    bool are_few = t->places < k->unnamed_children && (!s->keeps_step || t->children < k->unnamed_children);
    if (are_few || (s->is_chance && !s->keeps_step) || s->cover < in_order || (s->is_common && s->share < in_order))
        return false;
    return s->is_certain || (s->walks && (s->rows >= rows_enough || s->is_beside) && is_key_comparison(s->edge));
}

/* WHERE contact_id = ? AND user_id = ?, for each contact of each user: the condition that varies with the look-ups is the loop's. */
static bool varies_with_each(const struct n1_edge *e)
{
    return n1_distinct_count(&e->values) * 2 >= n1_distinct_count(&e->child->parameters);
}

static bool is_from_own_key(const struct n1_edge *e)
{
    return n1_name_is_own_key(e->source.table, e->source.column);
}

/* A condition that is no own key, met alike by a row's own key and by another column: one that holds the same in each row, or a
 * reference to that row, which several rows have. The look-ups are the row's. */
static bool is_rivals_key(const struct n1_standing *a, const struct n1_standing *b)
{
    const struct n1_lookup_key *target = a->edge->target;
    return target == b->edge->target && a->names == b->names && a->order == b->order && a->rows == b->rows &&
           a->cover == b->cover && !n1_name_is_own_key(target->table, target->column) && is_from_own_key(a->edge) &&
           !is_from_own_key(b->edge) && (a->edge->parent == b->edge->parent || (a->is_each_row && !b->is_each_row));
}

/* Two columns of one list that explain the same look-ups equally well: only the steps of the walk tell them apart. */
static bool are_twins(const struct n1_standing *a, const struct n1_standing *b)
{
    return a->is_complete && b->is_complete && a->edge->parent == b->edge->parent &&
           a->edge->target == b->edge->target && a->names == b->names &&
           is_from_own_key(a->edge) == is_from_own_key(b->edge);
}

/* Where both columns hold the values some rows apart (stops of a ring), the neighbour's walk begins further down. */
static uint64_t skipped_in(const struct n1_standing *s)
{
    return s->edge->loops.skipped;
}

/* Two columns of one key: where there are as many rows as look-ups, they were walked; the column that stays for several is given by
 * the loop around it. */
static bool is_inner_part(const struct n1_standing *a, const struct n1_standing *b)
{
    return a->is_complete && b->is_complete && a->edge->target != b->edge->target && a->is_each_row && !b->is_each_row;
}

int n1_standing_compare(const struct n1_standing *a, const struct n1_standing *b)
{
    if (a->is_complete != b->is_complete)
        return a->is_complete ? -1 : 1;
    if (a->is_complete && a->is_elsewhere != b->is_elsewhere)
        return b->is_elsewhere ? -1 : 1;
    if (a->is_complete && varies_with_each(a->edge) != varies_with_each(b->edge))
        return varies_with_each(a->edge) ? -1 : 1;
    /* Both have all the values; who walks the rows in their order got them there. */
    const double in_order = n1_constants_default.order_percent / 100.0;
    bool a_walks = a->order >= in_order, b_walks = b->order >= in_order;
    if (a->is_complete && a_walks != b_walks)
        return a_walks ? -1 : 1;
    if (is_inner_part(a, b) != is_inner_part(b, a))
        return is_inner_part(a, b) ? -1 : 1;
    if (are_twins(a, b) && a->step != b->step)
        return a->step > b->step ? -1 : 1;
    if (are_twins(a, b) && skipped_in(a) != skipped_in(b))
        return skipped_in(a) < skipped_in(b) ? -1 : 1;
    if (is_rivals_key(a, b) != is_rivals_key(b, a))
        return is_rivals_key(a, b) ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->edge->index < b->edge->index ? -1 : 1;
}
