/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* AccessCheck; what it says of buffers is not in the call table. */

static void system_security(struct fix *f, const void *row)
{
	const gu_privset security = GU_PRIV_BIT(GU_PRIV_Security);
	struct gu_ref t, token;
	struct gu_value answer;

	(void)row;
	t = bh_privileged_thread(f, security, true);
	token = bh_impersonation(f, t, bh_own_token(f, t, TOKEN_DUPLICATE),
				 GU_LEVEL_IMPERSONATION, TOKEN_QUERY);
	OK(f, t, FN(AccessCheck), STR("sddl", "O:SYG:SYD:(A;;GA;;;WD)"),
	   REF("token", token), UINT("access", ACCESS_SYSTEM_SECURITY));
	answer = f->call.out.value;
	assert_true(bh_field(answer, "access_status").b);
	assert_int_equal(bh_field(answer, "granted").u, ACCESS_SYSTEM_SECURITY);
}

static const struct bh_case cases[] = {
	{ "ib-2bb12f0cc3f4",
	  "SeSecurityPrivilege enabled grants ACCESS_SYSTEM_SECURITY",
	  system_security, NULL },
};

BH_AREA(access_check, cases);
