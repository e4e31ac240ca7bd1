/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "findings.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A world that does what its steps say: who a thread is after each call is
 * written down, not worked out. It is watched through a real trace. */
enum who { SAME, SELF, ALICE, BOB, ALICE_LOW, ALICE_COPY, CAROL };

static const struct gu_identity identities[] = {
	[SELF] = { "NT AUTHORITY\\SYSTEM", "S-1-5-18", GU_LEVEL_DELEGATION,
		   false, 0x4000, 1, 0x3e7 },
	[ALICE] = { "MACHINE\\alice", "S-1-5-21-1-2-3-1001",
		    GU_LEVEL_IMPERSONATION, true, 0x2000, 2, 20 },
	[BOB] = { "MACHINE\\bob", "S-1-5-21-1-2-3-1002", GU_LEVEL_IMPERSONATION,
		  true, 0x2000, 3, 30 },
	[ALICE_LOW] = { "MACHINE\\alice", "S-1-5-21-1-2-3-1001",
			GU_LEVEL_IDENTIFICATION, true, 0x2000, 4, 20 },
	[ALICE_COPY] = { "MACHINE\\alice", "S-1-5-21-1-2-3-1001",
			 GU_LEVEL_IMPERSONATION, true, 0x2000, 5, 20 },
	[CAROL] = { "MACHINE\\carol", "S-1-5-21-1-2-3-1003",
		    GU_LEVEL_IMPERSONATION, true, 0x2000, 6, 40 },
};

struct step {
	int line;
	enum gu_fn fn;
	uint32_t code;          /* not 0: the call fails with it */
	enum who becomes;       /* of the subject */
	bool token;             /* SetThreadToken: with one */
	uint32_t on;            /* SetThreadToken: this thread */
	uint32_t by;            /* the caller, 1 when 0 */
	uint32_t handle;        /* the handle used */
	uint32_t opens;         /* the handle handed out */
	enum gu_objtype type;   /* of that */
	enum gu_ref_kind gives; /* a reference of that kind handed out */
	bool offers;            /* the source offered Impersonation */
};

struct fake {
	struct gu_world base;
	enum who now[4]; /* by thread id */
};

static enum gu_rc
fake_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	struct fake *f = (struct fake *)w;
	const struct step *s = call->owner;
	uint32_t subject = s->on ? s->on : call->thread.id;
	struct gu_outcome *out = &call->out;

	(void)err;
	*out = (struct gu_outcome){
		.status = { .conv = gu_fn_row(call->fn)->conv,
			    .ok = !s->code,
			    .code = s->code },
		.offered_known = s->offers,
		.offered = GU_LEVEL_IMPERSONATION,
		.decision.type = s->type,
	};
	if (s->opens || s->gives) {
		out->value.type = GU_V_REF;
		out->value.ref.kind = s->opens ? GU_REF_HANDLE : s->gives;
		out->value.ref.id = s->opens ? s->opens : 77;
	}
	if (s->becomes != SAME) {
		f->now[subject] = s->becomes;
	}
	out->identity = identities[f->now[call->thread.id]];
	return GU_RC_OK;
}

static enum gu_rc fake_identity(struct gu_world *w, struct gu_ref thread,
				struct gu_identity *out, struct gu_err *err)
{
	(void)err;
	*out = identities[((struct fake *)w)->now[thread.id]];
	return GU_RC_OK;
}

static void fake_close(struct gu_world *w)
{
	(void)w;
}

static const struct gu_target_ops fake_ops = {
	.name = "fake",
	.submit = fake_submit,
	.identity = fake_identity,
	.close = fake_close,
};

struct stage {
	struct fake fake;
	struct gu_recorder *recorder;
	struct gu_findings *findings;
	struct gu_world *world;
};

static const struct gu_scenario_info scenario = { "s", "s.lua", 1 };

static struct gu_ref thread_ref(uint32_t id)
{
	return (struct gu_ref){ .kind = GU_REF_THREAD, .id = id };
}

static enum gu_rc stage_open(struct stage *st, struct gu_err *err)
{
	const struct gu_ref nobody = { .kind = GU_REF_NONE };
	struct gu_observer *observers[2];
	enum gu_rc rc;

