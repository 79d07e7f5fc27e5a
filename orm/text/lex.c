#include "orm/text/lex.h"

#include <errno.h>
#include <stdlib.h>

#include "orm/value/scalar.h"

static bool is_name_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static void bad(struct orm_lexer *lx, size_t pos, const char *message)
{
    lx->token = ORM_TOK_BAD;
    orm_fail_at(lx->error, ORM_SYNTAX, lx->text, pos, "%s", message);
}

static void put_utf8(char **out, unsigned long c)
{
    char *p = *out;
    if (c < 0x80) {
        *p++ = (char)c;
    } else if (c < 0x800) {
        *p++ = (char)(0xC0 | (c >> 6));
        *p++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *p++ = (char)(0xE0 | (c >> 12));
        *p++ = (char)(0x80 | ((c >> 6) & 0x3F));
        *p++ = (char)(0x80 | (c & 0x3F));
    } else {
        *p++ = (char)(0xF0 | (c >> 18));
        *p++ = (char)(0x80 | ((c >> 12) & 0x3F));
        *p++ = (char)(0x80 | ((c >> 6) & 0x3F));
        *p++ = (char)(0x80 | (c & 0x3F));
    }
    *out = p;
}

/* \xHH, \uXXXX, \UXXXXXXXX: s points behind the letter. False: too few digits, a NUL, or no character. */
static bool hex_escape(const char **s, size_t digits, char **out)
{
    unsigned long c = 0;
    for (size_t i = 0; i < digits; i++) {
        unsigned char h = (unsigned char)(*s)[i];
        unsigned long d = is_digit(h)            ? h - (unsigned)'0'
                          : h >= 'a' && h <= 'f' ? h - (unsigned)'a' + 10
                          : h >= 'A' && h <= 'F' ? h - (unsigned)'A' + 10
                                                 : 16;
        if (d == 16)
            return false;
        c = c * 16 + d;
    }
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return false;
    *s += digits;
    put_utf8(out, c);
    return true;
}

static void lex_string(struct orm_lexer *lx, bool is_raw)
{
    const char *start = lx->text + lx->next, *s = start + 1;
    char quote = *start;
    char *value = orm_alloc(lx->arena, strlen(start) + 1), *out = value;
    while (*s != quote) {
        if (*s == '\0' || *s == '\n') {
            bad(lx, lx->pos, "string is not closed");
            return;
        }
        if (*s != '\\') {
            *out++ = *s++;
            continue;
        }
        char c = s[1];
        if (is_raw && c != '\0') {
            *out++ = *s++;
            *out++ = *s++;
            continue;
        }
        s += 2;
        bool good = true;
        switch (c) {
        case 'n': *out++ = '\n'; break;
        case 't': *out++ = '\t'; break;
        case 'r': *out++ = '\r'; break;
        case '\\':
        case '\'':
        case '"': *out++ = c; break;
        case 'x': good = hex_escape(&s, 2, &out); break;
        case 'u': good = hex_escape(&s, 4, &out); break;
        case 'U': good = hex_escape(&s, 8, &out); break;
        case '\0': good = false; break;
        default: /* Python keeps an unknown escape as it stands */ *out++ = '\\'; *out++ = c;
        }
        if (!good) {
            bad(lx, (size_t)(s - 2 - lx->text), "bad escape in string");
            return;
        }
    }
    lx->token = ORM_TOK_VALUE;
    lx->value = (orm_val){ORM_TEXT, {.s = value}};
    lx->next = (size_t)(s + 1 - lx->text);
}

