/* SPDX-License-Identifier: MIT */
#include "win32_fix.h"

#include <rpc.h>

#include "probe.h"

#include "banned.h"

enum { NCALRPC = 0, NP = 1, TCP = 2 };

struct rpc {
	struct fix *f;
	struct fix_result *server;
	struct fix_result *binding;
};

/* Endpoints last as long as their process: each test has its own. */
static const char *new_endpoint(void)
{
	static char name[64];
	static int last;

	(void)snprintf(name, sizeof(name), "guise-test-%lu-%d",
		       GetCurrentProcessId(), ++last);
	return name;
}

static struct rpc served(uint32_t protseq)
{
	struct rpc r = { .f = fix_new() };

	r.server = fix_ok(r.f, FIX_SERVER, GU_FN_rpc_serve,
			  FIX_ARGS(fix_uint(protseq), fix_str(new_endpoint())));
	r.binding = fix_ok(r.f, FIX_CLIENT, GU_FN_rpc_bind,
			   FIX_ARGS(fix_label(r.server)));
	return r;
}

static struct fix_result *receive(struct rpc *r)
{
	(void)fix_ok(r->f, FIX_CLIENT, GU_FN_rpc_call,
		     FIX_ARGS(fix_ref(r->binding)));
	return fix_ok(r->f, FIX_SERVER, GU_FN_rpc_receive,
		      FIX_ARGS(fix_ref(r->server)));
}

static struct fix_result *on_server(struct rpc *r, enum gu_fn fn)
{
	return fix_call(r->f, FIX_SERVER, fn, FIX_ARGS(fix_none()));
}

static void a_call_is_received_and_returned_over(uint32_t protseq)
{
	struct rpc r = served(protseq);
	struct fix_result *call = receive(&r);

	assert_int_equal(call->ref.kind, GU_REF_RPC_CALL);
	(void)fix_ok(r.f, FIX_SERVER, GU_FN_rpc_return, FIX_ARGS(fix_none()));
	fix_free(r.f);
}

static void a_call_over_ncalrpc_is_received_and_returned(void **state)
{
	(void)state;
	a_call_is_received_and_returned_over(NCALRPC);
}

static void a_call_over_a_pipe_is_received_and_returned(void **state)
{
	(void)state;
	a_call_is_received_and_returned_over(NP);
}

static void a_call_over_tcp_is_received_and_returned(void **state)
{
	(void)state;
	a_call_is_received_and_returned_over(TCP);
}

static void a_received_call_runs_on_the_thread_that_rpc_chose(void **state)
{
	struct rpc r = served(NCALRPC);
	DWORD own = r.f->threads[FIX_SERVER]->os_id;
	struct fix_result *call = receive(&r);
	struct fix_result *inside = on_server(&r, GU_FN_RevertToSelf);

	(void)state;
	assert_int_not_equal(call->os_thread, own);
	assert_int_equal(inside->os_thread, call->os_thread);
	fix_free(r.f);
}

static void a_thread_is_itself_again_after_rpc_return(void **state)
{
	struct rpc r = served(NCALRPC);
	DWORD own = r.f->threads[FIX_SERVER]->os_id;

	(void)state;
	(void)receive(&r);
	assert_int_equal(on_server(&r, GU_FN_rpc_return)->os_thread, own);
	assert_int_equal(on_server(&r, GU_FN_RevertToSelf)->os_thread, own);
	fix_free(r.f);
}

/* The pool thread keeps what it impersonates; nobody stands on it. */
static void a_call_that_was_not_reverted_leaves_its_thread_clean(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *left;

	(void)state;
	(void)receive(&r);
	assert_true(on_server(&r, GU_FN_RpcImpersonateClient)
			    ->identity.impersonating);
	left = on_server(&r, GU_FN_rpc_return);
	assert_true(left->identity.known);
	assert_false(left->identity.impersonating);
	fix_free(r.f);
}

