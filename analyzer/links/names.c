#include "analyzer/links/names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 96 };

static const char *const reference_suffixes[] = {"_id", "_pk", "_uuid", "_guid", "_fk", "_key", "_code",
                                                 "_no", "_nr", "_num",  "_ref",  "_by", "_to"};
static const char *const generic_keys[] = {"id", "pk", "uuid", "guid", "rowid", "oid", "_id", "_rowid_"};
/* Words that columns of unrelated tables share. */
static const char *const everyday[] = {
    "name",    "title", "status",   "state",  "type",  "kind",  "code",     "value",    "date",     "day",
    "year",    "month", "position", "number", "num",   "no",    "sort",     "order",    "rank",     "level",
    "time",    "count", "total",    "amount", "price", "qty",   "quantity", "flag",     "active",   "enabled",
    "version", "label", "text",     "body",   "size",  "color", "lang",     "language", "priority", "score"};

static bool in_list(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (word[0] == list[i][0] && strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}
#define IN_LIST(word, list) in_list(word, list, sizeof(list) / sizeof *(list))

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a > b && strcmp(text + a - b, end) == 0;
}

/* AuthorID, authorId, AUTHOR_ID → author_id. A word of capitals stays one word. */
static void snake(const char *name, char *out, size_t capacity)
{
    size_t used = 0;
    if (name == NULL)
        name = "";
    for (const char *c = name; *c != '\0' && used + 2 < capacity; c++) {
        bool begins_word = isupper((unsigned char)*c) && c > name && c[-1] != '_' &&
                           (islower((unsigned char)c[-1]) || isdigit((unsigned char)c[-1]) ||
                            (isupper((unsigned char)c[-1]) && islower((unsigned char)c[1])));
        if (begins_word)
            out[used++] = '_';
        out[used++] = *c == ' ' || *c == '-' ? '_' : (char)tolower((unsigned char)*c);
    }
    out[used] = '\0';
}

/* What is written in front of a foreign key; behind it stands the word, or the whole name, of what is referred to. */
static bool is_marked_foreign(const char *name)
{
    return strncmp(name, "fk_", 3) == 0 && name[3] != '\0' && !IN_LIST(name + 3, generic_keys);
}

static void cut_front(char *name)
{
    memmove(name, name + 3, strlen(name + 3) + 1);
}

/* A column's name in snake_case, whether or not it is marked as a foreign key: fkPolicyNo → policy_no. */
static void column_name(const char *column, char *out, size_t capacity)
{
    snake(column, out, capacity);
    if (is_marked_foreign(out))
        cut_front(out);
}

/* A table's name in snake_case: tblPolicy and tblpolicy (as PostgreSQL folds it) hold what policy does. */
static void table_name(const char *table, char *out, size_t capacity)
{
    snake(table, out, capacity);
    if (strncmp(out, "tbl", 3) == 0 && isalpha((unsigned char)out[3]))
        cut_front(out);
}

/* snake_case, without reference suffix or "fk_" / "id_" in front. Whether something was taken off. */
static bool stem_of(const char *column, char *out, size_t capacity)
{
    snake(column, out, capacity);
    bool is_marked = is_marked_foreign(out);
    if (is_marked)
        cut_front(out);
    for (size_t i = 0; i < sizeof reference_suffixes / sizeof *reference_suffixes; i++) {
        if (ends_with(out, reference_suffixes[i])) {
            out[strlen(out) - strlen(reference_suffixes[i])] = '\0';
            return true;
        }
    }
    if (strncmp(out, "id_", 3) == 0 && out[3] != '\0') {
        cut_front(out);
        return true;
    }
    return is_marked;
}

void n1_name_stem(const char *column, char *out, size_t capacity)
{
    stem_of(column, out, capacity);
}

/* "author" names the table authors, blog_author, BlogAuthor, and, run together, "authorid" does. */
static bool stem_names_table(const char *stem, const char *table)
{
    char whole[NAME], one[NAME], stem_one[NAME];
    if (table == NULL || *table == '\0' || *stem == '\0')
        return false;
    table_name(table, whole, sizeof whole);
    n1_name_singular(whole, one, sizeof one);
    n1_name_singular(stem, stem_one, sizeof stem_one);
    if (strcmp(stem_one, one) == 0)
        return true;
    char tail[NAME + 1];
    snprintf(tail, sizeof tail, "_%s", stem_one);
    if (ends_with(one, tail))
        return true;
    /* home_team names the table team; so does teamid. */
    snprintf(tail, sizeof tail, "_%s", one);
    if (ends_with(stem_one, tail))
        return true;
    size_t length = strlen(one);
    return strncmp(stem, one, length) == 0 && strcmp(stem + length, "id") == 0;
}

