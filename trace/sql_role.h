/* sql_role: which tokens of a statement are operands (values and parameters) and which belong to its structure.
 *
 * The one place that decides it, so that redaction, normalisation and shapes number operands alike.
 * Libc only, no allocation, O(length), state in the struct: as sql_lex.
 *
 * A number or string is a value, except
 * - a type's modifiers, varchar(20), numeric(8,2), in a cast (::, CAST(x AS t)) or in CREATE / ALTER;
 * - an ordinal position, one to three digits alone between BY or a comma and a comma or the clause's end: ORDER BY 1, GROUP BY 1, 2.
 * LIMIT and OFFSET are values. So is, in SQLite, a "double-quoted" word that stands alone behind a comparison or in an
 * IN (...) or VALUES (...) list: SQLite reads it as a string when no such column exists (sqlite.org/quirks.html#dblquote),
 * and a value kept by mistake would break the privacy law, a name dropped by mistake costs one edge. In other places a
 * double-quoted word counts as a name. A 'string' is a name in SQLite where the grammar has nothing but a name, and comes out as
 * one: behind AS (SELECT count(*) AS 'n') and where a table is due (SELECT blob FROM 'Packages', as librpm writes it).
 *
 * Operands are numbered from 0 in the order of the text, parameters and value literals in one sequence.
 */
#ifndef N1_TRACE_SQL_ROLE_H
#define N1_TRACE_SQL_ROLE_H

#include "trace/sql_keyword.h"
#include "trace/sql_lex.h"

enum n1_sql_role {
    N1_SQL_ROLE_STRUCTURE, /* names, keywords, operators, kept numbers */
    N1_SQL_ROLE_SPACE,     /* blanks and comments */
    N1_SQL_ROLE_PARAMETER,
    N1_SQL_ROLE_LITERAL,
};

struct n1_sql_roles {
    struct n1_sql_lexer lexer;
    size_t keep_end;      /* numbers before this offset are a type's modifiers */
    uint32_t operands;    /* given out so far */
    uint32_t depth;       /* of round brackets */
    uint32_t by_depth;    /* depth of the ORDER BY / GROUP BY list that we are in, or UINT32_MAX */
    uint32_t list_depth;  /* depth inside an IN list, or UINT32_MAX */
    uint32_t rows_depth;  /* depth beside the rows of VALUES, or UINT32_MAX */
    uint8_t last_kind;    /* of the last token that is no space: enum n1_sql_token_kind */
    uint8_t last_keyword; /* its keyword */
    uint8_t type_state;   /* reading a type's name: see sql_role.c */
    uint8_t name_state;   /* is a name due: see sql_role.c */
    bool last_is_operand; /* it ends an operand: a minus behind it is binary */
    bool last_is_comparison;
    bool last_is_unary_minus;
    bool is_definition; /* CREATE or ALTER */
};

struct n1_sql_role_token {
    struct n1_sql_token token;
    enum n1_sql_role role;
    enum n1_sql_keyword keyword; /* of a WORD, else N1_SQL_KW_NONE */
    uint32_t operand;            /* PARAMETER, LITERAL: its number */
    bool is_negated;             /* LITERAL: a unary minus stands before it (its own token) */
};

void n1_sql_roles_init(struct n1_sql_roles *roles, enum n1_sql_dialect dialect, const char *text, size_t length);
bool n1_sql_roles_next(struct n1_sql_roles *roles, struct n1_sql_role_token *out);

#endif
