/* A Pratt parser: one table of binding powers, one function a prefix form, postfix forms bind tightest. */
#include "orm/text/parse.h"

const struct orm_node *orm_parse_fail(struct orm_parser *p, size_t pos, const char *message)
{
    orm_fail_at(p->error, ORM_SYNTAX, p->lx.text, pos, "%s", message);
    return NULL;
}

bool orm_parse_at(const struct orm_parser *p, int punct)
{
    return p->lx.token == ORM_TOK_PUNCT && p->lx.punct == punct;
}

bool orm_parse_accept(struct orm_parser *p, int punct)
{
    if (!orm_parse_at(p, punct))
        return false;
    orm_lex_next(&p->lx);
    return true;
}

struct orm_node *orm_parse_node(struct orm_parser *p, enum orm_node_kind kind, size_t pos)
{
    struct orm_node *n = ORM_NEW(p->arena, struct orm_node);
    n->kind = kind;
    n->text = p->lx.text;
    n->pos = pos;
    n->depth = 1;
    return n;
}

/* A chain such as a|b|c... leans left without recursion here, so depth is also counted in the tree. */
const struct orm_node *orm_parse_finish(struct orm_parser *p, struct orm_node *n)
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
        return orm_parse_fail(p, n->pos, "expression is nested too deeply");
    return n;
}

static const struct orm_node *whole(struct orm_parser *p)
{
    return p->lx.is_script ? orm_parse_logic(p) : orm_parse_binary(p, 0);
}

static bool parse_arg(struct orm_parser *p, struct orm_arg *arg)
{
    arg->pos = p->lx.pos;
    const struct orm_node *e = whole(p);
    if (!e)
        return false;
    arg->node = e;
    if (orm_parse_at(p, '=') && e->kind == ORM_N_NAME) {
        orm_lex_next(&p->lx);
        arg->name = e->name;
        arg->node = whole(p);
    }
    return arg->node != NULL;
}

/* a, b, name=c up to the closing punctuation (0: the end of the text). */
static bool parse_list(struct orm_parser *p, struct orm_node *n, int close, bool may_name)
{
    bool named = false;
    for (;;) {
        if (close ? orm_parse_at(p, close) : p->lx.token == ORM_TOK_END)
            break;
        struct orm_arg arg = {0};
        if (!parse_arg(p, &arg))
            return false;
        if (arg.name && !may_name)
            return orm_parse_fail(p, arg.pos, "a name has no place in a list") != NULL;
        if (!arg.name && named)
            return orm_parse_fail(p, arg.pos, "positional argument follows keyword argument") != NULL;
        if (arg.name) {
            named = true;
            for (size_t i = 0; i < n->n_args; i++)
                if (n->args[i].name && strcmp(n->args[i].name, arg.name) == 0)
                    return orm_parse_fail(p, arg.pos, "keyword argument repeated") != NULL;
        }
        n->args = ORM_GROW(p->arena, n->args, n->n_args);
        n->args[n->n_args++] = arg;
        if (n->n_args == 1 && !arg.name && orm_parse_is_each(p)) {
            n->args[0].node = orm_parse_each(p, arg.node);
            if (!n->args[0].node)
                return false;
        }
        if (!orm_parse_accept(p, ',')) {
            break;
        }
        n->is_tuple = true;
    }
    if (close ? orm_parse_accept(p, close) : p->lx.token == ORM_TOK_END)
        return true;
    return orm_parse_fail(p, p->lx.pos,
                          close == ')'   ? "expected ',' or ')'"
                          : close == ']' ? "expected ',' or ']'"
                                         : "expected ',' or the end") != NULL;
}

static const struct orm_node *parse_subscript(struct orm_parser *p, const struct orm_node *lhs)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_INDEX, p->lx.pos);
    orm_lex_next(&p->lx);
    n->lhs = lhs;
    n->args = ORM_NEW_N(p->arena, struct orm_arg, 3);
    n->n_args = 3;
    for (size_t i = 0; i < 3; i++) {
        if (!orm_parse_at(p, ':') && !orm_parse_at(p, ']')) {
            n->args[i].node = whole(p);
            if (!n->args[i].node)
                return NULL;
        }
        if (!orm_parse_at(p, ':'))
            break;
        n->is_slice = true;
        if (i < 2)
            orm_lex_next(&p->lx);
    }
    if (!n->is_slice && !n->args[0].node)
        return orm_parse_fail(p, p->lx.pos, "expected an index");
    if (!orm_parse_accept(p, ']'))
        return orm_parse_fail(p, p->lx.pos, "expected ']'");
    return orm_parse_finish(p, n);
}