	*st = (struct stage){ .fake = { .base = { &fake_ops },
					.now = { SELF, SELF, SELF, SELF } } };
	rc = gu_recorder_new(&st->recorder, err);
	if (!rc) {
		rc = gu_findings_new(st->recorder, &st->findings, err);
	}
	if (rc) {
		return rc;
	}
	observers[0] = gu_recorder_observer(st->recorder);
	observers[1] = gu_findings_observer(st->findings);
	gu_recorder_begin(st->recorder, &scenario);
	gu_findings_begin(st->findings);
	gu_recorder_name(st->recorder, thread_ref(1), "one", nobody);
	gu_recorder_name(st->recorder, thread_ref(2), "two", nobody);
	return gu_trace_new(&st->fake.base, observers, 2, &st->world, err);
}

static void stage_close(struct stage *st)
{
	gu_world_close(st->world);
	gu_findings_free(st->findings);
	gu_recorder_free(st->recorder);
}

static void add_args(struct gu_value args[GU_ARGS_MAX], const struct step *s)
{
	const struct gu_fn_row *row = gu_fn_row(s->fn);

	for (size_t i = 0; i < row->arg_count; i++) {
		struct gu_value *v = &args[i];

		if (row->args[i].type == GU_ARG_REF_HANDLE && s->handle) {
			v->ref = (struct gu_ref){ GU_REF_HANDLE, s->handle };
			v->type = GU_V_REF;
		}
		if (row->args[i].type == GU_ARG_REF_TOKEN && s->token) {
			v->ref = (struct gu_ref){ GU_REF_TOKEN, 9 };
			v->type = GU_V_REF;
		}
		if (row->args[i].type == GU_ARG_REF_THREAD && s->on) {
			v->ref = thread_ref(s->on);
			v->type = GU_V_REF;
		}
	}
}

static enum gu_rc
play(struct stage *st, const struct step *steps, size_t n, struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < n && steps[i].line; i++) {
		struct gu_value args[GU_ARGS_MAX] = { { .type = GU_V_NONE } };
		struct gu_call call = {
			.fn = steps[i].fn,
			.thread = thread_ref(steps[i].by ? steps[i].by : 1),
			.args = args,
			.owner = (void *)(uintptr_t)&steps[i],
			.line = steps[i].line,
		};

		add_args(args, &steps[i]);
		rc = gu_world_submit(st->world, &call, err);
	}
	return rc;
}

/* "leak@10 wrong-revert@12": the findings, in order. */
static void list_findings(const struct stage *st, struct gu_buf *out)
{
	size_t count;
	const struct gu_record *rows = gu_recorder_rows(st->recorder, &count);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].kind == GU_RECORD_FINDING) {
			gu_buf_addf(out, "%s%s@%d", out->len ? " " : "",
				    rows[i].rule, rows[i].line);
		}
	}
}

#define STEPS 8

struct story {
	const char *name;
	const char *want;
	struct step steps[STEPS];
};

static void check_stories(const struct story *stories, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct gu_buf found = GU_BUF_INIT;
		struct gu_err err = GU_ERR_INIT;
		struct stage st;

		assert_rc_ok(stage_open(&st, &err));
		assert_rc_ok(play(&st, stories[i].steps, STEPS, &err));
		gu_findings_end(st.findings, st.world);
		assert_rc_ok(gu_recorder_check(st.recorder, &err));
		list_findings(&st, &found);
		if (strcmp(found.data, stories[i].want) != 0) {
			fail_msg("row \"%s\": found \"%s\"", stories[i].name,
				 found.data);
		}
		gu_buf_release(&found);
		stage_close(&st);
	}
}

#define IMPERSONATES(l, w)                                              \
	{                                                               \
		.line = (l), .fn = GU_FN_SetThreadToken, .token = true, \
		.becomes = (w)                                          \
	}
#define REVERTS(l)                                                     \
	{                                                              \
		.line = (l), .fn = GU_FN_RevertToSelf, .becomes = SELF \
	}
#define OPENS(l)                              \
	{                                     \
		.line = (l), .fn = GU_FN_open \
	}

