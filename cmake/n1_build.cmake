# How everything here is compiled: C11, the house's warnings, hidden symbols. Link n1_build (programs and libraries)
# or n1_build_shim (the preload library: never sanitized, because it runs inside somebody else's process).
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(n1_warnings INTERFACE)
target_compile_options(n1_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wformat=2 -Wundef)
target_compile_definitions(n1_warnings INTERFACE _GNU_SOURCE N1_VERSION="${PROJECT_VERSION}")
target_include_directories(n1_warnings INTERFACE ${CMAKE_SOURCE_DIR})
if(N1_WERROR)
  target_compile_options(n1_warnings INTERFACE -Werror)
endif()

add_library(n1_build INTERFACE)
target_link_libraries(n1_build INTERFACE n1_warnings)
if(N1_SANITIZE)
  target_compile_options(n1_build INTERFACE -fsanitize=${N1_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(n1_build INTERFACE -fsanitize=${N1_SANITIZE})
endif()
if(N1_FUZZ) # what is fuzzed tells the fuzzer where it went
  target_compile_options(n1_build INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(N1_COVERAGE)
  target_compile_options(n1_build INTERFACE --coverage -O0)
  target_link_options(n1_build INTERFACE --coverage)
endif()

add_library(n1_build_shim INTERFACE)
target_link_libraries(n1_build_shim INTERFACE n1_warnings)
target_compile_options(n1_build_shim INTERFACE -ftls-model=initial-exec $<$<CONFIG:Release>:-O2> -fno-semantic-interposition -fno-plt
  -falign-functions=16 -falign-jumps=1 -falign-loops=1 -falign-labels=1)

# n1_fuzz_target(NAME SOURCE LIBRARY...): a libFuzzer program under the fuzz preset, and in every other build the same
# code replaying its corpus (tests/fuzz/corpus/NAME) as an ordinary test. The target fuzz_targets builds them all.
add_custom_target(fuzz_targets)
function(n1_fuzz_target name source)
  if(N1_FUZZ)
    add_executable(fuzz_${name} ${source})
    target_link_libraries(fuzz_${name} PRIVATE n1_build ${ARGN})
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(fuzz_${name} ${source} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c)
    target_link_libraries(fuzz_${name} PRIVATE n1_build ${ARGN})
    add_test(NAME fuzz.${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 60)
  endif()
  add_dependencies(fuzz_targets fuzz_${name})
endfunction()

# n1_unit_test(NAME SOURCE LIBRARY...): one cmocka group, one program, one ctest.
function(n1_unit_test name source)
  add_executable(unit_${name} ${source})
  target_link_libraries(unit_${name} PRIVATE n1_build ${ARGN} PkgConfig::CMOCKA)
  add_test(NAME unit.${name} COMMAND unit_${name})
  set_tests_properties(unit.${name} PROPERTIES TIMEOUT 120)
endfunction()

# A part of the program that is compiled with the program's other parts in sight: what happens for each event is called across files.
# Release builds only, for sanitizers and debuggers want functions as they were written. Objects hold plain code as well: tests are
# linked with that (-fno-lto), or each of them would compile the analyzer once more.
function(n1_whole_program target)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT N1_SANITIZE)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-flto=auto> $<$<CONFIG:Release>:-ffat-lto-objects>)
    target_link_options(${target} PRIVATE $<$<CONFIG:Release>:-flto=auto>)
  endif()
endfunction()

macro(n1_link_plainly) # all targets of the folder that calls, and below
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    add_link_options(-fno-lto)
  endif()
endmacro()
