/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* What scenarios set up: the design's "Accounts", and fixture.def. */

#define SYSTEM      "NT AUTHORITY\\SYSTEM"
#define ADMINS      "S-1-5-32-544"
#define USERS       "S-1-5-32-545"
#define EVERYONE    "S-1-1-0"
#define AUTH_USERS  "S-1-5-11"
#define LOCAL_GROUP "S-1-2-0"
#define INTERACTIVE "S-1-5-4"
#define SERVICE     "S-1-5-6"
#define ALL_PRIVS   35

enum {
	USER_CLASS = 1,
	GROUPS = 2,
	PRIVILEGES = 3,
	OWNER = 4,
	STATISTICS = 10,
	RESTRICTED = 11,
	ELEVATION_TYPE = 18,
	INTEGRITY = 25,
	LOGON_SID = 28
};

struct world {
	struct fix f;
	struct gu_ref t; /* of SYSTEM, to look with */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.t = fix_run_as(&w.f, SYSTEM);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static struct gu_ref token_named(struct world *w, const char *account)
{
	return FIXTURE(&w->f, FN(token), STR("account", account));
}

static uint32_t group(struct world *w, struct gu_ref token, const char *sid)
{
	return fix_group(&w->f, w->t, token, GROUPS, sid);
}

static const char *text(struct world *w, struct gu_ref token, uint32_t class)
{
	return OK(&w->f, w->t, FN(GetTokenInformation), REF("token", token),
		  UINT("class", class))
		->value.str.p;
}

static uint32_t count(struct world *w, struct gu_ref token, uint32_t class)
{
	return OK(&w->f, w->t, FN(GetTokenInformation), REF("token", token),
		  UINT("class", class))
		->value.count;
}

struct account_row {
	const char *name;
	const char *sid;
	uint64_t auth_id;
	const char *holds[6];
	const char *lacks[4];
	uint32_t integrity;
	uint32_t privileges;
	const char *owner;
};

static const struct account_row built_ins[] = {
	{ SYSTEM,
	  "S-1-5-18",
	  0x3e7,
	  { EVERYONE, AUTH_USERS, ADMINS },
	  { USERS, SERVICE, INTERACTIVE },
	  GU_IL_SYSTEM,
	  ALL_PRIVS,
	  ADMINS },
	{ "LocalSystem",
	  "S-1-5-18",
	  0x3e7,
	  { ADMINS },
	  { USERS },
	  GU_IL_SYSTEM,
	  ALL_PRIVS,
	  ADMINS },
	{ "NT AUTHORITY\\LOCAL SERVICE",
	  "S-1-5-19",
	  0x3e5,
	  { EVERYONE, AUTH_USERS, USERS, SERVICE },
	  { ADMINS, INTERACTIVE },
	  GU_IL_SYSTEM,
	  11,
	  "S-1-5-19" },
	{ "NETWORK SERVICE",
	  "S-1-5-20",
	  0x3e4,
	  { EVERYONE, AUTH_USERS, USERS, SERVICE },
	  { ADMINS, INTERACTIVE },
	  GU_IL_SYSTEM,
	  11,
	  "S-1-5-20" },
};

static void built_in_accounts_are_as_on_windows(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(built_ins) / sizeof(built_ins[0]); i++) {
		const struct account_row *r = &built_ins[i];
		struct gu_ref token = token_named(w, r->name);

		row_check(w->f.call.out.identity.auth_id == r->auth_id,
			  r->name);
		row_check(!strcmp(text(w, token, USER_CLASS), r->sid), r->name);
		row_check(!strcmp(text(w, token, OWNER), r->owner), r->name);
		for (int k = 0; r->holds[k]; k++) {
			row_check(group(w, token, r->holds[k]) & 4, r->name);
		}
		for (int k = 0; r->lacks[k]; k++) {
			row_check(group(w, token, r->lacks[k]) == FIX_ABSENT,
				  r->name);
		}
		row_check(fix_token_number(&w->f, w->t, token, INTEGRITY) ==
				  r->integrity,
			  r->name);
		row_check(count(w, token, PRIVILEGES) == r->privileges,
			  r->name);
		row_check(fix_privilege(&w->f, w->t, token,
					"SeImpersonatePrivilege") == 3,
			  r->name);
	}
}

