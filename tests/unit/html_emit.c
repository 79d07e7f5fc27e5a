/* Writes html reports of many models into a folder, for tests/browser: MODEL.html. Source lines are quoted from this file's own
 * folder in sources.html. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/report.h"
#include "tests/unit/formats_models.h"
#include "tests/unit/html_models.h"
#include "tests/unit/reports_models.h"

static void emit(const char *folder, const char *model, const struct n1_report *report,
                 struct n1_report_options options)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.html", folder, model);
    FILE *out = fopen(path, "w");
    if (!out || n1_report_html.write(out, report, &options) != 0 || fclose(out) != 0) {
        perror(path);
        exit(1);
    }
}

/* A finding whose places are lines of a file that is there. */
static void emit_sources(const char *folder, const char *root)
{
    struct n1_report report = *report_models[0].report;
    struct n1_finding finding = report.finding[0];
    finding.child.location = (struct n1_location){"tests/unit/html_emit.c", 30, "emit_sources"};
    finding.parent.location = (struct n1_location){"tests/unit/html_emit.c", 12, "emit"};
    report.working_directory = root;
    report.finding = &finding;
    report.n_findings = 1;
    emit(folder, "sources", &report, (struct n1_report_options){.read_sources = true});
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    const char *folder = argv[1];
    for (const struct report_model *m = report_models; m->name; m++)
        emit(folder, m->name, m->report, (struct n1_report_options){0});
    emit(folder, "places", &formats_places, (struct n1_report_options){.root = formats_places_root});
    emit_sources(folder, argv[2]);
    const char *const *hostile = report_hostile_strings();
    for (size_t i = 0; hostile[i]; i++) {
        char name[32];
        snprintf(name, sizeof name, "hostile-%02zu", i);
        const struct n1_report *report = report_made_of(hostile[i]);
        emit(folder, name, report, (struct n1_report_options){.before = report});
    }
    emit(folder, "program", html_program(40, 4400), (struct n1_report_options){0});
    const struct n1_report *earlier = html_earlier();
    emit(folder, "compared", html_program(8, 88), (struct n1_report_options){.before = earlier});
    emit(folder, "big", html_program(6000, 200000), (struct n1_report_options){.before = report_models[0].report});
    return 0;
}
