guise_test(base gu_base)
