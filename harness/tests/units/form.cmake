guise_test(sec_json gu_form)
