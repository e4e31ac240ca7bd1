/* SPDX-License-Identifier: MIT */
#include "token_fix.h"

#include "banned.h"

/* Token handles, duplicates and restricted tokens: semantics 4. */

/* ib-cfc1abde154c, ib-da75e7813574, ib-500657582389 */
static void a_process_token_takes_limited_query_rights(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref limited =
		OPENED(f, w->a, FN(OpenProcess), UINT("access", 0x1000),
		       REF("process", w->app));
	struct gu_ref terminate =
		OPENED(f, w->a, FN(OpenProcess), UINT("access", 0x1),
		       REF("process", w->app));

	OK(f, w->a, FN(OpenProcessToken), REF("process", limited),
	   UINT("access", 0x8));
	FAILS(f, 5, w->a, FN(OpenProcessToken), REF("process", terminate),
	      UINT("access", 0x8));
	FAILS(f, 6, w->a, FN(OpenProcessToken),
	      REF("process", fix_raw_handle(4711)), UINT("access", 0x8));
}

static void a_process_token_is_open_to_its_user_and_system(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref b;

	fix_account(f, "bob", "BU");
	b = fix_run_as(f, "bob");
	OK(f, w->t, FN(OpenProcessToken), REF("process", w->app),
	   UINT("access", TOKEN_ALL));
	FAILS(f, 5, b, FN(OpenProcessToken), REF("process", w->app),
	      UINT("access", 0x8));
	FAILS(f, 5, w->a, FN(OpenProcessToken), REF("process", w->svc),
	      UINT("access", 0x8));
}

/* ib-4e5a3c252c11 */
static void a_thread_without_a_token_has_none_to_open(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 1008, w->a, FN(OpenThreadToken), UINT("access", 0x8));
}

/* ib-632013b4f0c3, ib-f85aa80c7d6c */
static void the_thread_handle_is_looked_at_first(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref terminate =
		OPENED(f, w->a, FN(OpenThread), UINT("access", 0x1),
		       REF("thread", w->a));
	struct gu_ref limited =
		OPENED(f, w->a, FN(OpenThread), UINT("access", 0x800),
		       REF("thread", w->a));

	/* Before it is seen that there is no token. */
	FAILS(f, 5, w->a, FN(OpenThreadToken), REF("thread", terminate),
	      UINT("access", 0x8));
	FAILS(f, 1008, w->a, FN(OpenThreadToken), REF("thread", limited),
	      UINT("access", 0x8));
	OK(f, w->a, FN(ImpersonateSelf), UINT("level", 2));
	OK(f, w->a, FN(OpenThreadToken), REF("thread", limited),
	   UINT("access", 0x8));
	assert_int_equal(number(w, f->call.out.value.ref, LEVEL), 2);
	/* ib-25b8af14131e */
	FAILS(f, 6, w->a, FN(OpenThreadToken),
	      REF("thread", fix_raw_handle(4711)), UINT("access", 0x8));
}

struct level_row {
	unsigned level;
	uint32_t as_client, as_self; /* errors */
};

