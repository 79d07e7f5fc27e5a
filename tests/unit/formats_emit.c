/* Writes every format of every model, and of every hostile string in every place, into a folder, for formats_validate.py:
 * MODEL.FORMAT, hostile-NN.FORMAT. */
#include <stdio.h>
#include <stdlib.h>

#include "reports/report.h"
#include "tests/unit/formats_models.h"
#include "tests/unit/reports_models.h"

static void emit(const char *folder, const char *model, const struct n1_report *report, const char *root)
{
    struct n1_report_options options = {.root = root};
    for (size_t i = 0; n1_report_formats[i]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.%s", folder, model, n1_report_formats[i]->name);
        FILE *out = fopen(path, "w");
        if (!out || n1_report_formats[i]->write(out, report, &options) != 0 || fclose(out) != 0) {
            perror(path);
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (const struct report_model *m = report_models; m->name; m++)
        emit(argv[1], m->name, m->report, NULL);
    emit(argv[1], "places", &formats_places, formats_places_root);
    emit(argv[1], "single", formats_single(), formats_places_root);
    emit(argv[1], "many", formats_many(60), formats_places_root);
    const char *const *hostile = report_hostile_strings();
    for (size_t i = 0; hostile[i]; i++) {
        char name[32];
        snprintf(name, sizeof name, "hostile-%02zu", i);
        emit(argv[1], name, report_made_of(hostile[i]), NULL);
    }
    return 0;
}
