/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "banned.h"

/* Semantics section 3: at what level a process gets the token it puts on a
 * thread. The process runs as alice unless said; the token is bob's at
 * Impersonation. */

#define SYSTEM      "NT AUTHORITY\\SYSTEM"
#define IMPERSONATE GU_PRIV_BIT(GU_PRIV_Impersonate)
#define PACKAGE_A   "S-1-15-2-1-1-1-1-1-1-1"
#define PACKAGE_B   "S-1-15-2-2-2-2-2-2-2-2"
#define PACKAGE_A_1 PACKAGE_A "-7-7-7-7"

/* How a token differs from its account's. */
struct who {
	bool bob; /* else alice */
	uint64_t privileges;
	uint64_t enabled;
	uint32_t integrity;
	const char *restrict_to;
	const char *package;
	uint32_t elevation;
};

struct row {
	const char *step; /* of the decision list, and why */
	struct who p, t;
	enum gu_level level;
	bool origin; /* the token was made by the process's session */
	enum gu_level expect;
};

#define BOB  .t.bob = true
#define AT_2 .level = GU_LEVEL_IMPERSONATION

static const struct row rows[] = {
	{ "2: Anonymous is never lowered", BOB, .level = 0, .expect = 0 },
	{ "2: Identification is never lowered", BOB, .level = 1, .expect = 1 },
	{ "3: SeImpersonate enabled", BOB, AT_2,
	  .p = { .privileges = IMPERSONATE, .enabled = IMPERSONATE },
	  .expect = 2 },
	{ "3: Delegation stays Delegation", BOB, .level = 3,
	  .p = { .privileges = IMPERSONATE, .enabled = IMPERSONATE },
	  .expect = 3 },
	{ "3: SeImpersonate held but disabled", BOB, AT_2,
	  .p = { .privileges = IMPERSONATE,
		 .enabled = GU_PRIV_BIT(GU_PRIV_ChangeNotify) },
	  .expect = 1 },
	{ "4: made by this logon session", BOB, AT_2, .origin = true,
	  .expect = 2 },
	{ "4: before integrity", BOB, AT_2, .origin = true,
	  .t.integrity = GU_IL_HIGH, .expect = 2 },
	{ "6: more integrity than the process", AT_2, .t.integrity = GU_IL_HIGH,
	  .expect = 1 },
	{ "6: less integrity than the process", AT_2, .t.integrity = GU_IL_LOW,
	  .expect = 2 },
	{ "7: another user", BOB, AT_2, .expect = 1 },
	{ "7: another user, Delegation", BOB, .level = 3, .expect = 1 },
	{ "7: the same user", AT_2, .expect = 2 },
	{ "7: the same user, Delegation", .level = 3, .expect = 3 },
	{ "8: restricted process, whole token", AT_2,
	  .p.restrict_to = "S-1-5-12", .expect = 1 },
	{ "8: whole process, restricted token", AT_2,
	  .t.restrict_to = "S-1-5-12", .expect = 1 },
	{ "8: both restricted", AT_2, .p.restrict_to = "S-1-5-12",
	  .t.restrict_to = "S-1-1-0", .expect = 2 },
	{ "9: limited process, elevated token", AT_2,
	  .p.elevation = GU_ELEVATION_LIMITED, .t.elevation = GU_ELEVATION_FULL,
	  .expect = 1 },
	{ "9: ordinary process, elevated token", AT_2,
	  .t.elevation = GU_ELEVATION_FULL, .expect = 2 },
	{ "9: elevated process, limited token", AT_2,
	  .p.elevation = GU_ELEVATION_FULL, .t.elevation = GU_ELEVATION_LIMITED,
	  .expect = 2 },
	{ "10: container process, plain token", AT_2, .p.package = PACKAGE_A,
	  .t.integrity = GU_IL_LOW, .expect = 1 },
	{ "10: container process, another package", AT_2,
	  .p.package = PACKAGE_A, .t.package = PACKAGE_B, .expect = 1 },
	{ "10: container process, its own package", AT_2,
	  .p.package = PACKAGE_A, .t.package = PACKAGE_A, .expect = 2 },
	{ "10: container process, a child package", AT_2,
	  .p.package = PACKAGE_A, .t.package = PACKAGE_A_1, .expect = 2 },
	{ "10: child package process, the parent's token", AT_2,
	  .p.package = PACKAGE_A_1, .t.package = PACKAGE_A, .expect = 1 },
	{ "10: plain process, container token", AT_2, .t.package = PACKAGE_A,
	  .expect = 2 },
};

