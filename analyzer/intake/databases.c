#include "analyzer/intake/databases.h"

#include <glib.h>
#include <string.h>

struct n1_databases {
    char *working_directory;
    GHashTable *numbers; /* what names the database → number */
};

struct n1_databases *n1_databases_new(const char *working_directory)
{
    struct n1_databases *d = g_new0(struct n1_databases, 1);
    d->working_directory = g_strdup(working_directory != NULL && *working_directory == '/' ? working_directory : "/");
    d->numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return d;
}

void n1_databases_free(struct n1_databases *d)
{
    if (d == NULL)
        return;
    g_hash_table_unref(d->numbers);
    g_free(d->working_directory);
    g_free(d);
}

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

/* sqlite.org/uri.html: "file:" path "?" parameters; cache=shared shares a database in memory among a process' connections.
 * An empty name is a temporary file of the connection's own. */
static char *sqlite_name(const struct n1_databases *d, uint32_t process, const struct n1_connection *c)
{
    const char *name = text_of(c->database);
    bool is_uri = strncmp(name, "file:", 5) == 0, is_shared = is_uri && strstr(name, "cache=shared") != NULL;
    if (is_uri)
        name += strncmp(name, "file:///", 8) == 0 ? 7 : 5;
    char *path = g_strndup(name, is_uri ? strcspn(name, "?#") : strlen(name));
    bool is_memory = *path == '\0' || strcmp(path, ":memory:") == 0 || (is_uri && strstr(name, "mode=memory") != NULL);
    char *whole = is_memory && is_shared ? g_strdup_printf("memory %s of %u", path, process)
                  : is_memory            ? g_strdup_printf("memory %u of %u", c->id, process)
                                         : g_canonicalize_filename(path, d->working_directory);
    g_free(path);
    return whole;
}

/* A socket's folder, an empty name and the loopback addresses are one machine. */
static const char *server_of(const char *host)
{
    static const char *const here[] = {"", "localhost", "127.0.0.1", "::1"};
    for (size_t i = 0; i < G_N_ELEMENTS(here); i++) {
        if (strcmp(host, here[i]) == 0)
            return "here";
    }
    return host[0] == '/' || host[0] == '@' ? "here" : host;
}

uint32_t n1_databases_number(struct n1_databases *d, uint32_t process, const struct n1_connection *c)
{
    if (c == NULL || (c->dialect != N1_DIALECT_SQLITE && *text_of(c->database) == '\0'))
        return 0;
    char *name = c->dialect == N1_DIALECT_SQLITE
                     ? sqlite_name(d, process, c)
                     : g_strdup_printf("%s:%s/%s", server_of(text_of(c->host)), text_of(c->port), c->database);
    gpointer known = g_hash_table_lookup(d->numbers, name);
    if (known == NULL) {
        known = GUINT_TO_POINTER(g_hash_table_size(d->numbers) + 1);
        g_hash_table_insert(d->numbers, name, known);
    } else {
        g_free(name);
    }
    return GPOINTER_TO_UINT(known);
}