/* ib-16a1b43be593, ib-51a4957c01e8, ib-602153992fef, ib-b9641505aaa1 */
static void the_level_decides_who_may_open(void **state)
{
	static const struct level_row rows[] = {
		{ 0, 1347, 1347 },
		{ 1, 1346, 0 },
		{ 2, 0, 0 },
		{ 3, 0, 0 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct level_row *r = &rows[i];
		const char *name = gu_level_name((enum gu_level)r->level);
		const struct gu_outcome *out;

		OK(&w->f, w->a, FN(ImpersonateSelf), UINT("level", r->level));
		out = CALL(&w->f, w->a, FN(OpenThreadToken),
			   UINT("access", 0x8));
		row_check(out->status.code == r->as_client, name);
		out = CALL(&w->f, w->a, FN(OpenThreadToken),
			   UINT("access", 0x8), BOOL("open_as_self", true));
		row_check(out->status.code == r->as_self, name);
		OK(&w->f, w->a, FN(RevertToSelf));
	}
}

/* The reason to use open_as_self. */
static void a_client_may_not_be_able_to_open_its_own_token(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token =
		FIXTURE(f, FN(token), REF("account", w->alice),
			UINT("level", 2), STR("sddl", "D:(A;;GA;;;SY)"));

	OK(f, w->t, FN(SetThreadToken), REF("token", token));
	FAILS(f, 5, w->t, FN(OpenThreadToken), UINT("access", 0x8));
	OK(f, w->t, FN(OpenThreadToken), UINT("access", 0x8),
	   BOOL("open_as_self", true));
}

static void a_channels_token_is_opened_as_a_private_copy(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	uint64_t id;

	OK(f, w->t, FN(NtImpersonateThread), REF("server", w->t),
	   REF("client", w->a), SQOS("sqos", 2, false, false));
	id = fix_identity(f, w->t).token_id;
	OK(f, w->t, FN(OpenThreadToken), UINT("access", TOKEN_ALL));
	assert_int_not_equal(fix_identity(f, w->t).token_id, id);
	id = fix_identity(f, w->t).token_id;
	OK(f, w->t, FN(OpenThreadToken), UINT("access", TOKEN_ALL));
	assert_int_equal(fix_identity(f, w->t).token_id, id);
}

static void the_process_may_open_that_copy(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref t = fix_run_as(f, "NT AUTHORITY\\LOCAL SERVICE");

	OK(f, t, FN(NtImpersonateThread), REF("server", t), REF("client", w->a),
	   SQOS("sqos", 2, false, false));
	OK(f, t, FN(OpenThreadToken), UINT("access", TOKEN_ALL),
	   BOOL("open_as_self", true));
}

/* ib-4c2505d02dc2, ib-7a07638e1f53, ib-ba96d98f4a45, ib-6ce7fef2f98d */
static void a_primary_token_duplicates_at_any_level(void **state)
{
	struct world *w = *state;

	for (unsigned level = 0; level <= 3; level++) {
		struct gu_ref h = impersonation(w, level);

		assert_int_equal(number(w, h, TYPE), 2);
		assert_int_equal(number(w, h, LEVEL), level);
	}
}

struct raise_row {
	const char *name;
	unsigned source, wanted, type;
	uint32_t error;
};

/* ib-b91f75ed1d2e */
static const struct raise_row raise_rows[] = {
	{ "the same level", 2, 2, 2, 0 },
	{ "a lower level", 2, 1, 2, 0 },
	{ "a higher level", 1, 2, 2, 1346 },
	{ "the highest", 2, 3, 2, 1346 },
	{ "from Anonymous", 0, 1, 2, 1346 },
	{ "primary from Impersonation", 2, 2, 1, 0 },
	{ "primary from Identification", 1, 1, 1, 1346 },
	{ "primary, asking for a higher level", 2, 3, 1, 1346 },
	{ "primary from Delegation", 3, 0, 1, 0 },
	{ "no such type", 2, 2, 3, 87 },
	{ "type zero", 2, 2, 0, 87 },
	{ "no such level", 2, 4, 2, 87 },
};

static void a_level_cannot_be_raised(void **state)
{
	const size_t n = sizeof(raise_rows) / sizeof(raise_rows[0]);
	struct world *w = *state;

	for (size_t i = 0; i < n; i++) {
		const struct raise_row *r = &raise_rows[i];
		struct gu_ref src = impersonation(w, r->source);
		const struct gu_outcome *out = CALL(
			&w->f, w->a, FN(DuplicateTokenEx), REF("token", src),
			UINT("level", r->wanted), UINT("type", r->type));

		row_check(out->status.code == r->error, r->name);
		row_check(out->status.ok == !r->error, r->name);
	}
}

struct access_row {
	const char *name;
	uint32_t source, asked, granted;
};

/* ib-bb1ea9ccd320, ib-de5e9a485d9e, ib-ae53064f8e53, ib-c2f9efbf4cd9 */
static void a_copys_creator_gets_what_it_asked_for(void **state)
{
	static const struct access_row rows[] = {
		{ "zero: as the source's handle", 0xA, 0, 0xA },
		{ "one right that the source's handle lacks", 0xA, 0x10, 0x10 },
		{ "all that is allowed", 0xA, 0x2000000, TOKEN_ALL },
		{ "a generic right", 0xA, 0x80000000, 0x20008 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gu_ref h = with_rights(w, w->own, rows[i].source);

		for (unsigned type = 1; type <= 2; type++) {
			OK(&w->f, w->a, FN(DuplicateTokenEx), REF("token", h),
			   UINT("access", rows[i].asked), UINT("level", 1),
			   UINT("type", type));
			row_check(w->f.call.out.decision.granted ==
					  rows[i].granted,
				  rows[i].name);
		}
	}
}

/* ib-dd7485a39b06, ib-9284c4df4709 */
static void duplicating_takes_the_right_to_duplicate(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h = with_rights(w, w->own, 0x8);

	FAILS(f, 5, w->a, FN(DuplicateTokenEx), REF("token", h),
	      UINT("type", 1));
	FAILS(f, 5, w->a, FN(DuplicateToken), REF("token", h),
	      UINT("level", 2));
	FAILS(f, 0xC0000022, w->a, FN(NtDuplicateToken), REF("token", h),
	      UINT("type", 1));
	FAILS(f, 0xC0000008, w->a, FN(NtDuplicateToken),
	      REF("token", fix_raw_handle(4711)), UINT("type", 1));
	/* ib-9421b04f89c8 */
	FAILS(f, 5, w->a, FN(CreateRestrictedToken), REF("token", h),
	      UINT("flags", 1));
}

static void duplicate_token_gives_impersonate_and_query(void **state)
{
	struct world *w = *state;
	struct gu_ref one = impersonation(w, 1);

	OK(&w->f, w->a, FN(DuplicateToken), REF("token", w->own),
	   UINT("level", 2));
	assert_int_equal(w->f.call.out.decision.granted, 0xC);
	FAILS(&w->f, 1346, w->a, FN(DuplicateToken), REF("token", one),
	      UINT("level", 2));
}

/* ib-bfca9eac8e9e, and the native function's documentation. */
static void without_qos_the_native_function_keeps_the_level(void **state)
{
	struct world *w = *state;
	struct gu_ref h;

	h = OPENED(&w->f, w->a, FN(NtDuplicateToken), REF("token", w->own),
		   UINT("type", 2));
	assert_int_equal(number(w, h, LEVEL), 0);
	h = OPENED(&w->f, w->a, FN(NtDuplicateToken),
		   REF("token", impersonation(w, 1)), UINT("type", 2));
	assert_int_equal(number(w, h, LEVEL), 1);
	h = OPENED(&w->f, w->a, FN(NtDuplicateToken),
		   REF("token", impersonation(w, 3)), UINT("type", 2),
		   SQOS("sqos", 2, false, false));
	assert_int_equal(number(w, h, LEVEL), 2);
}

/* ib-352f4b19a6c3, ib-d3b1e9ed8632, ib-3ae18ce9e913 */
static void what_is_disabled_goes_with_effective_only(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	const char *name = "SeChangeNotifyPrivilege";
	struct gu_ref h;

	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", w->own),
	   UINT("disable", GU_PRIV_BIT(GU_PRIV_ChangeNotify)));
	h = OPENED(f, w->a, FN(NtDuplicateToken), REF("token", w->own),
		   UINT("type", 1));
	assert_int_equal(fix_privilege(f, w->a, h, name), 1);
	h = OPENED(f, w->a, FN(NtDuplicateToken), REF("token", w->own),
		   BOOL("effective_only", true), UINT("type", 1));
	assert_int_equal(fix_privilege(f, w->a, h, name), FIX_ABSENT);
}

/* ib-de59a4bc956e, ib-656231815fd5 */
static void a_copy_has_a_descriptor_of_its_own(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref shut, copy;

	shut = OPENED(f, w->a, FN(DuplicateTokenEx), REF("token", w->own),
		      UINT("access", 0x2), UINT("type", 1),
		      STR("sddl", "D:(A;;0x2;;;WD)"));
	FAILS(f, 5, w->a, FN(DuplicateHandle), REF("handle", shut),
	      UINT("access", 0x8));
	copy = OPENED(f, w->a, FN(DuplicateTokenEx), REF("token", shut),
		      UINT("access", 0x2), UINT("type", 1));
	OK(f, w->a, FN(DuplicateHandle), REF("handle", copy),
	   UINT("access", 0x8));
}

/* ib-64528b4aba4c, ib-e36bc9a3f66c */
static void restricting_keeps_type_and_level(void **state)
{
	struct world *w = *state;
	struct gu_ref h;

	h = OPENED(&w->f, w->a, FN(CreateRestrictedToken), REF("token", w->own),
		   UINT("flags", 1));
	assert_int_equal(number(w, h, TYPE), 1);
	h = OPENED(&w->f, w->a, FN(CreateRestrictedToken),
		   REF("token", impersonation(w, 2)), UINT("flags", 1));
	assert_int_equal(number(w, h, TYPE), 2);
	assert_int_equal(number(w, h, LEVEL), 2);
}

/* Semantics 5.2, step 5: a new token's SACL is no different. */
static void the_sacl_of_a_duplicate_takes_a_privilege(void **state)
{
	const uint64_t security = GU_PRIV_BIT(GU_PRIV_Security);
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref own = fix_own_token(f, w->t);

	FAILS(f, 1314, w->t, FN(DuplicateTokenEx), REF("token", own),
	      UINT("access", 0x1000008), UINT("type", 1));
	OK(f, w->t, FN(AdjustTokenPrivileges), REF("token", own),
	   UINT("enable", security));
	OK(f, w->t, FN(DuplicateTokenEx), REF("token", own),
	   UINT("access", 0x1000008), UINT("type", 1));
	assert_int_equal(f->call.out.decision.granted, 0x1000008);
}

static void a_restricted_tokens_handle_has_the_sources_rights(void **state)
{
	struct world *w = *state;
	struct gu_ref h = with_rights(w, w->own, 0xA);

	OK(&w->f, w->a, FN(CreateRestrictedToken), REF("token", h));
	assert_int_equal(w->f.call.out.decision.granted, 0xA);
}

/* ib-8ad0183466de, ib-dceffa9ed986, ib-972422a2d588 */
static void privileges_can_be_taken_away(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref own = fix_own_token(f, w->t);
	struct gu_ref h;

	h = OPENED(f, w->t, FN(CreateRestrictedToken), REF("token", own),
		   UINT("flags", 1));
	assert_int_equal(fix_privilege(f, w->t, h, "SeChangeNotifyPrivilege"),
			 3);
	assert_int_equal(fix_privilege(f, w->t, h, "SeImpersonatePrivilege"),
			 FIX_ABSENT);
	assert_int_equal(fix_token_number(f, w->t, h, IS_RESTRICTED), 0);
	h = OPENED(f, w->t, FN(CreateRestrictedToken), REF("token", own),
		   UINT("delete", ~UINT64_C(0)));
	assert_int_equal(fix_privilege(f, w->t, h, "SeChangeNotifyPrivilege"),
			 FIX_ABSENT);
	h = OPENED(f, w->t, FN(CreateRestrictedToken), REF("token", own),
		   UINT("delete", GU_PRIV_BIT(GU_PRIV_SystemEnvironment)));
	assert_int_equal(
		fix_privilege(f, w->t, h, "SeSystemEnvironmentPrivilege"),
		FIX_ABSENT);
	assert_int_not_equal(
		fix_privilege(f, w->t, h, "SeImpersonatePrivilege"),
		FIX_ABSENT);
}

/* ib-0f54e4fbe844, ib-a691ebb8f6bf, ib-0b9ad20e8711 */
static void groups_become_deny_only(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref imp = impersonation(w, 2);
	struct gu_ref h =
		OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", imp),
		       LIST(f, "disable", "WD", "S-1-5-21-1-2-3-4"));

	assert_int_equal(group(w, h, "S-1-1-0") & 0x14, 0x10);
	assert_int_equal(group(w, h, USERS) & 0x14, 0x4);
	assert_int_equal(group(w, h, "S-1-5-21-1-2-3-4"), FIX_ABSENT);
	assert_false(OK(f, w->a, FN(CheckTokenMembership), REF("token", h),
			STR("sid", "WD"))
			     ->value.b);
}

