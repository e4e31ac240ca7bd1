/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* LogonUser: semantics 4. */

#define SYSTEM   "NT AUTHORITY\\SYSTEM"
#define PASSWORD "hunter2"

enum {
	USER_CLASS = 1,
	GROUPS = 2,
	TYPE = 8,
	LEVEL = 9,
	ORIGIN = 17,
	ELEVATION_TYPE = 18,
	LINKED = 19,
	INTEGRITY = 25
};

struct world {
	struct fix f;
	struct gu_ref alice;
	struct gu_ref t; /* SYSTEM's */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice =
		FIXTURE(&w.f, FN(account), STR("name", "alice"),
			LIST(&w.f, "groups", "BU"), STR("password", PASSWORD));
	w.t = fix_run_as(&w.f, SYSTEM);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static const struct gu_outcome *
log_on(struct world *w, const char *user, const char *password, uint32_t type)
{
	return CALL(&w->f, w->t, FN(LogonUser), STR("user", user),
		    STR("password", password), UINT("type", type));
}

static struct gu_ref logged_on(struct world *w, uint32_t type)
{
	const struct gu_outcome *out = log_on(w, "alice", PASSWORD, type);

	assert_true(out->status.ok);
	return out->value.ref;
}

struct type_row {
	const char *name;
	uint32_t type;
	uint32_t token_type;
	const char *group; /* that it adds */
};

static const struct type_row type_rows[] = {
	{ "interactive", 2, 1, "S-1-5-4" },
	{ "network", 3, 2, "S-1-5-2" },
	{ "batch", 4, 1, "S-1-5-3" },
	{ "service", 5, 1, "S-1-5-6" },
	{ "unlock", 7, 1, "S-1-5-4" },
	{ "network, clear text", 8, 1, "S-1-5-2" },
};

static void the_type_decides_on_token_and_group(void **state)
{
	const size_t n = sizeof(type_rows) / sizeof(type_rows[0]);
	struct world *w = *state;

	for (size_t i = 0; i < n; i++) {
		const struct type_row *r = &type_rows[i];
		struct gu_ref h = logged_on(w, r->type);

		row_check(w->f.call.out.decision.type == GU_OBJ_token, r->name);
		row_check(w->f.call.out.decision.granted == 0xF01FF, r->name);
		row_check(fix_token_number(&w->f, w->t, h, TYPE) ==
				  r->token_type,
			  r->name);
		for (size_t k = 0; k < n; k++) {
			bool held = fix_group(&w->f, w->t, h, GROUPS,
					      type_rows[k].group) == 7;

			row_check(held == !strcmp(type_rows[k].group, r->group),
				  r->name);
		}
	}
}

static void a_network_logon_impersonates(void **state)
{
	struct world *w = *state;
	struct gu_ref h = logged_on(w, 3);

	assert_int_equal(fix_token_number(&w->f, w->t, h, LEVEL),
			 GU_LEVEL_IMPERSONATION);
	OK(&w->f, w->t, FN(SetThreadToken), REF("token", h));
	fix_acts_as(&w->f, w->t, "MACHINE\\alice", GU_LEVEL_IMPERSONATION);
}

static void the_caller_can_open_what_it_logged_on(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref t = fix_run_as(f, "NT AUTHORITY\\LOCAL SERVICE");
	struct gu_ref h = OPENED(f, t, FN(LogonUser), STR("user", "alice"),
				 STR("password", PASSWORD), UINT("type", 3));

	OK(f, t, FN(SetThreadToken), REF("token", h));
	OK(f, t, FN(OpenThreadToken), UINT("access", 0x8),
	   BOOL("open_as_self", true));
}

struct error_row {
	const char *name;
	const char *user, *password;
	uint32_t type;
	uint32_t error;
};

static const struct error_row error_rows[] = {
	{ "a wrong password", "alice", "wrong", 2, 1326 },
	{ "no password", "alice", NULL, 2, 1326 },
	{ "a password that only begins right", "alice", "hunter", 2, 1326 },
	{ "nobody", "nobody", PASSWORD, 2, 1326 },
	{ "a disabled account", "disabled", PASSWORD, 2, 1331 },
	{ "a disabled account, wrong password", "disabled", "x", 2, 1326 },
	{ "a type that is not granted", "batchless", PASSWORD, 4, 1385 },
	{ "a type that is granted", "batchless", PASSWORD, 2, 0 },
	{ "a blank password at the console", "blank", NULL, 2, 0 },
	{ "a blank password over the network", "blank", NULL, 3, 1327 },
	{ "a blank password as a service", "blank", "", 5, 1327 },
	{ "no such type", "alice", PASSWORD, 6, 87 },
	{ "type zero", "alice", PASSWORD, 0, 87 },
	{ "SYSTEM", SYSTEM, NULL, 5, 1326 },
	{ "a service account as a service", "NT AUTHORITY\\LOCAL SERVICE", NULL,
	  5, 0 },
	{ "a service account otherwise", "NT AUTHORITY\\LOCAL SERVICE", NULL, 2,
	  1326 },
	{ "any case", "ALICE", PASSWORD, 2, 0 },
	{ "with its domain", "MACHINE\\alice", PASSWORD, 2, 0 },
	{ "with another domain", "ELSEWHERE\\alice", PASSWORD, 2, 1326 },
};

static void logons_are_refused_for_these_reasons(void **state)
{
	const size_t n = sizeof(error_rows) / sizeof(error_rows[0]);
	struct world *w = *state;
	struct fix *f = &w->f;

	FIXTURE(f, FN(account), STR("name", "disabled"),
		STR("password", PASSWORD), BOOL("disabled", true));
	FIXTURE(f, FN(account), STR("name", "batchless"),
		STR("password", PASSWORD), UINT("denied_logons", 1 << 4));
	fix_account(f, "blank", NULL);
	for (size_t i = 0; i < n; i++) {
		const struct error_row *r = &error_rows[i];
		const struct gu_outcome *out =
			log_on(w, r->user, r->password, r->type);

		row_check(out->status.ok == !r->error, r->name);
		row_check(out->status.code == r->error, r->name);
	}
}

static void the_domain_may_come_apart(void **state)
{
	static const struct {
		const char *domain;
		uint32_t error;
	} rows[] = {
		{ ".", 0 },
		{ "MACHINE", 0 },
		{ "", 0 },
		{ "OTHER", 1326 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct gu_outcome *out =
			CALL(&w->f, w->t, FN(LogonUser), STR("user", "alice"),
			     STR("domain", rows[i].domain),
			     STR("password", PASSWORD), UINT("type", 2));

		row_check(out->status.code == rows[i].error, rows[i].domain);
	}
}

static void every_logon_is_a_session_of_its_own(void **state)
{
	struct world *w = *state;
	uint64_t first, second;
	struct gu_ref h;

	h = logged_on(w, 2);
	OK(&w->f, w->t, FN(ImpersonateLoggedOnUser), REF("token", h));
	first = fix_identity(&w->f, w->t).auth_id;
	OK(&w->f, w->t, FN(RevertToSelf));
	h = logged_on(w, 2);
	OK(&w->f, w->t, FN(ImpersonateLoggedOnUser), REF("token", h));
	second = fix_identity(&w->f, w->t).auth_id;
	assert_int_not_equal(first, second);
}

/* The gate's fourth rule: the caller may use what it got. */
static void the_token_originates_in_the_callers_session(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref bob = fix_account(f, "bob", "BU");
	struct gu_ref t = fix_run_as(f, "bob");
	struct gu_ref h = OPENED(f, t, FN(LogonUser), STR("user", "alice"),
				 STR("password", PASSWORD), UINT("type", 2));

	(void)bob;
	assert_int_equal(fix_token_number(f, t, h, ORIGIN),
			 fix_identity(f, t).auth_id);
	OK(f, t, FN(ImpersonateLoggedOnUser), REF("token", h));
	fix_acts_as(f, t, "MACHINE\\alice", GU_LEVEL_IMPERSONATION);
}

static void new_credentials_clone_the_caller(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	const uint64_t session = fix_identity(f, w->t).auth_id;
	struct gu_ref h = OPENED(f, w->t, FN(LogonUser), STR("user", "whoever"),
				 STR("password", "x"), UINT("type", 9),
				 UINT("provider", 3));

	assert_string_equal(OK(f, w->t, FN(GetTokenInformation),
			       REF("token", h), UINT("class", USER_CLASS))
				    ->value.str.p,
			    "S-1-5-18");
	assert_int_equal(fix_token_number(f, w->t, h, TYPE), 1);
	OK(f, w->t, FN(ImpersonateLoggedOnUser), REF("token", h));
	assert_int_not_equal(fix_identity(f, w->t).auth_id, session);
}

static void old_providers_know_no_new_credentials(void **state)
{
	struct world *w = *state;

	for (uint32_t provider = 1; provider <= 2; provider++) {
		FAILS(&w->f, 87, w->t, FN(LogonUser), STR("user", "alice"),
		      STR("password", PASSWORD), UINT("type", 9),
		      UINT("provider", provider));
	}
}

static void nobody_logs_on_from_below_impersonation(void **state)
{
	struct world *w = *state;

	OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", 1));
	assert_int_equal(log_on(w, "alice", PASSWORD, 2)->status.code, 1346);
}

static void add_root(struct fix *f)
{
	FIXTURE(f, FN(account), STR("name", "root"),
		LIST(f, "groups", "BA", "BU"), STR("password", PASSWORD),
		BOOL("uac", true));
}

static uint64_t session_of(struct world *w, struct gu_ref token)
{
	const struct gu_value *statistics =
		&OK(&w->f, w->t, FN(GetTokenInformation), REF("token", token),
		    UINT("class", 10))
			 ->value;

	assert_string_equal(statistics->fields[1].name, "auth_id");
	return statistics->fields[1].value.u;
}

static void an_interactive_administrator_gets_the_limited_half(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref h;
	uint64_t limited;

	add_root(f);
	h = log_on(w, "root", PASSWORD, 2)->value.ref;
	limited = session_of(w, h);
	assert_int_not_equal(limited, 0);
	assert_int_equal(fix_token_number(f, w->t, h, ELEVATION_TYPE),
			 GU_ELEVATION_LIMITED);
	assert_int_equal(fix_token_number(f, w->t, h, INTEGRITY), GU_IL_MEDIUM);
	h = OPENED(f, w->t, FN(GetTokenInformation), REF("token", h),
		   UINT("class", LINKED));
	assert_int_equal(fix_token_number(f, w->t, h, ELEVATION_TYPE),
			 GU_ELEVATION_FULL);
	assert_int_equal(fix_token_number(f, w->t, h, INTEGRITY), GU_IL_HIGH);
	assert_int_not_equal(session_of(w, h), limited);
}

static void other_logons_of_an_administrator_are_whole(void **state)
{
	static const uint32_t types[] = { 3, 4, 5 };
	struct world *w = *state;
	struct fix *f = &w->f;

	add_root(f);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct gu_ref h =
			log_on(w, "root", PASSWORD, types[i])->value.ref;

		assert_int_equal(fix_token_number(f, w->t, h, ELEVATION_TYPE),
				 GU_ELEVATION_DEFAULT);
		assert_int_equal(fix_token_number(f, w->t, h, INTEGRITY),
				 GU_IL_HIGH);
		FAILS(f, 1312, w->t, FN(GetTokenInformation), REF("token", h),
		      UINT("class", LINKED));
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_type_decides_on_token_and_group),
		T(a_network_logon_impersonates),
		T(the_caller_can_open_what_it_logged_on),
		T(logons_are_refused_for_these_reasons),
		T(the_domain_may_come_apart),
		T(every_logon_is_a_session_of_its_own),
		T(the_token_originates_in_the_callers_session),
		T(new_credentials_clone_the_caller),
		T(old_providers_know_no_new_credentials),
		T(nobody_logs_on_from_below_impersonation),
		T(an_interactive_administrator_gets_the_limited_half),
		T(other_logons_of_an_administrator_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
