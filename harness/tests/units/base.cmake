guise_test(base gu_base)
guise_test(file gu_base PkgConfig::UV)
