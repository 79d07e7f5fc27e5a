/* What a URL may say of a SQLite connection behind its path: sqlite:///blog.db?journal_mode=wal&mmap_size=268435456
 *
 * None is set by itself: a database that somebody else made stays as it was made, and a read is as safe as SQLite's own
 * defaults. What each of them changes is SQLite's to say (sqlite.org/pragma.html); docs/orm.md has what they are worth. */
#ifndef ORM_SQLITE_OPTIONS_H
#define ORM_SQLITE_OPTIONS_H

#include <sqlite3.h>

#include "orm/base.h"

/* The path of the URL, to be freed, and where its options begin (NULL: none). NULL: no memory. */
char *orm_sqlite_path(const char *url, const char **options);
/* False: an option that is unknown, a value that is none, or one that the database did not take. */
bool orm_sqlite_set_options(sqlite3 *db, const char *options, struct orm_error *e);

#endif
