/* Any bytes as event records, without and with real values, and as a payload of every dictionary kind. */
#include <stdlib.h>

#include "trace/decode.h"
#include "trace/dictionary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static uint64_t read_all(struct n1_decoder *dec, const uint8_t *data, size_t size_bytes, bool has_values)
{
    uint64_t sum = 0;
    const uint8_t *at = data;
    struct n1_event ev;
    n1_decoder_reset(dec, 0, has_values);
    while (n1_decode(dec, &at, data + size_bytes, &ev) > 0) {
        for (uint32_t i = 0; ev.params && i < ev.n_bound + ev.n_literals; i++)
            sum += ev.params[i].hash + (ev.param_text && ev.param_text[i] ? (uint8_t)ev.param_text[i][0] : 0);
        for (uint32_t i = 0; i < ev.n_cells; i++)
            sum += ev.cells[i].row + ev.cells[i].hash +
                   (ev.cell_text && ev.cell_text[i] ? (uint8_t)ev.cell_text[i][0] : 0);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static struct n1_decoder dec;
    uint64_t sum = read_all(&dec, data, size_bytes, false) + read_all(&dec, data, size_bytes, true);
    struct n1_dictionary *dict = n1_dictionary_new();
    for (uint16_t kind = 0; kind <= N1_CHUNK_KINDS; kind++)
        n1_dictionary_add(dict, kind, data, size_bytes);
    for (uint32_t id = 1; id < 8; id++) {
        const struct n1_raw_stack *stack = n1_dictionary_stack(dict, id);
        sum += stack ? stack->count : 0;
    }
    n1_dictionary_free(dict);
    return sum == 1 ? -1 : 0; /* −1 keeps an input out of the corpus: here only so that the sum is used */
}
