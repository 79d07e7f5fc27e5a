/* early: a library whose constructor asks a database, which the loader runs before the constructors of preloaded libraries; and
 * (EARLY_LIBRARY not defined) a program that is linked with it and goes on with the library's statement. */
int early_look_up(int id);

#ifdef EARLY_LIBRARY
#    include <sqlite3.h>

static sqlite3 *db;
static sqlite3_stmt *look_up;

int early_look_up(int id)
{
    int rows = 0;
    sqlite3_bind_int(look_up, 1, id);
    while (sqlite3_step(look_up) == SQLITE_ROW)
        rows++;
    sqlite3_reset(look_up);
    return rows;
}

__attribute__((constructor)) static void begin(void)
{
    sqlite3_open(":memory:", &db);
    sqlite3_exec(db, "CREATE TABLE author(id INTEGER PRIMARY KEY, name); INSERT INTO author VALUES (1, 'a'), (2, 'b')",
                 0, 0, 0);
    sqlite3_prepare_v2(db, "SELECT name FROM author WHERE id = ?", -1, &look_up, 0);
    for (int id = 1; id <= 3; id++)
        early_look_up(id);
}

#else
#    include <stdio.h>

int main(void)
{
    printf("%d\n", early_look_up(1) + early_look_up(2));
    return 0;
}
#endif
