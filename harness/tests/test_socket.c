/* SPDX-License-Identifier: MIT */
#include "chan_fix.h"

/* semantics 1.2 row 15, 1.3 (WSAImpersonateSocketPeer); sdk:
 * wsaimpersonatesocketpeer, wsarevertimpersonation. */
enum { STREAM = 1, DATAGRAM = 2, RAW = 3 };
enum { NONE, USER, COMPUTER };

static struct gu_ref listener(struct chan *s, uint32_t kind, bool ipsec)
{
	return OPENED(&s->f, s->server, FN(socket_listen), UINT("port", 7),
		      UINT("kind", kind), BOOL("ipsec", ipsec));
}

static void connect(struct chan *s, struct gu_ref socket, uint32_t identity)
{
	OK(&s->f, s->client, FN(socket_connect), REF("listener", socket),
	   UINT("identity", identity));
}

static struct gu_ref accept(struct chan *s, struct gu_ref socket)
{
	return OPENED(&s->f, s->server, FN(socket_accept),
		      REF("listener", socket));
}

static struct gu_ref connection(struct chan *s, uint32_t identity, bool ipsec)
{
	struct gu_ref l = listener(s, STREAM, ipsec);

	connect(s, l, identity);
	return accept(s, l);
}

static void server_acts_as_the_user_at_the_other_end(void **state)
{
	struct chan s;
	struct gu_ref socket;

	(void)state;
	chan_open(&s);
	socket = connection(&s, USER, true);
	OK(&s.f, s.server, FN(WSAImpersonateSocketPeer), REF("socket", socket));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(WSARevertImpersonation));
	fix_reverted(&s.f, s.server);
	chan_close(&s);
}

static void without_a_user_the_computer_is_impersonated(void **state)
{
	struct chan s;
	struct gu_ref socket;
	const struct gu_token *token;

	(void)state;
	chan_open(&s);
	socket = connection(&s, COMPUTER, true);
	OK(&s.f, s.server, FN(WSAImpersonateSocketPeer), REF("socket", socket));
	token = chan_slot(&s, s.server);
	assert_true(gu_sid_in_domain(&token->user, &chan_world(&s)->machine));
	assert_int_equal(token->level, GU_LEVEL_IMPERSONATION);
	assert_int_equal(token->present, 0);
	chan_close(&s);
}

static void a_socket_may_be_impersonated_again_and_again(void **state)
{
	struct chan s;
	struct gu_ref socket;

	(void)state;
	chan_open(&s);
	socket = connection(&s, USER, true);
	for (int i = 0; i < 3; i++) {
		OK(&s.f, s.server, FN(WSAImpersonateSocketPeer),
		   REF("socket", socket), STR("peer", "ignored here"));
		OK(&s.f, s.server, FN(WSARevertImpersonation));
	}
	OK(&s.f, s.server, FN(WSARevertImpersonation));
	chan_close(&s);
}

/* refusals */

static struct gu_ref raw_handle(struct chan *s)
{
	(void)s;
	return chan_raw(GU_REF_SOCKET);
}

static struct gu_ref not_connected(struct chan *s)
{
	return listener(s, STREAM, true);
}

static struct gu_ref raw_socket(struct chan *s)
{
	return listener(s, RAW, true);
}

static struct gu_ref no_ipsec(struct chan *s)
{
	return connection(s, USER, false);
}

static struct gu_ref received(struct chan *s)
{
	struct gu_ref socket = listener(s, DATAGRAM, true);

	connect(s, socket, USER);
	return accept(s, socket);
}

static struct gu_ref nothing_received(struct chan *s)
{
	struct gu_ref socket = listener(s, DATAGRAM, true);

	connect(s, socket, USER);
	return socket;
}

static struct gu_ref the_clients(struct chan *s)
{
	return OPENED(&s->f, s->client, FN(socket_connect),
		      REF("listener", listener(s, STREAM, true)));
}

static const struct refusal {
	const char *name;
	struct gu_ref (*make)(struct chan *s);
	const char *peer;
	uint32_t error;
} refusals[] = {
	{ "no socket", raw_handle, NULL, 10038 },
	{ "another process's socket", the_clients, NULL, 10038 },
	{ "a raw socket", raw_socket, NULL, 10047 },
	{ "a socket that listens", not_connected, NULL, 10057 },
	{ "no IPsec", no_ipsec, NULL, 10013 },
	{ "datagrams, no address", received, NULL, 10014 },
	{ "datagrams, short address", received, "", 10040 },
	{ "datagrams, no internet address", received, "/tmp/peer", 10047 },
	{ "datagrams, nothing received", nothing_received, "192.0.2.1", 10057 },
};

static void a_refused_impersonation_leaves_the_slot_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		const struct gu_outcome *out;
		struct gu_ref socket;
		struct chan s;

		chan_open(&s);
		socket = r->make(&s);
		chan_put(&s, s.server, GU_LEVEL_IMPERSONATION);
		out = CALL(&s.f, s.server, FN(WSAImpersonateSocketPeer),
			   REF("socket", socket), STR("peer", r->peer));
		row_check(!out->status.ok, r->name);
		row_check(out->status.code == r->error, r->name);
		fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
		chan_close(&s);
	}
}

