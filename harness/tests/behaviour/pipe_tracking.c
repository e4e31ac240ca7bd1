/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "banned.h"

/* What a pipe's server sees of a client that changes its context between two
 * messages: eight scenarios by quality of service, by the context's kind and
 * by when it changes; each with a case per message. The cases' sentences begin
 * with the records' numbers of the scenarios. */

#define PIPE "\\\\.\\pipe\\tracking"
#define CLIENT_PRIVS \
	(GU_PRIV_BIT(GU_PRIV_ChangeNotify) | GU_PRIV_BIT(GU_PRIV_Shutdown))

enum qos { QOS_NONE, QOS_STATIC, QOS_DYNAMIC };

enum change {
	/* The process token's privileges are off when the pipe is opened, and
	 * on again before message 2. */
	PROCESS_RESTORED,
	/* Thread token T's privileges are switched off after message 1. */
	THREAD_DISABLED,
	/* T's privileges are off when the pipe is opened; the client reverts
	 * before message 2. */
	THREAD_REVERTED,
};

enum seen {
	SOME_ENABLED, /* some privilege is enabled */
	ALL_DISABLED, /* there are privileges, all disabled */
	NONE_ENABLED, /* there may be none at all */
	NONE_THERE,
};

struct scenario {
	enum qos qos;
	enum change change;
	unsigned message;
	enum seen seen;
};

struct stage {
	struct gu_ref server;
	struct gu_ref client;
	struct gu_ref own;          /* the client's process token */
	struct gu_ref thread_token; /* T */
	struct gu_ref pipe;
	struct gu_ref peer;
};

static void disable(struct fix *f, const struct stage *s, struct gu_ref token)
{
	OK(f, s->client, FN(AdjustTokenPrivileges), REF("token", token),
	   BOOL("disable_all", true));
	assert_int_equal(bh_privs(f, s->client, token).enabled, 0);
	assert_int_equal(bh_privs(f, s->client, token).present, 2);
}

/* The client's context as it is when the pipe is opened. */
static void set_stage(struct fix *f, struct stage *s, enum change change)
{
	const uint32_t access = TOKEN_DUPLICATE | TOKEN_QUERY |
				TOKEN_IMPERSONATE | TOKEN_ADJUST_PRIVILEGES;

	s->client = bh_privileged_thread(f, CLIENT_PRIVS, true);
	s->server = fix_run_as(f, SYSTEM);
	s->own = bh_own_token(f, s->client, access);
	if (change == PROCESS_RESTORED) {
		disable(f, s, s->own);
	} else {
		s->thread_token = bh_impersonation(
			f, s->client, s->own, GU_LEVEL_IMPERSONATION, access);
		OK(f, s->client, FN(SetThreadToken),
		   REF("token", s->thread_token));
	}
	if (change == THREAD_REVERTED) {
		disable(f, s, s->thread_token);
	}
}

static void connect(struct fix *f, struct stage *s, enum qos qos)
{
	s->pipe = OPENED(f, s->server, FN(CreateNamedPipe), STR("name", PIPE),
			 STR("sddl", "D:(A;;GA;;;WD)"));
	if (qos == QOS_NONE) {
		s->peer = OPENED(f, s->client, FN(CreateFile),
				 STR("path", PIPE), UINT("access", GENERIC_RW));
	} else {
		s->peer = OPENED(f, s->client, FN(CreateFile),
				 STR("path", PIPE), UINT("access", GENERIC_RW),
				 SQOS("sqos", GU_LEVEL_IMPERSONATION,
				      qos == QOS_DYNAMIC, false));
	}
}

static void change_context(struct fix *f, struct stage *s, enum change change)
{
	switch (change) {
	case PROCESS_RESTORED:
		OK(f, s->client, FN(AdjustTokenPrivileges),
		   REF("token", s->own), UINT("enable", CLIENT_PRIVS));
		break;
	case THREAD_DISABLED:
		disable(f, s, s->thread_token);
		break;
	case THREAD_REVERTED:
		OK(f, s->client, FN(RevertToSelf));
		break;
	}
}

/* One message; the server impersonates and looks at the token it got. */
static struct bh_privs message(struct fix *f, const struct stage *s)
{
	struct bh_privs privs;
	struct gu_ref token;

