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
