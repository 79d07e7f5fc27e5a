#include "reports/excerpt.h"

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/text/page.h"

#define SIZE_MAX_BYTES (16 * 1024 * 1024)
#define TAB            "    "

static FILE *open_source(const char *folder, const char *file)
{
    struct stat st;
    char *path = g_path_is_absolute(file) || !folder ? g_strdup(file) : g_build_filename(folder, file, NULL);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    g_free(path);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SIZE_MAX_BYTES) {
        close(fd);
        return NULL;
    }
    FILE *stream = fdopen(fd, "r");
    if (!stream)
        close(fd);
    return stream;
}

static char *clean(char *text)
{
    GString *spaced = g_string_new(NULL);
    text[strcspn(text, "\r\n")] = '\0';
    for (const char *p = text; *p; p++)
        if (*p == '\t')
            g_string_append(spaced, TAB);
        else
            g_string_append_c(spaced, *p);
    char *line = n1_page_clean(spaced->str);
    g_string_free(spaced, TRUE);
    return line;
}

void n1_excerpt_read(struct n1_excerpt *excerpt, const char *folder, const char *file, int line)
{
    char *text = NULL;
    size_t room = 0;
    memset(excerpt, 0, sizeof *excerpt);
    FILE *stream = file && line > 0 ? open_source(folder, file) : NULL;
    if (!stream)
        return;
    int first = MAX(1, line - N1_EXCERPT_LINES / 2);
    excerpt->first = first;
    for (int n = 1; n < first + N1_EXCERPT_LINES && getline(&text, &room, stream) >= 0; n++)
        if (n >= first)
            excerpt->line[excerpt->count++] = clean(text);
    free(text);
    fclose(stream);
    if (excerpt->first + excerpt->count <= line)
        n1_excerpt_release(excerpt);
}

void n1_excerpt_release(struct n1_excerpt *excerpt)
{
    for (int i = 0; i < excerpt->count; i++)
        g_free(excerpt->line[i]);
    memset(excerpt, 0, sizeof *excerpt);
}