static void leaks(void **state)
{
	static const struct story stories[] = {
		{ "still impersonating at the end",
		  "leak@1",
		  { IMPERSONATES(1, ALICE), OPENS(2) } },
		{ "reverted", "", { IMPERSONATES(1, ALICE), REVERTS(2) } },
		{ "reverted by a NULL token",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_SetThreadToken,
		      .becomes = SELF } } },
		{ "each thread by itself",
		  "leak@2",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_SetThreadToken,
		      .token = true,
		      .by = 2,
		      .becomes = BOB },
		    REVERTS(3) } },
		{ "a thread that another made impersonate",
		  "leak@1",
		  { { .line = 1,
		      .fn = GU_FN_SetThreadToken,
		      .token = true,
		      .on = 2,
		      .becomes = ALICE } } },
		{ "a request that returns while impersonating, reported once",
		  "leak@3",
		  { { .line = 1,
		      .fn = GU_FN_rpc_receive,
		      .gives = GU_REF_RPC_CALL },
		    { .line = 2,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    { .line = 3, .fn = GU_FN_rpc_return } } },
		{ "even where the system reverts after it",
		  "leak@3",
		  { { .line = 1,
		      .fn = GU_FN_rpc_receive,
		      .gives = GU_REF_RPC_CALL },
		    { .line = 2,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    { .line = 3, .fn = GU_FN_rpc_return, .becomes = SELF } } },
		{ "a request that reverts first",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_rpc_receive,
		      .gives = GU_REF_RPC_CALL },
		    { .line = 2,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    { .line = 3, .fn = GU_FN_RpcRevertToSelf, .becomes = SELF },
		    { .line = 4, .fn = GU_FN_rpc_return } } },
		{ "an impersonation from before the request",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_rpc_receive,
		      .gives = GU_REF_RPC_CALL },
		    { .line = 3, .fn = GU_FN_rpc_return },
		    REVERTS(4) } },
		{ "a return that fails",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_rpc_receive,
		      .gives = GU_REF_RPC_CALL },
		    { .line = 2,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    { .line = 3, .fn = GU_FN_rpc_return, .code = 1725 },
		    { .line = 4,
		      .fn = GU_FN_RpcRevertToSelf,
		      .becomes = SELF } } },
		{ "COM cleans up by itself",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_com_receive,
		      .gives = GU_REF_COM_CALL },
		    { .line = 2,
		      .fn = GU_FN_CoImpersonateClient,
		      .becomes = ALICE },
		    { .line = 3, .fn = GU_FN_com_return, .becomes = SELF } } },
		{ "opened tokens are copies of the same impersonation",
		  "leak@1",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_OpenThreadToken,
		      .becomes = ALICE_COPY,
		      .opens = 5,
		      .type = GU_OBJ_token } } },
		{ "what COM restored, opened",
		  "leak@1",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_CoImpersonateClient,
		      .becomes = BOB },
		    { .line = 3, .fn = GU_FN_CoRevertToSelf, .becomes = ALICE },
		    { .line = 4,
		      .fn = GU_FN_OpenThreadToken,
		      .becomes = ALICE_COPY,
		      .opens = 5,
		      .type = GU_OBJ_token } } },
	};

	(void)state;
	check_stories(stories, COUNT(stories));
}

static void unchecked_impersonations(void **state)
{
	static const struct story stories[] = {
		{ "access after a refusal",
		  "unchecked-impersonate@2",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    OPENS(2) } },
		{ "whatever its outcome",
		  "unchecked-impersonate@2",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    { .line = 2, .fn = GU_FN_CreateFile, .code = 5 } } },
		{ "once",
		  "unchecked-impersonate@2",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    OPENS(2),
		    OPENS(3) } },
		{ "not before an access",
		  "unchecked-impersonate@4",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    { .line = 2, .fn = GU_FN_whoami },
		    { .line = 3, .fn = GU_FN_WriteFile },
		    OPENS(4) } },
		{ "another thread may go on",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    { .line = 2, .fn = GU_FN_open, .by = 2 } } },
		{ "a second try that succeeds",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    { .line = 2,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .becomes = ALICE },
		    OPENS(3),
		    REVERTS(4) } },
		{ "a revert makes it plain",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    REVERTS(2),
		    OPENS(3) } },
		{ "the request is refused",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_rpc_receive,
		      .gives = GU_REF_RPC_CALL },
		    { .line = 2,
		      .fn = GU_FN_RpcImpersonateClient,
		      .code = 1764 },
		    { .line = 3, .fn = GU_FN_rpc_return },
		    OPENS(4) } },
		{ "the thread that was to impersonate",
		  "unchecked-impersonate@2",
		  { { .line = 1,
		      .fn = GU_FN_SetThreadToken,
		      .token = true,
		      .on = 2,
		      .code = 5 },
		    { .line = 2, .fn = GU_FN_open, .by = 2 },
		    OPENS(3) } },
	};

	(void)state;
	check_stories(stories, COUNT(stories));
}

