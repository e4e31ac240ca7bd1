/* SPDX-License-Identifier: MIT */
#include "token_fix.h"

#include "banned.h"

/* Calls that change a token: semantics 4. */

struct adjust_row {
	const char *name;
	uint64_t enable, disable, remove;
	uint32_t code;
	uint32_t backup, notify; /* attributes after */
};

/* On a token with SeBackup (disabled) and SeChangeNotify (enabled). */
static const struct adjust_row adjust_rows[] = {
	{ "nothing", 0, 0, 0, 0, 0, 3 },
	{ "enable", BACKUP, 0, 0, 0, 2, 3 },
	{ "disable", 0, NOTIFY, 0, 0, 0, 1 },
	{ "remove", 0, 0, BACKUP, 0, FIX_ABSENT, 3 },
	{ "enable what is not held", TCB, 0, 0, 1300, 0, 3 },
	{ "enable one of two", TCB | BACKUP, 0, 0, 1300, 2, 3 },
	{ "disable what is not held", 0, TCB, 0, 1300, 0, 3 },
	{ "remove what is not held", 0, 0, TCB, 1300, 0, 3 },
	{ "all at once", BACKUP, NOTIFY, 0, 0, 2, 1 },
};

static void privileges_are_adjusted(void **state)
{
	const size_t n = sizeof(adjust_rows) / sizeof(adjust_rows[0]);
	struct world *w = *state;

	for (size_t i = 0; i < n; i++) {
		const struct adjust_row *r = &adjust_rows[i];
		struct gu_ref h =
			FIXTURE(&w->f, FN(token), REF("account", w->alice),
				UINT("privileges", BACKUP | NOTIFY),
				UINT("enabled", NOTIFY));
		const struct gu_outcome *out = OK(
			&w->f, w->a, FN(AdjustTokenPrivileges), REF("token", h),
			UINT("enable", r->enable), UINT("disable", r->disable),
			UINT("remove", r->remove));

		row_check(out->status.code == r->code, r->name);
		row_check(fix_privilege(&w->f, w->a, h, "SeBackupPrivilege") ==
				  r->backup,
			  r->name);
		row_check(fix_privilege(&w->f, w->a, h,
					"SeChangeNotifyPrivilege") == r->notify,
			  r->name);
	}
}

static void disabling_all_looks_at_no_list(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", w->own),
	   UINT("enable", TCB | NOTIFY), UINT("remove", NOTIFY),
	   BOOL("disable_all", true));
	assert_int_equal(f->call.out.status.code, 0);
	assert_int_equal(
		fix_privilege(f, w->a, w->own, "SeChangeNotifyPrivilege"), 1);
}

static void a_removed_privilege_is_not_enabled(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", w->own),
	   UINT("remove", NOTIFY));
	assert_false(OK(f, w->a, FN(PrivilegeCheck), REF("token", w->own),
			UINT("privileges", NOTIFY))
			     ->value.b);
}

static void a_removed_privilege_does_not_come_back(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;

	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", w->own),
	   UINT("remove", NOTIFY));
	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", w->own),
	   UINT("enable", NOTIFY));
	assert_int_equal(f->call.out.status.code, 1300);
	assert_int_equal(
		fix_privilege(f, w->a, w->own, "SeChangeNotifyPrivilege"),
		FIX_ABSENT);
}

static void adjusting_takes_a_right_and_changes_the_modified_id(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	const struct gu_value *statistics;
	uint64_t before, token_id;

	FAILS(f, 5, w->a, FN(AdjustTokenPrivileges),
	      REF("token", with_rights(w, w->own, 0x8)),
	      BOOL("disable_all", true));
	statistics = &OK(f, w->a, FN(GetTokenInformation), REF("token", w->own),
			 UINT("class", STATISTICS))
			      ->value;
	assert_string_equal(statistics->fields[0].name, "token_id");
	assert_string_equal(statistics->fields[2].name, "modified_id");
	token_id = statistics->fields[0].value.u;
	before = statistics->fields[2].value.u;
	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", w->own),
	   BOOL("disable_all", true));
	statistics = &OK(f, w->a, FN(GetTokenInformation), REF("token", w->own),
			 UINT("class", STATISTICS))
			      ->value;
	assert_int_equal(statistics->fields[0].value.u, token_id);
	assert_int_not_equal(statistics->fields[2].value.u, before);
}

