/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* Processes and threads that calls make and open: semantics 4. */

#define SYSTEM "NT AUTHORITY\\SYSTEM"
#define ALICE  "MACHINE\\alice"

struct world {
	struct fix f;
	struct gu_ref alice, bob;
	struct gu_ref svc, t; /* SYSTEM's */
	struct gu_ref app, a; /* alice's */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice = fix_account(&w.f, "alice", "BU");
	w.bob = fix_account(&w.f, "bob", "BU");
	w.svc = fix_process(&w.f, "svc", SYSTEM);
	w.t = fix_thread(&w.f, w.svc, "t");
	w.app = fix_process(&w.f, "app", "alice");
	w.a = fix_thread(&w.f, w.app, "a");
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

/* Who a child process runs as. */
static const char *runs_as(struct world *w, struct gu_ref process)
{
	struct gu_ref t = fix_thread(&w->f, process, "look");

	return fix_identity(&w->f, t).name;
}

static void a_new_thread_runs_as_the_process(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->bob, 2);
	struct gu_ref t;

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", token));
	t = OPENED(&w->f, w->t, FN(CreateThread), STR("name", "new"));
	assert_int_equal(t.kind, GU_REF_THREAD);
	assert_int_equal(w->f.call.out.decision.type, GU_OBJ_thread);
	assert_int_equal(w->f.call.out.decision.granted, 0x1FFFFF);
	fix_reverted(&w->f, t);
	assert_string_equal(fix_identity(&w->f, t).name, SYSTEM);
}

/* ib-574e64b5c01e */
static void a_restricted_creator_makes_a_whole_thread(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref event = fix_object(
		f, GU_OBJ_event, "e", "D:(A;;0x100000;;;WD)(A;;2;;;S-1-2-0)");
	struct gu_ref own = fix_own_token(f, w->a);
	struct gu_ref less =
		OPENED(f, w->a, FN(CreateRestrictedToken), REF("token", own),
		       LIST(f, "disable", "S-1-2-0"));
	struct gu_ref t;

	OK(f, w->a, FN(ImpersonateLoggedOnUser), REF("token", less));
	OK(f, w->a, FN(OpenEvent), UINT("access", 0x100000),
	   REF("name", event));
	FAILS(f, 5, w->a, FN(OpenEvent), UINT("access", 2), REF("name", event));
	t = OPENED(f, w->a, FN(CreateThread));
	OK(f, t, FN(OpenEvent), UINT("access", 2), REF("name", event));
}

static void a_child_runs_as_the_parent_whatever_the_thread_is(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->bob, 2);
	struct gu_ref p;

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", token));
	p = OPENED(&w->f, w->t, FN(CreateProcess), STR("name", "child"));
	assert_int_equal(w->f.call.out.decision.granted, 0x1FFFFF);
	assert_string_equal(runs_as(w, p), SYSTEM);
	/* ib-9a7b963b2905 */
	p = OPENED(&w->f, w->t, FN(CreateProcessAsUser));
	assert_string_equal(runs_as(w, p), SYSTEM);
}

static void a_childs_token_is_a_copy(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref p = OPENED(f, w->t, FN(CreateProcess));
	struct gu_ref t = fix_thread(f, p, "t");

	OK(f, w->t, FN(AdjustTokenPrivileges),
	   REF("token", fix_own_token(f, w->t)), BOOL("disable_all", true));
	assert_int_equal(fix_privilege(f, t, fix_own_token(f, t),
				       "SeImpersonatePrivilege"),
			 3);
}

/* The program's file cannot be opened. */
static void nothing_starts_below_impersonation(void **state)
{
	struct world *w = *state;

	OK(&w->f, w->t, FN(ImpersonateSelf), UINT("level", 1));
	FAILS(&w->f, 1346, w->t, FN(CreateProcess));
	FAILS(&w->f, 1346, w->t, FN(CreateProcessAsUser));
	OK(&w->f, w->t, FN(CreateThread));
}

struct rights_row {
	const char *name;
	uint32_t access;
	bool ok;
};