static void unchecked_reverts(void **state)
{
	static const struct story stories[] = {
		{ "anything after a failed revert",
		  "unchecked-revert@3",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2, .fn = GU_FN_RevertToSelf, .code = 5 },
		    { .line = 3, .fn = GU_FN_WriteFile },
		    REVERTS(4) } },
		{ "once",
		  "unchecked-revert@3",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2, .fn = GU_FN_RevertToSelf, .code = 5 },
		    OPENS(3),
		    OPENS(4),
		    REVERTS(5) } },
		{ "an impersonation, too",
		  "unchecked-revert@2",
		  { { .line = 1, .fn = GU_FN_RevertToSelf, .code = 5 },
		    IMPERSONATES(2, ALICE),
		    REVERTS(3) } },
		{ "a NULL token that fails",
		  "unchecked-revert@3",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2, .fn = GU_FN_SetThreadToken, .code = 5 },
		    OPENS(3),
		    REVERTS(4) } },
		{ "tried again at once",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2, .fn = GU_FN_RevertToSelf, .code = 5 },
		    REVERTS(3),
		    OPENS(4) } },
		{ "looking is no deed",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2, .fn = GU_FN_RevertToSelf, .code = 5 },
		    { .line = 3, .fn = GU_FN_whoami },
		    { .line = 4, .fn = GU_FN_CloseHandle, .handle = 8 },
		    REVERTS(5) } },
		{ "another thread may go on",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2, .fn = GU_FN_RevertToSelf, .code = 5 },
		    { .line = 3, .fn = GU_FN_open, .by = 2 },
		    REVERTS(4) } },
	};

	(void)state;
	check_stories(stories, COUNT(stories));
}

#define LOWERED(l)                                                   \
	{                                                            \
		.line = (l), .fn = GU_FN_ImpersonateNamedPipeClient, \
		.becomes = ALICE_LOW, .offers = true                 \
	}

static void silent_downgrades(void **state)
{
	static const struct story stories[] = {
		{ "access at less than was offered",
		  "silent-downgrade@2",
		  { LOWERED(1), OPENS(2), REVERTS(3) } },
		{ "once per impersonation",
		  "silent-downgrade@2 "
		  "silent-downgrade@6",
		  { LOWERED(1), OPENS(2), OPENS(3), REVERTS(4), LOWERED(5),
		    OPENS(6), REVERTS(7) } },
		{ "the level is looked at first",
		  "",
		  { LOWERED(1),
		    { .line = 2, .fn = GU_FN_whoami },
		    REVERTS(3),
		    OPENS(4) } },
		{ "all that was offered",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .becomes = ALICE,
		      .offers = true },
		    OPENS(2),
		    REVERTS(3) } },
		{ "nobody knows what was offered",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .becomes = ALICE_LOW },
		    OPENS(2),
		    REVERTS(3) } },
		{ "another thread's access",
		  "",
		  { LOWERED(1),
		    { .line = 2, .fn = GU_FN_open, .by = 2 },
		    REVERTS(3) } },
		{ "a thread that another lowered",
		  "silent-downgrade@2",
		  { { .line = 1,
		      .fn = GU_FN_SetThreadToken,
		      .token = true,
		      .on = 2,
		      .becomes = ALICE_LOW,
		      .offers = true },
		    { .line = 2, .fn = GU_FN_open, .by = 2 },
		    { .line = 3,
		      .fn = GU_FN_RevertToSelf,
		      .by = 2,
		      .becomes = SELF } } },
	};

	(void)state;
	check_stories(stories, COUNT(stories));
}

static void lost_identities(void **state)
{
	static const struct story stories[] = {
		{ "one client replaces another",
		  "lost-identity@2",
		  { IMPERSONATES(1, ALICE), IMPERSONATES(2, BOB),
		    REVERTS(3) } },
		{ "a revert in between",
		  "",
		  { IMPERSONATES(1, ALICE), REVERTS(2), IMPERSONATES(3, BOB),
		    REVERTS(4) } },
		{ "the same token again",
		  "",
		  { IMPERSONATES(1, ALICE), IMPERSONATES(2, ALICE),
		    REVERTS(3) } },
		{ "COM saves what it replaces",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_CoImpersonateClient,
		      .becomes = BOB },
		    { .line = 3, .fn = GU_FN_CoRevertToSelf, .becomes = ALICE },
		    REVERTS(4) } },
		{ "a NULL token is a revert",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_SetThreadToken,
		      .becomes = SELF } } },
		{ "a call that fails replaces nothing",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_ImpersonateLoggedOnUser,
		      .code = 5 },
		    REVERTS(3) } },
		{ "on a thread of another's choosing",
		  "lost-identity@2",
		  { { .line = 1,
		      .fn = GU_FN_SetThreadToken,
		      .token = true,
		      .on = 2,
		      .becomes = ALICE },
		    { .line = 2,
		      .fn = GU_FN_SetThreadToken,
		      .token = true,
		      .on = 2,
		      .becomes = BOB },
		    { .line = 3,
		      .fn = GU_FN_RevertToSelf,
		      .by = 2,
		      .becomes = SELF } } },
	};

	(void)state;
	check_stories(stories, COUNT(stories));
}

