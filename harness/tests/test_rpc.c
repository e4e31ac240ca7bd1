/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.3 (RpcImpersonateClient, RpcRevertToSelf), 1.4 C9, 2
 * (defaults), U4 and U8; rpc_security_qos; vectors, area rpc. */
enum { NCALRPC, NCACN_NP, NCACN_TCP };
enum { NEGOTIATE = 9, NTLM = 10, SCHANNEL = 14, KERBEROS = 16 };

static struct gu_ref
serve(struct chan *s, struct gu_ref thread, uint32_t protseq)
{
	return OPENED(&s->f, thread, FN(rpc_serve), UINT("protseq", protseq),
		      STR("endpoint", "audit"));
}

static struct gu_ref bind(struct chan *s, struct gu_ref server)
{
	return OPENED(&s->f, s->client, FN(rpc_bind), REF("server", server));
}

/* One call by alice, dispatched to `thread`. */
static struct gu_ref dispatch(struct chan *s, struct gu_ref thread,
			      struct gu_ref server, struct gu_ref binding)
{
	OK(&s->f, s->client, FN(rpc_call), REF("binding", binding));
	return OPENED(&s->f, thread, FN(rpc_receive), REF("server", server));
}

static struct gu_ref simple_call(struct chan *s, uint32_t protseq)
{
	struct gu_ref server = serve(s, s->server, protseq);

	return dispatch(s, s->server, server, bind(s, server));
}

static void server_acts_as_the_client_it_serves(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	simple_call(&s, NCALRPC);
	OK(&s.f, s.server, FN(RpcImpersonateClient));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(RpcRevertToSelf));
	fix_reverted(&s.f, s.server);
	OK(&s.f, s.server, FN(rpc_return));
	chan_close(&s);
}

static void a_service_may_open_the_token_of_its_client(void **state)
{
	for (uint32_t tracking = 0; tracking <= 1; tracking++) {
		struct chan s;
		struct gu_ref service, server, binding;

		(void)state;
		chan_open(&s);
		service = chan_service(&s);
		server = serve(&s, service, NCACN_TCP);
		binding = OPENED(&s.f, s.client, FN(rpc_bind),
				 REF("server", server), UINT("authn_level", 6),
				 UINT("tracking", tracking));
		dispatch(&s, service, server, binding);
		OK(&s.f, service, FN(RpcImpersonateClient));
		chan_sees_its_level(&s, service);
		chan_close(&s);
	}
}

/* what a binding gives */

static const struct offer {
	const char *name;
	uint32_t protseq;
	int authn_level; /* -1: left out */
	int service;
	int level;
	bool mutual;
	uint32_t call_error;
	uint32_t error; /* of RpcImpersonateClient */
	enum gu_level got;
} offers[] = {
	{ "ncalrpc", NCALRPC, -1, -1, -1, false, 0, 0, 2 },
	{ "ncacn_np", NCACN_NP, -1, -1, -1, false, 0, 0, 2 },
	{ "ncacn_ip_tcp", NCACN_TCP, -1, -1, -1, false, 0, 1765, 0 },
	{ "tcp, level NONE", NCACN_TCP, 1, NTLM, -1, false, 0, 1765, 0 },
	{ "tcp, service NONE", NCACN_TCP, 6, 0, -1, false, 0, 1765, 0 },
	{ "ncalrpc, level NONE", NCALRPC, 1, -1, -1, false, 0, 0, 2 },
	{ "np, level NONE", NCACN_NP, 1, -1, -1, false, 0, 0, 2 },
	{ "tcp, NTLM", NCACN_TCP, 6, NTLM, -1, false, 0, 0, 2 },
	{ "tcp, Kerberos", NCACN_TCP, 2, KERBEROS, -1, false, 0, 0, 2 },
	{ "tcp, level alone", NCACN_TCP, 6, -1, -1, false, 0, 0, 2 },
	{ "tcp, service alone", NCACN_TCP, -1, NTLM, -1, false, 0, 0, 2 },
	{ "ncalrpc asked for ANON", NCALRPC, -1, -1, 0, false, 0, 0, 0 },
	{ "ncalrpc asked for IDENTIFY", NCALRPC, -1, -1, 1, false, 0, 0, 1 },
	{ "ncalrpc, NTLM, IDENTIFY", NCALRPC, 6, NTLM, 1, false, 0, 0, 1 },
	{ "ncalrpc, Negotiate, IDENTIFY", NCALRPC, 6, NEGOTIATE, 1, false, 0, 0,
	  2 },
	{ "ncalrpc, Kerberos, ANON", NCALRPC, 6, KERBEROS, 0, false, 0, 0, 2 },
	{ "np asked for IDENTIFY", NCACN_NP, -1, -1, 1, false, 0, 0, 1 },
	{ "np, NTLM, IDENTIFY", NCACN_NP, 6, NTLM, 1, false, 0, 0, 2 },
	{ "tcp, NTLM, ANON", NCACN_TCP, 6, NTLM, 0, false, 0, 0, 2 },
	{ "tcp, Schannel, IDENTIFY", NCACN_TCP, 6, SCHANNEL, 1, false, 0, 0,
	  2 },
	{ "delegation, not mutual", NCACN_TCP, 6, KERBEROS, 3, false, 1825, 0,
	  0 },
	{ "delegation, mutual", NCACN_TCP, 6, KERBEROS, 3, true, 0, 0, 3 },
	{ "delegation, NTLM here", NCACN_NP, 6, NTLM, 3, true, 0, 0, 3 },
	{ "delegation, Schannel", NCACN_TCP, 6, SCHANNEL, 3, true, 1825, 0, 0 },
	{ "delegation, plain ncalrpc", NCALRPC, -1, -1, 3, false, 0, 0, 3 },
};

