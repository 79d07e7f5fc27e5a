#include "analyzer/suppress.h"

#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MOST_BYTES = 16 << 20, LINES_MOST = 64 };

#define ALL_KINDS ((1U << N1_KINDS) - 1)

enum part { PART_FUNCTION, PART_SOURCE, PART_MODULE, PART_ANY_FRAMES };

struct frame_line {
    enum part part;
    const char *glob;
};

struct stanza {
    struct n1_suppression about; /* first: what the caller sees */
    unsigned kinds;
    uint64_t until_ns; /* CLOCK_REALTIME from which it counts no more; 0: for ever */
    const char *sql;   /* glob, or NULL */
    GArray *frames;    /* of struct frame_line */
    const char *words; /* suppressed_by */
};

struct n1_suppressions {
    char *file;
    GPtrArray *stanza;
    GStringChunk *strings;
};

/* ---- matching ------------------------------------------------------------------------------------------------------------ */

/* `*` and `?`; without backtracking beyond the last star, so that no pattern takes long. */
static bool matches(const char *glob, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (*glob == '*') {
            star = glob++;
            from = text;
        } else if (*glob == '?' || *glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star + 1;
            text = ++from;
        } else
            return false;
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

/* A relative pattern is tried on the whole name and behind each slash of it: "blog/a.py" is ".../blog/a.py". */
static bool matches_file(const char *glob, const char *file)
{
    bool found = matches(glob, file);
    for (const char *slash = strchr(file, '/'); slash && !found; slash = strchr(slash + 1, '/'))
        found = matches(glob, slash + 1);
    return found;
}

static bool matches_frame(const struct frame_line *line, const struct n1_frame *f)
{
    switch (line->part) {
    case PART_FUNCTION: return matches(line->glob, f->function && *f->function ? f->function : "?");
    case PART_SOURCE: return f->file && matches_file(line->glob, f->file);
    case PART_MODULE: return f->module && matches_file(line->glob, f->module);
    default: return true;
    }
}

/* The same with frames for letters and "..." for stars; the end of the stack is free. */
static bool matches_stack(const struct stanza *s, const GPtrArray *frames)
{
    guint l = 0, f = 0, star = G_MAXUINT, from = 0;
    while (l < s->frames->len) {
        const struct frame_line *line = &g_array_index(s->frames, struct frame_line, l);
        if (line->part == PART_ANY_FRAMES) {
            star = l++;
            from = f;
        } else if (f < frames->len && matches_frame(line, g_ptr_array_index(frames, f))) {
            l++;
            f++;
        } else if (star != G_MAXUINT && from < frames->len) {
            l = star + 1;
            f = ++from;
        } else
            return false;
    }
    return true;
}

static bool matches_finding(const struct stanza *s, const struct n1_finding *f, const GPtrArray *frames)
{
    return (s->kinds >> f->kind & 1) != 0 && (!s->sql || matches(s->sql, f->child.sql ? f->child.sql : "")) &&
           matches_stack(s, frames);
}

static GPtrArray *user_frames(const struct n1_stack *stack)
{
    GPtrArray *frames = g_ptr_array_new();
    for (int only_user = 1; only_user >= 0 && frames->len == 0; only_user--)
        for (size_t i = 0; i < stack->count; i++)
            if (stack->frame[i].is_user_code || !only_user)
                g_ptr_array_add(frames, (gpointer)(uintptr_t)&stack->frame[i]);
    return frames;
}

void n1_suppress(struct n1_report *report, struct n1_suppressions *suppressions)
{
    for (size_t i = 0; i < report->n_findings; i++) {
        /* The pass before the report is handed on: its findings are still ours to change. */
        struct n1_finding *f = (struct n1_finding *)(uintptr_t)&report->finding[i];
        GPtrArray *frames = user_frames(&f->child.stack);
        for (guint k = 0; k < suppressions->stanza->len; k++) {
            struct stanza *s = g_ptr_array_index(suppressions->stanza, k);
            if (!matches_finding(s, f, frames))
                continue;
            if (s->until_ns > 0 && report->started_unix_ns >= s->until_ns) {
                s->about.has_expired = true;
                continue;
            }
            s->about.used++;
            if (f->is_suppressed)
                continue;
            f->is_suppressed = true;
            f->suppressed_by = s->words;
        }
        g_ptr_array_free(frames, TRUE);
    }
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

struct reader {
    struct n1_suppressions *into;
    struct stanza *stanza; /* the open one, or NULL */
    int line, in_stanza;   /* numbers: of the file; within the stanza, 0 the brace */
    struct n1_error *err;
};

static int refuse(const struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int refuse(const struct reader *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *what = g_strdup_vprintf(format, args);
    va_end(args);
    int rc = n1_error_set(r->err, N1_ERROR_FORMAT, r->into->file, "%s:%d: %s; see docs/suppressions.md", r->into->file,
                          r->line, what);
    g_free(what);
    return rc;
}

static const char *keep(const struct reader *r, const char *text)
{
    return g_string_chunk_insert(r->into->strings, text);
}

static int read_kinds(const struct reader *r, const char *text)
{
    if (!g_str_has_prefix(text, "n1prof:"))
        return refuse(r, "the second line of a stanza is n1prof:KIND, not '%.60s'", text);
    char **names = g_strsplit(text + strlen("n1prof:"), ",", -1);
    int rc = names[0] ? 0 : refuse(r, "n1prof: without a kind");
    for (char **name = names; *name && rc == 0; name++) {
        unsigned kind = 0;
        g_strstrip(*name);
        while (kind < N1_KINDS && strcmp(*name, n1_kind_name((enum n1_kind)kind)) != 0)
            kind++;
        if (kind < N1_KINDS)
            r->stanza->kinds |= 1U << kind;
        else if (strcmp(*name, "*") == 0)
            r->stanza->kinds = ALL_KINDS;
        else
            rc = refuse(r, "there is no kind of finding '%.60s'", *name);
    }
    g_strfreev(names);
    return rc;
}

static int read_until(const struct reader *r, const char *text)
{
    GDateTime *day = NULL;
    int year, month, date, length = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &date, &length) == 3 && length == 10 && text[length] == '\0')
        day = g_date_time_new_utc(year, month, date, 0, 0, 0);
    if (!day || g_date_time_to_unix(day) < 0) {
        g_clear_pointer(&day, g_date_time_unref);
        return refuse(r, "until: wants a date like 2026-12-31, not '%.60s'", text);
    }
    r->stanza->until_ns = ((uint64_t)g_date_time_to_unix(day) + 24 * 60 * 60) * 1000000000U;
    g_date_time_unref(day);
    return 0;
}

static int read_reason(const struct reader *r, const char *text)
{
    r->stanza->about.reason = keep(r, text);
    return *text ? 0 : refuse(r, "reason: without a reason");
}

static int read_sql(const struct reader *r, const char *text)
{
    r->stanza->sql = keep(r, text);
    return *text ? 0 : refuse(r, "sql: without a pattern");
}

static int read_frame(const struct reader *r, enum part part, const char *glob)
{
    struct frame_line line = {.part = part, .glob = keep(r, glob)};
    if (!*glob && part != PART_ANY_FRAMES)
        return refuse(r, "a frame without a pattern");
    g_array_append_val(r->stanza->frames, line);
    return 0;
}

static int read_function(const struct reader *r, const char *text)
{
    return read_frame(r, PART_FUNCTION, text);
}

static int read_source(const struct reader *r, const char *text)
{
    return read_frame(r, PART_SOURCE, text);
}

static int read_module(const struct reader *r, const char *text)
{
    return read_frame(r, PART_MODULE, text);
}

static const struct {
    const char *prefix;
    int (*read)(const struct reader *r, const char *text);
} fields[] = {
    {"reason:", read_reason}, {"until:", read_until}, {"sql:", read_sql},
    {"fun:", read_function},  {"src:", read_source},  {"obj:", read_module},
};

static int read_field(const struct reader *r, const char *text)
{
    if (strcmp(text, "...") == 0)
        return read_frame(r, PART_ANY_FRAMES, "");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (!g_str_has_prefix(text, fields[i].prefix))
            continue;
        const char *value = text + strlen(fields[i].prefix);
        while (*value == ' ' || *value == '\t')
            value++;
        return fields[i].read(r, value);
    }
    return refuse(r, "reason:, until:, fun:, src:, obj:, sql: or ... was expected, not '%.60s'", text);
}

