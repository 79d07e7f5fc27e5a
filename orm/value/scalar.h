/* Scalars: types, texts of dates and decimals, conversions between what a program gives and what a column takes.
 *
 * Everything here is in the "C" locale whatever the program's locale is. */
#ifndef ORM_SCALAR_H
#define ORM_SCALAR_H

#include "orm/base.h"

/* The types that expressions and columns have. */
enum orm_type {
    ORM_T_NONE, /* not known: a bare NULL, an untyped parameter */
    ORM_T_BOOL,
    ORM_T_INT,
    ORM_T_FLOAT,
    ORM_T_DECIMAL,
    ORM_T_TEXT,
    ORM_T_DATE,
    ORM_T_DATETIME,
    ORM_T_TIME,
    ORM_T_DURATION,
    ORM_T_UUID,
    ORM_T_JSON,
    ORM_T_BYTES,
    ORM_T_OTHER, /* a type of the database's own (an enum, inet): texts that it reads and writes */
    ORM_N_TYPES
};
const char *orm_type_name(enum orm_type t); /* Django's field name: "IntegerField" */
enum orm_type orm_type_of_val(const orm_val *v);

void orm_civil(int64_t days, int *year, int *month, int *day); /* proleptic Gregorian, as Python's date */
int64_t orm_days(int year, int month, int day);
char *orm_format_time(orm_time t, char out[24]);
/* "1 02:03:04.000005": days only when there are some; read back by orm_read_duration(). */
char *orm_format_duration(orm_duration d, char out[40]);
char *orm_format_decimal(orm_decimal d, char out[64]);
/* A double as Python's repr: the shortest text that reads back as the same number. */
char *orm_format_double(double d, char out[40]);
double orm_strtod(const char *s, size_t n);

/* Texts into scalars; the whole text must be one. */
bool orm_read_date(const char *s, orm_date *out);
bool orm_read_datetime(const char *s,
                       orm_datetime *out); /* 'T' or blank; fraction and zone (Z, +hh, +hh:mm) optional */
bool orm_read_time(const char *s, orm_time *out);
bool orm_read_duration(const char *s, orm_duration *out); /* also "3 days 04:05:06", as PostgreSQL writes it */
/* With or without dashes and braces; out gets 36 lower-case characters. */
bool orm_read_uuid(const char *s, char out[37]);
bool orm_read_decimal(const char *s, orm_decimal *out);
bool orm_read_int(const char *s, int64_t *out);
bool orm_read_double(const char *s, double *out);
orm_decimal orm_decimal_of_int(int64_t v);
orm_decimal orm_decimal_negate(orm_decimal d);
bool orm_same_decimal(orm_decimal a, orm_decimal b);
double orm_decimal_to_double(orm_decimal d);
/* Rounded half even to so many places, and exp = -places. */
bool orm_quantize(orm_decimal d, int places, orm_decimal *out);

/* A value that lives as long as the arena: text, bytes and lists are copied. */
orm_val orm_copy_val(struct orm_arena *a, orm_val v);
/* v as a column of the type takes it (Django's get_prep_value). False: it cannot be that type. */
bool orm_convert(struct orm_arena *a, orm_val v, enum orm_type to, orm_val *out);
bool orm_same_val(const orm_val *a, const orm_val *b);
void orm_print_val(struct orm_buf *b, const orm_val *v); /* as Python writes it: 'text', 1.5, True */
double orm_val_to_double(const orm_val *v);

#endif