bool n1_name_means_table(const char *column, const char *table)
{
    char stem[NAME];
    stem_of(column, stem, sizeof stem);
    return stem_names_table(stem, table);
}

/* pays_origine names the table pays: where the noun stands first. Weaker than behind: "user_agent" is no user. */
enum { NOUN_LENGTH_MIN = 3 };
static bool stem_begins_with_table(const char *stem, const char *table)
{
    char whole[NAME], one[NAME];
    if (table == NULL)
        return false;
    table_name(table, whole, sizeof whole);
    n1_name_singular(whole, one, sizeof one);
    for (int k = 0; k < 2; k++) {
        const char *noun = k == 0 ? whole : one;
        size_t length = strlen(noun);
        if (length >= NOUN_LENGTH_MIN && strncmp(stem, noun, length) == 0 && stem[length] == '_')
            return true;
    }
    return false;
}

/* The word behind one for "key" in front: cod_lattaio → lattaio, num_declaration → declaration; NULL: there is none. Alone it says
 * little (num_pages is a number of pages): only a table of that name makes it a key. */
static const char *behind_key_word(const char *name)
{
    static const char *const fronts[] = {"cod_", "code_", "num_", "no_", "nr_"};
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        size_t length = strlen(fronts[i]);
        if (strncmp(name, fronts[i], length) == 0 && name[length] != '\0')
            return name + length;
    }
    return NULL;
}

/* vehicle_plate → vehicles.plate, author_login → staff.login: the key's own name behind the word for it; that word in snake_case.
 * What ends too many names ("name", "key", "at") says nothing unless the word names the other table. No role: the column's own
 * table (post_slug of post). */
enum { KEY_LENGTH_MIN = 3 };
static bool role_before_key(const char *table, const char *column, const char *other_table, const char *key, char *role,
                            size_t capacity)
{
    char tail[NAME + 1];
    snprintf(tail, sizeof tail, "_%s", key);
    if (!ends_with(column, tail))
        return false;
    bool is_telling = strlen(key) >= KEY_LENGTH_MIN && !IN_LIST(key, generic_keys) && !IN_LIST(key, everyday) &&
                      !IN_LIST(tail, reference_suffixes);
    snprintf(role, capacity, "%.*s", (int)(strlen(column) - strlen(tail)), column);
    return !stem_names_table(role, table) && (is_telling || stem_names_table(role, other_table));
}

bool n1_name_equal(const char *a, const char *b)
{
    char x[NAME], y[NAME];
    snake(a, x, sizeof x);
    snake(b, y, sizeof y);
    return *x != '\0' && strcmp(x, y) == 0;
}

bool n1_name_is_own_key(const char *table, const char *column)
{
    char name[NAME], stem[NAME], whole[NAME], one[NAME];
    if (column == NULL || *column == '\0')
        return false;
    snake(column, name, sizeof name);
    if (IN_LIST(name, generic_keys))
        return true;
    if (table == NULL || *table == '\0' || is_marked_foreign(name))
        return false;
    table_name(table, whole, sizeof whole);
    n1_name_singular(whole, one, sizeof one);
    size_t length = strlen(one);
    if (strncmp(name, one, length) == 0 && strcmp(name + length, "id") == 0)
        return true;
    const char *noun = behind_key_word(name);
    if (noun != NULL && (strcmp(noun, one) == 0 || strcmp(noun, whole) == 0))
        return true;
    if (!stem_of(column, stem, sizeof stem) || ends_with(name, "_by") || ends_with(name, "_to") ||
        ends_with(name, "_ref"))
        return false;
    char tail[NAME + 1];
    snprintf(tail, sizeof tail, "_%s", stem);
    return strcmp(stem, one) == 0 || ends_with(one, tail);
}

