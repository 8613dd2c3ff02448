# tutti_add_test: one shape for every test binary, in the tree and in plugin folders.
# One precompiled header serves every test program: it spares each of them about a third of its compile time. It fits only
# where the same macros are defined, so all programs get those that Poco asks for.
if(TUTTI_TESTS)
  get_target_property(TUTTI_TEST_DEFINITIONS Poco::Foundation INTERFACE_COMPILE_DEFINITIONS)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/precompiled_test.cpp CONTENT "")
  add_executable(tutti_precompiled_test EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled_test.cpp)
  target_link_libraries(tutti_precompiled_test PRIVATE tutti::plugin_api tutti::warnings GTest::gtest GTest::gtest_main)
  target_compile_definitions(tutti_precompiled_test PRIVATE ${TUTTI_TEST_DEFINITIONS})
  target_precompile_headers(tutti_precompiled_test PRIVATE
    <algorithm> <chrono> <filesystem> <functional> <map> <memory> <optional> <string> <thread> <vector>
    <gtest/gtest.h> <tutti/sdk/json.hpp>)
endif()

# tutti_add_test(NAME <name> SOURCES ... [LIBRARIES ...] [LABELS ...]): one GoogleTest binary, its cases in CTest.
function(tutti_add_test)
  cmake_parse_arguments(ARG "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_include_directories(${ARG_NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LIBRARIES} tutti::plugin_api tutti::warnings GTest::gtest GTest::gtest_main)
  target_compile_definitions(${ARG_NAME} PRIVATE ${TUTTI_TEST_DEFINITIONS})
  target_precompile_headers(${ARG_NAME} REUSE_FROM tutti_precompiled_test)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
