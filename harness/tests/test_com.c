/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.3 (CoImpersonateClient), 1.4 C1 to C3, 2 (COM's defaults,
 * cloaking); sdk: iserversecurity-reverttoself; vectors, area com. */
enum { AUTHN_NONE = 1, CLOAK_STATIC = 0x20, CLOAK_DYNAMIC = 0x40 };

#define CALL_COMPLETE 0x80010117u
#define E_FAIL        0x80004005u
#define INVALIDARG    0x80070057u
#define BAD_LEVEL     0x80070542u
#define SEC_PKG_ERROR 0x80070721u

static struct gu_ref serve(struct chan *s, struct gu_ref thread)
{
	return OPENED(&s->f, thread, FN(com_serve));
}

static struct gu_ref bind(struct chan *s, struct gu_ref server, uint32_t authn,
			  uint32_t level, uint32_t cloaking)
{
	return OPENED(&s->f, s->client, FN(com_bind), REF("server", server),
		      UINT("authn_level", authn), UINT("level", level),
		      UINT("cloaking", cloaking));
}

static struct gu_ref
dispatch(struct chan *s, struct gu_ref server, struct gu_ref proxy)
{
	OK(&s->f, s->client, FN(com_call), REF("proxy", proxy));
	return OPENED(&s->f, s->server, FN(com_receive), REF("server", server));
}

/* The server's thread in a call of alice's at Impersonation. */
static struct gu_ref in_call(struct chan *s)
{
	struct gu_ref server = serve(s, s->server);

	return dispatch(s, server,
			bind(s, server, 0, GU_LEVEL_IMPERSONATION, 0));
}

static void server_acts_as_the_caller(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(CoRevertToSelf));
	fix_reverted(&s.f, s.server);
	OK(&s.f, s.server, FN(com_return));
	chan_close(&s);
}

static void a_service_may_open_the_token_of_its_client(void **state)
{
	static const uint32_t cloaking[] = { 0, 0x20, 0x40 };

	for (size_t i = 0; i < sizeof(cloaking) / sizeof(cloaking[0]); i++) {
		struct chan s;
		struct gu_ref service, server, proxy;

		(void)state;
		chan_open(&s);
		service = chan_service(&s);
		server = serve(&s, service);
		proxy = bind(&s, server, 0, GU_LEVEL_IMPERSONATION,
			     cloaking[i]);
		OK(&s.f, s.client, FN(com_call), REF("proxy", proxy));
		OK(&s.f, service, FN(com_receive), REF("server", server));
		OK(&s.f, service, FN(CoImpersonateClient));
		chan_sees_its_level(&s, service);
		chan_close(&s);
	}
}

static void a_proxy_identifies_unless_said(void **state)
{
	struct chan s;
	struct gu_ref server, proxy;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server);
	proxy = OPENED(&s.f, s.client, FN(com_bind), REF("server", server));
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	dispatch(&s, server, proxy);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	/* No cloaking: the process, whoever the thread is. */
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IDENTIFICATION);
	chan_close(&s);
}

static void the_blanket_sets_the_level(void **state)
{
	(void)state;
	for (unsigned level = 0; level <= GU_LEVEL_DELEGATION; level++) {
		struct gu_ref server;
		struct chan s;

		chan_open(&s);
		server = serve(&s, s.server);
		dispatch(&s, server, bind(&s, server, 0, level, 0));
		OK(&s.f, s.server, FN(CoImpersonateClient));
		fix_acts_as(&s.f, s.server, ALICE, (enum gu_level)level);
		chan_close(&s);
	}
}

static const struct cloak {
	const char *name;
	uint32_t cloaking;
	bool as_bob_at_bind;
	bool as_bob_at_call;
	const char *who;
} cloaks[] = {
	{ "none", 0, true, true, ALICE },
	{ "static, set as bob", CLOAK_STATIC, true, false, BOB },
	{ "static, set as alice", CLOAK_STATIC, false, true, ALICE },
	{ "dynamic, called as bob", CLOAK_DYNAMIC, false, true, BOB },
	{ "dynamic, called as alice", CLOAK_DYNAMIC, true, false, ALICE },
};

static void cloaking_decides_whom_the_server_sees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cloaks) / sizeof(cloaks[0]); i++) {
		const struct cloak *r = &cloaks[i];
		struct gu_ref server, proxy;
		struct chan s;

		chan_open(&s);
		server = serve(&s, s.server);
		if (r->as_bob_at_bind) {
			chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
		}
		proxy = bind(&s, server, 0, GU_LEVEL_IMPERSONATION,
			     r->cloaking);
		OK(&s.f, s.client, FN(RevertToSelf));
		if (r->as_bob_at_call) {
			chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
		}
		dispatch(&s, server, proxy);
		OK(&s.f, s.server, FN(CoImpersonateClient));
		row_check(!strcmp(s.f.call.out.identity.name, r->who), r->name);
		chan_close(&s);
	}
}

