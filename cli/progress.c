#include "cli/progress.h"

#include <glib.h>
#include <stdio.h>
#include <unistd.h>

#define QUIET_US 300000
#define EVERY_US 100000
#define BAR      30

void n1_progress_start(struct n1_progress *progress, const char *what)
{
    *progress = (struct n1_progress){
        .what = what,
        .start_us = g_get_monotonic_time(),
        .is_terminal = isatty(STDERR_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0,
    };
}

void n1_progress_step(void *data, uint64_t done, uint64_t all)
{
    struct n1_progress *p = data;
    int64_t now = p->is_terminal ? g_get_monotonic_time() : 0;
    if (!p->is_terminal || all == 0 || now - p->start_us < QUIET_US || now - p->shown_us < EVERY_US)
        return;
    double part = done >= all ? 1.0 : (double)done / (double)all;
    int filled = (int)(part * BAR);
    fprintf(stderr, "\r%s [%.*s%*s] %3d%%\033[K", p->what, filled, "##############################", BAR - filled, "",
            (int)(part * 100));
    fflush(stderr);
    p->shown_us = now;
    p->is_shown = true;
}

void n1_progress_finish(struct n1_progress *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_shown = false;
}
