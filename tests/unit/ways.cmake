# The ways of a program of tests/programs (the table in its source), but for those that end in mid-work: each is a test under memcheck and
# the sanitizers. n1_way_argument: what a way wants besides.
function(n1_program_ways program out)
  execute_process(COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/undisturbed.py ways ${program} OUTPUT_VARIABLE ways
    COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/programs/${program}.c)
  list(REMOVE_ITEM ways limited) # no file can be written there, the output among them
  set(${out} ${ways} PARENT_SCOPE)
endfunction()
function(n1_way_argument name way out)
  set(argument)
  if(way STREQUAL "extension")
    set(argument ${CMAKE_BINARY_DIR}/bin/victims/sqlite_extension.so)
  elseif(way STREQUAL "busy")
    set(argument ${CMAKE_CURRENT_BINARY_DIR}/${name}.db)
  endif()
  set(${out} ${argument} PARENT_SCOPE)
endfunction()
