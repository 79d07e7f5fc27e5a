/* C scenarios: main SCENARIO, over the plain tables, straight on libsqlite3 or libpq, with the database in SCENARIO_DB. */
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *lite;
static PGconn *pg;

/* ---- libsqlite3: statements prepared once, bound and stepped --------------------------------------------------------- */

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(lite, sql, -1, &statement, NULL) != SQLITE_OK)
        exit(3);
    return statement;
}

static void lite_forward(void)
{
    sqlite3_stmt *posts = prepare("SELECT id, title, author_id FROM post");
    sqlite3_stmt *author = prepare("SELECT name FROM author WHERE id = ?1");
    while (sqlite3_step(posts) == SQLITE_ROW) {
        sqlite3_bind_int64(author, 1, sqlite3_column_int64(posts, 2));
        if (sqlite3_step(author) == SQLITE_ROW) // @c_lite_forward
            printf("%s %s\n", sqlite3_column_text(posts, 1), sqlite3_column_text(author, 0));
        sqlite3_reset(author);
    }
    sqlite3_finalize(posts);
    sqlite3_finalize(author);
}

static void lite_reverse(void)
{
    sqlite3_stmt *authors = prepare("SELECT id, name FROM author");
    while (sqlite3_step(authors) == SQLITE_ROW) {
        sqlite3_stmt *posts = prepare("SELECT id, title FROM post WHERE author_id = ?");
        sqlite3_bind_int(posts, 1, sqlite3_column_int(authors, 0));
        while (sqlite3_step(posts) == SQLITE_ROW) // @c_lite_reverse
            printf("%s\n", sqlite3_column_text(posts, 1));
        sqlite3_finalize(posts);
    }
    sqlite3_finalize(authors);
}

static void lite_joined(void)
{
    sqlite3_stmt *rows = prepare("SELECT p.title, a.name FROM post p JOIN author a ON a.id = p.author_id");
    while (sqlite3_step(rows) == SQLITE_ROW)
        printf("%s %s\n", sqlite3_column_text(rows, 0), sqlite3_column_text(rows, 1));
    sqlite3_finalize(rows);
}

/* ---- libpq ------------------------------------------------------------------------------------------------------------ */

static PGresult *ask(const char *sql, const char *value)
{
    const char *const values[] = {value};
    return PQexecParams(pg, sql, value ? 1 : 0, NULL, values, NULL, NULL, 0);
}

static void pq_forward(void)
{
    PGresult *posts = PQexec(pg, "SELECT id, title, author_id FROM post");
    for (int i = 0; i < PQntuples(posts); i++) {
        PGresult *author = ask("SELECT name FROM author WHERE id = $1", PQgetvalue(posts, i, 2)); // @c_pq_forward
        printf("%s %s\n", PQgetvalue(posts, i, 1), PQgetvalue(author, 0, 0));
        PQclear(author);
    }
    PQclear(posts);
    PQclear(ask("SELECT count(*) FROM tag", NULL));
}

static void pq_reverse(void)
{
    PGresult *authors = PQexec(pg, "SELECT id, name FROM author");
    PQclear(PQprepare(pg, "by_author", "SELECT title FROM post WHERE author_id = $1", 0, NULL));
    for (int i = 0; i < PQntuples(authors); i++) {
        const char *const values[] = {PQgetvalue(authors, i, 0)};
        PQclear(PQexecPrepared(pg, "by_author", 1, values, NULL, NULL, 0)); // @c_pq_reverse
    }
    PQclear(authors);
}

static void pq_literal(void)
{
    PGresult *posts = PQexec(pg, "SELECT id, title FROM post");
    for (int i = 0; i < PQntuples(posts); i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM comment WHERE post_id = %s", PQgetvalue(posts, i, 0));
        PQclear(PQexec(pg, sql)); // @c_pq_literal
    }
    PQclear(posts);
}

static void pq_joined(void)
{
    PQclear(PQexec(pg, "SELECT p.title, a.name FROM post p JOIN author a ON a.id = p.author_id"));
}

static const struct {
    const char *name;
    void (*run)(void);
} scenarios[] = {{"lite_forward", lite_forward}, {"lite_reverse", lite_reverse}, {"lite_joined", lite_joined},
                 {"pq_forward", pq_forward},     {"pq_reverse", pq_reverse},     {"pq_literal", pq_literal},
                 {"pq_joined", pq_joined}};

int main(int argc, char **argv)
{
    const char *url = getenv("SCENARIO_DB");
    if (argc < 2 || url == NULL)
        return 2;
    if (strchr(url, '=') != NULL)
        pg = PQconnectdb(url);
    else if (sqlite3_open(url, &lite) != SQLITE_OK)
        return 3;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        if (strcmp(scenarios[i].name, argv[1]) == 0)
            scenarios[i].run();
    }
    sqlite3_close(lite);
    PQfinish(pg);
    return 0;
}