bool n1_name_is_reference(const char *table, const char *column)
{
    char stem[NAME];
    if (column == NULL || *column == '\0' || n1_name_is_own_key(table, column))
        return false;
    size_t length = strlen(column);
    return stem_of(column, stem, sizeof stem) || (length > 3 && (ends_with(column, "id") || ends_with(column, "Id")));
}

/* Whether `word` names `what`, or is the last of its words: "tags" and "shop_tag" name a tag. */
static bool is_named(const char *word, const char *what)
{
    char one[NAME], tail[NAME + 1];
    n1_name_singular(word, one, sizeof one);
    snprintf(tail, sizeof tail, "_%s", what);
    return *what != '\0' && (strcmp(one, what) == 0 || ends_with(one, tail));
}

bool n1_name_joins(const char *table, const char *column, const char *other_column)
{
    char whole[NAME], stem[NAME], other[NAME];
    if (table == NULL || !stem_of(column, stem, sizeof stem) || !stem_of(other_column, other, sizeof other))
        return false;
    snake(table, whole, sizeof whole);
    for (char *c = strchr(whole, '_'); c != NULL; c = strchr(c + 1, '_')) {
        *c = '\0';
        bool is_joint =
            (is_named(whole, stem) && is_named(c + 1, other)) || (is_named(whole, other) && is_named(c + 1, stem));
        *c = '_';
        if (is_joint)
            return true;
    }
    return false;
}

/* Suffixes of references that a table's own number may have as well: artwork.inv_no. */
static bool may_be_number(const char *column)
{
    static const char *const suffixes[] = {"_no", "_nr", "_num", "_code", "_key"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (ends_with(column, suffixes[i]))
            return true;
    }
    return false;
}

/* artwork.inv_no and loan.artwork_id: the other side's word for the table tells. */
static bool is_number_of(const char *table, const char *column, const char *other_stem)
{
    return may_be_number(column) && stem_names_table(other_stem, table);
}

enum n1_name_support n1_name_support(const struct n1_name_pair *pair)
{
    const char *pc = pair->parent_column, *cc = pair->child_column;
    if (pc == NULL || cc == NULL || *pc == '\0' || *cc == '\0')
        return N1_NAME_NONE;
    char parent[NAME], child[NAME], parent_stem[NAME], child_stem[NAME];
    column_name(pc, parent, sizeof parent);
    column_name(cc, child, sizeof child);
    stem_of(pc, parent_stem, sizeof parent_stem);
    stem_of(cc, child_stem, sizeof child_stem);
    bool parent_is_key = n1_name_is_own_key(pair->parent_table, pc);
    bool child_is_key = n1_name_is_own_key(pair->child_table, cc);
    bool same_table = n1_name_equal(pair->parent_table, pair->child_table);

    if (same_table && parent_is_key && child_is_key)
        return N1_NAME_STRONG;
    if (stem_names_table(parent_stem, pair->child_table) && !same_table &&
        (child_is_key || strcmp(parent, child) == 0 || ends_with(parent, child)))
        return N1_NAME_STRONG;
    if (stem_names_table(child_stem, pair->parent_table) && !same_table && (parent_is_key || ends_with(child, parent)))
        return N1_NAME_STRONG;
    if (strcmp(parent, child) == 0) {
        if (IN_LIST(parent, generic_keys))
            return same_table ? N1_NAME_STRONG : N1_NAME_NONE;
        /* Rows that share a foreign key are siblings: neither is the other's parent. */
        if (same_table && !parent_is_key && n1_name_is_reference(pair->parent_table, pc))
            return may_be_number(parent) ? N1_NAME_LIKELY : N1_NAME_WEAK;
        return IN_LIST(parent, everyday) ? (same_table ? N1_NAME_LIKELY : N1_NAME_WEAK) : N1_NAME_STRONG;
    }
    char role[NAME];
    if (role_before_key(pair->parent_table, parent, pair->child_table, child, role, sizeof role))
        return stem_names_table(role, pair->child_table) ? N1_NAME_STRONG : N1_NAME_LIKELY;
    if (role_before_key(pair->child_table, child, pair->parent_table, parent, role, sizeof role))
        return stem_names_table(role, pair->parent_table) ? N1_NAME_STRONG : N1_NAME_LIKELY;
    bool parent_refers = n1_name_is_reference(pair->parent_table, pc);
    bool child_refers = n1_name_is_reference(pair->child_table, cc);
    if ((parent_refers && child_is_key) || (parent_is_key && child_refers))
        return N1_NAME_LIKELY;
    bool stems_meet = *parent_stem != '\0' && strcmp(parent_stem, child_stem) == 0;
    bool named_by_parent = !child_refers && (stem_names_table(parent_stem, pair->child_table) ||
                                             (!same_table && stem_begins_with_table(parent_stem, pair->child_table)));
    bool named_by_child = !parent_refers && stem_names_table(child_stem, pair->parent_table);
    bool is_named_back =
        is_number_of(pair->parent_table, parent, child_stem) || is_number_of(pair->child_table, child, parent_stem);
    if (stems_meet || named_by_parent || named_by_child || is_named_back)
        return N1_NAME_LIKELY;
    return N1_NAME_NONE;
}

