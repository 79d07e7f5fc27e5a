#include <string.h>

#include "preload/hooks/libpq.h"
#include "preload/recorder/cells.h"

/* Types of pg_type.dat that we tell apart; their oids never change. */
enum oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_CHAR = 18,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700,
    OID_UUID = 2950
};

/* How the bytes of a value are to be read. */
enum reading {
    READ_NOT,
    READ_TEXT,
    READ_INTEGER,
    READ_NUMERIC,
    READ_BOOLEAN,
    READ_BOOLEAN_TEXT,
    READ_BLOB,
    READ_HEX,
    READ_GUESS
};

static enum reading reading_of(Oid type, int is_binary)
{
    static const struct {
        Oid type;
        enum reading text, binary;
    } rules[] = {{OID_BOOL, READ_BOOLEAN_TEXT, READ_BOOLEAN},
                 {OID_BYTEA, READ_HEX, READ_BLOB},
                 {OID_CHAR, READ_TEXT, READ_TEXT},
                 {OID_NAME, READ_TEXT, READ_TEXT},
                 {OID_INT8, READ_TEXT, READ_INTEGER},
                 {OID_INT2, READ_TEXT, READ_INTEGER},
                 {OID_INT4, READ_TEXT, READ_INTEGER},
                 {OID_TEXT, READ_TEXT, READ_TEXT},
                 {OID_OID, READ_TEXT, READ_INTEGER},
                 {OID_FLOAT4, READ_NOT, READ_NOT},
                 {OID_FLOAT8, READ_NOT, READ_NOT},
                 {OID_BPCHAR, READ_TEXT, READ_TEXT},
                 {OID_VARCHAR, READ_TEXT, READ_TEXT},
                 {OID_NUMERIC, READ_TEXT, READ_NUMERIC},
                 {OID_UUID, READ_TEXT, READ_BLOB},
                 {0, READ_TEXT, READ_GUESS}};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].type == type)
            return is_binary ? rules[i].binary : rules[i].text;
    return is_binary ? READ_NOT : READ_TEXT;
}

static int64_t big_endian(const unsigned char *bytes, size_t n)
{
    int64_t v = (signed char)bytes[0];
    for (size_t i = 1; i < n; i++)
        v = (int64_t)((uint64_t)v << 8 | bytes[i]);
    return v;
}

/* A binary numeric that is a whole number: its digits are to the base of 10,000. False: it has digits behind the point, or more
 * than 64 bits hold. */
static bool whole_numeric(const unsigned char *bytes, size_t n, int64_t *out)
{
    enum { HEADER_BYTES = 8, NEGATIVE = 0x4000, MAX_WEIGHT = 3 };
    if (n < HEADER_BYTES)
        return false;
    const int64_t digits = big_endian(bytes, 2), weight = big_endian(bytes + 2, 2), sign = big_endian(bytes + 4, 2);
    const bool is_whole = big_endian(bytes + 6, 2) == 0 && (sign == 0 || sign == NEGATIVE);
    if (!is_whole || weight > MAX_WEIGHT || digits > weight + 1 || n != HEADER_BYTES + 2 * (size_t)digits)
        return false;
    int64_t v = 0;
    for (int64_t i = 0; i <= weight; i++)
        v = v * 10000 + (i < digits ? big_endian(bytes + HEADER_BYTES + 2 * i, 2) : 0);
    *out = sign ? -v : v;
    return true;
}

