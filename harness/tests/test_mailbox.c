/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <uv.h>

#include "fake_target.h"
#include "mailbox.h"

#include "banned.h"

static const struct gu_value none[GU_ARGS_MAX];

/* A fake that also notes which OS thread it was entered on. */
struct noting {
	struct gu_world base;
	struct fake *fake;
	uv_thread_t last;
	size_t inside;
	size_t most_inside;
};

static enum gu_rc
noting_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	struct noting *n = (struct noting *)w;
	enum gu_rc rc;

	n->inside++;
	if (n->inside > n->most_inside) {
		n->most_inside = n->inside;
	}
	n->last = uv_thread_self();
	rc = gu_world_submit(&n->fake->base, call, err);
	n->inside--;
	return rc;
}

static enum gu_rc noting_wait(struct gu_world *w, uint32_t timeout_ms,
			      struct gu_call **done, struct gu_err *err)
{
	return gu_world_wait(&((struct noting *)w)->fake->base, timeout_ms,
			     done, err);
}

static enum gu_rc noting_identity(struct gu_world *w, struct gu_ref thread,
				  struct gu_identity *out, struct gu_err *err)
{
	return gu_world_identity(&((struct noting *)w)->fake->base, thread, out,
				 err);
}

static void noting_close(struct gu_world *w)
{
	gu_world_close(&((struct noting *)w)->fake->base);
}

static const struct gu_target_ops noting_ops = {
	.name = "noting",
	.submit = noting_submit,
	.wait = noting_wait,
	.identity = noting_identity,
	.close = noting_close,
};

static struct noting noting;

static int set_up(void **state)
{
	struct gu_world *w = NULL;

	noting = (struct noting){ .base = { &noting_ops }, .fake = fake_new() };
	assert_rc_ok(gu_mailbox_new(&noting.base, &w, NULL));
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	gu_world_close(*state);
	return 0;
}

/* A thread, by the fixture or by another thread. */
static void make_thread(struct gu_world *w, enum gu_fn fn, uint32_t id)
{
	struct gu_call call = { .fn = fn, .args = none };

	noting.fake->value = fake_value(fake_thread(id));
	assert_rc_ok(gu_world_call(w, &call, NULL));
	noting.fake->value = (struct gu_value){ .type = GU_V_NONE };
}

static enum gu_rc do_call(struct gu_world *w, uint32_t thread, enum gu_fn fn)
{
	struct gu_call call = { .fn = fn,
				.thread = fake_thread(thread),
				.args = none };

	return gu_world_call(w, &call, NULL);
}

static void fixtures_are_made_on_the_conductor(void **state)
{
	uv_thread_t self = uv_thread_self();

	make_thread(*state, GU_FN_thread, 1);
	assert_true(uv_thread_equal(&noting.last, &self));
}

static void a_thread_calls_on_an_os_thread_of_its_own(void **state)
{
	uv_thread_t self = uv_thread_self();
	uv_thread_t first;

	make_thread(*state, GU_FN_thread, 1);
	make_thread(*state, GU_FN_thread, 2);
	assert_rc_ok(do_call(*state, 1, GU_FN_open));
	first = noting.last;
	assert_false(uv_thread_equal(&first, &self));
	assert_rc_ok(do_call(*state, 2, GU_FN_open));
	assert_false(uv_thread_equal(&noting.last, &self));
	assert_false(uv_thread_equal(&noting.last, &first));
	assert_rc_ok(do_call(*state, 1, GU_FN_open));
	assert_true(uv_thread_equal(&noting.last, &first));
}

static void a_thread_made_by_a_thread_has_one_too(void **state)
{
	uv_thread_t self = uv_thread_self();

	make_thread(*state, GU_FN_CreateThread, 20);
	assert_rc_ok(do_call(*state, 20, GU_FN_open));
	assert_false(uv_thread_equal(&noting.last, &self));
}

