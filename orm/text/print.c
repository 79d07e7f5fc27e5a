#include <inttypes.h>

#include "orm/text/ast.h"
#include "orm/value/scalar.h"

static const char *const op_names[] = {
    [ORM_OP_OR] = "|",         [ORM_OP_XOR] = "^",         [ORM_OP_AND] = "&",      [ORM_OP_SHL] = "<<",
    [ORM_OP_SHR] = ">>",       [ORM_OP_ADD] = "+",         [ORM_OP_SUB] = "-",      [ORM_OP_MUL] = "*",
    [ORM_OP_DIV] = "/",        [ORM_OP_MOD] = "%",         [ORM_OP_POW] = "**",     [ORM_OP_NEG] = "neg",
    [ORM_OP_POS] = "pos",      [ORM_OP_NOT] = "~",         [ORM_OP_EQ] = "==",      [ORM_OP_NE] = "!=",
    [ORM_OP_LT] = "<",         [ORM_OP_LE] = "<=",         [ORM_OP_GT] = ">",       [ORM_OP_GE] = ">=",
    [ORM_OP_IN] = "in",        [ORM_OP_NOT_IN] = "not in", [ORM_OP_IS] = "is",      [ORM_OP_IS_NOT] = "is not",
    [ORM_OP_AND_THEN] = "and", [ORM_OP_OR_ELSE] = "or",    [ORM_OP_NEGATE] = "not", [ORM_OP_CHOOSE] = "if"};

static void print_args(struct orm_buf *b, const struct orm_node *n)
{
    for (size_t i = 0; i < n->n_args; i++) {
        orm_put(b, " ");
        if (n->args[i].name)
            orm_putf(b, "%s=", n->args[i].name);
        if (n->args[i].node)
            orm_print_node(b, n->args[i].node);
        else
            orm_put(b, "-");
    }
}

void orm_print_node(struct orm_buf *b, const struct orm_node *n)
{
    switch (n->kind) {
    case ORM_N_CONST:
        if (n->value.tag == ORM_EXPR)
            orm_print_node(b, n->value.u.x->args);
        else
            orm_print_val(b, &n->value);
        return;
    case ORM_N_NAME: orm_put(b, n->name); return;
    case ORM_N_CALL:
        orm_put(b, "(call ");
        orm_print_node(b, n->lhs);
        print_args(b, n);
        break;
    case ORM_N_ATTR:
        orm_put(b, "(. ");
        orm_print_node(b, n->lhs);
        orm_putf(b, " %s", n->name);
        break;
    case ORM_N_INDEX:
        orm_put(b, n->is_slice ? "(slice " : "(index ");
        orm_print_node(b, n->lhs);
        print_args(b, n);
        break;
    case ORM_N_UNARY:
        orm_putf(b, "(%s ", op_names[n->op]);
        orm_print_node(b, n->lhs);
        break;
    case ORM_N_BINARY:
        orm_putf(b, "(%s ", op_names[n->op]);
        orm_print_node(b, n->lhs);
        orm_put(b, " ");
        orm_print_node(b, n->rhs);
        break;
    case ORM_N_LIST:
        orm_put(b, "(list");
        print_args(b, n);
        break;
    case ORM_N_DICT:
        orm_put(b, "(dict");
        print_args(b, n);
        break;
    case ORM_N_ARGS:
        orm_put(b, "(args");
        print_args(b, n);
        break;
    case ORM_N_LOGIC:
        orm_putf(b, "(%s ", op_names[n->op]);
        orm_print_node(b, n->lhs);
        if (n->rhs) {
            orm_put(b, " ");
            orm_print_node(b, n->rhs);
        }
        print_args(b, n);
        break;
    case ORM_N_EACH:
        orm_put(b, "(each ");
        orm_print_node(b, n->lhs);
        orm_put(b, " ");
        orm_print_node(b, n->rhs);
        print_args(b, n);
        break;
    case ORM_N_FORMAT:
        orm_put(b, "(format");
        print_args(b, n);
        break;
    }
    orm_put(b, ")");
}
