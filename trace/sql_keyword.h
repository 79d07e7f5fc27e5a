/* sql_keyword: the words that our readers of SQL must know, found without regard to ASCII case.
 *
 * Not the reserved words of either database: only those on which a decision here depends. A sorted constant table
 * (sql_keywords.def); a look-up is a jump by first letter and a few comparisons of lengths. Libc only, no state.
 */
#ifndef N1_TRACE_SQL_KEYWORD_H
#define N1_TRACE_SQL_KEYWORD_H

#include <stddef.h>

enum n1_sql_keyword {
    N1_SQL_KW_NONE,
#define N1_SQL_KEYWORD(word, class) N1_SQL_KW_##word,
#include "trace/sql_keywords.def"
#undef N1_SQL_KEYWORD
    N1_SQL_KW_COUNT
};

/* The classes are explained in sql_keywords.def. */
enum n1_sql_keyword_class {
    N1_SQL_CLASS_NONE,
    N1_SQL_CLASS_RESERVED,
    N1_SQL_CLASS_VALUE,
    N1_SQL_CLASS_TYPE,
    N1_SQL_CLASS_PLAIN,
};

/* N1_SQL_KW_NONE when the word is not in the table. */
enum n1_sql_keyword n1_sql_keyword_find(const char *word, size_t length);

enum n1_sql_keyword_class n1_sql_keyword_class(enum n1_sql_keyword keyword);

/* In upper case; "" for NONE. */
const char *n1_sql_keyword_text(enum n1_sql_keyword keyword);

#endif