static void groups_are_adjusted(void **state)
{
	const struct gu_field fields[] = {
		{ "sid", fix_str("BG") },
		{ "attributes", fix_uint(0x6) },
	};
	const struct gu_value entry = { .type = GU_V_TABLE,
					.count = 2,
					.fields = fields };
	const struct gu_value list = { .type = GU_V_LIST,
				       .count = 1,
				       .list = &entry };
	const char *guests = "S-1-5-32-546";
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h = FIXTURE(f, FN(token), REF("account", w->alice),
				  VALUE("groups", list));

	OK(f, w->a, FN(AdjustTokenGroups), REF("token", h),
	   LIST(f, "disable", "BG"));
	assert_int_equal(group(w, h, guests), 0x2);
	OK(f, w->a, FN(AdjustTokenGroups), REF("token", h),
	   BOOL("reset", true));
	assert_int_equal(group(w, h, guests), 0x6);
	OK(f, w->a, FN(AdjustTokenGroups), REF("token", h),
	   LIST(f, "disable", "BG", "S-1-5-21-1-2-3-4"));
	assert_int_equal(f->call.out.status.code, 1300);
	assert_int_equal(group(w, h, guests), 0x2);
}

/* ib-4427d134141f, ib-8041c0ab7584, ib-84caeb4d42f3, ib-5829214ec536 */
static void adjusting_groups_fails_as_documented(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref deny =
		OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", w->own),
		       LIST(f, "disable", "BU"));

	FAILS(f, 6, w->a, FN(AdjustTokenGroups),
	      REF("token", fix_raw_handle(0)), BOOL("reset", true));
	FAILS(f, 5, w->a, FN(AdjustTokenGroups),
	      REF("token", with_rights(w, w->own, 0x2)), BOOL("reset", true));
	FAILS(f, 87, w->a, FN(AdjustTokenGroups), REF("token", w->own));
	OK(f, w->a, FN(AdjustTokenGroups), REF("token", w->own),
	   BOOL("reset", true));
	FAILS(f, 1310, w->a, FN(AdjustTokenGroups), REF("token", w->own),
	      LIST(f, "disable", "BU"));
	FAILS(f, 1310, w->a, FN(AdjustTokenGroups), REF("token", deny),
	      LIST(f, "enable", "BU"));
	OK(f, w->a, FN(AdjustTokenGroups), REF("token", deny),
	   BOOL("reset", true));
	assert_int_equal(group(w, deny, USERS) & 0x14, 0x10);
}

/* ib-a8a987ec5797, ib-b87da7bae1f1 */
static void integrity_can_be_lowered_and_not_raised(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h = with_rights(w, w->own, 0x88);

	OK(f, w->a, FN(SetTokenInformation), REF("token", h),
	   UINT("class", INTEGRITY), STR("value", "Low"));
	assert_int_equal(fix_identity(f, w->a).integrity, GU_IL_LOW);
	OK(f, w->a, FN(SetTokenInformation), REF("token", h),
	   UINT("class", INTEGRITY), UINT("value", GU_IL_UNTRUSTED));
	assert_int_equal(fix_identity(f, w->a).integrity, GU_IL_UNTRUSTED);
	FAILS(f, 1314, w->a, FN(SetTokenInformation), REF("token", h),
	      UINT("class", INTEGRITY), STR("value", "Medium"));
	FAILS(f, 5, w->a, FN(SetTokenInformation),
	      REF("token", with_rights(w, h, 0x8)), UINT("class", INTEGRITY),
	      STR("value", "Untrusted"));
	OK(f, w->t, FN(SetTokenInformation),
	   REF("token", fix_primary(f, w->alice)), UINT("class", INTEGRITY),
	   STR("value", "High"));
}

