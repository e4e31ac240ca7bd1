/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.3 (ImpersonateSecurityContext), 2 (SSPI flags); sdk:
 * impersonatesecuritycontext; w32: context-requirements. */
enum { NEGOTIATE = 9, NTLM = 10, SCHANNEL = 14, KERBEROS = 16, DIGEST = 21 };

enum {
	ISC_DELEGATE = 0x1,
	ISC_MUTUAL = 0x2,
	ISC_IDENTIFY = 0x20000,
	ISC_NULL = 0x40000,
	ASC_MUTUAL = 0x2,
	ASC_IDENTIFY = 0x80000,
	ASC_ALLOW_NULL = 0x100000,
};

#define ANONYMOUS     "NT AUTHORITY\\ANONYMOUS LOGON"
#define CONTINUE      0x00090312u
#define INVALID       0x80090301u
#define NO_IMP        0x8009030Bu
#define LOGON_DENIED  0x8009030Cu
#define NO_CRED       0x8009030Eu
#define INVALID_TOKEN 0x80090308u
#define INCOMPLETE    0x80090318u

static struct gu_ref
client_ctx(struct chan *s, uint32_t package, uint32_t flags)
{
	return OPENED(&s->f, s->client, FN(sspi_client),
		      UINT("package", package), UINT("flags", flags));
}

static struct gu_ref accept(struct chan *s, struct gu_ref thread,
			    struct gu_ref client, uint32_t flags)
{
	return OPENED(&s->f, thread, FN(sspi_accept), REF("client", client),
		      UINT("flags", flags));
}

static struct gu_ref handshake(struct chan *s, struct gu_ref thread)
{
	struct gu_ref ctx = accept(s, thread, client_ctx(s, NEGOTIATE, 0), 0);

	OK(&s->f, thread, FN(sspi_complete), REF("context", ctx));
	return ctx;
}

static void server_acts_as_the_client_of_a_context(void **state)
{
	struct chan s;
	struct gu_ref ctx;

	(void)state;
	chan_open(&s);
	ctx = handshake(&s, s.server);
	OK(&s.f, s.server, FN(ImpersonateSecurityContext), REF("context", ctx));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(RevertSecurityContext), REF("context", ctx));
	fix_reverted(&s.f, s.server);
	chan_close(&s);
}

static void a_service_may_open_the_token_of_its_client(void **state)
{
	struct chan s;
	struct gu_ref service, ctx;

	(void)state;
	chan_open(&s);
	service = chan_service(&s);
	ctx = handshake(&s, service);
	OK(&s.f, service, FN(ImpersonateSecurityContext), REF("context", ctx));
	chan_sees_its_level(&s, service);
	chan_close(&s);
}

static const struct negotiation {
	const char *name;
	uint32_t package;
	uint32_t isc;
	uint32_t asc;
	uint32_t error; /* of ImpersonateSecurityContext */
	const char *who;
	enum gu_level level;
} negotiations[] = {
	{ "Negotiate", NEGOTIATE, 0, 0, 0, ALICE, 2 },
	{ "NTLM", NTLM, 0, 0, 0, ALICE, 2 },
	{ "Kerberos", KERBEROS, 0, 0, 0, ALICE, 2 },
	{ "Digest", DIGEST, 0, 0, 0, ALICE, 2 },
	{ "Schannel", SCHANNEL, 0, ASC_MUTUAL, 0, ALICE, 2 },
	{ "Schannel, no certificate asked for", SCHANNEL, 0, 0, NO_IMP, NULL,
	  0 },
	{ "the client identifies", NEGOTIATE, ISC_IDENTIFY, 0, 0, ALICE, 1 },
	{ "the server identifies", NEGOTIATE, 0, ASC_IDENTIFY, 0, ALICE, 1 },
	{ "identify beats delegate", KERBEROS,
	  ISC_IDENTIFY | ISC_DELEGATE | ISC_MUTUAL, 0, 0, ALICE, 1 },
	{ "Kerberos delegates", KERBEROS, ISC_DELEGATE | ISC_MUTUAL, 0, 0,
	  ALICE, 3 },
	{ "Negotiate delegates", NEGOTIATE, ISC_DELEGATE | ISC_MUTUAL, 0, 0,
	  ALICE, 3 },
	{ "NTLM delegates on this machine", NTLM, ISC_DELEGATE | ISC_MUTUAL, 0,
	  0, ALICE, 3 },
	{ "delegation needs mutual", KERBEROS, ISC_DELEGATE, 0, 0, ALICE, 2 },
	{ "Schannel never delegates", SCHANNEL, ISC_DELEGATE | ISC_MUTUAL,
	  ASC_MUTUAL, 0, ALICE, 2 },
	{ "Digest never delegates", DIGEST, ISC_DELEGATE | ISC_MUTUAL, 0, 0,
	  ALICE, 2 },
	{ "null session", NTLM, ISC_NULL, ASC_ALLOW_NULL, 0, ANONYMOUS, 2 },
	{ "null session, identify", NTLM, ISC_NULL | ISC_IDENTIFY,
	  ASC_ALLOW_NULL, 0, ANONYMOUS, 1 },
	{ "null sessions allowed, none asked for", NTLM, 0, ASC_ALLOW_NULL, 0,
	  ALICE, 2 },
};

