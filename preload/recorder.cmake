# The recorder's rooms; those of the stacks group are in stacks.cmake.
set(N1_RECORDER_SOURCES process.c clock.c memory.c place.c stream.c ring.c dictionary.c text.c map.c thread.c real.c redirect.c hidden.c execution.c
  cells.c sqlite.c hooks_sqlite_open.c hooks_sqlite_prepare.c hooks_sqlite_bind.c hooks_sqlite_step.c
  hooks_sqlite_column.c hooks_sqlite_script.c libpq.c libpq_names.c libpq_value.c hooks_libpq_connect.c hooks_libpq_exec.c
  hooks_libpq_send.c hooks_rights.c mark.c)
target_sources(n1prof_preload PRIVATE ${N1_RECORDER_SOURCES})
# Headers only: nothing of either library is linked.
target_include_directories(n1prof_preload PRIVATE ${SQLITE3_INCLUDE_DIRS} ${LIBPQ_INCLUDE_DIRS})
target_link_libraries(n1prof_preload PRIVATE n1_trace_encode_shim n1_sql_lex_shim)

# The auditor: no C library, nothing of the shim but one room that reads symbol tables.
add_library(n1prof_audit SHARED audit.c modules_symbol.c)
set_target_properties(n1prof_audit PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${N1_SHIM_DIR})
target_link_libraries(n1prof_audit PRIVATE n1_warnings)
target_compile_options(n1prof_audit PRIVATE -O2 -ffreestanding -fno-builtin -fno-stack-protector
  -U_FORTIFY_SOURCE -fvisibility=hidden)
target_link_options(n1prof_audit PRIVATE -nostdlib -Wl,-z,defs -Wl,-z,now)
