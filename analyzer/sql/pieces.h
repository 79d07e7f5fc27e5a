/* pieces: a statement as a list of meaningful tokens: no blanks, no comments, operands of every style alike.
 * What normalise works on: the list is rewritten in place, then spelled. Private to this folder. */
#ifndef N1_ANALYZER_SQL_PIECES_H
#define N1_ANALYZER_SQL_PIECES_H

#include <glib.h>

#include "trace/sql_role.h"

struct piece {
    const char *text; /* a view into the statement, or a constant */
    size_t length;
    uint8_t kind;      /* enum n1_sql_token_kind; PARAMETER for every operand */
    uint8_t keyword;   /* enum n1_sql_keyword of a WORD */
    bool is_first;     /* of its statement */
    bool is_generated; /* a savepoint's, cursor's or prepared statement's name */
    int match;         /* OPEN, CLOSE, BRACKET: index of its counterpart, -1 without */
};

struct pieces {
    GArray *array; /* of struct piece */
    uint32_t operand_count;
};

void pieces_init(struct pieces *pieces, enum n1_sql_dialect dialect, const char *text, size_t length);
void pieces_release(struct pieces *pieces);

static inline struct piece *piece_at(const struct pieces *pieces, guint i)
{
    return i < pieces->array->len ? &g_array_index(pieces->array, struct piece, i) : NULL;
}

bool piece_is(const struct piece *piece, const char *spelling); /* NULL: false */
bool piece_is_keyword(const struct piece *piece, enum n1_sql_keyword keyword);
bool piece_ends_operand(const struct piece *piece); /* a minus behind it is binary */
bool piece_equals(const struct piece *a, const struct piece *b);

/* Shrinks lists of operands and rows of VALUES; what it counted goes to the last three. */
void pieces_collapse(struct pieces *pieces, uint32_t *list_count, uint32_t *longest_list, uint32_t *values_rows);

#endif
