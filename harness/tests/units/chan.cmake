foreach(unit pipe rpc dde sspi com socket alpc printer)
  guise_test(${unit} gu_model)
endforeach()
