/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <uv.h>

#include "fake_target.h"
#include "trace.h"

#include "banned.h"

/* An observer that keeps the last event. */
struct watcher {
	struct gu_observer observer;
	struct gu_event last;
	size_t count;
};

static void watch(struct gu_observer *self, const struct gu_event *event)
{
	struct watcher *w = (struct watcher *)self;

	w->last = *event;
	w->count++;
}

struct bed {
	struct fake *fake;
	struct gu_world *trace;
	struct watcher watcher;
};

static int set_up(void **state)
{
	static struct bed bed;
	struct gu_observer *observers[] = { &bed.watcher.observer };

	bed = (struct bed){ .fake = fake_new(),
			    .watcher = { .observer = { .call = watch } } };
	assert_rc_ok(
		gu_trace_new(&bed.fake->base, observers, 1, &bed.trace, NULL));
	*state = &bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	gu_world_close(bed->trace);
	return 0;
}

static const struct gu_value none[GU_ARGS_MAX];

static void do_call(struct bed *bed, uint32_t thread, enum gu_fn fn,
		    const struct gu_value *args)
{
	struct gu_call call = { .fn = fn,
				.thread = fake_thread(thread),
				.args = args };

	assert_rc_ok(gu_world_call(bed->trace, &call, NULL));
}

/* The call makes thread `who` run with a token. */
static void do_become(struct bed *bed, uint32_t thread, enum gu_fn fn,
		      uint32_t who, uint64_t token_id)
{
	bed->fake->changes = who;
	bed->fake->becomes = fake_identity(token_id);
	do_call(bed, thread, fn, none);
	bed->fake->changes = 0;
}

static enum gu_fn via(struct bed *bed, uint32_t thread)
{
	return gu_trace_via(bed->trace, fake_thread(thread));
}

static void an_event_shows_who_the_thread_was_and_became(void **state)
{
	struct bed *bed = *state;
	const struct gu_event *e = &bed->watcher.last;

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	assert_int_equal(bed->watcher.count, 1);
	assert_int_equal(e->before.token_id, 1);
	assert_int_equal(e->after.token_id, 1001);
	assert_int_equal(e->subject_after.token_id, 1001);
	assert_true(gu_ref_equal(e->subject, fake_thread(1)));
	assert_int_equal(e->via, GU_FN_NONE);
	assert_false(e->injected);
}

static void via_is_the_function_that_set_the_identity(void **state)
{
	struct bed *bed = *state;

	assert_int_equal(via(bed, 1), GU_FN_NONE);
	do_become(bed, 1, GU_FN_ImpersonateNamedPipeClient, 1, 1001);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateNamedPipeClient);
	do_call(bed, 1, GU_FN_open, none);
	assert_int_equal(bed->watcher.last.via,
			 GU_FN_ImpersonateNamedPipeClient);
	do_become(bed, 1, GU_FN_RevertToSelf, 1, 1);
	assert_int_equal(bed->watcher.last.via,
			 GU_FN_ImpersonateNamedPipeClient);
	assert_int_equal(via(bed, 1), GU_FN_NONE);
}

static void a_failed_impersonation_leaves_via_alone(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	bed->fake->status = gu_status_from_code(GU_CONV_BOOL, 1368);
	do_call(bed, 1, GU_FN_ImpersonateNamedPipeClient, none);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateSelf);
}

static void a_failed_revert_leaves_via_alone(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	bed->fake->status = gu_status_from_code(GU_CONV_BOOL, 5);
	do_call(bed, 1, GU_FN_RevertToSelf, none);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateSelf);
}

static void the_second_impersonation_replaces_via(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	do_become(bed, 1, GU_FN_ImpersonateLoggedOnUser, 1, 1002);
	assert_int_equal(bed->watcher.last.via, GU_FN_ImpersonateSelf);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateLoggedOnUser);
}

static void a_thread_argument_is_the_subject(void **state)
{
	struct bed *bed = *state;
	const struct gu_event *e = &bed->watcher.last;
	struct gu_value args[GU_ARGS_MAX] = {
		fake_value(fake_thread(2)),
		fake_value((struct gu_ref){ GU_REF_TOKEN, 9 }),
	};

	bed->fake->changes = 2;
	bed->fake->becomes = fake_identity(1002);
	do_call(bed, 1, GU_FN_SetThreadToken, args);
	assert_true(gu_ref_equal(e->subject, fake_thread(2)));
	assert_int_equal(e->subject_after.token_id, 1002);
	assert_int_equal(e->after.token_id, 1);
	assert_int_equal(via(bed, 1), GU_FN_NONE);
	assert_int_equal(via(bed, 2), GU_FN_SetThreadToken);
	bed->fake->changes = 0;
	do_call(bed, 2, GU_FN_open, none);
	assert_int_equal(e->before.token_id, 1002);
	assert_int_equal(e->via, GU_FN_SetThreadToken);
}

