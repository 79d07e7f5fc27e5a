#include "analyzer/advice/advice.h"

#include <string.h>

#include "analyzer/advice/spelling.h"
#include "analyzer/links/names.h"
#include "analyzer/sql/rewrite.h"

enum { NAME = 128 };

/* ---- the action ----------------------------------------------------------------------------------------------------- */

static bool is_one_database(const struct n1_candidate *c)
{
    return n1_sites_share_database(c->parent, c->child);
}

/* The parent has read all of the columns that the child asks for, by their names or by a star. */
static bool has_all_columns(const struct n1_candidate *c)
{
    const struct n1_sql_shape *parent = &c->parent->stmt->text->shape, *child = &c->child->stmt->text->shape;
    bool has_all = child->item_count > 0 && c->child->stmt->n_tables == 1 && !c->parent->stmt->is_write;
    for (int i = 0; i < child->item_count && has_all; i++) {
        const struct n1_sql_item *item = &child->items[i];
        const char *name = item->kind == N1_SQL_ITEM_COLUMN ? item->column.name : "*";
        int found = n1_sql_shape_find_item(parent, n1_sql_shape_find_table(parent, c->edge->target->table), name);
        has_all = found >= 0 && (item->kind == N1_SQL_ITEM_COLUMN || item->kind == N1_SQL_ITEM_STAR);
    }
    return has_all;
}

static enum n1_action loop_action(const struct n1_candidate *c)
{
    if (c->is_recursive)
        return c->cardinality == N1_TO_MANY ? N1_ACTION_PREFETCH_RELATED : N1_ACTION_NONE;
    if (c->child->stmt->is_aggregate)
        return is_one_database(c) ? N1_ACTION_ANNOTATE : N1_ACTION_IN_BULK;
    if (c->is_own_row && is_one_database(c))
        return has_all_columns(c) ? N1_ACTION_CACHE : N1_ACTION_LOAD_COLUMNS;
    if (c->cardinality == N1_TO_MANY)
        return N1_ACTION_PREFETCH_RELATED;
    if (c->is_polymorphic) /* without an ORM there is nothing that prefetches */
        return c->child->path->world != NULL ? N1_ACTION_PREFETCH_RELATED : N1_ACTION_IN_BULK;
    return c->is_relation && is_one_database(c) && !c->parent->stmt->is_write ? N1_ACTION_SELECT_RELATED
                                                                              : N1_ACTION_IN_BULK;
}

static enum n1_action action_of(const struct n1_candidate *c)
{
    switch (c->kind) {
    case N1_KIND_N_PLUS_ONE: return loop_action(c);
    case N1_KIND_QUERY_LOOP: return N1_ACTION_IN_BULK;
    case N1_KIND_DUPLICATE_QUERY: return N1_ACTION_CACHE;
    case N1_KIND_WRITE_LOOP:
        if (c->is_same_row)
            return N1_ACTION_UPDATE_EXPRESSION;
        return c->child->stmt->text->shape.verb == N1_SQL_VERB_INSERT ? N1_ACTION_BULK_CREATE : N1_ACTION_BULK_UPDATE;
    case N1_KIND_READ_MODIFY_WRITE: return N1_ACTION_UPDATE_EXPRESSION;
    default: return N1_ACTION_NONE;
    }
}

/* ---- names ---------------------------------------------------------------------------------------------------------- */

static const char *known(const char *name)
{
    return name != NULL && *name != '\0' ? name : NULL;
}

static const char *first_table(const struct n1_stmt *stmt)
{
    return stmt->n_tables > 0 ? stmt->table[0]->name : NULL;
}

/* The table whose rows the child is after: for a look-up through a join table the one it selects from. */
static const char *wanted_table(const struct n1_candidate *c)
{
    const struct n1_sql_shape *shape = &c->child->stmt->text->shape;
    if (c->edge != NULL && c->cardinality == N1_TO_ONE && *c->edge->target->table != '\0')
        return c->edge->target->table;
    /* Several tables: the one whose columns are selected. */
    if (shape->item_count > 0 && shape->items[0].column.table >= 0) {
        const struct n1_sql_table *t = &shape->tables[shape->items[0].column.table];
        if (!t->is_cte && !t->is_subquery && !t->is_function && *t->name != '\0')
            return t->name;
    }
    return first_table(c->child->stmt);
}