static void wrong_reverts(void **state)
{
	static const struct story stories[] = {
		{ "RevertToSelf behind RPC's back",
		  "wrong-revert@2",
		  { { .line = 1,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    REVERTS(2) } },
		{ "RPC's own",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    { .line = 2,
		      .fn = GU_FN_RpcRevertToSelf,
		      .becomes = SELF } } },
		{ "a NULL token behind COM's back",
		  "wrong-revert@2",
		  { { .line = 1,
		      .fn = GU_FN_CoImpersonateClient,
		      .becomes = ALICE },
		    { .line = 2,
		      .fn = GU_FN_SetThreadToken,
		      .becomes = SELF } } },
		{ "an SSPI revert of a pipe client",
		  "wrong-revert@2",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .becomes = ALICE },
		    { .line = 2,
		      .fn = GU_FN_RevertSecurityContext,
		      .becomes = SELF } } },
		{ "RevertToSelf after SSPI fits",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonateSecurityContext,
		      .becomes = ALICE },
		    REVERTS(2) } },
		{ "a NULL token on another's RPC client",
		  "wrong-revert@2",
		  { { .line = 1,
		      .fn = GU_FN_RpcImpersonateClient,
		      .by = 2,
		      .becomes = ALICE },
		    { .line = 2,
		      .fn = GU_FN_SetThreadToken,
		      .on = 2,
		      .becomes = SELF } } },
		{ "what COM restored is ended as it was begun",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_CoImpersonateClient,
		      .becomes = BOB },
		    { .line = 3, .fn = GU_FN_CoRevertToSelf, .becomes = ALICE },
		    REVERTS(4) } },
		{ "what COM restored is not COM's",
		  "wrong-revert@4",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_CoImpersonateClient,
		      .becomes = BOB },
		    { .line = 3, .fn = GU_FN_CoRevertToSelf, .becomes = ALICE },
		    { .line = 4,
		      .fn = GU_FN_CoRevertToSelf,
		      .becomes = SELF } } },
		{ "nothing to revert", "", { REVERTS(1) } },
		{ "a revert that fails ends nothing",
		  "",
		  { { .line = 1,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    { .line = 2, .fn = GU_FN_RevertToSelf, .code = 5 },
		    { .line = 3,
		      .fn = GU_FN_RpcRevertToSelf,
		      .becomes = SELF } } },
		{ "the spooler takes off whatever is on",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_RevertToPrinterSelf,
		      .becomes = SELF,
		      .opens = 4,
		      .type = GU_OBJ_token } } },
		{ "the spooler's client wants the spooler's revert",
		  "wrong-revert@2",
		  { { .line = 1,
		      .fn = GU_FN_ImpersonatePrinterClient,
		      .becomes = ALICE },
		    REVERTS(2) } },
	};

	(void)state;
	check_stories(stories, COUNT(stories));
}

#define CREATES(l, h, t)                                                       \
	{                                                                      \
		.line = (l), .fn = GU_FN_CreateFile, .opens = (h), .type = (t) \
	}
#define USES(l, h)                                          \
	{                                                   \
		.line = (l), .fn = GU_FN_use, .handle = (h) \
	}

