/* SPDX-License-Identifier: MIT */
#include "token_fix.h"

#include "banned.h"

/* Calls that look at a token: semantics 4 and 5.1. */

/* ib-300aaa2ab6a9 */
static void a_primary_token_has_no_level(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 87, w->a, FN(GetTokenInformation), REF("token", w->own),
	      UINT("class", LEVEL));
	FAILS(&w->f, 87, w->a, FN(GetTokenInformation), REF("token", w->own),
	      UINT("class", 999));
}

static void asking_takes_the_query_right(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 5, w->a, FN(GetTokenInformation),
	      REF("token", with_rights(w, w->own, 0x2)),
	      UINT("class", USER_CLASS));
}

/* ib-59c7e0cf62c6, ib-a36d2ccf6023 */
static void an_anonymous_level_tokens_handle_tells_everything(void **state)
{
	struct world *w = *state;
	struct gu_ref h = impersonation(w, 0);

	OK(&w->f, w->a, FN(GetTokenInformation), REF("token", h),
	   UINT("class", USER_CLASS));
	OK(&w->f, w->a, FN(GetTokenInformation), REF("token", h),
	   UINT("class", PRIVILEGES));
}

/* ib-17402c705a6a */
static void the_anonymous_token_has_no_logon_sid(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h;

	OK(f, w->t, FN(ImpersonateAnonymousToken));
	h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 0x8),
		   BOOL("open_as_self", true));
	assert_string_equal(OK(f, w->t, FN(GetTokenInformation),
			       REF("token", h), UINT("class", USER_CLASS))
				    ->value.str.p,
			    "S-1-5-7");
	FAILS(f, 1168, w->t, FN(GetTokenInformation), REF("token", h),
	      UINT("class", LOGON_SID));
}

/* ib-bd00cad899dc */
static void an_ordinary_token_is_not_elevated_nor_linked(void **state)
{
	struct world *w = *state;

	assert_int_equal(number(w, w->own, ELEVATION_TYPE), 1);
	assert_int_equal(number(w, w->own, ELEVATION), 0);
	FAILS(&w->f, 1312, w->a, FN(GetTokenInformation), REF("token", w->own),
	      UINT("class", LINKED));
}

static struct gu_ref
linked(struct world *w, struct gu_ref thread, struct gu_ref token)
{
	return OPENED(&w->f, thread, FN(GetTokenInformation),
		      REF("token", token), UINT("class", LINKED));
}

/* ib-1f09f3193512, ib-84c79117ab36, ib-c2c2d9ae58cd, ib-e932cd2afb2d,
 * ib-c46d6fceac9b */
static void the_linked_token_is_a_new_one_to_look_at(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref root =
		FIXTURE(f, FN(account), STR("name", "root"),
			LIST(f, "groups", "BA", "BU"), BOOL("uac", true));
	struct gu_ref limited = fix_primary(f, root);
	struct gu_ref h, back, copy;

	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", limited),
	   UINT("remove", NOTIFY));
	h = linked(w, w->a, limited);
	assert_int_equal(f->call.out.decision.granted, TOKEN_ALL);
	assert_int_equal(number(w, h, TYPE), 2);
	assert_int_equal(number(w, h, LEVEL), 1);
	assert_int_equal(number(w, h, ELEVATION_TYPE), 2);
	assert_int_not_equal(
		fix_privilege(f, w->a, h, "SeChangeNotifyPrivilege"),
		FIX_ABSENT);
	back = linked(w, w->a, h);
	assert_int_equal(number(w, back, ELEVATION_TYPE), 3);
	copy = OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", limited),
		      UINT("flags", 1));
	assert_int_equal(number(w, copy, ELEVATION_TYPE), 3);
	linked(w, w->a, copy);
	/* SYSTEM holds SeTcbPrivilege. */
	h = linked(w, w->t, limited);
	assert_int_equal(fix_token_number(f, w->t, h, TYPE), 1);
}

struct member_row {
	const char *name;
	const char *sid;
	bool member;
};

/* ib-0da6fc0cb838, ib-8209f4b3d3e1, ib-a797ef10c38c, ib-faa28c0239a3 */
static void membership_at_identification(void **state)
{
	static const struct member_row rows[] = {
		{ "Everyone", "S-1-1-0", true },
		{ "the user", "alice", true },
		{ "a group", "BUILTIN\\Users", true },
		{ "a stranger", "S-1-1-2-3-4-5-6-7-8", false },
		{ "the null SID", "S-1-0-0", false },
		{ "Administrators", "BA", false },
	};
	struct world *w = *state;
	struct gu_ref h = impersonation(w, 1);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool member = OK(&w->f, w->a, FN(CheckTokenMembership),
				 REF("token", h), STR("sid", rows[i].sid))
				      ->value.b;

		row_check(member == rows[i].member, rows[i].name);
	}
}

/* ib-6cc4b06d2ed4 */
static void membership_is_for_impersonation_tokens(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	FAILS(f, 1309, w->a, FN(CheckTokenMembership), REF("token", w->own),
	      STR("sid", "WD"));
	FAILS(f, 1346, w->a, FN(CheckTokenMembership),
	      REF("token", impersonation(w, 0)), STR("sid", "WD"));
	FAILS(f, 5, w->a, FN(CheckTokenMembership),
	      REF("token", with_rights(w, impersonation(w, 2), 0x4)),
	      STR("sid", "WD"));
}

