# Toolchain file: guise.exe by mingw-w64, with the libraries that
# harness/windows-deps.sh builds.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(triple x86_64-w64-mingw32)
set(CMAKE_C_COMPILER ${triple}-gcc-win32)
set(CMAKE_RC_COMPILER ${triple}-windres)
set(CMAKE_WIDL ${triple}-widl)

# Windows 8: nothing newer may be called but by name at run time.
set(CMAKE_C_FLAGS_INIT
  "-D_WIN32_WINNT=0x0602 -DWINVER=0x0602 -D__USE_MINGW_ANSI_STDIO=1")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")

if(NOT GUISE_WINDOWS_DEPS)
  execute_process(
    COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/../windows-deps.sh --where
    OUTPUT_VARIABLE GUISE_WINDOWS_DEPS OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES GUISE_WINDOWS_DEPS)
set(CMAKE_FIND_ROOT_PATH ${GUISE_WINDOWS_DEPS} /usr/${triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${GUISE_WINDOWS_DEPS}/lib/pkgconfig)

# ctest runs tests under the Wine that the environment names.
set(CMAKE_CROSSCOMPILING_EMULATOR
  sh ${CMAKE_CURRENT_LIST_DIR}/../windows.sh emulate)