static void flags_and_package_set_the_level(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(negotiations) / sizeof(negotiations[0]);
	     i++) {
		const struct negotiation *r = &negotiations[i];
		const struct gu_outcome *out;
		struct gu_ref ctx;
		struct chan s;

		chan_open(&s);
		ctx = accept(&s, s.server, client_ctx(&s, r->package, r->isc),
			     r->asc);
		OK(&s.f, s.client, FN(sspi_complete), REF("context", ctx));
		out = CALL(&s.f, s.server, FN(ImpersonateSecurityContext),
			   REF("context", ctx));
		row_check(out->status.code == r->error, r->name);
		if (r->error) {
			fix_reverted(&s.f, s.server);
		} else {
			row_check(!strcmp(out->identity.name, r->who), r->name);
			row_check(out->identity.level == r->level, r->name);
			row_check(out->offered == r->level, r->name);
		}
		chan_close(&s);
	}
}

static void a_sensitive_account_is_not_delegated(void **state)
{
	struct chan s;
	struct gu_ref t, ctx;

	(void)state;
	chan_open(&s);
	(void)FIXTURE(&s.f, FN(account), STR("name", "carol"),
		      BOOL("sensitive", true));
	t = fix_run_as(&s.f, "carol");
	ctx = OPENED(&s.f, t, FN(sspi_client), UINT("package", KERBEROS),
		     UINT("flags", ISC_DELEGATE | ISC_MUTUAL));
	ctx = accept(&s, s.server, ctx, 0);
	OK(&s.f, s.server, FN(sspi_complete), REF("context", ctx));
	OK(&s.f, s.server, FN(ImpersonateSecurityContext), REF("context", ctx));
	fix_acts_as(&s.f, s.server, "MACHINE\\carol", GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void an_impersonating_client_delegates_only_what_it_has(void **state)
{
	static const enum gu_level levels[] = { GU_LEVEL_IMPERSONATION,
						GU_LEVEL_DELEGATION };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct gu_ref ctx;
		struct chan s;

		chan_open(&s);
		chan_put(&s, s.client, levels[i]);
		ctx = client_ctx(&s, KERBEROS, ISC_DELEGATE | ISC_MUTUAL);
		ctx = accept(&s, s.server, ctx, 0);
		OK(&s.f, s.server, FN(sspi_complete), REF("context", ctx));
		OK(&s.f, s.server, FN(ImpersonateSecurityContext),
		   REF("context", ctx));
		fix_acts_as(&s.f, s.server, BOB, levels[i]);
		chan_close(&s);
	}
}

/* handshakes */

static void each_leg_says_that_more_is_needed(void **state)
{
	struct chan s;
	struct gu_ref client;

	(void)state;
	chan_open(&s);
	client = client_ctx(&s, NEGOTIATE, 0);
	assert_int_equal(s.f.call.out.status.code, CONTINUE);
	accept(&s, s.server, client, 0);
	assert_int_equal(s.f.call.out.status.code, CONTINUE);
	OK(&s.f, s.client, FN(sspi_complete), REF("context", client));
	assert_int_equal(s.f.call.out.status.code, 0);
	chan_close(&s);
}

static void a_null_session_must_be_allowed(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	FAILS(&s.f, LOGON_DENIED, s.server, FN(sspi_accept),
	      REF("client", client_ctx(&s, NTLM, ISC_NULL)));
	chan_close(&s);
}

static void the_anonymous_user_has_only_null_sessions(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	OK(&s.f, s.client, FN(ImpersonateAnonymousToken));
	FAILS(&s.f, LOGON_DENIED, s.server, FN(sspi_accept),
	      REF("client", client_ctx(&s, NTLM, 0)));
	chan_close(&s);
}

static void a_weak_client_has_no_credentials(void **state)
{
	struct chan s;

	(void)state;
	chan_open(&s);
	chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, NO_CRED, s.client, FN(sspi_client));
	client_ctx(&s, NTLM, ISC_NULL);
	chan_close(&s);
}