static void a_datagrams_sender_is_the_peer(void **state)
{
	struct chan s;
	struct gu_ref socket;

	(void)state;
	chan_open(&s);
	socket = listener(&s, DATAGRAM, true);
	connect(&s, socket, USER);
	chan_put(&s, s.client, GU_LEVEL_IMPERSONATION);
	connect(&s, socket, USER);
	accept(&s, socket);
	OK(&s.f, s.server, FN(WSAImpersonateSocketPeer), REF("socket", socket),
	   STR("peer", "192.0.2.1:7"));
	fix_acts_as(&s.f, s.server, ALICE, GU_LEVEL_IMPERSONATION);
	OK(&s.f, s.server, FN(WSARevertImpersonation));
	accept(&s, socket);
	OK(&s.f, s.server, FN(WSAImpersonateSocketPeer), REF("socket", socket),
	   STR("peer", "[2001:db8::1]:7"));
	fix_acts_as(&s.f, s.server, BOB, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void without_the_privilege_another_user_is_only_identified(void **state)
{
	struct chan s;
	struct gu_ref l, socket;

	(void)state;
	chan_open(&s);
	l = OPENED(&s.f, s.weak, FN(socket_listen));
	connect(&s, l, USER);
	socket = OPENED(&s.f, s.weak, FN(socket_accept), REF("listener", l));
	OK(&s.f, s.weak, FN(WSAImpersonateSocketPeer), REF("socket", socket));
	fix_acts_as(&s.f, s.weak, ALICE, GU_LEVEL_IDENTIFICATION);
	assert_int_equal(s.f.call.out.offered, GU_LEVEL_IMPERSONATION);
	chan_close(&s);
}

static void a_job_that_forbids_it_is_an_access_error(void **state)
{
	struct chan s;
	struct gu_ref t, l, socket;

	(void)state;
	chan_open(&s);
	t = fix_thread(&s.f,
		       FIXTURE(&s.f, FN(process), STR("name", "jailed"),
			       STR("account", SYSTEM), UINT("job_limits", 2)),
		       "t");
	l = OPENED(&s.f, t, FN(socket_listen));
	connect(&s, l, USER);
	socket = OPENED(&s.f, t, FN(socket_accept), REF("listener", l));
	FAILS(&s.f, 10013, t, FN(WSAImpersonateSocketPeer),
	      REF("socket", socket));
	fix_reverted(&s.f, t);
	chan_close(&s);
}

/* connections */

static void an_accept_waits_for_a_connection(void **state)
{
	struct chan s;
	struct gu_ref l;
	struct gu_call call;
	struct gu_value args[GU_ARGS_MAX];

	(void)state;
	chan_open(&s);
	l = listener(&s, STREAM, true);
	STARTS(&s.f, &call, args, s.server, FN(socket_accept),
	       REF("listener", l));
	connect(&s, l, USER);
	assert_ptr_equal(fix_wait(&s.f), &call);
	OK(&s.f, s.server, FN(WSAImpersonateSocketPeer),
	   REF("socket", call.out.value.ref));
	chan_close(&s);
}

static void connections_have_their_own_errors(void **state)
{
	struct chan s;
	struct gu_ref l, socket;

	(void)state;
	chan_open(&s);
	l = listener(&s, STREAM, true);
	FAILS(&s.f, 10022, s.server, FN(socket_listen), UINT("port", 65536));
	FAILS(&s.f, 10060, s.client, FN(socket_connect), REF("listener", l),
	      UINT("identity", NONE));
	FAILS(&s.f, 10038, s.client, FN(socket_connect),
	      REF("listener", chan_raw(GU_REF_SOCKET)));
	FAILS(&s.f, 10038, s.other, FN(socket_accept), REF("listener", l));
	FAILS(&s.f, 10045, s.server, FN(socket_accept),
	      REF("listener", listener(&s, RAW, true)));
	connect(&s, l, USER);
	socket = accept(&s, l);
	FAILS(&s.f, 10045, s.client, FN(socket_connect),
	      REF("listener", socket));
	FAILS(&s.f, 10022, s.server, FN(socket_accept),
	      REF("listener", socket));
	connect(&s, listener(&s, STREAM, false), NONE);
	chan_close(&s);
}

static void a_weak_client_cannot_be_authenticated(void **state)
{
	struct chan s;
	struct gu_ref l;

	(void)state;
	chan_open(&s);
	l = listener(&s, STREAM, true);
	chan_put(&s, s.client, GU_LEVEL_IDENTIFICATION);
	FAILS(&s.f, 10013, s.client, FN(socket_connect), REF("listener", l));
	connect(&s, l, COMPUTER);
	chan_close(&s);
}

static void sockets_survive_a_lack_of_memory(void **state)
{
	struct chan s;
	struct gu_ref l;

	(void)state;
	chan_open(&s);
	l = SURVIVES(&s.f, s.server, FN(socket_listen))->value.ref;
	SURVIVES(&s.f, s.client, FN(socket_connect), REF("listener", l));
	SURVIVES(&s.f, s.client, FN(socket_connect), REF("listener", l),
		 UINT("identity", COMPUTER));
	SURVIVES(&s.f, s.server, FN(socket_accept), REF("listener", l));
	/* The second connection is still queued when the world ends. */
	chan_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_acts_as_the_user_at_the_other_end),
		cmocka_unit_test(without_a_user_the_computer_is_impersonated),
		cmocka_unit_test(a_socket_may_be_impersonated_again_and_again),
		cmocka_unit_test(a_refused_impersonation_leaves_the_slot_alone),
		cmocka_unit_test(a_datagrams_sender_is_the_peer),
		cmocka_unit_test(
			without_the_privilege_another_user_is_only_identified),
		cmocka_unit_test(a_job_that_forbids_it_is_an_access_error),
		cmocka_unit_test(an_accept_waits_for_a_connection),
		cmocka_unit_test(connections_have_their_own_errors),
		cmocka_unit_test(a_weak_client_cannot_be_authenticated),
		cmocka_unit_test(sockets_survive_a_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
