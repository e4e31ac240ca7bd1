# libFuzzer targets, one for each parser: clang and libclang-rt-14-dev, by the
# preset fuzz. The target `fuzzers` builds them, `ctest --preset fuzz -L fuzz`
# runs each for GUISE_FUZZ_SECONDS on its seeds; for longer, run
# build/fuzz/harness/tests/fuzz_NAME FOLDER.
option(GUISE_FUZZ "Build the fuzz targets (clang only)" OFF)
if(NOT GUISE_FUZZ)
  return()
endif()
if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "GUISE_FUZZ needs clang")
endif()
set(GUISE_FUZZ_SECONDS 10 CACHE STRING "How long each fuzz test runs")
math(EXPR fuzz_timeout "${GUISE_FUZZ_SECONDS} + 60")
target_compile_options(gu_flags INTERFACE -fsanitize=fuzzer-no-link)
add_custom_target(fuzzers)

function(guise_fuzz unit)
  set(finds ${CMAKE_CURRENT_BINARY_DIR}/corpus/${unit})
  add_executable(fuzz_${unit} fuzz/fuzz_${unit}.c)
  target_link_libraries(fuzz_${unit} PRIVATE gu_flags ${ARGN})
  target_include_directories(fuzz_${unit} PRIVATE fuzz)
  target_link_options(fuzz_${unit} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers fuzz_${unit})
  # Finds go to the build folder; the seeds are only read. An input that
  # breaks the target is left there too, and named.
  file(MAKE_DIRECTORY ${finds})
  add_test(NAME fuzz_${unit} COMMAND fuzz_${unit}
    -max_total_time=${GUISE_FUZZ_SECONDS} -timeout=10
    -artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/fuzz_${unit}-
    ${finds} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${unit})
  set_tests_properties(fuzz_${unit} PROPERTIES LABELS fuzz
    TIMEOUT ${fuzz_timeout})
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