static const struct orm_node *parse_postfix(struct orm_parser *p, const struct orm_node *n)
{
    while (n) {
        if (orm_parse_at(p, '(')) {
            struct orm_node *call = orm_parse_node(p, ORM_N_CALL, n->pos);
            orm_lex_next(&p->lx);
            call->lhs = n;
            if (!parse_list(p, call, ')', true))
                return NULL;
            n = orm_parse_finish(p, call);
        } else if (orm_parse_at(p, '.')) {
            orm_lex_next(&p->lx);
            if (p->lx.token != ORM_TOK_NAME)
                return orm_parse_fail(p, p->lx.pos, "expected a name after '.'");
            struct orm_node *attr = orm_parse_node(p, ORM_N_ATTR, p->lx.pos);
            attr->lhs = n;
            attr->name = p->lx.name;
            orm_lex_next(&p->lx);
            n = orm_parse_finish(p, attr);
        } else if (orm_parse_at(p, '[')) {
            n = parse_subscript(p, n);
        } else {
            break;
        }
    }
    return n;
}

static const struct orm_node *parse_parens(struct orm_parser *p, int close)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_LIST, p->lx.pos);
    orm_lex_next(&p->lx);
    if (!parse_list(p, n, close, false))
        return NULL;
    if (close == ')' && n->n_args == 1 && !n->is_tuple)
        return n->args[0].node; /* (a) is a */
    if (n->n_args == 1 && !n->is_tuple && n->args[0].node->kind == ORM_N_EACH)
        return n->args[0].node;
    n->is_tuple = close == ')';
    return orm_parse_finish(p, n);
}

/* {a: b} or {a, b}: a set is a list here. */
static const struct orm_node *parse_dict(struct orm_parser *p)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_DICT, p->lx.pos);
    orm_lex_next(&p->lx);
    while (!orm_parse_at(p, '}')) {
        for (int part = 0; part < (n->kind == ORM_N_DICT ? 2 : 1); part++) {
            struct orm_arg arg = {.pos = p->lx.pos, .node = whole(p)};
            if (!arg.node)
                return NULL;
            n->args = ORM_GROW(p->arena, n->args, n->n_args);
            n->args[n->n_args++] = arg;
            if (n->n_args == 1 && !orm_parse_at(p, ':'))
                n->kind = ORM_N_LIST;
            if (n->kind == ORM_N_DICT && part == 0 && !orm_parse_accept(p, ':'))
                return orm_parse_fail(p, p->lx.pos, "expected ':'");
        }
        if (!orm_parse_accept(p, ','))
            break;
    }
    if (!orm_parse_accept(p, '}'))
        return orm_parse_fail(p, p->lx.pos, "expected ',' or '}'");
    return orm_parse_finish(p, n);
}

static const struct orm_node *parse_name(struct orm_parser *p)
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
            return orm_parse_fail(p, pos, "no word of queries: conditions are joined by '|', '&' and '~'");
    orm_lex_next(&p->lx);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (strcmp(name, constants[i].word) == 0) {
            struct orm_node *n = orm_parse_node(p, ORM_N_CONST, pos);
            n->value = constants[i].value;
            return n;
        }
    }
    struct orm_node *n = orm_parse_node(p, ORM_N_NAME, pos);
    n->name = name;
    return n;
}

static const struct orm_node *parse_placeholder(struct orm_parser *p)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_CONST, p->lx.pos);
    if (!p->values || p->values->tag == ORM_END)
        return orm_parse_fail(p, p->lx.pos, "more '?' than values");
    n->value = *p->values++;
    n->hole = p->holes ? *p->holes++ : 0;
    if (n->value.tag == ORM_BAD) {
        orm_fail_at(p->error, ORM_VALUE_ERROR, p->lx.text, p->lx.pos, "the value of this '?' does not fit 64 bits");
        return NULL;
    }
    orm_lex_next(&p->lx);
    return orm_parse_finish(p, n);
}

static const struct orm_node *parse_primary(struct orm_parser *p)
{
    struct orm_lexer *lx = &p->lx;
    if (lx->token == ORM_TOK_NAME)
        return parse_postfix(p, parse_name(p));
    if (lx->token == ORM_TOK_VALUE && lx->is_format)
        return orm_parse_format(p);
    if (lx->token == ORM_TOK_VALUE) {
        struct orm_node *n = orm_parse_node(p, ORM_N_CONST, lx->pos);
        n->value = lx->value;
        orm_lex_next(lx);
        return parse_postfix(p, n);
    }
    if (orm_parse_at(p, '?'))
        return parse_placeholder(p);
    if (orm_parse_at(p, '('))
        return parse_postfix(p, parse_parens(p, ')'));
    if (orm_parse_at(p, '['))
        return parse_postfix(p, parse_parens(p, ']'));
    if (orm_parse_at(p, '{'))
        return parse_dict(p);
    return orm_parse_fail(p, lx->pos, "expected an expression");
}

