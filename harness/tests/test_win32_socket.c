/* SPDX-License-Identifier: MIT */
#include "win32_fix.h"

#include "banned.h"

enum { STREAM = 1, DATAGRAM = 2 };

struct net {
	struct fix *f;
	struct fix_result *listener;
};

static struct net listening(uint32_t kind)
{
	const struct gu_value plain = { .type = GU_V_BOOL, .b = false };
	struct net n = { .f = fix_new() };

	n.listener = fix_ok(n.f, FIX_SERVER, GU_FN_socket_listen,
			    FIX_ARGS(fix_none(), plain, fix_uint(kind)));
	return n;
}

static void connect_to(struct net *n)
{
	(void)fix_ok(n->f, FIX_CLIENT, GU_FN_socket_connect,
		     FIX_ARGS(fix_label(n->listener), fix_uint(0)));
}

static struct fix_result *accept_from(struct net *n)
{
	return fix_ok(n->f, FIX_SERVER, GU_FN_socket_accept,
		      FIX_ARGS(fix_ref(n->listener)));
}

static void a_connection_is_a_socket_of_its_own(void **state)
{
	struct net n = listening(STREAM);

	(void)state;
	connect_to(&n);
	assert_int_not_equal(accept_from(&n)->ref.id, n.listener->ref.id);
	fix_free(n.f);
}

static void a_datagram_comes_to_the_socket_itself(void **state)
{
	struct net n = listening(DATAGRAM);

	(void)state;
	connect_to(&n);
	assert_int_equal(accept_from(&n)->ref.id, n.listener->ref.id);
	fix_free(n.f);
}

static void socket_accept_waits_for_a_peer(void **state)
{
	struct net n = listening(STREAM);
	struct fix_result *wait = fix_post(n.f, FIX_SERVER, GU_FN_socket_accept,
					   FIX_ARGS(fix_ref(n.listener)));

	(void)state;
	assert_true(fix_waits(wait));
	connect_to(&n);
	fix_wait(wait);
	assert_true(wait->status.ok);
	fix_free(n.f);
}

static void a_waiting_socket_accept_ends_with_its_scenario(void **state)
{
	struct net n = listening(STREAM);
	struct fix_result *wait = fix_post(n.f, FIX_SERVER, GU_FN_socket_accept,
					   FIX_ARGS(fix_ref(n.listener)));

	(void)state;
	assert_true(fix_waits(wait));
	fix_free(n.f);
}

/* Nobody demanded IPsec, so there is no peer to act as; where the system lacks
 * the function that is said instead. */
static void a_peer_that_is_not_authenticated_is_not_impersonated(void **state)
{
	struct net n = listening(STREAM);
	struct fix_result *r;

	(void)state;
	connect_to(&n);
	r = fix_call(n.f, FIX_SERVER, GU_FN_WSAImpersonateSocketPeer,
		     FIX_ARGS(fix_ref(accept_from(&n))));
	assert_true(r->end == W_END_UNSUPPORTED ||
		    (r->end == W_END_DONE && !r->status.ok));
	fix_free(n.f);
}

static void a_port_beyond_65535_is_refused(void **state)
{
	struct fix *f = fix_new();

	(void)state;
	assert_int_equal(fix_call(f, FIX_SERVER, GU_FN_socket_listen,
				  FIX_ARGS(fix_uint(65536)))
				 ->status.code,
			 WSAEINVAL);
	fix_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_a_socket_of_its_own),
		cmocka_unit_test(a_datagram_comes_to_the_socket_itself),
		cmocka_unit_test(socket_accept_waits_for_a_peer),
		cmocka_unit_test(
			a_waiting_socket_accept_ends_with_its_scenario),
		cmocka_unit_test(
			a_peer_that_is_not_authenticated_is_not_impersonated),
		cmocka_unit_test(a_port_beyond_65535_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
