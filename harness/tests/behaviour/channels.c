/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* DDE and COM. */

static void dde_windows(struct fix *f, const void *row)
{
	struct gu_ref server = fix_run_as(f, SYSTEM);
	struct gu_ref client = bh_plain_thread(f);
	struct gu_ref service =
		OPENED(f, server, FN(dde_serve), STR("service", "behaviour"));
	struct gu_ref theirs =
		OPENED(f, client, FN(dde_connect), REF("service", service));
	struct gu_ref ours =
		OPENED(f, server, FN(dde_accept), REF("service", service));
	struct gu_ref client_window =
		OPENED(f, client, FN(dde_window), REF("hconv", theirs));
	struct gu_ref server_window =
		OPENED(f, server, FN(dde_window), REF("hconv", ours));

	(void)row;
	OK(f, server, FN(ImpersonateDdeClientWindow),
	   REF("client", client_window), REF("server", server_window));
	assert_string_equal(fix_identity(f, server).sid, ALICE_SID);
	OK(f, server, FN(RevertToSelf));
	fix_reverted(f, server);

	/* Windows that are in no conversation any more will not do. */
	OK(f, server, FN(DdeDisconnect), REF("hconv", ours));
	assert_false(CALL(f, server, FN(ImpersonateDdeClientWindow),
			  REF("client", client_window),
			  REF("server", server_window))
			     ->status.ok);
	fix_reverted(f, server);
}

/* A server thread inside the method that a client called. */
static struct gu_ref in_method(struct fix *f, uint32_t authn_level)
{
	struct gu_ref server = fix_run_as(f, SYSTEM);
	struct gu_ref client = bh_plain_thread(f);
	struct gu_ref object = OPENED(f, server, FN(com_serve));
	struct gu_ref proxy =
		OPENED(f, client, FN(com_bind), REF("server", object),
		       UINT("authn_level", authn_level),
		       UINT("level", GU_LEVEL_IMPERSONATION));

	OK(f, client, FN(com_call), REF("proxy", proxy));
	OK(f, server, FN(com_receive), REF("server", object));
	return server;
}

enum { AUTHN_LEVEL_NONE = 1, AUTHN_LEVEL_CONNECT = 2 };

static void com_without_authentication(struct fix *f, const void *row)
{
	struct gu_ref server = in_method(f, AUTHN_LEVEL_NONE);

	(void)row;
	assert_false(CALL(f, server, FN(CoImpersonateClient))->status.ok);
	assert_int_not_equal(f->call.out.status.code, GU_S_OK);
	fix_reverted(f, server);
}

static void com_reverts_by_itself(struct fix *f, const void *row)
{
	struct gu_ref server = in_method(f, AUTHN_LEVEL_CONNECT);

	(void)row;
	OK(f, server, FN(CoImpersonateClient));
	assert_string_equal(fix_identity(f, server).sid, ALICE_SID);
	OK(f, server, FN(com_return));
	fix_reverted(f, server);
}

static const struct bh_case cases[] = {
	{ "ib-f324f5f16f01",
	  "two windows in conversation impersonate, RevertToSelf undoes it",
	  dde_windows, NULL },
	{ "ib-95aa19253596", "a COM call without authentication has no client",
	  com_without_authentication, NULL },
	{ "ib-e3939fb4c923", "COM reverts what the method forgot",
	  com_reverts_by_itself, NULL },
};

BH_AREA(channels, cases);