static void answers_are_the_targets_own(void **state)
{
	struct gu_call call = { .fn = GU_FN_RevertToSelf,
				.thread = fake_thread(3),
				.args = none };

	make_thread(*state, GU_FN_thread, 3);
	noting.fake->status = gu_status_from_code(GU_CONV_BOOL, 1368);
	assert_rc_ok(gu_world_call(*state, &call, NULL));
	assert_false(call.out.status.ok);
	assert_int_equal(call.out.status.code, 1368);
	assert_int_equal(call.out.identity.token_id, 3);
}

static void harness_failures_come_back_with_their_message(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_call call = { .fn = GU_FN_open,
				.thread = fake_thread(1),
				.args = none };

	make_thread(*state, GU_FN_thread, 1);
	noting.fake->fails = GU_RC_UNSUPPORTED;
	assert_int_equal(gu_world_submit(*state, &call, &err),
			 GU_RC_UNSUPPORTED);
	assert_string_equal(err.msg, "the fake fails");
}

static void pending_calls_come_out_of_wait(void **state)
{
	struct gu_call call = { .fn = GU_FN_ReadFile,
				.thread = fake_thread(1),
				.args = none };
	struct gu_call *done = NULL;

	make_thread(*state, GU_FN_thread, 1);
	make_thread(*state, GU_FN_thread, 2);
	noting.fake->pends = true;
	assert_int_equal(gu_world_submit(*state, &call, NULL), GU_RC_PENDING);
	noting.fake->pends = false;
	assert_rc_ok(do_call(*state, 2, GU_FN_WriteFile));
	assert_rc_ok(gu_world_wait(*state, 1000, &done, NULL));
	assert_ptr_equal(done, &call);
	assert_true(call.out.status.ok);
}

static void a_deadlock_is_told_at_once(void **state)
{
	struct gu_call *done = NULL;

	make_thread(*state, GU_FN_thread, 1);
	assert_int_equal(gu_world_wait(*state, UINT32_MAX, &done, NULL),
			 GU_RC_DEADLOCK);
	assert_null(done);
}

static void the_target_is_entered_by_one_at_a_time(void **state)
{
	for (uint32_t id = 1; id < FAKE_THREADS; id++) {
		make_thread(*state, GU_FN_thread, id);
	}
	for (uint32_t i = 0; i < 2000; i++) {
		assert_rc_ok(do_call(*state, 1 + i % (FAKE_THREADS - 1),
				     GU_FN_open));
	}
	assert_int_equal(noting.fake->calls, FAKE_THREADS - 1 + 2000);
	assert_int_equal(noting.most_inside, 1);
}

static void a_failed_thread_call_starts_nothing(void **state)
{
	uv_thread_t self = uv_thread_self();

	noting.fake->status = gu_status_from_code(GU_CONV_HANDLE, 5);
	make_thread(*state, GU_FN_CreateThread, 4);
	assert_rc_ok(do_call(*state, 4, GU_FN_open));
	assert_true(uv_thread_equal(&noting.last, &self));
}

static void running_out_of_memory_is_told(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_call call = { .fn = GU_FN_thread, .args = none };

	noting.fake->value = fake_value(fake_thread(1));
	for (size_t n = 1; n <= 2; n++) {
		gu_alloc_fail_nth(n);
		assert_int_equal(gu_world_submit(*state, &call, &err),
				 GU_RC_NOMEM);
		gu_alloc_fail_nth(0);
	}
	assert_rc_ok(gu_world_submit(*state, &call, &err));
}

#define unit(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit(fixtures_are_made_on_the_conductor),
		unit(a_thread_calls_on_an_os_thread_of_its_own),
		unit(a_thread_made_by_a_thread_has_one_too),
		unit(answers_are_the_targets_own),
		unit(harness_failures_come_back_with_their_message),
		unit(pending_calls_come_out_of_wait),
		unit(a_deadlock_is_told_at_once),
		unit(the_target_is_entered_by_one_at_a_time),
		unit(a_failed_thread_call_starts_nothing),
		unit(running_out_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