/* ib-561adc88f861, ib-6d9f39731f6b, ib-ed9ee4a15e28 */
static void as_user_needs_these_rights_to_ones_own_token(void **state)
{
	static const struct rights_row rows[] = {
		{ "QUERY", 0x8, false },
		{ "ASSIGN_PRIMARY", 0x1, false },
		{ "QUERY|ASSIGN_PRIMARY", 0x9, true },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gu_ref h = OPENED(&w->f, w->a, FN(OpenProcessToken),
					 UINT("access", rows[i].access));
		const struct gu_outcome *out = CALL(
			&w->f, w->a, FN(CreateProcessAsUser), REF("token", h));

		row_check(out->status.ok == rows[i].ok, rows[i].name);
		row_check(out->status.code == (rows[i].ok ? 0u : 5u),
			  rows[i].name);
	}
}

static void as_user_needs_a_privilege_for_somebody_else(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_primary(&w->f, w->bob);

	FAILS(&w->f, 1314, w->a, FN(CreateProcessAsUser), REF("token", token));
	assert_string_equal(
		runs_as(w, OPENED(&w->f, w->t, FN(CreateProcessAsUser),
				  REF("token", token))),
		"MACHINE\\bob");
}

/* ib-1543f6ce8083 */
static void a_restricted_version_of_oneself_needs_none(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref event =
		fix_object(f, GU_OBJ_event, "e", "D:(A;;0x1F0003;;;S-1-2-0)");
	struct gu_ref less = OPENED(f, w->a, FN(CreateRestrictedToken),
				    REF("token", fix_own_token(f, w->a)),
				    LIST(f, "disable", "S-1-2-0"));
	struct gu_ref p =
		OPENED(f, w->a, FN(CreateProcessAsUser), REF("token", less));
	struct gu_ref t = fix_thread(f, p, "t");

	OK(f, w->a, FN(OpenEvent), UINT("access", 2), REF("name", event));
	FAILS(f, 5, t, FN(OpenEvent), UINT("access", 2), REF("name", event));
}

/* The same user is not enough. */
static void more_than_oneself_needs_the_privilege(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref higher = FIXTURE(f, FN(token), REF("account", w->alice),
				       UINT("integrity", GU_IL_HIGH));
	struct gu_ref elsewhere =
		FIXTURE(f, FN(token), REF("account", w->alice),
			REF("session_of", w->svc));

	FAILS(f, 1314, w->a, FN(CreateProcessAsUser), REF("token", higher));
	FAILS(f, 1314, w->a, FN(CreateProcessAsUser), REF("token", elsewhere));
}

/* ib-3da8f1f176e7 */
static void an_impersonation_token_will_do(void **state)
{
	struct world *w = *state;
	struct gu_ref token = fix_imp(&w->f, w->bob, 2);
	struct gu_ref low = fix_imp(&w->f, w->bob, 1);

	assert_string_equal(
		runs_as(w, OPENED(&w->f, w->t, FN(CreateProcessAsUser),
				  REF("token", token))),
		"MACHINE\\bob");
	FAILS(&w->f, 1346, w->t, FN(CreateProcessAsUser), REF("token", low));
}

/* ib-f7de71025a74 */
static void a_pseudo_handle_will_not(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 6, w->t, FN(CreateProcessAsUser),
	      REF("token", fix_raw_handle(0xFFFFFFFC)));
}

struct open_row {
	const char *name;
	const char *as;
	uint32_t access;
	bool ok;
};

static const struct open_row open_rows[] = {
	{ "the user itself", "alice", 0x1FFFFF, true },
	{ "SYSTEM", SYSTEM, 0x1FFFFF, true },
	{ "somebody else", "bob", 0x1000, false },
	{ "an administrator without SeDebug", "root", 0x1000, false },
	{ "SeDebug enabled", "debugger", 0x1FFFFF, true },
	{ "SeDebug, nothing asked", "debugger", 0, false },
	{ "SeDebug, all that is allowed", "debugger", 0x2000000, true },
};

static void add_others(struct fix *f)
{
	fix_account(f, "root", "BA");
	FIXTURE(f, FN(account), STR("name", "debugger"),
		UINT("enabled", GU_PRIV_BIT(GU_PRIV_Debug)));
}

static void a_process_is_open_to_its_user_and_system(void **state)
{
	const size_t n = sizeof(open_rows) / sizeof(open_rows[0]);
	struct world *w = *state;

	add_others(&w->f);
	for (size_t i = 0; i < n; i++) {
		const struct open_row *r = &open_rows[i];
		struct gu_ref t = fix_run_as(&w->f, r->as);
		const struct gu_outcome *out =
			CALL(&w->f, t, FN(OpenProcess),
			     UINT("access", r->access), REF("process", w->app));

		row_check(out->status.ok == r->ok, r->name);
		out = CALL(&w->f, t, FN(OpenThread), UINT("access", r->access),
			   REF("thread", w->a));
		row_check(out->status.ok == r->ok, r->name);
		row_check(!r->ok || out->decision.granted == 0x1FFFFF, r->name);
	}
}