static void systems_administrators_group_may_own(void **state)
{
	struct world *w = *state;

	assert_int_equal(group(w, token_named(w, SYSTEM), ADMINS), 0xE);
}

static void an_account_has_what_everybody_has_and_no_more(void **state)
{
	const char *const holds[] = { EVERYONE, AUTH_USERS, LOCAL_GROUP,
				      INTERACTIVE };
	struct world *w = *state;
	struct gu_ref alice = fix_account(&w->f, "alice", NULL);
	struct gu_ref token = fix_primary(&w->f, alice);

	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
		row_check(group(w, token, holds[i]) == 7, holds[i]);
	}
	assert_int_equal(group(w, token, text(w, token, LOGON_SID)),
			 0xC0000007);
	assert_int_equal(count(w, token, GROUPS), 5);
	assert_int_equal(count(w, token, PRIVILEGES), 1);
	assert_int_equal(
		fix_privilege(&w->f, w->t, token, "SeChangeNotifyPrivilege"),
		3);
	assert_int_equal(fix_token_number(&w->f, w->t, token, INTEGRITY),
			 GU_IL_MEDIUM);
}

static void groups_are_added_to_an_account(void **state)
{
	struct world *w = *state;
	struct gu_ref bob = FIXTURE(&w->f, FN(account), STR("name", "bob"),
				    LIST(&w->f, "groups", "BUILTIN\\Users",
					 "S-1-5-21-1-2-3-1234", "RD"));
	struct gu_ref token = fix_primary(&w->f, bob);

	assert_int_equal(group(w, token, USERS), 7);
	assert_int_equal(group(w, token, "S-1-5-21-1-2-3-1234"), 7);
	assert_int_equal(group(w, token, "S-1-5-32-555"), 7);
	assert_int_equal(count(w, token, GROUPS), 8);
}

static void group_attributes_can_be_given(void **state)
{
	const struct gu_field fields[] = {
		{ "sid", fix_str("BUILTIN\\Administrators") },
		{ "attributes", fix_uint(0x10) },
	};
	const struct gu_value entry = { .type = GU_V_TABLE,
					.count = 2,
					.fields = fields };
	struct world *w = *state;
	struct gu_ref a =
		FIXTURE(&w->f, FN(account), STR("name", "a"),
			VALUE("groups", ((struct gu_value){ .type = GU_V_LIST,
							    .count = 1,
							    .list = &entry })));
	struct gu_ref token = fix_primary(&w->f, a);

	assert_int_equal(group(w, token, ADMINS), 0x10);
	assert_int_equal(fix_token_number(&w->f, w->t, token, INTEGRITY),
			 GU_IL_MEDIUM);
}

static void an_administrator_is_high_with_all_privileges(void **state)
{
	struct world *w = *state;
	struct gu_ref root = fix_account(&w->f, "root", "BA");
	struct gu_ref token = fix_primary(&w->f, root);

	assert_int_equal(group(w, token, ADMINS), 0xF);
	assert_int_equal(fix_token_number(&w->f, w->t, token, INTEGRITY),
			 GU_IL_HIGH);
	assert_int_equal(count(w, token, PRIVILEGES), ALL_PRIVS);
	assert_int_equal(
		fix_privilege(&w->f, w->t, token, "SeImpersonatePrivilege"), 3);
	assert_int_equal(fix_privilege(&w->f, w->t, token, "SeDebugPrivilege"),
			 0);
	assert_string_equal(text(w, token, OWNER), ADMINS);
}

