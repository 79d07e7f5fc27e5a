#include "cli/script_hints.h"

#include <string.h>

enum { READ_MAX = 1 << 20 };

#define PRELOAD  "is seen"
#define AUDITOR  "is seen with the auditor's help"
#define PROTOCOL "speaks to the server itself and cannot be seen"
#define BUNDLED  "carries an SQLite of its own and cannot be seen"

static const struct n1_script_hint hints[] = {
    {"^\\s*(import|from)\\s+sqlite3\\b", "Python's sqlite3", PRELOAD, TRUE},
    {"^\\s*(import|from)\\s+psycopg2\\b", "psycopg2", PRELOAD, TRUE},
    {"^\\s*(import|from)\\s+psycopg\\b", "psycopg 3", AUDITOR, TRUE},
    {"^\\s*(import|from)\\s+(django|sqlalchemy|peewee)\\b", "a Python ORM", "is seen by way of its driver", TRUE},
    {"^\\s*(import|from)\\s+asyncpg\\b", "asyncpg", PROTOCOL, FALSE},
    {"^\\s*(import|from)\\s+pg8000\\b", "pg8000", PROTOCOL, FALSE},
    {"^\\s*use\\s+DBI\\b", "Perl's DBI",
     "is seen with the distribution's drivers (CPAN's DBD::SQLite carries its own SQLite)", TRUE},
    {"^\\s*require\\s+['\"]sqlite3['\"]", "Ruby's sqlite3", PRELOAD, TRUE},
    {"^\\s*require\\s+['\"]pg['\"]", "Ruby's pg", PRELOAD, TRUE},
    {"^\\s*require\\s+['\"](active_record|sequel)['\"]", "a Ruby ORM", "is seen by way of its driver", TRUE},
    {"new\\s+PDO\\b|new\\s+SQLite3\\b|\\bpg_connect\\s*\\(", "PHP's PDO, SQLite3 or pgsql", AUDITOR, TRUE},
    {"require\\(\\s*['\"]better-sqlite3['\"]", "better-sqlite3", BUNDLED, FALSE},
    {"(require\\(\\s*|from\\s+)['\"]node:sqlite['\"]", "node:sqlite", BUNDLED, FALSE},
    {"require\\(\\s*['\"]sqlite3['\"]", "Node's sqlite3", PRELOAD, TRUE},
    {"require\\(\\s*['\"]pg-native['\"]", "pg-native", PRELOAD, TRUE},
    {"(require\\(\\s*|from\\s+)['\"](pg|postgres)['\"]", "Node's pg", PROTOCOL, FALSE},
};

/* The beginning of a text file, or NULL. */
static char *read_text(const char *path)
{
    GMappedFile *file = g_mapped_file_new(path, FALSE, NULL);
    if (!file)
        return NULL;
    gsize length = MIN(g_mapped_file_get_length(file), (gsize)READ_MAX);
    const char *bytes = g_mapped_file_get_contents(file);
    char *text = bytes && !memchr(bytes, '\0', length) ? g_utf8_make_valid(bytes, (gssize)length) : NULL;
    g_mapped_file_unref(file);
    return text;
}

const struct n1_script_hint *n1_script_hint_next(const char *path, const struct n1_script_hint *after)
{
    const struct n1_script_hint *found = NULL;
    char *text = read_text(path);
    for (size_t i = after ? (size_t)(after - hints) + 1 : 0; text && !found && i < G_N_ELEMENTS(hints); i++)
        if (g_regex_match_simple(hints[i].word, text, G_REGEX_MULTILINE, 0))
            found = &hints[i];
    g_free(text);
    return found;
}
