# libFuzzer targets, one for each parser: clang and libclang-rt-14-dev, by the
# preset fuzz. `ctest --preset fuzz` runs each for GUISE_FUZZ_SECONDS on its
# seeds; for longer, run build/fuzz/harness/tests/fuzz_NAME FOLDER.
option(GUISE_FUZZ "Build the fuzz targets (clang only)" OFF)
if(NOT GUISE_FUZZ)
  return()
endif()
if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "GUISE_FUZZ needs clang")
endif()
set(GUISE_FUZZ_SECONDS 5 CACHE STRING "How long each fuzz test runs")
target_compile_options(gu_flags INTERFACE -fsanitize=fuzzer-no-link)

function(guise_fuzz unit)
  set(finds ${CMAKE_CURRENT_BINARY_DIR}/corpus/${unit})
  add_executable(fuzz_${unit} fuzz/fuzz_${unit}.c)
  target_link_libraries(fuzz_${unit} PRIVATE gu_flags ${ARGN})
  target_include_directories(fuzz_${unit} PRIVATE fuzz)
  target_link_options(fuzz_${unit} PRIVATE -fsanitize=fuzzer)
  # Finds go to the build folder; the seeds are only read.
  file(MAKE_DIRECTORY ${finds})
  add_test(NAME fuzz_${unit} COMMAND fuzz_${unit}
    -max_total_time=${GUISE_FUZZ_SECONDS} -timeout=10 ${finds}
    ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${unit})
endfunction()

guise_fuzz(sddl gu_sec)
guise_fuzz(sd gu_sec)
guise_fuzz(condition gu_sec)
guise_fuzz(claim gu_sec)
guise_fuzz(quick gu_sec)
guise_fuzz(batch gu_api gu_form)
target_sources(fuzz_batch PRIVATE ${answer}/answer_check.c
  ${answer}/answer_inherit.c)
target_include_directories(fuzz_batch PRIVATE ${answer})