/* The bytes of the UTF-8 character that begins here; 0: none does. (Overlong forms of three and four bytes pass.) */
static size_t utf8_length(const unsigned char *at, const unsigned char *end)
{
    const size_t n = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0;
    if (n > (size_t)(end - at))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static bool is_printable(const unsigned char *bytes, size_t n)
{
    for (const unsigned char *at = bytes, *end = bytes + n; at < end;) {
        const size_t length = utf8_length(at, end);
        if (length == 0 || *at < 0x20 || *at == 0x7f)
            return false;
        at += length;
    }
    return true;
}

/* A binary parameter without a type: 2, 4 and 8 bytes that are no printable text are an integer, 16 a UUID, one byte of 0 or
 * 1 a boolean, anything else text. */
static enum reading guess(const unsigned char *bytes, size_t n)
{
    if (n == 1 && bytes[0] <= 1)
        return READ_BOOLEAN;
    if ((n != 2 && n != 4 && n != 8 && n != 16) || is_printable(bytes, n))
        return READ_TEXT;
    return n == 16 ? READ_BLOB : READ_INTEGER;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* bytea's hex form, "\x0123". Returns the length, or −1 when it is another form or does not fit. */
static int unhex(const char *text, size_t length, unsigned char *out, size_t capacity)
{
    if (length < 2 || text[0] != '\\' || text[1] != 'x' || length % 2 || length / 2 - 1 > capacity)
        return -1;
    for (size_t i = 2; i < length; i += 2) {
        const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return -1;
        out[i / 2 - 1] = (unsigned char)(high << 4 | low);
    }
    return (int)(length / 2 - 1);
}

static bool is_true(const char *text, size_t length)
{
    return length > 0 && (text[0] == 't' || text[0] == 'T' || text[0] == '1' || text[0] == 'y' || text[0] == 'Y');
}

static void read_param(struct n1_encode_value *out, enum reading reading, const char *bytes, size_t n,
                       struct n1_arena *arena)
{
    const struct n1_key *key = &n1_process.key;
    unsigned char decoded[1024];
    int length;
    if (reading == READ_GUESS)
        reading = guess((const unsigned char *)bytes, n);
    int64_t v = 0;
    if (reading == READ_NUMERIC)
        reading = whole_numeric((const unsigned char *)bytes, n, &v) ? READ_NUMERIC : READ_NOT;
    else if (reading == READ_INTEGER && n != 2 && n != 4 && n != 8)
        reading = READ_NOT;
    else if (reading == READ_INTEGER)
        v = big_endian((const unsigned char *)bytes, n);
    switch (reading) {
    case READ_INTEGER:
    case READ_NUMERIC:
        out->value = n1_value_integer(key, v);
        n1_arena_keep_integer(arena, out, v);
        break;
    case READ_BOOLEAN:
    case READ_BOOLEAN_TEXT:
        v = reading == READ_BOOLEAN ? n > 0 && bytes[0] : is_true(bytes, n);
        out->value = n1_value_boolean(key, v != 0);
        n1_arena_keep_boolean(arena, out, v != 0);
        break;
    case READ_BLOB:
        out->value = n1_value_blob(key, bytes, n);
        n1_arena_keep_blob(arena, out, bytes, n);
        break;
    case READ_HEX:
        length = unhex(bytes, n, decoded, sizeof decoded);
        out->value = length < 0 ? n1_value_text(key, bytes, n) : n1_value_blob(key, decoded, (size_t)length);
        if (length < 0)
            n1_arena_keep(arena, out, bytes, n);
        else
            n1_arena_keep_blob(arena, out, decoded, (size_t)length);
        break;
    case READ_TEXT:
        out->value = n1_value_text(key, bytes, n);
        n1_arena_keep(arena, out, bytes, n);
        break;
    case READ_NOT:
    case READ_GUESS: out->value = (struct n1_value){.kind = N1_VALUE_UNKNOWN}; break;
    }
}

uint32_t n1_pq_read_params(const struct n1_pq_params *params, struct n1_encode_value *out, struct n1_arena *arena)
{
    int count = params && params->values ? params->count : 0;
    if (count > (int)N1_PARAMS_MAX) {
        n1_count(N1_CUT_PARAMS, (uint64_t)count - N1_PARAMS_MAX);
        count = N1_PARAMS_MAX;
    }
    for (int i = 0; i < count; i++) {
        const char *value = params->values[i];
        const int is_binary = params->formats && params->formats[i] != 0; /* as libpq decides it */
        const Oid type = params->types ? params->types[i] : 0;
        if (!value) {
            out[i] = (struct n1_encode_value){.value = n1_value_null()};
            continue;
        }
        /* Text has no length of its own in libpq; floats that are texts are texts to us. */
        const size_t n = !is_binary ? strlen(value) : params->lengths ? (size_t)params->lengths[i] : 0;
        enum reading reading = reading_of(type, is_binary);
        if (!is_binary && reading == READ_NOT)
            reading = READ_TEXT;
        out[i] = (struct n1_encode_value){0};
        read_param(&out[i], reading, value, n, arena);
    }
    return count > 0 ? (uint32_t)count : 0;
}

void n1_pq_add_literals(struct n1_pq_pending *p, const struct n1_encode_value *literals, uint32_t n)
{
    struct n1_execution *e = &p->execution;
    for (; e->n_literals < n && e->n_bound + e->n_literals < N1_PARAMS_MAX; e->n_literals++) {
        const struct n1_encode_value *literal = &literals[e->n_literals];
        struct n1_encode_value *value = &p->values[e->n_bound + e->n_literals];
        value->value = literal->value;
        n1_arena_keep(&p->arena, value, literal->text, literal->text_bytes);
    }
}

/* ---- results -------------------------------------------------------------------------------------------------------- */
struct source {
    const struct n1_provider *provider;
    PGresult *result;
};

static void read_column(void *handle, uint32_t column, struct n1_column_source *out)
{
    const struct source *s = handle;
    const Oid type = N1_REAL(s->provider, PQftype)(s->result, (int)column);
    out->name = N1_REAL(s->provider, PQfname)(s->result, (int)column);
    out->is_plain = type == OID_INT2 || type == OID_INT4 || type == OID_INT8 || type == OID_TEXT ||
                    type == OID_VARCHAR || type == OID_UUID || type == OID_BPCHAR || type == OID_OID ||
                    type == OID_NAME;
}

static void stage(struct n1_thread *self, struct n1_execution *e, uint32_t column, enum reading reading,
                  const char *bytes, size_t n)
{
    unsigned char decoded[N1_CELL_BYTES_MAX];
    int64_t v;
    int length;
    switch (reading) {
    case READ_INTEGER:
        if (n == 2 || n == 4 || n == 8)
            n1_cells_integer(self, e, column, big_endian((const unsigned char *)bytes, n));
        break;
    case READ_NUMERIC:
        if (whole_numeric((const unsigned char *)bytes, n, &v))
            n1_cells_integer(self, e, column, v);
        break;
    case READ_BOOLEAN:
    case READ_BOOLEAN_TEXT:
        n1_cells_boolean(self, e, column, reading == READ_BOOLEAN ? n > 0 && bytes[0] : is_true(bytes, n));
        break;
    case READ_BLOB: n1_cells_blob(self, e, column, bytes, n); break;
    case READ_HEX:
        length = unhex(bytes, n, decoded, sizeof decoded);
        if (length >= 0)
            n1_cells_blob(self, e, column, decoded, (size_t)length);
        break;
    case READ_TEXT: n1_cells_text(self, e, column, bytes, n); break;
    case READ_NOT:
    case READ_GUESS: break;
    }
}

void n1_pq_read_rows(struct n1_thread *self, const struct n1_provider *provider, struct n1_execution *e,
                     PGresult *result)
{
    const int rows = N1_REAL(provider, PQntuples)(result), columns = N1_REAL(provider, PQnfields)(result);
    enum reading reading[N1_COLUMNS_MAX];
    struct source source = {provider, result};
    if (rows <= 0)
        return;
    if (e->rows == 0)
        n1_cells_describe(e, (uint32_t)columns, read_column, &source);
    for (int i = 0; i < columns && i < (int)N1_COLUMNS_MAX; i++)
        reading[i] = reading_of(N1_REAL(provider, PQftype)(result, i), N1_REAL(provider, PQfformat)(result, i) == 1);
    for (int row = 0; row < rows; row++) {
        n1_execution_row(e);
        if (!e->want) { /* no later row is wanted either */
            e->rows += (uint64_t)(rows - row - 1);
            return;
        }
        for (uint64_t left = e->want; left; left &= left - 1) {
            const int column = __builtin_ctzll(left);
            if (column >= columns || N1_REAL(provider, PQgetisnull)(result, row, column))
                continue;
            const int n = N1_REAL(provider, PQgetlength)(result, row, column);
            if (n >= 0 && n <= 2 * N1_CELL_BYTES_MAX + 2)
                stage(self, e, (uint32_t)column, reading[column], N1_REAL(provider, PQgetvalue)(result, row, column),
                      (size_t)n);
        }
    }
    e->want = 0;
}

uint32_t n1_pq_error_code(const char *sqlstate)
{
    uint32_t code = 0;
    for (int i = 0; i < 5; i++) {
        const char c = sqlstate ? sqlstate[i] : '\0';
        if (c >= '0' && c <= '9')
            code = code * 36 + (uint32_t)(c - '0');
        else if (c >= 'A' && c <= 'Z')
            code = code * 36 + (uint32_t)(c - 'A') + 10;
        else
            return 0;
    }
    return code;
}
