/* One process's dictionary: what the ids in its events mean. Filled from chunk payloads in file order, then read only. A child
 * of fork() finds what it inherited in its parent's. Strings live as long as the dictionary; payload bytes must outlive it
 * (they are mapped files), because stacks are resolved when they are first asked for. One thread.
 */
#ifndef N1_TRACE_DICTIONARY_H
#define N1_TRACE_DICTIONARY_H

#include "trace/read.h"

struct n1_dictionary;

/* The PROCESS entry. Strings are the dictionary's. */
struct n1_process_entry {
    bool is_present;
    uint32_t pid, ppid;
    enum n1_clock clock;
    uint32_t flags;
    uint64_t start_tick;
    uint64_t start_realtime_ns;
    const char *executable, *working_directory;
    size_t argc;
    const char *const *argv;
    const char *forked_from;
    uint32_t inherited_sql, inherited_frame, inherited_stack, inherited_connection, inherited_string;
};

/* A pair of readings of the process's clock. */
struct n1_clock_pair {
    uint64_t tick, ns;
};

struct n1_dictionary *n1_dictionary_new(void);
void n1_dictionary_free(struct n1_dictionary *dict);

/* Takes one chunk's payload. Returns false when it is damaged (nothing is added). Unknown kinds are ignored. */
bool n1_dictionary_add(struct n1_dictionary *dict, uint16_t kind, const uint8_t *payload, size_t size_bytes);
/* parent may be NULL; it must outlive dict and must not have dict among its own parents. */
void n1_dictionary_inherit(struct n1_dictionary *dict, struct n1_dictionary *parent);

const struct n1_process_entry *n1_dictionary_process(const struct n1_dictionary *dict);
/* First and last CLOCK entries; false when there are fewer than two. */
bool n1_dictionary_clock(const struct n1_dictionary *dict, struct n1_clock_pair *first, struct n1_clock_pair *last);

const struct n1_sql_text *n1_dictionary_sql(const struct n1_dictionary *dict, uint32_t id);
const struct n1_columns *n1_dictionary_columns(const struct n1_dictionary *dict, uint32_t sql);
/* Valid until the next call. */
const struct n1_raw_stack *n1_dictionary_stack(struct n1_dictionary *dict, uint32_t id);
const struct n1_connection *n1_dictionary_connection(const struct n1_dictionary *dict, uint32_t id);
const char *n1_dictionary_string(const struct n1_dictionary *dict, uint32_t id);

#endif