static void the_caller_is_followed_while_another_is_changed(void **state)
{
	struct bed *bed = *state;
	struct gu_value args[GU_ARGS_MAX] = { fake_value(fake_thread(2)) };

	do_call(bed, 1, GU_FN_open, none);
	bed->fake->now[1] = fake_identity(7);
	do_call(bed, 1, GU_FN_SetThreadToken, args);
	do_call(bed, 1, GU_FN_open, none);
	assert_int_equal(bed->watcher.last.before.token_id, 7);
}

static void setting_no_token_is_a_revert(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	do_become(bed, 1, GU_FN_SetThreadToken, 1, 1);
	assert_int_equal(via(bed, 1), GU_FN_NONE);
	assert_int_equal(bed->watcher.last.via, GU_FN_ImpersonateSelf);
}

static void one_thread_reverts_another(void **state)
{
	struct bed *bed = *state;
	struct gu_value args[GU_ARGS_MAX] = { fake_value(fake_thread(1)) };

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	bed->fake->changes = 1;
	bed->fake->becomes = fake_identity(1);
	do_call(bed, 2, GU_FN_SetThreadToken, args);
	assert_int_equal(via(bed, 1), GU_FN_NONE);
}

static void the_server_is_the_subject_of_NtImpersonateThread(void **state)
{
	struct bed *bed = *state;
	struct gu_value args[GU_ARGS_MAX] = { fake_value(fake_thread(3)),
					      fake_value(fake_thread(4)) };

	bed->fake->changes = 3;
	bed->fake->becomes = fake_identity(1004);
	do_call(bed, 1, GU_FN_NtImpersonateThread, args);
	assert_true(gu_ref_equal(bed->watcher.last.subject, fake_thread(3)));
	assert_int_equal(via(bed, 3), GU_FN_NtImpersonateThread);
	assert_int_equal(via(bed, 4), GU_FN_NONE);
}

static void a_server_window_is_no_subject(void **state)
{
	struct bed *bed = *state;
	struct gu_value args[GU_ARGS_MAX] = {
		fake_value((struct gu_ref){ GU_REF_HWND, 2 }),
		fake_value((struct gu_ref){ GU_REF_HWND, 3 }),
	};

	bed->fake->changes = 1;
	bed->fake->becomes = fake_identity(1001);
	do_call(bed, 1, GU_FN_ImpersonateDdeClientWindow, args);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateDdeClientWindow);
}

static void a_thread_handle_leads_to_its_thread(void **state)
{
	struct bed *bed = *state;
	struct gu_value open[GU_ARGS_MAX] = { { .type = GU_V_UINT, .u = 128 },
					      fake_value(fake_thread(2)) };
	struct gu_value dup[GU_ARGS_MAX] = { fake_value(fake_handle(50)) };
	struct gu_value set[GU_ARGS_MAX] = {
		fake_value(fake_handle(60)),
		fake_value((struct gu_ref){ GU_REF_TOKEN, 9 }),
	};

	bed->fake->value = fake_value(fake_handle(50));
	do_call(bed, 1, GU_FN_OpenThread, open);
	bed->fake->value = fake_value(fake_handle(60));
	do_call(bed, 1, GU_FN_DuplicateHandle, dup);
	bed->fake->value = (struct gu_value){ .type = GU_V_NONE };
	bed->fake->changes = 2;
	bed->fake->becomes = fake_identity(1002);
	do_call(bed, 1, GU_FN_SetThreadToken, set);
	assert_true(gu_ref_equal(bed->watcher.last.subject, fake_thread(2)));
	assert_int_equal(via(bed, 2), GU_FN_SetThreadToken);
}

static void an_unknown_handle_changes_no_other_thread(void **state)
{
	struct bed *bed = *state;
	struct gu_value args[GU_ARGS_MAX] = { fake_value(
		fake_handle(0xFFFFFFFF)) };

	bed->fake->status = gu_status_from_code(GU_CONV_BOOL, 6);
	do_call(bed, 1, GU_FN_SetThreadToken, args);
	assert_true(gu_ref_equal(bed->watcher.last.subject, fake_thread(1)));
}

