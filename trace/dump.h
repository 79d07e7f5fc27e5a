/* Every statement of a recording as a line of JSON, in the order in which they finished:
 *
 *   {"time_ns", "process", "thread", "connection": {"dialect", "database", …}, "sql", "parameters": [VALUE…],
 *    "rows", "duration_ns", "error", "finished", "stack": [FRAME…], "cells": n}
 *
 * A VALUE is {"kind", "hash"} and, when real values were recorded, "text". Stacks are as recorded: addresses with their module for
 * native frames. Statements that never finished come last, "finished": false.
 */
#ifndef N1_TRACE_DUMP_H
#define N1_TRACE_DUMP_H

#include <stdio.h>

#include "trace/read.h"

/* 0, or N1_ERROR_SYSTEM when out could not be written. Reads the trace to its end. */
int n1_trace_dump_ndjson(struct n1_trace *trace, FILE *out, struct n1_error *err);

#endif
