guise_test(self gu_model)
