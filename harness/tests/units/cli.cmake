guise_test(cmdline gu_base)
target_sources(test_cmdline PRIVATE ${PROJECT_SOURCE_DIR}/harness/cli/command.c)
target_include_directories(test_cmdline PRIVATE ${PROJECT_SOURCE_DIR}/harness/cli)

# guise_cli_test(NAME): NAME.sh against the program itself.
function(guise_cli_test name)
  add_test(NAME ${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/${name}.sh
    $<TARGET_FILE:guise> ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

if(WIN32)
  add_test(NAME cli_windows
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli_windows.sh
    ${CMAKE_BINARY_DIR}/guise ${PROJECT_SOURCE_DIR})
  add_test(NAME imports
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/imports.sh
    ${CMAKE_OBJDUMP} $<TARGET_FILE:guise>)
elseif(TARGET guise)
  foreach(name cli_exit cli_bad_input cli_commands cli_explain cli_flip cli_matrix
      cli_reports)
    guise_cli_test(${name})
  endforeach()
endif()
