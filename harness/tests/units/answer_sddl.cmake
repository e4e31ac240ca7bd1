guise_test(answer_sddl gu_api PkgConfig::JANSSON)
target_sources(test_answer_sddl PRIVATE
  ${PROJECT_SOURCE_DIR}/harness/cli/answer/answer_sddl.c)
target_include_directories(test_answer_sddl PRIVATE
  ${PROJECT_SOURCE_DIR}/harness/cli/answer)