static void the_client_goes_on_while_its_call_is_served(void **state)
{
	struct rpc r = served(NCALRPC);

	(void)state;
	(void)receive(&r);
	(void)fix_ok(r.f, FIX_CLIENT, GU_FN_RevertToSelf, FIX_ARGS(fix_none()));
	fix_free(r.f);
}

static void rpc_receive_waits_for_a_call(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *wait = fix_post(r.f, FIX_SERVER, GU_FN_rpc_receive,
					   FIX_ARGS(fix_ref(r.server)));

	(void)state;
	assert_true(fix_waits(wait));
	(void)fix_ok(r.f, FIX_CLIENT, GU_FN_rpc_call,
		     FIX_ARGS(fix_ref(r.binding)));
	fix_wait(wait);
	assert_true(wait->status.ok);
	fix_free(r.f);
}

static void a_waiting_rpc_receive_ends_with_its_scenario(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *wait = fix_post(r.f, FIX_SERVER, GU_FN_rpc_receive,
					   FIX_ARGS(fix_ref(r.server)));

	(void)state;
	assert_true(fix_waits(wait));
	fix_free(r.f);
}

static void a_call_that_nobody_receives_ends_with_its_scenario(void **state)
{
	struct rpc r = served(NCALRPC);

	(void)state;
	(void)fix_ok(r.f, FIX_CLIENT, GU_FN_rpc_call,
		     FIX_ARGS(fix_ref(r.binding)));
	fix_free(r.f);
}

static void calls_are_received_in_the_order_they_came(void **state)
{
	struct rpc r = served(NCALRPC);

	(void)state;
	for (int i = 0; i < 5; i++) {
		(void)receive(&r);
		(void)fix_ok(r.f, FIX_SERVER, GU_FN_rpc_return,
			     FIX_ARGS(fix_none()));
	}
	fix_free(r.f);
}

static void rpc_return_without_a_call_says_so(void **state)
{
	struct rpc r = served(NCALRPC);

	(void)state;
	assert_int_equal(on_server(&r, GU_FN_rpc_return)->status.code,
			 RPC_S_NO_CALL_ACTIVE);
	fix_free(r.f);
}

static void a_call_to_nobody_fails_with_rpc_s_server_unavailable(void **state)
{
	struct fix *f = fix_new();
	struct fix_result *b =
		fix_ok(f, FIX_CLIENT, GU_FN_rpc_bind,
		       FIX_ARGS(fix_str("7 ncalrpc guise-test-nobody")));

	(void)state;
	assert_int_equal(
		fix_call(f, FIX_CLIENT, GU_FN_rpc_call, FIX_ARGS(fix_ref(b)))
			->status.code,
		RPC_S_SERVER_UNAVAILABLE);
	fix_free(f);
}

static void rpc_call_refuses_a_server_binding(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *call = receive(&r);

	(void)state;
	assert_int_equal(fix_call(r.f, FIX_CLIENT, GU_FN_rpc_call,
				  FIX_ARGS(fix_ref(call)))
				 ->status.code,
			 RPC_S_WRONG_KIND_OF_BINDING);
	fix_free(r.f);
}

static void an_rpc_server_acts_as_its_client_until_rpc_revert(void **state)
{
	struct rpc r = served(NCALRPC);

	(void)state;
	(void)receive(&r);
	assert_true(on_server(&r, GU_FN_RpcImpersonateClient)
			    ->identity.impersonating);
	assert_false(
		on_server(&r, GU_FN_RpcRevertToSelf)->identity.impersonating);
	fix_free(r.f);
}

static void another_thread_takes_the_calls_binding(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *call = receive(&r);
	struct fix_result *worker =
		fix_ok(r.f, FIX_WORKER, GU_FN_RpcImpersonateClient,
		       FIX_ARGS(fix_ref(call)));

	(void)state;
	assert_true(worker->identity.impersonating);
	worker = fix_ok(r.f, FIX_WORKER, GU_FN_RpcRevertToSelfEx,
			FIX_ARGS(fix_ref(call)));
	assert_false(worker->identity.impersonating);
	fix_free(r.f);
}

