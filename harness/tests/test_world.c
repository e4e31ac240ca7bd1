/* SPDX-License-Identifier: MIT */
#include "model_fix.h"

#include "alloc.h"

#include "banned.h"

#define SYSTEM "NT AUTHORITY\\SYSTEM"

enum { GENERIC_READ_WRITE = (int)0xC0000000 };

static char *sid_of_alice(uint64_t seed)
{
	const struct gu_world_config config = { .seed = seed };
	struct fix f;
	char *sid;

	memset(&f, 0, sizeof(f));
	assert_rc_ok(gu_target_model.open(&config, &f.w, &f.err));
	FIXTURE(&f, FN(account), STR("name", "alice"));
	sid = gu_strdup(f.call.out.identity.sid);
	fix_close(&f);
	return sid;
}

static void same_seed_makes_the_same_machine(void **state)
{
	char *a = sid_of_alice(7), *b = sid_of_alice(7), *c = sid_of_alice(8);

	(void)state;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_non_null(strstr(a, "S-1-5-21-"));
	assert_non_null(strstr(a, "-1000"));
	gu_free(a);
	gu_free(b);
	gu_free(c);
}

static void every_capability_is_supported(void **state)
{
	(void)state;
	for (int i = 0; i < GU_CAP_COUNT; i++) {
		assert_true(gu_target_model.supports((enum gu_cap)i));
	}
}

static void only_threads_call(void **state)
{
	struct fix f;
	struct gu_ref alice;

	(void)state;
	fix_open(&f);
	alice = fix_account(&f, "alice", NULL);
	MISUSED(&f, fix_no_ref(), FN(RevertToSelf));
	MISUSED(&f, alice, FN(RevertToSelf));
	MISUSED(&f, ((struct gu_ref){ GU_REF_THREAD, 999 }), FN(RevertToSelf));
	fix_close(&f);
}

static void injection_is_left_to_the_decorator(void **state)
{
	struct fix f;
	struct gu_ref t;

	(void)state;
	fix_open(&f);
	t = fix_run_as(&f, SYSTEM);
	assert_int_equal(fix_submit(&f, fix_no_ref(),
				    FIX_ARGS(FN(inject), REF("thread", t),
					     STR("call", "RevertToSelf"),
					     STR("status", "5"))),
			 GU_RC_UNSUPPORTED);
	assert_string_equal(f.err.msg, "faults");
	fix_close(&f);
}

static void whoami_tells_name_sid_and_level(void **state)
{
	struct fix f;
	struct gu_ref t;
	const struct gu_identity *id = &f.call.out.identity;

	(void)state;
	fix_open(&f);
	t = fix_run_as(&f, SYSTEM);
	OK(&f, t, FN(whoami));
	assert_string_equal(id->name, SYSTEM);
	assert_string_equal(id->sid, "S-1-5-18");
	assert_false(id->impersonating);
	assert_int_equal(id->level, GU_LEVEL_DELEGATION);
	assert_int_equal(id->integrity, GU_IL_SYSTEM);
	assert_int_equal(id->auth_id, 0x3e7);
	fix_close(&f);
}

struct pipe {
	struct fix f;
	struct gu_ref server, client;
	struct gu_ref pipe, peer;
};

static void pipe_open(struct pipe *p)
{
	struct gu_ref process;

	fix_open(&p->f);
	process = fix_process(&p->f, "svc", SYSTEM);
	p->server = fix_thread(&p->f, process, "server");
	p->client = fix_thread(&p->f, process, "client");
	p->pipe = OPENED(&p->f, p->server, FN(CreateNamedPipe),
			 STR("name", "\\\\.\\pipe\\p"), UINT("pipe_mode", 6));
	p->peer = OPENED(&p->f, p->client, FN(CreateFile), REF("path", p->pipe),
			 UINT("access", (uint32_t)GENERIC_READ_WRITE));
}

static void nothing_left_to_wake_a_call_is_a_deadlock(void **state)
{
	struct pipe p;
	struct gu_call call, *done = &call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	pipe_open(&p);
	STARTS(&p.f, &call, args, p.server, FN(ReadFile),
	       REF("handle", p.pipe));
	assert_int_equal(gu_world_wait(p.f.w, 0, &done, &p.f.err),
			 GU_RC_DEADLOCK);
	fix_close(&p.f);
}

static void a_waiting_call_completes_when_its_turn_comes(void **state)
{
	struct pipe p;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	pipe_open(&p);
	STARTS(&p.f, &call, args, p.server, FN(ReadFile),
	       REF("handle", p.pipe));
	OK(&p.f, p.client, FN(WriteFile), REF("handle", p.peer),
	   STR("data", "hello"));
	assert_ptr_equal(fix_wait(&p.f), &call);
	assert_true(call.out.status.ok);
	assert_string_equal(call.out.value.str.p, "hello");
	fix_close(&p.f);
}