bool n1_name_refers(const struct n1_name_pair *pair)
{
    char parent[NAME], child[NAME], stem[NAME], back[NAME];
    column_name(pair->parent_column, parent, sizeof parent);
    column_name(pair->child_column, child, sizeof child);
    if (*parent == '\0' || *child == '\0' || n1_name_is_own_key(pair->parent_table, pair->parent_column))
        return false;
    stem_of(pair->parent_column, stem, sizeof stem);
    stem_of(pair->child_column, back, sizeof back);
    if (is_number_of(pair->parent_table, parent, back) && !stem_names_table(stem, pair->child_table))
        return false;
    if (role_before_key(pair->child_table, child, pair->parent_table, parent, stem, sizeof stem))
        return false;
    if (n1_name_is_reference(pair->parent_table, pair->parent_column) ||
        role_before_key(pair->parent_table, parent, pair->child_table, child, stem, sizeof stem))
        return true;
    stem_of(pair->parent_column, stem, sizeof stem);
    bool names_child = stem_names_table(stem, pair->child_table) || stem_begins_with_table(stem, pair->child_table);
    return names_child && !stem_names_table(back, pair->parent_table);
}

void n1_name_role(const struct n1_name_pair *pair, char *out, size_t capacity)
{
    char parent[NAME], child[NAME];
    column_name(pair->parent_column, parent, sizeof parent);
    column_name(pair->child_column, child, sizeof child);
    if (role_before_key(pair->parent_table, parent, pair->child_table, child, out, capacity))
        return;
    stem_of(pair->parent_column, out, capacity);
    const char *noun = behind_key_word(out);
    if (noun != NULL && stem_names_table(noun, pair->child_table))
        memmove(out, noun, strlen(noun) + 1);
    /* The key's own name says nothing of the other row: sale.sku → product.sku is a product. */
    if (strcmp(parent, child) == 0 && pair->child_table != NULL && !stem_names_table(out, pair->child_table)) {
        char table[NAME];
        n1_name_short_table(pair->child_table, pair->parent_table, table, sizeof table);
        n1_name_singular(table, out, capacity);
    }
}

void n1_name_short_table(const char *table, const char *sibling, char *out, size_t capacity)
{
    char name[NAME], other[NAME];
    snake(table, name, sizeof name);
    snake(sibling, other, sizeof other);
    size_t start = 0;
    for (size_t i = 0; name[i] != '\0' && name[i] == other[i]; i++) {
        if (name[i] == '_')
            start = i + 1;
    }
    snprintf(out, capacity, "%s", name + start);
}

/* By the rules of English the name has another plural. */
static bool is_singular(const char *table)
{
    char name[NAME], one[NAME], many[NAME];
    n1_name_short_table(table, NULL, name, sizeof name);
    n1_name_singular(name, one, sizeof one);
    n1_name_plural(name, many, sizeof many);
    return strcmp(one, name) == 0 && strcmp(many, name) != 0;
}

void n1_name_one_of(const char *table, const char *sibling, char *out, size_t capacity)
{
    char name[NAME];
    n1_name_short_table(table, sibling, name, sizeof name);
    if (sibling != NULL && is_singular(sibling))
        snprintf(out, capacity, "%s", name);
    else
        n1_name_singular(name, out, capacity);
}
