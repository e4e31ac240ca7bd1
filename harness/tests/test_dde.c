/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.3 (DdeImpersonateClient), 2 (DDE's default); sdk:
 * ddesetqualityofservice, impersonateddeclientwindow. */

static struct gu_ref serve(struct chan *s, struct gu_ref thread)
{
	return OPENED(&s->f, thread, FN(dde_serve), STR("service", "audit"),
		      STR("topic", "system"));
}

static struct gu_ref connect(struct chan *s, struct gu_ref service)
{
	return OPENED(&s->f, s->client, FN(dde_connect),
		      REF("service", service));
}

static struct gu_ref
accept(struct chan *s, struct gu_ref thread, struct gu_ref service)
{
	return OPENED(&s->f, thread, FN(dde_accept), REF("service", service));
}

static struct gu_ref
window(struct chan *s, struct gu_ref thread, struct gu_ref hconv)
{
	return OPENED(&s->f, thread, FN(dde_window), REF("hconv", hconv));
}

/* A conversation of alice's with the server, and its ends. */
struct conv {
	struct gu_ref client;
	struct gu_ref server;
	struct gu_ref client_window;
	struct gu_ref server_window;
};

static struct conv converse(struct chan *s)
{
	struct gu_ref service = serve(s, s->server);
	struct conv c;

	c.client = connect(s, service);
	c.server = accept(s, s->server, service);
	c.client_window = window(s, s->client, c.client);
	c.server_window = window(s, s->server, c.server);
	return c;
}

static void server_acts_as_the_conversations_client(void **state)
{
	struct chan s;
	struct conv c;

	(void)state;
	chan_open(&s);
	c = converse(&s);
	OK(&s.f, s.server, FN(DdeImpersonateClient), REF("hconv", c.server));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_reverts(&s, s.server);
	chan_close(&s);
}

static void server_acts_as_the_client_of_a_window(void **state)
{
	struct chan s;
	struct conv c;

	(void)state;
	chan_open(&s);
	c = converse(&s);
	OK(&s.f, s.server, FN(ImpersonateDdeClientWindow),
	   REF("client", c.client_window), REF("server", c.server_window));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_reverts(&s, s.server);
	chan_close(&s);
}

/* quality of service */

static void the_default_context_is_effective_only(void **state)
{
	struct chan s;
	struct gu_ref token;
	struct conv c;

	(void)state;
	chan_open(&s);
	token = OPENED(&s.f, s.client, FN(OpenProcessToken),
		       UINT("access", 0xF01FF));
	OK(&s.f, s.client, FN(AdjustTokenPrivileges), REF("token", token),
	   BOOL("disable_all", true));
	c = converse(&s);
	OK(&s.f, s.server, FN(DdeImpersonateClient), REF("hconv", c.server));
	assert_int_equal(chan_slot(&s, s.server)->present, 0);
	chan_close(&s);
}

static void the_context_is_that_of_the_beginning(void **state)
{
	struct chan s;
	struct gu_ref service, client, server;

	(void)state;
	chan_open(&s);
	service = serve(&s, s.server);
	client = connect(&s, service);
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	server = accept(&s, s.server, service);
	OK(&s.f, s.server, FN(DdeImpersonateClient), REF("hconv", server));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_reverts(&s, s.server);
	OK(&s.f, s.client, FN(DdeDisconnect), REF("hconv", client));
	connect(&s, service);
	server = accept(&s, s.server, service);
	OK(&s.f, s.server, FN(DdeImpersonateClient), REF("hconv", server));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void quality_of_service_rules_later_conversations(void **state)
{
	struct chan s;
	struct gu_ref service, before, after;

	(void)state;
	chan_open(&s);
	service = serve(&s, s.server);
	connect(&s, service);
	before = accept(&s, s.server, service);
	for (unsigned level = 0; level <= GU_LEVEL_DELEGATION; level++) {
		OK(&s.f, s.client, FN(DdeSetQualityOfService),
		   SQOS("sqos", (enum gu_level)level, false, false));
		connect(&s, service);
		after = accept(&s, s.server, service);
		OK(&s.f, s.server, FN(DdeImpersonateClient),
		   REF("hconv", after));
		fix_acts_as(&s.f, s.server, ALICE, (enum gu_level)level);
		OK(&s.f, s.server, FN(DdeImpersonateClient),
		   REF("hconv", before));
		fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	}
	chan_close(&s);
}

static void quality_of_service_belongs_to_a_thread(void **state)
{
	struct chan s;
	struct conv c;

	(void)state;
	chan_open(&s);
	OK(&s.f, s.client2, FN(DdeSetQualityOfService),
	   SQOS("sqos", GU_LEVEL_IDENTIFICATION, false, false));
	c = converse(&s);
	OK(&s.f, s.server, FN(DdeImpersonateClient), REF("hconv", c.server));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

/* refusals */

static struct gu_ref client_end(struct chan *s)
{
	struct gu_ref service = serve(s, s->helper);
	struct gu_ref hconv = OPENED(&s->f, s->server, FN(dde_connect),
				     REF("service", service));

	accept(s, s->helper, service);
	return hconv;
}

static struct gu_ref anothers_end(struct chan *s)
{
	return converse(s).client;
}

static struct gu_ref closed_by_client(struct chan *s)
{
	struct conv c = converse(s);

	OK(&s->f, s->client, FN(DdeDisconnect), REF("hconv", c.client));
	return c.server;
}

static struct gu_ref closed_by_server(struct chan *s)
{
	struct conv c = converse(s);

	OK(&s->f, s->server, FN(DdeDisconnect), REF("hconv", c.server));
	return c.server;
}

static struct gu_ref garbage(struct chan *s)
{
	(void)s;
	return chan_raw(GU_REF_HCONV);
}

static const struct bad_hconv {
	const char *name;
	struct gu_ref (*make)(struct chan *s);
	bool own_client_end; /* good for the other functions */
} bad_hconvs[] = {
	{ "the client's end", client_end, true },
	{ "an end of another process", anothers_end, false },
	{ "ended by the client", closed_by_client, false },
	{ "ended by the server", closed_by_server, false },
	{ "garbage", garbage, false },
};

static void a_wrong_hconv_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_hconvs) / sizeof(bad_hconvs[0]);
	     i++) {
		const struct bad_hconv *r = &bad_hconvs[i];
		const struct gu_outcome *out;
		struct gu_ref hconv;
		struct chan s;

		chan_open(&s);
		hconv = r->make(&s);
		chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
		out = CALL(&s.f, s.server, FN(DdeImpersonateClient),
			   REF("hconv", hconv));
		row_check(!out->status.ok, r->name);
		row_check(out->status.code == 87, r->name);
		fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
		if (!r->own_client_end) {
			FAILS(&s.f, 87, s.server, FN(DdeDisconnect),
			      REF("hconv", hconv));
			FAILS(&s.f, 87, s.server, FN(dde_window),
			      REF("hconv", hconv));
		}
		chan_close(&s);
	}
}

