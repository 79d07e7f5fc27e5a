/* callpaths: stacks → call paths. A call path is the user's own frames of a stack, innermost first, each once: frames of
 * libraries differ between a cold and a warm first call, depth differs in a recursion, and neither makes another loop. A stack
 * without user code keeps all of its frames.
 *
 * Stacks are borrowed and must outlive the table. One thread.
 */
#ifndef N1_ANALYZER_CALLPATHS_H
#define N1_ANALYZER_CALLPATHS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyzer/finding.h"

struct n1_callpath {
    uint32_t index; /* 0: no stack was recorded */
    uint32_t count;
    uint32_t
        depth; /* of them, frames before the innermost one's function is entered again: a recursion ends the search for wrappers */
    const struct n1_frame **frame; /* innermost first */
    uint64_t *place;               /* of each frame: hash of file, line, function */
    uint64_t names_hash;           /* functions only: survives moved lines */
    bool is_user_code;             /* the frames are the user's */
    bool
        is_dispatched; /* a library's script frames lie between the user's frames, or outside of them: a server, a pool, a test client, a
                         * framework's loop calls the innermost function, perhaps for each request anew */
    bool is_pooled;  /* dispatched, and a thread of a library's is all that lies outside */
    bool is_request; /* a web framework's or server's entrance (entrance.h) lies on the way */
    uint32_t inside; /* … of the frames, so many innermost ones lie inside of its innermost layer, the handler's … */
    uint32_t hosts;  /* … and so many outermost ones outside of all: they make the requests */
    uint64_t handler;  /* … hash of the handler's function and of what lies outside of it; 0: no request */
    uint64_t caller;   /* … place of what called it */
    bool is_migration; /* a framework's migrations asked this by themselves */
    bool is_batch;     /* the loop is a database interface's own: the user handed all rows over in one call */
    bool is_single;    /* the library was asked for the one row that there can be */
    const char
        *world; /* "django", "activerecord", "sqlalchemy", "n1_orm", …: whose library's frames lie above; or NULL */
};

/* How the way to one query parts from the way to another, seen from main(). */
enum n1_parting {
    N1_PART_UNKNOWN,  /* a stack is missing */
    N1_PART_FUNCTION, /* in one function at different lines, or one below the other: one piece of work */
    N1_PART_DISPATCH, /* one call leads to different functions: two handlers of one dispatcher, or load and show of one line */
    N1_PART_REQUEST, /* in two requests: two handlers that one place called, or requests that the program makes at two places */
    N1_PART_APART /* nothing in common: other threads, other processes */
};

struct n1_callpaths;

struct n1_callpaths *n1_callpaths_new(void);
void n1_callpaths_free(struct n1_callpaths *paths);

const struct n1_callpath *n1_callpaths_get(struct n1_callpaths *paths, const struct n1_stack *stack);
enum n1_parting n1_callpath_parting(const struct n1_callpath *a, const struct n1_callpath *b);

#endif
