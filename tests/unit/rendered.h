/* A report as the text that its format makes of it. */
#ifndef TESTS_UNIT_RENDERED_H
#define TESTS_UNIT_RENDERED_H

#include "reports/report.h"

/* The caller frees it. size: in bytes, without the zero at the end. */
char *rendered(const struct n1_report_format *format, const struct n1_report *report,
               const struct n1_report_options *options, size_t *size);
/* The file of that name in folder holds just this text; N1_UPDATE_GOLDEN=1 writes it. */
void assert_golden(const char *folder, const char *name, const char *text, size_t size);
size_t count_of(const char *text, const char *part);

#endif
