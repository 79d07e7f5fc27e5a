/* names: what the names of columns and tables say about a link. Conventions only, so never proof by themselves: values prove,
 * names tell which of several columns that held the same values was meant, and whether small integers met by chance.
 *
 * Read are snake_case, camelCase and PascalCase; singular and plural English; prefixes of applications (blog_author is an
 * author, tblAuthor too); the suffixes id, pk, uuid, guid, fk, key, code, no, nr, num, ref; "fk" in front. Unknown names are NULL or
 * "". Pure, any thread.
 */
#ifndef N1_ANALYZER_NAMES_H
#define N1_ANALYZER_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum n1_name_support {
    N1_NAME_NONE,   /* nothing speaks for it: id → id of another table */
    N1_NAME_WEAK,   /* an everyday word on both sides: name → name, status → status */
    N1_NAME_LIKELY, /* one side looks like a foreign key, the other like a key: writer_id → author.id */
    N1_NAME_STRONG  /* author_id → author.id, post.id → comment.post_id, isbn → isbn, the same table's own key */
};

struct n1_name_pair {
    const char *parent_table, *parent_column;
    const char *child_table, *child_column;
};

enum n1_name_support n1_name_support(const struct n1_name_pair *pair);

/* Whether a column is, by its name, the key of its own table: id, pk, uuid …, author.author_id, Album.AlbumId. */
bool n1_name_is_own_key(const char *table, const char *column);
/* Whether a column looks like a reference to some other table: it has one of the suffixes and is not its table's own key. */
bool n1_name_is_reference(const char *table, const char *column);
/* Whether a table is named after what two of its columns refer to: post_tag has a post_id and a tag_id. Then neither is its own key. */
bool n1_name_joins(const char *table, const char *column, const char *other_column);
/* Whether the parent's column leads to one row of the child's table: a reference by its suffix, the word for the table (emp.dept →
 * dept.dno), or the child's key behind a word of its own (vehicle_plate → vehicles.plate). */
bool n1_name_refers(const struct n1_name_pair *pair);
/* Whether the column, without its suffix, is the word for the table: author_id or writer_author for authors. */
bool n1_name_means_table(const char *column, const char *table);
/* What such a column calls the other row: "author_id" → "author", "vehicle_plate" → plate: "vehicle". */
void n1_name_role(const struct n1_name_pair *pair, char *out, size_t capacity);
/* Same table by name, whatever the case. */
bool n1_name_equal(const char *a, const char *b);

/* "author_id" → "author", "AuthorId" → "author", "isbn" → "isbn". out is always terminated. */
void n1_name_stem(const char *column, char *out, size_t capacity);
/* The table's name without the words at its beginning that it shares with sibling (an application's prefix), in snake_case:
 * ("blog_comment", "blog_post") → "comment"; with sibling NULL only the spelling changes. */
void n1_name_short_table(const char *table, const char *sibling, char *out, size_t capacity);
/* The last word made singular, or plural: "blog_categories" → "blog_category". */
void n1_name_singular(const char *name, char *out, size_t capacity);
void n1_name_plural(const char *name, char *out, size_t capacity);
/* One row of the table, without the words that it shares with sibling: singular, but as it is where that table stands in the singular, so
 * that a vehicle's papers are papers. */
void n1_name_one_of(const char *table, const char *sibling, char *out, size_t capacity);

#endif
