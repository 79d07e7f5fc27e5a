# The html report; tests/browser shows the pages of html_emit to a parser and to a browser.
n1_unit_test(html html.c n1_reports PkgConfig::GLIB)
target_sources(unit_html PRIVATE html_models.c formats_models.c reports_models.c rendered.c)
add_executable(html_emit html_emit.c html_models.c formats_models.c reports_models.c)
target_link_libraries(html_emit PRIVATE n1_build n1_reports)
