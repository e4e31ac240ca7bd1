# The recorded facts, one test each, in one program.
file(GLOB behaviour_sources CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_SOURCE_DIR}/behaviour/*.c)
add_executable(test_behaviour ${behaviour_sources})
target_link_libraries(test_behaviour PRIVATE gu_flags gu_model
  PkgConfig::CMOCKA PkgConfig::JANSSON)
target_include_directories(test_behaviour PRIVATE
  ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/behaviour)
target_compile_definitions(test_behaviour PRIVATE
  GUISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME behaviour COMMAND test_behaviour)
set_tests_properties(behaviour PROPERTIES TIMEOUT 300)
