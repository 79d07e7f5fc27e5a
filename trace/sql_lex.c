#include "trace/sql_lex.h"

#include <string.h>

#include "trace/sql_keyword.h"

enum byte_class {
    OTHER,
    BLANK,
    LETTER,
    DIGIT,
    QUOTE,
    DOUBLE_QUOTE,
    BACKTICK,
    OPEN_SQUARE,
    CLOSE_SQUARE,
    DOLLAR,
    QUESTION,
    COLON,
    AT,
    MINUS,
    SLASH,
    OPERATOR,
    OPEN,
    CLOSE,
    COMMA,
    DOT,
    SEMICOLON,
};

static const uint8_t classes[256] = {
    ['\0'] = BLANK,
    [' '] = BLANK,
    ['\t'] = BLANK,
    ['\n'] = BLANK,
    ['\v'] = BLANK,
    ['\f'] = BLANK,
    ['\r'] = BLANK,
    ['a' ... 'z'] = LETTER,
    ['A' ... 'Z'] = LETTER,
    ['_'] = LETTER,
    [0x80 ... 0xff] = LETTER,
    ['0' ... '9'] = DIGIT,
    ['\''] = QUOTE,
    ['"'] = DOUBLE_QUOTE,
    ['`'] = BACKTICK,
    ['['] = OPEN_SQUARE,
    [']'] = CLOSE_SQUARE,
    ['$'] = DOLLAR,
    ['?'] = QUESTION,
    [':'] = COLON,
    ['@'] = AT,
    ['-'] = MINUS,
    ['/'] = SLASH,
    ['+'] = OPERATOR,
    ['*'] = OPERATOR,
    ['<'] = OPERATOR,
    ['>'] = OPERATOR,
    ['='] = OPERATOR,
    ['~'] = OPERATOR,
    ['!'] = OPERATOR,
    ['#'] = OPERATOR,
    ['%'] = OPERATOR,
    ['^'] = OPERATOR,
    ['&'] = OPERATOR,
    ['|'] = OPERATOR,
    ['('] = OPEN,
    [')'] = CLOSE,
    [','] = COMMA,
    ['.'] = DOT,
    [';'] = SEMICOLON,
};

static const bool name_bytes[256] = {
    ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
    ['_'] = true,         ['$'] = true,         [0x80 ... 0xff] = true,
};

/* PostgreSQL's operator bytes; '?' joins only by the rule in the header. */
static const bool run_bytes[256] = {
    ['+'] = true, ['-'] = true, ['*'] = true, ['/'] = true, ['<'] = true, ['>'] = true, ['='] = true, ['~'] = true,
    ['!'] = true, ['@'] = true, ['#'] = true, ['%'] = true, ['^'] = true, ['&'] = true, ['|'] = true, ['`'] = true,
};

/* 0 beyond the end: a blank, which ends every token. */
static unsigned char byte_at(const struct n1_sql_lexer *lexer, size_t at)
{
    return at < lexer->length ? (unsigned char)lexer->text[at] : 0;
}

static size_t name_end(const struct n1_sql_lexer *lexer, size_t at)
{
    while (at < lexer->length && name_bytes[(unsigned char)lexer->text[at]])
        at++;
    return at;
}

static size_t blank_end(const struct n1_sql_lexer *lexer, size_t at)
{
    while (at < lexer->length && classes[(unsigned char)lexer->text[at]] == BLANK)
        at++;
    return at;
}

static bool is_comment_at(const struct n1_sql_lexer *lexer, size_t at)
{
    unsigned char c = byte_at(lexer, at), next = byte_at(lexer, at + 1);
    return (c == '-' && next == '-') || (c == '/' && next == '*');
}

static size_t comment_end(const struct n1_sql_lexer *lexer, size_t at, bool *is_closed)
{
    const char *text = lexer->text;
    size_t length = lexer->length;
    *is_closed = true;
    if (text[at] == '-') {
        const char *newline = memchr(text + at, '\n', length - at);
        return newline ? (size_t)(newline - text) : length;
    }
    size_t depth = 1;
    for (at += 2; at + 1 < length; at++) {
        if (text[at] == '*' && text[at + 1] == '/') {
            at++;
            if (--depth == 0)
                return at + 1;
        } else if (lexer->dialect == N1_SQL_POSTGRES && text[at] == '/' && text[at + 1] == '*') {
            at++;
            depth++;
        }
    }
    *is_closed = false;
    return length;
}

