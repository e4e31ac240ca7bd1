/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fake_target.h"
#include "fault.h"

#include "banned.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct gu_value none[GU_ARGS_MAX];
static struct fake *fake;

static int set_up(void **state)
{
	struct gu_world *w = NULL;

	fake = fake_new();
	assert_rc_ok(gu_fault_new(&fake->base, &w, NULL));
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	gu_world_close(*state);
	return 0;
}

static struct gu_outcome
do_call(struct gu_world *w, uint32_t thread, enum gu_fn fn)
{
	struct gu_call call = { .fn = fn,
				.thread = fake_thread(thread),
				.args = none };

	memset(&call.out, 0xEE, sizeof(call.out));
	assert_rc_ok(gu_world_call(w, &call, NULL));
	return call.out;
}

/* The fixture, as a script would make it. */
#define TIMES_LEFT_OUT UINT64_MAX
static enum gu_rc do_inject(struct gu_world *w, struct gu_ref thread,
			    const char *name, const char *status,
			    uint64_t times, struct gu_err *err)
{
	bool given = times != TIMES_LEFT_OUT;
	struct gu_value args[] = { fake_value(thread),
				   fake_str(name),
				   fake_str(status),
				   { .type = given ? GU_V_UINT : GU_V_NONE,
				     .u = times } };
	struct gu_call call = { .fn = GU_FN_inject, .args = args };
	enum gu_rc rc = gu_world_submit(w, &call, err);

	if (rc == GU_RC_OK) {
		assert_true(call.out.status.ok);
		assert_string_equal(call.out.identity.name, "");
	}
	return rc;
}

static void without_a_plan_calls_reach_the_target(void **state)
{
	struct gu_outcome out = do_call(*state, 1, GU_FN_RevertToSelf);

	assert_int_equal(fake->calls, 1);
	assert_true(out.status.ok);
	assert_false(out.injected);
}

static void a_planned_call_fails_without_reaching_the_target(void **state)
{
	struct gu_outcome out;

	fake->now[1] = fake_identity(1001);
	assert_rc_ok(gu_fault_add(*state, fake_thread(1), GU_FN_RevertToSelf, 5,
				  1, NULL));
	out = do_call(*state, 1, GU_FN_RevertToSelf);
	assert_int_equal(fake->calls, 0);
	assert_false(out.status.ok);
	assert_int_equal(out.status.code, 5);
	assert_int_equal(out.status.conv, GU_CONV_BOOL);
	assert_int_equal(out.value.type, GU_V_NONE);
	assert_false(out.decision.made);
	assert_false(out.offered_known);
	assert_true(out.injected);
	assert_int_equal(out.identity.token_id, 1001);
}

static void a_planned_call_fails_whatever_its_code(void **state)
{
	struct gu_outcome out;

	assert_rc_ok(gu_fault_add(*state, fake_thread(1),
				  GU_FN_DdeImpersonateClient, 0, 1, NULL));
	out = do_call(*state, 1, GU_FN_DdeImpersonateClient);
	assert_false(out.status.ok);
	assert_int_equal(out.status.code, 0);
}

static void a_plan_is_over_after_its_times(void **state)
{
	assert_rc_ok(
		gu_fault_add(*state, fake_thread(1), GU_FN_open, 5, 2, NULL));
	assert_false(do_call(*state, 1, GU_FN_open).status.ok);
	assert_false(do_call(*state, 1, GU_FN_open).status.ok);
	assert_true(do_call(*state, 1, GU_FN_open).status.ok);
	assert_int_equal(fake->calls, 1);
}

static void other_threads_and_calls_are_spared(void **state)
{
	assert_rc_ok(
		gu_fault_add(*state, fake_thread(1), GU_FN_open, 5, 1, NULL));
	assert_true(do_call(*state, 2, GU_FN_open).status.ok);
	assert_true(do_call(*state, 1, GU_FN_use).status.ok);
	assert_false(do_call(*state, 1, GU_FN_open).status.ok);
}

