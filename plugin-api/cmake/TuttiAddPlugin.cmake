# How a plugin is built, in this tree and, through find_package(Tutti), anywhere else.
#
# tutti_add_plugin(NAME <name> [KIND <folder>] SOURCES <adapter> [LOGIC <sources...>] [LIBRARIES <targets...>]
#                  [NO_INSTALL])
#   Builds <build>/plugins/[<folder>/]<name>/<name>.so with its plugin.yaml beside it; TUTTI_PLUGIN_OUTPUT_DIRECTORY, when
#   set, is taken for <build>/plugins. LOGIC goes into a static library
#   tutti_<name>_logic that unit tests link too; SOURCES is the adapter, the only part that knows the SDK's TUTTI_PLUGIN.
#   The library exports the entry and nothing else, and a missing symbol fails at link time. CTest gets validate.<name>,
#   which runs tutti-validate on the folder. `cmake --install` puts the folder below lib/tutti/plugins, unless NO_INSTALL or
#   TUTTI_PLUGIN_NO_INSTALL is set.
#
# tutti_add_plugin_test(PLUGIN <name> SOURCES <sources...> [LIBRARIES <targets...>])
#   One GoogleTest program <name>_test. Its sources find the built library under the name TUTTI_PLUGIN_LIBRARY, for
#   tutti/sdk/testing/library.hpp, and may call the LOGIC of the plugin. Without GoogleTest it is left out.

# The version script lies beside this file, wherever that is.
set(TUTTI_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/plugin.map CACHE INTERNAL "")
# Where tutti looks for the plugins that came with it.
set(TUTTI_PLUGIN_INSTALL_DIR lib/tutti/plugins CACHE INTERNAL "")

# Warnings of the project that builds the plugin, if it has such a target.
function(_tutti_link_warnings target)
  if(TARGET tutti::warnings)
    target_link_libraries(${target} PRIVATE tutti::warnings)
  endif()
endfunction()

function(tutti_add_plugin)
  cmake_parse_arguments(ARG "NO_INSTALL" "NAME;KIND" "SOURCES;LOGIC;LIBRARIES" ${ARGN})
  foreach(required NAME SOURCES)
    if(NOT ARG_${required})
      message(FATAL_ERROR "tutti_add_plugin: ${required} is missing in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
  endforeach()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tutti_add_plugin: expected NAME, KIND, SOURCES, LOGIC, LIBRARIES or NO_INSTALL, found "
                        "${ARG_UNPARSED_ARGUMENTS} in ${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  set(manifest ${CMAKE_CURRENT_SOURCE_DIR}/plugin.yaml)
  if(NOT EXISTS ${manifest})
    message(FATAL_ERROR "tutti_add_plugin: expected the plugin's manifest at ${manifest}, found no file")
  endif()
  set(folder ${ARG_NAME})
  if(ARG_KIND)
    set(folder ${ARG_KIND}/${ARG_NAME})
  endif()
  if(NOT TUTTI_PLUGIN_OUTPUT_DIRECTORY)
    set(TUTTI_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()
  set(directory ${TUTTI_PLUGIN_OUTPUT_DIRECTORY}/${folder})
  set(target tutti_plugin_${ARG_NAME})
  if(ARG_LOGIC)
    add_library(tutti_${ARG_NAME}_logic STATIC ${ARG_LOGIC})
    target_include_directories(tutti_${ARG_NAME}_logic PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(tutti_${ARG_NAME}_logic PUBLIC tutti::plugin_api ${ARG_LIBRARIES})
    _tutti_link_warnings(tutti_${ARG_NAME}_logic)
    set_target_properties(tutti_${ARG_NAME}_logic PROPERTIES POSITION_INDEPENDENT_CODE ON
                          C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
  add_library(${target} MODULE ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE tutti::plugin_api ${ARG_LIBRARIES})
  _tutti_link_warnings(${target})
  if(ARG_LOGIC)
    target_link_libraries(${target} PRIVATE tutti_${ARG_NAME}_logic)
  endif()
  # A unique symbol would keep two versions of a plugin from having variables of their own; only gcc makes them.
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE -Wl,--version-script=${TUTTI_PLUGIN_VERSION_SCRIPT})
  # The sanitizers resolve their runtime from the executable.
  if(NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "fsanitize")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${ARG_NAME} LIBRARY_OUTPUT_DIRECTORY ${directory}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${manifest} ${directory}/plugin.yaml)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${manifest} ${TUTTI_PLUGIN_VERSION_SCRIPT})
  if(TARGET tutti::validate AND (TUTTI_TESTS OR NOT DEFINED TUTTI_TESTS))
    add_test(NAME validate.${ARG_NAME} COMMAND tutti::validate ${directory})
  endif()
  if(NOT ARG_NO_INSTALL AND NOT TUTTI_PLUGIN_NO_INSTALL)
    set(destination ${TUTTI_PLUGIN_INSTALL_DIR}/${folder})
    install(TARGETS ${target} LIBRARY DESTINATION ${destination} COMPONENT plugins)
    install(FILES ${manifest} DESTINATION ${destination} COMPONENT plugins)
    install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/README.md DESTINATION ${destination} COMPONENT plugins OPTIONAL)
  endif()
endfunction()

function(tutti_add_plugin_test)
  cmake_parse_arguments(ARG "" "PLUGIN" "SOURCES;LIBRARIES" ${ARGN})
  set(plugin tutti_plugin_${ARG_PLUGIN})
  if(NOT ARG_SOURCES OR NOT TARGET ${plugin})
    message(FATAL_ERROR "tutti_add_plugin_test: expected SOURCES and the name of a plugin that tutti_add_plugin knows, "
                        "found PLUGIN '${ARG_PLUGIN}' SOURCES '${ARG_SOURCES}' in ${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  find_package(GTest QUIET)
  if(NOT GTest_FOUND)
    message(STATUS "${ARG_PLUGIN}_test is left out: GoogleTest is not installed (Debian: libgtest-dev)")
    return()
  endif()
  add_executable(${ARG_PLUGIN}_test ${ARG_SOURCES})
  target_link_libraries(${ARG_PLUGIN}_test PRIVATE tutti::plugin_api ${ARG_LIBRARIES} GTest::gtest GTest::gtest_main
                                                   ${CMAKE_DL_LIBS})
  _tutti_link_warnings(${ARG_PLUGIN}_test)
  if(TARGET tutti_${ARG_PLUGIN}_logic)
    target_link_libraries(${ARG_PLUGIN}_test PRIVATE tutti_${ARG_PLUGIN}_logic)
  endif()
  target_compile_definitions(${ARG_PLUGIN}_test PRIVATE TUTTI_PLUGIN_LIBRARY="$<TARGET_FILE:${plugin}>")
  add_dependencies(${ARG_PLUGIN}_test ${plugin})
  add_test(NAME ${ARG_PLUGIN}_test COMMAND ${ARG_PLUGIN}_test)
  set_tests_properties(${ARG_PLUGIN}_test PROPERTIES TIMEOUT 120)
endfunction()
