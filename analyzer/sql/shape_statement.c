/* From a statement's first words to the reader of its kind. */
#include "analyzer/sql/shape_reader.h"

enum object_place {
    NO_OBJECT,
    OBJECT_NEXT, /* the first name behind the verb */
    OBJECT_LAST, /* the last token */
};

struct verb {
    enum n1_sql_keyword keyword;
    enum n1_sql_verb verb;
    enum object_place object;
};

static const struct verb verbs[] = {
    {N1_SQL_KW_SELECT, N1_SQL_VERB_SELECT, NO_OBJECT},
    {N1_SQL_KW_VALUES, N1_SQL_VERB_SELECT, NO_OBJECT},
    {N1_SQL_KW_TABLE, N1_SQL_VERB_SELECT, NO_OBJECT},
    {N1_SQL_KW_INSERT, N1_SQL_VERB_INSERT, NO_OBJECT},
    {N1_SQL_KW_REPLACE, N1_SQL_VERB_INSERT, NO_OBJECT},
    {N1_SQL_KW_UPDATE, N1_SQL_VERB_UPDATE, NO_OBJECT},
    {N1_SQL_KW_DELETE, N1_SQL_VERB_DELETE, NO_OBJECT},
    {N1_SQL_KW_MERGE, N1_SQL_VERB_MERGE, NO_OBJECT},
    {N1_SQL_KW_BEGIN, N1_SQL_VERB_BEGIN, NO_OBJECT},
    {N1_SQL_KW_START, N1_SQL_VERB_BEGIN, NO_OBJECT},
    {N1_SQL_KW_COMMIT, N1_SQL_VERB_COMMIT, NO_OBJECT},
    {N1_SQL_KW_END, N1_SQL_VERB_COMMIT, NO_OBJECT},
    {N1_SQL_KW_ROLLBACK, N1_SQL_VERB_ROLLBACK, NO_OBJECT},
    {N1_SQL_KW_ABORT, N1_SQL_VERB_ROLLBACK, NO_OBJECT},
    {N1_SQL_KW_SAVEPOINT, N1_SQL_VERB_SAVEPOINT, OBJECT_LAST},
    {N1_SQL_KW_RELEASE, N1_SQL_VERB_RELEASE, OBJECT_LAST},
    {N1_SQL_KW_SET, N1_SQL_VERB_SET, OBJECT_NEXT},
    {N1_SQL_KW_SHOW, N1_SQL_VERB_SET, OBJECT_NEXT},
    {N1_SQL_KW_RESET, N1_SQL_VERB_SET, OBJECT_NEXT},
    {N1_SQL_KW_DISCARD, N1_SQL_VERB_SET, NO_OBJECT},
    {N1_SQL_KW_PRAGMA, N1_SQL_VERB_PRAGMA, OBJECT_NEXT},
    {N1_SQL_KW_EXPLAIN, N1_SQL_VERB_EXPLAIN, NO_OBJECT},
    {N1_SQL_KW_DECLARE, N1_SQL_VERB_DECLARE, OBJECT_NEXT},
    {N1_SQL_KW_FETCH, N1_SQL_VERB_FETCH, OBJECT_LAST},
    {N1_SQL_KW_MOVE, N1_SQL_VERB_FETCH, OBJECT_LAST},
    {N1_SQL_KW_CLOSE, N1_SQL_VERB_CLOSE, OBJECT_LAST},
    {N1_SQL_KW_PREPARE, N1_SQL_VERB_PREPARE, OBJECT_NEXT},
    {N1_SQL_KW_EXECUTE, N1_SQL_VERB_EXECUTE, OBJECT_NEXT},
    {N1_SQL_KW_DEALLOCATE, N1_SQL_VERB_DEALLOCATE, OBJECT_LAST},
    {N1_SQL_KW_COPY, N1_SQL_VERB_COPY, NO_OBJECT},
    {N1_SQL_KW_CREATE, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_ALTER, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_DROP, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_TRUNCATE, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_GRANT, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_REVOKE, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_REINDEX, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_VACUUM, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_ANALYZE, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_COMMENT, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_CLUSTER, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_REFRESH, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_REASSIGN, N1_SQL_VERB_DDL, NO_OBJECT},
    {N1_SQL_KW_LOCK, N1_SQL_VERB_LOCK, NO_OBJECT},
    {N1_SQL_KW_LISTEN, N1_SQL_VERB_LOCK, OBJECT_NEXT},
    {N1_SQL_KW_UNLISTEN, N1_SQL_VERB_LOCK, OBJECT_NEXT},
    {N1_SQL_KW_NOTIFY, N1_SQL_VERB_LOCK, OBJECT_NEXT},
    {N1_SQL_KW_ATTACH, N1_SQL_VERB_LOCK, NO_OBJECT},
    {N1_SQL_KW_DETACH, N1_SQL_VERB_LOCK, NO_OBJECT},
    {N1_SQL_KW_CHECKPOINT, N1_SQL_VERB_LOCK, NO_OBJECT},
};

