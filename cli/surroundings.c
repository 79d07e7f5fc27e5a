#include "cli/surroundings.h"

#include <glib.h>
#include <unistd.h>

static const char *value_of(const char *variable)
{
    const char *value = g_getenv(variable);
    return value && *value && g_strcmp0(value, "false") != 0 ? value : NULL;
}

char **n1_surroundings_formats(void)
{
    static const struct {
        const char *variable;
        const char *formats[3];
    } places[] = {
        {"GITHUB_ACTIONS", {"github"}},
        {"GITLAB_CI", {"text", "gitlab=gl-code-quality-report.json", "junit=n1prof-junit.xml"}},
        {"JENKINS_URL", {"text", "junit=n1prof-junit.xml"}},
        {"TF_BUILD", {"text", "junit=n1prof-junit.xml"}},
        {NULL, {"text"}},
    };
    size_t place = 0;
    while (places[place].variable && !value_of(places[place].variable))
        place++;
    GStrvBuilder *list = g_strv_builder_new();
    for (size_t i = 0; i < G_N_ELEMENTS(places[place].formats) && places[place].formats[i]; i++)
        g_strv_builder_add(list, places[place].formats[i]);
    const char *summary = place == 0 ? value_of("GITHUB_STEP_SUMMARY") : NULL;
    if (summary) {
        char *format = g_strconcat("github-summary=", summary, NULL);
        g_strv_builder_add(list, format);
        g_free(format);
    }
    char **formats = g_strv_builder_end(list);
    g_strv_builder_unref(list);
    return formats;
}

bool n1_surroundings_is_step_summary(const char *file)
{
    const char *summary = value_of("GITHUB_STEP_SUMMARY");
    if (!file || !summary)
        return false;
    char *a = g_canonicalize_filename(file, NULL), *b = g_canonicalize_filename(summary, NULL);
    bool is_same = g_strcmp0(a, b) == 0;
    g_free(a);
    g_free(b);
    return is_same;
}

char *n1_surroundings_root(const char *start)
{
    char *folder = start && g_path_is_absolute(start) ? g_canonicalize_filename(start, NULL) : NULL;
    while (folder) {
        char *mark = g_build_filename(folder, ".git", NULL);
        bool is_root = access(mark, F_OK) == 0;
        g_free(mark);
        if (is_root)
            break;
        char *parent = g_path_get_dirname(folder);
        bool is_top = g_strcmp0(parent, folder) == 0;
        g_free(folder);
        folder = is_top ? NULL : parent;
        if (is_top)
            g_free(parent);
    }
    return folder;
}
