# Facts of systems that have links for everyone, fork and limits.
if(NOT WIN32)
  guise_test(links gu_script gu_model)
  guise_test(store gu_result)
endif()