static const struct windows {
	const char *name;
	uint32_t error;
} window_rows[] = {
	{ "no client window", 1400 },
	{ "no server window", 1400 },
	{ "the two exchanged", 87 },
	{ "not the caller's window", 87 },
	{ "windows of two conversations", 87 },
	{ "the conversation has ended", 1400 },
};

static void impersonate_window(struct chan *s, const struct windows *r)
{
	struct conv c = converse(s);
	struct gu_ref a = c.client_window, b = c.server_window;
	struct gu_ref t = s->server;
	const struct gu_outcome *out;

	switch (r - window_rows) {
	case 0:
		a = chan_raw(GU_REF_HWND);
		break;
	case 1:
		b = chan_raw(GU_REF_HWND);
		break;
	case 2:
		a = c.server_window;
		b = c.client_window;
		break;
	case 3:
		t = s->other;
		break;
	case 4:
		a = converse(s).client_window;
		break;
	case 5:
		OK(&s->f, s->client, FN(DdeDisconnect), REF("hconv", c.client));
		break;
	}
	chan_put(s, t, GU_LEVEL_IMPERSONATION);
	out = CALL(&s->f, t, FN(ImpersonateDdeClientWindow), REF("client", a),
		   REF("server", b));
	row_check(!out->status.ok, r->name);
	row_check(out->status.code == r->error, r->name);
	fix_acts_as(&s->f, t, BOB, GU_LEVEL_IMPERSONATION);
}

