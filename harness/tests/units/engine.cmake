# The answers of the batch forms, held against recorded cases.
function(guise_answer_test unit)
  guise_test(${unit} gu_api PkgConfig::JANSSON)
  target_sources(test_${unit} PRIVATE ${ARGN})
  target_include_directories(test_${unit} PRIVATE ../cli/answer)
endfunction()
set(answer ${PROJECT_SOURCE_DIR}/harness/cli/answer)
guise_answer_test(conformance_access ${answer}/answer_check.c ${answer}/sec_json.c)
guise_test(access_api gu_sec)
guise_test(access_tree gu_sec)
guise_test(access_gate gu_sec)
guise_answer_test(conformance_inherit ${answer}/answer_inherit.c
  ${answer}/sec_json.c)
guise_test(inherit gu_sec)
