guise_test(sha256 gu_base)
