/* PostgreSQL's two formats. Parameters: whole numbers go binary, everything else as text. Cells:
 * a SELECT is asked for in binary, which spares the server the writing and us the reading of digits and dates.
 *
 * A binary cell can be read when its type is one of a table (postgres_cells.c). Enums, arrays, inet and the like are not:
 * then the statement is sent once more for texts (driver_postgres.c). What a cell becomes is the same either way, and what
 * the table cannot say in a member of the program's is written as the server would write it and read as text. */
#ifndef ORM_POSTGRES_H
#define ORM_POSTGRES_H

#include <libpq-fe.h>

#include "orm/driver/driver.h"

struct orm_pg_params {
    int n;
    Oid *oids; /* the types that psycopg2's literals would have */
    const char **values;
    int *lengths, *formats;
    bool
        has_list; /* an array for = ANY(): a plan made for any such list would be one for ten keys, searched one by one */
};
/* Memory is the arena's. */
void orm_pg_write_params(const struct orm_statement *st, struct orm_arena *a, struct orm_pg_params *out);

/* One byte a column: how its binary cells are read. NULL: a column has a type that is not in the table. The bytes live as
 * long as the result. *no_memory: the result had none for them. */
const unsigned char *orm_pg_readers(PGresult *res, bool *no_memory);
/* driver.h's cell() and member() of a result, in either format. */
void orm_pg_cell(struct orm_cursor *cur, int column, enum orm_type type, struct orm_arena *a, orm_val *out);
bool orm_pg_member(struct orm_cursor *cur, int column, orm_ctype ctype, void *at, struct orm_arena *a);

#endif
