/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* RPC: who called, and RpcRevertToSelfEx's answers. */

enum protseq { NCALRPC = 0, NCACN_NP = 1, NCACN_IP_TCP = 2 };
enum { AUTHN_WINNT = 10, LEVEL_PKT_PRIVACY = 6 };

struct transport {
	enum protseq protseq;
	bool authenticated;
};

struct call {
	struct gu_ref server;
	struct gu_ref client;
	struct gu_ref binding; /* the client's */
	struct gu_ref call;    /* the server's, of the call it serves */
};

static struct call bound(struct fix *f, const struct transport *how)
{
	struct call c = { .server = fix_run_as(f, SYSTEM),
			  .client = bh_plain_thread(f) };
	struct gu_ref served = OPENED(f, c.server, FN(rpc_serve),
				      UINT("protseq", how->protseq),
				      STR("endpoint", "behaviour"));

	if (how->authenticated) {
		c.binding =
			OPENED(f, c.client, FN(rpc_bind), REF("server", served),
			       UINT("authn_level", LEVEL_PKT_PRIVACY),
			       UINT("authn_service", AUTHN_WINNT));
	} else {
		c.binding = OPENED(f, c.client, FN(rpc_bind),
				   REF("server", served));
	}
	OK(f, c.client, FN(rpc_call), REF("binding", c.binding));
	c.call = served;
	return c;
}

/* A server in the middle of a client's call. */
static struct call serving(struct fix *f, const struct transport *how)
{
	struct call c = bound(f, how);

	c.call = OPENED(f, c.server, FN(rpc_receive), REF("server", c.call));
	return c;
}

static void caller_is_known(struct fix *f, const void *row)
{
	struct call c = serving(f, row);
	struct gu_value who;

	OK(f, c.server, FN(RpcBindingInqAuthClient), REF("binding", c.call));
	who = f->call.out.value;
	assert_int_equal(bh_field(who, "authn_level").u, LEVEL_PKT_PRIVACY);
	assert_int_equal(bh_field(who, "authn_service").u, AUTHN_WINNT);
}

static void caller_is_unknown(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	FAILS(f, GU_RPC_S_BINDING_HAS_NO_AUTH, c.server,
	      FN(RpcBindingInqAuthClient), REF("binding", c.call));
	assert_int_equal(f->call.out.value.type, GU_V_NONE);
}

static void zero_binding_asks_of_the_call(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	OK(f, c.server, FN(RpcBindingInqAuthClient));
}

static void zero_binding_impersonates(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	OK(f, c.server, FN(RpcImpersonateClient));
	assert_string_equal(fix_identity(f, c.server).sid, ALICE_SID);
	assert_int_equal(fix_identity(f, c.server).level,
			 GU_LEVEL_IMPERSONATION);
}

static void revert_succeeds(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	OK(f, c.server, FN(RpcImpersonateClient), REF("binding", c.call));
	assert_true(fix_identity(f, c.server).impersonating);
	OK(f, c.server, FN(RpcRevertToSelfEx), REF("binding", c.call));
	assert_int_equal(f->call.out.status.code, GU_RPC_S_OK);
	fix_reverted(f, c.server);
}

static void zero_binding_reverts(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	OK(f, c.server, FN(RpcImpersonateClient));
	OK(f, c.server, FN(RpcRevertToSelfEx));
	fix_reverted(f, c.server);
}

static void revert_without_a_call(struct fix *f, const void *row)
{
	struct call c = bound(f, row);

	FAILS(f, GU_RPC_S_NO_CALL_ACTIVE, c.server, FN(RpcRevertToSelfEx));
}

static void revert_with_a_client_binding(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	FAILS(f, GU_RPC_S_WRONG_KIND_OF_BINDING, c.client,
	      FN(RpcRevertToSelfEx), REF("binding", c.binding));
}

static void revert_with_a_bad_binding(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	FAILS(f, GU_RPC_S_INVALID_BINDING, c.server, FN(RpcRevertToSelfEx),
	      REF("binding", fix_raw_handle(0xDEADBEEF)));
}

/* Documented as not supported by the system, the transport or the security
 * package: TCP carries no identity of its own. */
static void revert_on_a_bare_transport(struct fix *f, const void *row)
{
	struct call c = serving(f, row);

	FAILS(f, GU_RPC_S_CANNOT_SUPPORT, c.server, FN(RpcRevertToSelfEx),
	      REF("binding", c.call));
}

#define OVER(p, auth) (&(const struct transport){ (p), (auth) })

static const struct bh_case cases[] = {
	{ "ib-0ced9cebe2b5", "a bare ncalrpc call is WINNT at PKT_PRIVACY",
	  caller_is_known, OVER(NCALRPC, false) },
	{ "ib-454eee942e13", "an authenticated TCP call says how",
	  caller_is_known, OVER(NCACN_IP_TCP, true) },
	{ "ib-65934f76f408", "a bare pipe call has no authentication",
	  caller_is_unknown, OVER(NCACN_NP, false) },
	{ "ib-c1e6a7c89141", "a bare TCP call has no authentication",
	  caller_is_unknown, OVER(NCACN_IP_TCP, false) },
	{ "ib-29ae7382c358", "a zero binding asks who made this call",
	  zero_binding_asks_of_the_call, OVER(NCACN_IP_TCP, true) },
	{ "ib-3d282398e9de",
	  "a zero binding impersonates an authenticated caller",
	  zero_binding_impersonates, OVER(NCACN_IP_TCP, true) },
	{ "ib-6f9e5d7ac9ad", "a zero binding impersonates an ncalrpc caller",
	  zero_binding_impersonates, OVER(NCALRPC, false) },
	{ "ib-ed9ece105a94", "RpcRevertToSelfEx answers RPC_S_OK",
	  revert_succeeds, OVER(NCALRPC, false) },
	{ "ib-a53d81fed650", "RpcRevertToSelfEx(0) is RpcRevertToSelf",
	  zero_binding_reverts, OVER(NCALRPC, false) },
	{ "ib-e66e2c1b1017", "without a call there is nothing to revert",
	  revert_without_a_call, OVER(NCALRPC, false) },
	{ "ib-67316a7513be", "a client's binding is of the wrong kind",
	  revert_with_a_client_binding, OVER(NCALRPC, false) },
	{ "ib-ef519a8333be", "a bad binding is invalid",
	  revert_with_a_bad_binding, OVER(NCALRPC, false) },
	{ "ib-5676e3167de9", "what carries no identity cannot be reverted",
	  revert_on_a_bare_transport, OVER(NCACN_IP_TCP, false) },
};

BH_AREA(rpc, cases);