static void carried_handles(void **state)
{
	static const struct story stories[] = {
		{ "used after the revert",
		  "carried-handle@4",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_file),
		    REVERTS(3), USES(4, 5) } },
		{ "used under another client",
		  "carried-handle@5",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_file),
		    REVERTS(3), IMPERSONATES(4, BOB), USES(5, 5),
		    REVERTS(6) } },
		{ "read from by another thread",
		  "carried-handle@3",
		  { IMPERSONATES(1, ALICE),
		    CREATES(2, 5, GU_OBJ_file),
		    { .line = 3, .fn = GU_FN_ReadFile, .by = 2, .handle = 5 },
		    REVERTS(4) } },
		{ "once per handle",
		  "carried-handle@4",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_file),
		    REVERTS(3), USES(4, 5), USES(5, 5) } },
		{ "each of two handles",
		  "carried-handle@5 carried-handle@6",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_file),
		    CREATES(3, 6, GU_OBJ_file), REVERTS(4), USES(5, 6),
		    USES(6, 5) } },
		{ "used while still impersonating",
		  "",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_file),
		    USES(3, 5), REVERTS(4) } },
		{ "the same user again, by another token",
		  "",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_file),
		    REVERTS(3), IMPERSONATES(4, ALICE_COPY), USES(5, 5),
		    REVERTS(6) } },
		{ "opened as the process",
		  "",
		  { CREATES(1, 5, GU_OBJ_file), IMPERSONATES(2, ALICE),
		    USES(3, 5), REVERTS(4), USES(5, 5) } },
		{ "closed and duplicated only",
		  "",
		  { IMPERSONATES(1, ALICE),
		    CREATES(2, 5, GU_OBJ_file),
		    REVERTS(3),
		    { .line = 4,
		      .fn = GU_FN_DuplicateHandle,
		      .handle = 5,
		      .opens = 6,
		      .type = GU_OBJ_file },
		    { .line = 5, .fn = GU_FN_CloseHandle, .handle = 5 } } },
		{ "a duplicate, once the first is closed",
		  "carried-handle@6",
		  { IMPERSONATES(1, ALICE),
		    CREATES(2, 5, GU_OBJ_file),
		    { .line = 3,
		      .fn = GU_FN_DuplicateHandle,
		      .handle = 5,
		      .opens = 6,
		      .type = GU_OBJ_file },
		    { .line = 4, .fn = GU_FN_CloseHandle, .handle = 5 },
		    REVERTS(5),
		    USES(6, 6) } },
		{ "a duplicate that failed",
		  "",
		  { IMPERSONATES(1, ALICE),
		    CREATES(2, 5, GU_OBJ_file),
		    { .line = 3,
		      .fn = GU_FN_DuplicateHandle,
		      .code = 5,
		      .handle = 5,
		      .opens = 6,
		      .type = GU_OBJ_file },
		    REVERTS(4),
		    USES(5, 6) } },
		{ "a closed handle's number used anew",
		  "",
		  { IMPERSONATES(1, ALICE),
		    CREATES(2, 5, GU_OBJ_file),
		    REVERTS(3),
		    { .line = 4, .fn = GU_FN_CloseHandle, .handle = 5 },
		    CREATES(5, 5, GU_OBJ_file),
		    USES(6, 5) } },
		{ "an open that failed",
		  "",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2,
		      .fn = GU_FN_CreateFile,
		      .code = 5,
		      .opens = 5,
		      .type = GU_OBJ_file },
		    REVERTS(3),
		    USES(4, 5) } },
		{ "pipe ends are exempt",
		  "",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_pipe),
		    REVERTS(3), USES(4, 5) } },
		{ "tokens are exempt",
		  "",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_token),
		    REVERTS(3), USES(4, 5) } },
	};

	(void)state;
	check_stories(stories, COUNT(stories));
}

/* The only finding of a story, judged with `declared` of it declared. */
static void judge(struct stage *st, const struct step *steps, int declared,
		  enum gu_rule rule)
{
	struct gu_err err = GU_ERR_INIT;

	assert_rc_ok(stage_open(st, &err));
	for (int i = 0; i < declared; i++) {
		assert_rc_ok(
			gu_findings_expect(st->findings, rule, 90 + i, &err));
	}
	assert_rc_ok(play(st, steps, STEPS, &err));
	gu_findings_end(st->findings, st->world);
}

static const struct gu_record *finding_at(const struct stage *st, size_t n)
{
	size_t count;
	const struct gu_record *rows = gu_recorder_rows(st->recorder, &count);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].kind == GU_RECORD_FINDING && n-- == 0) {
			return &rows[i];
		}
	}
	return NULL;
}

static const struct step leaking[STEPS] = { IMPERSONATES(12, ALICE) };

static void an_undeclared_finding_fails(void **state)
{
	struct stage st;
	const struct gu_record *row;

	(void)state;
	judge(&st, leaking, 0, GU_RULE_leak);
	row = finding_at(&st, 0);
	assert_int_equal(row->verdict, GU_VERDICT_FAIL);
	assert_string_equal(row->expected, "no finding");
	assert_string_equal(row->cwe, "CWE-271");
	assert_int_equal(row->judged_line, 12);
	assert_string_equal(row->reason,
			    "thread one still impersonates MACHINE\\alice at "
			    "Impersonation when the scenario ends; "
			    "SetThreadToken at line 12 was not reverted");
	stage_close(&st);
}

static void a_declared_finding_passes(void **state)
{
	struct stage st;
	const struct gu_record *row;

	(void)state;
	judge(&st, leaking, 1, GU_RULE_leak);
	row = finding_at(&st, 0);
	assert_int_equal(row->verdict, GU_VERDICT_PASS);
	assert_string_equal(row->expected, "finding");
	assert_null(finding_at(&st, 1));
	stage_close(&st);
}