static const char *parent_table(const struct n1_candidate *c)
{
    if (c->edge != NULL && known(c->edge->source.table) != NULL)
        return c->edge->source.table;
    return c->parent != NULL ? first_table(c->parent->stmt) : NULL;
}

/* The key has several columns, each fed by a column of the same parent: none of them names the relation alone. */
static bool is_composite(const struct n1_candidate *c)
{
    for (guint i = 0; i < c->child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(c->child->parents, i);
        if (e->parent == c->parent && e->operand != c->edge->operand &&
            (e->names >= N1_NAME_LIKELY || n1_name_equal(e->source.column, e->target->column)) &&
            e->loops.children == c->edge->loops.children && e->target->op == N1_SQL_OP_EQ)
            return true;
    }
    return false;
}

/* A join table named after the parent and a field (Django: blog_post_tags of blog_post) gives the field's name. */
static const char *field_of_join_table(struct n1_arena *arena, const struct n1_candidate *c)
{
    const char *parent = parent_table(c), *join = c->edge->target->table;
    size_t length = parent == NULL ? 0 : strlen(parent);
    bool is_named_so = length > 0 && !n1_name_equal(join, wanted_table(c)) && strncmp(join, parent, length) == 0 &&
                       join[length] == '_' && join[length + 1] != '\0';
    return is_named_so ? n1_arena_strdup(arena, join + length + 1) : NULL;
}

/* The program said it: "Post.author", or "author" alone. What is counted goes by its query name: post, not post_set. */
static const char *announced_name(struct n1_arena *arena, const struct n1_candidate *c)
{
    const char *dot = strrchr(c->child->relation, '.');
    char *name = n1_arena_clean(arena, dot != NULL ? dot + 1 : c->child->relation);
    size_t length = strlen(name);
    if (c->child->stmt->is_aggregate && length > 4 && strcmp(name + length - 4, "_set") == 0)
        name[length - 4] = '\0';
    return name;
}

static const char *announced_model(struct n1_arena *arena, const struct n1_candidate *c)
{
    const char *dot = c->child->relation != NULL ? strrchr(c->child->relation, '.') : NULL;
    return dot != NULL && dot > c->child->relation
               ? n1_arena_clean(arena,
                                n1_arena_printf(arena, "%.*s", (int)(dot - c->child->relation), c->child->relation))
               : NULL;
}

/* The child's column names the parent (papers.vehicle_id of vehicle.plate): the relation is called after the child. */
static bool refers_back(const struct n1_edge *e)
{
    const struct n1_name_pair to = {e->source.table, e->source.column, e->target->table, e->target->column};
    return n1_name_means_table(e->target->column, e->source.table) && !n1_name_refers(&to);
}

static const char *relation_name(struct n1_arena *arena, const struct n1_candidate *c, const char *world)
{
    char name[NAME];
    if (c->child->relation != NULL)
        return announced_name(arena, c);
    if (c->edge == NULL || c->kind != N1_KIND_N_PLUS_ONE)
        return NULL;
    const struct n1_result_column *source = &c->edge->source;
    if (c->cardinality == N1_TO_ONE && !n1_name_is_own_key(source->table, source->column) && !refers_back(c->edge) &&
        !is_composite(c)) {
        const char *column = *source->column != '\0' ? source->column : source->output;
        const struct n1_name_pair pair = {source->table, column, c->edge->target->table, c->edge->target->column};
        n1_name_role(&pair, name, sizeof name);
        if (g_str_has_suffix(column, "_by") ||
            g_str_has_suffix(column, "_to")) /* created_by, reply_to: names as they are */
            g_strlcpy(name, column, sizeof name);
        return n1_arena_strdup(arena, name);
    }
    const char *wanted = wanted_table(c);
    if (wanted == NULL)
        return NULL;
    const char *field = c->cardinality == N1_TO_MANY ? field_of_join_table(arena, c) : NULL;
    if (field != NULL)
        return field;
    char one[NAME];
    n1_name_short_table(wanted, parent_table(c), name, sizeof name);
    n1_name_one_of(wanted, parent_table(c), one, sizeof one);
    if (c->child->stmt->is_aggregate)
        return n1_spell_counted(arena, world, name, one);
    if (c->cardinality == N1_TO_MANY)
        return n1_spell_many(arena, world, name, one);
    return n1_arena_strdup(arena, c->cardinality == N1_TO_ONE ? one : name);
}

