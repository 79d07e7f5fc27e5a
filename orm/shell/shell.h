/* The shell's language: Python, as far as Django queries and a lesson about them need it.
 *
 *     lines → names → values → JSON or a table
 *
 *   value.c      values: made, taken apart, kept under a name
 *   statement.c  assignments, for, if, with, try
 *   logic.c      truth, comparisons, [x for y in z], f'...', print
 *   eval.c       a tree of ast.h → a value; variables; what a query's arguments mean here (folding)
 *   python.c     datetime, timedelta, Decimal, UUID, len, list ...: what Python brings along
 *   queryset.c   methods of managers and querysets
 *   object.c     attributes and methods of rows, related managers
 *   json.c       a value as the contract's JSON      table.c   a value for a person
 *   line.c       the line editor                     main.c    options and the loop
 *
 * Errors go to the scope's sticky error; functions return false after they have set it. Everything lives in the scope's
 * arena. One thread. */
#ifndef ORM_SHELL_SHELL_H
#define ORM_SHELL_SHELL_H

#include "orm/session.h"

enum shell_kind {
    SHELL_NOTHING, /* a statement */
    SHELL_SCALAR,  /* scalar */
    SHELL_QS,      /* qs; is_manager: Model.objects, still without a query */
    SHELL_OBJECT,  /* row */
    SHELL_RECORD,  /* rec: a row of values(); is_list, is_flat as its queryset was */
    SHELL_LIST,    /* items; is_tuple */
    SHELL_DICT,    /* items[i] under keys[i] */
    SHELL_MODEL,   /* meta */
    SHELL_RELATED, /* qs, and row.rel it belongs to: a related manager */
    SHELL_NODE,    /* node: Q(...), F(...): means something only inside a query */
    SHELL_MODULE   /* name: datetime, models ... */
};

struct shell_value {
    enum shell_kind kind;
    bool is_manager, is_tuple;
    bool is_printed;       /* a list of the lines that a loop printed */
    bool is_list, is_flat; /* of a record */
    orm_val scalar;
    orm_qs *qs;
    orm_row *row;
    const struct orm_attr *rel;
    orm_rec *rec;
    const struct orm_meta *meta;
    const struct orm_node *node;
    const char *name;
    struct shell_value *items;
    struct shell_value *keys;
    size_t n;
};

struct shell_variable {
    const char *name;
    struct shell_value value;
};

struct shell {
    orm_db *db;
    struct shell_variable *variables; /* of db's arena */
    size_t n_variables;
    struct shell_value *printed; /* where print() puts its lines; NULL: not inside a block */
    volatile int *interrupts;    /* counted by a signal handler; NULL: there is none */
};

