/* Expression text as a tree: Python's expression grammar, cut down to what Django queries use.
 *
 *     struct orm_parse_input in = {.arena = a, .error = e, .text = "Q(views__gte=?) | ~Q(title='x')", .values = v};
 *     const struct orm_node *args = orm_parse_args(&in);     // NULL: the error holds a message and a caret
 *
 * The tree knows nothing of models or databases. Every node remembers its place and its text, so that later rooms can
 * point at it. A '?' is replaced by its value here; what the value means is decided by the resolver. Depth and size are
 * bounded, so that walking the tree may recurse. */
#ifndef ORM_AST_H
#define ORM_AST_H

#include "orm/base.h"

enum { ORM_MAX_DEPTH = 200, ORM_MAX_TEXT_BYTES = 256 * 1024 };

enum orm_node_kind {
    ORM_N_CONST,  /* value; also every '?' */
    ORM_N_NAME,   /* name */
    ORM_N_CALL,   /* lhs is the callee, args */
    ORM_N_ATTR,   /* lhs.name */
    ORM_N_INDEX,  /* lhs[args[0]] or lhs[args[0]:args[1]:args[2]], absent parts are NULL, is_slice says which */
    ORM_N_UNARY,  /* op ('-', '+', '~') lhs */
    ORM_N_BINARY, /* lhs op rhs */
    ORM_N_LIST,   /* [a, b], (a, b): args without names */
    ORM_N_DICT,   /* {a: b}: args, key and value by turns */
    ORM_N_ARGS,   /* the whole text of a step: args */
    /* of scripts only */
    ORM_N_EACH,  /* [lhs for args[1] ... in rhs if args[0]]: args[0] may have no node, the others are names */
    ORM_N_LOGIC, /* lhs op rhs: comparisons, and, or, not (lhs alone) */
    ORM_N_FORMAT /* f'...': args, texts (a constant without a name) and expressions (name: what stands behind ':') */
};

enum orm_op {
    ORM_OP_NONE,
    ORM_OP_OR,
    ORM_OP_XOR,
    ORM_OP_AND,
    ORM_OP_SHL,
    ORM_OP_SHR,
    ORM_OP_ADD,
    ORM_OP_SUB,
    ORM_OP_MUL,
    ORM_OP_DIV,
    ORM_OP_MOD,
    ORM_OP_POW,
    ORM_OP_NEG,
    ORM_OP_POS,
    ORM_OP_NOT,
    ORM_OP_EQ, /* of scripts */
    ORM_OP_NE,
    ORM_OP_LT,
    ORM_OP_LE,
    ORM_OP_GT,
    ORM_OP_GE,
    ORM_OP_IN,
    ORM_OP_NOT_IN,
    ORM_OP_IS,
    ORM_OP_IS_NOT,
    ORM_OP_AND_THEN,
    ORM_OP_OR_ELSE,
    ORM_OP_NEGATE,
    ORM_OP_CHOOSE /* rhs if lhs else args[0] */
};

struct orm_arg {
    const char *name; /* keyword, or NULL */
    size_t pos;       /* of the keyword or of the value */
    const struct orm_node *node;
};

struct orm_node {
    enum orm_node_kind kind;
    enum orm_op op;
    bool is_slice, is_tuple;
    unsigned depth;   /* of the tree below, this node included */
    const char *text; /* the whole text it was parsed from */
    size_t pos;       /* in text */
    const char *name;
    orm_val value;
    unsigned hole; /* a '?' whose value may be another next time; 0: none */
    const struct orm_node *lhs, *rhs;
    struct orm_arg *args;
    size_t n_args;
};

/* A reusable condition: the arguments of orm_q(). */
struct orm_expr {
    const struct orm_node *args;
};

struct orm_parse_input {
    struct orm_arena *arena;
    struct orm_error *error;
    const char *text;
    const orm_val *values; /* of the '?'s in order, ORM_END ends; NULL: there is no '?' */
    const unsigned *holes; /* their numbers; NULL: none has one */
    bool is_script;        /* a line of the shell: comparisons, [x for y in z] and f'...' too */
};

/* "a=1, Q(b=2) | Q(c=3)": an ORM_N_ARGS node. */
const struct orm_node *orm_parse_args(const struct orm_parse_input *in);
/* One expression, nothing behind it: a line of the shell. A comma makes a tuple of it. */
const struct orm_node *orm_parse_expression(const struct orm_parse_input *in);
/* The tree as an S-expression, for tests and for people. */
void orm_print_node(struct orm_buf *b, const struct orm_node *n);

#endif
