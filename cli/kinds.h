/* docs/kinds/NAME.md and docs/actions.md, as they were when the program was built (cli/embed.cmake). */
#ifndef N1_CLI_KINDS_H
#define N1_CLI_KINDS_H

struct n1_kind_page {
    const char *name; /* "n_plus_one" */
    const char *text; /* Markdown */
};

extern const struct n1_kind_page n1_kind_pages[]; /* in the order of enum n1_kind; ends with a NULL name */
extern const char n1_actions_page[];              /* one section "## NAME" an action */

#endif