static void every_field_of_an_account_can_be_given(void **state)
{
	struct world *w = *state;
	struct gu_ref a = FIXTURE(
		&w->f, FN(account), STR("name", "CONTOSO\\carol"),
		STR("sid", "S-1-5-21-9-9-9-500"),
		UINT("privileges", GU_PRIV_BIT(GU_PRIV_Debug) |
					   GU_PRIV_BIT(GU_PRIV_Impersonate)),
		UINT("integrity", GU_IL_LOW));
	struct gu_ref token = fix_primary(&w->f, a);
	struct gu_ref b;

	assert_string_equal(w->f.call.out.identity.name, "CONTOSO\\carol");
	assert_string_equal(text(w, token, USER_CLASS), "S-1-5-21-9-9-9-500");
	assert_int_equal(fix_token_number(&w->f, w->t, token, INTEGRITY),
			 GU_IL_LOW);
	/* Only the usual ones come enabled. */
	assert_int_equal(fix_privilege(&w->f, w->t, token, "SeDebugPrivilege"),
			 0);
	assert_int_equal(
		fix_privilege(&w->f, w->t, token, "SeImpersonatePrivilege"), 3);
	b = FIXTURE(&w->f, FN(account), STR("name", "dave"),
		    UINT("enabled", GU_PRIV_BIT(GU_PRIV_Debug)));
	token = fix_primary(&w->f, b);
	assert_int_equal(fix_privilege(&w->f, w->t, token, "SeDebugPrivilege"),
			 3);
}

static void a_built_in_account_gets_groups_on_top(void **state)
{
	struct world *w = *state;
	struct gu_ref system = fix_account(&w->f, SYSTEM, "SU");
	struct gu_ref token = fix_primary(&w->f, system);

	assert_int_equal(group(w, token, SERVICE), 7);
	assert_int_equal(group(w, token, ADMINS), 0xE);
	assert_int_equal(fix_token_number(&w->f, w->t, token, INTEGRITY),
			 GU_IL_SYSTEM);
}

static void accounts_are_told_apart_by_domain(void **state)
{
	struct world *w = *state;
	struct gu_ref near = fix_account(&w->f, "eve", NULL);
	struct gu_ref far = fix_account(&w->f, "CONTOSO\\eve", NULL);

	assert_false(gu_ref_equal(near, far));
	token_named(w, "eve");
	assert_string_equal(w->f.call.out.identity.name, "MACHINE\\eve");
	token_named(w, "contoso\\EVE");
	assert_string_equal(w->f.call.out.identity.name, "CONTOSO\\eve");
}

static void bad_input_is_misuse(void **state)
{
	struct world *w = *state;
	struct gu_ref none = fix_no_ref();

	fix_account(&w->f, "alice", NULL);
	fix_object(&w->f, GU_OBJ_file, "C:\\x", NULL);
	MISUSED(&w->f, none, FN(account), STR("name", "ALICE"));
	MISUSED(&w->f, none, FN(account), STR("name", ""));
	MISUSED(&w->f, none, FN(account), STR("name", "b"),
		LIST(&w->f, "groups", "no such group"));
	MISUSED(&w->f, none, FN(account), STR("name", "b"), STR("sid", "S-1-"));
	MISUSED(&w->f, none, FN(process), STR("name", "p"),
		STR("account", "nobody"));
	MISUSED(&w->f, none, FN(process), STR("name", "p"),
		REF("token", fix_raw_handle(77)));
	MISUSED(&w->f, none, FN(process), STR("name", "p"),
		STR("sddl", "D:(A;;"));
	MISUSED(&w->f, none, FN(thread), REF("process", none),
		STR("name", "t"));
	MISUSED(&w->f, none, FN(object), UINT("type", GU_OBJ_file));
	MISUSED(&w->f, none, FN(object), UINT("type", GU_OBJ_token),
		STR("name", "t"));
	MISUSED(&w->f, none, FN(object), UINT("type", GU_OBJ_file),
		STR("name", "c:/X"));
	MISUSED(&w->f, none, FN(object), UINT("type", GU_OBJ_file),
		STR("name", "C:\\y"), STR("sddl", "nonsense"));
	MISUSED(&w->f, none, FN(token), STR("account", SYSTEM),
		UINT("type", 3));
	MISUSED(&w->f, none, FN(token), STR("account", SYSTEM),
		UINT("level", 4));
	/* Nothing of it happened. */
	fix_account(&w->f, "b", NULL);
	fix_object(&w->f, GU_OBJ_file, "C:\\y", NULL);
}

