/* A value as the contract's JSON: {"rows": [...]} for querysets and objects, {"value": ...} for everything else. */
#include <inttypes.h>
#include <math.h>

#include "orm/shell/shell.h"

/* Length of the well-formed UTF-8 sequence at s; 0: none. */
static size_t utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char low, high, second_low, second_high;
        size_t n;
    } forms[] = {{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
                 {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
                 {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
    if (*s < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (*s < forms[i].low || *s > forms[i].high)
            continue;
        if (s[1] < forms[i].second_low || s[1] > forms[i].second_high)
            return 0;
        for (size_t k = 2; k < forms[i].n; k++)
            if ((s[k] & 0xC0) != 0x80)
                return 0;
        return forms[i].n;
    }
    return 0;
}

void shell_put_json_text(struct orm_buf *b, const char *text)
{
    orm_put(b, "\"");
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t n = utf8_length(s);
        if (n == 0) {
            orm_put(b, "\\ufffd");
            n = 1;
        } else if (*s == '"' || *s == '\\') {
            orm_putf(b, "\\%c", *s);
        } else if (*s == '\n') {
            orm_put(b, "\\n");
        } else if (*s < 0x20 || *s == 0x7F) {
            orm_putf(b, "\\u%04x", *s);
        } else {
            orm_put_n(b, (const char *)s, n);
        }
        s += n;
    }
    orm_put(b, "\"");
}

/* P1DT02H03M04.000005S, as Django's JSON encoder writes durations. */
static void put_duration(struct orm_buf *b, orm_duration d)
{
    uint64_t us = d.us < 0 ? 0 - (uint64_t)d.us : (uint64_t)d.us;
    uint64_t s = us / 1000000, days = s / 86400;
    orm_putf(b, "\"%sP%" PRIu64 "DT%02" PRIu64 "H%02" PRIu64 "M%02" PRIu64, d.us < 0 ? "-" : "", days, s / 3600 % 24,
             s / 60 % 60, s % 60);
    if (us % 1000000)
        orm_putf(b, ".%06" PRIu64, us % 1000000);
    orm_put(b, "S\"");
}

static void put_base64(struct orm_buf *b, orm_bytes bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes.ptr;
    orm_put(b, "\"");
    for (size_t i = 0; i < bytes.len; i += 3) {
        unsigned v = (unsigned)p[i] << 16;
        v |= i + 1 < bytes.len ? (unsigned)p[i + 1] << 8 : 0;
        v |= i + 2 < bytes.len ? p[i + 2] : 0;
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63], i + 1 < bytes.len ? digits[v >> 6 & 63] : '=',
                        i + 2 < bytes.len ? digits[v & 63] : '='};
        orm_put_n(b, four, 4);
    }
    orm_put(b, "\"");
}

static void put_scalar(struct orm_buf *b, const orm_val *v)
{
    char text[64];
    switch (v->tag) {
    case ORM_BOOL: orm_put(b, v->u.b ? "true" : "false"); break;
    case ORM_INT: orm_putf(b, "%" PRId64, v->u.i); break;
    case ORM_DBL: orm_put(b, isfinite(v->u.d) ? orm_format_double(v->u.d, text) : "null"); break;
    case ORM_TEXT:
    case ORM_UUID: shell_put_json_text(b, v->u.s); break;
    case ORM_JSON: orm_put(b, v->u.s); break;
    case ORM_DT:
        orm_format_datetime(v->u.dt, text);
        text[strcspn(text, " ")] = 'T';
        orm_putf(b, "\"%sZ\"", text);
        break;
    case ORM_DATE: orm_putf(b, "\"%s\"", orm_format_date(v->u.date, text)); break;
    case ORM_TIME: orm_putf(b, "\"%s\"", orm_format_time(v->u.time, text)); break;
    case ORM_DEC: orm_putf(b, "\"%s\"", orm_format_decimal(v->u.dec, text)); break;
    case ORM_DUR: put_duration(b, v->u.dur); break;
    case ORM_BYTES: put_base64(b, v->u.bytes); break;
    default: orm_put(b, "null");
    }
}

static void put_member(struct orm_buf *b, bool *is_first, const char *name, const orm_val *v)
{
    orm_put(b, *is_first ? "" : ", ");
    *is_first = false;
    shell_put_json_text(b, name);
    orm_put(b, ": ");
    put_scalar(b, v);
}

