# guise.exe from outside.
if(WIN32)
  add_test(NAME cli_windows
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli_windows.sh
    ${CMAKE_BINARY_DIR}/guise ${PROJECT_SOURCE_DIR})
  add_test(NAME cli_win32
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli_win32.sh
    ${CMAKE_BINARY_DIR}/guise ${PROJECT_SOURCE_DIR})
  add_test(NAME imports
    COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/imports.sh
    ${CMAKE_OBJDUMP} $<TARGET_FILE:guise>)
endif()
