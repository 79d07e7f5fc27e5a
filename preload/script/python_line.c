#include "preload/script/python.h"

struct table {
    const uint8_t *at, *end;
};

/* Steps of instruction address and line; the line holds from there on. */
static int64_t line_in_lnotab(struct table table, int64_t line, intptr_t wanted)
{
    intptr_t address = 0;
    for (; table.at + 1 < table.end; table.at += 2) {
        address += table.at[0];
        if (address > wanted)
            break;
        line += (int8_t)table.at[1];
    }
    return line;
}

/* Ranges of addresses and the step of the line at their start; -128: no line. */
static int64_t line_in_linetable(struct table table, int64_t line, intptr_t wanted)
{
    intptr_t end = 0;
    for (; table.at + 1 < table.end; table.at += 2) {
        const int8_t step = (int8_t)table.at[1];
        if (step != -128)
            line += step;
        end += table.at[0];
        if (wanted < end)
            return step == -128 ? 0 : line;
    }
    return 0;
}

static uint64_t read_varint(struct table *table)
{
    uint64_t value = 0;
    for (uint32_t shift = 0; table->at < table->end; shift += 6) {
        const uint8_t byte = *table->at++;
        if (shift < 64)
            value |= (uint64_t)(byte & 63) << shift;
        if (!(byte & 64))
            break;
    }
    return value;
}

static int64_t read_signed(struct table *table)
{
    const uint64_t value = read_varint(table);
    return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

/* Entries of one byte (1, four bits of code, three bits of instructions − 1) and what their code says follows. */
static int64_t line_in_locations(struct table table, int64_t line, intptr_t wanted)
{
    enum { ONE_LINE = 10, NO_COLUMNS = 13, LONG = 14, NO_LINE = 15 };
    intptr_t end = 0;
    while (table.at < table.end) {
        const uint8_t first = *table.at++, code = first >> 3 & 15;
        end += ((first & 7) + 1) * 2;
        if (code == LONG || code == NO_COLUMNS) {
            line += read_signed(&table);
            for (int i = 0; code == LONG && i < 3; i++)
                read_varint(&table);
        } else if (code != NO_LINE) {
            line += code >= ONE_LINE ? code - ONE_LINE : 0;
            table.at += code >= ONE_LINE ? 2 : 1;
        }
        if (wanted < end)
            return code == NO_LINE ? 0 : line;
    }
    return 0;
}

uint64_t n1_python_line(const struct n1_python_layout *layout, const void *code, intptr_t at_bytes)
{
    const void *bytes = n1_python_pointer(code, layout->code_lines);
    const int64_t first = n1_python_int(code, layout->code_first_line);
    int64_t line = first;
    if (at_bytes < 0)
        return first > 0 ? (uint64_t)first : 0;
    struct table table = {.at = (const uint8_t *)bytes + N1_PYTHON_BYTES};
    table.end = table.at + n1_python_word(bytes, N1_PYTHON_SIZE);
    switch (layout->lines) {
    case N1_PYTHON_LNOTAB: line = line_in_lnotab(table, first, at_bytes); break;
    case N1_PYTHON_LINETABLE: line = line_in_linetable(table, first, at_bytes); break;
    case N1_PYTHON_LOCATIONS: line = line_in_locations(table, first, at_bytes); break;
    }
    return line > 0 ? (uint64_t)line : 0;
}
