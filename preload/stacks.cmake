# The stacks half of the shim: unwinding, script frames, and the caches that make both cheap.
set(N1_STACK_SOURCES
  stacks/stack.c stacks/stack_cold.c stacks/stack_merge.c stacks/stack_paths.c stacks/stack_table.c
  binding/modules.c binding/modules_symbol.c binding/readable.c
  stacks/unwind.c stacks/unwind_cfi.c stacks/unwind_expression.c stacks/unwind_full.c stacks/unwind_guess.c stacks/unwind_notes.c
  script/frames.c script/remembered.c
  script/python.c script/python_call.c script/python_freed.c script/python_line.c script/python_sign.c script/python_text.c
  script/ruby.c script/php.c script/perl.c script/node.c)
list(TRANSFORM N1_STACK_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)

add_library(n1prof_stacks OBJECT ${N1_STACK_SOURCES})
target_link_libraries(n1prof_stacks PRIVATE n1_build_shim)
target_sources(n1prof_preload PRIVATE $<TARGET_OBJECTS:n1prof_stacks>)
