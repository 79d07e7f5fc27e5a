#include "reports/json_model.h"
#include "reports/report.h"

struct sink {
    FILE *out;
    unsigned depth; /* of the value in the object: spaces behind each line's end */
};

/* A line's end inside a string is written as \\n, so each one here is the form's. */
static int put(const char *text, size_t size, void *data)
{
    const struct sink *sink = data;
    for (size_t i = 0; i < size; i++) {
        if (fputc(text[i], sink->out) == EOF)
            return -1;
        for (unsigned k = 0; text[i] == '\n' && k < sink->depth; k++)
            fputc(' ', sink->out);
    }
    return 0;
}

/* Takes the value. */
static void put_value(FILE *out, json_t *value, unsigned depth)
{
    struct sink sink = {out, depth};
    json_dump_callback(value, put, &sink, JSON_INDENT(1) | JSON_ENCODE_ANY);
    json_decref(value);
}

static void put_name(FILE *out, const char *name, bool is_first)
{
    fprintf(out, "%s\n \"%s\": ", is_first ? "" : ",", name);
}

static void put_list(FILE *out, const struct n1_report *report, const struct n1_json_member *member)
{
    const size_t all = member->count(report), count = all < N1_JSON_ELEMENTS_MAX ? all : N1_JSON_ELEMENTS_MAX;
    fputc('[', out);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "\n  " : ",\n  ", out);
        put_value(out, member->element(report, i), 2);
    }
    fputs(count > 0 ? "\n ]" : "]", out);
    if (count < all) {
        put_name(out, member->left_out, false);
        fprintf(out, "%zu", all - count);
    }
}

static int write_json(FILE *out, const struct n1_report *report, const struct n1_report_options *options)
{
    (void)options;
    fputc('{', out);
    for (const struct n1_json_member *member = n1_json_members; member->name != NULL; member++) {
        put_name(out, member->name, member == n1_json_members);
        if (member->value != NULL)
            put_value(out, member->value(report), 1);
        else
            put_list(out, report, member);
    }
    fputs("\n}\n", out);
    return ferror(out) ? -1 : 0;
}

const struct n1_report_format n1_report_json = {
    .name = "json",
    .description = "one object, for programs (schema n1prof-report/1)",
    .write = write_json,
};