static const char *model(struct n1_arena *arena, const char *table, const char *sibling)
{
    char name[NAME];
    if (table == NULL)
        return NULL;
    n1_name_short_table(table, sibling, name, sizeof name);
    return n1_spell_model(arena, name);
}

static const char *written_column(const struct n1_site *site)
{
    if (site->readback.column != NULL)
        return site->readback.column;
    const struct n1_sql_shape *shape = &site->stmt->text->shape;
    return shape->assignment_count > 0 ? known(shape->assignments[0].column.name) : NULL;
}

/* The one aggregate that a statement selects, or NULL. */
static const struct n1_sql_item *aggregate_of(const struct n1_site *site)
{
    const struct n1_sql_shape *shape = &site->stmt->text->shape;
    bool is_one = shape->item_count == 1 && shape->items[0].kind == N1_SQL_ITEM_AGGREGATE;
    return is_one ? &shape->items[0] : NULL;
}

static const char *summed_column(const struct n1_site *site)
{
    const struct n1_sql_item *item = aggregate_of(site);
    return item != NULL ? known(item->column.name) : NULL;
}

static const char *summing_function(const struct n1_site *site)
{
    const struct n1_sql_item *item = aggregate_of(site);
    return item != NULL ? known(item->function) : NULL;
}

/* ---- the statement that replaces the loop --------------------------------------------------------------------------- */

/* Which operand the loop varies: the others stay conditions as they are. */
static int varying_operand(const struct n1_site *site)
{
    const struct n1_query_text *text = site->stmt->text;
    uint32_t most = 0;
    for (uint32_t i = 1; i < text->n_keys; i++) {
        if (site->key_changes[i] > site->key_changes[most])
            most = i;
    }
    return text->key[most].operand;
}

/* The column of the same parent's rows that feeds another operand of the child best, or NULL. */
static const char *fed_by_parent(const struct n1_candidate *c, uint16_t operand)
{
    const struct n1_edge *best = NULL;
    for (guint i = 0; c->edge != NULL && i < c->child->parents->len; i++) {
        const struct n1_edge *e = g_ptr_array_index(c->child->parents, i);
        if (e->parent != c->parent || e->operand != operand ||
            (e->names < N1_NAME_LIKELY && !n1_name_equal(e->source.column, e->target->column)) ||
            !n1_is_nearly_all(e->loops.children, c->edge->loops.children))
            continue;
        if (best == NULL || n1_edge_names(e) > n1_edge_names(best) ||
            (n1_edge_names(e) == n1_edge_names(best) && e->wins > best->wins))
            best = e;
    }
    return best != NULL ? best->source.output : NULL;
}

/* The keys beside the one that is fed whose values change within the loops too. Their number; `links` has room for all keys. */
static int further_links(const struct n1_candidate *c, int fed_operand, struct n1_sql_rewrite_link *links)
{
    const struct n1_query_text *text = c->child->stmt->text;
    int count = 0;
    for (uint32_t i = 0; i < text->n_keys; i++) {
        bool is_constant = c->child->key_changes[i] <= MAX(c->loops, 1);
        if (text->key[i].operand != fed_operand && !is_constant)
            links[count++] = (struct n1_sql_rewrite_link){text->key[i].operand, fed_by_parent(c, text->key[i].operand)};
    }
    return count;
}

static const char *replacement(struct n1_arena *arena, const struct n1_candidate *c, enum n1_action action,
                               const char **why_not)
{
    *why_not = NULL;
    bool is_lookup = c->kind == N1_KIND_N_PLUS_ONE || c->kind == N1_KIND_QUERY_LOOP;
    const struct n1_stmt *child = c->child->stmt;
    bool is_read_back = c->is_own_row && c->parent->stmt->is_write; /* RETURNING is the mend, and part of the write */
    if (!is_lookup || child->text->n_keys == 0 || is_read_back || action == N1_ACTION_CACHE)
        return NULL;
    const struct n1_sql_shape *shape = &child->text->shape;
    bool needs_parent = !c->is_recursive && action != N1_ACTION_IN_BULK && !c->is_polymorphic && c->edge != NULL &&
                        is_one_database(c) && !c->parent->stmt->is_write &&
                        c->parent->stmt->text->cursor == N1_CURSOR_NONE;
    /* get() with a LIMIT as a guard: no row of the key is cut off. */
    bool is_guarded = shape->has_limit && !shape->has_order_by && !shape->is_limit_one;
    int fed = c->edge != NULL ? c->edge->operand : varying_operand(c->child);
    struct n1_sql_rewrite_link links[N1_KEYS_MAX];
    struct n1_sql_rewrite_request request = {
        .further = links,
        .further_count = further_links(c, fed, links),
        .parent = needs_parent ? &c->parent->stmt->text->shape : NULL,
        .child = shape,
        .parent_column = c->edge != NULL ? c->edge->source.output : NULL,
        .child_operand = fed,
        .is_recursive = c->is_recursive,
        .cardinality = c->cardinality == N1_TO_ONE && (needs_parent || is_guarded || c->is_recursive) ? N1_SQL_TO_ONE
                                                                                                      : N1_SQL_TO_MANY,
        .is_limit_one = shape->is_limit_one || (shape->has_limit && shape->has_order_by && c->child->rows_max <= 1 &&
                                                c->cardinality == N1_TO_MANY),
    };
    struct n1_sql_rewrite_answer answer;
    if (n1_sql_rewrite(&request, &answer) != 0) {
        *why_not = answer.why_not;
        return NULL;
    }
    const char *sql = n1_arena_clean(arena, answer.sql);
    g_free(answer.sql);
    return sql;
}

