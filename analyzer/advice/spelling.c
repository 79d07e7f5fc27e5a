#include "analyzer/advice/spelling.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>

#include "analyzer/links/names.h"

/* %r relation, %p parent model, %c child model, %f column, %g function. A template whose word is not known gives nothing. */
static const struct {
    const char *world;
    enum n1_action action;
    const char *template;
} spellings[] = {
    {"django", N1_ACTION_SELECT_RELATED, ".select_related(\"%r\")"},
    {"django", N1_ACTION_PREFETCH_RELATED, ".prefetch_related(\"%r\")"},
    {"django", N1_ACTION_IN_BULK, "%c.objects.in_bulk(ids)"},
    {"django", N1_ACTION_LOAD_COLUMNS, "take the field out of .defer(), or put it into .only()"},
    {"django", N1_ACTION_BULK_CREATE, "%c.objects.bulk_create([...])"},
    {"django", N1_ACTION_BULK_UPDATE, "%c.objects.bulk_update([...], [\"%f\"])"},
    {"django", N1_ACTION_UPDATE_EXPRESSION, ".update(%f=F(\"%f\") + ...)"},
    {"activerecord", N1_ACTION_SELECT_RELATED, ".includes(:%r)"},
    {"activerecord", N1_ACTION_PREFETCH_RELATED, ".includes(:%r)"},
    {"activerecord", N1_ACTION_LOAD_COLUMNS, "take the columns into .select(...)"},
    {"activerecord", N1_ACTION_IN_BULK, "%c.where(id: ids).index_by(&:id)"},
    {"activerecord", N1_ACTION_BULK_CREATE, "%c.insert_all([...])"},
    {"activerecord", N1_ACTION_BULK_UPDATE, "%c.where(id: ids).update_all(...)"},
    {"activerecord", N1_ACTION_UPDATE_EXPRESSION, ".update_counters(id, %f: ...)"},
    {"sqlalchemy", N1_ACTION_SELECT_RELATED, ".options(joinedload(%p.%r))"},
    {"sqlalchemy", N1_ACTION_PREFETCH_RELATED, ".options(selectinload(%p.%r))"},
    {"sqlalchemy", N1_ACTION_IN_BULK, "select(%c).where(%c.id.in_(ids))"},
    {"sqlalchemy", N1_ACTION_LOAD_COLUMNS, "take the column out of defer(), or add undefer()"},
    {"sqlalchemy", N1_ACTION_BULK_CREATE, "session.execute(insert(%c), [...])"},
    {"sqlalchemy", N1_ACTION_UPDATE_EXPRESSION, "update(%c).values(%f=%c.%f + ...)"},
    {"peewee", N1_ACTION_SELECT_RELATED, "%p.select(%p, %c).join(%c)"},
    {"peewee", N1_ACTION_PREFETCH_RELATED, "prefetch(%p.select(), %c.select())"},
    {"peewee", N1_ACTION_IN_BULK, "%c.select().where(%c.id.in_(ids))"},
    {"peewee", N1_ACTION_BULK_CREATE, "%c.insert_many([...]).execute()"},
    {"peewee", N1_ACTION_UPDATE_EXPRESSION, "%c.update(%f=%c.%f + ...).where(...).execute()"},
    {"pony", N1_ACTION_PREFETCH_RELATED, ".prefetch(%p.%r)"},
    {"eloquent", N1_ACTION_SELECT_RELATED, "->with('%r')"},
    {"eloquent", N1_ACTION_PREFETCH_RELATED, "->with('%r')"},
    {"sequel", N1_ACTION_SELECT_RELATED, ".eager(:%r)"},
    {"sequel", N1_ACTION_PREFETCH_RELATED, ".eager(:%r)"},
    {"sequel", N1_ACTION_IN_BULK, "%c.where(id: ids).as_hash(:id)"},
    {"sequel", N1_ACTION_BULK_UPDATE, "%c.where(id: ids).update(...)"},
    {"dbix_class", N1_ACTION_SELECT_RELATED, "{ prefetch => '%r' }"},
    {"dbix_class", N1_ACTION_PREFETCH_RELATED, "{ prefetch => '%r' }"},
    {"dbix_class", N1_ACTION_BULK_CREATE, "->resultset('%c')->populate([...])"},
    {"doctrine", N1_ACTION_SELECT_RELATED, "->leftJoin('p.%r', 'r')->addSelect('r')"},
    {"doctrine", N1_ACTION_PREFETCH_RELATED, "->leftJoin('p.%r', 'r')->addSelect('r')"},
    {"n1_orm", N1_ACTION_SELECT_RELATED, "select_related(\"%r\")"},
    {"n1_orm", N1_ACTION_PREFETCH_RELATED, "prefetch_related(\"%r\")"},
    {"n1_orm", N1_ACTION_UPDATE_EXPRESSION, "update(%f=F(\"%f\") + ?)"},
};

/* The same for what is computed for each row: how many there are, whether there is any, a sum or another value of a column. */
enum computed { COUNTED, EXISTING, VALUED };

