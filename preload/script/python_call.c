#include "preload/script/python.h"

#include <string.h>

enum { TUPLE_ITEMS = 24, NAME_ROOM = 16, LOADS_MAX = 8 };

/* The instructions that load an attribute, with the forms that the interpreter specialises them to; their argument, less
 * `shift` bits, is the number of its name. From dis and opcode of each version. */
struct attribute_loads {
    uint8_t minor, extended_argument;
    struct {
        uint8_t first, last, shift;
    } range[LOADS_MAX];
};

static const struct attribute_loads loads[] = {
    {9, 144, {{106, 106, 0}, {160, 160, 0}}},
    {10, 144, {{106, 106, 0}, {160, 160, 0}}},
    {11, 144, {{39, 43, 0}, {56, 59, 0}, {62, 63, 0}, {106, 106, 0}, {160, 160, 0}}},
    {12, 144, {{66, 67, 2}, {70, 70, 1}, {72, 73, 1}, {76, 82, 1}, {106, 106, 1}, {141, 141, 2}, {237, 237, 2}}},
    {13, 71, {{82, 82, 1}, {93, 93, 2}, {191, 202, 1}, {205, 206, 2}}},
};

static const struct attribute_loads *loads_of(uint8_t minor)
{
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++)
        if (loads[i].minor == minor)
            return &loads[i];
    return NULL;
}

static const uint8_t *instructions_of(const struct n1_python_layout *layout, const void *code)
{
    return layout->chain == N1_PYTHON_OBJECTS
               ? (const uint8_t *)n1_python_pointer(code, layout->code_bytes) + N1_PYTHON_BYTES
               : (const uint8_t *)code + layout->code_bytes;
}

/* The number of the name that the instruction at `unit` loads, or -1. */
static intptr_t name_loaded(const struct attribute_loads *table, const uint8_t *unit, bool has_one_before)
{
    for (int i = 0; i < LOADS_MAX && table->range[i].last; i++) {
        if (unit[0] < table->range[i].first || unit[0] > table->range[i].last)
            continue;
        const uint32_t high = has_one_before && unit[-2] == table->extended_argument ? unit[-1] : 0;
        return (intptr_t)((high << 8 | unit[1]) >> table->range[i].shift);
    }
    return -1;
}

bool n1_python_calls_batch(const struct n1_python_layout *layout, const void *code, intptr_t at_bytes)
{
    static const char verb[] = "execute", batch[] = "executemany";
    const struct attribute_loads *table = loads_of(layout->minor);
    const void *names = n1_python_pointer(code, layout->code_names);
    const intptr_t count = (intptr_t)n1_python_word(names, N1_PYTHON_SIZE);
    const uint8_t *instruction = instructions_of(layout, code);
    for (intptr_t i = at_bytes - 2; table && i >= 0; i -= 2) {
        char text[NAME_ROOM];
        const intptr_t name = name_loaded(table, instruction + i, i >= 2);
        if (name < 0 || name >= count)
            continue;
        const void *const *item = (const void *const *)((const char *)names + TUPLE_ITEMS) + name;
        const uint32_t bytes = n1_python_text(layout, *item, text, NAME_ROOM);
        if (bytes >= sizeof verb - 1 && memcmp(text, verb, sizeof verb - 1) == 0)
            return bytes == sizeof batch - 1 && memcmp(text, batch, bytes) == 0;
    }
    return false;
}
