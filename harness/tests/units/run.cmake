if(TARGET gu_run)
  guise_test(run gu_run)
  guise_test(sources gu_run)
endif()
