/* "FOREIGN KEY constraint failed" is all that SQLite says; here the row is found and named. PostgreSQL names it itself. */
#include <stdio.h>

#include "orm/session.h"

static bool is_fk_failure(const orm_db *db)
{
    return db->driver == &orm_driver_sqlite && db->error.status == ORM_INTEGRITY &&
           strstr(db->error.message, "FOREIGN KEY constraint failed");
}

static void add_sentence(orm_db *db, const char *sentence)
{
    char *line = strchr(db->error.message, '\n');
    size_t at = line ? (size_t)(line - db->error.message) : strlen(db->error.message);
    char *rest = orm_copy_text(&db->arena, db->error.message + at, strlen(db->error.message + at));
    snprintf(db->error.message + at, sizeof db->error.message - at, ": %s%s", sentence, rest);
}

void orm_name_violations(orm_db *db)
{
    if (!is_fk_failure(db))
        return;
    struct orm_error kept = db->error;
    bool was_broken = db->is_broken;
    struct orm_statement st = {.sql =
                                   "SELECT c.\"table\", c.rowid, f.\"from\", c.parent FROM pragma_foreign_key_check c"
                                   " JOIN pragma_foreign_key_list(c.\"table\") f ON f.id = c.fkid LIMIT 1"};
    struct orm_cursor cur;
    orm_val v[4] = {{0}};
    db->error.status = ORM_OK;
    bool is_open = orm_run(db, &st, true, &cur), found = is_open && db->driver->next(&cur, &db->error) > 0;
    for (int i = 0; found && i < 4; i++)
        db->driver->cell(&cur, i, ORM_T_TEXT, &db->arena, &v[i]);
    if (is_open)
        orm_finish(db, &cur);
    db->error = kept;
    db->is_broken = was_broken;
    if (found)
        add_sentence(db, orm_printf(&db->arena, "row %s of \"%s\": %s points at no row of \"%s\"",
                                    v[1].tag == ORM_TEXT ? v[1].u.s : "?", v[0].u.s, v[2].u.s, v[3].u.s));
}

void orm_name_missing_parent(orm_db *db, orm_row *const *rows, size_t n_rows)
{
    if (!is_fk_failure(db))
        return;
    struct orm_error kept = db->error;
    bool was_broken = db->is_broken;
    for (size_t i = 0; i < n_rows; i++) {
        const struct orm_meta *m = rows[i]->state->meta;
        for (size_t k = 0; k < m->n_columns; k++) {
            const struct orm_attr *f = m->columns[k];
            orm_val key;
            if (f->relation != ORM_REL_FK)
                continue;
            orm_member_get(rows[i], f, &key);
            if (key.tag == ORM_NULL)
                continue;
            db->error.status = ORM_OK;
            db->is_broken = false;
            orm_qs *parent = orm_qs_on(db, f->to);
            orm_query_and(parent->query, orm_in_list(&db->arena, 0, f->target, &key, 1));
            bool is_missing = orm_exists(parent) == 0;
            db->error = kept;
            db->is_broken = was_broken;
            if (is_missing) {
                struct orm_buf b = {.arena = &db->arena};
                orm_print_val(&b, &key);
                add_sentence(db, orm_printf(&db->arena, "%s.%s = %s points at no row of \"%s\"", m->name, f->attname,
                                            b.p, f->to->table));
                return;
            }
        }
    }
}
