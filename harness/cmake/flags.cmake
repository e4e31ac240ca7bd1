# x_posix.c or x_win32.c: a source of the other system is never built.
set(GUISE_PLATFORM posix)
set(GUISE_OTHER_PLATFORM win32)
if(WIN32)
  set(GUISE_PLATFORM win32)
  set(GUISE_OTHER_PLATFORM posix)
endif()

# Flags that every target shares: warnings are errors, hidden symbols.
add_library(gu_flags INTERFACE)
target_compile_options(gu_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef
  -Wno-overlength-strings -fvisibility=hidden)
target_compile_definitions(gu_flags INTERFACE _GNU_SOURCE
  $<$<AND:$<CONFIG:Release>,$<NOT:$<PLATFORM_ID:Windows>>>:_FORTIFY_SOURCE=2>
  GUISE_VERSION="${PROJECT_VERSION}")
# For Windows file by file: linking each test would optimize it as a whole.
# gcc then sees less of a caller and guesses wrongly what is uninitialized.
if(WIN32)
  target_compile_options(gu_flags INTERFACE -Wno-maybe-uninitialized)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT GUISE_IPO OUTPUT ignored LANGUAGES C)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${GUISE_IPO})
endif()
if(GUISE_SANITIZE)
  target_compile_options(gu_flags INTERFACE -fsanitize=${GUISE_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(gu_flags INTERFACE -fsanitize=${GUISE_SANITIZE})
endif()
