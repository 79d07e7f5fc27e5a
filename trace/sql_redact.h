/* sql_redact: a statement's text without its values, and the values beside it.
 *
 * Every value literal (sql_role.h says which) becomes `?`; parameters stay as they are spelled; TRUE, FALSE and NULL stay;
 * comments go; a run of white space becomes one blank, none at either end. IN lists keep their length: normalise.h
 * collapses them. Used by the shim at the call and by the analyzer on texts recorded with --values.
 *
 * Invariants (property-tested and fuzzed)
 * - No byte of a value literal is in the output (the privacy law).
 * - redact(redact(x)) == redact(x), the hash too.
 * - Nothing is allocated; memory is the caller's; O(length); libc only.
 *
 * A text longer than the buffer is cut between two tokens and ends in "..." (N1_SQL_CUT_MARK); the hash is always that
 * of the whole redacted text, so equal statements stay equal however short the buffer is.
 *
 *     char text[4096];
 *     struct n1_sql_literal literals[64];
 *     struct n1_sql_redaction r = {.out = text, .out_capacity = sizeof text, .literals = literals, .literal_capacity = 64};
 *     n1_sql_redact(&r, N1_SQL_POSTGRES, query, query_length);
 *     for (size_t i = 0; i < r.literal_count && i < r.literal_capacity; i++)
 *         n1_sql_literal_decode(&literals[i], query, scratch, sizeof scratch, &value);
 */
#ifndef N1_TRACE_SQL_REDACT_H
#define N1_TRACE_SQL_REDACT_H

#include "trace/sql_lex.h"

#define N1_SQL_CUT_MARK               "..."
#define N1_SQL_REDACTION_HASH_VERSION 1 /* raised when the same text may redact or hash differently than before */

enum n1_sql_literal_kind { N1_SQL_LITERAL_INTEGER, N1_SQL_LITERAL_FLOAT, N1_SQL_LITERAL_STRING, N1_SQL_LITERAL_BLOB };

struct n1_sql_literal {
    struct n1_sql_token token; /* offsets are into the text that was redacted */
    uint32_t operand;          /* number among all operands, parameters included, from 0 in text order */
    uint8_t kind;              /* enum n1_sql_literal_kind */
    bool is_negated;           /* a unary minus stands before it */
};

struct n1_sql_redaction {
    /* Given by the caller. */
    char *out; /* not terminated */
    size_t out_capacity;
    struct n1_sql_literal *literals; /* may be NULL */
    size_t literal_capacity;
    /* Filled in. */
    size_t out_length;
    uint64_t hash;          /* of the whole redacted text, not keyed */
    size_t literal_count;   /* in the text: may exceed literal_capacity, the surplus is not stored */
    size_t parameter_count; /* parameter tokens in the text, each occurrence counted */
    uint64_t
        literal_mask; /* bit i: operand i (i < 64) is a literal, not a parameter. Two texts may share a redacted text
                               * and differ here ("a = ? AND b = 5", "a = 5 AND b = ?"): store it beside the text. */
    size_t comment_offset; /* body of a trailing block comment (sqlcommenter: key='value',...), into the text given */
    size_t comment_length; /* 0: none */
    bool is_cut;           /* the output ends in N1_SQL_CUT_MARK */
};

void n1_sql_redact(struct n1_sql_redaction *redaction, enum n1_sql_dialect dialect, const char *text, size_t length);

enum n1_sql_value_kind { N1_SQL_VALUE_INTEGER, N1_SQL_VALUE_TEXT, N1_SQL_VALUE_BLOB };

struct n1_sql_value {
    uint8_t kind;      /* enum n1_sql_value_kind; a float, and an integer beyond 64 bits, is TEXT as it is spelled */
    bool is_cut;       /* scratch was too small: bytes holds the first scratch_capacity bytes of the value */
    int64_t integer;   /* INTEGER, the sign applied */
    const char *bytes; /* TEXT, BLOB: a view into the text, or into scratch when decoding had to change it */
    size_t length;
};

/* The value that the database sees: doubled quotes halved, backslash and code point escapes resolved, hexadecimal blobs as
 * bytes. `text` is the one that was redacted. An escape that the database would refuse is kept as it is spelled. */
void n1_sql_literal_decode(const struct n1_sql_literal *literal, const char *text, char *scratch,
                           size_t scratch_capacity, struct n1_sql_value *value);

#endif