/* Whoever waited first is served, even when another asks before wait. */
static void the_oldest_waiting_call_is_served_first(void **state)
{
	struct pipe p;
	struct gu_call first, second;
	struct gu_value a[GU_ARGS_MAX], b[GU_ARGS_MAX];

	(void)state;
	pipe_open(&p);
	STARTS(&p.f, &first, a, p.server, FN(ReadFile), REF("handle", p.pipe));
	OK(&p.f, p.client, FN(WriteFile), REF("handle", p.peer),
	   STR("data", "one"));
	STARTS(&p.f, &second, b, p.server, FN(ReadFile), REF("handle", p.pipe));
	OK(&p.f, p.client, FN(WriteFile), REF("handle", p.peer),
	   STR("data", "two"));
	assert_ptr_equal(fix_wait(&p.f), &first);
	assert_string_equal(first.out.value.str.p, "one");
	assert_ptr_equal(fix_wait(&p.f), &second);
	assert_string_equal(second.out.value.str.p, "two");
	fix_close(&p.f);
}

static void a_world_closes_with_calls_in_flight(void **state)
{
	struct pipe p;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	pipe_open(&p);
	STARTS(&p.f, &call, args, p.server, FN(ReadFile),
	       REF("handle", p.pipe));
	fix_close(&p.f);
}

static enum gu_rc
try_call(struct fix *f, struct gu_ref thread, const struct fix_arg *args)
{
	enum gu_rc rc = fix_submit(f, thread, args);

	if (rc == GU_RC_OK) {
		assert_true(f->call.out.status.ok);
	} else {
		assert_int_equal(rc, GU_RC_NOMEM);
	}
	return rc;
}

#define TRY(f, thread, ...)                                           \
	do {                                                          \
		if (try_call((f), (thread), FIX_ARGS(__VA_ARGS__))) { \
			return;                                       \
		}                                                     \
	} while (0)

/* A bit of everything that allocates. The list of groups is made before the
 * failures begin. */
static void small_scenario(struct fix *f, struct fix_arg groups)
{
	struct gu_ref admin, token, svc, t;

	TRY(f, fix_no_ref(), FN(account), STR("name", "root"), groups,
	    BOOL("uac", true));
	admin = f->call.out.value.ref;
	TRY(f, fix_no_ref(), FN(token), REF("account", admin));
	token = f->call.out.value.ref;
	TRY(f, fix_no_ref(), FN(process), STR("name", "svc"),
	    STR("account", SYSTEM));
	svc = f->call.out.value.ref;
	TRY(f, fix_no_ref(), FN(thread), REF("process", svc), STR("name", "t"));
	t = f->call.out.value.ref;
	TRY(f, fix_no_ref(), FN(object), UINT("type", GU_OBJ_file),
	    STR("name", "C:\\x"));
	TRY(f, t, FN(ImpersonateLoggedOnUser), REF("token", token));
	TRY(f, t, FN(OpenThreadToken), UINT("access", 0x8),
	    BOOL("open_as_self", true));
	TRY(f, t, FN(RevertToSelf));
	TRY(f, t, FN(ImpersonateAnonymousToken));
	TRY(f, t, FN(OpenThreadToken), UINT("access", 0x8),
	    BOOL("open_as_self", true));
	TRY(f, t, FN(RevertToSelf));
	TRY(f, t, FN(CreateProcessAsUser), REF("token", token));
	TRY(f, t, FN(CreateRestrictedToken), REF("token", token),
	    VALUE("disable", groups.value));
	TRY(f, t, FN(CreateEvent), STR("name", "e"));
	TRY(f, t, FN(CloseHandle), REF("handle", f->call.out.value.ref));
	TRY(f, t, FN(GetTokenInformation), REF("token", token),
	    UINT("class", 2));
}

static void every_failed_allocation_is_survived(void **state)
{
	const struct gu_world_config config = { .seed = 1 };
	bool failed = true;

	(void)state;
	for (size_t n = 1; failed; n++) {
		struct fix f;
		struct fix_arg groups;
		enum gu_rc rc;

		memset(&f, 0, sizeof(f));
		groups = LIST(&f, "groups", "BUILTIN\\Administrators");
		gu_alloc_fail_nth(n);
		rc = gu_target_model.open(&config, &f.w, &f.err);
		if (!rc) {
			small_scenario(&f, groups);
		}
		failed = gu_alloc_failed();
		gu_alloc_fail_nth(0);
		gu_world_close(f.w);
		gu_arena_release(&f.arena);
		assert_true(n < 5000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_makes_the_same_machine),
		cmocka_unit_test(every_capability_is_supported),
		cmocka_unit_test(only_threads_call),
		cmocka_unit_test(injection_is_left_to_the_decorator),
		cmocka_unit_test(whoami_tells_name_sid_and_level),
		cmocka_unit_test(nothing_left_to_wake_a_call_is_a_deadlock),
		cmocka_unit_test(a_waiting_call_completes_when_its_turn_comes),
		cmocka_unit_test(the_oldest_waiting_call_is_served_first),
		cmocka_unit_test(a_world_closes_with_calls_in_flight),
		cmocka_unit_test(every_failed_allocation_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
