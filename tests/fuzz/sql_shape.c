/* Reading the shape of any bytes ends, with indexes inside their arrays, and the redacted text has as many operands. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/sql/schema.h"
#include "analyzer/sql/shape.h"
#include "trace/sql_redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void check(int condition)
{
    if (!condition)
        abort();
}

static void check_column(const struct n1_sql_shape *s, const struct n1_sql_column *column)
{
    check(column->table >= -1 && column->table < s->table_count);
}

static void check_shape(const struct n1_sql_shape *s)
{
    check(s->limit_operand >= -1 && s->limit_operand < s->operand_count);
    check(s->offset_operand >= -1 && s->offset_operand < s->operand_count);
    check(s->target >= -1 && s->target < s->table_count);
    for (int i = 0; i < s->table_count; i++)
        check(s->tables[i].scope >= 0 && s->tables[i].scope < s->scope_count && s->tables[i].name != NULL);
    for (int i = 0; i < s->item_count; i++) {
        check_column(s, &s->items[i].column);
        check(s->items[i].kind != N1_SQL_ITEM_COLUMN || s->items[i].column.name != NULL);
    }
    for (int i = 0; i < s->predicate_count; i++) {
        const struct n1_sql_predicate *p = &s->predicates[i];
        check_column(s, &p->column);
        check_column(s, &p->other);
        check(p->first_operand >= -1 && p->first_operand < s->operand_count && p->operand_count <= s->operand_count);
    }
    for (int i = 0; i < s->operand_count; i++) {
        check_column(s, &s->operands[i].column);
        check(s->operands[i].scope >= 0 && s->operands[i].scope < s->scope_count);
        check(i == 0 || s->operands[i].offset > s->operands[i - 1].offset);
    }
    for (int i = 0; i < s->assignment_count; i++)
        check_column(s, &s->assignments[i].column);
}

static void take_key(void *data, const char *table, const char *column)
{
    (void)data;
    check(table != NULL && (column == NULL || strlen(column) < SIZE_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    char *redacted = malloc(size_bytes + 1);
    for (int d = N1_SQL_SQLITE; d <= N1_SQL_POSTGRES; d++) {
        enum n1_sql_dialect dialect = (enum n1_sql_dialect)d;
        struct n1_sql_shape shape;
        n1_sql_shape_read(&shape, dialect, (const char *)data, size_bytes, 0);
        check_shape(&shape);
        n1_sql_schema_read(dialect, (const char *)data, size_bytes, take_key, NULL);
        struct n1_sql_redaction r = {.out = redacted, .out_capacity = size_bytes};
        n1_sql_redact(&r, dialect, (const char *)data, size_bytes);
        check((size_t)shape.operand_count == r.literal_count + r.parameter_count);
        n1_sql_shape_release(&shape);
        n1_sql_shape_read(&shape, dialect, redacted, r.out_length, r.literal_mask);
        check_shape(&shape);
        n1_sql_shape_release(&shape);
    }
    free(redacted);
    return 0;
}
