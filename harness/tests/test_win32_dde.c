/* SPDX-License-Identifier: MIT */
#include "win32_fix.h"

#include <ddeml.h>

#include "probe.h"

#include "banned.h"

static const char *new_name(void)
{
	static char name[64];
	static int last;

	(void)snprintf(name, sizeof(name), "guise-test-%lu-%d",
		       GetCurrentProcessId(), ++last);
	return name;
}

struct dde {
	struct fix *f;
	struct fix_result *service;
};

static struct dde served(void)
{
	struct dde d = { .f = fix_new() };

	d.service = fix_ok(d.f, FIX_SERVER, GU_FN_dde_serve,
			   FIX_ARGS(fix_str(new_name()), fix_str("log")));
	return d;
}

static struct fix_result *connect_to(struct dde *d)
{
	return fix_ok(d->f, FIX_CLIENT, GU_FN_dde_connect,
		      FIX_ARGS(fix_label(d->service)));
}

static struct fix_result *accept_from(struct dde *d)
{
	return fix_ok(d->f, FIX_SERVER, GU_FN_dde_accept,
		      FIX_ARGS(fix_ref(d->service)));
}

static void dde_connect_needs_no_dde_accept(void **state)
{
	struct dde d = served();

	(void)state;
	assert_int_equal(connect_to(&d)->ref.kind, GU_REF_HCONV);
	fix_free(d.f);
}

static void dde_accept_hands_out_the_servers_end(void **state)
{
	struct dde d = served();
	struct fix_result *theirs = connect_to(&d);
	struct fix_result *ours = accept_from(&d);

	(void)state;
	assert_int_equal(ours->ref.kind, GU_REF_HCONV);
	assert_string_not_equal(ours->label, theirs->label);
	fix_free(d.f);
}

static void dde_accept_waits_for_a_conversation(void **state)
{
	struct dde d = served();
	struct fix_result *wait = fix_post(d.f, FIX_SERVER, GU_FN_dde_accept,
					   FIX_ARGS(fix_ref(d.service)));

	(void)state;
	assert_true(fix_waits(wait));
	(void)connect_to(&d);
	fix_wait(wait);
	assert_true(wait->status.ok);
	fix_free(d.f);
}

static void a_waiting_dde_accept_ends_with_its_scenario(void **state)
{
	struct dde d = served();
	struct fix_result *wait = fix_post(d.f, FIX_SERVER, GU_FN_dde_accept,
					   FIX_ARGS(fix_ref(d.service)));

	(void)state;
	assert_true(fix_waits(wait));
	fix_free(d.f);
}

static void a_conversation_that_ended_is_not_accepted(void **state)
{
	struct dde d = served();
	struct fix_result *theirs = connect_to(&d);
	struct fix_result *wait;

	(void)state;
	(void)fix_ok(d.f, FIX_CLIENT, GU_FN_DdeDisconnect,
		     FIX_ARGS(fix_ref(theirs)));
	wait = fix_post(d.f, FIX_SERVER, GU_FN_dde_accept,
			FIX_ARGS(fix_ref(d.service)));
	assert_true(fix_waits(wait));
	fix_free(d.f);
}

static void the_two_ends_have_windows_of_their_own(void **state)
{
	struct dde d = served();
	struct fix_result *theirs = connect_to(&d);
	struct fix_result *ours = accept_from(&d);
	struct fix_result *client = fix_ok(d.f, FIX_CLIENT, GU_FN_dde_window,
					   FIX_ARGS(fix_ref(theirs)));
	struct fix_result *server = fix_ok(d.f, FIX_SERVER, GU_FN_dde_window,
					   FIX_ARGS(fix_ref(ours)));

	(void)state;
	assert_string_not_equal(client->label, server->label);
	assert_true(
		IsWindow((HWND)(UINT_PTR)strtoull(client->label, NULL, 16)));
	assert_true(
		IsWindow((HWND)(UINT_PTR)strtoull(server->label, NULL, 16)));
	fix_free(d.f);
}

static void a_conversation_ends_once(void **state)
{
	struct dde d = served();
	struct fix_result *theirs = connect_to(&d);
	struct fix_result *again;

	(void)state;
	(void)fix_ok(d.f, FIX_CLIENT, GU_FN_DdeDisconnect,
		     FIX_ARGS(fix_ref(theirs)));
	again = fix_call(d.f, FIX_CLIENT, GU_FN_DdeDisconnect,
			 FIX_ARGS(fix_ref(theirs)));
	assert_int_equal(again->end, W_END_DONE);
	assert_false(again->status.ok);
	fix_free(d.f);
}

static void connecting_to_nobody_says_so(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *r =
		fix_call(f, FIX_CLIENT, GU_FN_dde_connect,
			 FIX_ARGS(fix_str("guise-test-nobody\nlog")));

	(void)state;
	assert_int_equal(r->end, W_END_DONE);
	assert_false(r->status.ok);
	assert_int_equal(r->status.code, DMLERR_NO_CONV_ESTABLISHED);
	fix_free(f);
}

static void another_topic_is_not_served(void **state)
{
	struct fix *f = fix_new();
	const char *name = new_name();
	char label[96];

	(void)state;
	(void)fix_ok(f, FIX_SERVER, GU_FN_dde_serve,
		     FIX_ARGS(fix_str(name), fix_str("log")));
	(void)snprintf(label, sizeof(label), "%s\nother", name);
	assert_false(fix_call(f, FIX_CLIENT, GU_FN_dde_connect,
			      FIX_ARGS(fix_str(label)))
			     ->status.ok);
	fix_free(f);
}

/* What it does is the system's; that it is asked shows in an answer. */
static void dde_impersonation_is_asked_of_the_system(void **state)
{
	struct dde d = served();
	struct fix_result *ours;
	struct fix_result *r;

	(void)state;
	(void)connect_to(&d);
	ours = accept_from(&d);
	r = fix_call(d.f, FIX_SERVER, GU_FN_DdeImpersonateClient,
		     FIX_ARGS(fix_ref(ours)));
	assert_int_equal(r->end, W_END_DONE);
	assert_int_equal(r->status.ok, r->identity.impersonating);
	fix_free(d.f);
}

static void a_wild_conversation_is_an_answer(void **state)
{
	struct dde d = served();
	struct fix_result *r = fix_call(d.f, FIX_SERVER, GU_FN_DdeDisconnect,
					FIX_ARGS(fix_uint(0xDEADBEEF)));

	(void)state;
	assert_true(r->end == W_END_RAISED ||
		    (r->end == W_END_DONE && !r->status.ok));
	fix_free(d.f);
}

static void dde_is_a_capability_of_this_system(void **state)
{
	(void)state;
	assert_true(w_probe_dde());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dde_connect_needs_no_dde_accept),
		cmocka_unit_test(dde_accept_hands_out_the_servers_end),
		cmocka_unit_test(dde_accept_waits_for_a_conversation),
		cmocka_unit_test(a_waiting_dde_accept_ends_with_its_scenario),
		cmocka_unit_test(a_conversation_that_ended_is_not_accepted),
		cmocka_unit_test(the_two_ends_have_windows_of_their_own),
		cmocka_unit_test(a_conversation_ends_once),
		cmocka_unit_test(connecting_to_nobody_says_so),
		cmocka_unit_test(another_topic_is_not_served),
		cmocka_unit_test(dde_impersonation_is_asked_of_the_system),
		cmocka_unit_test(a_wild_conversation_is_an_answer),
		cmocka_unit_test(dde_is_a_capability_of_this_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
