guise_test(matrix gu_sec)
