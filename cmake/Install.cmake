# cmake --install <build> --prefix <prefix>, in components: runtime (the program and its manifest), plugins (those of this
# tree), sdk (what a plugin author needs). `tutti` finds everything from where it lies, so the prefix may be moved.
install(TARGETS tutti RUNTIME DESTINATION bin COMPONENT runtime)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION share/doc/tutti COMPONENT runtime)
install(DIRECTORY docs/ DESTINATION share/doc/tutti/docs COMPONENT runtime FILES_MATCHING PATTERN "*.md")
install(FILES etc/tutti.yaml DESTINATION share/tutti COMPONENT runtime)
# The build tree has it where the installed program looks for it, so that its tutti starts, and writes plugins, anywhere.
configure_file(etc/tutti.yaml ${PROJECT_BINARY_DIR}/etc/tutti/tutti.yaml COPYONLY)
install(DIRECTORY DESTINATION etc/tutti/conf.d COMPONENT runtime)
# An operator's manifest is never written over; the shipped one is always in share/tutti.
install(CODE [[
  set(installed "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/etc/tutti/tutti.yaml")
  set(shipped "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/tutti/tutti.yaml")
  if(EXISTS "${installed}")
    message(STATUS "Kept: ${installed} (the shipped one is ${shipped})")
  else()
    file(COPY_FILE "${shipped}" "${installed}")
    message(STATUS "Installing: ${installed}")
  endif()
]] COMPONENT runtime)
