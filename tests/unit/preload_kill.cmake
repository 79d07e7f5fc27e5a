# SIGKILL at random moments against a counter in shared memory.
add_executable(counts ${CMAKE_SOURCE_DIR}/tests/programs/counts.c)
target_compile_definitions(counts PRIVATE _GNU_SOURCE)
target_link_libraries(counts PRIVATE PkgConfig::SQLITE3 Threads::Threads)
set_target_properties(counts PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/victims)
n1_unit_test(preload_kill preload_kill.c n1_trace)
target_sources(unit_preload_kill PRIVATE preload_recording.c)
target_compile_definitions(unit_preload_kill PRIVATE N1_TEST_SHIM="$<TARGET_FILE:n1prof_preload>"
  N1_TEST_COUNTS="$<TARGET_FILE:counts>")
add_dependencies(unit_preload_kill n1prof_preload counts)
