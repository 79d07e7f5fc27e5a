/* The style and the script of the HTML report (reports/assets/), embedded when the program is built: see embed.cmake. */
#ifndef N1_REPORTS_HTML_ASSETS_H
#define N1_REPORTS_HTML_ASSETS_H

extern const char n1_html_style[], n1_html_script[]; /* text, NUL-terminated */

#endif
