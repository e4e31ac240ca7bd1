/* SPDX-License-Identifier: MIT */
#include "win32_fix.h"

#include <objbase.h>

#include "probe.h"

#include "banned.h"

struct com {
	struct fix *f;
	struct fix_result *server;
	struct fix_result *proxy;
};

static struct com bound(void)
{
	struct com c = { .f = fix_new() };

	c.server =
		fix_ok(c.f, FIX_SERVER, GU_FN_com_serve, FIX_ARGS(fix_none()));
	c.proxy = fix_ok(c.f, FIX_CLIENT, GU_FN_com_bind,
			 FIX_ARGS(fix_label(c.server)));
	return c;
}

static struct fix_result *enter(struct com *c)
{
	(void)fix_ok(c->f, FIX_CLIENT, GU_FN_com_call,
		     FIX_ARGS(fix_ref(c->proxy)));
	return fix_ok(c->f, FIX_SERVER, GU_FN_com_receive,
		      FIX_ARGS(fix_ref(c->server)));
}

static struct fix_result *on_server(struct com *c, enum gu_fn fn)
{
	return fix_call(c->f, FIX_SERVER, fn, FIX_ARGS(fix_none()));
}

static void a_method_is_entered_and_left(void **state)
{
	struct com c = bound();

	(void)state;
	assert_int_equal(enter(&c)->ref.kind, GU_REF_COM_CALL);
	assert_true(on_server(&c, GU_FN_com_return)->status.ok);
	fix_free(c.f);
}

static void a_method_runs_on_the_servers_own_thread(void **state)
{
	struct com c = bound();

	(void)state;
	assert_int_equal(enter(&c)->os_thread, c.f->threads[FIX_SERVER]->os_id);
	fix_free(c.f);
}

static void com_receive_waits_for_a_call(void **state)
{
	struct com c = bound();
	struct fix_result *wait = fix_post(c.f, FIX_SERVER, GU_FN_com_receive,
					   FIX_ARGS(fix_ref(c.server)));

	(void)state;
	assert_true(fix_waits(wait));
	(void)fix_ok(c.f, FIX_CLIENT, GU_FN_com_call,
		     FIX_ARGS(fix_ref(c.proxy)));
	fix_wait(wait);
	assert_true(wait->status.ok);
	fix_free(c.f);
}

static void jobs_before_com_receive_are_outside_the_call(void **state)
{
	struct com c = bound();

	(void)state;
	(void)fix_ok(c.f, FIX_CLIENT, GU_FN_com_call,
		     FIX_ARGS(fix_ref(c.proxy)));
	assert_int_equal(on_server(&c, GU_FN_com_return)->status.code,
			 (uint32_t)RPC_E_CALL_COMPLETE);
	fix_free(c.f);
}

static void a_server_takes_one_call_after_the_other(void **state)
{
	struct com c = bound();

	(void)state;
	for (int i = 0; i < 3; i++) {
		(void)enter(&c);
		assert_true(on_server(&c, GU_FN_com_return)->status.ok);
	}
	fix_free(c.f);
}

static void a_call_may_come_in_while_another_is_served(void **state)
{
	struct com c = bound();
	struct fix_result *outer = enter(&c);
	struct fix_result *inner = enter(&c);
	struct fix_result *r;

	(void)state;
	r = fix_call(c.f, FIX_SERVER, GU_FN_com_return,
		     FIX_ARGS(fix_ref(outer)));
	assert_int_equal(r->status.code, (uint32_t)E_INVALIDARG);
	r = fix_call(c.f, FIX_SERVER, GU_FN_com_return,
		     FIX_ARGS(fix_ref(inner)));
	assert_true(r->status.ok);
	r = fix_call(c.f, FIX_SERVER, GU_FN_com_return,
		     FIX_ARGS(fix_ref(outer)));
	assert_true(r->status.ok);
	fix_free(c.f);
}

static void a_call_that_is_served_ends_with_its_scenario(void **state)
{
	struct com c = bound();

	(void)state;
	(void)enter(&c);
	fix_free(c.f);
}

static void a_waiting_com_receive_ends_with_its_scenario(void **state)
{
	struct com c = bound();
	struct fix_result *wait = fix_post(c.f, FIX_SERVER, GU_FN_com_receive,
					   FIX_ARGS(fix_ref(c.server)));

	(void)state;
	assert_true(fix_waits(wait));
	fix_free(c.f);
}

static void a_thread_may_call_an_object_of_its_own(void **state)
{
	struct com c = bound();
	struct fix_result *proxy = fix_ok(c.f, FIX_SERVER, GU_FN_com_bind,
					  FIX_ARGS(fix_ref(c.server)));

	(void)state;
	(void)fix_ok(c.f, FIX_SERVER, GU_FN_com_call, FIX_ARGS(fix_ref(proxy)));
	(void)fix_ok(c.f, FIX_SERVER, GU_FN_com_receive,
		     FIX_ARGS(fix_ref(c.server)));
	fix_free(c.f);
}

static void outside_a_call_there_is_nobody_to_impersonate(void **state)
{
	struct com c = bound();

	(void)state;
	assert_int_equal(on_server(&c, GU_FN_CoImpersonateClient)->status.code,
			 (uint32_t)RPC_E_CALL_COMPLETE);
	assert_int_equal(on_server(&c, GU_FN_CoRevertToSelf)->status.code,
			 (uint32_t)RPC_E_CALL_COMPLETE);
	fix_free(c.f);
}

static void a_label_that_is_no_interface_is_an_answer(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *r = fix_call(f, FIX_CLIENT, GU_FN_com_bind,
					FIX_ARGS(fix_str("4d454f57deadbeef")));

	(void)state;
	assert_int_equal(r->end, W_END_DONE);
	assert_false(r->status.ok);
	fix_free(f);
}

/* Whatever its answer, it comes back. */
static void the_com_probe_ends(void **state)
{
	DWORD before = GetTickCount();

	(void)state;
	(void)w_probe_com();
	assert_in_range(GetTickCount() - before, 0, 9000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_method_is_entered_and_left),
		cmocka_unit_test(a_method_runs_on_the_servers_own_thread),
		cmocka_unit_test(com_receive_waits_for_a_call),
		cmocka_unit_test(jobs_before_com_receive_are_outside_the_call),
		cmocka_unit_test(a_server_takes_one_call_after_the_other),
		cmocka_unit_test(a_call_may_come_in_while_another_is_served),
		cmocka_unit_test(a_call_that_is_served_ends_with_its_scenario),
		cmocka_unit_test(a_waiting_com_receive_ends_with_its_scenario),
		cmocka_unit_test(a_thread_may_call_an_object_of_its_own),
		cmocka_unit_test(outside_a_call_there_is_nobody_to_impersonate),
		cmocka_unit_test(a_label_that_is_no_interface_is_an_answer),
		cmocka_unit_test(the_com_probe_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