static void windows_without_their_conversation_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(window_rows) / sizeof(window_rows[0]);
	     i++) {
		struct chan s;

		chan_open(&s);
		impersonate_window(&s, &window_rows[i]);
		chan_close(&s);
	}
}

static void a_weak_client_begins_no_conversation(void **state)
{
	struct chan s;
	struct gu_ref service;

	(void)state;
	chan_open(&s);
	service = serve(&s, s.server);
	chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, 1346, s.client, FN(dde_connect), REF("service", service));
	chan_close(&s);
}

static void without_the_privilege_another_user_is_only_identified(void **state)
{
	struct chan s;
	struct gu_ref service, hconv;

	(void)state;
	chan_open(&s);
	service = serve(&s, s.weak);
	connect(&s, service);
	hconv = accept(&s, s.weak, service);
	OK(&s.f, s.weak, FN(DdeImpersonateClient), REF("hconv", hconv));
	fix_acts_as(&s.f, s.weak, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

/* conversations */

static void an_accept_waits_for_a_conversation(void **state)
{
	struct chan s;
	struct gu_ref service;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	service = serve(&s, s.server);
	STARTS(&s.f, &call, args, s.server, FN(dde_accept),
	       REF("service", service));
	connect(&s, service);
	assert_ptr_equal(fix_wait(&s.f), &call);
	OK(&s.f, s.server, FN(DdeImpersonateClient),
	   REF("hconv", call.out.value.ref));
	chan_close(&s);
}

static void a_conversation_that_ended_is_not_accepted(void **state)
{
	struct chan s;
	struct gu_ref service, hconv;

	(void)state;
	chan_open(&s);
	service = serve(&s, s.server);
	hconv = connect(&s, service);
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	connect(&s, service);
	OK(&s.f, s.client, FN(DdeDisconnect), REF("hconv", hconv));
	hconv = accept(&s, s.server, service);
	OK(&s.f, s.server, FN(DdeImpersonateClient), REF("hconv", hconv));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void helpers_refuse_what_is_not_theirs(void **state)
{
	struct chan s;
	struct gu_ref service;

	(void)state;
	chan_open(&s);
	service = serve(&s, s.server);
	MISUSED(&s.f, s.other, FN(dde_accept), REF("service", service));
	MISUSED(&s.f, s.client, FN(dde_connect),
		REF("service", chan_raw(GU_REF_DDE_SERVICE)));
	chan_close(&s);
}

static void dde_survives_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref service, hconv;

	(void)state;
	chan_open(&s);
	service =
		SURVIVES(&s.f, s.server, FN(dde_serve), STR("service", "audit"))
			->value.ref;
	SURVIVES(&s.f, s.client, FN(dde_connect), REF("service", service));
	hconv = SURVIVES(&s.f, s.server, FN(dde_accept),
			 REF("service", service))
			->value.ref;
	OK(&s.f, s.server, FN(DdeImpersonateClient), REF("hconv", hconv));
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_acts_as_the_conversations_client),
		cmocka_unit_test(server_acts_as_the_client_of_a_window),
		cmocka_unit_test(the_default_context_is_effective_only),
		cmocka_unit_test(the_context_is_that_of_the_beginning),
		cmocka_unit_test(quality_of_service_rules_later_conversations),
		cmocka_unit_test(quality_of_service_belongs_to_a_thread),
		cmocka_unit_test(a_wrong_hconv_changes_nothing),
		cmocka_unit_test(
			windows_without_their_conversation_change_nothing),
		cmocka_unit_test(a_weak_client_begins_no_conversation),
		cmocka_unit_test(
			without_the_privilege_another_user_is_only_identified),
		cmocka_unit_test(an_accept_waits_for_a_conversation),
		cmocka_unit_test(a_conversation_that_ended_is_not_accepted),
		cmocka_unit_test(helpers_refuse_what_is_not_theirs),
		cmocka_unit_test(dde_survives_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
