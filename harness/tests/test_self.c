/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* The functions that put a token on a thread without a channel: semantics
 * 1.3 and 4. */

#define SYSTEM	 "NT AUTHORITY\\SYSTEM"
#define ALICE	 "MACHINE\\alice"
#define ALL_TOKEN 0xF01FF

static void self_duplicates_the_process_token_at_the_level(void **state)
{
	struct fix f;
	struct gu_ref t;

	(void)state;
	fix_open(&f);
	t = fix_run_as(&f, SYSTEM);
	for (unsigned level = 0; level <= 3; level++) {
		OK(&f, t, FN(ImpersonateSelf), UINT("level", level));
		fix_acts_as(&f, t, SYSTEM, (enum gu_level)level);
		assert_true(f.call.out.offered_known);
		assert_int_equal(f.call.out.offered, level);
		OK(&f, t, FN(RevertToSelf));
		fix_reverted(&f, t);
	}
	fix_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			self_duplicates_the_process_token_at_the_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
