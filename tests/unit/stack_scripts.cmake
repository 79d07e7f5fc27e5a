# Script frames of Ruby, PHP and Perl, against what the interpreters themselves say. Each program loads the probe in its own way.
find_program(N1_RUBY ruby)
if(N1_RUBY)
  foreach(jit "" "--yjit")
    string(MAKE_C_IDENTIFIER "ruby${jit}" name)
    add_test(NAME unit.stack_${name}
      COMMAND ${N1_RUBY} ${jit} ${CMAKE_CURRENT_SOURCE_DIR}/stack_ruby.rb $<TARGET_FILE:stack_probe>)
    set_tests_properties(unit.stack_${name} PROPERTIES TIMEOUT 120)
  endforeach()
endif()

# With the optimiser's just-in-time compiler too; without the settings of the machine, where a request may have a limit.
find_program(N1_PHP php)
if(N1_PHP)
  foreach(jit disable tracing function)
    add_test(NAME unit.stack_php_${jit}
      COMMAND ${N1_PHP} -d ffi.enable=1 -d opcache.enable_cli=1 -d opcache.jit=${jit} -d opcache.jit_buffer_size=16M
        ${CMAKE_CURRENT_SOURCE_DIR}/stack_php.php $<TARGET_FILE:stack_probe>)
    set_tests_properties(unit.stack_php_${jit} PROPERTIES TIMEOUT 120)
  endforeach()
endif()

find_program(N1_PERL perl)
if(N1_PERL)
  add_test(NAME unit.stack_perl COMMAND ${N1_PERL} ${CMAKE_CURRENT_SOURCE_DIR}/stack_perl.pl $<TARGET_FILE:stack_probe>)
  set_tests_properties(unit.stack_perl PROPERTIES TIMEOUT 120)
endif()

# Node.js loads an addon that holds the stacks half.
find_program(N1_NODE NAMES node nodejs)
if(N1_NODE)
  add_library(stack_node MODULE stack_node.c $<TARGET_OBJECTS:stack_doubles> $<TARGET_OBJECTS:n1prof_stacks>)
  target_link_libraries(stack_node PRIVATE n1_warnings n1_trace_encode_shim Threads::Threads)
  target_link_options(stack_node PRIVATE -Wl,--unresolved-symbols=ignore-all)
  set_target_properties(stack_node PROPERTIES PREFIX "" SUFFIX .node)
  add_test(NAME unit.stack_node
    COMMAND ${N1_NODE} --expose-gc ${CMAKE_CURRENT_SOURCE_DIR}/stack_node.js $<TARGET_FILE:stack_node>)
  set_tests_properties(unit.stack_node PROPERTIES TIMEOUT 120)
endif()
