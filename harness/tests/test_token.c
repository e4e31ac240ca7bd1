/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "token.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	ON = GU_GROUP_MANDATORY | GU_GROUP_ENABLED_BY_DEFAULT | GU_GROUP_ENABLED
};

static const struct gu_sid *wk(enum gu_wk id)
{
	return gu_sid_well_known(id);
}

static struct gu_sid alice(void)
{
	struct gu_sid sid = GU_SID_NONE;

	assert_rc_ok(gu_sid_parse(&sid, "S-1-5-21-1-2-3-1001", 19, NULL));
	return sid;
}

/* alice, an administrator at High, with three privileges, two enabled. */
static struct gu_token *token_new(void)
{
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_new(&t, NULL));
	t->user = alice();
	t->integrity = GU_IL_HIGH;
	t->elevation = GU_ELEVATION_FULL;
	assert_rc_ok(gu_token_add_group(t, wk(GU_WK_WORLD), ON, NULL));
	assert_rc_ok(gu_token_add_group(t, wk(GU_WK_BUILTIN_USERS), ON, NULL));
	assert_rc_ok(gu_token_add_group(t, wk(GU_WK_BUILTIN_ADMINISTRATORS),
					ON | GU_GROUP_OWNER, NULL));
	assert_rc_ok(gu_token_add_group(t, wk(GU_WK_BUILTIN_GUESTS), 0, NULL));
	assert_rc_ok(gu_token_add_group(t, wk(GU_WK_BATCH), GU_GROUP_DENY_ONLY,
					NULL));
	t->present = GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
		     GU_PRIV_BIT(GU_PRIV_Shutdown) |
		     GU_PRIV_BIT(GU_PRIV_Impersonate);
	t->enabled = GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
		     GU_PRIV_BIT(GU_PRIV_Impersonate);
	t->default_enabled = t->enabled;
	return t;
}

static void a_new_token_is_primary_medium_and_may_not_write_up(void **state)
{
	struct gu_token *t = NULL;

	(void)state;
	assert_rc_ok(gu_token_new(&t, NULL));
	assert_int_equal(t->refs, 1);
	assert_int_equal(t->type, GU_TOKEN_PRIMARY);
	assert_int_equal(t->integrity, GU_IL_MEDIUM);
	assert_int_equal(t->policy, GU_TOKEN_POLICY_NO_WRITE_UP);
	assert_int_equal(t->group_count, 0);
	gu_token_unref(t);
}

static void the_last_reference_frees(void **state)
{
	struct gu_token *t = token_new();
	struct gu_token *same = gu_token_ref(t);

	(void)state;
	assert_ptr_equal(same, t);
	assert_int_equal(t->refs, 2);
	gu_token_unref(t);
	assert_int_equal(same->refs, 1);
	gu_token_unref(same);
	gu_token_unref(NULL);
}

static void a_copy_shares_nothing(void **state)
{
	struct gu_token *t = token_new();
	struct gu_token *copy = NULL;

	(void)state;
	t->token_id = 5;
	assert_rc_ok(gu_acl_add(&t->default_dacl, GU_ACE_ALLOW, 1,
				wk(GU_WK_WORLD), NULL));
	assert_rc_ok(gu_token_copy(t, &copy, NULL));
	assert_int_equal(copy->refs, 1);
	assert_int_equal(copy->token_id, 5);
	copy->groups[0].attributes = 0;
	copy->default_dacl.aces[0].mask = 2;
	assert_int_equal(t->groups[0].attributes, ON);
	assert_int_equal(t->default_dacl.aces[0].mask, 1);
	gu_token_unref(t);
	assert_int_equal(copy->group_count, 5);
	gu_token_unref(copy);
}

