/* A Pratt parser: one table of binding powers, one function a prefix form, postfix forms bind tightest. */
#include "orm/text/ast.h"
#include "orm/text/lex.h"

struct parser {
    struct orm_lexer lx;
    struct orm_arena *arena;
    struct orm_error *error;
    const orm_val *values;
    const unsigned *holes;
    unsigned depth;
};

static const struct orm_node *parse_binary(struct parser *p, int min_power);

static const struct orm_node *fail(struct parser *p, size_t pos, const char *message)
{
    orm_fail_at(p->error, ORM_SYNTAX, p->lx.text, pos, "%s", message);
    return NULL;
}

static bool at(const struct parser *p, int punct)
{
    return p->lx.token == ORM_TOK_PUNCT && p->lx.punct == punct;
}

static bool accept(struct parser *p, int punct)
{
    if (!at(p, punct))
        return false;
    orm_lex_next(&p->lx);
    return true;
}

static struct orm_node *new_node(struct parser *p, enum orm_node_kind kind, size_t pos)
{
    struct orm_node *n = ORM_NEW(p->arena, struct orm_node);
    n->kind = kind;
    n->text = p->lx.text;
    n->pos = pos;
    n->depth = 1;
    return n;
}

/* A chain such as a|b|c... leans left without recursion here, so depth is also counted in the tree. */
static const struct orm_node *finish(struct parser *p, struct orm_node *n)
{
    unsigned below = 0;
    if (n->lhs && n->lhs->depth > below)
        below = n->lhs->depth;
    if (n->rhs && n->rhs->depth > below)
        below = n->rhs->depth;
    for (size_t i = 0; i < n->n_args; i++)
        if (n->args[i].node && n->args[i].node->depth > below)
            below = n->args[i].node->depth;
    if (n->kind == ORM_N_CONST && n->value.tag == ORM_EXPR)
        below = n->value.u.x->args->depth;
    n->depth = below + 1;
    if (n->depth > ORM_MAX_DEPTH)
        return fail(p, n->pos, "expression is nested too deeply");
    return n;
}

static bool parse_arg(struct parser *p, struct orm_arg *arg)
{
    arg->pos = p->lx.pos;
    const struct orm_node *e = parse_binary(p, 0);
    if (!e)
        return false;
    arg->node = e;
    if (at(p, '=') && e->kind == ORM_N_NAME) {
        orm_lex_next(&p->lx);
        arg->name = e->name;
        arg->node = parse_binary(p, 0);
    }
    return arg->node != NULL;
}

/* a, b, name=c up to the closing punctuation (0: the end of the text). */
static bool parse_list(struct parser *p, struct orm_node *n, int close, bool may_name)
{
    bool named = false;
    for (;;) {
        if (close ? at(p, close) : p->lx.token == ORM_TOK_END)
            break;
        struct orm_arg arg = {0};
        if (!parse_arg(p, &arg))
            return false;
        if (arg.name && !may_name)
            return fail(p, arg.pos, "a name has no place in a list") != NULL;
        if (!arg.name && named)
            return fail(p, arg.pos, "positional argument follows keyword argument") != NULL;
        if (arg.name) {
            named = true;
            for (size_t i = 0; i < n->n_args; i++)
                if (n->args[i].name && strcmp(n->args[i].name, arg.name) == 0)
                    return fail(p, arg.pos, "keyword argument repeated") != NULL;
        }
        n->args = ORM_GROW(p->arena, n->args, n->n_args);
        n->args[n->n_args++] = arg;
        if (!accept(p, ',')) {
            break;
        }
        n->is_tuple = true;
    }
    if (close ? accept(p, close) : p->lx.token == ORM_TOK_END)
        return true;
    return fail(p, p->lx.pos,
                close == ')'   ? "expected ',' or ')'"
                : close == ']' ? "expected ',' or ']'"
                               : "expected ',' or the end") != NULL;
}

static const struct orm_node *parse_subscript(struct parser *p, const struct orm_node *lhs)
{
    struct orm_node *n = new_node(p, ORM_N_INDEX, p->lx.pos);
    orm_lex_next(&p->lx);
    n->lhs = lhs;
    n->args = ORM_NEW_N(p->arena, struct orm_arg, 3);
    n->n_args = 3;
    for (size_t i = 0; i < 3; i++) {
        if (!at(p, ':') && !at(p, ']')) {
            n->args[i].node = parse_binary(p, 0);
            if (!n->args[i].node)
                return NULL;
        }
        if (!at(p, ':'))
            break;
        n->is_slice = true;
        if (i < 2)
            orm_lex_next(&p->lx);
    }
    if (!n->is_slice && !n->args[0].node)
        return fail(p, p->lx.pos, "expected an index");
    if (!accept(p, ']'))
        return fail(p, p->lx.pos, "expected ']'");
    return finish(p, n);
}