/* More than any statement has; each is compared with each table. */
#define CTE_MAX 256

static const struct verb *find_verb(const struct reader *r, int at)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (shape_is(r, at, verbs[i].keyword))
            return &verbs[i];
    return NULL;
}

/* WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (body), ...: returns where the statement itself begins. */
static int read_with(struct reader *r, struct range range, int scope, bool is_outer)
{
    int at = range.begin + 1;
    if (is_outer)
        r->shape->has_with = true;
    if (shape_is(r, at, N1_SQL_KW_RECURSIVE)) {
        r->shape->is_recursive |= is_outer;
        at++;
    }
    while (at < range.end) {
        if (!shape_is_name(r, at) || r->cte_names->len >= CTE_MAX)
            break;
        g_ptr_array_add(r->cte_names, shape_string(r, at++));
        if (shape_is_kind(r, at, N1_SQL_OPEN))
            at = shape_next(r, at);
        while (at < range.end && (shape_is(r, at, N1_SQL_KW_AS) || shape_is(r, at, N1_SQL_KW_NOT) ||
                                  shape_is(r, at, N1_SQL_KW_MATERIALIZED)))
            at++;
        if (at >= range.end || !shape_is_kind(r, at, N1_SQL_OPEN) || r->tokens[at].match < 0)
            break;
        int body = shape_add_scope(r, scope, true);
        if (body >= 0)
            shape_read_statement(r, (struct range){at + 1, r->tokens[at].match}, body, false);
        at = r->tokens[at].match + 1;
        if (!shape_is_kind(r, at, N1_SQL_COMMA) || at >= range.end)
            return at;
        at++;
    }
    r->shape->is_understood = false;
    return at;
}

static void read_object(struct reader *r, struct range range, enum object_place place)
{
    int at = place == OBJECT_LAST ? range.end - 1 : range.begin + 1;
    if (place == NO_OBJECT)
        return;
    if ((shape_is(r, at, N1_SQL_KW_SESSION) || shape_is_text(r, at, "LOCAL")) && shape_is_name(r, at + 1))
        at++; /* SET SESSION name, SET LOCAL name */
    while (place == OBJECT_NEXT && at < range.end && !shape_is_name(r, at))
        at++;
    while (place == OBJECT_NEXT && at + 2 < range.end && shape_is_kind(r, at + 1, N1_SQL_DOT) &&
           shape_is_name(r, at + 2))
        at += 2;
    if (at > range.begin && at < range.end && shape_is_name(r, at))
        r->shape->object = shape_string(r, at);
}

/* COPY t [(columns)] FROM / TO: the table. */
static void read_copy(struct reader *r, struct range range, int scope)
{
    struct n1_sql_table table = {.join = N1_SQL_JOIN_FIRST};
    if (shape_read_table(r, range.begin + 1, range.end, &table) == range.begin + 1)
        return;
    table.is_target = shape_find(r, range, N1_SQL_KW_FROM) < range.end;
    shape_add_table(r, &table, scope);
    r->shape->target = table.is_target ? 0 : -1;
}

