#include "orm/driver/sqlite_options.h"

#include <stdio.h>
#include <stdlib.h>

#include "orm/orm.h"

/* sqlite:///absolute, sqlite://relative, sqlite::memory: */
char *orm_sqlite_path(const char *url, const char **options)
{
    const char *rest = url + strlen("sqlite:");
    rest += strncmp(rest, "//", 2) == 0 ? 2 : 0;
    const char *mark = strrchr(rest, '?');
    *options = mark && strchr(mark, '=') ? mark + 1 : NULL; /* a file may be called "why?" */
    return *options ? strndup(rest, (size_t)(mark - rest)) : strdup(rest);
}

/* The answer to the pragma is the value that holds from now on, where there is one. */
static bool set(sqlite3 *db, const char *name, const char *value, struct orm_error *e)
{
    char sql[120];
    sqlite3_stmt *stmt = NULL;
    snprintf(sql, sizeof sql, "PRAGMA %s=%s", name, value);
    int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    code = code == SQLITE_OK ? sqlite3_step(stmt) : code;
    if (code == SQLITE_ROW && strcmp(name, "journal_mode") == 0) {
        const char *now = (const char *)sqlite3_column_text(stmt, 0);
        if (now && sqlite3_stricmp(now, value) != 0)
            orm_fail(e, ORM_OPERATIONAL, "%s=%s: the database stays in mode '%s'", name, value, now);
    }
    bool ok = code == SQLITE_ROW || code == SQLITE_DONE;
    if (!ok)
        orm_fail(e, code == SQLITE_NOMEM ? ORM_NOMEM : ORM_OPERATIONAL, "%s=%s: %s", name, value, sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    return ok && e->status == ORM_OK;
}

static bool is_word(const char *s, size_t n)
{
    bool ok = n > 0 && n < 40;
    for (size_t i = 0; i < n && ok; i++)
        ok = (s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
             s[i] == '_' || (s[i] == '-' && i == 0);
    return ok;
}

bool orm_sqlite_set_options(sqlite3 *db, const char *options, struct orm_error *e)
{
    static const char *const names[] = {"busy_timeout", "cache_size", "journal_mode",
                                        "locking_mode", "mmap_size",  "synchronous"};
    for (const char *s = options; s && *s;) {
        size_t n = strcspn(s, "&"), n_name = strcspn(s, "=&");
        const char *name = NULL, *value = s + n_name + 1;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (strlen(names[i]) == n_name && strncmp(names[i], s, n_name) == 0)
                name = names[i];
        if (!name)
            return orm_fail(e, ORM_OPERATIONAL,
                            "'%.*s' is no option of a SQLite URL. Choices are: busy_timeout, cache_size, journal_mode, "
                            "locking_mode, mmap_size, synchronous",
                            (int)n_name, s);
        size_t n_value = n > n_name ? n - n_name - 1 : 0;
        if (!is_word(value, n_value))
            return orm_fail(e, ORM_OPERATIONAL, "'%.*s' is no value for %s", (int)n_value, n_value ? value : "", name);
        char word[40] = "";
        memcpy(word, value, n_value);
        if (!set(db, name, word, e))
            return false;
        s += n + (s[n] == '&');
    }
    return true;
}