static struct fix_arg maybe(const char *name, int value)
{
	return (struct fix_arg){
		.name = name,
		.value = value < 0 ? (struct gu_value){ .type = GU_V_NONE }
				   : fix_uint((uint64_t)value)
	};
}

static void play(const struct offer *r)
{
	const struct gu_outcome *out;
	struct gu_ref server, binding;
	struct chan s;

	chan_open(&s);
	server = serve(&s, s.server, r->protseq);
	binding = OPENED(&s.f, s.client, FN(rpc_bind), REF("server", server),
			 maybe("authn_level", r->authn_level),
			 maybe("authn_service", r->service),
			 maybe("level", r->level), BOOL("mutual", r->mutual));
	out = CALL(&s.f, s.client, FN(rpc_call), REF("binding", binding));
	row_check(out->status.code == r->call_error, r->name);
	if (out->status.ok) {
		OK(&s.f, s.server, FN(rpc_receive), REF("server", server));
		out = CALL(&s.f, s.server, FN(RpcImpersonateClient));
		row_check(out->status.code == r->error, r->name);
		if (out->status.ok) {
			row_check(out->identity.level == r->got, r->name);
			assert_string_equal(out->identity.name, ALICE);
		} else {
			fix_reverted(&s.f, s.server);
		}
	}
	chan_close(&s);
}

static void a_binding_gives_what_was_negotiated(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		play(&offers[i]);
	}
}

static void an_unknown_authentication_is_refused(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server, NCACN_TCP);
	FAILS(&s.f, 1747, s.client, FN(rpc_bind), REF("server", server),
	      UINT("authn_service", 77));
	FAILS(&s.f, 1748, s.client, FN(rpc_bind), REF("server", server),
	      UINT("authn_level", 7));
	chan_close(&s);
}

static void a_sensitive_account_is_not_delegated(void **state)
{
	struct chan s;
	struct gu_ref server, t, binding;

	(void)state;
	chan_open(&s);
	(void)FIXTURE(&s.f, FN(account), STR("name", "carol"),
		      BOOL("sensitive", true));
	t = fix_run_as(&s.f, "carol");
	server = serve(&s, s.server, NCACN_TCP);
	binding = OPENED(&s.f, t, FN(rpc_bind), REF("server", server),
			 UINT("authn_service", KERBEROS), UINT("level", 3),
			 BOOL("mutual", true));
	FAILS(&s.f, 1825, t, FN(rpc_call), REF("binding", binding));
	binding = OPENED(&s.f, t, FN(rpc_bind), REF("server", server),
			 UINT("authn_service", KERBEROS));
	OK(&s.f, t, FN(rpc_call), REF("binding", binding));
	chan_close(&s);
}