/* Privileges do not count below Impersonation. */
static void a_thread_below_impersonation_raises_nothing(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = fix_primary(f, w->alice);

	OK(f, w->t, FN(ImpersonateSelf), UINT("level", 1));
	FAILS(f, 1314, w->t, FN(SetTokenInformation), REF("token", token),
	      UINT("class", INTEGRITY), STR("value", "High"));
}

static void an_owner_must_be_one(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref own = fix_own_token(f, w->t);
	struct gu_ref less =
		OPENED(f, w->t, FN(CreateRestrictedToken), REF("token", own),
		       LIST(f, "disable", "BA"));

	OK(f, w->t, FN(SetTokenInformation), REF("token", own),
	   UINT("class", OWNER), STR("value", "SY"));
	OK(f, w->t, FN(SetTokenInformation), REF("token", own),
	   UINT("class", OWNER), STR("value", "BA"));
	FAILS(f, 1307, w->t, FN(SetTokenInformation), REF("token", own),
	      UINT("class", OWNER), STR("value", "WD"));
	FAILS(f, 1307, w->a, FN(SetTokenInformation), REF("token", w->own),
	      UINT("class", OWNER), STR("value", "SY"));
	FAILS(f, 1307, w->t, FN(SetTokenInformation), REF("token", less),
	      UINT("class", OWNER), STR("value", "BA"));
	FAILS(f, 1308, w->a, FN(SetTokenInformation), REF("token", w->own),
	      UINT("class", 5), STR("value", "BA"));
	OK(f, w->a, FN(SetTokenInformation), REF("token", w->own),
	   UINT("class", 5), STR("value", "BU"));
}

/* ib-dd18ebfc549a; and new objects follow it. */
static void the_default_dacl_goes_to_new_objects(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	const char *dacl;

	FAILS(f, 5, w->a, FN(SetTokenInformation),
	      REF("token", with_rights(w, w->own, 0x8)), UINT("class", 6),
	      STR("value", "D:(A;;GA;;;SY)"));
	OK(f, w->a, FN(SetTokenInformation), REF("token", w->own),
	   UINT("class", 6), STR("value", "D:(A;;GR;;;WD)"));
	dacl = OK(f, w->a, FN(GetTokenInformation), REF("token", w->own),
		  UINT("class", 6))
		       ->value.str.p;
	assert_string_equal(dacl, "D:(A;;GR;;;WD)");
	OK(f, w->a, FN(CreateEvent), STR("name", "e"));
	OK(f, w->a, FN(OpenEvent), UINT("access", 1), STR("name", "e"));
	FAILS(f, 5, w->a, FN(OpenEvent), UINT("access", 2), STR("name", "e"));
	MISUSED(f, w->a, FN(SetTokenInformation), REF("token", w->own),
		UINT("class", 6), STR("value", "D:("));
	MISUSED(f, w->a, FN(SetTokenInformation), REF("token", w->own),
		UINT("class", INTEGRITY), STR("value", "Enormous"));
	FAILS(f, 87, w->a, FN(SetTokenInformation), REF("token", w->own),
	      UINT("class", USER_CLASS), STR("value", "SY"));
}

static void sessions_are_set_by_the_system(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref own = fix_own_token(f, w->t);

	FAILS(f, 1314, w->a, FN(SetTokenInformation), REF("token", w->own),
	      UINT("class", 12), UINT("value", 2));
	OK(f, w->t, FN(SetTokenInformation), REF("token", own),
	   UINT("class", 12), UINT("value", 2));
	assert_int_equal(fix_token_number(f, w->t, own, 12), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(privileges_are_adjusted),
		T(disabling_all_looks_at_no_list),
		T(a_removed_privilege_is_not_enabled),
		T(a_removed_privilege_does_not_come_back),
		T(adjusting_takes_a_right_and_changes_the_modified_id),
		T(groups_are_adjusted),
		T(adjusting_groups_fails_as_documented),
		T(integrity_can_be_lowered_and_not_raised),
		T(a_thread_below_impersonation_raises_nothing),
		T(an_owner_must_be_one),
		T(the_default_dacl_goes_to_new_objects),
		T(sessions_are_set_by_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