/* The statement inside DECLARE ... FOR, PREPARE ... AS and EXPLAIN: its tables, items and operands become this one's. */
static bool read_inner(struct reader *r, struct range range, enum n1_sql_verb verb, int scope)
{
    int at = range.end;
    if (verb == N1_SQL_VERB_DECLARE)
        at = shape_find(r, range, N1_SQL_KW_FOR) + 1;
    else if (verb == N1_SQL_VERB_PREPARE)
        at = shape_find(r, range, N1_SQL_KW_AS) + 1;
    else if (verb == N1_SQL_VERB_EXPLAIN)
        for (at = range.begin + 1; at < range.end; at = shape_next(r, at))
            if (shape_is(r, at, N1_SQL_KW_WITH) || (find_verb(r, at) && !shape_is(r, at, N1_SQL_KW_ANALYZE)))
                break;
    if (at >= range.end)
        return false;
    if (verb == N1_SQL_VERB_PREPARE)
        r->shape->inner_begin = shape_span(r, (struct range){at, range.end}).begin;
    shape_read_statement(r, (struct range){at, range.end}, scope, true);
    r->shape->verb = verb;
    return true;
}

static void read_by_verb(struct reader *r, struct range range, const struct verb *verb, int scope, bool is_outer)
{
    switch (verb->verb) {
    case N1_SQL_VERB_SELECT: shape_read_query(r, range, scope, is_outer); return;
    case N1_SQL_VERB_INSERT: shape_read_insert(r, range, scope, is_outer); return;
    case N1_SQL_VERB_UPDATE: shape_read_update(r, range, scope, is_outer); return;
    case N1_SQL_VERB_DELETE: shape_read_delete(r, range, scope, is_outer); return;
    case N1_SQL_VERB_MERGE: shape_read_merge(r, range, scope, is_outer); return;
    default: break;
    }
    if (!is_outer) {
        shape_walk(r, range, scope, N1_SQL_CLAUSE_OTHER);
        return;
    }
    read_object(r, range, verb->object);
    if (read_inner(r, range, verb->verb, scope)) {
        read_object(r, range, verb->object);
        return;
    }
    if (verb->verb == N1_SQL_VERB_COPY)
        read_copy(r, range, scope);
    if (verb->verb == N1_SQL_VERB_ROLLBACK && shape_find(r, range, N1_SQL_KW_TO) < range.end) {
        r->shape->verb = N1_SQL_VERB_ROLLBACK_TO;
        read_object(r, range, OBJECT_LAST);
    }
    shape_walk(r, range, scope, N1_SQL_CLAUSE_OTHER);
}

void shape_read_statement(struct reader *r, struct range range, int scope, bool is_outer)
{
    if (!shape_enter(r))
        return;
    while (range.end - range.begin > 2 && shape_is_kind(r, range.begin, N1_SQL_OPEN) &&
           r->tokens[range.begin].match == range.end - 1)
        range = (struct range){range.begin + 1, range.end - 1};
    if (shape_is(r, range.begin, N1_SQL_KW_WITH) && range.begin < range.end)
        range.begin = read_with(r, range, scope, is_outer);
    const struct verb *verb = range.begin < range.end ? find_verb(r, range.begin) : NULL;
    bool is_bracketed = shape_is_kind(r, range.begin, N1_SQL_OPEN) && range.begin < range.end;
    if (is_outer)
        r->shape->verb = verb                       ? verb->verb
                         : is_bracketed             ? N1_SQL_VERB_SELECT
                         : range.begin >= range.end ? N1_SQL_VERB_EMPTY
                                                    : N1_SQL_VERB_OTHER;
    if (verb) {
        read_by_verb(r, range, verb, scope, is_outer);
    } else if (is_bracketed) {
        shape_read_query(r, range, scope, is_outer);
    } else if (range.begin < range.end) {
        r->shape->is_understood = false;
        shape_walk(r, range, scope, N1_SQL_CLAUSE_OTHER);
    }
    shape_leave(r);
}