static const struct {
    const char *world;
    enum computed computed;
    const char *template;
} computations[] = {
    {"django", COUNTED, ".annotate(...=Count(\"%r\"))"},
    {"django", EXISTING, ".annotate(...=Exists(%c.objects.filter(...=OuterRef(\"pk\"))))"},
    {"django", VALUED, ".annotate(...=%g(\"%r__%f\"))"},
    {"activerecord", COUNTED, ".left_joins(:%r).group(:id), or a counter cache"},
    {"activerecord", EXISTING, ".left_joins(:%r).group(:id)"},
    {"activerecord", VALUED, ".left_joins(:%r).group(:id)"},
    {"peewee", COUNTED, "%p.select(%p, fn.COUNT(%c.id)).join(%c, JOIN.LEFT_OUTER).group_by(%p)"},
    {"peewee", VALUED, "%p.select(%p, fn.%g(%c.%f)).join(%c, JOIN.LEFT_OUTER).group_by(%p)"},
    {"eloquent", COUNTED, "->withCount('%r')"},
    {"eloquent", EXISTING, "->withExists('%r')"},
    {"eloquent", VALUED, "->with%g('%r', '%f')"},
    {"n1_orm", COUNTED, "annotate(n=Count(\"%r\"))"},
    {"n1_orm", VALUED, "annotate(n=%g(\"%r__%f\"))"},
};

static const char *word_of(char letter, const struct n1_spelling_words *words)
{
    switch (letter) {
    case 'r': return words->relation;
    case 'p': return words->parent_model;
    case 'c': return words->child_model;
    case 'f': return words->column;
    case 'g': return words->function;
    default: return NULL;
    }
}

static const char *fill(struct n1_arena *arena, const char *template, const struct n1_spelling_words *words)
{
    GString *text = g_string_new(NULL);
    for (const char *c = template; *c != '\0'; c++) {
        if (*c != '%') {
            g_string_append_c(text, *c);
            continue;
        }
        const char *word = word_of(*++c, words);
        if (word == NULL || *word == '\0') {
            g_string_free(text, TRUE);
            return NULL;
        }
        g_string_append(text, word);
    }
    const char *copy = n1_arena_strdup(arena, text->str);
    g_string_free(text, TRUE);
    return copy;
}

static enum computed computed_by(const char *function)
{
    if (function == NULL)
        return EXISTING;
    return g_ascii_strcasecmp(function, "count") == 0 ? COUNTED : VALUED;
}

static const char *spell_computation(struct n1_arena *arena, const char *world, const struct n1_spelling_words *words)
{
    struct n1_spelling_words spelled = *words;
    const enum computed computed = computed_by(words->function);
    if (words->function != NULL) {
        char *name = g_ascii_strdown(words->function, -1);
        *name = g_ascii_toupper(*name);
        spelled.function = n1_arena_strdup(arena, name);
        g_free(name);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(computations); i++) {
        if (computations[i].computed == computed && strcmp(computations[i].world, world) == 0)
            return fill(arena, computations[i].template, &spelled);
    }
    return NULL;
}

const char *n1_spell(struct n1_arena *arena, const char *world, enum n1_action action,
                     const struct n1_spelling_words *words)
{
    if (world == NULL)
        return NULL;
    if (action == N1_ACTION_ANNOTATE)
        return spell_computation(arena, world, words);
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        if (spellings[i].action == action && strcmp(spellings[i].world, world) == 0)
            return fill(arena, spellings[i].template, words);
    }
    return NULL;
}

/* Worlds whose programs name the many by the plural. */
static const char *const plural_worlds[] = {"activerecord", "eloquent", "sqlalchemy", "sequel",
                                            "dbix_class",   "doctrine", "n1_orm",     "pony"};

const char *n1_spell_many(struct n1_arena *arena, const char *world, const char *short_table, const char *one)
{
    char name[128];
    if (world != NULL && (strcmp(world, "django") == 0 || strcmp(world, "peewee") == 0))
        return n1_arena_printf(arena, "%s_set", one); /* after the model, not after the table */
    for (size_t i = 0; world != NULL && i < G_N_ELEMENTS(plural_worlds); i++) {
        if (strcmp(plural_worlds[i], world) == 0) {
            n1_name_plural(short_table, name, sizeof name);
            return n1_arena_strdup(arena, name);
        }
    }
    return n1_arena_strdup(arena, short_table);
}

/* Django asks with the query name, the others with the relation's. */
const char *n1_spell_counted(struct n1_arena *arena, const char *world, const char *short_table, const char *one)
{
    if (world == NULL || strcmp(world, "django") != 0)
        return n1_spell_many(arena, world, short_table, one);
    return n1_arena_strdup(arena, one);
}

const char *n1_spell_model(struct n1_arena *arena, const char *short_table)
{
    char one[128];
    n1_name_singular(short_table, one, sizeof one);
    size_t used = 0;
    bool is_upper = true;
    for (const char *c = one; *c != '\0'; c++) {
        if (*c == '_') {
            is_upper = true;
            continue;
        }
        one[used++] = is_upper ? (char)toupper((unsigned char)*c) : *c;
        is_upper = false;
    }
    one[used] = '\0';
    return n1_arena_strdup(arena, one);
}