static void a_first_token_is_accepted_once(void **state)
{
	struct chan s;
	struct gu_ref client, server;

	(void)state;
	chan_open(&s);
	client = client_ctx(&s, NTLM, 0);
	server = accept(&s, s.server, client, 0);
	FAILS(&s.f, INVALID_TOKEN, s.server, FN(sspi_accept),
	      REF("client", client));
	FAILS(&s.f, INVALID, s.server, FN(sspi_accept), REF("client", server));
	FAILS(&s.f, INVALID, s.server, FN(sspi_accept),
	      REF("client", chan_raw(GU_REF_CTXT)));
	chan_close(&s);
}

static void completion_needs_both_sides(void **state)
{
	struct chan s;
	struct gu_ref client, server;

	(void)state;
	chan_open(&s);
	client = client_ctx(&s, NTLM, 0);
	FAILS(&s.f, INCOMPLETE, s.client, FN(sspi_complete),
	      REF("context", client));
	server = accept(&s, s.server, client, 0);
	OK(&s.f, s.client, FN(DeleteSecurityContext), REF("context", client));
	FAILS(&s.f, INVALID, s.server, FN(sspi_complete),
	      REF("context", server));
	FAILS(&s.f, INVALID, s.server, FN(sspi_complete),
	      REF("context", client));
	chan_close(&s);
}

/* handles */

static struct gu_ref the_clients(struct chan *s)
{
	struct gu_ref ctx = OPENED(&s->f, s->server, FN(sspi_client));

	accept(s, s->helper, ctx, 0);
	OK(&s->f, s->server, FN(sspi_complete), REF("context", ctx));
	return ctx;
}

static struct gu_ref another_process(struct chan *s)
{
	return handshake(s, s->other);
}

static struct gu_ref deleted(struct chan *s)
{
	struct gu_ref ctx = handshake(s, s->server);

	OK(&s->f, s->server, FN(DeleteSecurityContext), REF("context", ctx));
	return ctx;
}

static struct gu_ref garbage(struct chan *s)
{
	(void)s;
	return chan_raw(GU_REF_CTXT);
}

static struct gu_ref incomplete(struct chan *s)
{
	return accept(s, s->server, client_ctx(s, NEGOTIATE, 0), 0);
}

static struct gu_ref no_certificate(struct chan *s)
{
	struct gu_ref ctx = accept(s, s->server, client_ctx(s, SCHANNEL, 0), 0);

	OK(&s->f, s->server, FN(sspi_complete), REF("context", ctx));
	return ctx;
}

static const struct bad_ctx {
	const char *name;
	struct gu_ref (*make)(struct chan *s);
	uint32_t impersonate;
	uint32_t query;
	uint32_t revert; /* 0: reverts */
} bad_ctxs[] = {
	{ "a client's context", the_clients, INVALID, INVALID, INVALID },
	{ "another process's", another_process, INVALID, INVALID, INVALID },
	{ "a deleted one", deleted, INVALID, INVALID, INVALID },
	{ "garbage", garbage, INVALID, INVALID, INVALID },
	{ "an incomplete one", incomplete, NO_IMP, INVALID, 0 },
	{ "Schannel without a certificate", no_certificate, NO_IMP, NO_IMP, 0 },
};

static void a_wrong_context_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_ctxs) / sizeof(bad_ctxs[0]); i++) {
		const struct bad_ctx *r = &bad_ctxs[i];
		const struct gu_outcome *out;
		struct gu_ref ctx;
		struct chan s;

		chan_open(&s);
		ctx = r->make(&s);
		chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
		out = CALL(&s.f, s.server, FN(ImpersonateSecurityContext),
			   REF("context", ctx));
		row_check(out->status.code == r->impersonate, r->name);
		out = CALL(&s.f, s.server, FN(QuerySecurityContextToken),
			   REF("context", ctx));
		row_check(out->status.code == r->query, r->name);
		fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
		out = CALL(&s.f, s.server, FN(RevertSecurityContext),
			   REF("context", ctx));
		row_check(out->status.code == r->revert, r->name);
		row_check(out->identity.impersonating == (r->revert != 0),
			  r->name);
		chan_close(&s);
	}
}

static void reverting_needs_no_impersonation_of_that_context(void **state)
{
	struct chan s;
	struct gu_ref a, b;

	(void)state;
	chan_open(&s);
	a = handshake(&s, s.server);
	b = handshake(&s, s.server);
	OK(&s.f, s.server, FN(RevertSecurityContext), REF("context", a));
	OK(&s.f, s.server, FN(ImpersonateSecurityContext), REF("context", a));
	OK(&s.f, s.server, FN(RevertSecurityContext), REF("context", b));
	fix_reverted(&s.f, s.server);
	chan_close(&s);
}

