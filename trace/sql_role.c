#include "trace/sql_role.h"

#include <string.h>

#define NOWHERE UINT32_MAX

enum type_state {
    TYPE_NONE,
    TYPE_EXPECTED, /* behind ::, behind AS, or behind a column's name in a definition */
    TYPE_NAMED,    /* at least one word of the type was read */
};

/* Of the place behind the last token. */
enum name_state {
    NAME_NONE,
    NAME_OF_COLUMN, /* behind AS, outside of a definition */
    NAME_OF_TABLE,  /* behind FROM, JOIN, INTO, UPDATE, TABLE; behind the dot of a schema's name there */
    NAME_OF_SCHEMA, /* behind the first name there: a dot makes it a schema's */
};

void n1_sql_roles_init(struct n1_sql_roles *roles, enum n1_sql_dialect dialect, const char *text, size_t length)
{
    *roles = (struct n1_sql_roles){.by_depth = NOWHERE, .list_depth = NOWHERE, .rows_depth = NOWHERE};
    n1_sql_lexer_init(&roles->lexer, dialect, text, length);
    roles->last_kind = N1_SQL_END;
}

/* The next token that is no space, without moving. */
static void peek(const struct n1_sql_roles *roles, struct n1_sql_token *token)
{
    struct n1_sql_lexer ahead = roles->lexer;
    while (n1_sql_lexer_next(&ahead, token) && (token->kind == N1_SQL_BLANK || token->kind == N1_SQL_COMMENT))
        continue;
}

static bool token_is(const struct n1_sql_roles *roles, const struct n1_sql_token *token, const char *spelling)
{
    size_t length = strlen(spelling);
    return token->length == length && memcmp(roles->lexer.text + token->offset, spelling, length) == 0;
}

static bool is_cut_mark(const struct n1_sql_roles *roles, size_t at)
{
    return at + 3 == roles->lexer.length && memcmp(roles->lexer.text + at, "...", 3) == 0;
}

/* Behind "(": one or two numbers of up to four digits and ")", the mark of a text that was cut passing for it. Returns the
 * offset of that end, 0 when the bracket holds something else. */
static size_t modifiers_end(const struct n1_sql_roles *roles)
{
    const char *text = roles->lexer.text;
    size_t at = roles->lexer.at, length = roles->lexer.length;
    for (int number = 0; number < 2; number++) {
        while (at < length && text[at] == ' ')
            at++;
        size_t digits = 0;
        for (; at < length && text[at] >= '0' && text[at] <= '9' && digits < 5; at++)
            digits++;
        if (digits == 0 || digits > 4)
            return number == 1 && is_cut_mark(roles, at) ? at : 0;
        while (at < length && text[at] == ' ')
            at++;
        if (at < length && (text[at] == ')' || is_cut_mark(roles, at)))
            return at;
        if (at >= length || text[at] != ',')
            return 0;
        at++;
    }
    return 0;
}

static bool ends_by_list(enum n1_sql_keyword keyword)
{
    switch (keyword) {
    case N1_SQL_KW_SELECT:
    case N1_SQL_KW_FROM:
    case N1_SQL_KW_WHERE:
    case N1_SQL_KW_HAVING:
    case N1_SQL_KW_ORDER:
    case N1_SQL_KW_LIMIT:
    case N1_SQL_KW_OFFSET:
    case N1_SQL_KW_FETCH:
    case N1_SQL_KW_FOR:
    case N1_SQL_KW_WINDOW:
    case N1_SQL_KW_UNION:
    case N1_SQL_KW_EXCEPT:
    case N1_SQL_KW_INTERSECT:
    case N1_SQL_KW_VALUES:
    case N1_SQL_KW_SET:
    case N1_SQL_KW_RETURNING: return true;
    default: return false;
    }
}

