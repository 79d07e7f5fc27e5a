#include "cli/surroundings.h"

#include <glib.h>
#include <unistd.h>

static const char *value_of(const char *variable)
{
    const char *value = g_getenv(variable);
    return value && *value && g_strcmp0(value, "false") != 0 ? value : NULL;
}

/* What each system can show. A file that begins with $ is named by that variable; without it there is none. */
static const struct {
    const char *system; /* a variable that it sets */
    enum n1_surroundings_thing thing;
    const char *format, *file;
} shows[] = {
    {"GITHUB_ACTIONS", N1_SURROUNDINGS_REPORT, "github", NULL},
    {"GITHUB_ACTIONS", N1_SURROUNDINGS_REPORT, "github-summary", "$GITHUB_STEP_SUMMARY"},
    {"GITHUB_ACTIONS", N1_SURROUNDINGS_CHECK, "github", NULL},
    {"GITHUB_ACTIONS", N1_SURROUNDINGS_CHECK, "markdown", "$GITHUB_STEP_SUMMARY"},
    {"GITHUB_ACTIONS", N1_SURROUNDINGS_DIFF, "text", NULL},
    {"GITHUB_ACTIONS", N1_SURROUNDINGS_DIFF, "markdown", "$GITHUB_STEP_SUMMARY"},
    {"GITLAB_CI", N1_SURROUNDINGS_REPORT, "text", NULL},
    {"GITLAB_CI", N1_SURROUNDINGS_REPORT, "gitlab", "gl-code-quality-report.json"},
    {"GITLAB_CI", N1_SURROUNDINGS_REPORT, "junit", "n1prof-junit.xml"},
    {"GITLAB_CI", N1_SURROUNDINGS_CHECK, "text", NULL},
    {"GITLAB_CI", N1_SURROUNDINGS_CHECK, "junit", "n1prof-check.xml"},
    {"JENKINS_URL", N1_SURROUNDINGS_REPORT, "text", NULL},
    {"JENKINS_URL", N1_SURROUNDINGS_REPORT, "junit", "n1prof-junit.xml"},
    {"JENKINS_URL", N1_SURROUNDINGS_CHECK, "text", NULL},
    {"JENKINS_URL", N1_SURROUNDINGS_CHECK, "junit", "n1prof-check.xml"},
    {"TF_BUILD", N1_SURROUNDINGS_REPORT, "text", NULL},
    {"TF_BUILD", N1_SURROUNDINGS_REPORT, "junit", "n1prof-junit.xml"},
    {"TF_BUILD", N1_SURROUNDINGS_CHECK, "text", NULL},
    {"TF_BUILD", N1_SURROUNDINGS_CHECK, "junit", "n1prof-check.xml"},
};

static void add(GStrvBuilder *list, const char *format, const char *file)
{
    const char *name = file && *file == '$' ? value_of(file + 1) : file;
    if (file && !name)
        return;
    char *spec = name ? g_strconcat(format, "=", name, NULL) : g_strdup(format);
    g_strv_builder_add(list, spec);
    g_free(spec);
}

char **n1_surroundings_formats(enum n1_surroundings_thing thing)
{
    const char *system = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(shows) && !system; i++)
        if (value_of(shows[i].system))
            system = shows[i].system;
    GStrvBuilder *list = g_strv_builder_new();
    for (size_t i = 0; i < G_N_ELEMENTS(shows); i++)
        if (shows[i].thing == thing && g_strcmp0(shows[i].system, system) == 0)
            add(list, shows[i].format, shows[i].file);
    char **specs = g_strv_builder_end(list);
    if (!specs[0]) {
        g_strv_builder_add(list, "text");
        g_strfreev(specs);
        specs = g_strv_builder_end(list);
    }
    g_strv_builder_unref(list);
    return specs;
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
