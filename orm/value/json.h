/* JSON documents: written as Python's json.dumps() writes them, so that a text column compares equal; paths into them.
 *
 * A key transform (data__owner__0) is a chain of ORM_TERM_JSON_KEY terms over a column. A whole number is an index where
 * the document has a list; SQLite takes it for one always, as Django does. */
#ifndef ORM_JSON_H
#define ORM_JSON_H

#include "orm/resolve/query.h"

/* A constant, a list or a dict as a document; false: something else stands in it. */
bool orm_json_of_node(struct orm_buf *b, const struct orm_node *n);
bool orm_json_of_val(struct orm_buf *b, const orm_val *v); /* a document is left as it is, a text is quoted */
bool orm_json_is_valid(const char *s);

enum { ORM_MAX_JSON_KEYS = 32 };
/* The column and the keys from the outermost in; the number of keys, 0: t is no key transform. */
size_t orm_json_keys(const struct orm_term *t, const struct orm_term **base, const char *keys[ORM_MAX_JSON_KEYS]);
bool orm_json_is_index(const char *key);
/* $."owner"[0], more: one key more, or NULL */
const char *orm_json_path(struct orm_arena *a, const struct orm_term *t, const char *more);

#endif