static const struct {
    int punct;
    enum orm_op op;
    int power; /* Python's: ** above unary above * above + above << above & above ^ above | */
} binaries[] = {{'|', ORM_OP_OR, 1},        {'^', ORM_OP_XOR, 2}, {'&', ORM_OP_AND, 3},      {ORM_P_SHL, ORM_OP_SHL, 4},
                {ORM_P_SHR, ORM_OP_SHR, 4}, {'+', ORM_OP_ADD, 5}, {'-', ORM_OP_SUB, 5},      {'*', ORM_OP_MUL, 6},
                {'/', ORM_OP_DIV, 6},       {'%', ORM_OP_MOD, 6}, {ORM_P_POW, ORM_OP_POW, 8}};
enum { UNARY_POWER = 7, POW_POWER = 8 };

static const struct orm_node *parse_unary(struct orm_parser *p)
{
    size_t pos = p->lx.pos;
    enum orm_op op = orm_parse_at(p, '-')   ? ORM_OP_NEG
                     : orm_parse_at(p, '+') ? ORM_OP_POS
                     : orm_parse_at(p, '~') ? ORM_OP_NOT
                                            : ORM_OP_NONE;
    if (op == ORM_OP_NONE)
        return parse_primary(p);
    orm_lex_next(&p->lx);
    const struct orm_node *operand = orm_parse_binary(p, UNARY_POWER);
    if (!operand)
        return NULL;
    struct orm_node *n = orm_parse_node(p, ORM_N_UNARY, pos);
    orm_val v = operand->value;
    bool is_number = operand->kind == ORM_N_CONST && (v.tag == ORM_INT || v.tag == ORM_DBL);
    if (is_number && op == ORM_OP_NEG && !(v.tag == ORM_INT && v.u.i == INT64_MIN)) {
        n->kind = ORM_N_CONST;
        n->value = v.tag == ORM_INT ? (orm_val){ORM_INT, {.i = -v.u.i}} : (orm_val){ORM_DBL, {.d = -v.u.d}};
        return n;
    }
    n->op = op;
    n->lhs = operand;
    return orm_parse_finish(p, n);
}

const struct orm_node *orm_parse_binary(struct orm_parser *p, int min_power)
{
    if (++p->depth > ORM_MAX_DEPTH)
        return orm_parse_fail(p, p->lx.pos, "expression is nested too deeply");
    const struct orm_node *lhs = parse_unary(p);
    while (lhs && p->lx.token == ORM_TOK_PUNCT) {
        size_t i = 0, count = sizeof binaries / sizeof *binaries;
        while (i < count && binaries[i].punct != p->lx.punct)
            i++;
        if (i == count || binaries[i].power < min_power)
            break;
        struct orm_node *n = orm_parse_node(p, ORM_N_BINARY, p->lx.pos);
        orm_lex_next(&p->lx);
        n->op = binaries[i].op;
        n->lhs = lhs;
        /* ** is right associative and its right side may begin with a sign; all others are left associative */
        n->rhs = orm_parse_binary(p, binaries[i].power == POW_POWER ? UNARY_POWER : binaries[i].power + 1);
        lhs = n->rhs ? orm_parse_finish(p, n) : NULL;
    }
    p->depth--;
    return lhs;
}

static bool start(struct orm_parser *p, const struct orm_parse_input *in)
{
    if (in->error->status != ORM_OK)
        return false;
    if (strlen(in->text) > ORM_MAX_TEXT_BYTES)
        return orm_fail(in->error, ORM_SYNTAX, "expression is longer than %d bytes", ORM_MAX_TEXT_BYTES);
    *p = (struct orm_parser){.arena = in->arena, .error = in->error, .values = in->values, .holes = in->holes};
    orm_lex_init(&p->lx, in->arena, in->error, in->text, in->is_script);
    return true;
}

static bool all_values_used(struct orm_parser *p)
{
    if (!p->values || p->values->tag == ORM_END)
        return true;
    return orm_fail_at(p->error, ORM_SYNTAX, p->lx.text, strlen(p->lx.text), "more values than '?'");
}

const struct orm_node *orm_parse_args(const struct orm_parse_input *in)
{
    struct orm_parser p;
    if (!start(&p, in))
        return NULL;
    struct orm_node *n = orm_parse_node(&p, ORM_N_ARGS, 0);
    if (!parse_list(&p, n, 0, true) || in->error->status != ORM_OK || !all_values_used(&p))
        return NULL;
    return orm_parse_finish(&p, n);
}

const struct orm_node *orm_parse_expression(const struct orm_parse_input *in)
{
    struct orm_parser p;
    if (!start(&p, in))
        return NULL;
    const struct orm_node *n = whole(&p);
    if (n && in->is_script && orm_parse_at(&p, ','))
        n = orm_parse_tuple(&p, n);
    if (!n || in->error->status != ORM_OK)
        return NULL;
    if (p.lx.token != ORM_TOK_END)
        return orm_parse_fail(&p, p.lx.pos, "expected the end");
    return all_values_used(&p) ? n : NULL;
}
