# The recorder's rooms; those of the stacks group are in stacks.cmake.
set(N1_RECORDER_SOURCES
  base/process.c base/memory.c base/clock.c base/map.c base/environment.c         # one process
  base/place.c base/stream.c base/dictionary.c base/text.c base/arena.c           # the recording's files
  binding/real.c binding/bound.c binding/hidden.c                                 # which copy of a library is meant
  recorder/generation.c recorder/thread.c recorder/ring.c                         # who records, and where
  recorder/execution.c recorder/window.c recorder/cells.c                         # one statement's run
  hooks/sqlite.c hooks/sqlite_open.c hooks/sqlite_statement.c hooks/sqlite_prepare.c hooks/sqlite_bind.c hooks/sqlite_step.c hooks/sqlite_column.c
  hooks/sqlite_script.c hooks/sqlite_trace.c hooks/sqlite_inside.c
  hooks/libpq.c hooks/libpq_names.c hooks/libpq_sql.c hooks/libpq_value.c hooks/libpq_connect.c hooks/libpq_exec.c hooks/libpq_send.c
  hooks/rights.c hooks/redirect.c mark.c shim.c)
target_sources(n1prof_preload PRIVATE ${N1_RECORDER_SOURCES})
# Headers only: nothing of either library is linked.
target_include_directories(n1prof_preload PRIVATE ${SQLITE3_INCLUDE_DIRS} ${LIBPQ_INCLUDE_DIRS})
target_link_libraries(n1prof_preload PRIVATE n1_trace_encode_shim n1_sql_lex_shim)

# The auditor: no C library, nothing of the shim but one room that reads symbol tables.
add_library(n1prof_audit SHARED binding/audit.c binding/modules_symbol.c)
set_target_properties(n1prof_audit PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${N1_SHIM_DIR})
target_link_libraries(n1prof_audit PRIVATE n1_warnings)
target_compile_options(n1prof_audit PRIVATE -O2 -ffreestanding -fno-builtin -fno-stack-protector
  -U_FORTIFY_SOURCE -fvisibility=hidden)
target_link_options(n1prof_audit PRIVATE -nostdlib -Wl,-z,defs -Wl,-z,now)
