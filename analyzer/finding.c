#include "analyzer/finding.h"

#include <stddef.h>
#include <string.h>

static const char *const kinds[N1_KINDS] = {"n_plus_one", "query_loop", "duplicate_query", "write_loop",
                                            "read_modify_write"};
static const char *const confidences[] = {"proven", "likely", "possible"};
static const char *const actions[N1_ACTIONS] = {
    "none",         "select_related", "prefetch_related", "annotate",    "in_bulk",
    "load_columns", "cache",          "bulk_create",      "bulk_update", "update_expression"};

const char *n1_kind_name(enum n1_kind kind)
{
    return kinds[kind];
}

const char *n1_confidence_name(enum n1_confidence confidence)
{
    return confidences[confidence];
}

const char *n1_action_name(enum n1_action action)
{
    return actions[action];
}

/* The ends of the files' names. */
static const char *const migration_files[] = {
    "django/core/management/commands/migrate.py",  "django/db/migrations/executor.py",
    "django/db/backends/base/creation.py",         "active_record/migration.rb",
    "active_record/tasks/database_tasks.rb",       "alembic/runtime/migration.py",
    "Illuminate/Database/Migrations/Migrator.php",
};

static bool ends_with_path(const char *file, const char *end)
{
    size_t length = strlen(file), n = strlen(end);
    return length > n && file[length - n - 1] == '/' && strcmp(file + length - n, end) == 0;
}

bool n1_stack_is_migration(const struct n1_stack *stack)
{
    for (size_t i = 0; i < stack->count && !stack->frame[i].is_user_code; i++)
        for (size_t k = 0; stack->frame[i].file && k < sizeof migration_files / sizeof *migration_files; k++)
            if (ends_with_path(stack->frame[i].file, migration_files[k]))
                return true;
    return false;
}
