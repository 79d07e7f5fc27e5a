#include "analyzer/gate/tolerance.h"

#include <glib.h>
#include <string.h>

bool n1_tolerance_parse(struct n1_tolerance *t, const char *text)
{
    *t = (struct n1_tolerance){0};
    if (!text)
        return true;
    if (strcmp(text, "any") == 0) {
        t->is_any = true;
        return true;
    }
    size_t length = strlen(text);
    if (length > 12)
        return false;
    const char *digits = text + (text[0] == '+');
    char *end;
    if (!g_ascii_isdigit(*digits))
        return false;
    if (length > 1 && text[length - 1] == '%') {
        t->percent = g_ascii_strtod(digits, &end);
        return end == text + length - 1 && t->percent <= 1e6;
    }
    t->more = g_ascii_strtoull(digits, &end, 10);
    return text[0] == '+' && *end == '\0';
}

bool n1_tolerance_allows(const struct n1_tolerance *t, double accepted, uint64_t executions)
{
    double limit = accepted * (1 + t->percent / 100) + (double)t->more;
    /* A slope of 0.1 times 30 rows is not quite 3. */
    return t->is_any || (double)executions <= limit * (1 + 1e-9);
}