static void others_of_the_logon_session_may_look(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = FIXTURE(f, FN(token), REF("account", w->bob),
				      REF("session_of", w->app));
	struct gu_ref p =
		FIXTURE(f, FN(process), STR("name", "b"), REF("token", token));
	struct gu_ref t = fix_thread(f, p, "t");

	OK(f, t, FN(OpenProcess), UINT("access", 0x1400),
	   REF("process", w->app));
	FAILS(f, 5, t, FN(OpenProcess), UINT("access", 0x20),
	      REF("process", w->app));
	FAILS(f, 5, t, FN(OpenThread), UINT("access", 0x800),
	      REF("thread", w->a));
}

/* Labels of processes keep those below from reading, too. */
static void less_integrity_neither_reads_nor_writes_a_process(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref token = FIXTURE(f, FN(token), REF("account", w->alice),
				      UINT("integrity", GU_IL_LOW));
	struct gu_ref p = FIXTURE(f, FN(process), STR("name", "low"),
				  REF("token", token));
	struct gu_ref t = fix_thread(f, p, "t");

	FAILS(f, 5, t, FN(OpenProcess), UINT("access", 0x10),
	      REF("process", w->app));
	assert_int_equal(f->call.out.decision.reason.code, GU_REASON_INTEGRITY);
	FAILS(f, 5, t, FN(OpenProcess), UINT("access", 0x20),
	      REF("process", w->app));
	OK(f, t, FN(OpenProcess), UINT("access", 0x1000),
	   REF("process", w->app));
	OK(f, w->a, FN(OpenProcess), UINT("access", 0x30), REF("process", p));
}

/* ib-4482f1ad9b4c */
static void a_process_can_be_closed_to_itself(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref p = FIXTURE(f, FN(process), STR("name", "p"),
				  REF("account", w->alice),
				  STR("sddl", "D:(D;;0x10;;;WD)(A;;GA;;;WD)"));
	struct gu_ref t = fix_thread(f, p, "t");

	FAILS(f, 5, t, FN(OpenProcess), UINT("access", 0x10),
	      REF("process", p));
	OK(f, t, FN(OpenProcess), UINT("access", 0x20), REF("process", p));
}

static void what_is_no_process_cannot_be_opened(void **state)
{
	struct world *w = *state;

	FAILS(&w->f, 87, w->t, FN(OpenProcess), UINT("access", 0x1000),
	      REF("process", w->a));
	FAILS(&w->f, 87, w->t, FN(OpenThread), UINT("access", 0x40),
	      REF("thread", fix_raw_handle(5555)));
}

static void processes_open_nothing_below_impersonation(void **state)
{
	struct world *w = *state;

	OK(&w->f, w->a, FN(ImpersonateSelf), UINT("level", 1));
	FAILS(&w->f, 1346, w->a, FN(OpenProcess), UINT("access", 0x1000),
	      REF("process", w->app));
	FAILS(&w->f, 1346, w->a, FN(OpenThread), UINT("access", 0x40),
	      REF("thread", w->a));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_thread_runs_as_the_process),
		T(a_restricted_creator_makes_a_whole_thread),
		T(a_child_runs_as_the_parent_whatever_the_thread_is),
		T(a_childs_token_is_a_copy),
		T(nothing_starts_below_impersonation),
		T(as_user_needs_these_rights_to_ones_own_token),
		T(as_user_needs_a_privilege_for_somebody_else),
		T(a_restricted_version_of_oneself_needs_none),
		T(more_than_oneself_needs_the_privilege),
		T(an_impersonation_token_will_do),
		T(a_pseudo_handle_will_not),
		T(a_process_is_open_to_its_user_and_system),
		T(others_of_the_logon_session_may_look),
		T(less_integrity_neither_reads_nor_writes_a_process),
		T(a_process_can_be_closed_to_itself),
		T(what_is_no_process_cannot_be_opened),
		T(processes_open_nothing_below_impersonation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
