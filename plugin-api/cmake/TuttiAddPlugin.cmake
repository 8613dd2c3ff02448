# tutti_add_plugin(NAME <name> KIND <folder> SOURCES <adapter> [LOGIC <sources...>] [LIBRARIES <targets...>])
#
# Builds <folder>/<name>/<name>.so with its plugin.yaml beside it, below <build>/plugins/ or, when that is set,
# TUTTI_PLUGIN_OUTPUT_DIRECTORY. LOGIC goes into a static
# library tutti_<name>_logic that unit tests link too; SOURCES is the adapter, the only part that knows the SDK's
# TUTTI_PLUGIN. The library exports the entry and nothing else, and a missing symbol fails at link time.
function(tutti_add_plugin)
  cmake_parse_arguments(ARG "" "NAME;KIND" "SOURCES;LOGIC;LIBRARIES" ${ARGN})
  foreach(required NAME KIND SOURCES)
    if(NOT ARG_${required})
      message(FATAL_ERROR "tutti_add_plugin: ${required} is missing in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
  endforeach()
  if(NOT TUTTI_PLUGIN_OUTPUT_DIRECTORY)
    set(TUTTI_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()
  set(directory ${TUTTI_PLUGIN_OUTPUT_DIRECTORY}/${ARG_KIND}/${ARG_NAME})
  set(target tutti_plugin_${ARG_NAME})
  if(ARG_LOGIC)
    add_library(tutti_${ARG_NAME}_logic STATIC ${ARG_LOGIC})
    target_include_directories(tutti_${ARG_NAME}_logic PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(tutti_${ARG_NAME}_logic PUBLIC tutti::plugin_api ${ARG_LIBRARIES} PRIVATE tutti::warnings)
    set_target_properties(tutti_${ARG_NAME}_logic PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endif()
  add_library(${target} MODULE ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE tutti::plugin_api ${ARG_LIBRARIES} tutti::warnings)
  if(ARG_LOGIC)
    target_link_libraries(${target} PRIVATE tutti_${ARG_NAME}_logic)
  endif()
  target_compile_options(${target} PRIVATE -fno-gnu-unique)
  target_link_options(${target} PRIVATE -Wl,--version-script=${TUTTI_PLUGIN_VERSION_SCRIPT})
  # The sanitizers resolve their runtime from the executable.
  if(NOT CMAKE_CXX_FLAGS MATCHES "fsanitize")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${ARG_NAME} LIBRARY_OUTPUT_DIRECTORY ${directory}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  set(manifest ${CMAKE_CURRENT_SOURCE_DIR}/plugin.yaml)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${manifest} ${directory}/plugin.yaml)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${manifest} ${TUTTI_PLUGIN_VERSION_SCRIPT})
  if(TUTTI_TESTS AND TARGET tutti_validate)
    add_test(NAME validate.${ARG_NAME} COMMAND tutti_validate ${directory})
  endif()
endfunction()
