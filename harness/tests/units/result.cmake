guise_test(sha256 gu_base)
guise_test(record gu_result)
guise_test(findings gu_result)
guise_test(store gu_result)
