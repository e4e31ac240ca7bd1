/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* The documented reasons to let a server impersonate at the level asked for.
 * Each is tried beside a server that lacks it and gets Identification. */

#define PIPE "\\\\.\\pipe\\gate"

enum reason { NO_REASON, SE_IMPERSONATE, SAME_USER, SAME_ORIGIN };

struct gate {
	bool by_pipe;
	enum reason reason;
};

/* A server process: of the client's user, of another one with the privilege,
 * or just of another one. */
static struct gu_ref server_process(struct fix *f, enum reason reason)
{
	static const gu_privset privs = GU_PRIV_BIT(GU_PRIV_ChangeNotify) |
					GU_PRIV_BIT(GU_PRIV_Impersonate);

	if (reason == SAME_USER) {
		return fix_process(f, "hers", "alice");
	}
	if (reason == SE_IMPERSONATE) {
		MAKE(f, FN(account), STR("name", "carol"),
		     UINT("privileges", privs), UINT("enabled", privs));
		return fix_process(f, "privileged", "carol");
	}
	return fix_process(f, "plain", "bob");
}

/* Impersonates `token` by itself, or as a pipe's client whose process runs
 * with it. The level that the server ends up with. */
static enum gu_level impersonated(struct fix *f, struct gu_ref process,
				  struct gu_ref token, bool by_pipe,
				  enum gu_level level)
{
	struct gu_ref server = fix_thread(f, process, "server");
	struct gu_ref app, client, pipe, peer;

	if (!by_pipe) {
		struct gu_ref copy =
			bh_impersonation(f, server, token, level,
					 TOKEN_QUERY | TOKEN_IMPERSONATE);

		OK(f, server, FN(ImpersonateLoggedOnUser), REF("token", copy));
		return fix_identity(f, server).level;
	}
	app = FIXTURE(f, FN(process), STR("name", "client"),
		      REF("token", token));
	client = fix_thread(f, app, "client");
	pipe = OPENED(f, server, FN(CreateNamedPipe), STR("name", PIPE),
		      STR("sddl", "D:(A;;GA;;;WD)"));
	peer = OPENED(f, client, FN(CreateFile), STR("path", PIPE),
		      UINT("access", GENERIC_RW),
		      SQOS("sqos", level, false, false));
	OK(f, client, FN(WriteFile), REF("handle", peer), STR("data", "x"));
	OK(f, server, FN(ReadFile), REF("handle", pipe));
	OK(f, server, FN(ImpersonateNamedPipeClient), REF("pipe", pipe));
	OK(f, client, FN(CloseHandle), REF("handle", peer));
	OK(f, server, FN(CloseHandle), REF("handle", pipe));
	return fix_identity(f, server).level;
}

static void below_impersonation(struct fix *f, const void *row)
{
	const bool *by_pipe = row;
	struct gu_ref token = fix_primary(f, bh_alice(f));
	struct gu_ref process;

	(void)fix_account(f, "bob", NULL);
	process = server_process(f, NO_REASON);
	for (enum gu_level l = GU_LEVEL_ANONYMOUS; l < GU_LEVEL_IMPERSONATION;
	     l++) {
		assert_int_equal(impersonated(f, process, token, *by_pipe, l),
				 l);
	}
}

static void as_requested(struct fix *f, const void *row)
{
	const struct gate *want = row;
	const enum gu_level level = GU_LEVEL_IMPERSONATION;
	struct gu_ref alice = bh_alice(f);
	struct gu_ref token = fix_primary(f, alice);
	struct gu_ref process;

	(void)fix_account(f, "bob", NULL);
	process = server_process(f, NO_REASON);
	assert_int_equal(impersonated(f, process, token, want->by_pipe, level),
			 GU_LEVEL_IDENTIFICATION);

	process = server_process(f, want->reason);
	if (want->reason == SAME_ORIGIN) {
		token = FIXTURE(f, FN(token), REF("account", alice),
				UINT("type", 1), REF("origin", process));
	}
	assert_int_equal(impersonated(f, process, token, want->by_pipe, level),
			 level);
}

#define GATE(pipe, r) as_requested, (&(const struct gate){ (pipe), (r) })
#define BELOW(pipe)   below_impersonation, (&(const bool){ (pipe) })

static const struct bh_case cases[] = {
	{ "ib-563720384a40", "a pipe's level below Impersonation passes",
	  BELOW(true) },
	{ "ib-bd5d5a6c2be5", "SeImpersonatePrivilege lets a pipe's client pass",
	  GATE(true, SE_IMPERSONATE) },
	{ "ib-c33e6a561852", "a pipe's client of the server's own user passes",
	  GATE(true, SAME_USER) },
	{ "ib-43d21b4bdf9f",
	  "a pipe's client with a token made in this logon session passes",
	  GATE(true, SAME_ORIGIN) },
	{ "ib-d744c8a1477d", "a token's level below Impersonation passes",
	  BELOW(false) },
	{ "ib-fd1bd75227a0", "SeImpersonatePrivilege lets a user's token pass",
	  GATE(false, SE_IMPERSONATE) },
	{ "ib-2c1e86e4f65e", "a token of the server's own user passes",
	  GATE(false, SAME_USER) },
	{ "ib-4dbb5f245bb8", "a token made in this logon session passes",
	  GATE(false, SAME_ORIGIN) },
};

BH_AREA(gate, cases);
