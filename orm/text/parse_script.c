/* What a line of the shell may say beyond a query: comparisons, and, or, not, in, [x for y in z if c], f'{x}', a, b. */
#include "orm/text/parse.h"

static bool at_word(const struct orm_parser *p, const char *word)
{
    return p->lx.token == ORM_TOK_NAME && strcmp(p->lx.name, word) == 0;
}

static bool accept_word(struct orm_parser *p, const char *word)
{
    if (!at_word(p, word))
        return false;
    orm_lex_next(&p->lx);
    return true;
}

static const struct orm_node *join(struct orm_parser *p, enum orm_op op, size_t pos, const struct orm_node *lhs,
                                   const struct orm_node *rhs)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_LOGIC, pos);
    n->op = op;
    n->lhs = lhs;
    n->rhs = rhs;
    return orm_parse_finish(p, n);
}

/* ---- comparisons, and, or, not ------------------------------------------------------------------------------------- */

static enum orm_op comparison(struct orm_parser *p)
{
    static const struct {
        int punct;
        enum orm_op op;
    } signs[] = {{ORM_P_EQ, ORM_OP_EQ}, {ORM_P_NE, ORM_OP_NE}, {'<', ORM_OP_LT},
                 {ORM_P_LE, ORM_OP_LE}, {'>', ORM_OP_GT},      {ORM_P_GE, ORM_OP_GE}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (orm_parse_accept(p, signs[i].punct))
            return signs[i].op;
    if (accept_word(p, "in"))
        return ORM_OP_IN;
    if (accept_word(p, "is"))
        return accept_word(p, "not") ? ORM_OP_IS_NOT : ORM_OP_IS;
    if (accept_word(p, "not")) {
        if (accept_word(p, "in"))
            return ORM_OP_NOT_IN;
        orm_parse_fail(p, p->lx.pos, "expected 'in'");
    }
    return ORM_OP_NONE;
}

static const struct orm_node *parse_comparison(struct orm_parser *p)
{
    const struct orm_node *lhs = orm_parse_binary(p, 0);
    size_t pos = p->lx.pos;
    enum orm_op op = lhs ? comparison(p) : ORM_OP_NONE;
    if (op == ORM_OP_NONE)
        return p->error->status == ORM_OK ? lhs : NULL;
    const struct orm_node *rhs = orm_parse_binary(p, 0);
    return rhs ? join(p, op, pos, lhs, rhs) : NULL;
}

static const struct orm_node *parse_not(struct orm_parser *p)
{
    size_t pos = p->lx.pos;
    if (!at_word(p, "not"))
        return parse_comparison(p);
    if (++p->depth > ORM_MAX_DEPTH)
        return orm_parse_fail(p, pos, "expression is nested too deeply");
    orm_lex_next(&p->lx);
    const struct orm_node *operand = parse_not(p);
    p->depth--;
    return operand ? join(p, ORM_OP_NEGATE, pos, operand, NULL) : NULL;
}

static const struct orm_node *parse_and(struct orm_parser *p)
{
    const struct orm_node *lhs = parse_not(p);
    while (lhs && at_word(p, "and")) {
        size_t pos = p->lx.pos;
        orm_lex_next(&p->lx);
        const struct orm_node *rhs = parse_not(p);
        lhs = rhs ? join(p, ORM_OP_AND_THEN, pos, lhs, rhs) : NULL;
    }
    return lhs;
}

static const struct orm_node *parse_or(struct orm_parser *p)
{
    const struct orm_node *lhs = parse_and(p);
    while (lhs && at_word(p, "or")) {
        size_t pos = p->lx.pos;
        orm_lex_next(&p->lx);
        const struct orm_node *rhs = parse_and(p);
        lhs = rhs ? join(p, ORM_OP_OR_ELSE, pos, lhs, rhs) : NULL;
    }
    return lhs;
}

static void put_arg(struct orm_parser *p, struct orm_node *n, const char *name, size_t pos, const struct orm_node *node)
{
    n->args = ORM_GROW(p->arena, n->args, n->n_args);
    n->args[n->n_args++] = (struct orm_arg){name, pos, node};
}

const struct orm_node *orm_parse_logic(struct orm_parser *p)
{
    const struct orm_node *value = parse_or(p);
    size_t pos = p->lx.pos;
    if (!value || !accept_word(p, "if"))
        return value;
    if (++p->depth > ORM_MAX_DEPTH)
        return orm_parse_fail(p, pos, "expression is nested too deeply");
    struct orm_node *n = orm_parse_node(p, ORM_N_LOGIC, pos);
    n->op = ORM_OP_CHOOSE;
    n->rhs = value;
    n->lhs = parse_or(p);
    if (!n->lhs || !accept_word(p, "else"))
        return n->lhs ? orm_parse_fail(p, p->lx.pos, "expected 'else'") : NULL;
    const struct orm_node *other = orm_parse_logic(p);
    p->depth--;
    put_arg(p, n, NULL, pos, other);
    return other ? orm_parse_finish(p, n) : NULL;
}

/* ---- [x for y in z if c] --------------------------------------------------------------------------------------------- */

bool orm_parse_is_each(const struct orm_parser *p)
{
    return p->lx.is_script && at_word(p, "for");
}

const struct orm_node *orm_parse_each(struct orm_parser *p, const struct orm_node *item)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_EACH, p->lx.pos);
    n->lhs = item;
    put_arg(p, n, NULL, p->lx.pos, NULL);
    do {
        orm_lex_next(&p->lx);
        if (p->lx.token != ORM_TOK_NAME)
            return orm_parse_fail(p, p->lx.pos, "expected a name");
        put_arg(p, n, p->lx.name, p->lx.pos, NULL);
        orm_lex_next(&p->lx);
    } while (orm_parse_at(p, ','));
    if (!accept_word(p, "in"))
        return orm_parse_fail(p, p->lx.pos, "expected 'in'");
    if (!(n->rhs = orm_parse_binary(p, 0)))
        return NULL;
    if (accept_word(p, "if") && !(n->args[0].node = parse_or(p)))
        return NULL;
    if (at_word(p, "for") || at_word(p, "if"))
        return orm_parse_fail(p, p->lx.pos, "one 'for' and one 'if' here");
    return orm_parse_finish(p, n);
}

