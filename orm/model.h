/* Models: a plain struct and, beside it, a constant table that the compiler checks against the struct.
 *
 *     // models.h
 *     ORM_DECLARE(Author); ORM_DECLARE(Post);
 *     struct Author { orm_row row; int64_t id; const char *name; int64_t num_posts; };
 *     struct Post   { orm_row row; int64_t id; ORM_FK(Author) author; const char *title; orm_many tags; };
 *     // models.c
 *     ORM_MODEL(Author, "blog_author", ORM_FIELD(id, AutoField), ORM_FIELD(name, CharField, .max_length = 100),
 *               ORM_FIELD(num_posts, Slot));
 *
 * A Slot is no column: it receives the annotation of its name. ORM_MODEL registers the model before main() begins, so
 * that reverse relations know who points at whom; the table itself is constant and may be shared by all threads. */
#ifndef ORM_MODEL_H
#define ORM_MODEL_H

#include "orm/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum orm_ctype {
    ORM_C_BOOL = 1,
    ORM_C_INT,
    ORM_C_DBL,
    ORM_C_TEXT,
    ORM_C_DT,
    ORM_C_DATE,
    ORM_C_TIME,
    ORM_C_DEC,
    ORM_C_DUR,
    ORM_C_BYTES,
    ORM_C_OINT,
    ORM_C_OBOOL,
    ORM_C_ODBL,
    ORM_C_ODT,
    ORM_C_ODATE,
    ORM_C_ODEC,
    ORM_C_OTIME,
    ORM_C_ODUR,
    ORM_C_MANY,
    ORM_C_FK,
    ORM_C_FKTEXT,
    ORM_C_VAL,   /* orm_val: a column of a model that was read from the database's own tables */
    ORM_C_VALFK, /* orm_fk_val: a foreign key of such a model */
    ORM_C_OTHER
} orm_ctype;

/* The member behind ORM_C_VALFK. */
typedef struct orm_fk_val {
    orm_val key;
    orm_row *obj;
} orm_fk_val;

typedef enum orm_kind {
    ORM_AutoField,
    ORM_BigAutoField,
    ORM_BooleanField,
    ORM_IntegerField,
    ORM_BigIntegerField,
    ORM_SmallIntegerField,
    ORM_PositiveIntegerField,
    ORM_FloatField,
    ORM_DecimalField,
    ORM_CharField,
    ORM_TextField,
    ORM_SlugField,
    ORM_EmailField,
    ORM_URLField,
    ORM_DateField,
    ORM_DateTimeField,
    ORM_TimeField,
    ORM_DurationField,
    ORM_UUIDField,
    ORM_JSONField,
    ORM_BinaryField,
    ORM_ForeignKey,
    ORM_OneToOneField,
    ORM_ManyToManyField,
    ORM_Slot,
    ORM_Meta,  /* not a field: carries the options of the model */
    ORM_Check, /* no fields either: what holds for the table */
    ORM_Unique,
    ORM_Index,
    ORM_N_KINDS
} orm_kind;

typedef enum orm_on_delete {
    ORM_CASCADE = 1,
    ORM_PROTECT,
    ORM_RESTRICT,
    ORM_SET_NULL,
    ORM_SET_DEFAULT,
    ORM_DO_NOTHING
} orm_on_delete;

typedef struct orm_default {
    orm_tag tag; /* ORM_END: none */
    int64_t i;
    double d;
    const char *s;
} orm_default;

typedef struct orm_field {
    const char *name;
    orm_kind kind;
    orm_ctype ctype;
    size_t offset;
    const orm_model *to, *through; /* through: a model with one foreign key to either side; NULL: a table of its own */
    const char *related_name;      /* reverse accessor and query name; "+": no reverse relation */
    const char *related_query_name;
    const char *column;   /* NULL: name, or name_id for a foreign key */
    const char *to_field; /* of a foreign key: a unique field of the other model; NULL: its primary key */
    orm_on_delete on_delete;
    int max_length, max_digits, decimal_places;
    bool null, unique, db_index, primary_key, auto_now, auto_now_add;
    bool is_foreign;   /* a type that only the database knows; of inspected models */
    bool asymmetrical; /* ManyToManyField of a model to itself: a friend of mine need not have me as a friend */
    orm_default def;
    const char *ordering;        /* ORM_Meta: "-created title"    */
    const char *unique_together; /* ORM_Meta: "author slug"       */
    const char *get_latest_by;   /* ORM_Meta: "created -id"       */
    const char *columns;         /* ORM_Unique, ORM_Index: "author -created" */
    const char *condition;       /* ORM_Check, ORM_Unique, ORM_Index: of filter() */
    bool end_;
} orm_field;

