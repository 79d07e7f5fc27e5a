# The recorder: its rooms linked into a test (sanitized as the test is), and the real shim under real programs. The programs
# are never sanitized, as the shim is not.
set(N1_RECORDER_CORE
  base/process.c recorder/generation.c recorder/thread.c base/memory.c base/clock.c base/map.c base/environment.c base/place.c base/stream.c
  recorder/ring.c base/dictionary.c base/text.c base/arena.c recorder/execution.c recorder/window.c recorder/cells.c binding/real.c binding/bound.c
  binding/modules_symbol.c hooks/sqlite.c hooks/sqlite_statement.c hooks/libpq.c hooks/libpq_names.c hooks/libpq_sql.c hooks/libpq_value.c)
list(TRANSFORM N1_RECORDER_CORE PREPEND ${CMAKE_SOURCE_DIR}/preload/)
n1_unit_test(preload_core preload_core.c n1_trace n1_trace_encode n1_sql_lex Threads::Threads)
target_sources(unit_preload_core PRIVATE preload_recording.c ${N1_RECORDER_CORE})
target_include_directories(unit_preload_core PRIVATE ${SQLITE3_INCLUDE_DIRS} ${LIBPQ_INCLUDE_DIRS})
target_compile_definitions(unit_preload_core PRIVATE N1_TEST_SHIM="")
set_tests_properties(unit.preload_core PROPERTIES LABELS threads)
n1_unit_test(preload_values preload_values.c n1_trace n1_trace_encode n1_sql_lex Threads::Threads)
target_sources(unit_preload_values PRIVATE ${N1_RECORDER_CORE})
target_include_directories(unit_preload_values PRIVATE ${SQLITE3_INCLUDE_DIRS} ${LIBPQ_INCLUDE_DIRS})

foreach(victim sqlite_calls libpq_calls)
  add_executable(${victim} ${CMAKE_SOURCE_DIR}/tests/programs/${victim}.c)
  target_compile_options(${victim} PRIVATE -g)
  target_compile_definitions(${victim} PRIVATE _GNU_SOURCE)
  set_target_properties(${victim} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/victims)
endforeach()
target_link_libraries(sqlite_calls PRIVATE PkgConfig::SQLITE3 Threads::Threads)
target_link_libraries(libpq_calls PRIVATE PkgConfig::LIBPQ Threads::Threads ${CMAKE_DL_LIBS})

n1_unit_test(preload_sqlite preload_sqlite.c n1_trace)
add_executable(unit_preload_libpq preload_libpq.c)
target_link_libraries(unit_preload_libpq PRIVATE n1_build n1_trace PkgConfig::CMOCKA)
n1_postgres_test(unit.preload_libpq 120 $<TARGET_FILE:unit_preload_libpq>)
set(N1_LIBPQ_DIR "" CACHE PATH "Folder of a libpq.so.5 newer than the system's, for the test of what libpq 17 brought")
target_compile_definitions(unit_preload_libpq PRIVATE N1_TEST_LIBPQ_DIR="${N1_LIBPQ_DIR}"
  N1_TEST_AUDIT="$<TARGET_FILE:n1prof_audit>")
add_dependencies(unit_preload_libpq n1prof_audit)
foreach(area sqlite libpq)
  string(TOUPPER ${area} upper)
  target_sources(unit_preload_${area} PRIVATE preload_recording.c)
  target_compile_definitions(unit_preload_${area} PRIVATE N1_TEST_SHIM="$<TARGET_FILE:n1prof_preload>"
    N1_TEST_${upper}_CALLS="$<TARGET_FILE:${area}_calls>")
  add_dependencies(unit_preload_${area} n1prof_preload ${area}_calls)
endforeach()

add_executable(sqlite_scans ${CMAKE_SOURCE_DIR}/tests/programs/sqlite_scans.c)
set_target_properties(sqlite_scans PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/victims)
target_link_libraries(sqlite_scans PRIVATE PkgConfig::SQLITE3 Threads::Threads)
n1_unit_test(preload_scans preload_scans.c n1_trace)
target_sources(unit_preload_scans PRIVATE preload_recording.c)
target_compile_definitions(unit_preload_scans PRIVATE N1_TEST_SHIM="$<TARGET_FILE:n1prof_preload>"
  N1_TEST_SQLITE_SCANS="$<TARGET_FILE:sqlite_scans>")
add_dependencies(unit_preload_scans n1prof_preload sqlite_scans)

# A copy of SQLite under another name that binds its calls to itself: what wheels and vendors ship.
find_library(SQLITE3_ARCHIVE NAMES libsqlite3.a)
if(SQLITE3_ARCHIVE)
  set(N1_SYMBOLIC ${CMAKE_BINARY_DIR}/bin/victims/libsqlite_symbolic.so)
  add_custom_command(OUTPUT ${N1_SYMBOLIC} DEPENDS sqlite_calls
    COMMAND ${CMAKE_C_COMPILER} -shared -o ${N1_SYMBOLIC} -Wl,-Bsymbolic,-soname,libsqlite_symbolic.so
            -Wl,--whole-archive ${SQLITE3_ARCHIVE} -Wl,--no-whole-archive -lm VERBATIM)
  add_custom_target(sqlite_symbolic DEPENDS ${N1_SYMBOLIC})
  add_executable(sqlite_calls_symbolic ${CMAKE_SOURCE_DIR}/tests/programs/sqlite_calls.c)
  add_dependencies(sqlite_calls_symbolic sqlite_symbolic)
  target_compile_definitions(sqlite_calls_symbolic PRIVATE _GNU_SOURCE)
  target_link_libraries(sqlite_calls_symbolic PRIVATE ${N1_SYMBOLIC} Threads::Threads)
  set_target_properties(sqlite_calls_symbolic PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/victims)
  target_compile_definitions(unit_preload_sqlite PRIVATE N1_TEST_SQLITE_SYMBOLIC="$<TARGET_FILE:sqlite_calls_symbolic>")
  add_dependencies(unit_preload_sqlite sqlite_calls_symbolic)
  # The same program as a plugin, on the system's library and on the copy.
  foreach(kind system symbolic)
    add_library(sqlite_plugin_${kind} MODULE ${CMAKE_SOURCE_DIR}/tests/programs/sqlite_calls.c)
    target_compile_definitions(sqlite_plugin_${kind} PRIVATE _GNU_SOURCE)
    target_compile_options(sqlite_plugin_${kind} PRIVATE -fvisibility=default)
    set_target_properties(sqlite_plugin_${kind} PROPERTIES PREFIX ""
      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/victims)
  endforeach()
  target_link_libraries(sqlite_plugin_system PRIVATE PkgConfig::SQLITE3 Threads::Threads)
  target_link_libraries(sqlite_plugin_symbolic PRIVATE ${N1_SYMBOLIC} Threads::Threads)
  add_dependencies(sqlite_plugin_symbolic sqlite_symbolic)
endif()
