/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* Token handles, duplicates, restricted tokens, adjusting and asking:
 * semantics 4. */

#define SYSTEM "NT AUTHORITY\\SYSTEM"
#define ADMINS "S-1-5-32-544"
#define USERS  "S-1-5-32-545"

enum { TOKEN_ALL = 0xF01FF };

enum { USER_CLASS = 1, GROUPS = 2, PRIVILEGES = 3, OWNER = 4, TYPE = 8,
       LEVEL = 9, STATISTICS = 10, RESTRICTED = 11, SANDBOX_INERT = 15,
       ELEVATION_TYPE = 18, LINKED = 19, ELEVATION = 20, INTEGRITY = 25,
       LOGON_SID = 28, IS_RESTRICTED = 40 };

struct world {
	struct fix f;
	struct gu_ref alice;
	struct gu_ref svc, t; /* SYSTEM's */
	struct gu_ref app, a; /* alice's */
	struct gu_ref own;    /* a handle of `a` to its process's token */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice = fix_account(&w.f, "alice", "BU");
	w.svc = fix_process(&w.f, "svc", SYSTEM);
	w.t = fix_thread(&w.f, w.svc, "t");
	w.app = fix_process(&w.f, "app", "alice");
	w.a = fix_thread(&w.f, w.app, "a");
	w.own = fix_own_token(&w.f, w.a);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static struct gu_ref with_rights(struct world *w, struct gu_ref token,
				 uint32_t access)
{
	return OPENED(&w->f, w->a, FN(DuplicateHandle), REF("handle", token),
		      UINT("access", access));
}

static struct gu_ref impersonation(struct world *w, unsigned level)
{
	return OPENED(&w->f, w->a, FN(DuplicateTokenEx), REF("token", w->own),
		      UINT("access", TOKEN_ALL), UINT("level", level),
		      UINT("type", 2));
}

static uint64_t number(struct world *w, struct gu_ref token, uint32_t class)
{
	return fix_token_number(&w->f, w->a, token, class);
}

static uint32_t group(struct world *w, struct gu_ref token, const char *sid)
{
	return fix_group(&w->f, w->a, token, GROUPS, sid);
}

static uint32_t count(struct world *w, struct gu_ref token, uint32_t class)
{
	return OK(&w->f, w->a, FN(GetTokenInformation), REF("token", token),
		  UINT("class", class))
		->value.count;
}

/* --- OpenProcessToken ------------------------------------------------------------- */

/* ib-cfc1abde154c, ib-da75e7813574, ib-500657582389 */
static void a_process_token_takes_limited_query_rights(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref limited = OPENED(f, w->a, FN(OpenProcess),
				       UINT("access", 0x1000),
				       REF("process", w->app));
	struct gu_ref terminate = OPENED(f, w->a, FN(OpenProcess),
					 UINT("access", 0x1),
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

/* --- OpenThreadToken: the order of its checks ---------------------------------------- */

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
	struct gu_ref terminate = OPENED(f, w->a, FN(OpenThread),
					 UINT("access", 0x1),
					 REF("thread", w->a));
	struct gu_ref limited = OPENED(f, w->a, FN(OpenThread),
				       UINT("access", 0x800),
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
	struct gu_ref token = FIXTURE(f, FN(token), REF("account", w->alice),
				      UINT("level", 2),
				      STR("sddl", "D:(A;;GA;;;SY)"));

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

	OK(f, t, FN(NtImpersonateThread), REF("server", t),
	   REF("client", w->a), SQOS("sqos", 2, false, false));
	OK(f, t, FN(OpenThreadToken), UINT("access", TOKEN_ALL),
	   BOOL("open_as_self", true));
}

/* --- duplicates ----------------------------------------------------------------------- */

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
		const struct gu_outcome *out =
			CALL(&w->f, w->a, FN(DuplicateTokenEx),
			     REF("token", src), UINT("level", r->wanted),
			     UINT("type", r->type));

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
		{ "one right that the source's handle lacks", 0xA, 0x10,
		  0x10 },
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

/* --- CreateRestrictedToken ---------------------------------------------------------- */

/* ib-64528b4aba4c, ib-e36bc9a3f66c */
static void restricting_keeps_type_and_level(void **state)
{
	struct world *w = *state;
	struct gu_ref h;

	h = OPENED(&w->f, w->a, FN(CreateRestrictedToken),
		   REF("token", w->own), UINT("flags", 1));
	assert_int_equal(number(w, h, TYPE), 1);
	h = OPENED(&w->f, w->a, FN(CreateRestrictedToken),
		   REF("token", impersonation(w, 2)), UINT("flags", 1));
	assert_int_equal(number(w, h, TYPE), 2);
	assert_int_equal(number(w, h, LEVEL), 2);
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
	assert_int_equal(fix_privilege(f, w->t, h,
				       "SeSystemEnvironmentPrivilege"),
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
	struct gu_ref h = OPENED(f, w->a, FN(CreateRestrictedToken),
				 REF("token", imp),
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
	struct gu_ref h = OPENED(f, w->a, FN(CreateRestrictedToken),
				 REF("token", w->own),
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
	struct gu_ref h = OPENED(f, w->a, FN(CreateRestrictedToken),
				 REF("token", w->own),
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

	FAILS(&w->f, 87, w->a, FN(CreateRestrictedToken),
	      REF("token", w->own), UINT("flags", 0x10));
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

/* --- AdjustTokenPrivileges ------------------------------------------------------------ */

struct adjust_row {
	const char *name;
	uint64_t enable, disable, remove;
	uint32_t code;
	uint32_t backup, notify; /* attributes after */
};

#define BACKUP GU_PRIV_BIT(GU_PRIV_Backup)
#define NOTIFY GU_PRIV_BIT(GU_PRIV_ChangeNotify)
#define TCB    GU_PRIV_BIT(GU_PRIV_Tcb)

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
		const struct gu_outcome *out =
			OK(&w->f, w->a, FN(AdjustTokenPrivileges),
			   REF("token", h), UINT("enable", r->enable),
			   UINT("disable", r->disable),
			   UINT("remove", r->remove));

		row_check(out->status.code == r->code, r->name);
		row_check(fix_privilege(&w->f, w->a, h,
					"SeBackupPrivilege") == r->backup,
			  r->name);
		row_check(fix_privilege(&w->f, w->a, h,
					"SeChangeNotifyPrivilege") ==
				  r->notify,
			  r->name);
	}
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
	assert_int_equal(fix_privilege(f, w->a, w->own,
				       "SeChangeNotifyPrivilege"),
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
	statistics = &OK(f, w->a, FN(GetTokenInformation),
			 REF("token", w->own), UINT("class", STATISTICS))
			      ->value;
	assert_string_equal(statistics->fields[0].name, "token_id");
	assert_string_equal(statistics->fields[2].name, "modified_id");
	token_id = statistics->fields[0].value.u;
	before = statistics->fields[2].value.u;
	OK(f, w->a, FN(AdjustTokenPrivileges), REF("token", w->own),
	   BOOL("disable_all", true));
	statistics = &OK(f, w->a, FN(GetTokenInformation),
			 REF("token", w->own), UINT("class", STATISTICS))
			      ->value;
	assert_int_equal(statistics->fields[0].value.u, token_id);
	assert_int_not_equal(statistics->fields[2].value.u, before);
}

/* --- AdjustTokenGroups ------------------------------------------------------------------ */

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
	struct gu_ref deny = OPENED(f, w->a, FN(CreateRestrictedToken),
				    REF("token", w->own),
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
	assert_int_equal(group(w, deny, USERS) & 0x14, 0x10);
}

/* --- GetTokenInformation ------------------------------------------------------------------ */

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

static struct gu_ref linked(struct world *w, struct gu_ref thread,
			    struct gu_ref token)
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
	copy = OPENED(f, w->a, FN(CreateRestrictedToken),
		      REF("token", limited), UINT("flags", 1));
	assert_int_equal(number(w, copy, ELEVATION_TYPE), 3);
	linked(w, w->a, copy);
	/* SYSTEM holds SeTcbPrivilege. */
	h = linked(w, w->t, limited);
	assert_int_equal(fix_token_number(f, w->t, h, TYPE), 1);
}

/* --- SetTokenInformation ------------------------------------------------------------------- */

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

static void an_owner_must_be_one(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref own = fix_own_token(f, w->t);

	OK(f, w->t, FN(SetTokenInformation), REF("token", own),
	   UINT("class", OWNER), STR("value", "SY"));
	OK(f, w->t, FN(SetTokenInformation), REF("token", own),
	   UINT("class", OWNER), STR("value", "BA"));
	FAILS(f, 1307, w->t, FN(SetTokenInformation), REF("token", own),
	      UINT("class", OWNER), STR("value", "WD"));
	FAILS(f, 1307, w->a, FN(SetTokenInformation), REF("token", w->own),
	      UINT("class", OWNER), STR("value", "SY"));
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

/* --- membership and privileges ----------------------------------------------------------- */

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

/* --- AccessCheck ------------------------------------------------------------------------- */

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
			CALL(&w->f, w->a, FN(AccessCheck),
			     STR("sddl", r->sddl),
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

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
		T(a_restricted_tokens_handle_has_the_sources_rights),
		T(privileges_can_be_taken_away),
		T(groups_become_deny_only),
		T(restricting_sids_are_kept_in_order),
		T(restricting_twice_intersects),
		T(restricting_sids_come_without_attributes),
		T(unknown_filter_flags_are_refused),
		T(sandbox_inert_shows),
		T(privileges_are_adjusted),
		T(a_removed_privilege_does_not_come_back),
		T(adjusting_takes_a_right_and_changes_the_modified_id),
		T(groups_are_adjusted),
		T(adjusting_groups_fails_as_documented),
		T(a_primary_token_has_no_level),
		T(asking_takes_the_query_right),
		T(an_anonymous_level_tokens_handle_tells_everything),
		T(the_anonymous_token_has_no_logon_sid),
		T(an_ordinary_token_is_not_elevated_nor_linked),
		T(the_linked_token_is_a_new_one_to_look_at),
		T(integrity_can_be_lowered_and_not_raised),
		T(an_owner_must_be_one),
		T(the_default_dacl_goes_to_new_objects),
		T(sessions_are_set_by_the_system),
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