static void membership_depends_on_state_and_question(void **state)
{
	/* Semantics 5.2 step 9. */
	static const struct {
		const char *name;
		uint32_t attributes;
		bool allow, deny;
	} rows[] = {
		{ "enabled", GU_GROUP_ENABLED, true, true },
		{ "disabled", 0, false, false },
		{ "mandatory alone", GU_GROUP_MANDATORY, false, false },
		{ "deny-only", GU_GROUP_DENY_ONLY, false, true },
		{ "deny-only though enabled",
		  GU_GROUP_DENY_ONLY | GU_GROUP_ENABLED, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_token *t = NULL;

		assert_rc_ok(gu_token_new(&t, NULL));
		assert_rc_ok(gu_token_add_group(t, wk(GU_WK_BUILTIN_USERS),
						rows[i].attributes, NULL));
		row_check(gu_token_has_sid(t, wk(GU_WK_BUILTIN_USERS), false) ==
				  rows[i].allow,
			  rows[i].name);
		row_check(gu_token_has_sid(t, wk(GU_WK_BUILTIN_USERS), true) ==
				  rows[i].deny,
			  rows[i].name);
		gu_token_unref(t);
	}
}

static void the_user_counts_unless_deny_only(void **state)
{
	struct gu_token *t = token_new();
	struct gu_sid user = alice();

	(void)state;
	assert_true(gu_token_has_sid(t, &user, false));
	assert_true(gu_token_has_sid(t, &user, true));
	t->user_deny_only = true;
	assert_false(gu_token_has_sid(t, &user, false));
	assert_true(gu_token_has_sid(t, &user, true));
	gu_token_unref(t);
}

static void a_group_is_found_by_its_sid(void **state)
{
	struct gu_token *t = token_new();

	(void)state;
	assert_ptr_equal(gu_token_find_group(t, wk(GU_WK_BUILTIN_USERS)),
			 &t->groups[1]);
	assert_null(gu_token_find_group(t, wk(GU_WK_LOCAL_SYSTEM)));
	gu_token_unref(t);
}

static void effective_only_drops_what_is_disabled(void **state)
{
	struct gu_token *t = token_new();

	(void)state;
	t->default_enabled |= GU_PRIV_BIT(GU_PRIV_Shutdown);
	gu_token_make_effective_only(t);
	assert_null(gu_token_find_group(t, wk(GU_WK_BUILTIN_GUESTS)));
	assert_non_null(gu_token_find_group(t, wk(GU_WK_BATCH)));
	assert_int_equal(t->group_count, 4);
	assert_int_equal(t->present, GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
					     GU_PRIV_BIT(GU_PRIV_Impersonate));
	assert_int_equal(t->default_enabled, t->present);
	assert_true(t->flags & GU_TOKEN_EFFECTIVE_ONLY);
	gu_token_unref(t);
}

static struct gu_token *
filtered(const struct gu_token *src, struct gu_token_filter filter)
{
	struct gu_token *t = NULL;

	assert_rc_ok(gu_token_filter(src, &filter, &t, NULL));
	return t;
}

static void disabling_makes_deny_only_even_what_is_mandatory(void **state)
{
	struct gu_token *src = token_new();
	struct gu_sid list[] = { *wk(GU_WK_WORLD), alice(),
				 *wk(GU_WK_LOCAL_SYSTEM) };
	struct gu_token *t =
		filtered(src, (struct gu_token_filter){ .disable = list,
							.disable_count = 3 });

	(void)state;
	assert_int_equal(t->groups[0].attributes,
			 GU_GROUP_MANDATORY | GU_GROUP_DENY_ONLY);
	assert_int_equal(t->groups[1].attributes, ON);
	assert_true(t->user_deny_only);
	assert_int_equal(t->group_count, src->group_count);
	assert_int_equal(src->groups[0].attributes, ON);
	assert_false(src->user_deny_only);
	gu_token_unref(src);
	gu_token_unref(t);
}

static void privileges_are_removed_for_good(void **state)
{
	struct gu_token *src = token_new();
	struct gu_token *t = filtered(
		src, (struct gu_token_filter){
			     .remove = GU_PRIV_BIT(GU_PRIV_Impersonate) |
				       GU_PRIV_BIT(GU_PRIV_Debug) });

	(void)state;
	assert_int_equal(t->present, GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
					     GU_PRIV_BIT(GU_PRIV_Shutdown));
	assert_int_equal(t->enabled, GU_PRIV_BIT(GU_PRIV_ChangeNotify));
	assert_int_equal(t->default_enabled, GU_PRIV_BIT(GU_PRIV_ChangeNotify));
	gu_token_unref(src);
	gu_token_unref(t);
}

static void disable_max_privilege_keeps_change_notify(void **state)
{
	struct gu_token *src = token_new();
	struct gu_token *t = filtered(
		src, (struct gu_token_filter){
			     .flags = GU_DISABLE_MAX_PRIVILEGE,
			     .remove = GU_PRIV_BIT(GU_PRIV_ChangeNotify) });

	(void)state;
	assert_int_equal(t->present, GU_PRIV_BIT(GU_PRIV_ChangeNotify));
	gu_token_unref(src);
	gu_token_unref(t);
}

static void lua_filtering_makes_an_everyday_token(void **state)
{
	static const struct gu_token_filter lua = { .flags = GU_LUA_TOKEN };
	static const gu_privset everyday =
		GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
		GU_PRIV_BIT(GU_PRIV_Shutdown) | GU_PRIV_BIT(GU_PRIV_Undock) |
		GU_PRIV_BIT(GU_PRIV_IncreaseWorkingSet) |
		GU_PRIV_BIT(GU_PRIV_TimeZone);
	struct gu_token *src = token_new();
	const struct gu_group *admins;
	struct gu_token *t;

	(void)state;
	src->present = UINT64_MAX;
	t = filtered(src, lua);
	admins = gu_token_find_group(t, wk(GU_WK_BUILTIN_ADMINISTRATORS));
	assert_true(admins->attributes & GU_GROUP_DENY_ONLY);
	assert_false(admins->attributes & GU_GROUP_ENABLED);
	assert_int_equal(t->elevation, GU_ELEVATION_LIMITED);
	assert_int_equal(t->integrity, GU_IL_MEDIUM);
	assert_true(t->present == everyday);
	gu_token_unref(src);
	gu_token_unref(t);
}

static void lua_filtering_does_not_raise_integrity(void **state)
{
	struct gu_token *src = token_new();
	struct gu_token *t;

	(void)state;
	src->integrity = GU_IL_LOW;
	t = filtered(src, (struct gu_token_filter){ .flags = GU_LUA_TOKEN });
	assert_int_equal(t->integrity, GU_IL_LOW);
	gu_token_unref(src);
	gu_token_unref(t);
}

static void restricting_sids_keep_their_order(void **state)
{
	struct gu_sid list[] = { *wk(GU_WK_RESTRICTED_CODE), *wk(GU_WK_WORLD) };
	struct gu_token *src = token_new();
	struct gu_token *t =
		filtered(src, (struct gu_token_filter){ .restrict_to = list,
							.restrict_count = 2 });

	(void)state;
	assert_true(gu_token_is_restricted(t));
	assert_false(gu_token_is_restricted(src));
	assert_int_equal(t->restricted_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(gu_sid_equal(&t->restricted[i].sid, &list[i]));
		assert_int_equal(t->restricted[i].attributes, 7);
	}
	gu_token_unref(src);
	gu_token_unref(t);
}

static void restricting_again_intersects(void **state)
{
	struct gu_sid first[] = { *wk(GU_WK_RESTRICTED_CODE),
				  *wk(GU_WK_WORLD) };
	struct gu_sid second[] = { *wk(GU_WK_WORLD), *wk(GU_WK_BUILTIN_USERS) };
	struct gu_token *src = token_new();
	struct gu_token *t =
		filtered(src, (struct gu_token_filter){ .restrict_to = first,
							.restrict_count = 2 });
	struct gu_token *u =
		filtered(t, (struct gu_token_filter){ .restrict_to = second,
						      .restrict_count = 2 });
	struct gu_token *same = filtered(t, (struct gu_token_filter){ 0 });

	(void)state;
	assert_int_equal(u->restricted_count, 1);
	assert_true(gu_sid_equal(&u->restricted[0].sid, wk(GU_WK_WORLD)));
	assert_int_equal(same->restricted_count, 2);
	gu_token_unref(src);
	gu_token_unref(t);
	gu_token_unref(u);
	gu_token_unref(same);
}

static void an_empty_intersection_stays_restricted(void **state)
{
	struct gu_token *src = token_new();
	struct gu_token *t = filtered(
		src, (struct gu_token_filter){ .restrict_to = wk(GU_WK_WORLD),
					       .restrict_count = 1 });
	struct gu_token *u = filtered(
		t, (struct gu_token_filter){ .restrict_to = wk(GU_WK_LOCAL),
					     .restrict_count = 1 });

	(void)state;
	assert_int_equal(u->restricted_count, 0);
	assert_true(gu_token_is_restricted(u));
	gu_token_unref(src);
	gu_token_unref(t);
	gu_token_unref(u);
}

static void write_restriction_never_loosens_a_full_one(void **state)
{
	struct gu_token_filter full = { .restrict_to = wk(GU_WK_WORLD),
					.restrict_count = 1 };
	struct gu_token_filter writes = full;
	struct gu_token *src = token_new();
	struct gu_token *a, *b, *c;

	(void)state;
	writes.flags = GU_WRITE_RESTRICTED;
	a = filtered(src, writes);
	assert_true(a->flags & GU_TOKEN_WRITE_RESTRICTED);
	b = filtered(a, full);
	assert_false(b->flags & GU_TOKEN_WRITE_RESTRICTED);
	c = filtered(b, writes);
	assert_false(c->flags & GU_TOKEN_WRITE_RESTRICTED);
	gu_token_unref(src);
	gu_token_unref(a);
	gu_token_unref(b);
	gu_token_unref(c);
}

static void filtering_keeps_what_the_logon_made(void **state)
{
	struct gu_token *src = token_new();
	struct gu_token *t;

	(void)state;
	src->type = GU_TOKEN_IMPERSONATION;
	src->level = GU_LEVEL_IDENTIFICATION;
	src->auth_id = 77;
	src->origin_auth_id = 78;
	t = filtered(src,
		     (struct gu_token_filter){ .flags = GU_SANDBOX_INERT });
	assert_int_equal(t->type, GU_TOKEN_IMPERSONATION);
	assert_int_equal(t->level, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(t->auth_id, 77);
	assert_int_equal(t->origin_auth_id, 78);
	assert_true(t->flags & GU_TOKEN_SANDBOX_INERT);
	gu_token_unref(src);
	gu_token_unref(t);
}

static void filtering_survives_any_failed_allocation(void **state)
{
	struct gu_token *src = token_new();
	struct gu_token_filter filter = { .restrict_to = wk(GU_WK_WORLD),
					  .restrict_count = 1 };
	enum gu_rc rc = GU_RC_NOMEM;

	(void)state;
	assert_rc_ok(gu_acl_add(&src->default_dacl, GU_ACE_ALLOW, 1,
				wk(GU_WK_WORLD), NULL));
	for (size_t n = 1; rc; n++) {
		struct gu_token *t = NULL;

		assert_true(n < 100);
		gu_alloc_fail_nth(n);
		rc = gu_token_filter(src, &filter, &t, NULL);
		assert_int_equal(rc,
				 gu_alloc_failed() ? GU_RC_NOMEM : GU_RC_OK);
		gu_alloc_fail_nth(0);
		assert_true((t == NULL) == (rc != GU_RC_OK));
		gu_token_unref(t);
	}
	gu_token_unref(src);
}

static void levels_are_known_by_both_names(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		enum gu_level level;
	} rows[] = {
		{ "Anonymous", true, GU_LEVEL_ANONYMOUS },
		{ "SecurityAnonymous", true, GU_LEVEL_ANONYMOUS },
		{ "identification", true, GU_LEVEL_IDENTIFICATION },
		{ "securityimpersonation", true, GU_LEVEL_IMPERSONATION },
		{ "SecurityDelegation", true, GU_LEVEL_DELEGATION },
		{ "Security", false, GU_LEVEL_ANONYMOUS },
		{ "", false, GU_LEVEL_ANONYMOUS },
		{ "Impersonate", false, GU_LEVEL_ANONYMOUS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum gu_level level = (enum gu_level)99;

		row_check(gu_level_parse(&level, rows[i].text) == rows[i].ok,
			  rows[i].text);
		row_check(level == (rows[i].ok ? rows[i].level
					       : (enum gu_level)99),
			  rows[i].text);
	}
	assert_string_equal(gu_level_name(GU_LEVEL_IMPERSONATION),
			    "Impersonation");
}

static void privileges_have_windows_numbers(void **state)
{
	static const struct {
		uint32_t luid;
		const char *name;
	} rows[] = {
		/* Semantics 5.9. */
		{ 2, "SeCreateTokenPrivilege" },
		{ 8, "SeSecurityPrivilege" },
		{ 23, "SeChangeNotifyPrivilege" },
		{ 29, "SeImpersonatePrivilege" },
		{ 36, "SeDelegateSessionUserImpersonatePrivilege" },
	};
	enum gu_priv priv = (enum gu_priv)99;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = gu_priv_name(rows[i].luid);

		row_check(name && strcmp(name, rows[i].name) == 0,
			  rows[i].name);
		row_check(gu_priv_parse(&priv, rows[i].name), rows[i].name);
		row_check((uint32_t)priv == rows[i].luid, rows[i].name);
	}
	assert_true(gu_priv_parse(&priv, "seimpersonateprivilege"));
	assert_false(gu_priv_parse(&priv, "SeImpersonate"));
	assert_null(gu_priv_name(0));
	assert_null(gu_priv_name(1));
	assert_null(gu_priv_name(37));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_new_token_is_primary_medium_and_may_not_write_up),
		cmocka_unit_test(the_last_reference_frees),
		cmocka_unit_test(a_copy_shares_nothing),
		cmocka_unit_test(membership_depends_on_state_and_question),
		cmocka_unit_test(the_user_counts_unless_deny_only),
		cmocka_unit_test(a_group_is_found_by_its_sid),
		cmocka_unit_test(effective_only_drops_what_is_disabled),
		cmocka_unit_test(
			disabling_makes_deny_only_even_what_is_mandatory),
		cmocka_unit_test(privileges_are_removed_for_good),
		cmocka_unit_test(disable_max_privilege_keeps_change_notify),
		cmocka_unit_test(lua_filtering_makes_an_everyday_token),
		cmocka_unit_test(lua_filtering_does_not_raise_integrity),
		cmocka_unit_test(restricting_sids_keep_their_order),
		cmocka_unit_test(restricting_again_intersects),
		cmocka_unit_test(an_empty_intersection_stays_restricted),
		cmocka_unit_test(write_restriction_never_loosens_a_full_one),
		cmocka_unit_test(filtering_keeps_what_the_logon_made),
		cmocka_unit_test(filtering_survives_any_failed_allocation),
		cmocka_unit_test(levels_are_known_by_both_names),
		cmocka_unit_test(privileges_have_windows_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