/* ---- words ---------------------------------------------------------------------------------------------------------- */

static const char *where(struct n1_arena *arena, const struct n1_site *site)
{
    const struct n1_frame *f = site == NULL ? NULL : n1_site_frame(site);
    if (f == NULL || (f->file == NULL && f->function == NULL))
        return "";
    if (f->file == NULL)
        return n1_arena_printf(arena, " in %s", f->function);
    return n1_arena_printf(arena, " at %s:%d", f->file, f->line);
}

/* A model names the way back as it likes; the recording cannot tell, and the name is the one that the world makes itself. */
static const char *other_name(const struct n1_candidate *c, const struct n1_suggestion *s)
{
    static const struct {
        const char *world, *words;
    } names[] = {{"django", " (or the related_name that its model gives)"},
                 {"peewee", " (or the backref that its model gives)"},
                 {"", " (or what its model calls it)"}};
    const char *world = c->child->path->world;
    if (world == NULL || s->argument == NULL || c->child->relation != NULL)
        return "";
    size_t i = 0;
    while (*names[i].world != '\0' && strcmp(names[i].world, world) != 0)
        i++;
    return names[i].words;
}

/* Whether no code of the program's own is on the stack: a library took the statement over to a thread of its own (aiosqlite). */
static bool is_handed_over(const struct n1_site *site)
{
    const struct n1_frame *f = n1_site_frame(site);
    bool is_library =
        f != NULL && f->file != NULL && (strstr(f->file, "-packages/") != NULL || strstr(f->file, "/gems/") != NULL);
    return is_library && site->path->is_pooled;
}

/* What repeats below a web framework's entrance may be one request after the other: then nothing is to be mended. */
static const char *perhaps_requests(struct n1_arena *arena, const struct n1_candidate *c)
{
    const struct n1_callpath *path = c->child->path;
    if (!path->is_request || c->confidence != N1_POSSIBLE)
        return "";
    const struct n1_frame *from = path->hosts > 0 ? path->frame[path->count - path->hosts] : NULL;
    const char *asker =
        from == NULL || from->file == NULL ? "" : n1_arena_printf(arena, " made at %s:%d", from->file, from->line);
    return n1_arena_printf(arena, " A request handler asks this: if it is the requests%s that repeat, all is well.",
                           asker);
}

/* Which it is, one or one of many, only the schema says: a handful of look-ups does not. */
static const char *perhaps_one(const struct n1_analysis *a, const struct n1_candidate *c)
{
    const struct n1_site *child = c->child;
    const struct n1_lookup_key *key = c->edge != NULL ? c->edge->target : NULL;
    if (key == NULL || n1_statements_uniqueness(a->statements, key->table, key->column) == N1_UNIQUE_NOT)
        return "";
    bool is_one_each = child->rows_max == 1 && child->empty == 0 && child->stmt->text->n_keys == 1;
    return is_one_each && !child->stmt->text->shape.has_limit && child->stmt->n_tables == 1
               ? " Each look-up gave one row: if there can be no second one, a join brings it along."
               : "";
}

