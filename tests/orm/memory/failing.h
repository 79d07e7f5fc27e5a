/* malloc, calloc and realloc of the whole process, libpq's and SQLite's too, with a failure at a chosen call.
 *
 *     failing_start(17, false);      // the 17th call from here gives NULL
 *     ... what is tested ...
 *     bool fired = failing_stop();   // false: there were fewer than 17
 *
 * One thread. Under a sanitizer its own allocator is behind it, so that leaks and overruns are seen as ever. */
#ifndef TEST_ORM_FAILING_H
#define TEST_ORM_FAILING_H

#include <stdbool.h>

void failing_start(unsigned long at, bool for_ever); /* for_ever: that call and all behind it */
bool failing_stop(void);

#endif
