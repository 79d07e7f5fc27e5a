# What an installed ORM is: headers, both libraries, n1orm.pc, find_package(n1orm) with n1orm::n1orm (shared) and
# n1orm::n1orm_static. `cmake --install BUILD --component n1orm` installs nothing else.
include(CMakePackageConfigHelpers)

target_include_directories(n1orm INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_include_directories(n1orm_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(n1orm PROPERTIES EXPORT_NAME n1orm_static)
set_target_properties(n1orm_shared PROPERTIES EXPORT_NAME n1orm)

install(TARGETS n1orm n1orm_shared EXPORT n1orm COMPONENT n1orm
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT n1orm
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT n1orm NAMELINK_COMPONENT n1orm)
install(FILES orm.h map.h model.h short.h steps.h types.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/orm COMPONENT n1orm)

set(n1orm_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/n1orm)
install(EXPORT n1orm NAMESPACE n1orm:: FILE n1ormTargets.cmake DESTINATION ${n1orm_cmake_dir} COMPONENT n1orm)
configure_package_config_file(n1ormConfig.cmake.in n1ormConfig.cmake INSTALL_DESTINATION ${n1orm_cmake_dir})
write_basic_package_version_file(n1ormConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/n1ormConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/n1ormConfigVersion.cmake
  DESTINATION ${n1orm_cmake_dir} COMPONENT n1orm)

configure_file(n1orm.pc.in n1orm.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/n1orm.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT n1orm)