struct pair {
	struct gu_ref alice, bob;
};

static struct fix_arg maybe(bool there, struct fix_arg arg)
{
	static const struct gu_value none = { .type = GU_V_NONE };

	return there ? arg
		     : (struct fix_arg){ .name = arg.name, .value = none };
}

static struct gu_ref make(struct fix *f, const struct pair *users,
			  const struct who *who, struct fix_arg origin,
			  struct fix_arg level)
{
	struct gu_ref account = who->bob ? users->bob : users->alice;
	struct fix_arg list = who->restrict_to
				      ? LIST(f, "restrict", who->restrict_to)
				      : maybe(false, UINT("restrict", 0));

	return FIXTURE(
		f, FN(token), REF("account", account), level, list, origin,
		maybe(who->privileges != 0,
		      UINT("privileges", who->privileges)),
		maybe(who->enabled != 0, UINT("enabled", who->enabled)),
		maybe(who->integrity != 0, UINT("integrity", who->integrity)),
		maybe(who->elevation != 0, UINT("elevation", who->elevation)),
		STR("package", who->package));
}

/* The level that SetThreadToken leaves on a thread. */
static enum gu_level set_token(struct fix *f, const struct row *row)
{
	struct pair users = { .alice = fix_account(f, "alice", "BU"),
			      .bob = fix_account(f, "bob", "BU") };
	struct gu_ref primary =
		make(f, &users, &row->p, maybe(false, UINT("origin", 0)),
		     UINT("type", 1));
	struct gu_ref p = FIXTURE(f, FN(process), STR("name", "p"),
				  REF("token", primary));
	struct gu_ref t = fix_thread(f, p, "t");
	struct gu_ref token =
		make(f, &users, &row->t, maybe(row->origin, REF("origin", p)),
		     UINT("level", row->level));

	OK(f, t, FN(SetThreadToken), REF("token", token));
	row_check(f->call.out.offered_known, row->step);
	row_check(f->call.out.offered == row->level, row->step);
	row_check(f->call.out.identity.impersonating, row->step);
	return f->call.out.identity.level;
}

static void decision_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fix f;

		fix_open(&f);
		row_check(set_token(&f, &rows[i]) == rows[i].expect,
			  rows[i].step);
		fix_close(&f);
	}
}

/* Without the privilege there was no gate. */
static void before_the_privilege_existed_nothing_is_lowered(void **state)
{
	const struct row row = { "7: another user", BOB, AT_2, .expect = 2 };
	struct fix f;

	(void)state;
	fix_open(&f);
	OK(&f, fix_no_ref(), FN(system),
	   BOOL("impersonation_privilege", false));
	assert_int_equal(set_token(&f, &row), GU_LEVEL_IMPERSONATION);
	fix_close(&f);
}

/* The rest starts with an unprivileged process of alice and a token of bob. */
struct world {
	struct fix f;
	struct gu_ref alice, bob;
	struct gu_ref p, t;
	struct gu_ref token; /* bob's, at Impersonation */
};

static int set_up(void **state)
{
	static struct world w;

	fix_open(&w.f);
	w.alice = fix_account(&w.f, "alice", "BU");
	w.bob = fix_account(&w.f, "bob", "BU");
	w.p = fix_process(&w.f, "p", "alice");
	w.t = fix_thread(&w.f, w.p, "t");
	w.token = fix_imp(&w.f, w.bob, GU_LEVEL_IMPERSONATION);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	fix_close(&((struct world *)*state)->f);
	return 0;
}

