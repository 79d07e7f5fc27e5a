#include "trace/sql_keyword.h"

#include <stdbool.h>
#include <stdint.h>

struct keyword {
    const char *text;
    uint8_t length;
    uint8_t class;
};

static const struct keyword keywords[N1_SQL_KW_COUNT] = {
    [N1_SQL_KW_NONE] = {"", 0, N1_SQL_CLASS_NONE},
#define N1_SQL_KEYWORD(word, class) [N1_SQL_KW_##word] = {#word, sizeof #word - 1, N1_SQL_CLASS_##class},
#include "trace/sql_keywords.def"
#undef N1_SQL_KEYWORD
};

/* The first keyword of each letter; that of the next letter is where the search ends. None begins with X or Y. */
static const uint8_t first_of[27] = {
    N1_SQL_KW_AS,     N1_SQL_KW_BY,   N1_SQL_KW_CASE,  N1_SQL_KW_DO,   N1_SQL_KW_END,  N1_SQL_KW_FOR,   N1_SQL_KW_GLOB,
    N1_SQL_KW_HAVING, N1_SQL_KW_IN,   N1_SQL_KW_JOIN,  N1_SQL_KW_KEY,  N1_SQL_KW_LEFT, N1_SQL_KW_MOVE,  N1_SQL_KW_NO,
    N1_SQL_KW_OF,     N1_SQL_KW_PLAN, N1_SQL_KW_QUERY, N1_SQL_KW_ROW,  N1_SQL_KW_SET,  N1_SQL_KW_TO,    N1_SQL_KW_UNION,
    N1_SQL_KW_VACUUM, N1_SQL_KW_WHEN, N1_SQL_KW_COUNT, N1_SQL_KW_ZONE, N1_SQL_KW_ZONE, N1_SQL_KW_COUNT,
};

static bool equals_folded(const char *upper, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)word[i];
        if (c != (unsigned char)upper[i] && (c & 0xdf) != (unsigned char)upper[i])
            return false;
    }
    return true;
}

enum n1_sql_keyword n1_sql_keyword_find(const char *word, size_t length)
{
    if (length < 2 || length > 17)
        return N1_SQL_KW_NONE;
    unsigned letter = ((unsigned char)word[0] | 0x20u) - 'a';
    if (letter > 25)
        return N1_SQL_KW_NONE;
    for (unsigned i = first_of[letter], end = first_of[letter + 1]; i < end && keywords[i].length <= length; i++)
        if (keywords[i].length == length && equals_folded(keywords[i].text + 1, word + 1, length - 1))
            return (enum n1_sql_keyword)i;
    return N1_SQL_KW_NONE;
}

enum n1_sql_keyword_class n1_sql_keyword_class(enum n1_sql_keyword keyword)
{
    return keyword < N1_SQL_KW_COUNT ? (enum n1_sql_keyword_class)keywords[keyword].class : N1_SQL_CLASS_NONE;
}

const char *n1_sql_keyword_text(enum n1_sql_keyword keyword)
{
    return keyword < N1_SQL_KW_COUNT ? keywords[keyword].text : "";
}