static void a_process_runs_as_the_account_or_token(void **state)
{
	struct world *w = *state;
	struct gu_ref alice = fix_account(&w->f, "alice", NULL);
	struct gu_ref low = FIXTURE(&w->f, FN(token), REF("account", alice),
				    UINT("integrity", GU_IL_LOW));
	struct gu_ref p;

	FIXTURE(&w->f, FN(process), STR("name", "a"), REF("account", alice));
	assert_string_equal(w->f.call.out.identity.name, "MACHINE\\alice");
	assert_false(w->f.call.out.identity.impersonating);
	FIXTURE(&w->f, FN(process), STR("name", "b"), REF("token", low));
	assert_int_equal(w->f.call.out.identity.integrity, GU_IL_LOW);
	p = FIXTURE(&w->f, FN(process), STR("name", "c"));
	assert_string_equal(w->f.call.out.identity.name, "MACHINE\\user");
	fix_thread(&w->f, p, "t");
	assert_string_equal(w->f.call.out.identity.name, "MACHINE\\user");
}

static void processes_of_an_account_share_its_logon_session(void **state)
{
	struct world *w = *state;
	uint64_t first;

	fix_account(&w->f, "alice", NULL);
	fix_process(&w->f, "a", "alice");
	first = w->f.call.out.identity.auth_id;
	fix_process(&w->f, "b", "alice");
	assert_int_equal(w->f.call.out.identity.auth_id, first);
	fix_account(&w->f, "bob", NULL);
	fix_process(&w->f, "c", "bob");
	assert_int_not_equal(w->f.call.out.identity.auth_id, first);
}

