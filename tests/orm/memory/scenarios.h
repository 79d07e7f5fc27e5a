/* What the memory test does with a scope, small enough to be run once for each allocation it makes. */
#ifndef TEST_ORM_SCENARIOS_H
#define TEST_ORM_SCENARIOS_H

#include "orm/session.h"
#include "tests/orm/models.h"

/* What a run saw; never allocates. */
struct seen {
    char text[8192];
    size_t n;
};
void seen_add(struct seen *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The error of the scope by name, and forgets it; out of memory stays, and says nothing. */
void seen_error(struct seen *out, orm_db *db);

extern const char *scenario_postgres_url; /* NULL: SQLite only */

struct scenario {
    const char *name;
    void (*run)(orm_db *db, const char *text, struct seen *out);
    const char *text;  /* for run; may be NULL */
    bool changes_rows; /* all of them or none */
};
extern const struct scenario read_scenarios[], write_scenarios[], shell_scenarios[]; /* up to one without a name */

#endif
