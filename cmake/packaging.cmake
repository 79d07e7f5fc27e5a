# Packages. `cpack -G DEB` in a finished build makes one Debian package for each component that something is installed in:
#   n1prof         the programs, the shim, man pages, completion (the default component: a rule that names none)
#   libn1orm-dev   the ORM's headers and libraries (COMPONENT n1orm)
# Include it last: it asks which components there are.
set(CPACK_PACKAGE_NAME n1prof)
set(CPACK_PACKAGE_VENDOR "n1prof")
set(CPACK_PACKAGE_CONTACT "n1prof maintainers <maintainers@users.noreply.github.com>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_N1PROF_PACKAGE_NAME n1prof)
set(CPACK_DEBIAN_N1PROF_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_N1ORM_PACKAGE_NAME libn1orm-dev)
set(CPACK_DEBIAN_N1ORM_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_N1ORM_PACKAGE_DEPENDS "libsqlite3-dev, libpq-dev")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each component has a line of its own
set(CPACK_COMPONENT_N1PROF_DESCRIPTION "finds, proves and mends N+1 database queries
Runs a program, records what it asks of SQLite and PostgreSQL, and reports
queries that run once for each row of another query: where, proven by the
values that went from one to the other, and how to mend it. The program is
neither changed nor compiled again.")
set(CPACK_COMPONENT_N1ORM_DESCRIPTION "Django's query language in C (development files)
The object-relational mapper that comes with n1prof: models are plain
structs, filters are Django's own text, SQLite and PostgreSQL.")

find_program(GZIP_PROGRAM gzip)
get_cmake_property(N1_COMPONENTS COMPONENTS)
list(REMOVE_ITEM N1_COMPONENTS Unspecified)
set(CPACK_COMPONENTS_ALL ${N1_COMPONENTS})
if(GZIP_PROGRAM)
  set(N1_DEBIAN ${CMAKE_BINARY_DIR}/debian)
  foreach(component ${N1_COMPONENTS})
    string(TOUPPER ${component} upper)
    set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    # A changelog and the licence stand in every package's folder of documents.
    configure_file(${CMAKE_SOURCE_DIR}/cmake/debian/changelog.in ${N1_DEBIAN}/${package}/changelog @ONLY)
    execute_process(COMMAND ${GZIP_PROGRAM} -9nkf ${N1_DEBIAN}/${package}/changelog COMMAND_ERROR_IS_FATAL ANY)
    install(FILES ${N1_DEBIAN}/${package}/changelog.gz ${CMAKE_SOURCE_DIR}/cmake/debian/copyright
      DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
    if(EXISTS ${CMAKE_SOURCE_DIR}/cmake/debian/${package}.lintian-overrides)
      install(FILES ${CMAKE_SOURCE_DIR}/cmake/debian/${package}.lintian-overrides
        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME ${package} COMPONENT ${component})
    endif()
  endforeach()
endif()
include(CPack)
