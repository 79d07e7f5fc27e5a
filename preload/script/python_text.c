#include "preload/script/python.h"

static uint32_t character_at(const unsigned char *text, uint32_t kind, size_t i)
{
    if (kind == 1)
        return text[i];
    if (kind == 2) {
        uint16_t c;
        __builtin_memcpy(&c, text + i * 2, sizeof c);
        return c;
    }
    uint32_t c;
    __builtin_memcpy(&c, text + i * 4, sizeof c);
    return c;
}

/* UTF-8 of a character; its length. */
static size_t encode(uint32_t c, char out[4])
{
    if (c >= 0xdc80 && c <= 0xdcff) { /* a byte that did not decode (PEP 383) */
        out[0] = (char)(c & 0xff);
        return 1;
    }
    if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        c = 0xfffd;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

uint32_t n1_python_text(const struct n1_python_layout *layout, const void *string, char *out, size_t room)
{
    const uint32_t state = (uint32_t)n1_python_int(string, N1_PYTHON_TEXT_STATE);
    const size_t length = n1_python_word(string, N1_PYTHON_TEXT_LENGTH);
    const uint32_t kind = N1_PYTHON_STATE_KIND(state);
    size_t used = 0;
    if (!(state & N1_PYTHON_STATE_COMPACT) || (kind != 1 && kind != 2 && kind != 4))
        return 0;
    const unsigned char *text =
        (const unsigned char *)string + (state & N1_PYTHON_STATE_ASCII ? layout->ascii_text : layout->compact_text);
    for (size_t i = 0; i < length; i++) {
        char bytes[4];
        const size_t size_bytes = encode(character_at(text, kind, i), bytes);
        if (used + size_bytes > room)
            break;
        for (size_t k = 0; k < size_bytes; k++)
            out[used++] = bytes[k];
    }
    return (uint32_t)used;
}