static const struct orm_node *parse_postfix(struct parser *p, const struct orm_node *n)
{
    while (n) {
        if (at(p, '(')) {
            struct orm_node *call = new_node(p, ORM_N_CALL, n->pos);
            orm_lex_next(&p->lx);
            call->lhs = n;
            if (!parse_list(p, call, ')', true))
                return NULL;
            n = finish(p, call);
        } else if (at(p, '.')) {
            orm_lex_next(&p->lx);
            if (p->lx.token != ORM_TOK_NAME)
                return fail(p, p->lx.pos, "expected a name after '.'");
            struct orm_node *attr = new_node(p, ORM_N_ATTR, p->lx.pos);
            attr->lhs = n;
            attr->name = p->lx.name;
            orm_lex_next(&p->lx);
            n = finish(p, attr);
        } else if (at(p, '[')) {
            n = parse_subscript(p, n);
        } else {
            break;
        }
    }
    return n;
}

static const struct orm_node *parse_parens(struct parser *p, int close)
{
    struct orm_node *n = new_node(p, ORM_N_LIST, p->lx.pos);
    orm_lex_next(&p->lx);
    if (!parse_list(p, n, close, false))
        return NULL;
    if (close == ')' && n->n_args == 1 && !n->is_tuple)
        return n->args[0].node; /* (a) is a */
    n->is_tuple = close == ')';
    return finish(p, n);
}

/* {a: b} or {a, b}: a set is a list here. */
static const struct orm_node *parse_dict(struct parser *p)
{
    struct orm_node *n = new_node(p, ORM_N_DICT, p->lx.pos);
    orm_lex_next(&p->lx);
    while (!at(p, '}')) {
        for (int part = 0; part < (n->kind == ORM_N_DICT ? 2 : 1); part++) {
            struct orm_arg arg = {.pos = p->lx.pos, .node = parse_binary(p, 0)};
            if (!arg.node)
                return NULL;
            n->args = ORM_GROW(p->arena, n->args, n->n_args);
            n->args[n->n_args++] = arg;
            if (n->n_args == 1 && !at(p, ':'))
                n->kind = ORM_N_LIST;
            if (n->kind == ORM_N_DICT && part == 0 && !accept(p, ':'))
                return fail(p, p->lx.pos, "expected ':'");
        }
        if (!accept(p, ','))
            break;
    }
    if (!accept(p, '}'))
        return fail(p, p->lx.pos, "expected ',' or '}'");
    return finish(p, n);
}

static const struct orm_node *parse_name(struct parser *p)
{
    static const struct {
        const char *word;
        orm_val value;
    } constants[] = {
        {"True", {ORM_BOOL, {.b = true}}}, {"False", {ORM_BOOL, {.b = false}}}, {"None", {ORM_NULL, {.i = 0}}}};
    static const char *const reserved[] = {"and", "or", "not", "in", "is", "if", "else", "lambda", "for", "await"};
    const char *name = p->lx.name;
    size_t pos = p->lx.pos;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            return fail(p, pos, "no word of queries: conditions are joined by '|', '&' and '~'");
    orm_lex_next(&p->lx);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (strcmp(name, constants[i].word) == 0) {
            struct orm_node *n = new_node(p, ORM_N_CONST, pos);
            n->value = constants[i].value;
            return n;
        }
    }
    struct orm_node *n = new_node(p, ORM_N_NAME, pos);
    n->name = name;
    return n;
}

static const struct orm_node *parse_placeholder(struct parser *p)
{
    struct orm_node *n = new_node(p, ORM_N_CONST, p->lx.pos);
    if (!p->values || p->values->tag == ORM_END)
        return fail(p, p->lx.pos, "more '?' than values");
    n->value = *p->values++;
    n->hole = p->holes ? *p->holes++ : 0;
    if (n->value.tag == ORM_BAD) {
        orm_fail_at(p->error, ORM_VALUE_ERROR, p->lx.text, p->lx.pos, "the value of this '?' does not fit 64 bits");
        return NULL;
    }
    orm_lex_next(&p->lx);
    return finish(p, n);
}

static const struct orm_node *parse_primary(struct parser *p)
{
    struct orm_lexer *lx = &p->lx;
    if (lx->token == ORM_TOK_NAME)
        return parse_postfix(p, parse_name(p));
    if (lx->token == ORM_TOK_VALUE) {
        struct orm_node *n = new_node(p, ORM_N_CONST, lx->pos);
        n->value = lx->value;
        orm_lex_next(lx);
        return parse_postfix(p, n);
    }
    if (at(p, '?'))
        return parse_placeholder(p);
    if (at(p, '('))
        return parse_postfix(p, parse_parens(p, ')'));
    if (at(p, '['))
        return parse_postfix(p, parse_parens(p, ']'));
    if (at(p, '{'))
        return parse_dict(p);
    return fail(p, lx->pos, "expected an expression");
}