struct orm_model {
    const char *name, *table;
    size_t size; /* of the struct, in bytes */
    const orm_field *(*fields)(void);
    const orm_field *inspected; /* fields is NULL: a model made by orm_inspect() */
};

typedef struct orm_model_link {
    const orm_model *model;
    struct orm_model_link *next;
} orm_model_link;
ORM_API void orm_register(orm_model_link *link); /* called by ORM_MODEL before main() */

#define ORM_DEF_INT(x)                                                                                                 \
    {                                                                                                                  \
        .tag = ORM_INT, .i = (x)                                                                                       \
    }
#define ORM_DEF_BOOL(x)                                                                                                \
    {                                                                                                                  \
        .tag = ORM_BOOL, .i = (x)                                                                                      \
    }
#define ORM_DEF_DBL(x)                                                                                                 \
    {                                                                                                                  \
        .tag = ORM_DBL, .d = (x)                                                                                       \
    }
#define ORM_DEF_TEXT(x)                                                                                                \
    {                                                                                                                  \
        .tag = ORM_TEXT, .s = (x)                                                                                      \
    }

#define ORM_CTYPE(m)                                                                                                   \
    _Generic((m),                                                                                                      \
        bool: ORM_C_BOOL,                                                                                              \
        int64_t: ORM_C_INT,                                                                                            \
        double: ORM_C_DBL,                                                                                             \
        const char *: ORM_C_TEXT,                                                                                      \
        orm_datetime: ORM_C_DT,                                                                                        \
        orm_date: ORM_C_DATE,                                                                                          \
        orm_time: ORM_C_TIME,                                                                                          \
        orm_decimal: ORM_C_DEC,                                                                                        \
        orm_duration: ORM_C_DUR,                                                                                       \
        orm_bytes: ORM_C_BYTES,                                                                                        \
        orm_opt_int: ORM_C_OINT,                                                                                       \
        orm_opt_bool: ORM_C_OBOOL,                                                                                     \
        orm_opt_dbl: ORM_C_ODBL,                                                                                       \
        orm_opt_dt: ORM_C_ODT,                                                                                         \
        orm_opt_date: ORM_C_ODATE,                                                                                     \
        orm_opt_dec: ORM_C_ODEC,                                                                                       \
        orm_opt_time: ORM_C_OTIME,                                                                                     \
        orm_opt_dur: ORM_C_ODUR,                                                                                       \
        orm_many: ORM_C_MANY,                                                                                          \
        default: (sizeof(m) == sizeof(orm_fk_any)        ? ORM_C_FK \
 : sizeof(m) == sizeof(orm_fk_text_any) ? ORM_C_FKTEXT : ORM_C_OTHER))

/* The C types that fit a kind, as a mask. */
#define ORM_BIT(c)                    (1u << (c))
#define ORM_FITS_INT_                 (ORM_BIT(ORM_C_INT) | ORM_BIT(ORM_C_OINT))
#define ORM_FITS_AutoField            ORM_BIT(ORM_C_INT)
#define ORM_FITS_BigAutoField         ORM_BIT(ORM_C_INT)
#define ORM_FITS_BooleanField         (ORM_BIT(ORM_C_BOOL) | ORM_BIT(ORM_C_OBOOL))
#define ORM_FITS_IntegerField         ORM_FITS_INT_
#define ORM_FITS_BigIntegerField      ORM_FITS_INT_
#define ORM_FITS_SmallIntegerField    ORM_FITS_INT_
#define ORM_FITS_PositiveIntegerField ORM_FITS_INT_
#define ORM_FITS_FloatField           (ORM_BIT(ORM_C_DBL) | ORM_BIT(ORM_C_ODBL))
#define ORM_FITS_DecimalField         (ORM_BIT(ORM_C_DEC) | ORM_BIT(ORM_C_ODEC))
#define ORM_FITS_CharField            ORM_BIT(ORM_C_TEXT)
#define ORM_FITS_TextField            ORM_BIT(ORM_C_TEXT)
#define ORM_FITS_SlugField            ORM_BIT(ORM_C_TEXT)
#define ORM_FITS_EmailField           ORM_BIT(ORM_C_TEXT)
#define ORM_FITS_URLField             ORM_BIT(ORM_C_TEXT)
#define ORM_FITS_DateField            (ORM_BIT(ORM_C_DATE) | ORM_BIT(ORM_C_ODATE))
#define ORM_FITS_DateTimeField        (ORM_BIT(ORM_C_DT) | ORM_BIT(ORM_C_ODT))
#define ORM_FITS_TimeField            (ORM_BIT(ORM_C_TIME) | ORM_BIT(ORM_C_OTIME))
#define ORM_FITS_DurationField        (ORM_BIT(ORM_C_DUR) | ORM_BIT(ORM_C_ODUR))
#define ORM_FITS_UUIDField            ORM_BIT(ORM_C_TEXT)
#define ORM_FITS_JSONField            ORM_BIT(ORM_C_TEXT)
#define ORM_FITS_BinaryField          ORM_BIT(ORM_C_BYTES)
#define ORM_FITS_ForeignKey           (ORM_BIT(ORM_C_FK) | ORM_BIT(ORM_C_FKTEXT))
#define ORM_FITS_OneToOneField        ORM_FITS_ForeignKey
#define ORM_FITS_ManyToManyField      ORM_BIT(ORM_C_MANY)
#define ORM_FITS_Slot                 (~(ORM_FITS_ForeignKey | ORM_BIT(ORM_C_MANY) | ORM_BIT(ORM_C_OTHER)))

