/* sql_lex: SQL text cut into tokens, for SQLite and for PostgreSQL.
 *
 * Not a parser: it knows how bytes group, never what they mean. It allocates nothing, keeps no state outside the struct,
 * reads only text[0, length) and needs no terminator, so that it can run inside the profiled program on the hot path
 * (psycopg2, Sequel and others put values into the text of every query).
 *
 * Invariants
 * - Tokens are adjacent and cover the text: token[i].offset + token[i].length == token[i + 1].offset, from 0 to length.
 * - Every call but the last advances by at least one byte, so the whole is O(length) for any bytes at all.
 * - Whatever is unterminated (string, quoted name, comment) ends with the text and carries N1_SQL_UNTERMINATED.
 * - Bytes from 0x80 are letters (as in both databases), whether they are valid UTF-8 or not; a NUL byte is a blank.
 *
 * What the dialect decides
 *                     SQLite                                 PostgreSQL
 *   [name]            quoted name                            brackets are punctuation (arrays)
 *   `name`            quoted name                            operator byte
 *   :n @n $n ?n       parameters (also $a::b(c))             $1 is a parameter; ':' and '@' are operators
 *   ?                 always a parameter                     see below
 *   block comment     does not nest                          nests
 *   string prefixes   X                                      E (backslashes), B, X, N, U&; $tag$ ... $tag$
 *   operators         a fixed list                           the longest run of operator bytes (manual, 4.1.3)
 *
 * The question mark in PostgreSQL text: nobody sends `?` parameters to libpq, but our own redacted text has them, beside
 * the jsonb operators ?, ?| and ?&. So: where an operand is due, `?` is a parameter; after an operand it is an operator
 * when something that can begin an operand follows it, and else a parameter (a typed literal, point '(1,2)', redacted).
 * Inside a longer operator it is taken only in `@?` after an operand: `a=?` is a, =, ?.
 *
 *     struct n1_sql_lexer lexer;
 *     struct n1_sql_token token;
 *     n1_sql_lexer_init(&lexer, N1_SQL_SQLITE, text, length);
 *     while (n1_sql_lexer_next(&lexer, &token))
 *         use(text + token.offset, token.length, token.kind);
 */
#ifndef N1_TRACE_SQL_LEX_H
#define N1_TRACE_SQL_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum n1_sql_dialect { N1_SQL_SQLITE = 1, N1_SQL_POSTGRES = 2 };

enum n1_sql_token_kind {
    N1_SQL_END,       /* only after the last byte */
    N1_SQL_BLANK,     /* a run of white space (and NUL) */
    N1_SQL_COMMENT,   /* -- to the end of its line, or a block */
    N1_SQL_WORD,      /* unquoted name or keyword: sql_keyword.h tells which */
    N1_SQL_NAME,      /* quoted name: "a", `a`, [a], U&"a" */
    N1_SQL_INTEGER,   /* 12, 1_000, 0x1F, 0o17, 0b1 */
    N1_SQL_FLOAT,     /* 1.5, .5, 1., 1e9 */
    N1_SQL_STRING,    /* '...' in all its forms, $$...$$ */
    N1_SQL_BLOB,      /* X'...', B'...' */
    N1_SQL_PARAMETER, /* ?, ?12, $12, :name, @name, $name */
    N1_SQL_OPERATOR,  /* = <> || :: -> ... */
    N1_SQL_OPEN,      /* ( */
    N1_SQL_CLOSE,     /* ) */
    N1_SQL_BRACKET,   /* [ or ], PostgreSQL only */
    N1_SQL_COMMA,
    N1_SQL_DOT,
    N1_SQL_SEMICOLON,
    N1_SQL_OTHER, /* one byte that neither database accepts here */
};

enum n1_sql_token_flag {
    N1_SQL_UNTERMINATED = 1, /* the text ended inside the token */
    N1_SQL_DOUBLED = 2,      /* the quote occurs doubled in the body: decoding halves it */
    N1_SQL_BACKSLASH = 4,    /* E'...' with at least one backslash */
    N1_SQL_UNICODE = 8,      /* U&: backslash escapes of code points */
};

struct n1_sql_token {
    size_t offset; /* bytes from the beginning of the text */
    size_t length;
    size_t body_offset; /* STRING, BLOB, NAME: what stands between the quotes; else as offset, length */
    size_t body_length;
    uint8_t kind;  /* enum n1_sql_token_kind */
    uint8_t flags; /* enum n1_sql_token_flag */
};

struct n1_sql_lexer {
    const char *text; /* borrowed */
    size_t length;
    size_t at; /* next byte to read */
    size_t word_offset,
        word_length; /* the last word, when it is the last token that is no blank or comment; else 0, 0 */
    uint8_t dialect;
    uint8_t last_kind; /* of the last token that is no blank or comment; N1_SQL_END at the beginning */
};

void n1_sql_lexer_init(struct n1_sql_lexer *lexer, enum n1_sql_dialect dialect, const char *text, size_t length);

/* False at the end, and *token is then N1_SQL_END at the text's length. */
bool n1_sql_lexer_next(struct n1_sql_lexer *lexer, struct n1_sql_token *token);

/* The length of the first statement of a text that may hold several, its semicolon included; length when there is one
 * only. The semicolons of a CREATE TRIGGER's body and of BEGIN ATOMIC ... END do not end it. */
size_t n1_sql_first_statement(enum n1_sql_dialect dialect, const char *text, size_t length);

#endif
