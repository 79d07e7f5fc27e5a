/* Tokens of expression text. The lexer keeps one token ahead; text and numbers are decoded here. */
#ifndef ORM_LEX_H
#define ORM_LEX_H

#include "orm/base.h"

enum orm_token {
    ORM_TOK_END,
    ORM_TOK_BAD, /* the error is set */
    ORM_TOK_NAME,
    ORM_TOK_VALUE, /* number or string, in value */
    ORM_TOK_PUNCT  /* in punct */
};

/* Two-character operators have codes of their own. */
enum { ORM_P_POW = 256, ORM_P_SHL, ORM_P_SHR, ORM_P_EQ, ORM_P_NE, ORM_P_LE, ORM_P_GE };

struct orm_lexer {
    struct orm_arena *arena;
    struct orm_error *error;
    const char *text;
    bool is_script; /* comparisons are operators, f'...' is a token of its own kind */
    bool is_format; /* the value is f'...' */
    size_t next;    /* first byte behind the token */
    enum orm_token token;
    size_t pos; /* of the token */
    int punct;
    const char *name;
    orm_val value;
};

void orm_lex_init(struct orm_lexer *lx, struct orm_arena *a, struct orm_error *e, const char *text, bool is_script);
void orm_lex_next(struct orm_lexer *lx);

#endif
