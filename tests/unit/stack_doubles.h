/* What the recorder gives to the stacks half, made of plain memory, for tests: entries are kept and can be looked up. */
#ifndef N1_TESTS_STACK_DOUBLES_H
#define N1_TESTS_STACK_DOUBLES_H

#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"

struct n1_double_frame {
    uint64_t language, line;
    char function[256];
    char file[512];
};

struct n1_double_stack {
    uint32_t count;
    uint64_t word[N1_STACK_MAX];
};

/* NULL when no such entry was written. */
const struct n1_double_stack *n1_double_stack(uint32_t id);
const struct n1_double_frame *n1_double_frame(uint32_t id);
/* 1 when a MODULE entry that was written covers the address. */
int n1_double_has_module(uint64_t address);
uint32_t n1_double_last_id(enum n1_chunk_kind kind);
uint64_t n1_double_counter(enum n1_counter which);
/* The dictionary refuses entries from now on (or again takes them). */
void n1_double_refuse(int is_refusing);
/* The text of a stack, frame after frame: script frames as "file:line(function)" (file without its directories), native
 * ones as "*", several in a row as one. */
void n1_double_print(uint32_t id, char *out, size_t room);

#endif
