guise_test(cmdline gu_base)
target_sources(test_cmdline PRIVATE ${PROJECT_SOURCE_DIR}/harness/cli/command.c)
target_include_directories(test_cmdline PRIVATE ${PROJECT_SOURCE_DIR}/harness/cli)

# guise_cli_test(NAME): NAME.sh against the program itself.
function(guise_cli_test name)
  add_test(NAME ${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/${name}.sh
    $<TARGET_FILE:guise> ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

if(TARGET guise AND NOT WIN32)
  foreach(name cli_exit cli_bad_input cli_commands cli_explain cli_flip cli_matrix
      cli_reports)
    guise_cli_test(${name})
  endforeach()
endif()

# The report in a real browser. What a sanitizer could find there, the tests
# of the writer find.
if(TARGET guise AND NOT WIN32 AND NOT GUISE_SANITIZE)
  add_executable(browser_stores browser/stores.c)
  target_link_libraries(browser_stores PRIVATE gu_flags gu_result
    PkgConfig::CMOCKA)
  target_include_directories(browser_stores PRIVATE
    ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_definitions(browser_stores PRIVATE
    GUISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME browser COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/browser/run.sh
    $<TARGET_FILE:guise> $<TARGET_FILE:browser_stores>
    ${CMAKE_BINARY_DIR}/browser)
  set_tests_properties(browser PROPERTIES TIMEOUT 600)
endif()

# Every report format against its schema or a reader of its own.
add_executable(formats_stores formats/stores.c)
target_link_libraries(formats_stores PRIVATE gu_flags gu_result PkgConfig::CMOCKA)
target_include_directories(formats_stores PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(formats_stores PRIVATE
  GUISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
if(TARGET guise AND NOT WIN32)
  add_test(NAME formats_valid
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/formats/run.sh
    $<TARGET_FILE:guise> $<TARGET_FILE:formats_stores>
    ${CMAKE_BINARY_DIR}/formats)
  set_tests_properties(formats_valid PROPERTIES TIMEOUT 600)
endif()