	OK(f, s->client, FN(WriteFile), REF("handle", s->peer),
	   STR("data", "x"));
	OK(f, s->server, FN(ReadFile), REF("handle", s->pipe));
	OK(f, s->server, FN(ImpersonateNamedPipeClient), REF("pipe", s->pipe));
	token = OPENED(f, s->server, FN(OpenThreadToken),
		       UINT("access", TOKEN_QUERY), BOOL("open_as_self", true));
	assert_int_equal(
		bh_number(f, s->server, token, TokenImpersonationLevel),
		GU_LEVEL_IMPERSONATION);
	assert_string_equal(fix_identity(f, s->server).sid, ALICE_SID);
	privs = bh_privs(f, s->server, token);
	OK(f, s->server, FN(RevertToSelf));
	return privs;
}

static void sees(struct fix *f, const void *row)
{
	const struct scenario *want = row;
	struct stage s = { .pipe = fix_no_ref() };
	struct bh_privs privs;

	set_stage(f, &s, want->change);
	connect(f, &s, want->qos);
	privs = message(f, &s);
	if (want->message == 2) {
		change_context(f, &s, want->change);
		privs = message(f, &s);
	}
	switch (want->seen) {
	case SOME_ENABLED:
		assert_int_not_equal(privs.enabled, 0);
		break;
	case ALL_DISABLED:
		assert_int_not_equal(privs.present, 0);
		assert_int_equal(privs.enabled, 0);
		break;
	case NONE_ENABLED:
		assert_int_equal(privs.enabled, 0);
		break;
	case NONE_THERE:
		assert_int_equal(privs.present, 0);
		break;
	}
}

#define SEES(q, c, m, s) sees, (&(const struct scenario){ (q), (c), (m), (s) })

static const struct bh_case cases[] = {
	{ "ib-4e566bfdb201", "1: by default a copy is effective-only",
	  SEES(QOS_NONE, PROCESS_RESTORED, 1, NONE_THERE) },
	{ "ib-33314b40065c", "1: by default tracking is dynamic",
	  SEES(QOS_NONE, PROCESS_RESTORED, 2, SOME_ENABLED) },
	{ "ib-dbe88222ccb9", "2: by default a thread token is copied",
	  SEES(QOS_NONE, THREAD_DISABLED, 1, SOME_ENABLED) },
	{ "ib-adb694f338c1", "2: by default a change to the token is seen",
	  SEES(QOS_NONE, THREAD_DISABLED, 2, NONE_ENABLED) },
	{ "ib-388cd7e2d775", "3: static tracking copies a thread token",
	  SEES(QOS_STATIC, THREAD_DISABLED, 1, SOME_ENABLED) },
	{ "ib-d6116885cdee", "3: static tracking does not see it change",
	  SEES(QOS_STATIC, THREAD_DISABLED, 2, SOME_ENABLED) },
	{ "ib-6e2b1258848b", "4: dynamic tracking copies a thread token",
	  SEES(QOS_DYNAMIC, THREAD_DISABLED, 1, SOME_ENABLED) },
	{ "ib-19ae103a0f2f", "4: dynamic tracking sees it change",
	  SEES(QOS_DYNAMIC, THREAD_DISABLED, 2, ALL_DISABLED) },
	{ "ib-0d5ddbc18e3d", "5: dynamic tracking copies the process token",
	  SEES(QOS_DYNAMIC, PROCESS_RESTORED, 1, ALL_DISABLED) },
	{ "ib-8a1a4c84c256", "5: dynamic tracking sees it change",
	  SEES(QOS_DYNAMIC, PROCESS_RESTORED, 2, SOME_ENABLED) },
	{ "ib-b0d0b43361dc",
	  "6: by default a weak thread token is effective-only",
	  SEES(QOS_NONE, THREAD_REVERTED, 1, NONE_THERE) },
	{ "ib-dc26ef59c7dc", "6: by default the client's revert is seen",
	  SEES(QOS_NONE, THREAD_REVERTED, 2, SOME_ENABLED) },
	{ "ib-9f3a82f47469", "7: static tracking copies all of a thread token",
	  SEES(QOS_STATIC, THREAD_REVERTED, 1, ALL_DISABLED) },
	{ "ib-4cc17de4c01c", "7: static tracking outlives the client's revert",
	  SEES(QOS_STATIC, THREAD_REVERTED, 2, ALL_DISABLED) },
	{ "ib-86e6dfbba369", "8: dynamic tracking copies all of a thread token",
	  SEES(QOS_DYNAMIC, THREAD_REVERTED, 1, ALL_DISABLED) },
	{ "ib-79abba77293e", "8: dynamic tracking sees the client's revert",
	  SEES(QOS_DYNAMIC, THREAD_REVERTED, 2, SOME_ENABLED) },
};

BH_AREA(pipe_tracking, cases);