static void the_systems_anonymous_token_passes(void **state)
{
	struct world *w = *state;

	OK(&w->f, w->t, FN(ImpersonateAnonymousToken));
	fix_acts_as(&w->f, w->t, "NT AUTHORITY\\ANONYMOUS LOGON",
		    GU_LEVEL_IMPERSONATION);
}

static void a_token_that_only_looks_anonymous_does_not(void **state)
{
	struct world *w = *state;
	struct gu_ref anonymous =
		FIXTURE(&w->f, FN(token),
			STR("account", "NT AUTHORITY\\ANONYMOUS LOGON"),
			UINT("level", 2));

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", anonymous));
	fix_acts_as(&w->f, w->t, "NT AUTHORITY\\ANONYMOUS LOGON",
		    GU_LEVEL_IDENTIFICATION);
}

static void a_lowered_token_is_a_copy(void **state)
{
	struct world *w = *state;
	const uint64_t id = fix_identity(&w->f, w->t).token_id;

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", w->token));
	assert_int_not_equal(fix_identity(&w->f, w->t).token_id, id);
	assert_int_equal(fix_token_number(&w->f, w->t, w->token, 9),
			 GU_LEVEL_IMPERSONATION);
}

/* The way to find out: open the thread's token as oneself and ask. */
static void the_process_can_see_how_far_it_got(void **state)
{
	struct world *w = *state;
	struct gu_ref h;

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", w->token));
	h = OPENED(&w->f, w->t, FN(OpenThreadToken), UINT("access", 8),
		   BOOL("open_as_self", true));
	assert_int_equal(fix_token_number(&w->f, w->t, h, 9),
			 GU_LEVEL_IDENTIFICATION);
}

static void a_token_that_passes_is_the_same_object(void **state)
{
	struct world *w = *state;
	struct gu_ref mine = fix_imp(&w->f, w->alice, GU_LEVEL_IMPERSONATION);
	const uint64_t id = w->f.call.out.identity.token_id;

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", mine));
	assert_int_equal(fix_identity(&w->f, w->t).token_id, id);
}

/* Not with what the thread impersonates: SYSTEM has the privilege. */
static void the_process_decides_not_the_thread(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref system = fix_process(f, "s", SYSTEM);
	struct gu_ref token = FIXTURE(f, FN(token), STR("account", SYSTEM),
				      UINT("level", 2), REF("origin", w->p));

	(void)system;
	OK(f, w->t, FN(SetThreadToken), REF("token", token));
	fix_acts_as(f, w->t, SYSTEM, GU_LEVEL_IMPERSONATION);
	OK(f, w->t, FN(SetThreadToken), REF("token", w->token));
	fix_acts_as(f, w->t, "MACHINE\\bob", GU_LEVEL_IDENTIFICATION);
}

static void the_target_threads_process_decides_not_the_callers(void **state)
{
	struct world *w = *state;
	struct fix *f = &w->f;
	struct gu_ref s = fix_run_as(f, SYSTEM);

	OK(f, s, FN(SetThreadToken), REF("thread", w->t),
	   REF("token", w->token));
	fix_acts_as(f, w->t, "MACHINE\\bob", GU_LEVEL_IDENTIFICATION);
	fix_reverted(f, s);
}

static void a_lowered_token_opens_nothing(void **state)
{
	struct world *w = *state;
	struct gu_ref file =
		fix_object(&w->f, GU_OBJ_file, "C:\\x", "D:(A;;FA;;;WD)");

	OK(&w->f, w->t, FN(SetThreadToken), REF("token", w->token));
	FAILS(&w->f, 1346, w->t, FN(open), REF("object", file),
	      UINT("access", 1));
	assert_int_equal(w->f.call.out.decision.reason.code, GU_REASON_LEVEL);
	assert_int_equal(w->f.call.out.decision.reason.level,
			 GU_LEVEL_IDENTIFICATION);
}

struct job_row {
	const char *name;
	uint32_t limits;
	const char *group;
	const char *restrict_to;
	uint32_t error; /* 0: succeeds */
};