/* ---- value.c ---- */
bool shell_fail(struct shell *s, orm_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool shell_is_interrupted(const struct shell *s);
const struct shell_value *shell_variable_named(const struct shell *s, const char *name); /* NULL: none */
void shell_set_variable(struct shell *s, const char *name, const struct shell_value *v);
struct shell_value shell_scalar(orm_val v);
/* Row i of an evaluated queryset. */
struct shell_value shell_row_of(orm_qs *qs, const struct orm_result *r, size_t i);
struct shell_value shell_dict_of(struct shell *s, const orm_rec *r);
/* (3, {'Author': 1, 'Post': 2}) */
bool shell_give_deleted(struct shell *s, const orm_rec *counts, struct shell_value *out);
/* The objects of a list, a queryset or one object; false without an error: something else is among them. */
bool shell_rows_of(struct shell *s, const struct shell_value *v, orm_row ***rows, size_t *n);
/* What a loop goes over: items of a list, keys of a dict, rows of a queryset. */
bool shell_items_of(struct shell *s, const struct shell_value *v, struct shell_value **items, size_t *n);
bool shell_truth(struct shell *s, const struct shell_value *v, bool *out);
void shell_member(const orm_row *row, const struct orm_attr *column, orm_val *out); /* a key that is to come is None */
const char *shell_text_of(struct orm_arena *a, const orm_val *v);                   /* as a person reads it */

/* ---- statement.c ---- */
/* A line, or several with a block: the value is that of an expression, or what a block printed. */
bool shell_run(struct shell *s, const char *text, struct shell_value *out);
bool shell_opens_block(const char *line);     /* "for post in posts:" */
bool shell_continues_block(const char *line); /* indented, or else: and its like */
bool shell_is_open(const char *text);         /* a bracket is not closed yet */

/* ---- logic.c ---- */
const char *shell_str(struct shell *s, const struct shell_value *v); /* as print() shows it; NULL: a query failed */
bool shell_bind(struct shell *s, const struct orm_arg *names, size_t n, const struct shell_value *v);
bool shell_eval_logic(struct shell *s, const struct orm_node *n, struct shell_value *out);
bool shell_eval_each(struct shell *s, const struct orm_node *n, struct shell_value *out);
bool shell_eval_format(struct shell *s, const struct orm_node *n, struct shell_value *out);
bool shell_print(struct shell *s, const struct orm_node *call, struct shell_value *out);

/* ---- eval.c ---- */
bool shell_eval(struct shell *s, const struct orm_node *n, struct shell_value *out);
bool shell_scalar_arg(struct shell *s, const struct orm_node *n, orm_val *out);
/* The same tree with everything that is a value here in its place: querysets, objects, dates, variables. */
const struct orm_node *shell_fold(struct shell *s, const struct orm_node *n);
/* The arguments of a call, folded, as filter() and its like take them. */
const struct orm_node *shell_fold_args(struct shell *s, const struct orm_node *call);
const struct orm_node *shell_node_of(struct shell *s, const struct orm_node *at, const struct shell_value *v);

/* ---- python.c ---- */
typedef bool (*shell_function)(struct shell *s, const struct orm_node *call, struct shell_value *out);
shell_function shell_builtin(const char *name); /* "date", "Decimal", "len"; NULL: none */
bool shell_is_module(const char *name);
/* datetime.date.today, timezone.now: module and names joined by dots. */
shell_function shell_module_function(const char *path);
/* 2 * 3, date + timedelta: both sides are values. False without an error: nothing that Python works out here. */
bool shell_arithmetic(struct shell *s, enum orm_op op, const orm_val *a, const orm_val *b, orm_val *out);

/* ---- queryset.c ---- */
bool shell_call_queryset(struct shell *s, const struct shell_value *self, const char *method,
                         const struct orm_node *call, struct shell_value *out);
bool shell_subscript(struct shell *s, const struct shell_value *self, const struct orm_node *index,
                     struct shell_value *out);
const char *const *shell_queryset_methods(size_t *n_out); /* for completion */

/* ---- object.c ---- */
bool shell_attribute(struct shell *s, const struct shell_value *self, const char *name, struct shell_value *out);
bool shell_call_object(struct shell *s, const struct shell_value *self, const char *method, const struct orm_node *call,
                       struct shell_value *out);
bool shell_call_related(struct shell *s, const struct shell_value *self, const char *method,
                        const struct orm_node *call, struct shell_value *out, bool *is_known);
bool shell_set_attribute(struct shell *s, orm_row *row, const char *name, const struct shell_value *v);
/* Model(field=value, ...): not saved yet. */
bool shell_make_object(struct shell *s, const struct orm_meta *m, const struct orm_arg *args, size_t n,
                       struct shell_value *out);

/* ---- json.c, table.c ---- */
/* {"rows": ...}, {"value": ...} without the closing brace. False: a query failed. */
bool shell_put_json(struct shell *s, struct orm_buf *b, const struct shell_value *v);
void shell_put_json_text(struct orm_buf *b, const char *text);
bool shell_put_table(struct shell *s, struct orm_buf *b, const struct shell_value *v);

/* ---- line.c ---- */
void shell_lines_open(struct shell *s);
char *shell_line_read(const char *prompt); /* malloc'd; NULL at the end */
bool shell_line_was_cancelled(void);       /* the last one, by ^C: it is empty */
void shell_lines_close(void);

#endif