static void com_restores_the_identity_and_its_via(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_ImpersonateLoggedOnUser, 1, 1001);
	do_become(bed, 1, GU_FN_CoImpersonateClient, 1, 1002);
	assert_int_equal(via(bed, 1), GU_FN_CoImpersonateClient);
	do_become(bed, 1, GU_FN_CoImpersonateClient, 1, 1003);
	do_become(bed, 1, GU_FN_CoRevertToSelf, 1, 1001);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateLoggedOnUser);
	do_become(bed, 1, GU_FN_RevertToSelf, 1, 1);
	assert_int_equal(via(bed, 1), GU_FN_NONE);
}

static void nested_com_calls_unwind_in_order(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	do_become(bed, 1, GU_FN_CoImpersonateClient, 1, 1002);
	do_become(bed, 1, GU_FN_CoImpersonateClient, 1, 1003);
	do_become(bed, 1, GU_FN_com_return, 1, 1002);
	assert_int_equal(via(bed, 1), GU_FN_CoImpersonateClient);
	do_become(bed, 1, GU_FN_com_return, 1, 1001);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateSelf);
}

static void a_com_call_without_revert_ends_impersonation(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_CoImpersonateClient, 1, 1002);
	do_become(bed, 1, GU_FN_com_return, 1, 1);
	assert_int_equal(via(bed, 1), GU_FN_NONE);
}

static void a_private_copy_of_the_token_keeps_via(void **state)
{
	struct bed *bed = *state;

	do_become(bed, 1, GU_FN_ImpersonateNamedPipeClient, 1, 1001);
	do_become(bed, 1, GU_FN_OpenThreadToken, 1, 1005);
	assert_int_equal(via(bed, 1), GU_FN_ImpersonateNamedPipeClient);
}

static void a_pending_call_is_shown_when_it_is_done(void **state)
{
	struct bed *bed = *state;
	struct gu_call call = { .fn = GU_FN_ReadFile,
				.thread = fake_thread(1),
				.args = none };
	struct gu_call *done = NULL;

	bed->fake->pends = true;
	assert_int_equal(gu_world_submit(bed->trace, &call, NULL),
			 GU_RC_PENDING);
	assert_int_equal(bed->watcher.count, 0);
	bed->fake->pends = false;
	uv_sleep(2);
	do_call(bed, 2, GU_FN_WriteFile, none);
	assert_rc_ok(gu_world_wait(bed->trace, 1000, &done, NULL));
	assert_ptr_equal(done, &call);
	assert_int_equal(bed->watcher.count, 2);
	assert_ptr_equal(bed->watcher.last.call, &call);
	assert_in_range(bed->watcher.last.duration_ns, 2000000, 60000000000);
}

static void a_call_is_waited_for_past_others(void **state)
{
	struct bed *bed = *state;
	struct gu_call first = { .fn = GU_FN_ReadFile,
				 .thread = fake_thread(1),
				 .args = none };
	struct gu_call second = { .fn = GU_FN_ReadFile,
				  .thread = fake_thread(2),
				  .args = none };

	bed->fake->pends = true;
	assert_int_equal(gu_world_submit(bed->trace, &first, NULL),
			 GU_RC_PENDING);
	assert_rc_ok(gu_world_call(bed->trace, &second, NULL));
	assert_int_equal(second.out.identity.token_id, 2);
}

static void harness_failures_pass_through_unseen(void **state)
{
	struct bed *bed = *state;
	struct gu_err err = GU_ERR_INIT;
	struct gu_call call = { .fn = GU_FN_open,
				.thread = fake_thread(1),
				.args = none };
	struct gu_call *done = NULL;

	bed->fake->fails = GU_RC_UNSUPPORTED;
	assert_int_equal(gu_world_submit(bed->trace, &call, &err),
			 GU_RC_UNSUPPORTED);
	assert_string_equal(err.msg, "the fake fails");
	assert_int_equal(gu_world_wait(bed->trace, 0, &done, &err),
			 GU_RC_DEADLOCK);
	assert_null(done);
	assert_int_equal(bed->watcher.count, 0);
}

