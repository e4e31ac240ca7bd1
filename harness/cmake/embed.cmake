# guise_embed(TARGET NAME DIR PATTERN...): the files below DIR as C data,
# `const struct gu_embedded NAME[]` (embedded.h), ordered by path, ended by a
# row without a name.
function(guise_embed target name dir)
  set(paths "")
  foreach(pattern ${ARGN})
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${dir}/${pattern})
    list(APPEND paths ${found})
  endforeach()
  list(SORT paths)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAME=${name} -DDIR=${dir}
      "-DFILES=${paths}" -P ${PROJECT_SOURCE_DIR}/harness/cmake/embed_files.cmake
    DEPENDS ${paths} ${PROJECT_SOURCE_DIR}/harness/cmake/embed_files.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
