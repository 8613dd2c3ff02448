# tutti_add_test: one shape for every test binary, in the tree and in plugin folders.
# tutti_add_test(NAME <name> SOURCES ... [LIBRARIES ...] [LABELS ...] [TIMEOUT <s>] [COST <s>]): one GoogleTest binary, its cases
# in CTest; those of a high COST begin first.
function(tutti_add_test)
  cmake_parse_arguments(ARG "" "NAME;TIMEOUT;COST" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  target_include_directories(${ARG_NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LIBRARIES} tutti::plugin_api tutti::warnings GTest::gtest GTest::gtest_main)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_COST)
    set(ARG_COST 1)
  endif()
  gtest_discover_tests(${ARG_NAME} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${ARG_TIMEOUT} COST ${ARG_COST} LABELS "${ARG_LABELS}")
endfunction()