static void no_thread_means_any(void **state)
{
	assert_rc_ok(gu_fault_add(*state, (struct gu_ref){ GU_REF_NONE, 0 },
				  GU_FN_open, 5, 2, NULL));
	assert_false(do_call(*state, 2, GU_FN_open).status.ok);
	assert_false(do_call(*state, 1, GU_FN_open).status.ok);
	assert_true(do_call(*state, 1, GU_FN_open).status.ok);
}

static void plans_for_one_call_come_true_in_order(void **state)
{
	static const uint32_t codes[] = { 5, 6, 87, 1368, 1346, 1, 2, 3 };

	for (size_t i = 0; i < COUNT(codes); i++) {
		assert_rc_ok(gu_fault_add(*state, fake_thread(1), GU_FN_open,
					  codes[i], 1, NULL));
	}
	for (size_t i = 0; i < COUNT(codes); i++) {
		assert_int_equal(do_call(*state, 1, GU_FN_open).status.code,
				 codes[i]);
	}
	assert_true(do_call(*state, 1, GU_FN_open).status.ok);
}

static void the_fixture_takes_names_of_the_calls_own_family(void **state)
{
	static const struct {
		enum gu_fn fn;
		const char *name;
		const char *status;
		enum gu_conv conv;
		uint32_t code;
	} rows[] = {
		{ GU_FN_RevertToSelf, "RevertToSelf", "ERROR_ACCESS_DENIED",
		  GU_CONV_BOOL, 5 },
		{ GU_FN_RevertToSelf, "RevertToSelf", "1450", GU_CONV_BOOL,
		  1450 },
		{ GU_FN_RpcRevertToSelf, "RpcRevertToSelf",
		  "RPC_S_NO_CALL_ACTIVE", GU_CONV_RPC, 1725 },
		{ GU_FN_ImpersonateSecurityContext,
		  "ImpersonateSecurityContext", "SEC_E_INVALID_HANDLE",
		  GU_CONV_SECURITY, 0x80090301 },
		{ GU_FN_CoRevertToSelf, "CoRevertToSelf", "E_FAIL",
		  GU_CONV_HRESULT, 0x80004005 },
		{ GU_FN_NtImpersonateThread, "NtImpersonateThread",
		  "STATUS_ACCESS_DENIED", GU_CONV_NTSTATUS, 0xC0000022 },
		{ GU_FN_NtImpersonateThread, "NtImpersonateThread",
		  "0xC0FFEE01", GU_CONV_NTSTATUS, 0xC0FFEE01 },
		{ GU_FN_WSAImpersonateSocketPeer, "WSAImpersonateSocketPeer",
		  "WSAENOTSOCK", GU_CONV_WSA, 10038 },
		{ GU_FN_open, "open", "ERROR_SHARING_VIOLATION", GU_CONV_BOOL,
		  32 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_outcome out;

		assert_rc_ok(do_inject(*state, fake_thread(1), rows[i].name,
				       rows[i].status, TIMES_LEFT_OUT, NULL));
		out = do_call(*state, 1, rows[i].fn);
		row_check(!out.status.ok, rows[i].status);
		row_check(out.status.conv == rows[i].conv, rows[i].status);
		row_check(out.status.code == rows[i].code, rows[i].status);
		row_check(do_call(*state, 1, rows[i].fn).status.ok,
			  rows[i].status);
	}
}

static void the_fixture_counts_times(void **state)
{
	assert_rc_ok(do_inject(*state, fake_thread(1), "open", "5", 3, NULL));
	assert_int_equal(fake->calls, 0);
	for (int i = 0; i < 3; i++) {
		assert_false(do_call(*state, 1, GU_FN_open).status.ok);
	}
	assert_true(do_call(*state, 1, GU_FN_open).status.ok);
}

static void what_the_fixture_cannot_mean_is_refused(void **state)
{
	static const struct {
		const char *call;
		const char *status;
		const char *says;
	} rows[] = {
		{ "RevertToSefl", "5", "did you mean RevertToSelf?" },
		{ "", "5", "no call" },
		{ "qqqqqqqqqqqqqq", "5", "no call \"qqqqqqqqqqqqqq\"" },
		{ "account", "5", "no call \"account\"" },
		{ "inject", "5", "no call" },
		{ "RevertToSelf", "ERROR_ACESS_DENIED",
		  "did you mean ERROR_ACCESS_DENIED?" },
		{ "RevertToSelf", "", "unknown status" },
		{ "RevertToSelf", "-5", "unknown status" },
		{ "RevertToSelf", "STATUS_ACCESS_DENIED",
		  "RevertToSelf never answers STATUS_ACCESS_DENIED" },
		{ "NtImpersonateThread", "ERROR_ACCESS_DENIED",
		  "it returns NTSTATUS" },
		{ "RevertToSelf", "ERROR_SUCCESS", "no failure" },
		{ "RevertToSelf", "0", "no failure" },
		{ "NtImpersonateThread", "STATUS_PENDING", "no failure" },
		{ "CoRevertToSelf", "S_FALSE", "no failure" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gu_err err = GU_ERR_INIT;

		row_check(do_inject(*state, fake_thread(1), rows[i].call,
				    rows[i].status, 1, &err) == GU_RC_USAGE,
			  rows[i].says);
		if (!strstr(err.msg, rows[i].says)) {
			fail_msg("\"%s\" lacks \"%s\"", err.msg, rows[i].says);
		}
	}
	assert_true(do_call(*state, 1, GU_FN_RevertToSelf).status.ok);
}

static void the_fixture_wants_times_that_can_be_counted(void **state)
{
	static const uint64_t times[] = { 0, UINT64_C(0x100000000) };

	for (size_t i = 0; i < COUNT(times); i++) {
		struct gu_err err = GU_ERR_INIT;

		assert_int_equal(do_inject(*state, fake_thread(1), "open", "5",
					   times[i], &err),
				 GU_RC_USAGE);
		assert_non_null(strstr(err.msg, "times"));
	}
}

static void the_fixture_wants_a_thread(void **state)
{
	struct gu_err err = GU_ERR_INIT;

	assert_int_equal(
		do_inject(*state, fake_handle(4), "open", "5", 1, &err),
		GU_RC_USAGE);
	assert_non_null(strstr(err.msg, "not a handle"));
}

static void pending_calls_and_identities_pass_through(void **state)
{
	struct gu_call call = { .fn = GU_FN_ReadFile,
				.thread = fake_thread(1),
				.args = none };
	struct gu_identity who = { .token_id = 77 };

	fake->pends = true;
	assert_rc_ok(gu_world_call(*state, &call, NULL));
	assert_true(call.out.status.ok);
	assert_rc_ok(gu_world_identity(*state, fake_thread(3), &who, NULL));
	assert_int_equal(who.token_id, 3);
}

static void running_out_of_memory_plans_nothing(void **state)
{
	gu_alloc_fail_nth(1);
	assert_int_equal(
		gu_fault_add(*state, fake_thread(1), GU_FN_open, 5, 1, NULL),
		GU_RC_NOMEM);
	gu_alloc_fail_nth(0);
	assert_true(do_call(*state, 1, GU_FN_open).status.ok);
}

#define unit(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit(without_a_plan_calls_reach_the_target),
		unit(a_planned_call_fails_without_reaching_the_target),
		unit(a_planned_call_fails_whatever_its_code),
		unit(a_plan_is_over_after_its_times),
		unit(other_threads_and_calls_are_spared),
		unit(no_thread_means_any),
		unit(plans_for_one_call_come_true_in_order),
		unit(the_fixture_takes_names_of_the_calls_own_family),
		unit(the_fixture_counts_times),
		unit(what_the_fixture_cannot_mean_is_refused),
		unit(the_fixture_wants_times_that_can_be_counted),
		unit(the_fixture_wants_a_thread),
		unit(pending_calls_and_identities_pass_through),
		unit(running_out_of_memory_plans_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