static void tracking_chooses_binding_time_or_call_time(void **state)
{
	static const struct {
		const char *name;
		bool dynamic;
		int service;
		const char *who;
	} rows[] = {
		{ "static, ncalrpc", false, -1, ALICE },
		{ "dynamic, ncalrpc", true, -1, BOB },
		{ "static, NTLM", false, NTLM, ALICE },
		{ "dynamic, NTLM", true, NTLM, BOB },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gu_ref server, binding;
		struct chan s;

		chan_open(&s);
		server = serve(&s, s.server, NCALRPC);
		binding = OPENED(&s.f, s.client, FN(rpc_bind),
				 REF("server", server),
				 maybe("authn_service", rows[i].service),
				 UINT("tracking", rows[i].dynamic));
		chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
		dispatch(&s, s.server, server, binding);
		OK(&s.f, s.server, FN(RpcImpersonateClient));
		row_check(!strcmp(s.f.call.out.identity.name, rows[i].who),
			  rows[i].name);
		chan_close(&s);
	}
}

static void a_local_context_is_effective_only_unless_said(void **state)
{
	static const struct {
		const char *name;
		int effective_only;
		int service;
		gu_privset present;
	} rows[] = {
		{ "default", -1, -1, 0 },
		{ "whole, as asked", 0, -1, PRIVS },
		{ "a package logs all of it on", -1, NTLM, PRIVS },
		{ "a package asked for less", 1, NTLM, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gu_ref server, binding, token;
		struct fix_arg eff = { .name = "effective_only" };
		struct chan s;

		chan_open(&s);
		if (rows[i].effective_only >= 0) {
			eff.value = fix_bool(rows[i].effective_only);
		}
		token = OPENED(&s.f, s.client, FN(OpenProcessToken),
			       UINT("access", 0xF01FF));
		OK(&s.f, s.client, FN(AdjustTokenPrivileges),
		   REF("token", token), BOOL("disable_all", true));
		server = serve(&s, s.server, NCALRPC);
		binding = OPENED(&s.f, s.client, FN(rpc_bind),
				 REF("server", server), eff,
				 maybe("authn_service", rows[i].service));
		dispatch(&s, s.server, server, binding);
		OK(&s.f, s.server, FN(RpcImpersonateClient));
		row_check(chan_slot(&s, s.server)->present == rows[i].present,
			  rows[i].name);
		chan_close(&s);
	}
}

static void a_weak_client_cannot_call(void **state)
{
	static const struct {
		const char *name;
		int service;
		bool dynamic;
		uint32_t error;
	} rows[] = {
		{ "static context of a port", -1, false, 1346 },
		{ "dynamic context of a port", -1, true, 1346 },
		{ "a package has no credentials", NTLM, false, 1825 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct gu_outcome *out;
		struct gu_ref server, binding;
		struct chan s;

		chan_open(&s);
		chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
		server = serve(&s, s.server, NCALRPC);
		binding = OPENED(&s.f, s.client, FN(rpc_bind),
				 REF("server", server),
				 maybe("authn_service", rows[i].service),
				 UINT("tracking", rows[i].dynamic));
		out = CALL(&s.f, s.client, FN(rpc_call),
			   REF("binding", binding));
		row_check(out->status.code == rows[i].error, rows[i].name);
		chan_close(&s);
	}
}

/* bindings as arguments */

static struct gu_ref none(struct chan *s)
{
	(void)s;
	return fix_no_ref();
}

static struct gu_ref a_client_binding(struct chan *s)
{
	return OPENED(&s->f, s->server, FN(rpc_bind),
		      REF("server", serve(s, s->other, NCALRPC)));
}

static struct gu_ref garbage(struct chan *s)
{
	(void)s;
	return chan_raw(GU_REF_RPC_CALL);
}

static struct gu_ref garbage_binding(struct chan *s)
{
	(void)s;
	return chan_raw(GU_REF_RPC_BINDING);
}

static struct gu_ref returned(struct chan *s)
{
	struct gu_ref call = simple_call(s, NCALRPC);

	OK(&s->f, s->server, FN(rpc_return));
	return call;
}

static struct gu_ref of_another_process(struct chan *s)
{
	struct gu_ref server = serve(s, s->other, NCALRPC);

	return dispatch(s, s->other, server, bind(s, server));
}

static const struct bad_binding {
	const char *name;
	struct gu_ref (*make)(struct chan *s);
	uint32_t error;
} bad_bindings[] = {
	{ "zero outside a call", none, 1725 },
	{ "a client's binding", a_client_binding, 1701 },
	{ "garbage", garbage, 1702 },
	{ "garbage, as a binding", garbage_binding, 1702 },
	{ "a call that returned", returned, 1702 },
	{ "a call of another process", of_another_process, 1702 },
};

static void refuse_binding(const struct bad_binding *r, enum gu_fn fn)
{
	const struct gu_outcome *out;
	struct gu_ref binding;
	struct chan s;

	chan_open(&s);
	binding = r->make(&s);
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	out = CALL(&s.f, s.server, ((struct fix_arg){ .fn = fn, .name = "" }),
		   REF("binding", binding));
	row_check(!out->status.ok, r->name);
	row_check(out->status.code == r->error, r->name);
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void a_wrong_binding_changes_nothing(void **state)
{
	static const enum gu_fn fns[] = { GU_FN_RpcImpersonateClient,
					  GU_FN_RpcImpersonateClient2,
					  GU_FN_RpcRevertToSelfEx,
					  GU_FN_RpcBindingInqAuthClient };

	(void)state;
	for (size_t i = 0; i < sizeof(bad_bindings) / sizeof(bad_bindings[0]);
	     i++) {
		for (size_t j = 0; j < sizeof(fns) / sizeof(fns[0]); j++) {
			refuse_binding(&bad_bindings[i], fns[j]);
		}
	}
}

static void a_raw_zero_is_this_threads_call(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	simple_call(&s, NCALRPC);
	OK(&s.f, s.server, FN(RpcImpersonateClient),
	   REF("binding",
	       ((struct gu_ref){ .kind = GU_REF_RPC_CALL, .id = 0 })));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void only_a_client_binding_of_ones_own_calls(void **state)
{
	struct chan s;
	struct gu_ref server, binding, call;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server, NCALRPC);
	binding = bind(&s, server);
	call = dispatch(&s, s.server, server, binding);
	FAILS(&s.f, 1701, s.server, FN(rpc_call), REF("binding", call));
	FAILS(&s.f, 1702, s.weak, FN(rpc_call), REF("binding", binding));
	FAILS(&s.f, 1702, s.client, FN(rpc_call),
	      REF("binding", chan_raw(GU_REF_RPC_BINDING)));
	OK(&s.f, s.client2, FN(rpc_call), REF("binding", binding));
	chan_close(&s);
}

/* reverting */

static void reverting_needs_a_call(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, 1725, s.server, FN(RpcRevertToSelf));
	FAILS(&s.f, 1725, s.server, FN(RpcRevertToSelfEx));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void reverting_in_a_call_succeeds_without_impersonation(void **state)
{
	struct chan s;
	struct gu_ref call;

	(void)state;
	chan_open(&s);
	call = simple_call(&s, NCALRPC);
	OK(&s.f, s.server, FN(RpcRevertToSelf));
	OK(&s.f, s.server, FN(RpcRevertToSelfEx));
	OK(&s.f, s.server, FN(RpcRevertToSelfEx), REF("binding", call));
	chan_close(&s);
}

static void a_transport_without_identities_cannot_revert(void **state)
{
	struct chan s;
	struct gu_ref call;

	(void)state;
	chan_open(&s);
	call = simple_call(&s, NCACN_TCP);
	FAILS(&s.f, 1764, s.server, FN(RpcRevertToSelf));
	FAILS(&s.f, 1764, s.server, FN(RpcRevertToSelfEx),
	      REF("binding", call));
	chan_close(&s);
}

static void a_worker_reverts_with_the_binding_it_used(void **state)
{
	struct chan s;
	struct gu_ref call;

	(void)state;
	chan_open(&s);
	call = simple_call(&s, NCALRPC);
	FAILS(&s.f, 1725, s.helper, FN(RpcImpersonateClient));
	OK(&s.f, s.helper, FN(RpcImpersonateClient), REF("binding", call));
	fix_acts_as(&s.f, s.helper, ALICE, GU_LEVEL_IMPERSONATION);
	fix_reverted(&s.f, s.server);
	FAILS(&s.f, 1725, s.helper, FN(RpcRevertToSelf));
	fix_acts_as(&s.f, s.helper, ALICE, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.helper, FN(RpcRevertToSelfEx), REF("binding", call));
	fix_reverted(&s.f, s.helper);
	chan_close(&s);
}

static void the_end_of_a_call_reverts_only_when_the_system_says_so(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		struct chan s;

		chan_open(&s);
		OK(&s.f, fix_no_ref(), FN(system), BOOL("rpc_auto_revert", on));
		simple_call(&s, NCALRPC);
		OK(&s.f, s.server, FN(RpcImpersonateClient));
		OK(&s.f, s.server, FN(rpc_return));
		assert_int_equal(fix_identity(&s.f, s.server).impersonating,
				 !on);
		chan_close(&s);
	}
}

static void auto_revert_leaves_other_impersonations_alone(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	OK(&s.f, fix_no_ref(), FN(system), BOOL("rpc_auto_revert", true));
	simple_call(&s, NCALRPC);
	OK(&s.f, s.server, FN(RpcImpersonateClient));
	OK(&s.f, s.server, FN(RpcRevertToSelf));
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(rpc_return));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

/* authority */

static void without_the_privilege_another_user_is_only_identified(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.weak, NCALRPC);
	dispatch(&s, s.weak, server, bind(&s, server));
	OK(&s.f, s.weak, FN(RpcImpersonateClient));
	fix_acts_as(&s.f, s.weak, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void client2_fails_instead_of_lowering_the_level(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.weak, NCALRPC);
	dispatch(&s, s.weak, server, bind(&s, server));
	FAILS(&s.f, 5, s.weak, FN(RpcImpersonateClient2));
	fix_reverted(&s.f, s.weak);
	chan_close(&s);
}

static void client2_does_what_it_may(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	simple_call(&s, NCALRPC);
	OK(&s.f, s.server, FN(RpcImpersonateClient2));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

/* calls */

static void a_receive_waits_for_a_call(void **state)
{
	struct chan s;
	struct gu_ref server;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server, NCALRPC);
	STARTS(&s.f, &call, args, s.server, FN(rpc_receive),
	       REF("server", server));
	OK(&s.f, s.client, FN(rpc_call), REF("binding", bind(&s, server)));
	assert_ptr_equal(fix_wait(&s.f), &call);
	assert_int_equal(call.out.value.ref.kind, GU_REF_RPC_CALL);
	OK(&s.f, s.server, FN(RpcImpersonateClient));
	chan_close(&s);
}

static void a_nested_call_returns_to_the_outer_one(void **state)
{
	struct chan s;
	struct gu_ref server, binding, outer;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server, NCALRPC);
	binding = bind(&s, server);
	outer = dispatch(&s, s.server, server, binding);
	dispatch(&s, s.server, server, binding);
	FAILS(&s.f, 1725, s.server, FN(rpc_return), REF("call", outer));
	OK(&s.f, s.server, FN(rpc_return));
	OK(&s.f, s.server, FN(RpcImpersonateClient));
	OK(&s.f, s.server, FN(rpc_return), REF("call", outer));
	FAILS(&s.f, 1725, s.server, FN(RpcRevertToSelf));
	FAILS(&s.f, 1725, s.server, FN(rpc_return));
	chan_close(&s);
}

static void an_endpoint_is_served_once_per_protocol(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	serve(&s, s.server, NCALRPC);
	serve(&s, s.server, NCACN_NP);
	FAILS(&s.f, 1740, s.other, FN(rpc_serve), STR("endpoint", "AUDIT"));
	chan_close(&s);
}

static void helpers_refuse_what_is_not_theirs(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server, NCALRPC);
	MISUSED(&s.f, s.other, FN(rpc_receive), REF("server", server));
	MISUSED(&s.f, s.client, FN(rpc_bind),
		REF("server", chan_raw(GU_REF_RPC_SERVER)));
	chan_close(&s);
}

