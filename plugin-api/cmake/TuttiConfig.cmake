# find_package(Tutti): tutti::plugin_api (the headers), tutti::validate (the program tutti-validate),
# tutti_add_plugin() and tutti_add_plugin_test(). Everything is found from where this file lies, so the installed tree
# may be moved.
if(CMAKE_VERSION VERSION_LESS 3.25)
  set(Tutti_FOUND FALSE)
  set(Tutti_NOT_FOUND_MESSAGE "Tutti needs CMake 3.25 or newer, found ${CMAKE_VERSION}")
  return()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/TuttiTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/TuttiAddPlugin.cmake)
# json.hpp of the C++ SDK uses RapidJSON; C needs nothing.
find_path(TUTTI_RAPIDJSON_DIR rapidjson/document.h)
mark_as_advanced(TUTTI_RAPIDJSON_DIR)
if(CMAKE_CXX_COMPILER_LOADED AND NOT TUTTI_RAPIDJSON_DIR)
  set(Tutti_FOUND FALSE)
  set(Tutti_NOT_FOUND_MESSAGE
      "Tutti's C++ SDK needs RapidJSON: no rapidjson/document.h was found; install the package rapidjson-dev")
endif()
