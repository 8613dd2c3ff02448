# Precompiled headers of a debug build, which spare it about a third of its compile time: one for static libraries, one for
# GoogleTest programs. A precompiled header fits only where the same macros and options are given, so every target that
# uses one gets the macros that Poco asks for, and every library hides its symbols.
#
# tutti_precompile(DIRECTORY <directory>): for all targets of the directory and those below it.

get_target_property(TUTTI_POCO_DEFINITIONS Poco::Foundation INTERFACE_COMPILE_DEFINITIONS)
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "")

add_library(tutti_precompiled_library STATIC EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
set_target_properties(tutti_precompiled_library PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
add_executable(tutti_precompiled_test EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
target_link_libraries(tutti_precompiled_test PRIVATE GTest::gtest GTest::gtest_main)
foreach(kind library test)
  target_link_libraries(tutti_precompiled_${kind} PRIVATE tutti::plugin_api tutti::warnings)
  target_compile_definitions(tutti_precompiled_${kind} PRIVATE ${TUTTI_POCO_DEFINITIONS})
  target_precompile_headers(tutti_precompiled_${kind} PRIVATE
                            $<$<COMPILE_LANGUAGE:CXX>:${CMAKE_CURRENT_LIST_DIR}/precompiled_${kind}.h>)
endforeach()

function(_tutti_precompile_target target)
  get_target_property(type ${target} TYPE)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  get_target_property(definitions ${target} COMPILE_DEFINITIONS)
  if(definitions MATCHES "RAPIDJSON_")  # another reading of the same headers
    return()
  elseif(type STREQUAL "STATIC_LIBRARY")
    set(kind library)
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  elseif(type STREQUAL "EXECUTABLE" AND libraries MATCHES "GTest::")
    set(kind test)
  else()
    return()
  endif()
  target_compile_definitions(${target} PRIVATE ${TUTTI_POCO_DEFINITIONS})
  target_precompile_headers(${target} REUSE_FROM tutti_precompiled_${kind})
endfunction()

function(tutti_precompile)
  cmake_parse_arguments(ARG "" "DIRECTORY" "" ${ARGN})
  get_property(targets DIRECTORY ${ARG_DIRECTORY} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    _tutti_precompile_target(${target})
  endforeach()
  get_property(below DIRECTORY ${ARG_DIRECTORY} PROPERTY SUBDIRECTORIES)
  foreach(directory ${below})
    tutti_precompile(DIRECTORY ${directory})
  endforeach()
endfunction()