static const struct job_row job_rows[] = {
	{ "no limits, an administrator", 0, "BA", NULL, 0 },
	{ "NO_ADMIN, an administrator", 1, "BA", NULL, 5 },
	{ "NO_ADMIN, a user", 1, "BU", NULL, 0 },
	{ "RESTRICTED_TOKEN, a whole token", 2, "BU", NULL, 5 },
	{ "RESTRICTED_TOKEN, a restricted one", 2, "BU", "S-1-5-12", 0 },
};

static void run_job_row(struct fix *f, const struct job_row *row)
{
	struct gu_ref p = FIXTURE(f, FN(process), STR("name", "p"),
				  STR("account", SYSTEM),
				  UINT("job_limits", row->limits));
	struct gu_ref t = fix_thread(f, p, "t");
	struct gu_ref user = fix_account(f, "user", row->group);
	struct fix_arg list = row->restrict_to
				      ? LIST(f, "restrict", row->restrict_to)
				      : maybe(false, UINT("restrict", 0));
	struct gu_ref token = FIXTURE(f, FN(token), REF("account", user),
				      UINT("level", 2), list);
	const struct gu_outcome *out =
		CALL(f, t, FN(SetThreadToken), REF("token", token));

	row_check(out->status.code == row->error, row->name);
	row_check(out->identity.impersonating == (row->error == 0), row->name);
}

static void security_limits_of_a_job_refuse_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(job_rows) / sizeof(job_rows[0]); i++) {
		struct fix f;

		fix_open(&f);
		run_job_row(&f, &job_rows[i]);
		fix_close(&f);
	}
}

static void a_job_that_filters_installs_less(void **state)
{
	struct fix f;
	struct gu_ref p, t, root, h;

	(void)state;
	fix_open(&f);
	p = FIXTURE(&f, FN(process), STR("name", "p"), STR("account", SYSTEM),
		    UINT("job_limits", 8));
	t = fix_thread(&f, p, "t");
	root = fix_imp(&f, fix_account(&f, "root", "BA"), 2);
	OK(&f, t, FN(SetThreadToken), REF("token", root));
	h = OPENED(&f, t, FN(OpenThreadToken), UINT("access", 8),
		   BOOL("open_as_self", true));
	assert_int_equal(fix_group(&f, t, h, 2, "S-1-5-32-544") & 0x14, 0x10);
	assert_int_equal(fix_privilege(&f, t, h, "SeDebugPrivilege"),
			 FIX_ABSENT);
	fix_close(&f);
}

static void a_refused_token_leaves_the_slot_as_it_was(void **state)
{
	struct fix f;
	struct gu_ref p, t, root, alice;

	(void)state;
	fix_open(&f);
	p = FIXTURE(&f, FN(process), STR("name", "p"), STR("account", SYSTEM),
		    UINT("job_limits", 1));
	t = fix_thread(&f, p, "t");
	root = fix_imp(&f, fix_account(&f, "root", "BA"), 2);
	alice = fix_imp(&f, fix_account(&f, "alice", "BU"), 2);
	OK(&f, t, FN(SetThreadToken), REF("token", alice));
	FAILS(&f, 5, t, FN(SetThreadToken), REF("token", root));
	fix_acts_as(&f, t, "MACHINE\\alice", GU_LEVEL_IMPERSONATION);
	fix_close(&f);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decision_list),
		cmocka_unit_test(
			before_the_privilege_existed_nothing_is_lowered),
		T(the_systems_anonymous_token_passes),
		T(a_token_that_only_looks_anonymous_does_not),
		T(a_lowered_token_is_a_copy),
		T(the_process_can_see_how_far_it_got),
		T(a_token_that_passes_is_the_same_object),
		T(the_process_decides_not_the_thread),
		T(the_target_threads_process_decides_not_the_callers),
		T(a_lowered_token_opens_nothing),
		cmocka_unit_test(security_limits_of_a_job_refuse_tokens),
		cmocka_unit_test(a_job_that_filters_installs_less),
		cmocka_unit_test(a_refused_token_leaves_the_slot_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
