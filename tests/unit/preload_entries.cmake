# The rarer entrances of SQLite, its extensions, and an SQLite that nobody can see.
add_library(sqlite_extension MODULE ${CMAKE_SOURCE_DIR}/tests/programs/sqlite_extension.c)
set_target_properties(sqlite_extension PROPERTIES PREFIX "" C_VISIBILITY_PRESET default
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/victims)
target_include_directories(sqlite_extension PRIVATE ${SQLITE3_INCLUDE_DIRS})
function(n1_sqlite_entries name)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/tests/programs/sqlite_entries.c)
  target_compile_options(${name} PRIVATE -g)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/victims)
  target_link_libraries(${name} PRIVATE ${ARGN})
endfunction()
n1_sqlite_entries(sqlite_entries PkgConfig::SQLITE3)

n1_unit_test(preload_entries preload_entries.c n1_trace)
target_sources(unit_preload_entries PRIVATE preload_recording.c)
target_compile_definitions(unit_preload_entries PRIVATE N1_TEST_SHIM="$<TARGET_FILE:n1prof_preload>"
  N1_TEST_SQLITE_ENTRIES="$<TARGET_FILE:sqlite_entries>" N1_TEST_EXTENSION="$<TARGET_FILE:sqlite_extension>")
add_dependencies(unit_preload_entries n1prof_preload n1prof_audit sqlite_entries sqlite_extension)
if(SQLITE3_ARCHIVE)
  n1_sqlite_entries(sqlite_entries_static ${SQLITE3_ARCHIVE} m)
  target_include_directories(sqlite_entries_static PRIVATE ${SQLITE3_INCLUDE_DIRS})
  target_compile_definitions(unit_preload_entries PRIVATE N1_TEST_STATIC="$<TARGET_FILE:sqlite_entries_static>")
  add_dependencies(unit_preload_entries sqlite_entries_static)
endif()
