# The report formats that machines read.
foreach(test formats_golden formats_limits formats_quoting)
  n1_unit_test(${test} ${test}.c n1_reports PkgConfig::GLIB PkgConfig::JANSSON)
  target_sources(unit_${test} PRIVATE formats_models.c reports_models.c rendered.c)
endforeach()
target_compile_definitions(unit_formats_golden PRIVATE N1_GOLDEN_DIR="${CMAKE_SOURCE_DIR}/tests/golden/formats")

# Against the schemas of their readers; skipped where Python's jsonschema or xmllint is missing.
add_executable(formats_emit formats_emit.c formats_models.c reports_models.c)
target_link_libraries(formats_emit PRIVATE n1_build n1_reports)
add_test(NAME unit.formats_valid COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/formats_validate.py
  $<TARGET_FILE:formats_emit> ${CMAKE_SOURCE_DIR}/docs/schemas)
set_tests_properties(unit.formats_valid PROPERTIES TIMEOUT 120 SKIP_RETURN_CODE 77)