/* The body begins at `at`; sets the token's body and flags and returns where the token ends. */
static size_t quoted_end(const struct n1_sql_lexer *lexer, size_t at, char quote, bool has_backslashes,
                         struct n1_sql_token *token)
{
    const char *text = lexer->text;
    size_t length = lexer->length;
    token->body_offset = at;
    while (at < length) {
        if (has_backslashes) {
            while (at < length && text[at] != quote && text[at] != '\\')
                at++;
            if (at < length && text[at] == '\\') {
                token->flags |= N1_SQL_BACKSLASH;
                at = at + 2 < length ? at + 2 : length;
                continue;
            }
        } else {
            const char *found = memchr(text + at, quote, length - at);
            at = found ? (size_t)(found - text) : length;
        }
        if (at >= length)
            break;
        if (at + 1 < length && text[at + 1] == quote && quote != ']') {
            token->flags |= N1_SQL_DOUBLED;
            at += 2;
            continue;
        }
        token->body_length = at - token->body_offset;
        return at + 1;
    }
    token->flags |= N1_SQL_UNTERMINATED;
    token->body_length = length - token->body_offset;
    return length;
}

/* Digits, fraction, exponent or another base; name bytes that follow at once belong to it (neither database takes 12abc, and
 * a value that was mistyped must not be half a value). */
static size_t number_end(const struct n1_sql_lexer *lexer, size_t at, struct n1_sql_token *token)
{
    size_t start = at;
    token->kind = N1_SQL_INTEGER;
    unsigned char base = byte_at(lexer, at + 1) | 0x20;
    if (byte_at(lexer, at) == '0' && (base == 'x' || base == 'o' || base == 'b'))
        return name_end(lexer, at + 2);
    while (classes[byte_at(lexer, at)] == DIGIT || byte_at(lexer, at) == '_')
        at++;
    if (byte_at(lexer, at) == '.' && (at == start || byte_at(lexer, at + 1) != '.')) {
        token->kind = N1_SQL_FLOAT;
        at++;
        while (classes[byte_at(lexer, at)] == DIGIT || byte_at(lexer, at) == '_')
            at++;
    }
    if ((byte_at(lexer, at) | 0x20) == 'e') {
        unsigned char sign = byte_at(lexer, at + 1);
        size_t digits = at + 1 + (sign == '+' || sign == '-');
        if (classes[byte_at(lexer, digits)] == DIGIT) {
            token->kind = N1_SQL_FLOAT;
            at = digits;
        }
    }
    return name_end(lexer, at);
}

/* A word, or a string whose prefix looks like one. */
static size_t word_end(const struct n1_sql_lexer *lexer, size_t at, struct n1_sql_token *token)
{
    bool is_postgres = lexer->dialect == N1_SQL_POSTGRES;
    unsigned char next = byte_at(lexer, at + 1);
    token->kind = N1_SQL_WORD;
    if (next != '\'' && next != '&')
        return name_end(lexer, at + 1);
    unsigned char third = byte_at(lexer, at + 2);
    unsigned char letter = byte_at(lexer, at) | 0x20;
    if (next == '\'' && (letter == 'x' || (is_postgres && letter == 'b'))) {
        token->kind = N1_SQL_BLOB;
        return quoted_end(lexer, at + 2, '\'', false, token);
    }
    if (is_postgres && next == '\'' && (letter == 'e' || letter == 'n')) {
        token->kind = N1_SQL_STRING;
        return quoted_end(lexer, at + 2, '\'', letter == 'e', token);
    }
    if (is_postgres && letter == 'u' && next == '&' && (third == '\'' || third == '"')) {
        token->kind = third == '"' ? N1_SQL_NAME : N1_SQL_STRING;
        token->flags |= N1_SQL_UNICODE;
        return quoted_end(lexer, at + 3, (char)third, false, token);
    }
    return name_end(lexer, at + 1);
}

/* :name, @name, $name with SQLite's Tcl tails $a::b(c). */
static size_t sqlite_parameter_end(const struct n1_sql_lexer *lexer, size_t at, struct n1_sql_token *token)
{
    size_t end = name_end(lexer, at + 1);
    token->kind = end > at + 1 ? N1_SQL_PARAMETER : N1_SQL_OTHER;
    if (token->kind == N1_SQL_OTHER || byte_at(lexer, at) != '$')
        return end;
    while (byte_at(lexer, end) == ':' && byte_at(lexer, end + 1) == ':')
        end = name_end(lexer, end + 2);
    if (byte_at(lexer, end) == '(') {
        size_t close = name_end(lexer, end + 1);
        if (byte_at(lexer, close) == ')')
            end = close + 1;
    }
    return end;
}

