# The stacks half of the shim, linked into test programs with doubles of the recorder's half. The victims are compiled the way
# their names say, without sanitizers: what their frames look like is the point.
find_library(UNWIND_SHARED NAMES unwind)

foreach(shape "o0;-O0" "o2;-O2;-fomit-frame-pointer" "o3;-O3" "fp;-O2;-fno-omit-frame-pointer"
    "wide;-O3;-fno-omit-frame-pointer;-fstack-protector-all")
  list(POP_FRONT shape name)
  add_library(stack_shapes_${name} OBJECT stack_shapes.c)
  target_link_libraries(stack_shapes_${name} PRIVATE n1_warnings)
  target_compile_definitions(stack_shapes_${name} PRIVATE N1_SHAPES=${name})
  target_compile_options(stack_shapes_${name} PRIVATE ${shape} -fexceptions)
  list(APPEND N1_STACK_SHAPES $<TARGET_OBJECTS:stack_shapes_${name}>)
endforeach()

# C++, for what its exceptions do to the frames of C between them. scripts/test installs a compiler; a mere build may lack it.
include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
  enable_language(CXX)
  add_library(stack_throws OBJECT stack_throws.cc)
  target_compile_options(stack_throws PRIVATE -O2 -Wall -Wextra -Werror)
endif()

add_library(stack_doubles OBJECT stack_doubles.c)
target_link_libraries(stack_doubles PRIVATE n1_warnings)

add_executable(unit_stack_walk stack_walk.c ${N1_STACK_SHAPES} $<TARGET_OBJECTS:stack_doubles>
  $<TARGET_OBJECTS:n1prof_stacks>)
target_compile_options(unit_stack_walk PRIVATE -fexceptions)
if(TARGET stack_throws)
  target_sources(unit_stack_walk PRIVATE $<TARGET_OBJECTS:stack_throws>)
  target_compile_definitions(unit_stack_walk PRIVATE N1_TEST_CXX)
endif()
target_link_libraries(unit_stack_walk PRIVATE n1_warnings n1_trace_encode_shim ${UNWIND_SHARED} PkgConfig::CMOCKA
  Threads::Threads)
add_test(NAME unit.stack_walk COMMAND unit_stack_walk)
set_tests_properties(unit.stack_walk PROPERTIES TIMEOUT 300)

# Python's frames: against Python itself, with the interpreter of the system and whatever others of the versions that python_layout.h
# knows are on the path or were made by pyenv.
add_library(stack_probe SHARED stack_probe.c $<TARGET_OBJECTS:stack_doubles> $<TARGET_OBJECTS:n1prof_stacks>)
target_link_libraries(stack_probe PRIVATE n1_warnings n1_trace_encode_shim Threads::Threads)
set(N1_PYTHONS_FOUND /usr/bin/python3)
foreach(minor RANGE 9 13)
  file(GLOB others $ENV{HOME}/.pyenv/versions/3.${minor}.*/bin/python3.${minor})
  find_program(N1_PYTHON_3_${minor} python3.${minor})
  if(N1_PYTHON_3_${minor})
    list(APPEND others ${N1_PYTHON_3_${minor}})
  endif()
  foreach(other IN LISTS others)
    execute_process(COMMAND ${other} -c "import sqlite3, ctypes, sys; print(sys.version_info[1])" OUTPUT_VARIABLE runs
      ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    file(REAL_PATH ${other} real)
    file(REAL_PATH /usr/bin/python3 system)
    if(runs STREQUAL minor AND NOT real STREQUAL system)
      list(APPEND N1_PYTHONS_FOUND ${other})
      break()
    endif()
  endforeach()
endforeach()
set(N1_PYTHONS "${N1_PYTHONS_FOUND}" CACHE STRING "Python interpreters whose frames the tests read")
foreach(python IN LISTS N1_PYTHONS)
  string(MAKE_C_IDENTIFIER "${python}" name)
  add_test(NAME unit.stack_python.${name}
    COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/stack_python.py $<TARGET_FILE:stack_probe>)
  set_tests_properties(unit.stack_python.${name} PROPERTIES TIMEOUT 120)
endforeach()

# Prints figures, judges nothing: not a test.
add_executable(bench_stack stack_speed.c $<TARGET_OBJECTS:stack_doubles> $<TARGET_OBJECTS:n1prof_stacks>)
target_compile_options(bench_stack PRIVATE -O2)
target_link_libraries(bench_stack PRIVATE n1_warnings n1_trace_encode_shim ${UNWIND_SHARED} Threads::Threads)

foreach(plugin a b)
  add_library(stack_plugin_${plugin} MODULE stack_plugin.c)
  target_link_libraries(stack_plugin_${plugin} PRIVATE n1_warnings)
endforeach()
add_executable(unit_stack_modules stack_modules.c $<TARGET_OBJECTS:stack_doubles> $<TARGET_OBJECTS:n1prof_stacks>)
target_link_libraries(unit_stack_modules PRIVATE n1_warnings n1_trace_encode_shim ${CMAKE_DL_LIBS} PkgConfig::CMOCKA
  Threads::Threads)
add_test(NAME unit.stack_modules COMMAND unit_stack_modules $<TARGET_FILE:stack_plugin_a> $<TARGET_FILE:stack_plugin_b>)
set_tests_properties(unit.stack_modules PROPERTIES TIMEOUT 120)
