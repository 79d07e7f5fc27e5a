# frames, reports, cli
n1_unit_test(frames frames.c n1_frames PkgConfig::GLIB)
target_sources(unit_frames PRIVATE frames_subject.c)
# The subject is optimised and has debug information in every build: the test looks for its inlined functions.
set_source_files_properties(frames_subject.c PROPERTIES COMPILE_OPTIONS "-O2;-g;-fno-sanitize=all;-fno-lto")
n1_unit_test(frames_user_code frames_user_code.c n1_frames)

n1_unit_test(reports_golden reports_golden.c n1_reports)
target_sources(unit_reports_golden PRIVATE reports_models.c rendered.c)
target_compile_definitions(unit_reports_golden PRIVATE N1_GOLDEN_DIR="${CMAKE_SOURCE_DIR}/tests/golden")
n1_unit_test(reports_hostile reports_hostile.c n1_reports PkgConfig::JANSSON)
target_sources(unit_reports_hostile PRIVATE reports_models.c rendered.c)

add_library(unit_cli_shim MODULE cli_shim.c)
target_link_libraries(unit_cli_shim PRIVATE n1_warnings)
n1_unit_test(cli_progress cli_progress.c n1_cli)
n1_unit_test(cli_commands cli_commands.c PkgConfig::GLIB)
add_dependencies(unit_cli_commands n1prof unit_cli_shim)
target_compile_definitions(unit_cli_commands PRIVATE N1_TEST_PROGRAM="$<TARGET_FILE:n1prof>"
  N1_TEST_SHIM="$<TARGET_FILE:unit_cli_shim>")