/* $1, or a dollar-quoted string. */
static size_t postgres_dollar_end(const struct n1_sql_lexer *lexer, size_t at, struct n1_sql_token *token)
{
    const char *text = lexer->text;
    token->kind = N1_SQL_PARAMETER;
    size_t end = at + 1;
    if (classes[byte_at(lexer, end)] == DIGIT) {
        while (classes[byte_at(lexer, end)] == DIGIT)
            end++;
        return end;
    }
    while (end < lexer->length && text[end] != '$' && name_bytes[(unsigned char)text[end]])
        end++;
    if (byte_at(lexer, end) != '$') {
        if (end == at + 1)
            token->kind = N1_SQL_OTHER;
        return end;
    }
    size_t tag_length = end + 1 - at;
    token->kind = N1_SQL_STRING;
    token->body_offset = end + 1;
    const char *close = memmem(text + end + 1, lexer->length - end - 1, text + at, tag_length);
    if (!close) {
        token->flags |= N1_SQL_UNTERMINATED;
        token->body_length = lexer->length - token->body_offset;
        return lexer->length;
    }
    token->body_length = (size_t)(close - text) - token->body_offset;
    return (size_t)(close - text) + tag_length;
}

static bool is_after_operand(const struct n1_sql_lexer *lexer)
{
    switch (lexer->last_kind) {
    case N1_SQL_NAME:
    case N1_SQL_INTEGER:
    case N1_SQL_FLOAT:
    case N1_SQL_STRING:
    case N1_SQL_BLOB:
    case N1_SQL_PARAMETER:
    case N1_SQL_CLOSE: return true;
    case N1_SQL_WORD:
        switch (n1_sql_keyword_class(n1_sql_keyword_find(lexer->text + lexer->word_offset, lexer->word_length))) {
        case N1_SQL_CLASS_RESERVED:
        case N1_SQL_CLASS_TYPE: return false;
        default: return true;
        }
    default: return false;
    }
}

/* Whether the next token after `at` can begin an operand. */
static bool is_before_operand(const struct n1_sql_lexer *lexer, size_t at)
{
    for (;;) {
        bool is_closed;
        size_t end = blank_end(lexer, at);
        if (is_comment_at(lexer, end))
            end = comment_end(lexer, end, &is_closed);
        if (end == at)
            break;
        at = end;
    }
    switch (classes[byte_at(lexer, at)]) {
    case QUOTE:
    case DOUBLE_QUOTE:
    case DIGIT:
    case DOLLAR:
    case QUESTION:
    case OPEN: return true;
    case LETTER: break;
    default: return false;
    }
    enum n1_sql_keyword word = n1_sql_keyword_find(lexer->text + at, name_end(lexer, at) - at);
    switch (word) {
    case N1_SQL_KW_ARRAY:
    case N1_SQL_KW_CASE:
    case N1_SQL_KW_CAST:
    case N1_SQL_KW_ANY:
    case N1_SQL_KW_ALL: return true;
    case N1_SQL_KW_ROW: /* FETCH FIRST ? ROWS, ROWS ? PRECEDING */
    case N1_SQL_KW_ROWS:
    case N1_SQL_KW_PRECEDING:
    case N1_SQL_KW_FOLLOWING: return false;
    default: return n1_sql_keyword_class(word) != N1_SQL_CLASS_RESERVED;
    }
}

/* The longest run of operator bytes that holds no beginning of a comment; a trailing + or - stays only when the run holds one
 * of ~ ! @ # % ^ & | ` ? (PostgreSQL manual, 4.1.3), so that a=-1 is a, =, -, 1. */
static size_t postgres_run_end(const struct n1_sql_lexer *lexer, size_t at)
{
    size_t end = at + 1;
    bool is_special = strchr("~!@#%^&|`?", lexer->text[at]) != NULL;
    if (lexer->text[at] == '@' && byte_at(lexer, end) == '?' && is_after_operand(lexer))
        end++;
    while (run_bytes[byte_at(lexer, end)] && !is_comment_at(lexer, end)) {
        is_special |= strchr("~!@#%^&|`", lexer->text[end]) != NULL;
        end++;
    }
    while (!is_special && end > at + 1 && (lexer->text[end - 1] == '+' || lexer->text[end - 1] == '-'))
        end--;
    return end;
}

