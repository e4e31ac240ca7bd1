guise_test(world gu_model)
guise_test(handle gu_model)
guise_test(fixture gu_model)
guise_test(self gu_model)