static void fixtures_are_shown_without_a_thread(void **state)
{
	struct bed *bed = *state;
	struct gu_call call = { .fn = GU_FN_account, .args = none };

	assert_rc_ok(gu_world_call(bed->trace, &call, NULL));
	assert_int_equal(bed->watcher.count, 1);
	assert_int_equal(bed->watcher.last.subject.kind, GU_REF_NONE);
	assert_string_equal(bed->watcher.last.before.name, "");
	assert_int_equal(bed->fake->identity_calls, 0);
}

static void a_thread_is_asked_for_its_identity_once(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 100; i++) {
		do_call(bed, 1, GU_FN_open, none);
	}
	assert_int_equal(bed->fake->identity_calls, 1);
}

static void list(void *arg, struct gu_ref thread, const struct gu_identity *now,
		 enum gu_fn how)
{
	uint64_t *seen = arg;

	assert_int_equal(thread.kind, GU_REF_THREAD);
	assert_int_equal(now->token_id, 1000 + thread.id);
	assert_int_equal(how, GU_FN_ImpersonateSelf);
	*seen |= UINT64_C(1) << thread.id;
}

static void threads_that_impersonate_are_listed(void **state)
{
	struct bed *bed = *state;
	uint64_t seen = 0;

	do_become(bed, 3, GU_FN_ImpersonateSelf, 3, 1003);
	do_call(bed, 4, GU_FN_open, none);
	do_become(bed, 31, GU_FN_ImpersonateSelf, 31, 1031);
	do_become(bed, 5, GU_FN_ImpersonateSelf, 5, 1005);
	do_become(bed, 5, GU_FN_RevertToSelf, 5, 5);
	gu_trace_impersonating(bed->trace, list, &seen);
	assert_true(seen == (UINT64_C(1) << 3 | UINT64_C(1) << 31));
}

static void closing_closes_what_is_inside(void **state)
{
	bool closed = false;
	struct fake *f = fake_new();
	struct gu_world *w = NULL;

	(void)state;
	f->closed = &closed;
	assert_rc_ok(gu_trace_new(&f->base, NULL, 0, &w, NULL));
	gu_world_close(w);
	assert_true(closed);
}

static void running_out_of_memory_leaves_the_inner_world(void **state)
{
	struct fake *f = fake_new();
	struct gu_world *w = NULL;

	(void)state;
	gu_alloc_fail_nth(1);
	assert_int_equal(gu_trace_new(&f->base, NULL, 0, &w, NULL),
			 GU_RC_NOMEM);
	gu_alloc_fail_nth(0);
	assert_null(w);
	gu_world_close(&f->base);
}

static void memory_for_com_is_taken_before_the_call(void **state)
{
	struct bed *bed = *state;
	struct gu_call call = { .fn = GU_FN_CoImpersonateClient,
				.thread = fake_thread(1),
				.args = none };

	do_become(bed, 1, GU_FN_ImpersonateSelf, 1, 1001);
	bed->fake->calls = 0;
	gu_alloc_fail_nth(1);
	assert_int_equal(gu_world_submit(bed->trace, &call, NULL), GU_RC_NOMEM);
	gu_alloc_fail_nth(0);
	assert_int_equal(bed->fake->calls, 0);
}

#define unit(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit(an_event_shows_who_the_thread_was_and_became),
		unit(via_is_the_function_that_set_the_identity),
		unit(a_failed_impersonation_leaves_via_alone),
		unit(a_failed_revert_leaves_via_alone),
		unit(the_second_impersonation_replaces_via),
		unit(a_thread_argument_is_the_subject),
		unit(the_caller_is_followed_while_another_is_changed),
		unit(setting_no_token_is_a_revert),
		unit(one_thread_reverts_another),
		unit(the_server_is_the_subject_of_NtImpersonateThread),
		unit(a_server_window_is_no_subject),
		unit(a_thread_handle_leads_to_its_thread),
		unit(an_unknown_handle_changes_no_other_thread),
		unit(com_restores_the_identity_and_its_via),
		unit(nested_com_calls_unwind_in_order),
		unit(a_com_call_without_revert_ends_impersonation),
		unit(a_private_copy_of_the_token_keeps_via),
		unit(a_pending_call_is_shown_when_it_is_done),
		unit(a_call_is_waited_for_past_others),
		unit(harness_failures_pass_through_unseen),
		unit(fixtures_are_shown_without_a_thread),
		unit(a_thread_is_asked_for_its_identity_once),
		unit(threads_that_impersonate_are_listed),
		cmocka_unit_test(closing_closes_what_is_inside),
		cmocka_unit_test(running_out_of_memory_leaves_the_inner_world),
		unit(memory_for_com_is_taken_before_the_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