/* The columns that choose the child's rows, as a list: "author_id", or "(year, number)". */
static const char *key_words(struct n1_arena *arena, const struct n1_candidate *c)
{
    const struct n1_query_text *text = c->child->stmt->text;
    if (c->outer_column != NULL)
        return c->outer_column;
    if (text->n_keys == 0)
        return "key";
    const int fed = c->edge != NULL ? c->edge->operand : varying_operand(c->child);
    struct n1_sql_rewrite_link links[N1_KEYS_MAX];
    const int n_further = further_links(c, fed, links);
    GString *list = g_string_new(NULL);
    int count = 0;
    for (uint32_t i = 0; i < text->n_keys; i++) {
        bool is_listed = text->key[i].operand == fed;
        for (int k = 0; k < n_further; k++)
            is_listed |= links[k].child_operand == text->key[i].operand;
        if (is_listed && known(text->key[i].column) != NULL)
            g_string_append_printf(list, "%s%s", count++ > 0 ? ", " : "", text->key[i].column);
    }
    const char *all = count == 0  ? "key"
                      : count > 1 ? n1_arena_printf(arena, "(%s)", list->str)
                                  : n1_arena_strdup(arena, list->str);
    g_string_free(list, TRUE);
    return all;
}

/* A list by IN brings all rows of each key. */
static const char *perhaps_few(const struct n1_candidate *c)
{
    const struct n1_sql_shape *shape = &c->child->stmt->text->shape;
    return shape->has_limit && shape->has_order_by
               ? " Each row wants only the first of its own: ROW_NUMBER() over the key picks them, or LATERAL in "
                 "PostgreSQL."
               : "";
}

static const char *words(struct n1_arena *arena, const struct n1_analysis *a, const struct n1_candidate *c,
                         const struct n1_suggestion *s)
{
    const char *child = first_table(c->child->stmt), *from = where(arena, c->parent);
    const char *owner = announced_model(arena, c);
    const char *thing = s->argument == NULL ? child != NULL ? child : "the rows"
                        : owner != NULL     ? n1_arena_printf(arena, "%s.%s", owner, s->argument)
                                            : s->argument;
    const char *key = key_words(arena, c);
    if (c->is_recursive)
        return n1_arena_printf(
            arena,
            "Each look-up takes its key from the one before: read the whole %s with one recursive query "
            "(WITH RECURSIVE), or level by level with IN.",
            c->cardinality == N1_TO_MANY ? "tree" : "chain");
    if (c->is_same_row)
        return n1_arena_strdup(arena,
                               "The same rows are written again and again: collect the changes in the program and "
                               "write each row once, with SET x = x + ? where it counts.");
    switch (s->action) {
    case N1_ACTION_SELECT_RELATED:
        return n1_arena_printf(arena, "Join %s in the query%s, so that each row brings its own.", thing, from);
    case N1_ACTION_PREFETCH_RELATED:
        return n1_arena_printf(
            arena, "Load %s%s for all rows of the query%s at once, with a second query over %s IN (...).%s%s", thing,
            other_name(c, s), from, key, perhaps_one(a, c), perhaps_few(c));
    case N1_ACTION_ANNOTATE:
        return n1_arena_printf(arena, "Compute this for all rows in the query%s: group %s by %s.", from, thing, key);
    case N1_ACTION_LOAD_COLUMNS:
        if (c->parent != NULL && c->parent->stmt->is_write)
            return n1_arena_printf(arena, "Let the write%s return these columns (RETURNING), or keep what was written.",
                                   from);
        return n1_arena_printf(arena,
                               "Select the missing columns of %s in the query%s, which already visits these rows.",
                               child != NULL ? child : "the table", from);
    case N1_ACTION_IN_BULK:
        return n1_arena_printf(
            arena, "Collect the keys first and fetch %s once, with %s IN (...).%s", child != NULL ? child : thing, key,
            c->parent != NULL && !is_one_database(c) ? " They lie in another database: no join reaches them." : "");
    case N1_ACTION_CACHE:
        if (c->is_own_row)
            return n1_arena_printf(
                arena, "The query%s has read these rows already, with all of these columns: use its rows.", from);
        return n1_arena_strdup(arena,
                               "Ask once and keep the answer: text, parameters and result are the same each time.");
    case N1_ACTION_BULK_CREATE:
        return n1_arena_printf(arena, "%sInsert many rows with one statement (VALUES with several rows), in batches.",
                               c->child->path->is_batch ? "The driver still sends a statement for each row here. "
                                                        : "");
    case N1_ACTION_BULK_UPDATE:
        return n1_arena_printf(
            arena, "Change the rows with one statement: by a list of keys, or by a join with the new values.%s",
            c->races > 0 ? " The values were read before and are written back changed, and what another session writes "
                           "between is lost: let the database compute them (SET x = x + ?), or lock the rows."
                         : "");
    case N1_ACTION_UPDATE_EXPRESSION:
        return n1_arena_strdup(
            arena, "Let the database compute the new value (SET x = x + ?), or lock the row when it is read: between "
                   "reading and writing, another session's change is lost.");
    default: return n1_arena_strdup(arena, "These look-ups depend on each other and cannot be batched as they are.");
    }
}

