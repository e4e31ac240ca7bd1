/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "lint.h"
#include "sddl.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What was told, as "id@index id@index". */
static void note(void *arg, const struct gu_lint_warning *warning)
{
	struct gu_buf *told = arg;

	gu_buf_addf(told, "%s%s", told->len ? " " : "",
		    gu_lint_name(warning->lint));
	if (warning->ace != GU_LINT_NO_ACE) {
		gu_buf_addf(told, "@%s%u", warning->sacl ? "S" : "D",
			    (unsigned)warning->ace);
	}
	assert_true(strlen(warning->sentence) > 10);
}

static void what_surprises_is_told_with_its_place(void **state)
{
	static const struct {
		const char *sddl;
		const char *told;
	} rows[] = {
		{ "O:BAG:BAD:(D;;FW;;;BU)(A;;FA;;;BA)", "" },
		{ "O:BAD:(A;;FA;;;BA)(D;;FW;;;BU)", "non-canonical-order@D1" },
		{ "O:BAD:(A;ID;FA;;;BA)(A;;FR;;;BU)",
		  "non-canonical-order@D1" },
		{ "O:BAD:(A;;FA;;;BA)(A;ID;FA;;;SY)(D;ID;FW;;;BU)", "" },
		{ "O:BA", "null-dacl" },
		{ "O:BAD:NO_ACCESS_CONTROL", "null-dacl" },
		{ "O:BAD:", "empty-dacl" },
		{ "D:(A;;FR;;;BU)", "no-owner" },
		{ "O:BAD:(D;;FW;;;BA)", "deny-owner@D0" },
		{ "O:BAD:(D;;RC;;;OW)", "deny-owner@D0" },
		{ "O:BAD:(D;OIIO;FW;;;BA)", "" },
		{ "O:BAD:(A;;FW;;;WD)", "everyone-write@D0" },
		{ "O:BAD:(A;;GA;;;WD)", "everyone-write@D0" },
		{ "O:BAD:(A;;FR;;;WD)(A;;FX;;;WD)", "" },
		{ "O:BAD:(A;CIIO;FW;;;WD)", "" },
		{ "O:BAD:(XA;;WD;;;WD;(a))", "everyone-write@D0" },
		{ "O:BAD:(A;;FR;;;AN)", "anonymous-allow@D0" },
		{ "O:BAD:(D;;FR;;;AN)", "" },
		{ "O:BAD:(A;;FR;;;S-1-5-21-1-2-3-1001)", "unresolved-sid@D0" },
		{ "O:S-1-5-21-1-2-3-1001D:(A;;FR;;;BU)", "unresolved-sid" },
		{ "O:BAD:(A;;;;;BU)", "no-rights@D0" },
		{ "O:BAD:(A;IO;FR;;;BU)", "no-effect@D0" },
		{ "O:BAD:(A;;FR;;;BU)S:(AU;;FA;;;WD)", "no-effect@S0" },
		{ "O:BAD:(A;;FR;;;BU)S:(AU;SA;FA;;;WD)(ML;;NW;;;HI)", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_buf told = GU_BUF_INIT;
		struct gu_sd sd = GU_SD_INIT;

		row_check(!gu_sddl_parse(&sd, rows[i].sddl, NULL, NULL),
			  rows[i].sddl);
		row_check(!gu_lint_sd(&sd, NULL, note, &told, NULL),
			  rows[i].sddl);
		if (strcmp(told.data, rows[i].told) != 0) {
			fail_msg("%s: %s", rows[i].sddl, told.data);
		}
		gu_sd_release(&sd);
		gu_buf_release(&told);
	}
}

static void accounts_of_the_own_domain_are_known(void **state)
{
	struct gu_buf told = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;
	struct gu_sid domain;

	(void)state;
	assert_rc_ok(gu_sid_parse(&domain, "S-1-5-21-1-2-3", 14, NULL));
	assert_rc_ok(gu_sddl_parse(&sd, "O:BAD:(A;;FR;;;S-1-5-21-1-2-3-1001)",
				   NULL, NULL));
	assert_rc_ok(gu_lint_sd(&sd, &domain, note, &told, NULL));
	assert_string_equal(told.data, "");
	gu_sd_release(&sd);
	gu_buf_release(&told);
}

static void data_that_does_not_parse_is_told(void **state)
{
	struct gu_ace ace = { .type = GU_ACE_ALLOW_CALLBACK, .mask = 1 };
	struct gu_buf told = GU_BUF_INIT;
	struct gu_sd sd = GU_SD_INIT;

	(void)state;
	assert_rc_ok(gu_sddl_parse(&sd, "O:BAD:", NULL, NULL));
	ace.sid = sd.owner;
	assert_rc_ok(gu_acl_append(&sd.dacl, &ace, NULL));
	assert_rc_ok(gu_lint_sd(&sd, NULL, note, &told, NULL));
	assert_string_equal(told.data, "bad-data@D0");
	gu_sd_release(&sd);
	gu_buf_release(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_surprises_is_told_with_its_place),
		cmocka_unit_test(accounts_of_the_own_domain_are_known),
		cmocka_unit_test(data_that_does_not_parse_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