static void impersonation_outlives_the_context(void **state)
{
	struct chan s;
	struct gu_ref ctx;

	(void)state;
	chan_open(&s);
	ctx = handshake(&s, s.server);
	OK(&s.f, s.server, FN(ImpersonateSecurityContext), REF("context", ctx));
	OK(&s.f, s.server, FN(DeleteSecurityContext), REF("context", ctx));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	FAILS(&s.f, INVALID, s.server, FN(DeleteSecurityContext),
	      REF("context", ctx));
	chan_reverts(&s, s.server);
	chan_close(&s);
}

static void the_contexts_token_is_handed_out(void **state)
{
	struct chan s;
	struct gu_ref ctx, token;

	(void)state;
	chan_open(&s);
	ctx = handshake(&s, s.server);
	token = OPENED(&s.f, s.server, FN(QuerySecurityContextToken),
		       REF("context", ctx));
	assert_int_equal(s.f.call.out.decision.type, GU_OBJ_token);
	fix_reverted(&s.f, s.server);
	OK(&s.f, s.server, FN(DeleteSecurityContext), REF("context", ctx));
	OK(&s.f, s.server, FN(ImpersonateLoggedOnUser), REF("token", token));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void without_the_privilege_another_user_is_only_identified(void **state)
{
	struct chan s;
	struct gu_ref ctx;

	(void)state;
	chan_open(&s);
	ctx = handshake(&s, s.weak);
	OK(&s.f, s.weak, FN(ImpersonateSecurityContext), REF("context", ctx));
	fix_acts_as(&s.f, s.weak, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void a_job_that_forbids_it_is_no_impersonation(void **state)
{
	struct chan s;
	struct gu_ref t, ctx;

	(void)state;
	chan_open(&s);
	t = fix_thread(&s.f,
		       FIXTURE(&s.f, FN(process), STR("name", "jailed"),
			       STR("account", SYSTEM), UINT("job_limits", 2)),
		       "t");
	ctx = handshake(&s, t);
	FAILS(&s.f, NO_IMP, t, FN(ImpersonateSecurityContext),
	      REF("context", ctx));
	fix_reverted(&s.f, t);
	chan_close(&s);
}

static void sspi_survives_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref client, server;

	(void)state;
	chan_open(&s);
	client = SURVIVES(&s.f, s.client, FN(sspi_client))->value.ref;
	server =
		SURVIVES(&s.f, s.server, FN(sspi_accept), REF("client", client))
			->value.ref;
	SURVIVES(&s.f, s.server, FN(sspi_complete), REF("context", server));
	SURVIVES(&s.f, s.server, FN(ImpersonateSecurityContext),
		 REF("context", server));
	SURVIVES(&s.f, s.server, FN(QuerySecurityContextToken),
		 REF("context", server));
	client = SURVIVES(&s.f, s.client, FN(sspi_client),
			  UINT("flags", ISC_NULL))
			 ->value.ref;
	server = SURVIVES(&s.f, s.server, FN(sspi_accept),
			  REF("client", client), UINT("flags", ASC_ALLOW_NULL))
			 ->value.ref;
	SURVIVES(&s.f, s.server, FN(sspi_complete), REF("context", server));
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_acts_as_the_client_of_a_context),
		cmocka_unit_test(a_service_may_open_the_token_of_its_client),
		cmocka_unit_test(flags_and_package_set_the_level),
		cmocka_unit_test(a_sensitive_account_is_not_delegated),
		cmocka_unit_test(
			an_impersonating_client_delegates_only_what_it_has),
		cmocka_unit_test(each_leg_says_that_more_is_needed),
		cmocka_unit_test(a_null_session_must_be_allowed),
		cmocka_unit_test(the_anonymous_user_has_only_null_sessions),
		cmocka_unit_test(a_weak_client_has_no_credentials),
		cmocka_unit_test(a_first_token_is_accepted_once),
		cmocka_unit_test(completion_needs_both_sides),
		cmocka_unit_test(a_wrong_context_changes_nothing),
		cmocka_unit_test(
			reverting_needs_no_impersonation_of_that_context),
		cmocka_unit_test(impersonation_outlives_the_context),
		cmocka_unit_test(the_contexts_token_is_handed_out),
		cmocka_unit_test(
			without_the_privilege_another_user_is_only_identified),
		cmocka_unit_test(a_job_that_forbids_it_is_no_impersonation),
		cmocka_unit_test(sspi_survives_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