/* ---- sums ----------------------------------------------------------------------------------------------------------- */

static void count_queries(const struct n1_analysis *a, const struct n1_candidate *c, struct n1_suggestion *s)
{
    uint64_t children = c->evidence.executions,
             parents = c->parent != NULL && !c->is_recursive ? c->evidence.parent_executions : 0;
    if (c->kind == N1_KIND_WRITE_LOOP)
        parents = 0;
    /* What remains in the place of the children: nothing when they are joined, one a loop when batched. */
    bool vanishes = parents > 0 && (s->action == N1_ACTION_SELECT_RELATED || s->action == N1_ACTION_ANNOTATE ||
                                    s->action == N1_ACTION_LOAD_COLUMNS || s->action == N1_ACTION_CACHE);
    uint64_t remaining = vanishes ? 0 : c->is_recursive ? 1 : MIN(MAX(c->loops, 1), children);
    bool is_mended = s->action != N1_ACTION_NONE || c->is_recursive;
    s->queries_before = parents + children;
    s->queries_after = is_mended ? parents + remaining : s->queries_before;
    if (c->kind == N1_KIND_READ_MODIFY_WRITE)
        s->queries_after = children; /* the reading goes */
    uint64_t removed = s->queries_before - MIN(s->queries_after, s->queries_before);
    double share = children == 0 ? 0 : (double)removed / (double)children;
    s->saved_ns = c->saved_ns > 0 ? c->saved_ns : (uint64_t)((double)c->time_ns * share);
    s->saved_ns += removed * (a->options != NULL ? a->options->round_trip_ns : 0);
}

void n1_advise(struct n1_arena *arena, const struct n1_analysis *a, const struct n1_candidate *c, struct n1_finding *f)
{
    struct n1_suggestion *s = &f->suggestion;
    const char *world = c->child->path->world;
    s->action = action_of(c);
    const char *why_not;
    s->sql = replacement(arena, c, s->action, &why_not);
    bool names_relation = s->action == N1_ACTION_SELECT_RELATED || s->action == N1_ACTION_PREFETCH_RELATED ||
                          s->action == N1_ACTION_ANNOTATE;
    s->argument = names_relation ? relation_name(arena, c, world) : NULL;
    s->text = words(arena, a, c, s);
    s->text = n1_arena_printf(arena, "%s%s", s->text, perhaps_requests(arena, c));
    if (is_handed_over(c->child))
        s->text = n1_arena_printf(arena,
                                  "%s A library's own thread ran it: the line that asked for it is not on the stack. "
                                  "Look for this statement in the program.",
                                  s->text);
    if (why_not != NULL && s->sql == NULL)
        s->text = n1_arena_printf(arena, "%s No statement is offered: %s.", s->text, why_not);
    const char *owner = announced_model(arena, c);
    struct n1_spelling_words spelled = {
        .relation = s->argument,
        .parent_model = owner != NULL ? owner : model(arena, parent_table(c), wanted_table(c)),
        .child_model = model(arena, wanted_table(c), parent_table(c)),
        .column = s->action == N1_ACTION_ANNOTATE ? summed_column(c->child) : written_column(c->child),
        .function = summing_function(c->child),
    };
    s->code = n1_spell(arena, world, s->action, &spelled);
    count_queries(a, c, s);
    if (c->edge == NULL)
        return;
    f->has_link = true;
    f->link = (struct n1_link){
        .parent_table = n1_arena_clean(arena, known(c->edge->source.table)),
        .parent_column = n1_arena_clean(
            arena, known(*c->edge->source.column != '\0' ? c->edge->source.column : c->edge->source.output)),
        .child_table = n1_arena_clean(arena, known(c->edge->target->table)),
        .child_column = n1_arena_clean(arena, known(c->edge->target->column)),
        .cardinality = c->cardinality,
    };
}
