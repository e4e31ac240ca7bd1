guise_test(win32_job gu_win32_pure)
guise_test(win32_names gu_win32_pure)