/* ---- f'{x:.2f}' ------------------------------------------------------------------------------------------------------ */

/* The length of the expression behind a '{': up to its '}', or a ':' or '!' that belongs to the format. */
static size_t expression_length(const char *s)
{
    int depth = 0;
    char quote = 0;
    size_t n = 0;
    for (; s[n]; n++) {
        if (quote) {
            quote = s[n] == quote ? 0 : quote;
        } else if (s[n] == '\'' || s[n] == '"') {
            quote = s[n];
        } else if (strchr("([{", s[n])) {
            depth++;
        } else if (depth == 0 && (s[n] == '}' || s[n] == ':' || (s[n] == '!' && s[n + 1] != '='))) {
            break;
        } else if (strchr(")]}", s[n])) {
            depth--;
        }
    }
    return n;
}

static bool put_text(struct orm_parser *p, struct orm_node *n, const char *text, size_t length)
{
    struct orm_node *part = orm_parse_node(p, ORM_N_CONST, n->pos);
    part->value = orm_v_text(orm_copy_text(p->arena, text, length));
    put_arg(p, n, NULL, n->pos, part);
    return true;
}

static size_t put_expression(struct orm_parser *p, struct orm_node *n, const char *s)
{
    size_t length = expression_length(s), end = length + strcspn(s + length, "}");
    struct orm_parse_input in = {
        .arena = p->arena, .error = p->error, .text = orm_copy_text(p->arena, s, length), .is_script = true};
    if (s[end] != '}') {
        orm_parse_fail(p, n->pos, "f-string: expecting '}'");
        return 0;
    }
    const struct orm_node *part = orm_parse_expression(&in);
    size_t format = length + (s[length] == ':');
    put_arg(p, n, orm_copy_text(p->arena, s + format, end - format), n->pos, part);
    return part ? end + 1 : 0;
}

const struct orm_node *orm_parse_format(struct orm_parser *p)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_FORMAT, p->lx.pos);
    const char *s = p->lx.value.u.s;
    if (++p->depth > ORM_MAX_DEPTH)
        return orm_parse_fail(p, p->lx.pos, "expression is nested too deeply");
    while (*s) {
        size_t plain = strcspn(s, "{}");
        if (plain) {
            put_text(p, n, s, plain);
            s += plain;
        } else if (s[0] == s[1]) {
            put_text(p, n, s, 1);
            s += 2;
        } else if (*s == '}') {
            return orm_parse_fail(p, n->pos, "f-string: single '}' is not allowed");
        } else {
            size_t used = put_expression(p, n, s + 1);
            if (!used)
                return NULL;
            s += 1 + used;
        }
    }
    p->depth--;
    orm_lex_next(&p->lx);
    return orm_parse_finish(p, n);
}

/* ---- a, b -------------------------------------------------------------------------------------------------------------- */

const struct orm_node *orm_parse_tuple(struct orm_parser *p, const struct orm_node *first)
{
    struct orm_node *n = orm_parse_node(p, ORM_N_LIST, first->pos);
    n->is_tuple = true;
    put_arg(p, n, NULL, first->pos, first);
    while (orm_parse_accept(p, ',') && p->lx.token != ORM_TOK_END) {
        size_t pos = p->lx.pos;
        const struct orm_node *item = orm_parse_logic(p);
        if (!item)
            return NULL;
        put_arg(p, n, NULL, pos, item);
    }
    return orm_parse_finish(p, n);
}