static const struct {
    int punct;
    enum orm_op op;
    int power; /* Python's: ** above unary above * above + above << above & above ^ above | */
} binaries[] = {{'|', ORM_OP_OR, 1},        {'^', ORM_OP_XOR, 2}, {'&', ORM_OP_AND, 3},      {ORM_P_SHL, ORM_OP_SHL, 4},
                {ORM_P_SHR, ORM_OP_SHR, 4}, {'+', ORM_OP_ADD, 5}, {'-', ORM_OP_SUB, 5},      {'*', ORM_OP_MUL, 6},
                {'/', ORM_OP_DIV, 6},       {'%', ORM_OP_MOD, 6}, {ORM_P_POW, ORM_OP_POW, 8}};
enum { UNARY_POWER = 7, POW_POWER = 8 };

static const struct orm_node *parse_unary(struct parser *p)
{
    size_t pos = p->lx.pos;
    enum orm_op op = at(p, '-') ? ORM_OP_NEG : at(p, '+') ? ORM_OP_POS : at(p, '~') ? ORM_OP_NOT : ORM_OP_NONE;
    if (op == ORM_OP_NONE)
        return parse_primary(p);
    orm_lex_next(&p->lx);
    const struct orm_node *operand = parse_binary(p, UNARY_POWER);
    if (!operand)
        return NULL;
    struct orm_node *n = new_node(p, ORM_N_UNARY, pos);
    orm_val v = operand->value;
    bool is_number = operand->kind == ORM_N_CONST && (v.tag == ORM_INT || v.tag == ORM_DBL);
    if (is_number && op == ORM_OP_NEG && !(v.tag == ORM_INT && v.u.i == INT64_MIN)) {
        n->kind = ORM_N_CONST;
        n->value = v.tag == ORM_INT ? (orm_val){ORM_INT, {.i = -v.u.i}} : (orm_val){ORM_DBL, {.d = -v.u.d}};
        return n;
    }
    n->op = op;
    n->lhs = operand;
    return finish(p, n);
}

static const struct orm_node *parse_binary(struct parser *p, int min_power)
{
    if (++p->depth > ORM_MAX_DEPTH)
        return fail(p, p->lx.pos, "expression is nested too deeply");
    const struct orm_node *lhs = parse_unary(p);
    while (lhs && p->lx.token == ORM_TOK_PUNCT) {
        size_t i = 0, count = sizeof binaries / sizeof *binaries;
        while (i < count && binaries[i].punct != p->lx.punct)
            i++;
        if (i == count || binaries[i].power < min_power)
            break;
        struct orm_node *n = new_node(p, ORM_N_BINARY, p->lx.pos);
        orm_lex_next(&p->lx);
        n->op = binaries[i].op;
        n->lhs = lhs;
        /* ** is right associative and its right side may begin with a sign; all others are left associative */
        n->rhs = parse_binary(p, binaries[i].power == POW_POWER ? UNARY_POWER : binaries[i].power + 1);
        lhs = n->rhs ? finish(p, n) : NULL;
    }
    p->depth--;
    return lhs;
}

static bool start(struct parser *p, const struct orm_parse_input *in)
{
    if (in->error->status != ORM_OK)
        return false;
    if (strlen(in->text) > ORM_MAX_TEXT_BYTES)
        return orm_fail(in->error, ORM_SYNTAX, "expression is longer than %d bytes", ORM_MAX_TEXT_BYTES);
    *p = (struct parser){.arena = in->arena, .error = in->error, .values = in->values, .holes = in->holes};
    orm_lex_init(&p->lx, in->arena, in->error, in->text);
    return true;
}

static bool all_values_used(struct parser *p)
{
    if (!p->values || p->values->tag == ORM_END)
        return true;
    return orm_fail_at(p->error, ORM_SYNTAX, p->lx.text, strlen(p->lx.text), "more values than '?'");
}

const struct orm_node *orm_parse_args(const struct orm_parse_input *in)
{
    struct parser p;
    if (!start(&p, in))
        return NULL;
    struct orm_node *n = new_node(&p, ORM_N_ARGS, 0);
    if (!parse_list(&p, n, 0, true) || in->error->status != ORM_OK || !all_values_used(&p))
        return NULL;
    return finish(&p, n);
}

const struct orm_node *orm_parse_expression(const struct orm_parse_input *in)
{
    struct parser p;
    if (!start(&p, in))
        return NULL;
    const struct orm_node *n = parse_binary(&p, 0);
    if (!n || in->error->status != ORM_OK)
        return NULL;
    if (p.lx.token != ORM_TOK_END)
        return fail(&p, p.lx.pos, "expected the end");
    return all_values_used(&p) ? n : NULL;
}
