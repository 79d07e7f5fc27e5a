/* What statements say of a table's keys: the text, and "table" and "table.column" of what is unique. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/sql/schema.h"

static const struct {
    const char *sql, *said;
} cases[] = {
    {"CREATE TABLE card(id INTEGER PRIMARY KEY, patient_id INT UNIQUE REFERENCES patient(id), n TEXT DEFAULT (?))",
     " card card.id card.patient_id"},
    {"create temp table if not exists aux.\"Card\" (\"PatientId\" int not null unique, size numeric(10, 2))",
     " Card Card.PatientId"},
    {"CREATE TABLE t(a INT, b INT, c INT, CONSTRAINT one UNIQUE (b), PRIMARY KEY (a, c))", " t t.b"},
    {"CREATE TABLE t(a INT, PRIMARY KEY(a), UNIQUE (b, c), CHECK (a > ?), FOREIGN KEY (b) REFERENCES u(id))", " t t.a"},
    {"CREATE TABLE copied AS SELECT id FROM t", ""},
    {"CREATE UNIQUE INDEX card_patient ON card (patient_id)", " card.patient_id"},
    {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.card USING btree (patient_id DESC)",
     " card.patient_id"},
    {"CREATE UNIQUE INDEX i ON card (lower(mail))", ""},
    {"CREATE UNIQUE INDEX i ON card (patient_id, kind)", ""},
    {"CREATE UNIQUE INDEX i ON card (patient_id) WHERE deleted_at IS NULL", ""},
    {"CREATE INDEX i ON card (patient_id)", ""},
    {"ALTER TABLE ONLY card ADD CONSTRAINT one UNIQUE (patient_id)", " card.patient_id"},
    {"ALTER TABLE card ADD COLUMN patient_id INT UNIQUE", " card.patient_id"},
    {"ALTER TABLE card DROP COLUMN patient_id", ""},
    {"INSERT INTO card (patient_id, n) VALUES (?, ?) ON CONFLICT (patient_id) DO UPDATE SET n = excluded.n",
     " card.patient_id"},
    {"INSERT INTO card (a, b) VALUES (?, ?) ON CONFLICT (a, b) DO NOTHING", ""},
    {"INSERT INTO card (a) VALUES (?) ON CONFLICT DO NOTHING", ""},
    {"CREATE TABLE broken(a INT UNIQUE", ""},
    {"CREATE UNIQUE INDEX ON", ""},
    {"CREATE", ""},
    {"", ""},
};

static void take(void *data, const char *table, const char *column)
{
    char *said = data;
    size_t used = strlen(said);
    snprintf(said + used, 256 - used, column != NULL ? " %s.%s" : " %s", table, column);
}

static void keys_of_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int dialect = N1_SQL_SQLITE; dialect <= N1_SQL_POSTGRES; dialect++) {
            char said[256] = "";
            n1_sql_schema_read((enum n1_sql_dialect)dialect, cases[i].sql, strlen(cases[i].sql), take, said);
            if (strcmp(said, cases[i].said) != 0)
                fail_msg("%s:%s", cases[i].sql, said);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_of_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