static void a_weak_thread_cannot_call_cloaked(void **state)
{
	struct chan s;
	struct gu_ref server, fixed, dynamic, none;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server);
	chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
	fixed = bind(&s, server, 0, 2, CLOAK_STATIC);
	dynamic = bind(&s, server, 0, 2, CLOAK_DYNAMIC);
	none = bind(&s, server, 0, 2, 0);
	FAILS(&s.f, BAD_LEVEL, s.client, FN(com_call), REF("proxy", fixed));
	FAILS(&s.f, BAD_LEVEL, s.client, FN(com_call), REF("proxy", dynamic));
	OK(&s.f, s.client, FN(com_call), REF("proxy", none));
	chan_close(&s);
}

static void a_sensitive_account_is_not_delegated(void **state)
{
	struct chan s;
	struct gu_ref server, t, proxy;

	(void)state;
	chan_open(&s);
	(void)FIXTURE(&s.f, FN(account), STR("name", "carol"),
		      BOOL("sensitive", true));
	t = fix_run_as(&s.f, "carol");
	server = serve(&s, s.server);
	proxy = OPENED(&s.f, t, FN(com_bind), REF("server", server),
		       UINT("level", GU_LEVEL_DELEGATION));
	FAILS(&s.f, SEC_PKG_ERROR, t, FN(com_call), REF("proxy", proxy));
	chan_close(&s);
}

/* failures */

static void outside_a_call_nothing_changes(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, CALL_COMPLETE, s.server, FN(CoImpersonateClient));
	FAILS(&s.f, CALL_COMPLETE, s.server, FN(CoRevertToSelf));
	FAILS(&s.f, CALL_COMPLETE, s.server, FN(com_return));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void after_the_return_the_call_is_complete(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	OK(&s.f, s.server, FN(com_return));
	FAILS(&s.f, CALL_COMPLETE, s.server, FN(CoImpersonateClient));
	chan_close(&s);
}

static void another_thread_is_not_in_the_call(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	FAILS(&s.f, CALL_COMPLETE, s.helper, FN(CoImpersonateClient));
	chan_close(&s);
}

static void an_unauthenticated_caller_cannot_be_impersonated(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server);
	dispatch(&s, server, bind(&s, server, AUTHN_NONE, 2, 0));
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, E_FAIL, s.server, FN(CoImpersonateClient));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void reverting_without_impersonation_fails(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	FAILS(&s.f, E_FAIL, s.server, FN(CoRevertToSelf));
	OK(&s.f, s.server, FN(CoImpersonateClient));
	OK(&s.f, s.server, FN(CoRevertToSelf));
	FAILS(&s.f, E_FAIL, s.server, FN(CoRevertToSelf));
	chan_close(&s);
}

static void an_unknown_authentication_or_level_is_refused(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server);
	FAILS(&s.f, INVALIDARG, s.client, FN(com_bind), REF("server", server),
	      UINT("authn_level", 7));
	FAILS(&s.f, INVALIDARG, s.client, FN(com_bind), REF("server", server),
	      UINT("level", 4));
	chan_close(&s);
}

/* the saved token */

static void one_revert_undoes_any_number_of_impersonations(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	OK(&s.f, s.server, FN(CoImpersonateClient));
	OK(&s.f, s.server, FN(CoImpersonateClient));
	OK(&s.f, s.server, FN(CoRevertToSelf));
	fix_reverted(&s.f, s.server);
	chan_close(&s);
}

static void a_revert_restores_the_token_of_before(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	chan_put(&s, s.server, GU_LEVEL_DELEGATION);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	OK(&s.f, s.server, FN(CoImpersonateClient));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(CoRevertToSelf));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_DELEGATION);
	chan_close(&s);
}

static void the_return_reverts_what_the_method_forgot(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	OK(&s.f, s.server, FN(com_return));
	fix_reverted(&s.f, s.server);
	chan_close(&s);
}

static void the_return_leaves_what_com_did_not_do(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	in_call(&s);
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(com_return));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void nested_calls_each_keep_their_own_token(void **state)
{
	struct chan s;
	struct gu_ref server, as_alice, as_bob, outer, inner;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server);
	as_alice = bind(&s, server, 0, 2, CLOAK_STATIC);
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	as_bob = bind(&s, server, 0, 2, CLOAK_STATIC);
	outer = dispatch(&s, server, as_alice);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	inner = dispatch(&s, server, as_bob);
	fix_reverted(&s.f, s.server);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, INVALIDARG, s.server, FN(com_return), REF("call", outer));
	OK(&s.f, s.server, FN(com_return), REF("call", inner));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, CALL_COMPLETE, s.server, FN(com_return),
	      REF("call", inner));
	OK(&s.f, s.server, FN(CoRevertToSelf));
	fix_reverted(&s.f, s.server);
	OK(&s.f, s.server, FN(com_return), REF("call", outer));
	chan_close(&s);
}

