# The stacks half of the shim: unwinding, script frames, and the caches that make both cheap.
set(N1_STACK_SOURCES
  frames.c
  modules.c
  modules_symbol.c
  node.c
  perl.c
  php.c
  python.c
  python_call.c
  python_line.c
  python_text.c
  ruby.c
  stack.c
  stack_cold.c
  stack_memory.c
  stack_merge.c
  stack_paths.c
  stack_table.c
  unwind.c
  unwind_cfi.c
  unwind_expression.c
  unwind_full.c)
list(TRANSFORM N1_STACK_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)

add_library(n1prof_stacks OBJECT ${N1_STACK_SOURCES})
target_link_libraries(n1prof_stacks PRIVATE n1_build_shim)
target_sources(n1prof_preload PRIVATE $<TARGET_OBJECTS:n1prof_stacks>)
