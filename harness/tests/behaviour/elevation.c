/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* UAC's two tokens, and integrity levels that are set. */

enum { LOGON_INTERACTIVE = 2, IL_LOW = 0x1000, IL_UNTRUSTED = 0 };

/* A thread of a split administrator's limited half. */
static struct gu_ref limited_thread(struct fix *f)
{
	struct gu_ref t = fix_run_as(f, SYSTEM);
	struct gu_ref token, process;

	MAKE(f, FN(account), STR("name", "root"), STR("password", "pw"),
	     LIST(f, "groups", "BUILTIN\\Administrators"), BOOL("uac", true));
	token = OPENED(f, t, FN(LogonUser), STR("user", "root"),
		       STR("password", "pw"), UINT("type", LOGON_INTERACTIVE));
	process = FIXTURE(f, FN(process), STR("name", "shell"),
			  REF("token", token));
	return fix_thread(f, process, "main");
}

static struct gu_ref linked(struct fix *f, struct gu_ref t, struct gu_ref token)
{
	OK(f, t, FN(GetTokenInformation), REF("token", token),
	   UINT("class", TokenLinkedToken));
	return f->call.out.value.ref;
}

static uint64_t elevation(struct fix *f, struct gu_ref t, struct gu_ref token)
{
	return bh_number(f, t, token, TokenElevationType);
}

static void linked_token_is_for_identification(struct fix *f, const void *row)
{
	struct gu_ref t = limited_thread(f);
	struct gu_ref own = bh_own_token(f, t, TOKEN_QUERY);
	struct gu_ref other = linked(f, t, own);

	(void)row;
	assert_int_equal(f->call.out.decision.granted, TOKEN_ALL_ACCESS);
	assert_int_equal(elevation(f, t, own), GU_ELEVATION_LIMITED);
	assert_int_equal(elevation(f, t, other), GU_ELEVATION_FULL);
	assert_int_equal(bh_number(f, t, other, TokenType),
			 GU_TOKEN_IMPERSONATION);
	assert_int_equal(bh_number(f, t, other, TokenImpersonationLevel),
			 GU_LEVEL_IDENTIFICATION);
}

static void linked_token_is_new_each_time(struct fix *f, const void *row)
{
	struct gu_ref t = limited_thread(f);
	struct gu_ref own = bh_own_token(f, t, TOKEN_QUERY);
	struct gu_value first =
		bh_info(f, t, linked(f, t, own), TokenStatistics);
	struct gu_value second =
		bh_info(f, t, linked(f, t, own), TokenStatistics);

	(void)row;
	assert_int_not_equal(bh_field(first, "token_id").u,
			     bh_field(second, "token_id").u);
}

static void default_type_has_no_linked_token(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref own = bh_own_token(f, t, TOKEN_QUERY);

	(void)row;
	assert_int_equal(elevation(f, t, own), GU_ELEVATION_DEFAULT);
	assert_false(bh_number(f, t, own, TokenElevation));
	FAILS(f, ERROR_NO_SUCH_LOGON_SESSION, t, FN(GetTokenInformation),
	      REF("token", own), UINT("class", TokenLinkedToken));
}

static void linked_twice_is_limited_again(struct fix *f, const void *row)
{
	struct gu_ref t = limited_thread(f);
	struct gu_ref full = linked(f, t, bh_own_token(f, t, TOKEN_QUERY));

	(void)row;
	assert_int_equal(elevation(f, t, linked(f, t, full)),
			 GU_ELEVATION_LIMITED);
}

static void type_survives_copies(struct fix *f, const void *row)
{
	struct gu_ref t = limited_thread(f);
	struct gu_ref own = bh_own_token(f, t, TOKEN_QUERY | TOKEN_DUPLICATE);
	struct gu_ref copy = bh_impersonation(f, t, own, GU_LEVEL_IMPERSONATION,
					      TOKEN_QUERY);
	struct gu_ref filtered =
		OPENED(f, t, FN(CreateRestrictedToken), REF("token", own));

	(void)row;
	assert_int_equal(elevation(f, t, copy), GU_ELEVATION_LIMITED);
	assert_int_equal(elevation(f, t, linked(f, t, copy)),
			 GU_ELEVATION_FULL);
	assert_int_equal(elevation(f, t, filtered), GU_ELEVATION_LIMITED);
	assert_int_equal(elevation(f, t, linked(f, t, filtered)),
			 GU_ELEVATION_FULL);
}

static void removals_do_not_carry_over(struct fix *f, const void *row)
{
	struct gu_ref t = limited_thread(f);
	struct gu_ref own =
		bh_own_token(f, t, TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES);

	(void)row;
	OK(f, t, FN(AdjustTokenPrivileges), REF("token", own),
	   UINT("remove", GU_PRIV_BIT(GU_PRIV_ChangeNotify)));
	assert_int_equal(bh_priv(f, t, own, GU_PRIV_ChangeNotify), UINT32_MAX);
	assert_int_not_equal(
		bh_priv(f, t, linked(f, t, own), GU_PRIV_ChangeNotify),
		UINT32_MAX);
}

static void integrity_is_lowered(struct fix *f, const void *row)
{
	static const uint32_t levels[] = { IL_LOW, IL_UNTRUSTED };
	struct gu_ref t = bh_plain_thread(f);
	struct gu_ref own = bh_own_token(f, t, TOKEN_ADJUST_DEFAULT);
	struct gu_ref look = bh_own_token(f, t, TOKEN_QUERY);

	(void)row;
	for (size_t i = 0; i < 2; i++) {
		OK(f, t, FN(SetTokenInformation), REF("token", own),
		   UINT("class", TokenIntegrityLevel),
		   UINT("value", levels[i]));
		assert_int_equal(bh_number(f, t, look, TokenIntegrityLevel),
				 levels[i]);
	}
}

static void integrity_needs_the_right(struct fix *f, const void *row)
{
	struct gu_ref t = bh_plain_thread(f);

	(void)row;
	FAILS(f, GU_ERROR_ACCESS_DENIED, t, FN(SetTokenInformation),
	      REF("token", bh_own_token(f, t, TOKEN_QUERY)),
	      UINT("class", TokenIntegrityLevel), UINT("value", IL_LOW));
}

static const struct bh_case cases[] = {
	{ "ib-1f09f3193512", "a linked token is for identification only",
	  linked_token_is_for_identification, NULL },
	{ "ib-84c79117ab36", "a linked token is another object each time",
	  linked_token_is_new_each_time, NULL },
	{ "ib-bd00cad899dc", "a token of the default type has no other half",
	  default_type_has_no_linked_token, NULL },
	{ "ib-c2c2d9ae58cd", "the linked token's linked token is limited",
	  linked_twice_is_limited_again, NULL },
	{ "ib-c46d6fceac9b", "copies keep elevation type and linked token",
	  type_survives_copies, NULL },
	{ "ib-e932cd2afb2d", "privileges removed remain in the linked token",
	  removals_do_not_carry_over, NULL },
	{ "ib-a8a987ec5797", "a token's integrity is lowered step by step",
	  integrity_is_lowered, NULL },
	{ "ib-b87da7bae1f1", "integrity is not set without ADJUST_DEFAULT",
	  integrity_needs_the_right, NULL },
};

BH_AREA(elevation, cases);
