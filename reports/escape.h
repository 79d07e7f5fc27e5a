/* Hostile text made harmless, for the formats that machines read. Two steps: clean it, then quote it for the format.
 *
 * Clean text is valid UTF-8 (each invalid byte becomes U+FFFD), without control characters but newline (a tab becomes blanks), direction
 * overrides, line separators and noncharacters (U+FFFD each), and no longer than asked for: what is cut off is announced at the
 * end with the length of the whole. The n1_append_… functions take clean text.
 *
 *     char *sql = n1_clean(statement->sql, N1_CLEAN_BODY);
 *     n1_append_xml(out, sql);
 *     g_free(sql);
 */
#ifndef N1_REPORTS_ESCAPE_H
#define N1_REPORTS_ESCAPE_H

#include <glib.h>
#include <jansson.h>
#include <stdint.h>

/* Bytes that are kept: of a name in a list, of a sentence, of SQL that a person reads, of SQL that a machine keeps. */
#define N1_CLEAN_LABEL 120
#define N1_CLEAN_WORDS 2000
#define N1_CLEAN_BODY  4000
#define N1_CLEAN_DATA  65536

/* g_free() the result. NULL gives "". At most `most` bytes and the mark. */
char *n1_clean(const char *text, size_t most);
/* The same in one line: runs of white space become one blank, none at the ends. */
char *n1_clean_line(const char *text, size_t most);
/* A line of N1_CLEAN_LABEL bytes at most, for a name in a list; the mark is three dots. */
char *n1_clean_label(const char *text);
/* The same for a path, cut at its front, at a slash when there is one near: the file's own name says most. */
char *n1_clean_path(const char *path);

/* Element content, or an attribute's value in quotes; readers of attributes take a line end for a blank. */
void n1_append_xml(GString *out, const char *clean);

/* Markdown (GitHub's and GitLab's). Words: one line of prose in which nothing is markup, a link, a mention or a reference. */
void n1_append_markdown(GString *out, const char *clean);
/* A <code> element for one line; stands in tables and summaries too, where backticks and pipes would meet. */
void n1_append_markdown_code(GString *out, const char *clean);
/* A fenced block with lines of its own before and behind; the fence is longer than any in the text. */
void n1_append_markdown_fence(GString *out, const char *clean, const char *language);

/* GitHub's workflow commands: the message behind "::", and the value of a property. */
void n1_append_workflow_data(GString *out, const char *clean);
void n1_append_workflow_property(GString *out, const char *clean);

/* JSON values, new references: cleaned text; a count, at most INT64_MAX. */
json_t *n1_json_text(const char *text, size_t most);
json_t *n1_json_count(uint64_t count);
/* a + b, at most UINT64_MAX: what comes out of a torn recording may be any number. */
uint64_t n1_count_add(uint64_t a, uint64_t b);

#endif
