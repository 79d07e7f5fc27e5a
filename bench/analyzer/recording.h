/* Writes a recording as the shim leaves it, from a table of statements instead of a program: session.json, counters, and of each
 * process a stream of chunks and a ring that holds what was not drained. The bytes are trace/encode's.
 *
 * Not a recorder: nothing is hooked, one thread writes the lanes of all processes, and time is a counter that the caller moves.
 * Every failure ends the program with a message.
 *
 *     struct recording *rec = recording_new("out.trace");
 *     struct process *process = recording_process(rec, 100);
 *     struct lane *lane = process_lane(process, 1);
 *     uint32_t sql = process_sql(process, N1_DIALECT_POSTGRES, "SELECT …", columns);
 *     recording_pass(rec, 1000);
 *     lane_exec(lane, &exec);
 *     recording_close(rec);
 */
#ifndef BENCH_ANALYZER_RECORDING_H
#define BENCH_ANALYZER_RECORDING_H

#include <stdbool.h>

#include "trace/encode.h"

struct recording;
struct process;
struct lane; /* a thread of a process */

struct recording *recording_new(const char *directory);
void recording_close(struct recording *rec); /* writes what is left, and session.json */
const struct n1_key *recording_key(const struct recording *rec);
/* Lets time pass. */
void recording_pass(struct recording *rec, uint64_t ns);
uint64_t recording_now_ns(const struct recording *rec);

struct process *recording_process(struct recording *rec, uint32_t pid);
/* Drains its lanes into the ring and closes its files: it has ended. */
void process_end(struct process *process);
struct lane *process_lane(struct process *process, uint32_t tid);
uint32_t process_connection(struct process *process, enum n1_dialect dialect, const char *database);
/* columns: "table.column table.column …", or NULL for a statement without result. Each call is a text of its own. */
uint32_t process_sql(struct process *process, enum n1_dialect dialect, const char *text, const char *columns);
uint32_t process_frame(struct process *process, const char *function, const char *file, uint32_t line);
uint32_t process_stack(struct process *process, const uint32_t *frame,
                       uint32_t count); /* script frames, innermost first */

/* id 0: one whole execution; otherwise OPEN, CELLS or END of the execution of that number. tick and cells_row are set here. */
enum lane_record { LANE_EXEC, LANE_OPEN, LANE_CELLS, LANE_END };
void lane_write(struct lane *lane, enum lane_record record, struct n1_encode_exec *exec, uint64_t duration_ns);

#endif
