/* The parser's inside, shared by its two rooms: parse.c has the language of queries, parse_script.c what a line of the
 * shell may say beyond it. Functions return NULL after they have set the error. */
#ifndef ORM_PARSE_H
#define ORM_PARSE_H

#include "orm/text/ast.h"
#include "orm/text/lex.h"

struct orm_parser {
    struct orm_lexer lx;
    struct orm_arena *arena;
    struct orm_error *error;
    const orm_val *values;
    const unsigned *holes;
    unsigned depth;
};

/* ---- parse.c ---- */
const struct orm_node *orm_parse_fail(struct orm_parser *p, size_t pos, const char *message);
bool orm_parse_at(const struct orm_parser *p, int punct);
bool orm_parse_accept(struct orm_parser *p, int punct);
struct orm_node *orm_parse_node(struct orm_parser *p, enum orm_node_kind kind, size_t pos);
const struct orm_node *orm_parse_finish(struct orm_parser *p, struct orm_node *n); /* counts the depth */
const struct orm_node *orm_parse_binary(struct orm_parser *p, int min_power);

/* ---- parse_script.c ---- */
const struct orm_node *orm_parse_logic(struct orm_parser *p); /* a or b and not c < d */
bool orm_parse_is_each(const struct orm_parser *p);           /* at the 'for' of [x for y in z] */
const struct orm_node *orm_parse_each(struct orm_parser *p, const struct orm_node *item);
const struct orm_node *orm_parse_format(struct orm_parser *p); /* f'{x} and {y:.2f}' */
const struct orm_node *orm_parse_tuple(struct orm_parser *p, const struct orm_node *first);

#endif