static void a_forgotten_inner_revert_restores_the_outer_client(void **state)
{
	struct chan s;
	struct gu_ref server, proxy;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server);
	proxy = bind(&s, server, 0, 2, 0);
	dispatch(&s, server, proxy);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	dispatch(&s, server, proxy);
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(com_return));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void without_the_privilege_another_user_is_only_identified(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.weak);
	OK(&s.f, s.client, FN(com_call),
	   REF("proxy", bind(&s, server, 0, 2, 0)));
	OK(&s.f, s.weak, FN(com_receive), REF("server", server));
	OK(&s.f, s.weak, FN(CoImpersonateClient));
	fix_acts_as(&s.f, s.weak, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void a_failed_impersonation_saves_nothing(void **state)
{
	struct chan s;
	struct gu_ref t, server;

	(void)state;
	chan_open(&s);
	t = fix_thread(&s.f,
		       FIXTURE(&s.f, FN(process), STR("name", "jailed"),
			       STR("account", SYSTEM), UINT("job_limits", 2)),
		       "t");
	server = serve(&s, t);
	OK(&s.f, s.client, FN(com_call),
	   REF("proxy", bind(&s, server, 0, 2, 0)));
	OK(&s.f, t, FN(com_receive), REF("server", server));
	FAILS(&s.f, 0x80070005, t, FN(CoImpersonateClient));
	FAILS(&s.f, E_FAIL, t, FN(CoRevertToSelf));
	fix_reverted(&s.f, t);
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
	server = serve(&s, s.server);
	STARTS(&s.f, &call, args, s.server, FN(com_receive),
	       REF("server", server));
	OK(&s.f, s.client, FN(com_call),
	   REF("proxy", bind(&s, server, 0, 2, 0)));
	assert_ptr_equal(fix_wait(&s.f), &call);
	OK(&s.f, s.server, FN(CoImpersonateClient));
	chan_close(&s);
}

static void helpers_refuse_what_is_not_theirs(void **state)
{
	struct chan s;
	struct gu_ref server;

	(void)state;
	chan_open(&s);
	server = serve(&s, s.server);
	MISUSED(&s.f, s.other, FN(com_receive), REF("server", server));
	MISUSED(&s.f, s.weak, FN(com_call),
		REF("proxy", bind(&s, server, 0, 2, 0)));
	MISUSED(&s.f, s.client, FN(com_bind),
		REF("server", chan_raw(GU_REF_COM_SERVER)));
	chan_close(&s);
}

static void com_survives_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref server, fixed, proxy;

	(void)state;
	chan_open(&s);
	server = SURVIVES(&s.f, s.server, FN(com_serve))->value.ref;
	fixed = SURVIVES(&s.f, s.client, FN(com_bind), REF("server", server),
			 UINT("cloaking", CLOAK_STATIC))
			->value.ref;
	proxy = SURVIVES(&s.f, s.client, FN(com_bind), REF("server", server))
			->value.ref;
	SURVIVES(&s.f, s.client, FN(com_call), REF("proxy", fixed));
	SURVIVES(&s.f, s.client, FN(com_call), REF("proxy", proxy));
	SURVIVES(&s.f, s.client, FN(com_call), REF("proxy", proxy));
	SURVIVES(&s.f, s.server, FN(com_receive), REF("server", server));
	chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
	SURVIVES(&s.f, s.server, FN(CoImpersonateClient));
	SURVIVES(&s.f, s.server, FN(com_receive), REF("server", server));
	/* Two calls are being served and one is queued. */
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_acts_as_the_caller),
		cmocka_unit_test(a_service_may_open_the_token_of_its_client),
		cmocka_unit_test(a_proxy_identifies_unless_said),
		cmocka_unit_test(the_blanket_sets_the_level),
		cmocka_unit_test(cloaking_decides_whom_the_server_sees),
		cmocka_unit_test(a_weak_thread_cannot_call_cloaked),
		cmocka_unit_test(a_sensitive_account_is_not_delegated),
		cmocka_unit_test(outside_a_call_nothing_changes),
		cmocka_unit_test(after_the_return_the_call_is_complete),
		cmocka_unit_test(another_thread_is_not_in_the_call),
		cmocka_unit_test(
			an_unauthenticated_caller_cannot_be_impersonated),
		cmocka_unit_test(reverting_without_impersonation_fails),
		cmocka_unit_test(an_unknown_authentication_or_level_is_refused),
		cmocka_unit_test(
			one_revert_undoes_any_number_of_impersonations),
		cmocka_unit_test(a_revert_restores_the_token_of_before),
		cmocka_unit_test(the_return_reverts_what_the_method_forgot),
		cmocka_unit_test(the_return_leaves_what_com_did_not_do),
		cmocka_unit_test(nested_calls_each_keep_their_own_token),
		cmocka_unit_test(
			a_forgotten_inner_revert_restores_the_outer_client),
		cmocka_unit_test(
			without_the_privilege_another_user_is_only_identified),
		cmocka_unit_test(a_failed_impersonation_saves_nothing),
		cmocka_unit_test(a_receive_waits_for_a_call),
		cmocka_unit_test(helpers_refuse_what_is_not_theirs),
		cmocka_unit_test(com_survives_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