/* RpcBindingInqAuthClient */

static const struct inquiry {
	const char *name;
	uint32_t protseq;
	int authn_level;
	int service;
	uint32_t error;
	uint32_t got_level;
	uint32_t got_service;
} inquiries[] = {
	{ "ncalrpc", NCALRPC, -1, -1, 0, 6, NTLM },
	{ "ncalrpc, NTLM at CONNECT", NCALRPC, 2, NTLM, 0, 6, NTLM },
	{ "ncacn_np", NCACN_NP, -1, -1, 1746, 0, 0 },
	{ "ncacn_ip_tcp", NCACN_TCP, -1, -1, 1746, 0, 0 },
	{ "tcp, NTLM at PKT_PRIVACY", NCACN_TCP, 6, NTLM, 0, 6, NTLM },
	{ "tcp, Kerberos at CALL", NCACN_TCP, 3, KERBEROS, 0, 4, KERBEROS },
	{ "np, Negotiate, no level", NCACN_NP, -1, NEGOTIATE, 0, 2, NEGOTIATE },
	{ "np, level NONE", NCACN_NP, 1, NTLM, 1746, 0, 0 },
};

static const struct gu_value *
field(const struct gu_value *table, const char *name)
{
	for (uint32_t i = 0; i < table->count; i++) {
		if (!strcmp(table->fields[i].name, name)) {
			return &table->fields[i].value;
		}
	}
	fail_msg("no field %s", name);
	return NULL;
}