static void free_stanza(gpointer data)
{
    struct stanza *s = data;
    g_array_unref(s->frames);
    g_free(s);
}

static int close_stanza(struct reader *r)
{
    struct stanza *s = r->stanza;
    bool has_frame = false;
    for (guint i = 0; i < s->frames->len; i++)
        has_frame |= g_array_index(s->frames, struct frame_line, i).part != PART_ANY_FRAMES;
    if (!s->about.name || s->kinds == 0)
        return refuse(r, "a stanza begins with a name and n1prof:KIND");
    if (!s->about.reason)
        return refuse(r, "the stanza '%.60s' has no reason: line", s->about.name);
    if (!has_frame && !s->sql)
        return refuse(r, "the stanza '%.60s' names no frame and no sql: it would hide everything", s->about.name);
    char *words = g_strdup_printf("%s: %s", s->about.name, s->about.reason);
    s->words = keep(r, words);
    g_free(words);
    g_ptr_array_add(r->into->stanza, s);
    r->stanza = NULL;
    return 0;
}

static int read_line(struct reader *r, const char *text)
{
    if (!*text || *text == '#')
        return 0;
    if (!r->stanza) {
        if (strcmp(text, "{") != 0)
            return refuse(r, "'{' was expected, not '%.60s'", text);
        r->stanza = g_new0(struct stanza, 1);
        r->stanza->frames = g_array_new(FALSE, TRUE, sizeof(struct frame_line));
        r->stanza->about.line = r->line;
        r->in_stanza = 0;
        return 0;
    }
    if (strcmp(text, "}") == 0)
        return close_stanza(r);
    if (++r->in_stanza > LINES_MOST)
        return refuse(r, "a stanza of more than %d lines", LINES_MOST);
    if (r->in_stanza == 1) {
        r->stanza->about.name = keep(r, text);
        return 0;
    }
    return r->in_stanza == 2 ? read_kinds(r, text) : read_field(r, text);
}

