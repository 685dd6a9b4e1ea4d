# Tests that start a real Python through the bridge library.
set(venvs ${CMAKE_CURRENT_BINARY_DIR}/venvs)
set(leaks ${PROJECT_SOURCE_DIR}/tests/support/python/leaks.supp)
include(SidemanPython)
add_library(old_bridge MODULE old_bridge.c)
add_test(NAME backends.make_venvs
  COMMAND ${Python_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/support/python/make_venvs.py
    ${venvs} $<TARGET_FILE:sideman_bridge> $<TARGET_FILE:old_bridge>)
set_tests_properties(backends.make_venvs PROPERTIES FIXTURES_SETUP venvs LABELS backends)

# A sanitized host is slower, and LeakSanitizer looks through all memory before it lets it go.
set(quit_seconds 2.0)
if(SIDEMAN_SANITIZE)
  set(quit_seconds 30.0)
endif()

# One ctest per TEST_CASE of the file, so that each has its own process and interpreter.
function(add_embedding_tests name)
  add_executable(${name} ${name}.cpp)
  target_compile_definitions(${name} PRIVATE SIDEMAN_TEST_VENVS="${venvs}"
    SIDEMAN_TEST_BINARIES="${CMAKE_CURRENT_BINARY_DIR}" SIDEMAN_TEST_QUIT_SECONDS=${quit_seconds})
  target_link_libraries(${name} PRIVATE sideman_doctest_main sideman_python sideman_core)
  file(STRINGS ${name}.cpp cases REGEX "^TEST_CASE\\(\"")
  foreach(case IN LISTS cases)
    string(REGEX REPLACE "^TEST_CASE\\(\"([^\"]*)\".*" "\\1" case "${case}")
    string(REPLACE "," "\\," filter "${case}")
    add_test(NAME "backends.${name}: ${case}" COMMAND ${name} "--test-case=${filter}")
    set_tests_properties("backends.${name}: ${case}" PROPERTIES
      FIXTURES_REQUIRED venvs LABELS backends TIMEOUT 300
      ENVIRONMENT "LSAN_OPTIONS=suppressions=${leaks}:print_suppressions=0"
      FAIL_REGULAR_EXPRESSION "test cases: +0 ")
    if(case MATCHES "deadlines|late beside")  # nothing else shall make it late
      set_tests_properties("backends.${name}: ${case}" PROPERTIES RUN_SERIAL ON)
    endif()
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp)
endfunction()

add_embedding_tests(test_embedding)
add_embedding_tests(test_engine_embedding)

add_executable(quit_host quit_host.cpp)
target_link_libraries(quit_host PRIVATE sideman_python sideman_core)
add_embedding_tests(test_quit)
add_dependencies(test_quit quit_host)

# Must hold for every binary that a host loads.
set(loaders $<TARGET_FILE:quit_host>)
if(TARGET sideman_pd)
  list(APPEND loaders $<TARGET_FILE:sideman_pd>)
endif()
add_test(NAME backends.no_libpython COMMAND ${Python_EXECUTABLE}
  ${CMAKE_CURRENT_SOURCE_DIR}/check_no_libpython.py $<TARGET_FILE:sideman_bridge> ${loaders})
set_tests_properties(backends.no_libpython PROPERTIES LABELS backends)