static bool is_ordinal(const struct n1_sql_roles *roles, const struct n1_sql_token *number)
{
    const char *text = roles->lexer.text + number->offset;
    bool is_first = roles->last_kind == N1_SQL_COMMA || roles->last_keyword == N1_SQL_KW_BY;
    if (roles->by_depth != roles->depth || !is_first || number->length > 3)
        return false;
    for (size_t i = 0; i < number->length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    struct n1_sql_token next;
    peek(roles, &next);
    switch (next.kind) {
    case N1_SQL_END:
    case N1_SQL_COMMA:
    case N1_SQL_CLOSE:
    case N1_SQL_SEMICOLON: return true;
    case N1_SQL_DOT: return is_cut_mark(roles, next.offset);
    case N1_SQL_WORD: break;
    default: return false;
    }
    enum n1_sql_keyword word = n1_sql_keyword_find(roles->lexer.text + next.offset, next.length);
    return word == N1_SQL_KW_ASC || word == N1_SQL_KW_DESC || word == N1_SQL_KW_NULLS || ends_by_list(word);
}

/* SQLite's strings in double quotes: see the header. */
static bool is_quoted_value(const struct n1_sql_roles *roles, const struct n1_sql_token *name)
{
    if (roles->lexer.dialect != N1_SQL_SQLITE || roles->lexer.text[name->offset] != '"')
        return false;
    bool begins_item = roles->last_kind == N1_SQL_OPEN || roles->last_kind == N1_SQL_COMMA;
    bool is_item =
        begins_item && (roles->list_depth == roles->depth || roles->rows_depth + 1 == roles->depth) && roles->depth > 0;
    if (!roles->last_is_comparison && !is_item)
        return false;
    struct n1_sql_token next;
    peek(roles, &next);
    if (next.kind == N1_SQL_DOT || next.kind == N1_SQL_OPEN)
        return false;
    static const char *const arithmetic[] = {"+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>", "->", "->>"};
    for (size_t i = 0; next.kind == N1_SQL_OPERATOR && i < sizeof arithmetic / sizeof *arithmetic; i++)
        if (token_is(roles, &next, arithmetic[i]))
            return false;
    return true;
}

static bool is_comparison(const struct n1_sql_roles *roles, const struct n1_sql_role_token *t)
{
    const char *text = roles->lexer.text + t->token.offset;
    switch (t->keyword) {
    case N1_SQL_KW_LIKE:
    case N1_SQL_KW_GLOB:
    case N1_SQL_KW_IS:
    case N1_SQL_KW_MATCH:
    case N1_SQL_KW_REGEXP:
    case N1_SQL_KW_BETWEEN: return true;
    case N1_SQL_KW_NOT: return roles->last_keyword == N1_SQL_KW_IS;
    default: break;
    }
    if (t->token.length > 2)
        return false;
    if (t->token.length == 1)
        return *text == '=' || *text == '<' || *text == '>';
    return text[1] == '=' || (text[0] == '<' && text[1] == '>');
}

static void follow_brackets(struct n1_sql_roles *roles, const struct n1_sql_role_token *t)
{
    if (t->token.kind == N1_SQL_OPEN) {
        roles->depth++;
        if (roles->last_keyword == N1_SQL_KW_IN)
            roles->list_depth = roles->depth;
        roles->keep_end = roles->type_state == TYPE_NAMED ? modifiers_end(roles) : roles->keep_end;
        return;
    }
    if (roles->list_depth == roles->depth)
        roles->list_depth = NOWHERE;
    if (roles->depth > 0)
        roles->depth--;
    if (roles->by_depth != NOWHERE && roles->by_depth > roles->depth)
        roles->by_depth = NOWHERE;
    if (roles->rows_depth != NOWHERE && roles->rows_depth > roles->depth)
        roles->rows_depth = NOWHERE;
}

static void follow_word(struct n1_sql_roles *roles, const struct n1_sql_role_token *t)
{
    if (roles->last_kind == N1_SQL_END || roles->last_kind == N1_SQL_SEMICOLON)
        roles->is_definition = t->keyword == N1_SQL_KW_CREATE || t->keyword == N1_SQL_KW_ALTER;
    switch (t->keyword) {
    case N1_SQL_KW_BY: roles->by_depth = roles->depth; return;
    case N1_SQL_KW_VALUES: roles->rows_depth = roles->depth; return;
    case N1_SQL_KW_NONE: return;
    default: break;
    }
    if (roles->last_kind == N1_SQL_DOT || n1_sql_keyword_class(t->keyword) != N1_SQL_CLASS_RESERVED)
        return;
    if (roles->list_depth == roles->depth && t->keyword == N1_SQL_KW_SELECT)
        roles->list_depth = NOWHERE;
    if (roles->by_depth == roles->depth && ends_by_list(t->keyword))
        roles->by_depth = NOWHERE;
}

static uint8_t next_type_state(const struct n1_sql_roles *roles, const struct n1_sql_role_token *t)
{
    if (t->token.kind == N1_SQL_OPERATOR)
        return roles->lexer.text[t->token.offset] == ':' && t->token.length == 2 ? TYPE_EXPECTED : TYPE_NONE;
    if (t->keyword == N1_SQL_KW_AS)
        return TYPE_EXPECTED;
    if (n1_sql_keyword_class(t->keyword) == N1_SQL_CLASS_TYPE && roles->type_state != TYPE_NONE)
        return TYPE_NAMED;
    bool is_name = t->token.kind == N1_SQL_NAME ||
                   (t->token.kind == N1_SQL_WORD && n1_sql_keyword_class(t->keyword) != N1_SQL_CLASS_RESERVED);
    return is_name && roles->is_definition ? TYPE_EXPECTED : TYPE_NONE;
}

static bool ends_operand(const struct n1_sql_roles *roles, const struct n1_sql_role_token *t)
{
    switch (t->token.kind) {
    case N1_SQL_WORD: return n1_sql_keyword_class(t->keyword) != N1_SQL_CLASS_RESERVED;
    case N1_SQL_NAME:
    case N1_SQL_INTEGER:
    case N1_SQL_FLOAT:
    case N1_SQL_STRING:
    case N1_SQL_BLOB:
    case N1_SQL_PARAMETER:
    case N1_SQL_CLOSE: return true;
    case N1_SQL_BRACKET: return roles->lexer.text[t->token.offset] == ']';
    default: return false;
    }
}

/* Which 'string' a name in SQLite is, should one come next: see the header. */
static uint8_t next_name_state(const struct n1_sql_roles *roles, const struct n1_sql_role_token *t)
{
    switch (t->token.kind) {
    case N1_SQL_WORD: break;
    case N1_SQL_NAME: return roles->name_state == NAME_OF_TABLE ? NAME_OF_SCHEMA : NAME_NONE;
    case N1_SQL_DOT: return roles->name_state == NAME_OF_SCHEMA ? NAME_OF_TABLE : NAME_NONE;
    default: return NAME_NONE;
    }
    switch (t->keyword) {
    case N1_SQL_KW_AS: return roles->is_definition ? NAME_NONE : NAME_OF_COLUMN;
    case N1_SQL_KW_FROM: return roles->last_keyword == N1_SQL_KW_DISTINCT ? NAME_NONE : NAME_OF_TABLE;
    case N1_SQL_KW_JOIN:
    case N1_SQL_KW_INTO:
    case N1_SQL_KW_UPDATE:
    case N1_SQL_KW_TABLE: return NAME_OF_TABLE;
    default: return roles->name_state == NAME_OF_TABLE ? NAME_OF_SCHEMA : NAME_NONE;
    }
}

/* SQLite's names in 'single quotes': letters, digits, _ and blanks only, as tables and columns are called. */
static bool is_name(const struct n1_sql_roles *roles, const struct n1_sql_token *token)
{
    if (token->kind != N1_SQL_STRING || roles->lexer.dialect != N1_SQL_SQLITE ||
        (roles->name_state != NAME_OF_COLUMN && roles->name_state != NAME_OF_TABLE))
        return false;
    const char *name = roles->lexer.text + token->body_offset;
    for (size_t i = 0; i < token->body_length; i++) {
        const char letter = name[i] | 0x20;
        if (name[i] != '_' && name[i] != ' ' && !(name[i] >= '0' && name[i] <= '9') &&
            !(letter >= 'a' && letter <= 'z'))
            return false;
    }
    return token->body_length > 0;
}

static enum n1_sql_role role_of(const struct n1_sql_roles *roles, const struct n1_sql_token *token)
{
    switch (token->kind) {
    case N1_SQL_PARAMETER: return N1_SQL_ROLE_PARAMETER;
    case N1_SQL_STRING:
    case N1_SQL_BLOB:
    case N1_SQL_FLOAT: return N1_SQL_ROLE_LITERAL;
    case N1_SQL_INTEGER:
        return token->offset < roles->keep_end || is_ordinal(roles, token) ? N1_SQL_ROLE_STRUCTURE
                                                                           : N1_SQL_ROLE_LITERAL;
    case N1_SQL_NAME: return is_quoted_value(roles, token) ? N1_SQL_ROLE_LITERAL : N1_SQL_ROLE_STRUCTURE;
    default: return N1_SQL_ROLE_STRUCTURE;
    }
}

bool n1_sql_roles_next(struct n1_sql_roles *roles, struct n1_sql_role_token *out)
{
    struct n1_sql_token *token = &out->token;
    out->keyword = N1_SQL_KW_NONE;
    out->operand = 0;
    out->is_negated = false;
    if (!n1_sql_lexer_next(&roles->lexer, token)) {
        out->role = N1_SQL_ROLE_STRUCTURE;
        return false;
    }
    if (token->kind == N1_SQL_BLANK || token->kind == N1_SQL_COMMENT) {
        out->role = N1_SQL_ROLE_SPACE;
        return true;
    }
    if (is_name(roles, token))
        token->kind = N1_SQL_NAME;
    out->role = role_of(roles, token);
    bool is_between_rows = token->kind == N1_SQL_OPEN || token->kind == N1_SQL_CLOSE || token->kind == N1_SQL_COMMA;
    if (roles->rows_depth == roles->depth && !is_between_rows)
        roles->rows_depth = NOWHERE;
    if (token->kind == N1_SQL_WORD) {
        out->keyword = n1_sql_keyword_find(roles->lexer.text + token->offset, token->length);
        follow_word(roles, out);
    } else if (token->kind == N1_SQL_OPEN || token->kind == N1_SQL_CLOSE) {
        follow_brackets(roles, out);
    } else if (token->kind == N1_SQL_SEMICOLON) {
        roles->by_depth = roles->list_depth = roles->rows_depth = NOWHERE;
        roles->depth = 0;
    }
    if (out->role != N1_SQL_ROLE_STRUCTURE) {
        out->operand = roles->operands++;
        out->is_negated = roles->last_is_unary_minus && (token->kind == N1_SQL_INTEGER || token->kind == N1_SQL_FLOAT);
    }
    bool is_minus = token->kind == N1_SQL_OPERATOR && token->length == 1 && roles->lexer.text[token->offset] == '-';
    roles->last_is_unary_minus = is_minus && !roles->last_is_operand;
    bool may_compare = token->kind == N1_SQL_OPERATOR || out->keyword != N1_SQL_KW_NONE;
    roles->last_is_comparison = may_compare && is_comparison(roles, out);
    roles->type_state = next_type_state(roles, out);
    roles->name_state = next_name_state(roles, out);
    roles->last_is_operand = ends_operand(roles, out);
    roles->last_kind = token->kind;
    roles->last_keyword = (uint8_t)out->keyword;
    return true;
}
