# Libraries from the distribution. Static where an archive is installed, so
# that guise starts fast and is one file.
find_package(PkgConfig REQUIRED)
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

function(guise_prefer_static target)
  set(libs "")
  foreach(name ${ARGN})
    find_library(GUISE_ARCHIVE_${name} NAMES lib${name}.a)
    if(NOT GUISE_ARCHIVE_${name})
      return()
    endif()
    list(APPEND libs ${GUISE_ARCHIVE_${name}})
  endforeach()
  set_target_properties(PkgConfig::${target} PROPERTIES
    INTERFACE_LINK_LIBRARIES "${libs};m;dl;pthread")
endfunction()

# For Windows there are archives only, and their pkg-config files say what of
# the system they need.
if(GUISE_STATIC AND NOT WIN32)
  guise_prefer_static(LUA lua5.4)
  guise_prefer_static(SQLITE sqlite3)
  guise_prefer_static(UV uv_a)
  guise_prefer_static(JANSSON jansson)
  guise_prefer_static(ZLIB z)
endif()