static void the_server_learns_how_its_client_authenticated(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(inquiries) / sizeof(inquiries[0]); i++) {
		const struct inquiry *r = &inquiries[i];
		const struct gu_outcome *out;
		struct gu_ref server, binding;
		struct chan s;

		chan_open(&s);
		server = serve(&s, s.server, r->protseq);
		binding = OPENED(&s.f, s.client, FN(rpc_bind),
				 REF("server", server),
				 maybe("authn_level", r->authn_level),
				 maybe("authn_service", r->service));
		dispatch(&s, s.server, server, binding);
		out = CALL(&s.f, s.server, FN(RpcBindingInqAuthClient));
		row_check(out->status.code == r->error, r->name);
		if (out->status.ok) {
			assert_string_equal(field(&out->value, "name")->str.p,
					    ALICE);
			row_check(field(&out->value, "authn_level")->u ==
					  r->got_level,
				  r->name);
			row_check(field(&out->value, "authn_service")->u ==
					  r->got_service,
				  r->name);
		}
		chan_close(&s);
	}
}

static void rpc_survives_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref server, binding;

	(void)state;
	chan_open(&s);
	server = SURVIVES(&s.f, s.server, FN(rpc_serve),
			  STR("endpoint", "audit"))
			 ->value.ref;
	binding = SURVIVES(&s.f, s.client, FN(rpc_bind), REF("server", server),
			   UINT("tracking", 1))
			  ->value.ref;
	SURVIVES(&s.f, s.client, FN(rpc_call), REF("binding", binding));
	binding = SURVIVES(&s.f, s.client, FN(rpc_bind), REF("server", server))
			  ->value.ref;
	SURVIVES(&s.f, s.client, FN(rpc_call), REF("binding", binding));
	SURVIVES(&s.f, s.server, FN(rpc_receive), REF("server", server));
	SURVIVES(&s.f, s.server, FN(RpcBindingInqAuthClient));
	SURVIVES(&s.f, s.server, FN(RpcImpersonateClient));
	/* The second call is still queued when the world ends. */
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_acts_as_the_client_it_serves),
		cmocka_unit_test(a_service_may_open_the_token_of_its_client),
		cmocka_unit_test(a_binding_gives_what_was_negotiated),
		cmocka_unit_test(an_unknown_authentication_is_refused),
		cmocka_unit_test(a_sensitive_account_is_not_delegated),
		cmocka_unit_test(tracking_chooses_binding_time_or_call_time),
		cmocka_unit_test(a_local_context_is_effective_only_unless_said),
		cmocka_unit_test(a_weak_client_cannot_call),
		cmocka_unit_test(a_wrong_binding_changes_nothing),
		cmocka_unit_test(a_raw_zero_is_this_threads_call),
		cmocka_unit_test(only_a_client_binding_of_ones_own_calls),
		cmocka_unit_test(reverting_needs_a_call),
		cmocka_unit_test(
			reverting_in_a_call_succeeds_without_impersonation),
		cmocka_unit_test(a_transport_without_identities_cannot_revert),
		cmocka_unit_test(a_worker_reverts_with_the_binding_it_used),
		cmocka_unit_test(
			the_end_of_a_call_reverts_only_when_the_system_says_so),
		cmocka_unit_test(auto_revert_leaves_other_impersonations_alone),
		cmocka_unit_test(
			without_the_privilege_another_user_is_only_identified),
		cmocka_unit_test(client2_fails_instead_of_lowering_the_level),
		cmocka_unit_test(client2_does_what_it_may),
		cmocka_unit_test(a_receive_waits_for_a_call),
		cmocka_unit_test(a_nested_call_returns_to_the_outer_one),
		cmocka_unit_test(an_endpoint_is_served_once_per_protocol),
		cmocka_unit_test(helpers_refuse_what_is_not_theirs),
		cmocka_unit_test(
			the_server_learns_how_its_client_authenticated),
		cmocka_unit_test(rpc_survives_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