#define ORM_FIELD(...) ORM_FIELD_(__VA_ARGS__, .end_ = false)
#define ORM_FIELD_(m, k, ...)                                                                                          \
    {                                                                                                                  \
        .name = #m, .kind = ORM_##k, .ctype = ORM_CTYPE(((Self *)0)->m),                                               \
        .offset = offsetof(Self, m) + 0 * sizeof(struct {                                                              \
                                          _Static_assert(ORM_BIT(ORM_CTYPE(((Self *)0)->m)) & (ORM_FITS_##k),          \
                                                         "C type of member " #m " does not fit " #k);                  \
                                          char c;                                                                      \
                                      }),                                                                              \
        __VA_ARGS__                                                                                                    \
    }
/* The options of a model, among its fields: ORM_META(.ordering = "-created", .unique_together = "author slug"). */
#define ORM_META(...)                                                                                                  \
    {                                                                                                                  \
        .name = "", .kind = ORM_Meta, __VA_ARGS__                                                                      \
    }
/* Constraints and indexes by name, among the fields too. The condition is a filter() over the model's own columns:
 *     ORM_CHECK(price_is_positive, "price__gte=0"),
 *     ORM_UNIQUE(one_live_title, "author title", .condition = "published=True"),
 *     ORM_INDEX(by_day, "-created author") */
#define ORM_CHECK(n, ...)                                                                                              \
    {                                                                                                                  \
        .name = #n, .kind = ORM_Check, .condition = "" __VA_ARGS__                                                     \
    }
#define ORM_UNIQUE(...) ORM_RULE_(ORM_Unique, __VA_ARGS__, .end_ = false)
#define ORM_INDEX(...)  ORM_RULE_(ORM_Index, __VA_ARGS__, .end_ = false)
#define ORM_RULE_(k, n, c, ...)                                                                                        \
    {                                                                                                                  \
        .name = #n, .kind = (k), .columns = (c), __VA_ARGS__                                                           \
    }
#define ORM_DECLARE(T)                                                                                                 \
    typedef struct T T;                                                                                                \
    extern const orm_model T##_model
#define ORM_MODEL(T, tbl, ...)                                                                                         \
    static const orm_field *T##_fields(void)                                                                           \
    {                                                                                                                  \
        typedef struct T Self;                                                                                         \
        _Static_assert(offsetof(Self, row) == 0, #T ": orm_row row must be the first member");                         \
        static const orm_field f[] = {__VA_ARGS__, {.name = NULL}};                                                    \
        return f;                                                                                                      \
    }                                                                                                                  \
    const orm_model T##_model = {.name = #T, .table = tbl, .size = sizeof(struct T), .fields = T##_fields};            \
    __attribute__((constructor)) static void T##_register(void)                                                        \
    {                                                                                                                  \
        static orm_model_link link;                                                                                    \
        link.model = &T##_model;                                                                                       \
        orm_register(&link);                                                                                           \
    }                                                                                                                  \
    extern const orm_model T##_model /* takes the semicolon */

#ifdef __cplusplus
}
#endif

#endif
