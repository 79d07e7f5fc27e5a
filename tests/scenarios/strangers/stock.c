/* plain C, wrappers with varargs, a small cache, callbacks, sqlite3_exec with text */
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static sqlite3 *db;
struct row {
    long long n[4];
    char text[32];
};
__attribute__((noinline)) static int ask(struct row *out, int max, const char *sql, int n, ...)
{
    static struct {
        const char *sql;
        sqlite3_stmt *st;
    } kept[32];
    int i = 0;
    va_list ap;
    while (kept[i].sql && kept[i].sql != sql)
        i++;
    if (!kept[i].sql) {
        kept[i].sql = sql;
        if (sqlite3_prepare_v2(db, sql, -1, &kept[i].st, NULL))
            exit(3);
    }
    sqlite3_stmt *st = kept[i].st;
    va_start(ap, n);
    for (int k = 1; k <= n; k++)
        sqlite3_bind_int64(st, k, va_arg(ap, long long));
    va_end(ap);
    int rows = 0;
    while (sqlite3_step(st) == SQLITE_ROW && rows < max) {
        for (int c = 0; c < sqlite3_column_count(st) && c < 4; c++)
            out[rows].n[c] = sqlite3_column_int64(st, c);
        const unsigned char *t = sqlite3_column_text(st, sqlite3_column_count(st) - 1);
        snprintf(out[rows].text, 32, "%s", t ? (const char *)t : "");
        rows++;
    }
    sqlite3_reset(st);
    return rows;
}
static struct row bins[100];
__attribute__((noinline)) static const char *bin_name(long long id)
{
    if (!bins[id].text[0])
        ask(&bins[id], 1, "SELECT id, label FROM bin WHERE id = ?", 1, id); // @stock_1
    return bins[id].text;
}
__attribute__((noinline)) static long long moved(long long part)
{
    struct row r = {0};
    ask(&r, 1, "SELECT sum(amount) FROM movement WHERE part_id = ?", 1, part); // @stock_2
    return r.n[0];
}
static int print_supplier(void *u, int n, char **v, char **names)
{
    (void)u;
    (void)names;
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM part WHERE supplier_id = %s", v[0]);
    sqlite3_exec(db, sql, NULL, NULL, NULL); // @stock_3
    printf("%s\n", n > 1 ? v[1] : "");
    return 0;
}
__attribute__((noinline)) static void one_part(long long id)
{
    struct row p = {0}, s = {0};
    ask(&p, 1, "SELECT id, supplier_id, name FROM part WHERE id = ?", 1, id);
    ask(&s, 1, "SELECT id, name FROM supplier WHERE id = ?", 1, p.n[1]);
    printf("%s by %s\n", p.text, s.text);
}
int main(void)
{
    static struct row parts[64];
    sqlite3_open(getenv("SCENARIO_DB"), &db);
    sqlite3_exec(db,
                 "CREATE TABLE part(id INTEGER PRIMARY KEY, bin_id INT, supplier_id INT, name TEXT); CREATE TABLE "
                 "bin(id INTEGER PRIMARY KEY, label TEXT);"
                 "CREATE TABLE supplier(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE movement(id INTEGER PRIMARY "
                 "KEY, part_id INT, amount INT);"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<50) INSERT INTO part SELECT i, "
                 "i*7%20+1, i%6+1, 'part '||i FROM n;"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20) INSERT INTO bin SELECT i, "
                 "'bin '||i FROM n;"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<6) INSERT INTO supplier SELECT "
                 "i, 'sup '||i FROM n;"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<200) INSERT INTO movement "
                 "SELECT i, i*3%50+1, i FROM n;",
                 0, 0, 0);
    int n = ask(parts, 64, "SELECT id, bin_id, supplier_id, name FROM part ORDER BY name", 0);
    for (int i = 0; i < n; i++)
        printf("%s in %s: %lld\n", parts[i].text, bin_name(parts[i].n[1]), moved(parts[i].n[0]));
    sqlite3_exec(db, "SELECT id, name FROM supplier", print_supplier, NULL, NULL);
    long long some[] = {7, 31, 2, 44, 18, 9};
    for (int i = 0; i < 6; i++)
        one_part(some[i]);
    sqlite3_close(db);
    return 0;
}
