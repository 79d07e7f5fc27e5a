#include "reports/json_model.h"
#include "reports/report.h"

static int write_json(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    (void)options;
    json_t *root = n1_report_to_json(report);
    int rc = json_dumpf(root, out, JSON_INDENT(1));
    json_decref(root);
    return rc == 0 && fputc('\n', out) != EOF ? 0 : -1;
}

const struct n1_report_format n1_report_json = {
    .name = "json",
    .description = "one object, for programs (schema n1prof-report/1)",
    .write = write_json,
};