static size_t operator_end(const struct n1_sql_lexer *lexer, size_t at)
{
    static const char *const longer[] = {"->>", "->", "||", "<>", "<=", "<<", ">=", ">>", "==", "!="};
    if (lexer->dialect == N1_SQL_POSTGRES)
        return postgres_run_end(lexer, at);
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        size_t length = strlen(longer[i]);
        if (lexer->length - at >= length && memcmp(lexer->text + at, longer[i], length) == 0)
            return at + length;
    }
    return at + 1;
}

static size_t question_end(const struct n1_sql_lexer *lexer, size_t at, struct n1_sql_token *token)
{
    token->kind = N1_SQL_PARAMETER;
    size_t end = at + 1;
    if (lexer->dialect == N1_SQL_SQLITE) {
        while (classes[byte_at(lexer, end)] == DIGIT)
            end++;
        return end;
    }
    if (!is_after_operand(lexer))
        return end;
    size_t run_end = postgres_run_end(lexer, at);
    if (!is_before_operand(lexer, run_end))
        return end;
    token->kind = N1_SQL_OPERATOR;
    return run_end;
}

static size_t colon_end(const struct n1_sql_lexer *lexer, size_t at, struct n1_sql_token *token)
{
    token->kind = N1_SQL_OPERATOR;
    unsigned char next = byte_at(lexer, at + 1);
    if (lexer->dialect == N1_SQL_POSTGRES)
        return at + 1 + (next == ':' || next == '=');
    if (next == ':')
        return at + 2;
    return sqlite_parameter_end(lexer, at, token);
}

/* Sets kind (and body and flags where they differ) and returns the token's end. */
static size_t token_end(const struct n1_sql_lexer *lexer, struct n1_sql_token *token)
{
    size_t at = lexer->at;
    bool is_postgres = lexer->dialect == N1_SQL_POSTGRES, is_closed = true;
    switch ((enum byte_class)classes[(unsigned char)lexer->text[at]]) {
    case BLANK: token->kind = N1_SQL_BLANK; return blank_end(lexer, at + 1);
    case LETTER: return word_end(lexer, at, token);
    case DIGIT: return number_end(lexer, at, token);
    case QUOTE: token->kind = N1_SQL_STRING; return quoted_end(lexer, at + 1, '\'', false, token);
    case DOUBLE_QUOTE: token->kind = N1_SQL_NAME; return quoted_end(lexer, at + 1, '"', false, token);
    case BACKTICK:
        if (is_postgres)
            break;
        token->kind = N1_SQL_NAME;
        return quoted_end(lexer, at + 1, '`', false, token);
    case OPEN_SQUARE:
    case CLOSE_SQUARE:
        token->kind = is_postgres ? N1_SQL_BRACKET : N1_SQL_OTHER;
        if (is_postgres || lexer->text[at] == ']')
            return at + 1;
        token->kind = N1_SQL_NAME;
        return quoted_end(lexer, at + 1, ']', false, token);
    case DOLLAR: return is_postgres ? postgres_dollar_end(lexer, at, token) : sqlite_parameter_end(lexer, at, token);
    case QUESTION: return question_end(lexer, at, token);
    case COLON: return colon_end(lexer, at, token);
    case AT:
        if (is_postgres)
            break;
        return sqlite_parameter_end(lexer, at, token);
    case MINUS:
    case SLASH:
        if (!is_comment_at(lexer, at))
            break;
        token->kind = N1_SQL_COMMENT;
        at = comment_end(lexer, at, &is_closed);
        token->flags |= is_closed ? 0 : N1_SQL_UNTERMINATED;
        return at;
    case OPERATOR: break;
    case OPEN: token->kind = N1_SQL_OPEN; return at + 1;
    case CLOSE: token->kind = N1_SQL_CLOSE; return at + 1;
    case COMMA: token->kind = N1_SQL_COMMA; return at + 1;
    case SEMICOLON: token->kind = N1_SQL_SEMICOLON; return at + 1;
    case DOT:
        if (classes[byte_at(lexer, at + 1)] == DIGIT)
            return number_end(lexer, at, token);
        token->kind = N1_SQL_DOT;
        return at + 1;
    case OTHER: token->kind = N1_SQL_OTHER; return at + 1;
    }
    token->kind = N1_SQL_OPERATOR;
    return operator_end(lexer, at);
}

