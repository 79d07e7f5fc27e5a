# Expression text of the ORM, from bytes to SQL.
n1_fuzz_target(orm_expr orm_expr.c orm_test_models)

# The same with memory that runs out: an arena of its own, with a block for each piece.
n1_fuzz_target(orm_memory orm_memory.c orm_test_models)
set_source_files_properties(${CMAKE_SOURCE_DIR}/orm/arena.c PROPERTIES
  COMPILE_DEFINITIONS "ORM_ARENA_EXACT;calloc=orm_fuzz_calloc")
target_sources(fuzz_orm_memory PRIVATE ${CMAKE_SOURCE_DIR}/orm/arena.c)

# Lines of the shell.
n1_fuzz_target(orm_shell orm_shell.c orm_test_models)
foreach(n1room value statement eval logic python queryset object json table)
  target_sources(fuzz_orm_shell PRIVATE ${CMAKE_SOURCE_DIR}/orm/shell/${n1room}.c)
endforeach()
