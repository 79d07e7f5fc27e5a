/* provenance: which column of which earlier query fed which parameter of which later one.
 *
 * Result cells go into the value index, but those of columns that never feed anything go aside (aside.h) after a while; every
 * parameter that chooses rows is looked up there. Where it is found, an edge
 * parent site.column → child site.operand is strengthened. No request scope, thread or connection is needed: values link.
 *
 * A fan is one loop: the children of one edge below one root, which is the list whose rows they walk (a single row passes its
 * own root on, so that a chain post → author → country counts below the posts). Fans whose lists belong to one loop further out
 * add up. Only what happened within one fan says "loop":
 * two requests with one look-up each are two fans of one child, and never add up.
 *
 * A value may be found in several columns; every one of these rival edges is followed, and the rules choose among them by
 * coverage, order, names and recency. Cells that merely repeat what their own query was asked for (echoes) are no source.
 *
 * Bounded by n1_constants: windows, edges, fans; what is refused is counted in n1_provenance.refused. One thread.
 */
#ifndef N1_ANALYZER_PROVENANCE_H
#define N1_ANALYZER_PROVENANCE_H

#include "analyzer/constants.h"
#include "analyzer/intake/executions.h"
#include "analyzer/links/aside.h"
#include "analyzer/links/names.h"
#include "analyzer/links/value_index.h"
#include "trace/table.h"

/* Totals over fans. */
struct n1_fan_totals {
    uint64_t fans, children;
    uint64_t places;      /* different parent rows that were looked up; rows with the same value count once */
    uint64_t covered;     /* parent rows whose value was looked up, each once */
    uint64_t parent_rows; /* of all parent executions in the fans */
    uint64_t null_rows;   /* … of them, rows with nothing in the column */
    uint64_t parents;     /* parent executions */
    uint64_t in_order;    /* children that followed the row of the child before */
    uint64_t in_step; /* children whose value stood in a row behind those that the earlier ones took, each its own */
    uint64_t skipped; /* rows that the children left out: between one's row and the next one's, and before the first */
    uint64_t beside;  /* children that asked for the row, or the next one, that another site's walk had come to */
    uint64_t irregular; /* children in fans whose values a counting loop could not have made: repeated, or falling */
    uint64_t strays;    /* executions of the child site, amid a fan, that this edge cannot explain */
    uint64_t in_cursor; /* children while the parent was still being fetched */
    uint64_t foreign;   /* children on another thread than the parent */
    uint64_t nested;    /* children that were alone below their list, which is one of many of a loop further out */
    uint64_t time_ns;   /* of the children, where it was known at once */
    uint64_t most_rows; /* of the parent executions in one fan */
};

struct n1_fan;

struct n1_edge {
    uint64_t key;
    uint32_t index;
    struct n1_site *parent, *child;
    uint16_t column, operand;
    struct n1_result_column source;
    const struct n1_columns *columns; /* of the parent's result, or NULL */
    const struct n1_lookup_key *target;
    enum n1_name_support names;
    bool is_same_table; /* the column that fed and the one that is compared: of one name, and of no two schemas */
    bool is_own_row;    /* the parent's own row again, by its own key: weaker than a reference that fits as well */
    enum n1_parting parting;
    uint64_t matched; /* executions of child whose value was found here */
    uint64_t wins;    /* … and for which this was the nearest and best named of the rivals */
    /* Matches whose value has its first row of the list in this column, and of them, those not before the look-up before. */
    uint64_t firsts, firsts_in_order;
    uint64_t offers; /* of a place that feeds itself: single rows that held a value when the place ran again … */
    uint64_t steps;  /* … and executions that asked for the value of the row just before: steps along a chain */
    uint32_t kinds, magnitudes; /* of its values: a bit each (enum n1_value_kind; 0 to 15) */
    struct n1_distinct values;
    struct n1_fan_totals loops;   /* fans that are loops */
    struct n1_fan_totals singles; /* fans that are not */
    const struct n1_site *beside; /* whose walk n1_fan_totals.beside is about, the last one */
    struct n1_fan *last_fan;
    struct n1_fan_child *waiting; /* fans.c's: NULL until one has waited */
    struct n1_nest *nest;         /* fans.c's: NULL until a parent was part of a loop itself */
};

