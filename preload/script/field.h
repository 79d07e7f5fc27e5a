/* Fields of an interpreter's objects, read by their offsets. The object is known to be there. */
#ifndef N1_PRELOAD_FIELD_H
#define N1_PRELOAD_FIELD_H

#include <stdint.h>

static inline uintptr_t n1_field_word(uintptr_t object, uint32_t offset)
{
    uintptr_t word;
    __builtin_memcpy(&word, (const char *)object + offset, sizeof word);
    return word;
}

static inline const void *n1_field_pointer(const void *object, uint32_t offset)
{
    return (const void *)n1_field_word((uintptr_t)object, offset);
}

static inline uint32_t n1_field_int(uintptr_t object, uint32_t offset)
{
    uint32_t value;
    __builtin_memcpy(&value, (const char *)object + offset, sizeof value);
    return value;
}

#endif