static void a_declaration_covers_one_finding(void **state)
{
	static const struct step steps[STEPS] = {
		{ .line = 1,
		  .fn = GU_FN_RpcImpersonateClient,
		  .becomes = ALICE },
		REVERTS(2),
		{ .line = 3,
		  .fn = GU_FN_RpcImpersonateClient,
		  .becomes = ALICE },
		REVERTS(4),
	};
	struct stage st;

	(void)state;
	judge(&st, steps, 1, GU_RULE_wrong_revert);
	assert_int_equal(finding_at(&st, 0)->verdict, GU_VERDICT_PASS);
	assert_int_equal(finding_at(&st, 1)->verdict, GU_VERDICT_FAIL);
	stage_close(&st);
}

static void a_declaration_may_come_after_the_finding(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct stage st;

	(void)state;
	assert_rc_ok(stage_open(&st, &err));
	assert_rc_ok(play(&st, leaking, STEPS, &err));
	assert_rc_ok(gu_findings_expect(st.findings, GU_RULE_leak, 99, &err));
	gu_findings_end(st.findings, st.world);
	assert_int_equal(finding_at(&st, 0)->verdict, GU_VERDICT_PASS);
	stage_close(&st);
}

static void declared_but_not_seen_fails_at_the_declaration(void **state)
{
	static const struct step clean[STEPS] = { IMPERSONATES(1, ALICE),
						  REVERTS(2) };
	struct stage st;
	const struct gu_record *row;

	(void)state;
	judge(&st, clean, 1, GU_RULE_leak);
	row = finding_at(&st, 0);
	assert_non_null(row);
	assert_int_equal(row->verdict, GU_VERDICT_FAIL);
	assert_int_equal(row->line, 90);
	assert_int_equal(row->judged_line, 90);
	assert_string_equal(row->expected, "finding");
	assert_string_equal(row->reason,
			    "leak was declared at line 90, but not seen");
	stage_close(&st);
}

static void another_rule_does_not_answer_a_declaration(void **state)
{
	struct stage st;

	(void)state;
	judge(&st, leaking, 1, GU_RULE_wrong_revert);
	assert_int_equal(finding_at(&st, 0)->verdict, GU_VERDICT_FAIL);
	assert_string_equal(finding_at(&st, 1)->rule, "wrong-revert");
	assert_int_equal(finding_at(&st, 1)->verdict, GU_VERDICT_FAIL);
	stage_close(&st);
}