struct n1_provenance {
    const struct n1_constants *constants;
    struct n1_executions executions;
    struct n1_value_index lists, singles;
    struct n1_aside aside; /* cells that are in neither */
    struct n1_table edges; /* key → struct n1_edge */
    GPtrArray *all_edges;
    struct n1_table names; /* four names → what they say, + 1 */
    struct n1_table fans;  /* edge and root → struct n1_fan */
    struct n1_fan *fan;
    uint32_t n_fans, next_fan, used_fans; /* the others were never touched */
    struct n1_before {
        uint64_t serial, hash;
    } before;          /* the child site's last execution but this one, and its value of the key that is looked up */
    uint64_t refused;  /* edges that found no room */
    uint64_t outgrown; /* results whose first values were forgotten before their last one came */
};

/* What names say where rivals are compared: in a table that refers to itself, parent_id → id of some other row must win over
 * id → id, which fits now and then because every parent is itself a row. */
static inline enum n1_name_support n1_edge_names(const struct n1_edge *edge)
{
    return edge->is_own_row ? MIN(edge->names, N1_NAME_LIKELY) : edge->names;
}

/* Of the values that came by the edge, one at least. */
static inline bool n1_edge_has(const struct n1_edge *edge, enum n1_value_kind kind)
{
    return (edge->kinds >> kind & 1) != 0;
}
static inline bool n1_edge_has_others(const struct n1_edge *edge) /* than integers and texts */
{
    return (edge->kinds & ~(1U << N1_VALUE_INTEGER | 1U << N1_VALUE_TEXT)) != 0;
}
static inline uint32_t n1_edge_least_magnitude(const struct n1_edge *edge)
{
    return (uint32_t)__builtin_ctz(edge->magnitudes);
}
static inline uint32_t n1_edge_most_magnitude(const struct n1_edge *edge)
{
    return 31U - (uint32_t)__builtin_clz(edge->magnitudes);
}

/* So many more executions of its child's came by it. */
static inline void n1_edge_match(struct n1_edge *edge, uint64_t executions)
{
    edge->matched += executions;
    edge->child->most_matched = MAX(edge->child->most_matched, edge->matched);
}

/* One more value that came by it. */
static inline void n1_edge_note(struct n1_edge *edge, const struct n1_value *value, uint32_t exact)
{
    n1_distinct_add(&edge->values, value->hash, exact);
    edge->kinds |= 1U << value->kind;
    edge->magnitudes |= 1U << value->magnitude;
}

/* The only place that holds a value, of an execution that had begun by then: as in most loops. NULL: there is none, or there may be
 * rivals. */
static inline const struct n1_place *n1_provenance_only(const struct n1_provenance *p, uint64_t hash, uint64_t start_ns)
{
    const struct n1_place *list = n1_value_index_first(&p->lists, hash);
    const struct n1_place *single = n1_value_index_first(&p->singles, hash);
    if ((list == NULL) == (single == NULL))
        return NULL;
    const struct n1_place *place = list != NULL ? list : single;
    const struct n1_brief *brief = n1_executions_brief(&p->executions, place->slot, place->serial);
    const bool is_only = n1_value_index_older(list != NULL ? &p->lists : &p->singles, place) == NULL && brief != NULL &&
                         brief->start_ns <= start_ns;
    return is_only ? place : NULL;
}

void n1_provenance_init(struct n1_provenance *p, const struct n1_constants *constants);
void n1_provenance_release(struct n1_provenance *p);

/* A child: looks its keys up, strengthens edges, sets its root and own keys. Call once, before its cells are added. */
void n1_provenance_child(struct n1_provenance *p, struct n1_step *child, const struct n1_event *ev);
/* Result cells of an execution, rows counted from row_base. */
void n1_provenance_cells(struct n1_provenance *p, struct n1_step *parent, const struct n1_event *ev, uint32_t row_base);
/* A look-up found no parent: when the value lies aside, its column is indexed from now on, with the results of it that lie there.
 * Whether looking again will do. */
bool n1_provenance_recover(struct n1_provenance *p, struct n1_step *child, uint64_t hash);
/* After the last event: closes all fans. */
void n1_provenance_finish(struct n1_provenance *p);

#endif