static void without_a_token_membership_is_the_threads(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = fix_imp(f, w->alice, 2);

	assert_true(OK(f, w->t, FN(CheckTokenMembership), STR("sid", "BA"))
			    ->value.b);
	OK(f, w->t, FN(SetThreadToken), REF("token", token));
	assert_false(OK(f, w->t, FN(CheckTokenMembership), STR("sid", "BA"))
			     ->value.b);
	OK(f, w->t, FN(RevertToSelf));
	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 0));
	FAILS(f, 1347, w->t, FN(CheckTokenMembership), STR("sid", "BA"));
}

static void restricting_sids_must_agree_on_membership(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h = OPENED(f, w->a, FN(CreateRestrictedToken),
				 REF("token", impersonation(w, 2)),
				 LIST(f, "restrict", "WD"));

	assert_true(OK(f, w->a, FN(CheckTokenMembership), REF("token", h),
		       STR("sid", "WD"))
			    ->value.b);
	assert_false(OK(f, w->a, FN(CheckTokenMembership), REF("token", h),
			STR("sid", "BU"))
			     ->value.b);
}

static void all_privileges_asked_must_be_enabled(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h = impersonation(w, 1);

	assert_true(OK(f, w->a, FN(PrivilegeCheck), REF("token", h),
		       UINT("privileges", NOTIFY))
			    ->value.b);
	assert_false(OK(f, w->a, FN(PrivilegeCheck), REF("token", h),
			UINT("privileges", NOTIFY | BACKUP))
			     ->value.b);
	FAILS(f, 1346, w->a, FN(PrivilegeCheck),
	      REF("token", impersonation(w, 0)), UINT("privileges", NOTIFY));
	/* ib-fb2cf1916515 */
	h = OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", h),
		   UINT("delete", NOTIFY));
	assert_false(OK(f, w->a, FN(PrivilegeCheck), REF("token", h),
			UINT("privileges", NOTIFY))
			     ->value.b);
}

#define OWNED "O:SYG:SY"

struct check_row {
	const char *name;
	const char *sddl;
	unsigned level;
	uint32_t desired;
	uint32_t error; /* of the call */
};

/* Each row breaks what its line names and everything after it. */
static const struct check_row check_rows[] = {
	{ "generic bits", "D:", 0, 0x80000000, 1360 },
	{ "level Anonymous", "D:", 0, 1, 1346 },
	{ "no owner", "G:SYD:(A;;FA;;;WD)", 1, 1, 1338 },
	{ "no group", "O:SYD:(A;;FA;;;WD)", 1, 1, 1338 },
};

static void access_check_refuses_in_its_order(void **state)
{
	const size_t n = sizeof(check_rows) / sizeof(check_rows[0]);
	struct world *w = *state;

	for (size_t i = 0; i < n; i++) {
		const struct check_row *r = &check_rows[i];
		const struct gu_outcome *out =
			CALL(&w->f, w->a, FN(AccessCheck), STR("sddl", r->sddl),
			     REF("token", impersonation(w, r->level)),
			     UINT("access", r->desired));

		row_check(!out->status.ok, r->name);
		row_check(out->status.code == r->error, r->name);
		row_check(!out->decision.made, r->name);
	}
}

static void access_check_takes_an_impersonation_token_to_query(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	FAILS(f, 1309, w->a, FN(AccessCheck), STR("sddl", OWNED "D:"),
	      REF("token", w->own), UINT("access", 1));
	FAILS(f, 5, w->a, FN(AccessCheck), STR("sddl", OWNED "D:"),
	      REF("token", with_rights(w, impersonation(w, 2), 0x4)),
	      UINT("access", 1));
	MISUSED(f, w->a, FN(AccessCheck), STR("sddl", "D:("),
		REF("token", w->own), UINT("access", 1));
}

struct verdict_row {
	const char *name;
	const char *sddl;
	uint32_t desired;
	bool granted;
	uint32_t code;
};

static void access_check_succeeds_whatever_it_decides(void **state)
{
	static const struct verdict_row rows[] = {
		{ "granted", OWNED "D:(A;;FA;;;WD)", 0x1F01FF, true, 0 },
		{ "denied", OWNED "D:(A;;FR;;;WD)", 0x2, false, 5 },
		{ "a privilege is missing", OWNED "D:(A;;FA;;;WD)", 0x1000000,
		  false, 1314 },
	};
	struct world *w = *state;
	struct gu_ref h = impersonation(w, 1);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct verdict_row *r = &rows[i];
		const struct gu_outcome *out =
			OK(&w->f, w->a, FN(AccessCheck), STR("sddl", r->sddl),
			   REF("token", h), UINT("access", r->desired));

		row_check(out->status.code == r->code, r->name);
		row_check(out->decision.made, r->name);
		row_check(out->value.type == GU_V_TABLE, r->name);
		row_check(out->value.fields[0].value.b == r->granted, r->name);
		row_check(out->value.fields[1].value.u ==
				  (r->granted ? r->desired : 0),
			  r->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_primary_token_has_no_level),
		T(asking_takes_the_query_right),
		T(an_anonymous_level_tokens_handle_tells_everything),
		T(the_anonymous_token_has_no_logon_sid),
		T(an_ordinary_token_is_not_elevated_nor_linked),
		T(the_linked_token_is_a_new_one_to_look_at),
		T(membership_at_identification),
		T(membership_is_for_impersonation_tokens),
		T(without_a_token_membership_is_the_threads),
		T(restricting_sids_must_agree_on_membership),
		T(all_privileges_asked_must_be_enabled),
		T(access_check_refuses_in_its_order),
		T(access_check_takes_an_impersonation_token_to_query),
		T(access_check_succeeds_whatever_it_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