static void reasons_name_both_calls_and_lines(void **state)
{
	static const struct {
		const char *name;
		struct step steps[STEPS];
		const char *want;
	} rows[] = {
		{ "unchecked-impersonate",
		  { { .line = 12,
		      .fn = GU_FN_ImpersonateNamedPipeClient,
		      .code = 1368 },
		    OPENS(14) },
		  "impersonation by ImpersonateNamedPipeClient at line 12 "
		  "failed with ERROR_CANNOT_IMPERSONATE (1368), then open at "
		  "line 14 ran as NT AUTHORITY\\SYSTEM" },
		{ "unchecked-revert",
		  { IMPERSONATES(1, ALICE),
		    { .line = 2, .fn = GU_FN_RevertToSelf, .code = 5 },
		    OPENS(3) },
		  "revert by RevertToSelf at line 2 failed with "
		  "ERROR_ACCESS_DENIED (5), then open at line 3 still ran as "
		  "MACHINE\\alice at Impersonation" },
		{ "silent-downgrade",
		  { LOWERED(1), OPENS(2) },
		  "ImpersonateNamedPipeClient at line 1 succeeded, but at "
		  "Identification instead of Impersonation; then open at line "
		  "2 relied on it" },
		{ "lost-identity",
		  { IMPERSONATES(1, ALICE), IMPERSONATES(2, BOB) },
		  "SetThreadToken at line 2 replaced MACHINE\\alice at "
		  "Impersonation, the impersonation by SetThreadToken at line "
		  "1, without a revert" },
		{ "wrong-revert",
		  { { .line = 1,
		      .fn = GU_FN_RpcImpersonateClient,
		      .becomes = ALICE },
		    REVERTS(2) },
		  "RevertToSelf at line 2 ended the impersonation by "
		  "RpcImpersonateClient at line 1, which is to be ended by "
		  "RpcRevertToSelf or RpcRevertToSelfEx" },
		{ "carried-handle",
		  { IMPERSONATES(1, ALICE), CREATES(2, 5, GU_OBJ_file),
		    REVERTS(3), USES(4, 5) },
		  "the handle opened as MACHINE\\alice at Impersonation by "
		  "CreateFile at line 2 was used by use at line 4 as NT "
		  "AUTHORITY\\SYSTEM" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct stage st;
		const struct gu_record *row;

		judge(&st, rows[i].steps, 0, GU_RULE_leak);
		row = finding_at(&st, 0);
		row_check(row, rows[i].name);
		row_check(strcmp(row->rule, rows[i].name) == 0, rows[i].name);
		if (strcmp(row->reason, rows[i].want) != 0) {
			fail_msg("row \"%s\": %s", rows[i].name, row->reason);
		}
		stage_close(&st);
	}
}

static void begin_forgets_the_scenario_before(void **state)
{
	struct gu_err err = GU_ERR_INIT;
	struct gu_buf found = GU_BUF_INIT;
	struct stage st;
	static const struct step steps[] = {
		{ .line = 1,
		  .fn = GU_FN_ImpersonateNamedPipeClient,
		  .code = 1368 }
	};
	static const struct step later[] = { OPENS(2) };

	(void)state;
	assert_rc_ok(stage_open(&st, &err));
	assert_rc_ok(gu_findings_expect(st.findings, GU_RULE_leak, 1, &err));
	assert_rc_ok(play(&st, steps, 1, &err));
	gu_recorder_begin(st.recorder, &scenario);
	gu_findings_begin(st.findings);
	assert_rc_ok(play(&st, later, 1, &err));
	gu_findings_end(st.findings, st.world);
	list_findings(&st, &found);
	assert_string_equal(found.data, "");
	gu_buf_release(&found);
	stage_close(&st);
}

static void rules_are_known_by_name(void **state)
{
	enum gu_rule rule = GU_RULE_COUNT;

	(void)state;
	for (int i = 0; i < GU_RULE_COUNT; i++) {
		assert_true(
			gu_rule_parse(&rule, gu_rule_name((enum gu_rule)i)));
		assert_int_equal(rule, i);
		assert_non_null(strstr(gu_rule_cwe(rule), "CWE-"));
	}
	assert_false(gu_rule_parse(&rule, "leaks"));
	assert_false(gu_rule_parse(&rule, ""));
}

static void lost_memory_is_the_recorders_to_tell(void **state)
{
	static const struct step steps[STEPS] = {
		{ .line = 1,
		  .fn = GU_FN_RpcImpersonateClient,
		  .becomes = ALICE },
		CREATES(2, 5, GU_OBJ_file),
		REVERTS(3),
		USES(4, 5),
		{ .line = 5,
		  .fn = GU_FN_SetThreadToken,
		  .token = true,
		  .by = 2,
		  .becomes = BOB },
	};
	bool failed = true;

	(void)state;
	for (size_t n = 1; failed; n++) {
		struct gu_err err = GU_ERR_INIT;
		struct stage st;
		enum gu_rc rc;

		gu_alloc_fail_nth(n);
		rc = stage_open(&st, &err);
		if (!rc) {
			rc = gu_findings_expect(st.findings, GU_RULE_leak, 9,
						&err);
		}
		if (!rc) {
			rc = play(&st, steps, STEPS, &err);
		}
		if (!rc) {
			gu_findings_end(st.findings, st.world);
			rc = gu_recorder_check(st.recorder, &err);
		}
		failed = gu_alloc_failed();
		gu_alloc_fail_nth(0);
		assert_int_equal(rc, failed ? GU_RC_NOMEM : GU_RC_OK);
		stage_close(&st);
		assert_true(n < 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaks),
		cmocka_unit_test(unchecked_impersonations),
		cmocka_unit_test(unchecked_reverts),
		cmocka_unit_test(silent_downgrades),
		cmocka_unit_test(lost_identities),
		cmocka_unit_test(wrong_reverts),
		cmocka_unit_test(carried_handles),
		cmocka_unit_test(an_undeclared_finding_fails),
		cmocka_unit_test(a_declared_finding_passes),
		cmocka_unit_test(a_declaration_covers_one_finding),
		cmocka_unit_test(a_declaration_may_come_after_the_finding),
		cmocka_unit_test(
			declared_but_not_seen_fails_at_the_declaration),
		cmocka_unit_test(another_rule_does_not_answer_a_declaration),
		cmocka_unit_test(reasons_name_both_calls_and_lines),
		cmocka_unit_test(begin_forgets_the_scenario_before),
		cmocka_unit_test(rules_are_known_by_name),
		cmocka_unit_test(lost_memory_is_the_recorders_to_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