static void an_unauthenticated_tcp_call_has_no_client(void **state)
{
	struct rpc r = served(TCP);

	(void)state;
	(void)receive(&r);
	assert_int_equal(on_server(&r, GU_FN_RpcImpersonateClient)->status.code,
			 RPC_S_NO_CONTEXT_AVAILABLE);
	fix_free(r.f);
}

static void a_client_binding_cannot_be_impersonated(void **state)
{
	struct rpc r = served(NCALRPC);

	(void)state;
	assert_int_equal(fix_call(r.f, FIX_CLIENT, GU_FN_RpcImpersonateClient,
				  FIX_ARGS(fix_ref(r.binding)))
				 ->status.code,
			 RPC_S_WRONG_KIND_OF_BINDING);
	fix_free(r.f);
}

static void a_call_that_has_ended_is_no_binding(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *call = receive(&r);

	(void)state;
	(void)on_server(&r, GU_FN_rpc_return);
	assert_int_equal(fix_call(r.f, FIX_SERVER, GU_FN_RpcImpersonateClient,
				  FIX_ARGS(fix_ref(call)))
				 ->status.code,
			 RPC_S_INVALID_BINDING);
	fix_free(r.f);
}

static void the_system_says_who_called_over_ncalrpc(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *who;

	(void)state;
	(void)receive(&r);
	who = on_server(&r, GU_FN_RpcBindingInqAuthClient);
	assert_true(who->status.ok);
	assert_int_equal(who->type, GU_V_TABLE);
	fix_free(r.f);
}

/* A sentinel that an exception which went astray would not leave. */
static void a_wild_binding_is_an_answer(void **state)
{
	struct rpc r = served(NCALRPC);
	struct fix_result *wild;

	(void)state;
	(void)receive(&r);
	wild = fix_call(r.f, FIX_SERVER, GU_FN_RpcImpersonateClient,
			FIX_ARGS(fix_uint(0xDEADBEEF)));
	assert_true(wild->end == W_END_RAISED ||
		    (wild->end == W_END_DONE && !wild->status.ok));
	assert_true(on_server(&r, GU_FN_rpc_return)->status.ok);
	fix_free(r.f);
}

static void rpc_is_a_capability_of_this_system(void **state)
{
	(void)state;
	assert_true(w_probe_rpc());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_over_ncalrpc_is_received_and_returned),
		cmocka_unit_test(a_call_over_a_pipe_is_received_and_returned),
		cmocka_unit_test(a_call_over_tcp_is_received_and_returned),
		cmocka_unit_test(
			a_received_call_runs_on_the_thread_that_rpc_chose),
		cmocka_unit_test(a_thread_is_itself_again_after_rpc_return),
		cmocka_unit_test(
			a_call_that_was_not_reverted_leaves_its_thread_clean),
		cmocka_unit_test(the_client_goes_on_while_its_call_is_served),
		cmocka_unit_test(rpc_receive_waits_for_a_call),
		cmocka_unit_test(a_waiting_rpc_receive_ends_with_its_scenario),
		cmocka_unit_test(
			a_call_that_nobody_receives_ends_with_its_scenario),
		cmocka_unit_test(calls_are_received_in_the_order_they_came),
		cmocka_unit_test(rpc_return_without_a_call_says_so),
		cmocka_unit_test(
			a_call_to_nobody_fails_with_rpc_s_server_unavailable),
		cmocka_unit_test(rpc_call_refuses_a_server_binding),
		cmocka_unit_test(
			an_rpc_server_acts_as_its_client_until_rpc_revert),
		cmocka_unit_test(another_thread_takes_the_calls_binding),
		cmocka_unit_test(an_unauthenticated_tcp_call_has_no_client),
		cmocka_unit_test(a_client_binding_cannot_be_impersonated),
		cmocka_unit_test(a_call_that_has_ended_is_no_binding),
		cmocka_unit_test(the_system_says_who_called_over_ncalrpc),
		cmocka_unit_test(a_wild_binding_is_an_answer),
		cmocka_unit_test(rpc_is_a_capability_of_this_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