void n1_sql_lexer_init(struct n1_sql_lexer *lexer, enum n1_sql_dialect dialect, const char *text, size_t length)
{
    *lexer =
        (struct n1_sql_lexer){.text = text, .length = length, .dialect = (uint8_t)dialect, .last_kind = N1_SQL_END};
}

/* The tokens that most of any statement is made of, without the way through token_end(): a single blank, a word that is no
 * prefix of a string, and the one-byte tokens. 0 when it is none of these. */
static size_t common_token_end(const struct n1_sql_lexer *lexer, struct n1_sql_token *token)
{
    static const uint8_t single[256] = {
        ['('] = N1_SQL_OPEN, [')'] = N1_SQL_CLOSE, [','] = N1_SQL_COMMA, [';'] = N1_SQL_SEMICOLON};
    const char *text = lexer->text;
    size_t at = lexer->at;
    unsigned char first = (unsigned char)text[at];
    if (classes[first] == LETTER) {
        size_t end = name_end(lexer, at + 1);
        token->kind = N1_SQL_WORD;
        bool is_prefix = end - at == 1 && (byte_at(lexer, end) == '\'' || byte_at(lexer, end) == '&');
        return is_prefix ? 0 : end;
    }
    token->kind = first == ' ' ? N1_SQL_BLANK : single[first];
    if (first == ' ')
        return classes[byte_at(lexer, at + 1)] == BLANK ? 0 : at + 1;
    return single[first] ? at + 1 : 0;
}

bool n1_sql_lexer_next(struct n1_sql_lexer *lexer, struct n1_sql_token *token)
{
    token->offset = lexer->at;
    token->length = 0;
    token->body_offset = SIZE_MAX;
    token->body_length = 0;
    token->kind = N1_SQL_END;
    token->flags = 0;
    if (lexer->at >= lexer->length) {
        token->body_offset = token->offset;
        return false;
    }
    size_t end = common_token_end(lexer, token);
    if (end == 0)
        end = token_end(lexer, token);
    token->length = end - lexer->at;
    if (token->body_offset == SIZE_MAX) {
        token->body_offset = token->offset;
        token->body_length = token->length;
    }
    if (token->kind != N1_SQL_BLANK && token->kind != N1_SQL_COMMENT) {
        lexer->last_kind = token->kind;
        if (token->kind == N1_SQL_BRACKET)
            lexer->last_kind = lexer->text[lexer->at] == '[' ? N1_SQL_OPEN : N1_SQL_CLOSE;
        lexer->word_offset = token->offset;
        lexer->word_length = token->length;
    }
    lexer->at = end;
    return true;
}

size_t n1_sql_first_statement(enum n1_sql_dialect dialect, const char *text, size_t length)
{
    struct n1_sql_lexer lexer;
    struct n1_sql_token token;
    size_t words = 0, blocks = 0;
    bool is_create = false, has_body = false;
    enum n1_sql_keyword last = N1_SQL_KW_NONE;
    n1_sql_lexer_init(&lexer, dialect, text, length);
    while (n1_sql_lexer_next(&lexer, &token)) {
        if (token.kind == N1_SQL_SEMICOLON && blocks == 0)
            return token.offset + token.length;
        if (token.kind != N1_SQL_WORD)
            continue;
        enum n1_sql_keyword word = n1_sql_keyword_find(text + token.offset, token.length);
        is_create |= words++ == 0 && word == N1_SQL_KW_CREATE;
        /* CREATE [TEMP] TRIGGER ... BEGIN ...; END and BEGIN ATOMIC ...; END */
        has_body |= is_create && words <= 3 && word == N1_SQL_KW_TRIGGER && dialect == N1_SQL_SQLITE;
        if (is_create &&
            ((word == N1_SQL_KW_BEGIN && has_body) || (word == N1_SQL_KW_ATOMIC && last == N1_SQL_KW_BEGIN) ||
             (word == N1_SQL_KW_CASE && blocks > 0)))
            blocks++;
        else if (word == N1_SQL_KW_END && blocks > 0)
            blocks--;
        last = word;
    }
    return length;
}
