#include "reports/flame.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "reports/escape.h"

/* A frame without a symbol is called "module+0x1234": an address is no name, and another one on the next machine. */
static const char *name_of(const struct n1_frame *frame, const char *module)
{
    const char *name = frame->function ? frame->function : "";
    size_t length = module ? strlen(module) : 0;
    return length > 0 && strncmp(name, module, length) == 0 && g_str_has_prefix(name + length, "+0x") ? "" : name;
}

char *n1_flame_frame(const struct n1_places *places, const struct n1_frame *frame)
{
    char *file = n1_place_shown(places, frame->file);
    char *module = frame->module && *frame->module ? g_path_get_basename(frame->module) : NULL;
    GString *name = g_string_new(name_of(frame, module));
    if (file && *file)
        g_string_append_printf(name, "%s(%s)", name->len ? " " : "", file);
    else if (module)
        g_string_append_printf(name, "%s[%s]", name->len ? " " : "", module);
    char *clean = n1_clean_line(name->len ? name->str : "[unknown]", N1_CLEAN_WORDS);
    g_string_free(name, TRUE);
    g_free(module);
    g_free(file);
    return clean;
}

char *n1_flame_query(const struct n1_statement *statement)
{
    char *sql = n1_clean_label(statement->sql);
    char *name = g_strdup_printf("%s%s[%016" PRIx64 "]", sql, *sql ? " " : "", statement->fingerprint);
    g_free(sql);
    return name;
}