static void lex_number(struct orm_lexer *lx)
{
    const char *start = lx->text + lx->next, *s = start;
    bool is_real = false;
    while (is_digit((unsigned char)*s))
        s++;
    if (*s == '.') {
        is_real = true;
        for (s++; is_digit((unsigned char)*s); s++)
            ;
    }
    if (*s == 'e' || *s == 'E') {
        const char *e = s + 1 + (s[1] == '-' || s[1] == '+');
        if (is_digit((unsigned char)*e)) {
            is_real = true;
            for (s = e; is_digit((unsigned char)*s); s++)
                ;
        }
    }
    if (is_name_start((unsigned char)*s)) {
        bad(lx, lx->pos, "bad number");
        return;
    }
    lx->next = (size_t)(s - lx->text);
    lx->token = ORM_TOK_VALUE;
    if (!is_real && start[0] == '0' && s - start > 1) {
        bad(lx, lx->pos, "a number has no leading zero");
    } else if (is_real) {
        lx->value = (orm_val){ORM_DBL, {.d = orm_strtod(start, (size_t)(s - start))}};
    } else {
        errno = 0;
        long long v = strtoll(start, NULL, 10);
        if (errno == ERANGE)
            bad(lx, lx->pos, "number does not fit 64 bits");
        else
            lx->value = (orm_val){ORM_INT, {.i = v}};
    }
}

void orm_lex_init(struct orm_lexer *lx, struct orm_arena *a, struct orm_error *e, const char *text, bool is_script)
{
    *lx = (struct orm_lexer){.arena = a, .error = e, .text = text, .is_script = is_script};
    orm_lex_next(lx);
}

/* Operators of two characters; those of the second half compare. */
static const struct {
    const char text[3];
    int punct;
} pairs[] = {{"**", ORM_P_POW}, {"<<", ORM_P_SHL}, {">>", ORM_P_SHR}, {"==", ORM_P_EQ},
             {"!=", ORM_P_NE},  {"<=", ORM_P_LE},  {">=", ORM_P_GE}};

static int pair_at(const char *t)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (t[0] == pairs[i].text[0] && t[1] == pairs[i].text[1])
            return pairs[i].punct;
    return 0;
}

static void lex_punct(struct orm_lexer *lx)
{
    const char *t = lx->text + lx->next;
    int pair = pair_at(t);
    bool compares = pair ? pair >= ORM_P_EQ : *t == '<' || *t == '>';
    if (t[0] == '/' && t[1] == '/') {
        bad(lx, lx->pos, "'//' is no operator of queries");
    } else if (compares && !lx->is_script) {
        bad(lx, lx->pos, "comparisons are written as lookups: field__gt=1");
    } else {
        lx->token = ORM_TOK_PUNCT;
        lx->punct = pair ? pair : (unsigned char)*t;
        lx->next += pair ? 2 : 1;
    }
}

void orm_lex_next(struct orm_lexer *lx)
{
    if (lx->token == ORM_TOK_BAD)
        return;
    lx->is_format = false;
    const char *t = lx->text;
    while (t[lx->next] == ' ' || t[lx->next] == '\t' || t[lx->next] == '\n' || t[lx->next] == '\r')
        lx->next++;
    lx->pos = lx->next;
    unsigned char c = (unsigned char)t[lx->next], d = c ? (unsigned char)t[lx->next + 1] : 0;
    if (c == '\0') {
        lx->token = ORM_TOK_END;
    } else if (c == '\'' || c == '"') {
        lex_string(lx, false);
    } else if ((c == 'r' || c == 'R') && (d == '\'' || d == '"')) {
        lx->next++;
        lex_string(lx, true);
    } else if (lx->is_script && (c == 'f' || c == 'F') && (d == '\'' || d == '"')) {
        lx->next++;
        lex_string(lx, false);
        lx->is_format = true;
    } else if (is_digit(c) || (c == '.' && is_digit(d))) {
        lex_number(lx);
    } else if (is_name_start(c)) {
        size_t from = lx->next;
        while (is_name_start((unsigned char)t[lx->next]) || is_digit((unsigned char)t[lx->next]))
            lx->next++;
        lx->token = ORM_TOK_NAME;
        lx->name = orm_copy_text(lx->arena, t + from, lx->next - from);
    } else if (strchr("()[]{},=.:?|^&+-*/%~<>", c) || (c == '!' && d == '=')) {
        lex_punct(lx);
    } else {
        bad(lx, lx->pos, "unexpected character");
    }
}