/* ib-819bfc9fe539, ib-b733832c7faa, ib-f29e9f25a248, ib-6e66dbcf41a9 */
static void restricting_sids_are_kept_in_order(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	const struct gu_value *list;
	struct gu_ref h =
		OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", w->own),
		       LIST(f, "restrict", "RC", "BU", "S-1-5-1"));

	assert_int_equal(number(w, h, IS_RESTRICTED), 1);
	OK(f, w->a, FN(GetTokenInformation), REF("token", h),
	   UINT("class", RESTRICTED));
	list = &f->call.out.value;
	assert_int_equal(list->count, 3);
	assert_int_equal(fix_entry(list, "S-1-5-12"), 7);
	assert_string_equal(list->list[0].fields[0].value.str.p, "S-1-5-12");
	assert_string_equal(list->list[1].fields[0].value.str.p, USERS);
	assert_string_equal(list->list[2].fields[0].value.str.p, "S-1-5-1");
	assert_int_equal(count(w, w->own, RESTRICTED), 0);
}

static void restricting_twice_intersects(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h =
		OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", w->own),
		       LIST(f, "restrict", "RC", "BU"));

	h = OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", h),
		   LIST(f, "restrict", "BU", "WD"));
	assert_int_equal(count(w, h, RESTRICTED), 1);
	assert_int_equal(fix_group(f, w->a, h, RESTRICTED, USERS), 7);
}