static bool is_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < 0x20 && !strchr("\n\r\t", text[i])) || text[i] == 0x7f || text[i] == '\0')
            return false;
    return g_utf8_validate(text, (gssize)length, NULL);
}

struct n1_suppressions *n1_suppressions_parse(const char *file, const char *text, size_t length, struct n1_error *err)
{
    struct n1_suppressions *s = g_new0(struct n1_suppressions, 1);
    struct reader r = {.into = s, .err = err};
    int rc = 0;
    s->file = g_strdup(file);
    s->stanza = g_ptr_array_new_with_free_func(free_stanza);
    s->strings = g_string_chunk_new(1024);
    if (!is_text(text, length))
        rc = n1_error_set(err, N1_ERROR_FORMAT, file, "%s: it is no file of suppressions: no plain text", file);
    char *copy = g_strndup(rc == 0 ? text : "", length), **lines = g_strsplit(copy, "\n", -1);
    for (char **line = lines; *line && rc == 0; line++) {
        r.line++;
        rc = read_line(&r, g_strstrip(*line));
    }
    if (rc == 0 && r.stanza)
        rc = refuse(&r, "the stanza that begins in line %d has no '}'", r.stanza->about.line);
    g_strfreev(lines);
    g_free(copy);
    if (r.stanza)
        free_stanza(r.stanza);
    if (rc == 0)
        return s;
    n1_suppressions_free(s);
    return NULL;
}

struct n1_suppressions *n1_suppressions_read(const char *file, struct n1_error *err)
{
    char *text = NULL;
    gsize length = 0;
    struct stat st;
    struct n1_suppressions *s = NULL;
    if (stat(file, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size > FILE_MOST_BYTES))
        n1_error_set(err, N1_ERROR_FORMAT, file, "%s: it is no file of suppressions", file);
    else if (!g_file_get_contents(file, &text, &length, NULL))
        n1_error_set(err, N1_ERROR_SYSTEM, file, "%s: cannot read the suppressions: %s", file, g_strerror(errno));
    else
        s = n1_suppressions_parse(file, text, length, err);
    g_free(text);
    return s;
}

void n1_suppressions_free(struct n1_suppressions *s)
{
    if (!s)
        return;
    g_ptr_array_free(s->stanza, TRUE);
    g_string_chunk_free(s->strings);
    g_free(s->file);
    g_free(s);
}

size_t n1_suppressions_count(const struct n1_suppressions *s)
{
    return s->stanza->len;
}

const struct n1_suppression *n1_suppressions_at(const struct n1_suppressions *s, size_t i)
{
    return &((const struct stanza *)g_ptr_array_index(s->stanza, (guint)i))->about;
}

const char *n1_suppressions_file(const struct n1_suppressions *s)
{
    return s->file;
}
