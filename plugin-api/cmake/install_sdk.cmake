# The SDK as a package: headers, find_package(Tutti), pkg-config. The build tree is a package too (<build>/lib), so that
# `tutti plugin new` of a tutti that was never installed writes folders that build.
#
# lib/ rather than the architecture's own directory: find_package and pkg-config look there on every Debian, and tutti
# looks for its plugins there.
include(CMakePackageConfigHelpers)
set(package_dir lib/cmake/Tutti)
set(build_package_dir ${PROJECT_BINARY_DIR}/${package_dir})

install(TARGETS tutti_plugin_api EXPORT TuttiTargets COMPONENT sdk)
install(TARGETS tutti_validate EXPORT TuttiTargets RUNTIME DESTINATION bin COMPONENT sdk)
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/tutti DESTINATION include COMPONENT sdk
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(EXPORT TuttiTargets NAMESPACE tutti:: DESTINATION ${package_dir} COMPONENT sdk)
export(EXPORT TuttiTargets NAMESPACE tutti:: FILE ${build_package_dir}/TuttiTargets.cmake)

# 0.x: every minor version may differ.
write_basic_package_version_file(${build_package_dir}/TuttiConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${build_package_dir}/TuttiConfigVersion.cmake DESTINATION ${package_dir} COMPONENT sdk)
foreach(file TuttiConfig.cmake TuttiAddPlugin.cmake plugin.map)
  configure_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/${file} ${build_package_dir}/${file} COPYONLY)
  install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/cmake/${file} DESTINATION ${package_dir} COMPONENT sdk)
endforeach()

set(TUTTI_PC_INCLUDEDIR ${CMAKE_CURRENT_SOURCE_DIR}/include)
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/tutti-plugin.pc.in ${PROJECT_BINARY_DIR}/lib/pkgconfig/tutti-plugin.pc @ONLY)
set(TUTTI_PC_INCLUDEDIR "\${prefix}/include")
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/tutti-plugin.pc.in ${CMAKE_CURRENT_BINARY_DIR}/tutti-plugin.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tutti-plugin.pc DESTINATION lib/pkgconfig COMPONENT sdk)
