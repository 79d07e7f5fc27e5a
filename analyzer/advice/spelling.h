/* spelling: an action as one would type it in the program's own world (Django, ActiveRecord, SQLAlchemy, …). */
#ifndef N1_ANALYZER_SPELLING_H
#define N1_ANALYZER_SPELLING_H

#include "analyzer/arena.h"
#include "analyzer/finding.h"

struct n1_spelling_words {
    const char *relation;                   /* "author", "comments"; or NULL */
    const char *parent_model, *child_model; /* "Post", "Comment"; or NULL */
    const char *column;                     /* that is written, was left out, or is summed up; or NULL */
    const char *function; /* that sums up: "count", "max"; NULL: the question is whether there is any */
};

/* NULL when the world is unknown (NULL) or has no one spelling for the action. */
const char *n1_spell(struct n1_arena *arena, const char *world, enum n1_action action,
                     const struct n1_spelling_words *words);

/* How a world calls the many side of a relation: Django comment_set, ActiveRecord comments. short_table: "comment", "comments"; one: what
 * n1_name_one_of() makes of it. */
const char *n1_spell_many(struct n1_arena *arena, const char *world, const char *short_table, const char *one);
/* The same where it is counted or asked for existence: Django's query name is comment. */
const char *n1_spell_counted(struct n1_arena *arena, const char *world, const char *short_table, const char *one);
/* "blog_comment", "comments" → "Comment". */
const char *n1_spell_model(struct n1_arena *arena, const char *short_table);

#endif