static void a_token_is_made_to_measure(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref root = fix_account(f, "root", "BA");
	struct gu_ref t = FIXTURE(
		f, FN(token), REF("account", root), UINT("level", 1),
		UINT("integrity", GU_IL_LOW), LIST(f, "groups", "BU"),
		UINT("privileges", GU_PRIV_BIT(GU_PRIV_Backup)),
		LIST(f, "restrict", "RC", "BU"), LIST(f, "disable", "WD"));

	assert_int_equal(f->call.out.identity.level, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(fix_token_number(f, w->t, t, INTEGRITY), GU_IL_LOW);
	assert_int_equal(group(w, t, ADMINS), FIX_ABSENT);
	assert_int_equal(group(w, t, USERS), 7);
	assert_int_equal(group(w, t, INTERACTIVE), 7);
	assert_int_equal(count(w, t, GROUPS), 6);
	assert_int_equal(group(w, t, EVERYONE) & 0x14, 0x10);
	assert_int_equal(count(w, t, PRIVILEGES), 1);
	assert_int_equal(count(w, t, RESTRICTED), 2);
}

static void a_token_joins_sessions(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref alice = fix_account(f, "alice", NULL);
	struct gu_ref bob = fix_account(f, "bob", NULL);
	struct gu_ref p = fix_process(f, "p", "alice");
	uint64_t session = f->call.out.identity.auth_id;
	struct gu_ref t;

	t = FIXTURE(f, FN(token), REF("account", bob), REF("session_of", p));
	assert_int_equal(f->call.out.identity.auth_id, session);
	assert_int_not_equal(
		group(w, t, text(w, fix_primary(f, alice), LOGON_SID)),
		FIX_ABSENT);
	t = FIXTURE(f, FN(token), REF("account", bob), REF("origin", p));
	assert_int_equal(fix_token_number(f, w->t, t, 17), session);
	assert_int_not_equal(f->call.out.identity.auth_id, session);
}

static void a_package_makes_a_low_container(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref alice = fix_account(f, "alice", NULL);
	struct gu_ref t = FIXTURE(f, FN(token), REF("account", alice),
				  STR("package", "S-1-15-2-1-2-3-4-5-6-7"),
				  LIST(f, "capabilities", "S-1-15-3-1"));

	assert_int_equal(fix_token_number(f, w->t, t, 29), 1);
	assert_string_equal(text(w, t, 31), "S-1-15-2-1-2-3-4-5-6-7");
	assert_int_equal(count(w, t, 30), 1);
	assert_int_equal(fix_token_number(f, w->t, t, INTEGRITY), GU_IL_LOW);
	t = FIXTURE(f, FN(token), REF("account", alice),
		    STR("package", "my.app"));
	assert_non_null(strstr(text(w, t, 31), "S-1-15-2-"));
}

static void a_split_account_runs_limited(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref root =
		FIXTURE(f, FN(account), STR("name", "root"),
			LIST(f, "groups", "BA", "BU"), BOOL("uac", true));
	struct gu_ref limited = fix_primary(f, root);
	uint64_t session = f->call.out.identity.auth_id;
	struct gu_ref full = FIXTURE(f, FN(token), REF("account", root),
				     UINT("elevation", 2));

	assert_int_not_equal(session, 0);
	assert_int_not_equal(f->call.out.identity.auth_id, session);
	assert_int_equal(fix_token_number(f, w->t, limited, ELEVATION_TYPE),
			 GU_ELEVATION_LIMITED);
	assert_int_equal(fix_token_number(f, w->t, limited, INTEGRITY),
			 GU_IL_MEDIUM);
	assert_int_equal(group(w, limited, ADMINS) & 0x14, 0x10);
	assert_int_equal(
		fix_privilege(f, w->t, limited, "SeImpersonatePrivilege"),
		FIX_ABSENT);
	assert_int_equal(fix_token_number(f, w->t, full, ELEVATION_TYPE),
			 GU_ELEVATION_FULL);
	assert_int_equal(group(w, full, ADMINS), 0xF);
}

static void
an_object_without_sddl_is_for_system_and_administrators(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref file = fix_object(f, GU_OBJ_file, "C:\\x", NULL);
	struct gu_ref alice, root;

	fix_account(f, "alice", "BU");
	fix_account(f, "root", "BA");
	alice = fix_run_as(f, "alice");
	root = fix_run_as(f, "root");
	assert_true(fix_can_open(f, w->t, file, GU_GENERIC_ALL));
	assert_true(fix_can_open(f, root, file, GU_GENERIC_ALL));
	assert_false(fix_can_open(f, alice, file, 1));
}

static void settings_change_the_anonymous_token(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h;

	for (unsigned on = 0; on < 2; on++) {
		OK(f, fix_no_ref(), FN(system),
		   UINT("EveryoneIncludesAnonymous", on));
		OK(f, w->t, FN(ImpersonateAnonymousToken));
		h = OPENED(f, w->t, FN(OpenThreadToken), UINT("access", 8),
			   BOOL("open_as_self", true));
		assert_int_equal(group(w, h, EVERYONE), on ? 7u : FIX_ABSENT);
		OK(f, w->t, FN(RevertToSelf));
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(built_in_accounts_are_as_on_windows),
		T(systems_administrators_group_may_own),
		T(an_account_has_what_everybody_has_and_no_more),
		T(groups_are_added_to_an_account),
		T(group_attributes_can_be_given),
		T(an_administrator_is_high_with_all_privileges),
		T(every_field_of_an_account_can_be_given),
		T(a_built_in_account_gets_groups_on_top),
		T(accounts_are_told_apart_by_domain),
		T(bad_input_is_misuse),
		T(a_process_runs_as_the_account_or_token),
		T(processes_of_an_account_share_its_logon_session),
		T(a_token_is_made_to_measure),
		T(a_token_joins_sessions),
		T(a_package_makes_a_low_container),
		T(a_split_account_runs_limited),
		T(an_object_without_sddl_is_for_system_and_administrators),
		T(settings_change_the_anonymous_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