static void put_object(struct orm_buf *b, const orm_row *row)
{
    const struct orm_meta *m = row->state->meta;
    bool is_first = true;
    orm_put(b, "{");
    for (size_t i = 0; i < m->n_columns; i++) {
        orm_val v;
        if (row->state->deferred && row->state->deferred[i])
            continue;
        shell_member(row, m->columns[i], &v);
        put_member(b, &is_first, m->columns[i]->attname, &v);
    }
    const orm_rec *extras = row->state->extras;
    for (size_t i = 0; extras && i < extras->n; i++)
        put_member(b, &is_first, extras->names[i], &extras->vals[i]);
    orm_put(b, "}");
}

static void put_record(struct orm_buf *b, const struct shell_value *v)
{
    if (v->is_flat) {
        put_scalar(b, &v->rec->vals[0]);
        return;
    }
    orm_put(b, v->is_list ? "[" : "{");
    bool is_first = true;
    for (size_t i = 0; i < v->rec->n; i++) {
        if (!v->is_list) {
            put_member(b, &is_first, v->rec->names[i], &v->rec->vals[i]);
            continue;
        }
        orm_put(b, i ? ", " : "");
        put_scalar(b, &v->rec->vals[i]);
    }
    orm_put(b, v->is_list ? "]" : "}");
}

static bool put_value(struct shell *s, struct orm_buf *b, const struct shell_value *v);

static bool put_rows(struct shell *s, struct orm_buf *b, const struct shell_value *v)
{
    (void)s;
    struct orm_result *r = orm_evaluate(v->qs);
    if (!r)
        return false;
    orm_put(b, "[");
    for (size_t i = 0; i < r->n; i++) {
        struct shell_value row = shell_row_of(v->qs, r, i);
        orm_put(b, i ? ", " : "");
        if (!put_value(s, b, &row))
            return false;
    }
    orm_put(b, "]");
    return true;
}

static bool put_value(struct shell *s, struct orm_buf *b, const struct shell_value *v)
{
    switch (v->kind) {
    case SHELL_SCALAR: put_scalar(b, &v->scalar); return true;
    case SHELL_OBJECT: put_object(b, v->row); return true;
    case SHELL_RECORD: put_record(b, v); return true;
    case SHELL_QS:
    case SHELL_RELATED: return put_rows(s, b, v);
    case SHELL_LIST:
    case SHELL_DICT:
        orm_put(b, v->kind == SHELL_LIST ? "[" : "{");
        for (size_t i = 0; i < v->n; i++) {
            orm_put(b, i ? ", " : "");
            if (v->kind == SHELL_DICT) {
                shell_put_json_text(b, shell_text_of(&s->db->arena, &v->keys[i].scalar));
                orm_put(b, ": ");
            }
            if (!put_value(s, b, &v->items[i]))
                return false;
        }
        orm_put(b, v->kind == SHELL_LIST ? "]" : "}");
        return true;
    case SHELL_MODEL: shell_put_json_text(b, v->meta->name); return true;
    case SHELL_MODULE: shell_put_json_text(b, v->name); return true;
    case SHELL_NODE: {
        struct orm_buf text = {.arena = b->arena};
        orm_print_node(&text, v->node);
        shell_put_json_text(b, text.p);
        return true;
    }
    case SHELL_NOTHING: break;
    }
    orm_put(b, "null");
    return true;
}

/* Lists of objects count as rows, as the queryset does that they came from. */
static bool is_rows(const struct shell_value *v)
{
    bool list = v->kind == SHELL_LIST && !v->is_tuple;
    for (size_t i = 0; list && i < v->n; i++)
        list = v->items[i].kind == SHELL_OBJECT;
    return list || v->kind == SHELL_QS || v->kind == SHELL_RELATED;
}

bool shell_put_json(struct shell *s, struct orm_buf *b, const struct shell_value *v)
{
    bool is_one = v->kind == SHELL_OBJECT || (v->kind == SHELL_RECORD && !v->is_flat);
    orm_put(b, is_rows(v) ? "{\"rows\": " : is_one ? "{\"rows\": [" : "{\"value\": ");
    if (!put_value(s, b, v))
        return false;
    orm_put(b, is_one ? "]" : "");
    return true;
}
