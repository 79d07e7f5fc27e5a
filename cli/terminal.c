#include "cli/terminal.h"

#include <glib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define USUAL_COLUMNS 80

/* 0: COLUMNS does not tell. */
static guint64 columns_wanted(void)
{
    const char *text = g_getenv("COLUMNS");
    guint64 columns = 0;
    return text && g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT16, &columns, NULL) ? columns : 0;
}

unsigned n1_terminal_columns(FILE *stream, unsigned least, unsigned most)
{
    struct winsize size = {0};
    guint64 columns = columns_wanted();
    if (columns == 0 && isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    return columns == 0 ? USUAL_COLUMNS : (unsigned)CLAMP(columns, least, most);
}

bool n1_terminal_colour(FILE *stream, const char *option)
{
    const char *no = g_getenv("NO_COLOR"), *force = g_getenv("CLICOLOR_FORCE");
    if (option && strcmp(option, "auto") != 0)
        return strcmp(option, "always") == 0;
    if (no && *no)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    return isatty(fileno(stream)) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}