/* ib-374fb8e36500, ib-3754de63cc88 */
static void restricting_sids_come_without_attributes(void **state)
{
	struct world *w = *state;

	for (uint32_t attributes = 0; attributes <= 4; attributes += 4) {
		const struct gu_field fields[] = {
			{ "sid", fix_str("S-1-5-1") },
			{ "attributes", fix_uint(attributes) },
		};
		const struct gu_value entry = { .type = GU_V_TABLE,
						.count = 2,
						.fields = fields };
		const struct gu_value list = { .type = GU_V_LIST,
					       .count = 1,
					       .list = &entry };
		const struct gu_outcome *out =
			CALL(&w->f, w->a, FN(CreateRestrictedToken),
			     REF("token", w->own), VALUE("restrict", list));

		assert_int_equal(out->status.code, attributes ? 87 : 0);
	}
}

static void unknown_filter_flags_are_refused(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 87, w->a, FN(CreateRestrictedToken), REF("token", w->own),
	      UINT("flags", 0x10));
}

/* ib-bbac32973087, ib-17320512d617 */
static void sandbox_inert_shows(void **state)
{
	struct world *w = *state;
	struct gu_ref h = OPENED(&w->f, w->a, FN(CreateRestrictedToken),
				 REF("token", w->own), UINT("flags", 2));

	assert_int_equal(number(w, w->own, SANDBOX_INERT), 0);
	assert_int_equal(number(w, h, SANDBOX_INERT), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_process_token_takes_limited_query_rights),
		T(a_process_token_is_open_to_its_user_and_system),
		T(a_thread_without_a_token_has_none_to_open),
		T(the_thread_handle_is_looked_at_first),
		T(the_level_decides_who_may_open),
		T(a_client_may_not_be_able_to_open_its_own_token),
		T(a_channels_token_is_opened_as_a_private_copy),
		T(the_process_may_open_that_copy),
		T(a_primary_token_duplicates_at_any_level),
		T(a_level_cannot_be_raised),
		T(a_copys_creator_gets_what_it_asked_for),
		T(duplicating_takes_the_right_to_duplicate),
		T(duplicate_token_gives_impersonate_and_query),
		T(without_qos_the_native_function_keeps_the_level),
		T(what_is_disabled_goes_with_effective_only),
		T(a_copy_has_a_descriptor_of_its_own),
		T(restricting_keeps_type_and_level),
		T(the_sacl_of_a_duplicate_takes_a_privilege),
		T(a_restricted_tokens_handle_has_the_sources_rights),
		T(privileges_can_be_taken_away),
		T(groups_become_deny_only),
		T(restricting_sids_are_kept_in_order),
		T(restricting_twice_intersects),
		T(restricting_sids_come_without_attributes),
		T(unknown_filter_flags_are_refused),
		T(sandbox_inert_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
